//! One of KIS's rate limits, kept on our side: who may call next, and when.
//!
//! KIS counts a call at a moment that we do not know: after it was sent and before its answer
//! came. So a call keeps its place among those of a second until a second after its answer. No
//! whim of the network can then bring more calls into a second than KIS allows, and a KIS that
//! answers slowly is called less. Within that, calls are spread evenly, as KIS advises.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::{
    sync::Notify,
    time::{Instant, timeout_at},
};
use tracing::warn;

use super::{config::RateLimit, status::RateStatus};

/// How far calls may get ahead of their even spread: two at once at 18 a second. It also makes
/// up for timers, which are late by a millisecond.
const SLACK: Duration = Duration::from_millis(100);
/// After this time on the way KIS has surely counted a call, even if its answer takes longer.
const TRAVEL_MAX: Duration = Duration::from_secs(1);
/// By what the rate is divided after a refusal, and at most in all.
const SLOWDOWN: f64 = 1.25;
const SLOWDOWN_MAX: f64 = 8.0;
/// By what it is multiplied when there was none for a while.
const RECOVERY: f64 = 1.1;

/// A call's turn: its priority, then the order of arrival.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Turn {
    pub(super) priority: super::Priority,
    pub(super) number: u64,
}

/// The limit and who waits for it.
#[derive(Debug)]
pub(super) struct Limiter {
    name: &'static str,
    limit: RateLimit,
    recovery: Duration,
    state: Mutex<State>,
}

/// The turn does not come before the deadline.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Late {
    /// How many more urgent calls wait.
    pub(super) ahead: usize,
}

#[derive(Debug)]
struct State {
    waiting: BTreeMap<Turn, Arc<Notify>>,
    /// The places that are taken, and when each becomes free.
    places: Vec<(u64, Instant)>,
    last_place: u64,
    /// When the next call is due, were calls spread evenly.
    due: Instant,
    /// How many times slower than the limit we are.
    slowdown: f64,
    /// When that changed last.
    changed: Instant,
}

/// The right to send one call. Dropped unsent, it is as if it had never been; dropped later, it
/// says that the answer has come, or that nobody waits for it any more.
#[derive(Debug)]
pub(super) struct Permit {
    limiter: Arc<Limiter>,
    place: u64,
    sent: bool,
}

/// A place in the queue, left when dropped.
struct Waiting<'a> {
    limiter: &'a Arc<Limiter>,
    turn: Turn,
    woken: Arc<Notify>,
}

impl Limiter {
    pub(super) fn new(name: &'static str, limit: RateLimit, recovery: Duration) -> Arc<Self> {
        let limit = RateLimit { calls: limit.calls.max(1), ..limit };
        let now = Instant::now();
        let state = State {
            waiting: BTreeMap::new(),
            places: Vec::new(),
            last_place: 0,
            due: now,
            slowdown: 1.0,
            changed: now,
        };
        Arc::new(Self { name, limit, recovery, state: Mutex::new(state) })
    }

    /// Waits for the turn, up to the deadline; fails at once when it cannot come before.
    pub(super) async fn acquire(
        self: &Arc<Self>,
        turn: Turn,
        deadline: Instant,
    ) -> Result<Permit, Late> {
        let waiting = self.enter(turn, deadline)?;
        loop {
            let wake = match waiting.start() {
                Ok(permit) => return Ok(permit),
                Err(wake) => wake,
            };
            if Instant::now() >= deadline {
                return Err(Late { ahead: waiting.ahead() });
            }
            // Either is fine: that the time has come, or that somebody has left.
            let _ =
                timeout_at(wake.map_or(deadline, |it| it.min(deadline)), waiting.woken.notified())
                    .await;
        }
    }

    /// KIS has refused a call for this limit.
    pub(super) fn refused(&self) {
        let now = Instant::now();
        let mut state = self.lock();
        // Calls that were under way together are refused together; that is one refusal.
        let same = state.slowdown > 1.0 && now < state.changed + self.limit.per;
        if same {
            return;
        }
        state.slowdown = (state.slowdown * SLOWDOWN).min(SLOWDOWN_MAX);
        state.changed = now;
        let per_second = self.rate(state.slowdown);
        warn!(limit = self.name, per_second, "too many calls for KIS, slowing down");
    }

    pub(super) fn status(&self) -> RateStatus {
        let mut state = self.lock();
        self.recover(&mut state, Instant::now());
        RateStatus {
            limit: self.rate(1.0),
            current: self.rate(state.slowdown),
            waiting: state.waiting.len(),
        }
    }

