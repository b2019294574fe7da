//! How often something may happen.

use std::time::{Duration, Instant};

/// So many in a second for long, and so many at once after a pause.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Rate {
    pub(crate) per_second: u32,
    pub(crate) at_once: u32,
}

/// What has been spent of a [`Rate`]: the generic cell rate algorithm, which
/// needs one instant for it.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Spent(Option<Instant>);

impl Spent {
    /// Spends `count`, or says how long to wait until they can be spent. More
    /// than `at_once` can never be.
    pub(crate) fn spend(&mut self, count: u32, rate: Rate, now: Instant) -> Result<(), Duration> {
        let interval = Duration::from_secs(1) / rate.per_second.max(1);
        let back_at_zero = self.0.map_or(now, |it| it.max(now)) + interval * count;
        let ahead = back_at_zero - now;
        match ahead.checked_sub(interval * rate.at_once.max(1)) {
            None | Some(Duration::ZERO) => {
                self.0 = Some(back_at_zero);
                Ok(())
            }
            Some(wait) => Err(wait),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_then_the_rate() {
        let rate = Rate { per_second: 10, at_once: 3 };
        let mut spent = Spent::default();
        let start = Instant::now();
        let at = |ms| start + Duration::from_millis(ms);
        let wait = |ms| Err(Duration::from_millis(ms));
        for _ in 0..3 {
            assert_eq!(spent.spend(1, rate, at(0)), Ok(()));
        }
        assert_eq!(spent.spend(1, rate, at(0)), wait(100));
        assert_eq!(spent.spend(1, rate, at(40)), wait(60), "a refusal costs nothing");
        assert_eq!(spent.spend(1, rate, at(100)), Ok(()));
        assert_eq!(spent.spend(2, rate, at(250)), wait(50));
        // However long the pause, no more than a burst is saved.
        assert_eq!(spent.spend(3, rate, at(60_000)), Ok(()));
        assert_eq!(spent.spend(1, rate, at(60_000)), wait(100));
    }

    #[test]
    fn more_than_a_burst_is_never_allowed() {
        let rate = Rate { per_second: 10, at_once: 3 };
        assert!(Spent::default().spend(4, rate, Instant::now()).is_err());
        // Nor does nonsense panic.
        let rate = Rate { per_second: 0, at_once: 0 };
        assert!(Spent::default().spend(1, rate, Instant::now()).is_ok());
        assert!(Spent::default().spend(u32::MAX, rate, Instant::now()).is_err());
    }
}
