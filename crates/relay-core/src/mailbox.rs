//! A client's queue. Each has its own lock, held for a push or a swap.

use std::{
    num::NonZeroU64,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, Waker},
};

use smallvec::SmallVec;

use crate::{
    chunk::{Chunk, Messages},
    event::{Closed, Event, Item},
    options::Limits,
    state::ClientId,
};

/// What an event counts for, in bytes.
pub(crate) const EVENT_BYTES: usize = 64;
/// How many refusals may be queued above the limits: they answer commands and cannot be left out.
const REFUSALS_MAX: usize = 64;
/// Queues of up to so many items keep their memory when they are empty.
const SPARE_ITEMS: usize = 32;
/// In [`Messages::previous`]: there is none.
const NONE: u32 = u32::MAX;
/// In [`Messages::previous`]: a newer message has taken this one's place.
const SPENT: u32 = u32::MAX - 1;

/// Two lines of the processor's cache, with one field to see in each without the lock.
#[derive(Debug)]
#[repr(C, align(64))]
pub(crate) struct Mailbox<K> {
    queue: Mutex<Queue<K>>,
    pub(crate) client: ClientId,
}

impl<K> Mailbox<K> {
    pub(crate) fn new(client: ClientId, limits: Limits) -> Self {
        let queue = Mutex::new(Queue {
            items: SmallVec::new(),
            messages: 0,
            bytes: 0,
            limits,
            first: NonZeroU64::MIN,
            waker: None,
            end_waker: None,
            closed: None,
            tight: None,
        });
        Self { queue, client }
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, Queue<K>> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Has the processor fetch the memory of several mailboxes at once, and not one after
    /// the other when their turns come: with thousands of clients it is seldom at hand, and
    /// waiting for it is most of what a delivery costs.
    pub(crate) fn fetch<'a>(mailboxes: impl Iterator<Item = &'a Self>)
    where
        K: 'a,
    {
        let seen =
            mailboxes.fold(0, |seen, it| seen ^ it.client.0 ^ u64::from(it.queue.is_poisoned()));
        std::hint::black_box(seen);
    }
}

#[derive(Debug)]
pub(crate) struct Queue<K> {
    /// With room for one that is not elsewhere: a client that keeps up rarely has more.
    items: SmallVec<[Item<K>; 1]>,
    messages: usize,
    bytes: usize,
    limits: Limits,
    /// The [`Place`] of the first item.
    first: NonZeroU64,
    waker: Option<Waker>,
    /// Whom to wake only when there is nothing more to come.
    end_waker: Option<Waker>,
    closed: Option<Box<Closed<K>>>,
    /// Elsewhere, because a client that keeps up has none.
    tight: Option<Box<Tight>>,
}

/// What there is only of a client that has been at its limit.
#[derive(Debug, Default)]
struct Tight {
    /// Topics that have something for the client as soon as there is room.
    behind: Vec<u32>,
    /// How many items are [`SPENT`].
    spent: usize,
    dropped: u64,
    conflated: u64,
}

/// Which item of a queue, counted over its whole life: void once the item was taken.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place(NonZeroU64);

