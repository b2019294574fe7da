//! Notifications to those who are told: the queue's worker, and its sinks.

mod journal;
mod telegram;
mod webhook;
mod worker;

use std::sync::Arc;

use alert_engine::{
    Batch,
    delivery::{Outcome, Pace},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

pub(crate) use self::telegram::Chats;
pub use self::{
    journal::Journal,
    webhook::{Webhook, WebhookError},
    worker::deliver,
};

use crate::alerts::{Alerts, Keeper, Recipients};

/// Tells those whom the configuration names, until `stop`; the tasks that do.
pub(crate) fn start(
    alerts: &Alerts,
    chats: Option<Chats>,
    keeper: &mut Keeper,
    stop: &CancellationToken,
) -> TaskTracker {
    let tasks = TaskTracker::new();
    let recipients = alerts.recipients();
    if let Some(name) = recipients.log() {
        tell(&tasks, alerts, vec![name], Arc::new(Journal), keeper, stop);
    }
    if let Some((name, webhook)) = recipients.hook() {
        tell(&tasks, alerts, vec![name], webhook, keeper, stop);
    }
    if let Some(chats) = chats {
        let names = recipients.chats.iter().map(|it| Recipients::chat(*it)).collect();
        tell(&tasks, alerts, names, Arc::new(chats), keeper, stop);
    }
    tasks
}

fn tell<S: Sink>(
    tasks: &TaskTracker,
    alerts: &Alerts,
    names: Vec<String>,
    sink: Arc<S>,
    keeper: &mut Keeper,
    stop: &CancellationToken,
) {
    let store = Arc::clone(alerts.store());
    tasks.spawn(deliver(store, names, sink, keeper.bell(), stop.clone()));
}

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
