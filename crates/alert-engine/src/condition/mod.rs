//! What fires a rule: one module for each kind of condition, with its data, its
//! memory and its evaluation.

mod change;
mod imbalance;
mod moving;
mod order;
mod price;
mod status;
mod upstream;
mod volume;

use kis_protocol::normalized::{Event, EventKind, Normalized};
use serde::{Deserialize, Serialize};

pub use self::{
    change::Change,
    imbalance::{BookSide, Imbalance},
    moving::Move,
    order::{Order, OrderEvent, OrderMarket},
    price::Price,
    status::{Status, StatusEvent},
    upstream::{Upstream, UpstreamEvent},
    volume::{Measure, Volume},
};
pub(crate) use self::{
    moving::MoveMemory, status::StatusMemory, upstream::UpstreamMemory, volume::VolumeMemory,
};
use crate::{
    band::Band,
    edge::Edges,
    notification::{Fact, Severity},
    number::Number,
    rule::RuleError,
};

/// What fires a rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Condition {
    /// A price, index or net asset value crosses a level.
    Price(Price),
    /// It crosses a distance from the previous close.
    Change(Change),
    /// It moves by a percentage within a time.
    Move(Move),
    /// More is traded than usual.
    Volume(Volume),
    /// One side of the order book outweighs the other.
    Imbalance(Imbalance),
    /// A halt, an interruption, a circuit breaker, a market phase.
    Status(Status),
    /// Something happens to an own order.
    Order(Order),
    /// Something is wrong between this server and KIS.
    Upstream(Upstream),
}

/// What a rule has to remember of what it has seen.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Memory {
    Price(Edges),
    Change { edges: Edges, base: Option<Number> },
    Move(MoveMemory),
    Volume(VolumeMemory),
    Imbalance(Edges),
    Status(StatusMemory),
    Order,
    Upstream(UpstreamMemory),
}

/// What evaluating one record did, besides the facts found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Effect {
    /// The memory is as before.
    None,
    /// The memory has changed as it does with every record; losing some of it
    /// makes a window a little shorter.
    Slight,
    /// The memory has changed such that a restart must know.
    Lasting,
}

impl Condition {
    pub(crate) fn check(&self) -> Result<(), RuleError> {
        match self {
            Self::Price(it) => it.check(),
            Self::Change(it) => it.check(),
            Self::Move(it) => it.check(),
            Self::Volume(it) => it.check(),
            Self::Imbalance(it) => it.check(),
            Self::Status(it) => it.check(),
            Self::Order(it) => it.check(),
            Self::Upstream(it) => it.check(),
        }
    }

