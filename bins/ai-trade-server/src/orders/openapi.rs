//! What the OpenAPI document says of orders.

use serde_json::{Value, json};

/// `paths` and `schemas` of orders, to be joined with the document's own. They refer to a schema
/// `Problem`.
pub(crate) fn document() -> Value {
    json!({
        "paths": paths(),
        "schemas": {
            "Order": order(),
            "Amendment": amendment(),
            "OrderState": state(),
            "OrderDryRun": dry_run(),
            "OrderList": list(),
            "OrderStatus": status(),
        },
    })
}

fn paths() -> Value {
    let id = json!({
        "name": "id", "in": "path", "required": true, "schema": { "type": "string" },
        "description": "The order's id, as this server answered it",
    });
    let dry_run = json!({
        "name": "dry_run", "in": "query", "schema": { "type": "boolean", "default": false },
        "description": "Does everything but send: the answer is what would be sent",
    });
    let key = json!({
        "name": "Idempotency-Key", "in": "header", "required": true,
        "schema": { "type": "string", "minLength": 1, "maxLength": 128, "pattern": "^[!-~]+$" },
        "example": "order-1",
        "description": "New for every order, the same when a request is repeated: a repeat gets \
                        what became of the first one and is never sent again, for days and after \
                        restarts",
    });
    let quantity = json!({
        "name": "quantity", "in": "query", "schema": quantity(),
        "description": "How many; all that is open when absent",
    });
    json!({
        "/v1/orders": {
            "get": operation("listOrders", "Today's orders and executions as KIS lists them, with this server's ids",
                &json!([
                    { "name": "market", "in": "query", "required": true, "schema": market() },
                    { "name": "session", "in": "query", "schema": { "enum": ["day", "night"] }, "description": "Of derivatives; others have one list" },
                    { "name": "open", "in": "query", "schema": { "type": "boolean", "default": false }, "description": "Only orders of which something is open" },
                ]), None, &[("200", "OrderList")], &["400", "422", "502", "503", "504"]),
            "post": operation("placeOrder", "Place an order", &json!([key, dry_run]), Some("Order"),
                &[("201", "OrderState"), ("200", "OrderDryRun")], SENDING),
        },
        "/v1/orders/{id}": {
            "get": operation("getOrder", "What has become of an order, an amendment or a cancel", &json!([id]), None,
                &[("200", "OrderState")], &["404"]),
            "delete": operation("cancelOrder", "Cancel an order, or part of it", &json!([id, key, dry_run, quantity]), None,
                &[("200", "OrderState")], SENDING),
        },
        "/v1/orders/{id}/amend": {
            "post": operation("amendOrder", "Give an order another price. KIS makes a new order of it, which has an id of its own",
                &json!([id, key, dry_run]), Some("Amendment"),
                &[("201", "OrderState"), ("200", "OrderDryRun")], SENDING),
        },
        "/v1/orders/status": {
            "get": operation("getOrderStatus", "What is allowed, and what of it has been used today", &json!([]), None,
                &[("200", "OrderStatus")], &[]),
        },
        "/v1/orders/kill": {
            "post": operation("killOrders", "Stop orders: from now on they are cancelled only", &json!([]), None,
                &[("200", "OrderStatus")], &["500"]),
            "delete": operation("releaseOrders", "Let orders through again", &json!([]), None,
                &[("200", "OrderStatus")], &["409", "500"]),
        },
    })
}

/// What can go wrong with an order, beside what can go wrong with everything.
const SENDING: &[&str] = &["400", "404", "409", "413", "415", "422", "500", "502", "503", "504"];

fn operation(
    id: &str,
    summary: &str,
    parameters: &Value,
    body: Option<&str>,
    answers: &[(&str, &str)],
    problems: &[&str],
) -> Value {
    let schema = |name: &str| json!({ "$ref": format!("#/components/schemas/{name}") });
    let mut responses = serde_json::Map::new();
    for (status, name) in answers {
        // A cancel that is not sent is told with the same status as one that is.
        let schema = match (id, *name) {
            ("cancelOrder", _) => json!({ "oneOf": [schema(name), schema("OrderDryRun")] }),
            _ => schema(name),
        };
        let content = json!({ "application/json": { "schema": schema } });
        let description = if *name == "OrderDryRun" { "Nothing was sent" } else { "Done" };
        let mut response = json!({ "description": description, "content": content });
        if *status == "201" {
            response["links"] = links();
        }
        responses.insert((*status).to_owned(), response);
    }
    for status in ["401", "403", "429"].iter().chain(problems) {
        let content = json!({ "application/problem+json": { "schema": schema("Problem") } });
        responses.insert(
            (*status).to_owned(),
            json!({ "description": problem(status), "content": content }),
        );
    }
    let mut operation = json!({
        "operationId": id,
        "summary": summary,
        "tags": ["Orders"],
        "parameters": parameters,
        "responses": responses,
    });
    if let Some(name) = body {
        operation["requestBody"] = json!({
            "required": true,
            "content": { "application/json": { "schema": schema(name), "example": example(name) } },
        });
    }
    operation
}

