//! Everything the hub knows, behind its one lock: topics, clients and how they refer to each other.

use std::{
    collections::{BTreeMap, HashMap, VecDeque},
    fmt,
    sync::Arc,
};

use slab::Slab;

use crate::{
    chunk::{Chunk, Spare},
    event::{Closed, Event, Refusal, Subscribed, UpstreamState},
    mailbox::Mailbox,
    options::{Config, Encode, Format, Limits, Options},
    subscription::{Delivery, Subscription},
    topic::{Outcome, Subscriber, Topic},
};

/// Names a client of a [`Hub`](crate::Hub). Never used twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ClientId(pub(crate) u64);

impl fmt::Display for ClientId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[derive(Debug)]
pub(crate) struct State<K, M> {
    pub(crate) index: HashMap<K, u32>,
    pub(crate) topics: Slab<Topic<K, M>>,
    pub(crate) clients: HashMap<ClientId, Client<K>>,
    next_client: u64,
    /// Topics that have something to flush.
    dirty: Vec<u32>,
    pub(crate) pending_bytes: usize,
    spare: Spare,
    pub(crate) outcome: Outcome<K>,
    /// Topics to be asked for.
    pub(crate) wanted: VecDeque<u32>,
    /// Topics without subscribers, in the order in which they lost the last one.
    pub(crate) lingering: BTreeMap<u64, u32>,
    pub(crate) next_lingering: u64,
    /// From this number on, lingering topics have no deadline yet.
    pub(crate) undated_lingering: u64,
    pub(crate) demand_changed: bool,
    /// The highest number in any forgotten topic. New ones number from here, so that a
    /// position in a forgotten topic never looks like one in its next life.
    floor: Option<u64>,
    pub(crate) live_topics: usize,
    pub(crate) totals: Totals,
    pub(crate) closed: Option<Arc<str>>,
}

#[derive(Debug)]
pub(crate) struct Client<K> {
    pub(crate) mailbox: Arc<Mailbox<K>>,
    /// Where its subscriptions are, by topic.
    pub(crate) subscriptions: HashMap<u32, Seat>,
}

/// Where in a topic a subscription is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Seat {
    format: Format,
    at: u32,
}

#[derive(Debug, Default)]
pub(crate) struct Totals {
    pub(crate) subscriptions: usize,
    pub(crate) published: u64,
    pub(crate) unknown: u64,
    pub(crate) dropped: u64,
    pub(crate) conflated: u64,
    pub(crate) overflows: u64,
}

impl<K: Clone + Eq + std::hash::Hash, M> State<K, M> {
    pub(crate) fn new() -> Self {
        Self {
            index: HashMap::new(),
            topics: Slab::new(),
            clients: HashMap::new(),
            next_client: 0,
            dirty: Vec::new(),
            pending_bytes: 0,
            spare: Spare::default(),
            outcome: Outcome { wakers: Vec::new(), overflowed: Vec::new(), delivered: 0 },
            wanted: VecDeque::new(),
            lingering: BTreeMap::new(),
            next_lingering: 0,
            undated_lingering: 0,
            demand_changed: false,
            floor: None,
            live_topics: 0,
            totals: Totals::default(),
            closed: None,
        }
    }

    pub(crate) fn connect(&mut self, limits: Limits) -> (ClientId, Arc<Mailbox<K>>) {
        let client = ClientId(self.next_client);
        self.next_client += 1;
        let mailbox = Arc::new(Mailbox::new(client, limits));
        if let Some(reason) = &self.closed {
            mailbox.lock().close(Closed::Shutdown { reason: Arc::clone(reason) });
        } else {
            let subscriptions = HashMap::new();
            self.clients.insert(client, Client { mailbox: Arc::clone(&mailbox), subscriptions });
        }
        (client, mailbox)
    }

    pub(crate) fn publish<E>(&mut self, index: u32, message: M, config: &Config, encoder: &E) -> u64
    where
        E: Encode<Topic = K, Message = M>,
    {
        let topic = &mut self.topics[index as usize];
        self.totals.published += 1;
        let appended = topic.append(message, config, encoder, &mut self.spare);
        let seq = topic.seq;
        if appended > 0 && !std::mem::replace(&mut topic.dirty, true) {
            self.dirty.push(index);
        }
        self.pending_bytes += appended;
        if self.pending_bytes >= config.pending_bytes {
            self.flush();
        }
        seq
    }

    pub(crate) fn flush(&mut self) {
        let mut dirty = std::mem::take(&mut self.dirty);
        for index in dirty.drain(..) {
            if let Some(topic) = self.topics.get_mut(index as usize) {
                topic.dirty = false;
                self.flush_topic(index);
            }
        }
        self.dirty = dirty;
    }

    /// Flushes to so many subscribers; returns whether others still wait for something.
    pub(crate) fn flush_some(&mut self, subscribers: usize) -> bool {
        let [index] = self.dirty[..] else {
            // What a client has to get of several topics goes to it at once.
            self.flush();
            return false;
        };
        if self.topics.contains(index as usize) {
            self.flush_part(index, subscribers);
        }
        let topic = self.topics.get_mut(index as usize);
        let done = topic.filter(|it| it.is_pending()).is_none();
        if done {
            self.flush();
        }
        !done
    }