    /// The records that the condition is evaluated on.
    pub(crate) fn event_kinds(&self) -> &'static [EventKind] {
        match self {
            Self::Price(_) | Self::Change(_) | Self::Move(_) => {
                &[EventKind::Trade, EventKind::ExpectedTrade, EventKind::IndexTick, EventKind::Nav]
            }
            Self::Volume(_) => &[EventKind::Trade, EventKind::IndexTick],
            Self::Imbalance(_) => &[EventKind::OrderBook],
            Self::Status(_) => &[EventKind::MarketStatus],
            Self::Order(_) => &[EventKind::Notice],
            Self::Upstream(_) => &[],
        }
    }

    /// Whether records of two streams cannot be taken as one series.
    pub(crate) fn of_one_stream(&self) -> bool {
        matches!(self, Self::Change(_) | Self::Move(_) | Self::Volume(_))
    }

    pub(crate) fn repeats(&self) -> bool {
        matches!(self, Self::Status(_) | Self::Order(_) | Self::Upstream(_))
    }

    pub(crate) fn cooldown(&self) -> u32 {
        match self {
            Self::Status(_) | Self::Order(_) | Self::Upstream(_) => 0,
            Self::Move(it) => it.seconds,
            Self::Volume(it) => it.seconds,
            Self::Price(_) | Self::Change(_) | Self::Imbalance(_) => 60,
        }
    }

    pub(crate) fn severity(&self) -> Severity {
        match self {
            Self::Price(_) | Self::Change(_) => Severity::Notice,
            Self::Move(_) | Self::Volume(_) | Self::Imbalance(_) => Severity::Info,
            Self::Status(_) => Severity::Warning,
            Self::Order(_) | Self::Upstream(_) => Severity::Urgent,
        }
    }

    pub(crate) fn memory(&self) -> Memory {
        match self {
            Self::Price(_) => Memory::Price(Edges::default()),
            Self::Change(_) => Memory::Change { edges: Edges::default(), base: None },
            Self::Move(_) => Memory::Move(MoveMemory::default()),
            Self::Volume(_) => Memory::Volume(VolumeMemory::default()),
            Self::Imbalance(_) => Memory::Imbalance(Edges::default()),
            Self::Status(_) => Memory::Status(StatusMemory::default()),
            Self::Order(_) => Memory::Order,
            Self::Upstream(_) => Memory::Upstream(UpstreamMemory::default()),
        }
    }

    /// The values around `seen` that would change nothing; nothing where every
    /// record counts.
    pub(crate) fn band(&self, memory: &Memory, seen: Number) -> Option<Band> {
        match (self, memory) {
            (Self::Price(it), Memory::Price(edges)) => it.band(*edges, seen),
            (Self::Change(it), Memory::Change { edges, base }) => it.band(*edges, (*base)?, seen),
            (Self::Move(it), Memory::Move(memory)) => it.band(memory, seen),
            _ => None,
        }
    }

    /// Takes a record at `now`, in seconds, and adds what is to be told to
    /// `facts`.
    #[inline]
    pub(crate) fn observe(
        &self,
        memory: &mut Memory,
        record: &Normalized<'_>,
        now: i64,
        facts: &mut Vec<Fact>,
    ) -> Effect {
        match (self, memory, &record.event) {
            (Self::Price(it), Memory::Price(edges), event) => match value(event) {
                Some(value) => it.observe(edges, value, event, facts),
                None => Effect::None,
            },
            (Self::Change(it), Memory::Change { edges, base }, event) => {
                match value(event).zip(change(event)) {
                    Some((value, change)) => it.observe(edges, base, value, change, facts),
                    None => Effect::None,
                }
            }
            (Self::Move(it), Memory::Move(memory), event) => match value(event) {
                Some(value) => it.observe(memory, value, now, facts),
                None => Effect::None,
            },
            (Self::Volume(it), Memory::Volume(memory), event) => {
                it.observe(memory, event, now, facts)
            }
            (Self::Imbalance(it), Memory::Imbalance(edges), Event::OrderBook(book)) => {
                it.observe(edges, book, facts)
            }
            (Self::Status(it), Memory::Status(memory), Event::MarketStatus(status)) => {
                it.observe(memory, status, now, facts)
            }
            (Self::Order(it), Memory::Order, Event::Notice(notice)) => it.observe(notice, facts),
            _ => Effect::None,
        }
    }
}

/// What the record quotes. A zero is what KIS sends where there is no price.
#[inline]
pub(crate) fn value(event: &Event<'_>) -> Option<Number> {
    let value = match event {
        Event::Trade(it) => it.price,
        Event::ExpectedTrade(it) => it.price,
        Event::IndexTick(it) => it.value,
        Event::Nav(it) => it.nav,
        _ => return None,
    };
    (!value.is_zero()).then(|| value.into())
}

/// How far that is from the previous close.
#[inline]
pub(crate) fn change(event: &Event<'_>) -> Option<Number> {
    match event {
        Event::Trade(it) => it.change,
        Event::ExpectedTrade(it) => it.change,
        Event::IndexTick(it) => it.change,
        Event::Nav(it) => it.change,
        _ => None,
    }
    .map(Number::from)
}

/// An error unless `number` is above zero.
fn positive(field: &'static str, number: Number) -> Result<(), RuleError> {
    if number > Number::ZERO {
        return Ok(());
    }
    Err(RuleError::invalid(field, format!("{number} is too small"), "it must be above 0"))
}

/// An error unless `number` is zero or above.
fn not_negative(field: &'static str, number: Number) -> Result<(), RuleError> {
    if number >= Number::ZERO {
        return Ok(());
    }
    Err(RuleError::invalid(field, format!("{number} is negative"), "it must be 0 or above"))
}

/// An error unless `seconds` is within `allowed`.
fn within(
    field: &'static str,
    seconds: u32,
    allowed: std::ops::RangeInclusive<u32>,
) -> Result<(), RuleError> {
    if allowed.contains(&seconds) {
        return Ok(());
    }
    let allowed = format!("allowed: {} to {} seconds", allowed.start(), allowed.end());
    Err(RuleError::invalid(field, format!("{seconds} is out of range"), allowed))
}

/// An error when nothing is listed.
fn some<T>(field: &'static str, listed: &[T], all: &'static str) -> Result<(), RuleError> {
    if listed.is_empty() {
        return Err(RuleError::invalid(field, "nothing is listed", format!("allowed: {all}")));
    }
    Ok(())
}
