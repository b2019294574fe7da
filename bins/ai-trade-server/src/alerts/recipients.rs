//! Who may be told, and who is.

use std::{collections::BTreeMap, sync::Arc};

use alert_engine::{Notification, Rule, RuleError};
use tracing::warn;

use super::AlertsError;
use crate::{config::Config, notify::Webhook};

/// Those who can be told. A rule names them `log`, `webhook`, `telegram` for every chat, or
/// `telegram:` and a chat's number.
#[derive(Debug)]
pub(crate) struct Recipients {
    names: Vec<String>,
    pub(crate) webhook: Option<Arc<Webhook>>,
    pub(crate) chats: Vec<i64>,
}

impl Recipients {
    /// The log.
    pub(crate) const LOG: &str = "log";
    /// The webhook.
    pub(crate) const WEBHOOK: &str = "webhook";
    /// All chats.
    pub(crate) const TELEGRAM: &str = "telegram";

    pub(super) fn new(config: &Config) -> Result<Self, AlertsError> {
        let settings = &config.alerts;
        let webhook = match settings.webhook_url.get() {
            Some(url) => {
                let secret = settings.webhook_secret.get().unwrap_or_default();
                Some(Arc::new(Webhook::new(url, secret)?))
            }
            None => None,
        };
        let chats = match config.telegram.bot_token.get() {
            Some(_) => config.telegram.chats()?,
            None => Vec::new(),
        };
        let log = settings.log.then(|| Self::LOG.to_owned());
        let hook = webhook.as_ref().map(|_| Self::WEBHOOK.to_owned());
        let telegram = chats.iter().map(|it| Self::chat(*it));
        let names = log.into_iter().chain(hook).chain(telegram).collect();
        Ok(Self { names, webhook, chats })
    }

    /// The name of a chat.
    pub(crate) fn chat(id: i64) -> String {
        format!("{}:{id}", Self::TELEGRAM)
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(String::as_str)
    }

    /// Whether the log is told.
    pub(crate) fn log(&self) -> Option<String> {
        self.names.iter().find(|it| *it == Self::LOG).cloned()
    }

    /// The webhook's name and itself.
    pub(crate) fn hook(&self) -> Option<(String, Arc<Webhook>)> {
        self.webhook.clone().map(|it| (Self::WEBHOOK.to_owned(), it))
    }

    /// Those whom a notification is for: all if its rule names nobody, and nobody else if those
    /// it names are not configured any more.
    pub(super) fn of(&self, notification: &Notification) -> Vec<&str> {
        let to = &notification.to;
        let meant = |name: &&str| to.is_empty() || to.iter().any(|it| is(it, name));
        let names: Vec<_> = self.names().filter(meant).collect();
        if names.is_empty() && !to.is_empty() {
            warn!(to = ?to, "nobody is told: none of a rule's recipients is configured any more");
        }
        names
    }

    /// Has rules tell the supergroups that groups have become, where those are configured in
    /// their place.
    pub(super) fn follow(&self, rules: &mut [Rule], moves: &BTreeMap<i64, i64>) {
        let moved = moves.iter().map(|(old, new)| (Self::chat(*old), Self::chat(*new)));
        let moved: BTreeMap<_, _> =
            moved.filter(|(_, new)| self.names().any(|it| it == new)).collect();
        for name in rules.iter_mut().flat_map(|it| &mut it.to) {
            if let Some(new) = moved.get(name) {
                name.clone_from(new);
            }
        }
    }

    /// Whether there is everybody whom a rule names.
    pub(super) fn check(&self, rule: &Rule) -> Result<(), RuleError> {
        let stranger = rule.to.iter().find(|it| !self.names().any(|name| is(it, name)));
        let Some(stranger) = stranger else { return Ok(()) };
        let mut known: Vec<_> = self.names().filter(|it| !it.starts_with(Self::TELEGRAM)).collect();
        known.extend((!self.chats.is_empty()).then_some("telegram, telegram:<chat id>"));
        Err(RuleError::Invalid {
            field: "to",
            wrong: format!("there is no recipient {stranger:?}"),
            allowed: match known.is_empty() {
                true => "none is configured".to_owned(),
                false => format!("configured: {}; or leave it out for all", known.join(", ")),
            },
        })
    }
}

/// Whether a recipient is meant by what a rule says.
fn is(said: &str, name: &str) -> bool {
    said == name || said == Recipients::TELEGRAM && name.starts_with("telegram:")
}
