//! One of KIS's rate limits, kept on our side.
//!
//! KIS counts a call at a moment that we do not know: after it was sent and before its answer
//! came. So a call keeps its place among those of a second until a second after its answer. No
//! whim of the network can then bring more calls into a second than KIS allows, and a KIS that
//! answers slowly is called less. Within that, calls are spread evenly, as KIS advises.

use std::time::Duration;

use tokio::time::Instant;
use tracing::warn;

use super::{RateLimit, RateStatus};

/// How far calls may get ahead of their even spread: two at once at 18 a second. It also makes
/// up for timers, which are late by a millisecond.
const SLACK: Duration = Duration::from_millis(100);
/// After this time on the way KIS has surely counted a call, even if its answer takes longer.
const TRAVEL_MAX: Duration = Duration::from_secs(1);
const DAY: Duration = Duration::from_secs(24 * 3600);
/// By what the rate is divided after a refusal, and at most in all.
const SLOWDOWN: f64 = 1.25;
const SLOWDOWN_MAX: f64 = 8.0;
/// By what it is multiplied when there was none for a while.
const RECOVERY: f64 = 1.1;

/// The limit, and what is taken of it.
#[derive(Debug)]
pub(super) struct Window {
    name: &'static str,
    limit: RateLimit,
    recovery: Duration,
    /// The calls that count, by number, and when each ceases to.
    places: Vec<(u64, Instant)>,
    /// When the next call is due, were calls spread evenly.
    due: Instant,
    /// How many times slower than the limit we are.
    slowdown: f64,
    /// When that changed last.
    changed: Instant,
}

impl Window {
    pub(super) fn new(name: &'static str, limit: RateLimit, recovery: Duration) -> Self {
        // Nothing within a day is no limit of KIS, and no clock reaches for ever.
        let limit = RateLimit { calls: limit.calls.max(1), per: limit.per.min(DAY) };
        let (due, changed) = (Instant::now(), Instant::now());
        Self { name, limit, recovery, places: Vec::new(), due, slowdown: 1.0, changed }
    }

    /// When the next call may be sent, as far as is known now.
    pub(super) fn ready(&mut self, now: Instant) -> Instant {
        self.recover(now);
        self.places.retain(|(_, free)| *free > now);
        let full = self.places.len() >= self.limit.calls as usize;
        let free = self.places.iter().map(|(_, free)| *free).min().filter(|_| full);
        free.unwrap_or(now).max(earlier(self.due, SLACK))
    }

    /// The earliest that a call can be sent before which so many others are.
    pub(super) fn earliest(&self, ahead: usize) -> Instant {
        earlier(self.due + self.spread().mul_f64(ahead as f64), SLACK)
    }

    /// A call is being sent.
    pub(super) fn take(&mut self, place: u64, now: Instant) {
        self.due = self.due.max(now) + self.spread();
        self.places.push((place, now + TRAVEL_MAX + self.limit.per));
    }

    /// Its answer has come, or is not waited for any more.
    pub(super) fn answered(&mut self, place: u64, now: Instant) {
        if let Some((_, free)) = self.places.iter_mut().find(|(it, _)| *it == place) {
            *free = (*free).min(now + self.limit.per);
        }
    }

    /// KIS has refused a call for this limit.
    pub(super) fn refused(&mut self, now: Instant) {
        // Calls that were under way together are refused together; that is one refusal.
        if self.slowdown > 1.0 && now < self.changed + self.limit.per {
            return;
        }
        self.slowdown = (self.slowdown * SLOWDOWN).min(SLOWDOWN_MAX);
        self.changed = now;
        let per_second = self.rate(self.slowdown);
        warn!(limit = self.name, per_second, "too many calls for KIS, slowing down");
    }

    pub(super) fn status(&mut self, now: Instant, waiting: usize) -> RateStatus {
        self.recover(now);
        RateStatus { limit: self.rate(1.0), current: self.rate(self.slowdown), waiting }
    }

    /// The time between two calls.
    fn spread(&self) -> Duration {
        (self.limit.per / self.limit.calls).mul_f64(self.slowdown)
    }

    fn rate(&self, slowdown: f64) -> f64 {
        f64::from(self.limit.calls) / self.limit.per.as_secs_f64() / slowdown
    }

    fn recover(&mut self, now: Instant) {
        while let Some(at) = self.changed.checked_add(self.recovery)
            && self.slowdown > 1.0
            && now >= at
        {
            self.slowdown = (self.slowdown / RECOVERY).max(1.0);
            self.changed = at;
        }
    }
}

fn earlier(at: Instant, by: Duration) -> Instant {
    // An instant before the clock began is as good as that beginning.
    at.checked_sub(by).unwrap_or(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);
    const RECOVERY: Duration = Duration::from_secs(30);

    #[test]
    fn spreads_calls_and_counts_them_until_a_second_after_their_answers() {
        let mut window = Window::new("test", RateLimit::per_second(10), RECOVERY);
        let start = Instant::now();
        let mut send = |place, after: Duration| {
            let now = start + after;
            let ready = window.ready(now);
            if ready <= now {
                window.take(place, now);
            }
            ready.saturating_duration_since(start)
        };
        let millis = Duration::from_millis;
        assert_eq!(send(1, SECOND), SECOND);
        assert_eq!(send(2, SECOND), SECOND, "some slack");
        assert_eq!(send(3, SECOND), SECOND + millis(100));
        for place in 3..=10 {
            let at = SECOND + millis(100 * (place - 2));
            assert_eq!(send(place, at), at);
        }
        // None is answered, so all ten count, the first until it has surely arrived.
        assert_eq!(send(11, millis(2500)), 3 * SECOND);
        window.answered(1, start + millis(1300));
        assert_eq!(window.ready(start + millis(2200)), start + millis(2300));
    }

    #[test]
    fn slows_down_when_refused_and_recovers() {
        let mut window = Window::new("test", RateLimit::per_second(10), RECOVERY);
        let mut now = Instant::now();
        let current =
            |window: &mut Window, now| (window.status(now, 0).current * 100.0).round() / 100.0;
        assert_eq!(current(&mut window, now), 10.0);
        window.refused(now);
        window.refused(now);
        assert_eq!(current(&mut window, now), 8.0, "two at once are one");
        now += SECOND;
        window.refused(now);
        assert_eq!(current(&mut window, now), 6.4);
        now += RECOVERY;
        assert_eq!(current(&mut window, now), 7.04);
        now += 3 * RECOVERY;
        assert_eq!(current(&mut window, now), 9.37);
        now += RECOVERY;
        assert_eq!(current(&mut window, now), 10.0);
        for _ in 0..50 {
            window.refused(now);
            now += SECOND;
        }
        assert_eq!(current(&mut window, now), 1.25, "never slower than an eighth");
    }
}
