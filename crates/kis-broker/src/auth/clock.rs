//! KIS's clock, as far as its answers tell.

use std::{
    sync::atomic::{AtomicI64, Ordering},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use reqwest::header::{DATE, HeaderMap};

/// The wall clock, corrected by the `Date` of KIS's last answer. A token's end is a time by
/// KIS's clock, and the one of this machine may be wrong by any amount.
#[derive(Debug)]
pub(super) struct ServerClock {
    /// How many seconds KIS is ahead, or [`UNKNOWN`].
    ahead: AtomicI64,
}

const UNKNOWN: i64 = i64::MIN;
/// What is put down to the way of an answer and the rounding of its date.
const TOLERANCE: u64 = 2;

impl ServerClock {
    pub(super) fn new() -> Self {
        Self { ahead: AtomicI64::new(UNKNOWN) }
    }

    /// Unix time in seconds.
    pub(super) fn now(&self) -> i64 {
        unix(SystemTime::now()).saturating_add(self.ahead())
    }

    /// How many seconds KIS is ahead of this machine.
    pub(super) fn ahead(&self) -> i64 {
        match self.ahead.load(Ordering::Relaxed) {
            UNKNOWN => 0,
            ahead => ahead,
        }
    }

    /// Takes over what another process found, unless there was an answer already.
    pub(super) fn assume(&self, ahead: i64) {
        let ordering = Ordering::Relaxed;
        // That it is known already is what may happen here.
        let _ = self.ahead.compare_exchange(UNKNOWN, ahead, ordering, ordering);
    }

    /// Learns from an answer that has just come.
    pub(super) fn observe(&self, headers: &HeaderMap) {
        let date = headers.get(DATE).and_then(|it| it.to_str().ok());
        let Some(date) = date.and_then(|it| httpdate::parse_http_date(it).ok()) else { return };
        let ahead = unix(date).saturating_sub(unix(SystemTime::now()));
        let ahead = if ahead.unsigned_abs() <= TOLERANCE { 0 } else { ahead };
        self.ahead.store(ahead, Ordering::Relaxed);
    }
}

fn unix(at: SystemTime) -> i64 {
    let since = at.duration_since(UNIX_EPOCH).as_ref().map_or(0, Duration::as_secs);
    i64::try_from(since).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ahead(of: Option<&str>) -> i64 {
        let clock = ServerClock::new();
        let mut headers = HeaderMap::new();
        if let Some(date) = of {
            headers.insert(DATE, date.parse().unwrap());
        }
        clock.observe(&headers);
        clock.assume(9);
        clock.ahead()
    }

    #[test]
    fn learns_from_dates() {
        let at = |seconds: i64| {
            let now = SystemTime::now();
            let by = Duration::from_secs(seconds.unsigned_abs());
            httpdate::fmt_http_date(if seconds < 0 { now - by } else { now + by })
        };
        assert!((3599..=3601).contains(&ahead(Some(&at(3600)))));
        assert!((-7201..=-7199).contains(&ahead(Some(&at(-7200)))));
        assert_eq!(ahead(Some(&at(1))), 0, "an answer's way is no skew");
        assert_eq!(ahead(Some("yesterday")), 9);
        assert_eq!(ahead(None), 9);
    }
}
