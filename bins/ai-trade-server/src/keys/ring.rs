//! The keys in use, and what their clients use at the moment.

use std::{
    collections::HashMap,
    fs,
    path::Path,
    sync::{
        Arc, Mutex, PoisonError, RwLock,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
    time::{Duration, Instant, SystemTime},
};

use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use super::{KeyFile, KeyFileError, KeyRecord, Scope, Token};
use crate::rate::{Rate, Spent};

/// The keys in use; follows the file.
#[derive(Debug)]
pub struct Keyring {
    file: KeyFile,
    state: RwLock<State>,
}

#[derive(Debug, Default)]
struct State {
    keys: HashMap<String, Arc<Key>>,
    stamp: Option<Stamp>,
}

/// What changes when a file is replaced.
type Stamp = (Option<SystemTime>, u64, u64);

/// A key in use.
#[derive(Debug)]
pub struct Key {
    record: KeyRecord,
    usage: Arc<Usage>,
}

/// What the clients of a key use; outlives changes of its limits.
#[derive(Debug, Default)]
struct Usage {
    revoked: CancellationToken,
    connections: AtomicUsize,
    topics: AtomicUsize,
    requests: Mutex<Spent>,
}

/// One of a key's connections; given back when dropped.
#[derive(Debug)]
pub struct Place(Arc<Key>);

/// Why a key may not be used right now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Busy {
    /// It has as many connections as it may.
    Connections {
        /// How many.
        max: usize,
    },
    /// Its requests come too fast.
    Requests {
        /// How many it may make in a second.
        per_second: u32,
        /// When the next may come.
        wait: Duration,
    },
}

impl Keyring {
    /// The keys of a file.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn open(file: KeyFile) -> Result<Self, KeyFileError> {
        let ring = Self { file, state: RwLock::default() };
        ring.reload()?;
        Ok(ring)
    }

    /// Whether there is no key at all.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many keys there are.
    pub fn len(&self) -> usize {
        self.state.read().unwrap_or_else(PoisonError::into_inner).keys.len()
    }

    /// The key that a client has sent, if it is one of ours.
    pub fn find(&self, sent: &str) -> Option<Arc<Key>> {
        let token = Token::parse(sent)?;
        let digest = token.digest();
        let state = self.state.read().unwrap_or_else(PoisonError::into_inner);
        // The id is no secret; what is, is compared in constant time.
        state.keys.get(token.id()).filter(|it| it.record.sha256 == digest).cloned()
    }

    /// Reads the file again if it has changed. A damaged one changes nothing; a
    /// missing one holds no keys.
    pub fn refresh(&self) {
        let known = self.state.read().unwrap_or_else(PoisonError::into_inner).stamp;
        if stamp(self.file.path()) != known {
            match self.reload() {
                Ok(()) => info!(keys = self.len(), "keys read"),
                Err(error) => warn!(%error, "the keys stay as they were"),
            }
        }
    }

    fn reload(&self) -> Result<(), KeyFileError> {
        // Taken before reading: a change meanwhile is seen the next time.
        let stamp = stamp(self.file.path());
        let records = self.file.load();
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        state.stamp = stamp;
        let records = records?;
        let mut old = std::mem::take(&mut state.keys);
        for record in records {
            let same = old.remove(&record.id).filter(|it| {
                it.record.sha256 == record.sha256 && it.record.scopes == record.scopes
            });
            let usage = same.map(|it| Arc::clone(&it.usage)).unwrap_or_default();
            state.keys.insert(record.id.clone(), Arc::new(Key { record, usage }));
        }
        let kept: Vec<_> = state.keys.values().map(|it| Arc::as_ptr(&it.usage)).collect();
        for key in old.into_values() {
            if !kept.contains(&Arc::as_ptr(&key.usage)) {
                key.usage.revoked.cancel();
            }
        }
        Ok(())
    }
}

impl Key {
    /// Its id, which is no secret.
    pub fn id(&self) -> &str {
        &self.record.id
    }

    /// What its owner calls it.
    pub fn name(&self) -> &str {
        &self.record.name
    }

    /// Whether it opens this.
    pub fn has(&self, scope: Scope) -> bool {
        self.record.scopes.contains(&scope)
    }

    /// Counts a request, and a connection for as long as it takes.
    ///
    /// # Errors
    /// When the key has used up what it may.
    pub fn admit(self: &Arc<Self>, now: Instant) -> Result<Place, Busy> {
        let limits = self.record.limits;
        let max = limits.connections;
        if !take(&self.usage.connections, max) {
            return Err(Busy::Connections { max });
        }
        let place = Place(Arc::clone(self));
        let per_second = limits.requests_per_s;
        let rate = Rate { per_second, at_once: per_second.saturating_mul(2) };
        let mut requests = self.usage.requests.lock().unwrap_or_else(PoisonError::into_inner);
        match requests.spend(1, rate, now) {
            Ok(()) => Ok(place),
            Err(wait) => Err(Busy::Requests { per_second, wait }),
        }
    }
}

impl Place {
    /// Whose it is.
    pub fn key(&self) -> &Key {
        &self.0
    }

