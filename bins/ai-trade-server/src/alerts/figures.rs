//! What `/metrics` shows of alerts.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering::Relaxed},
};

use super::Alerts;
use crate::{
    metrics::{Exposition, Sources},
    notify::Tallies,
};

/// What is counted for figures alone.
#[derive(Debug, Default)]
pub(super) struct Figures {
    found: AtomicU64,
}

impl Figures {
    /// So many notifications were found and kept.
    pub(super) fn found(&self, count: usize) {
        self.found.fetch_add(count as u64, Relaxed);
    }
}

/// A kind of recipients, such as all chats.
#[derive(Debug, Default)]
struct Kind {
    waiting: f64,
    oldest_seconds: f64,
    queued: u64,
    dropped: u64,
}

/// Shows rules and notifications in `sources`.
pub(crate) fn show(alerts: &Arc<Alerts>, tallies: Tallies, sources: &Sources) {
    let alerts = Arc::clone(alerts);
    sources.add(Box::new(move |out| collect(&alerts, &tallies, out)));
}

fn collect(alerts: &Alerts, tallies: &Tallies, out: &mut Exposition) {
    let (mut at_work, mut paused, mut over) = (0.0, 0.0, 0.0);
    let lost = {
        let engine = alerts.engine();
        for (rule, state) in engine.rules() {
            let count = match (rule.enabled, state.ended()) {
                (false, _) => &mut paused,
                (true, Some(_)) => &mut over,
                (true, None) => &mut at_work,
            };
            *count += 1.0;
        }
        engine.lost()
    };
    out.gauges(
        "relay_alert_rules",
        "Alert rules: at work, disabled, and those that have fired their only time or expired.",
        &["state"],
        [(&["at_work"][..], at_work), (&["disabled"], paused), (&["over"], over)],
    );
    let help = "Notifications that rules have found.";
    out.counter("relay_alerts_found_total", help, alerts.figures.found.load(Relaxed));
    let help = "Notifications that were dropped because for long nothing could be written.";
    out.counter("relay_alerts_lost_total", help, lost);
    let failing = f64::from(u8::from(alerts.disk.is_failing()));
    let help = "Whether alerts cannot be written to their file at present.";
    out.gauge("relay_alerts_file_failing", help, failing);

    let queues = alerts.store.queues();
    let now = jiff::Timestamp::now();
    let mut counts = Vec::new();
    let (mut waiting, mut oldest) = (Vec::new(), Vec::new());
    for (name, tally) in tallies {
        let mut kind = Kind::default();
        for queue in queues.iter().filter(|it| it.recipient.split(':').next() == Some(name)) {
            #[expect(clippy::cast_precision_loss, reason = "a queue is short")]
            let (length, since) = (queue.waiting as f64, queue.oldest);
            kind.waiting += length;
            let age = since.map_or(0.0, |it| now.duration_since(it).as_secs_f64());
            kind.oldest_seconds = kind.oldest_seconds.max(age);
            kind.queued += queue.queued;
            kind.dropped += queue.dropped;
        }
        counts.extend([
            ([*name, "queued"], kind.queued),
            ([*name, "sent"], tally.sent()),
            ([*name, "failed"], tally.failed()),
            ([*name, "dropped"], kind.dropped),
        ]);
        waiting.push(([*name], kind.waiting));
        oldest.push(([*name], kind.oldest_seconds));
    }
    out.counters(
        "relay_notifications_total",
        "Notifications by kind of recipient: queued, sent, and dropped (too many, too old, or \
         refused for good); failed counts attempts, which are repeated.",
        &["recipient", "outcome"],
        counts.iter().map(|it| (&it.0[..], it.1)),
    );
    let help = "Notifications that wait to be sent.";
    let rows = waiting.iter().map(|it| (&it.0[..], it.1));
    out.gauges("relay_notifications_waiting", help, &["recipient"], rows);
    let help = "For how many seconds the oldest notification has been waiting.";
    let rows = oldest.iter().map(|it| (&it.0[..], it.1));
    out.gauges("relay_notifications_oldest_seconds", help, &["recipient"], rows);
}
