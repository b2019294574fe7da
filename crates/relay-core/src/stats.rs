//! What can be seen of a hub from outside.

use crate::{event::UpstreamState, state::ClientId};

/// Counts over the whole hub. Counters begin with 0 and never decrease.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Stats {
    /// Connected clients.
    pub clients: usize,
    /// Subscriptions of all clients.
    pub subscriptions: usize,
    /// Topics the hub knows, with or without subscribers.
    pub topics: usize,
    /// Those that upstream has confirmed.
    pub topics_live: usize,
    /// Those without subscribers that wait to be released.
    pub topics_lingering: usize,
    /// Encoded bytes that wait for a flush.
    pub pending_bytes: usize,
    /// Messages published to known topics.
    pub published: u64,
    /// Messages published to topics nobody has asked for; they were dropped.
    pub unknown: u64,
    /// Messages queued, once for each client.
    pub delivered: u64,
    /// Messages dropped because a client was slow ([`Policy::Skip`](crate::Policy::Skip)).
    pub dropped: u64,
    /// Messages replaced by a newer one ([`Policy::Conflate`](crate::Policy::Conflate)).
    pub conflated: u64,
    /// Clients disconnected because they were slow.
    pub overflows: u64,
}

/// A topic as the hub sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct TopicInfo<K> {
    /// The topic.
    pub topic: K,
    /// How many clients are subscribed.
    pub subscribers: usize,
    /// Whether upstream has confirmed it.
    pub state: UpstreamState,
    /// The last sequence number given.
    pub seq: u64,
}

/// A client as the hub sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ClientInfo {
    /// The client.
    pub client: ClientId,
    /// How many subscriptions it has.
    pub subscriptions: usize,
    /// Messages and events in its queue.
    pub queued_messages: usize,
    /// Bytes in its queue.
    pub queued_bytes: usize,
    /// Messages it did not get because it was slow.
    pub dropped: u64,
    /// Messages replaced by a newer one because it was slow.
    pub conflated: u64,
}
