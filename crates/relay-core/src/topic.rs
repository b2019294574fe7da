//! A topic: its numbering, its history and its subscriptions.

use std::{collections::VecDeque, sync::Arc, task::Waker, time::Instant};

use bytes::Bytes;

use crate::{
    chunk::{Chunk, Pending, Spare},
    mailbox::{Mailbox, Queue},
    options::{Config, Encode, Format, Position},
    state::ClientId,
    subscription::{Delivery, Head, Subscription},
};

#[derive(Debug)]
pub(crate) struct Topic<K, M> {
    pub(crate) head: Head<K>,
    pub(crate) lanes: Vec<Lane<K>>,
    pub(crate) interest: Interest,
    /// The last number given to a message or to a loss.
    pub(crate) seq: u64,
    /// A client that has seen everything up to here has seen it all.
    unbroken_from: u64,
    /// The last messages, numbered without a hole up to `newest`.
    history: VecDeque<M>,
    newest: u64,
    /// Whether there is anything a loss could have hit since the last one.
    pub(crate) exposed: bool,
    /// Whether it is in the list of topics to be flushed.
    pub(crate) dirty: bool,
}

/// Whether upstream has to have the topic.
#[derive(Debug, Default)]
pub(crate) struct Interest {
    /// Wanted with or without subscribers.
    pub(crate) kept: bool,
    /// Wanted by the owner until it is let go.
    pub(crate) held: bool,
    /// In the queue of topics to be asked for.
    pub(crate) queued: bool,
    /// The owner has been told to register it.
    pub(crate) asked: bool,
    /// Its number among the lingering topics.
    pub(crate) lingering: Option<u64>,
    /// When it has lingered long enough.
    pub(crate) deadline: Option<Instant>,
}

/// The subscriptions of a topic that want the same format.
#[derive(Debug)]
pub(crate) struct Lane<K> {
    pub(crate) format: Format,
    pub(crate) subscribers: Vec<Subscriber<K>>,
    pending: Pending,
    /// What some have not been handed yet, oldest first.
    round: VecDeque<Passing<K>>,
    /// Whose turn is next.
    next: usize,
    /// How many turns there have been.
    turn: u64,
}

/// A chunk on its way from one subscriber to the next. Whoever's turn it is gets all there
/// are, so that each is done after as many turns as there are subscribers.
#[derive(Debug)]
struct Passing<K> {
    chunk: Arc<Chunk<K>>,
    /// The turn at which everybody has got it.
    done: u64,
}

#[derive(Debug)]
pub(crate) struct Subscriber<K> {
    pub(crate) mailbox: Arc<Mailbox<K>>,
    pub(crate) subscription: Subscription<K>,
}

/// What comes of deliveries and must wait until the topic is done.
#[derive(Debug)]
pub(crate) struct Outcome<K> {
    pub(crate) wakers: Vec<Waker>,
    pub(crate) overflowed: Vec<(ClientId, K)>,
    pub(crate) delivered: u64,
}

/// How many mailboxes are fetched at once.
const FETCH: usize = 32;

impl<K: Clone, M> Topic<K, M> {
    /// `floor` is the highest number that an earlier life of the topic may have given.
    pub(crate) fn new(key: K, index: u32, floor: Option<u64>) -> Self {
        let seq = floor.unwrap_or(0);
        Self {
            head: Head { key, index, live: false },
            lanes: Vec::new(),
            interest: Interest::default(),
            seq,
            unbroken_from: floor.map_or(0, |it| it + 1),
            history: VecDeque::new(),
            newest: seq,
            exposed: false,
            dirty: false,
        }
    }

    pub(crate) fn subscribers(&self) -> usize {
        self.lanes.iter().map(|it| it.subscribers.len()).sum()
    }

    /// Whether upstream has to have it.
    pub(crate) fn is_wanted(&self) -> bool {
        self.interest.kept || self.interest.held || self.subscribers() > 0
    }

