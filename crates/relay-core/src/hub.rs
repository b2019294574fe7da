//! The hub: the public operations, and waking whoever has to act on them.

use std::{
    borrow::Borrow,
    fmt,
    hash::Hash,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Instant,
};

use bytes::Bytes;
use tokio::sync::Notify;

use crate::{
    event::{Closed, Demand, Refusal, Subscribed, UpstreamState},
    options::{Config, Encode, Format, Limits, Options},
    outbox::{Members, Outbox},
    state::{ClientId, State},
    stats::{ClientInfo, Stats, TopicInfo},
};

/// Takes messages from upstream and hands them to the clients subscribed to their topic.
///
/// A handle: clones are the same hub. The crate's page has its promises.
pub struct Hub<E: Encode>(Arc<Shared<E>>);

/// The client is not connected any more; its outbox says why.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("client {0} is not connected any more: connect again")]
pub struct UnknownClient(pub ClientId);

struct Shared<E: Encode> {
    config: Config,
    encoder: E,
    /// Held by whoever publishes or changes subscriptions, and by a receiver only to
    /// catch up after it was at its limit. Taken before the lock of a mailbox.
    state: Mutex<State<E::Topic, E::Message>>,
    demand: Notify,
}

/// Clients.
impl<E: Encode> Hub<E> {
    /// A hub without topics or clients.
    pub fn new(config: Config, encoder: E) -> Self {
        Self(Arc::new(Shared {
            config,
            encoder,
            state: Mutex::new(State::new()),
            demand: Notify::new(),
        }))
    }

    /// Adds a client, for whom never more than `limits` is queued.
    pub fn connect(&self, limits: Limits) -> Outbox<E::Topic> {
        let (client, mailbox) = self.0.update(|state| state.connect(limits));
        Outbox::new(client, mailbox, Arc::clone(&self.0) as Arc<dyn Members>)
    }

    /// Removes a client. It still receives what is queued. `false` if it was not connected.
    pub fn disconnect(&self, client: ClientId) -> bool {
        self.0.update(|state| state.disconnect(client, Some(Closed::Disconnected)))
    }

    /// Subscribes a client to a topic.
    ///
    /// The snapshot or the replay is queued before the first live message. Doing it again
    /// changes the policy and nothing else; with another format, the subscription
    /// is replaced.
    ///
    /// # Errors
    /// The client is not connected any more, perhaps because the first messages of a
    /// lossless subscription went beyond its limits.
    pub fn subscribe(
        &self,
        client: ClientId,
        topic: E::Topic,
        options: Options,
    ) -> Result<Subscribed, UnknownClient> {
        let (config, encoder) = (&self.0.config, &self.0.encoder);
        self.0
            .update(|state| state.subscribe(client, topic, options, config, encoder))
            .ok_or(UnknownClient(client))
    }

    /// Ends a subscription; `false` if there was none. What is queued still arrives.
    pub fn unsubscribe<Q>(&self, client: ClientId, topic: &Q) -> bool
    where
        E::Topic: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        self.0.update_topic(topic, |state, index| state.unsubscribe(client, index)).unwrap_or(false)
    }

    /// Ends the hub: every client gets what is queued and then [`Closed::Shutdown`],
    /// new ones get that at once, and nothing is published any more.
    pub fn close(&self, reason: impl Into<Arc<str>>) {
        let reason = reason.into();
        self.0.update(|state| state.close(&reason));
    }
}

