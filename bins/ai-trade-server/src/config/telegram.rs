//! Notifications.

use serde::Deserialize;

use super::Secret;

/// Notifications.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Telegram {
    /// The bot's token.
    pub bot_token: Secret,
    /// The chat to write to.
    pub chat_id: Secret,
}
