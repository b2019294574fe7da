//! Telegram's Bot API, within its limits, and without the token in what is said of failures.

mod failure;
mod setup;
mod turns;

use std::{
    collections::BTreeSet,
    fmt,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::Instant,
};

use reqwest_012::Url;
use teloxide_core::{
    Bot, RequestError,
    payloads::{
        AnswerCallbackQuerySetters, EditMessageReplyMarkupSetters, EditMessageTextSetters,
        GetUpdatesSetters, SendMessageSetters, SendPhotoSetters, SetMyCommandsSetters,
        SetWebhookSetters,
    },
    requests::Requester,
    types::{
        AllowedUpdate, BotCommand, BotCommandScope, CallbackQueryId, ChatId, InlineKeyboardButton,
        InlineKeyboardMarkup, InputFile, LinkPreviewOptions, MessageId, ParseMode, Recipient,
        Update,
    },
};
use tokio::time::sleep_until;
use tracing::{info, warn};

pub(crate) use self::failure::Failure;
pub use self::setup::BotError;
use self::{
    setup::{POLL_SECONDS, bots},
    turns::Turns,
};
use super::{
    Memory,
    html::{Html, UNITS_MAX, plain},
};
use crate::config::Secret;

/// How often an answer is sent that Telegram wants later.
const ATTEMPTS: u32 = 3;

/// How many messages an answer may become.
const PIECES_MAX: usize = 4;

/// What is put where the rest is left out.
const CUT: &str = "\n…";

/// How many updates Telegram may bring at the same time.
pub(super) const UPDATES_AT_ONCE: u8 = 8;

/// What is heard.
const KINDS: [AllowedUpdate; 2] = [AllowedUpdate::Message, AllowedUpdate::CallbackQuery];

/// The bot at Telegram.
pub(crate) struct Telegram {
    bot: Bot,
    /// The same with the patience that waiting for updates takes.
    poller: Bot,
    memory: Arc<Memory>,
    turns: Mutex<Turns>,
    /// The chats that did not take the last message.
    gone: Mutex<BTreeSet<i64>>,
    figures: Figures,
}

/// What has been counted.
#[derive(Debug, Default)]
pub(super) struct Figures {
    /// Messages that a chat did not take.
    pub(super) untaken: AtomicU64,
    /// Messages that Telegram did not take in their form.
    pub(super) refused: AtomicU64,
    /// How often Telegram wanted to be left alone.
    pub(super) limited: AtomicU64,
}

/// A button: what it says, and the command it stands for.
pub(crate) type Button = (String, String);

/// How long the command behind a button may be.
pub(crate) const DATA_BYTES_MAX: usize = 64;

impl Telegram {
    pub(crate) fn new(token: &str, api_url: &str, memory: Arc<Memory>) -> Result<Self, BotError> {
        let (bot, poller) = bots(token, api_url)?;
        Ok(Self {
            bot,
            poller,
            memory,
            turns: Mutex::new(Turns::new(Instant::now())),
            gone: Mutex::default(),
            figures: Figures::default(),
        })
    }

    /// Whether there can be a bot with this token.
    pub(crate) fn check(token: &str, api_url: &str) -> Result<(), BotError> {
        bots(token, api_url).map(drop)
    }

    pub(super) fn figures(&self) -> &Figures {
        &self.figures
    }

