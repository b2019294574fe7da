//! What outlives the process: rules, what they have seen, and what is still to
//! be told.

mod error;
mod file;
mod pending;

use std::{
    path::Path,
    sync::{Mutex, MutexGuard, PoisonError},
};

use jiff::Timestamp;
use redb::{
    Database, ReadableDatabase, ReadableTable, StorageBackend, TableDefinition, WriteTransaction,
    backends::FileBackend,
};
use serde::{Serialize, de::DeserializeOwned};

pub use self::error::StoreError;
use self::{file::File, pending::Pending};
use crate::{
    engine::{Changes, RuleState},
    notification::Notification,
    rule::Rule,
};

const RULES: TableDefinition<'_, &str, &[u8]> = TableDefinition::new("rules");
const STATES: TableDefinition<'_, &str, &[u8]> = TableDefinition::new("states");
const NOTIFICATIONS: TableDefinition<'_, u64, &[u8]> = TableDefinition::new("notifications");
/// Recipients and the numbers of notifications that they have not got, and since when, in
/// seconds since 1970.
const PENDING: TableDefinition<'_, (&str, u64), i64> = TableDefinition::new("pending");
/// How many notifications a recipient will never get and has not been told of.
const DROPPED: TableDefinition<'_, &str, u64> = TableDefinition::new("dropped");
/// What else is kept beside, as JSON by name.
const NOTES: TableDefinition<'_, &str, &[u8]> = TableDefinition::new("notes");
/// The number of the next notification, under the empty key.
const NEXT: TableDefinition<'_, &str, u64> = TableDefinition::new("next");

/// How much is kept for how long.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// How many notifications may wait for one recipient. Beyond that the oldest
    /// of the least severity are dropped and counted.
    pub pending_max: usize,
    /// How many seconds a notification is worth delivering, by severity from
    /// [`Info`](crate::Severity::Info) up.
    pub stale_seconds: [i64; 4],
}

impl Default for Limits {
    fn default() -> Self {
        const HOUR: i64 = 3_600;
        Self { pending_max: 1_000, stale_seconds: [6 * HOUR, 24 * HOUR, 24 * HOUR, 72 * HOUR] }
    }
}

/// Rules, their states, and a queue for each recipient, in one file.
///
/// Each operation is one transaction, on disk when it returns: what was kept is
/// there after the process ends at any moment, and half of it never is. The file
/// holds what one's orders were, so it belongs to its owner alone.
///
/// Operations wait for the disk; call them where that is allowed. One that fails because the
/// disk does can be tried again: the file is opened anew.
#[derive(Debug)]
pub struct Store {
    file: File,
    limits: Limits,
    /// For whoever is about to change the picture, until the disk has it.
    writing: Mutex<()>,
    /// A picture of the tables `PENDING` and `DROPPED`, never locked while waiting for the disk.
    pending: Mutex<Pending>,
}

/// What [`Store::load`] found.
#[derive(Debug, Default)]
pub struct Loaded {
    /// The rules.
    pub rules: Vec<Rule>,
    /// What was kept of rules, by id; of those from elsewhere as well.
    pub states: Vec<(String, RuleState)>,
    /// Entries that cannot be read, such as those of a later version. They are
    /// left as they are.
    pub unreadable: Vec<String>,
}

/// Notifications to be sent to one recipient, oldest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Batch {
    /// Whose they are.
    pub recipient: String,
    /// What to say.
    pub notifications: Vec<Notification>,
    /// How many others were dropped before, and should be mentioned.
    pub dropped: u64,
    numbers: Vec<u64>,
}

impl Batch {
    /// Leaves out all but the first `count`; the others wait on.
    pub fn truncate(&mut self, count: usize) {
        self.notifications.truncate(count);
        self.numbers.truncate(count);
    }
}

/// What became of a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Settled {
    /// The recipient has got it.
    Delivered,
    /// The recipient will never take it; it counts as dropped.
    Refused,
}

/// A recipient's queue at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueueStatus {
    /// Whose it is.
    pub recipient: String,
    /// How many notifications wait.
    pub waiting: usize,
    /// Since when the oldest of them does.
    pub oldest: Option<Timestamp>,
    /// How many have come since the file was opened.
    pub queued: u64,
    /// How many were dropped since then: too many, too old, or refused for good.
    pub dropped: u64,
}

