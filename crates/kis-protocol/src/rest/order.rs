//! What orders have in common: prices, and how they are priced.

use std::{fmt, num::NonZeroU32, str::FromStr};

use super::parameter::Given;
use crate::{Decimal, code::Side};

/// A price above zero. Zero would be dangerous: KIS reads it as a market order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Price(Decimal);

/// A text or number that is not a price above zero.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a price: give a number above zero of at most 18 digits")]
pub struct PriceError;

impl TryFrom<Decimal> for Price {
    type Error = PriceError;

    fn try_from(price: Decimal) -> Result<Self, PriceError> {
        if price.mantissa() > 0 { Ok(Self(price)) } else { Err(PriceError) }
    }
}

impl FromStr for Price {
    type Err = PriceError;

    fn from_str(text: &str) -> Result<Self, PriceError> {
        text.parse::<Decimal>().map_err(|_| PriceError)?.try_into()
    }
}

impl From<Price> for Decimal {
    fn from(price: Price) -> Self {
        price.0
    }
}

impl fmt::Display for Price {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// How much of an order is amended or cancelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Remaining {
    /// All that has not been executed.
    All,
    /// This many.
    Part(NonZeroU32),
}

/// 주문구분: how an order for Korean stocks is priced. Which of them an exchange takes, and
/// when, is for KIS to say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum StockPricing<'a> {
    /// 지정가
    Limit(Price),
    /// 시장가
    Market,
    /// 조건부지정가
    ConditionalLimit(Price),
    /// 최유리지정가: at the other side's best price.
    Best,
    /// 최우선지정가: at the own side's best price.
    Top,
    /// 장전 시간외: at yesterday's closing price, before the opening.
    PreMarket,
    /// 장후 시간외: at today's closing price, after it.
    AfterMarket,
    /// 시간외 단일가
    Overtime(Price),
    /// IOC지정가 (즉시체결,잔량취소)
    LimitIoc(Price),
    /// FOK지정가 (즉시체결,전량취소)
    LimitFok(Price),
    /// IOC시장가 (즉시체결,잔량취소)
    MarketIoc,
    /// FOK시장가 (즉시체결,전량취소)
    MarketFok,
    /// IOC최유리 (즉시체결,잔량취소)
    BestIoc,
    /// FOK최유리 (즉시체결,전량취소)
    BestFok,
    /// 중간가
    Mid,
    /// 스톱지정가: a limit order as soon as the market reaches `trigger`.
    StopLimit {
        /// 주문단가
        price: Price,
        /// 조건가격
        trigger: Price,
    },
    /// 중간가IOC
    MidIoc,
    /// 중간가FOK
    MidFok,
    /// Another code, such as those of the KRX after-market (`41` to `47`, since 2026-09-14)
    /// and of the NXT pre-market (`27` to `29`).
    Other {
        /// 주문구분
        ord_dvsn: &'a str,
        /// 주문단가; without one, 0 is sent.
        price: Option<Price>,
    },
}

impl<'a> StockPricing<'a> {
    /// 주문구분, its code.
    pub fn ord_dvsn(self) -> &'a str {
        match self {
            Self::Limit(_) => "00",
            Self::Market => "01",
            Self::ConditionalLimit(_) => "02",
            Self::Best => "03",
            Self::Top => "04",
            Self::PreMarket => "05",
            Self::AfterMarket => "06",
            Self::Overtime(_) => "07",
            Self::LimitIoc(_) => "11",
            Self::LimitFok(_) => "12",
            Self::MarketIoc => "13",
            Self::MarketFok => "14",
            Self::BestIoc => "15",
            Self::BestFok => "16",
            Self::Mid => "21",
            Self::StopLimit { .. } => "22",
            Self::MidIoc => "23",
            Self::MidFok => "24",
            Self::Other { ord_dvsn, .. } => ord_dvsn,
        }
    }

    fn price(self) -> Option<Price> {
        match self {
            Self::Limit(price)
            | Self::ConditionalLimit(price)
            | Self::Overtime(price)
            | Self::LimitIoc(price)
            | Self::LimitFok(price)
            | Self::StopLimit { price, .. } => Some(price),
            Self::Other { price, .. } => price,
            _ => None,
        }
    }
}

/// `ORD_DVSN` and `ORD_UNPR`.
impl Given<2> for StockPricing<'_> {
    fn texts(&self) -> [Option<String>; 2] {
        [Some(self.ord_dvsn().to_owned()), Some(or_zero(self.price()))]
    }
}

/// `ORD_DVSN`, `ORD_UNPR` and `CNDT_PRIC`.
impl Given<3> for StockPricing<'_> {
    fn texts(&self) -> [Option<String>; 3] {
        let [kind, price] = self.texts();
        let trigger = match self {
            Self::StopLimit { trigger, .. } => Some(trigger.to_string()),
            _ => None,
        };
        [kind, price, trigger]
    }
}

/// 주문구분코드: how an order for futures or options is priced. A price can be zero or less
/// here: spreads have such.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FutureOptionPricing {
    /// 지정가
    Limit(Decimal),
    /// 시장가
    Market,
    /// 조건부
    Conditional(Decimal),
    /// 최유리
    Best,
    /// 지정가(IOC)
    LimitIoc(Decimal),
    /// 지정가(FOK)
    LimitFok(Decimal),
    /// 시장가(IOC)
    MarketIoc,
    /// 시장가(FOK)
    MarketFok,
    /// 최유리(IOC)
    BestIoc,
    /// 최유리(FOK)
    BestFok,
}