    /// How many chats did not take the last message.
    pub(super) fn gone(&self) -> usize {
        self.gone.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    /// What has been said to the bot from `offset` on; waits for it.
    pub(super) async fn updates(&self, offset: i32) -> Result<Vec<Update>, Failure> {
        let request =
            self.poller.get_updates().offset(offset).timeout(POLL_SECONDS).allowed_updates(KINDS);
        request.await.map_err(|it| self.failure(&it))
    }

    /// Tells Telegram that everything before `offset` has been dealt with.
    pub(super) async fn confirm(&self, offset: i32) -> Result<(), Failure> {
        let request = self.bot.get_updates().offset(offset).timeout(0).limit(1);
        request.await.map(drop).map_err(|it| self.failure(&it))
    }

    /// Asks Telegram to bring updates to `url` with this secret; without one, to be asked for
    /// them.
    pub(super) async fn bring(&self, place: Option<(&Url, &str)>) -> Result<(), Failure> {
        let done = match place {
            Some((url, secret)) => {
                let request = self.bot.set_webhook(url.clone()).secret_token(secret);
                request.allowed_updates(KINDS).max_connections(UPDATES_AT_ONCE).await
            }
            None => self.bot.delete_webhook().await,
        };
        done.map(drop).map_err(|it| self.failure(&it))
    }

    /// Sends a message once; what Telegram does not take as it is, such as what is too long, a
    /// second time as plain text.
    pub(crate) async fn send(
        &self,
        chat: i64,
        html: &str,
        silent: bool,
        buttons: &[Vec<Button>],
    ) -> Result<(), Failure> {
        let sent = self
            .turned(chat, |chat| async move {
                let request = self
                    .bot
                    .send_message(chat, html)
                    .parse_mode(ParseMode::Html)
                    .link_preview_options(no_preview())
                    .disable_notification(silent);
                match buttons {
                    [] => request.await.map(drop),
                    buttons => request.reply_markup(keyboard(buttons)).await.map(drop),
                }
            })
            .await;
        let Err(Failure::Refused(reason)) = sent else { return sent };
        warn!(%reason, "a message is sent again as plain text");
        let text = plain(html, UNITS_MAX);
        let text = text.as_str();
        self.turned(chat, |chat| async move {
            let request = self.bot.send_message(chat, text);
            let request = request.link_preview_options(no_preview()).disable_notification(silent);
            request.await.map(drop)
        })
        .await
    }

    /// Sends an answer, as several messages where it is long; a few times when Telegram wants
    /// it later.
    pub(super) async fn answer(
        &self,
        chat: i64,
        html: Html,
        buttons: &[Vec<Button>],
    ) -> Result<(), Failure> {
        let mut pieces = html.pieces(UNITS_MAX - CUT.len());
        let is_cut = pieces.len() > PIECES_MAX;
        pieces.truncate(PIECES_MAX);
        let Some(mut last) = pieces.pop() else { return Ok(()) };
        if is_cut {
            last = last.text(CUT);
        }
        for piece in &pieces {
            patiently(|| self.send(chat, piece.as_str(), false, &[])).await?;
        }
        patiently(|| self.send(chat, last.as_str(), false, buttons)).await
    }

    /// Sends a picture.
    pub(super) async fn picture(
        &self,
        chat: i64,
        png: &[u8],
        caption: &Html,
        buttons: &[Vec<Button>],
    ) -> Result<(), Failure> {
        patiently(|| {
            self.turned(chat, |chat| async move {
                let file = InputFile::memory(png.to_vec()).file_name("chart.png");
                let request = self
                    .bot
                    .send_photo(chat, file)
                    .caption(caption.as_str())
                    .parse_mode(ParseMode::Html)
                    .reply_markup(keyboard(buttons));
                request.await.map(drop)
            })
        })
        .await
    }

    /// Puts another text into a message of the bot; where that is not possible, or the text too
    /// long, it is sent as an answer.
    pub(super) async fn edit(
        &self,
        (chat, message): (i64, i32),
        html: Html,
        buttons: &[Vec<Button>],
    ) -> Result<(), Failure> {
        let text = html.as_str();
        let edited = patiently(|| {
            self.turned(chat, |chat| async move {
                let request = self
                    .bot
                    .edit_message_text(chat, MessageId(message), text)
                    .parse_mode(ParseMode::Html)
                    .link_preview_options(no_preview())
                    .reply_markup(keyboard(buttons));
                request.await.map(drop)
            })
        });
        match edited.await {
            Err(Failure::Refused(_)) => self.answer(chat, html, buttons).await,
            ended => ended,
        }
    }

    /// Takes the buttons from a message.
    pub(super) async fn without_buttons(&self, (chat, message): (i64, i32)) -> Result<(), Failure> {
        patiently(|| {
            self.turned(chat, |chat| async move {
                let none = InlineKeyboardMarkup::default();
                let request = self.bot.edit_message_reply_markup(chat, MessageId(message));
                request.reply_markup(none).await.map(drop)
            })
        })
        .await
    }

    /// Tells whoever tapped a button that something has come of it.
    pub(super) async fn tapped(&self, query: CallbackQueryId, text: &str) -> Result<(), Failure> {
        let answered = self.bot.answer_callback_query(query).text(text).await;
        answered.map(drop).map_err(|it| self.failure(&it))
    }

    /// Tells Telegram which commands to offer: to those whose app speaks `language`, to all
    /// others, or in one chat.
    pub(super) async fn offer(
        &self,
        commands: &[(&str, &str)],
        language: Option<&'static str>,
        chat: Option<i64>,
    ) -> Result<(), Failure> {
        let commands = commands.iter().map(|(name, text)| BotCommand::new(*name, *text));
        let mut request = self.bot.set_my_commands(commands);
        if let Some(language) = language {
            request = request.language_code(language);
        }
        if let Some(chat) = chat {
            let chat_id = Recipient::Id(ChatId(self.memory.address(chat)));
            request = request.scope(BotCommandScope::Chat { chat_id });
        }
        request.await.map(drop).map_err(|it| self.failure(&it))
    }

    /// A group has become a supergroup; it is told what to do about it.
    pub(super) async fn moved(&self, chat: i64, new: i64) {
        if self.memory.address(chat) == new {
            return;
        }
        if let Err(error) = self.memory.moved(chat, new).await {
            warn!(%error, "where a group has moved is forgotten at the next start");
        }
        warn!(
            chat = masked(chat),
            "a group of TELEGRAM_CHAT_ID has become a supergroup with another number, which it \
             has been told; it is served on, but put the new number into the configuration"
        );
        let text = self.memory.words(chat).moved(new);
        self.turn(new).await;
        if let Err(error) = self.bot.send_message(ChatId(new), text).await {
            let error = self.failure(&error);
            warn!(%error, "the supergroup could not be told its number");
        }
    }

    /// Does what may be done in a chat when it is its turn, wherever the chat is now.
    async fn turned<F: Future<Output = Result<(), RequestError>>>(
        &self,
        chat: i64,
        mut request: impl FnMut(ChatId) -> F,
    ) -> Result<(), Failure> {
        let mut address = self.memory.address(chat);
        self.turn(address).await;
        let mut ended = request(ChatId(address)).await.map_err(|it| self.failure(&it));
        if let Err(Failure::Moved(new)) = ended {
            self.moved(chat, new).await;
            address = new;
            self.turn(address).await;
            ended = request(ChatId(address)).await.map_err(|it| self.failure(&it));
        }
        self.note(chat, address, &ended);
        ended
    }

    /// Waits until Telegram's limits have room for a message to the chat.
    async fn turn(&self, address: i64) {
        loop {
            let due = self.turns().take(address, Instant::now());
            match due {
                Some(due) => sleep_until(due.into()).await,
                None => return,
            }
        }
    }

    /// What a request's end says of the chat.
    fn note(&self, chat: i64, address: i64, ended: &Result<(), Failure>) {
        let mut gone = self.gone.lock().unwrap_or_else(PoisonError::into_inner);
        match ended {
            Err(Failure::Limited(wait)) => {
                self.figures.limited.fetch_add(1, Relaxed);
                self.turns().pause(address, Instant::now() + *wait);
            }
            Err(Failure::Gone) => {
                self.figures.untaken.fetch_add(1, Relaxed);
                if gone.insert(chat) {
                    // Chats are known by their place in the configuration, not by number.
                    warn!(
                        "a chat of TELEGRAM_CHAT_ID takes no messages: was the bot blocked there, or removed?"
                    );
                }
            }
            Err(Failure::Refused(_)) => {
                self.figures.refused.fetch_add(1, Relaxed);
            }
            Ok(()) if gone.remove(&chat) => {
                info!(chat = masked(chat), "a chat takes messages again");
            }
            _ => {}
        }
    }

    fn failure(&self, error: &RequestError) -> Failure {
        Failure::of(error, self.bot.token())
    }

    fn turns(&self) -> MutexGuard<'_, Turns> {
        self.turns.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Tries again while Telegram wants to be left alone: the next attempt has to wait for its turn.
async fn patiently<F: Future<Output = Result<(), Failure>>>(
    mut attempt: impl FnMut() -> F,
) -> Result<(), Failure> {
    for left in (0..ATTEMPTS).rev() {
        match attempt().await {
            Err(Failure::Limited(_)) if left > 0 => {}
            Err(Failure::Unchanged) => return Ok(()),
            ended => return ended,
        }
    }
    Ok(())
}

/// A chat's number as secrets are shown.
fn masked(chat: i64) -> String {
    Secret::from(chat.to_string().as_str()).to_string()
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

impl fmt::Debug for Telegram {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Telegram").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use alert_engine::{Store, render::Language};

    use super::*;

    const TOKEN: &str = "123456789:AAErZZZ-secret_of_thirty_five_chars";

    #[tokio::test]
    async fn the_token_is_in_no_failure() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("alerts.redb"), Default::default()).unwrap();
        let memory = Arc::new(Memory::open(&Arc::new(store), Language::Korean).unwrap());
        // Nothing listens there.
        let telegram = Telegram::new(TOKEN, "http://127.0.0.1:1", memory).unwrap();
        let failures = [
            telegram.send(1, "x", false, &[]).await.unwrap_err(),
            telegram.updates(0).await.unwrap_err(),
        ];
        for failure in failures {
            let text = format!("{failure} {failure:?} {telegram:?}");
            assert!(!text.contains("secret") && !text.contains("127.0.0.1"), "{text}");
        }
        for (token, url) in
            [("secret", "http://x"), ("1:", "http://x"), (TOKEN, "secret"), (TOKEN, "ftp://secret")]
        {
            let error = Telegram::check(token, url).unwrap_err();
            assert!(!format!("{error} {error:?}").contains("secret"), "{error}");
        }
    }
}
