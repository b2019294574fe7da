//! Growing, jittered delays.

use std::time::Duration;

/// The delays between attempts: the first, and the longest after repeated doubling.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Delays {
    /// The first delay, and the least.
    pub min: Duration,
    /// The delay at which doubling ends. Jitter may add a quarter.
    pub max: Duration,
}

/// Hands out the delays, one longer than the other.
#[derive(Debug)]
pub(crate) struct Backoff {
    delays: Delays,
    doublings: u32,
}

impl Backoff {
    pub(crate) fn new(delays: Delays) -> Self {
        Self { delays, doublings: 0 }
    }

    /// The delay before the next attempt. Jitter only adds, up to a quarter, because the least
    /// delay is a promise towards KIS.
    pub(crate) fn next(&mut self, jitter: &mut Jitter) -> Duration {
        let factor = 1u32.checked_shl(self.doublings).unwrap_or(u32::MAX);
        let delay = self.delays.min.saturating_mul(factor).min(self.delays.max);
        if delay < self.delays.max {
            self.doublings += 1;
        }
        let delay = delay.max(self.delays.min);
        delay + delay.mul_f64(jitter.fraction() / 4.0)
    }

    /// The next delay is the first again.
    pub(crate) fn reset(&mut self) {
        self.doublings = 0;
    }
}

/// A small generator (SplitMix64) whose seed is passed in, so that a schedule can be repeated.
#[derive(Debug)]
pub(crate) struct Jitter(u64);

impl Jitter {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// A number from 0 up to, but not including, 1.
    fn fraction(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^= mixed >> 31;
        // The upper 53 bits are exactly what a double can hold.
        (mixed >> 11) as f64 / (1u64 << 53) as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn delays_double_up_to_the_longest_and_start_over() {
        let mut jitter = Jitter::new(7);
        let mut backoff = Backoff::new(Delays { min: SECOND, max: 5 * SECOND });
        for expected in [1, 2, 4, 5, 5] {
            let expected = expected * SECOND;
            let delay = backoff.next(&mut jitter);
            assert!(delay >= expected && delay < expected.mul_f64(1.25), "{delay:?}");
        }
        backoff.reset();
        assert!(backoff.next(&mut jitter) < 2 * SECOND);
    }

    #[test]
    fn jitter_differs_and_repeats_with_its_seed() {
        let draw = |seed| {
            let mut jitter = Jitter::new(seed);
            [jitter.fraction(), jitter.fraction()]
        };
        assert_eq!(draw(1), draw(1));
        assert_ne!(draw(1), draw(2));
        assert!(draw(3).iter().all(|it| (0.0..1.0).contains(it)));
    }
}
