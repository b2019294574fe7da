//! What the simulator knows at a moment: its sessions, slots and counters.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use kis_protocol::Topic;
use serde::Serialize;
use tokio::sync::{mpsc::UnboundedSender, watch};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    SimConfig,
    auth::Auth,
    config::masked,
    fault::{Faults, Order},
    rest::{Orders, Pages},
};

/// A picture of the simulator at one moment.
#[derive(Debug, Clone, Default, Serialize)]
pub struct SimState {
    /// The open websocket connections, oldest first.
    pub sessions: Vec<SessionState>,
    /// The app keys whose slot is still taken by a connection that was lost, masked.
    pub held: Vec<String>,
    /// What has happened since the start.
    pub counters: Counters,
    /// How often each topic (`H0STCNT0:005930`) was registered and released.
    pub topics: BTreeMap<String, TopicCounters>,
    /// How often each `tr_id` was called with everything in order.
    pub calls: BTreeMap<String, u64>,
}

/// One websocket connection.
#[derive(Debug, Clone, Serialize)]
pub struct SessionState {
    /// Counts up from 1 over the simulator's life.
    pub id: u64,
    /// The app key, masked; none before the first registration.
    pub app_key: Option<String>,
    /// The topics it is registered for, in order of registration.
    pub registrations: Vec<String>,
    /// Whether it has been stalled.
    pub stalled: bool,
}

/// Events counted since the start.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Counters {
    /// Websocket connections opened.
    pub connects: u64,
    /// Websocket connections that ended, whoever ended them.
    pub disconnects: u64,
    /// Registrations accepted (OPSP0000).
    pub registrations: u64,
    /// Registrations ended (OPSP0001).
    pub releases: u64,
    /// Registrations that existed already (OPSP0002).
    pub duplicates: u64,
    /// Messages answered with any other code.
    pub refused: u64,
    /// Approval keys issued.
    pub approvals: u64,
    /// Tokens issued, including those given out again.
    pub tokens: u64,
    /// Calls to `/uapi`, including refused ones.
    pub calls: u64,
    /// Calls refused for a rate limit (EGW00201, EGW00215).
    pub limited: u64,
    /// Orders taken, those that amend or withdraw another included.
    pub orders: u64,
    /// PINGPONG sent.
    pub pings: u64,
    /// PINGPONG answered, in whatever form.
    pub echoes: u64,
    /// Data frames sent, or in a write buffer about to be.
    pub frames: u64,
}

/// How often a topic was registered and released.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct TopicCounters {
    /// Registrations accepted.
    pub registered: u64,
    /// Registrations ended by the client, not by the loss of the connection.
    pub released: u64,
}

/// Everything the parts of a running simulator share.
pub(crate) struct Shared {
    pub(crate) config: SimConfig,
    pub(crate) tasks: TaskTracker,
    pub(crate) stop: CancellationToken,
    inner: Mutex<Inner>,
    frames: AtomicU64,
    /// Rises with every change somebody may be waiting for.
    version: watch::Sender<u64>,
}

/// The part of it behind the lock.
#[derive(Default)]
pub(crate) struct Inner {
    pub(crate) auth: Auth,
    pub(crate) faults: Faults,
    pub(crate) counters: Counters,
    pub(crate) topics: BTreeMap<String, TopicCounters>,
    pub(crate) calls: BTreeMap<String, u64>,
    pub(crate) orders: Orders,
    pub(crate) pages: Pages,
    pub(crate) sessions: BTreeMap<u64, Entry>,
    slots: HashMap<String, Slot>,
    last_session: u64,
}

/// A session as the others see it.
pub(crate) struct Entry {
    pub(crate) app_key: Option<String>,
    pub(crate) registrations: Vec<Topic>,
    pub(crate) stalled: bool,
    pub(crate) orders: UnboundedSender<Order>,
}

/// The one session an app key can have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Slot {
    Taken(u64),
    /// Its session was lost and KIS has not noticed yet.
    Held(u64),
}

impl Shared {
    pub(crate) fn new(config: SimConfig) -> Self {
        Self {
            config,
            tasks: TaskTracker::new(),
            stop: CancellationToken::new(),
            inner: Mutex::default(),
            frames: AtomicU64::new(0),
            version: watch::Sender::new(0),
        }
    }

    /// The shared state, to be changed: whoever waits looks at it again afterwards.
    pub(crate) fn change<T>(&self, change: impl FnOnce(&mut Inner) -> T) -> T {
        let result = change(&mut self.lock());
        self.changed();
        result
    }

