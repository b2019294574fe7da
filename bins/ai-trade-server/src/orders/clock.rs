//! The time by which days are counted: Korea's.

use std::time::SystemTime;

use kis_protocol::time::{Date, Timestamp};

/// Seconds since 1970.
pub(super) fn now() -> u64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    since.unwrap_or_default().as_secs()
}

/// The day in Korea.
pub(super) fn day(seconds: u64) -> Date {
    timestamp(seconds).date()
}

/// The moment on Korean clocks, for people and programs.
pub(super) fn shown(seconds: u64) -> String {
    timestamp(seconds).to_string()
}

fn timestamp(seconds: u64) -> Timestamp {
    Timestamp::from_unix(i64::try_from(seconds).unwrap_or(i64::MAX), 0)
}