/// Upstream.
impl<E: Encode> Hub<E> {
    /// Appends a message to a topic and returns its sequence number.
    ///
    /// It goes out with the next [`flush`](Self::flush), or before if much is pending.
    /// `None` if the topic is unknown, that is, neither subscribed nor lingering.
    pub fn publish<Q>(&self, topic: &Q, message: E::Message) -> Option<u64>
    where
        E::Topic: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        let (config, encoder) = (&self.0.config, &self.0.encoder);
        self.0.update(|state| match state.index.get(topic) {
            Some(&index) if state.closed.is_none() => {
                Some(state.publish(index, message, config, encoder))
            }
            _ => {
                state.totals.unknown += 1;
                None
            }
        })
    }

    /// Hands all messages published since the last time to the clients.
    ///
    /// Call it whenever upstream has nothing more ready: everything that was read at
    /// once then costs each client one push, one wake-up and one write.
    pub fn flush(&self) {
        self.0.update(State::flush);
    }

    /// As [`flush`](Self::flush), for an owner that writes to the clients by itself: hands
    /// what was published to so many clients, and returns whether others still wait.
    ///
    /// Writing to these before it goes on finds their memory at hand, and what is published
    /// meanwhile reaches those whose turn is yet to come with the rest. Messages of several
    /// topics are handed out all at once, so that a client gets them with one write.
    pub fn flush_some(&self, clients: usize) -> bool {
        self.0.update(|state| state.flush_some(clients))
    }

    /// Upstream serves a topic: its subscribers get [`Event::Live`](crate::Event::Live).
    /// `false` if the topic is unknown.
    pub fn confirm<Q>(&self, topic: &Q) -> bool
    where
        E::Topic: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        self.0.update_topic(topic, State::confirm).is_some()
    }

    /// Upstream does not serve a topic: its subscribers get
    /// [`Event::Refused`](crate::Event::Refused), their subscriptions end, and the topic is
    /// forgotten, so that the next subscriber asks for it anew.
    /// `false` if the topic is unknown.
    pub fn refuse<Q>(&self, topic: &Q, refusal: &Refusal) -> bool
    where
        E::Topic: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        self.0.update_topic(topic, |state, index| state.refuse(index, refusal)).is_some()
    }

    /// Upstream lost a topic, and may have missed messages: its subscribers get
    /// [`Event::Gap`](crate::Event::Gap), and nobody can resume from before.
    ///
    /// Says nothing again until the topic was confirmed or had a message.
    /// `false` if the topic is unknown.
    pub fn lost<Q>(&self, topic: &Q) -> bool
    where
        E::Topic: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        self.0.update_topic(topic, State::lose).is_some()
    }

    /// Upstream lost every topic.
    pub fn lost_all(&self) {
        self.0.update(|state| {
            let indices: Vec<usize> = state.topics.iter().map(|(index, _)| index).collect();
            for index in indices {
                state.lose(index as u32);
            }
        });
    }
}

/// Interest.
impl<E: Encode> Hub<E> {
    /// What is to be registered or released upstream next.
    ///
    /// Call it until `None` when [`demand_changed`](Self::demand_changed) returns and when
    /// [`next_deadline`](Self::next_deadline) has come. Lingering is counted from the first
    /// call after the last subscriber has left, since that is where time comes in.
    pub fn poll_demand(&self, now: Instant) -> Option<Demand<E::Topic>> {
        self.0.update(|state| state.poll_demand(now, self.0.config.linger))
    }

    /// When the next topic will have lingered long enough.
    pub fn next_deadline(&self) -> Option<Instant> {
        self.0.lock().next_deadline()
    }

    /// Waits until [`poll_demand`](Self::poll_demand) should be called. For one task at a time.
    /// Cancel-safe: no change is missed between calls.
    pub async fn demand_changed(&self) {
        self.0.demand.notified().await;
    }

    /// Wants a topic for good: it is asked for upstream, numbered and kept in history without
    /// any subscriber. If it is refused it stays, and the next subscriber asks for it again.
    pub fn keep(&self, topic: E::Topic) {
        self.0.update(|state| state.keep(topic));
    }

    /// Wants a topic without a subscriber, as long as it is not
    /// [let go](Self::let_go): its messages cost nothing more than to be kept. A refusal
    /// ends that as it ends subscriptions.
    pub fn hold(&self, topic: E::Topic) {
        self.0.update(|state| state.hold(topic));
    }

    /// Ends a hold; the topic lingers if it has no subscribers either.
    /// `false` if the topic is unknown.
    pub fn let_go<Q>(&self, topic: &Q) -> bool
    where
        E::Topic: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        self.0.update_topic(topic, State::let_go).is_some()
    }

    /// Ends the longest linger early and returns its topic, to be released upstream.
    /// For when there is no room upstream for a topic that is wanted.
    pub fn evict_lingering(&self) -> Option<E::Topic> {
        self.0.update(State::evict_lingering)
    }
}

