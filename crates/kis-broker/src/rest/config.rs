//! The limits and delays of a REST client.

use std::time::Duration;

use kis_protocol::catalogue::Environment;

use crate::backoff::Delays;

/// The limits and delays of a REST client. The defaults are KIS's limits since 2026-04-20, or
/// what keeps within them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RestConfig {
    /// What the gateway lets one app key call. Default 18 a second; 1 a second on paper. KIS
    /// refuses more with EGW00201.
    pub gateway: RateLimit,
    /// What the ledger behind it takes of calls on accounts, orders among them. Default 5 a
    /// second; 1 a second on paper. KIS refuses more with EGW00215 and does not say what is
    /// more, so it is meant to be set to what an account is found to bear.
    pub ledger: RateLimit,
    /// How long there has to be no refusal before a limit that was lowered after one is raised
    /// by a step. Default 30 s.
    pub recovery: Duration,
    /// How long a call without a deadline of its own may take, waiting for its turn included.
    /// Default 30 s.
    pub patience: Duration,
    /// How long KIS may take to answer. Default 10 s.
    pub timeout: Duration,
    /// How often a read is sent before its error is returned. Default 3. Refusals for a rate
    /// limit do not count; after those it is sent again until its deadline. An order is sent
    /// once.
    pub attempts_max: u32,
    /// The delays before a read is sent again. Default 100 ms to 2 s.
    pub retry_delays: Delays,
    /// Drives the jitter of these delays. Default none: another one each time.
    pub seed: Option<u64>,
}

/// How many calls may come within a span of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RateLimit {
    /// The number of calls, at least 1.
    pub calls: u32,
    /// The span, any within which no more than these calls come; a day at most.
    pub per: Duration,
}

impl RestConfig {
    /// The limits of an environment.
    #[must_use]
    pub fn new(environment: Environment) -> Self {
        let (gateway, ledger) = match environment {
            Environment::Real => (18, 5),
            Environment::Paper => (1, 1),
        };
        Self {
            gateway: RateLimit::per_second(gateway),
            ledger: RateLimit::per_second(ledger),
            recovery: Duration::from_secs(30),
            patience: Duration::from_secs(30),
            timeout: Duration::from_secs(10),
            attempts_max: 3,
            retry_delays: Delays { min: Duration::from_millis(100), max: Duration::from_secs(2) },
            seed: None,
        }
    }
}

impl RateLimit {
    /// So many calls a second.
    #[must_use]
    pub const fn per_second(calls: u32) -> Self {
        Self { calls, per: Duration::from_secs(1) }
    }
}
