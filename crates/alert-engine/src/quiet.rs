//! Hours in which a rule keeps quiet.

use jiff::{Timestamp, civil::Time, tz::TimeZone};
use serde::{Deserialize, Deserializer, Serialize, de};

/// A part of the day in which what a rule has to say is kept back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QuietHours {
    /// The first moment, on the clocks of `zone`: `"22:00"`.
    #[serde(deserialize_with = "clock")]
    pub from: Time,
    /// The first moment after it, on the same day or the next.
    #[serde(deserialize_with = "clock")]
    pub to: Time,
    /// An IANA time zone; Korean time unless said otherwise.
    #[serde(default = "korea")]
    pub zone: String,
    /// What becomes of what is kept back.
    #[serde(default)]
    pub held: Held,
    /// Whether urgent matters are said all the same: what happens to one's own
    /// orders, and trouble upstream.
    #[serde(default = "yes")]
    pub urgent_passes: bool,
}

/// What becomes of firings in quiet hours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Held {
    /// One notification afterwards says how many there were, and the last.
    #[default]
    Summarise,
    /// They are forgotten; a rule that fires once is not used up.
    Drop,
}

impl QuietHours {
    /// When the quiet that holds at `now` ends; `None` when there is none, or
    /// when the zone is not known.
    pub fn ends(&self, now: Timestamp) -> Option<Timestamp> {
        let zone = self.time_zone()?;
        let local = zone.to_datetime(now);
        let (time, date) = (local.time(), local.date());
        let over_midnight = self.from > self.to;
        let last_day = if over_midnight && time >= self.from {
            date.tomorrow().ok()?
        } else if over_midnight && time < self.to || (self.from..self.to).contains(&time) {
            date
        } else {
            return None;
        };
        zone.to_ambiguous_timestamp(last_day.to_datetime(self.to)).compatible().ok()
    }

    pub(crate) fn time_zone(&self) -> Option<TimeZone> {
        TimeZone::get(&self.zone).ok()
    }
}

fn clock<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Time, D::Error> {
    let text = String::deserialize(deserializer)?;
    text.parse().map_err(|_| {
        de::Error::custom(format_args!("{text:?} is no time of day; write 22:00 or 22:00:30"))
    })
}

pub(crate) fn moment<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Timestamp>, D::Error> {
    let Some(text) = Option::<String>::deserialize(deserializer)? else { return Ok(None) };
    text.parse().map(Some).map_err(|_| {
        let wanted = "write date, time and offset, as in 2026-12-31T15:30:00+09:00";
        de::Error::custom(format_args!("{text:?} is no moment; {wanted}"))
    })
}

fn korea() -> String {
    "Asia/Seoul".to_owned()
}

fn yes() -> bool {
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(from: &str, to: &str, zone: &str, now: &str, expected: Option<&str>) {
        let (from, to) = (from.parse().unwrap(), to.parse().unwrap());
        let (zone, held) = (zone.to_owned(), Held::default());
        let quiet = QuietHours { from, to, zone, held, urgent_passes: true };
        let ends = quiet.ends(now.parse().unwrap());
        assert_eq!(ends, expected.map(|it| it.parse().unwrap()), "{from}-{to} at {now}");
    }

    #[test]
    fn over_midnight_and_within_a_day() {
        let night = |now, expected| check("22:00", "07:00", "Asia/Seoul", now, expected);
        night("2026-11-25T21:59:59+09:00", None);
        night("2026-11-25T22:00:00+09:00", Some("2026-11-26T07:00:00+09:00"));
        night("2026-11-26T06:59:59+09:00", Some("2026-11-26T07:00:00+09:00"));
        night("2026-11-26T07:00:00+09:00", None);
        let noon = |now, expected| check("12:00", "13:00", "Asia/Seoul", now, expected);
        noon("2026-11-25T12:30:00+09:00", Some("2026-11-25T13:00:00+09:00"));
        noon("2026-11-25T13:00:00+09:00", None);
    }

    #[test]
    fn where_clocks_change() {
        // On 2026-11-01 clocks in New York go back at 02:00, on 2026-03-08 there is no 02:30.
        let zone = "America/New_York";
        check("22:00", "07:00", zone, "2026-11-01T03:00:00Z", Some("2026-11-01T12:00:00Z"));
        check("22:00", "02:30", zone, "2026-03-08T04:00:00Z", Some("2026-03-08T07:30:00Z"));
        check("22:00", "07:00", "Nowhere/Town", "2026-03-08T04:00:00Z", None);
    }
}
