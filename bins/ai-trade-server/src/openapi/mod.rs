//! `/openapi.json`: the API's description (OpenAPI 3.1), made of the catalogue and of
//! the server's own routes.

mod call;
mod own;
mod prose;

use std::sync::{Arc, OnceLock};

use axum::{
    extract::State,
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use kis_protocol::catalogue::{self, Environment};
use serde_json::{Map, Value, json};

use crate::{alerts, orders, server::App};

/// Answers with the description.
pub(crate) async fn document(State(app): State<Arc<App>>) -> Response {
    /// What it is made of does not change while the program runs.
    static DOCUMENT: OnceLock<Bytes> = OnceLock::new();
    let document = DOCUMENT.get_or_init(|| {
        describe(app.api.environment(), app.guard.needs_key(), app.config.rest.pages_max)
            .to_string()
            .into()
    });
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("application/json")),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-cache")),
    ];
    (headers, document.clone()).into_response()
}

fn describe(environment: Environment, needs_key: bool, pages_max: usize) -> Value {
    let mut paths: Map<String, Value> = own::paths();
    let mut tags = own::tags();
    let readable = catalogue::all().iter().filter(|it| !it.order && !it.rules.is_empty());
    for tr in readable {
        let operation = call::operation(tr, environment, pages_max);
        paths.insert(format!("/v1/{}", tr.id), json!({ "get": operation }));
        let tag = json!({ "name": tr.section });
        if !tags.contains(&tag) {
            tags.push(tag);
        }
    }
    let mut schemas = Map::new();
    for (tag, part) in [("Orders", orders::document()), ("Alerts", alerts::document())] {
        paths.extend(members(&part["paths"]));
        schemas.extend(members(&part["schemas"]));
        tags.push(json!({ "name": tag }));
    }
    schemas.insert("Problem".to_owned(), problem());
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "ai-trade-server",
            "version": env!("CARGO_PKG_VERSION"),
            "license": {"name": "MIT", "identifier": "MIT"},
            "description": prose::DESCRIPTION,
        },
        "servers": [{"url": "/"}],
        "security": if needs_key { json!([{"bearer": []}, {"key": []}]) } else { json!([]) },
        "tags": tags,
        "paths": paths,
        "components": {
            "securitySchemes": {
                "bearer": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "A key of `ai-trade-server key new`. On loopback none is needed.",
                },
                "key": {
                    "type": "apiKey",
                    "in": "query",
                    "name": "key",
                    "description": "The same, where no header can be set.",
                },
            },
            "responses": {
                "Problem": {
                    "description": "A problem document (RFC 9457).",
                    "content": {
                        crate::problem::MEDIA_TYPE: {
                            "schema": {"$ref": "#/components/schemas/Problem"},
                        },
                    },
                },
            },
            "schemas": schemas,
        },
    })
}

fn members(object: &Value) -> impl Iterator<Item = (String, Value)> {
    object.as_object().cloned().unwrap_or_default().into_iter()
}

fn problem() -> Value {
    json!({
        "type": "object",
        "required": ["type", "title", "status", "detail"],
        "properties": {
            "type": {
                "type": "string",
                "description": "`about:blank`, or `urn:ai-trade-server:` and a word for programs.",
            },
            "title": {"type": "string"},
            "status": {"type": "integer", "minimum": 400, "maximum": 599},
            "detail": {"type": "string", "description": "What failed, and what to do."},
            "instance": {"type": "string", "description": "The path that was asked for."},
            "rt_cd": {"type": "string", "description": "KIS' verdict, where KIS has refused."},
            "msg_cd": {"type": "string", "description": "KIS' code."},
            "msg1": {"type": "string", "description": "KIS' text."},
            "expected": {
                "type": "array",
                "description": "The parameters in question, or all of them.",
                "items": {
                    "type": "object",
                    "required": ["name", "label", "required", "values"],
                    "properties": {
                        "name": {"type": "string"},
                        "label": {"type": "string"},
                        "required": {"type": "boolean"},
                        "values": {
                            "type": "array",
                            "items": {
                                "type": "object",
                                "properties": {
                                    "value": {"type": "string"},
                                    "label": {"type": "string"},
                                },
                            },
                        },
                    },
                },
            },
        },
    })
}

/// The response of a status, of which every operation has the same set.
fn responses(ok: &Value) -> Value {
    json!({ "200": ok, "default": {"$ref": "#/components/responses/Problem"} })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_readable_call_and_nothing_twice() {
        let document = describe(Environment::Real, false, 10);
        let paths = document["paths"].as_object().unwrap();
        let mut ids = BTreeSet::new();
        let operations = paths
            .iter()
            .flat_map(|(path, item)| item.as_object().unwrap().values().map(move |it| (path, it)));
        for (path, operation) in operations {
            let id = operation["operationId"].as_str().unwrap();
            assert!(ids.insert(id.to_owned()), "{path}: {id} is there twice");
            let mut names = BTreeSet::new();
            for parameter in operation["parameters"].as_array().unwrap_or(&Vec::new()) {
                assert!(names.insert(parameter["name"].to_string()), "{path}: {parameter}");
            }
        }
        for tr in catalogue::all() {
            let readable = !tr.order && !tr.rules.is_empty();
            assert_eq!(paths.contains_key(&format!("/v1/{}", tr.id)), readable, "{}", tr.id);
        }
    }

    #[test]
    fn nothing_personal_is_asked_for() {
        let text = describe(Environment::Real, true, 10).to_string();
        for name in ["\"CANO\"", "\"ACNT_PRDT_CD\"", "ACNT_PWD", "12345678", "htsid"] {
            assert!(!text.contains(name), "{name}");
        }
    }
}
