//! What became of an order, read from any of the notice streams.
//!
//! KIS names the columns after a fill and gives them another meaning in every
//! other notice: `cntg_qty` is then the quantity ordered, amended or cancelled,
//! and `oder_qty` may be what has been filled. Which it is follows the flags, as
//! in KIS' own samples (`ops_ws_sample.py`, `ws_commodity_future.py`).

use serde::Serialize;

use crate::{
    Decimal, FieldError, FromField, Market, Private, Record, TrId,
    code::{
        Acceptance, Approval, ExchangeReceipt, FutureNoticeKind, NoticeKind, OrderExchange,
        OrderSide, Revision,
    },
    record::{
        index_future::FutureOptionNotice,
        overseas_future::{OverseasFutureFillNotice, OverseasFutureOrderNotice},
        overseas_stock::OverseasStockNotice,
        stock::StockNotice,
    },
    time::{Date, Time},
};

/// A notice of an order, whatever the market and whatever the width.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct OrderNotice<'a> {
    /// What happened.
    pub event: NoticeEvent,
    /// How far the order has come; overseas futures do not say.
    pub acceptance: Option<Acceptance>,
    /// The account. It is serialised in full and masked in `Debug`.
    pub account: Private<'a>,
    /// The order's number, zero-padded as sent.
    pub order_number: &'a str,
    /// The number of the order that was amended or cancelled.
    pub original_order_number: Option<&'a str>,
    /// The instrument's code.
    #[serde(skip)]
    pub symbol: &'a str,
    /// The instrument's name.
    pub name: Option<&'a str>,
    /// The order's side; serialised as `buy` or `sell`.
    #[serde(serialize_with = "side")]
    pub side: OrderSide<'a>,
    /// The kind of order, in the codes of the stream: see
    /// [`OrderKind`](crate::code::OrderKind),
    /// [`OverseasOrderKind`](crate::code::OverseasOrderKind) and
    /// [`PriceType`](crate::code::PriceType).
    pub order_kind: Option<&'a str>,
    /// Where a Korean stock order was sent.
    pub order_exchange: Option<OrderExchange<'a>>,
    /// How much the event is about: filled, ordered, amended, cancelled or
    /// refused.
    pub quantity: Option<i64>,
    /// The price of the fill, or the limit; `None` for an order without limit.
    pub price: Option<Decimal>,
    /// How much was ordered.
    pub order_quantity: Option<i64>,
    /// The order's limit.
    pub order_price: Option<Decimal>,
    /// How much of the order has been filled so far, where KIS says.
    pub filled_quantity: Option<i64>,
    /// The currency of the prices, as ISO 4217.
    #[serde(skip)]
    pub currency: Option<&'a str>,
    /// When, on Korean clocks.
    #[serde(skip)]
    pub time: Option<Time>,
    /// On which day; overseas futures only.
    #[serde(skip)]
    pub date: Option<Date>,
}

/// What happened to an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum NoticeEvent {
    /// A new order was taken.
    Accepted,
    /// An amendment was taken.
    Amended,
    /// A cancellation was taken, or the rest of an IOC or FOK order is gone.
    Cancelled,
    /// The order, amendment or cancellation was refused.
    Rejected,
    /// Some or all of the order was filled.
    Filled,
}

/// A notice that cannot be relied on.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum OrderNoticeError {
    /// A column that decides has a value of another kind.
    #[error(transparent)]
    Field(#[from] FieldError),
    /// A column that decides is empty or absent.
    #[error("{tr_id}: the notice has no {column}")]
    Missing {
        /// The stream.
        tr_id: TrId,
        /// The column's name.
        column: &'static str,
    },
    /// Two columns say whether it is a fill, and disagree.
    #[error("{tr_id}: cntg_yn and oder_kind2 disagree on whether the notice is of a fill")]
    Contradiction {
        /// The stream.
        tr_id: TrId,
    },
    /// The stream carries no notices.
    #[error("{tr_id} carries no order notices")]
    NotANotice {
        /// The stream.
        tr_id: TrId,
    },
}

