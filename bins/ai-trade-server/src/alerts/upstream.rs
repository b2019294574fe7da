//! What rules about upstream are told besides what sessions tell.

use std::{
    cell::LazyCell,
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
};

use alert_engine::{Engine, Report};
use kis_broker::{Outcome, PoolHandle, SessionState};
use kis_protocol::{
    Market as Of, StreamKind, Topic, TrId, Venue,
    calendar::{Calendar, Expected},
    time::Timestamp,
};
use tokio_util::sync::CancellationToken;

use crate::{market::Market, rest::Api};

/// Looks after the sessions of a pool, and after tokens.
#[derive(Debug)]
pub(crate) struct Upstream {
    sessions: PoolHandle,
    market: Arc<Market>,
    api: Arc<Api>,
    /// When sessions end because the server does.
    stop: CancellationToken,
    /// How many tokens were refused when it was last looked.
    tokens_refused: AtomicU64,
}

impl Upstream {
    /// Until `stop`, a key that is not in the pool is there no more.
    pub(crate) fn new(
        sessions: PoolHandle,
        market: Arc<Market>,
        api: Arc<Api>,
        stop: CancellationToken,
    ) -> Self {
        Self { sessions, market, api, stop, tokens_refused: AtomicU64::new(0) }
    }

    /// Keys by name, and whether a market is open that they serve, of the topics `wanted` by
    /// anybody: those that are not up, or, now and then, `all`.
    pub(super) fn sessions(
        &self,
        wanted: impl FnOnce() -> Vec<Topic>,
        now: Timestamp,
        all: bool,
    ) -> BTreeMap<Arc<str>, bool> {
        let (calendar, wanted) = (self.market.calendar(), LazyCell::new(wanted));
        let keys = self.sessions.status().keys.into_iter().filter(|it| all || !it.up);
        let keys = keys.map(|it| {
            let topics = self.sessions.topics(&it.name);
            let topics = if is_missed(it.deserted, &topics) { &*wanted } else { &topics };
            (it.name, topics.iter().any(|it| is_open(&calendar, it, now)))
        });
        keys.collect()
    }

    /// Tells the engine how the sessions are.
    pub(super) fn report(
        &self,
        in_session: BTreeMap<Arc<str>, bool>,
        engine: &mut Engine,
        now: Timestamp,
    ) {
        for (key, in_session) in in_session {
            engine.handle_upstream(&key, Report::InSession(in_session), now);
        }
        // As they are under the engine's lock: what sessions tell later, the engine hears later.
        let keys = self.sessions.status().keys;
        for key in &keys {
            if key.up {
                engine.handle_upstream(&key.name, Report::Up, now);
            } else if key.connection.session.state == SessionState::Waiting {
                // After a failure, or for want of an allowance.
                engine.handle_upstream(&key.name, Report::Down, now);
            }
        }
        if !self.stop.is_cancelled() {
            engine.retain_sources(|source| keys.iter().any(|it| &*it.name == source));
        }
        if self.tokens_refused() {
            engine.handle_upstream("REST", Report::TokenRefused { code: "access token" }, now);
        }
    }

    /// Whether KIS has refused a token over REST since the last time.
    fn tokens_refused(&self) -> bool {
        let refused = self.api.client().status().count(Outcome::TokenRefused);
        let refused = refused + self.api.tokens().status().refusals;
        self.tokens_refused.swap(refused, Relaxed) < refused
    }
}

/// Whether a key serves the hours of everything that is wanted, not those of its own topics:
/// these have gone to others for its failure. One that has nothing to do is missed by nobody.
fn is_missed(deserted: bool, topics: &[Topic]) -> bool {
    deserted && topics.is_empty()
}

/// Whether the market of a topic is open. Of notices and status frames, which are silent most of
/// the time, that of the trades they are about.
fn is_open(calendar: &Calendar, topic: &Topic, now: Timestamp) -> bool {
    let expected = |topic: &Topic| calendar.expected(topic, now).expected == Expected::Yes;
    match topic.tr_id().parse().ok().and_then(trades) {
        Some(trades) => expected(&Topic::new(trades.as_str(), trades.example_key())),
        None => expected(topic),
    }
}

