//! What a pool's handles, its sessions and its task share.

use std::{
    collections::VecDeque,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    time::Instant,
};

use tokio::sync::{Notify, watch};

use super::{KeyId, KeySpec, Placement, PoolConfig, PoolError, PoolKey, Wish};
use crate::{
    clock,
    connection::{Connection, Handle},
    credentials::AppKey,
    session::Event,
};

/// The state, and who waits for it to change.
///
/// A session's event is handled in that session's own task and under the lock, so it is done
/// with before the session does anything else, as [`Placement`] demands. The sink has a lock of
/// its own, which is taken first where both are needed; no event is passed on under this one, so
/// a sink may look at the status.
#[derive(Debug)]
pub(super) struct Shared {
    config: PoolConfig,
    state: Mutex<State>,
    /// For the pool's task: there is something to deliver, to start, or another timeout.
    changed: Notify,
    /// For those who wait for a status: rises with every change.
    version: watch::Sender<u64>,
}

#[derive(Debug)]
pub(super) struct State {
    pub(super) placement: Placement,
    pub(super) members: Vec<Session>,
    unstarted: Vec<Unstarted>,
    /// Events not delivered yet.
    events: VecDeque<(Option<Arc<str>>, Event)>,
}

type Unstarted = (KeyId, Connection, Arc<AtomicBool>);

/// A key's session.
#[derive(Debug)]
pub(super) struct Session {
    pub(super) key: KeyId,
    pub(super) app_key: AppKey,
    pub(super) handle: Handle,
    strays: Arc<AtomicBool>,
}

impl Shared {
    pub(super) fn new(config: PoolConfig) -> Self {
        let placement = Placement::new(config.placement.clone());
        let (members, unstarted, events) = (Vec::new(), Vec::new(), VecDeque::new());
        Self {
            config,
            state: Mutex::new(State { placement, members, unstarted, events }),
            changed: Notify::new(),
            version: watch::Sender::new(0),
        }
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        // Nothing under the lock leaves a state half changed.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes the state and passes on what follows from it, the events excepted.
    pub(super) fn update<R>(&self, change: impl FnOnce(&mut State, Instant) -> R) -> R {
        let mut state = self.lock();
        let result = change(&mut state, clock::now());
        state.settle();
        drop(state);
        self.version.send_modify(|it| *it += 1);
        self.changed.notify_one();
        result
    }

    pub(super) fn handle_event(&self, key: KeyId, event: Event) {
        self.update(|it, now| it.placement.handle_event(key, event, now));
    }

    pub(super) fn add_key(&self, key: PoolKey) -> Result<(), PoolError> {
        let app_key = key.credentials.app_key.clone();
        let name: Arc<str> = key.label().into();
        let mut config = self.config.connection.clone();
        config.session.topics_max = key.topics_max.unwrap_or(config.session.topics_max);
        let topics_max = config.session.topics_max;
        self.update(|state, now| {
            if state.placement.is_stopping() {
                return Err(PoolError::Closed);
            }
            let loads = state.placement.loads(now);
            if let Some(member) = state.members.iter().find(|it| it.app_key == app_key) {
                let load = loads.iter().find(|it| it.key == member.key);
                let name = load.map_or_else(String::new, |it| it.name.to_string());
                return Err(PoolError::KeyTaken { name });
            }
            if loads.iter().any(|it| it.name == name) {
                return Err(PoolError::NameTaken { name: name.to_string() });
            }
            // Keys must not try again at the same moments.
            config.seed = config.seed.map(|it| it + state.members.len() as u64);
            let connection = Connection::new(config, key.credentials)?;
            let handle = connection.handle();
            let hts_id = key.hts_id.as_deref().map(Into::into);
            let key = state.placement.add_key(KeySpec { name, hts_id, topics_max }, now);
            let strays = Arc::new(AtomicBool::new(false));
            state.members.push(Session { key, app_key, handle, strays: Arc::clone(&strays) });
            state.unstarted.push((key, connection, strays));
            Ok(())
        })
    }

    pub(super) fn remove_key(&self, name: &str) -> Result<(), PoolError> {
        self.update(|state, now| {
            let loads = state.placement.loads(now);
            let Some(load) = loads.iter().find(|it| &*it.name == name) else {
                return Err(PoolError::UnknownKey { name: name.to_owned() });
            };
            state.placement.remove_key(load.key, now);
            Ok(())
        })
    }

    pub(super) fn take_unstarted(&self) -> Vec<Unstarted> {
        std::mem::take(&mut self.lock().unstarted)
    }

    pub(super) fn pop_event(&self) -> Option<(Option<Arc<str>>, Event)> {
        self.lock().events.pop_front()
    }

    pub(super) fn poll_timeout(&self) -> Option<Instant> {
        self.lock().placement.poll_timeout(clock::now())
    }

    pub(super) fn is_over(&self) -> bool {
        self.lock().placement.is_over()
    }

    pub(super) async fn changed(&self) {
        self.changed.notified().await;
    }

    pub(super) fn versions(&self) -> watch::Receiver<u64> {
        self.version.subscribe()
    }
}

impl State {
    /// Forgets a key whose session has ended.
    pub(super) fn forget(&mut self, key: KeyId) {
        self.members.retain(|it| it.key != key);
    }

    fn settle(&mut self) {
        while let Some((key, wish)) = self.placement.poll_wish() {
            let Some(member) = self.members.iter().find(|it| it.key == key) else { continue };
            match wish {
                Wish::Subscribe(topic) => member.handle.subscribe(topic),
                Wish::Unsubscribe(topic) => member.handle.unsubscribe(topic),
                Wish::Shutdown => member.handle.shutdown(),
            }
        }
        while let Some(event) = self.placement.poll_event() {
            self.events.push_back(event);
        }
        for member in &self.members {
            member.strays.store(self.placement.has_strays(member.key), Relaxed);
        }
    }
}