impl<'a> OrderNotice<'a> {
    /// Reads a decrypted notice.
    ///
    /// # Errors
    /// [`OrderNoticeError`] when what happened, to which order of which
    /// account, is not certain.
    pub fn read(record: Record<'a>, tr_id: TrId) -> Result<Self, OrderNoticeError> {
        if !tr_id.encrypted() {
            return Err(OrderNoticeError::NotANotice { tr_id });
        }
        match (tr_id.market(), tr_id) {
            (Market::Stock, _) => stock(StockNotice(record), tr_id),
            (Market::OverseasStock, _) => overseas_stock(OverseasStockNotice(record), tr_id),
            (Market::OverseasFuture, TrId::HDFFF2C0) => {
                overseas_fill(OverseasFutureFillNotice(record), tr_id)
            }
            (Market::OverseasFuture, _) => overseas_order(OverseasFutureOrderNotice(record), tr_id),
            _ => future_option(FutureOptionNotice(record), tr_id),
        }
    }
}

/// The columns up to `acnt_name` stand alike in every width; of the rest, the
/// last four do, in 23 columns as in 26.
fn stock(it: StockNotice<'_>, tr_id: TrId) -> Result<OrderNotice<'_>, OrderNoticeError> {
    let need = Need { tr_id };
    let kind = need.of("cntg_yn", it.cntg_yn())?;
    let acceptance = it.acpt_yn()?;
    let revision = need.of("rctf_cls", it.rctf_cls())?;
    let event = event(kind, need.of("rfus_yn", it.rfus_yn())?, revision, acceptance);
    let fill = event == NoticeEvent::Filled;
    let record = it.0;
    let last = record.len().min(26);
    let tail = |from_end: usize| last.checked_sub(from_end).filter(|at| *at >= 18);
    let text = |at: Option<usize>| at.and_then(|at| record.get(at)).filter(|it| !it.is_empty());
    let order_price = text(tail(1)).and_then(Decimal::from_field).and_then(limit);
    // 23 columns: the exchange and the pop-up flag in one, `1Y`.
    let exchange = match record.len() {
        23 => record.get(18).filter(|it| it.len() == 2).and_then(|it| it.get(..1)),
        24.. => record.get(19).filter(|it| !it.is_empty()),
        _ => None,
    };
    Ok(OrderNotice {
        event,
        acceptance,
        account: need.of("acnt_no", it.acnt_no())?,
        order_number: need.of("oder_no", it.oder_no())?,
        original_order_number: it.ooder_no()?,
        symbol: need.of("stck_shrn_iscd", it.stck_shrn_iscd())?,
        name: text(tail(2)),
        side: need.of("seln_byov_cls", it.seln_byov_cls())?,
        order_kind: it.oder_kind()?.map(|it| it.as_str()),
        order_exchange: exchange.and_then(OrderExchange::from_field),
        quantity: it.cntg_qty()?,
        price: if fill { it.cntg_unpr()? } else { it.cntg_unpr()?.and_then(limit) },
        order_quantity: if fill { it.oder_qty()? } else { it.cntg_qty()? },
        order_price: if fill { order_price } else { it.cntg_unpr()?.and_then(limit) },
        filled_quantity: None,
        currency: Some("KRW"),
        time: it.stck_cntg_hour()?,
        date: None,
    })
}

fn overseas_stock(
    it: OverseasStockNotice<'_>,
    tr_id: TrId,
) -> Result<OrderNotice<'_>, OrderNoticeError> {
    let need = Need { tr_id };
    let kind = need.of("cntg_yn", it.cntg_yn())?;
    let acceptance = it.acpt_yn()?;
    let revision = need.of("rctf_cls", it.rctf_cls())?;
    let event = event(kind, need.of("rfus_yn", it.rfus_yn())?, revision, acceptance);
    let fill = event == NoticeEvent::Filled;
    let market = it.oder_cond()?;
    // A price without a known number of digits behind the point is no price.
    let scale = market.and_then(|it| it.price_scale());
    let price = it.cntg_unpr()?.zip(scale).map(|(price, scale)| implied(price, scale));
    Ok(OrderNotice {
        event,
        acceptance,
        account: need.of("acnt_no", it.acnt_no())?,
        order_number: need.of("oder_no", it.oder_no())?,
        original_order_number: it.ooder_no()?,
        symbol: need.of("stck_shrn_iscd", it.stck_shrn_iscd())?,
        name: it.cntg_isnm()?,
        side: need.of("seln_byov_cls", it.seln_byov_cls())?,
        order_kind: it.oder_kind2()?.map(|it| it.as_str()),
        order_exchange: None,
        quantity: it.cntg_qty()?,
        price: if fill { price } else { price.and_then(limit) },
        order_quantity: if fill { it.oder_qty()? } else { it.cntg_qty()? },
        order_price: if fill { None } else { price.and_then(limit) },
        filled_quantity: None,
        currency: market.and_then(|it| it.currency()),
        time: it.stck_cntg_hour()?,
        date: None,
    })
}

