//! The server's own routes.

use kis_protocol::{TrId, catalogue};
use serde_json::{Map, Value, json};

use super::{call, responses};
use crate::rest::ORIGINALS;

const STATE: &str = "Server";
const DATA: &str = "Real-time data";
const ORIGINAL: &str = "Original routes";

pub(super) fn tags() -> Vec<Value> {
    [DATA, STATE, ORIGINAL].map(|it| json!({ "name": it })).into()
}

pub(super) fn paths() -> Map<String, Value> {
    let mut paths = Map::new();
    let mut add = |path: &str, operation: Value| {
        paths.insert(path.to_owned(), json!({ "get": operation }));
    };
    for original in &ORIGINALS {
        add(original.path, self::original(original));
    }
    add("/", operation("greeting", ORIGINAL, "That the server is there", &[], &object()));
    add("/healthz", operation("healthz", STATE, "That the server is alive", &[], &object()));
    add(
        "/readyz",
        operation("readyz", STATE, "Whether the session with KIS is in order", &[], &object()),
    );
    add("/v1/status", operation("status", STATE, "How the server is doing", &[], &object()));
    add("/v1/topics", operation("topics", DATA, "What is relayed at the moment", &[], &topics()));
    let text = "Which markets are open, and when the next session begins";
    add("/v1/sessions", operation("sessions", DATA, text, &[], &sessions()));
    let text = "Every stream with its columns";
    add("/v1/schema", operation("schemas", DATA, text, &[], &list()));
    let ids: Vec<_> = TrId::ALL.iter().map(|it| it.as_str()).collect();
    let tr_id = path("tr_id", &json!({"type": "string", "enum": ids}), "H0STCNT0");
    let text = "One stream with its columns";
    add(
        "/v1/schema/{tr_id}",
        operation("schema", DATA, text, std::slice::from_ref(&tr_id), &object()),
    );
    add("/v1/catalogue", operation("catalogue", STATE, "Every REST call of KIS", &[], &list()));
    let parts = catalogue::all().iter().filter_map(|it| it.id.split_once('/'));
    let (mut markets, calls): (Vec<_>, Vec<_>) = parts.unzip();
    markets.dedup();
    let market = path("market", &json!({"type": "string", "enum": markets}), "domestic-stock");
    let call = path("call", &json!({"type": "string", "enum": unique(calls)}), "inquire-price");
    let text = "One REST call of KIS with its parameters and columns";
    add(
        "/v1/catalogue/{market}/{call}",
        operation("catalogue_entry", STATE, text, &[market, call], &object()),
    );
    let key = path("tr_key", &json!({"type": "string", "minLength": 1}), "005930");
    add("/v1/last/{tr_id}/{tr_key}", last(&[tr_id, key, format()]));
    add("/v1/stream", stream());
    add("/metrics", metrics());
    add("/openapi.json", operation("openapi", STATE, "This description", &[], &object()));
    paths
}

fn operation(id: &str, tag: &str, summary: &str, parameters: &[Value], schema: &Value) -> Value {
    json!({
        "operationId": id,
        "tags": [tag],
        "summary": summary,
        "parameters": parameters,
        "responses": responses(&json!({
            "description": summary,
            "content": {"application/json": {"schema": schema}},
        })),
    })
}

fn original(original: &crate::rest::Original) -> Value {
    let tr = catalogue::find(original.call);
    let parameters = original.parameters.iter().map(|it| {
        let default = it.default();
        let kis = tr.and_then(|tr| Some((tr, tr.parameter(it.kis)?)));
        let mut schema = match (kis, &default) {
            (_, Some(Value::Bool(_))) => json!({"type": "boolean"}),
            (Some((tr, parameter)), _) => call::schema(tr, parameter),
            _ => json!({"type": "string"}),
        };
        if let Some(default) = default {
            schema["default"] = default;
        }
        json!({
            "name": it.name,
            "in": "query",
            "required": false,
            "description": format!("`{}`. {}", it.kis, it.default_in_words()),
            "schema": schema,
        })
    });
    let parameters: Vec<_> = parameters.collect();
    let name = tr.map_or("", |it| it.name);
    let id = format!("original{}", original.path.replace(['/', '-'], "_"));
    let schema = json!({
        "type": "object",
        "required": ["rt_cd", "msg_cd", "msg1"],
        "properties": {
            "rt_cd": {"type": "string"},
            "msg_cd": {"type": "string"},
            "msg1": {"type": "string"},
        },
    });
    let mut operation = operation(&id, ORIGINAL, name, &parameters, &schema);
    let text = format!(
        "As the original server answered it: KIS' JSON with status 200, refusals of KIS as well. \
         The same call with all its parameters is `/v1/{}`.",
        original.call
    );
    operation["description"] = text.into();
    operation
}

