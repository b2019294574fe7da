//! What makes changes last, and does what is due without a record.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};

use alert_engine::{Changes, Report, Rule, Store, StoreError};
use kis_broker::{Outcome, PoolHandle};
use kis_protocol::calendar::Expected;
use tokio::{
    sync::{Notify, mpsc, oneshot},
    task::spawn_blocking,
    time::{MissedTickBehavior, interval, sleep},
};
use tokio_util::sync::CancellationToken;
use tracing::error;

use super::{Alerts, now};
use crate::{market::Market, rest::Api};

/// How often is looked whether something is due.
const TICK: Duration = Duration::from_secs(1);

/// How many ticks there are to one checkpoint.
const CHECKPOINT: u64 = 10;

/// How long after a failure it is tried again to write.
const RETRY: Duration = Duration::from_secs(2);

/// How much is made of one transaction at most.
const BATCH_MAX: usize = 256;

/// What has to be written, in the order in which it happened.
#[derive(Debug)]
pub(super) enum Work {
    Keep(Changes),
    Put(Box<Rule>, oneshot::Sender<Result<(), StoreError>>),
    Remove(String, oneshot::Sender<Result<(), StoreError>>),
}

/// Writes what the engine has found, wakes those who tell it, and shows the engine the time.
#[derive(Debug)]
pub struct Keeper {
    alerts: Arc<Alerts>,
    work: mpsc::UnboundedReceiver<Work>,
    queues: Vec<Arc<Notify>>,
    ticks: u64,
}

/// What is looked at for rules about upstream, besides what sessions tell.
#[derive(Debug)]
pub(crate) struct Upstream {
    sessions: PoolHandle,
    market: Arc<Market>,
    api: Arc<Api>,
    /// How many tokens were refused when it was last looked.
    tokens_refused: AtomicU64,
}

impl Keeper {
    pub(super) fn new(alerts: Arc<Alerts>, work: mpsc::UnboundedReceiver<Work>) -> Self {
        Self { alerts, work, queues: Vec::new(), ticks: 0 }
    }

    /// A bell for somebody who tells what is queued.
    pub(crate) fn bell(&mut self) -> Arc<Notify> {
        let bell = Arc::new(Notify::new());
        self.queues.push(Arc::clone(&bell));
        bell
    }

    /// Until `stop`, before which everything that shows records to the engine must have
    /// ended; then everything is on the disk.
    pub(crate) async fn run(mut self, upstream: Upstream, stop: CancellationToken) {
        let mut ticks = interval(TICK);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut batch = Vec::new();
        loop {
            tokio::select! {
                count = self.work.recv_many(&mut batch, BATCH_MAX) => match count {
                    0 => return,
                    _ => self.write(&mut batch, &stop).await,
                },
                _ = ticks.tick() => self.tick(&upstream),
                () = stop.cancelled() => break,
            }
        }
        let changes = self.alerts.engine().checkpoint();
        self.alerts.send(Work::Keep(changes));
        self.work.close();
        while self.work.recv_many(&mut batch, BATCH_MAX).await > 0 {
            self.write(&mut batch, &stop).await;
        }
    }

    /// Writes a batch; neighbouring changes as one.
    async fn write(&self, batch: &mut Vec<Work>, stop: &CancellationToken) {
        let mut changes = Changes::default();
        for work in batch.drain(..) {
            match work {
                Work::Keep(more) => {
                    changes.notifications.extend(more.notifications);
                    changes.states.extend(more.states);
                }
                Work::Put(rule, done) => {
                    self.commit(std::mem::take(&mut changes), stop).await;
                    let _ = done.send(self.blocking(move |store| store.put_rule(&rule)).await);
                }
                Work::Remove(id, done) => {
                    self.commit(std::mem::take(&mut changes), stop).await;
                    let _ = done.send(self.blocking(move |store| store.remove_rule(&id)).await);
                }
            }
        }
        self.commit(changes, stop).await;
    }

    /// Has changes on the disk, then rings. While the disk fails, it is tried again:
    /// nothing may be told that could be forgotten.
    async fn commit(&self, changes: Changes, stop: &CancellationToken) {
        if changes.is_empty() {
            return;
        }
        let changes = Arc::new(changes);
        loop {
            let (alerts, written) = (Arc::clone(&self.alerts), Arc::clone(&changes));
            let committed = self
                .blocking(move |store| {
                    store.commit(&written, jiff::Timestamp::now(), |it| alerts.recipients.of(it))
                })
                .await;
            let Err(error) = committed else { break };
            let count = changes.notifications.len();
            error!(%error, notifications = count, "alerts cannot be kept, and are not told");
            if stop.is_cancelled() {
                return;
            }
            sleep(RETRY).await;
        }
        if !changes.notifications.is_empty() {
            self.queues.iter().for_each(|it| it.notify_one());
        }
    }

    async fn blocking(
        &self,
        work: impl FnOnce(&Store) -> Result<(), StoreError> + Send + 'static,
    ) -> Result<(), StoreError> {
        let store = Arc::clone(&self.alerts.store);
        let interrupted = |it: tokio::task::JoinError| StoreError::Interrupted(it.to_string());
        spawn_blocking(move || work(&store)).await.map_err(interrupted).flatten()
    }

    fn tick(&mut self, upstream: &Upstream) {
        self.ticks += 1;
        let alerts = &self.alerts;
        alerts.topics.retry(Instant::now());
        let sessions = upstream.in_session(alerts);
        let refused = upstream.tokens_refused();
        let mut engine = alerts.engine();
        let now = now();
        for (key, in_session) in sessions {
            engine.handle_upstream(&key, Report::InSession(in_session), now);
        }
        if refused {
            engine.handle_upstream("REST", Report::TokenRefused { code: "access token" }, now);
        }
        let due = engine.poll_timeout();
        if due.is_some_and(|it| it.unix_seconds() <= now.unix_seconds()) {
            engine.handle_timeout(now);
            // A rule that is over needs its topics no more.
            alerts.rules_changed(&engine);
        }
        if self.ticks.is_multiple_of(CHECKPOINT) {
            let changes = engine.checkpoint();
            if !changes.is_empty() {
                alerts.send(Work::Keep(changes));
            }
            // As one that has fired its only time.
            alerts.rules_changed(&engine);
        }
        alerts.keep(&mut engine);
    }
}

impl Upstream {
    /// Looks after the sessions of a pool.
    pub(crate) fn new(sessions: PoolHandle, market: Arc<Market>, api: Arc<Api>) -> Self {
        Self { sessions, market, api, tokens_refused: AtomicU64::new(0) }
    }

    /// Every session by its key, and whether a market is open whose records somebody waits
    /// for; of a key that has no topics, none is.
    fn in_session(&self, alerts: &Alerts) -> Vec<(Arc<str>, bool)> {
        let (calendar, now) = (self.market.calendar(), now());
        let mut topics = alerts.topics.all().into_iter();
        let open = topics.any(|it| calendar.expected(&it, now).expected == Expected::Yes);
        let keys = self.sessions.status().keys.into_iter();
        keys.map(|it| (Arc::clone(&it.name), open && it.slots_used > 0)).collect()
    }

    /// Whether KIS has refused a token over REST since the last time.
    fn tokens_refused(&self) -> bool {
        let refused = self.api.client().status().count(Outcome::TokenRefused);
        let failed = self.api.tokens().status().failures;
        self.tokens_refused.swap(refused + failed, Relaxed) < refused + failed
    }
}