    /// Cancelled when the key is revoked, or opens something else than it did.
    pub fn revoked(&self) -> CancellationToken {
        // One of its own for each connection, so that they share no lock.
        self.0.usage.revoked.child_token()
    }

    /// Takes a topic, if one is left: `Err` is how many there are.
    pub(crate) fn take_topic(&self) -> Result<(), usize> {
        let max = self.0.record.limits.topics;
        if take(&self.0.usage.topics, max) { Ok(()) } else { Err(max) }
    }

    /// Gives topics back.
    pub(crate) fn return_topics(&self, count: usize) {
        self.0.usage.topics.fetch_sub(count, Relaxed);
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.0.usage.connections.fetch_sub(1, Relaxed);
    }
}

fn take(used: &AtomicUsize, max: usize) -> bool {
    used.fetch_update(Relaxed, Relaxed, |it| (it < max).then_some(it + 1)).is_ok()
}

fn stamp(path: &Path) -> Option<Stamp> {
    let metadata = fs::metadata(path).ok()?;
    #[cfg(unix)]
    let inode = std::os::unix::fs::MetadataExt::ino(&metadata);
    #[cfg(not(unix))]
    let inode = 0;
    Some((metadata.modified().ok(), metadata.len(), inode))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::KeyLimits;

    fn ring() -> (tempfile::TempDir, KeyFile, Keyring) {
        let folder = tempfile::tempdir().unwrap();
        let file = KeyFile::new(folder.path().join("keys.json"));
        let ring = Keyring::open(file.clone()).unwrap();
        (folder, file, ring)
    }

    #[test]
    fn only_whole_keys_open() {
        let (_folder, file, ring) = ring();
        let (token, record) = file.create("a", &[Scope::Read], KeyLimits::default()).unwrap();
        assert!(ring.find(token.expose()).is_none(), "not read yet");
        ring.refresh();
        let key = ring.find(token.expose()).unwrap();
        assert_eq!(
            (key.id(), key.has(Scope::Read), key.has(Scope::Trade)),
            (&*record.id, true, false)
        );
        let mut other = token.expose().to_owned();
        let last = if other.ends_with('A') { "B" } else { "A" };
        other.replace_range(other.len() - 1.., last);
        assert!(ring.find(&other).is_none());
        assert!(ring.find("").is_none());
        assert!(ring.find(&record.id).is_none());
    }

    #[test]
    fn revoking_ends_what_is_open() {
        let (_folder, file, ring) = ring();
        let (one, _) = file.create("one", &[Scope::Read], KeyLimits::default()).unwrap();
        let (two, _) = file.create("two", &[Scope::Read], KeyLimits::default()).unwrap();
        ring.refresh();
        let place = |it: &Token| ring.find(it.expose()).unwrap().admit(Instant::now()).unwrap();
        let (first, second) = (place(&one), place(&two));
        let (first, second) = (first.revoked(), second.revoked());
        file.revoke("one").unwrap();
        ring.refresh();
        assert!(first.is_cancelled() && !second.is_cancelled());
        assert!(ring.find(one.expose()).is_none() && ring.find(two.expose()).is_some());
        // Damage changes nothing, a missing file everything.
        fs::write(file.path(), "{").unwrap();
        ring.refresh();
        assert!(ring.find(two.expose()).is_some());
        fs::remove_file(file.path()).unwrap();
        ring.refresh();
        assert!(second.is_cancelled() && ring.is_empty());
    }

    #[test]
    fn limits() {
        let (_folder, file, ring) = ring();
        let limits = KeyLimits { connections: 2, topics: 1, requests_per_s: 2 };
        let (token, _) = file.create("one", &[Scope::Read], limits).unwrap();
        ring.refresh();
        let key = ring.find(token.expose()).unwrap();
        let now = Instant::now();
        let places = [key.admit(now).unwrap(), key.admit(now).unwrap()];
        assert_eq!(key.admit(now).unwrap_err(), Busy::Connections { max: 2 });
        assert_eq!((places[0].take_topic(), places[1].take_topic()), (Ok(()), Err(1)));
        places[0].return_topics(1);
        assert_eq!(places[1].take_topic(), Ok(()));
        drop(places);
        for _ in 0..2 {
            key.admit(now).unwrap();
        }
        let wait = Duration::from_millis(500);
        assert_eq!(key.admit(now).unwrap_err(), Busy::Requests { per_second: 2, wait });
        key.admit(now + wait).unwrap();
    }

    #[test]
    fn what_is_used_outlives_new_limits() {
        let (_folder, file, ring) = ring();
        let (token, record) = file.create("one", &[Scope::Read], KeyLimits::default()).unwrap();
        ring.refresh();
        let place = ring.find(token.expose()).unwrap().admit(Instant::now()).unwrap();
        let limits = KeyLimits { connections: 1, ..KeyLimits::default() };
        let changed = serde_json::json!({ "keys": [KeyRecord { limits, ..record }] });
        fs::write(file.path(), changed.to_string()).unwrap();
        ring.refresh();
        assert!(!place.revoked().is_cancelled());
        let key = ring.find(token.expose()).unwrap();
        assert_eq!(key.admit(Instant::now()).unwrap_err(), Busy::Connections { max: 1 });
        drop(place);
        key.admit(Instant::now()).unwrap();
    }
}
