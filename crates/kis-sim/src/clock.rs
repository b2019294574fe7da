//! Korean wall-clock time: the only clock KIS writes on the wire.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

const FOREVER: Duration = Duration::from_secs(30 * 365 * 24 * 3600);
/// Korea is nine hours ahead of UTC and knows no daylight saving time.
const KST: Duration = Duration::from_secs(9 * 3600);

/// A moment so much later; for a span beyond all measure, one that nobody lives to see.
pub(crate) fn after(at: Instant, span: Duration) -> Instant {
    at.checked_add(span).unwrap_or_else(|| at + FOREVER)
}

/// Now and so much later, by the wall clock.
pub(crate) fn date_after(span: Duration) -> SystemTime {
    SystemTime::now() + span.min(FOREVER)
}

/// `YYYYMMDDHHMMSS`, as PINGPONG carries it.
pub(crate) fn stamp(at: SystemTime) -> String {
    let [year, month, day, hour, minute, second] = civil(at);
    format!("{year:04}{month:02}{day:02}{hour:02}{minute:02}{second:02}")
}

/// `YYYY-MM-DD HH:MM:SS`, as `access_token_token_expired` carries it.
pub(crate) fn text(at: SystemTime) -> String {
    let [year, month, day, hour, minute, second] = civil(at);
    format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}")
}

/// Year, month, day, hour, minute and second in Korea.
fn civil(at: SystemTime) -> [u64; 6] {
    let seconds = (at.duration_since(UNIX_EPOCH).unwrap_or_default() + KST).as_secs();
    let (days, clock) = (seconds / 86_400, seconds % 86_400);
    // The days are counted from 0000-03-01, so that a leap day ends its year and its 400-year era.
    let days = days + 719_468;
    let (era, day_of_era) = (days / 146_097, days % 146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let months_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * months_from_march + 2) / 5 + 1;
    let month = if months_from_march < 10 { months_from_march + 3 } else { months_from_march - 9 };
    let year = era * 400 + year_of_era + u64::from(month <= 2);
    [year, month, day, clock / 3_600, clock / 60 % 60, clock % 60]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(unix: u64, expected: &str) {
        assert_eq!(text(UNIX_EPOCH + Duration::from_secs(unix)), expected);
    }

    #[test]
    fn writes_korean_time() {
        check(0, "1970-01-01 09:00:00");
        check(951_749_999, "2000-02-28 23:59:59");
        check(951_782_400, "2000-02-29 09:00:00");
        check(1_709_218_800, "2024-03-01 00:00:00");
        check(1_767_193_199, "2025-12-31 23:59:59");
        check(1_767_193_200, "2026-01-01 00:00:00");
        assert_eq!(stamp(UNIX_EPOCH + Duration::from_secs(1_767_193_200)), "20260101000000");
    }
}
