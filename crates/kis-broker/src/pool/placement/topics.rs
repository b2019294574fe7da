//! The topics of a placement: who needs each, and where it is.

use std::time::Instant;

use kis_protocol::Topic;

use super::KeyId;

/// Every topic that is needed or not yet released, in the order they were first wanted. A pool
/// holds a few hundred, and they change seldom, so searching is cheap enough.
#[derive(Debug, Default)]
pub(super) struct Topics {
    entries: Vec<Entry>,
}

/// One topic.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) topic: Topic,
    /// Whether a subscriber wants it.
    pub(super) wanted: bool,
    /// Whether it is kept without subscribers.
    pub(super) pinned: bool,
    /// Whether the owner was told that it is gone, while a session still has to release it.
    pub(super) told_gone: bool,
    /// Whether the owner believes to get all of it, so that a gap must be told.
    pub(super) exposed: bool,
    pub(super) place: Place,
    /// The key it comes from, until it is with another.
    pub(super) left: Option<KeyId>,
}

/// Where a topic is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// With no key, to be tried again from then on.
    Waiting { until: Instant },
    /// With a key, whose session wants it.
    At { key: KeyId, stage: Stage },
    /// Being released by a key's session, and then to go to another key.
    Leaving { key: KeyId, to: Option<KeyId> },
}

/// Whether a session sends a topic.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    /// It was asked to.
    Asked,
    /// It does.
    Live,
}

impl Entry {
    pub(super) fn needed(&self) -> bool {
        self.wanted || self.pinned
    }
}

impl Place {
    pub(super) fn is_at(&self, key: KeyId) -> bool {
        matches!(self, Self::At { key: at, .. } if *at == key)
    }

    pub(super) fn is_leaving(&self, key: KeyId) -> bool {
        matches!(self, Self::Leaving { key: at, .. } if *at == key)
    }

    /// The key whose room it takes, or will.
    pub(super) fn takes(&self) -> Option<KeyId> {
        match self {
            Self::At { key, .. } => Some(*key),
            Self::Leaving { to, .. } => *to,
            Self::Waiting { .. } => None,
        }
    }
}

impl Topics {
    pub(super) fn iter(&self) -> std::slice::Iter<'_, Entry> {
        self.entries.iter()
    }

    pub(super) fn iter_mut(&mut self) -> std::slice::IterMut<'_, Entry> {
        self.entries.iter_mut()
    }

    pub(super) fn get(&self, topic: &Topic) -> Option<&Entry> {
        self.entries.iter().find(|it| it.topic == *topic)
    }

    pub(super) fn get_mut(&mut self, topic: &Topic) -> Option<&mut Entry> {
        self.entries.iter_mut().find(|it| it.topic == *topic)
    }

    pub(super) fn get_or_insert(&mut self, topic: &Topic, now: Instant) -> &mut Entry {
        let at = match self.entries.iter().position(|it| it.topic == *topic) {
            Some(at) => at,
            None => {
                self.entries.push(Entry {
                    topic: topic.clone(),
                    wanted: false,
                    pinned: false,
                    told_gone: false,
                    exposed: false,
                    place: Place::Waiting { until: now },
                    left: None,
                });
                self.entries.len() - 1
            }
        };
        &mut self.entries[at]
    }

    pub(super) fn remove(&mut self, topic: &Topic) -> Option<Entry> {
        let at = self.entries.iter().position(|it| it.topic == *topic)?;
        Some(self.entries.remove(at))
    }

    /// How many topics take room at a key.
    pub(super) fn load(&self, key: KeyId) -> usize {
        self.entries.iter().filter(|it| it.place.takes() == Some(key)).count()
    }

    /// The topics a session holds or is to release, pinned ones first.
    pub(super) fn with(&self, key: KeyId) -> Vec<Topic> {
        let with = |it: &&Entry| it.place.is_at(key) || it.place.is_leaving(key);
        let (pinned, others): (Vec<_>, Vec<_>) =
            self.entries.iter().filter(with).partition(|it| it.pinned);
        pinned.into_iter().chain(others).map(|it| it.topic.clone()).collect()
    }

    pub(super) fn expose(&mut self, topic: &Topic) {
        if let Some(entry) = self.get_mut(topic) {
            entry.exposed = true;
        }
    }

    /// A session sends a topic no more for a while; tells whether that is a gap to be told.
    pub(super) fn interrupt(&mut self, key: KeyId, topic: &Topic) -> bool {
        let Some(entry) = self.get_mut(topic) else { return false };
        match &mut entry.place {
            Place::At { key: at, stage } if *at == key => *stage = Stage::Asked,
            Place::Leaving { key: at, .. } if *at == key => {}
            _ => return false,
        }
        entry.needed() && std::mem::take(&mut entry.exposed)
    }

    /// A session's link is gone. Returns those of the lost topics that are still with it, and
    /// needed.
    pub(super) fn lose(&mut self, key: KeyId, lost: Vec<Topic>) -> Vec<Topic> {
        let mut lost = lost;
        lost.retain(|topic| {
            let Some(entry) = self.get_mut(topic) else { return false };
            let with = entry.place.is_at(key) || entry.place.is_leaving(key);
            if with {
                entry.exposed = false;
            }
            with && entry.needed()
        });
        for entry in &mut self.entries {
            if let Place::At { key: at, stage } = &mut entry.place
                && *at == key
            {
                *stage = Stage::Asked;
            }
        }
        lost
    }
}
