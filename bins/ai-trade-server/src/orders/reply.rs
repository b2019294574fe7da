//! Outcomes as HTTP clients get them.

use axum::{
    Json,
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use kis_protocol::{
    catalogue::{Personal, Prepared},
    rest::Account,
};
use serde_json::{Map, Value, json};

use super::{
    record::{Outcome, Record},
    send::Reply,
};
use crate::problem::Problem;

/// Says that an answer is that of an earlier request.
const REPEATED: HeaderName = HeaderName::from_static("idempotency-replayed");

/// A call as it would be sent, what is personal masked.
pub(super) fn shown(call: &Prepared, account: Account) -> Value {
    let mut parameters = Map::new();
    for (name, value) in &call.parameters {
        let shown = match call.tr.parameter(name).and_then(|it| it.personal) {
            None => value.clone(),
            Some(Personal::AccountNumber) => account.to_string(),
            Some(_) => "…".to_owned(),
        };
        parameters.insert((*name).to_owned(), shown.into());
    }
    json!({
        "method": call.method().as_str(),
        "path": call.path(),
        "tr": call.tr.id,
        "tr_id": call.tr_id,
        "parameters": parameters,
    })
}

impl Reply {
    /// `simulated` marks what is not real.
    pub(super) fn response(self, simulated: bool) -> Response {
        match self {
            Self::DryRun(call) => {
                let mut body = json!({ "dry_run": true, "would_send": call });
                mark(&mut body, simulated);
                Json(body).into_response()
            }
            Self::Order { record, repeated } => {
                let mut response = answer(&record, simulated);
                if repeated {
                    let headers = response.headers_mut();
                    headers.insert(REPEATED, HeaderValue::from_static("true"));
                }
                response
            }
        }
    }
}

/// What is known of an order.
pub(super) fn view(record: &Record, simulated: bool) -> Value {
    let mut view = record.view();
    mark(&mut view, simulated);
    view
}

fn mark(body: &mut Value, simulated: bool) {
    if simulated && let Value::Object(body) = body {
        body.insert("simulated".to_owned(), true.into());
    }
}

fn answer(record: &Record, simulated: bool) -> Response {
    let status = record.outcome.status(record.action);
    let location = HeaderValue::try_from(format!("/v1/orders/{}", record.id));
    let mut response = match problem(record, status) {
        Some(problem) => problem.member("order", view(record, simulated)).into_response(),
        None => (status, Json(view(record, simulated))).into_response(),
    };
    if let Ok(location) = location {
        response.headers_mut().insert(header::LOCATION, location);
    }
    response
}

/// What is to be said when KIS has not simply taken the order.
fn problem(record: &Record, status: StatusCode) -> Option<Problem> {
    let id = &record.id;
    Some(match &record.outcome {
        Outcome::Accepted { .. } => return None,
        Outcome::Sending => Problem::new(status, "the order is on its way").code("order_in_flight"),
        Outcome::Unknown { why, .. } => Problem::new(
            status,
            format!(
                "KIS may or may not have taken the order ({why}). It is not sent again but looked \
                 up: ask for /v1/orders/{id}, or repeat the request with the same Idempotency-Key"
            ),
        )
        .code("order_unknown")
        .retry_after(std::time::Duration::from_secs(2)),
        Outcome::Refused { rt_cd, msg_cd, msg1, .. } => {
            Problem::new(status, format!("KIS refused the order: {msg_cd} {msg1}"))
                .code("order_refused")
                .member("rt_cd", rt_cd.as_str())
                .member("msg_cd", msg_cd.as_str())
                .member("msg1", msg1.as_str())
        }
        Outcome::NotSent { why } => Problem::new(
            status,
            format!("the order was not sent: {why}. To try again, use another Idempotency-Key"),
        )
        .code("order_not_sent"),
        Outcome::NotTaken => Problem::new(
            status,
            "KIS gave no answer to the order and does not list it: it was not taken. Look into the \
             account before you order again, with another Idempotency-Key",
        )
        .code("order_not_taken"),
    })
}
