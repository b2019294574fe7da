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
mod window;

use std::{
    fmt,
    hash::{BuildHasher, Hasher, RandomState},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, SystemTime},
};

use kis_protocol::{
    catalogue::{self, Environment, Prepared},
    rest::Request,
};
use tokio::{
    sync::oneshot,
    time::{Instant, sleep, timeout_at},
};
use tracing::{Instrument, debug, debug_span, warn};

pub use self::{
    answer::Answer,
    config::{RateLimit, RestConfig},
    error::RestError,
    status::{Outcome, RateStatus, RestStatus, Tally},
};
use self::{
    coalescing::{Flights, Key},
    error::Reason,
    exchange::{Exchange, Sending},
    queue::{Lane, Late, Permit, Queue, Turn},
    status::Tallies,
};
use crate::{
    auth::{Http, Tokens},
    backoff::{Backoff, Jitter},
    credentials::{AccessToken, Credentials},
};

/// The REST client of one app key in one environment; clones share it and its limits.
///
/// There should be one only, as KIS counts the calls of an app key however many clients it has.
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

/// A call on its way: which page of what, when its turn is, and until when.
#[derive(Debug, Clone)]
struct Trip {
    call: Prepared,
    following: bool,
    turn: Turn,
    deadline: Instant,
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
        let tr_id = inner.check(&call)?;
        let priority = options.priority.unwrap_or_else(|| Priority::of(&call));
        let number = inner.turns.fetch_add(1, Ordering::Relaxed);
        let deadline = options.deadline.unwrap_or_else(|| Instant::now() + inner.config.patience);
        let trip = Trip { call, following, turn: Turn { priority, number }, deadline };
        let span = debug_span!("rest", tr_id);
        if trip.call.tr.order {
            inner.clone().order(trip).instrument(span).await
        } else if following {
            // The same page asked for twice may be two different ones: some calls have nothing
            // but `tr_cont` to say which.
            inner.clone().read(trip).instrument(span).await
        } else {
            self.read_with_others(trip).instrument(span).await
        }
    }

    /// Waits for an identical read that is under way, if there is one.
    async fn read_with_others(&self, trip: Trip) -> Result<Answer, RestError> {
        let inner = &self.0;
        loop {
            let key = Key::new(&trip.call, trip.turn.priority);
            let read = inner.clone().read(trip.clone());
            let (flight, joined) = inner.flights.join(key, trip.deadline, read);
            inner.coalesced.fetch_add(u64::from(joined.is_some()), Ordering::Relaxed);
            // The other one may be in more of a hurry, and give up when there is time yet.
            let hurried = joined.is_some_and(|it| it < trip.deadline);
            match timeout_at(trip.deadline, flight).await {
                Ok(Err(error)) if hurried && error.is_retryable() => {}
                Ok(result) => return result,
                Err(_) => return Err(inner.given_up(&trip, "the answer to an identical call")),
            }
        }
    }
}

impl Trip {
    fn lane(&self) -> Lane {
        if self.call.tr.uses_account() { Lane::Ledger } else { Lane::Gateway }
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
        Self { deadline: Some(Instant::now() + time), ..Self::default() }
    }
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

impl Inner {
    /// The `tr_id` of a call that this client can make.
    fn check(&self, call: &Prepared) -> Result<&'static str, RestError> {
        let tr = call.tr.id;
        let tr_id = call.tr_id.ok_or(RestError::Oauth { tr })?;
        let mut offered = call.tr.rules.iter().filter_map(|it| it.tr_id(self.environment));
        if offered.any(|it| it == tr_id) {
            Ok(tr_id)
        } else {
            Err(RestError::Environment { tr, tr_id, environment: self.environment })
        }
    }

    /// Reads, and reads again after a fault.
    async fn read(self: Arc<Self>, trip: Trip) -> Result<Answer, RestError> {
        let mut backoff = Backoff::new(self.config.retry_delays);
        let mut token = self.token(&trip).await?;
        let (mut attempt, mut replaced) = (1, false);
        loop {
            let permit = self.permit(&trip).await?;
            let left = trip.deadline.saturating_duration_since(Instant::now());
            let timeout = self.config.timeout.min(left);
            let error = match self.send(&trip, permit, &token, timeout).await {
                Ok(answer) => return Ok(answer),
                Err(error) => error,
            };
            if error.reason() == Some(Reason::Token) && !replaced {
                replaced = true;
                token = self.replaced(&trip, &token).await?;
                continue;
            }
            let delay = self.jittered(&mut backoff);
            let in_time = Instant::now() + delay < trip.deadline;
            if attempt >= self.config.attempts_max || !error.is_retryable() || !in_time {
                return Err(error);
            }
            debug!(%error, attempt, "calling again");
            attempt += 1;
            sleep(delay).await;
        }
    }

