//! The admin endpoint: [`Control`] over HTTP.
//!
//! `GET /` is the state. `POST /<command>` does something; its parameters are the members
//! of a JSON object in the body. See [`Command`].

use std::time::Duration;

use axum::{
    Json, Router,
    body::Bytes,
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::{get, post},
};
use kis_protocol::{Topic, TopicError};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::{CallFault, Control, Hold, Oddity, Refusal};

/// What can be posted, as the last part of the path.
#[derive(Debug, Deserialize)]
#[serde(tag = "command", rename_all = "snake_case", deny_unknown_fields)]
enum Command {
    /// Drop all connections, or that of one app key, without a close frame.
    Drop { app_key: Option<String> },
    /// Stop sending, without closing.
    Stall {},
    /// Go on sending.
    Resume {},
    /// Keep the slots of lost connections taken: for `ms`, or until released.
    Hold { ms: Option<u64> },
    /// Free these slots, and hold as configured from now on.
    Release {},
    /// Refuse the next registrations.
    Refuse {
        #[serde(default = "one")]
        times: usize,
        tr_id: Option<String>,
        rt_cd: Option<String>,
        msg_cd: String,
        #[serde(default)]
        msg1: String,
    },
    /// Let something happen to the next REST calls, instead of their answers: `nothing` (the
    /// connection is dropped), `{"late": ms}`, `{"page": status}`, or
    /// `{"refusal": {"msg_cd": …}}`.
    Fault {
        #[serde(default = "one")]
        times: usize,
        #[serde(flatten)]
        fault: CallFault,
    },
    /// Delay answers by `ms`.
    Delay { ms: u64 },
    /// Send odd frames: `malformed`, `truncated`, `invalid_utf8`, `unknown_tr_id`, or
    /// `{"widened": n}`.
    Inject {
        oddity: Oddity,
        #[serde(default)]
        topic: Wanted,
        #[serde(default = "one")]
        times: usize,
    },
    /// Send this many frames at once.
    Burst {
        #[serde(default)]
        topic: Wanted,
        frames: usize,
    },
    /// Send a frame to those registered for it, or to all.
    Push {
        raw: String,
        #[serde(default)]
        all: bool,
    },
    /// Send PINGPONG.
    Ping {},
    /// Make approval keys unknown.
    ForgetApprovals {},
    /// Make tokens unknown.
    ForgetTokens {},
    /// Make tokens expired.
    ExpireTokens {},
}

/// The topic of a command, as `H0STCNT0:005930`; all topics when absent.
#[derive(Debug, Default, Deserialize)]
#[serde(try_from = "String")]
struct Wanted(Option<Topic>);

impl TryFrom<String> for Wanted {
    type Error = TopicError;

    fn try_from(text: String) -> Result<Self, TopicError> {
        text.parse().map(|topic| Self(Some(topic)))
    }
}

fn one() -> usize {
    1
}

/// The admin routes.
pub(crate) fn router(control: Control) -> Router {
    Router::new().route("/", get(state)).route("/{command}", post(command)).with_state(control)
}

async fn state(State(control): State<Control>) -> Response {
    Json(control.state()).into_response()
}

async fn command(
    State(control): State<Control>,
    Path(name): Path<String>,
    body: Bytes,
) -> Response {
    let command = match read(name, &body) {
        Ok(command) => command,
        Err(error) => {
            let body = Json(json!({"error": error.to_string()}));
            return (StatusCode::BAD_REQUEST, body).into_response();
        }
    };
    Json(json!({"reached": command.apply(&control)})).into_response()
}

fn read(name: String, body: &[u8]) -> Result<Command, serde_json::Error> {
    let mut members: Map<String, Value> =
        if body.is_empty() { Map::new() } else { serde_json::from_slice(body)? };
    members.insert("command".to_owned(), name.into());
    Command::deserialize(Value::Object(members))
}

impl Command {
    /// Does it; returns how many connections it reached, if it is about connections.
    fn apply(self, control: &Control) -> Option<usize> {
        match self {
            Self::Drop { app_key: None } => return Some(control.drop_connections()),
            Self::Drop { app_key: Some(key) } => return Some(control.drop_connection(&key).into()),
            Self::Stall {} => return Some(control.stall()),
            Self::Resume {} => return Some(control.resume()),
            Self::Inject { oddity, topic: Wanted(topic), times } => {
                return Some(control.inject(oddity, topic.as_ref(), times));
            }
            Self::Burst { topic: Wanted(topic), frames } => {
                return Some(control.burst(topic.as_ref(), frames));
            }
            Self::Push { raw, all: false } => return Some(control.push(raw)),
            Self::Push { raw, all: true } => return Some(control.push_to_all(raw)),
            Self::Ping {} => return Some(control.ping()),
            Self::Hold { ms: Some(ms) } => control.hold_slots(Hold::For(Duration::from_millis(ms))),
            Self::Hold { ms: None } => control.hold_slots(Hold::UntilReleased),
            Self::Release {} => {
                control.hold_slots(Hold::Configured);
                control.release_slots();
            }
            Self::Refuse { times, tr_id, rt_cd, msg_cd, msg1 } => {
                let rt_cd = rt_cd.unwrap_or_else(|| "1".to_owned());
                control.refuse_next(times, Refusal { tr_id, rt_cd, msg_cd, msg1 });
            }
            Self::Fault { times, fault } => control.fault_calls(times, fault),
            Self::Delay { ms } => control.delay_acks(Duration::from_millis(ms)),
            Self::ForgetApprovals {} => control.forget_approvals(),
            Self::ForgetTokens {} => control.forget_tokens(),
            Self::ExpireTokens {} => control.expire_tokens(),
        }
        None
    }
}