    pub(crate) fn flush_topic(&mut self, index: u32) {
        self.flush_part(index, usize::MAX);
    }

    fn flush_part(&mut self, index: u32, subscribers: usize) {
        let topic = &mut self.topics[index as usize];
        self.pending_bytes -= topic.flush(subscribers, &mut self.outcome, &mut self.spare);
        self.disconnect_overflowed();
    }

    pub(crate) fn subscribe<E>(
        &mut self,
        client: ClientId,
        key: K,
        options: Options,
        config: &Config,
        encoder: &E,
    ) -> Option<Subscribed>
    where
        E: Encode<Topic = K, Message = M>,
    {
        if self.closed.is_some() || !self.clients.contains_key(&client) {
            return None;
        }
        let index = match self.index.get(&key) {
            Some(&index) => index,
            None => self.create(key),
        };
        // What is pending is for those who are here already; it may disconnect this client.
        self.flush_topic(index);
        let mailbox = Arc::clone(&self.clients.get(&client)?.mailbox);
        let seat = self.clients.get(&client)?.subscriptions.get(&index).copied();
        let mut recovered = None;
        match seat {
            Some(seat) if seat.format == options.format => {
                let lane = self.topics[index as usize].lane(seat.format);
                let subscriber = &mut lane.subscribers[seat.at as usize];
                subscriber.subscription.set_policy(options.policy, &mut mailbox.lock());
            }
            other => {
                if other.is_some() {
                    self.unseat(client, index);
                }
                recovered = self.seat(client, index, &mailbox, options, config, encoder);
                self.keep_interest(index);
            }
        }
        let topic = &self.topics[index as usize];
        let state = UpstreamState::of(topic.head.live);
        let subscribed = Subscribed { state, seq: topic.seq, epoch: config.epoch, recovered };
        self.disconnect_overflowed();
        self.clients.contains_key(&client).then_some(subscribed)
    }

    pub(crate) fn unsubscribe(&mut self, client: ClientId, index: u32) -> bool {
        let unseated = self.unseat(client, index);
        if unseated {
            self.end_interest(index);
        }
        unseated
    }

    /// Removes a client; its queue ends with `reason` unless the client has left by itself.
    pub(crate) fn disconnect(&mut self, client: ClientId, reason: Option<Closed<K>>) -> bool {
        let Some(left) = self.clients.get(&client) else { return false };
        let topics: Vec<u32> = left.subscriptions.keys().copied().collect();
        for index in topics {
            self.unsubscribe(client, index);
        }
        let Some(left) = self.clients.remove(&client) else { return false };
        let mut queue = left.mailbox.lock();
        self.totals.dropped += queue.dropped();
        self.totals.conflated += queue.conflated();
        match reason {
            // A client that could not follow is not waited for.
            Some(reason @ Closed::Overflow { .. }) => queue.abort(reason),
            Some(reason) => queue.close(reason),
            None => {}
        }
        self.outcome.wakers.extend(queue.wake());
        self.outcome.wakers.extend(queue.wake_end());
        true
    }

    /// Upstream does not serve a topic: its subscriptions end, and it is forgotten unless kept.
    pub(crate) fn refuse(&mut self, index: u32, refusal: &Refusal) {
        self.flush_topic(index);
        let topic = &mut self.topics[index as usize];
        for lane in std::mem::take(&mut topic.lanes) {
            for mut it in lane.subscribers {
                let mut queue = it.mailbox.lock();
                it.subscription.settle(&topic.head, &mut queue);
                let (topic, refusal) = (topic.head.key.clone(), refusal.clone());
                if !queue.push_urgent(Event::Refused { topic: topic.clone(), refusal }) {
                    self.outcome.overflowed.push((it.mailbox.client, topic));
                }
                self.outcome.wakers.extend(queue.wake());
                if let Some(client) = self.clients.get_mut(&it.mailbox.client) {
                    client.subscriptions.remove(&index);
                    self.totals.subscriptions -= 1;
                }
            }
        }
        let topic = &mut self.topics[index as usize];
        if topic.interest.kept {
            self.live_topics -= usize::from(topic.head.live);
            topic.head.live = false;
            topic.exposed = false;
            topic.interest.asked = false;
        } else {
            self.forget(index);
        }
    }

    pub(crate) fn confirm(&mut self, index: u32) {
        let topic = &self.topics[index as usize];
        if !topic.head.live {
            self.flush_topic(index);
            self.live_topics += 1;
            self.topics[index as usize].confirm(&mut self.outcome);
        }
    }

    pub(crate) fn lose(&mut self, index: u32) {
        let topic = &self.topics[index as usize];
        if topic.exposed {
            self.live_topics -= usize::from(topic.head.live);
            self.flush_topic(index);
            self.topics[index as usize].lose(&mut self.outcome);
        }
    }