/// Day and night notices agree in all columns of the shorter one, the night's.
fn future_option(
    it: FutureOptionNotice<'_>,
    tr_id: TrId,
) -> Result<OrderNotice<'_>, OrderNoticeError> {
    // Two digits follow the point that KIS leaves out: 007840000 for a stock
    // future at 78,400, 000135900 for a dollar future at 1,359.00.
    const SCALE: u8 = 2;
    let need = Need { tr_id };
    let kind = match need.of("oder_kind2", it.oder_kind2())? {
        FutureNoticeKind::Fill => NoticeKind::Fill,
        FutureNoticeKind::Order => NoticeKind::Order,
    };
    if it.cntg_yn()?.is_some_and(|it| it != kind) {
        return Err(OrderNoticeError::Contradiction { tr_id });
    }
    let acceptance = it.acpt_yn()?;
    let revision = need.of("rctf_cls", it.rctf_cls())?;
    let refused = it.rfus_yn()?.unwrap_or(Approval::Approved);
    let event = event(kind, refused, revision, acceptance);
    let fill = event == NoticeEvent::Filled;
    let price = it.cntg_unpr()?.map(|it| implied(it, SCALE));
    let order_price = it.order_prc()?.map(|it| implied(it, SCALE)).and_then(limit);
    Ok(OrderNotice {
        event,
        acceptance,
        account: need.of("acnt_no", it.acnt_no())?,
        order_number: need.of("oder_no", it.oder_no())?,
        original_order_number: it.ooder_no()?,
        symbol: need.of("stck_shrn_iscd", it.stck_shrn_iscd())?,
        name: it.cntg_isnm()?,
        side: need.of("seln_byov_cls", it.seln_byov_cls())?,
        order_kind: None,
        order_exchange: None,
        quantity: it.cntg_qty()?,
        price: if fill { price } else { price.and_then(limit) },
        order_quantity: if fill { it.oder_qty()?.filter(|it| *it > 0) } else { it.cntg_qty()? },
        order_price: if fill { order_price } else { price.and_then(limit) },
        // An amendment's or cancellation's `oder_qty` is what has been filled.
        filled_quantity: if fill || revision == Revision::New { None } else { it.oder_qty()? },
        currency: Some("KRW"),
        time: it.stck_cntg_hour()?,
        date: None,
    })
}

