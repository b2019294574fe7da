//! A KIS of our own, for trying things out: real sockets, recorded frames.

use kis_sim::{Sim, SimConfig};

use crate::{config::Config, relay::StartError};

/// Starts a simulated KIS on loopback and points `config` at it.
///
/// # Errors
/// When it cannot be started.
pub async fn start(config: &mut Config) -> Result<Sim, StartError> {
    let sim = Sim::start(SimConfig::default()).await?;
    config.kis.env = "custom".to_owned();
    config.kis.rest_url = Some(sim.rest_url());
    config.kis.ws_url = Some(sim.ws_url());
    // The simulator takes any key; real ones must not be sent anywhere else.
    config.kis.app_key = "simulated-app-key".into();
    config.kis.app_secret = "simulated-app-secret".into();
    config.kis.account = "12345678-01".into();
    config.kis.hts_id = "simulated".into();
    // What a simulator of an hour ago has said is of no use.
    config.kis.budget_file = None;
    config.kis.token_folder = None;
    config.kis.holiday_file = None;
    // KIS wants registrations apart; the simulator does not mind.
    config.kis.request_interval_ms = config.kis.request_interval_ms.min(5);
    Ok(sim)
}
