//! The timetable: which session is when, since when, and who says so.

use std::{borrow::Cow, fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

use super::{Segment, SessionKind};
use crate::time::Date;

/// A time counted from the midnight with which the trading day begins. From 24:00 on it is
/// on the next day: a night that ends at six ends at `30:00`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DayTime {
    seconds: u32,
}

/// A text that is not a [`DayTime`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "not a time {0:?}: write hours, minutes and perhaps seconds, as in `09:00:30` or, on the next day, `30:00`"
)]
pub struct DayTimeError(pub Box<str>);

/// One line of the timetable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Hours {
    /// What keeps these hours.
    pub segment: Segment,
    /// What happens then.
    pub kind: SessionKind,
    /// When it begins, in the segment's time.
    pub opens: DayTime,
    /// When it has ended.
    pub closes: DayTime,
    /// The first day it holds on.
    pub since: Date,
    /// The first day it holds no more.
    pub until: Option<Date>,
    /// Whether KIS is known to stream then; if not, the answer is "unknown".
    pub certain: bool,
    /// Who says so.
    pub source: &'static str,
}

use self::{Segment as M, SessionKind as K};

const RULES: &str = "the exchange's rules (general knowledge)";
const KRX_EARLY: &str = "KRX, 파생상품시장 조기 개장, 2023-07-06";
const KRX_EARLY_ALL: &str = "KRX, 주식파생상품 조기 개장, 2024-10-24";
const KRX_NIGHT: &str = "KRX, 파생상품 야간거래, 2025-05-28";
const KRX_AFTER: &str = "KIS notice of 2026-09-09";
const NXT: &str = "넥스트레이드, 거래시간";
const KIS_US: &str = "KIS portal, 해외주식 주문: 미국 거래시간";
const KIS_US_DAY: &str = "KIS portal, 해외주식 실시간지연체결가 and 미국주간주문";
const TSE: &str = "JPX, arrowhead4.0, 2024-11-05";

/// KRX closes at 15:30.
const KRX_2016: Date = date(2016, 8, 1);
/// KRX shortens the opening auction.
const KRX_2019: Date = date(2019, 4, 29);
const INDEX_EARLY: Date = date(2023, 7, 31);
const STOCK_EARLY: Date = date(2024, 11, 4);
const NXT_START: Date = date(2025, 3, 4);
const NIGHT_START: Date = date(2025, 6, 9);
/// Brokers resume the American day session.
const DAY_START: Date = date(2025, 11, 4);
const AFTER_START: Date = date(2026, 9, 14);
const TOKYO_LONGER: Date = date(2024, 11, 5);
/// Hours that have not changed for long; nothing is asked of the time before.
const ALWAYS: Date = date(2020, 1, 1);

const fn line(
    segment: Segment,
    kind: SessionKind,
    hours: [(u32, u32); 2],
    since: Date,
    source: &'static str,
) -> Hours {
    let [(open_hour, open_minute), (close_hour, close_minute)] = hours;
    let (opens, closes) = (at(open_hour, open_minute), at(close_hour, close_minute));
    Hours { segment, kind, opens, closes, since, until: None, certain: true, source }
}

impl Hours {
    const fn until(self, until: Date) -> Self {
        Self { until: Some(until), ..self }
    }

    const fn uncertain(self) -> Self {
        Self { certain: false, ..self }
    }

    const fn opens(self, opens: DayTime) -> Self {
        Self { opens, ..self }
    }

    const fn closes(self, closes: DayTime) -> Self {
        Self { closes, ..self }
    }

    pub(super) fn holds_on(&self, date: Date) -> bool {
        self.since <= date && self.until.is_none_or(|until| date < until)
    }
}

