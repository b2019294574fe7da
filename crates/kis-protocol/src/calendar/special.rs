//! The days with other hours, as far as they are built in.

use super::{
    DayTime, Segment, SessionKind,
    hours::{at, date},
};
use crate::time::Date;

/// Days on which hours differ from the timetable's.
#[derive(Debug, Clone, Copy)]
pub(super) struct Special {
    pub(super) dates: &'static [Date],
    pub(super) hours: &'static [SpecialHours],
}

/// Segment, kind, begin, end, and [whether KIS is known to stream](Hours::certain).
pub(super) type SpecialHours = (Segment, SessionKind, DayTime, DayTime, bool);

use self::{Segment as M, SessionKind as K};

const NXT_LATE_OPEN: DayTime = at(10, 0).and_seconds(30);

/// The days with other hours. A segment that is not listed keeps its own.
pub(super) const SPECIAL: &[Special] = &[
    // 수능: everything on KRX an hour later, but the ends of what comes after the close. The
    // hours are those KRX and NXT announced for 2025-11-13; that the after-market is moved
    // like the 시간외 단일가 before it is assumed.
    Special {
        dates: &[date(2026, 11, 19)],
        hours: &[
            (M::KrxStock, K::OrderCollection, at(9, 30), at(9, 40), true),
            (M::KrxStock, K::OpeningAuction, at(9, 40), at(10, 0), true),
            (M::KrxStock, K::Regular, at(10, 0), at(16, 20), true),
            (M::KrxStock, K::ClosingAuction, at(16, 20), at(16, 30), true),
            (M::KrxStock, K::ClosingPrice, at(16, 30), at(17, 0), true),
            (M::KrxStock, K::AfterMarket, at(17, 0), at(20, 0), false),
            (M::KrxListedProduct, K::OrderCollection, at(9, 30), at(9, 40), true),
            (M::KrxListedProduct, K::OpeningAuction, at(9, 40), at(10, 0), true),
            (M::KrxListedProduct, K::Regular, at(10, 0), at(16, 20), true),
            (M::KrxListedProduct, K::ClosingAuction, at(16, 20), at(16, 30), true),
            (M::Nxt, K::OrderCollection, at(9, 50), NXT_LATE_OPEN, true),
            (M::Nxt, K::Regular, NXT_LATE_OPEN, at(16, 20), true),
            (M::Nxt, K::OrderCollection, at(16, 30), at(16, 40), true),
            (M::Nxt, K::AfterMarket, at(16, 40), at(20, 0), true),
            (M::KrxIndexDerivative, K::OrderCollection, at(9, 30), at(9, 40), true),
            (M::KrxIndexDerivative, K::OpeningAuction, at(9, 40), at(9, 45), true),
            (M::KrxIndexDerivative, K::Regular, at(9, 45), at(16, 35), true),
            (M::KrxIndexDerivative, K::ClosingAuction, at(16, 35), at(16, 45), true),
            (M::KrxStockDerivative, K::OrderCollection, at(9, 30), at(9, 40), true),
            (M::KrxStockDerivative, K::OpeningAuction, at(9, 40), at(9, 45), true),
            (M::KrxStockDerivative, K::Regular, at(9, 45), at(16, 35), true),
            (M::KrxStockDerivative, K::ClosingAuction, at(16, 35), at(16, 45), true),
            // Futures on rates close an hour later, those on currencies and gold do not.
            (M::KrxCommodityDerivative, K::OrderCollection, at(9, 30), at(9, 40), true),
            (M::KrxCommodityDerivative, K::OpeningAuction, at(9, 40), at(10, 0), true),
            (M::KrxCommodityDerivative, K::Regular, at(10, 0), at(15, 35), true),
            (M::KrxCommodityDerivative, K::Regular, at(15, 35), at(16, 35), false),
            (M::KrxCommodityDerivative, K::ClosingAuction, at(16, 35), at(16, 45), false),
            (M::KrxNight, K::OrderCollection, at(18, 50), at(19, 0), true),
            (M::KrxNight, K::Regular, at(19, 0), at(29, 50), true),
            (M::KrxNight, K::ClosingAuction, at(29, 50), at(30, 0), true),
            (M::KrxBond, K::OrderCollection, at(9, 30), at(10, 0), true),
            (M::KrxBond, K::Regular, at(10, 0), at(16, 30), true),
        ],
    },
    // The year's first day opens an hour later and closes as always, and NXT has no
    // pre-market (KRX and NXT, 2025-12-18, for 2026-01-02).
    Special {
        dates: &[date(2026, 1, 2)],
        hours: &[
            (M::KrxStock, K::OrderCollection, at(9, 30), at(9, 40), true),
            (M::KrxStock, K::OpeningAuction, at(9, 40), at(10, 0), true),
            (M::KrxStock, K::Regular, at(10, 0), at(15, 20), true),
            (M::KrxStock, K::ClosingAuction, at(15, 20), at(15, 30), true),
            (M::KrxStock, K::ClosingPrice, at(15, 30), at(16, 0), true),
            (M::KrxStock, K::SinglePrice, at(16, 0), at(18, 0), true),
        ],
    },
    Special {
        dates: &[date(2027, 1, 4)],
        hours: &[
            (M::KrxStock, K::OrderCollection, at(9, 30), at(9, 40), true),
            (M::KrxStock, K::OpeningAuction, at(9, 40), at(10, 0), true),
            (M::KrxStock, K::Regular, at(10, 0), at(15, 20), true),
            (M::KrxStock, K::ClosingAuction, at(15, 20), at(15, 30), true),
            (M::KrxStock, K::ClosingPrice, at(15, 30), at(16, 0), true),
            (M::KrxStock, K::AfterMarket, at(16, 0), at(20, 0), true),
        ],
    },
    Special {
        dates: &[date(2026, 1, 2), date(2027, 1, 4)],
        hours: &[
            (M::KrxListedProduct, K::OrderCollection, at(9, 30), at(9, 40), true),
            (M::KrxListedProduct, K::OpeningAuction, at(9, 40), at(10, 0), true),
            (M::KrxListedProduct, K::Regular, at(10, 0), at(15, 20), true),
            (M::KrxListedProduct, K::ClosingAuction, at(15, 20), at(15, 30), true),
            (M::Nxt, K::OrderCollection, at(9, 50), NXT_LATE_OPEN, true),
            (M::Nxt, K::Regular, NXT_LATE_OPEN, at(15, 20), true),
            (M::Nxt, K::OrderCollection, at(15, 30), at(15, 40), true),
            (M::Nxt, K::AfterMarket, at(15, 40), at(20, 0), true),
            (M::KrxIndexDerivative, K::OrderCollection, at(9, 30), at(9, 40), true),
            (M::KrxIndexDerivative, K::OpeningAuction, at(9, 40), at(9, 45), true),
            (M::KrxIndexDerivative, K::Regular, at(9, 45), at(15, 35), true),
            (M::KrxIndexDerivative, K::ClosingAuction, at(15, 35), at(15, 45), true),
            (M::KrxStockDerivative, K::OrderCollection, at(9, 30), at(9, 40), true),
            (M::KrxStockDerivative, K::OpeningAuction, at(9, 40), at(9, 45), true),
            (M::KrxStockDerivative, K::Regular, at(9, 45), at(15, 35), true),
            (M::KrxStockDerivative, K::ClosingAuction, at(15, 35), at(15, 45), true),
            (M::KrxCommodityDerivative, K::OrderCollection, at(9, 30), at(9, 40), true),
            (M::KrxCommodityDerivative, K::OpeningAuction, at(9, 40), at(10, 0), true),
            (M::KrxCommodityDerivative, K::Regular, at(10, 0), at(15, 35), true),
            (M::KrxCommodityDerivative, K::ClosingAuction, at(15, 35), at(15, 45), true),
            (M::KrxBond, K::OrderCollection, at(9, 30), at(10, 0), true),
            (M::KrxBond, K::Regular, at(10, 0), at(15, 30), true),
        ],
    },
    // NYSE Group, Holiday and Early Closings Calendar, 2025-12-23.
    Special {
        dates: &[date(2026, 11, 27), date(2026, 12, 24), date(2027, 11, 26)],
        hours: &[
            (M::UnitedStates, K::PreMarket, at(4, 0), at(9, 30), true),
            (M::UnitedStates, K::Regular, at(9, 30), at(13, 0), true),
            (M::UnitedStates, K::AfterMarket, at(13, 0), at(17, 0), true),
        ],
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sessions_do_not_overlap() {
        for special in SPECIAL {
            for (index, it) in special.hours.iter().enumerate() {
                assert!(it.2 < it.3, "{it:?}");
                for other in &special.hours[..index] {
                    assert!(it.0 != other.0 || it.3 <= other.2 || other.3 <= it.2, "{it:?}");
                }
            }
        }
    }
}
