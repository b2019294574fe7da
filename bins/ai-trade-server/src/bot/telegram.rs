//! Telegram's Bot API, within its limits, and without the token in what is said of failures.

use std::{
    collections::{BTreeMap, VecDeque},
    fmt,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use alert_engine::delivery::Pace;
use reqwest_012 as http;
use rustls_platform_verifier::ConfigVerifierExt;
use teloxide_core::{
    ApiError, Bot, RequestError,
    payloads::{
        AnswerCallbackQuerySetters, EditMessageReplyMarkupSetters, EditMessageTextSetters,
        GetUpdatesSetters, SendMessageSetters, SendPhotoSetters,
    },
    requests::Requester,
    types::{
        AllowedUpdate, BotCommand, CallbackQueryId, ChatId, InlineKeyboardButton,
        InlineKeyboardMarkup, InputFile, LinkPreviewOptions, MessageId, ParseMode, Update,
    },
};
use tokio::time::{sleep, sleep_until};
use tokio_rustls::rustls::ClientConfig;

use super::html::Html;

/// How long a request may take.
const TIMEOUT: Duration = Duration::from_secs(20);

/// For how long Telegram holds a question for updates, in seconds.
const POLL_SECONDS: u32 = 25;

/// How often an answer is sent that Telegram wants later.
const ATTEMPTS: u32 = 3;

/// The bot at Telegram.
pub(crate) struct Telegram {
    bot: Bot,
    /// The same with the patience that waiting for updates takes.
    poller: Bot,
    turns: Mutex<Turns>,
}

/// A bot that cannot be set up.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BotError {
    /// The address is none.
    #[error("TELEGRAM__API_URL is not a URL; write it as https://host")]
    Url,
    /// The token cannot be one.
    #[error("TELEGRAM_BOT_TOKEN must be what BotFather gives, as in 123456:ABC-DEF")]
    Token,
    /// There is no way to speak HTTPS.
    #[error("the bot cannot speak HTTPS: the system offers no TLS roots to trust")]
    Tls,
}

/// What did not work. It never quotes what was sent, whose address holds the token.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Failure {
    #[error("Telegram wants to be left alone for {} s", .0.as_secs())]
    Limited(Duration),
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

/// A button: what it says, and the command it stands for.
pub(crate) type Button = (String, String);

impl Telegram {
    pub(crate) fn new(token: &str, api_url: &str) -> Result<Self, BotError> {
        let is_token = token.split_once(':').is_some_and(|(id, secret)| {
            let fits = |it: u8| it.is_ascii_alphanumeric() || b"-_".contains(&it);
            !id.is_empty() && id.bytes().all(|it| it.is_ascii_digit()) && secret.bytes().all(fits)
        });
        if !is_token {
            return Err(BotError::Token);
        }
        let url: http::Url = api_url.parse().map_err(|_| BotError::Url)?;
        if !matches!(url.scheme(), "https" | "http") {
            return Err(BotError::Url);
        }
        let bot = |timeout| {
            let tls = ClientConfig::with_platform_verifier().map_err(|_| BotError::Tls)?;
            let client = http::Client::builder()
                .use_preconfigured_tls(tls)
                // A redirect would show the token to somebody else.
                .redirect(http::redirect::Policy::none())
                .timeout(timeout)
                .build()
                .map_err(|_| BotError::Tls)?;
            Ok(Bot::with_client(token, client).set_api_url(url.clone()))
        };
        let patience = TIMEOUT + Duration::from_secs(POLL_SECONDS.into());
        Ok(Self { bot: bot(TIMEOUT)?, poller: bot(patience)?, turns: Mutex::default() })
    }

    /// What has been said to the bot from `offset` on; waits for it.
    pub(super) async fn updates(&self, offset: i32) -> Result<Vec<Update>, Failure> {
        let kinds = [AllowedUpdate::Message, AllowedUpdate::CallbackQuery];
        let request =
            self.poller.get_updates().offset(offset).timeout(POLL_SECONDS).allowed_updates(kinds);
        request.await.map_err(|it| failure(&it))
    }

    /// Sends a message once.
    pub(crate) async fn send(
        &self,
        chat: i64,
        html: &str,
        silent: bool,
        buttons: &[Vec<Button>],
    ) -> Result<(), Failure> {
        self.turn(chat).await;
        let request = self
            .bot
            .send_message(ChatId(chat), html)
            .parse_mode(ParseMode::Html)
            .link_preview_options(no_preview())
            .disable_notification(silent);
        let sent = match buttons {
            [] => request.await,
            buttons => request.reply_markup(keyboard(buttons)).await,
        };
        self.noted(sent.map(drop))
    }

