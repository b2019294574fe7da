//! What a rule has to say, as data.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    condition::{BookSide, Measure, OrderEvent, StatusEvent, UpstreamEvent},
    edge::Direction,
    number::Number,
};

/// What a rule has to say. [`render`](crate::render) makes text of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notification {
    /// The same for every delivery of this notification and for no other, also
    /// across restarts: receivers tell repetitions by it.
    pub id: String,
    /// The rule's id.
    pub rule: String,
    /// How much it matters.
    pub severity: Severity,
    /// When it happened, on the exchange's clock where the record has a time.
    pub at: Timestamp,
    /// The stream it was seen on, as a `tr_id`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stream: Option<String>,
    /// The instrument.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub symbol: Option<String>,
    /// The instrument's or the rule's name, where one is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The currency of the prices, as ISO 4217; none for indices and contracts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
    /// How many firings before this one were not told, for the rule's cooldown.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub untold: u32,
    /// Who is told, by the names of recipients; nobody named means all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub to: Vec<String>,
    /// What happened.
    pub fact: Fact,
}

/// How much a notification matters. When there are too many, the least are
/// dropped first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Good to know.
    Info,
    /// What somebody has asked for.
    Notice,
    /// A market is not as usual.
    Warning,
    /// It is about own orders, or the data cannot be relied on.
    Urgent,
}

/// The side of an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// It buys.
    Buy,
    /// It sells.
    Sell,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Fact {
    /// A price has crossed a level.
    Price {
        /// Which way.
        direction: Direction,
        /// The price.
        price: Number,
        /// The level.
        level: Number,
        /// The change from the previous close, in percent.
        change_percent: Option<Number>,
        /// Whether it is what an auction would make it.
        expected: bool,
    },
    /// A price has moved by a percentage.
    Move {
        /// Which way.
        direction: Direction,
        /// The price.
        price: Number,
        /// How far it has moved, in percent, negative for a fall.
        percent: Number,
        /// The price it is measured from.
        from: Number,
        /// Since when.
        since: Since,
    },
    /// More was traded than usual.
    Volume {
        /// What was counted.
        measure: Measure,
        /// How much it was.
        amount: Number,
        /// How many times the usual; nothing if nothing is usual.
        times: Option<Number>,
        /// In how many seconds.
        seconds: u32,
        /// The price.
        price: Number,
    },
    /// One side of the order book outweighs the other.
    Imbalance {
        /// The heavier side.
        side: BookSide,
        /// What buyers want.
        bid: i64,
        /// What sellers offer.
        ask: i64,
        /// How many times the other side; nothing if the other is empty.
        times: Option<Number>,
    },
    /// A volatility interruption has begun or ended.
    Interruption {
        /// Whether it has begun.
        on: bool,
    },
    /// Trading in the instrument was halted or goes on.
    Halt {
        /// Whether it was halted.
        on: bool,
        /// Why, in KIS' words.
        reason: Option<String>,
    },
    /// The market has done something.
    Market {
        /// Of which kind.
        event: StatusEvent,
        /// 장운영구분코드, see [`kis_protocol::code::MarketOperation`].
        code: String,
    },
    /// Something has happened to an own order.
    Order {
        /// What.
        event: OrderEvent,
        /// The order's side.
        side: Option<Side>,
        /// How much the event is about.
        quantity: Option<i64>,
        /// The price of the fill, or the limit.
        price: Option<Number>,
        /// How much was ordered.
        order_quantity: Option<i64>,
        /// The order's limit.
        order_price: Option<Number>,
        /// The order's number.
        order_number: String,
    },
    /// Something is wrong upstream.
    Upstream {
        /// What.
        event: UpstreamEvent,
        /// Which session.
        source: String,
        /// For how many seconds of its markets' sessions, where it lasts.
        seconds: Option<i64>,
        /// What is known besides, such as the stream and the width.
        detail: Option<String>,
    },
    /// A session that was told to be down is back.
    Recovered {
        /// Which session.
        source: String,
        /// How many seconds of its markets' sessions it was down.
        seconds: i64,
    },
    /// What was kept back in quiet hours.
    Held {
        /// How many there were.
        count: u32,
        /// When the first was.
        first: Timestamp,
        /// The last of them.
        last: Box<Self>,
    },
}

/// Since when a [`Fact::Move`] is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Since {
    /// The close of the day before.
    PreviousClose,
    /// So many seconds ago.
    Seconds(u32),
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_zero(count: &u32) -> bool {
    *count == 0
}
