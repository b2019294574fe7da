//! How often a sink was used, and how that went.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering::Relaxed},
};

use alert_engine::{
    Batch,
    delivery::{Outcome, Pace},
};

use super::{Sent, Sink};

/// Each kind of recipient with what was sent to it.
pub(crate) type Tallies = Vec<(&'static str, Arc<Tally>)>;

/// What was sent through one sink.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    sent: AtomicU64,
    failed: AtomicU64,
}

/// A sink that counts what is sent through it.
pub(super) struct Counted<S> {
    pub(super) sink: S,
    pub(super) tally: Arc<Tally>,
}

impl Tally {
    /// How many notifications have arrived.
    pub(crate) fn sent(&self) -> u64 {
        self.sent.load(Relaxed)
    }

    /// How many messages have not, so that they were or will be repeated.
    pub(crate) fn failed(&self) -> u64 {
        self.failed.load(Relaxed)
    }
}

impl<S: Sink> Sink for Counted<S> {
    fn pace(&self) -> Pace {
        self.sink.pace()
    }

    async fn send(&self, batch: &Batch) -> Sent {
        let sent = self.sink.send(batch).await;
        match sent.outcome {
            Outcome::Delivered => self.tally.sent.fetch_add(sent.count as u64, Relaxed),
            Outcome::Failed | Outcome::Limited(_) => self.tally.failed.fetch_add(1, Relaxed),
            // The queue counts what it drops.
            Outcome::Refused => 0,
        };
        sent
    }
}
