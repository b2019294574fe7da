use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

const SECOND: Duration = Duration::from_secs(1);

/// So many in any second, wherever it begins.
#[derive(Debug)]
pub(super) struct Limit {
    per_second: usize,
    /// When the last ones were, at most `per_second`.
    spent: VecDeque<Instant>,
}

impl Limit {
    pub(super) fn new(per_second: usize) -> Self {
        Self { per_second, spent: VecDeque::new() }
    }

    /// When there is room again; nothing when there is at `now`.
    pub(super) fn free_at(&self, now: Instant) -> Option<Instant> {
        let oldest = self.spent.len().checked_sub(self.per_second)?;
        self.spent.get(oldest).map(|it| *it + SECOND).filter(|it| *it > now)
    }

    pub(super) fn spend(&mut self, now: Instant) {
        if self.per_second == usize::MAX {
            return;
        }
        self.spent.push_back(now);
        while self.spent.len() > self.per_second {
            self.spent.pop_front();
        }
    }

    /// The last one was none.
    pub(super) fn refund(&mut self) {
        self.spent.pop_back();
    }
}