    /// Sends an answer; a few times when Telegram wants it later.
    pub(super) async fn answer(
        &self,
        chat: i64,
        html: &Html,
        buttons: &[Vec<Button>],
    ) -> Result<(), Failure> {
        patiently(move || self.send(chat, html.as_str(), false, buttons)).await
    }

    /// Sends a picture.
    pub(super) async fn picture(
        &self,
        chat: i64,
        png: &[u8],
        caption: &Html,
        buttons: &[Vec<Button>],
    ) -> Result<(), Failure> {
        patiently(move || async move {
            self.turn(chat).await;
            let file = InputFile::memory(png.to_vec()).file_name("chart.png");
            let request = self
                .bot
                .send_photo(ChatId(chat), file)
                .caption(caption.as_str())
                .parse_mode(ParseMode::Html)
                .reply_markup(keyboard(buttons));
            self.noted(request.await.map(drop))
        })
        .await
    }

    /// Puts another text into a message of the bot.
    pub(super) async fn edit(
        &self,
        (chat, message): (i64, i32),
        html: &Html,
        buttons: &[Vec<Button>],
    ) -> Result<(), Failure> {
        patiently(move || async move {
            self.turn(chat).await;
            let request = self
                .bot
                .edit_message_text(ChatId(chat), MessageId(message), html.as_str())
                .parse_mode(ParseMode::Html)
                .link_preview_options(no_preview())
                .reply_markup(keyboard(buttons));
            self.noted(request.await.map(drop))
        })
        .await
    }

    /// Takes the buttons from a message.
    pub(super) async fn without_buttons(&self, (chat, message): (i64, i32)) -> Result<(), Failure> {
        self.turn(chat).await;
        let none = InlineKeyboardMarkup::default();
        let request =
            self.bot.edit_message_reply_markup(ChatId(chat), MessageId(message)).reply_markup(none);
        self.noted(request.await.map(drop))
    }

    /// Tells whoever tapped a button that something has come of it.
    pub(super) async fn tapped(&self, query: CallbackQueryId, text: &str) -> Result<(), Failure> {
        self.noted(self.bot.answer_callback_query(query).text(text).await.map(drop))
    }

    /// Tells Telegram which commands to offer.
    pub(super) async fn offer(&self, commands: &[(&str, &str)]) -> Result<(), Failure> {
        let commands = commands.iter().map(|(name, text)| BotCommand::new(*name, *text));
        self.noted(self.bot.set_my_commands(commands).await.map(drop))
    }

    /// Waits until Telegram's limits have room for a message to the chat.
    async fn turn(&self, chat: i64) {
        loop {
            let due = self.turns().take(chat, Instant::now());
            match due {
                Some(due) => sleep_until(due.into()).await,
                None => return,
            }
        }
    }

    /// A request's end; everybody waits when Telegram says so.
    fn noted(&self, result: Result<(), RequestError>) -> Result<(), Failure> {
        let result = result.map_err(|it| failure(&it));
        if let Err(Failure::Limited(wait)) = result {
            self.turns().paused = Some(Instant::now() + wait);
        }
        result
    }

