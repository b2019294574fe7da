use std::{io, path::PathBuf, time::Duration};

use alert_engine::{RuleError, StoreError};
use axum::http::StatusCode;

pub use crate::bot::BotError;
use crate::{config::ConfigError, notify::WebhookError, problem::Problem};

/// When a client may try again what could not be kept.
const RETRY_AFTER: Duration = Duration::from_secs(5);

/// Alerts that cannot be set up.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AlertsError {
    /// A rule of the configuration, or one that was kept, is none.
    #[error("{place}: {error}")]
    Rule {
        /// Which.
        place: String,
        /// What is wrong.
        error: RuleError,
    },
    /// Two rules have one id.
    #[error("{place}: there is a rule {id} already; give each an id of its own")]
    Twice {
        /// The second one.
        place: String,
        /// The id.
        id: String,
    },
    /// The webhook cannot be used.
    #[error("ALERTS__WEBHOOK_URL: {0}")]
    Webhook(#[from] WebhookError),
    /// The bot's chats cannot be used.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The bot cannot be used.
    #[error(transparent)]
    Bot(#[from] BotError),
    /// There is no place to keep them.
    #[error("{path} cannot be made: {error}; choose another place with ALERTS__FILE", path = path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
        /// What the system says.
        error: io::Error,
    },
    /// What was kept cannot be used.
    #[error("{0}; choose another file with ALERTS__FILE")]
    Store(#[from] StoreError),
}

/// What cannot be done with a rule. Its text is the same over REST and in chat.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AlertError {
    /// It is no rule.
    #[error("{0}")]
    Rule(RuleError),
    /// Its id belongs to another one.
    #[error("there is an alert {0} already; choose another id, or delete that one first")]
    Taken(String),
    /// There is no such rule.
    #[error("there is no alert {0:?}")]
    Unknown(String),
    /// It is the configuration's.
    #[error("the alert {0} is in the configuration file; only there it can be changed")]
    Configured(String),
    /// There are too many.
    #[error("there are {0} alerts, which is the most there may be; delete one first")]
    Full(usize),
    /// It is not known whose orders are meant.
    #[error("alerts on orders need the account's owner: set HTS_ID in the server's .env")]
    NoOwner,
    /// The disk fails or takes too long; everything is as it was.
    #[error("nothing was changed, because it could not be kept: {0}; try again later")]
    NotKept(String),
}

impl From<RuleError> for AlertError {
    fn from(error: RuleError) -> Self {
        Self::Rule(error)
    }
}

impl From<AlertError> for Problem {
    fn from(error: AlertError) -> Self {
        let (status, code) = match &error {
            AlertError::Rule(_) => (StatusCode::UNPROCESSABLE_ENTITY, "invalid_rule"),
            AlertError::Taken(_) => (StatusCode::CONFLICT, "id_taken"),
            AlertError::Unknown(_) => (StatusCode::NOT_FOUND, "no_such_alert"),
            AlertError::Configured(_) => (StatusCode::CONFLICT, "configured"),
            AlertError::Full(_) => (StatusCode::CONFLICT, "too_many_alerts"),
            AlertError::NoOwner => (StatusCode::CONFLICT, "not_configured"),
            AlertError::NotKept(_) => (StatusCode::SERVICE_UNAVAILABLE, "not_kept"),
        };
        let problem = Self::new(status, error.to_string()).code(code);
        match error {
            AlertError::Rule(RuleError::Invalid { field, wrong, allowed }) => {
                problem.member("field", field).member("wrong", wrong).member("allowed", allowed)
            }
            AlertError::Rule(RuleError::Unreadable { path, message }) => {
                problem.member("field", path).member("wrong", message)
            }
            AlertError::NotKept(_) => problem.retry_after(RETRY_AFTER),
            _ => problem,
        }
    }
}
