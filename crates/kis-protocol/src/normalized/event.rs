use serde::{Serialize, Serializer};

use crate::{
    Decimal,
    code::{ExpectedOperation, Halt, IssueStatus, MarketOperation, ViState},
    notice::OrderNotice,
    rows::{Level, Member, Rows},
};

/// What a record tells.
#[derive(Debug, Clone, Serialize)]
#[serde(untagged)]
#[non_exhaustive]
pub enum Event<'a> {
    /// A trade.
    Trade(Trade),
    /// The state of an order book.
    OrderBook(OrderBook<'a>),
    /// What an auction would trade if it ended now.
    ExpectedTrade(ExpectedTrade),
    /// What became of an order.
    Notice(OrderNotice<'a>),
    /// The value of an index.
    IndexTick(IndexTick),
    /// Program trading, accumulated over the day.
    ProgramTrade(ProgramTrade),
    /// The most active members, accumulated over the day.
    MemberTrade(MemberTrade<'a>),
    /// The net asset value of a fund.
    Nav(Nav),
    /// A halt, an interruption or a market phase.
    MarketStatus(MarketStatus<'a>),
}

/// Which variant of [`Event`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum EventKind {
    /// [`Event::Trade`]
    Trade,
    /// [`Event::OrderBook`]
    OrderBook,
    /// [`Event::ExpectedTrade`]
    ExpectedTrade,
    /// [`Event::Notice`]
    Notice,
    /// [`Event::IndexTick`]
    IndexTick,
    /// [`Event::ProgramTrade`]
    ProgramTrade,
    /// [`Event::MemberTrade`]
    MemberTrade,
    /// [`Event::Nav`]
    Nav,
    /// [`Event::MarketStatus`]
    MarketStatus,
}

/// Who took the other's price.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// The buyer.
    Buy,
    /// The seller.
    Sell,
}

/// A trade, with the day so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Trade {
    /// The price.
    pub price: Decimal,
    /// How much changed hands.
    pub quantity: Option<i64>,
    /// Who took the other's price, where KIS says.
    pub side: Option<Side>,
    /// The change against the day before, negative when it fell.
    pub change: Option<Decimal>,
    /// The same in percent.
    pub change_rate: Option<Decimal>,
    /// The day's first price.
    pub open: Option<Decimal>,
    /// The day's highest price.
    pub high: Option<Decimal>,
    /// The day's lowest price.
    pub low: Option<Decimal>,
    /// The day's quantity so far.
    pub volume: Option<i64>,
    /// The day's amount so far, in the unit of the stream.
    pub turnover: Option<Decimal>,
    /// The best ask.
    pub ask: Option<Decimal>,
    /// The best bid.
    pub bid: Option<Decimal>,
    /// The quantity at the best ask.
    pub ask_quantity: Option<i64>,
    /// The quantity at the best bid.
    pub bid_quantity: Option<i64>,
    /// 미결제약정: open contracts; Korean derivatives only.
    pub open_interest: Option<i64>,
}

/// The state of an order book. Levels without price and quantity, which KIS
/// sends as zeros, are left out.
#[derive(Debug, Clone, Serialize)]
pub struct OrderBook<'a> {
    /// The asks, best first.
    pub asks: Levels<'a>,
    /// The bids, best first.
    pub bids: Levels<'a>,
    /// The quantity of all asks, also those beyond the levels.
    pub total_ask_quantity: Option<i64>,
    /// The quantity of all bids.
    pub total_bid_quantity: Option<i64>,
    /// The price at which an auction would trade now.
    pub expected_price: Option<Decimal>,
    /// The quantity it would trade.
    pub expected_quantity: Option<i64>,
    /// 중간가: the mid price on KRX.
    pub mid_price: Option<Decimal>,
}

/// One side of an [`OrderBook`].
#[derive(Debug, Clone)]
pub struct Levels<'a>(pub(super) Rows<'a, Level<'a>>);

/// One level of an [`OrderBook`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct BookLevel {
    /// The price.
    pub price: Decimal,
    /// The quantity that waits there.
    pub quantity: i64,
    /// How many orders that is, where KIS says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub orders: Option<i64>,
    /// The yield at the price, in percent; bonds only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub yield_rate: Option<Decimal>,
}

/// What an auction would trade if it ended now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct ExpectedTrade {
    /// The price.
    pub price: Decimal,
    /// The quantity.
    pub quantity: Option<i64>,
    /// The change against the day before, negative when it fell.
    pub change: Option<Decimal>,
    /// The same in percent.
    pub change_rate: Option<Decimal>,
}

