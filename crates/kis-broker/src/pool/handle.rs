//! What the outside may ask of a pool.

use std::{pin::pin, sync::Arc, time::Instant};

use futures_util::future::{select, select_all};
use kis_protocol::Topic;

use super::{PoolError, PoolKey, shared::Shared};
use crate::{
    clock,
    connection::{Counters, Status},
    session::SessionState,
};

/// Says what is wanted of a pool, and how it is doing. Cheap to clone. After the pool has ended,
/// wishes go nowhere.
#[derive(Debug, Clone)]
pub struct PoolHandle {
    shared: Arc<Shared>,
}

/// A pool's figures.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PoolStatus {
    /// Its keys, in the order they were added.
    pub keys: Vec<KeyStatus>,
    /// How many pinned topics wait for a key with room.
    pub waiting: usize,
    /// What the keys that are gone have counted.
    pub gone: Counters,
}

/// A key's figures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyStatus {
    /// What the key is called.
    pub name: Arc<str>,
    /// The app key, masked.
    pub app_key: String,
    /// How many topics are with it, live or waiting for its session.
    pub slots_used: usize,
    /// How many there may be.
    pub slots_max: usize,
    /// How many of its topics are pinned.
    pub pinned: usize,
    /// Whether its session serves its topics: it is connected, and a registration has succeeded
    /// where there was one to make.
    pub up: bool,
    /// Whether topics have moved to other keys because its session served them no more, and it
    /// has served nothing since.
    pub deserted: bool,
    /// Whether it is being removed.
    pub removing: bool,
    /// When its session was last connected or lost, or the key was added.
    pub since: Instant,
    /// Its session and the socket under it: state, counts and latest error.
    pub connection: Status,
}

impl PoolStatus {
    /// How many slots are used, and how many there are, over all keys.
    #[must_use]
    pub fn slots(&self) -> (usize, usize) {
        let keys = self.keys.iter().map(|it| (it.slots_used, it.slots_max));
        keys.fold((0, 0), |sum, it| (sum.0 + it.0, sum.1 + it.1))
    }

    /// Where the pool stands: open when one of its sessions is, otherwise as the first of them.
    #[must_use]
    pub fn session(&self) -> SessionState {
        let mut states = self.keys.iter().map(|it| it.connection.session.state);
        let first = states.clone().next().unwrap_or_default();
        states.find(|it| *it == SessionState::Open).unwrap_or(first)
    }

    /// The counts of all keys together, those that are gone included: none ever goes down.
    #[must_use]
    pub fn counters(&self) -> Counters {
        self.keys.iter().fold(self.gone, |sum, it| sum.plus(&it.connection.counters))
    }

    /// The key of this name.
    #[must_use]
    pub fn key(&self, name: &str) -> Option<&KeyStatus> {
        self.keys.iter().find(|it| &*it.name == name)
    }
}

impl PoolHandle {
    pub(super) fn new(shared: Arc<Shared>) -> Self {
        Self { shared }
    }

    pub(super) fn into_shared(self) -> Arc<Shared> {
        self.shared
    }

    /// Wants a topic; the sink is told `Subscribed` or `Refused`.
    pub fn subscribe(&self, topic: Topic) {
        self.shared.update(|it, now| it.placement.subscribe(topic, now));
    }

    /// Wants a topic no more; the sink is told `Released`, unless the topic is pinned.
    pub fn unsubscribe(&self, topic: &Topic) {
        self.shared.update(|it, now| it.placement.unsubscribe(topic, now));
    }

    /// Wants a topic without anybody subscribing, and before all that are not pinned: where there
    /// is no room, it takes another's place. One that KIS refuses is asked for again later.
    pub fn pin(&self, topic: Topic) {
        self.shared.update(|it, now| it.placement.pin(topic, now));
    }

    /// Ends what [`pin`](Self::pin) began.
    pub fn unpin(&self, topic: &Topic) {
        self.shared.update(|it, now| it.placement.unpin(topic, now));
    }

