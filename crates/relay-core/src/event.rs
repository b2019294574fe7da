//! What a client and the owner are told.

use std::sync::Arc;

use crate::chunk::Messages;

/// One thing a client gets.
#[derive(Debug, Clone)]
pub enum Item<K> {
    /// Messages of one topic.
    Messages(Messages<K>),
    /// Something about one topic. Boxed, because queues are mostly messages and stay small so.
    Event(Box<Event<K>>),
}

/// What happened to a subscription. Keeps its place among the topic's messages.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event<K> {
    /// Upstream confirmed the topic, for the first time or again after a loss.
    Live {
        /// The topic.
        topic: K,
    },
    /// Upstream refused the topic. The subscription has ended.
    Refused {
        /// The topic.
        topic: K,
        /// Why.
        refusal: Refusal,
    },
    /// Messages that the client will not get.
    Gap {
        /// The topic.
        topic: K,
        /// The first missing sequence number.
        from: u64,
        /// The last one; `None` when it is not known how many messages were lost
        /// upstream. Then everything is missing up to the next message of the topic.
        to: Option<u64>,
        /// Who lost them.
        cause: Cause,
    },
}

/// Why messages are missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Cause {
    /// The client did not read fast enough ([`Policy::Skip`](crate::Policy::Skip)).
    Slow,
    /// Upstream was lost. Takes one sequence number, for however many messages.
    Upstream,
}

/// Upstream's reason not to serve a topic.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Refusal {
    /// For programs.
    pub code: Arc<str>,
    /// For people.
    pub message: Arc<str>,
}

impl Refusal {
    /// A reason.
    pub fn new(code: impl Into<Arc<str>>, message: impl Into<Arc<str>>) -> Self {
        Self { code: code.into(), message: message.into() }
    }
}

/// What a client is told when it subscribes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Subscribed {
    /// Whether upstream has confirmed the topic.
    pub state: UpstreamState,
    /// The last number given in this topic. Messages up to here that still come are
    /// the snapshot or the replay; live ones begin with the next number.
    pub seq: u64,
    /// The hub's epoch.
    pub epoch: u64,
    /// If the client wanted to resume: whether everything since then comes first.
    pub recovered: Option<bool>,
}

/// Whether upstream has confirmed a topic.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum UpstreamState {
    /// Not yet, or not since the last loss.
    Pending,
    /// Yes.
    Live,
}

impl UpstreamState {
    pub(crate) const fn of(live: bool) -> Self {
        if live { Self::Live } else { Self::Pending }
    }
}

/// What is to be done upstream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Demand<K> {
    /// Register the topic: it has a subscriber.
    Wanted(K),
    /// Release the topic: it had no subscriber for a whole linger. The hub has forgotten it.
    Released(K),
}

/// Why a client gets nothing any more.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Closed<K> {
    /// A lossless subscription, or an event that must not be lost, found the client at its limit.
    #[error("too slow for lossless topic {topic}: read faster or choose another policy")]
    Overflow {
        /// Whose message did not fit.
        topic: K,
    },
    /// The hub was closed.
    #[error("shut down: {reason}")]
    Shutdown {
        /// As given to [`Hub::close`](crate::Hub::close).
        reason: Arc<str>,
    },
    /// [`Hub::disconnect`](crate::Hub::disconnect) was called.
    #[error("disconnected by the server")]
    Disconnected,
}