    fn turns(&self) -> std::sync::MutexGuard<'_, Turns> {
        self.turns.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn patiently<F: Future<Output = Result<(), Failure>>>(
    mut attempt: impl FnMut() -> F,
) -> Result<(), Failure> {
    for left in (0..ATTEMPTS).rev() {
        match attempt().await {
            Err(Failure::Limited(wait)) if left > 0 => sleep(wait).await,
            Err(Failure::Unchanged) => return Ok(()),
            ended => return ended,
        }
    }
    Ok(())
}

/// When what was sent: answers and notifications share Telegram's limits.
#[derive(Debug, Default)]
struct Turns {
    chats: BTreeMap<i64, Instant>,
    sent: VecDeque<Instant>,
    paused: Option<Instant>,
}

impl Turns {
    /// Takes a turn at `now`, or says when there may be one.
    fn take(&mut self, chat: i64, now: Instant) -> Option<Instant> {
        let second = Duration::from_secs(1);
        let Pace { per_second, interval, .. } = Pace::TELEGRAM;
        while self.sent.front().is_some_and(|it| *it + second <= now) {
            self.sent.pop_front();
        }
        let crowded = self.sent.len().checked_sub(per_second);
        let free = crowded.and_then(|at| self.sent.get(at)).map(|it| *it + second);
        let own = self.chats.get(&chat).map(|it| *it + interval);
        let due = [free, own, self.paused].into_iter().flatten().max().filter(|it| *it > now);
        if due.is_none() {
            self.sent.push_back(now);
            self.chats.insert(chat, now);
        }
        due
    }
}

fn keyboard(buttons: &[Vec<Button>]) -> InlineKeyboardMarkup {
    let row = |row: &Vec<Button>| {
        let button = |(text, data): &Button| InlineKeyboardButton::callback(text, data);
        row.iter().map(button).collect::<Vec<_>>()
    };
    InlineKeyboardMarkup::new(buttons.iter().map(row))
}

fn no_preview() -> LinkPreviewOptions {
    LinkPreviewOptions {
        is_disabled: true,
        url: None,
        prefer_small_media: false,
        prefer_large_media: false,
        show_above_text: false,
    }
}

/// What an error means. Only what Telegram itself says is repeated: transport errors hold the
/// address, and with it the token, and answers that cannot be read may hold anything.
fn failure(error: &RequestError) -> Failure {
    match error {
        RequestError::RetryAfter(wait) => Failure::Limited(wait.duration()),
        RequestError::MigrateToChatId(_) => Failure::Gone,
        RequestError::Api(error) => match error {
            ApiError::BotBlocked
            | ApiError::ChatNotFound
            | ApiError::UserDeactivated
            | ApiError::GroupDeactivated
            | ApiError::BotKicked
            | ApiError::BotKickedFromSupergroup
            | ApiError::BotKickedFromChannel
            | ApiError::CantInitiateConversation
            | ApiError::CantTalkWithBots => Failure::Gone,
            ApiError::InvalidToken => Failure::Token,
            ApiError::TerminatedByOtherGetUpdates | ApiError::CantGetUpdates => Failure::Elsewhere,
            ApiError::MessageNotModified => Failure::Unchanged,
            ApiError::Unknown(text) if is_fault(text) => Failure::Unreachable("it has a fault"),
            error => Failure::Refused(error.to_string()),
        },
        RequestError::Network(error) if error.is_timeout() => {
            Failure::Unreachable("it did not answer in time")
        }
        RequestError::Network(error) if error.is_connect() => Failure::Unreachable("no connection"),
        RequestError::Network(_) => Failure::Unreachable("the connection broke"),
        RequestError::InvalidJson { .. } => Failure::Unreachable("its answer cannot be read"),
        RequestError::Io(_) => Failure::Unreachable("the picture could not be sent"),
    }
}

/// Whether a description is of a fault of Telegram's own, for which there is no kind of error.
fn is_fault(description: &str) -> bool {
    ["Internal Server Error", "Bad Gateway", "Gateway Timeout", "Service Unavailable"]
        .iter()
        .any(|it| description.contains(it))
}

impl fmt::Debug for Telegram {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Telegram").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOKEN: &str = "123456789:AAErZZZ-secret_of_thirty_five_chars";

    #[tokio::test]
    async fn the_token_is_in_no_failure() {
        // Nothing listens there.
        let telegram = Telegram::new(TOKEN, "http://127.0.0.1:1").unwrap();
        let failures = [
            telegram.send(1, "x", false, &[]).await.unwrap_err(),
            telegram.updates(0).await.unwrap_err(),
        ];
        for failure in failures {
            let text = format!("{failure} {failure:?} {telegram:?}");
            assert!(!text.contains("secret") && !text.contains("127.0.0.1"), "{text}");
        }
        for (token, url) in [("secret", "http://x"), (TOKEN, "secret"), (TOKEN, "ftp://secret")] {
            let error = Telegram::new(token, url).unwrap_err();
            assert!(!format!("{error} {error:?}").contains("secret"), "{error}");
        }
    }

    #[test]
    fn turns() {
        let (now, second) = (Instant::now(), Duration::from_secs(1));
        let mut turns = Turns::default();
        assert_eq!(turns.take(1, now), None);
        assert_eq!(turns.take(1, now), Some(now + second), "one a second to a chat");
        for chat in 2..=30 {
            assert_eq!(turns.take(chat, now), None);
        }
        assert_eq!(turns.take(31, now), Some(now + second), "thirty to all");
        assert_eq!(turns.take(31, now + second), None);
        turns.paused = Some(now + 9 * second);
        assert_eq!(turns.take(32, now + second), Some(now + 9 * second));
    }
}
