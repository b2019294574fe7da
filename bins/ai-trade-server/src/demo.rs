//! A KIS of our own, for trying things out: real sockets, recorded frames.

use kis_sim::{Sim, SimConfig};
use tempfile::TempDir;

use crate::{
    config::{Config, OPEN_ORDERS, Secret},
    relay::StartError,
};

/// What a demo consists of, beside the server; it ends when it is dropped.
#[derive(Debug)]
pub struct Demo {
    /// The simulated KIS.
    pub sim: Sim,
    /// What is remembered of orders, as long as the simulator remembers them.
    _folder: TempDir,
}

/// Starts a simulated KIS on loopback and points `config` at it.
///
/// # Errors
/// When it cannot be started.
pub async fn start(config: &mut Config) -> Result<Demo, StartError> {
    let sim = Sim::start(SimConfig::default()).await?;
    config.kis.env = "custom".to_owned();
    config.kis.rest_url = Some(sim.rest_url());
    config.kis.ws_url = Some(sim.ws_url());
    // The simulator takes any key; real ones must not be sent anywhere else.
    config.kis.app_key = "simulated-app-key".into();
    config.kis.app_secret = "simulated-app-secret".into();
    config.kis.account = "12345678-01".into();
    config.kis.hts_id = "simulated".into();
    config.kis.keys.clear();
    // What a simulator of an hour ago has said is of no use.
    config.kis.budget_file = None;
    config.kis.token_folder = None;
    config.kis.holiday_file = None;
    // KIS wants registrations apart; the simulator does not mind.
    config.kis.request_interval_ms = config.kis.request_interval_ms.min(5);
    // No money is at stake, so anybody here may order.
    let folder = tempfile::tempdir().map_err(StartError::Folder)?;
    config.orders.enabled = true;
    config.orders.derivatives_account = Secret::default();
    config.orders.folder = folder.path().to_owned();
    config.alerts.file = Some(folder.path().join("alerts.redb"));
    if config.listen.ip().is_loopback() {
        config.orders.allow_open = OPEN_ORDERS.to_owned();
    }
    Ok(Demo { sim, _folder: folder })
}
