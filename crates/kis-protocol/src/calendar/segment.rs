//! What has hours of its own, and whose holidays it keeps.

use std::fmt;

use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

static SEOUL: TimeZone = jiff::tz::get!("Asia/Seoul");
static NEW_YORK: TimeZone = jiff::tz::get!("America/New_York");
static TOKYO: TimeZone = jiff::tz::get!("Asia/Tokyo");
static HONG_KONG: TimeZone = jiff::tz::get!("Asia/Hong_Kong");
static SHANGHAI: TimeZone = jiff::tz::get!("Asia/Shanghai");
static HO_CHI_MINH: TimeZone = jiff::tz::get!("Asia/Ho_Chi_Minh");

/// Whose holidays count. The exchanges of one country keep the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Country {
    /// 한국
    Korea,
    /// 미국
    UnitedStates,
    /// 일본
    Japan,
    /// 홍콩
    HongKong,
    /// 중국
    China,
    /// 베트남
    Vietnam,
}

impl Country {
    /// Every country.
    pub const ALL: [Self; 6] =
        [Self::Korea, Self::UnitedStates, Self::Japan, Self::HongKong, Self::China, Self::Vietnam];

    /// The country of a code such as `US`, KIS' 국가영문약어코드.
    pub(super) fn from_code(code: &str) -> Option<Self> {
        Some(match code {
            "KR" => Self::Korea,
            "US" => Self::UnitedStates,
            "JP" => Self::Japan,
            "HK" => Self::HongKong,
            "CN" => Self::China,
            "VN" => Self::Vietnam,
            _ => return None,
        })
    }
}

/// A part of the markets that keeps one timetable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Segment {
    /// Shares on KRX. ETFs and ETNs share their streams, but not the after-market.
    KrxStock,
    /// ETF, ETN and ELW on KRX, where they have streams of their own.
    KrxListedProduct,
    /// Shares on NXT (넥스트레이드), of which it admits some 800.
    Nxt,
    /// Index futures and options on KRX, by day.
    KrxIndexDerivative,
    /// Stock futures and options on KRX.
    KrxStockDerivative,
    /// Futures on rates, currencies and gold on KRX; lean hogs open later, at 10:15.
    KrxCommodityDerivative,
    /// KRX's night session of derivatives, 야간거래.
    KrxNight,
    /// Bonds on KRX.
    KrxBond,
    /// New York, Nasdaq and NYSE American.
    UnitedStates,
    /// 미국 주간거래: American shares at an alternative venue, in Korean daytime.
    UnitedStatesDay,
    /// 도쿄
    Tokyo,
    /// 홍콩
    HongKong,
    /// 상해
    Shanghai,
    /// 심천
    Shenzhen,
    /// 호치민
    HoChiMinh,
    /// 하노이
    Hanoi,
}

impl Segment {
    /// Every segment.
    pub const ALL: [Self; 16] = [
        Self::KrxStock,
        Self::KrxListedProduct,
        Self::Nxt,
        Self::KrxIndexDerivative,
        Self::KrxStockDerivative,
        Self::KrxCommodityDerivative,
        Self::KrxNight,
        Self::KrxBond,
        Self::UnitedStates,
        Self::UnitedStatesDay,
        Self::Tokyo,
        Self::HongKong,
        Self::Shanghai,
        Self::Shenzhen,
        Self::HoChiMinh,
        Self::Hanoi,
    ];

    /// Whose holidays it keeps.
    pub fn country(self) -> Country {
        match self {
            Self::KrxStock
            | Self::KrxListedProduct
            | Self::Nxt
            | Self::KrxIndexDerivative
            | Self::KrxStockDerivative
            | Self::KrxCommodityDerivative
            | Self::KrxNight
            | Self::KrxBond => Country::Korea,
            Self::UnitedStates | Self::UnitedStatesDay => Country::UnitedStates,
            Self::Tokyo => Country::Japan,
            Self::HongKong => Country::HongKong,
            Self::Shanghai | Self::Shenzhen => Country::China,
            Self::HoChiMinh | Self::Hanoi => Country::Vietnam,
        }
    }

    /// The zone its hours are in. KIS states those of the American day session in Korean
    /// time; its date is that of the American trading day that begins then.
    pub(super) fn zone(self) -> &'static TimeZone {
        match self {
            Self::UnitedStatesDay => &SEOUL,
            _ => match self.country() {
                Country::Korea => &SEOUL,
                Country::UnitedStates => &NEW_YORK,
                Country::Japan => &TOKYO,
                Country::HongKong => &HONG_KONG,
                Country::China => &SHANGHAI,
                Country::Vietnam => &HO_CHI_MINH,
            },
        }
    }
}

/// What happens in a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum SessionKind {
    /// Orders are collected and nothing is published yet; on KRX shares trade at the last
    /// close meanwhile (장전 시간외 종가).
    OrderCollection,
    /// Continuous trading before the regular session.
    PreMarket,
    /// 시가 단일가: the opening auction, with expected prices.
    OpeningAuction,
    /// Continuous trading.
    Regular,
    /// 종가 단일가: the closing auction, with expected prices. On KRX its end is set at
    /// random within 30 s, so the last trade may come after it.
    ClosingAuction,
    /// 시간외 종가: trading at the close.
    ClosingPrice,
    /// 시간외 단일가: an auction every ten minutes.
    SinglePrice,
    /// Continuous trading after the regular session.
    AfterMarket,
}

macro_rules! display_as_serialized {
    ($($name:ty)+) => {$(
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.serialize(f)
            }
        }
    )+};
}

display_as_serialized! { Country Segment SessionKind }
