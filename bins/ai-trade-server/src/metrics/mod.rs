//! `/metrics`: how the server is doing, for Prometheus.
//!
//! Everything is read when it is asked for, from what counts anyway.

mod exposition;
mod process;

use std::{
    fmt,
    sync::{Arc, PoisonError, RwLock},
};

use axum::{
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};
use kis_broker::{KeyStatus, PoolStatus, SessionState};

pub use self::exposition::Exposition;
use crate::{guard::Reason, server::App};

/// Adds the figures of one part of the program to a scrape.
pub type Source = Box<dyn Fn(&mut Exposition) + Send + Sync>;

/// The parts of the program that show figures besides those that every server
/// has: each adds itself once.
#[derive(Default)]
pub struct Sources(RwLock<Vec<Source>>);

impl Sources {
    /// Adds a part.
    pub fn add(&self, source: Source) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).push(source);
    }

    fn collect(&self, out: &mut Exposition) {
        for source in self.0.read().unwrap_or_else(PoisonError::into_inner).iter() {
            source(out);
        }
    }
}

impl fmt::Debug for Sources {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = self.0.read().unwrap_or_else(PoisonError::into_inner).len();
        write!(f, "{count} sources")
    }
}

/// Answers a scrape.
pub(crate) async fn scrape(State(app): State<Arc<App>>) -> Response {
    let mut out = Exposition::default();
    out.gauges(
        "relay_info",
        "The server's version, and whether its data is simulated.",
        &["version", "simulated"],
        [(&[env!("CARGO_PKG_VERSION"), if app.simulated { "true" } else { "false" }][..], 1.0)],
    );
    upstream(&app, &mut out);
    hub(&app, &mut out);
    clients(&app, &mut out);
    app.sources.collect(&mut out);
    process::collect(&mut out);
    ([(header::CONTENT_TYPE, prometheus::TEXT_FORMAT)], out.text()).into_response()
}

/// The session with KIS, and what comes from it.
fn upstream(app: &App, out: &mut Exposition) {
    let counters = &app.counters;
    let frames: Vec<_> = counters.frames().map(|it| ([it.0], it.1)).collect();
    out.counters(
        "relay_frames_total",
        "Frames received from KIS, by stream.",
        &["tr_id"],
        frames.iter().map(|it| (&it.0[..], it.1)),
    );
    let widths: Vec<_> = counters.unknown_widths().map(|it| ([it.0], it.1)).collect();
    out.counters(
        "relay_unknown_columns_total",
        "Frames whose records have more or fewer columns than are known, by stream.",
        &["tr_id"],
        widths.iter().map(|it| (&it.0[..], it.1)),
    );
    out.add(&**counters);

    let status = app.session.status();
    let link = status.counters();
    out.counters(
        "relay_frame_errors_total",
        "Frames that were skipped (ragged, unreadable) or decoded in part (invalid_utf8).",
        &["reason"],
        [
            (&["ragged"][..], counters.bad_frames()),
            (&["unreadable"][..], link.unreadable),
            (&["invalid_utf8"][..], link.lenient),
        ],
    );
    out.counter("relay_upstream_bytes_total", "Bytes of messages from KIS.", link.bytes);
    out.counter("relay_notices_total", "Order notices received from KIS.", link.notices);
    out.counter("relay_connects_total", "Sockets to KIS asked for.", link.connects);
    out.counter("relay_session_losses_total", "Sockets to KIS lost.", link.losses);
    sessions(&status, out);
}

