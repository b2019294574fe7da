//! Dates, times of day, and instants with an offset.
//!
//! KIS writes Korean time, which has been nine hours ahead of UTC without
//! daylight saving since 1988, and sends the local time of foreign exchanges
//! along with it. So reading records needs an offset and no time zone
//! database; [`calendar`](crate::calendar), which looks ahead, has one.

mod written;

use std::{borrow::Cow, fmt, ops::Range, str::FromStr, time::SystemTime};

use self::written::Written;
use crate::{FromField, digits};

const DAY: i64 = 86_400;

/// A calendar date.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date {
    year: u16,
    month: u8,
    day: u8,
}

/// A time of day, to the second.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Time {
    hour: u8,
    minute: u8,
    second: u8,
}

/// An instant, and the offset from UTC in which to read it. Written as RFC
/// 3339: `2026-09-14T09:00:00+09:00`. Two are equal when both agree.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Timestamp {
    /// Seconds since 1970-01-01T00:00:00Z.
    seconds: i64,
    nanoseconds: u32,
    offset_minutes: i16,
}

impl Date {
    /// A date, or `None` when the calendar has no such day.
    pub const fn new(year: u16, month: u8, day: u8) -> Option<Self> {
        let leap =
            year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
        let days = match month {
            4 | 6 | 9 | 11 => 30,
            2 if leap => 29,
            2 => 28,
            1..=12 => 31,
            _ => return None,
        };
        if 1 <= day && day <= days { Some(Self { year, month, day }) } else { None }
    }

    /// The year.
    pub fn year(self) -> u16 {
        self.year
    }

    /// The month, from 1.
    pub fn month(self) -> u8 {
        self.month
    }

    /// The day of the month, from 1.
    pub fn day(self) -> u8 {
        self.day
    }

    /// Whether it is a Saturday or a Sunday.
    pub fn is_weekend(self) -> bool {
        // The first of 1970 was a Thursday.
        (self.days() + 3).rem_euclid(7) >= 5
    }

    /// The date so many days later, or earlier.
    #[must_use]
    pub fn plus_days(self, days: i64) -> Self {
        Self::from_days(self.days().saturating_add(days))
    }

    /// Days since 1970-01-01, by Howard Hinnant's `days_from_civil`.
    fn days(self) -> i64 {
        let (month, day) = (i64::from(self.month), i64::from(self.day));
        let year = i64::from(self.year) - i64::from(month <= 2);
        let era = year.div_euclid(400);
        let year_of_era = year.rem_euclid(400);
        let day_of_year = (153 * (month + if month > 2 { -3 } else { 9 }) + 2) / 5 + day - 1;
        let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
        era * 146_097 + day_of_era - 719_468
    }

    /// The inverse of [`days`](Self::days); years outside 0 to 9999 are cut.
    fn from_days(days: i64) -> Self {
        let days = days + 719_468;
        let era = days.div_euclid(146_097);
        let day_of_era = days.rem_euclid(146_097);
        let year_of_era =
            (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let shifted = (5 * day_of_year + 2) / 153;
        let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
        let year = year_of_era + era * 400 + i64::from(month <= 2);
        Self {
            year: year.clamp(0, 9_999) as u16,
            month: month as u8,
            day: (day_of_year - (153 * shifted + 2) / 5 + 1) as u8,
        }
    }
}

impl Time {
    /// A time of day, or `None` when the clock has no such time.
    pub fn new(hour: u8, minute: u8, second: u8) -> Option<Self> {
        (hour < 24 && minute < 60 && second < 60).then_some(Self { hour, minute, second })
    }

    /// The hour, 0 to 23.
    pub fn hour(self) -> u8 {
        self.hour
    }

    /// The minute.
    pub fn minute(self) -> u8 {
        self.minute
    }

    /// The second.
    pub fn second(self) -> u8 {
        self.second
    }

    fn seconds(self) -> i64 {
        i64::from(self.hour) * 3_600 + i64::from(self.minute) * 60 + i64::from(self.second)
    }

    fn from_seconds(seconds: i64) -> Self {
        let seconds = seconds.rem_euclid(DAY);
        let part = |divisor: i64, limit: i64| (seconds / divisor % limit) as u8;
        Self { hour: part(3_600, 24), minute: part(60, 60), second: part(1, 60) }
    }
}

impl Timestamp {
    /// The offset of Korean time, in minutes.
    pub const KOREA: i16 = 9 * 60;

    /// An instant from seconds and nanoseconds since 1970-01-01T00:00:00Z, in
    /// Korean time; nanoseconds from a billion on are cut.
    pub fn from_unix(seconds: i64, nanoseconds: u32) -> Self {
        let nanoseconds = nanoseconds.min(999_999_999);
        Self { seconds, nanoseconds, offset_minutes: Self::KOREA }
    }