impl Store {
    /// Opens or makes the file; a new one may be read by its owner alone.
    ///
    /// # Errors
    /// [`StoreError`] when it is in use or is no such file.
    pub fn open(path: &Path, limits: Limits) -> Result<Self, StoreError> {
        let owned = path.to_owned();
        Self::of(File::open(path, move || FileBackend::new(file::owned(&owned)?))?, limits)
    }

    /// Keeps everything in `backend`, of which a clone is the same.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn with_backend(
        backend: impl StorageBackend + Clone,
        limits: Limits,
    ) -> Result<Self, StoreError> {
        Self::of(File::open(Path::new("memory"), move || Ok(backend.clone()))?, limits)
    }

    fn of(file: File, limits: Limits) -> Result<Self, StoreError> {
        let pending = file.with(|database| {
            let write = database.begin_write()?;
            // Every table exists from here on.
            write.open_table(RULES)?;
            write.open_table(STATES)?;
            write.open_table(NOTIFICATIONS)?;
            write.open_table(PENDING)?;
            write.open_table(DROPPED)?;
            write.open_table(NEXT)?;
            write.open_table(NOTES)?;
            write.commit()?;
            Pending::read(database)
        })?;
        Ok(Self { file, limits, writing: Mutex::default(), pending: Mutex::new(pending) })
    }

    /// Everything that rules need to go on.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn load(&self) -> Result<Loaded, StoreError> {
        self.with(|database| {
            let read = database.begin_read()?;
            let mut loaded = Loaded::default();
            for entry in read.open_table(RULES)?.iter()? {
                let (id, json) = entry?;
                match serde_json::from_slice::<Rule>(json.value()) {
                    Ok(rule) if rule.check().is_ok() => loaded.rules.push(rule),
                    _ => loaded.unreadable.push(format!("rule {}", id.value())),
                }
            }
            for entry in read.open_table(STATES)?.iter()? {
                let (id, json) = entry?;
                match serde_json::from_slice(json.value()) {
                    Ok(state) => loaded.states.push((id.value().to_owned(), state)),
                    Err(_) => loaded.unreadable.push(format!("state of rule {}", id.value())),
                }
            }
            Ok(loaded)
        })
    }

    /// Keeps a rule.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn put_rule(&self, rule: &Rule) -> Result<(), StoreError> {
        self.transact(|write| {
            let json = serde_json::to_vec(rule)?;
            write.open_table(RULES)?.insert(rule.id.as_str(), json.as_slice())?;
            Ok(())
        })
    }

    /// Forgets a rule and what it has seen; what it has told is still delivered.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn remove_rule(&self, id: &str) -> Result<(), StoreError> {
        self.transact(|write| {
            write.open_table(RULES)?.remove(id)?;
            write.open_table(STATES)?.remove(id)?;
            Ok(())
        })
    }

    /// Keeps what the engine has to say at `now`, each for those that `recipients`
    /// names, together with what its rules have seen.
    ///
    /// # Errors
    /// When it cannot be written; then nothing of it is.
    pub fn commit<'a>(
        &self,
        changes: &Changes,
        now: Timestamp,
        recipients: impl Fn(&Notification) -> Vec<&'a str>,
    ) -> Result<(), StoreError> {
        let (_writing, mut next) = self.begin()?;
        self.transact(|write| {
            let mut states = write.open_table(STATES)?;
            for (id, state) in &changes.states {
                states.insert(id.as_str(), serde_json::to_vec(state)?.as_slice())?;
            }
            let mut table = write.open_table(NOTIFICATIONS)?;
            for notification in &changes.notifications {
                let number = next.number();
                let severity = notification.severity;
                let mut told = false;
                for recipient in recipients(notification) {
                    told = true;
                    next.add(recipient, number, severity, now.as_second());
                }
                if told {
                    table.insert(number, serde_json::to_vec(notification)?.as_slice())?;
                }
            }
            drop((states, table));
            next.bound(self.limits.pending_max);
            next.write(write)
        })?;
        *self.pending() = next.written();
        Ok(())
    }

    /// The oldest notifications that wait for a recipient, at most `most`. What
    /// is not worth delivering at `now` any more is dropped before.
    ///
    /// # Errors
    /// When the file cannot be read or written.
    pub fn next(
        &self,
        recipient: &str,
        most: usize,
        now: Timestamp,
    ) -> Result<Option<Batch>, StoreError> {
        let (writing, mut kept) = self.begin()?;
        if kept.expire(recipient, self.limits.stale_seconds, now.as_second()) {
            self.transact(|write| kept.write(write))?;
            kept = kept.written();
            *self.pending() = kept.clone();
        }
        drop(writing);
        let (numbers, dropped) = (kept.oldest(recipient, most), kept.dropped(recipient));
        if numbers.is_empty() {
            return Ok(None);
        }
        let notifications = self.with(|database| {
            let table = database.begin_read()?.open_table(NOTIFICATIONS)?;
            let mut notifications = Vec::with_capacity(numbers.len());
            for number in &numbers {
                let json = table.get(number)?.ok_or(StoreError::Missing { number: *number })?;
                notifications.push(serde_json::from_slice(json.value())?);
            }
            Ok(notifications)
        })?;
        Ok(Some(Batch { recipient: recipient.to_owned(), notifications, dropped, numbers }))
    }

    /// Forgets a batch that the recipient has got or will never take.
    ///
    /// # Errors
    /// When it cannot be written; then it will be sent again.
    pub fn settle(&self, batch: &Batch, settled: Settled) -> Result<(), StoreError> {
        let (_writing, mut next) = self.begin()?;
        next.settle(&batch.recipient, &batch.numbers, batch.dropped, settled);
        self.transact(|write| next.write(write))?;
        *self.pending() = next.written();
        Ok(())
    }

    /// Forgets what waits for anybody but `recipients`, who are all there are.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn retain_recipients(&self, recipients: &[&str]) -> Result<(), StoreError> {
        let (_writing, mut next) = self.begin()?;
        next.retain(recipients);
        self.transact(|write| next.write(write))?;
        *self.pending() = next.written();
        Ok(())
    }

    /// What is kept under a name besides, such as a recipient's wishes.
    ///
    /// # Errors
    /// When the file or the entry cannot be read.
    pub fn note<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>, StoreError> {
        self.with(|database| {
            let table = database.begin_read()?.open_table(NOTES)?;
            let Some(json) = table.get(name)? else { return Ok(None) };
            Ok(Some(serde_json::from_slice(json.value())?))
        })
    }

    /// Keeps something under a name.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn put_note<T: Serialize>(&self, name: &str, note: &T) -> Result<(), StoreError> {
        let json = serde_json::to_vec(note)?;
        self.transact(|write| {
            write.open_table(NOTES)?.insert(name, json.as_slice())?;
            Ok(())
        })
    }

    /// How many notifications wait for a recipient, and how many were dropped
    /// that it has not been told of.
    pub fn waiting(&self, recipient: &str) -> (usize, u64) {
        let pending = self.pending();
        (pending.len(recipient), pending.dropped(recipient))
    }

    /// How the queues are doing: one for everybody to whom something was ever to be told.
    pub fn queues(&self) -> Vec<QueueStatus> {
        self.pending().statuses().collect()
    }

    /// The picture, to be replaced by nobody else.
    fn begin(&self) -> Result<(MutexGuard<'_, ()>, Pending), StoreError> {
        let writing = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        self.open_again()?;
        Ok((writing, self.pending().clone()))
    }

    fn pending(&self) -> MutexGuard<'_, Pending> {
        // A picture is replaced as a whole, so a panic cannot have left half.
        self.pending.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn transact(
        &self,
        change: impl FnOnce(&WriteTransaction) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        self.with(|database| {
            let write = database.begin_write()?;
            change(&write)?;
            write.commit()?;
            Ok(())
        })
    }

    /// Uses the database, opened anew if the disk has failed.
    fn with<T>(
        &self,
        used: impl FnOnce(&Database) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.open_again()?;
        self.file.with(used)
    }

    fn open_again(&self) -> Result<(), StoreError> {
        self.file.open_again(|database| {
            let found = Pending::read(database)?;
            let mut pending = self.pending();
            *pending = found.counting_like(&pending);
            Ok(())
        })
    }
}
