//! Orders: placed, amended and withdrawn for clients, within limits, and each at most once.
//!
//! An order is written down before it is sent. Whoever repeats it under the same
//! `Idempotency-Key` gets what became of the first one, after a restart as well. What KIS did
//! not answer is looked up, and never sent again.

mod amount;
mod audit;
mod book;
mod call;
mod clock;
mod draft;
mod figures;
mod gate;
mod journal;
mod kill;
mod list;
mod listed;
mod lookup;
mod openapi;
mod price;
mod pricing;
mod record;
mod reply;
mod request;
mod routes;
mod send;

use std::{
    fmt, io,
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use axum::http::StatusCode;
use kis_broker::Rest;
use kis_protocol::{
    catalogue::{Environment, Personal},
    rest::Account,
};
use relay_core::Hub;
use tracing::{error, info, warn};

pub use self::amount::AmountLimitError;
use self::{
    audit::{Audit, Entry},
    book::Book,
    call::Accounts,
    figures::Ends,
    gate::Gate,
    kill::KillSwitch,
    lookup::look_up,
    record::{Outcome, Record},
};
pub(crate) use self::{openapi::document, routes::router};
use crate::{
    config::{Config, OPEN_ORDERS, REAL_ORDERS},
    problem::Problem,
    wire::Wire,
};

/// How many pages of KIS' lists are read at most.
const PAGES_MAX: usize = 20;

/// The orders of one account.
pub struct Orders {
    rest: Rest,
    environment: Environment,
    accounts: Accounts,
    hub: Hub<Wire>,
    simulated: bool,
    /// Whether clients without a key may order.
    open: bool,
    dry_run: bool,
    patience: Duration,
    lookup_interval: Duration,
    gate: Gate,
    kill: KillSwitch,
    audit: Audit,
    ends: Ends,
    book: Mutex<Book>,
}

/// Orders that would not be safe, or cannot be.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OrdersError {
    /// It would be real money, and nobody has said so.
    #[error(
        "orders would go to real trading: use KIS_ENV=paper, or say ORDERS__REAL=yes-with-real-money"
    )]
    RealMoney,
    /// Not the words that were to be said.
    #[error("{setting} must be {words} or nothing, not {text:?}")]
    Words {
        /// The setting.
        setting: &'static str,
        /// What it must say.
        words: &'static str,
        /// What it says.
        text: String,
    },
    /// Everybody on the network could order.
    #[error(
        "ORDERS__ALLOW_OPEN is for loopback only; make a key with `ai-trade-server key new --scope trade`"
    )]
    Open,
    /// There is no account to order for.
    #[error("orders need the account: set ACC_NO to its ten digits, as in 12345678-01")]
    NoAccount,
    /// The account is not an account number. It is not repeated here.
    #[error("{0} must be the ten digits of an account, as in 12345678-01")]
    Account(&'static str),
    /// A market that there is not.
    #[error("ORDERS__MARKETS takes stock, derivatives and overseas, not {0:?}")]
    Market(String),
    /// A limit is written wrongly.
    #[error(transparent)]
    Limit(#[from] AmountLimitError),
    /// The system does not let us.
    #[error("{path} cannot be used: {error}; choose another folder with ORDERS__FOLDER")]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system says.
        error: io::Error,
    },
    /// Another server writes it.
    #[error("{0} is in use by another server; give each its own ORDERS__FOLDER")]
    InUse(PathBuf),
    /// It holds something else.
    #[error(
        "line {line} of {path} is damaged: mend it, or move the file away, which forgets every Idempotency-Key"
    )]
    Damaged {
        /// The file.
        path: PathBuf,
        /// Which line, from 1.
        line: usize,
    },
}

impl Orders {
    /// What `config` asks for; nothing when orders are off. Orders whose outcome is open are
    /// looked up from now on.
    ///
    /// # Errors
    /// When orders would not be safe, or their files cannot be used.
    pub fn open(
        config: &Config,
        rest: Rest,
        environment: Environment,
        hub: Hub<Wire>,
        simulated: bool,
    ) -> Result<Option<Arc<Self>>, OrdersError> {
        let settings = &config.orders;
        if !settings.enabled {
            return Ok(None);
        }
        let (accounts, gate) = check(config, environment, simulated)?;
        // Numbers of one system mean nothing in the other; the kill switch stops both.
        let folder = settings.folder.join(config.kis.env.trim().to_ascii_lowercase());
        let orders = Arc::new(Self {
            rest,
            environment,
            accounts,
            hub,
            simulated,
            open: settings.allow_open == OPEN_ORDERS,
            dry_run: settings.dry_run,
            patience: settings.patience(),
            lookup_interval: settings.lookup_interval(),
            gate,
            kill: KillSwitch::new(&settings.folder, settings.kill),
            book: Mutex::new(Book::open(&folder, settings.keep_days)?),
            audit: Audit::open(&folder)?,
            ends: Ends::default(),
        });
        let (dry_run, killed) = (orders.dry_run, orders.kill.is_on());
        match orders.is_real() {
            true => warn!(dry_run, killed, "orders are on, and go to real trading"),
            false => info!(dry_run, killed, "orders are on"),
        }
        orders.resume();
        Ok(Some(orders))
    }

