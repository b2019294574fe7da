//! Alerts: the engine in the router's way, rules from everywhere, and what is told to whom.
//!
//! The engine is asked in the session's own task. What it finds goes to the keeper
//! (`keeper.rs`), which has it on the disk before anybody is told.

mod disk;
mod edit;
mod error;
mod figures;
mod keeper;
mod openapi;
mod recipients;
mod routes;
#[cfg(test)]
mod tests;
mod topics;
mod upstream;
mod view;

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    time::SystemTime,
};

use alert_engine::{Engine, Limits, Report, Rule, Store};
use kis_broker::PoolKey;
use kis_protocol::{TrId, time::Timestamp};
use relay_core::Hub;
use tracing::{info, warn};

pub use self::error::{AlertError, AlertsError, BotError};
use self::{disk::Disk, figures::Figures, topics::Topics};
pub(crate) use self::{
    figures::show as show_figures, keeper::Keeper, openapi::document, recipients::Recipients,
    routes::routes, upstream::Upstream,
};
use crate::{bot, config::Config, wire::Wire};

/// The rules at work, for everybody who shows them something or asks about them.
pub struct Alerts {
    engine: Mutex<Engine>,
    /// The streams of which some record has to be shown to the engine. Asked first, so that
    /// records that no rule watches cost a look at this.
    watched: [AtomicBool; TrId::ALL.len()],
    topics: Topics,
    recipients: Recipients,
    /// The rules of the configuration, which only it changes.
    configured: BTreeSet<String>,
    store: Arc<Store>,
    disk: Disk,
    figures: Figures,
}

impl Alerts {
    /// Whether the rules and recipients of `config` can be used.
    ///
    /// # Errors
    /// Says which is wrong, and how.
    pub fn check(config: &Config) -> Result<(), AlertsError> {
        let recipients = Recipients::new(config)?;
        bot::check(&config.telegram)?;
        configured(config, &recipients).map(drop)
    }

