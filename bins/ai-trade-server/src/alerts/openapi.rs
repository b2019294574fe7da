//! What the OpenAPI document says of alerts.

use serde_json::{Value, json};

/// `paths` and `schemas` of alerts, to be joined with the document's own.
pub(crate) fn document() -> Value {
    json!({
        "paths": paths(),
        "schemas": { "AlertRule": rule(), "Alert": alert(), "AlertCondition": condition() },
    })
}

fn paths() -> Value {
    let id = json!([{
        "name": "id", "in": "path", "required": true, "schema": {"type": "string"},
        "description": "The rule's id",
    }]);
    let one = json!({"$ref": "#/components/schemas/Alert"});
    let all = json!({
        "type": "object", "required": ["alerts"],
        "properties": {"alerts": {"type": "array", "items": one}},
    });
    let body = |media: &[&str], schema: &Value, example: &Value| {
        let content = media
            .iter()
            .map(|it| ((*it).to_owned(), json!({"schema": schema, "example": example})));
        json!({"required": true, "content": serde_json::Map::from_iter(content)})
    };
    let schema = json!({"$ref": "#/components/schemas/AlertRule"});
    let mut create = operation("createAlert", "Put a rule to work", &json!([]), "201", Some(&one));
    create["description"] = "Needs the scope `trade` or `admin`. A wrong rule is answered with \
        422: `field` says where, `wrong` what, and `allowed` what would be right. Rules outlive \
        restarts; those of the configuration file are there as well. 503 `not_kept` when the rule \
        cannot be written to the disk; nothing has changed then."
        .into();
    let example = json!({
        "symbol": "005930",
        "when": {"price": {"level": "80000", "crosses": "up"}},
    });
    create["requestBody"] = body(&["application/json"], &schema, &example);
    let mut replace =
        operation("replaceAlert", "Put another rule in its place", &id, "200", Some(&one));
    replace["description"] = "Needs the scope `trade` or `admin`. The rule goes on with what it \
        has seen and told, as far as it watches the same; one that was over begins again. 404 when \
        there is none, 409 when it is the configuration's."
        .into();
    let example = json!({
        "symbol": "005930",
        "when": {"price": {"level": "82000", "crosses": "up"}},
    });
    replace["requestBody"] = body(&["application/json"], &schema, &example);
    let mut amend = operation("amendAlert", "Change some of a rule", &id, "200", Some(&one));
    amend["description"] = "Needs the scope `trade` or `admin`. A JSON merge patch (RFC 7396) on \
        the rule: `{\"enabled\": false}` pauses it, `{\"enabled\": true}` has it go on. Otherwise \
        as to replace it."
        .into();
    let media = ["application/merge-patch+json", "application/json"];
    amend["requestBody"] = body(&media, &json!({"type": "object"}), &json!({"enabled": false}));
    let mut delete = operation("deleteAlert", "Forget a rule", &id, "204", None);
    delete["description"] = "Needs the scope `trade` or `admin`.".into();
    json!({
        "/v1/alerts": {
            "get": operation("listAlerts", "Every rule, and what it has done", &json!([]), "200", Some(&all)),
            "post": create,
        },
        "/v1/alerts/{id}": {
            "get": operation("getAlert", "One rule, and what it has done", &id, "200", Some(&one)),
            "put": replace,
            "patch": amend,
            "delete": delete,
        },
    })
}

fn operation(
    id: &str,
    summary: &str,
    parameters: &Value,
    status: &str,
    schema: Option<&Value>,
) -> Value {
    let mut answer = json!({"description": summary});
    if let Some(schema) = schema {
        answer["content"] = json!({"application/json": {"schema": schema}});
    }
    json!({
        "operationId": id,
        "summary": summary,
        "tags": ["Alerts"],
        "parameters": parameters,
        "responses": {status: answer, "default": {"$ref": "#/components/responses/Problem"}},
    })
}

fn number(description: &str) -> Value {
    json!({"type": ["string", "number"], "description": description, "examples": ["80000"]})
}

