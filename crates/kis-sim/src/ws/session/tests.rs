//! The session on a pretended clock.

use std::time::Duration;

use tokio::sync::mpsc::unbounded_channel;

use super::*;
use crate::{Pace, Script, SimConfig};

/// A session on a pretended clock, registered for `H0STCNT0:005930`.
struct Pretended {
    session: Session,
    start: Instant,
}

impl Pretended {
    fn new(frames: &str, pace: Pace) -> Self {
        let script = Script::parse(frames.as_bytes());
        let shared = Arc::new(Shared::new(SimConfig { script, pace, ..SimConfig::default() }));
        let start = Instant::now();
        let id = shared.open(unbounded_channel().0);
        let approval_key = shared.change(|inner| inner.auth.approve("key", &shared.config, start));
        let mut session = Session::new(id, shared, start).unwrap();
        let request = kis_protocol::control::Request {
            approval_key: &approval_key,
            tr_type: kis_protocol::control::TrType::Register,
            tr_id: "H0STCNT0",
            tr_key: "005930",
        };
        session.receive(Incoming::Message(request.to_json().into()), start);
        Self { session, start }
    }

    /// What is sent by the time so many milliseconds have passed.
    fn at(&mut self, ms: u64) -> String {
        self.session.advance(self.start + Duration::from_millis(ms));
        String::from_utf8_lossy(&self.session.out.split()).into_owned()
    }

    /// When the session wants to be woken, in milliseconds from the start.
    fn wake(&self) -> u128 {
        self.session.wake().unwrap().duration_since(self.start).as_millis()
    }
}

const TRADES: &str = "\
0|H0STCNT0|001|005930^095958^1
0|H0STCNT0|001|005930^100001^2
0|H0STCNT0|001|005930^100001^3
0|H0STCNT0|001|005930^090000^4
0|H0STCNT0|001|005930^120000^5
";

#[test]
fn plays_at_the_recorded_pace() {
    let mut it = Pretended::new(TRADES, Pace::Recorded);
    let first = it.at(0);
    assert!(first.contains("OPSP0000") && first.ends_with("^1"), "{first}");
    // Three seconds by the clock of the record; then 100 ms each for the same second,
    // for a clock that goes backwards and for one that leaps; a second between rounds.
    for (due, last) in [(3000, "^2"), (3100, "^3"), (3200, "^4"), (3300, "^5"), (4300, "^1")] {
        assert_eq!(it.wake(), due);
        assert_eq!(it.at(due as u64 - 1), "");
        assert!(it.at(due as u64).ends_with(last), "{last}");
    }
}

#[test]
fn makes_up_for_little_and_not_for_much() {
    let mut it = Pretended::new(TRADES, Pace::Fixed(Duration::from_millis(10)));
    it.at(0);
    assert_eq!(it.at(30).matches("H0STCNT0").count(), 3);
    assert!(it.at(10_000).matches("H0STCNT0").count() < 110);
}

#[test]
fn pings_when_idle_and_leaves_when_unanswered() {
    let mut it = Pretended::new("", Pace::Recorded);
    it.at(50_000);
    assert_eq!(it.wake(), 150_000, "idle since the answer");
    assert_eq!(it.at(149_999), "");
    assert!(it.at(150_000).contains("PINGPONG"));
    it.session.receive(
        Incoming::Message(Bytes::from_static(br#"{"header": {"tr_id": "PINGPONG"}}"#)),
        it.start,
    );
    assert!(it.at(250_000).contains("PINGPONG"));
    assert!(it.at(349_999).is_empty() && it.session.end.is_none());
    it.at(350_000);
    assert_eq!(it.session.end, Some(End::Lost));
}

#[test]
fn data_makes_pingpong_needless() {
    let frame = "0|H0STCNT0|001|005930^1\n";
    let mut it = Pretended::new(frame, Pace::Fixed(Duration::from_secs(99)));
    for seconds in (0..1000).step_by(99) {
        let sent = it.at(seconds * 1000);
        assert!(sent.contains("005930^1") && !sent.contains("PINGPONG"), "{seconds}");
    }
}
