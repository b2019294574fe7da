//! When to send to whom: limits, back-off, and one message at a time to each
//! recipient. Without I/O; the [`Store`](crate::Store) holds what is to be sent.

mod limit;

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use self::limit::Limit;
use crate::store::Settled;

/// How fast a sink may be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pace {
    /// How many messages a second there may be for all recipients.
    pub per_second: usize,
    /// The least time between two messages to one recipient.
    pub interval: Duration,
    /// The wait after a first failure; it doubles with each other.
    pub retry_min: Duration,
    /// The longest wait. Jitter may add a quarter.
    pub retry_max: Duration,
    /// How many notifications one message may be made of.
    pub batch_max: usize,
}

impl Pace {
    /// What Telegram allows a bot: 30 messages a second, one to a chat.
    pub const TELEGRAM: Self = Self {
        per_second: 30,
        interval: Duration::from_secs(1),
        retry_min: Duration::from_secs(1),
        retry_max: Duration::from_secs(300),
        batch_max: 50,
    };

    /// One notification a request, with its own id.
    pub const WEBHOOK: Self = Self {
        per_second: 20,
        interval: Duration::ZERO,
        retry_min: Duration::from_secs(1),
        retry_max: Duration::from_secs(300),
        batch_max: 1,
    };

    /// As fast as it can.
    pub const UNLIMITED: Self = Self {
        per_second: usize::MAX,
        interval: Duration::ZERO,
        retry_min: Duration::from_secs(1),
        retry_max: Duration::from_secs(60),
        batch_max: 100,
    };
}

/// What became of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The recipient has got it.
    Delivered,
    /// It has not, or nobody knows; it will be sent again.
    Failed,
    /// The recipient is to be left alone for so long.
    Limited(Duration),
    /// The recipient will never take it.
    Refused,
}

/// Decides who gets a message next, for the recipients of one sink.
///
/// Its owner asks [`poll`](Self::poll) whom to send to, sends what waits for
/// that recipient, and reports with [`handle_outcome`](Self::handle_outcome), or
/// with [`handle_empty`](Self::handle_empty) when nothing waits. Several
/// recipients may be sent to at the same time.
#[derive(Debug)]
pub struct Dispatcher {
    pace: Pace,
    lines: BTreeMap<String, Line>,
    limit: Limit,
    /// The recipient polled last, so that each gets its turn.
    last: String,
    jitter: u64,
}

#[derive(Debug, Default)]
struct Line {
    /// Whether something may wait.
    waiting: bool,
    /// Whether a message is under way.
    busy: bool,
    not_before: Option<Instant>,
    failures: u32,
}

impl Dispatcher {
    /// A dispatcher for these recipients, all of whom may have something
    /// waiting. `seed` is of the jitter.
    pub fn new<'a>(recipients: impl IntoIterator<Item = &'a str>, pace: Pace, seed: u64) -> Self {
        let line = || Line { waiting: true, ..Line::default() };
        let lines = recipients.into_iter().map(|it| (it.to_owned(), line())).collect();
        let limit = Limit::new(pace.per_second);
        Self { pace, lines, limit, last: String::new(), jitter: seed }
    }

    /// How many notifications one message may be made of.
    pub fn batch_max(&self) -> usize {
        self.pace.batch_max
    }

    /// Something may wait for any recipient.
    pub fn wake(&mut self) {
        for line in self.lines.values_mut() {
            line.waiting = true;
        }
    }

    /// The recipient to send to at `now`; it has a message under way from here
    /// on.
    pub fn poll(&mut self, now: Instant) -> Option<String> {
        if self.limit.free_at(now).is_some() {
            return None;
        }
        let due = |line: &Line| line.is_ready() && line.not_before.is_none_or(|it| it <= now);
        let mut names = self.lines.iter().filter(|it| due(it.1)).map(|it| it.0);
        let first = names.clone().next().cloned();
        let next = names.find(|it| **it > self.last).cloned().or(first)?;
        self.lines.get_mut(&next)?.busy = true;
        self.limit.spend(now);
        self.last.clone_from(&next);
        Some(next)
    }

    /// Nothing waits for the recipient.
    pub fn handle_empty(&mut self, recipient: &str) {
        if let Some(line) = self.lines.get_mut(recipient) {
            (line.busy, line.waiting) = (false, false);
            self.limit.refund();
        }
    }

    /// A message to the recipient ended so at `now`. Returns what it means for
    /// the batch; nothing while it is to be sent again.
    pub fn handle_outcome(
        &mut self,
        recipient: &str,
        outcome: Outcome,
        now: Instant,
    ) -> Option<Settled> {
        let fraction = self.fraction();
        let line = self.lines.get_mut(recipient)?;
        (line.busy, line.waiting) = (false, true);
        line.not_before = Some(now + self.pace.interval);
        match outcome {
            Outcome::Delivered | Outcome::Refused => line.failures = 0,
            // Telegram's limits that are met are those of a chat: the one of all is kept here.
            Outcome::Limited(wait) => {
                line.not_before = Some(now + wait.max(self.pace.interval));
            }
            Outcome::Failed => {
                let factor = 1_u32.checked_shl(line.failures).unwrap_or(u32::MAX);
                line.failures = (line.failures + 1).min(31);
                let wait = self.pace.retry_min.saturating_mul(factor).min(self.pace.retry_max);
                line.not_before = Some(now + wait + wait.mul_f64(fraction / 4.0));
            }
        }
        match outcome {
            Outcome::Delivered => Some(Settled::Delivered),
            Outcome::Refused => Some(Settled::Refused),
            Outcome::Failed | Outcome::Limited(_) => None,
        }
    }

    /// When [`poll`](Self::poll) may have somebody who has to wait at `now`.
    pub fn poll_timeout(&self, now: Instant) -> Option<Instant> {
        let ready = self.lines.values().filter(|it| it.is_ready());
        let soonest = ready.map(|it| it.not_before.unwrap_or(now)).min()?;
        Some(self.limit.free_at(now).map_or(soonest, |it| it.max(soonest)))
    }

    /// A number from 0 up to, but not including, 1 (SplitMix64).
    fn fraction(&mut self) -> f64 {
        self.jitter = self.jitter.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.jitter;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^= mixed >> 31;
        // The upper 53 bits are exactly what a double can hold.
        (mixed >> 11) as f64 / (1_u64 << 53) as f64
    }
}

