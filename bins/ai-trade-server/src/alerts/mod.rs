//! Alerts: the engine in the router's way, rules from everywhere, and what is told to whom.
//!
//! The engine is asked in the session's own task. What it finds goes to the keeper
//! (`keeper.rs`), which has it on the disk before anybody is told.

mod error;
mod keeper;
mod openapi;
mod recipients;
mod routes;
mod topics;
mod view;

use std::{
    collections::BTreeSet,
    fmt,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    time::SystemTime,
};

use alert_engine::{Engine, Limits, Report, Rule, RuleError, Store, StoreError};
use kis_protocol::{TrId, catalogue::Personal, time::Timestamp};
use relay_core::Hub;
use serde_json::Value;
use tokio::sync::{mpsc, oneshot};
use tracing::{info, warn};

pub use self::error::{AlertError, AlertsError, BotError};
use self::{keeper::Work, topics::Topics};
pub(crate) use self::{
    keeper::{Keeper, Upstream},
    openapi::document,
    recipients::Recipients,
    routes::routes,
};
use crate::{bot::Telegram, config::Config, wire::Wire};

/// How many rules there may be.
const RULES_MAX: usize = 1_000;

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
    /// Whether order rules have an account to watch.
    has_notices: bool,
    store: Arc<Store>,
    work: mpsc::UnboundedSender<Work>,
}

impl Alerts {
    /// Whether the rules and recipients of `config` can be used.
    ///
    /// # Errors
    /// Says which is wrong, and how.
    pub fn check(config: &Config) -> Result<(), AlertsError> {
        let recipients = Recipients::new(config)?;
        let telegram = &config.telegram;
        if let Some(token) = telegram.bot_token.get() {
            Telegram::new(token, &telegram.api_url)?;
        }
        configured(config, &recipients).map(drop)
    }