    /// The instant at which clocks in Korea show this date and time.
    pub fn korean(date: Date, time: Time) -> Self {
        Self::at_offset(date, time, Self::KOREA)
    }

    /// The instant at which Korean clocks show `time`, on the day that puts it
    /// nearest to `reference`: the answer to a record that has a time but no
    /// date, on either side of midnight.
    pub fn korean_near(time: Time, reference: Self) -> Self {
        let today = Self::korean(reference.with_offset(Self::KOREA).date(), time);
        let away = today.seconds - reference.seconds;
        let days = if away > DAY / 2 {
            -1
        } else if away < -DAY / 2 {
            1
        } else {
            0
        };
        Self { seconds: today.seconds + days * DAY, ..today }
    }

    /// The same instant under the offset at which it reads `date` and `time`;
    /// `None` when no place on Earth has that offset.
    pub fn seen_as(self, date: Date, time: Time) -> Option<Self> {
        let wall = date.days() * DAY + time.seconds();
        let minutes = (wall - self.seconds).div_euclid(60);
        // Every offset in use is a multiple of a quarter of an hour. The two
        // times of a record may be seconds apart, so the nearest is meant.
        let quarters = (wall - self.seconds + 450).div_euclid(900);
        let close = (minutes - quarters * 15).abs() <= 1;
        let offset = i16::try_from(quarters * 15).ok().filter(|it| (-720..=840).contains(it))?;
        close.then_some(self.with_offset(offset))
    }

    /// The same instant, read at another offset from UTC in minutes.
    pub fn with_offset(self, offset_minutes: i16) -> Self {
        Self { offset_minutes, ..self }
    }

    /// Seconds since 1970-01-01T00:00:00Z.
    pub fn unix_seconds(self) -> i64 {
        self.seconds
    }

    /// The offset from UTC in minutes.
    pub fn offset_minutes(self) -> i16 {
        self.offset_minutes
    }

    /// The date at the timestamp's offset.
    pub fn date(self) -> Date {
        Date::from_days(self.wall().div_euclid(DAY))
    }

    /// The time of day at the timestamp's offset.
    pub fn time(self) -> Time {
        Time::from_seconds(self.wall())
    }

    fn at_offset(date: Date, time: Time, offset_minutes: i16) -> Self {
        let wall = date.days() * DAY + time.seconds();
        Self { seconds: wall - i64::from(offset_minutes) * 60, nanoseconds: 0, offset_minutes }
    }

    fn wall(self) -> i64 {
        self.seconds.saturating_add(i64::from(self.offset_minutes) * 60)
    }
}

impl From<SystemTime> for Timestamp {
    /// The instant in Korean time; one before 1970 becomes 1970.
    fn from(time: SystemTime) -> Self {
        let since = time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        Self::from_unix(i64::try_from(since.as_secs()).unwrap_or(i64::MAX), since.subsec_nanos())
    }
}

impl FromField<'_> for Date {
    const NAME: &'static str = "date YYYYMMDD";

    #[inline]
    fn from_field(text: &str) -> Option<Self> {
        let [a, b, c, d, e, f, g, h] = digits(text)?;
        let year = u16::from(pair(a, b)) * 100 + u16::from(pair(c, d));
        Self::new(year, pair(e, f), pair(g, h))
    }

    #[inline]
    fn from_column(body: &str, place: Range<usize>) -> Option<Self> {
        let [century, year, month, day] = digits::pairs_of::<8>(body.as_bytes(), place)?;
        Self::new(u16::from(century) * 100 + u16::from(year), month, day)
    }
}

impl FromField<'_> for Time {
    const NAME: &'static str = "time HHMMSS";

    #[inline]
    fn from_field(text: &str) -> Option<Self> {
        let [a, b, c, d, e, f] = digits(text)?;
        Self::new(pair(a, b), pair(c, d), pair(e, f))
    }

    #[inline]
    fn from_column(body: &str, place: Range<usize>) -> Option<Self> {
        let [_, hour, minute, second] = digits::pairs_of::<6>(body.as_bytes(), place)?;
        Self::new(hour, minute, second)
    }
}

#[inline]
fn digits<const N: usize>(text: &str) -> Option<[u8; N]> {
    let bytes: [u8; N] = text.as_bytes().try_into().ok()?;
    let digits = bytes.map(|it| it.wrapping_sub(b'0'));
    digits.iter().all(|it| *it < 10).then_some(digits)
}

