//! What makes changes last, and does what is due without a record.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use alert_engine::{Changes, Rule, StoreError};
use tokio::{
    join,
    sync::Notify,
    task::spawn_blocking,
    time::{MissedTickBehavior, interval, sleep},
};
use tokio_util::sync::CancellationToken;
use tracing::{error, info};

use super::{Alerts, Upstream, disk::Edits, now};

/// How often is looked whether something is due.
const TICK: Duration = Duration::from_secs(1);

/// How many ticks there are to one checkpoint.
const CHECKPOINT: u64 = 10;

/// How long after a failure it is tried again to write.
const RETRY: Duration = Duration::from_secs(2);

/// Writes what the engine has found, wakes those who tell it, and shows the engine the time.
#[derive(Debug)]
pub struct Keeper {
    alerts: Arc<Alerts>,
    queues: Vec<Arc<Notify>>,
}

/// What is written at once.
#[derive(Debug, Clone)]
struct Work {
    edits: Edits,
    /// The rules of the edits; nothing in the place of one that is gone.
    rules: Vec<(String, Option<Rule>)>,
    changes: Changes,
}

impl Keeper {
    pub(super) fn new(alerts: Arc<Alerts>) -> Self {
        Self { alerts, queues: Vec::new() }
    }

    /// A bell for somebody who tells what is queued.
    pub(crate) fn bell(&mut self) -> Arc<Notify> {
        let bell = Arc::new(Notify::new());
        self.queues.push(Arc::clone(&bell));
        bell
    }

    /// Until `stop`, before which everything that shows records to the engine must have
    /// ended; then everything is on the disk.
    pub(crate) async fn run(self, upstream: Upstream, stop: CancellationToken) {
        join!(self.watch(&upstream, &stop), self.keep(&stop));
        self.alerts.disk.ring_for_all();
        // There is no other time to try again.
        let _ = self.write().await;
    }

    /// Writes whenever there is something to write.
    pub(super) async fn keep(&self, stop: &CancellationToken) {
        while stop.run_until_cancelled(self.alerts.disk.rung()).await.is_some() {
            while self.write().await.is_err()
                && stop.run_until_cancelled(sleep(RETRY)).await.is_some()
            {}
        }
    }

    /// Has what there is on the disk, then rings: nothing may be told that could be forgotten.
    /// If the disk fails, everything stays where it was.
    async fn write(&self) -> Result<(), StoreError> {
        let Self { alerts, .. } = self;
        let work = Arc::new(alerts.take_work());
        if work.rules.is_empty() && work.changes.is_empty() {
            alerts.disk.succeeded(&work.edits);
            return Ok(());
        }
        let (writing, those) = (Arc::clone(&work), Arc::clone(alerts));
        let written = spawn_blocking(move || writing.write(&those)).await;
        let interrupted = |it: tokio::task::JoinError| StoreError::Interrupted(it.to_string());
        let written = written.map_err(interrupted).flatten();
        let was_failing = alerts.disk.is_failing();
        let count = work.changes.notifications.len();
        match &written {
            Ok(()) => {
                if was_failing {
                    info!("alerts are kept again");
                }
                alerts.disk.succeeded(&work.edits);
                alerts.figures.found(count);
                if count > 0 {
                    self.queues.iter().for_each(|it| it.notify_one());
                }
            }
            Err(error) => {
                if !was_failing {
                    error!(%error, notifications = count, "alerts cannot be kept, and are not told");
                }
                alerts.put_back(Arc::unwrap_or_clone(work), error);
            }
        }
        written
    }

    /// Does what is due, until `stop`.
    async fn watch(&self, upstream: &Upstream, stop: &CancellationToken) {
        let mut ticks = interval(TICK);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        for tick in 1.. {
            if stop.run_until_cancelled(ticks.tick()).await.is_none() {
                return;
            }
            self.tick(upstream, tick);
        }
    }

    fn tick(&self, upstream: &Upstream, tick: u64) {
        let alerts = &self.alerts;
        let is_checkpoint = tick.is_multiple_of(CHECKPOINT);
        alerts.topics.retry(Instant::now());
        let sessions = upstream.sessions(|| alerts.topics.all(), now(), is_checkpoint);
        let mut engine = alerts.engine();
        let now = now();
        upstream.report(sessions, &mut engine, now);
        let due = engine.poll_timeout();
        if due.is_some_and(|it| it.unix_seconds() <= now.unix_seconds()) {
            engine.handle_timeout(now);
            // A rule that is over needs its topics no more.
            alerts.rules_changed(&engine);
        }
        if is_checkpoint {
            alerts.disk.ring_for_all();
            // As one that has fired its only time.
            alerts.rules_changed(&engine);
        }
        alerts.keep(&engine);
    }
}

impl Work {
    /// Edits first: what was found last is of the rules that there are last.
    fn write(&self, alerts: &Alerts) -> Result<(), StoreError> {
        let Alerts { store, recipients, .. } = alerts;
        for (id, rule) in &self.rules {
            match rule {
                Some(rule) => store.put_rule(rule)?,
                None => store.remove_rule(id)?,
            }
        }
        if self.changes.is_empty() {
            return Ok(());
        }
        store.commit(&self.changes, jiff::Timestamp::now(), |it| recipients.of(it))
    }
}

impl Alerts {
    /// Everything that the disk has not got.
    fn take_work(&self) -> Work {
        let mut engine = self.engine();
        let edits = self.disk.take_edits();
        let rule = |id: &String| (id.clone(), engine.rule(id).map(|it| it.0.clone()));
        let rules = edits.ids.iter().map(rule).collect();
        let changes = match self.disk.take_checkpoint() {
            true => engine.checkpoint(),
            false => engine.take_changes(),
        };
        Work { edits, rules, changes }
    }

    /// What could not be written is to be written again.
    fn put_back(&self, work: Work, error: &StoreError) {
        let mut engine = self.engine();
        let before = engine.lost();
        engine.put_back(work.changes);
        if engine.lost() > before {
            let lost = engine.lost();
            error!(
                lost,
                "there is no room for more alerts that cannot be kept; the least are dropped"
            );
        }
        self.disk.failed(work.edits, error.to_string());
    }
}
