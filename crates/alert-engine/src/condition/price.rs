use kis_protocol::normalized::Event;
use serde::{Deserialize, Serialize};

use super::{Effect, not_negative};
use crate::{
    band::Band,
    edge::{Crossing, Direction, Edges, Step},
    notification::Fact,
    number::Number,
    rule::RuleError,
};

/// A price, index or net asset value crosses a level: it rises to it or above,
/// or falls to it or below.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Price {
    /// The level, in the unit of the stream.
    pub level: Number,
    /// Which way.
    #[serde(default)]
    pub crosses: Crossing,
    /// How far back behind the level the value must go before a crossing
    /// counts again.
    #[serde(default = "zero")]
    pub hysteresis: Number,
}

pub(super) fn zero() -> Number {
    Number::ZERO
}

impl Price {
    pub(super) fn check(&self) -> Result<(), RuleError> {
        not_negative("when.price.hysteresis", self.hysteresis)?;
        let reach = self.level.checked_sub(self.hysteresis);
        if reach.and(self.level.checked_add(self.hysteresis)).is_none() {
            let wrong = format!("{} is out of reach", self.level);
            return Err(RuleError::invalid("when.price.level", wrong, "at most 18 digits"));
        }
        Ok(())
    }

    #[inline]
    pub(super) fn observe(
        &self,
        edges: &mut Edges,
        value: Number,
        event: &Event<'_>,
        facts: &mut Vec<Fact>,
    ) -> Effect {
        let mut effect = Effect::None;
        for direction in [Direction::Up, Direction::Down] {
            if !self.crosses.includes(direction) {
                continue;
            }
            let (beyond, back) = self.place(direction, value);
            match edges.of(direction).step(beyond, back) {
                Step::Nothing => continue,
                Step::Moved => {}
                Step::Fires => facts.push(Fact::Price {
                    direction,
                    price: value,
                    level: self.level,
                    change_percent: change_rate(event),
                    expected: is_expected(event),
                }),
            }
            effect = Effect::Lasting;
        }
        effect
    }

    pub(super) fn band(&self, edges: Edges, seen: Number) -> Option<Band> {
        let mut band = Band::around(seen);
        if self.crosses.includes(Direction::Up) {
            let back = self.level.checked_sub(self.hysteresis);
            band = band.narrow(Direction::Up, edges.up, self.level, back)?;
        }
        if self.crosses.includes(Direction::Down) {
            let back = self.level.checked_add(self.hysteresis);
            band = band.narrow(Direction::Down, edges.down, self.level, back)?;
        }
        Some(band)
    }

    #[inline]
    fn place(&self, direction: Direction, value: Number) -> (bool, impl FnOnce() -> bool) {
        let (level, hysteresis) = (self.level, self.hysteresis);
        let beyond = match direction {
            Direction::Up => value >= level,
            Direction::Down => value <= level,
        };
        let back = move || match direction {
            Direction::Up => level.checked_sub(hysteresis).is_some_and(|it| value <= it),
            Direction::Down => level.checked_add(hysteresis).is_some_and(|it| value >= it),
        };
        (beyond, back)
    }
}

fn change_rate(event: &Event<'_>) -> Option<Number> {
    match event {
        Event::Trade(it) => it.change_rate,
        Event::ExpectedTrade(it) => it.change_rate,
        Event::IndexTick(it) => it.change_rate,
        Event::Nav(it) => it.change_rate,
        _ => None,
    }
    .map(Number::from)
}

fn is_expected(event: &Event<'_>) -> bool {
    match event {
        Event::ExpectedTrade(_) => true,
        Event::IndexTick(it) => it.expected,
        _ => false,
    }
}
