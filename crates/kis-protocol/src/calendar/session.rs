//! The timetable laid over the days.

use jiff::{civil, tz::TimeZone};
use serde::Serialize;

use super::{
    Calendar, Country, DayTime, Segment, SessionKind,
    hours::{HOURS, at},
    special::SPECIAL,
};
use crate::time::{Date, Timestamp};

/// One session of one day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Session {
    /// What trades.
    pub segment: Segment,
    /// What happens.
    pub kind: SessionKind,
    /// The day it begins on, or has to be reckoned from, in the segment's time.
    pub date: Date,
    /// The trading day it counts for. Those of KRX' night count for the next one; none when
    /// that is not known.
    pub trading_day: Option<Date>,
    /// When it begins.
    pub opens: Timestamp,
    /// When it has ended.
    pub closes: Timestamp,
    /// Whether it takes place for certain: the day is known to be a trading day, and KIS to
    /// stream then.
    pub certain: bool,
}

impl Session {
    pub(super) fn contains(&self, at: Timestamp) -> bool {
        (self.opens.unix_seconds()..self.closes.unix_seconds()).contains(&at.unix_seconds())
    }
}

impl Calendar {
    /// The sessions of a segment that belong to `date`, in order; none on a day that is
    /// known to be closed.
    pub fn sessions_on(&self, segment: Segment, date: Date) -> Vec<Session> {
        let mut sessions = Vec::new();
        self.push_sessions(segment, date, &mut sessions);
        sessions
    }

    pub(super) fn push_sessions(&self, segment: Segment, date: Date, out: &mut Vec<Session>) {
        let open = self.is_trading_day(segment.country(), date);
        if open == Some(false) {
            return;
        }
        // Whether KIS serves the American day session on a Korean holiday is not documented.
        let served = segment != Segment::UnitedStatesDay
            || self.is_trading_day(Country::Korea, date) == Some(true);
        let known = open == Some(true) && served;
        let trading_day = match segment {
            Segment::KrxNight => self.next_trading_day(segment.country(), date),
            _ => Some(date),
        };
        let zone = segment.zone();
        let mut push = |kind, opens, closes, certain: bool| {
            let certain = certain && known;
            let (opens, closes) = (instant(zone, date, opens), instant(zone, date, closes));
            out.push(Session { segment, kind, date, trading_day, opens, closes, certain });
        };
        let mut added = self.additions.hours.iter().filter(|it| it.date == date);
        if let Some(added) = added.find(|it| it.segment == segment) {
            added.sessions.iter().for_each(|it| push(it.kind, it.opens, it.closes, true));
            return;
        }
        let mut special = SPECIAL.iter().filter(|it| it.dates.contains(&date));
        let special = special.find(|it| it.hours.iter().any(|hours| hours.0 == segment));
        if let Some(special) = special {
            let hours = special.hours.iter().filter(|it| it.0 == segment);
            hours.for_each(|it| push(it.1, it.2, it.3, it.4));
            return;
        }
        let hours = HOURS.iter().filter(|it| it.segment == segment && it.holds_on(date));
        hours.for_each(|it| push(it.kind, it.opens, it.closes, it.certain));
    }

    /// The first trading day after `date`; none when a day in between is not known.
    pub fn next_trading_day(&self, country: Country, date: Date) -> Option<Date> {
        let mut days = (1..).map(|days| date.plus_days(days));
        days.find(|it| self.is_trading_day(country, *it) != Some(false))
            .filter(|it| self.is_trading_day(country, *it) == Some(true))
    }
}

/// The first day of which the timetable knows the segment's hours.
pub(super) fn known_since(segment: Segment) -> Option<Date> {
    HOURS.iter().filter(|it| it.segment == segment).map(|it| it.since).min()
}

/// The date in the segment's time.
pub(super) fn date_at(segment: Segment, at: Timestamp) -> Date {
    read(segment.zone(), at.unix_seconds()).date()
}

/// The midnight with which `date` begins.
pub(super) fn midnight(segment: Segment, date: Date) -> Timestamp {
    instant(segment.zone(), date, at(0, 0))
}

/// The instant at which clocks in the zone show this time. One that is skipped in spring is
/// read with the offset before, one that comes twice in autumn is the first.
fn instant(zone: &TimeZone, date: Date, time: DayTime) -> Timestamp {
    let (days, seconds) = time.parts();
    let date = date.plus_days(days);
    let part = |divisor: i64, limit: i64| i8::try_from(seconds / divisor % limit).unwrap_or(0);
    let year = i16::try_from(date.year()).unwrap_or(i16::MAX);
    let month_and_day = (i8::try_from(date.month()).ok(), i8::try_from(date.day()).ok());
    let civil = match month_and_day {
        (Some(month), Some(day)) => {
            civil::DateTime::new(year, month, day, part(3_600, 24), part(60, 60), part(1, 60), 0)
        }
        _ => Ok(civil::DateTime::MAX),
    };
    // Years end at 9999, as jiff's do, so these fall-backs are for its very last day only.
    let civil = civil.unwrap_or(civil::DateTime::MAX);
    let instant = zone.to_ambiguous_timestamp(civil).compatible().unwrap_or(jiff::Timestamp::MAX);
    read(zone, instant.as_second())
}

/// An instant at the zone's offset.
fn read(zone: &TimeZone, seconds: i64) -> Timestamp {
    let instant = jiff::Timestamp::from_second(seconds).unwrap_or(jiff::Timestamp::MAX);
    let offset = zone.to_offset(instant).seconds() / 60;
    Timestamp::from_unix(seconds, 0).with_offset(i16::try_from(offset).unwrap_or(0))
}
