//! What changes while the server runs.

use std::{sync::Arc, time::Duration};

use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use super::Guard;
use crate::{config::Config, log};

/// How often the files of keys and certificates are looked at.
const INTERVAL: Duration = Duration::from_secs(1);

/// Follows the files of keys and certificates, and reads the configuration again
/// at SIGHUP, until `stop`.
pub(crate) async fn watch(guard: Arc<Guard>, config: Config, stop: CancellationToken) {
    let mut hangups = Hangups::new();
    let mut ticks = interval(INTERVAL);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = ticks.tick() => {}
            () = hangups.next() => match config.reload() {
                Ok(config) => {
                    guard.apply(&config);
                    if let Err(error) = log::reload(&config.log) {
                        warn!(%error, "the log filter stays as it was");
                    }
                    info!("configuration read again");
                }
                Err(error) => warn!(%error, "the configuration stays as it was"),
            },
        }
        guard.refresh();
    }
}

struct Hangups(#[cfg(unix)] Option<tokio::signal::unix::Signal>);

impl Hangups {
    #[cfg(unix)]
    fn new() -> Self {
        use tokio::signal::unix::{SignalKind, signal};
        Self(signal(SignalKind::hangup()).ok())
    }

    #[cfg(not(unix))]
    fn new() -> Self {
        Self()
    }

    async fn next(&mut self) {
        #[cfg(unix)]
        if let Some(signal) = &mut self.0
            && signal.recv().await.is_some()
        {
            return;
        }
        std::future::pending().await
    }
}
