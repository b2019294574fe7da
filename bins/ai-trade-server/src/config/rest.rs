//! What holds for calls of KIS' REST API that clients make through us.

use std::time::Duration;

use serde::Deserialize;

/// What holds for calls of KIS' REST API that clients make through us.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Rest {
    /// How long an answer that tells nothing of an account is given to others who
    /// ask the same, in milliseconds; 0 for not at all.
    pub cache_ms: u64,
    /// How many bytes such answers may take in all.
    pub cache_bytes: u64,
    /// How many pages of an answer a client may ask for at once.
    pub pages_max: usize,
    /// How long a client waits for an answer at most, its turn within KIS' limits
    /// included, in milliseconds.
    pub deadline_ms: u64,
}

impl Rest {
    /// See `cache_ms`.
    pub fn cache(&self) -> Duration {
        Duration::from_millis(self.cache_ms)
    }

    /// See `deadline_ms`.
    pub fn deadline(&self) -> Duration {
        Duration::from_millis(self.deadline_ms)
    }
}

impl Default for Rest {
    fn default() -> Self {
        Self { cache_ms: 500, cache_bytes: 32 * 1024 * 1024, pages_max: 10, deadline_ms: 15_000 }
    }
}