    /// The last message and its number.
    pub(crate) fn last(&self) -> Option<(u64, &M)> {
        Some((self.newest, self.history.back()?))
    }

    /// Numbers a message and encodes it for whoever wants it; returns how many bytes wait now.
    pub(crate) fn append<E>(
        &mut self,
        message: M,
        config: &Config,
        encoder: &E,
        spare: &mut Spare,
    ) -> usize
    where
        E: Encode<Topic = K, Message = M>,
    {
        self.seq += 1;
        self.exposed = true;
        let (key, seq) = (&self.head.key, self.seq);
        let mut appended = 0;
        for lane in &mut self.lanes {
            if lane.pending.is_empty() {
                lane.pending = spare.take();
            }
            appended += lane
                .pending
                .append(seq, |out| encoder.encode(key, &message, lane.format, seq, out));
        }
        if config.history() > 0 {
            if self.history.len() == config.history() {
                self.history.pop_front();
            }
            self.history.push_back(message);
            self.newest = seq;
        }
        appended
    }

    /// Hands what has been appended to as many subscribers, to each all there is for it.
    /// Returns how many bytes everybody has got now.
    pub(crate) fn flush(
        &mut self,
        subscribers: usize,
        outcome: &mut Outcome<K>,
        spare: &mut Spare,
    ) -> usize {
        let (mut flushed, mut left) = (0, subscribers);
        for at in 0..self.lanes.len() {
            let lane = &mut self.lanes[at];
            if !lane.pending.is_empty() {
                let chunk = lane.pending.freeze(&self.head.key);
                spare.give(std::mem::take(&mut lane.pending));
                lane.pass(chunk);
            }
            flushed += lane.deliver(&self.head, &mut left, outcome);
            if left == 0 {
                // So that no format has to wait for another that never ends.
                self.lanes.rotate_left(at + 1);
                break;
            }
        }
        flushed
    }

    /// Whether there is something that some have not been handed yet.
    pub(crate) fn is_pending(&self) -> bool {
        self.lanes.iter().any(|it| !it.pending.is_empty() || !it.round.is_empty())
    }

    /// Takes a subscriber out of a lane. Returns who has its seat now, if anybody, and how
    /// many bytes wait no longer.
    pub(crate) fn remove(
        &mut self,
        format: Format,
        at: usize,
        outcome: &mut Outcome<K>,
    ) -> (Option<ClientId>, usize) {
        let Some(lane) = self.lanes.iter().position(|it| it.format == format) else {
            return (None, 0);
        };
        let it = &mut self.lanes[lane];
        // The turns are counted in subscribers: what has begun is done first.
        let mut unlimited = usize::MAX;
        let mut freed = it.deliver(&self.head, &mut unlimited, outcome);
        it.subscribers.swap_remove(at);
        it.next = 0;
        let moved = it.subscribers.get(at).map(|it| it.mailbox.client);
        if it.subscribers.is_empty() {
            freed += it.pending.len();
            self.lanes.remove(lane);
        }
        (moved, freed)
    }

    /// Upstream lost the topic: the loss takes a number, and nobody resumes across it.
    pub(crate) fn lose(&mut self, outcome: &mut Outcome<K>) {
        self.head.live = false;
        self.exposed = false;
        self.seq += 1;
        self.unbroken_from = self.seq;
        let len = self.history.len();
        self.history.drain(..len.saturating_sub(1));
        let from = self.seq;
        self.each(outcome, |it, head, queue| it.lost(head, queue, from));
    }

    /// Upstream has the topic.
    pub(crate) fn confirm(&mut self, outcome: &mut Outcome<K>) {
        self.head.live = true;
        self.exposed = true;
        self.each(outcome, |it, head, queue| it.confirmed(head, queue));
    }

    /// How many messages a client at `position` lacks; `None` if they are not all there.
    pub(crate) fn missing(&self, position: Position, config: &Config) -> Option<usize> {
        let known = position.epoch == config.epoch
            && (self.unbroken_from..=self.seq).contains(&position.seq);
        let missing = usize::try_from(self.seq - position.seq.min(self.seq)).ok()?;
        (known && missing <= self.history.len()).then_some(missing)
    }

