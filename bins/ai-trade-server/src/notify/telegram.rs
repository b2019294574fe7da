use std::sync::Arc;

use alert_engine::{
    Batch, Fact,
    delivery::{Outcome, Pace},
    render::{Fit, Markup, Renderer},
};
use tracing::warn;

use super::{Sent, Sink};
use crate::{
    alerts::{Alerts, AlertsError},
    bot::{Button, DATA_BYTES_MAX, Failure, Memory, Telegram, Words},
    config::Config,
};

/// The chats as recipients: everything that waits for one becomes as few messages as it fits in.
#[derive(Debug, Clone)]
pub(crate) struct Chats {
    pub(crate) telegram: Arc<Telegram>,
    pub(crate) memory: Arc<Memory>,
    pub(crate) alerts: Arc<Alerts>,
}

impl Sink for Chats {
    fn pace(&self) -> Pace {
        Pace::TELEGRAM
    }

    async fn send(&self, batch: &Batch) -> Sent {
        let chat = batch.recipient.split_once(':').and_then(|it| it.1.parse().ok());
        let Some(chat) = chat else {
            return Sent { outcome: Outcome::Refused, count: batch.notifications.len() };
        };
        let words = self.memory.words(chat);
        let renderer = Renderer { language: words.0, markup: Markup::TelegramHtml };
        let (text, count) = renderer.batch(&batch.notifications, batch.dropped, Fit::TELEGRAM);
        let silent = self.memory.muted_for(chat).is_some();
        let buttons = self.buttons(batch, words);
        let outcome = match self.telegram.send(chat, &text, silent, &buttons).await {
            Ok(()) => Outcome::Delivered,
            // It was said, once, and is counted.
            Err(Failure::Gone) => Outcome::Refused,
            Err(error) => {
                warn!(%error, "notifications not delivered to a chat");
                match error {
                    Failure::Limited(wait) => Outcome::Limited(wait),
                    Failure::Refused(_) => Outcome::Refused,
                    _ => Outcome::Failed,
                }
            }
        };
        Sent { outcome, count }
    }
}

impl Chats {
    /// The chats of `config`, where there is a bot.
    pub(crate) fn of(config: &Config, alerts: &Arc<Alerts>) -> Result<Option<Self>, AlertsError> {
        let Config { telegram: settings, .. } = config;
        let Some(token) = settings.bot_token.get() else { return Ok(None) };
        let memory = Arc::new(Memory::open(alerts.store(), settings.language)?);
        let telegram = Telegram::new(token, &settings.api_url, Arc::clone(&memory))?;
        Ok(Some(Self { telegram: Arc::new(telegram), memory, alerts: Arc::clone(alerts) }))
    }

    /// What somebody would like to do who reads of one firing.
    fn buttons(&self, batch: &Batch, words: Words) -> Vec<Vec<Button>> {
        let [one] = &batch.notifications[..] else { return Vec::new() };
        let mut row = Vec::new();
        let stock = one.symbol.as_ref().filter(|it| it.len() == 6);
        let of_market = !matches!(one.fact, Fact::Order { .. } | Fact::Upstream { .. });
        if let Some(symbol) = stock.filter(|_| of_market) {
            row.push((words.chart().to_owned(), format!("/chart {symbol}")));
        }
        let at_work = self.alerts.get(&one.rule).filter(|it| it.1.ended().is_none());
        if at_work.is_some() && !self.alerts.is_configured(&one.rule) {
            row.push((words.pause().to_owned(), format!("/pause {}", one.rule)));
            row.push((words.remove().to_owned(), format!("/remove {}", one.rule)));
        }
        row.retain(|it: &Button| it.1.len() <= DATA_BYTES_MAX);
        if row.is_empty() { Vec::new() } else { vec![row] }
    }
}