/// Views.
impl<E: Encode> Hub<E> {
    /// The last message of a topic, encoded, and its sequence number.
    pub fn last<Q>(&self, topic: &Q, format: Format) -> Option<(u64, Bytes)>
    where
        E::Topic: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        let state = self.0.lock();
        let index = *state.index.get(topic)?;
        state.topics[index as usize].encode_last(format, &self.0.encoder)
    }

    /// Shows the last message of a topic and its sequence number to `read`, which runs
    /// under the hub's lock and must not call the hub.
    pub fn with_last<Q, R>(&self, topic: &Q, read: impl FnOnce(u64, &E::Message) -> R) -> Option<R>
    where
        E::Topic: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        let state = self.0.lock();
        let index = *state.index.get(topic)?;
        let (seq, message) = state.topics[index as usize].last()?;
        Some(read(seq, message))
    }

    /// Counts over the whole hub. Takes time in proportion to the clients.
    pub fn stats(&self) -> Stats {
        let state = self.0.lock();
        let mut stats = Stats {
            clients: state.clients.len(),
            subscriptions: state.totals.subscriptions,
            topics: state.topics.len(),
            topics_live: state.live_topics,
            topics_lingering: state.lingering.len(),
            pending_bytes: state.pending_bytes,
            published: state.totals.published,
            unknown: state.totals.unknown,
            delivered: state.outcome.delivered,
            dropped: state.totals.dropped,
            conflated: state.totals.conflated,
            overflows: state.totals.overflows,
        };
        for client in state.clients.values() {
            let queue = client.mailbox.lock();
            stats.dropped += queue.dropped();
            stats.conflated += queue.conflated();
        }
        stats
    }

    /// How many topics there are: [`Stats::topics`], without looking at the clients.
    pub fn topic_count(&self) -> usize {
        self.0.lock().topics.len()
    }

    /// All topics, in no order. Takes time in proportion to them.
    pub fn topics(&self) -> Vec<TopicInfo<E::Topic>> {
        let state = self.0.lock();
        let info = |(_, topic): (usize, &crate::topic::Topic<E::Topic, E::Message>)| TopicInfo {
            topic: topic.head.key.clone(),
            subscribers: topic.subscribers(),
            state: UpstreamState::of(topic.head.live),
            seq: topic.seq,
        };
        state.topics.iter().map(info).collect()
    }

    /// All clients, in no order. Takes time in proportion to them.
    pub fn clients(&self) -> Vec<ClientInfo> {
        let state = self.0.lock();
        let info = |(&client, known): (&ClientId, &crate::state::Client<E::Topic>)| {
            let queue = known.mailbox.lock();
            ClientInfo {
                client,
                subscriptions: known.subscriptions.len(),
                queued_messages: queue.messages(),
                queued_bytes: queue.bytes(),
                dropped: queue.dropped(),
                conflated: queue.conflated(),
            }
        };
        state.clients.iter().map(info).collect()
    }
}

impl<E: Encode> Shared<E> {
    fn lock(&self) -> MutexGuard<'_, State<E::Topic, E::Message>> {
        // What a panicking encoder leaves behind is valid: at worst a number nobody gets.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes the state, then wakes whoever has to know, without the lock.
    fn update<R>(&self, change: impl FnOnce(&mut State<E::Topic, E::Message>) -> R) -> R {
        let mut state = self.lock();
        let result = change(&mut state);
        state.disconnect_overflowed();
        let demand_changed = std::mem::take(&mut state.demand_changed);
        let mut wakers = std::mem::take(&mut state.outcome.wakers);
        drop(state);
        if demand_changed {
            self.demand.notify_one();
        }
        if wakers.capacity() > 0 {
            wakers.drain(..).for_each(std::task::Waker::wake);
            let mut state = self.lock();
            if state.outcome.wakers.capacity() < wakers.capacity()
                && state.outcome.wakers.is_empty()
            {
                state.outcome.wakers = wakers;
            }
        }
        result
    }

    fn update_topic<Q, R>(
        &self,
        topic: &Q,
        change: impl FnOnce(&mut State<E::Topic, E::Message>, u32) -> R,
    ) -> Option<R>
    where
        E::Topic: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        self.update(|state| {
            let index = *state.index.get(topic)?;
            Some(change(state, index))
        })
    }
}

impl<E: Encode> Members for Shared<E> {
    fn catch_up(&self, client: ClientId, topics: &[u32]) {
        self.update(|state| state.catch_up(client, topics));
    }

    fn leave(&self, client: ClientId) {
        self.update(|state| state.disconnect(client, None));
    }
}

impl<E: Encode> Clone for Hub<E> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<E: Encode> fmt::Debug for Hub<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hub").field("config", &self.0.config).finish_non_exhaustive()
    }
}
