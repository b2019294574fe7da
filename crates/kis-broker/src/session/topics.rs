//! The topics of a session: what is wanted of each, and what is so.

use std::time::Instant;

use kis_protocol::{Topic, control::TrType};

/// Every topic that is wanted or that KIS may know of, in the order they were first wanted.
/// A session holds a few dozen, so searching is cheaper than keeping an index.
#[derive(Debug, Default)]
pub(super) struct Topics {
    entries: Vec<Entry>,
}

/// One topic.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) topic: Topic,
    /// Whether somebody wants it.
    pub(super) wanted: bool,
    /// What KIS knows of it.
    pub(super) actual: Actual,
    /// How often the outstanding or next request was sent already.
    pub(super) attempts: u32,
    /// When the next request may be sent, as far as this topic is concerned.
    pub(super) ready: Instant,
}

/// What KIS knows of a topic.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Actual {
    /// Nothing.
    Absent,
    /// It was asked to register the topic and has not answered.
    Registering { sent: Instant },
    /// It sends the topic.
    Present,
    /// It was asked to release the topic and has not answered.
    Releasing { sent: Instant },
}

impl Entry {
    /// The request that brings what is so closer to what is wanted.
    pub(super) fn due(&self) -> Option<TrType> {
        match (self.actual, self.wanted) {
            (Actual::Absent, true) => Some(TrType::Register),
            (Actual::Present, false) => Some(TrType::Release),
            _ => None,
        }
    }

    /// When the outstanding request was sent.
    pub(super) fn outstanding(&self) -> Option<Instant> {
        match self.actual {
            Actual::Registering { sent } | Actual::Releasing { sent } => Some(sent),
            Actual::Absent | Actual::Present => None,
        }
    }

    /// The outstanding request failed and may be sent again from `ready` on.
    pub(super) fn fall_back(&mut self, ready: Instant) {
        match self.actual {
            Actual::Registering { .. } if self.wanted => self.actual = Actual::Absent,
            // Nobody waits for it any more, but KIS may have registered it: to be released.
            Actual::Registering { .. } => self.settle(Actual::Present),
            Actual::Releasing { .. } => self.actual = Actual::Present,
            Actual::Absent | Actual::Present => {}
        }
        self.ready = ready;
    }

    /// A request was answered.
    pub(super) fn settle(&mut self, actual: Actual) {
        self.actual = actual;
        self.attempts = 0;
    }
}

impl Topics {
    pub(super) fn iter(&self) -> std::slice::Iter<'_, Entry> {
        self.entries.iter()
    }

    pub(super) fn iter_mut(&mut self) -> std::slice::IterMut<'_, Entry> {
        self.entries.iter_mut()
    }

    pub(super) fn get_mut(&mut self, topic: &Topic) -> Option<&mut Entry> {
        self.entries.iter_mut().find(|it| it.topic == *topic)
    }

    pub(super) fn push(&mut self, topic: Topic, wanted: bool, actual: Actual, ready: Instant) {
        self.entries.push(Entry { topic, wanted, actual, attempts: 0, ready });
    }

    pub(super) fn remove(&mut self, topic: &Topic) {
        self.entries.retain(|it| it.topic != *topic);
    }

    pub(super) fn wanted(&self) -> usize {
        self.entries.iter().filter(|it| it.wanted).count()
    }

    pub(super) fn present(&self) -> usize {
        self.entries.iter().filter(|it| it.actual == Actual::Present).count()
    }

    /// How many of KIS's registrations are taken, or may be.
    pub(super) fn occupied(&self) -> usize {
        self.entries.iter().filter(|it| it.actual != Actual::Absent).count()
    }

    /// The topic of the only outstanding request, if there is exactly one.
    pub(super) fn only_outstanding(&self) -> Option<&Topic> {
        let mut outstanding = self.entries.iter().filter(|it| it.outstanding().is_some());
        let first = outstanding.next()?;
        if outstanding.next().is_some() { None } else { Some(&first.topic) }
    }

    /// KIS forgets everything at the end of a link. Returns the wanted topics that were
    /// registered or requested, and those that were still to be released.
    pub(super) fn lose(&mut self, now: Instant) -> (Vec<Topic>, Vec<Topic>) {
        let known = |it: &&Entry| it.wanted && it.actual != Actual::Absent;
        let lost = self.entries.iter().filter(known).map(|it| it.topic.clone()).collect();
        let unwanted = |it: &mut Entry| !it.wanted;
        let released = self.entries.extract_if(.., unwanted).map(|it| it.topic).collect();
        for entry in &mut self.entries {
            entry.settle(Actual::Absent);
            entry.ready = now;
        }
        (lost, released)
    }
}
