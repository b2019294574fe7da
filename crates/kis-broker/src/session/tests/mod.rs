//! The session on a pretended clock.

mod approvals;
mod links;
mod notices;
mod topics;

use std::time::{Duration, Instant};

use kis_protocol::Topic;

use super::{Action, Event, Received, Session, SessionState};
use crate::{
    backoff::Delays,
    budget::{Allowance, Budgets},
    config::SessionConfig,
    credentials::ApprovalKey,
};

const MILLI: Duration = Duration::from_millis(1);
const SECOND: Duration = Duration::from_secs(1);
const KEY: &str = "6e8a2c10-0000-4000-8000-000000000000";

/// Two topics, and delays easily told apart.
fn config() -> SessionConfig {
    let plenty = Allowance { count: 1000, window: 3600 * SECOND };
    SessionConfig {
        silence_max: 90 * SECOND,
        topics_max: 2,
        reconnect_delays: Delays { min: SECOND, max: 8 * SECOND },
        refusal_delays: Delays { min: 60 * SECOND, max: 240 * SECOND },
        budgets: Budgets {
            connects: plenty,
            registrations: plenty,
            releases: plenty,
            approvals: plenty,
        },
        ..SessionConfig::default()
    }
}

fn topic(tr_key: &str) -> Topic {
    Topic::new("H0STCNT0", tr_key)
}

fn answer(tr_key: &str, rt_cd: &str, msg_cd: &str) -> String {
    format!(
        r#"{{"header":{{"tr_id":"H0STCNT0","tr_key":"{tr_key}","encrypt":"N"}},"body":{{"rt_cd":"{rt_cd}","msg_cd":"{msg_cd}","msg1":"TEXT"}}}}"#
    )
}

fn session_error(msg_cd: &str) -> String {
    format!(
        r#"{{"header":{{"tr_id":"(null)","tr_key":"","encrypt":"N"}},"body":{{"rt_cd":"9","msg_cd":"{msg_cd}","msg1":"TEXT {KEY}"}}}}"#
    )
}

/// A session and a pretended clock.
struct Fixture {
    session: Session,
    now: Instant,
}

impl Fixture {
    /// A session that has done nothing yet.
    fn new(config: SessionConfig) -> Self {
        let now = Instant::now();
        let mut session = Session::new(config, 1, now);
        session.handle_timeout(now);
        Self { session, now }
    }

    /// A session with an open socket.
    fn open(config: SessionConfig) -> Self {
        let mut it = Self::new(config);
        assert_eq!(it.actions(), [Action::FetchApproval]);
        it.approve();
        assert_eq!(it.actions(), [Action::Connect]);
        it.session.handle_opened(it.now);
        assert_eq!(it.events(), [Event::Connected]);
        it
    }

    /// A session to which KIS sends these topics.
    fn present(config: SessionConfig, tr_keys: &[&str]) -> Self {
        let mut it = Self::open(config);
        for tr_key in tr_keys {
            it.subscribe(tr_key);
            it.wait(SECOND);
            assert_eq!(it.sent(), [format!("+{tr_key}")]);
            it.receive(&answer(tr_key, "0", "OPSP0000"));
            assert_eq!(it.events(), [Event::Subscribed(topic(tr_key))]);
        }
        it.wait(SECOND);
        it
    }

    fn approve(&mut self) {
        self.session.handle_approval(ApprovalKey::new(KEY), self.now);
    }

    fn subscribe(&mut self, tr_key: &str) {
        self.session.subscribe(topic(tr_key), self.now);
    }

    fn unsubscribe(&mut self, tr_key: &str) {
        self.session.unsubscribe(&topic(tr_key), self.now);
    }

    fn receive(&mut self, text: &str) {
        assert_eq!(self.session.handle_text(text, self.now).unwrap(), Received::Control);
    }

    /// Lets time pass as a driver would: waking up only when asked to, and whenever asked to.
    fn wait(&mut self, time: Duration) {
        let end = self.now + time;
        while let Some(at) = self.session.poll_timeout(self.now).filter(|at| *at <= end) {
            if at > self.now {
                self.now = at;
            }
            self.session.handle_timeout(self.now);
            if self.session.poll_timeout(self.now).is_some_and(|at| at <= self.now) {
                // Only sending can help now, and that is the test's to do.
                break;
            }
        }
        self.now = end;
        self.session.handle_timeout(self.now);
    }

    /// The requests that may be sent now: `+key` to register, `-key` to release, others whole.
    fn sent(&mut self) -> Vec<String> {
        let mut sent = Vec::new();
        while let Some(text) = self.session.poll_transmit(self.now) {
            sent.push(brief(&text));
        }
        sent
    }

    fn actions(&mut self) -> Vec<Action> {
        std::iter::from_fn(|| self.session.poll_action()).collect()
    }

    fn events(&mut self) -> Vec<Event> {
        std::iter::from_fn(|| self.session.poll_event()).collect()
    }

    fn state(&self) -> SessionState {
        self.session.status(self.now).state
    }

    /// How long until the session wants to be woken.
    fn wakes_in(&self) -> Option<Duration> {
        self.session.poll_timeout(self.now).map(|at| at.saturating_duration_since(self.now))
    }

    /// Passes the delay before the next attempt and connects again.
    fn reconnect(&mut self) {
        self.wait(10 * SECOND);
        assert_eq!(self.actions(), [Action::Connect]);
        self.session.handle_opened(self.now);
        assert_eq!(self.events(), [Event::Connected]);
    }
}

fn brief(text: &str) -> String {
    let json: serde_json::Value = serde_json::from_str(text).unwrap();
    let (header, input) = (&json["header"], &json["body"]["input"]);
    let sign = match header["tr_type"].as_str() {
        Some("1") => '+',
        Some("2") => '-',
        _ => return text.to_owned(),
    };
    assert_eq!(header["approval_key"], KEY);
    assert_eq!(input["tr_id"], "H0STCNT0");
    format!("{sign}{}", input["tr_key"].as_str().unwrap())
}
