//! The broker and the account.

use std::{path::PathBuf, time::Duration};

use kis_broker::{Delays, Environment, RateLimit, RestConfig, SessionConfig};
use kis_protocol::catalogue;
use serde::Deserialize;

use super::Secret;

/// The broker and the account.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Kis {
    /// `real`, `paper` or `custom`.
    pub env: String,
    /// The app key.
    pub app_key: Secret,
    /// Its secret.
    pub app_secret: Secret,
    /// The account number.
    pub account: Secret,
    /// The HTS id: the `tr_key` of order notices.
    pub hts_id: Secret,
    /// Further app keys, each with slots of its own.
    pub keys: Vec<FurtherKey>,
    /// Topics to register at the start and to keep without clients, before all others.
    pub pinned: Vec<String>,
    /// Where REST is served, when not where KIS serves it.
    pub rest_url: Option<String>,
    /// Where the websocket is served, when not where KIS serves it.
    pub ws_url: Option<String>,
    /// How many topics a session may hold; KIS' limit is 41.
    pub topics_max: usize,
    /// The least time between two registrations, in milliseconds.
    pub request_interval_ms: u64,
    /// How long KIS may be silent before the link counts as dead, in milliseconds.
    pub silence_max_ms: u64,
    /// The first and the longest delay before reconnecting, in milliseconds.
    pub reconnect_min_ms: u64,
    /// See `reconnect_min_ms`.
    pub reconnect_max_ms: u64,
    /// The same after KIS refused the app key (in use elsewhere) or the
    /// approval key.
    pub refusal_min_ms: u64,
    /// See `refusal_min_ms`.
    pub refusal_max_ms: u64,
    /// How many times a socket may be opened in ten minutes.
    pub connects_budget: usize,
    /// How many topics may be registered in ten minutes.
    pub registrations_budget: usize,
    /// How many topics may be released in ten minutes.
    pub releases_budget: usize,
    /// How many approval keys may be fetched in ten minutes.
    pub approvals_budget: usize,
    /// Where the budgets survive a restart.
    pub budget_file: Option<PathBuf>,
    /// How many REST calls may start in a second. Not set: KIS' limit, 18, or 1 on paper.
    pub rest_per_second: Option<u32>,
    /// How many of them may ask for accounts. Not set: 5, or 1 on paper.
    pub ledger_per_second: Option<u32>,
    /// How long KIS may take to answer a REST call, in milliseconds.
    pub rest_timeout_ms: u64,
    /// The folder in which access tokens survive a restart: KIS issues one a minute.
    pub token_folder: Option<PathBuf>,
    /// Where trading days as told by KIS are kept: it is asked once a day.
    pub holiday_file: Option<PathBuf>,
    /// Streams to accept although this version does not know them; their
    /// columns are named by position.
    pub extra_tr_ids: Vec<String>,
}

/// An app key beside the first, a `[[kis.keys]]` of `config.toml`.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FurtherKey {
    /// What it is called in logs and figures; the masked app key if not set.
    pub name: Option<String>,
    /// The app key.
    pub app_key: Secret,
    /// Its secret.
    pub app_secret: Secret,
    /// The HTS id of its account, whose notices are registered with this key.
    pub hts_id: Secret,
}

impl Kis {
    /// The session's limits and delays.
    pub fn session(&self) -> SessionConfig {
        let ms = Duration::from_millis;
        let mut session = SessionConfig::default();
        session.topics_max = self.topics_max;
        session.request_interval = ms(self.request_interval_ms);
        session.silence_max = ms(self.silence_max_ms);
        session.silence_limit = session.silence_limit.max(session.silence_max);
        session.reconnect_delays =
            Delays { min: ms(self.reconnect_min_ms), max: ms(self.reconnect_max_ms) };
        session.refusal_delays =
            Delays { min: ms(self.refusal_min_ms), max: ms(self.refusal_max_ms) };
        session.budgets.connects.count = self.connects_budget;
        session.budgets.registrations.count = self.registrations_budget;
        session.budgets.releases.count = self.releases_budget;
        session.budgets.approvals.count = self.approvals_budget;
        session
    }

    /// The limits of REST calls, each of which waits no longer than `patience`.
    pub fn rest(&self, environment: catalogue::Environment, patience: Duration) -> RestConfig {
        let mut rest = RestConfig::new(environment);
        let limit = |calls: Option<u32>| calls.map(|it| RateLimit::per_second(it.max(1)));
        rest.gateway = limit(self.rest_per_second).unwrap_or(rest.gateway);
        rest.ledger = limit(self.ledger_per_second).unwrap_or(rest.ledger);
        rest.timeout = Duration::from_millis(self.rest_timeout_ms);
        rest.patience = patience;
        rest
    }
}

impl Default for Kis {
    fn default() -> Self {
        let session = SessionConfig::default();
        let ms = |it: Duration| u64::try_from(it.as_millis()).unwrap_or(u64::MAX);
        Self {
            // As the original; orders have a switch of their own.
            env: Environment::Real.as_str().to_owned(),
            app_key: Secret::default(),
            app_secret: Secret::default(),
            account: Secret::default(),
            hts_id: Secret::default(),
            keys: Vec::new(),
            pinned: Vec::new(),
            rest_url: None,
            ws_url: None,
            topics_max: session.topics_max,
            request_interval_ms: ms(session.request_interval),
            silence_max_ms: ms(session.silence_max),
            reconnect_min_ms: ms(session.reconnect_delays.min),
            reconnect_max_ms: ms(session.reconnect_delays.max),
            refusal_min_ms: ms(session.refusal_delays.min),
            refusal_max_ms: ms(session.refusal_delays.max),
            connects_budget: session.budgets.connects.count,
            registrations_budget: session.budgets.registrations.count,
            releases_budget: session.budgets.releases.count,
            approvals_budget: session.budgets.approvals.count,
            budget_file: None,
            rest_per_second: None,
            ledger_per_second: None,
            rest_timeout_ms: 10_000,
            token_folder: Some(PathBuf::from("var/tokens")),
            holiday_file: Some(PathBuf::from("var/holidays.json")),
            extra_tr_ids: Vec::new(),
        }
    }
}
