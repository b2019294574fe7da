//! What a client is told when KIS cannot be asked, or says no.
//!
//! | what happened | status | `type` |
//! |---|---|---|
//! | a parameter is missing, unknown or not allowed; nothing was sent | 400 | `missing_parameters`, `unknown_parameter`, … |
//! | the call is about orders or tokens, or another account; nothing was sent | 403 | `order`, `oauth`, `other_account` |
//! | the call is not offered in paper trading, or needs what is not configured; nothing was sent | 409 | `real_only`, `not_configured` |
//! | KIS refuses the question: its parameters, its hour, its account | 422 | `kis_refused` |
//! | KIS refuses the app key, its token or its permissions | 502 | `kis_refused_key` |
//! | KIS cannot be reached, has a fault, or sends what cannot be read | 502 | `unreachable`, `kis_fault`, `unreadable` |
//! | KIS has no more calls to give this second, or too many wait here | 503, `Retry-After` | `kis_limit`, `busy` |
//! | there is no access token at the moment | 503, `Retry-After` | `no_token` |
//! | KIS does not answer in time, or the turn did not come in time | 504 | `timeout` |
//!
//! Where KIS has said something, `rt_cd`, `msg_cd` and `msg1` are members.

use std::time::Duration;

use axum::http::StatusCode;
use kis_broker::RestError;
use kis_protocol::catalogue::{CallError, Parameter, Tr};
use serde_json::{Value, json};

use crate::problem::Problem;

/// The parameters that a call takes, as a member of a problem.
#[derive(Debug)]
pub(super) struct Expected(Value);

impl Expected {
    /// All parameters of a call that are the caller's to give.
    pub(super) fn of(tr: &Tr) -> Self {
        Self::list(tr.parameters.iter().filter(|it| it.personal.is_none()))
    }

    fn list<'a>(parameters: impl Iterator<Item = &'a Parameter>) -> Self {
        let one = |it: &Parameter| {
            let values = it.values.iter().map(|it| json!({"value": it.value, "label": it.label}));
            json!({
                "name": it.name,
                "label": it.label,
                "required": it.required,
                "values": values.collect::<Vec<_>>(),
            })
        };
        Self(parameters.map(one).collect::<Vec<_>>().into())
    }
}

/// Why a call is not made.
pub(super) fn of_call(error: &CallError, expected: Expected) -> Problem {
    let (status, code, expected) = match error {
        CallError::NoSuchCall { .. } => (StatusCode::NOT_FOUND, "unknown_call", None),
        CallError::RealOnly { .. } => (StatusCode::CONFLICT, "real_only", None),
        CallError::Missing { parameters, .. } => {
            let missing = Expected::list(parameters.iter().copied());
            (StatusCode::BAD_REQUEST, "missing_parameters", Some(missing))
        }
        CallError::Disallowed { parameter, .. } => {
            let one = Expected::list(std::iter::once(*parameter));
            (StatusCode::BAD_REQUEST, "invalid_parameter", Some(one))
        }
        CallError::Unknown { .. } => (StatusCode::BAD_REQUEST, "unknown_parameter", Some(expected)),
        _ => (StatusCode::BAD_REQUEST, "invalid_parameter", Some(expected)),
    };
    let problem = Problem::new(status, error.to_string()).code(code);
    match expected {
        Some(Expected(expected)) => problem.member("expected", expected),
        None => problem,
    }
}

/// Why there is no answer.
pub(crate) fn of(error: &RestError) -> Problem {
    let (status, code) = kind(error);
    let problem = Problem::new(status, detail(error)).code(code);
    let problem = match error {
        RestError::Refused { rt_cd, msg_cd, msg1, .. } => problem
            .member("rt_cd", rt_cd.as_str())
            .member("msg_cd", msg_cd.as_str())
            .member("msg1", msg1.as_str()),
        _ => problem,
    };
    match wait(error) {
        Some(wait) if status == StatusCode::SERVICE_UNAVAILABLE => problem.retry_after(wait),
        _ => problem,
    }
}

fn detail(error: &RestError) -> String {
    match error {
        RestError::Token { source, .. } => format!("{error}: {source}"),
        _ => error.to_string(),
    }
}

fn kind(error: &RestError) -> (StatusCode, &'static str) {
    use StatusCode as S;
    match error {
        RestError::Unknown { .. } => (S::NOT_FOUND, "unknown_call"),
        RestError::Call(_) => (S::BAD_REQUEST, "invalid_parameter"),
        RestError::Oauth { .. } => (S::FORBIDDEN, "oauth"),
        RestError::Environment { .. } => (S::CONFLICT, "real_only"),
        RestError::Token { source, .. } if source.is_refusal() => {
            (S::BAD_GATEWAY, "kis_refused_key")
        }
        RestError::Token { .. } => (S::SERVICE_UNAVAILABLE, "no_token"),
        RestError::Late { ahead: 0, .. } | RestError::GivenUp { .. } => {
            (S::GATEWAY_TIMEOUT, "timeout")
        }
        RestError::Late { .. } => (S::SERVICE_UNAVAILABLE, "busy"),
        RestError::Transport { sent: true, source, .. } if source.is_timeout() => {
            (S::GATEWAY_TIMEOUT, "timeout")
        }
        RestError::Transport { .. } => (S::BAD_GATEWAY, "unreachable"),
        RestError::Refused { msg_cd, .. } => refusal(msg_cd, error.is_retryable()),
        RestError::Interrupted { .. } => (S::SERVICE_UNAVAILABLE, "busy"),
        _ => (S::BAD_GATEWAY, "unreadable"),
    }
}

