//! How the slots are used.

use std::{sync::Arc, time::Instant};

use kis_protocol::Topic;

use super::{KeyId, Placement, keys::Health, topics::Place};

/// A key's share of the topics at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyLoad {
    /// The key.
    pub key: KeyId,
    /// What it is called.
    pub name: Arc<str>,
    /// How many topics are with it, live or waiting for its session.
    pub slots_used: usize,
    /// How many there may be; fewer than configured after OPSP0008.
    pub slots_max: usize,
    /// How many of its topics are pinned.
    pub pinned: usize,
    /// Whether its session serves its topics.
    pub up: bool,
    /// Whether topics have moved away because its session served them no more, and it has
    /// served nothing since. One that has nothing to do does not even try to connect.
    pub deserted: bool,
    /// Whether it was found in use elsewhere.
    pub in_use_elsewhere: bool,
    /// Whether it is being removed.
    pub removing: bool,
    /// When its session was last connected or lost.
    pub since: Instant,
}

impl Placement {
    /// Every key's share, in the order they were added.
    #[must_use]
    pub fn loads(&self, now: Instant) -> Vec<KeyLoad> {
        let load = |key: &super::Key| KeyLoad {
            key: key.id,
            name: Arc::clone(&key.spec.name),
            slots_used: self.topics.load(key.id),
            slots_max: key.limit(now),
            pinned: self.topics.iter().filter(|it| it.pinned && it.place.is_at(key.id)).count(),
            up: key.down.is_none(),
            deserted: key.deserted,
            in_use_elsewhere: key.in_use,
            removing: key.removed.is_some(),
            since: key.since,
        };
        self.keys.iter().map(load).collect()
    }

    /// How many topics can be served: the slots of the keys whose sessions are up, start or were
    /// lost only a moment ago; of all keys when there is none such.
    #[must_use]
    pub fn capacity(&self, now: Instant) -> usize {
        let keys = || self.keys.iter().filter(|it| it.removed.is_none());
        let serving = keys().filter(|it| it.health(self.config.grace, now) < Health::Down);
        match serving.map(|it| it.limit(now)).sum() {
            0 => keys().map(|it| it.limit(now)).sum(),
            slots => slots,
        }
    }

    /// The topics that are with a key, live or waiting for its session.
    #[must_use]
    pub fn topics_of(&self, key: KeyId) -> Vec<Topic> {
        let with = self.topics.iter().filter(|it| it.place.is_at(key));
        with.map(|it| it.topic.clone()).collect()
    }

    /// How many pinned topics have no key.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.topics.iter().filter(|it| matches!(it.place, Place::Waiting { .. })).count()
    }
}
