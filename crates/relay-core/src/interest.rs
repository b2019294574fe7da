//! Which topics upstream has to have: asked for by the first subscriber, released a linger
//! after the last one has left.

use std::{
    hash::Hash,
    time::{Duration, Instant},
};

use crate::{event::Demand, state::State};

impl<K: Clone + Eq + Hash, M> State<K, M> {
    /// The owner itself wants a topic, or does not any more.
    pub(crate) fn hold(&mut self, key: K) {
        let index = match self.index.get(&key) {
            Some(&index) => index,
            None if self.closed.is_none() => self.create(key),
            None => return,
        };
        self.topics[index as usize].interest.held = true;
        self.keep_interest(index);
    }

    pub(crate) fn let_go(&mut self, index: u32) {
        if std::mem::take(&mut self.topics[index as usize].interest.held) {
            self.end_interest(index);
        }
    }

    /// A topic has a subscriber.
    pub(crate) fn keep_interest(&mut self, index: u32) {
        let interest = &mut self.topics[index as usize].interest;
        if let Some(number) = interest.lingering.take() {
            self.lingering.remove(&number);
        }
        interest.deadline = None;
        if !interest.asked && !std::mem::replace(&mut interest.queued, true) {
            self.wanted.push_back(index);
            self.demand_changed = true;
        }
    }

    /// A topic is wanted for good, with or without subscribers.
    pub(crate) fn keep(&mut self, key: K) {
        let index = match self.index.get(&key) {
            Some(&index) => index,
            None => self.create(key),
        };
        self.topics[index as usize].interest.kept = true;
        self.keep_interest(index);
    }

    /// A topic may have lost its last subscriber.
    pub(crate) fn end_interest(&mut self, index: u32) {
        let topic = &mut self.topics[index as usize];
        if !topic.is_wanted() && topic.interest.lingering.is_none() {
            // The time is not known here; the next poll sets the deadline.
            topic.interest.lingering = Some(self.next_lingering);
            self.lingering.insert(self.next_lingering, index);
            self.next_lingering += 1;
            self.demand_changed = true;
        }
    }

    pub(crate) fn poll_demand(&mut self, now: Instant, linger: Duration) -> Option<Demand<K>> {
        for (_, &index) in self.lingering.range(self.undated_lingering..) {
            self.topics[index as usize].interest.deadline = Some(now + linger);
        }
        self.undated_lingering = self.next_lingering;
        while let Some(index) = self.wanted.pop_front() {
            let Some(topic) = self.topics.get_mut(index as usize) else { continue };
            let queued = std::mem::take(&mut topic.interest.queued);
            // Nobody registers a topic whose subscribers have left in the meantime.
            if queued && topic.is_wanted() {
                topic.interest.asked = true;
                return Some(Demand::Wanted(topic.head.key.clone()));
            }
        }
        while self.next_deadline().is_some_and(|it| it <= now) {
            if let Some((key, true)) = self.release_oldest() {
                return Some(Demand::Released(key));
            }
        }
        None
    }

    pub(crate) fn next_deadline(&self) -> Option<Instant> {
        let (_, &index) = self.lingering.first_key_value()?;
        self.topics[index as usize].interest.deadline
    }

    pub(crate) fn evict_lingering(&mut self) -> Option<K> {
        loop {
            if let (key, true) = self.release_oldest()? {
                return Some(key);
            }
        }
    }

    /// Forgets the topic that has lingered longest; tells whether upstream was asked for it.
    fn release_oldest(&mut self) -> Option<(K, bool)> {
        let (_, &index) = self.lingering.first_key_value()?;
        let topic = &self.topics[index as usize];
        let released = (topic.head.key.clone(), topic.interest.asked);
        self.forget(index);
        Some(released)
    }
}