/// Each app key's session, by the key's name.
fn sessions(status: &PoolStatus, out: &mut Exposition) {
    let each = |figure: &dyn Fn(&KeyStatus) -> f64| -> Vec<([&str; 1], f64)> {
        status.keys.iter().map(|it| ([&*it.name], figure(it))).collect()
    };
    let up = each(&|it| f64::from(u8::from(it.connection.session.state == SessionState::Open)));
    let help = "Whether the socket to KIS is open.";
    out.gauges("relay_session_up", help, &["key"], up.iter().map(|it| (&it.0[..], it.1)));
    let elsewhere = each(&|it| f64::from(u8::from(it.connection.session.in_use_elsewhere)));
    let help = "Whether the app key is in use elsewhere.";
    let elsewhere = elsewhere.iter().map(|it| (&it.0[..], it.1));
    out.gauges("relay_session_in_use_elsewhere", help, &["key"], elsewhere);
    let of_each = |figures: &dyn Fn(&KeyStatus) -> Vec<(&'static str, usize)>| {
        let rows = status.keys.iter().flat_map(|key| {
            let named = figures(key).into_iter();
            named.map(move |it| ([&*key.name, it.0], figure(it.1)))
        });
        rows.collect::<Vec<_>>()
    };
    let rows = of_each(&|it| {
        let session = &it.connection.session;
        vec![("wanted", session.wanted), ("present", session.present)]
    });
    out.gauges(
        "relay_registrations",
        "Topics that are wanted of KIS, and those that it sends.",
        &["key", "state"],
        rows.iter().map(|it| (&it.0[..], it.1)),
    );
    let rows = of_each(&|it| vec![("used", it.slots_used), ("max", it.slots_max)]);
    out.gauges(
        "relay_slots",
        "KIS' registrations: used, and how many there are.",
        &["key", "state"],
        rows.iter().map(|it| (&it.0[..], it.1)),
    );
    let rows = of_each(&|it| {
        let session = &it.connection.session;
        vec![
            ("connects", session.connects_left),
            ("registrations", session.registrations_left),
            ("releases", session.releases_left),
            ("approvals", session.approvals_left),
        ]
    });
    out.gauges(
        "relay_budget_left",
        "What may still be asked of KIS at the moment.",
        &["key", "of"],
        rows.iter().map(|it| (&it.0[..], it.1)),
    );
}

/// Topics and deliveries.
fn hub(app: &App, out: &mut Exposition) {
    let stats = app.hub.stats();
    out.counter("relay_records_total", "Records published to topics.", stats.published);
    let help = "Records of topics that nobody has asked for.";
    out.counter("relay_records_unrouted_total", help, app.counters.unrouted());
    let help = "Records queued, once for each client.";
    out.counter("relay_deliveries_total", help, stats.delivered);
    out.counters(
        "relay_deliveries_lost_total",
        "Records that a slow client did not get: skipped, or replaced by a newer one.",
        &["policy"],
        [(&["skip"][..], stats.dropped), (&["conflate"], stats.conflated)],
    );
    out.counters(
        "relay_clients_dropped_total",
        "Clients disconnected by the server, by reason.",
        &["reason"],
        [(&["slow"][..], stats.overflows)],
    );
    out.gauge("relay_subscriptions", "Subscriptions of all clients.", figure(stats.subscriptions));
    out.gauges(
        "relay_topics",
        "Topics: known, confirmed by KIS, and waiting to be released.",
        &["state"],
        [
            (&["known"][..], figure(stats.topics)),
            (&["live"], figure(stats.topics_live)),
            (&["lingering"], figure(stats.topics_lingering)),
        ],
    );
    let (mut messages, mut bytes, mut longest) = (0, 0, 0);
    for client in app.hub.clients() {
        messages += client.queued_messages;
        bytes += client.queued_bytes;
        longest = longest.max(client.queued_bytes);
    }
    let help = "Messages that wait for clients.";
    out.gauge("relay_queue_messages", help, figure(messages));
    out.gauge("relay_queue_bytes", "Bytes that wait for clients.", figure(bytes));
    let help = "Bytes that wait for the client with most of them.";
    out.gauge("relay_queue_longest_bytes", help, figure(longest));
}

/// Connections, and what was refused.
fn clients(app: &App, out: &mut Exposition) {
    out.gauge("relay_clients", "Websocket clients.", figure(app.hub.stats().clients));
    let help = "Connections of any kind.";
    out.gauge("relay_connections", help, figure(app.guard.connections()));
    out.gauge("relay_keys", "Keys for clients.", figure(app.guard.keys()));
    let refused = Reason::ALL.map(|it| ([it.as_str()], app.guard.refusals().of(it)));
    out.counters(
        "relay_refusals_total",
        "Connections, requests and messages refused, by reason.",
        &["reason"],
        refused.iter().map(|it| (&it.0[..], it.1)),
    );
}

#[expect(clippy::cast_precision_loss, reason = "counts of things in memory")]
fn figure(count: usize) -> f64 {
    count as f64
}