impl<K> Queue<K> {
    pub(crate) fn messages(&self) -> usize {
        self.messages
    }

    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }

    /// How many messages were dropped because the client was slow.
    pub(crate) fn dropped(&self) -> u64 {
        self.tight.as_ref().map_or(0, |it| it.dropped)
    }

    pub(crate) fn add_dropped(&mut self, messages: u64) {
        self.tight().dropped += messages;
    }

    /// How many messages gave way to newer ones.
    pub(crate) fn conflated(&self) -> u64 {
        self.tight.as_ref().map_or(0, |it| it.conflated)
    }

    pub(crate) fn add_conflated(&mut self, messages: u64) {
        self.tight().conflated += messages;
    }

    fn tight(&mut self) -> &mut Tight {
        self.tight.get_or_insert_default()
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.closed.is_some()
    }

    pub(crate) fn fits(&self, messages: usize, bytes: usize) -> bool {
        let within = self.messages + messages <= self.limits.messages
            && self.bytes + bytes <= self.limits.bytes;
        self.closed.is_none() && (within || (self.messages == 0 && messages == 1))
    }

    /// How many of a chunk's first messages fit.
    pub(crate) fn fitting(&self, chunk: &Chunk<K>) -> usize {
        let messages = self.limits.messages.saturating_sub(self.messages);
        let bytes = self.limits.bytes.saturating_sub(self.bytes);
        chunk.fitting(messages, bytes).max(usize::from(self.messages == 0))
    }

    pub(crate) fn is_half_full(&self) -> bool {
        self.messages * 2 > self.limits.messages || self.bytes * 2 > self.limits.bytes
    }

    /// Queues messages; `after` is the place of the subscription's item before.
    pub(crate) fn push(&mut self, chunk: Arc<Chunk<K>>, after: Option<Place>) -> Place {
        self.messages += chunk.count();
        self.bytes += chunk.len();
        let previous = after.and_then(|it| self.find(it)).map_or(NONE, |index| index as u32);
        self.append(Item::Messages(Messages { chunk, previous }))
    }

    pub(crate) fn push_event(&mut self, event: Event<K>) -> Place {
        self.messages += 1;
        self.bytes += EVENT_BYTES;
        self.append(Item::Event(Box::new(event)))
    }

    /// Queues an event even at the limit; `false` if there are too many of these, too.
    pub(crate) fn push_urgent(&mut self, event: Event<K>) -> bool {
        if self.closed.is_some() || self.messages >= self.limits.messages + REFUSALS_MAX {
            return false;
        }
        self.push_event(event);
        true
    }

    /// Takes back a subscription's messages from `newest` backwards, as far as no event
    /// stands in between. Returns how many they were.
    pub(crate) fn retract(&mut self, newest: Place, successor: &Arc<Chunk<K>>) -> usize {
        let mut retracted = 0;
        let mut next = self.find(newest);
        while let Some(Item::Messages(item)) = next.and_then(|index| self.items.get_mut(index)) {
            if item.previous == SPENT {
                break;
            }
            let old = std::mem::replace(&mut item.chunk, Arc::clone(successor));
            next = (item.previous != NONE).then_some(item.previous as usize);
            item.previous = SPENT;
            self.messages -= old.count();
            self.bytes -= old.len();
            retracted += old.count();
            self.tight.get_or_insert_default().spent += 1;
        }
        retracted
    }

    /// Puts a message where one was just retracted; `false` if there is none at that place.
    pub(crate) fn put(&mut self, place: Place, chunk: &Arc<Chunk<K>>) -> bool {
        let Some(index) = self.find(place) else { return false };
        let Some(Item::Messages(item)) = self.items.get_mut(index) else { return false };
        item.chunk = Arc::clone(chunk);
        item.previous = NONE;
        self.messages += chunk.count();
        self.bytes += chunk.len();
        self.tight().spent -= 1;
        true
    }

    /// Extends a gap that is still queued; `false` if there is none at that place.
    pub(crate) fn extend_gap(&mut self, place: Place, last: u64) -> bool {
        let Some(index) = self.find(place) else { return false };
        let Some(Item::Event(event)) = self.items.get_mut(index) else { return false };
        let Event::Gap { to, .. } = &mut **event else { return false };
        if let Some(to) = to {
            *to = last;
        }
        true
    }

    pub(crate) fn mark_behind(&mut self, topic: u32) {
        self.tight().behind.push(topic);
    }

    /// Whom to wake now that there is something to receive.
    pub(crate) fn wake(&mut self) -> Option<Waker> {
        self.waker.take()
    }

    /// Whom else to wake now that the queue has ended.
    pub(crate) fn wake_end(&mut self) -> Option<Waker> {
        self.end_waker.take()
    }

    /// Ends the queue; what is in it can still be received.
    pub(crate) fn close(&mut self, reason: Closed<K>) {
        self.closed.get_or_insert_with(|| Box::new(reason));
    }

    /// Ends the queue at once and frees what is in it.
    pub(crate) fn abort(&mut self, reason: Closed<K>) {
        self.void_places();
        self.items = SmallVec::new();
        (self.messages, self.bytes) = (0, 0);
        if let Some(tight) = &mut self.tight {
            (tight.behind, tight.spent) = (Vec::new(), 0);
        }
        self.close(reason);
    }

    fn void_places(&mut self) {
        self.first = self.first.saturating_add(self.items.len() as u64);
    }

    fn find(&self, place: Place) -> Option<usize> {
        let index = place.0.get().checked_sub(self.first.get())?;
        usize::try_from(index).ok().filter(|&it| it < self.items.len())
    }

    fn append(&mut self, item: Item<K>) -> Place {
        let place = Place(self.first.saturating_add(self.items.len() as u64));
        self.items.push(item);
        place
    }
}

