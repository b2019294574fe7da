//! From the store to a sink.

use std::{sync::Arc, time::Instant};

use alert_engine::{
    Batch, Store, StoreError,
    delivery::{Dispatcher, Outcome},
};
use jiff::Timestamp;
use tokio::{
    sync::Notify,
    task::{JoinSet, spawn_blocking},
};
use tokio_util::sync::CancellationToken;
use tracing::error;

use super::{Sent, Sink};

/// How many messages of one sink are under way at the same time.
const UNDER_WAY_MAX: usize = 8;

/// Sends what waits in the store for `recipients`, all of one sink, until
/// `shutdown`. `queued` tells that something may wait.
///
/// A message under way at the shutdown is waited for, so that it is not sent
/// again after the next start.
pub async fn deliver<S: Sink>(
    store: Arc<Store>,
    recipients: Vec<String>,
    sink: Arc<S>,
    queued: Arc<Notify>,
    shutdown: CancellationToken,
) {
    let names = recipients.iter().map(String::as_str);
    let mut dispatcher = Dispatcher::new(names, sink.pace(), rand::random());
    let mut under_way = JoinSet::new();
    while !shutdown.is_cancelled() {
        while under_way.len() < UNDER_WAY_MAX
            && let Some(recipient) = dispatcher.poll(Instant::now())
        {
            let (store, sink) = (Arc::clone(&store), Arc::clone(&sink));
            under_way.spawn(send(store, sink, recipient, dispatcher.batch_max()));
        }
        let due = match under_way.len() {
            UNDER_WAY_MAX => None,
            _ => dispatcher.poll_timeout(Instant::now()),
        };
        tokio::select! {
            Some(ended) = under_way.join_next() => {
                if let Ok(attempt) = ended {
                    attempt.end(&mut dispatcher, &store).await;
                }
            }
            () = queued.notified() => dispatcher.wake(),
            () = sleep_until(due) => {}
            () = shutdown.cancelled() => {}
        }
    }
    while let Some(ended) = under_way.join_next().await {
        if let Ok(attempt) = ended {
            attempt.end(&mut dispatcher, &store).await;
        }
    }
}

/// A message to a recipient: what it was made of, and what became of it.
struct Attempt {
    recipient: String,
    result: Result<Option<(Batch, Sent)>, StoreError>,
}

async fn send<S: Sink>(store: Arc<Store>, sink: Arc<S>, recipient: String, most: usize) -> Attempt {
    let name = recipient.clone();
    let next = blocking(move || store.next(&name, most, Timestamp::now())).await;
    let result = match next {
        Ok(Some(batch)) => {
            let sent = sink.send(&batch).await;
            Ok(Some((batch, sent)))
        }
        Ok(None) => Ok(None),
        Err(error) => Err(error),
    };
    Attempt { recipient, result }
}

impl Attempt {
    async fn end(self, dispatcher: &mut Dispatcher, store: &Arc<Store>) {
        let now = Instant::now();
        let (mut batch, sent) = match self.result {
            Ok(Some(ended)) => ended,
            Ok(None) => return dispatcher.handle_empty(&self.recipient),
            Err(error) => {
                error!(%error, "notifications cannot be read");
                dispatcher.handle_outcome(&self.recipient, Outcome::Failed, now);
                return;
            }
        };
        if let Some(settled) = dispatcher.handle_outcome(&self.recipient, sent.outcome, now) {
            batch.truncate(sent.count);
            let store = Arc::clone(store);
            if let Err(error) = blocking(move || store.settle(&batch, settled)).await {
                error!(%error, "a delivery cannot be noted; it will be repeated");
            }
        }
    }
}

/// The store waits for the disk.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, StoreError> + Send + 'static,
) -> Result<T, StoreError> {
    match spawn_blocking(work).await {
        Ok(result) => result,
        // It has panicked, or the runtime is ending.
        Err(error) => Err(StoreError::Interrupted(error.to_string())),
    }
}

async fn sleep_until(due: Option<Instant>) {
    match due {
        Some(due) => tokio::time::sleep_until(due.into()).await,
        None => std::future::pending().await,
    }
}
