//! What rules about upstream are told besides what sessions tell.

use std::{
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
        wanted: &[Topic],
        now: Timestamp,
        all: bool,
    ) -> BTreeMap<Arc<str>, bool> {
        let calendar = self.market.calendar();
        let keys = self.sessions.status().keys.into_iter().filter(|it| all || !it.up);
        let keys = keys.map(|it| {
            let topics = self.sessions.topics(&it.name);
            let topics = serves(it.deserted, &topics, wanted);
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

/// Whose hours are a key's: those of its own topics. One whose topics have gone to others for
/// its failure is missed whenever anything is wanted; one that has nothing to do, never.
fn serves<'a>(deserted: bool, topics: &'a [Topic], wanted: &'a [Topic]) -> &'a [Topic] {
    match topics {
        [] if deserted => wanted,
        topics => topics,
    }
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
    use kis_protocol::time::{Date, Time};

    use super::*;

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

    #[test]
    fn a_key_without_topics_is_missed_if_it_had_some() {
        let (own, wanted) = ([Topic::new("A", "1")], [Topic::new("B", "2")]);
        assert_eq!(serves(false, &own, &wanted), own);
        assert_eq!(serves(true, &own, &wanted), own);
        assert_eq!(serves(true, &[], &wanted), wanted);
        assert_eq!(serves(false, &[], &wanted), []);
    }
}