fn example(name: &str) -> Value {
    match name {
        "Amendment" => json!({ "type": "limit", "price": "71800" }),
        _ => json!({
            "market": "stock", "symbol": "005930", "side": "buy", "quantity": 1,
            "type": "limit", "price": "71900",
        }),
    }
}

/// What can be done with a new order: its id is in the answer.
fn links() -> Value {
    let link = |operation: &str| json!({ "operationId": operation, "parameters": { "id": "$response.body#/id" } });
    json!({
        "get": link("getOrder"),
        "cancel": link("cancelOrder"),
        "amend": link("amendOrder"),
    })
}

fn problem(status: &str) -> &'static str {
    match status {
        "400" => "Not JSON, an unknown query parameter, or no Idempotency-Key",
        "401" => "A key is needed",
        "403" => "Orders are off, the key may not trade, the kill switch is on, or a limit says no",
        "404" => "There is no such order here",
        "409" => "The same request is on its way, or the order cannot be changed",
        "413" => "The body is too long",
        "415" => "The body is not JSON",
        "422" => "KIS refused, the order cannot be, or the Idempotency-Key stands for another one",
        "429" => "The key makes too many requests",
        "500" => "The order could not be written down, and was not sent",
        "502" => "KIS refused the list; or it gave no answer to the order and does not list it",
        "503" => "Not sent, or refused by KIS for the moment",
        _ => "KIS may or may not have taken the order; it is looked up and never sent again",
    }
}

fn market() -> Value {
    json!({ "enum": ["stock", "derivatives", "overseas"] })
}

fn number(description: &str) -> Value {
    json!({
        "type": "string", "pattern": r"^-?[0-9]{1,18}(\.[0-9]+)?$", "examples": ["71900"],
        "description": description,
    })
}

fn kind() -> Value {
    json!({
        "enum": [
            "limit", "market", "conditional_limit", "best", "top", "pre_market", "after_market",
            "overtime", "limit_ioc", "limit_fok", "market_ioc", "market_fok", "best_ioc",
            "best_fok", "mid", "stop_limit", "mid_ioc", "mid_fok", "market_on_open",
            "limit_on_open", "market_on_close", "limit_on_close", "odd_lot_limit", "other",
        ],
        "description": "How it is priced; which of them there are depends on the market",
    })
}

fn pricing(more: Value) -> Value {
    let mut properties = json!({
        "quantity": quantity(),
        "type": kind(),
        "price": number("The price, as text, where the type has one"),
        "trigger": number("The price at which a `stop_limit` begins"),
        "code": { "type": "string", "minLength": 2, "maxLength": 2, "description": "KIS' code (ORD_DVSN), of the type `other`" },
    });
    if let (Value::Object(properties), Value::Object(more)) = (&mut properties, more) {
        properties.extend(more);
    }
    properties
}

fn identity() -> Value {
    json!({
        "market": market(),
        "session": { "enum": ["day", "night", "daytime"], "description": "Derivatives: day (default) or night. Overseas: daytime for 미국주간" },
        "exchange": { "enum": ["KRX", "NXT", "SOR", "NASD", "NYSE", "AMEX", "SEHK", "SHAA", "SZAA", "TKSE", "HASE", "VNSE"], "description": "Stocks: KRX (default), NXT, SOR. Overseas: needed" },
        "symbol": symbol(),
        "side": { "enum": ["buy", "sell"] },
    })
}

