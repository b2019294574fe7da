//! What `ai-trade-server check` prints.

use std::fmt;

use crate::{alerts::Alerts, config::Config, guard::Guard, orders::Orders, router::shown};

/// The effective configuration, secrets masked, and what is missing.
#[derive(Debug)]
pub struct Report<'a>(&'a Config);

impl<'a> Report<'a> {
    /// A report on `config`.
    pub fn new(config: &'a Config) -> Self {
        Self(config)
    }

    /// Whether `run` could start.
    pub fn is_complete(&self) -> bool {
        self.problems().next().is_none()
    }

    fn problems(&self) -> impl Iterator<Item = String> {
        let keys = self.0.keys().err().map(|it| it.to_string());
        let endpoints = self.0.endpoints().err().map(|it| it.to_string());
        let pinned = self.0.pinned().err().map(|it| it.to_string());
        let guard = Guard::new(self.0).err().map(|it| it.to_string());
        let account = self.0.account().err().map(|it| it.to_string());
        let orders = self.0.environment().ok().and_then(|environment| {
            Orders::check(self.0, environment, false).err().map(|it| it.to_string())
        });
        let alerts = Alerts::check(self.0).err().map(|it| it.to_string());
        [keys, endpoints, pinned, account, guard, orders, alerts].into_iter().flatten()
    }
}