    /// Whether orders would be safe; as they are, when they are off.
    ///
    /// # Errors
    /// See [`OrdersError`].
    pub fn check(
        config: &Config,
        environment: Environment,
        simulated: bool,
    ) -> Result<(), OrdersError> {
        if !config.orders.enabled {
            return Ok(());
        }
        check(config, environment, simulated).map(drop)
    }

    /// Whether it is real money.
    fn is_real(&self) -> bool {
        self.environment == Environment::Real && !self.simulated
    }

    /// Looks up what the last process left open.
    fn resume(self: &Arc<Self>) {
        let open: Vec<Record> =
            self.book().records().filter(|it| it.is_open_question()).cloned().collect();
        for mut record in open {
            if record.outcome == Outcome::Sending {
                let why = "the server ended before the answer came".to_owned();
                let outcome = Outcome::Unknown { why, candidates: Vec::new() };
                let Some(settled) = self.book().settle(&record.id, outcome) else { continue };
                record = settled;
            }
            tokio::spawn(look_up(Arc::clone(self), record));
        }
    }

    fn get(&self, id: &str) -> Result<Record, Problem> {
        let found = self.book().get(id).cloned();
        found.ok_or_else(|| {
            let detail = format!("there is no order {:?} here", shortened(id));
            Problem::new(StatusCode::NOT_FOUND, detail).code("no_such_order")
        })
    }

    /// Adds a line to the audit log, when nothing depends on it any more.
    fn audit(&self, entry: &Entry<'_>) {
        if let Err(error) = self.audit.write(entry) {
            error!(%error, "the audit log of orders cannot be written");
        }
    }

    fn book(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Orders {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Orders").field("accounts", &self.accounts).finish_non_exhaustive()
    }
}

/// Adds the figures of orders to what `/metrics` shows.
pub(crate) fn show_figures(orders: &Arc<Orders>, sources: &crate::metrics::Sources) {
    let orders = Arc::clone(orders);
    sources.add(Box::new(move |out| figures::collect(&orders, out)));
}

/// Whether orders are safe, whose they are, and how many there may be.
fn check(
    config: &Config,
    environment: Environment,
    simulated: bool,
) -> Result<(Accounts, Gate), OrdersError> {
    let settings = &config.orders;
    let words = |setting, text: &String, words| match text.is_empty() || text == words {
        true => Ok(()),
        false => Err(OrdersError::Words { setting, words, text: text.clone() }),
    };
    words("ORDERS__REAL", &settings.real, REAL_ORDERS)?;
    words("ORDERS__ALLOW_OPEN", &settings.allow_open, OPEN_ORDERS)?;
    // Another host may pass orders on to KIS, so it counts by what it is sent.
    if environment == Environment::Real && !simulated && settings.real.is_empty() {
        return Err(OrdersError::RealMoney);
    }
    if !settings.allow_open.is_empty() && !config.listen.ip().is_loopback() {
        return Err(OrdersError::Open);
    }
    let known = ["stock", "derivatives", "overseas"];
    if let Some(market) = settings.markets.iter().find(|it| !known.contains(&it.as_str())) {
        return Err(OrdersError::Market(market.clone()));
    }
    let account = config.account().map_err(|_| OrdersError::Account("ACC_NO"))?;
    let of = |personal| account.of(personal).ok_or(OrdersError::NoAccount);
    let (number, product) = (of(Personal::AccountNumber)?, of(Personal::AccountProduct)?);
    let stock: Account =
        format!("{number}-{product}").parse().map_err(|_| OrdersError::Account("ACC_NO"))?;
    let derivatives = match settings.derivatives_account.get() {
        Some(account) => account.parse(),
        None => format!("{number}-03").parse(),
    };
    let derivatives =
        derivatives.map_err(|_| OrdersError::Account("ORDERS__DERIVATIVES_ACCOUNT"))?;
    Ok((Accounts { stock, derivatives }, Gate::new(settings)?))
}

/// A client's text, fit for a message.
fn shortened(text: &str) -> String {
    text.chars().take(64).collect()
}
