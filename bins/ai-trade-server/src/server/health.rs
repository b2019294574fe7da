//! `/healthz` and `/readyz`.

use std::sync::Arc;

use axum::{
    Extension, Json,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use kis_broker::{PoolStatus, SessionState, SessionStatus};
use serde_json::{Value, json};

use super::App;
use crate::{guard::Caller, keys::Scope, problem::Problem};

/// Alive, and how things stand in a few figures, for those who may know.
pub(super) async fn alive(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
) -> Json<Value> {
    if !caller.may(Scope::Read) {
        return Json(json!({ "status": "ok" }));
    }
    let status = app.session.status();
    let counters = status.counters();
    let keys = status.keys.iter().map(|it| {
        json!({
            "name": &*it.name,
            "state": it.connection.session.state.to_string(),
            "slots_used": it.slots_used,
            "slots_total": it.slots_max,
            "pinned": it.pinned,
        })
    });
    let stats = app.hub.stats();
    Json(json!({
        "status": "ok",
        "simulated": app.simulated,
        "session": status.session().to_string(),
        "registrations": status.keys.iter().map(|it| it.connection.session.present).sum::<usize>(),
        "keys": keys.collect::<Vec<_>>(),
        "clients": stats.clients,
        "topics": stats.topics,
        "counters": {
            "frames": counters.frames,
            "bad_frames": counters.unreadable + app.counters.bad_frames(),
            "lenient_frames": counters.lenient,
            "unrouted_records": app.counters.unrouted(),
            "connects": counters.connects,
            "losses": counters.losses,
        },
    }))
}

/// Whether the sessions with KIS are in order.
pub(super) async fn ready(State(app): State<Arc<App>>) -> Response {
    match missing(&app.session.status()) {
        None => Json(json!({ "status": "ready" })).into_response(),
        Some(why) => {
            let problem = Problem::new(StatusCode::SERVICE_UNAVAILABLE, why).code("not_ready");
            problem.retry_after(std::time::Duration::from_secs(5)).into_response()
        }
    }
}

/// What keeps clients from getting all they want. A key that has nothing to do is missed by
/// nobody as long as there is another.
fn missing(pool: &PoolStatus) -> Option<String> {
    let alone = pool.keys.len() == 1;
    let busy = pool.keys.iter().filter(|it| alone || it.slots_used > 0);
    let mut obstacles = busy.filter_map(|it| {
        let why = obstacle(&it.connection.session)?;
        Some(if alone { why } else { format!("app key {}: {why}", it.name) })
    });
    obstacles.next().or_else(|| match pool.waiting {
        0 => None,
        waiting => Some(format!("{waiting} pinned topics wait for a free slot")),
    })
}

/// What keeps a session from sending all it is to; nothing is missing while
/// nothing is wanted.
fn obstacle(session: &SessionStatus) -> Option<String> {
    let SessionStatus { state, wanted, present, .. } = session;
    if session.in_use_elsewhere {
        return Some("the app key is in use elsewhere, or KIS still holds its last session".into());
    }
    let code = session.last_code.as_deref().unwrap_or("none");
    match state {
        SessionState::Idle => None,
        SessionState::Open if present >= wanted => None,
        SessionState::Open => Some(format!(
            "KIS has confirmed {present} of {wanted} topics; the latest code was {code}"
        )),
        state => Some(format!(
            "the session is {state} and {wanted} topics are wanted; the latest code was {code}"
        )),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use kis_broker::{KeyStatus, Status};

    use super::*;

    fn session(state: SessionState, wanted: usize, present: usize) -> SessionStatus {
        SessionStatus { state, wanted, present, ..SessionStatus::default() }
    }

    fn key(name: &str, session: SessionStatus) -> KeyStatus {
        KeyStatus {
            name: name.into(),
            app_key: "…".to_owned(),
            slots_used: session.wanted,
            slots_max: 41,
            pinned: 0,
            up: session.state == SessionState::Open,
            deserted: false,
            removing: false,
            since: Instant::now(),
            connection: Status { session, ..Status::default() },
        }
    }

    #[test]
    fn a_key_without_topics_is_not_missed() {
        let taken = |wanted| SessionStatus {
            in_use_elsewhere: true,
            ..session(SessionState::Waiting, wanted, 0)
        };
        let up = key("one", session(SessionState::Open, 2, 2));
        let pool = |keys: &[&KeyStatus], waiting| {
            let keys = keys.iter().map(|it| (*it).clone()).collect();
            missing(&PoolStatus { keys, waiting, ..PoolStatus::default() })
        };
        assert_eq!(pool(&[&up, &key("two", taken(0))], 0), None);
        let why = pool(&[&up, &key("two", taken(1))], 0).unwrap();
        assert!(why.starts_with("app key two: the app key is in use"), "{why}");
        assert!(pool(&[&key("two", taken(0))], 0).is_some(), "it is the only one");
        assert_eq!(pool(&[&up], 3).unwrap(), "3 pinned topics wait for a free slot");
    }

    #[test]
    fn obstacles() {
        assert_eq!(obstacle(&session(SessionState::Idle, 0, 0)), None);
        assert_eq!(obstacle(&session(SessionState::Open, 2, 2)), None);
        let why = obstacle(&session(SessionState::Open, 2, 1)).unwrap();
        assert!(why.contains("1 of 2"), "{why}");
        let why = obstacle(&session(SessionState::Waiting, 2, 0)).unwrap();
        assert!(why.contains("waiting"), "{why}");
        let taken = SessionStatus { in_use_elsewhere: true, ..session(SessionState::Open, 1, 1) };
        assert!(obstacle(&taken).unwrap().contains("in use elsewhere"));
    }
}
