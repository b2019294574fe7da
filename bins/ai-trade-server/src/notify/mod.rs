//! Notifications to those who are told: the queue's worker, and its sinks.

mod journal;
mod webhook;
mod worker;

use alert_engine::{
    Batch,
    delivery::{Outcome, Pace},
};

pub use self::{
    journal::Journal,
    webhook::{Webhook, WebhookError},
    worker::deliver,
};

/// A way to tell somebody.
pub trait Sink: Send + Sync + 'static {
    /// How fast it may be used.
    fn pace(&self) -> Pace;

    /// Sends as much of the batch as fits into one message.
    fn send(&self, batch: &Batch) -> impl Future<Output = Sent> + Send;
}

/// What became of a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sent {
    /// Of the message.
    pub outcome: Outcome,
    /// How many of the batch's notifications were in it.
    pub count: usize,
}