fn overseas_order(
    it: OverseasFutureOrderNotice<'_>,
    tr_id: TrId,
) -> Result<OrderNotice<'_>, OrderNoticeError> {
    let need = Need { tr_id };
    let receipt = need.of("fm_excg_rcit_dvsn_cd", it.fm_excg_rcit_dvsn_cd())?;
    let approval = match receipt {
        ExchangeReceipt::Refused => Approval::Refused,
        ExchangeReceipt::Pending | ExchangeReceipt::Answered => Approval::Approved,
    };
    let revision = need.of("rvse_cncl_dvsn_cd", it.rvse_cncl_dvsn_cd())?;
    let price = it.fm_lmt_pric()?.and_then(limit);
    Ok(OrderNotice {
        event: event(NoticeKind::Order, approval, revision, None),
        acceptance: None,
        account: need.of("acct_no", it.acct_no())?,
        order_number: need.of("odno", it.odno())?,
        original_order_number: it.orgn_odno()?,
        symbol: need.of("series", it.series())?,
        name: None,
        side: need.of("sll_buy_dvsn_cd", it.sll_buy_dvsn_cd())?,
        order_kind: it.prce_tp()?.map(|it| it.as_str()),
        order_exchange: None,
        quantity: it.ord_qty()?,
        price,
        order_quantity: it.ord_qty()?,
        order_price: price,
        filled_quantity: it.tot_ccld_qty()?,
        currency: it.crcy_cd()?,
        time: time_of(it.ord_dtl_dtime()?),
        date: it.ord_dt()?,
    })
}

fn overseas_fill(
    it: OverseasFutureFillNotice<'_>,
    tr_id: TrId,
) -> Result<OrderNotice<'_>, OrderNoticeError> {
    let need = Need { tr_id };
    Ok(OrderNotice {
        event: NoticeEvent::Filled,
        acceptance: None,
        account: need.of("acct_no", it.acct_no())?,
        order_number: need.of("odno", it.odno())?,
        original_order_number: it.orgn_odno()?,
        symbol: need.of("series", it.series())?,
        name: None,
        side: need.of("sll_buy_dvsn_cd", it.sll_buy_dvsn_cd())?,
        order_kind: it.prce_tp()?.map(|it| it.as_str()),
        order_exchange: None,
        quantity: it.ccld_qty()?,
        price: it.fm_ccld_pric()?,
        order_quantity: it.ord_qty()?,
        order_price: it.fm_lmt_pric()?.and_then(limit),
        filled_quantity: it.tot_ccld_qty()?,
        currency: it.crcy_cd()?,
        time: time_of(it.oprt_dtl_dtime()?),
        date: it.ccld_dt()?,
    })
}

fn event(
    kind: NoticeKind,
    approval: Approval,
    revision: Revision,
    acceptance: Option<Acceptance>,
) -> NoticeEvent {
    match (approval, kind, acceptance, revision) {
        (Approval::Refused, ..) => NoticeEvent::Rejected,
        (_, NoticeKind::Fill, ..) => NoticeEvent::Filled,
        (_, _, Some(Acceptance::Cancelled), _) => NoticeEvent::Cancelled,
        (.., Revision::New) => NoticeEvent::Accepted,
        (.., Revision::Amend) => NoticeEvent::Amended,
        (.., Revision::Cancel) => NoticeEvent::Cancelled,
    }
}

fn side<S: serde::Serializer>(side: &OrderSide<'_>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(match *side {
        OrderSide::Buy | OrderSide::ClosingBuy => "buy",
        OrderSide::Sell | OrderSide::ClosingSell => "sell",
        OrderSide::Other(code) => code,
    })
}

/// KIS writes a zero where an order has no limit.
fn limit(price: Decimal) -> Option<Decimal> {
    (!price.is_zero()).then_some(price)
}

fn implied(price: Decimal, scale: u8) -> Decimal {
    if price.scale() == 0 { Decimal::new(price.mantissa(), scale) } else { price }
}

/// The time in `YYYYMMDDHHMMSS…`.
fn time_of(moment: Option<&str>) -> Option<Time> {
    moment?.get(8..14).and_then(Time::from_field)
}

struct Need {
    tr_id: TrId,
}

impl Need {
    fn of<T>(
        &self,
        column: &'static str,
        value: Result<Option<T>, FieldError>,
    ) -> Result<T, OrderNoticeError> {
        value?.ok_or(OrderNoticeError::Missing { tr_id: self.tr_id, column })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Frame, Splits};

