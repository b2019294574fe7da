//! What `/metrics` shows of orders.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use super::{Orders, record::Outcome, send::Reply};
use crate::{metrics::Exposition, problem::Problem};

/// How requests to place, amend or cancel have ended so far.
#[derive(Debug, Default)]
pub(super) struct Ends([AtomicU64; NAMES.len()]);

/// What a request comes to at first; a lookup may settle it later.
const NAMES: [&str; 8] = [
    "accepted",
    "refused_here",
    "refused_by_kis",
    "not_sent",
    "not_taken",
    "unknown",
    "replayed",
    "dry_run",
];

impl Ends {
    /// Counts what a client is told.
    pub(super) fn count(&self, result: &Result<Reply, Problem>) {
        let outcome = match result {
            Err(_) => return self.refused(),
            Ok(Reply::DryRun(_)) => return self.add("dry_run"),
            Ok(Reply::Order { repeated: true, .. }) => return self.add("replayed"),
            Ok(Reply::Order { record, .. }) => &record.outcome,
        };
        self.add(match outcome {
            Outcome::Accepted { .. } => "accepted",
            Outcome::Refused { .. } => "refused_by_kis",
            Outcome::NotSent { .. } => "not_sent",
            Outcome::NotTaken => "not_taken",
            Outcome::Sending | Outcome::Unknown { .. } => "unknown",
        });
    }

    /// Counts what this server did not let pass.
    pub(super) fn refused(&self) {
        self.add("refused_here");
    }

    fn add(&self, name: &str) {
        if let Some(index) = NAMES.iter().position(|it| *it == name) {
            self.0[index].fetch_add(1, Relaxed);
        }
    }
}

pub(super) fn collect(orders: &Orders, out: &mut Exposition) {
    let ends: Vec<_> =
        NAMES.iter().zip(&orders.ends.0).map(|(name, it)| ([*name], it.load(Relaxed))).collect();
    out.counters(
        "relay_orders_total",
        "Requests to place, amend or cancel orders, by what they came to.",
        &["outcome"],
        ends.iter().map(|it| (&it.0[..], it.1)),
    );
    let open = orders.book().records().filter(|it| it.is_open_question()).count();
    let help = "Orders on their way, and those that KIS may or may not have taken.";
    #[expect(clippy::cast_precision_loss, reason = "orders in memory")]
    out.gauge("relay_orders_open_questions", help, open as f64);
    let killed = f64::from(u8::from(orders.kill.is_on()));
    out.gauge("relay_orders_killed", "Whether the kill switch of orders is on.", killed);
}
