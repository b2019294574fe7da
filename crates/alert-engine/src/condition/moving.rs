use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use super::{Effect, not_negative, positive, price::zero, within};
use crate::{
    band::Band,
    edge::{Crossing, Direction, Edges, Step},
    notification::{Fact, Since},
    number::{Number, Ratio},
    rule::RuleError,
};

/// A price moves by a percentage within a time: a rise is measured from the
/// lowest price of that time, a fall from the highest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Move {
    /// The distance in percent, above 0 for either way.
    pub percent: Number,
    /// The time: 1 second to a day, known to a sixtieth.
    pub seconds: u32,
    /// Up for a rise, down for a fall.
    #[serde(default)]
    pub crosses: Crossing,
    /// How many percentage points smaller the move must become before another
    /// counts.
    #[serde(default = "zero")]
    pub hysteresis: Number,
}

/// The lowest and the highest price of each sixtieth of the time.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct MoveMemory {
    edges: Edges,
    spans: VecDeque<Span>,
    /// Of all spans.
    range: Option<[Number; 2]>,
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct Span {
    number: i64,
    low: Number,
    high: Number,
}

/// How many spans the time is divided into.
const SPANS: i64 = 60;

impl Move {
    pub(super) fn check(&self) -> Result<(), RuleError> {
        positive("when.move.percent", self.percent)?;
        not_negative("when.move.hysteresis", self.hysteresis)?;
        within("when.move.seconds", self.seconds, 1..=86_400)?;
        if self.hysteresis >= self.percent {
            let wrong = format!("{} is as large as the move", self.hysteresis);
            let allowed = format!("it must be below `percent`, {}", self.percent);
            return Err(RuleError::invalid("when.move.hysteresis", wrong, allowed));
        }
        Ok(())
    }

    #[inline]
    pub(super) fn observe(
        &self,
        memory: &mut MoveMemory,
        price: Number,
        now: i64,
        facts: &mut Vec<Fact>,
    ) -> Effect {
        let span = self.span();
        let kept = i64::from(self.seconds).div_euclid(span);
        let [low, high] = memory.take(now.div_euclid(span), kept, price);
        let mut effect = Effect::Slight;
        for (direction, from) in [(Direction::Up, low), (Direction::Down, high)] {
            if !self.crosses.includes(direction) {
                continue;
            }
            let Some(change) = price.checked_sub(from) else { continue };
            let size = match direction {
                Direction::Up => Ratio::of(change, from),
                Direction::Down => Ratio::of(change.negated(), from),
            };
            let against = |percent| size.and_then(|it| it.compare_percent(percent));
            let back = || {
                let smaller = self.percent.checked_sub(self.hysteresis);
                smaller.and_then(against).is_some_and(|it| it.is_le())
            };
            let beyond = against(self.percent).is_some_and(|it| it.is_ge());
            match memory.edges.of(direction).step(beyond, back) {
                Step::Nothing => continue,
                Step::Moved => {}
                Step::Fires => facts.push(Fact::Move {
                    direction,
                    price,
                    percent: percent(change, from).unwrap_or(self.percent),
                    from,
                    since: Since::Seconds(self.seconds),
                }),
            }
            effect = Effect::Lasting;
        }
        effect
    }

    /// Prices between those of the newest span change no span. As long as they are not so far
    /// from the lowest or the highest of all, nothing is to be done until another span begins.
    pub(super) fn band(&self, memory: &MoveMemory, seen: Number) -> Option<Band> {
        let (span, [low, high]) = (memory.spans.back()?, memory.range?);
        if low <= Number::ZERO {
            return None;
        }
        let end = span.number.checked_add(1)?.checked_mul(self.span())?;
        let mut band = Band::around(seen).between(span.low, span.high)?.until(end);
        // What is cut off a distance makes the band narrower.
        let distance = |from: Number| from.percentage(self.percent, seen);
        if self.crosses.includes(Direction::Up) {
            let threshold = low.checked_add(distance(low)?)?;
            band = band.narrow(Direction::Up, memory.edges.up, threshold, None)?;
        }
        if self.crosses.includes(Direction::Down) {
            let threshold = high.checked_sub(distance(high)?)?;
            band = band.narrow(Direction::Down, memory.edges.down, threshold, None)?;
        }
        Some(band)
    }

    /// How many seconds a span has.
    #[inline]
    fn span(&self) -> i64 {
        (i64::from(self.seconds) / SPANS).max(1)
    }
}

fn percent(change: Number, from: Number) -> Option<Number> {
    Ratio::of(change, from)?.percent()
}

impl MoveMemory {
    /// Adds a price, forgets what is older than `kept` spans, and returns the
    /// lowest and the highest of the rest.
    #[inline]
    fn take(&mut self, number: i64, kept: i64, price: Number) -> [Number; 2] {
        if let (Some(span), Some([low, high])) = (self.spans.back_mut(), &mut self.range)
            && span.number >= number
        {
            // The usual case, and a clock that has been set back.
            (span.low, span.high) = (span.low.min(price), span.high.max(price));
            (*low, *high) = (price.min(*low), price.max(*high));
            return [*low, *high];
        }
        if self.spans.capacity() == 0 {
            self.spans.reserve(SPANS as usize * 2 + 2);
        }
        self.spans.push_back(Span { number, low: price, high: price });
        while self.spans.front().is_some_and(|it| it.number < number - kept) {
            self.spans.pop_front();
        }
        let range = self
            .spans
            .iter()
            .fold([price, price], |[low, high], it| [low.min(it.low), high.max(it.high)]);
        *self.range.insert(range)
    }
}
