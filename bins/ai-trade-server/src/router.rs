//! Between the sessions and the hub: frames in, records out; wishes out, answers in.

use std::{
    collections::BTreeSet,
    sync::{Arc, MutexGuard},
    time::{Instant, SystemTime, UNIX_EPOCH},
};

use alert_engine::{Engine, Report};
use kis_broker::{BudgetKind, Event, Loss, PoolHandle, Refusal, Sink};
use kis_protocol::{
    Frame, FrameError, Splits, Topic, TrId, control::code::MAX_SUBSCRIBE_OVER,
    normalized::Normalized, time::Timestamp,
};
use relay_core::{Demand, Hub};
use tokio_util::sync::CancellationToken;
use tracing::{debug, error_span, info, warn};

use crate::{
    alerts::Alerts,
    counters::Counters,
    wire::{RecordMessage, Wire},
    ws::Writers,
};

/// What rules call the source of what is not of one session.
const KIS: &str = "KIS";

/// Publishes what the sessions receive.
///
/// It runs in the session's own task, one at a time: a frame is parsed, split into records and
/// handed to the hub without crossing a channel.
#[derive(Debug)]
pub struct Router {
    hub: Hub<Wire>,
    counters: Arc<Counters>,
    splits: Splits,
    topic: String,
    /// The registered notices: KIS may name the account's owner otherwise than
    /// the key that was registered.
    notices: Vec<Topic>,
    writers: Option<Arc<Writers>>,
    alarm: Option<Alarm>,
}

/// The rules that see what a session receives.
#[derive(Debug)]
struct Alarm {
    alerts: Arc<Alerts>,
    /// Whether a rule may have seen something since the last flush.
    pending: bool,
    /// The sessions that are connected.
    connected: BTreeSet<String>,
}

impl Router {
    /// Publishes to `hub`.
    pub fn new(hub: Hub<Wire>, counters: Arc<Counters>) -> Self {
        let (splits, topic, notices) = (Splits::default(), String::new(), Vec::new());
        Self { hub, counters, splits, topic, notices, writers: None, alarm: None }
    }

    /// Leaves it to those who write to the clients when to hand out what was published.
    #[must_use]
    pub fn writing(mut self, writers: Arc<Writers>) -> Self {
        self.writers = Some(writers);
        self
    }

    /// Shows what is received to rules as well.
    #[must_use]
    pub fn alerting(mut self, alerts: Arc<Alerts>) -> Self {
        self.alarm = Some(Alarm { alerts, pending: false, connected: BTreeSet::new() });
        self
    }

    fn publish(&mut self, text: &str) -> Result<(), FrameError> {
        let frame = Frame::parse(text)?;
        let tr_id: Option<TrId> = frame.tr_id.parse().ok();
        let received = now();
        let mut unrouted = 0;
        let records = frame.records(&mut self.splits)?;
        let known_width = self.counters.frame(tr_id, &records, received);
        if let Some(alarm) = self.alarm.as_ref().filter(|_| !known_width) {
            let columns = u32::try_from(records.columns()).unwrap_or(u32::MAX);
            let report = Report::UnknownWidth { stream: frame.tr_id, columns };
            alarm.alerts.report(KIS, report);
        }
        let mut rules = self.alarm.as_mut().and_then(|it| it.watch(tr_id));
        for record in records {
            if let (Some(engine), Some(tr_id)) = (&mut rules, tr_id)
                && engine.watches(tr_id, record.key())
                && let Ok(normalized) = Normalized::read(record, tr_id, received)
            {
                // A record comes here once, so it needs no position.
                engine.handle_record(&normalized, record.key(), None, received);
            }
            let message = || RecordMessage { record: record.into(), tr_id, received };
            self.topic.clear();
            Topic::write(&mut self.topic, frame.tr_id, record.key());
            if self.hub.publish(self.topic.as_str(), message()).is_some() {
                continue;
            }
            let notices = self.notices.iter().filter(|it| it.tr_id() == frame.tr_id);
            let sent =
                notices.filter(|it| self.hub.publish(it.as_str(), message()).is_some()).count();
            unrouted += u64::from(sent == 0);
        }
        self.counters.unrouted_records(unrouted);
        Ok(())
    }

    /// Tells the hub, and the rules, what happened to the session called `source`.
    fn act_on(&mut self, source: &str, event: Event) {
        if let Some(alarm) = &mut self.alarm {
            alarm.event(source, &event);
        }
        match event {
            Event::Subscribed(topic) => {
                debug!(topic = %shown(&topic), "registered");
                if is_notice(topic.tr_id()) && !self.notices.contains(&topic) {
                    self.notices.push(topic.clone());
                }
                self.hub.confirm(topic.as_str());
            }
            Event::Released(topic) => {
                debug!(topic = %shown(&topic), "released");
                self.notices.retain(|it| *it != topic);
            }
            Event::Refused { topic, reason } => {
                match reason {
                    Refusal::Kis { .. } | Refusal::Unanswered { .. } => {
                        warn!(topic = %shown(&topic), %reason, "registration refused");
                    }
                    // It costs nobody anything to ask for what we refuse ourselves: the log
                    // must not grow with it.
                    _ => debug!(topic = %shown(&topic), %reason, "registration refused"),
                }
                self.notices.retain(|it| *it != topic);
                let code = reason.code().unwrap_or("no_answer");
                self.hub
                    .refuse(topic.as_str(), &relay_core::Refusal::new(code, reason.to_string()));
            }
            Event::Lost { topics, reason } => {
                warn!(topics = topics.len(), %reason, "session lost");
                for topic in &topics {
                    self.hub.lost(topic.as_str());
                }
            }
            Event::Interrupted(topic) => {
                warn!(topic = %shown(&topic), "registration interrupted");
                self.hub.lost(topic.as_str());
            }
            Event::Connected => info!("session open"),
            Event::Closed => info!("session closed"),
            other => warn!(event = ?other, "session"),
        }
    }
}