    /// The shared state, to be looked at.
    pub(crate) fn look<T>(&self, look: impl FnOnce(&Inner) -> T) -> T {
        look(&self.lock())
    }

    /// Counts frames sent, apart from the lock, as there can be very many.
    pub(crate) fn sent(&self, frames: u64) {
        if frames > 0 {
            self.frames.fetch_add(frames, Ordering::Relaxed);
            self.changed();
        }
    }

    pub(crate) fn state(&self) -> SimState {
        let inner = self.lock();
        let sessions = inner.sessions.iter().map(|(id, entry)| SessionState {
            id: *id,
            app_key: entry.app_key.as_deref().map(masked),
            registrations: entry.registrations.iter().map(ToString::to_string).collect(),
            stalled: entry.stalled,
        });
        let held = inner.slots.iter().filter(|(_, slot)| matches!(slot, Slot::Held(_)));
        SimState {
            sessions: sessions.collect(),
            held: held.map(|(app_key, _)| masked(app_key)).collect(),
            counters: Counters {
                frames: self.frames.load(Ordering::Relaxed),
                ..inner.counters.clone()
            },
            topics: inner.topics.clone(),
            calls: inner.calls.clone(),
        }
    }

    /// Waits until the state is as wanted; at once when it is already.
    pub(crate) async fn wait_until(&self, wanted: impl Fn(&SimState) -> bool) -> SimState {
        let mut version = self.version.subscribe();
        loop {
            version.mark_unchanged();
            let state = self.state();
            // The sender lives as long as `self`, so the change cannot fail.
            if wanted(&state) || version.changed().await.is_err() {
                return state;
            }
        }
    }

    /// Opens a session; returns its id.
    pub(crate) fn open(&self, orders: UnboundedSender<Order>) -> u64 {
        self.change(|inner| {
            inner.last_session += 1;
            inner.counters.connects += 1;
            let entry = Entry { app_key: None, registrations: Vec::new(), stalled: false, orders };
            inner.sessions.insert(inner.last_session, entry);
            inner.last_session
        })
    }

    /// Ends a session. The slot of a lost one stays taken for as long as is configured.
    pub(crate) fn close(self: &std::sync::Arc<Self>, id: u64, lost: bool) {
        let default = self.config.slot_hold;
        let hold = self.change(|inner| {
            inner.counters.disconnects += 1;
            let app_key = inner.sessions.remove(&id)?.app_key?;
            let hold =
                if lost { inner.faults.slot_hold.unwrap_or(default) } else { Duration::ZERO };
            if hold.is_zero() {
                inner.slots.remove(&app_key);
                return None;
            }
            inner.slots.insert(app_key.clone(), Slot::Held(id));
            Some((app_key, hold))
        });
        let Some((app_key, hold)) = hold else { return };
        // A hold without end is released by order only.
        if hold == Duration::MAX {
            return;
        }
        let shared = self.clone();
        self.tasks.spawn(async move {
            let released = shared.stop.run_until_cancelled(tokio::time::sleep(hold)).await;
            if released.is_some() {
                shared.change(|inner| inner.release(&app_key, id));
            }
        });
    }

    fn changed(&self) {
        self.version.send_modify(|version| *version += 1);
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        // Nothing panics while holding the lock, and if it did the state would still be whole.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    /// Lets a session act for an app key. The first time it takes the app key's slot:
    /// `false` when another session has that.
    pub(crate) fn admit(&mut self, app_key: &str, id: u64) -> bool {
        if self.sessions.get(&id).is_some_and(|entry| entry.app_key.is_some()) {
            return true;
        }
        let slot = *self.slots.entry(app_key.to_owned()).or_insert(Slot::Taken(id));
        if slot != Slot::Taken(id) {
            return false;
        }
        if let Some(entry) = self.sessions.get_mut(&id) {
            entry.app_key = Some(app_key.to_owned());
        }
        true
    }

    /// Frees every slot that is held for a lost connection.
    pub(crate) fn release_slots(&mut self) {
        self.slots.retain(|_, slot| matches!(slot, Slot::Taken(_)));
    }

    /// The app key an approval key belongs to.
    pub(crate) fn approved(&self, approval_key: &str) -> Option<String> {
        self.auth.approved(approval_key, Instant::now()).map(str::to_owned)
    }

    fn release(&mut self, app_key: &str, id: u64) {
        if self.slots.get(app_key) == Some(&Slot::Held(id)) {
            self.slots.remove(app_key);
        }
    }
}