    /// Queues for a client what there was no room for.
    pub(crate) fn catch_up(&mut self, client: ClientId, topics: &[u32]) {
        let Some(known) = self.clients.get(&client) else { return };
        let mut queue = known.mailbox.lock();
        for index in topics {
            let Some(seat) = known.subscriptions.get(index) else { continue };
            let topic = &mut self.topics[*index as usize];
            let Some(lane) = topic.lanes.iter_mut().find(|it| it.format == seat.format) else {
                continue;
            };
            let subscription = &mut lane.subscribers[seat.at as usize].subscription;
            let settled = subscription.settle(&topic.head, &mut queue);
            self.outcome.delivered += settled as u64;
        }
        if queue.messages() > 0 {
            self.outcome.wakers.extend(queue.wake());
        }
    }

    pub(crate) fn close(&mut self, reason: &Arc<str>) {
        self.flush();
        self.closed.get_or_insert_with(|| Arc::clone(reason));
        for client in self.clients.values() {
            let mut queue = client.mailbox.lock();
            queue.close(Closed::Shutdown { reason: Arc::clone(reason) });
            self.outcome.wakers.extend(queue.wake());
            self.outcome.wakers.extend(queue.wake_end());
        }
    }

    /// Forgets a topic that has no subscribers.
    pub(crate) fn forget(&mut self, index: u32) {
        let topic = self.topics.remove(index as usize);
        self.index.remove(&topic.head.key);
        self.live_topics -= usize::from(topic.head.live);
        if let Some(number) = topic.interest.lingering {
            self.lingering.remove(&number);
        }
        self.floor = self.floor.max(Some(topic.seq));
    }

    pub(crate) fn create(&mut self, key: K) -> u32 {
        let entry = self.topics.vacant_entry();
        let index = entry.key() as u32;
        entry.insert(Topic::new(key.clone(), index, self.floor));
        self.index.insert(key, index);
        index
    }

    /// Adds a subscription, behind what it has to get first.
    fn seat<E>(
        &mut self,
        client: ClientId,
        index: u32,
        mailbox: &Arc<Mailbox<K>>,
        options: Options,
        config: &Config,
        encoder: &E,
    ) -> Option<bool>
    where
        E: Encode<Topic = K, Message = M>,
    {
        let topic = &mut self.topics[index as usize];
        let mut queue = mailbox.lock();
        let replay = |topic: &Topic<K, M>, count| topic.replay(count, options.format, encoder);

        let mut subscription = Subscription::new(options.policy);
        let mut first: Option<Arc<Chunk<K>>> = None;
        let mut recovered = options.resume.map(|_| false);
        if let Some(missing) = options.resume.and_then(|it| topic.missing(it, config)) {
            first = (missing > 0).then(|| replay(topic, missing));
            // A replay that a slow client would get only in part is none.
            recovered = Some(first.as_ref().is_none_or(|it| subscription.takes_all(&queue, it)));
        }
        let snapshot = (options.snapshot && recovered.is_none()) || recovered == Some(false);
        if snapshot {
            let wanted = config.snapshot && topic.last().is_some();
            first = wanted.then(|| replay(topic, 1));
        }

        if let Some(first) = &first {
            match subscription.deliver(&topic.head, &mut queue, first) {
                Delivery::Queued(count) => self.outcome.delivered += count as u64,
                Delivery::Overflow => {
                    self.outcome.overflowed.push((client, topic.head.key.clone()));
                }
            }
            self.outcome.wakers.extend(queue.wake());
        }
        drop(queue);

        let lane = topic.lane(options.format);
        let at = lane.subscribers.len() as u32;
        lane.subscribers.push(Subscriber { mailbox: Arc::clone(mailbox), subscription });
        if let Some(client) = self.clients.get_mut(&client) {
            client.subscriptions.insert(index, Seat { format: options.format, at });
        }
        self.totals.subscriptions += 1;
        recovered
    }

    /// Removes a subscription without looking whether the topic is still wanted.
    fn unseat(&mut self, client: ClientId, index: u32) -> bool {
        let Some(known) = self.clients.get_mut(&client) else { return false };
        let Some(seat) = known.subscriptions.remove(&index) else { return false };
        self.totals.subscriptions -= 1;
        let topic = &mut self.topics[index as usize];
        let (moved, freed) = topic.remove(seat.format, seat.at as usize, &mut self.outcome);
        self.pending_bytes -= freed;
        if let Some(client) = moved.and_then(|it| self.clients.get_mut(&it)) {
            client.subscriptions.insert(index, seat);
        }
        true
    }

    /// Ends clients that had no room for what they must not miss; the last thing of every
    /// change.
    pub(crate) fn disconnect_overflowed(&mut self) {
        while let Some((client, topic)) = self.outcome.overflowed.pop() {
            if self.disconnect(client, Some(Closed::Overflow { topic })) {
                self.totals.overflows += 1;
            }
        }
    }
}
