//! Bringing topics to where they can be served.

use std::{cmp::Reverse, time::Instant};

use kis_protocol::Topic;

use super::{
    KeyId, Placement, Wish,
    keys::{Eligible, Health},
    topics::{Place, Stage},
};
use crate::session::{Event, Refusal};

impl Placement {
    /// Does what has become due or possible by `now`.
    pub(super) fn arrange(&mut self, now: Instant) {
        if self.stopping {
            return self.drop_waiting();
        }
        for key in &mut self.keys {
            key.strays.retain(|_, until| *until > now);
        }
        self.place_waiting(now);
        for at in 0..self.keys.len() {
            let key = &self.keys[at];
            if key.removed.is_some() {
                self.clear_out(key.id, now);
            } else if key.health(self.config.grace, now) == Health::Down {
                self.evacuate(key.id, now);
            }
        }
    }

    /// A wanted topic is still with a session that was told to release it.
    pub(super) fn return_to(&mut self, key: KeyId, topic: &Topic, now: Instant) {
        let to = match self.room_at(key, now) > 0 {
            true => Some(key),
            false => self.choose(topic, Health::Down, now),
        };
        let Some(entry) = self.topics.get_mut(topic) else { return };
        if to == Some(key) {
            entry.place = Place::At { key, stage: Stage::Asked };
            self.wishes.push_back((key, Wish::Subscribe(topic.clone())));
        } else if to.is_some() || entry.pinned {
            entry.place = Place::Leaving { key, to };
        } else {
            // The refusal is the last word on it.
            entry.wanted = false;
            entry.exposed = false;
            entry.told_gone = true;
            let reason = self.no_room(topic);
            self.events.push_back((None, Event::Refused { topic: topic.clone(), reason }));
        }
    }

    /// A needed topic is not with `key` any more: it goes where it was to go, or anywhere else.
    pub(super) fn left(&mut self, key: KeyId, topic: &Topic, now: Instant) {
        let Some(entry) = self.topics.get_mut(topic) else { return };
        let to = match entry.place {
            Place::Leaving { to, .. } => to,
            _ => None,
        };
        let gap = std::mem::take(&mut entry.exposed);
        entry.place = Place::Waiting { until: now };
        entry.left = Some(key);
        if gap {
            self.tell(key, Event::Interrupted(topic.clone()));
        }
        if let Some(to) = to.filter(|to| self.room_at(*to, now) > 0) {
            self.place(topic, to, now);
        }
    }

    /// Topics without a key get one, pinned ones first, or are refused.
    fn place_waiting(&mut self, now: Instant) {
        let due = |place| matches!(place, Place::Waiting { until } if until <= now);
        let waiting = self.topics.iter().filter(|it| due(it.place));
        let mut waiting: Vec<(bool, Topic)> =
            waiting.map(|it| (it.pinned, it.topic.clone())).collect();
        waiting.sort_by_key(|it| Reverse(it.0));
        for (pinned, topic) in waiting {
            // One may have made room for another.
            if !self.topics.get(&topic).is_some_and(|it| due(it.place)) {
                continue;
            }
            let to = self.choose(&topic, Health::Down, now);
            if let Some(to) = to.or_else(|| self.displace(&topic, pinned, Health::Down, now)) {
                self.place(&topic, to, now);
            } else if !pinned {
                self.topics.remove(&topic);
                let reason = self.no_room(&topic);
                self.events.push_back((None, Event::Refused { topic, reason }));
            }
        }
    }

    /// Moves what can be moved away from a session that will not serve it soon.
    fn evacuate(&mut self, key: KeyId, now: Instant) {
        for topic in self.topics.with(key) {
            let Some(entry) = self.topics.get(&topic).filter(|it| it.place.is_at(key)) else {
                continue;
            };
            let pinned = entry.pinned;
            let to = self.choose(&topic, Health::Up, now);
            let to = to.or_else(|| {
                if pinned { self.displace(&topic, true, Health::Up, now) } else { None }
            });
            if to.is_some() {
                self.leave(key, &topic, to);
                if let Some(key) = self.key_mut(key) {
                    key.deserted = true;
                }
            }
        }
    }

    /// Moves everything away from a removed key, then shuts its session down.
    fn clear_out(&mut self, key: KeyId, now: Instant) {
        for topic in self.topics.with(key) {
            if self.topics.get(&topic).is_some_and(|it| it.place.is_at(key)) {
                let to = self.choose(&topic, Health::Down, now);
                self.leave(key, &topic, to);
            }
        }
        let empty = self.topics.with(key).is_empty();
        if let Some(it) = self.key_mut(key)
            && !it.closing
            && (empty || it.removed.is_some_and(|deadline| deadline <= now))
        {
            it.closing = true;
            self.wishes.push_back((key, Wish::Shutdown));
        }
    }