/// The trades that a stream of notices or status frames is about.
fn trades(tr_id: TrId) -> Option<TrId> {
    if !matches!(tr_id.kind(), StreamKind::Notice | StreamKind::MarketStatus) {
        return None;
    }
    match (tr_id.market(), tr_id.venue()) {
        (Of::Stock, Venue::Nxt) => Some(TrId::H0NXCNT0),
        (Of::Stock, _) => Some(TrId::H0UNCNT0),
        (Of::FutureOption, Venue::Night) => Some(TrId::H0MFCNT0),
        (Of::FutureOption, _) => Some(TrId::H0IFCNT0),
        (Of::OverseasStock, _) => Some(TrId::HDFSCNT0),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use alert_engine::Rule;
    use kis_broker::{ConnectionConfig, Credentials, Pool, PoolConfig, PoolKey};
    use kis_protocol::time::{Date, Time};

    use super::*;
    use crate::config::Config;

    /// On a Monday without holidays.
    #[track_caller]
    fn check(topic: &str, hour: u8, expected: bool) {
        let date = Date::new(2026, 9, 14).unwrap();
        let now = Timestamp::korean(date, Time::new(hour, 10, 0).unwrap());
        let open = is_open(&Calendar::default(), &topic.parse().unwrap(), now);
        assert_eq!(open, expected, "{topic} at {hour}:10");
    }

    #[test]
    fn each_topic_has_hours_of_its_own() {
        for (topic, by_day, by_night) in [
            ("H0STCNT0:005930", true, false),
            ("H0STCNI0:me", true, false),
            ("H0STCNI9:me", true, false),
            ("H0IFCNI0:me", true, false),
            ("H0MFCNI0:me", false, true),
            ("H0GSCNI0:me", false, true),
            ("HDFSCNT0:DNASAAPL", false, true),
            ("H0STMKO0:005930", true, false),
        ] {
            check(topic, 10, by_day);
            check(topic, 23, by_night);
        }
    }

    #[tokio::test]
    async fn what_is_told_of_keys() {
        let mut config = Config::default();
        config.kis.env = "custom".to_owned();
        (config.kis.app_key, config.kis.app_secret) = ("key".into(), "secret".into());
        config.kis.rest_url = Some("http://127.0.0.1:1".to_owned());
        config.kis.ws_url = Some("ws://127.0.0.1:1".to_owned());
        config.kis.token_folder = None;
        let pool = Pool::new(PoolConfig::new(ConnectionConfig::new(config.endpoints().unwrap())));
        let keys = ["a", "b"].map(|name| PoolKey {
            name: Some(name.to_owned()),
            ..PoolKey::new(Credentials::new(name, "secret"))
        });
        pool.handle().set_keys(&keys).unwrap();
        let stop = CancellationToken::new();
        let (market, api) = (Arc::default(), Arc::new(Api::new(&config).unwrap()));
        let upstream = Upstream::new(pool.handle(), market, api, stop.clone());

        // Each key has the hours of its own topics; they are shared out in turn.
        pool.handle().subscribe(Topic::new("H0STCNT0", "005930"));
        pool.handle().subscribe(Topic::new("HDFSCNT0", "DNASAAPL"));
        let date = Date::new(2026, 9, 14).unwrap();
        let at = |hour| Timestamp::korean(date, Time::new(hour, 10, 0).unwrap());
        for (hour, open) in [(10, [true, false]), (23, [false, true])] {
            let found = upstream.sessions(|| panic!("no key is deserted"), at(hour), false);
            assert_eq!(found.into_values().collect::<Vec<_>>(), open, "at {hour}:10");
        }

        let rule = r#"{"id":"r","when":{"upstream":{"down_seconds":0}}}"#;
        let mut engine = Engine::new();
        engine.insert(Rule::from_json(rule).unwrap(), None, at(9)).unwrap();
        for key in ["a", "gone"] {
            engine.handle_upstream(key, Report::InSession(true), at(9));
            engine.handle_upstream(key, Report::Down, at(9));
        }
        assert_eq!(engine.take_changes().notifications.len(), 2);
        let told = |engine: &mut Engine, key| {
            upstream.report(BTreeMap::new(), engine, at(9));
            engine.handle_upstream(key, Report::Up, at(9));
            engine.take_changes().notifications.len()
        };
        // The one that was removed is there no more; the other one comes back.
        assert_eq!(told(&mut engine, "gone"), 0);
        assert_eq!(told(&mut engine, "a"), 1);
        // Those that end with the server are not forgotten.
        engine.handle_upstream("gone", Report::InSession(true), at(9));
        engine.handle_upstream("gone", Report::Down, at(9));
        assert_eq!(engine.take_changes().notifications.len(), 1);
        stop.cancel();
        assert_eq!(told(&mut engine, "gone"), 1);
    }

    #[test]
    fn a_key_without_topics_is_missed_if_it_had_some() {
        let own = [Topic::new("H0STCNT0", "005930")];
        let missed = [(true, &own[..0]), (true, &own), (false, &own[..0]), (false, &own)];
        let missed = missed.map(|(deserted, topics)| is_missed(deserted, topics));
        assert_eq!(missed, [true, false, false, false]);
    }
}
