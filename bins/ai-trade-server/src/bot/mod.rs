//! The Telegram bot: it answers the configured chats, and nobody else.

mod account;
mod alerts;
mod answer;
mod chart;
mod command;
mod html;
mod market;
mod memory;
mod telegram;
mod webhook;
mod words;

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::Duration,
};

use futures_util::{StreamExt, future::join_all, stream::FuturesUnordered};
use teloxide_core::types::{CallbackQueryId, Update, UpdateKind};
use tokio::{
    sync::mpsc,
    time::{sleep, timeout},
};
use tokio_util::sync::CancellationToken;
use tracing::{debug, info, warn};

pub use self::telegram::BotError;
use self::{
    answer::Answer,
    command::{Command, Misunderstood},
};
pub(crate) use self::{
    memory::{Memory, moves},
    telegram::{Button, DATA_BYTES_MAX, Failure, Telegram},
    webhook::{Brought, Webhook, receive},
    words::Words,
};
use crate::{config, metrics::Exposition, server::App};

/// How long an answer may take.
const ANSWER_MAX: Duration = Duration::from_secs(60);

/// The longest wait after updates could not be fetched.
const RETRY_MAX: Duration = Duration::from_secs(60);

/// Whether there can be the bot that is configured; where there is a token.
pub(crate) fn check(config: &config::Telegram) -> Result<(), BotError> {
    let Some(token) = config.bot_token.get() else { return Ok(()) };
    Telegram::check(token, &config.api_url)?;
    webhook(config).map(drop)
}

/// Where updates are brought to, when they are, and what comes out of it.
pub(crate) fn webhook(
    config: &config::Telegram,
) -> Result<Option<(Webhook, mpsc::Receiver<Brought>)>, BotError> {
    match (config.bot_token.get(), config.webhook_url.as_str()) {
        (Some(token), base) if !base.is_empty() => Webhook::new(token, base).map(Some),
        _ => Ok(None),
    }
}

/// The bot.
#[derive(Debug)]
pub(crate) struct Bot {
    app: Arc<App>,
    telegram: Arc<Telegram>,
    memory: Arc<Memory>,
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
    /// The chat, by the number under which it is configured.
    chat: i64,
    message: i32,
}

/// A button that somebody has tapped.
#[derive(Debug)]
struct Tap {
    query: CallbackQueryId,
    /// Whether it is below a text, which another text can be put into.
    below_text: bool,
}

/// What an answer needs: all there is, and who is answered in which language.
#[derive(Debug)]
struct Conversation<'a> {
    app: &'a App,
    telegram: &'a Telegram,
    memory: &'a Memory,
    words: Words,
    place: Place,
}

impl Bot {
    /// The bot as `app` has it configured.
    pub(crate) fn new(app: Arc<App>, telegram: Arc<Telegram>, memory: Arc<Memory>) -> Arc<Self> {
        let bot = Arc::new(Self { app, telegram, memory, counts: Counts::default() });
        let shown = Arc::clone(&bot);
        bot.app.sources.add(Box::new(move |out| shown.collect(out)));
        bot
    }

    /// Answers what is `brought`, else what it asks Telegram for, until `stop`; what is being
    /// answered then is answered yet.
    pub(crate) async fn run(
        self: Arc<Self>,
        brought: Option<mpsc::Receiver<Brought>>,
        stop: CancellationToken,
    ) {
        let prepare = stop.run_until_cancelled(self.prepare());
        match brought {
            Some(brought) => {
                tokio::join!(prepare, self.answer_brought(brought, &stop));
            }
            None if prepare.await.is_some() => self.answer_asked_for(&stop).await,
            None => {}
        }
    }

    /// Tells Telegram how updates get here, and which commands to offer.
    async fn prepare(&self) {
        let place = self.app.webhook.as_ref().map(Webhook::place);
        let mut failures = 0;
        while let Err(error) = self.telegram.bring(place).await {
            self.wait_after(&error, &mut failures).await;
        }
        let languages = [None, Some("ko"), Some("en")];
        for language in languages {
            let words = match language {
                Some(code) => Words(code.parse().unwrap_or_default()),
                None => Words(self.app.config.telegram.language),
            };
            if let Err(error) = self.telegram.offer(&words.commands(), language, None).await {
                warn!(%error, "the bot's commands are not offered");
            }
        }
    }

    async fn answer_asked_for(&self, stop: &CancellationToken) {
        // Telegram keeps what has not been confirmed with a higher offset, so a command that
        // came before the end of the server is answered by the next.
        let (mut offset, mut confirmed, mut failures) = (0, true, 0);
        while let Some(fetched) = stop.run_until_cancelled(self.telegram.updates(offset)).await {
            match fetched {
                Ok(updates) => {
                    if std::mem::take(&mut failures) > 0 {
                        info!("the bot is connected again");
                    }
                    confirmed = updates.is_empty();
                    if let Some(next) = updates.iter().map(|it| it.id.0).max() {
                        offset = i32::try_from(next).unwrap_or(i32::MAX).saturating_add(1);
                    }
                    join_all(updates.into_iter().map(|it| self.handle(it))).await;
                }
                Err(error) => {
                    stop.run_until_cancelled(self.wait_after(&error, &mut failures)).await;
                }
            }
        }
        // What has been answered is not to be answered again by the next server.
        if !confirmed && let Err(error) = self.telegram.confirm(offset).await {
            warn!(%error, "the last commands may be answered again");
        }
    }