    /// The last `count` messages encoded; there must be that many, and one at least.
    pub(crate) fn replay<E>(&self, count: usize, format: Format, encoder: &E) -> Arc<Chunk<K>>
    where
        E: Encode<Topic = K, Message = M>,
    {
        let mut pending = Pending::default();
        let skipped = self.history.len() - count;
        for (message, seq) in
            self.history.iter().skip(skipped).zip(self.newest + 1 - count as u64..)
        {
            pending.append(seq, |out| encoder.encode(&self.head.key, message, format, seq, out));
        }
        pending.freeze(&self.head.key)
    }

    /// The last message encoded, and its number.
    pub(crate) fn encode_last<E>(&self, format: Format, encoder: &E) -> Option<(u64, Bytes)>
    where
        E: Encode<Topic = K, Message = M>,
    {
        let (seq, message) = self.last()?;
        let mut bytes = Vec::new();
        encoder.encode(&self.head.key, message, format, seq, &mut bytes);
        Some((seq, bytes.into()))
    }

    /// The lane of a format, made if it does not exist.
    pub(crate) fn lane(&mut self, format: Format) -> &mut Lane<K> {
        let at = match self.lanes.iter().position(|it| it.format == format) {
            Some(at) => at,
            None => {
                self.lanes.push(Lane {
                    format,
                    subscribers: Vec::new(),
                    pending: Pending::default(),
                    round: VecDeque::new(),
                    next: 0,
                    turn: 0,
                });
                self.lanes.len() - 1
            }
        };
        &mut self.lanes[at]
    }

    fn each(
        &mut self,
        outcome: &mut Outcome<K>,
        tell: impl Fn(&mut Subscription<K>, &Head<K>, &mut Queue<K>),
    ) {
        for subscriber in self.lanes.iter_mut().flat_map(|it| &mut it.subscribers) {
            let mut queue = subscriber.mailbox.lock();
            tell(&mut subscriber.subscription, &self.head, &mut queue);
            outcome.wakers.extend(queue.wake());
        }
    }
}

impl<K: Clone> Lane<K> {
    fn pass(&mut self, chunk: Arc<Chunk<K>>) {
        self.round.push_back(Passing { chunk, done: self.turn + self.subscribers.len() as u64 });
    }

    /// Takes no more than `left` turns, and counts them off; returns how many bytes
    /// everybody has got now.
    fn deliver(&mut self, head: &Head<K>, left: &mut usize, outcome: &mut Outcome<K>) -> usize {
        let mut done = 0;
        // What everybody's turn brings until a chunk is done, as one.
        let mut whole = None;
        let mut fetched = 0;
        while *left > 0 {
            if whole.is_none() {
                whole = Chunk::join(self.round.iter().map(|it| &it.chunk));
            }
            let Some(chunk) = &whole else { break };
            if fetched == 0 {
                fetched = FETCH;
                let (later, next) = self.subscribers.split_at(self.next);
                let turns = next.iter().chain(later).take((*left).min(FETCH));
                Mailbox::fetch(turns.map(|it| &*it.mailbox));
            }
            fetched -= 1;
            let subscriber = &mut self.subscribers[self.next];
            let mut queue = subscriber.mailbox.lock();
            match subscriber.subscription.deliver(head, &mut queue, chunk) {
                Delivery::Queued(count) => outcome.delivered += count as u64,
                Delivery::Overflow => {
                    outcome.overflowed.push((subscriber.mailbox.client, head.key.clone()));
                }
            }
            outcome.wakers.extend(queue.wake());
            drop(queue);
            self.turn += 1;
            self.next = if self.next + 1 < self.subscribers.len() { self.next + 1 } else { 0 };
            *left -= 1;
            while let Some(oldest) = self.round.pop_front_if(|it| it.done <= self.turn) {
                done += oldest.chunk.len();
                whole = None;
            }
        }
        done
    }
}
