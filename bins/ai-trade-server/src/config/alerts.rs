//! Alerts: their rules, and who is told besides Telegram.

use std::path::PathBuf;

use serde::Deserialize;

use super::Secret;

/// Alerts: their rules, and who is told besides Telegram.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Alerts {
    /// Where rules, what they have seen, and what is still to be told are kept. Not set: a file
    /// for each environment, such as `var/alerts-paper.redb`.
    pub file: Option<PathBuf>,
    /// Whether the log is told.
    pub log: bool,
    /// Where a signed webhook is sent; it may hold a secret.
    pub webhook_url: Secret,
    /// What it is signed with.
    pub webhook_secret: Secret,
    /// Rules, as over REST. They are read when the server starts.
    pub rules: Vec<serde_json::Value>,
}

impl Default for Alerts {
    fn default() -> Self {
        Self {
            file: None,
            log: true,
            webhook_url: Secret::default(),
            webhook_secret: Secret::default(),
            rules: Vec::new(),
        }
    }
}
