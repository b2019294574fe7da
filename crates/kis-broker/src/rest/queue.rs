//! Who calls next: the most urgent of those whom the rate limits let pass.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::{
    sync::Notify,
    time::{Instant, timeout_at},
};

use super::{Priority, RateStatus, RestConfig, window::Window};

/// A call's turn: its priority, then the order of arrival.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Turn {
    pub(super) priority: Priority,
    pub(super) number: u64,
}

/// What limits a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lane {
    /// The gateway, and behind it the ledger: calls on accounts.
    Ledger,
    /// The gateway alone.
    Gateway,
}

/// The calls that wait, and the limits they wait for.
#[derive(Debug)]
pub(super) struct Queue(Mutex<State>);

/// A turn does not come before its deadline.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Late {
    /// How many more urgent calls wait.
    pub(super) ahead: usize,
    /// How many a second start at present.
    pub(super) per_second: f64,
}

#[derive(Debug)]
struct State {
    gateway: Window,
    ledger: Window,
    /// Those who wait for the ledger, and those who do not.
    on_accounts: BTreeMap<Turn, Arc<Notify>>,
    others: BTreeMap<Turn, Arc<Notify>>,
    last_place: u64,
}

/// A call that is under way; dropped when its answer has come or is not waited for any more.
#[derive(Debug)]
pub(super) struct Permit {
    queue: Arc<Queue>,
    place: u64,
}

/// A place in the queue, left when dropped.
struct Waiting<'a> {
    queue: &'a Arc<Queue>,
    turn: Turn,
    lane: Lane,
    woken: Arc<Notify>,
}

impl Queue {
    pub(super) fn new(config: &RestConfig) -> Arc<Self> {
        Arc::new(Self(Mutex::new(State {
            gateway: Window::new("gateway", config.gateway, config.recovery),
            ledger: Window::new("ledger", config.ledger, config.recovery),
            on_accounts: BTreeMap::new(),
            others: BTreeMap::new(),
            last_place: 0,
        })))
    }

    /// Waits for the turn, up to the deadline; fails at once when it cannot come before.
    pub(super) async fn acquire(
        self: &Arc<Self>,
        turn: Turn,
        lane: Lane,
        deadline: Instant,
    ) -> Result<Permit, Late> {
        let waiting = self.enter(turn, lane, deadline)?;
        loop {
            let wake = match waiting.start() {
                Ok(permit) => return Ok(permit),
                Err(wake) => wake,
            };
            if Instant::now() >= deadline {
                return Err(self.lock().late(turn, lane));
            }
            let wake = wake.map_or(deadline, |it| it.min(deadline));
            // Either is fine: that the time has come, or that somebody has left.
            let _ = timeout_at(wake, waiting.woken.notified()).await;
        }
    }

    /// KIS has refused a call for the limit of a lane.
    pub(super) fn refused(&self, lane: Lane) {
        let mut state = self.lock();
        match lane {
            Lane::Gateway => state.gateway.refused(Instant::now()),
            Lane::Ledger => state.ledger.refused(Instant::now()),
        }
    }

    /// The limits of the gateway and of the ledger, and how many wait for each.
    pub(super) fn status(&self) -> [RateStatus; 2] {
        let (now, mut state) = (Instant::now(), self.lock());
        let on_accounts = state.on_accounts.len();
        let all = on_accounts + state.others.len();
        [state.gateway.status(now, all), state.ledger.status(now, on_accounts)]
    }

    fn enter(
        self: &Arc<Self>,
        turn: Turn,
        lane: Lane,
        deadline: Instant,
    ) -> Result<Waiting<'_>, Late> {
        let now = Instant::now();
        let mut state = self.lock();
        let mut earliest = now.max(state.gateway.earliest(0));
        if lane == Lane::Ledger {
            earliest = earliest.max(state.ledger.earliest(state.on_accounts.range(..turn).count()));
        } else {
            earliest = earliest.max(state.gateway.earliest(state.others.range(..turn).count()));
        }
        // That others leave the queue could make it earlier; nobody should count on that.
        if earliest > deadline {
            return Err(state.late(turn, lane));
        }
        let woken = Arc::new(Notify::new());
        state.lane(lane).insert(turn, woken.clone());
        Ok(Waiting { queue: self, turn, lane, woken })
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Nothing panics while holding the lock, and if it did the state would still be whole.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn lane(&mut self, lane: Lane) -> &mut BTreeMap<Turn, Arc<Notify>> {
        match lane {
            Lane::Ledger => &mut self.on_accounts,
            Lane::Gateway => &mut self.others,
        }
    }

