//! What changes while the server runs.

use std::{sync::Arc, time::Duration};

use kis_broker::{PoolHandle, PoolKey};
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use crate::{config::Config, guard::Guard, log};

/// How often the files of keys and certificates are looked at.
const INTERVAL: Duration = Duration::from_secs(1);

/// Follows the files of keys and certificates, and reads the configuration again
/// at SIGHUP, until `stop`.
pub(crate) async fn watch(
    guard: Arc<Guard>,
    session: PoolHandle,
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
                Ok(config) => {
                    guard.apply(&config);
                    match config.keys() {
                        Ok(keys) => exchange(&session, keys),
                        Err(error) => warn!(%error, "the app keys stay as they were"),
                    }
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

/// Adds the app keys that are new and removes those that are there no more, told apart by
/// their names. The first one stays: calls over REST are made with it.
fn exchange(session: &PoolHandle, keys: Vec<PoolKey>) {
    let held = session.status().keys;
    let first = held.first().map(|it| Arc::clone(&it.name));
    let names: Vec<_> = keys.iter().map(PoolKey::label).collect();
    if first.is_some_and(|it| names.first().is_none_or(|name| **name != *it)) {
        warn!("the first app key stays as it was until the server starts again");
    }
    for key in held.iter().skip(1).filter(|it| !it.removing) {
        if !names.iter().skip(1).any(|name| **name == *key.name) {
            info!(key = %key.name, "app key removed");
            if let Err(error) = session.remove_key(&key.name) {
                warn!(%error, "the app key stays");
            }
        }
    }
    for (key, name) in keys.into_iter().zip(names).skip(1) {
        if !held.iter().any(|it| *it.name == *name) {
            match session.add_key(key) {
                Ok(()) => info!(key = %name, "app key added"),
                Err(error) => warn!(key = %name, %error, "the app key is not added"),
            }
        }
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
