//! What is remembered of an order.

use axum::http::StatusCode;
use kis_broker::{Answer, RestError};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{amount::Amount, request::Order};

/// What was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Action {
    Place,
    Amend,
    Cancel,
}

/// What is remembered of an order, an amendment or a cancel. No account is in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Record {
    pub(super) id: String,
    /// The `Idempotency-Key`.
    pub(super) key: String,
    /// The id of the client's key; none where it needs none.
    pub(super) by: Option<String>,
    pub(super) action: Action,
    /// The id of the order that it amends or cancels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) of: Option<String>,
    /// KIS' number of that order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) original: Option<String>,
    /// The body as it was understood.
    pub(super) body: Value,
    /// The order that was asked for, or what is cancelled of one.
    pub(super) order: Order,
    /// Whether the body says how many of them.
    pub(super) partial: bool,
    /// When it was sent, in seconds since 1970.
    pub(super) at: u64,
    /// What it takes of the day's limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) amount: Option<Amount>,
    pub(super) outcome: Outcome,
}

/// What became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub(super) enum Outcome {
    /// On its way. After a restart this is as good as [`Outcome::Unknown`].
    Sending,
    /// It was sent and nobody knows whether KIS has taken it.
    Unknown {
        why: String,
        /// The orders at KIS that it may be, when there are several.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        candidates: Vec<String>,
    },
    /// KIS has taken it.
    Accepted {
        number: String,
        office: String,
        msg_cd: String,
        msg1: String,
        /// Whether it had to be looked up.
        #[serde(default)]
        looked_up: bool,
    },
    /// KIS has refused it.
    Refused { rt_cd: String, msg_cd: String, msg1: String, busy: bool },
    /// It never left.
    NotSent { why: String },
    /// KIS gave no answer and lists no such order.
    NotTaken,
}

impl Record {
    /// Whether it counts against the limits of its day: unless it surely came to nothing.
    pub(super) fn counts(&self) -> bool {
        self.action != Action::Cancel
            && !matches!(
                self.outcome,
                Outcome::Refused { .. } | Outcome::NotSent { .. } | Outcome::NotTaken
            )
    }

    pub(super) fn is_open_question(&self) -> bool {
        matches!(self.outcome, Outcome::Sending | Outcome::Unknown { .. })
    }

    /// KIS' number and office of an order that was taken.
    pub(super) fn taken(&self) -> Option<(&str, &str)> {
        match &self.outcome {
            Outcome::Accepted { number, office, .. } => Some((number, office)),
            _ => None,
        }
    }

    /// What clients see of it.
    pub(super) fn view(&self) -> Value {
        let mut view = serde_json::to_value(&self.order).unwrap_or_default();
        let outcome = serde_json::to_value(&self.outcome).unwrap_or_default();
        // Of all that is open, nobody knows how many that are.
        if !self.partial
            && let Value::Object(view) = &mut view
        {
            view.remove("quantity");
        }
        let own = serde_json::json!({
            "id": self.id,
            "action": self.action,
            "of": self.of,
            "original": self.original,
            "sent_at": super::clock::shown(self.at),
        });
        for more in [own, outcome] {
            if let (Value::Object(view), Value::Object(more)) = (&mut view, more) {
                view.extend(more.into_iter().filter(|(_, it)| !it.is_null()));
            }
        }
        view
    }
}

impl Outcome {
    /// What an answer of KIS, or the lack of one, says.
    pub(super) fn of(result: Result<Answer, RestError>) -> Self {
        let error = match result {
            Ok(answer) => return Self::of_answer(&answer),
            Err(error) => error,
        };
        let busy = error.is_retryable();
        let why = error.to_string();
        match error {
            RestError::Unsettled { source, .. } => {
                Self::Unknown { why: source.to_string(), candidates: Vec::new() }
            }
            RestError::Refused { rt_cd, msg_cd, msg1, .. } => {
                Self::Refused { rt_cd, msg_cd, msg1, busy }
            }
            // Every other error says that nothing was sent.
            _ => Self::NotSent { why },
        }
    }

    /// KIS has said yes; without the order's number, its list has to say which.
    fn of_answer(answer: &Answer) -> Self {
        let text = |output: &Value, names: [&str; 2]| {
            let found = names.iter().find_map(|it| output[it].as_str());
            found.map(|it| it.trim().to_owned()).filter(|it| !it.is_empty())
        };
        let output = answer.value().map(|it| it["output"].clone()).unwrap_or_default();
        match text(&output, ["ODNO", "odno"]) {
            Some(number) => Self::Accepted {
                number,
                office: text(&output, ["KRX_FWDG_ORD_ORGNO", "krx_fwdg_ord_orgno"])
                    .unwrap_or_default(),
                msg_cd: answer.msg_cd.clone(),
                msg1: answer.msg1.clone(),
                looked_up: false,
            },
            None => Self::Unknown {
                why: "KIS took the order and did not say its number".to_owned(),
                candidates: Vec::new(),
            },
        }
    }

    pub(super) fn as_str(&self) -> &'static str {
        match self {
            Self::Sending => "sending",
            Self::Unknown { .. } => "unknown",
            Self::Accepted { .. } => "accepted",
            Self::Refused { .. } => "refused",
            Self::NotSent { .. } => "not_sent",
            Self::NotTaken => "not_taken",
        }
    }

    /// KIS' code, when it gave one.
    pub(super) fn msg_cd(&self) -> Option<&str> {
        match self {
            Self::Accepted { msg_cd, .. } | Self::Refused { msg_cd, .. } => Some(msg_cd),
            _ => None,
        }
    }

    /// The status under which clients are told.
    pub(super) fn status(&self, action: Action) -> StatusCode {
        match self {
            Self::Accepted { .. } if action == Action::Cancel => StatusCode::OK,
            Self::Accepted { .. } => StatusCode::CREATED,
            Self::Sending => StatusCode::CONFLICT,
            Self::Unknown { .. } => StatusCode::GATEWAY_TIMEOUT,
            Self::Refused { busy: true, .. } | Self::NotSent { .. } => {
                StatusCode::SERVICE_UNAVAILABLE
            }
            Self::Refused { .. } => StatusCode::UNPROCESSABLE_ENTITY,
            Self::NotTaken => StatusCode::BAD_GATEWAY,
        }
    }
}

impl Action {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Place => "place",
            Self::Amend => "amend",
            Self::Cancel => "cancel",
        }
    }
}