impl<K: Clone> Queue<K> {
    /// Moves everything queued into `batch`; returns the topics that now have room.
    pub(crate) fn take(&mut self, batch: &mut Vec<Item<K>>) -> Result<Option<Vec<u32>>, Closed<K>> {
        if self.items.is_empty() {
            return match &self.closed {
                Some(reason) => Err((**reason).clone()),
                None => Ok(None),
            };
        }
        self.void_places();
        let mut behind = Vec::new();
        if let Some(tight) = &mut self.tight {
            behind = std::mem::take(&mut tight.behind);
            if std::mem::take(&mut tight.spent) > 0 {
                self.items.retain(|it| !matches!(it, Item::Messages(it) if it.previous == SPENT));
            }
        }
        // A buffer that has become far too large is given up.
        let count = self.items.len();
        let too_large = |capacity: usize| capacity > SPARE_ITEMS && capacity / 8 > count;
        if batch.is_empty() && too_large(batch.capacity()) {
            *batch = Vec::new();
        }
        batch.extend(self.items.drain(..));
        if too_large(self.items.capacity()) {
            self.items = SmallVec::new();
        }
        (self.messages, self.bytes) = (0, 0);
        Ok(Some(behind))
    }

    /// As [`Self::take`]; remembers whom to wake if there is nothing.
    pub(crate) fn poll_take(
        &mut self,
        cx: &Context<'_>,
        batch: &mut Vec<Item<K>>,
    ) -> Poll<Result<Vec<u32>, Closed<K>>> {
        match self.take(batch).transpose() {
            Some(taken) => Poll::Ready(taken),
            None => {
                remember(&mut self.waker, cx);
                Poll::Pending
            }
        }
    }

    /// As [`Self::poll_take`]; remembers whom to wake even if there is something.
    pub(crate) fn poll_take_armed(
        &mut self,
        cx: &Context<'_>,
        batch: &mut Vec<Item<K>>,
    ) -> Poll<Result<Vec<u32>, Closed<K>>> {
        let taken = self.take(batch);
        if taken.is_ok() {
            remember(&mut self.waker, cx);
        }
        match taken.transpose() {
            Some(taken) => Poll::Ready(taken),
            None => Poll::Pending,
        }
    }

    /// Why the queue has ended, once it is empty, too.
    pub(crate) fn poll_end(&mut self, cx: &Context<'_>) -> Poll<Closed<K>> {
        match &self.closed {
            Some(reason) if self.items.is_empty() => Poll::Ready((**reason).clone()),
            _ => {
                remember(&mut self.end_waker, cx);
                Poll::Pending
            }
        }
    }
}

fn remember(waker: &mut Option<Waker>, cx: &Context<'_>) {
    if !waker.as_ref().is_some_and(|it| it.will_wake(cx.waker())) {
        *waker = Some(cx.waker().clone());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mailbox_is_two_lines() {
        assert_eq!(size_of::<Mailbox<String>>(), 128);
    }
}
