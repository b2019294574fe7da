//! What is counted between the session and the hub; both count for themselves.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// Counters of the way from the session to the hub.
#[derive(Debug, Default)]
pub struct Counters {
    bad_frames: AtomicU64,
    unrouted: AtomicU64,
}

impl Counters {
    pub(crate) fn bad_frame(&self) {
        self.bad_frames.fetch_add(1, Relaxed);
    }

    pub(crate) fn unrouted_records(&self, records: u64) {
        self.unrouted.fetch_add(records, Relaxed);
    }

    /// Frames skipped because their records could not be told apart.
    pub fn bad_frames(&self) -> u64 {
        self.bad_frames.load(Relaxed)
    }

    /// Records of topics that nobody has asked for.
    pub fn unrouted(&self) -> u64 {
        self.unrouted.load(Relaxed)
    }
}
