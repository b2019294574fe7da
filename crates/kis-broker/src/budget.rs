//! What may be asked of KIS within a while.
//!
//! KIS blocks app keys and addresses that loop on connecting or registering (its notices of
//! 2026-02-24 and 2026-05-18 name no numbers). So each kind of request spends from an allowance
//! over a sliding window, and what was spent survives a restart: what [`Session::take_spent`]
//! returns is added to a file, and the file's content given to the next session.
//!
//! [`Session::take_spent`]: crate::Session::take_spent

use std::{
    collections::VecDeque,
    fmt,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use serde::{Deserialize, Serialize};

/// So many requests within so long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Allowance {
    /// How many requests.
    pub count: usize,
    /// The sliding window they are counted in.
    pub window: Duration,
}

/// The allowances of one app key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Budgets {
    /// Websocket connections, failed ones included. Default 30 in 10 minutes: ten quick losses
    /// in a row are healed within seconds each, while a link that flaps for ever settles at one
    /// attempt in 20 s, a quarter of what widespread clients do (every 5 s).
    pub connects: Allowance,
    /// Registrations. Default 600 in 10 minutes: a full session of 41 can be restored 14 times.
    pub registrations: Allowance,
    /// Releases. Default 300 in 10 minutes. They are counted apart so that clients who come and
    /// go cannot use up what is needed to restore a session.
    pub releases: Allowance,
    /// Approval keys. Default 30 in 10 minutes; KIS allows one a second, a key lasts 24 hours.
    pub approvals: Allowance,
}

impl Default for Budgets {
    fn default() -> Self {
        let allow = |count| Allowance { count, window: Duration::from_secs(600) };
        Self {
            connects: allow(30),
            registrations: allow(600),
            releases: allow(300),
            approvals: allow(30),
        }
    }
}

/// Which allowance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum BudgetKind {
    /// [`Budgets::connects`].
    Connects,
    /// [`Budgets::registrations`].
    Registrations,
    /// [`Budgets::releases`].
    Releases,
    /// [`Budgets::approvals`].
    Approvals,
}

impl fmt::Display for BudgetKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Connects => "connects",
            Self::Registrations => "registrations",
            Self::Releases => "releases",
            Self::Approvals => "approvals",
        })
    }
}

/// What was spent, by wall clock (Unix time in milliseconds), to be kept across restarts.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct BudgetState {
    /// When connections were opened.
    pub connects: Vec<u64>,
    /// When topics were registered.
    pub registrations: Vec<u64>,
    /// When topics were released.
    pub releases: Vec<u64>,
    /// When approval keys were fetched.
    pub approvals: Vec<u64>,
}

/// The four allowances with what was spent of each.
#[derive(Debug)]
pub(crate) struct Ledger {
    pub(crate) connects: Budget,
    pub(crate) registrations: Budget,
    pub(crate) releases: Budget,
    pub(crate) approvals: Budget,
}

impl Ledger {
    pub(crate) fn new(budgets: Budgets) -> Self {
        Self {
            connects: Budget::new(budgets.connects),
            registrations: Budget::new(budgets.registrations),
            releases: Budget::new(budgets.releases),
            approvals: Budget::new(budgets.approvals),
        }
    }

    pub(crate) fn import(&mut self, state: &BudgetState, now: Instant, wall: SystemTime) {
        self.connects.import(&state.connects, now, wall);
        self.registrations.import(&state.registrations, now, wall);
        self.releases.import(&state.releases, now, wall);
        self.approvals.import(&state.approvals, now, wall);
    }

    pub(crate) fn take(&mut self, now: Instant, wall: SystemTime) -> BudgetState {
        BudgetState {
            connects: self.connects.take(now, wall),
            registrations: self.registrations.take(now, wall),
            releases: self.releases.take(now, wall),
            approvals: self.approvals.take(now, wall),
        }
    }
}

/// One allowance and the moments it was spent at, oldest first.
#[derive(Debug)]
pub(crate) struct Budget {
    allowance: Allowance,
    spent: VecDeque<Instant>,
    /// What was spent here and not taken yet to be kept.
    fresh: VecDeque<Instant>,
}

impl Budget {
    fn new(allowance: Allowance) -> Self {
        Self { allowance, spent: VecDeque::new(), fresh: VecDeque::new() }
    }

