//! The topics that rules need, kept registered for as long as they do.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use alert_engine::{Engine, Rule};
use kis_protocol::{Environments, Topic, TrId, catalogue::Environment};
use relay_core::Hub;

use crate::wire::Wire;

/// When a topic is asked for again for which the session had no room.
const FULL_RETRY: Duration = Duration::from_secs(60);

/// When a topic is asked for again that KIS has refused.
const REFUSED_RETRY: Duration = Duration::from_secs(600);

#[derive(Debug)]
pub(super) struct Topics {
    hub: Hub<Wire>,
    environment: Environment,
    held: Mutex<Held>,
}

#[derive(Debug, Default)]
struct Held {
    /// The HTS ids of the accounts, the keys of their notices.
    owners: BTreeSet<String>,
    wanted: BTreeSet<Topic>,
    /// Those of them that were refused, and when they are asked for again.
    refused: BTreeMap<Topic, Instant>,
}

impl Topics {
    pub(super) fn new(hub: Hub<Wire>, environment: Environment, owners: BTreeSet<String>) -> Self {
        let held = Held { owners, ..Held::default() };
        Self { hub, environment, held: Mutex::new(held) }
    }

    /// The accounts are these from now on; holds their notices at the next [`want`](Self::want).
    pub(super) fn belong_to(&self, owners: BTreeSet<String>) {
        self.held().owners = owners;
    }

    /// Whether any account is known.
    pub(super) fn has_owner(&self) -> bool {
        !self.held().owners.is_empty()
    }

    /// Whether the stream is served here.
    pub(super) fn has(&self, tr_id: TrId) -> bool {
        match tr_id.environments() {
            Environments::RealAndPaper => true,
            Environments::RealOnly => self.environment == Environment::Real,
            Environments::PaperOnly => self.environment == Environment::Paper,
        }
    }

    /// The notices that a rule needs of every account.
    pub(super) fn notices(&self, rule: &Rule) -> Vec<Topic> {
        self.held().notices(rule.notices().into_iter().filter(|it| self.has(*it)))
    }

    /// Holds what the engine's rules need, and nothing else.
    pub(super) fn want(&self, engine: &Engine) {
        let mut held = self.held();
        let mut wanted: BTreeSet<Topic> = engine.topics().into_iter().collect();
        wanted.extend(held.notices(engine.notices().into_iter().filter(|it| self.has(*it))));
        for topic in held.wanted.difference(&wanted) {
            self.hub.let_go(topic.as_str());
        }
        for topic in wanted.difference(&held.wanted) {
            self.hub.hold(topic.clone());
        }
        held.refused.retain(|it, _| wanted.contains(it));
        held.wanted = wanted;
    }

    pub(super) fn refused(&self, topic: &Topic, full: bool) {
        let mut held = self.held();
        if held.wanted.contains(topic) {
            let wait = if full { FULL_RETRY } else { REFUSED_RETRY };
            held.refused.insert(topic.clone(), Instant::now() + wait);
        }
    }

    /// Asks again for what was refused long enough ago.
    pub(super) fn retry(&self, now: Instant) {
        let mut held = self.held();
        held.refused.retain(|topic, due| {
            let waits = *due > now;
            if !waits {
                self.hub.hold(topic.clone());
            }
            waits
        });
    }

    pub(super) fn is_refused(&self, topic: &Topic) -> bool {
        self.held().refused.contains_key(topic)
    }

    /// Every topic of the hub; rules' and others.
    pub(super) fn all(&self) -> Vec<Topic> {
        self.hub.topics().into_iter().map(|it| it.topic).collect()
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Held {
    /// The topics of these streams of notices: one for each account.
    fn notices(&self, tr_ids: impl Iterator<Item = TrId>) -> Vec<Topic> {
        let topics = tr_ids.flat_map(|tr_id| {
            self.owners.iter().map(move |owner| Topic::new(tr_id.as_str(), owner))
        });
        topics.collect()
    }
}
