//! Values that change nothing.

use crate::{
    edge::{Direction, Edge},
    number::{Number, scaled},
};

/// The values between which a rule has nothing to do. As long as a topic's
/// values stay there, the rule is not even looked at: most records of most
/// instruments cost two comparisons a rule.
///
/// A band may be narrower than need be, never wider.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Band {
    /// Both outside the band, as mantissas at `scale`.
    low: i64,
    high: i64,
    scale: u8,
    /// The previous close for which it holds, where that matters.
    base: Option<i64>,
    /// Until when it holds, in seconds since 1970.
    until: i64,
}

impl Band {
    /// Everything there is at the scale of `seen`, to be narrowed.
    pub(crate) fn around(seen: Number) -> Self {
        let scale = seen.decimal().scale();
        Self { low: i64::MIN, high: i64::MAX, scale, base: None, until: i64::MAX }
    }

    /// Narrows it to these numbers and what is between them.
    pub(crate) fn between(self, least: Number, most: Number) -> Option<Self> {
        let low = self.mantissa(least)?.checked_sub(1)?;
        let high = self.mantissa(most)?.checked_add(1)?;
        Some(Self { low: self.low.max(low), high: self.high.min(high), ..self })
    }

    /// Lets it hold until then alone.
    pub(crate) fn until(self, until: i64) -> Self {
        Self { until, ..self }
    }

    /// Narrows it to where the edge has nothing to do: `threshold` is where it
    /// fires, `back` where it arms again.
    pub(crate) fn narrow(
        self,
        direction: Direction,
        edge: Edge,
        threshold: Number,
        back: Option<Number>,
    ) -> Option<Self> {
        let (bound, stays_below) = match edge {
            Edge::Unseen => return None,
            Edge::Armed => (threshold, direction == Direction::Up),
            Edge::Beyond => (back?, direction == Direction::Down),
        };
        let bound = self.mantissa(bound)?;
        Some(match stays_below {
            true => Self { high: self.high.min(bound), ..self },
            false => Self { low: self.low.max(bound), ..self },
        })
    }

    /// Lets it hold for this previous close alone.
    pub(crate) fn of_base(self, base: Number) -> Option<Self> {
        Some(Self { base: Some(self.mantissa(base)?), ..self })
    }

    /// Whether a value at `now`, and its change from the previous close, are within.
    #[inline]
    pub(crate) fn holds(&self, value: Number, change: Option<Number>, now: i64) -> bool {
        let value = value.decimal();
        if now >= self.until
            || value.scale() != self.scale
            || value.mantissa() <= self.low
            || value.mantissa() >= self.high
        {
            return false;
        }
        let Some(base) = self.base else { return true };
        change.map(Number::decimal).is_some_and(|it| {
            it.scale() == self.scale && value.mantissa().wrapping_sub(it.mantissa()) == base
        })
    }

    /// The number at the band's scale; nothing for a number of more digits.
    fn mantissa(&self, number: Number) -> Option<i64> {
        let fits = number.decimal().scale() <= self.scale;
        fits.then(|| i64::try_from(scaled(number.decimal(), self.scale)).ok()).flatten()
    }
}