/// Every session of every segment, past ones included as far as they are of use. Those of
/// one segment do not overlap.
pub const HOURS: &[Hours] = &[
    line(M::KrxStock, K::OrderCollection, [(8, 30), (8, 40)], KRX_2019, RULES),
    line(M::KrxStock, K::OpeningAuction, [(8, 40), (9, 0)], KRX_2019, RULES),
    line(M::KrxStock, K::Regular, [(9, 0), (15, 20)], KRX_2016, RULES),
    line(M::KrxStock, K::ClosingAuction, [(15, 20), (15, 30)], KRX_2016, RULES),
    line(M::KrxStock, K::ClosingPrice, [(15, 30), (16, 0)], KRX_2016, RULES),
    line(M::KrxStock, K::SinglePrice, [(16, 0), (18, 0)], KRX_2016, "KIS portal, H0STOUP0")
        .until(AFTER_START),
    line(M::KrxStock, K::AfterMarket, [(16, 0), (20, 0)], AFTER_START, KRX_AFTER),
    line(M::KrxListedProduct, K::OrderCollection, [(8, 30), (8, 40)], KRX_2019, RULES),
    line(M::KrxListedProduct, K::OpeningAuction, [(8, 40), (9, 0)], KRX_2019, RULES),
    line(M::KrxListedProduct, K::Regular, [(9, 0), (15, 20)], KRX_2016, RULES),
    line(M::KrxListedProduct, K::ClosingAuction, [(15, 20), (15, 30)], KRX_2016, RULES),
    line(M::Nxt, K::PreMarket, [(8, 0), (8, 50)], NXT_START, NXT),
    line(M::Nxt, K::OrderCollection, [(8, 50), (9, 0)], NXT_START, NXT).closes(NXT_OPEN),
    line(M::Nxt, K::Regular, [(9, 0), (15, 20)], NXT_START, NXT).opens(NXT_OPEN),
    line(M::Nxt, K::OrderCollection, [(15, 30), (15, 40)], NXT_START, NXT),
    line(M::Nxt, K::AfterMarket, [(15, 40), (20, 0)], NXT_START, NXT),
    line(M::KrxIndexDerivative, K::Regular, [(9, 0), (15, 35)], KRX_2016, RULES).until(INDEX_EARLY),
    line(M::KrxIndexDerivative, K::OrderCollection, [(8, 30), (8, 40)], INDEX_EARLY, KRX_EARLY),
    line(M::KrxIndexDerivative, K::OpeningAuction, [(8, 40), (8, 45)], INDEX_EARLY, KRX_EARLY),
    line(M::KrxIndexDerivative, K::Regular, [(8, 45), (15, 35)], INDEX_EARLY, KRX_EARLY),
    line(M::KrxIndexDerivative, K::ClosingAuction, [(15, 35), (15, 45)], KRX_2016, RULES),
    line(M::KrxStockDerivative, K::Regular, [(9, 0), (15, 35)], KRX_2016, RULES).until(STOCK_EARLY),
    line(M::KrxStockDerivative, K::OrderCollection, [(8, 30), (8, 40)], STOCK_EARLY, KRX_EARLY_ALL),
    line(M::KrxStockDerivative, K::OpeningAuction, [(8, 40), (8, 45)], STOCK_EARLY, KRX_EARLY_ALL),
    line(M::KrxStockDerivative, K::Regular, [(8, 45), (15, 35)], STOCK_EARLY, KRX_EARLY_ALL),
    line(M::KrxStockDerivative, K::ClosingAuction, [(15, 35), (15, 45)], KRX_2016, RULES),
    line(M::KrxCommodityDerivative, K::OrderCollection, [(8, 30), (8, 40)], KRX_2016, RULES),
    line(M::KrxCommodityDerivative, K::OpeningAuction, [(8, 40), (9, 0)], KRX_2016, RULES),
    line(M::KrxCommodityDerivative, K::Regular, [(9, 0), (15, 35)], KRX_2016, RULES),
    line(M::KrxCommodityDerivative, K::ClosingAuction, [(15, 35), (15, 45)], KRX_2016, RULES),
    line(M::KrxNight, K::OrderCollection, [(17, 50), (18, 0)], NIGHT_START, KRX_NIGHT),
    line(M::KrxNight, K::Regular, [(18, 0), (29, 50)], NIGHT_START, KRX_NIGHT),
    line(M::KrxNight, K::ClosingAuction, [(29, 50), (30, 0)], NIGHT_START, KRX_NIGHT),
    line(M::KrxBond, K::OrderCollection, [(8, 30), (9, 0)], KRX_2016, RULES),
    line(M::KrxBond, K::Regular, [(9, 0), (15, 30)], KRX_2016, RULES),
    line(M::UnitedStates, K::PreMarket, [(4, 0), (9, 30)], ALWAYS, KIS_US),
    line(M::UnitedStates, K::Regular, [(9, 30), (16, 0)], ALWAYS, KIS_US),
    // KIS names 07:00 in Korea as the end, which is 17:00 or 18:00; the market's is 20:00.
    line(M::UnitedStates, K::AfterMarket, [(16, 0), (17, 0)], ALWAYS, KIS_US),
    line(M::UnitedStates, K::AfterMarket, [(17, 0), (20, 0)], ALWAYS, RULES).uncertain(),
    // KIS takes orders until 18:00, and names 16:00 as the end of the quotes.
    line(M::UnitedStatesDay, K::Regular, [(10, 0), (16, 0)], DAY_START, KIS_US_DAY),
    line(M::UnitedStatesDay, K::Regular, [(16, 0), (18, 0)], DAY_START, KIS_US_DAY).uncertain(),
    line(M::Tokyo, K::Regular, [(9, 0), (11, 30)], ALWAYS, RULES),
    line(M::Tokyo, K::Regular, [(12, 30), (15, 0)], ALWAYS, RULES).until(TOKYO_LONGER),
    line(M::Tokyo, K::Regular, [(12, 30), (15, 25)], TOKYO_LONGER, TSE),
    line(M::Tokyo, K::ClosingAuction, [(15, 25), (15, 30)], TOKYO_LONGER, TSE),
    line(M::HongKong, K::OpeningAuction, [(9, 0), (9, 30)], ALWAYS, RULES),
    line(M::HongKong, K::Regular, [(9, 30), (12, 0)], ALWAYS, RULES),
    line(M::HongKong, K::Regular, [(13, 0), (16, 0)], ALWAYS, RULES),
    line(M::HongKong, K::ClosingAuction, [(16, 0), (16, 10)], ALWAYS, RULES),
    line(M::Shanghai, K::OpeningAuction, [(9, 15), (9, 25)], ALWAYS, RULES),
    line(M::Shanghai, K::Regular, [(9, 30), (11, 30)], ALWAYS, RULES),
    line(M::Shanghai, K::Regular, [(13, 0), (14, 57)], ALWAYS, RULES),
    line(M::Shanghai, K::ClosingAuction, [(14, 57), (15, 0)], ALWAYS, RULES),
    line(M::Shenzhen, K::OpeningAuction, [(9, 15), (9, 25)], ALWAYS, RULES),
    line(M::Shenzhen, K::Regular, [(9, 30), (11, 30)], ALWAYS, RULES),
    line(M::Shenzhen, K::Regular, [(13, 0), (14, 57)], ALWAYS, RULES),
    line(M::Shenzhen, K::ClosingAuction, [(14, 57), (15, 0)], ALWAYS, RULES),
    line(M::HoChiMinh, K::OpeningAuction, [(9, 0), (9, 15)], ALWAYS, RULES),
    line(M::HoChiMinh, K::Regular, [(9, 15), (11, 30)], ALWAYS, RULES),
    line(M::HoChiMinh, K::Regular, [(13, 0), (14, 30)], ALWAYS, RULES),
    line(M::HoChiMinh, K::ClosingAuction, [(14, 30), (14, 45)], ALWAYS, RULES),
    line(M::Hanoi, K::Regular, [(9, 0), (11, 30)], ALWAYS, RULES),
    line(M::Hanoi, K::Regular, [(13, 0), (14, 30)], ALWAYS, RULES),
    line(M::Hanoi, K::ClosingAuction, [(14, 30), (14, 45)], ALWAYS, RULES),
    line(M::Hanoi, K::ClosingPrice, [(14, 45), (15, 0)], ALWAYS, RULES),
];