fn last(parameters: &[Value]) -> Value {
    let mut operation =
        operation("last", DATA, "The last record of a topic", parameters, &object());
    operation["description"] = "A topic is kept as long as somebody is subscribed to it, and a \
                                while longer. Notices need the scope `trade` or `admin`."
        .into();
    operation["responses"]["200"]["content"]["text/plain"] = json!({"schema": {"type": "string"}});
    operation
}

fn stream() -> Value {
    let query = |name: &str, required: bool, text: &str, schema: Value, example: &str| {
        json!({
            "name": name,
            "in": "query",
            "required": required,
            "description": text,
            "schema": schema,
            "example": example,
        })
    };
    let choice = |values: &[&str]| json!({"type": "string", "enum": values});
    json!({
        "operationId": "stream",
        "tags": [DATA],
        "summary": "Topics as server-sent events",
        "description": "An event without a name is a record, as on `/ws`; `subscribed`, `live`, \
            `gap`, `refused` and `closed` are the other ones. The `id` of a record says where the \
            client is in all topics of the stream: sent back as `Last-Event-ID`, as browsers do by \
            themselves, the stream goes on behind it as far as records are kept \
            (`\"recovered\":true`), or says that records are missing (`\"recovered\":false`).",
        "parameters": [
            query("topics", true, "`tr_id:tr_key`, separated by commas",
                  json!({"type": "string", "minLength": 1}), "H0STCNT0:005930,H0STASP0:005930"),
            format(),
            query("snapshot", false, "Whether the last record of each topic comes at once",
                  choice(&["true", "false"]), "true"),
            query("policy", false, "What gives way when the client is slow",
                  choice(&["skip", "conflate", "lossless"]), "skip"),
            {
                "name": "Last-Event-ID",
                "in": "header",
                "required": false,
                "description": "The `id` of the last event seen.",
                "schema": {"type": "string"},
            },
        ],
        "responses": responses(&json!({
            "description": "Events, until the client leaves or the server ends.",
            "content": {"text/event-stream": {"schema": {"type": "string"}}},
        })),
    })
}

fn metrics() -> Value {
    json!({
        "operationId": "metrics",
        "tags": [STATE],
        "summary": "Figures for Prometheus",
        "responses": responses(&json!({
            "description": "Prometheus' text format.",
            "content": {"text/plain": {"schema": {"type": "string"}}},
        })),
    })
}

fn path(name: &str, schema: &Value, example: &str) -> Value {
    json!({"name": name, "in": "path", "required": true, "schema": schema, "example": example})
}

fn format() -> Value {
    json!({
        "name": "format",
        "in": "query",
        "required": false,
        "description": "The columns as KIS sends them, the view that all markets share, or KIS' own frame",
        "schema": {"type": "string", "enum": ["fields", "normalized", "raw"], "default": "fields"},
    })
}

fn topics() -> Value {
    json!({
        "type": "array",
        "items": {
            "type": "object",
            "required": ["key", "tr_id", "tr_key", "state", "subscribers", "seq"],
            "properties": {
                "key": {"type": "string"},
                "tr_id": {"type": "string"},
                "tr_key": {"type": "string"},
                "state": {"type": "string", "enum": ["live", "pending"]},
                "subscribers": {"type": "integer"},
                "seq": {"type": "integer"},
            },
        },
    })
}

fn sessions() -> Value {
    let session = json!({
        "type": ["object", "null"],
        "properties": {
            "segment": {"type": "string"},
            "kind": {"type": "string"},
            "date": {"type": "string"},
            "trading_day": {"type": ["string", "null"]},
            "opens": {"type": "string", "format": "date-time"},
            "closes": {"type": "string", "format": "date-time"},
            "certain": {"type": "boolean"},
        },
    });
    json!({
        "type": "object",
        "required": ["now", "holidays_known_until", "segments"],
        "properties": {
            "now": {"type": "string", "format": "date-time"},
            "holidays_known_until": {"type": ["string", "null"]},
            "segments": {
                "type": "array",
                "items": {
                    "type": "object",
                    "required": ["segment", "open", "next"],
                    "properties": {
                        "segment": {"type": "string"},
                        "open": session,
                        "next": session,
                    },
                },
            },
        },
    })
}

fn object() -> Value {
    json!({"type": "object"})
}

fn list() -> Value {
    json!({"type": "array", "items": {"type": "object"}})
}

fn unique(mut values: Vec<&str>) -> Vec<&str> {
    values.sort_unstable();
    values.dedup();
    values
}
