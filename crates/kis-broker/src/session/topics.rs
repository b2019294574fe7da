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
    /// Whether its owner was told that it is gone, while KIS may still hold it.
    pub(super) told_gone: bool,
    /// What KIS knows of it.
    pub(super) actual: Actual,
    /// What KIS was last asked on this link.
    pub(super) asked: Option<TrType>,
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

    /// Whether KIS holds a registration for it, or may: it could have got a request whose
    /// answer never came.
    pub(super) fn taken(&self) -> bool {
        self.actual != Actual::Absent || self.attempts > 0
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
            // Nobody waits for it any more.
            Actual::Registering { .. } => self.doubt(Actual::Present),
            Actual::Releasing { .. } if !self.wanted => self.actual = Actual::Present,
            // It is wanted again meanwhile.
            Actual::Releasing { .. } => self.doubt(Actual::Absent),
            Actual::Absent | Actual::Present => {}
        }
        self.ready = ready;
    }

    /// A request was not answered, so KIS may have registered it or not. Either is set right by
    /// starting from the state that calls for another request.
    pub(super) fn doubt(&mut self, actual: Actual) {
        self.actual = actual;
        self.attempts = 1;
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

    /// A topic that is wanted from now on.
    pub(super) fn want(&mut self, topic: Topic, ready: Instant) {
        let (actual, wanted, told_gone) = (Actual::Absent, true, false);
        let (asked, attempts) = (None, 0);
        self.entries.push(Entry { topic, wanted, told_gone, actual, asked, attempts, ready });
    }

    /// A topic that nobody wants and KIS sends all the same.
    pub(super) fn discover(&mut self, topic: Topic, ready: Instant) {
        let (actual, wanted, told_gone) = (Actual::Present, false, true);
        let (asked, attempts) = (None, 0);
        self.entries.push(Entry { topic, wanted, told_gone, actual, asked, attempts, ready });
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
        self.entries.iter().filter(|it| it.taken()).count()
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
        let known = |it: &&Entry| it.wanted && it.taken();
        let lost = self.entries.iter().filter(known).map(|it| it.topic.clone()).collect();
        for entry in &mut self.entries {
            entry.settle(Actual::Absent);
            entry.asked = None;
            entry.ready = now;
        }
        (lost, self.drop_absent())
    }

    /// Forgets what is neither wanted nor known to KIS. Returns those whose owners wait to hear
    /// of it.
    pub(super) fn drop_absent(&mut self) -> Vec<Topic> {
        let gone = |it: &mut Entry| !it.wanted && !it.taken();
        let gone = self.entries.extract_if(.., gone);
        gone.filter(|it| !it.told_gone).map(|it| it.topic).collect()
    }
}
