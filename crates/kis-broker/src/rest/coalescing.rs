//! Identical reads at the same time are one call.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use futures_util::{
    FutureExt,
    future::{BoxFuture, Shared, WeakShared},
};
use kis_protocol::catalogue::Prepared;
use tokio::time::Instant;

use super::{Answer, Priority, RestError};

/// The answer that several wait for. It goes on as long as one of them does.
pub(super) type Flight = Shared<BoxFuture<'static, Result<Answer, RestError>>>;

/// What makes reads identical. One that is more urgent does not wait for one that is less.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Key {
    tr: &'static str,
    tr_id: Option<&'static str>,
    parameters: Vec<(&'static str, String)>,
    priority: Priority,
}

/// The reads under way.
#[derive(Default, Clone)]
pub(super) struct Flights(Arc<Mutex<HashMap<Key, Entry>>>);

struct Entry {
    number: u64,
    deadline: Instant,
    flight: WeakShared<BoxFuture<'static, Result<Answer, RestError>>>,
}

/// Takes a flight off the table when it ends, however it does.
struct Landing {
    flights: Flights,
    key: Key,
    number: u64,
}

impl Key {
    pub(super) fn new(call: &Prepared, priority: Priority) -> Self {
        let Prepared { tr, tr_id, parameters } = call;
        Self { tr: tr.id, tr_id: *tr_id, parameters: parameters.clone(), priority }
    }
}

impl Flights {
    /// The flight under way and its deadline, or `read` as a new one with this deadline.
    pub(super) fn join(
        &self,
        key: Key,
        deadline: Instant,
        read: impl Future<Output = Result<Answer, RestError>> + Send + 'static,
    ) -> (Flight, Option<Instant>) {
        static NUMBERS: AtomicU64 = AtomicU64::new(0);
        let mut flights = self.lock();
        let under_way = flights.get(&key).and_then(|it| Some((it.flight.upgrade()?, it.deadline)));
        if let Some((flight, deadline)) = under_way {
            return (flight, Some(deadline));
        }
        let number = NUMBERS.fetch_add(1, Ordering::Relaxed);
        let landing = Landing { flights: self.clone(), key: key.clone(), number };
        let flight = async move {
            let _landing = landing;
            read.await
        };
        let flight = flight.boxed().shared();
        // A flight that nobody has polled yet is alive, so there is one to be had.
        if let Some(weak) = flight.downgrade() {
            flights.insert(key, Entry { number, deadline, flight: weak });
        }
        (flight, None)
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Key, Entry>> {
        // Nothing panics while holding the lock, and if it did the table would still be whole.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Landing {
    fn drop(&mut self) {
        let mut flights = self.flights.lock();
        if flights.get(&self.key).is_some_and(|it| it.number == self.number) {
            flights.remove(&self.key);
        }
    }
}
