//! What Telegram's refusals and the network's faults mean.

use std::time::Duration;

use teloxide_core::{ApiError, RequestError};

/// How much of what Telegram says is repeated.
const SAID_MAX: usize = 200;

/// What did not work. It never quotes what was sent, whose address holds the token.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Failure {
    #[error("Telegram wants to be left alone for {} s", .0.as_secs())]
    Limited(Duration),
    /// The chat has another number.
    #[error("the group has become a supergroup")]
    Moved(i64),
    #[error("the chat does not take messages of the bot: it was blocked, or is not there")]
    Gone,
    #[error("Telegram does not know the bot; is TELEGRAM_BOT_TOKEN right?")]
    Token,
    #[error("another program asks for the updates of this bot; give each a bot of its own")]
    Elsewhere,
    #[error("nothing has changed")]
    Unchanged,
    #[error("Telegram refused: {0}")]
    Refused(String),
    #[error("Telegram was not reached: {0}")]
    Unreachable(&'static str),
}

impl Failure {
    /// What an error means. Only what Telegram itself says is repeated, and not if it has the
    /// token in it: transport errors hold the address, and with it the token, and answers that
    /// cannot be read may hold anything.
    pub(super) fn of(error: &RequestError, token: &str) -> Self {
        match error {
            RequestError::RetryAfter(wait) => Self::Limited(wait.duration()),
            RequestError::MigrateToChatId(new) => Self::Moved(new.0),
            RequestError::Api(error) => Self::of_api(error, token),
            RequestError::Network(error) if error.is_timeout() => {
                Self::Unreachable("it did not answer in time")
            }
            RequestError::Network(error) if error.is_connect() => {
                Self::Unreachable("no connection")
            }
            RequestError::Network(_) => Self::Unreachable("the connection broke"),
            RequestError::InvalidJson { .. } => Self::Unreachable("its answer cannot be read"),
            RequestError::Io(_) => Self::Unreachable("the picture could not be sent"),
        }
    }

    fn of_api(error: &ApiError, token: &str) -> Self {
        match error {
            ApiError::BotBlocked
            | ApiError::ChatNotFound
            | ApiError::UserDeactivated
            | ApiError::GroupDeactivated
            | ApiError::BotKicked
            | ApiError::BotKickedFromSupergroup
            | ApiError::BotKickedFromChannel
            | ApiError::NotEnoughRightsToPostMessages
            | ApiError::CantInitiateConversation
            | ApiError::CantTalkWithBots => Self::Gone,
            ApiError::InvalidToken => Self::Token,
            ApiError::TerminatedByOtherGetUpdates | ApiError::CantGetUpdates => Self::Elsewhere,
            ApiError::MessageNotModified => Self::Unchanged,
            // The library knows some texts by heart, of which there are new ones every year.
            ApiError::Unknown(text) => Self::of_text(text, token),
            error => Self::Refused(said(&error.to_string(), token)),
        }
    }

    fn of_text(text: &str, token: &str) -> Self {
        const OF_THE_CHAT: [&str; 6] = [
            "CHAT_WRITE_FORBIDDEN",
            "CHAT_RESTRICTED",
            "PEER_ID_INVALID",
            "have no rights to send",
            "not enough rights to send",
            "group chat was d",
        ];
        let (kind, reason) = text.split_once(':').unwrap_or((text, ""));
        match kind {
            "Forbidden" => Self::Gone,
            "Conflict" => Self::Elsewhere,
            "Too Many Requests" => {
                let seconds = reason.rsplit(' ').next().and_then(|it| it.parse().ok());
                Self::Limited(Duration::from_secs(seconds.unwrap_or(1)))
            }
            "Bad Request" if OF_THE_CHAT.iter().any(|it| reason.contains(it)) => Self::Gone,
            "Bad Request" if reason.contains("message is not modified") => Self::Unchanged,
            "Bad Request" => Self::Refused(said(text, token)),
            // A fault of Telegram's own, or of what is in between.
            _ => Self::Unreachable("it has a fault"),
        }
    }
}

/// What Telegram says, as far as it is fit to be repeated.
fn said(text: &str, token: &str) -> String {
    let secret = token.split_once(':').map_or(token, |it| it.1);
    if !secret.is_empty() && text.contains(secret) {
        return "its answer holds the token".to_owned();
    }
    text.chars().filter(|it| !it.is_control()).take(SAID_MAX).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOKEN: &str = "123456789:AAErZZZ-secret_of_thirty_five_chars";

    #[track_caller]
    fn check(text: &str, expected: &Failure) {
        // As the library reads it.
        let error: ApiError = serde_json::from_value(text.into()).unwrap();
        assert_eq!(&Failure::of(&RequestError::Api(error), TOKEN), expected, "{text}");
    }

    #[test]
    fn meanings() {
        for text in [
            "Forbidden: bot was blocked by the user",
            "Forbidden: bot was kicked from the group chat",
            "Forbidden: bot is not a member of the supergroup chat",
            "Forbidden: the group chat was deleted",
            "Bad Request: chat not found",
            "Bad Request: not enough rights to send text messages to the chat",
            "Bad Request: CHAT_WRITE_FORBIDDEN",
        ] {
            check(text, &Failure::Gone);
        }
        let webhook = "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first";
        check(webhook, &Failure::Elsewhere);
        check("Unauthorized", &Failure::Token);
        check("Internal Server Error", &Failure::Unreachable("it has a fault"));
        let limited = Failure::Limited(Duration::from_secs(17));
        check("Too Many Requests: retry after 17", &limited);
        let refused = |it: &str| Failure::Refused(it.to_owned());
        check("Bad Request: message is too long", &refused("Bad Request: message is too long"));
        let entities = "Bad Request: can't parse entities: unclosed tag";
        check(entities, &refused(entities));
        check("Bad Request: a\nb", &refused("Bad Request: ab"));
    }

    #[test]
    fn a_text_with_the_token_is_not_repeated() {
        let url = format!("Bad Request: no /bot{TOKEN}/SendMessage");
        check(&url, &Failure::Refused("its answer holds the token".to_owned()));
        let encoded = url.replace(':', "%3A").replacen("%3A", ":", 1);
        check(&encoded, &Failure::Refused("its answer holds the token".to_owned()));
    }
}
