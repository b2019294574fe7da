//! Which topic is registered with which app key, as a state machine: no socket, no clock, no task.
//!
//! ```text
//! owner    ──subscribe/unsubscribe/pin/add_key/remove_key──▶ Placement ──poll_wish───▶ sessions
//! sessions ──handle_event──────────────────────────────────▶           ──poll_event──▶ owner
//! timer    ──handle_timeout────────────────────────────────▶           ──poll_timeout─▶ timer
//! ```
//!
//! The rules, in the order in which they are asked:
//!
//! - A topic is with one key at a time. It moves when its session was lost for longer than the
//!   grace (a quick reconnect is cheaper), when another program uses the key (OPSP8996), when KIS
//!   holds no more there (OPSP0008), or when the key is removed. What is healthy stays where it is.
//! - A move releases first and registers afterwards. Two sessions are never asked for the same
//!   topic, so nothing is delivered twice, at the price of a gap of one round trip. The gap is
//!   told once, when the old session's last record has been passed on; or with the loss, if that
//!   is why the topic moves.
//! - A notice is only registered with the key of its own account.
//! - Pinned topics are placed first. Where there is no room, they take the place of one that is
//!   not pinned, the latest wanted.
//! - A topic that finds no room is refused to whoever asked. A pinned one waits instead.
//!
//! Wishes may reach a session late, but a session's event must be handled before the session takes
//! another wish or does anything else. So an event that crosses a wish is either overtaken by
//! it or still true when it arrives.

mod arrange;
mod keys;
mod status;
#[cfg(test)]
mod tests;
mod topics;

use std::{
    collections::VecDeque,
    sync::Arc,
    time::{Duration, Instant},
};

use kis_protocol::{Topic, control::code};

use self::{
    keys::Key,
    topics::{Entry, Place, Stage, Topics},
};
pub use self::{
    keys::{KeyId, KeySpec},
    status::KeyLoad,
};
use crate::session::{Event, Refusal};

/// When topics move, and for how long facts are believed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlacementConfig {
    /// How long a session may be down before its topics move. Default 15 s: most losses are over
    /// after two, and registering 41 topics elsewhere takes four and spends budget.
    pub grace: Duration,
    /// How long OPSP0008 is remembered of a key. Default 60 s, as sessions do.
    pub full_memory: Duration,
    /// How long a pinned topic that KIS refused waits before it is asked for again. Default
    /// 5 minutes.
    pub pin_retry: Duration,
    /// How long a removed key's session may take to release its topics one by one, before it is
    /// shut down with what is left. Default 10 s.
    pub removal_max: Duration,
}

impl Default for PlacementConfig {
    fn default() -> Self {
        let seconds = Duration::from_secs;
        Self {
            grace: seconds(15),
            full_memory: seconds(60),
            pin_retry: seconds(300),
            removal_max: seconds(10),
        }
    }
}

/// What a session is to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wish {
    /// [`Session::subscribe`](crate::Session::subscribe).
    Subscribe(Topic),
    /// [`Session::unsubscribe`](crate::Session::unsubscribe).
    Unsubscribe(Topic),
    /// [`Session::shutdown`](crate::Session::shutdown).
    Shutdown,
}

/// The topics of a pool and the keys they are with.
#[derive(Debug)]
pub struct Placement {
    config: PlacementConfig,
    keys: Vec<Key>,
    last_key: u32,
    topics: Topics,
    wishes: VecDeque<(KeyId, Wish)>,
    events: VecDeque<(Option<Arc<str>>, Event)>,
    stopping: bool,
}

impl Placement {
    /// A placement without keys: nothing can be wanted yet.
    #[must_use]
    pub fn new(config: PlacementConfig) -> Self {
        Self {
            config,
            keys: Vec::new(),
            last_key: 0,
            topics: Topics::default(),
            wishes: VecDeque::new(),
            events: VecDeque::new(),
            stopping: false,
        }
    }

    /// Adds a key, whose session starts now. Topics that wait for room move to it.
    pub fn add_key(&mut self, spec: KeySpec, now: Instant) -> KeyId {
        self.last_key += 1;
        let id = KeyId(self.last_key);
        self.keys.push(Key::new(id, spec, now));
        if self.stopping {
            self.wishes.push_back((id, Wish::Shutdown));
        }
        self.arrange(now);
        id
    }

    /// Removes a key: its topics move away, as far as there is room, then its session is shut
    /// down. Its `Closed` is the last that is heard of it.
    pub fn remove_key(&mut self, key: KeyId, now: Instant) {
        let deadline = now + self.config.removal_max;
        if let Some(key) = self.key_mut(key) {
            key.removed.get_or_insert(deadline);
        }
        self.arrange(now);
    }

    /// Wants a topic. `Subscribed` or `Refused` follows, at once when it is present or there is
    /// no room.
    pub fn subscribe(&mut self, topic: Topic, now: Instant) {
        self.want(topic, false, now);
    }

