//! A client, and what it makes of what it receives.

use std::{
    collections::BTreeSet,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll, Wake, Waker},
};

use proptest::{prelude::*, test_runner::TestCaseError};
use relay_core::{Cause, ClientInfo, Closed, Event, Item, Limits, Messages, Outbox};

use super::{TOPICS, reader::Reader};

/// Where one client after the other connects.
#[derive(Default)]
pub(super) struct Place {
    pub(super) client: Option<Client>,
    /// Where the last subscription to each topic has been, and in which life of the topic.
    pub(super) positions: [Option<(u64, u64)>; TOPICS.len()],
}

pub(super) struct Client {
    pub(super) outbox: Outbox<&'static str>,
    pub(super) limits: Limits,
    pub(super) connected: bool,
    /// The subscriptions to each topic of which something may be queued, the last one active.
    pub(super) readers: [Vec<Reader>; TOPICS.len()],
    pub(super) next_formats: [u8; TOPICS.len()],
    /// Refusals that may be queued above the limits.
    pub(super) refusals: usize,
    /// The topics that may have been too much for it, or none if it was kicked.
    pub(super) too_much: BTreeSet<&'static str>,
    /// Rings once when something is queued after it has received with `armed`, and never
    /// otherwise.
    pub(super) bell: Option<Arc<Bell>>,
}

/// Counts how often a client was woken.
#[derive(Default)]
pub(super) struct Bell(AtomicUsize);

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

#[derive(Debug, PartialEq, Eq)]
pub(super) enum Received {
    Something,
    Nothing,
    End,
}

impl Client {
    /// The client is disconnected: its subscriptions end, and show how far it got.
    pub(super) fn end(&mut self, positions: &mut [Option<(u64, u64)>]) {
        self.connected = false;
        for (readers, position) in self.readers.iter_mut().zip(positions) {
            if let Some(reader) = readers.last_mut() {
                reader.active = false;
                *position = Some((reader.life.borrow().number, reader.position));
            }
        }
    }

    pub(super) fn lossless(&self) -> impl Iterator<Item = &'static str> {
        self.readers.iter().zip(TOPICS).filter_map(|(readers, topic)| {
            readers.last().is_some_and(|it| it.active && it.is_lossless()).then_some(topic)
        })
    }

    /// How often the client was woken since it last received with `armed`, if it did.
    pub(super) fn rings(&self) -> Option<usize> {
        self.bell.as_ref().map(|it| it.0.load(Ordering::Relaxed))
    }

    fn take(
        &mut self,
        armed: bool,
        batch: &mut Vec<Item<&'static str>>,
    ) -> Result<bool, Closed<&'static str>> {
        if !armed {
            return self.outbox.try_recv(batch);
        }
        let bell = Arc::<Bell>::default();
        let waker = Waker::from(Arc::clone(&bell));
        self.bell = Some(bell);
        match self.outbox.poll_recv_armed(&Context::from_waker(&waker), batch) {
            Poll::Ready(received) => received.map(|()| true),
            Poll::Pending => Ok(false),
        }
    }

    /// Receives once, and shows each item to the subscription it belongs to. `info` is what
    /// the hub says of the client if it is connected.
    pub(super) fn receive(
        &mut self,
        armed: bool,
        info: Option<&ClientInfo>,
    ) -> Result<Received, TestCaseError> {
        let mut batch = Vec::new();
        match self.take(armed, &mut batch) {
            Ok(true) => {}
            Ok(false) => {
                for readers in &mut self.readers {
                    readers.retain(|it| it.active || it.refused);
                }
                return Ok(Received::Nothing);
            }
            Err(closed) => {
                prop_assert!(!self.connected);
                match closed {
                    Closed::Overflow { topic } => prop_assert!(self.too_much.contains(topic)),
                    Closed::Disconnected => prop_assert!(self.too_much.is_empty()),
                    Closed::Shutdown { .. } => prop_assert!(false, "nobody shut down"),
                }
                return Ok(Received::End);
            }
        }
        self.refusals = 0;
        let (mut messages, mut bytes) = (0, 0);
        let mut gaps = BTreeSet::new();
        for item in &batch {
            let topic = match item {
                Item::Messages(it) => {
                    messages += it.count();
                    bytes += it.bytes().len();
                    gaps.remove(it.topic());
                    *it.topic()
                }
                Item::Event(event) => {
                    messages += 1;
                    bytes += 64;
                    let (Event::Live { topic }
                    | Event::Refused { topic, .. }
                    | Event::Gap { topic, .. }) = **event
                    else {
                        unreachable!()
                    };
                    if matches!(**event, Event::Gap { cause: Cause::Slow, .. }) {
                        let first = gaps.insert(topic);
                        prop_assert!(first, "{topic}: two gaps where one would do");
                    }
                    topic
                }
            };
            let topic = TOPICS.iter().position(|it| *it == topic).unwrap();
            see(&mut self.readers[topic], item).map_err(TestCaseError::fail)?;
        }
        if let Some(info) = info {
            prop_assert_eq!((info.queued_messages, info.queued_bytes), (messages, bytes));
        }
        Ok(Received::Something)
    }
}

/// Shows an item to the subscription it belongs to.
fn see(readers: &mut Vec<Reader>, item: &Item<&'static str>) -> Result<(), String> {
    let event = match item {
        Item::Messages(messages) => return see_messages(readers, messages),
        Item::Event(event) => event,
    };
    if let Event::Refused { .. } = **event {
        let refused = readers.iter().position(|it| it.refused).ok_or("nobody was refused")?;
        readers.drain(..=refused);
        return Ok(());
    }
    // Events do not show their subscription: one of them must have expected it.
    let mut results = Vec::new();
    for reader in readers.iter_mut() {
        let mut next = reader.clone();
        let result = match **event {
            Event::Live { .. } => next.live(),
            Event::Gap { from, to, cause, .. } => next.gap(from, to, cause),
            _ => Err(format!("{event:?}")),
        };
        if result.is_ok() {
            *reader = next;
        }
        results.push(result);
    }
    if results.iter().any(Result::is_ok) { Ok(()) } else { Err(format!("{event:?}: {results:?}")) }
}

fn see_messages(
    readers: &mut Vec<Reader>,
    messages: &Messages<&'static str>,
) -> Result<(), String> {
    for (seq, bytes) in messages.iter() {
        let text = std::str::from_utf8(bytes).map_err(|it| it.to_string())?;
        let parts: Vec<_> = text.trim_end_matches(';').split('/').collect();
        let [format, topic, encoded_seq, value] = parts[..] else {
            return Err(format!("not one whole message: {text}"));
        };
        if (topic, encoded_seq) != (*messages.topic(), &*seq.to_string()) {
            return Err(format!("not {} {seq}: {text}", messages.topic()));
        }
        let reader = readers.iter().position(|it| it.format.to_string() == format);
        let reader = reader.ok_or_else(|| format!("nobody wanted {text}"))?;
        readers.drain(..reader);
        readers[0].message(seq, value)?;
    }
    Ok(())
}
