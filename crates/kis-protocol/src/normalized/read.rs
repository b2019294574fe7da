use super::{
    Event, EventKind, ExpectedTrade, IndexTick, Levels, MarketStatus, MemberTrade, Members, Nav,
    Normalized, OrderBook, ProgramTrade, Side, Trade,
};
use crate::{
    Decimal, FieldError, FromField, Layout, Market, Record, StreamKind, TrId,
    code::{OverseasKey, QuoteSide, Sign, TradeSide},
    notice::{OrderNotice, OrderNoticeError},
    rows::{Rows, View},
    time::{Date, Time, Timestamp},
};

/// A record that is not what its stream carries.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NormalizeError {
    /// A column that makes the event is not readable.
    #[error(transparent)]
    Field(#[from] FieldError),
    /// A column that makes the event is empty or absent.
    #[error("{tr_id}: the record has no {what}")]
    Missing {
        /// The stream.
        tr_id: TrId,
        /// What is missing.
        what: &'static str,
    },
    /// The record is a notice that cannot be relied on.
    #[error(transparent)]
    Notice(#[from] OrderNoticeError),
}

pub(super) fn read(
    record: Record<'_>,
    tr_id: TrId,
    received: Timestamp,
) -> Result<Normalized<'_>, NormalizeError> {
    let layout = tr_id.layout_for(record.len());
    let it = Reader { record, tr_id, layout, view: &layout.view };
    let event = it.event()?;
    let (mut date, mut clock) = (it.get::<Date>(|at| at.date), it.get::<Time>(|at| at.time));
    let mut currency = Some("KRW");
    let mut exchange = None;
    if let Event::Notice(notice) = &event {
        (date, clock, currency) = (notice.date, notice.time, notice.currency);
    } else if tr_id.market() == Market::OverseasStock {
        exchange = OverseasKey::from_field(record.key()).map(|it| it.exchange);
        currency = exchange.and_then(|it| it.currency());
    } else if tr_id.market() == Market::OverseasFuture {
        currency = None;
    }
    let time = clock.map(|clock| match date {
        Some(date) => Timestamp::korean(date, clock),
        None => Timestamp::korean_near(clock, received),
    });
    let local = it.get(|at| at.local_date).zip(it.get(|at| at.local_time));
    Ok(Normalized {
        kind: tr_id.event_kind(),
        tr_id,
        symbol: it.need("instrument", |at| at.symbol)?,
        market: tr_id.market(),
        venue: tr_id.venue(),
        exchange,
        currency,
        time,
        local_time: time.zip(local).and_then(|(time, (date, clock))| time.seen_as(date, clock)),
        business_date: it.get(|at| at.business_date),
        event,
        record,
    })
}

struct Reader<'a> {
    record: Record<'a>,
    tr_id: TrId,
    layout: &'static Layout,
    view: &'static View,
}

