//! The way of one call: token, turn, sending, and sending again or not.

use std::{
    sync::{Arc, PoisonError, atomic::Ordering},
    time::{Duration, SystemTime},
};

use kis_protocol::catalogue::Prepared;
use tokio::{
    sync::oneshot,
    time::{Instant, sleep, timeout_at},
};
use tracing::{Instrument, debug, warn};

use super::{
    Answer, Inner, Outcome, RestError,
    coalescing::Key,
    error::Reason,
    exchange::Sending,
    lookup,
    queue::{Lane, Late, Permit, Turn},
};
use crate::{auth::AuthError, backoff::Backoff, credentials::AccessToken};

/// A call on its way: which page of what, when its turn is, and until when.
#[derive(Debug, Clone)]
pub(super) struct Trip {
    pub(super) call: Prepared,
    pub(super) following: bool,
    pub(super) turn: Turn,
    pub(super) deadline: Instant,
}

impl Trip {
    fn lane(&self) -> Lane {
        if self.call.tr.uses_account() { Lane::Ledger } else { Lane::Gateway }
    }
}

impl Inner {
    /// The `tr_id` of a call that this client can make.
    pub(super) fn check(&self, call: &Prepared) -> Result<&'static str, RestError> {
        let tr = call.tr.id;
        let tr_id = call.tr_id.ok_or(RestError::Oauth { tr })?;
        let mut offered = call.tr.rules.iter().filter_map(|it| it.tr_id(self.environment));
        if offered.any(|it| it == tr_id) {
            Ok(tr_id)
        } else {
            Err(RestError::Environment { tr, tr_id, environment: self.environment })
        }
    }

    /// Waits for an identical read that is under way, if there is one.
    pub(super) async fn read_with_others(self: Arc<Self>, trip: Trip) -> Result<Answer, RestError> {
        loop {
            let key = Key::new(&trip.call, trip.turn.priority);
            let read = self.clone().read(trip.clone());
            let (flight, joined) = self.flights.join(key, trip.deadline, read);
            self.coalesced.fetch_add(u64::from(joined.is_some()), Ordering::Relaxed);
            // The other one may be in more of a hurry, and give up when there is time yet.
            let hurried = joined.is_some_and(|it| it < trip.deadline);
            match timeout_at(trip.deadline, flight).await {
                Ok(Err(error)) if hurried && error.is_retryable() => {}
                Ok(result) => return result,
                Err(_) => return Err(self.given_up(&trip, "the answer to an identical call")),
            }
        }
    }

    /// Reads, and reads again after a fault.
    pub(super) async fn read(self: Arc<Self>, trip: Trip) -> Result<Answer, RestError> {
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
            // A call that came too soon has not been tried: we are slower from now on.
            let limited = matches!(error.reason(), Some(Reason::Gateway | Reason::Ledger));
            let delay = self.jittered(&mut backoff);
            let in_time = Instant::now() + delay < trip.deadline;
            let again = limited || (error.is_retryable() && attempt < self.config.attempts_max);
            if !again || !in_time {
                return Err(error);
            }
            debug!(%error, attempt, "calling again");
            attempt += u32::from(!limited);
            sleep(delay).await;
        }
    }

    /// Places an order. Only KIS's refusal of the token, which it looks at before anything else,
    /// makes it be sent a second time.
    pub(super) async fn order(
        self: Arc<Self>,
        trip: Trip,
        is_withdrawn: &(dyn Fn() -> bool + Send + Sync),
    ) -> Result<Answer, RestError> {
        let mut token = self.token(&trip).await?;
        let mut replaced = false;
        loop {
            let permit = self.permit(&trip).await?;
            if is_withdrawn() {
                return Err(RestError::Withdrawn { tr: trip.call.tr.id });
            }
            match self.send_order(&trip, permit, &token).await {
                Err(error) if error.reason() == Some(Reason::Token) && !replaced => {
                    replaced = true;
                    token = self.replaced(&trip, &token).await?;
                }
                result => return result,
            }
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

    pub(super) fn unsettled(
        &self,
        order: &Prepared,
        known: RestError,
        sent: SystemTime,
    ) -> RestError {
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
        token: impl Future<Output = Result<AccessToken, AuthError>>,
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