    /// Whether it is this one's turn, and from when on it may start; `None` when somebody else
    /// has to go first.
    fn ready(&mut self, turn: Turn, lane: Lane, now: Instant) -> Option<Instant> {
        let first = |lane: &BTreeMap<Turn, _>| lane.first_key_value().map(|(turn, _)| *turn);
        if first(self.lane(lane)) != Some(turn) {
            return None;
        }
        let (gateway, ledger) = (self.gateway.ready(now), self.ledger.ready(now));
        let before = |other: Option<Turn>| other.is_some_and(|it| it < turn);
        match lane {
            Lane::Ledger if before(first(&self.others)) => None,
            Lane::Ledger => Some(gateway.max(ledger)),
            // Who waits for the ledger holds nobody up who does not.
            Lane::Gateway if before(first(&self.on_accounts)) && ledger <= gateway.max(now) => None,
            Lane::Gateway => Some(gateway),
        }
    }

    fn late(&mut self, turn: Turn, lane: Lane) -> Late {
        let on_accounts = self.on_accounts.range(..turn).count();
        let now = Instant::now();
        match lane {
            Lane::Ledger => {
                Late { ahead: on_accounts, per_second: self.ledger.status(now, 0).current }
            }
            Lane::Gateway => Late {
                ahead: on_accounts + self.others.range(..turn).count(),
                per_second: self.gateway.status(now, 0).current,
            },
        }
    }

    /// Lets those look again whose turn it may be.
    fn wake(&self) {
        for lane in [&self.on_accounts, &self.others] {
            if let Some((_, woken)) = lane.first_key_value() {
                woken.notify_one();
            }
        }
    }
}

