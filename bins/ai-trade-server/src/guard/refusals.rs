//! What was refused, counted.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// Why something was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reason {
    /// All connections were taken.
    ServerFull,
    /// All connections of one address were taken.
    AddressFull,
    /// A TLS handshake failed or took too long.
    Tls,
    /// A key was missing, wrong, or too late.
    Unauthorized,
    /// The key does not open this.
    Scope,
    /// The name or the page was a foreign one, or a proxy's.
    Browser,
    /// The key's connections were taken.
    KeyConnections,
    /// The key's requests came too fast.
    KeyRequests,
    /// A websocket client sent too many messages.
    Messages,
    /// A websocket client changed its topics too often.
    TopicChanges,
}

impl Reason {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::ServerFull,
        Self::AddressFull,
        Self::Tls,
        Self::Unauthorized,
        Self::Scope,
        Self::Browser,
        Self::KeyConnections,
        Self::KeyRequests,
        Self::Messages,
        Self::TopicChanges,
    ];

    /// Its name in metrics.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ServerFull => "server_full",
            Self::AddressFull => "address_full",
            Self::Tls => "tls",
            Self::Unauthorized => "unauthorized",
            Self::Scope => "scope",
            Self::Browser => "browser",
            Self::KeyConnections => "key_connections",
            Self::KeyRequests => "key_requests",
            Self::Messages => "messages",
            Self::TopicChanges => "topic_changes",
        }
    }
}

/// How often each was the reason.
#[derive(Debug, Default)]
pub(crate) struct Refusals([AtomicU64; Reason::ALL.len()]);

impl Refusals {
    pub(crate) fn count(&self, reason: Reason) {
        self.0[reason as usize].fetch_add(1, Relaxed);
    }

    pub(crate) fn of(&self, reason: Reason) -> u64 {
        self.0[reason as usize].load(Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_is_counted_apart() {
        let refusals = Refusals::default();
        for (index, reason) in Reason::ALL.into_iter().enumerate() {
            assert_eq!(reason as usize, index);
            for _ in 0..index {
                refusals.count(reason);
            }
        }
        for (index, reason) in Reason::ALL.into_iter().enumerate() {
            assert_eq!(refusals.of(reason), index as u64);
        }
    }
}
