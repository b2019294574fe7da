//! One client's interest in one topic, and what gives way when the client is slow.

use std::{num::NonZeroU64, sync::Arc};

use crate::{
    chunk::Chunk,
    event::{Cause, Event},
    mailbox::{EVENT_BYTES, Place, Queue},
    options::Policy,
};

/// What the subscriptions of a topic need to know of it.
#[derive(Debug)]
pub(crate) struct Head<K> {
    pub(crate) key: K,
    pub(crate) index: u32,
    /// Whether upstream has confirmed it.
    pub(crate) live: bool,
}

#[derive(Debug)]
pub(crate) struct Subscription<K> {
    policy: Policy,
    /// The last thing queued for it.
    last: Option<Place>,
    owed: Owed<K>,
    /// Whether the mailbox has a note that something is owed.
    noted: bool,
}

/// What a client gets before anything else of the topic when there is room, in this order.
#[derive(Debug)]
struct Owed<K> {
    gap: Option<Missing>,
    /// The latest message, the same chunk for all who have no room for it.
    latest: Option<Arc<Chunk<K>>>,
    /// Where a loss upstream after the latest message begins.
    later_gap: Option<NonZeroU64>,
    live: bool,
}

#[derive(Debug, Clone, Copy)]
struct Missing {
    from: u64,
    /// `None` after a loss upstream.
    to: Option<u64>,
}

/// What became of a chunk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Delivery {
    /// So many messages were queued; of the others became what the policy says.
    Queued(usize),
    /// The client has to be disconnected.
    Overflow,
}

impl<K: Clone> Subscription<K> {
    pub(crate) fn new(policy: Policy) -> Self {
        let owed = Owed { gap: None, latest: None, later_gap: None, live: false };
        Self { policy, last: None, owed, noted: false }
    }

    /// Queues a chunk, or what the policy leaves of it.
    pub(crate) fn deliver(
        &mut self,
        head: &Head<K>,
        queue: &mut Queue<K>,
        chunk: &Arc<Chunk<K>>,
    ) -> Delivery {
        let idle = self.owed.is_empty() && self.takes_all(queue, chunk);
        if idle { self.push(queue, chunk) } else { self.deliver_tight(head, queue, chunk) }
    }

    /// Tells the client that upstream has confirmed the topic.
    pub(crate) fn confirmed(&mut self, head: &Head<K>, queue: &mut Queue<K>) {
        self.owed.live = true;
        self.settle_or_note(head, queue);
    }

    /// Tells the client that messages from `from` on were lost upstream.
    pub(crate) fn lost(&mut self, head: &Head<K>, queue: &mut Queue<K>, from: u64) {
        self.owed.live = false;
        if self.owed.latest.is_some() {
            self.owed.later_gap = self.owed.later_gap.or(NonZeroU64::new(from));
        } else {
            Missing { from, to: None }.join(&mut self.owed.gap);
        }
        self.settle_or_note(head, queue);
    }

    /// Queues what is owed, as far as there is room; returns how many messages that were.
    pub(crate) fn settle(&mut self, head: &Head<K>, queue: &mut Queue<K>) -> usize {
        self.noted = false;
        let mut settled = 0;
        if self.owed.latest.is_some() && self.settle_gap(head, queue) {
            settled = self.settle_latest(queue);
        }
        self.settle_or_note(head, queue);
        settled
    }

    /// Changes the policy of a subscription that goes on.
    pub(crate) fn set_policy(&mut self, policy: Policy, queue: &mut Queue<K>) {
        if policy != Policy::Conflate
            && let Some(latest) = self.owed.latest.take()
        {
            // The other policies have no latest message to fall back on.
            queue.add_dropped(1);
            let seq = latest.last_seq();
            Missing { from: seq, to: Some(seq) }.join(&mut self.owed.gap);
            self.owed.join_gaps();
        }
        self.policy = policy;
    }

    /// Whether a chunk can be queued whole.
    pub(crate) fn takes_all(&self, queue: &Queue<K>, chunk: &Chunk<K>) -> bool {
        queue.fits(chunk.count(), chunk.len())
            && (self.policy != Policy::Conflate || !queue.is_half_full())
    }

    fn push(&mut self, queue: &mut Queue<K>, chunk: &Arc<Chunk<K>>) -> Delivery {
        self.last = Some(queue.push(Arc::clone(chunk), self.last));
        Delivery::Queued(chunk.count())
    }