    /// Adds an app key, whose session starts at once, or, when the app key or the name is just
    /// being removed, after that. Topics that wait for room move to it.
    ///
    /// # Errors
    /// When its name or app key is in the pool already, the pool has ended, or no connection can
    /// be made.
    pub fn add_key(&self, key: PoolKey) -> Result<(), PoolError> {
        self.shared.add_key(key)
    }

    /// Removes the app key of this name: its topics move to others, as far as there is room, and
    /// its session is shut down. When it is gone from [`status`](Self::status), its app key is
    /// free.
    ///
    /// # Errors
    /// When there is no key of this name.
    pub fn remove_key(&self, name: &str) -> Result<(), PoolError> {
        self.shared.remove_key(name)
    }

    /// Makes these the pool's keys: adds those that are new and removes those that are not among
    /// them, as [`add_key`](Self::add_key) and [`remove_key`](Self::remove_key) do. One that has
    /// changed is removed and added; one that has not goes on undisturbed.
    ///
    /// # Errors
    /// When two of them have the same name or app key, the pool has ended, or no connection can
    /// be made. Then nothing is changed.
    pub fn set_keys(&self, keys: &[PoolKey]) -> Result<(), PoolError> {
        self.shared.set_keys(keys)
    }

    /// Ends the pool as [`Pool::run`](super::Pool::run) describes.
    pub fn shutdown(&self) {
        self.shared.update(|it, now| it.placement.shutdown(now));
    }

    /// The figures as of now.
    #[must_use]
    pub fn status(&self) -> PoolStatus {
        let state = self.shared.lock();
        let loads = state.placement.loads(clock::now());
        // A session that has told its end counts on until it is forgotten.
        let ended = state.members.iter().filter(|it| !loads.iter().any(|load| load.key == it.key));
        let gone = ended.fold(state.gone, |sum, it| sum.plus(&it.handle.status().counters));
        let keys = loads.into_iter().filter_map(|load| {
            let member = state.members.iter().find(|it| it.key == load.key)?;
            Some(KeyStatus {
                name: load.name,
                app_key: format!("{:?}", member.spec.credentials.app_key),
                slots_used: load.slots_used,
                slots_max: load.slots_max,
                pinned: load.pinned,
                up: load.up,
                deserted: load.deserted,
                removing: load.removing,
                since: load.since,
                connection: member.handle.status(),
            })
        });
        PoolStatus { keys: keys.collect(), waiting: state.placement.waiting(), gone }
    }

    /// How many topics can be served: the slots of the keys whose sessions are up, start or were
    /// lost only a moment ago; of all keys when there is none such.
    #[must_use]
    pub fn capacity(&self) -> usize {
        self.shared.lock().placement.capacity(clock::now())
    }

    /// Waits until the [capacity](Self::capacity) is other than `known`. Has no limit of its own.
    pub async fn capacity_other_than(&self, known: usize) {
        let mut versions = self.shared.versions();
        loop {
            versions.mark_unchanged();
            if self.capacity() != known || versions.changed().await.is_err() {
                return;
            }
        }
    }

    /// The topics that are with the key of this name, live or waiting for its session; none when
    /// there is no such key.
    #[must_use]
    pub fn topics(&self, name: &str) -> Vec<Topic> {
        let state = self.shared.lock();
        let member = state.members.iter().find(|it| *it.spec.name() == *name);
        member.map(|it| state.placement.topics_of(it.key)).unwrap_or_default()
    }

    /// Waits until the figures meet `condition` and returns them. Has no limit of its own.
    pub async fn when(&self, mut condition: impl FnMut(&PoolStatus) -> bool) -> PoolStatus {
        let mut versions = self.shared.versions();
        loop {
            versions.mark_unchanged();
            let handles: Vec<_> =
                self.shared.lock().members.iter().map(|it| it.handle.clone()).collect();
            let sessions: Vec<_> = handles.iter().map(|it| (it, it.status())).collect();
            let status = self.status();
            if condition(&status) {
                return status;
            }
            let version = pin!(versions.changed());
            if sessions.is_empty() {
                let _ = version.await;
                continue;
            }
            let changes = sessions.into_iter().map(|(it, known)| Box::pin(it.other_than(known)));
            select(version, select_all(changes)).await;
        }
    }
}