impl fmt::Display for Report<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Config { listen, alerts, kis, log, orders, relay, rest, server, telegram, .. } = self.0;
        let mut line = |name: &str, value: &dyn fmt::Display| writeln!(f, "{name:<32}{value}");
        line("listen", listen)?;
        line("alerts.file", &self.0.alerts_file().display())?;
        line("alerts.log", &alerts.log)?;
        line("alerts.webhook_url", &alerts.webhook_url)?;
        line("alerts.webhook_secret", &alerts.webhook_secret)?;
        line("alerts.rules", &alerts.rules.len())?;
        line("kis.env", &kis.env)?;
        if let Ok(endpoints) = self.0.endpoints() {
            line("kis.rest_url", &endpoints.rest)?;
            line("kis.ws_url", &endpoints.websocket)?;
        }
        line("kis.app_key", &kis.app_key)?;
        line("kis.app_secret", &kis.app_secret)?;
        line("kis.account", &kis.account)?;
        line("kis.hts_id", &kis.hts_id)?;
        for (at, key) in kis.keys.iter().enumerate() {
            let name = |field: &str| format!("kis.keys[{}].{field}", at + 1);
            line(&name("name"), &key.name.as_deref().unwrap_or("not set"))?;
            line(&name("app_key"), &key.app_key)?;
            line(&name("app_secret"), &key.app_secret)?;
            line(&name("hts_id"), &key.hts_id)?;
        }
        let pinned: Vec<String> = self.0.pinned().iter().flatten().map(shown).collect();
        line("kis.pinned", &pinned.join(" "))?;
        line("kis.topics_max", &kis.topics_max)?;
        line("kis.request_interval_ms", &kis.request_interval_ms)?;
        line("kis.silence_max_ms", &kis.silence_max_ms)?;
        line("kis.reconnect_min_ms", &kis.reconnect_min_ms)?;
        line("kis.reconnect_max_ms", &kis.reconnect_max_ms)?;
        line("kis.refusal_min_ms", &kis.refusal_min_ms)?;
        line("kis.refusal_max_ms", &kis.refusal_max_ms)?;
        line("kis.connects_budget", &kis.connects_budget)?;
        line("kis.registrations_budget", &kis.registrations_budget)?;
        line("kis.releases_budget", &kis.releases_budget)?;
        line("kis.approvals_budget", &kis.approvals_budget)?;
        let path = |it: &Option<std::path::PathBuf>| match it {
            Some(path) => path.display().to_string(),
            None => "not set".to_owned(),
        };
        line("kis.budget_file", &path(&kis.budget_file))?;
        let rate = |it: Option<u32>| it.map_or("as KIS allows".to_owned(), |it| it.to_string());
        line("kis.rest_per_second", &rate(kis.rest_per_second))?;
        line("kis.ledger_per_second", &rate(kis.ledger_per_second))?;
        line("kis.rest_timeout_ms", &kis.rest_timeout_ms)?;
        line("kis.token_folder", &path(&kis.token_folder))?;
        line("kis.holiday_file", &path(&kis.holiday_file))?;
        line("kis.extra_tr_ids", &kis.extra_tr_ids.join(" "))?;
        line("orders.enabled", &orders.enabled)?;
        line("orders.real", &orders.real)?;
        line("orders.allow_open", &orders.allow_open)?;
        line("orders.folder", &orders.folder.display())?;
        line("orders.derivatives_account", &orders.derivatives_account)?;
        line("orders.kill", &orders.kill)?;
        line("orders.dry_run", &orders.dry_run)?;
        line("orders.markets", &orders.markets.join(" "))?;
        line("orders.symbols", &orders.symbols.join(" "))?;
        line("orders.order_quantity_max", &orders.order_quantity_max)?;
        line("orders.order_amount_max", &orders.order_amount_max.join(" "))?;
        line("orders.day_orders_max", &orders.day_orders_max)?;
        line("orders.day_amount_max", &orders.day_amount_max.join(" "))?;
        match orders.price_deviation_max_percent {
            Some(max) => line("orders.price_deviation_max_percent", &max)?,
            None => line("orders.price_deviation_max_percent", &"not set")?,
        }
        line("orders.keep_days", &orders.keep_days)?;
        line("orders.patience_ms", &orders.patience_ms)?;
        line("orders.lookup_interval_ms", &orders.lookup_interval_ms)?;
        line("relay.linger_ms", &relay.linger_ms)?;
        line("relay.ring", &relay.ring)?;
        line("relay.client_messages", &relay.client_messages)?;
        line("relay.client_bytes", &relay.client_bytes)?;
        line("relay.clients_max", &relay.clients_max)?;
        line("relay.client_topics_max", &relay.client_topics_max)?;
        line("relay.message_bytes_max", &relay.message_bytes_max)?;
        line("relay.ping_interval_ms", &relay.ping_interval_ms)?;
        line("rest.cache_ms", &rest.cache_ms)?;
        line("rest.cache_bytes", &rest.cache_bytes)?;
        line("rest.pages_max", &rest.pages_max)?;
        line("rest.deadline_ms", &rest.deadline_ms)?;
        line("server.keys_file", &server.keys_file.display())?;
        line("server.keys_on_loopback", &server.keys_on_loopback)?;
        line("server.allow_open", &server.allow_open)?;
        line("server.hosts", &server.hosts.join(" "))?;
        line("server.origins", &server.origins.join(" "))?;
        line("server.tls_cert", &path(&server.tls_cert))?;
        line("server.tls_key", &path(&server.tls_key))?;
        match server.connections_per_ip {
            Some(max) => line("server.connections_per_ip", &max)?,
            None => line("server.connections_per_ip", &"256, loopback excepted")?,
        }
        line("server.head_timeout_ms", &server.head_timeout_ms)?;
        line("server.request_timeout_ms", &server.request_timeout_ms)?;
        line("server.write_timeout_ms", &server.write_timeout_ms)?;
        line("server.auth_timeout_ms", &server.auth_timeout_ms)?;
        line("server.head_bytes_max", &server.head_bytes_max)?;
        line("server.body_bytes_max", &server.body_bytes_max)?;
        line("server.client_messages_per_s", &server.client_messages_per_s)?;
        line("server.client_topics_per_s", &server.client_topics_per_s)?;
        line("log.format", &log.format)?;
        line("log.filter", &log.filter)?;
        line("telegram.bot_token", &telegram.bot_token)?;
        line("telegram.chat_id", &telegram.chat_id)?;
        line("telegram.language", &telegram.language)?;
        line("telegram.webhook_url", &telegram.webhook_url)?;
        line("telegram.api_url", &telegram.api_url)?;
        for problem in self.problems() {
            writeln!(f, "problem: {problem}")?;
        }
        match self.is_complete() {
            true => f.write_str("ready: ai-trade-server run"),
            false => f.write_str("not ready; to look around first: ai-trade-server demo"),
        }
    }
}
