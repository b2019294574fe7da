//! What has been called so far, and how it went.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use super::{RestError, error::Reason};

/// How one attempt at a call ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Outcome {
    /// KIS carried it out.
    Done,
    /// KIS refused the call itself.
    Refused,
    /// KIS refused for one of its rate limits.
    Limited,
    /// KIS refused the access token.
    TokenRefused,
    /// KIS could not be reached, lost the answer, or has a fault of its own.
    Failed,
    /// It did not start before its deadline.
    Late,
}

/// What one kind of call has come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tally {
    /// The `tr_id` that was called.
    pub tr_id: &'static str,
    /// How it ended.
    pub outcome: Outcome,
    /// How often.
    pub count: u64,
    /// How long that took in all, from sending to the answer.
    pub time: Duration,
}

/// One of the two rate limits.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RateStatus {
    /// Calls a second as configured.
    pub limit: f64,
    /// Calls a second at present: less than the limit after KIS has refused for it.
    pub current: f64,
    /// How many calls wait for their turn.
    pub waiting: usize,
}

/// What a client has done so far and is doing.
#[derive(Debug, Clone, PartialEq)]
pub struct RestStatus {
    /// The limit of the gateway, for every call.
    pub gateway: RateStatus,
    /// The limit of the ledger, for calls on accounts.
    pub ledger: RateStatus,
    /// How many reads waited for the answer to an identical one instead of being sent.
    pub coalesced: u64,
    /// The attempts at calls, by `tr_id` and outcome.
    pub calls: Vec<Tally>,
}

impl RestStatus {
    /// How many attempts ended so.
    #[must_use]
    pub fn count(&self, outcome: Outcome) -> u64 {
        self.calls.iter().filter(|it| it.outcome == outcome).map(|it| it.count).sum()
    }
}

impl Outcome {
    /// A word for logs and metrics.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Refused => "refused",
            Self::Limited => "limited",
            Self::TokenRefused => "token_refused",
            Self::Failed => "failed",
            Self::Late => "late",
        }
    }

    pub(super) fn of<T>(result: &Result<T, RestError>) -> Self {
        let Err(error) = result else { return Self::Done };
        match (error, error.reason()) {
            (RestError::Late { .. } | RestError::GivenUp { .. }, _) => Self::Late,
            (_, Some(Reason::Call)) => Self::Refused,
            (_, Some(Reason::Gateway | Reason::Ledger)) => Self::Limited,
            (_, Some(Reason::Token)) => Self::TokenRefused,
            _ => Self::Failed,
        }
    }
}

/// The tallies of a client.
#[derive(Debug, Default)]
pub(super) struct Tallies(Mutex<BTreeMap<(&'static str, Outcome), Total>>);

/// How often, and how long that took.
type Total = (u64, Duration);

impl Tallies {
    pub(super) fn add(&self, tr_id: &'static str, outcome: Outcome, time: Duration) {
        let mut tallies = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (count, total) = tallies.entry((tr_id, outcome)).or_default();
        *count += 1;
        *total += time;
    }

    pub(super) fn all(&self) -> Vec<Tally> {
        let tallies = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let all = tallies.iter();
        all.map(|((tr_id, outcome), (count, time))| Tally {
            tr_id,
            outcome: *outcome,
            count: *count,
            time: *time,
        })
        .collect()
    }
}