    /// Places an order. Only KIS's refusal of the token, which it looks at before anything else,
    /// makes it be sent a second time.
    async fn order(self: Arc<Self>, trip: Trip) -> Result<Answer, RestError> {
        let token = self.token(&trip).await?;
        let permit = self.permit(&trip).await?;
        match self.send_order(&trip, permit, &token).await {
            Err(error) if error.reason() == Some(Reason::Token) => {
                let token = self.replaced(&trip, &token).await?;
                let permit = self.permit(&trip).await?;
                self.send_order(&trip, permit, &token).await
            }
            result => result,
        }
    }

    /// Sends an order in a task of its own, so that a caller who leaves does not break it off.
    async fn send_order(
        self: &Arc<Self>,
        trip: &Trip,
        permit: Permit,
        token: &AccessToken,
    ) -> Result<Answer, RestError> {
        let (done, result) = oneshot::channel();
        let (inner, trip, token) = (self.clone(), trip.clone(), token.clone());
        let (call, sent) = (trip.call.clone(), SystemTime::now());
        let task = async move {
            let result = inner.send(&trip, permit, &token, inner.config.timeout).await;
            if let Err(result) = done.send(result) {
                let outcome = Outcome::of(&result).as_str();
                warn!(outcome, "nobody waited for the answer to an order");
            }
        };
        tokio::spawn(task.in_current_span());
        let result = result.await.unwrap_or(Err(RestError::Interrupted { tr: call.tr.id }));
        result.map_err(
            |error| {
                if error.is_doubt() { self.unsettled(&call, error, sent) } else { error }
            },
        )
    }

    fn unsettled(&self, order: &Prepared, known: RestError, sent: SystemTime) -> RestError {
        let lookups = lookup::lookups(order, self.environment, sent);
        RestError::Unsettled { tr: order.tr.id, source: Arc::new(known), lookups }
    }

    /// Sends a call once, and draws from its answer what concerns the limits and the counters.
    async fn send(
        &self,
        trip: &Trip,
        permit: Permit,
        token: &AccessToken,
        timeout: Duration,
    ) -> Result<Answer, RestError> {
        let start = Instant::now();
        let sending = Sending { call: &trip.call, following: trip.following, token, timeout };
        let result = self.exchange.send(sending).await;
        match result.as_ref().err().and_then(RestError::reason) {
            Some(Reason::Gateway) => self.queue.refused(Lane::Gateway),
            Some(Reason::Ledger) => self.queue.refused(Lane::Ledger),
            _ => {}
        }
        drop(permit);
        self.tally(trip, Outcome::of(&result), start.elapsed());
        result
    }

    /// Waits until the limits let the call pass.
    async fn permit(&self, trip: &Trip) -> Result<Permit, RestError> {
        let permit = self.queue.acquire(trip.turn, trip.lane(), trip.deadline).await;
        permit.map_err(|late| self.late(trip, late))
    }

    fn late(&self, trip: &Trip, Late { ahead, per_second }: Late) -> RestError {
        self.tally(trip, Outcome::Late, Duration::ZERO);
        RestError::Late { tr: trip.call.tr.id, ahead, per_second }
    }

    fn given_up(&self, trip: &Trip, waited_for: &'static str) -> RestError {
        self.tally(trip, Outcome::Late, Duration::ZERO);
        RestError::GivenUp { tr: trip.call.tr.id, waited_for }
    }

    async fn token(&self, trip: &Trip) -> Result<AccessToken, RestError> {
        self.within(trip, self.tokens.get()).await
    }

    async fn replaced(&self, trip: &Trip, refused: &AccessToken) -> Result<AccessToken, RestError> {
        self.within(trip, self.tokens.replace(refused)).await
    }

    async fn within(
        &self,
        trip: &Trip,
        token: impl Future<Output = Result<AccessToken, crate::AuthError>>,
    ) -> Result<AccessToken, RestError> {
        let tr = trip.call.tr.id;
        match timeout_at(trip.deadline, token).await {
            Ok(token) => token.map_err(|source| RestError::Token { tr, source }),
            Err(_) => Err(self.given_up(trip, "an access token")),
        }
    }

    fn jittered(&self, backoff: &mut Backoff) -> Duration {
        let mut jitter = self.jitter.lock().unwrap_or_else(PoisonError::into_inner);
        backoff.next(&mut jitter)
    }

    fn tally(&self, trip: &Trip, outcome: Outcome, time: Duration) {
        if let Some(tr_id) = trip.call.tr_id {
            self.tallies.add(tr_id, outcome, time);
        }
        debug!(outcome = outcome.as_str(), ?time, "called");
    }
}
