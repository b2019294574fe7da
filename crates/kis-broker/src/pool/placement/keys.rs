//! The app keys of a placement, and how their sessions are.

use std::{
    collections::HashMap,
    sync::Arc,
    time::{Duration, Instant},
};

use kis_protocol::{Topic, TrId};

use crate::session::Loss;

/// Names a key of a [`Placement`](super::Placement). Never used twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyId(pub(super) u32);

/// What a placement has to know of a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeySpec {
    /// What it is called towards people.
    pub name: Arc<str>,
    /// The HTS id of its account: the `tr_key` of its notices. None when not known.
    pub hts_id: Option<Arc<str>>,
    /// How many topics its session may hold.
    pub topics_max: usize,
}

/// How long a session may take to release what it was not told to be registered: its requests
/// may have to wait for their budget more than once.
const STRAY_MAX: Duration = Duration::from_secs(1800);

/// A key and its session.
#[derive(Debug)]
pub(super) struct Key {
    pub(super) id: KeyId,
    pub(super) spec: KeySpec,
    /// Since when its session serves nothing. A session is up when a registration succeeds, or
    /// when it connects with nothing to register: a socket alone proves little.
    pub(super) down: Option<Instant>,
    /// Whether its first connection is still on its way, as far as is known.
    pub(super) starting: bool,
    /// Whether another program was found to use the key.
    pub(super) in_use: bool,
    /// Whether topics have moved away because its session served them no more, and it has
    /// served nothing since.
    pub(super) deserted: bool,
    /// When its session was last connected or lost.
    pub(super) since: Instant,
    /// After OPSP0008: how many topics KIS holds, and until when that is believed.
    pub(super) full: Option<(usize, Instant)>,
    /// When its session is shut down at the latest; none unless it is being removed.
    pub(super) removed: Option<Instant>,
    /// Whether its session was told to shut down.
    pub(super) closing: bool,
    /// Topics that may go elsewhere while KIS may still send them here, and until when that is
    /// taken into account.
    pub(super) strays: HashMap<Topic, Instant>,
}

/// How much a session is worth for another topic; the lower the better.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Health {
    /// It serves its topics.
    Up,
    /// It starts, or was lost a moment ago.
    Recovering,
    /// It will not serve anything soon.
    Down,
}

impl Key {
    pub(super) fn new(id: KeyId, spec: KeySpec, now: Instant) -> Self {
        Self {
            id,
            spec,
            down: Some(now),
            starting: true,
            in_use: false,
            deserted: false,
            since: now,
            full: None,
            removed: None,
            closing: false,
            strays: HashMap::new(),
        }
    }

    pub(super) fn connected(&mut self, unused: bool, now: Instant) {
        self.since = now;
        self.starting = false;
        if unused && !self.in_use {
            self.down = None;
            self.deserted = false;
        }
    }

    pub(super) fn proven(&mut self) {
        self.down = None;
        self.in_use = false;
        self.deserted = false;
    }

    pub(super) fn lost(&mut self, reason: Loss, now: Instant) {
        self.since = now;
        self.down.get_or_insert(now);
        self.in_use |= reason == Loss::InUseElsewhere;
        self.full = None;
        self.strays.clear();
    }

    /// How good a place it is for a topic that has none yet. One that starts is as good as one
    /// that is up, or whichever connects first would get everything.
    pub(super) fn promise(&self, grace: Duration, now: Instant) -> Health {
        match self.health(grace, now) {
            Health::Recovering if self.starting => Health::Up,
            health => health,
        }
    }

    /// KIS may not have got the release, or a record may still be on its way.
    pub(super) fn mistrust(&mut self, topic: Topic, now: Instant) {
        self.strays.insert(topic, now + STRAY_MAX);
    }

    pub(super) fn health(&self, grace: Duration, now: Instant) -> Health {
        match self.down {
            _ if self.in_use => Health::Down,
            None => Health::Up,
            Some(since) if now < since + grace => Health::Recovering,
            Some(_) => Health::Down,
        }
    }

    /// How many topics may be with it.
    pub(super) fn limit(&self, now: Instant) -> usize {
        match self.full {
            _ if self.removed.is_some() => 0,
            Some((held, until)) if now < until => held.min(self.spec.topics_max),
            _ => self.spec.topics_max,
        }
    }

    /// When something changes by time alone.
    pub(super) fn deadlines(&self, grace: Duration) -> impl Iterator<Item = Instant> {
        let down = self.down.map(|since| since + grace);
        let full = self.full.map(|(_, until)| until);
        let removed = self.removed.filter(|_| !self.closing);
        [down, full, removed].into_iter().flatten()
    }
}

/// Which keys a topic may be with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Eligible<'a> {
    /// All of them.
    Any,
    /// Those whose account has this HTS id.
    Account(&'a str),
    /// Those of which the account is not known.
    Unknown,
    /// None: every key's account is known, and is another.
    None,
}

impl<'a> Eligible<'a> {
    /// A notice belongs to its account's key. While a pool has a single key, KIS decides.
    pub(super) fn of(topic: &'a Topic, keys: &[Key]) -> Self {
        let is_notice = topic.tr_id().parse().is_ok_and(TrId::encrypted);
        if !is_notice || keys.len() == 1 {
            return Self::Any;
        }
        let id = topic.tr_key();
        if keys.iter().any(|it| it.spec.hts_id.as_deref() == Some(id)) {
            Self::Account(id)
        } else if keys.iter().any(|it| it.spec.hts_id.is_none()) {
            Self::Unknown
        } else {
            Self::None
        }
    }

    pub(super) fn fits(self, key: &Key) -> bool {
        match self {
            Self::Any => true,
            Self::Account(id) => key.spec.hts_id.as_deref() == Some(id),
            Self::Unknown => key.spec.hts_id.is_none(),
            Self::None => false,
        }
    }
}