    /// Opens what was kept and puts all rules to work. The keeper must run, or nothing lasts.
    ///
    /// # Errors
    /// When a rule or a recipient is wrong, or the file cannot be used.
    pub fn open(config: &Config, hub: Hub<Wire>) -> Result<(Arc<Self>, Keeper), AlertsError> {
        let path = &config.alerts_file();
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder)
                .map_err(|error| AlertsError::Folder { path: folder.to_owned(), error })?;
        }
        Self::start(config, hub, Store::open(path, Limits::default())?)
    }

    fn start(
        config: &Config,
        hub: Hub<Wire>,
        store: Store,
    ) -> Result<(Arc<Self>, Keeper), AlertsError> {
        let recipients = Recipients::new(config)?;
        let rules = configured(config, &recipients)?;
        let store = Arc::new(store);
        store.retain_recipients(&recipients.names().collect::<Vec<_>>())?;
        let mut loaded = store.load()?;
        recipients.follow(&mut loaded.rules, &bot::moves(&store)?);
        for entry in &loaded.unreadable {
            warn!(%entry, "kept alerts cannot be read; left as they are");
        }
        let configured: BTreeSet<String> = rules.iter().map(|it| it.id.clone()).collect();
        let mut states: BTreeMap<_, _> = loaded.states.into_iter().collect();
        let mut engine = Engine::new();
        let kept = loaded.rules.into_iter().filter(|it| !configured.contains(&it.id));
        for rule in rules.into_iter().chain(kept) {
            let (id, state) = (rule.id.clone(), states.remove(&rule.id));
            engine
                .insert(rule, state, now())
                .map_err(|error| AlertsError::Rule { place: id, error })?;
        }
        let environment =
            config.environment().unwrap_or(kis_protocol::catalogue::Environment::Real);
        let owners = owners(&config.keys().unwrap_or_default());
        let alerts = Arc::new(Self {
            engine: Mutex::new(engine),
            watched: [const { AtomicBool::new(false) }; TrId::ALL.len()],
            topics: Topics::new(hub, environment, owners),
            recipients,
            configured,
            store,
            disk: Disk::default(),
            figures: Figures::default(),
        });
        let rules = {
            let engine = alerts.engine();
            alerts.rules_changed(&engine);
            engine.rules().count()
        };
        info!(rules, "alerts are on");
        // Each rule's beginning.
        alerts.disk.ring();
        let keeper = Keeper::new(Arc::clone(&alerts));
        Ok((alerts, keeper))
    }

    /// The engine, if some rule may watch records of the stream.
    #[inline]
    pub(crate) fn watch(&self, tr_id: Option<TrId>) -> Option<MutexGuard<'_, Engine>> {
        let tr_id = tr_id?;
        self.watched[tr_id as usize].load(Relaxed).then(|| self.engine())
    }

    /// Sends what the engine has found to be kept and told.
    pub(crate) fn flush(&self) {
        self.keep(&self.engine());
    }

    /// Tells the rules what happens to the session `source`.
    pub(crate) fn report(&self, source: &str, report: Report<'_>) {
        let mut engine = self.engine();
        engine.handle_upstream(source, report, now());
        self.keep(&engine);
    }

    /// KIS does not serve a topic; it is asked for again later. `full` when it was not even
    /// asked, for want of room.
    pub(crate) fn refused(&self, topic: &kis_protocol::Topic, full: bool) {
        self.topics.refused(topic, full);
    }

    /// The app keys are these from now on: order rules watch their accounts.
    pub(crate) fn keys_changed(&self, keys: &[PoolKey]) {
        self.topics.belong_to(owners(keys));
        self.rules_changed(&self.engine());
    }

    /// What is kept under a name for others, such as until when a chat is muted.
    pub(crate) fn store(&self) -> &Arc<Store> {
        &self.store
    }

    /// Who is told.
    pub(crate) fn recipients(&self) -> &Recipients {
        &self.recipients
    }

    fn engine(&self) -> MutexGuard<'_, Engine> {
        // Every operation leaves the engine whole.
        self.engine.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Has the keeper come for what the engine has found.
    fn keep(&self, engine: &Engine) {
        if engine.has_changes() {
            self.disk.ring();
        }
    }

    /// What rules watch has changed.
    fn rules_changed(&self, engine: &Engine) {
        let mut watched = [false; TrId::ALL.len()];
        for (rule, _) in engine.rules().filter(|it| it.0.enabled) {
            for tr_id in rule.tr_ids().unwrap_or_default() {
                watched[tr_id as usize] = true;
            }
        }
        for (flag, watched) in self.watched.iter().zip(watched) {
            flag.store(watched, Relaxed);
        }
        self.topics.want(engine);
    }
}

/// The rules of the configuration.
fn configured(config: &Config, recipients: &Recipients) -> Result<Vec<Rule>, AlertsError> {
    let mut rules: Vec<Rule> = Vec::new();
    for (at, value) in config.alerts.rules.iter().enumerate() {
        let place = || format!("alerts.rules[{at}]");
        let read = Rule::read(value.clone()).and_then(|rule| {
            recipients.check(&rule)?;
            Ok(rule)
        });
        let rule = read.map_err(|error| AlertsError::Rule { place: place(), error })?;
        if rules.iter().any(|it| it.id == rule.id) {
            return Err(AlertsError::Twice { place: place(), id: rule.id });
        }
        rules.push(rule);
    }
    Ok(rules)
}

/// The HTS ids of the keys' accounts.
fn owners(keys: &[PoolKey]) -> BTreeSet<String> {
    keys.iter().filter_map(|it| it.hts_id.clone()).collect()
}

fn now() -> Timestamp {
    Timestamp::from(SystemTime::now())
}

impl fmt::Debug for Alerts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Alerts").field("recipients", &self.recipients).finish_non_exhaustive()
    }
}