impl<'a> Reader<'a> {
    fn event(&self) -> Result<Event<'a>, NormalizeError> {
        Ok(match self.tr_id.event_kind() {
            EventKind::Trade => Event::Trade(self.trade()?),
            EventKind::OrderBook => Event::OrderBook(self.book()),
            EventKind::ExpectedTrade => Event::ExpectedTrade(self.expected()?),
            EventKind::Notice => Event::Notice(OrderNotice::read(self.record, self.tr_id)?),
            EventKind::IndexTick => Event::IndexTick(self.index()?),
            EventKind::ProgramTrade => Event::ProgramTrade(self.program()),
            EventKind::MemberTrade => Event::MemberTrade(self.members()),
            EventKind::Nav => Event::Nav(self.nav()?),
            EventKind::MarketStatus => Event::MarketStatus(self.status()),
        })
    }

    fn trade(&self) -> Result<Trade, NormalizeError> {
        let (change, change_rate) = self.change();
        Ok(Trade {
            price: self.need("price", |at| at.price)?,
            quantity: self.get(|at| at.quantity),
            side: self.side(),
            change,
            change_rate,
            open: self.get(|at| at.open),
            high: self.get(|at| at.high),
            low: self.get(|at| at.low),
            volume: self.get(|at| at.volume),
            turnover: self.get(|at| at.turnover),
            ask: self.get(|at| at.ask),
            bid: self.get(|at| at.bid),
            ask_quantity: self.get(|at| at.ask_quantity),
            bid_quantity: self.get(|at| at.bid_quantity),
            open_interest: self.get(|at| at.open_interest),
        })
    }

    fn book(&self) -> OrderBook<'a> {
        let [asks, bids] = self.view.sides;
        OrderBook {
            asks: Levels(Rows::new(self.record, self.layout, asks)),
            bids: Levels(Rows::new(self.record, self.layout, bids)),
            total_ask_quantity: self.get(|at| at.total_ask_quantity),
            total_bid_quantity: self.get(|at| at.total_bid_quantity),
            expected_price: self.get(|at| at.expected_price),
            expected_quantity: self.get(|at| at.expected_quantity),
            mid_price: self.get(|at| at.mid_price),
        }
    }

    fn expected(&self) -> Result<ExpectedTrade, NormalizeError> {
        let (change, change_rate) = self.change();
        Ok(ExpectedTrade {
            price: self.need("price", |at| at.price)?,
            quantity: self.get(|at| at.quantity),
            change,
            change_rate,
        })
    }

    fn index(&self) -> Result<IndexTick, NormalizeError> {
        let (change, change_rate) = self.change();
        Ok(IndexTick {
            value: self.need("value", |at| at.price)?,
            expected: self.tr_id.kind() == StreamKind::ExpectedTrade,
            change,
            change_rate,
            open: self.get(|at| at.open),
            high: self.get(|at| at.high),
            low: self.get(|at| at.low),
            volume: self.get(|at| at.volume),
            turnover: self.get(|at| at.turnover),
            upper_limit_count: self.get(|at| at.upper_limit_count),
            rising_count: self.get(|at| at.rising_count),
            unchanged_count: self.get(|at| at.unchanged_count),
            falling_count: self.get(|at| at.falling_count),
            lower_limit_count: self.get(|at| at.lower_limit_count),
        })
    }

    fn program(&self) -> ProgramTrade {
        ProgramTrade {
            sell_quantity: self.get(|at| at.sell_quantity),
            sell_amount: self.get(|at| at.sell_amount),
            buy_quantity: self.get(|at| at.buy_quantity),
            buy_amount: self.get(|at| at.buy_amount),
            net_quantity: self.get(|at| at.net_quantity),
            net_amount: self.get(|at| at.net_amount),
        }
    }

    fn members(&self) -> MemberTrade<'a> {
        let [sellers, buyers] = self.view.sides;
        MemberTrade {
            sellers: Members(Rows::new(self.record, self.layout, sellers)),
            buyers: Members(Rows::new(self.record, self.layout, buyers)),
            foreign_sell_quantity: self.get(|at| at.sell_quantity),
            foreign_buy_quantity: self.get(|at| at.buy_quantity),
            foreign_net_quantity: self.get(|at| at.net_quantity),
        }
    }

    fn nav(&self) -> Result<Nav, NormalizeError> {
        let (change, change_rate) = self.change();
        Ok(Nav {
            nav: self.need("net asset value", |at| at.price)?,
            change,
            change_rate,
            open: self.get(|at| at.open),
            high: self.get(|at| at.high),
            low: self.get(|at| at.low),
        })
    }

    fn status(&self) -> MarketStatus<'a> {
        // KIS prints a missing reason as its C library prints a null pointer.
        let reason = self.get::<&str>(|at| at.halt_reason).filter(|it| *it != "(null)");
        MarketStatus {
            halt: self.get(|at| at.halt),
            halt_reason: reason,
            operation: self.get(|at| at.operation),
            expected_operation: self.get(|at| at.expected_operation),
            issue_status: self.get(|at| at.issue_status),
            interruption: self.get(|at| at.interruption),
        }
    }

    /// The change and its rate. Some streams write them without their sign and
    /// leave it to the sign's own column.
    fn change(&self) -> (Option<Decimal>, Option<Decimal>) {
        let sign: Option<Sign<'a>> = self.get(|at| at.sign);
        let signed = |value: Decimal| match sign {
            Some(Sign::Fall | Sign::LowerLimit) if value.mantissa() > 0 => {
                Decimal::new(-value.mantissa(), value.scale())
            }
            _ => value,
        };
        let change: Option<Decimal> = self.get(|at| at.change);
        let rate: Option<Decimal> = self.get(|at| at.change_rate);
        (change.map(signed), rate.map(signed))
    }

    fn side(&self) -> Option<Side> {
        if self.tr_id.market() == Market::OverseasFuture {
            return match self.get(|at| at.side)? {
                QuoteSide::Buy => Some(Side::Buy),
                QuoteSide::Sell => Some(Side::Sell),
                QuoteSide::Other(_) => None,
            };
        }
        match self.get(|at| at.side)? {
            TradeSide::Buy => Some(Side::Buy),
            TradeSide::Sell => Some(Side::Sell),
            TradeSide::PreOpen | TradeSide::Other(_) => None,
        }
    }

    fn need<T: FromField<'a>>(
        &self,
        what: &'static str,
        place: impl Fn(&View) -> u8,
    ) -> Result<T, NormalizeError> {
        let value = self.record.role(self.layout, place(self.view))?;
        value.ok_or(NormalizeError::Missing { tr_id: self.tr_id, what })
    }

    fn get<T: FromField<'a>>(&self, place: impl Fn(&View) -> u8) -> Option<T> {
        self.record.role(self.layout, place(self.view)).ok().flatten()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Frame, Splits};

    fn json(text: &str, received: &str) -> serde_json::Value {
        let (date, clock) = received.split_at(8);
        let received =
            Timestamp::korean(Date::from_field(date).unwrap(), Time::from_field(clock).unwrap());
        let frame = Frame::parse(text).unwrap();
        let mut splits = Splits::default();
        let record = frame.records(&mut splits).unwrap().next().unwrap();
        let view = Normalized::read(record, frame.tr_id.parse().unwrap(), received).unwrap();
        let mut out = Vec::new();
        view.write_json(&mut out);
        serde_json::from_slice(&out).unwrap()
    }

    #[test]
    fn an_american_trade_after_korean_midnight() {
        let trade = json(
            "0|HDFSCNT0|001|DNASAAPL^AAPL^4^20260623^20260623^113015^20260624^003015^1.0^1.0^1.0^182.8500^5^0.6000^-0.27^1^2^3^4^5^6^7^8^9^98.5^1",
            "20260624003016",
        );
        assert_eq!(trade["type"], "trade");
        assert_eq!(trade["symbol"], "AAPL");
        assert_eq!(trade["exchange"], "NAS");
        assert_eq!(trade["currency"], "USD");
        assert_eq!(trade["time"], "2026-06-24T00:30:15+09:00");
        assert_eq!(trade["local_time"], "2026-06-23T11:30:15-04:00");
        assert_eq!(trade["business_date"], "2026-06-23");
        assert_eq!(trade["price"], "182.8500");
        assert_eq!(trade["change"], "-0.6000");
        assert_eq!(trade["change_rate"], "-0.27");
        assert_eq!(trade["volume"], 6);
    }

    #[test]
    fn a_night_book_received_after_midnight() {
        let book = json(
            "0|H0MFASP0|001|101W09^235959^344.10^344.15^344.20^0.00^0.00^344.05^344.00^343.95^0.00^0.00^0^0^0^0^0^0^0^0^0^0^1^15^17^0^0^16^21^30^0^0^0^0^0^0^fm텅 @^u260",
            "20250702000000",
        );
        assert_eq!(book["type"], "order_book");
        assert_eq!(book["venue"], "night");
        assert_eq!(book["time"], "2025-07-01T23:59:59+09:00");
        assert_eq!(book["asks"].as_array().unwrap().len(), 3);
        assert_eq!(book["bids"][2]["price"], "343.95");
        assert_eq!(book["bids"][2]["quantity"], 30);
    }

    #[test]
    fn what_makes_the_event_must_be_there() {
        let text = "0|H0STNAV0|001|069500^^5^-381.26^-1.01^1^2^3";
        let frame = Frame::parse(text).unwrap();
        let mut splits = Splits::default();
        let record = frame.records(&mut splits).unwrap().next().unwrap();
        let error = Normalized::read(record, TrId::H0STNAV0, Timestamp::from_unix(0, 0));
        assert_eq!(error.unwrap_err().to_string(), "H0STNAV0: the record has no net asset value");
    }
}