    fn read(text: &str) -> Result<String, OrderNoticeError> {
        let frame = Frame::parse(text).unwrap();
        let mut splits = Splits::default();
        let record = frame.records(&mut splits).unwrap().next().unwrap();
        let notice = OrderNotice::read(record, frame.tr_id.parse().unwrap())?;
        let price = notice.price.map_or_else(|| "-".to_owned(), |it| it.to_string());
        Ok(format!(
            "{:?} {} {} {:?} {price} {:?} {:?}",
            notice.event,
            notice.symbol,
            notice.quantity.unwrap_or(-1),
            notice.side,
            notice.order_exchange,
            notice.name
        ))
    }

    /// The notice of 23 columns with other flags: 정정구분, 거부, 체결, 접수.
    fn stock(flags: [&str; 4]) -> String {
        let [revision, refused, kind, acceptance] = flags;
        format!(
            "0|H0STCNI0|001|id^1234567801^0000005008^^02^{revision}^00^0^069500^0000000001^000043295^144700^{refused}^{kind}^{acceptance}^00950^000000001^홍길동^1Y^10^^KODEX200^000044000"
        )
    }

    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(read(text).as_deref(), Ok(expected));
    }

    const REST: &str = r#"069500 1 Buy 43295 Some(Krx) Some("KODEX200")"#;

    #[test]
    fn what_happened_follows_the_flags() {
        check(&stock(["0", "0", "1", "1"]), &format!("Accepted {REST}"));
        check(&stock(["1", "0", "1", "2"]), &format!("Amended {REST}"));
        check(&stock(["2", "0", "1", "2"]), &format!("Cancelled {REST}"));
        check(&stock(["0", "0", "1", "3"]), &format!("Cancelled {REST}"));
        check(&stock(["0", "1", "1", "1"]), &format!("Rejected {REST}"));
        check(&stock(["0", "0", "2", "2"]), &format!("Filled {REST}"));
    }

    #[test]
    fn twenty_six_columns_say_the_same() {
        let wide = stock(["0", "0", "2", "2"]).replace("^1Y^", "^^1^Y^^");
        check(&wide, &format!("Filled {REST}"));
        check(&(wide + "^new"), &format!("Filled {REST}"));
    }

    #[test]
    fn what_is_not_certain_is_an_error() {
        let message = |flags| read(&stock(flags)).unwrap_err().to_string();
        assert_eq!(message(["0", "0", "", "1"]), "H0STCNI0: the notice has no cntg_yn");
        assert_eq!(
            message(["7", "0", "1", "1"]),
            "StockNotice.rctf_cls: cannot read it as Revision"
        );
        let text = "0|H0IFCNI0|001|id^1234567803^1666^^02^0^L^111V06^2^7840000^095835^0^2^2^00950^0^x^y^^^^0";
        let error = read(text).unwrap_err();
        assert_eq!(error, OrderNoticeError::Contradiction { tr_id: TrId::H0IFCNI0 });
        let error = read("0|H0STNAV0|001|069500^1^2^3^4^5^6^7").unwrap_err();
        assert_eq!(error, OrderNoticeError::NotANotice { tr_id: TrId::H0STNAV0 });
    }

    #[test]
    fn prices_get_their_point_back() {
        check(
            "0|H0GSCNI0|001|id^12345678^3567^^02^0^1^7203^0000000100^000032200^^0^1^1^^^***^도요타자동차^D^10^^^^",
            r#"Accepted 7203 100 Buy 3220.0 None Some("도요타자동차")"#,
        );
        check(
            "0|H0IFCNI0|001|id^1234567803^1666^^02^0^0^111V06^0000000002^007840000^095835^0^2^2^00950^000000000^김한국^삼성전자   F 2^^^^000000000",
            r#"Filled 111V06 2 Buy 78400.00 None Some("삼성전자   F 2")"#,
        );
    }

    #[test]
    fn debug_masks_the_account() {
        let text = stock(["0", "0", "2", "2"]);
        let frame = Frame::parse(&text).unwrap();
        let mut splits = Splits::default();
        let record = frame.records(&mut splits).unwrap().next().unwrap();
        let shown = format!("{:?}", OrderNotice::read(record, TrId::H0STCNI0).unwrap());
        assert!(shown.contains("…7801") && !shown.contains("12345678"), "{shown}");
    }
}