    /// Opens what was kept and puts all rules to work. The keeper must run, or nothing lasts.
    ///
    /// # Errors
    /// When a rule or a recipient is wrong, or the file cannot be used.
    pub fn open(config: &Config, hub: Hub<Wire>) -> Result<(Arc<Self>, Keeper), AlertsError> {
        let recipients = Recipients::new(config)?;
        let rules = configured(config, &recipients)?;
        let path = &config.alerts.file;
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder)
                .map_err(|error| AlertsError::Folder { path: folder.to_owned(), error })?;
        }
        let store = Arc::new(Store::open(path, Limits::default())?);
        store.retain_recipients(&recipients.names().collect::<Vec<_>>())?;
        let loaded = store.load()?;
        for entry in &loaded.unreadable {
            warn!(%entry, "kept alerts cannot be read; left as they are");
        }
        let configured: BTreeSet<String> = rules.iter().map(|it| it.id.clone()).collect();
        let mut states: std::collections::BTreeMap<_, _> = loaded.states.into_iter().collect();
        let mut engine = Engine::new();
        let kept = loaded.rules.into_iter().filter(|it| !configured.contains(&it.id));
        for rule in rules.into_iter().chain(kept) {
            let (id, state) = (rule.id.clone(), states.remove(&rule.id));
            engine
                .insert(rule, state, now())
                .map_err(|error| AlertsError::Rule { place: id, error })?;
        }
        let account = config.account().unwrap_or_default();
        let owner = account.of(Personal::HtsId).map(str::to_owned);
        let environment =
            config.environment().unwrap_or(kis_protocol::catalogue::Environment::Real);
        let (work, received) = mpsc::unbounded_channel();
        let alerts = Arc::new(Self {
            engine: Mutex::new(engine),
            watched: [const { AtomicBool::new(false) }; TrId::ALL.len()],
            has_notices: owner.is_some(),
            topics: Topics::new(hub, environment, owner),
            recipients,
            configured,
            store,
            work,
        });
        let rules = {
            let engine = alerts.engine();
            alerts.rules_changed(&engine);
            engine.rules().count()
        };
        info!(rules, "alerts are on");
        let keeper = Keeper::new(Arc::clone(&alerts), received);
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
        self.keep(&mut self.engine());
    }

    /// Tells the rules what happens to the session `source`.
    pub(crate) fn report(&self, source: &str, report: Report<'_>) {
        let mut engine = self.engine();
        engine.handle_upstream(source, report, now());
        self.keep(&mut engine);
    }

    /// KIS does not serve a topic; it is asked for again later. `full` when it was not even
    /// asked, for want of room.
    pub(crate) fn refused(&self, topic: &kis_protocol::Topic, full: bool) {
        self.topics.refused(topic, full);
    }

    /// Puts a new rule to work. Without an id it gets one.
    ///
    /// # Errors
    /// When it is no rule, its id is taken, or it cannot be kept.
    pub(crate) async fn create(&self, rule: Value) -> Result<String, AlertError> {
        self.insert(rule, None).await
    }

    /// The same for whoever may ask twice: a rule that is there already, with the same id and
    /// content, is as good as new.
    pub(crate) async fn ensure(&self, rule: Value, id: &str) -> Result<String, AlertError> {
        self.insert(rule, Some(id)).await
    }

    async fn insert(&self, mut rule: Value, ensured: Option<&str>) -> Result<String, AlertError> {
        let kept = {
            let mut engine = self.engine();
            if let Some(members) = rule.as_object_mut() {
                let id = || ensured.map_or_else(|| free_id(&engine), str::to_owned);
                members.entry("id").or_insert_with(|| id().into());
            }
            let rule = Rule::read(rule)?;
            self.recipients.check(&rule)?;
            if !self.has_notices && matches!(rule.when, alert_engine::Condition::Order(_)) {
                return Err(AlertError::NoOwner);
            }
            match engine.rule(&rule.id) {
                Some((known, _)) if ensured.is_some() && *known == rule => return Ok(rule.id),
                Some(_) => return Err(AlertError::Taken(rule.id)),
                None if engine.rules().count() >= RULES_MAX => {
                    return Err(AlertError::Full(RULES_MAX));
                }
                None => {}
            }
            engine.insert(rule.clone(), None, now())?;
            self.rules_changed(&engine);
            let (done, kept) = oneshot::channel();
            let id = rule.id.clone();
            self.send(Work::Put(Box::new(rule), done));
            self.keep(&mut engine);
            (id, kept)
        };
        let (id, kept) = kept;
        if let Err(error) = ended(kept).await {
            let mut engine = self.engine();
            engine.remove(&id);
            self.rules_changed(&engine);
            return Err(error.into());
        }
        Ok(id)
    }

    /// Takes a rule from work and forgets it; returns what it was.
    ///
    /// # Errors
    /// When there is none, only the configuration can do it, or it cannot be kept.
    pub(crate) async fn delete(&self, id: &str) -> Result<Rule, AlertError> {
        if self.configured.contains(id) {
            return Err(AlertError::Configured(id.to_owned()));
        }
        let (rule, kept) = {
            let mut engine = self.engine();
            // What it has found before is told.
            self.keep(&mut engine);
            let Some((rule, _)) = engine.remove(id) else {
                return Err(AlertError::Unknown(id.chars().take(64).collect()));
            };
            self.rules_changed(&engine);
            let (done, kept) = oneshot::channel();
            self.send(Work::Remove(id.to_owned(), done));
            (rule, kept)
        };
        ended(kept).await?;
        Ok(rule)
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

    /// Sends changes in the order in which the engine made them: its lock is held.
    fn keep(&self, engine: &mut Engine) {
        let changes = engine.take_changes();
        if !changes.is_empty() {
            self.send(Work::Keep(changes));
        }
    }

    fn send(&self, work: Work) {
        // After the keeper has ended, nothing is received from KIS any more.
        let _ = self.work.send(work);
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

/// The shortest id that is not taken.
fn free_id(engine: &Engine) -> String {
    let mut ids = (1_u32..).map(|it| format!("a{it}"));
    ids.find(|it| engine.rule(it).is_none()).unwrap_or_default()
}

async fn ended(kept: oneshot::Receiver<Result<(), StoreError>>) -> Result<(), StoreError> {
    let interrupted = || StoreError::Interrupted("the server is shutting down".to_owned());
    kept.await.unwrap_or_else(|_| Err(interrupted()))
}

fn now() -> Timestamp {
    Timestamp::from(SystemTime::now())
}

impl From<RuleError> for AlertError {
    fn from(error: RuleError) -> Self {
        Self::Rule(error)
    }
}

impl fmt::Debug for Alerts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Alerts").field("recipients", &self.recipients).finish_non_exhaustive()
    }
}