    fn enter(self: &Arc<Self>, turn: Turn, deadline: Instant) -> Result<Waiting<'_>, Late> {
        let now = Instant::now();
        let mut state = self.lock();
        self.recover(&mut state, now);
        let ahead = state.waiting.range(..turn).count();
        let spread = self.spread(&state).mul_f64(ahead as f64);
        // Places may make it later still, but not earlier.
        let earliest = earlier(state.due + spread, SLACK).max(now);
        if earliest > deadline {
            return Err(Late { ahead });
        }
        let woken = Arc::new(Notify::new());
        state.waiting.insert(turn, woken.clone());
        Ok(Waiting { limiter: self, turn, woken })
    }

    /// The time between two calls.
    fn spread(&self, state: &State) -> Duration {
        (self.limit.per / self.limit.calls).mul_f64(state.slowdown)
    }

    fn rate(&self, slowdown: f64) -> f64 {
        f64::from(self.limit.calls) / self.limit.per.as_secs_f64() / slowdown
    }

    fn recover(&self, state: &mut State, now: Instant) {
        while state.slowdown > 1.0 && now >= state.changed + self.recovery {
            state.slowdown = (state.slowdown / RECOVERY).max(1.0);
            state.changed += self.recovery;
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Nothing panics while holding the lock, and if it did the state would still be whole.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Lets the most urgent one look again.
    fn wake(&self) {
        if let Some((_, woken)) = self.waiting.first_key_value() {
            woken.notify_one();
        }
    }
}

impl Waiting<'_> {
    /// Takes a place, if it is this one's turn. Otherwise says when to try again, unless
    /// somebody else has to go first.
    fn start(&self) -> Result<Permit, Option<Instant>> {
        let now = Instant::now();
        let mut state = self.limiter.lock();
        if state.waiting.first_key_value().is_some_and(|(first, _)| *first != self.turn) {
            return Err(None);
        }
        self.limiter.recover(&mut state, now);
        state.places.retain(|(_, free)| *free > now);
        let full = state.places.len() >= self.limiter.limit.calls as usize;
        let free = state.places.iter().map(|(_, free)| *free).min().filter(|_| full);
        let at = free.unwrap_or(now).max(earlier(state.due, SLACK));
        if at > now {
            return Err(Some(at));
        }
        state.due = state.due.max(now) + self.limiter.spread(&state);
        state.last_place += 1;
        let place = state.last_place;
        state.places.push((place, now + TRAVEL_MAX + self.limiter.limit.per));
        Ok(Permit { limiter: self.limiter.clone(), place, sent: false })
    }

    fn ahead(&self) -> usize {
        self.limiter.lock().waiting.range(..self.turn).count()
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        let mut state = self.limiter.lock();
        state.waiting.remove(&self.turn);
        state.wake();
    }
}

impl Permit {
    /// The call is being sent now.
    pub(super) fn send(&mut self) {
        self.sent = true;
        self.free_at(Instant::now() + TRAVEL_MAX + self.limiter.limit.per);
    }

    /// KIS has refused the call for this limit.
    pub(super) fn refused(&self) {
        self.limiter.refused();
    }

    fn free_at(&self, at: Instant) {
        let mut state = self.limiter.lock();
        if let Some((_, free)) = state.places.iter_mut().find(|(place, _)| *place == self.place) {
            *free = at;
        }
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        let now = Instant::now();
        let mut state = self.limiter.lock();
        let place = state.places.iter().position(|(place, _)| *place == self.place);
        if let Some(place) = place {
            if self.sent {
                let (_, free) = &mut state.places[place];
                *free = (*free).min(now + self.limiter.limit.per);
            } else {
                state.places.swap_remove(place);
                state.due = earlier(state.due, self.limiter.spread(&state));
            }
        }
        state.wake();
    }
}

fn earlier(at: Instant, by: Duration) -> Instant {
    // An instant before the clock began is as good as that beginning.
    at.checked_sub(by).unwrap_or(at)
}

#[cfg(test)]
mod tests {
    use super::{super::Priority, *};

    const MILLI: Duration = Duration::from_millis(1);
    const RECOVERY: Duration = Duration::from_secs(30);

    fn limiter(calls: u32) -> Arc<Limiter> {
        Limiter::new("test", RateLimit::per_second(calls), RECOVERY)
    }

    fn turn(priority: Priority, number: u64) -> Turn {
        Turn { priority, number }
    }

    fn far() -> Instant {
        Instant::now() + Duration::from_secs(3600)
    }

    /// The moments at which calls, made all at once, are sent, each answered `latency` later.
    async fn sent(
        limiter: &Arc<Limiter>,
        calls: u64,
        latency: fn(u64) -> Duration,
    ) -> Vec<Duration> {
        let start = Instant::now();
        let tasks: Vec<_> = (0..calls)
            .map(|number| {
                let limiter = limiter.clone();
                tokio::spawn(async move {
                    let turn = turn(Priority::Quote, number);
                    let mut permit = limiter.acquire(turn, far()).await.unwrap();
                    permit.send();
                    let sent = start.elapsed();
                    tokio::time::sleep(latency(number)).await;
                    sent
                })
            })
            .collect();
        let mut moments = Vec::new();
        for task in tasks {
            moments.push(task.await.unwrap());
        }
        moments
    }