impl Alarm {
    fn watch(&mut self, tr_id: Option<TrId>) -> Option<MutexGuard<'_, Engine>> {
        let engine = self.alerts.watch(tr_id)?;
        self.pending = true;
        Some(engine)
    }

    /// What of an event of a session is of interest to rules.
    ///
    /// That a socket is open proves little: a session is up when KIS accepts a registration, or
    /// has none to make, which is for the keeper to see. One that is lost without topics rests.
    fn event(&mut self, source: &str, event: &Event) {
        match event {
            Event::Connected => drop(self.connected.insert(source.to_owned())),
            Event::Lost { .. } | Event::Closed => drop(self.connected.remove(source)),
            _ => {}
        }
        let report = |it| self.alerts.report(source, it);
        match event {
            Event::Subscribed(_) => report(Report::Up),
            Event::Lost { topics, reason: Loss::Closed | Loss::Silent } if topics.is_empty() => {}
            Event::Lost { .. } | Event::Unreachable { .. } => report(Report::Down),
            Event::BudgetSpent { budget: BudgetKind::Connects } => report(Report::Down),
            Event::ApprovalFailed { refused, .. } => {
                if *refused {
                    report(Report::TokenRefused { code: "approval key" });
                }
                // What is registered goes on without a new key.
                if !self.connected.contains(source) {
                    report(Report::Down);
                }
            }
            Event::InUseElsewhere => report(Report::InUseElsewhere),
            Event::ApprovalRefused { code } => report(Report::TokenRefused { code }),
            Event::Refused { topic, reason } => {
                let full = matches!(reason, Refusal::SessionFull { .. } | Refusal::PoolFull { .. });
                self.alerts.refused(topic, full);
                if reason.code() == Some(MAX_SUBSCRIBE_OVER) {
                    self.alerts.report(KIS, Report::SlotsFull { topic: &shown(topic) });
                }
            }
            _ => {}
        }
    }
}

/// Whether a stream tells of orders; the keys of such are HTS ids.
pub(crate) fn is_notice(tr_id: &str) -> bool {
    tr_id.parse().is_ok_and(TrId::encrypted)
}

/// A topic fit for logs: the key of a notice is the owner's HTS id.
pub(crate) fn shown(topic: &Topic) -> String {
    match is_notice(topic.tr_id()) {
        true => format!("{}:…", topic.tr_id()),
        false => topic.to_string(),
    }
}

fn now() -> Timestamp {
    // A clock before 1970 is wrong anyway.
    let elapsed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let seconds = i64::try_from(elapsed.as_secs()).unwrap_or(i64::MAX);
    Timestamp::from_unix(seconds, elapsed.subsec_nanos())
}

impl Sink for Router {
    fn frame(&mut self, text: &str) {
        if let Err(error) = self.publish(text) {
            self.counters.bad_frame();
            // The message may quote the frame, but never more than its head,
            // and no notice gets here in plain text without its envelope.
            warn!(%error, "frame skipped");
        }
    }

    fn event(&mut self, event: Event) {
        self.act_on(KIS, event);
    }

    fn event_of(&mut self, key: &str, event: Event) {
        // Whatever the level of the log, it says which session.
        let _entered = error_span!("session", key).entered();
        self.act_on(key, event);
    }

    fn flush(&mut self) {
        match &self.writers {
            Some(writers) => writers.flush(),
            None => self.hub.flush(),
        }
        if let Some(alarm) = &mut self.alarm
            && std::mem::take(&mut alarm.pending)
        {
            alarm.alerts.flush();
        }
    }
}

/// Tells the pool what the clients want, until `shutdown`.
pub async fn follow_demand(hub: Hub<Wire>, session: PoolHandle, shutdown: CancellationToken) {
    loop {
        let capacity = session.capacity();
        while let Some(demand) = hub.poll_demand(Instant::now()) {
            match demand {
                Demand::Wanted(topic) => {
                    make_room(&hub, &session, capacity);
                    session.subscribe(topic);
                }
                Demand::Released(topic) => session.unsubscribe(&topic),
            }
        }
        // A lost session's topics may wait for what only lingers with another.
        make_room(&hub, &session, capacity);
        let deadline = hub.next_deadline();
        tokio::select! {
            () = shutdown.cancelled() => return,
            () = hub.demand_changed() => {}
            () = session.capacity_other_than(capacity) => {}
            () = sleep_until(deadline) => {}
        }
    }
}

/// Ends the linger of the topics that have lingered longest, as far as there are more topics than
/// can be served.
fn make_room(hub: &Hub<Wire>, session: &PoolHandle, capacity: usize) {
    let mut topics = hub.topic_count();
    while topics > capacity
        && let Some(topic) = hub.evict_lingering()
    {
        session.unsubscribe(&topic);
        topics -= 1;
    }
}

async fn sleep_until(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => tokio::time::sleep_until(deadline.into()).await,
        None => std::future::pending().await,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_owners_id_is_not_logged() {
        assert_eq!(shown(&Topic::new("H0STCNT0", "005930")), "H0STCNT0:005930");
        assert_eq!(shown(&Topic::new("H0STCNI0", "myhtsid")), "H0STCNI0:…");
    }
}