    /// Wants a topic for as long as the pool exists, and before any that is not pinned.
    pub fn pin(&mut self, topic: Topic, now: Instant) {
        self.want(topic, true, now);
    }

    /// Wants a topic no more, unless it is pinned. `Released` follows if it was wanted.
    pub fn unsubscribe(&mut self, topic: &Topic, now: Instant) {
        let Some(entry) = self.topics.get_mut(topic).filter(|it| it.wanted) else { return };
        entry.wanted = false;
        self.release(topic);
        self.arrange(now);
    }

    /// Lets a topic go that was pinned, unless it is wanted by a subscriber as well.
    pub fn unpin(&mut self, topic: &Topic, now: Instant) {
        let Some(entry) = self.topics.get_mut(topic).filter(|it| it.pinned) else { return };
        entry.pinned = false;
        self.release(topic);
        self.arrange(now);
    }

    /// Shuts every session down; the placement is over when all have told `Closed`.
    pub fn shutdown(&mut self, now: Instant) {
        if std::mem::replace(&mut self.stopping, true) {
            return;
        }
        for entry in self.topics.iter_mut() {
            entry.wanted = false;
            entry.pinned = false;
        }
        let keys = self.keys.iter().map(|it| (it.id, Wish::Shutdown));
        self.wishes.extend(keys);
        self.arrange(now);
    }

    /// Whether it was shut down.
    #[must_use]
    pub fn is_stopping(&self) -> bool {
        self.stopping
    }

