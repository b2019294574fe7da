//! What holds for clients and topics.

use std::time::Duration;

use serde::Deserialize;

/// What holds for clients and topics.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Relay {
    /// How long a topic stays registered after its last client has left, in
    /// milliseconds.
    pub linger_ms: u64,
    /// How many of the last messages of each topic are kept to resume from.
    pub ring: usize,
    /// How many messages may wait for a slow client, besides the batch that is being
    /// written to it, which is as large at most.
    pub client_messages: usize,
    /// How many bytes may wait for a slow client; likewise.
    pub client_bytes: usize,
    /// How many clients may be connected.
    pub clients_max: usize,
    /// How many topics one client may subscribe to.
    pub client_topics_max: usize,
    /// How many bytes a client's message may have.
    pub message_bytes_max: usize,
    /// A silent client is pinged after so many milliseconds, and dropped after
    /// twice as many more.
    pub ping_interval_ms: u64,
    /// How long records wait for others to be written with, in milliseconds. 0 writes at
    /// once, which is as fast as it gets; under load records are written together anyway.
    pub coalesce_ms: u64,
}

impl Relay {
    /// How long a topic stays registered after its last client has left.
    pub fn linger(&self) -> Duration {
        Duration::from_millis(self.linger_ms)
    }

    /// How long records wait for others.
    pub fn coalesce(&self) -> Duration {
        Duration::from_millis(self.coalesce_ms)
    }

    /// When a silent client is pinged.
    pub fn ping_interval(&self) -> Duration {
        Duration::from_millis(self.ping_interval_ms)
    }
}

impl Default for Relay {
    fn default() -> Self {
        Self {
            linger_ms: 60_000,
            ring: 64,
            client_messages: 16_384,
            client_bytes: 4 * 1024 * 1024,
            clients_max: 10_000,
            client_topics_max: 500,
            message_bytes_max: 64 * 1024,
            ping_interval_ms: 30_000,
            coalesce_ms: 0,
        }
    }
}
