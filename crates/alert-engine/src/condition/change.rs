use serde::{Deserialize, Serialize};

use super::{Effect, not_negative, positive, price::zero};
use crate::{
    band::Band,
    edge::{Crossing, Direction, Edge, Edges, Step},
    notification::{Fact, Since},
    number::{Number, Ratio},
    rule::RuleError,
};

/// A price crosses a distance from the previous close.
///
/// A new previous close is a new day, on which the price has started from
/// nothing: a day that opens beyond the distance fires, whatever the day before
/// has seen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Change {
    /// The distance in percent, above 0 for either way.
    pub percent: Number,
    /// Up for a rise, down for a fall.
    #[serde(default)]
    pub crosses: Crossing,
    /// How many percentage points closer the price must come before a crossing
    /// counts again.
    #[serde(default = "zero")]
    pub hysteresis: Number,
}

impl Change {
    pub(super) fn check(&self) -> Result<(), RuleError> {
        positive("when.change.percent", self.percent)?;
        not_negative("when.change.hysteresis", self.hysteresis)?;
        if self.hysteresis >= self.percent {
            let wrong = format!("{} reaches back to the close", self.hysteresis);
            let allowed = format!("it must be below `percent`, {}", self.percent);
            return Err(RuleError::invalid("when.change.hysteresis", wrong, allowed));
        }
        Ok(())
    }

    #[inline]
    pub(super) fn observe(
        &self,
        edges: &mut Edges,
        known: &mut Option<Number>,
        price: Number,
        change: Number,
        facts: &mut Vec<Fact>,
    ) -> Effect {
        let Some(base) = price.checked_sub(change) else { return Effect::None };
        let Some(up) = Ratio::of(change, base) else { return Effect::None };
        let Some(down) = Ratio::of(change.negated(), base) else { return Effect::None };
        let mut effect = Effect::None;
        if known.is_none_or(|it| it != base) {
            if known.is_some() {
                *edges = Edges { up: Edge::Armed, down: Edge::Armed };
            }
            *known = Some(base);
            effect = Effect::Lasting;
        }
        for (direction, ratio) in [(Direction::Up, up), (Direction::Down, down)] {
            if !self.crosses.includes(direction) {
                continue;
            }
            let reaches = |percent| ratio.compare_percent(percent).is_some_and(|it| it.is_ge());
            let back = || {
                let closer = self.percent.checked_sub(self.hysteresis);
                closer.and_then(|it| ratio.compare_percent(it)).is_some_and(|it| it.is_le())
            };
            match edges.of(direction).step(reaches(self.percent), back) {
                Step::Nothing => continue,
                Step::Moved => {}
                Step::Fires => facts.push(Fact::Move {
                    direction,
                    price,
                    percent: up.percent().unwrap_or(self.percent),
                    from: base,
                    since: Since::PreviousClose,
                }),
            }
            effect = Effect::Lasting;
        }
        effect
    }

    pub(super) fn band(&self, edges: Edges, base: Number, seen: Number) -> Option<Band> {
        let closer = self.percent.checked_sub(self.hysteresis)?;
        let mut band = Band::around(seen).of_base(base)?;
        // Cut to the digits of the price, distances are too small, so the band
        // is narrower where firing is concerned; where arming is, one step more
        // makes it so.
        let fires = base.percentage(self.percent, seen)?;
        let arms = base.percentage(closer, seen)?.checked_add(seen.step())?;
        if self.crosses.includes(Direction::Up) {
            let (threshold, back) = (base.checked_add(fires)?, base.checked_add(arms));
            band = band.narrow(Direction::Up, edges.up, threshold, back)?;
        }
        if self.crosses.includes(Direction::Down) {
            let (threshold, back) = (base.checked_sub(fires)?, base.checked_sub(arms));
            band = band.narrow(Direction::Down, edges.down, threshold, back)?;
        }
        Some(band)
    }
}
