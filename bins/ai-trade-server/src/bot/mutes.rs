//! Chats that get notifications without a sound for a while.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
    time::SystemTime,
};

use alert_engine::{Store, StoreError};
use kis_protocol::time::Timestamp;
use tokio::task::spawn_blocking;

/// Until when which chat is muted, in seconds since 1970; kept beside the alerts.
#[derive(Debug)]
pub(crate) struct Mutes {
    store: Arc<Store>,
    until: Mutex<BTreeMap<i64, i64>>,
}

const NAME: &str = "mutes";

impl Mutes {
    /// What was kept.
    pub(crate) fn open(store: Arc<Store>) -> Result<Self, StoreError> {
        let until = store.note(NAME)?.unwrap_or_default();
        Ok(Self { store, until: Mutex::new(until) })
    }

    /// Mutes a chat for so many seconds, or ends that.
    pub(super) async fn set(&self, chat: i64, seconds: Option<i64>) -> Result<(), StoreError> {
        let until = {
            let mut until = self.until.lock().unwrap_or_else(PoisonError::into_inner);
            match seconds {
                Some(seconds) => until.insert(chat, now().saturating_add(seconds)),
                None => until.remove(&chat),
            };
            until.clone()
        };
        let store = Arc::clone(&self.store);
        let interrupted = |it: tokio::task::JoinError| StoreError::Interrupted(it.to_string());
        spawn_blocking(move || store.put_note(NAME, &until)).await.map_err(interrupted).flatten()
    }

    /// For how many seconds a chat is muted yet.
    pub(crate) fn left(&self, chat: i64) -> Option<i64> {
        let until = self.until.lock().unwrap_or_else(PoisonError::into_inner);
        until.get(&chat).map(|it| it - now()).filter(|it| *it > 0)
    }
}

fn now() -> i64 {
    Timestamp::from(SystemTime::now()).unix_seconds()
}