    /// How many calls KIS counts within any second, if it counts each at the worst moment
    /// between its being sent and its answer.
    fn most(moments: &[Duration], latency: fn(u64) -> Duration) -> usize {
        let ends = (0..).zip(moments).map(|(number, sent)| *sent + latency(number));
        let within = |end: Duration| {
            let second = end..end + Duration::from_secs(1);
            // Those that came late into the second, and those that were counted on arrival.
            let early = (0..).zip(moments).filter(|(number, sent)| {
                **sent < second.end && **sent + latency(*number) >= second.start
            });
            early.count()
        };
        ends.map(within).max().unwrap_or_default()
    }

    #[tokio::test(start_paused = true)]
    async fn reaches_the_limit_and_never_more() {
        for (calls, total) in [(18, 1000), (200, 2000), (1, 20)] {
            let moments = sent(&limiter(calls), total, |_| 2 * MILLI).await;
            assert!(most(&moments, |_| 2 * MILLI) <= calls as usize);
            let rate = (total - 1) as f64 / moments.last().unwrap().as_secs_f64();
            assert!(rate >= 0.95 * f64::from(calls), "{rate} of {calls}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn no_delay_brings_more_into_a_second() {
        // Some calls dawdle for most of a second before they are counted.
        let latency = |number| MILLI * (1 + (number * 7919 % 900) as u32);
        let moments = sent(&limiter(18), 300, latency).await;
        assert!(most(&moments, latency) <= 18);
    }

    #[tokio::test(start_paused = true)]
    async fn the_more_urgent_go_first() {
        let limiter = limiter(1);
        let order = Arc::new(Mutex::new(Vec::new()));
        let mut tasks = Vec::new();
        let turns = [Priority::Quote, Priority::Account, Priority::Quote, Priority::Order];
        for (number, priority) in (0..).zip(turns) {
            let (limiter, order) = (limiter.clone(), order.clone());
            tasks.push(tokio::spawn(async move {
                let permit = limiter.acquire(turn(priority, number), far()).await.unwrap();
                order.lock().unwrap().push(number);
                drop(permit);
            }));
        }
        for task in tasks {
            task.await.unwrap();
        }
        // Nobody waited when the first came.
        assert_eq!(*order.lock().unwrap(), [0, 3, 1, 2]);
    }

    #[tokio::test(start_paused = true)]
    async fn what_cannot_start_in_time_fails_at_once_and_costs_nothing() {
        let limiter = limiter(1);
        let mut first = limiter.acquire(turn(Priority::Quote, 0), far()).await.unwrap();
        first.send();
        let start = Instant::now();
        let soon = start + 500 * MILLI;
        let late = limiter.acquire(turn(Priority::Quote, 1), soon).await;
        assert_eq!(late.unwrap_err(), Late { ahead: 0 });
        assert_eq!(Instant::now(), start, "nobody waited");

        drop(first);
        let second = limiter.acquire(turn(Priority::Quote, 2), far()).await.unwrap();
        assert_eq!(start.elapsed(), Duration::from_secs(1));
        // It is not sent, so the next one has its place at once.
        drop(second);
        let third = limiter.acquire(turn(Priority::Quote, 3), far()).await.unwrap();
        assert_eq!(start.elapsed(), Duration::from_secs(1));

        let waiting = limiter.acquire(turn(Priority::Quote, 4), far());
        assert!(tokio::time::timeout(MILLI, waiting).await.is_err());
        assert_eq!(limiter.status().waiting, 0, "who leaves is gone");
        drop(third);
    }

    #[tokio::test(start_paused = true)]
    async fn slows_down_when_refused_and_recovers() {
        let limiter = limiter(10);
        let current = || (limiter.status().current * 100.0).round() / 100.0;
        assert_eq!(current(), 10.0);
        limiter.refused();
        limiter.refused();
        assert_eq!(current(), 8.0, "two at once are one");
        tokio::time::sleep(Duration::from_secs(1)).await;
        limiter.refused();
        assert_eq!(current(), 6.4);
        tokio::time::sleep(RECOVERY).await;
        assert_eq!(current(), 7.04);
        tokio::time::sleep(3 * RECOVERY).await;
        assert_eq!(current(), 9.37);
        tokio::time::sleep(RECOVERY).await;
        assert_eq!(current(), 10.0);
        for _ in 0..50 {
            limiter.refused();
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
        assert_eq!(current(), 1.25, "never slower than an eighth");
    }
}
