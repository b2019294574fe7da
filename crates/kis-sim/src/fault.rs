//! Misbehaviour on order: everything KIS does to its clients on a bad day.

use std::{collections::VecDeque, time::Duration};

use bytes::Bytes;
use kis_protocol::Topic;
use serde::{Deserialize, Deserializer};

use crate::frame;

/// A way for a frame to be wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Oddity {
    /// The count is missing from the envelope.
    Malformed,
    /// The second half of the body is missing.
    Truncated,
    /// The last column ends in bytes that are not UTF-8.
    InvalidUtf8,
    /// The tr_id is one nobody has heard of, `H0XXXXX0`.
    UnknownTrId,
    /// Every record has this many columns more.
    Widened(usize),
}

impl Oddity {
    /// A good frame made odd.
    pub(crate) fn apply(self, raw: &[u8]) -> Vec<u8> {
        match self {
            Self::Malformed => frame::malformed(raw),
            Self::Truncated => frame::truncated(raw),
            Self::InvalidUtf8 => frame::invalid_utf8(raw),
            Self::UnknownTrId => frame::unknown(raw),
            Self::Widened(extra) => frame::widened(raw, extra).unwrap_or_else(|| raw.to_vec()),
        }
    }
}

/// An answer that refuses a registration.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Refusal {
    /// The stream whose registrations are refused; any when absent.
    #[serde(default)]
    pub tr_id: Option<String>,
    /// `1` refuses this request, `9` is an error of the session.
    #[serde(default = "Refusal::refused")]
    pub rt_cd: String,
    /// The code, as in `OPSP0009`.
    pub msg_cd: String,
    /// The text beside the code.
    #[serde(default)]
    pub msg1: String,
}

impl Refusal {
    fn refused() -> String {
        "1".to_owned()
    }
}

/// What happens to a REST call that is otherwise in order.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CallFault {
    /// The `tr_id` whose calls it happens to; any when absent.
    #[serde(default)]
    pub tr_id: Option<String>,
    /// Whether the call takes effect all the same: an order is placed. It does by default.
    #[serde(default = "CallFault::executed")]
    pub executed: bool,
    /// What comes instead of the answer.
    pub instead: Instead,
}

/// What comes instead of the answer to a call.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Instead {
    /// The answer, this many milliseconds later.
    #[serde(deserialize_with = "milliseconds")]
    Late(Duration),
    /// Nothing: the connection is dropped.
    Nothing,
    /// A page that is no JSON, with this HTTP status, as proxies send it.
    Page(u16),
    /// A refusal.
    Refusal(CallRefusal),
}

/// An answer that refuses a REST call.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct CallRefusal {
    /// The HTTP status; the gateway has 500 for all its own.
    #[serde(default = "CallRefusal::status")]
    pub status: u16,
    /// `1`, or `7` for some refused orders.
    #[serde(default = "Refusal::refused")]
    pub rt_cd: String,
    /// The code, as in `EGW00301`.
    pub msg_cd: String,
    /// The text beside the code.
    #[serde(default)]
    pub msg1: String,
}

impl CallFault {
    fn executed() -> bool {
        true
    }
}

impl CallRefusal {
    fn status() -> u16 {
        500
    }
}

fn milliseconds<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
    u64::deserialize(deserializer).map(Duration::from_millis)
}

/// The faults in force.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    /// In place of the configured hold; [`Duration::MAX`] holds until released.
    pub(crate) slot_hold: Option<Duration>,
    pub(crate) ack_delay: Duration,
    refusals: VecDeque<(usize, Refusal)>,
    calls: VecDeque<(usize, CallFault)>,
}

impl Faults {
    /// Refuses the next `times` registrations that fit.
    pub(crate) fn refuse(&mut self, times: usize, refusal: Refusal) {
        self.refusals.push_back((times, refusal));
    }

    /// The refusal that is due to a registration, used up.
    pub(crate) fn refusal(&mut self, tr_id: &str) -> Option<Refusal> {
        due(&mut self.refusals, |it| it.tr_id.as_deref(), tr_id)
    }

    /// Lets something happen to the next `times` calls that fit.
    pub(crate) fn fault(&mut self, times: usize, fault: CallFault) {
        self.calls.push_back((times, fault));
    }

    /// What is due to a call, used up.
    pub(crate) fn of_call(&mut self, tr_id: &str) -> Option<CallFault> {
        due(&mut self.calls, |it| it.tr_id.as_deref(), tr_id)
    }
}

/// The first of what waits for this `tr_id` or for any, used up.
fn due<T: Clone>(
    waiting: &mut VecDeque<(usize, T)>,
    wanted: impl Fn(&T) -> Option<&str>,
    tr_id: &str,
) -> Option<T> {
    waiting.retain(|(left, _)| *left > 0);
    let mut fitting = waiting.iter_mut();
    let (left, it) = fitting.find(|(_, it)| wanted(it).is_none_or(|it| it == tr_id))?;
    *left -= 1;
    Some(it.clone())
}

/// What a running session is told to do.
#[derive(Debug, Clone)]
pub(crate) enum Order {
    /// End the connection without a word.
    Drop,
    /// Send nothing any more.
    Stall,
    /// Send again, first what was held back.
    Resume,
    /// Send PINGPONG now.
    Ping,
    /// Send this frame now.
    Push(Bytes),
    /// Send the next frames of a topic, or of every topic, at once.
    Burst { topic: Option<Topic>, frames: usize },
    /// Send the next frames of a topic, or of every topic, made odd.
    Inject { oddity: Oddity, topic: Option<Topic>, times: usize },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refuses_as_often_as_told() {
        let refusal = |tr_id: Option<&str>, code: &str| Refusal {
            tr_id: tr_id.map(str::to_owned),
            rt_cd: "1".to_owned(),
            msg_cd: code.to_owned(),
            msg1: String::new(),
        };
        let mut faults = Faults::default();
        faults.refuse(1, refusal(Some("HDFSCNT0"), "A"));
        faults.refuse(2, refusal(None, "B"));
        let mut ask = |tr_id| faults.refusal(tr_id).map(|it| it.msg_cd);
        assert_eq!(ask("H0STCNT0").as_deref(), Some("B"));
        assert_eq!(ask("HDFSCNT0").as_deref(), Some("A"));
        assert_eq!(ask("HDFSCNT0").as_deref(), Some("B"));
        assert_eq!(ask("HDFSCNT0"), None);
    }

    #[test]
    fn makes_frames_odd() {
        let check = |oddity: Oddity, expected: &[u8]| {
            assert_eq!(oddity.apply(b"0|X|002|a^1^b^2"), expected, "{oddity:?}");
        };
        check(Oddity::Malformed, b"0|X|a^1^b^2");
        check(Oddity::Truncated, b"0|X|002|a^1^");
        check(Oddity::InvalidUtf8, b"0|X|002|a^1^b^2\xc5\xff\xfe");
        check(Oddity::UnknownTrId, b"0|H0XXXXX0|002|a^1^b^2");
        check(Oddity::Widened(2), b"0|X|002|a^1^new1^new2^b^2^new1^new2");
    }
}
