//! What changes while the server runs.

use std::{sync::Arc, time::Duration};

use kis_broker::{PoolHandle, PoolKey};
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use crate::{alerts::Alerts, config::Config, guard::Guard, log, relay::StartError};

/// How often the files of keys and certificates are looked at.
const INTERVAL: Duration = Duration::from_secs(1);

/// Follows the files of keys and certificates, and reads the configuration again
/// at SIGHUP, until `stop`. Without a `session`, the app keys are not the configured ones.
pub(crate) async fn watch(
    guard: Arc<Guard>,
    session: Option<PoolHandle>,
    alerts: Arc<Alerts>,
    config: Config,
    stop: CancellationToken,
) {
    let mut hangups = Hangups::new();
    let mut ticks = interval(INTERVAL);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = ticks.tick() => {}
            () = hangups.next() => match config.reload() {
                Ok(changed) => {
                    guard.apply(&changed);
                    match session.as_ref().map(|it| exchange(it, &config, &changed)) {
                        Some(Ok(keys)) => alerts.keys_changed(&keys),
                        Some(Err(error)) => warn!(%error, "the app keys stay as they were"),
                        None => {}
                    }
                    if let Err(error) = log::reload(&changed.log) {
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

/// Adds the app keys that are new or have changed, and removes those that are there no more.
/// The first one stays: calls over REST are made with it. Returns all that there are then.
fn exchange(
    session: &PoolHandle,
    started: &Config,
    changed: &Config,
) -> Result<Vec<PoolKey>, StartError> {
    let first = started.first_key()?;
    let mut keys = changed.keys()?;
    if keys[0] != first {
        warn!("APP_KEY, APP_SECRET and HTS_ID stay as they were until the server starts again");
        keys[0] = first;
    }
    session.set_keys(&keys)?;
    Ok(keys)
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