/// One form for each market and each set of what a type needs, so that what a schema allows is
/// what the server takes.
fn order() -> Value {
    let above_zero = r"^([1-9][0-9]{0,11}(\.[0-9]{1,4})?|0\.[0-9]{0,3}[1-9])$";
    let price = || json!({ "type": "string", "pattern": above_zero, "examples": ["71900"] });
    let any = json!({ "type": "string", "pattern": r"^-?[0-9]{1,12}(\.[0-9]{1,4})?$", "examples": ["340.50"] });
    let code = |pattern: &str| json!({ "type": "string", "pattern": pattern, "description": "KIS' code (ORD_DVSN), of what has no type of its own" });
    let stock = json!({ "exchange": { "enum": ["KRX", "NXT", "SOR"], "default": "KRX" } });
    let derivatives = json!({ "session": { "enum": ["day", "night"], "default": "day" } });
    let overseas = json!({ "exchange": { "enum": ["NASD", "NYSE", "AMEX", "SEHK", "SHAA", "SZAA", "TKSE", "HASE", "VNSE"] } });
    let daytime = json!({ "exchange": { "enum": ["NASD", "NYSE", "AMEX"] }, "session": { "const": "daytime", "description": "미국주간" } });
    let priced = json!({ "price": price() });
    json!({
        "oneOf": [
            form("stock", &stock, &[], &["limit", "conditional_limit", "overtime", "limit_ioc", "limit_fok"], &priced, &["price"]),
            form("stock", &stock, &[], STOCK_PLAIN, &json!({}), &[]),
            form("stock", &stock, &[], &["stop_limit"], &json!({ "price": price(), "trigger": price() }), &["price", "trigger"]),
            form("stock", &stock, &[], &["other"], &json!({ "price": price(), "code": code("^(2[5-9]|[3-9][0-9])$") }), &["code"]),
            form("derivatives", &derivatives, &[], &["limit", "conditional_limit", "limit_ioc", "limit_fok"], &json!({ "price": any }), &["price"]),
            form("derivatives", &derivatives, &[], &["market", "best", "market_ioc", "market_fok", "best_ioc", "best_fok"], &json!({}), &[]),
            form("overseas", &overseas, &["exchange"], &["limit", "limit_on_open", "limit_on_close", "odd_lot_limit"], &priced, &["price"]),
            form("overseas", &overseas, &["exchange"], &["market_on_open", "market_on_close"], &json!({}), &[]),
            form("overseas", &overseas, &["exchange"], &["other"], &json!({ "price": price(), "code": code("^(3[5-9]|[6-9][0-9])$") }), &["code"]),
            form("overseas", &daytime, &["exchange", "session"], &["limit"], &priced, &["price"]),
        ],
    })
}

const STOCK_PLAIN: &[&str] = &[
    "market",
    "best",
    "top",
    "pre_market",
    "after_market",
    "market_ioc",
    "market_fok",
    "best_ioc",
    "best_fok",
    "mid",
    "mid_ioc",
    "mid_fok",
];

/// An order in a market, `place`d somewhere, of certain types, which need what `terms` has.
fn form(
    market: &str,
    place: &Value,
    place_needed: &[&str],
    types: &[&str],
    terms: &Value,
    terms_needed: &[&str],
) -> Value {
    let mut properties = json!({
        "market": { "const": market },
        "symbol": symbol(),
        "side": { "enum": ["buy", "sell"] },
        "quantity": quantity(),
        "type": { "enum": types },
    });
    for more in [place, terms] {
        if let (Value::Object(properties), Value::Object(more)) = (&mut properties, more.clone()) {
            properties.extend(more);
        }
    }
    let always = ["market", "symbol", "side", "quantity", "type"];
    let required = [&always[..], place_needed, terms_needed].concat();
    json!({
        "type": "object",
        "additionalProperties": false,
        "required": required,
        "properties": properties,
    })
}

fn symbol() -> Value {
    json!({ "type": "string", "pattern": "^[A-Za-z0-9./-]{1,12}$", "examples": ["005930", "AAPL"] })
}

fn quantity() -> Value {
    json!({ "type": "integer", "minimum": 1, "maximum": u32::MAX })
}

fn amendment() -> Value {
    json!({
        "type": "object",
        "additionalProperties": false,
        "required": ["type"],
        "properties": pricing(json!({})),
    })
}

fn state() -> Value {
    let mut properties = pricing(identity());
    let more = json!({
        "id": { "type": "string" },
        "action": { "enum": ["place", "amend", "cancel"] },
        "of": { "type": "string", "description": "The id of the order that is amended or cancelled" },
        "original": { "type": "string", "description": "KIS' number of that order" },
        "sent_at": { "type": "string", "format": "date-time" },
        "state": { "enum": ["sending", "unknown", "accepted", "refused", "not_sent", "not_taken"] },
        "number": { "type": "string", "description": "KIS' number" },
        "office": { "type": "string" },
        "msg_cd": { "type": "string" },
        "msg1": { "type": "string" },
        "rt_cd": { "type": "string" },
        "busy": { "type": "boolean", "description": "Whether KIS refused for the moment only" },
        "why": { "type": "string" },
        "candidates": { "type": "array", "items": { "type": "string" }, "description": "Orders at KIS that it may be" },
        "looked_up": { "type": "boolean", "description": "Whether its answer did not come and it was found in KIS' list" },
        "simulated": { "type": "boolean" },
    });
    if let (Value::Object(properties), Value::Object(more)) = (&mut properties, more) {
        properties.extend(more);
    }
    json!({
        "type": "object",
        "required": ["id", "action", "state", "sent_at", "market", "symbol", "side", "type"],
        "properties": properties,
    })
}

