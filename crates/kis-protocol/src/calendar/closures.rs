//! The weekdays on which exchanges are closed, as far as they are built in.

use super::{Country, hours::date};
use crate::time::Date;

/// What is built in of one country: all weekdays of these years are trading days but these.
pub(super) struct Closures {
    pub(super) country: Country,
    pub(super) first_year: u16,
    pub(super) last_year: u16,
    pub(super) dates: &'static [Date],
}

impl Closures {
    pub(super) fn cover(&self, country: Country, date: Date) -> bool {
        self.country == country && (self.first_year..=self.last_year).contains(&date.year())
    }
}

pub(super) const CLOSURES: &[Closures] = &[
    // KRX: public holidays (관공서의 공휴일에 관한 규정 as of 2026-05, with the almanacs for
    // 2026 and 2027 of the Korea AeroSpace Administration), 노동절, and the year's last day.
    Closures {
        country: Country::Korea,
        first_year: 2026,
        last_year: 2027,
        dates: &[
            date(2026, 1, 1),   // 신정
            date(2026, 2, 16),  // 설날
            date(2026, 2, 17),  // 설날
            date(2026, 2, 18),  // 설날
            date(2026, 3, 2),   // 삼일절 대체
            date(2026, 5, 1),   // 노동절
            date(2026, 5, 5),   // 어린이날
            date(2026, 5, 25),  // 부처님오신날 대체
            date(2026, 6, 3),   // 지방선거
            date(2026, 7, 17),  // 제헌절
            date(2026, 8, 17),  // 광복절 대체
            date(2026, 9, 24),  // 추석
            date(2026, 9, 25),  // 추석
            date(2026, 10, 5),  // 개천절 대체
            date(2026, 10, 9),  // 한글날
            date(2026, 12, 25), // 성탄절
            date(2026, 12, 31), // 연말 휴장일
            date(2027, 1, 1),   // 신정
            date(2027, 2, 8),   // 설날
            date(2027, 2, 9),   // 설날 대체
            date(2027, 3, 1),   // 삼일절
            date(2027, 5, 3),   // 노동절 대체
            date(2027, 5, 5),   // 어린이날
            date(2027, 5, 13),  // 부처님오신날
            date(2027, 7, 19),  // 제헌절 대체
            date(2027, 8, 16),  // 광복절 대체
            date(2027, 9, 14),  // 추석
            date(2027, 9, 15),  // 추석
            date(2027, 9, 16),  // 추석
            date(2027, 10, 4),  // 개천절 대체
            date(2027, 10, 11), // 한글날 대체
            date(2027, 12, 27), // 성탄절 대체
            date(2027, 12, 31), // 연말 휴장일
        ],
    },
    // NYSE Group, Holiday and Early Closings Calendar, 2025-12-23; Nasdaq keeps the same.
    Closures {
        country: Country::UnitedStates,
        first_year: 2026,
        last_year: 2027,
        dates: &[
            date(2026, 1, 1),   // New Year's Day
            date(2026, 1, 19),  // Martin Luther King, Jr. Day
            date(2026, 2, 16),  // Washington's Birthday
            date(2026, 4, 3),   // Good Friday
            date(2026, 5, 25),  // Memorial Day
            date(2026, 6, 19),  // Juneteenth
            date(2026, 7, 3),   // Independence Day, observed
            date(2026, 9, 7),   // Labor Day
            date(2026, 11, 26), // Thanksgiving Day
            date(2026, 12, 25), // Christmas Day
            date(2027, 1, 1),   // New Year's Day
            date(2027, 1, 18),  // Martin Luther King, Jr. Day
            date(2027, 2, 15),  // Washington's Birthday
            date(2027, 3, 26),  // Good Friday
            date(2027, 5, 31),  // Memorial Day
            date(2027, 6, 18),  // Juneteenth, observed
            date(2027, 7, 5),   // Independence Day, observed
            date(2027, 9, 6),   // Labor Day
            date(2027, 11, 25), // Thanksgiving Day
            date(2027, 12, 24), // Christmas Day, observed
        ],
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weekends_are_not_listed() {
        for closures in CLOSURES {
            assert!(closures.dates.is_sorted());
            for date in closures.dates {
                assert!(closures.cover(closures.country, *date) && !date.is_weekend(), "{date}");
            }
        }
    }
}