#[inline]
fn pair(tens: u8, ones: u8) -> u8 {
    tens * 10 + ones
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

macro_rules! as_text {
    ($($name:ident $write:ident)+) => {$(
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(Written::new().$write(*self).as_str())
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(Written::new().$write(*self).as_str())
            }
        }
    )+};
}

as_text! { Date date Time time Timestamp timestamp }

impl FromStr for Date {
    type Err = DateError;

    fn from_str(text: &str) -> Result<Self, DateError> {
        let dashes = matches!(text.as_bytes(), [_, _, _, _, b'-', _, _, b'-', _, _]);
        let date = dashes.then(|| Self::from_field(&text.replace('-', ""))).flatten();
        date.ok_or_else(|| DateError(text.into()))
    }
}

impl<'de> serde::Deserialize<'de> for Date {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <Cow<'de, str>>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// A text that is not a date such as `2026-11-19`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a date {0:?}: write year, month and day, as in `2026-11-19`")]
pub struct DateError(pub Box<str>);

#[cfg(test)]
mod tests {
    use super::*;

    fn at(date: &str, time: &str) -> Timestamp {
        Timestamp::korean(Date::from_field(date).unwrap(), Time::from_field(time).unwrap())
    }

    #[test]
    fn dates_and_times() {
        assert_eq!(Date::from_field("20240229").map(|it| it.to_string()).unwrap(), "2024-02-29");
        assert_eq!(Time::from_field("235959").map(|it| it.to_string()).unwrap(), "23:59:59");
        for bad in ["20230229", "20241301", "00000000", "260509", "2024022a", "", "20240200"] {
            assert_eq!(Date::from_field(bad), None, "{bad}");
        }
        for bad in ["240000", "236000", "9000", "09:00", "", "+90000"] {
            assert_eq!(Time::from_field(bad), None, "{bad}");
        }
    }

    #[test]
    fn dates_as_text() {
        let check = |text: &str| text.parse::<Date>().map(|it| it.to_string()).ok();
        assert_eq!(check("2026-11-19").as_deref(), Some("2026-11-19"));
        for bad in ["2026-11-31", "2026-1-019", "20261119", "2026-11-19T", "", "+026-11-19", "--"] {
            assert_eq!(check(bad), None, "{bad}");
        }
        let weekend = |text: &str| text.parse::<Date>().unwrap().is_weekend();
        assert_eq!(
            ["2026-11-20", "2026-11-21", "2026-11-22", "2026-11-23"].map(weekend),
            [false, true, true, false]
        );
    }

    #[test]
    fn every_day_reads_back() {
        for days in -720_000..2_932_000 / 4 {
            let date = Date::from_days(days);
            if date.year > 0 {
                assert_eq!(date.days(), days);
            }
        }
    }

    #[test]
    fn instants() {
        let check = |at: Timestamp, text: &str| assert_eq!(at.to_string(), text);
        check(Timestamp::from_unix(0, 0), "1970-01-01T09:00:00+09:00");
        check(Timestamp::from_unix(0, 120_000_000).with_offset(0), "1970-01-01T00:00:00.12+00:00");
        check(Timestamp::from_unix(0, 1).with_offset(-210), "1969-12-31T20:30:00.000000001-03:30");
        check(at("20260914", "090000"), "2026-09-14T09:00:00+09:00");
        assert_eq!(at("20260914", "090000").unix_seconds(), 1_789_344_000);
    }

    #[test]
    fn midnight_is_crossed_to_the_nearer_side() {
        let check = |time: &str, date: &str, clock: &str, expected: &str| {
            let near = Timestamp::korean_near(Time::from_field(time).unwrap(), at(date, clock));
            assert_eq!(near.to_string(), expected);
        };
        check("235959", "20260914", "000001", "2026-09-13T23:59:59+09:00");
        check("000001", "20260914", "235959", "2026-09-15T00:00:01+09:00");
        check("090000", "20260914", "090003", "2026-09-14T09:00:00+09:00");
        check("011311", "20260101", "011312", "2026-01-01T01:13:11+09:00");
    }

    #[test]
    fn the_offset_is_what_the_two_clocks_say() {
        let local = |korean: (&str, &str), there: (&str, &str)| {
            let date = Date::from_field(there.0).unwrap();
            let time = Time::from_field(there.1).unwrap();
            at(korean.0, korean.1).seen_as(date, time).map(|it| it.to_string())
        };
        let summer = local(("20260925", "121313"), ("20260924", "231313"));
        assert_eq!(summer.as_deref(), Some("2026-09-24T23:13:13-04:00"));
        let apart = local(("20260925", "121313"), ("20260924", "231312"));
        assert_eq!(apart.as_deref(), Some("2026-09-24T23:13:13-04:00"));
        assert_eq!(local(("20260925", "121313"), ("20260920", "231313")), None);
    }
}
