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
    pub(crate) pending: Pending,
    /// The latest message, while some client has no room for it.
    pub(crate) kept: Option<Arc<Chunk<K>>>,
}

#[derive(Debug)]
pub(crate) struct Subscriber<K> {
    pub(crate) client: ClientId,
    pub(crate) mailbox: Arc<Mailbox<K>>,
    pub(crate) subscription: Subscription,
}

/// What comes of deliveries and must wait until the topic is done.
#[derive(Debug)]
pub(crate) struct Outcome<K> {
    pub(crate) wakers: Vec<Waker>,
    pub(crate) overflowed: Vec<(ClientId, K)>,
    pub(crate) delivered: u64,
}

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

    /// Hands out what has been appended; returns how many bytes that were.
    pub(crate) fn flush(&mut self, outcome: &mut Outcome<K>, spare: &mut Spare) -> usize {
        let mut flushed = 0;
        for lane in &mut self.lanes {
            if lane.pending.is_empty() {
                continue;
            }
            flushed += lane.pending.len();
            let chunk = lane.pending.freeze(&self.head.key);
            spare.give(std::mem::take(&mut lane.pending));
            lane.deliver(&self.head, &chunk, outcome);
        }
        flushed
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
                    kept: None,
                });
                self.lanes.len() - 1
            }
        };
        &mut self.lanes[at]
    }

    fn each(
        &mut self,
        outcome: &mut Outcome<K>,
        tell: impl Fn(&mut Subscription, &Head<K>, &mut Queue<K>),
    ) {
        for subscriber in self.lanes.iter_mut().flat_map(|it| &mut it.subscribers) {
            let mut queue = subscriber.mailbox.lock();
            tell(&mut subscriber.subscription, &self.head, &mut queue);
            outcome.wakers.extend(queue.wake());
        }
    }
}

impl<K: Clone> Lane<K> {
    fn deliver(&mut self, head: &Head<K>, chunk: &Arc<Chunk<K>>, outcome: &mut Outcome<K>) {
        self.kept = None;
        for subscriber in &mut self.subscribers {
            let mut queue = subscriber.mailbox.lock();
            match subscriber.subscription.deliver(head, &mut queue, chunk) {
                Delivery::Queued(count) => outcome.delivered += count as u64,
                Delivery::Kept => self.kept = Some(chunk.latest()),
                Delivery::Overflow => {
                    outcome.overflowed.push((subscriber.client, head.key.clone()));
                    continue;
                }
            }
            outcome.wakers.extend(queue.wake());
        }
    }
}