fn rule() -> Value {
    json!({
        "type": "object",
        "required": ["when"],
        "additionalProperties": false,
        "properties": {
            "id": {"type": "string", "pattern": "^[A-Za-z0-9_-]{1,64}$", "description": "One is made when it is left out"},
            "label": {"type": "string", "maxLength": 64, "description": "What to call it in a notification"},
            "symbol": {"type": "string", "maxLength": 64, "description": "The instrument as KIS' tr_key, such as 005930, DNASAAPL, 101W09, 0001; of orders its code, or nothing for all"},
            "streams": {"type": "array", "maxItems": 8, "items": {"type": "string"}, "description": "tr_ids; found from the symbol for Korean stocks, overseas stocks and indices"},
            "when": {"$ref": "#/components/schemas/AlertCondition"},
            "repeat": {"type": "boolean", "description": "Whether it fires again and again"},
            "cooldown_seconds": {"type": "integer", "minimum": 0, "description": "For how long after a firing others are counted and not told"},
            "expires": {"type": "string", "format": "date-time"},
            "quiet": {
                "type": "object", "required": ["from", "to"],
                "properties": {
                    "from": {"type": "string", "examples": ["22:00"]},
                    "to": {"type": "string", "examples": ["07:00"]},
                    "zone": {"type": "string", "default": "Asia/Seoul"},
                },
            },
            "enabled": {"type": "boolean", "default": true},
            "to": {"type": "array", "items": {"type": "string"}, "description": "Recipients: log, webhook, telegram, telegram:<chat id>; all when left out"},
        },
    })
}

fn condition() -> Value {
    let crosses = json!({"enum": ["up", "down", "either"], "default": "either"});
    let events = |of: &[&str]| json!({"type": "array", "items": {"enum": of}, "description": "All when left out"});
    let hysteresis = number("How far the value must go back before it counts again");
    let one = |name: &str, required: &[&str], properties: Value| {
        json!({
            "type": "object", "required": [name], "additionalProperties": false,
            "properties": {name: {
                "type": "object", "required": required, "additionalProperties": false,
                "properties": properties,
            }},
        })
    };
    json!({"oneOf": [
        one("price", &["level"], json!({"level": number("The price to cross"), "crosses": crosses, "hysteresis": hysteresis})),
        one("change", &["percent"], json!({"percent": number("From the previous close"), "crosses": crosses, "hysteresis": hysteresis})),
        one("move", &["percent", "seconds"], json!({"percent": number("How far"), "seconds": {"type": "integer", "minimum": 1, "maximum": 86_400}, "crosses": crosses})),
        one("volume", &["times", "seconds", "baseline_seconds"], json!({
            "times": number("How many times the usual"), "seconds": {"type": "integer"}, "baseline_seconds": {"type": "integer"},
            "measure": {"enum": ["quantity", "value"]}, "minimum": number("At least so much"),
        })),
        one("imbalance", &["times"], json!({"times": number("How many times the other side"), "side": {"enum": ["bid", "ask", "either"]}, "levels": {"type": "integer", "minimum": 1, "maximum": 10}, "hysteresis": hysteresis})),
        one("status", &[], json!({"events": events(&["interruption", "halt", "circuit_breaker", "sidecar", "phase"])})),
        one("order", &[], json!({"events": events(&["accepted", "amended", "cancelled", "rejected", "filled"]), "markets": {"type": "array", "items": {"enum": ["stock", "derivatives", "overseas", "overseas_derivatives"]}, "description": "Whose notices are registered, one slot for each stream and account; those of Korean and overseas stocks when left out"}})),
        one("upstream", &[], json!({"events": events(&["down", "in_use_elsewhere", "slots_full", "token_refused", "unknown_width"]), "down_seconds": {"type": "integer", "minimum": 0, "maximum": 3_600, "default": 30, "description": "Seconds of the sessions of the markets that the app key serves"}})),
    ]})
}

fn alert() -> Value {
    json!({
        "type": "object",
        "required": ["rule", "origin", "active", "ended", "firings", "fired_at", "topics"],
        "properties": {
            "rule": {"$ref": "#/components/schemas/AlertRule"},
            "origin": {"enum": ["configuration", "client"]},
            "active": {"type": "boolean"},
            "ended": {"enum": ["fired", "expired", null]},
            "firings": {"type": "integer"},
            "fired_at": {"type": ["string", "null"], "format": "date-time"},
            "topics": {"type": "array", "items": {
                "type": "object",
                "properties": {"key": {"type": "string"}, "state": {"enum": ["wanted", "refused"]}},
            }},
        },
    })
}
