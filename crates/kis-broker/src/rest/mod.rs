//! Calls of KIS's REST API, within its limits.
//!
//! Calls wait for their turn: orders before what asks for accounts before quotes. Reads that are
//! identical are sent once and sent again when KIS or the way to it has a fault. An order is sent
//! once; what is not known of it afterwards is said, with the calls that find it out.

mod answer;
mod coalescing;
mod config;
mod error;
mod exchange;
mod lookup;
mod paging;
mod queue;
mod status;
mod trip;
mod window;

use std::{
    fmt,
    hash::{BuildHasher, Hasher, RandomState},
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, SystemTime},
};

use kis_protocol::{
    catalogue::{self, Environment, Prepared},
    rest::Request,
};
use tokio::time::Instant;
use tracing::{Instrument, Span, debug_span};

pub use self::{
    answer::Answer,
    config::{RateLimit, RestConfig},
    error::RestError,
    status::{Outcome, RateStatus, RestStatus, Tally},
};
use self::{
    coalescing::Flights,
    exchange::Exchange,
    queue::{Queue, Turn},
    status::Tallies,
    trip::Trip,
};
use crate::{
    auth::{Http, Tokens},
    backoff::Jitter,
    credentials::Credentials,
};

/// The REST client of one app key in one environment; clones share it and its limits.
///
/// There should be one only, as KIS counts the calls of an app key however many clients it has.
///
/// ```no_run
/// use kis_broker::{Credentials, Environment, Http, Rest, RestConfig, TokenConfig, Tokens};
/// use kis_protocol::catalogue::Environment::Paper;
///
/// # async fn run() -> Result<(), Box<dyn std::error::Error>> {
/// let http = Http::new(&"https://openapivts.koreainvestment.com:29443".parse()?)?;
/// let credentials = Credentials::new("app key", "app secret");
/// let config = TokenConfig::default();
/// let tokens = Tokens::new(http.clone(), Environment::Paper, credentials.clone(), config);
/// let rest = Rest::new(http, Paper, credentials, tokens, RestConfig::new(Paper));
/// let given = [("FID_COND_MRKT_DIV_CODE", "J"), ("FID_INPUT_ISCD", "005930")];
/// let answer = rest.call_by_id("domestic-stock/inquire-price", given).await?;
/// println!("{}", answer.value()?["output"]["stck_prpr"]);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Rest(Arc<Inner>);

/// How urgent a call is. Of those that wait, the most urgent starts first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Priority {
    /// Orders, and what is asked to settle them.
    Order,
    /// What else asks for an account.
    Account,
    /// Quotes and everything else.
    Quote,
}

/// How a call is made.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct CallOptions {
    /// How urgent it is. Default: by what it is, [`Priority::of`].
    pub priority: Option<Priority>,
    /// When the answer is of no more use. A call that cannot start before fails at once, and a
    /// read is given up then. The answer to an order that was sent is waited for all the same.
    /// Default: [`RestConfig::patience`] from now.
    pub deadline: Option<Instant>,
}

struct Inner {
    environment: Environment,
    exchange: Exchange,
    tokens: Tokens,
    config: RestConfig,
    queue: Arc<Queue>,
    flights: Flights,
    turns: AtomicU64,
    coalesced: AtomicU64,
    tallies: Tallies,
    jitter: Mutex<Jitter>,
}

impl Rest {
    /// A client of KIS at `http`. `environment` says whether that is KIS's real trading or its
    /// paper trading, whose `tr_id`s differ.
    #[must_use]
    pub fn new(
        http: Http,
        environment: Environment,
        credentials: Credentials,
        tokens: Tokens,
        config: RestConfig,
    ) -> Self {
        let seed = config.seed.unwrap_or_else(|| RandomState::new().build_hasher().finish());
        Self(Arc::new(Inner {
            environment,
            exchange: Exchange { http, credentials },
            tokens,
            queue: Queue::new(&config),
            config,
            flights: Flights::default(),
            turns: AtomicU64::new(0),
            coalesced: AtomicU64::new(0),
            tallies: Tallies::default(),
            jitter: Mutex::new(Jitter::new(seed)),
        }))
    }

    /// Checks the parameters of the call of a catalogue id, such as
    /// `domestic-stock/inquire-price`; nothing is sent.
    ///
    /// # Errors
    /// [`RestError::Unknown`] and [`RestError::Call`].
    pub fn prepare<N: AsRef<str>, V: Into<String>>(
        &self,
        id: &str,
        given: impl IntoIterator<Item = (N, V)>,
    ) -> Result<Prepared, RestError> {
        let unknown = || RestError::Unknown { id: id.chars().take(100).collect() };
        let tr = catalogue::find(id).ok_or_else(unknown)?;
        Ok(tr.prepare(self.0.environment, given)?)
    }

