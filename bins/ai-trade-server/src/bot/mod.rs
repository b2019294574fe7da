//! The Telegram bot: it answers the configured chats, and nobody else.

mod account;
mod answer;
mod chart;
mod command;
mod html;
mod market;
mod mutes;
mod telegram;
mod words;

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::Duration,
};

use futures_util::future::join_all;
use teloxide_core::types::{CallbackQueryId, Update, UpdateKind};
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;
use tracing::{debug, info, warn};

pub use self::telegram::BotError;
use self::{
    answer::Answer,
    command::{Command, Misunderstood},
};
pub(crate) use self::{
    mutes::Mutes,
    telegram::{Button, Failure, Telegram},
    words::Words,
};
use crate::{metrics::Exposition, server::App};

/// How long an answer may take.
const ANSWER_MAX: Duration = Duration::from_secs(60);

/// The longest wait after updates could not be fetched.
const RETRY_MAX: Duration = Duration::from_secs(60);

/// The bot.
#[derive(Debug)]
pub(crate) struct Bot {
    app: Arc<App>,
    telegram: Arc<Telegram>,
    mutes: Arc<Mutes>,
    words: Words,
    counts: Counts,
}

#[derive(Debug, Default)]
struct Counts {
    answers: AtomicU64,
    strangers: AtomicU64,
    failures: AtomicU64,
}

/// Where something was said to the bot.
#[derive(Debug, Clone, Copy)]
struct Place {
    chat: i64,
    message: i32,
}

impl Bot {
    /// The bot as `app` has it configured.
    pub(crate) fn new(app: Arc<App>, telegram: Arc<Telegram>, mutes: Arc<Mutes>) -> Arc<Self> {
        let words = Words(app.config.telegram.language);
        let bot = Arc::new(Self { app, telegram, mutes, words, counts: Counts::default() });
        let shown = Arc::clone(&bot);
        bot.app.sources.add(Box::new(move |out| shown.counts.collect(out)));
        bot
    }

    /// Answers until `stop`.
    pub(crate) async fn run(self: Arc<Self>, stop: CancellationToken) {
        stop.run_until_cancelled(self.answer_all()).await;
    }

    async fn answer_all(&self) {
        if let Err(error) = self.telegram.offer(&self.words.commands()).await {
            warn!(%error, "the bot's commands are not offered");
        }
        let (mut offset, mut failures) = (0, 0_u32);
        loop {
            match self.telegram.updates(offset).await {
                Ok(updates) => {
                    if std::mem::take(&mut failures) > 0 {
                        info!("the bot is connected again");
                    }
                    // Telegram keeps what has not been confirmed with a higher offset, so a
                    // command that came before the end of the server is answered by the next.
                    let next = updates.iter().map(|it| it.id.0).max();
                    let mut handled = Vec::with_capacity(updates.len());
                    for update in updates {
                        handled.push(self.handle(update));
                    }
                    join_all(handled).await;
                    if let Some(next) = next {
                        offset = i32::try_from(next).unwrap_or(i32::MAX).saturating_add(1);
                    }
                }
                Err(error) => {
                    self.counts.failures.fetch_add(1, Relaxed);
                    warn!(%error, "the bot hears nothing");
                    let wait = match error {
                        Failure::Limited(wait) => wait,
                        _ => Duration::from_secs(1 << failures.min(6)).min(RETRY_MAX),
                    };
                    failures += 1;
                    sleep(wait).await;
                }
            }
        }
    }

    async fn handle(&self, update: Update) {
        let (place, text, tap) = match update.kind {
            UpdateKind::Message(message) => {
                let place = Place { chat: message.chat.id.0, message: message.id.0 };
                (place, message.text().map(str::to_owned), None)
            }
            UpdateKind::CallbackQuery(query) => {
                let Some(message) = &query.message else { return };
                let place = Place { chat: message.chat().id.0, message: message.id().0 };
                (place, query.data, Some(query.id))
            }
            _ => return,
        };
        if !self.app.alerts.recipients().chats.contains(&place.chat) {
            self.counts.strangers.fetch_add(1, Relaxed);
            debug!("somebody else wrote to the bot");
            return;
        }
        let Some(command) = text.as_deref().and_then(Command::read) else { return };
        let answered = timeout(ANSWER_MAX, self.respond(place, command, tap)).await;
        match answered {
            Ok(Ok(())) => {
                self.counts.answers.fetch_add(1, Relaxed);
            }
            Ok(Err(error)) => {
                self.counts.failures.fetch_add(1, Relaxed);
                warn!(%error, "an answer of the bot was not sent");
            }
            Err(_) => {
                self.counts.failures.fetch_add(1, Relaxed);
                warn!("an answer of the bot took too long");
            }
        }
    }

    async fn respond(
        &self,
        place: Place,
        command: Result<Command, Misunderstood>,
        tap: Option<CallbackQueryId>,
    ) -> Result<(), Failure> {
        let answer = match command {
            Ok(command) => self.answer(place, command, tap.is_some()).await,
            Err(wrong) => self.words.misunderstood(&wrong).into(),
        };
        let Answer { html, buttons, picture, note, in_place } = answer;
        let message = (place.chat, place.message);
        if let Some(query) = tap {
            // A tap that is not answered in time is none of our troubles.
            let _ = self.telegram.tapped(query, note.unwrap_or_default()).await;
            match (html, picture) {
                (None, _) => return self.telegram.without_buttons(message).await,
                (Some(html), None) if in_place => {
                    return self.telegram.edit(message, &html, &buttons).await;
                }
                (html, picture) => return self.tell(place.chat, html, picture, &buttons).await,
            }
        }
        self.tell(place.chat, html, picture, &buttons).await
    }

    async fn tell(
        &self,
        chat: i64,
        html: Option<html::Html>,
        picture: Option<Vec<u8>>,
        buttons: &[Vec<Button>],
    ) -> Result<(), Failure> {
        let html = html.unwrap_or_default();
        match picture {
            Some(png) => self.telegram.picture(chat, &png, &html, buttons).await,
            None => self.telegram.answer(chat, &html, buttons).await,
        }
    }
}

impl Counts {
    fn collect(&self, out: &mut Exposition) {
        let count = |it: &AtomicU64| it.load(Relaxed);
        out.counter("relay_bot_answers_total", "Answers of the bot.", count(&self.answers));
        let help = "Messages to the bot from chats that are not configured; they get no answer.";
        out.counter("relay_bot_strangers_total", help, count(&self.strangers));
        let help = "Updates that were not fetched and answers that were not sent.";
        out.counter("relay_bot_failures_total", help, count(&self.failures));
    }
}
