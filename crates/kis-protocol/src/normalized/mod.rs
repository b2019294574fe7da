//! One view of every stream: a record says `price` whatever KIS calls the
//! column there.
//!
//! ```
//! use kis_protocol::{Frame, Splits, TrId, normalized::Normalized, time::Timestamp};
//!
//! let text = "0|H0STNAV0|001|069500^37235.46^5^-381.26^-1.01^37646.25^37646.25^37202.10";
//! let received = Timestamp::from_unix(1_789_344_000, 0);
//! let frame = Frame::parse(text)?;
//! let mut splits = Splits::default();
//! for record in frame.records(&mut splits)? {
//!     let nav = Normalized::read(record, frame.tr_id.parse()?, received)?;
//!     let mut json = Vec::new();
//!     nav.write_json(&mut json);
//!     assert!(json.starts_with(br#"{"type":"nav","tr_id":"H0STNAV0","symbol":"069500","#));
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # JSON
//!
//! One flat object. `type` says which of [`Event`]'s variants it is; the members
//! of [`Normalized`] come before the event's own. Every member is always there
//! and is `null` where KIS sends nothing or nothing readable; only in the levels
//! of a book and the members of a market are absent values left out. Prices,
//! amounts, ratios and rates are strings with the digits that KIS sent
//! (`"182.8500"`), because most JSON clients read a number as a double; whole
//! quantities and counts are numbers. Times are RFC 3339 with an offset, dates
//! `YYYY-MM-DD`, codes with a table of meanings are KIS' own, and sides are
//! `buy` and `sell`. Members may be added; none changes its meaning.
//!
//! # Time
//!
//! Most Korean records carry a time without a date. The day is then the one that
//! puts the record nearest to the moment it was received, which the caller
//! passes in: a night session is right on both sides of midnight, and so is a
//! journal that is read years later. Overseas stocks carry both clocks; the
//! difference between them is the offset of `local_time`.

mod event;
mod read;

use serde::Serialize;

pub use event::{
    BookLevel, Event, EventKind, ExpectedTrade, IndexTick, Levels, MarketStatus, MemberRow,
    MemberTrade, Members, Nav, OrderBook, ProgramTrade, Side, Trade,
};
pub use read::NormalizeError;

use crate::{
    Market, Record, TrId, Venue,
    code::OverseasExchange,
    time::{Date, Timestamp},
};

/// A record in the terms that all markets share.
#[derive(Debug, Clone, Serialize)]
pub struct Normalized<'a> {
    #[serde(rename = "type")]
    kind: EventKind,
    /// The stream it came from.
    pub tr_id: TrId,
    /// The instrument: code, index, ISIN, or the symbol on a foreign exchange.
    pub symbol: &'a str,
    /// What is traded.
    pub market: Market,
    /// Where it is traded.
    pub venue: Venue,
    /// The foreign exchange, where the key names it.
    pub exchange: Option<OverseasExchange<'a>>,
    /// The currency of prices and amounts, as ISO 4217; indices and their
    /// derivatives quote points, and only their amounts are money. `None` for
    /// overseas futures, whose contract says it.
    pub currency: Option<&'a str>,
    /// When it happened, on Korean clocks.
    pub time: Option<Timestamp>,
    /// The same instant on the exchange's clocks; overseas stocks only.
    pub local_time: Option<Timestamp>,
    /// The day it is booked on, where the record says.
    pub business_date: Option<Date>,
    /// What happened.
    #[serde(flatten)]
    pub event: Event<'a>,
    /// The record behind.
    #[serde(skip)]
    pub record: Record<'a>,
}

impl<'a> Normalized<'a> {
    /// Reads a record that arrived at `received`.
    ///
    /// A column that is not readable is `None`; the typed record says why.
    ///
    /// # Errors
    /// [`NormalizeError`] when the record lacks what makes it one: its
    /// instrument, the price of a trade, what happened to an order.
    pub fn read(
        record: Record<'a>,
        tr_id: TrId,
        received: Timestamp,
    ) -> Result<Self, NormalizeError> {
        read::read(record, tr_id, received)
    }

    /// Writes the view as one JSON object at the end of `out`.
    pub fn write_json(&self, out: &mut Vec<u8>) {
        let start = out.len();
        // Neither the view's own values nor a Vec can fail to be written; if one
        // did, half an object must not stay behind.
        if serde_json::to_writer(&mut *out, self).is_err() {
            out.truncate(start);
            out.extend_from_slice(b"null");
        }
    }
}

impl TrId {
    /// What a record of the stream becomes in the normalized view.
    pub fn event_kind(self) -> EventKind {
        use crate::StreamKind::{
            ExpectedTrade, IndexTrade, MarketStatus, Members, Nav, Notice, OrderBook,
            OvertimeExpectedTrade, OvertimeOrderBook, OvertimeTrade, ProgramTrade, Trade,
        };
        match (self.kind(), self.market()) {
            (Trade | ExpectedTrade, Market::Index) | (IndexTrade, _) => EventKind::IndexTick,
            (Trade | OvertimeTrade, _) => EventKind::Trade,
            (ExpectedTrade | OvertimeExpectedTrade, _) => EventKind::ExpectedTrade,
            (OrderBook | OvertimeOrderBook, _) => EventKind::OrderBook,
            (Members, _) => EventKind::MemberTrade,
            (ProgramTrade, _) => EventKind::ProgramTrade,
            (MarketStatus, _) => EventKind::MarketStatus,
            (Nav, _) => EventKind::Nav,
            (Notice, _) => EventKind::Notice,
        }
    }
}