    /// The key for a topic: of the healthiest with room the one with the least to do.
    fn choose(&self, topic: &Topic, worst: Health, now: Instant) -> Option<KeyId> {
        let eligible = Eligible::of(topic, &self.keys);
        let keys = self.keys.iter().filter(|it| eligible.fits(it) && it.removed.is_none());
        let ranked = keys.filter_map(|it| {
            let load = self.topics.load(it.id);
            let (health, promise) =
                (it.health(self.config.grace, now), it.promise(self.config.grace, now));
            (load < it.limit(now) && health <= worst).then_some((promise, load, it.id))
        });
        ranked.min().map(|it| it.2)
    }

    /// Makes room for a topic where it may be: the latest wanted one there that is not pinned
    /// has to go. Unless the new one is pinned, only if there is room for it elsewhere.
    fn displace(
        &mut self,
        topic: &Topic,
        pinned: bool,
        worst: Health,
        now: Instant,
    ) -> Option<KeyId> {
        let eligible = Eligible::of(topic, &self.keys);
        if !pinned && eligible == Eligible::Any {
            return None;
        }
        // What has no room elsewhere may get the place that the new one leaves.
        let old = self.topics.get(topic).and_then(|it| it.place.takes());
        let old = old.and_then(|it| self.key(it)).filter(|it| it.removed.is_none());
        let (mut best, mut found) = (None, None);
        for entry in self.topics.iter().rev().filter(|it| !it.pinned && it.needed()) {
            let Place::At { key: at, .. } = entry.place else { continue };
            let Some(key) = self.key(at).filter(|it| eligible.fits(it)) else { continue };
            let health = key.health(self.config.grace, now);
            // What KIS holds less than expected cannot be made room in.
            if health > worst || key.removed.is_some() || self.topics.load(at) > key.limit(now) {
                continue;
            }
            let to = self.choose(&entry.topic, Health::Down, now).or_else(|| {
                let fits = Eligible::of(&entry.topic, &self.keys);
                old.filter(|it| fits.fits(it)).map(|it| it.id)
            });
            let to = to.filter(|it| *it != at);
            let rank = (health, to.is_none());
            if (pinned || to.is_some()) && best.is_none_or(|it| rank < it) {
                best = Some(rank);
                found = Some((at, entry.topic.clone(), to));
            }
        }
        let (at, victim, to) = found?;
        self.leave(at, &victim, to);
        Some(at)
    }

    fn place(&mut self, topic: &Topic, key: KeyId, now: Instant) {
        let Some(entry) = self.topics.get_mut(topic) else { return };
        entry.place = Place::At { key, stage: Stage::Asked };
        let left = entry.left.take();
        self.wishes.push_back((key, Wish::Subscribe(topic.clone())));
        if let Some(left) = left.and_then(|it| self.key_mut(it)) {
            left.mistrust(topic.clone(), now);
        }
        if let Some(key) = self.key_mut(key) {
            key.strays.remove(topic);
        }
    }

    fn leave(&mut self, key: KeyId, topic: &Topic, to: Option<KeyId>) {
        if let Some(entry) = self.topics.get_mut(topic) {
            entry.place = Place::Leaving { key, to };
            self.wishes.push_back((key, Wish::Unsubscribe(topic.clone())));
        }
    }

    fn drop_waiting(&mut self) {
        let waiting = |it: &&super::Entry| matches!(it.place, Place::Waiting { .. });
        let waiting = self.topics.iter().filter(waiting).map(|it| it.topic.clone());
        for topic in waiting.collect::<Vec<_>>() {
            self.topics.remove(&topic);
            self.events.push_back((None, Event::Released(topic)));
        }
    }

    fn room_at(&self, key: KeyId, now: Instant) -> usize {
        self.key(key).map_or(0, |it| it.limit(now).saturating_sub(self.topics.load(key)))
    }

    fn no_room(&self, topic: &Topic) -> Refusal {
        let keys = self.keys.iter().filter(|it| it.removed.is_none());
        match Eligible::of(topic, &self.keys) {
            Eligible::None => Refusal::NoAccount,
            eligible => {
                let keys = keys.filter(|it| eligible.fits(it));
                let loads = keys.map(|it| self.topics.load(it.id));
                let (keys, used) = loads.fold((0, 0), |sum, it| (sum.0 + 1, sum.1 + it));
                Refusal::PoolFull { used, keys }
            }
        }
    }
}