    /// Makes the call of a catalogue id.
    ///
    /// # Errors
    /// As [`Rest::prepare`] and [`Rest::call`].
    pub async fn call_by_id<N: AsRef<str>, V: Into<String>>(
        &self,
        id: &str,
        given: impl IntoIterator<Item = (N, V)>,
    ) -> Result<Answer, RestError> {
        let call = self.prepare(id, given)?;
        self.call(&call, CallOptions::default()).await
    }

    /// Makes a call when its turn has come. Dropping the future takes a call that waits out of
    /// the queue; an order that was sent goes through.
    ///
    /// # Errors
    /// See [`RestError`]. For an order, every error but [`RestError::Unsettled`] says that it was
    /// not executed.
    pub async fn call(&self, call: &Prepared, options: CallOptions) -> Result<Answer, RestError> {
        self.page(call.clone(), false, options).await
    }

    /// Places an order unless it `is_withdrawn`, which is asked directly before it is sent, when
    /// it has waited for its token and its turn.
    ///
    /// # Errors
    /// As [`Rest::call`], and [`RestError::Withdrawn`].
    pub async fn order_unless(
        &self,
        order: &Prepared,
        options: CallOptions,
        is_withdrawn: impl Fn() -> bool + Send + Sync,
    ) -> Result<Answer, RestError> {
        let (trip, span) = self.trip(order.clone(), false, options)?;
        self.0.clone().order(trip, &is_withdrawn).instrument(span).await
    }

    /// Makes a call with typed parameters and a typed answer.
    ///
    /// # Errors
    /// As [`Rest::call`], and [`RestError::Form`] when the answer to a read is not what it should
    /// be. Of an order KIS answered to in a form of its own, [`RestError::Unsettled`] says so.
    pub async fn request<R: Request>(
        &self,
        request: &R,
        options: CallOptions,
    ) -> Result<R::Response, RestError> {
        let call = request.prepare(self.0.environment)?;
        let sent = SystemTime::now();
        let answer = self.call(&call, options).await?;
        answer.read().map_err(|error| {
            if call.tr.order { self.0.unsettled(&call, error, sent) } else { error }
        })
    }

    /// The calls that show what became of an order sent at `sent`, ready to be made: those that
    /// [`RestError::lookups`] has, for orders that another process has sent.
    #[must_use]
    pub fn lookups(&self, order: &Prepared, sent: SystemTime) -> Vec<Prepared> {
        lookup::lookups(order, self.0.environment, sent)
    }

    /// What has been called so far, and how fast calls may come at present.
    #[must_use]
    pub fn status(&self) -> RestStatus {
        let [gateway, ledger] = self.0.queue.status();
        RestStatus {
            gateway,
            ledger,
            coalesced: self.0.coalesced.load(Ordering::Relaxed),
            calls: self.0.tallies.all(),
        }
    }

    async fn page(
        &self,
        call: Prepared,
        following: bool,
        options: CallOptions,
    ) -> Result<Answer, RestError> {
        let inner = &self.0;
        let (trip, span) = self.trip(call, following, options)?;
        if trip.call.tr.order {
            inner.clone().order(trip, &|| false).instrument(span).await
        } else if following {
            // The same page asked for twice may be two different ones: some calls have nothing
            // but `tr_cont` to say which.
            inner.clone().read(trip).instrument(span).await
        } else {
            inner.clone().read_with_others(trip).instrument(span).await
        }
    }

    fn trip(
        &self,
        call: Prepared,
        following: bool,
        options: CallOptions,
    ) -> Result<(Trip, Span), RestError> {
        let inner = &self.0;
        let tr_id = inner.check(&call)?;
        let priority = options.priority.unwrap_or_else(|| Priority::of(&call));
        let number = inner.turns.fetch_add(1, Ordering::Relaxed);
        let deadline = options.deadline.unwrap_or_else(|| after(inner.config.patience));
        let trip = Trip { call, following, turn: Turn { priority, number }, deadline };
        Ok((trip, debug_span!("rest", tr_id)))
    }
}

impl Priority {
    /// How urgent a call is by what it is.
    #[must_use]
    pub fn of(call: &Prepared) -> Self {
        if call.tr.order {
            Self::Order
        } else if call.tr.uses_account() {
            Self::Account
        } else {
            Self::Quote
        }
    }
}

impl CallOptions {
    /// The answer is wanted within this time.
    #[must_use]
    pub fn within(time: Duration) -> Self {
        Self { deadline: Some(after(time)), ..Self::default() }
    }
}

/// So much later than now; for a time beyond all measure, a time that nobody waits for.
fn after(time: Duration) -> Instant {
    const YEARS: Duration = Duration::from_secs(30 * 365 * 24 * 3600);
    Instant::now() + time.min(YEARS)
}

/// Nothing secret.
impl fmt::Debug for Rest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rest")
            .field("environment", &self.0.environment)
            .field("status", &self.status())
            .finish_non_exhaustive()
    }
}
