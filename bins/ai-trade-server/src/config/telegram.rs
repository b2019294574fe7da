//! Telegram.

use alert_engine::render::Language;
use serde::Deserialize;

use super::{ConfigError, Secret};

/// The bot, and whom it serves.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Telegram {
    /// The bot's token; without one there is no bot.
    pub bot_token: Secret,
    /// The chats that are told and answered, separated by commas.
    pub chat_id: Secret,
    /// The language of chats that have not chosen another one.
    pub language: Language,
    /// Where Telegram reaches this server, to bring updates instead of being asked for them.
    pub webhook_url: String,
    /// Where the Bot API is, when it is not Telegram's own.
    pub api_url: String,
}

impl Telegram {
    /// The chats.
    ///
    /// # Errors
    /// When one is no number, or there is a token and no chat.
    pub fn chats(&self) -> Result<Vec<i64>, ConfigError> {
        let text = self.chat_id.get().unwrap_or_default();
        let parts = text.split(',').map(str::trim).filter(|it| !it.is_empty());
        let chats: Result<Vec<i64>, _> = parts.map(str::parse).collect();
        match chats {
            Ok(chats) if chats.is_empty() && self.bot_token.get().is_some() => {
                Err(ConfigError::Chats)
            }
            Ok(chats) => Ok(chats),
            Err(_) => Err(ConfigError::Chats),
        }
    }
}

impl Default for Telegram {
    fn default() -> Self {
        Self {
            bot_token: Secret::default(),
            chat_id: Secret::default(),
            language: Language::Korean,
            webhook_url: String::new(),
            api_url: "https://api.telegram.org".to_owned(),
        }
    }
}
