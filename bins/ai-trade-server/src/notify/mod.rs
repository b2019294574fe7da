//! Notifications to those who are told: the queue's worker, and its sinks.

mod journal;
mod tally;
mod telegram;
mod webhook;
mod worker;

use std::sync::Arc;

use alert_engine::{
    Batch,
    delivery::{Outcome, Pace},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use self::tally::{Counted, Tally};
pub use self::{
    journal::Journal,
    webhook::{Webhook, WebhookError},
    worker::deliver,
};
pub(crate) use self::{tally::Tallies, telegram::Chats};

use crate::alerts::{Alerts, Keeper, Recipients};

/// Tells those whom the configuration names, until `stop`; the tasks that do, and what they count.
pub(crate) fn start(
    alerts: &Alerts,
    chats: Option<Chats>,
    keeper: &mut Keeper,
    stop: &CancellationToken,
) -> (TaskTracker, Tallies) {
    let tasks = TaskTracker::new();
    let recipients = alerts.recipients();
    let mut tell = Tell { tasks: &tasks, alerts, keeper, stop, tallies: Vec::new() };
    if let Some(name) = recipients.log() {
        tell.start(Recipients::LOG, vec![name], Journal);
    }
    if let Some((name, webhook)) = recipients.hook() {
        tell.start(Recipients::WEBHOOK, vec![name], webhook);
    }
    if let Some(chats) = chats {
        let names = recipients.chats.iter().map(|it| Recipients::chat(*it)).collect();
        tell.start(Recipients::TELEGRAM, names, chats);
    }
    let tallies = tell.tallies;
    (tasks, tallies)
}

/// What every task that tells needs.
struct Tell<'a> {
    tasks: &'a TaskTracker,
    alerts: &'a Alerts,
    keeper: &'a mut Keeper,
    stop: &'a CancellationToken,
    tallies: Tallies,
}

impl Tell<'_> {
    /// Tells recipients of one kind.
    fn start(&mut self, kind: &'static str, names: Vec<String>, sink: impl Sink) {
        let tally = Arc::new(Tally::default());
        self.tallies.push((kind, Arc::clone(&tally)));
        let sink = Arc::new(Counted { sink, tally });
        let (store, bell) = (Arc::clone(self.alerts.store()), self.keeper.bell());
        self.tasks.spawn(deliver(store, names, sink, bell, self.stop.clone()));
    }
}

/// A way to tell somebody.
pub trait Sink: Send + Sync + 'static {
    /// How fast it may be used.
    fn pace(&self) -> Pace;

    /// Sends as much of the batch as fits into one message.
    fn send(&self, batch: &Batch) -> impl Future<Output = Sent> + Send;
}

impl<S: Sink> Sink for Arc<S> {
    fn pace(&self) -> Pace {
        S::pace(self)
    }

    fn send(&self, batch: &Batch) -> impl Future<Output = Sent> + Send {
        S::send(self, batch)
    }
}

/// What became of a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sent {
    /// Of the message.
    pub outcome: Outcome,
    /// How many of the batch's notifications were in it.
    pub count: usize,
}