    async fn answer_brought(&self, mut brought: mpsc::Receiver<Brought>, stop: &CancellationToken) {
        let mut answers = FuturesUnordered::new();
        loop {
            tokio::select! {
                Some(Brought { update, dealt_with }) = brought.recv() => {
                    answers.push(async move {
                        self.handle(update).await;
                        // Whoever has brought it may not have waited.
                        let _ = dealt_with.send(());
                    });
                }
                Some(()) = answers.next() => {}
                () = stop.cancelled() => break,
            }
        }
        // Others are brought again.
        drop(brought);
        while answers.next().await.is_some() {}
    }

    async fn wait_after(&self, error: &Failure, failures: &mut u32) {
        self.counts.failures.fetch_add(1, Relaxed);
        warn!(%error, "the bot hears nothing");
        let wait = match error {
            Failure::Limited(wait) => *wait,
            _ => Duration::from_secs(1 << (*failures).min(6)).min(RETRY_MAX),
        };
        *failures += 1;
        sleep(wait).await;
    }

    async fn handle(&self, update: Update) {
        let (chat, message, text, tap) = match update.kind {
            UpdateKind::Message(message) => {
                let text = message.text().map(str::to_owned);
                if let Some(new) = message.migrate_to_chat_id()
                    && self.serves(message.chat.id.0)
                {
                    self.telegram.moved(message.chat.id.0, new.0).await;
                }
                (message.chat.id.0, message.id.0, text, None)
            }
            UpdateKind::CallbackQuery(query) => {
                let Some(message) = &query.message else { return };
                let below_text = message.regular_message().is_some_and(|it| it.text().is_some());
                let (chat, id) = (message.chat().id.0, message.id().0);
                (chat, id, query.data, Some(Tap { query: query.id, below_text }))
            }
            _ => return,
        };
        // A group that has become a supergroup may be configured by either number.
        let former = self.memory.former(chat).filter(|_| !self.serves(chat));
        let chat = former.unwrap_or(chat);
        if !self.serves(chat) {
            self.counts.strangers.fetch_add(1, Relaxed);
            debug!("somebody else wrote to the bot");
            return;
        }
        let Some(command) = text.as_deref().and_then(Command::read) else { return };
        let place = Place { chat, message };
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

    fn serves(&self, chat: i64) -> bool {
        self.app.alerts.recipients().chats.contains(&chat)
    }

    async fn respond(
        &self,
        place: Place,
        command: Result<Command, Misunderstood>,
        tap: Option<Tap>,
    ) -> Result<(), Failure> {
        let words = self.memory.words(place.chat);
        let (telegram, memory) = (&*self.telegram, &*self.memory);
        let conversation = Conversation { app: &self.app, telegram, memory, words, place };
        let answer = match command {
            Ok(command) => conversation.answer(command, tap.is_some()).await,
            Err(wrong) => words.misunderstood(&wrong).into(),
        };
        let Answer { html, buttons, picture, note, in_place } = answer;
        let message = (place.chat, place.message);
        if let Some(Tap { query, below_text }) = tap {
            // A tap that is not answered in time is none of our troubles.
            let _ = self.telegram.tapped(query, note.unwrap_or_default()).await;
            match (html, picture) {
                (None, _) => return self.telegram.without_buttons(message).await,
                (Some(html), None) if in_place && below_text => {
                    return self.telegram.edit(message, html, &buttons).await;
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
            None => self.telegram.answer(chat, html, buttons).await,
        }
    }
}

impl Bot {
    fn collect(&self, out: &mut Exposition) {
        let count = |it: &AtomicU64| it.load(Relaxed);
        let (counts, figures) = (&self.counts, self.telegram.figures());
        out.counter("relay_bot_answers_total", "Answers of the bot.", count(&counts.answers));
        let help = "Messages to the bot from chats that are not configured; they get no answer.";
        out.counter("relay_bot_strangers_total", help, count(&counts.strangers));
        let help = "Updates that were not fetched and answers that were not sent.";
        out.counter("relay_bot_failures_total", help, count(&counts.failures));
        let help = "Messages that a chat did not take: the bot was blocked or removed there.";
        out.counter("relay_bot_untaken_total", help, count(&figures.untaken));
        let help =
            "Messages that Telegram did not take in their form; they are sent as plain text.";
        out.counter("relay_bot_refused_total", help, count(&figures.refused));
        let help = "How often Telegram wanted the bot to wait (429).";
        out.counter("relay_bot_limited_total", help, count(&figures.limited));
        let gone = u32::try_from(self.telegram.gone()).unwrap_or(u32::MAX);
        let help = "Configured chats that did not take the last message.";
        out.gauge("relay_bot_chats_gone", help, gone.into());
        if let Some(webhook) = &self.app.webhook {
            let help = "Requests to the bot's webhook that did not show its secret.";
            out.counter("relay_bot_webhook_refused_total", help, webhook.refused());
        }
    }
}
