//! A connection in a hurry, for faults over real sockets.

use std::time::Duration;

use kis_broker::{ConnectionConfig, Delays, Endpoints, Environment};
use kis_sim::Sim;

/// One that tries again within milliseconds and has no budgets. It waits `answer_max` for an
/// answer, and little longer for a sign of life; what is too short for a busy machine breaks
/// links that are well.
pub(crate) fn hasty(sim: &Sim, seed: u64, answer_max: Duration) -> ConnectionConfig {
    let milli = Duration::from_millis(1);
    let endpoints =
        Endpoints::of(Environment::Custom, Some(&sim.rest_url()), Some(&sim.ws_url())).unwrap();
    let mut config = ConnectionConfig::new(endpoints);
    config.seed = Some(seed);
    let session = &mut config.session;
    session.request_interval = milli;
    session.answer_max = answer_max;
    session.retry_delay = 5 * milli;
    session.silence_max = answer_max * 3 / 2;
    session.silence_limit = answer_max * 3;
    session.full_memory = 20 * milli;
    session.reconnect_delays = Delays { min: 2 * milli, max: 20 * milli };
    session.refusal_delays = Delays { min: 10 * milli, max: 40 * milli };
    let budgets = &mut session.budgets;
    for budget in [
        &mut budgets.connects,
        &mut budgets.registrations,
        &mut budgets.releases,
        &mut budgets.approvals,
    ] {
        budget.count = 100_000;
    }
    config
}