impl Waiting<'_> {
    /// Starts the call, if it is its turn. Otherwise says when to try again, unless somebody
    /// else has to go first.
    fn start(&self) -> Result<Permit, Option<Instant>> {
        let now = Instant::now();
        let mut state = self.queue.lock();
        match state.ready(self.turn, self.lane, now) {
            Some(at) if at <= now => {}
            wake => return Err(wake),
        }
        state.last_place += 1;
        let place = state.last_place;
        state.gateway.take(place, now);
        if self.lane == Lane::Ledger {
            state.ledger.take(place, now);
        }
        Ok(Permit { queue: self.queue.clone(), place })
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        let mut state = self.queue.lock();
        state.lane(self.lane).remove(&self.turn);
        state.wake();
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        let (now, mut state) = (Instant::now(), self.queue.lock());
        state.gateway.answered(self.place, now);
        state.ledger.answered(self.place, now);
        state.wake();
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use kis_protocol::catalogue::Environment;

    use super::{super::RateLimit, *};

    const MILLI: Duration = Duration::from_millis(1);

    fn queue(gateway: u32, ledger: u32) -> Arc<Queue> {
        Queue::new(&RestConfig {
            gateway: RateLimit::per_second(gateway),
            ledger: RateLimit::per_second(ledger),
            ..RestConfig::new(Environment::Real)
        })
    }

    fn turn(priority: Priority, number: u64) -> Turn {
        Turn { priority, number }
    }

    fn far() -> Instant {
        Instant::now() + Duration::from_secs(3600)
    }

    /// When calls that are made all at once are sent, each answered `latency` later.
    async fn sent(queue: &Arc<Queue>, calls: u64, latency: fn(u64) -> Duration) -> Vec<Duration> {
        let start = Instant::now();
        let tasks: Vec<_> = (0..calls)
            .map(|number| {
                let queue = queue.clone();
                tokio::spawn(async move {
                    let turn = turn(Priority::Quote, number);
                    let _permit = queue.acquire(turn, Lane::Gateway, far()).await.unwrap();
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

    /// How many calls KIS counts within some second at worst: it may count each at any moment
    /// from its being sent to its answer.
    fn most(moments: &[Duration], latency: fn(u64) -> Duration) -> usize {
        let spans = || (0..).zip(moments).map(|(number, sent)| (*sent, *sent + latency(number)));
        let from = |begin: Duration| {
            let end = begin + Duration::from_secs(1);
            spans().filter(|(sent, answered)| *sent < end && *answered >= begin).count()
        };
        spans().map(|(_, answered)| from(answered)).max().unwrap_or_default()
    }

    #[tokio::test(start_paused = true)]
    async fn reaches_the_limit_and_never_more() {
        for (calls, total) in [(18, 1000), (200, 2000), (1, 20)] {
            let moments = sent(&queue(calls, 1), total, |_| 2 * MILLI).await;
            assert!(most(&moments, |_| 2 * MILLI) <= calls as usize);
            let rate = (total - 1) as f64 / moments.last().unwrap().as_secs_f64();
            assert!(rate >= 0.95 * f64::from(calls), "{rate} of {calls}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn no_delay_brings_more_into_a_second() {
        // Some calls dawdle for most of a second before they are counted.
        let latency = |number| MILLI * (1 + (number * 7919 % 900) as u32);
        let moments = sent(&queue(18, 1), 300, latency).await;
        assert!(most(&moments, latency) <= 18);
    }

    /// In which order calls are sent that come in this order.
    async fn order(queue: &Arc<Queue>, calls: &[(Priority, Lane)]) -> Vec<u64> {
        let order = Arc::new(Mutex::new(Vec::new()));
        let mut tasks = Vec::new();
        for (number, (priority, lane)) in (0..).zip(calls.iter().copied()) {
            let (queue, order) = (queue.clone(), order.clone());
            tasks.push(tokio::spawn(async move {
                let permit = queue.acquire(turn(priority, number), lane, far()).await.unwrap();
                order.lock().unwrap().push(number);
                drop(permit);
            }));
        }
        for task in tasks {
            task.await.unwrap();
        }
        Arc::into_inner(order).unwrap().into_inner().unwrap()
    }

    #[tokio::test(start_paused = true)]
    async fn the_more_urgent_go_first() {
        use Lane::{Gateway, Ledger};
        use Priority::{Account, Order, Quote};
        let calls = [
            (Quote, Gateway),
            (Account, Ledger),
            (Quote, Gateway),
            (Order, Ledger),
            (Order, Gateway),
        ];
        // Nobody else waited when the first came.
        assert_eq!(order(&queue(1, 1), &calls).await, [0, 3, 4, 1, 2]);
        // The ledger is slow, and keeps nobody waiting who does not need it.
        let calls = [
            (Order, Ledger),
            (Order, Ledger),
            (Quote, Gateway),
            (Quote, Gateway),
            (Account, Ledger),
        ];
        assert_eq!(order(&queue(5, 1), &calls).await, [0, 2, 3, 1, 4]);
    }

    #[tokio::test(start_paused = true)]
    async fn what_cannot_start_in_time_fails_at_once_and_costs_nothing() {
        let queue = queue(1, 1);
        let acquire = |number, deadline| {
            let queue = queue.clone();
            async move { queue.acquire(turn(Priority::Quote, number), Lane::Gateway, deadline).await }
        };
        let start = Instant::now();
        drop(acquire(0, far()).await.unwrap());
        let late = acquire(1, start + 500 * MILLI).await.unwrap_err();
        assert_eq!(late, Late { ahead: 0, per_second: 1.0 });
        assert_eq!(Instant::now(), start, "nobody waited");

        let (second, late) = tokio::join!(acquire(2, far()), acquire(3, start + 1500 * MILLI));
        assert_eq!(late.unwrap_err().ahead, 1);
        assert_eq!(start.elapsed(), Duration::from_secs(1));
        drop(second.unwrap());
        let waiting = acquire(4, far());
        assert!(tokio::time::timeout(MILLI, waiting).await.is_err());
        assert_eq!(queue.status()[0].waiting, 0, "who leaves is gone");
    }
}