const NXT_OPEN: DayTime = at(9, 0).and_seconds(30);

pub(super) const fn date(year: u16, month: u8, day: u8) -> Date {
    match Date::new(year, month, day) {
        Some(date) => date,
        // Evaluated by the compiler, so that a slip in the tables does not compile.
        None => panic!("there is no such day"),
    }
}

pub(super) const fn at(hours: u32, minutes: u32) -> DayTime {
    DayTime { seconds: (hours * 60 + minutes) * 60 }
}

impl DayTime {
    pub(super) const fn and_seconds(self, seconds: u32) -> Self {
        Self { seconds: self.seconds + seconds }
    }

    /// A time from 00:00:00 to 48:00:00, or `None` when it is not one.
    pub fn new(hours: u32, minutes: u32, seconds: u32) -> Option<Self> {
        let valid = minutes < 60 && seconds < 60 && hours <= 48;
        let total = valid.then(|| (hours * 60 + minutes) * 60 + seconds)?;
        (total <= 48 * 3_600).then_some(Self { seconds: total })
    }

    /// Days and seconds of the day.
    pub(super) fn parts(self) -> (i64, i64) {
        (i64::from(self.seconds / 86_400), i64::from(self.seconds % 86_400))
    }
}

impl fmt::Display for DayTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (hours, minutes, seconds) =
            (self.seconds / 3_600, self.seconds / 60 % 60, self.seconds % 60);
        write!(f, "{hours:02}:{minutes:02}")?;
        if seconds > 0 { write!(f, ":{seconds:02}") } else { Ok(()) }
    }
}