    /// Whether it was shut down and every session has ended.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.stopping && self.keys.is_empty()
    }

    /// A session's event. To be called before that session does anything else.
    pub fn handle_event(&mut self, key: KeyId, event: Event, now: Instant) {
        let Some(at) = self.keys.iter().position(|it| it.id == key) else { return };
        match event {
            Event::Subscribed(topic) => self.subscribed(key, topic, now),
            Event::Released(topic) => self.released(key, &topic, now),
            Event::Refused { topic, reason } => self.refused(key, &topic, reason, now),
            Event::Interrupted(topic) => {
                if self.topics.interrupt(key, &topic) {
                    self.tell(key, Event::Interrupted(topic));
                }
            }
            Event::Lost { topics, reason } => {
                self.keys[at].lost(reason, now);
                let topics = self.topics.lose(key, topics);
                self.tell(key, Event::Lost { topics, reason });
            }
            Event::Connected => {
                let unused = !self.topics.iter().any(|it| it.place.is_at(key));
                self.keys[at].connected(unused, now);
                self.tell(key, Event::Connected);
            }
            Event::InUseElsewhere => {
                self.keys[at].in_use = true;
                self.tell(key, Event::InUseElsewhere);
            }
            Event::Closed => self.closed(key, now),
            other => {
                if matches!(other, Event::Unreachable { .. } | Event::ApprovalFailed { .. }) {
                    self.keys[at].starting = false;
                }
                self.tell(key, other);
            }
        }
        self.arrange(now);
    }

    /// The time `poll_timeout` asked for has come.
    pub fn handle_timeout(&mut self, now: Instant) {
        self.arrange(now);
    }

    /// When to call `handle_timeout`.
    #[must_use]
    pub fn poll_timeout(&self, now: Instant) -> Option<Instant> {
        let keys = self.keys.iter().flat_map(|it| it.deadlines(self.config.grace));
        let waiting = self.topics.iter().filter_map(|it| match it.place {
            Place::Waiting { until } => Some(until),
            _ => None,
        });
        keys.chain(waiting).filter(|it| *it > now).min()
    }

    /// The next wish for a session.
    #[must_use]
    pub fn poll_wish(&mut self) -> Option<(KeyId, Wish)> {
        self.wishes.pop_front()
    }

    /// The next event for the owner, and the name of the key whose session it comes from; none
    /// when no session was asked.
    #[must_use]
    pub fn poll_event(&mut self) -> Option<(Option<Arc<str>>, Event)> {
        self.events.pop_front()
    }

    /// Whether a session may still send topics that have gone to another key.
    #[must_use]
    pub fn has_strays(&self, key: KeyId) -> bool {
        self.key(key).is_some_and(|it| !it.strays.is_empty())
    }

    /// Whether a topic has gone from this key to another: what its session still sends of it
    /// must not be passed on.
    #[must_use]
    pub fn is_stray(&self, key: KeyId, topic: &str) -> bool {
        self.key(key).is_some_and(|it| it.strays.contains_key(topic))
    }

    fn want(&mut self, topic: Topic, pinned: bool, now: Instant) {
        if self.stopping {
            return;
        }
        let entry = self.topics.get_or_insert(&topic, now);
        let needed = entry.needed();
        entry.pinned |= pinned;
        entry.wanted |= !pinned;
        entry.told_gone = false;
        match &mut entry.place {
            Place::At { stage: Stage::Live, key } => {
                let key = *key;
                self.tell(key, Event::Subscribed(topic));
            }
            Place::At { stage: Stage::Asked, .. } => {}
            // On its way to another key, or about to be given one.
            Place::Leaving { .. } if needed => {}
            Place::Leaving { key, .. } => {
                let key = *key;
                self.return_to(key, &topic, now);
            }
            Place::Waiting { until } => *until = now,
        }
        self.arrange(now);
    }

    fn subscribed(&mut self, key: KeyId, topic: Topic, now: Instant) {
        if let Some(key) = self.key_mut(key) {
            key.proven();
        }
        let place = self.topics.get_mut(&topic).map(|it| &mut it.place);
        match place {
            Some(Place::At { key: at, stage }) if *at == key => {
                let told = std::mem::replace(stage, Stage::Live) == Stage::Live;
                if !told {
                    self.topics.expose(&topic);
                    self.tell(key, Event::Subscribed(topic));
                }
            }
            // From before it was told to release it.
            Some(Place::Leaving { key: at, .. }) if *at == key => {}
            _ => self.disown(key, topic, now),
        }
    }

    fn released(&mut self, key: KeyId, topic: &Topic, now: Instant) {
        let Some(entry) = self.topics.get_mut(topic) else { return };
        // When stopping, sessions release by themselves.
        let leaving = entry.place.is_leaving(key) || (self.stopping && entry.place.is_at(key));
        if !leaving {
            return;
        }
        if entry.needed() {
            self.left(key, topic, now);
        } else if let Some(entry) = self.topics.remove(topic)
            && !entry.told_gone
        {
            self.tell(key, Event::Released(entry.topic));
        }
    }

    fn refused(&mut self, key: KeyId, topic: &Topic, reason: Refusal, now: Instant) {
        let Some(entry) = self.topics.get_mut(topic) else { return };
        if entry.place.is_leaving(key) {
            return self.released(key, topic, now);
        }
        if !entry.place.is_at(key) {
            return;
        }
        // It may have been wanted again while the refusal was on its way.
        self.wishes.push_back((key, Wish::Unsubscribe(topic.clone())));
        let full = reason.code() == Some(code::MAX_SUBSCRIBE_OVER);
        if self.keys.len() > 1
            && let Some(key) = self.key_mut(key)
        {
            // An earlier request for it may have been heard all the same.
            key.mistrust(topic.clone(), now);
        }
        if full {
            self.left(key, topic, now);
            let held = self.topics.load(key);
            let until = now + self.config.full_memory;
            if let Some(key) = self.key_mut(key) {
                key.full = Some((held, until));
            }
            return;
        }
        self.tell(key, Event::Refused { topic: topic.clone(), reason });
        let until = now + self.config.pin_retry;
        match self.topics.get_mut(topic) {
            Some(entry) if entry.pinned => {
                entry.place = Place::Waiting { until };
                // Whoever asked was told that it is not to be had.
                entry.wanted = false;
                entry.exposed = false;
            }
            _ => drop(self.topics.remove(topic)),
        }
    }

    /// A key's session has ended, and all it held is gone.
    fn closed(&mut self, key: KeyId, now: Instant) {
        for topic in self.topics.with(key) {
            if let Some(entry) = self.topics.get_mut(&topic)
                && entry.place.is_at(key)
            {
                entry.place = Place::Leaving { key, to: None };
            }
            self.released(key, &topic, now);
        }
        self.tell(key, Event::Closed);
        self.keys.retain(|it| it.id != key);
    }

    /// Ends a topic's registration if nobody needs it any more.
    fn release(&mut self, topic: &Topic) {
        let Some(entry) = self.topics.get_mut(topic).filter(|it| !it.needed()) else { return };
        match &mut entry.place {
            Place::At { key, .. } => {
                let key = *key;
                entry.place = Place::Leaving { key, to: None };
                entry.exposed = false;
                self.wishes.push_back((key, Wish::Unsubscribe(topic.clone())));
            }
            Place::Leaving { to, .. } => {
                *to = None;
                entry.exposed = false;
            }
            Place::Waiting { .. } => {
                self.topics.remove(topic);
                self.events.push_back((None, Event::Released(topic.clone())));
            }
        }
    }

    /// A session sends a topic that is not with it.
    fn disown(&mut self, key: KeyId, topic: Topic, now: Instant) {
        if let Some(key) = self.key_mut(key) {
            key.mistrust(topic.clone(), now);
        }
        self.wishes.push_back((key, Wish::Unsubscribe(topic)));
    }

    fn tell(&mut self, key: KeyId, event: Event) {
        let name = self.key(key).map(|it| Arc::clone(&it.spec.name));
        self.events.push_back((name, event));
    }

    fn key(&self, key: KeyId) -> Option<&Key> {
        self.keys.iter().find(|it| it.id == key)
    }

    fn key_mut(&mut self, key: KeyId) -> Option<&mut Key> {
        self.keys.iter_mut().find(|it| it.id == key)
    }
}
