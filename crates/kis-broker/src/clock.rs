//! The time that drivers go by.

use std::{future::pending, time::Instant};

/// The time by tokio's clock, so that a test that stops that clock stops this one too.
pub(crate) fn now() -> Instant {
    tokio::time::Instant::now().into_std()
}

/// Waits for a moment; for ever, where there is none.
pub(crate) async fn sleep_until(at: Option<Instant>) {
    match at {
        Some(at) => tokio::time::sleep_until(at.into()).await,
        None => pending().await,
    }
}
