use kis_protocol::normalized::{Levels, OrderBook};
use serde::{Deserialize, Serialize};

use super::{Effect, not_negative};
use crate::{
    edge::{Direction, Edges, Step},
    notification::Fact,
    number::{Number, Ratio},
    rule::RuleError,
};

/// One side of the order book outweighs the other.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Imbalance {
    /// How many times the other side, above 1.
    pub times: Number,
    /// The side that outweighs.
    #[serde(default)]
    pub side: BookSide,
    /// How many levels count, best first; without it, the totals that KIS sends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub levels: Option<u8>,
    /// How much smaller the ratio must become before another imbalance counts.
    #[serde(default = "super::price::zero")]
    pub hysteresis: Number,
}

/// A side of the order book.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BookSide {
    /// Buyers outweigh.
    Bid,
    /// Sellers outweigh.
    Ask,
    /// Either of them.
    #[default]
    Either,
}

impl Imbalance {
    pub(super) fn check(&self) -> Result<(), RuleError> {
        let one = Number::from(1);
        if self.times <= one {
            let wrong = format!("{} times is no imbalance", self.times);
            return Err(RuleError::invalid("when.imbalance.times", wrong, "it must be above 1"));
        }
        not_negative("when.imbalance.hysteresis", self.hysteresis)?;
        if self.times.checked_sub(self.hysteresis).is_none_or(|it| it < one) {
            let wrong = format!("{} reaches below an even book", self.hysteresis);
            let allowed = "`times` less `hysteresis` must be 1 or above";
            return Err(RuleError::invalid("when.imbalance.hysteresis", wrong, allowed));
        }
        if self.levels.is_some_and(|it| !(1..=10).contains(&it)) {
            let wrong = "there are not that many";
            return Err(RuleError::invalid("when.imbalance.levels", wrong, "allowed: 1 to 10"));
        }
        Ok(())
    }

    #[inline]
    pub(super) fn observe(
        &self,
        edges: &mut Edges,
        book: &OrderBook<'_>,
        facts: &mut Vec<Fact>,
    ) -> Effect {
        let totals = match self.levels {
            Some(levels) => Some((sum(&book.bids, levels), sum(&book.asks, levels))),
            None => book.total_bid_quantity.zip(book.total_ask_quantity),
        };
        // Both are zero outside sessions.
        let Some((bid, ask)) = totals.filter(|it| it.0 > 0 || it.1 > 0) else {
            return Effect::None;
        };
        let mut effect = Effect::None;
        for (direction, heavy, light, side) in
            [(Direction::Up, bid, ask, BookSide::Bid), (Direction::Down, ask, bid, BookSide::Ask)]
        {
            if self.side != side && self.side != BookSide::Either {
                continue;
            }
            let ratio = Ratio::new(heavy.into(), light.into());
            // Nothing at all on the other side, as at a price limit, is any multiple.
            let against =
                |times| ratio.map_or(Some(std::cmp::Ordering::Greater), |it| it.compare(times));
            let beyond = heavy > 0 && against(self.times).is_some_and(|it| it.is_ge());
            let back = || {
                let smaller = self.times.checked_sub(self.hysteresis);
                heavy == 0 || smaller.and_then(against).is_some_and(|it| it.is_le())
            };
            match edges.of(direction).step(beyond, back) {
                Step::Nothing => continue,
                Step::Moved => {}
                Step::Fires => {
                    let times = ratio.and_then(Ratio::times);
                    facts.push(Fact::Imbalance { side, bid, ask, times });
                }
            }
            effect = Effect::Lasting;
        }
        effect
    }
}

fn sum(levels: &Levels<'_>, count: u8) -> i64 {
    levels.iter().take(usize::from(count)).fold(0, |sum, it| sum.saturating_add(it.quantity))
}
