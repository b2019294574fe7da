//! Several app keys behind one door.
//!
//! KIS gives an app key one session of 41 topics. A [`Pool`] holds a [`Connection`] for each key
//! and shares the topics out among them; towards its owner it is like one connection with all
//! their slots, and with one key it is just that. Where each topic goes is decided by
//! [`Placement`], which can be tested without sockets.

mod handle;
mod member;
mod placement;
mod shared;

use std::{
    collections::HashMap,
    future::{Future, pending},
    pin::pin,
    sync::{Arc, Mutex},
};

use futures_util::FutureExt;
use tokio::task::{Id, JoinSet};
use tracing::error;

pub use self::{
    handle::{KeyStatus, PoolHandle, PoolStatus},
    placement::{KeyId, KeyLoad, KeySpec, Placement, PlacementConfig, Wish},
};
use self::{member::Member, shared::Shared};
use crate::{
    clock,
    connection::{ConnectionConfig, ConnectionError, Sink},
    credentials::Credentials,
    session::Event,
};

/// How to run a pool.
#[derive(Debug, Clone)]
pub struct PoolConfig {
    /// How each key connects. The budget file may be the same for all: it keeps the keys apart.
    pub connection: ConnectionConfig,
    /// When topics move from one key to another.
    pub placement: PlacementConfig,
}

impl PoolConfig {
    /// The default limits for connections as in `connection`.
    #[must_use]
    pub fn new(connection: ConnectionConfig) -> Self {
        Self { connection, placement: PlacementConfig::default() }
    }
}

/// An app key to be added to a pool.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PoolKey {
    /// What it is called in logs, events and figures. Default: the app key, masked.
    pub name: Option<String>,
    /// The app key and its secret.
    pub credentials: Credentials,
    /// The HTS id of its account. Notices of that id are registered with this key only.
    pub hts_id: Option<String>,
    /// How many topics its session may hold. Default: as configured for all.
    pub topics_max: Option<usize>,
}

impl PoolKey {
    /// A key of which nothing more is known.
    #[must_use]
    pub fn new(credentials: Credentials) -> Self {
        Self { name: None, credentials, hts_id: None, topics_max: None }
    }

    /// What it is called.
    fn name(&self) -> Arc<str> {
        match &self.name {
            Some(name) => name.as_str().into(),
            None => format!("{:?}", self.credentials.app_key).into(),
        }
    }

    /// Whether both may be in a pool.
    fn check_other(&self, other: &Self) -> Result<(), PoolError> {
        let name = other.name().to_string();
        if self.credentials.app_key == other.credentials.app_key {
            return Err(PoolError::KeyTaken { name });
        }
        if self.name() == other.name() {
            return Err(PoolError::NameTaken { name });
        }
        Ok(())
    }
}

/// Why a key cannot be added or removed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PoolError {
    /// Another key has the name.
    #[error("there is a key {name:?} already; choose another name")]
    NameTaken {
        /// The name.
        name: String,
    },
    /// The app key is in the pool; KIS gives it one session.
    #[error("the app key {name:?} is in the pool already; KIS gives an app key one session")]
    KeyTaken {
        /// What it is called there.
        name: String,
    },
    /// There is no key of that name.
    #[error("there is no key {name:?}")]
    UnknownKey {
        /// The name.
        name: String,
    },
    /// The pool has ended, or is about to.
    #[error("the pool is shutting down")]
    Closed,
    /// No connection can be made for the key.
    #[error(transparent)]
    Connection(#[from] ConnectionError),
}

/// Sessions with KIS, one for each app key; nothing happens until [`run`](Self::run).
#[derive(Debug)]
pub struct Pool {
    handle: PoolHandle,
}

impl Pool {
    /// A pool without keys; see [`PoolHandle::add_key`].
    #[must_use]
    pub fn new(config: PoolConfig) -> Self {
        Self { handle: PoolHandle::new(Arc::new(Shared::new(config))) }
    }

    /// A handle to say what is wanted, before or while the pool runs.
    #[must_use]
    pub fn handle(&self) -> PoolHandle {
        self.handle.clone()
    }

    /// Runs until `shutdown` completes or [`PoolHandle::shutdown`] is called; then releases what
    /// is registered and closes the sockets. Losses and refusals do not end it.
    ///
    /// `sink` is called by one session at a time, in that session's task.
    pub async fn run<S>(self, sink: S, shutdown: impl Future<Output = ()>)
    where
        S: Sink + Send + 'static,
    {
        let shared = self.handle.into_shared();
        let sink = Arc::new(Mutex::new(sink));
        let mut shutdown = pin!(shutdown.fuse());
        let mut tasks = JoinSet::new();
        let mut running: HashMap<Id, KeyId> = HashMap::new();
        loop {
            for (key, connection, strays) in shared.take_unstarted() {
                let member = Member::new(key, Arc::clone(&shared), Arc::clone(&sink), strays);
                // Sessions end through their handle only.
                let task =
                    tasks.spawn(async move { drop(connection.run(member, pending()).await) });
                running.insert(task.id(), key);
            }
            member::deliver(&shared, &sink);
            if shared.is_over() && tasks.is_empty() {
                return;
            }
            let wake = shared.poll_timeout();
            tokio::select! {
                () = &mut shutdown => shared.update(|it, now| it.placement.shutdown(now)),
                () = shared.changed() => {}
                Some(ended) = tasks.join_next_with_id() => {
                    let task = match ended {
                        Ok((task, ())) => task,
                        Err(error) => {
                            error!(%error, "a session has failed; its topics move");
                            error.id()
                        }
                    };
                    if let Some(key) = running.remove(&task) {
                        // It has told so itself, unless it has failed.
                        shared.handle_event(key, Event::Closed);
                        shared.update(|it, now| it.forget(key, now));
                    }
                }
                () = clock::sleep_until(wake) => {
                    shared.update(|it, now| it.placement.handle_timeout(now));
                }
            }
        }
    }
}