    #[cold]
    fn deliver_tight(
        &mut self,
        head: &Head<K>,
        queue: &mut Queue<K>,
        chunk: &Arc<Chunk<K>>,
    ) -> Delivery {
        if queue.is_closed() {
            return Delivery::Queued(0);
        }
        // The chunk takes the place of the latest message, if one is kept.
        queue.add_conflated(u64::from(self.owed.latest.take().is_some()));
        self.owed.join_gaps();
        let settled = self.settle_events(head, queue);
        if settled && self.takes_all(queue, chunk) {
            return self.push(queue, chunk);
        }
        match self.policy {
            Policy::Lossless => Delivery::Overflow,
            Policy::Skip => self.skip(head, queue, chunk, settled),
            Policy::Conflate => self.conflate(head, queue, chunk, settled),
        }
    }

    fn skip(
        &mut self,
        head: &Head<K>,
        queue: &mut Queue<K>,
        chunk: &Arc<Chunk<K>>,
        settled: bool,
    ) -> Delivery {
        let fitting = if settled { queue.fitting(chunk) } else { 0 };
        if fitting > 0 {
            self.push(queue, &chunk.prefix(fitting));
        }
        queue.add_dropped((chunk.count() - fitting) as u64);
        let (from, to) = (chunk.first_seq() + fitting as u64, chunk.last_seq());
        let told = settled && self.last.is_some_and(|it| queue.extend_gap(it, to));
        if !told {
            Missing { from, to: Some(to) }.join(&mut self.owed.gap);
            self.note(head, queue);
        }
        Delivery::Queued(fitting)
    }

    fn conflate(
        &mut self,
        head: &Head<K>,
        queue: &mut Queue<K>,
        chunk: &Arc<Chunk<K>>,
        settled: bool,
    ) -> Delivery {
        let latest = chunk.latest();
        queue.add_conflated(chunk.count() as u64 - 1);
        // Nothing may overtake the events that do not fit.
        if settled {
            if let Some(place) = self.last {
                let retracted = queue.retract(place, &latest);
                queue.add_conflated(retracted as u64);
            }
            if queue.fits(1, latest.len()) {
                if !self.last.is_some_and(|it| queue.put(it, &latest)) {
                    self.push(queue, &latest);
                }
                return Delivery::Queued(1);
            }
        }
        self.owed.latest = Some(latest);
        self.note(head, queue);
        Delivery::Queued(0)
    }

    fn settle_or_note(&mut self, head: &Head<K>, queue: &mut Queue<K>) {
        if self.owed.latest.is_some() || !self.settle_events(head, queue) {
            self.note(head, queue);
        }
    }

    /// Queues the events that are owed; `false` if some have no room. No message may be owed.
    fn settle_events(&mut self, head: &Head<K>, queue: &mut Queue<K>) -> bool {
        self.owed.join_gaps();
        if !self.settle_gap(head, queue) {
            return false;
        }
        if self.owed.live {
            if !queue.fits(1, EVENT_BYTES) {
                return false;
            }
            self.last = Some(queue.push_event(Event::Live { topic: head.key.clone() }));
            self.owed.live = false;
        }
        true
    }

    fn settle_gap(&mut self, head: &Head<K>, queue: &mut Queue<K>) -> bool {
        let Some(Missing { from, to }) = self.owed.gap else { return true };
        let cause = if to.is_some() { Cause::Slow } else { Cause::Upstream };
        let fits = queue.fits(1, EVENT_BYTES);
        if fits {
            let topic = head.key.clone();
            self.last = Some(queue.push_event(Event::Gap { topic, from, to, cause }));
            self.owed.gap = None;
        }
        fits
    }

    fn settle_latest(&mut self, queue: &mut Queue<K>) -> usize {
        let fitting = self.owed.latest.take_if(|it| queue.fits(1, it.len()));
        fitting.map_or(0, |latest| {
            self.push(queue, &latest);
            1
        })
    }

    fn note(&mut self, head: &Head<K>, queue: &mut Queue<K>) {
        if !std::mem::replace(&mut self.noted, true) {
            queue.mark_behind(head.index);
        }
    }
}

impl<K> Owed<K> {
    fn is_empty(&self) -> bool {
        self.gap.is_none() && self.latest.is_none() && self.later_gap.is_none() && !self.live
    }

    /// Makes one gap of two that no message stands between any more.
    fn join_gaps(&mut self) {
        if let Some(from) = self.later_gap.take() {
            Missing { from: from.get(), to: None }.join(&mut self.gap);
        }
    }
}

impl Missing {
    /// Extends a gap by this one.
    fn join(self, gap: &mut Option<Self>) {
        let gap = gap.get_or_insert(self);
        gap.from = gap.from.min(self.from);
        gap.to = gap.to.max(self.to).filter(|_| gap.to.is_some() && self.to.is_some());
    }
}
