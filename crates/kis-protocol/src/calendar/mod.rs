//! When which market trades, as data, and the question that follows: should a tick be
//! flowing now?
//!
//! ```
//! use kis_protocol::{Topic, calendar::{Calendar, Expected}, time::{Date, Time, Timestamp}};
//!
//! let calendar = Calendar::default();
//! let at = |hour, minute| -> Option<Timestamp> {
//!     Some(Timestamp::korean(Date::new(2026, 11, 25)?, Time::new(hour, minute, 0)?))
//! };
//! let topic = Topic::new("H0STCNT0", "005930");
//! let noon = calendar.expected(&topic, at(12, 0).ok_or("no time")?);
//! assert_eq!(noon.expected, Expected::Yes);
//! let closing_auction = noon.next_change.ok_or("it lasts")?;
//! assert_eq!(closing_auction.to_string(), "2026-11-25T15:20:00+09:00");
//! let night = calendar.expected(&topic, at(23, 0).ok_or("no time")?);
//! assert_eq!(night.expected, Expected::No);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! The timetable ([`HOURS`]) says since when each session is held and who says so. Built in
//! are also the holidays of KRX and NYSE for 2026 and 2027, the early closings of NYSE, and
//! the days on which Korea opens late (수능, the year's first). KIS' own answers
//! ([`Holidays`]) go before what is built in, and what the operator adds ([`Additions`]) goes
//! before both. Where nothing is known the answer is "unknown", never a guess.
//!
//! Not known here: halts, interruptions and circuit breakers, whether an instrument is
//! admitted to NXT or to the after-market (ETFs and ETNs are not to the latter), how thinly
//! it trades, and that expiring contracts close early on their last day.
//!
//! Nothing in here reads a clock. Zones come from the tz database that is compiled in.

mod closures;
mod expected;
mod holidays;
mod hours;
mod segment;
mod session;
mod special;

use serde::{Deserialize, Serialize};

use self::closures::CLOSURES;
pub use self::{
    expected::{Expectation, Expected, SegmentStatus},
    holidays::{Holidays, HolidaysError},
    hours::{DayTime, DayTimeError, HOURS, Hours},
    segment::{Country, Segment, SessionKind},
    session::Session,
};
use crate::time::Date;

/// Trading days and hours: what is built in, what KIS has told, what the operator knows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Calendar {
    holidays: Holidays,
    additions: Additions,
}

/// What an operator knows better, as plain data:
///
/// ```
/// let additions: kis_protocol::calendar::Additions = serde_json::from_str(r#"{
///     "days": [{"country": "korea", "date": "2027-03-03", "open": false}],
///     "hours": [{"segment": "krx_stock", "date": "2027-11-18", "sessions": [
///         {"kind": "regular", "opens": "10:00", "closes": "16:20"},
///         {"kind": "closing_auction", "opens": "16:20", "closes": "16:30"}
///     ]}]
/// }"#)?;
/// # assert_eq!(additions.hours[0].sessions.len(), 2);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Additions {
    /// Days that are, or are not, trading days.
    pub days: Vec<AddedDay>,
    /// Days on which a segment keeps other hours.
    pub hours: Vec<AddedHours>,
}

/// Whether a country's exchanges trade on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AddedDay {
    /// Whose day it is.
    pub country: Country,
    /// The day.
    pub date: Date,
    /// Whether it is a trading day.
    pub open: bool,
}

/// The hours of a segment on one day, in place of all it has otherwise.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AddedHours {
    /// What keeps them.
    pub segment: Segment,
    /// The day.
    pub date: Date,
    /// The sessions; none when the segment is closed.
    pub sessions: Vec<AddedSession>,
}

/// One of the sessions of such a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AddedSession {
    /// What happens.
    pub kind: SessionKind,
    /// When it begins, in the segment's time.
    pub opens: DayTime,
    /// When it has ended.
    pub closes: DayTime,
}

impl Calendar {
    /// The built-in calendar with the operator's additions.
    pub fn new(additions: Additions) -> Self {
        Self { holidays: Holidays::default(), additions }
    }

    /// Takes over what KIS has told.
    pub fn learn(&mut self, holidays: Holidays) {
        self.holidays.merge(holidays);
    }

    /// Whether a country's exchanges trade on a date; none when nobody has said so.
    pub fn is_trading_day(&self, country: Country, date: Date) -> Option<bool> {
        let mut added = self.additions.days.iter().rev();
        if let Some(added) = added.find(|it| it.country == country && it.date == date) {
            return Some(added.open);
        }
        if let Some(told) = self.holidays.told(country, date) {
            return Some(told);
        }
        if date.is_weekend() {
            return Some(false);
        }
        if let Some(closures) = CLOSURES.iter().find(|it| it.cover(country, date)) {
            return Some(!closures.dates.contains(&date));
        }
        // That KIS has no row for a country is the weakest word of all: whether all rows of a
        // day are there in its early hours is not known.
        self.holidays.left_out(country, date).then_some(false)
    }
}