impl Line {
    fn is_ready(&self) -> bool {
        self.waiting && !self.busy
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn start() -> Instant {
        Instant::now()
    }

    #[test]
    fn one_a_second_to_each_and_each_in_turn() {
        let now = start();
        let mut dispatcher = Dispatcher::new(["a", "b"], Pace::TELEGRAM, 1);
        assert_eq!(dispatcher.poll(now).as_deref(), Some("a"));
        assert_eq!(dispatcher.poll(now).as_deref(), Some("b"));
        assert_eq!(dispatcher.poll(now), None, "both have a message under way");
        for recipient in ["a", "b"] {
            let settled = dispatcher.handle_outcome(recipient, Outcome::Delivered, now);
            assert_eq!(settled, Some(Settled::Delivered));
        }
        assert_eq!(dispatcher.poll(now), None);
        assert_eq!(dispatcher.poll_timeout(now), Some(now + SECOND));
        assert_eq!(dispatcher.poll(now + SECOND).as_deref(), Some("a"));
        dispatcher.handle_empty("a");
        assert_eq!(dispatcher.poll(now + SECOND).as_deref(), Some("b"));
        dispatcher.handle_empty("b");
        assert_eq!(dispatcher.poll_timeout(now), None);
        dispatcher.wake();
        assert_eq!(dispatcher.poll(now + SECOND).as_deref(), Some("a"));
    }

    #[test]
    fn thirty_a_second_to_all() {
        let now = start();
        let names: Vec<_> = (0..40).map(|it| format!("{it:02}")).collect();
        let mut dispatcher = Dispatcher::new(names.iter().map(String::as_str), Pace::TELEGRAM, 1);
        let mut sent = 0;
        while let Some(recipient) = dispatcher.poll(now) {
            dispatcher.handle_outcome(&recipient, Outcome::Delivered, now);
            sent += 1;
        }
        assert_eq!(sent, 30);
        assert_eq!(dispatcher.poll_timeout(now), Some(now + SECOND));
        assert_eq!(dispatcher.poll(now + SECOND).as_deref(), Some("30"), "it is their turn");
    }

    #[test]
    fn failures_wait_longer_and_longer_for_their_recipient() {
        let mut now = start();
        let mut dispatcher = Dispatcher::new(["a", "b"], Pace::WEBHOOK, 1);
        let mut waits = Vec::new();
        for _ in 0..12 {
            assert_eq!(dispatcher.poll(now).as_deref(), Some("a"));
            dispatcher.handle_outcome("a", Outcome::Failed, now);
            assert_eq!(dispatcher.poll(now).as_deref(), Some("b"), "others do not wait");
            dispatcher.handle_empty("b");
            let next = dispatcher.poll_timeout(now).unwrap();
            waits.push((next - now).as_secs());
            now = next;
            dispatcher.wake();
            dispatcher.last.clear();
        }
        for (at, wait) in waits.iter().enumerate() {
            let least = 1_u64.checked_shl(at as u32).unwrap().min(300);
            assert!((least..=least + least / 4).contains(wait), "{waits:?}");
        }
        assert_eq!(dispatcher.poll(now).as_deref(), Some("a"));
        dispatcher.handle_outcome("a", Outcome::Delivered, now);
        dispatcher.poll(now);
        dispatcher.handle_outcome("a", Outcome::Failed, now);
        assert!(dispatcher.lines["a"].not_before.unwrap() - now < 2 * SECOND);
    }

    #[test]
    fn a_limited_recipient_is_left_alone_and_nobody_else() {
        let now = start();
        let mut dispatcher = Dispatcher::new(["a", "b"], Pace::TELEGRAM, 1);
        dispatcher.poll(now);
        assert_eq!(dispatcher.handle_outcome("a", Outcome::Limited(9 * SECOND), now), None);
        assert_eq!(dispatcher.poll(now).as_deref(), Some("b"));
        dispatcher.handle_empty("b");
        assert_eq!(dispatcher.poll(now + 8 * SECOND), None);
        assert_eq!(dispatcher.poll_timeout(now), Some(now + 9 * SECOND));
        assert_eq!(dispatcher.poll(now + 9 * SECOND).as_deref(), Some("a"));
    }
}