impl FutureOptionPricing {
    /// 주문구분코드, 호가유형코드 and 한국거래소호가조건코드.
    fn codes(self) -> [&'static str; 3] {
        match self {
            Self::Limit(_) => ["01", "01", "0"],
            Self::Market => ["02", "02", "0"],
            Self::Conditional(_) => ["03", "03", "0"],
            Self::Best => ["04", "04", "0"],
            Self::LimitIoc(_) => ["10", "01", "3"],
            Self::LimitFok(_) => ["11", "01", "4"],
            Self::MarketIoc => ["12", "02", "3"],
            Self::MarketFok => ["13", "02", "4"],
            Self::BestIoc => ["14", "04", "3"],
            Self::BestFok => ["15", "04", "4"],
        }
    }

    fn price(self) -> Option<Decimal> {
        match self {
            Self::Limit(price)
            | Self::Conditional(price)
            | Self::LimitIoc(price)
            | Self::LimitFok(price) => Some(price),
            _ => None,
        }
    }
}

/// `ORD_DVSN_CD` and `UNIT_PRICE`.
impl Given<2> for FutureOptionPricing {
    fn texts(&self) -> [Option<String>; 2] {
        let [kind, _, _] = self.codes();
        [Some(kind.to_owned()), Some(or_zero(self.price()))]
    }
}

/// `ORD_DVSN_CD`, `UNIT_PRICE`, `NMPR_TYPE_CD` and `KRX_NMPR_CNDT_CD`.
impl Given<4> for FutureOptionPricing {
    fn texts(&self) -> [Option<String>; 4] {
        let [_, quote, condition] = self.codes();
        let [kind, price] = self.texts();
        [kind, price, Some(quote.to_owned()), Some(condition.to_owned())]
    }
}

/// 주문구분: how an order for overseas stocks is priced. Paper trading takes limits only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum OverseasPricing<'a> {
    /// 지정가
    Limit(Price),
    /// MOO(장개시시장가), for sales in the United States
    MarketOnOpen,
    /// LOO(장개시지정가), in the United States
    LimitOnOpen(Price),
    /// MOC(장마감시장가), for sales in the United States
    MarketOnClose,
    /// LOC(장마감지정가), in the United States
    LimitOnClose(Price),
    /// 단주지정가, for sales in Hong Kong
    OddLotLimit(Price),
    /// Another code.
    Other {
        /// 주문구분
        ord_dvsn: &'a str,
        /// 해외주문단가; without one, 0 is sent.
        price: Option<Price>,
    },
}

/// `ORD_DVSN` and `OVRS_ORD_UNPR`.
impl Given<2> for OverseasPricing<'_> {
    fn texts(&self) -> [Option<String>; 2] {
        let (kind, price) = match *self {
            Self::Limit(price) => ("00", Some(price)),
            Self::MarketOnOpen => ("31", None),
            Self::LimitOnOpen(price) => ("32", Some(price)),
            Self::MarketOnClose => ("33", None),
            Self::LimitOnClose(price) => ("34", Some(price)),
            Self::OddLotLimit(price) => ("50", Some(price)),
            Self::Other { ord_dvsn, price } => (ord_dvsn, price),
        };
        [Some(kind.to_owned()), Some(or_zero(price))]
    }
}

/// What KIS is sent where there is no price.
fn or_zero(price: Option<impl fmt::Display>) -> String {
    price.map_or_else(|| "0".to_owned(), |it| it.to_string())
}

/// The word by which a side chooses the `tr_id`.
pub(super) fn word(side: Side) -> &'static str {
    match side {
        Side::Sell => "sell",
        Side::Buy => "buy",
    }
}

/// The same, and 판매유형: a sale overseas needs one, a purchase must not have one.
pub(super) fn word_and_type(side: Side) -> SideAndType {
    SideAndType(side)
}

/// A side that is sent as `side` and `SLL_TYPE`.
pub(super) struct SideAndType(Side);

impl Given<2> for SideAndType {
    fn texts(&self) -> [Option<String>; 2] {
        let kind = (self.0 == Side::Sell).then(|| "00".to_owned());
        [Some(word(self.0).to_owned()), kind]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_price_is_above_zero() {
        let check = |text: &str, expected: Option<&str>| {
            let price = text.parse::<Price>().ok().map(|it| it.to_string());
            assert_eq!(price.as_deref(), expected, "{text}");
        };
        check("71900", Some("71900"));
        check("0.0001", Some("0.0001"));
        check("0", None);
        check("0.00", None);
        check("-1", None);
        check("", None);
        check("nan", None);
    }

    #[test]
    fn what_has_no_price_is_sent_zero() {
        let price: Price = "71900".parse().unwrap();
        let check = |pricing: StockPricing<'_>, expected: [Option<&str>; 3]| {
            let texts: [_; 3] = pricing.texts();
            assert_eq!(texts.each_ref().map(Option::as_deref), expected);
        };
        check(StockPricing::Limit(price), [Some("00"), Some("71900"), None]);
        check(StockPricing::Market, [Some("01"), Some("0"), None]);
        let stop = StockPricing::StopLimit { price, trigger: price };
        check(stop, [Some("22"), Some("71900"), Some("71900")]);
        let other = StockPricing::Other { ord_dvsn: "44", price: None };
        check(other, [Some("44"), Some("0"), None]);
        let texts: [_; 4] = FutureOptionPricing::BestFok.texts();
        assert_eq!(texts.map(Option::unwrap), ["15", "0", "04", "4"]);
        let spread = FutureOptionPricing::Limit(Decimal::new(-15, 1));
        let texts: [_; 4] = spread.texts();
        assert_eq!(texts.map(Option::unwrap), ["01", "-1.5", "01", "0"]);
    }
}
