//! A call of the catalogue as an operation.

use kis_protocol::catalogue::{Environment, Output, Parameter, Shape, Tr};
use serde_json::{Map, Value, json};

use super::responses;
use crate::rest::is_private;

/// `GET /v1/` and the call's id.
pub(super) fn operation(tr: &Tr, environment: Environment, pages_max: usize) -> Value {
    let theirs = tr.parameters.iter().filter(|it| it.personal.is_none());
    let mut parameters: Vec<Value> = theirs.map(|it| parameter(tr, it)).collect();
    if tr.paging.is_some() {
        parameters.push(pages(pages_max));
    }
    json!({
        "operationId": tr.id.replace(['/', '-'], "_"),
        "summary": tr.name,
        "description": description(tr, environment),
        "tags": [tr.section],
        "parameters": parameters,
        "responses": responses(&json!({
            "description": "KIS' answer as it came.",
            "headers": {
                "tr_cont": {
                    "description": "`M` or `F` when there are more pages.",
                    "schema": {"type": "string"},
                },
            },
            "content": {"application/json": {"schema": answer(tr)}},
        })),
    })
}

fn description(tr: &Tr, environment: Environment) -> String {
    let mut tr_ids: Vec<_> = tr.rules.iter().map(|it| (it.real, it.paper)).collect();
    tr_ids.dedup();
    let tr_ids = tr_ids.iter().map(|(real, paper)| match paper {
        Some(paper) if paper != real => format!("`{real}` (paper `{paper}`)"),
        Some(_) => format!("`{real}`"),
        None => format!("`{real}` (not in paper trading)"),
    });
    let mut text = tr_ids.collect::<Vec<_>>().join(", ");
    if let Some(doc) = tr.doc {
        text += &format!("; KIS' document {doc}");
    }
    text.push('.');
    if is_private(tr) {
        text += " Tells of the account that the server is configured with; a key needs the scope \
                 `trade` or `admin`.";
    }
    if !tr.is_offered(environment) {
        text += " This server is on paper, which does not have it.";
    }
    if let Some(note) = tr.note {
        text += "\n\n";
        text += note;
    }
    text
}

fn parameter(tr: &Tr, parameter: &Parameter) -> Value {
    let mut text = parameter.label.to_owned();
    let values = parameter.values.iter().filter(|it| !it.label.is_empty());
    for value in values {
        let shown = if value.value.is_empty() { "(empty)" } else { value.value };
        text += &format!("\n- `{shown}` {}", value.label);
    }
    if let Some(hint) = parameter.hint {
        text += "\n\n";
        text += hint;
    }
    let mut shown = json!({
        "name": parameter.name,
        "in": "query",
        "required": parameter.required,
        "description": text,
        "schema": schema(tr, parameter),
    });
    let example = tr.example().into_iter().find(|it| it.0 == parameter.name);
    if let Some((_, example)) = example {
        shown["example"] = example.into();
    }
    shown
}

/// What a parameter may be.
pub(super) fn schema(tr: &Tr, parameter: &Parameter) -> Value {
    let mut schema = json!({"type": "string"});
    let may_be_empty = parameter.empty || !parameter.required;
    let chosen = allowed(tr, parameter);
    if let Some(mut values) = chosen {
        if may_be_empty && parameter.closed && !values.contains(&"") {
            values.push("");
        }
        schema["enum"] = json!(values);
    } else {
        if !may_be_empty {
            schema["minLength"] = 1.into();
        }
        if let Some(max) = parameter.length {
            schema["maxLength"] = max.into();
        }
    }
    if let Some(default) = parameter.default {
        schema["default"] = default.into();
    }
    schema
}

/// The only values that a parameter may have: those that it is known to have, or those
/// that a `tr_id` belongs to.
fn allowed<'a>(tr: &'a Tr, parameter: &'a Parameter) -> Option<Vec<&'a str>> {
    let conditions = |rule: &'a kis_protocol::catalogue::Rule| {
        rule.when.iter().find(|it| it.name == parameter.name).map(|it| it.is.as_slice())
    };
    let by_rules: Option<Vec<_>> = tr.rules.iter().map(conditions).collect();
    let mut values: Vec<&str> = match by_rules {
        Some(by_rules) => by_rules.concat(),
        None if parameter.closed => parameter.values.iter().map(|it| it.value).collect(),
        None => return None,
    };
    let mut seen = std::collections::BTreeSet::new();
    values.retain(|it| seen.insert(*it));
    Some(values)
}

fn pages(max: usize) -> Value {
    json!({
        "name": "pages",
        "in": "query",
        "required": false,
        "description": "So many pages at most, as `{\"pages\":[…],\"more\":…}`: one answer of KIS a page.",
        "schema": {"type": "integer", "minimum": 1, "maximum": max},
    })
}

fn answer(tr: &Tr) -> Value {
    let mut properties = Map::new();
    for (name, text) in
        [("rt_cd", "`0`: carried out"), ("msg_cd", "KIS' code"), ("msg1", "KIS' text")]
    {
        properties.insert(name.to_owned(), json!({"type": "string", "description": text}));
    }
    for output in &tr.outputs {
        let columns = columns(output);
        if output.name.is_empty() {
            properties.extend(columns);
            continue;
        }
        let row = json!({"type": "object", "properties": columns});
        let shown = match output.shape {
            Shape::Object => row,
            Shape::Array => json!({"type": "array", "items": row}),
        };
        properties.insert(output.name.to_owned(), shown);
    }
    let answer = json!({"type": "object", "required": ["rt_cd"], "properties": properties});
    if tr.paging.is_none() {
        return answer;
    }
    let pages = json!({
        "type": "object",
        "required": ["pages", "more"],
        "properties": {
            "pages": {
                "type": "array",
                "description": "Each as an answer without `pages`.",
                "items": {"type": "object", "required": ["rt_cd"]},
            },
            "more": {"type": "boolean"},
        },
    });
    json!({"oneOf": [answer, pages]})
}

fn columns(output: &Output) -> Map<String, Value> {
    let column = |it: &kis_protocol::catalogue::Column| {
        (it.name.to_owned(), json!({"type": "string", "description": it.label}))
    };
    output.columns.iter().map(column).collect()
}
