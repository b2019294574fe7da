//! What is kept of chats beside the alerts: what they wish for, and where they have gone.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::SystemTime,
};

use alert_engine::{Store, StoreError, render::Language};
use kis_protocol::time::Timestamp;
use serde::{Serialize, de::DeserializeOwned};
use tokio::task::spawn_blocking;

use super::Words;

/// What is kept of chats, by the numbers under which they are configured.
#[derive(Debug)]
pub(crate) struct Memory {
    /// Until when notifications come without a sound, in seconds since 1970.
    mutes: Kept<i64>,
    languages: Kept<Language>,
    /// The supergroups that groups have become.
    moves: Kept<i64>,
    /// The language of chats that have chosen none.
    default: Language,
}

impl Memory {
    /// What was kept.
    pub(crate) fn open(store: &Arc<Store>, default: Language) -> Result<Self, StoreError> {
        Ok(Self {
            mutes: Kept::open(store, "mutes")?,
            languages: Kept::open(store, "languages")?,
            moves: Kept::open(store, MOVES)?,
            default,
        })
    }

    /// Mutes a chat for so many seconds, or ends that.
    pub(super) async fn mute(&self, chat: i64, seconds: Option<i64>) -> Result<(), StoreError> {
        self.mutes.set(chat, seconds.map(|it| now().saturating_add(it))).await
    }

    /// For how many seconds a chat is muted yet.
    pub(crate) fn muted_for(&self, chat: i64) -> Option<i64> {
        self.wish(&self.mutes, chat).map(|it| it - now()).filter(|it| *it > 0)
    }

    /// From now on the chat is spoken to in this language.
    pub(super) async fn speak(&self, chat: i64, language: Language) -> Result<(), StoreError> {
        self.languages.set(chat, Some(language)).await
    }

    /// The words for a chat.
    pub(crate) fn words(&self, chat: i64) -> Words {
        Words(self.wish(&self.languages, chat).unwrap_or(self.default))
    }

    /// A group has become the supergroup `new`.
    pub(super) async fn moved(&self, chat: i64, new: i64) -> Result<(), StoreError> {
        self.moves.set(chat, Some(new)).await
    }

    /// Where a chat is now.
    pub(super) fn address(&self, chat: i64) -> i64 {
        self.moves.get(chat).unwrap_or(chat)
    }

    /// The group that has become this chat.
    pub(super) fn former(&self, chat: i64) -> Option<i64> {
        self.moves.by_chat().iter().find(|it| *it.1 == chat).map(|it| *it.0)
    }

    /// What the chat has wished for, or the group that it was.
    fn wish<V: Kind>(&self, of: &Kept<V>, chat: i64) -> Option<V> {
        of.get(chat).or_else(|| of.get(self.former(chat)?))
    }
}

const MOVES: &str = "moves";

/// The supergroups that groups have become.
pub(crate) fn moves(store: &Store) -> Result<BTreeMap<i64, i64>, StoreError> {
    Ok(store.note(MOVES)?.unwrap_or_default())
}

/// A value for some chats, on the disk as well.
#[derive(Debug)]
struct Kept<V> {
    store: Arc<Store>,
    name: &'static str,
    by_chat: Mutex<BTreeMap<i64, V>>,
    /// One is written after the other, so that the last one stays.
    writing: tokio::sync::Mutex<()>,
}

/// What can be kept.
trait Kind: Copy + Serialize + DeserializeOwned + Send + 'static {}

impl<V: Copy + Serialize + DeserializeOwned + Send + 'static> Kind for V {}

impl<V: Kind> Kept<V> {
    fn open(store: &Arc<Store>, name: &'static str) -> Result<Self, StoreError> {
        let by_chat = Mutex::new(store.note(name)?.unwrap_or_default());
        Ok(Self { store: Arc::clone(store), name, by_chat, writing: tokio::sync::Mutex::default() })
    }

    fn get(&self, chat: i64) -> Option<V> {
        self.by_chat().get(&chat).copied()
    }

    async fn set(&self, chat: i64, value: Option<V>) -> Result<(), StoreError> {
        let _turn = self.writing.lock().await;
        let all = {
            let mut by_chat = self.by_chat();
            match value {
                Some(value) => by_chat.insert(chat, value),
                None => by_chat.remove(&chat),
            };
            by_chat.clone()
        };
        let (store, name) = (Arc::clone(&self.store), self.name);
        let interrupted = |it: tokio::task::JoinError| StoreError::Interrupted(it.to_string());
        spawn_blocking(move || store.put_note(name, &all)).await.map_err(interrupted).flatten()
    }

    fn by_chat(&self) -> MutexGuard<'_, BTreeMap<i64, V>> {
        self.by_chat.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn now() -> i64 {
    Timestamp::from(SystemTime::now()).unix_seconds()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_is_kept_is_there_the_next_time() {
        let folder = tempfile::tempdir().unwrap();
        let open = || {
            let store = Store::open(&folder.path().join("alerts.redb"), Default::default());
            Memory::open(&Arc::new(store.unwrap()), Language::Korean).unwrap()
        };
        let memory = open();
        memory.mute(1, Some(600)).await.unwrap();
        memory.mute(2, Some(600)).await.unwrap();
        memory.mute(2, None).await.unwrap();
        memory.speak(1, Language::English).await.unwrap();
        memory.moved(-5, -1005).await.unwrap();
        drop(memory);
        let memory = open();
        assert!(memory.muted_for(1).is_some_and(|it| (590..=600).contains(&it)));
        assert_eq!(memory.muted_for(2), None);
        assert_eq!(memory.words(1).0, Language::English);
        assert_eq!(memory.words(2).0, Language::Korean);
        assert_eq!((memory.address(-5), memory.address(1)), (-1005, 1));
        assert_eq!((memory.former(-1005), memory.former(-5)), (Some(-5), None));
        memory.speak(-5, Language::English).await.unwrap();
        assert_eq!(memory.words(-1005).0, Language::English, "as the group wished");
    }
}
