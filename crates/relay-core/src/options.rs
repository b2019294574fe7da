//! What the owner and the clients choose.

use std::{hash::Hash, time::Duration};

/// Turns messages into the bytes that clients get.
///
/// The owner of the hub implements it once. The hub never looks inside the
/// bytes, it only concatenates them: encode something that may stand directly
/// behind its predecessor, such as a whole websocket frame with its header.
pub trait Encode: Send + Sync + 'static {
    /// Names a topic. Cheap to clone, for instance an `Arc<str>`.
    type Topic: Clone + Eq + Hash + Send + Sync + 'static;
    /// What is published, before it is encoded.
    type Message: Send + Sync + 'static;

    /// Appends one message in one format to `out`.
    ///
    /// Called at most once per published message and format, and only for formats
    /// somebody has subscribed to; apart from that for snapshots and replays.
    /// It runs under the hub's lock: it must not call the hub.
    fn encode(
        &self,
        topic: &Self::Topic,
        message: &Self::Message,
        format: Format,
        seq: u64,
        out: &mut Vec<u8>,
    );
}

/// One of the encodings the owner's [`Encode`] knows; the number is the owner's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Format(pub u8);

/// What holds for the whole hub.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Config {
    /// Tells this hub's sequence numbers from those of an earlier process. Draw it at random.
    pub epoch: u64,
    /// How long a topic without subscribers stays wanted. 60 s.
    pub linger: Duration,
    /// How many of the last messages of each topic are kept to resume from. 64.
    pub ring: usize,
    /// Whether the last message of each topic is kept as its snapshot. Yes.
    pub snapshot: bool,
    /// A flush happens by itself when so many encoded bytes are not handed to everybody. 256 KiB.
    pub pending_bytes: usize,
}

impl Config {
    /// The defaults.
    pub const fn new(epoch: u64) -> Self {
        Self {
            epoch,
            linger: Duration::from_secs(60),
            ring: 64,
            snapshot: true,
            pending_bytes: 256 * 1024,
        }
    }

    /// How many messages of a topic are kept in all.
    pub(crate) fn history(&self) -> usize {
        self.ring.max(usize::from(self.snapshot))
    }
}

/// How much may be queued for one client, over all its topics.
///
/// An event counts as one message. A single message larger than `bytes` is let
/// through when nothing else is queued, or it could never arrive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Messages and events.
    pub messages: usize,
    /// Encoded bytes; a message shared with other clients counts in full for each.
    pub bytes: usize,
}

/// What happens to a message of a subscription when its client is at its limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Policy {
    /// The client is disconnected: it gets every message or learns that it will not.
    #[default]
    Lossless,
    /// The message is dropped; the client is told which ones were
    /// ([`Event::Gap`](crate::Event::Gap)) as soon as there is room.
    Skip,
    /// Only the latest message of the topic is kept.
    ///
    /// Begins when the client's queue is half full: older messages of the topic
    /// that still wait are replaced by the newest one. The newest always arrives.
    /// What was left out shows as a jump of `seq`, without an event.
    Conflate,
}

/// A client's place in a topic: it has seen everything up to and including `seq`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Position {
    /// The hub's [`Config::epoch`].
    pub epoch: u64,
    /// The sequence number of the last message seen.
    pub seq: u64,
}

/// How a client wants a topic.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Options {
    /// Which encoding.
    pub format: Format,
    /// What gives way when the client is slow.
    pub policy: Policy,
    /// Whether the last message comes first, at once.
    pub snapshot: bool,
    /// Where to go on; if that is not possible, the last message comes first.
    pub resume: Option<Position>,
}
