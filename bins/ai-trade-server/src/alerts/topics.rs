//! The topics that rules need, kept registered for as long as they do.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use alert_engine::Engine;
use kis_protocol::{Topic, TrId, catalogue::Environment};
use relay_core::Hub;

use crate::wire::Wire;

/// When a topic is asked for again for which the session had no room.
const FULL_RETRY: Duration = Duration::from_secs(60);

/// When a topic is asked for again that KIS has refused.
const REFUSED_RETRY: Duration = Duration::from_secs(600);

#[derive(Debug)]
pub(super) struct Topics {
    hub: Hub<Wire>,
    /// The notices of the account, where its owner is known.
    notices: Vec<Topic>,
    held: Mutex<Held>,
}

#[derive(Debug, Default)]
struct Held {
    wanted: BTreeSet<Topic>,
    /// Those of them that were refused, and when they are asked for again.
    refused: BTreeMap<Topic, Instant>,
}

impl Topics {
    pub(super) fn new(hub: Hub<Wire>, environment: Environment, owner: Option<String>) -> Self {
        // Night and day trading of derivatives have notices of their own; a rule on those
        // names its streams, and whoever places such orders subscribes to them.
        let tr_ids = match environment {
            Environment::Real => [TrId::H0STCNI0, TrId::H0GSCNI0],
            Environment::Paper => [TrId::H0STCNI9, TrId::H0GSCNI9],
        };
        let notices = owner.map(|owner| tr_ids.map(|it| Topic::new(it.as_str(), &owner)));
        let notices = notices.into_iter().flatten().collect();
        Self { hub, notices, held: Mutex::default() }
    }

    /// Holds what the engine's rules need, and nothing else.
    pub(super) fn want(&self, engine: &Engine) {
        let mut wanted: BTreeSet<Topic> = engine.topics().into_iter().collect();
        if engine.watches_orders() {
            wanted.extend(self.notices.iter().cloned());
        }
        let mut held = self.held();
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