impl FromStr for DayTime {
    type Err = DayTimeError;

    fn from_str(text: &str) -> Result<Self, DayTimeError> {
        let number = |part: &str| {
            let digits = part.len() == 2 && part.bytes().all(|it| it.is_ascii_digit());
            digits.then(|| part.parse().ok()).flatten()
        };
        let parts: Option<Vec<u32>> = text.split(':').map(number).collect();
        let time = match parts.as_deref() {
            Some([hours, minutes]) => Self::new(*hours, *minutes, 0),
            Some([hours, minutes, seconds]) => Self::new(*hours, *minutes, *seconds),
            _ => None,
        };
        time.ok_or_else(|| DayTimeError(text.into()))
    }
}

impl Serialize for DayTime {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for DayTime {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        <Cow<'de, str>>::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_as_text() {
        let check = |text: &str| text.parse::<DayTime>().map(|it| it.to_string()).ok();
        for good in ["00:00", "09:00:30", "23:59:59", "29:50", "48:00"] {
            assert_eq!(check(good).as_deref(), Some(good));
        }
        for bad in ["", "9:00", "09:60", "09:00:60", "48:01", "09", "+9:00", "09:00:00:00", "24h"] {
            assert_eq!(check(bad), None, "{bad}");
        }
    }

    #[test]
    fn sessions_do_not_overlap() {
        let overlap = |(a, b): (DayTime, DayTime), (c, d): (DayTime, DayTime)| a < d && c < b;
        for (index, it) in HOURS.iter().enumerate() {
            assert!(it.opens < it.closes, "{it:?}");
            for other in &HOURS[..index] {
                let apart = other.segment != it.segment
                    || other.until.is_some_and(|until| until <= it.since)
                    || it.until.is_some_and(|until| until <= other.since)
                    || !overlap((it.opens, it.closes), (other.opens, other.closes));
                assert!(apart, "{it:?} {other:?}");
            }
        }
    }

    #[test]
    fn every_segment_has_hours() {
        for segment in Segment::ALL {
            assert!(HOURS.iter().any(|it| it.segment == segment), "{segment}");
        }
    }
}