/// The value of an index, with the day so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct IndexTick {
    /// The value.
    pub value: Decimal,
    /// Whether it is what an auction would make it.
    pub expected: bool,
    /// The change against the day before, negative when it fell.
    pub change: Option<Decimal>,
    /// The same in percent.
    pub change_rate: Option<Decimal>,
    /// The day's first value.
    pub open: Option<Decimal>,
    /// The day's highest value.
    pub high: Option<Decimal>,
    /// The day's lowest value.
    pub low: Option<Decimal>,
    /// The day's quantity so far, in the unit of the stream.
    pub volume: Option<i64>,
    /// The day's amount so far, in the unit of the stream.
    pub turnover: Option<Decimal>,
    /// How many stocks are at their upper limit.
    pub upper_limit_count: Option<i64>,
    /// How many have risen.
    pub rising_count: Option<i64>,
    /// How many are unchanged.
    pub unchanged_count: Option<i64>,
    /// How many have fallen.
    pub falling_count: Option<i64>,
    /// How many are at their lower limit.
    pub lower_limit_count: Option<i64>,
}

/// Program trading so far today.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct ProgramTrade {
    /// The quantity sold.
    pub sell_quantity: Option<i64>,
    /// The amount sold, in the unit of the stream.
    pub sell_amount: Option<Decimal>,
    /// The quantity bought.
    pub buy_quantity: Option<i64>,
    /// The amount bought.
    pub buy_amount: Option<Decimal>,
    /// Bought less sold.
    pub net_quantity: Option<i64>,
    /// The same as an amount.
    pub net_amount: Option<Decimal>,
}

/// The most active members so far today.
#[derive(Debug, Clone, Serialize)]
pub struct MemberTrade<'a> {
    /// The largest sellers.
    pub sellers: Members<'a>,
    /// The largest buyers.
    pub buyers: Members<'a>,
    /// What foreign firms have sold.
    pub foreign_sell_quantity: Option<i64>,
    /// What they have bought.
    pub foreign_buy_quantity: Option<i64>,
    /// Bought less sold.
    pub foreign_net_quantity: Option<i64>,
}

/// One side of a [`MemberTrade`].
#[derive(Debug, Clone)]
pub struct Members<'a>(pub(super) Rows<'a, Member<'a>>);

/// One member of a [`MemberTrade`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct MemberRow<'a> {
    /// The firm's name.
    pub name: &'a str,
    /// Its number at the exchange.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub number: Option<&'a str>,
    /// The quantity it has traded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quantity: Option<i64>,
    /// The quantity's latest change.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub change: Option<i64>,
    /// Its share of all that was traded, in percent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub share: Option<Decimal>,
}

/// The net asset value of a fund, with the day so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Nav {
    /// The value of a share.
    pub nav: Decimal,
    /// The change against the day before, negative when it fell.
    pub change: Option<Decimal>,
    /// The same in percent.
    pub change_rate: Option<Decimal>,
    /// The day's first value.
    pub open: Option<Decimal>,
    /// The day's highest value.
    pub high: Option<Decimal>,
    /// The day's lowest value.
    pub low: Option<Decimal>,
}

/// A halt, an interruption or a market phase.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct MarketStatus<'a> {
    /// Whether trading in the instrument is halted.
    pub halt: Option<Halt<'a>>,
    /// Why.
    pub halt_reason: Option<&'a str>,
    /// What the market has just done.
    pub operation: Option<MarketOperation<'a>>,
    /// Where it is with expected prices.
    pub expected_operation: Option<ExpectedOperation<'a>>,
    /// What to know about the instrument.
    pub issue_status: Option<IssueStatus<'a>>,
    /// Whether a volatility interruption is on.
    pub interruption: Option<ViState<'a>>,
}

impl Levels<'_> {
    /// The levels that hold something.
    pub fn iter(&self) -> impl Iterator<Item = BookLevel> {
        self.0.clone().filter_map(|it| {
            let price = it.price().ok()??;
            let quantity = it.quantity().ok()??;
            let orders = it.orders().ok().flatten();
            let yield_rate = it.yield_rate().ok().flatten();
            let level = BookLevel { price, quantity, orders, yield_rate };
            (!price.is_zero() || quantity != 0).then_some(level)
        })
    }
}

impl<'a> Members<'a> {
    /// The members that have a name.
    pub fn iter(&self) -> impl Iterator<Item = MemberRow<'a>> {
        self.0.clone().filter_map(|it| {
            Some(MemberRow {
                name: it.name().ok()??,
                number: it.number().ok().flatten(),
                quantity: it.quantity().ok().flatten(),
                change: it.change().ok().flatten(),
                share: it.share().ok().flatten(),
            })
        })
    }
}

impl Serialize for Levels<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter())
    }
}

impl Serialize for Members<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter())
    }
}
