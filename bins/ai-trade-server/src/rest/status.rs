//! `/v1/status`: how the server is doing, for people and dashboards.

use std::{sync::Arc, time::SystemTime};

use axum::{Extension, Json, extract::State};
use kis_broker::{KeyStatus, Outcome, RateStatus};
use kis_protocol::{Topic, calendar::Expected, time::Timestamp};
use serde_json::{Value, json};

use super::{Api, topics};
use crate::{guard::Caller, server::App};

/// For how many seconds a topic may be silent in its session before that is odd.
const SILENT_MAX: i64 = 60;

pub(super) async fn status(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
) -> Json<Value> {
    let pool = app.session.status();
    let counters = pool.counters();
    let stats = app.hub.stats();
    let now = Timestamp::from(SystemTime::now());
    Json(json!({
        "version": env!("CARGO_PKG_VERSION"),
        "now": now,
        "simulated": app.simulated,
        "environment": app.config.kis.env,
        "sessions": pool.keys.iter().map(session).collect::<Vec<_>>(),
        "frames": {
            "received": counters.frames,
            "bad": counters.unreadable + app.counters.bad_frames(),
            "lenient": counters.lenient,
            "unrouted_records": app.counters.unrouted(),
        },
        "rest": rest(&app.api),
        "token": token(&app.api),
        "clients": {
            "subscribers": stats.clients,
            "connections": app.guard.connections(),
            "subscriptions": stats.subscriptions,
        },
        "topics": app_topics(&app, &caller, now),
    }))
}

/// An app key's session.
fn session(key: &KeyStatus) -> Value {
    let kis_broker::Status { session, counters, last_error } = &key.connection;
    json!({
        "key": &*key.name,
        "state": session.state.to_string(),
        "in_use_elsewhere": session.in_use_elsewhere,
        "wanted": session.wanted,
        "present": session.present,
        "slots": {"used": key.slots_used, "max": key.slots_max, "pinned": key.pinned},
        "removing": key.removing,
        "budgets_left": {
            "connects": session.connects_left,
            "registrations": session.registrations_left,
            "releases": session.releases_left,
            "approvals": session.approvals_left,
        },
        "connects": counters.connects,
        "losses": counters.losses,
        "last_code": session.last_code,
        "last_error": last_error,
    })
}

fn rest(api: &Api) -> Value {
    let status = api.client().status();
    let rate = |it: &RateStatus| json!({"limit_per_second": it.limit, "current_per_second": it.current, "waiting": it.waiting});
    let outcomes = [
        Outcome::Done,
        Outcome::Refused,
        Outcome::Limited,
        Outcome::TokenRefused,
        Outcome::Failed,
        Outcome::Late,
    ];
    let calls = outcomes.map(|it| (it.as_str().to_owned(), status.count(it).into()));
    json!({
        "gateway": rate(&status.gateway),
        "ledger": rate(&status.ledger),
        "calls": serde_json::Map::from_iter(calls),
        "coalesced": status.coalesced,
        "cache_hits": api.cache.hits(),
    })
}

fn token(api: &Api) -> Value {
    let status = api.tokens().status();
    json!({"expires": status.expires, "issued": status.issued, "failures": status.failures})
}

/// Every topic with its silence, and whether that is normal at this hour.
fn app_topics(app: &App, caller: &Caller, now: Timestamp) -> Vec<Value> {
    let calendar = app.market.calendar();
    let one = |(topic, view): (Topic, topics::TopicView)| {
        let last = app.hub.with_last(topic.as_str(), |_, message| message.received);
        let silent = last.map(|it| now.unix_seconds().saturating_sub(it.unix_seconds()).max(0));
        let expectation = calendar.expected(&topic, now);
        let mut value = serde_json::to_value(view).unwrap_or_default();
        value["silent_seconds"] = silent.into();
        value["should_tick"] = json!(expectation.expected);
        value["stale"] = (expectation.expected == Expected::Yes
            && silent.is_none_or(|it| it > SILENT_MAX))
        .into();
        value
    };
    topics::view(app, caller).into_iter().map(one).collect()
}