fn dry_run() -> Value {
    json!({
        "type": "object",
        "required": ["dry_run", "would_send"],
        "properties": {
            "dry_run": { "const": true },
            "would_send": {
                "type": "object",
                "properties": {
                    "method": { "type": "string" },
                    "path": { "type": "string" },
                    "tr": { "type": "string" },
                    "tr_id": { "type": "string" },
                    "parameters": { "type": "object", "additionalProperties": { "type": "string" } },
                },
            },
            "simulated": { "type": "boolean" },
        },
    })
}

fn list() -> Value {
    let text = json!({ "type": ["string", "null"] });
    let count = json!({ "type": ["integer", "null"] });
    json!({
        "type": "object",
        "required": ["market", "orders", "unsettled", "complete", "simulated"],
        "properties": {
            "market": market(),
            "orders": { "type": "array", "items": { "type": "object", "properties": {
                "id": { "type": ["string", "null"], "description": "This server's id; null for an order that it has not placed" },
                "number": { "type": "string" },
                "original": text, "action": text, "symbol": { "type": "string" }, "side": text,
                "quantity": count, "executed": count, "open": count,
                "price": text, "average_price": text, "date": text, "time": text,
            } } },
            "unsettled": {
                "type": "array", "items": { "$ref": "#/components/schemas/OrderState" },
                "description": "Orders of which nobody knows yet whether KIS has taken them",
            },
            "complete": { "type": "boolean", "description": "Whether these are all" },
            "simulated": { "type": "boolean" },
        },
    })
}

fn status() -> Value {
    json!({
        "type": "object",
        "required": ["real", "simulated", "dry_run", "killed", "limits", "today"],
        "properties": {
            "real": { "type": "boolean", "description": "Whether it is real money" },
            "simulated": { "type": "boolean" },
            "dry_run": { "type": "boolean" },
            "killed": { "type": "boolean" },
            "limits": { "type": "object" },
            "today": { "type": "object" },
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The words that clients may use are those of the types, in both directions.
    #[test]
    fn every_word_is_one_that_is_read() {
        use crate::orders::request::{Kind, Market, Session, Side};
        fn check<T: serde::de::DeserializeOwned>(schema: &Value) {
            for word in schema["enum"].as_array().unwrap() {
                assert!(serde_json::from_value::<T>(word.clone()).is_ok(), "{word}");
            }
        }
        let order = state();
        check::<Kind>(&order["properties"]["type"]);
        check::<Market>(&order["properties"]["market"]);
        check::<Session>(&order["properties"]["session"]);
        check::<Side>(&order["properties"]["side"]);
        let error = serde_json::from_value::<Kind>("?".into()).unwrap_err().to_string();
        let words = error.matches('`').count() / 2 - 1;
        assert_eq!(words, order["properties"]["type"]["enum"].as_array().unwrap().len(), "{error}");
    }

    /// What the forms allow with the least that they need is an order, and every type has one.
    #[test]
    fn every_form_is_an_order() {
        use crate::orders::request::Order;
        use kis_protocol::catalogue::Environment;
        let accounts = crate::orders::call::Accounts {
            stock: "12345678-01".parse().unwrap(),
            derivatives: "12345678-03".parse().unwrap(),
        };
        let mut types = std::collections::BTreeSet::new();
        for form in order()["oneOf"].as_array().unwrap() {
            for kind in form["properties"]["type"]["enum"].as_array().unwrap() {
                types.insert(kind.to_string());
                let mut body = json!({});
                for name in form["required"].as_array().unwrap() {
                    let name = name.as_str().unwrap();
                    let schema = &form["properties"][name];
                    body[name] = match name {
                        "type" => kind.clone(),
                        "quantity" => 1.into(),
                        "code" => "77".into(),
                        _ => [&schema["const"], &schema["enum"][0], &schema["examples"][0]]
                            .into_iter()
                            .find(|it| !it.is_null())
                            .unwrap()
                            .clone(),
                    };
                }
                let order: Order = serde_json::from_value(body.clone()).unwrap();
                let placed = order.place(accounts, Environment::Real);
                assert!(placed.is_ok(), "{body}: {placed:?}");
            }
        }
        assert_eq!(types.len(), kind()["enum"].as_array().unwrap().len());
    }

    #[test]
    fn every_schema_referred_to_is_there() {
        let document = document();
        let text = document.to_string();
        let names =
            text.split("#/components/schemas/").skip(1).filter_map(|it| it.split('"').next());
        for name in names {
            let found = name == "Problem" || document["schemas"].get(name).is_some();
            assert!(found, "{name}");
        }
    }
}