fn refusal(msg_cd: &str, retryable: bool) -> (StatusCode, &'static str) {
    match msg_cd {
        "EGW00201" | "EGW00215" => (StatusCode::SERVICE_UNAVAILABLE, "kis_limit"),
        "EGW00121" | "EGW00123" => (StatusCode::BAD_GATEWAY, "kis_refused_key"),
        _ if retryable => (StatusCode::BAD_GATEWAY, "kis_fault"),
        // What else the gateway refuses is about the key, not about the question.
        _ if msg_cd.starts_with("EGW") => (StatusCode::BAD_GATEWAY, "kis_refused_key"),
        _ => (StatusCode::UNPROCESSABLE_ENTITY, "kis_refused"),
    }
}

/// When it is worth trying again.
fn wait(error: &RestError) -> Option<Duration> {
    match error {
        RestError::Late { ahead, per_second, .. } => {
            let ahead = u32::try_from(*ahead).unwrap_or(u32::MAX);
            let seconds = f64::from(ahead) / per_second.max(0.1);
            Some(Duration::from_secs_f64(seconds.min(60.0)))
        }
        // KIS issues one token a minute.
        RestError::Token { .. } => Some(Duration::from_secs(60)),
        _ => Some(Duration::from_secs(1)),
    }
}

#[cfg(test)]
mod tests {
    use kis_protocol::catalogue::{self, Environment};

    use super::*;

    fn refused(status: u16, msg_cd: &str) -> RestError {
        RestError::Refused {
            tr: "domestic-stock/inquire-price",
            status,
            rt_cd: "1".to_owned(),
            msg_cd: msg_cd.to_owned(),
            msg1: "안됩니다".to_owned(),
        }
    }

    #[track_caller]
    fn check(error: &RestError, status: u16, code: &str, retry: bool) {
        let problem = of(error);
        assert_eq!(problem.status().as_u16(), status, "{error}");
        let document = problem.document(None);
        assert_eq!(document["type"], format!("urn:ai-trade-server:{code}"), "{error}");
        let response = axum::response::IntoResponse::into_response(problem);
        assert_eq!(response.headers().contains_key("retry-after"), retry, "{error}");
        if let RestError::Refused { msg_cd, .. } = error {
            let members = (&document["rt_cd"], &document["msg_cd"], &document["msg1"]);
            assert_eq!(members, (&"1".into(), &msg_cd.as_str().into(), &"안됩니다".into()));
        }
    }

    #[test]
    fn refusals_of_kis() {
        check(&refused(500, "EGW00201"), 503, "kis_limit", true);
        check(&refused(500, "EGW00215"), 503, "kis_limit", true);
        check(&refused(500, "EGW00123"), 502, "kis_refused_key", false);
        check(&refused(500, "EGW00103"), 502, "kis_refused_key", false);
        check(&refused(500, "EGW00206"), 502, "kis_refused_key", false);
        check(&refused(500, "EGW00202"), 502, "kis_fault", false);
        check(&refused(500, "EGW99999"), 502, "kis_fault", false);
        check(&refused(200, "OPSQ2001"), 422, "kis_refused", false);
        check(&refused(200, "40100000"), 422, "kis_refused", false);
    }

    #[test]
    fn no_answer() {
        let tr = "domestic-stock/inquire-price";
        check(&RestError::Late { tr, ahead: 0, per_second: 1.0 }, 504, "timeout", false);
        let waited_for = "the answer to an identical call";
        check(&RestError::GivenUp { tr, waited_for }, 504, "timeout", false);
        check(&RestError::Late { tr, ahead: 90, per_second: 18.0 }, 503, "busy", true);
        check(&RestError::Unreadable { tr, status: 200, bytes: 3 }, 502, "unreadable", false);
        check(&RestError::Interrupted { tr }, 503, "busy", true);
    }

    #[test]
    fn what_is_expected_is_listed() {
        let tr = catalogue::find("domestic-stock/inquire-price").unwrap();
        let given = [("FID_COND_MRKT_DIV_CODE", "J")];
        let error = tr.prepare(Environment::Real, given).unwrap_err();
        let document = of_call(&error, Expected::of(tr)).document(None);
        assert_eq!(document["status"], 400);
        assert_eq!(document["expected"][0]["name"], "FID_INPUT_ISCD");
        let error = tr.prepare(Environment::Real, [("symbol", "005930")]).unwrap_err();
        let document = of_call(&error, Expected::of(tr)).document(None);
        assert_eq!(document["type"], "urn:ai-trade-server:unknown_parameter");
        assert_eq!(document["expected"].as_array().unwrap().len(), tr.parameters.len());
    }
}