    /// The earliest moment at which one more may be spent, not before `at`; none when the
    /// allowance is zero.
    pub(crate) fn free_at(&self, at: Instant) -> Option<Instant> {
        let first = self.spent.len().checked_sub(self.allowance.count);
        let Some(first) = first else { return Some(at) };
        // Of the last `count`, the oldest must have left the window.
        let oldest = self.spent.get(first)?;
        Some(at.max(*oldest + self.allowance.window))
    }

    pub(crate) fn spend(&mut self, now: Instant) {
        for moments in [&mut self.spent, &mut self.fresh] {
            moments.push_back(now);
            while moments.len() > self.allowance.count {
                moments.pop_front();
            }
        }
    }

    /// How many more may be spent right now.
    pub(crate) fn left(&self, now: Instant) -> usize {
        let past = self.spent.partition_point(|it| *it + self.allowance.window <= now);
        self.allowance.count.saturating_sub(self.spent.len() - past)
    }

    fn import(&mut self, spent: &[u64], now: Instant, wall: SystemTime) {
        for &millis in spent {
            let then = UNIX_EPOCH + Duration::from_millis(millis);
            // A moment in the future means the wall clock was set back: taken as just now.
            let age = wall.duration_since(then).unwrap_or_default();
            if age >= self.allowance.window {
                continue;
            }
            self.spent.push_back(now.checked_sub(age).unwrap_or(now));
        }
        self.spent.make_contiguous().sort_unstable();
        while self.spent.len() > self.allowance.count {
            self.spent.pop_front();
        }
    }

    fn take(&mut self, now: Instant, wall: SystemTime) -> Vec<u64> {
        let age = |it: Instant| now.saturating_duration_since(it);
        self.fresh
            .drain(..)
            .map(age)
            .filter(|age| *age < self.allowance.window)
            .map(|age| {
                let since = wall.duration_since(UNIX_EPOCH).unwrap_or_default();
                // Rounded up, so that nothing is free sooner than before.
                let millis = since.saturating_sub(age).as_nanos().div_ceil(1_000_000);
                u64::try_from(millis).unwrap_or(u64::MAX)
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn budget(count: usize) -> Budget {
        Budget::new(Allowance { count, window: 10 * SECOND })
    }

    #[test]
    fn spending_frees_itself_after_the_window() {
        let start = Instant::now();
        let mut it = budget(2);
        assert_eq!(it.free_at(start), Some(start));
        it.spend(start);
        it.spend(start + SECOND);
        assert_eq!(it.left(start + SECOND), 0);
        assert_eq!(it.free_at(start + SECOND), Some(start + 10 * SECOND));
        it.spend(start + 10 * SECOND);
        assert_eq!(it.free_at(start + 10 * SECOND), Some(start + 11 * SECOND));
        assert_eq!(it.left(start + 30 * SECOND), 2);
    }

    #[test]
    fn nothing_may_be_spent_of_nothing() {
        assert_eq!(budget(0).free_at(Instant::now()), None);
    }

    #[test]
    fn what_was_spent_survives_a_restart() {
        let (then, wall) = (Instant::now(), SystemTime::now());
        let mut before = budget(3);
        before.spend(then);
        before.spend(then + 8 * SECOND);
        let state = before.take(then + 9 * SECOND, wall + 9 * SECOND);
        assert_eq!(state.len(), 2);
        assert_eq!(before.take(then + 9 * SECOND, wall), [0; 0], "taken once");

        let now = then + 12 * SECOND;
        let mut after = budget(3);
        after.import(&state, now, wall + 12 * SECOND);
        assert_eq!(after.left(now), 2, "one has left the window, one has not");
        assert_eq!(after.left(now + 7 * SECOND), 3);
    }

    #[test]
    fn a_clock_set_back_counts_as_just_now() {
        let (now, wall) = (Instant::now(), SystemTime::now());
        let mut before = budget(1);
        before.spend(now);
        let state = before.take(now, wall);
        let mut after = budget(1);
        after.import(&state, now, wall - 3600 * SECOND);
        assert_eq!(after.left(now), 0);
        assert_eq!(after.free_at(now), Some(now + 10 * SECOND));
    }
}
