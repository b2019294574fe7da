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
use tracing::info;

use super::{KeyId, KeySpec, Placement, PoolConfig, PoolError, PoolKey, Wish};
use crate::{
    clock,
    connection::{Connection, Counters, Handle},
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
    /// What the sessions that have ended have counted.
    pub(super) gone: Counters,
    /// Keys that are in the pool as soon as the session of before of theirs has ended.
    coming: Vec<Coming>,
    unstarted: Vec<Unstarted>,
    /// Events not delivered yet.
    events: VecDeque<(Option<Arc<str>>, Event)>,
}

type Unstarted = (KeyId, Connection, Arc<AtomicBool>);

/// A key's session.
#[derive(Debug)]
pub(super) struct Session {
    pub(super) key: KeyId,
    pub(super) spec: PoolKey,
    pub(super) handle: Handle,
    removing: bool,
    strays: Arc<AtomicBool>,
}

/// A key that waits for the end of a session with its app key or its name.
#[derive(Debug)]
struct Coming {
    spec: PoolKey,
    connection: Connection,
}

impl Shared {
    pub(super) fn new(config: PoolConfig) -> Self {
        let placement = Placement::new(config.placement.clone());
        let state = State {
            placement,
            members: Vec::new(),
            gone: Counters::default(),
            coming: Vec::new(),
            unstarted: Vec::new(),
            events: VecDeque::new(),
        };
        Self {
            config,
            state: Mutex::new(state),
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
        self.update(|state, now| {
            state.check_open()?;
            state.wanted().try_for_each(|it| key.check_other(it))?;
            let coming = self.coming(key, state.members.len())?;
            state.coming.push(coming);
            state.let_in(now);
            Ok(())
        })
    }

    pub(super) fn remove_key(&self, name: &str) -> Result<(), PoolError> {
        self.update(|state, now| {
            if !state.wanted().any(|it| *it.name() == *name) {
                return Err(PoolError::UnknownKey { name: name.to_owned() });
            }
            state.retain_keys(|it| *it.name() != *name, now);
            Ok(())
        })
    }

    pub(super) fn set_keys(&self, keys: &[PoolKey]) -> Result<(), PoolError> {
        for (at, key) in keys.iter().enumerate() {
            keys[..at].iter().try_for_each(|it| key.check_other(it))?;
        }
        self.update(|state, now| {
            state.check_open()?;
            let new = keys.iter().filter(|it| !state.wanted().any(|key| key == *it));
            let coming =
                new.enumerate().map(|(at, it)| self.coming(it.clone(), state.members.len() + at));
            let coming: Vec<Coming> = coming.collect::<Result<_, _>>()?;
            // New ones first, so that topics of the old ones find room.
            state.coming.extend(coming);
            state.let_in(now);
            state.retain_keys(|it| keys.contains(it), now);
            Ok(())
        })
    }

    /// Prepares a key's connection, the pool's `number`th.
    fn coming(&self, spec: PoolKey, number: usize) -> Result<Coming, PoolError> {
        let mut config = self.config.connection.clone();
        config.session.topics_max = spec.topics_max.unwrap_or(config.session.topics_max);
        // Keys must not try again at the same moments.
        config.seed = config.seed.map(|it| it + number as u64);
        let connection = Connection::new(config, spec.credentials.clone())?;
        Ok(Coming { spec, connection })
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
    /// Forgets a key whose session has ended, and lets in who has waited for that.
    pub(super) fn forget(&mut self, key: KeyId, now: Instant) {
        for ended in self.members.extract_if(.., |it| it.key == key) {
            self.gone = self.gone.plus(&ended.handle.status().counters);
        }
        self.let_in(now);
    }

    fn check_open(&self) -> Result<(), PoolError> {
        match self.placement.is_stopping() {
            true => Err(PoolError::Closed),
            false => Ok(()),
        }
    }

    /// The keys that are to be in the pool.
    fn wanted(&self) -> impl Iterator<Item = &PoolKey> {
        let members = self.members.iter().filter(|it| !it.removing).map(|it| &it.spec);
        members.chain(self.coming.iter().map(|it| &it.spec))
    }

    /// Removes the keys that are not to be `kept`.
    fn retain_keys(&mut self, kept: impl Fn(&PoolKey) -> bool, now: Instant) {
        self.coming.retain(|it| kept(&it.spec));
        for member in self.members.iter_mut().filter(|it| !it.removing && !kept(&it.spec)) {
            info!(key = &*member.spec.name(), "app key leaves the pool");
            member.removing = true;
            self.placement.remove_key(member.key, now);
        }
    }

    /// Lets in the keys that have nothing to wait for.
    fn let_in(&mut self, now: Instant) {
        if self.placement.is_stopping() {
            return self.coming.clear();
        }
        for Coming { spec, connection } in std::mem::take(&mut self.coming) {
            if self.members.iter().any(|it| spec.check_other(&it.spec).is_err()) {
                self.coming.push(Coming { spec, connection });
                continue;
            }
            let name = spec.name();
            info!(key = &*name, "app key joins the pool");
            let hts_id = spec.hts_id.as_deref().map(Into::into);
            let topics_max = connection.topics_max();
            let key = self.placement.add_key(KeySpec { name, hts_id, topics_max }, now);
            let (handle, strays) = (connection.handle(), Arc::new(AtomicBool::new(false)));
            self.unstarted.push((key, connection, Arc::clone(&strays)));
            self.members.push(Session { key, spec, handle, removing: false, strays });
        }
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
