//! Who has not got what, in memory, and the changes that the file has not seen.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use redb::{Database, ReadableDatabase, ReadableTable, WriteTransaction};

use super::{DROPPED, NEXT, NOTIFICATIONS, PENDING, QueueStatus, Settled, StoreError};
use crate::notification::{Notification, Severity};

#[derive(Debug, Clone, Default)]
pub(super) struct Pending {
    next: u64,
    queues: BTreeMap<String, Queue>,
    /// Numbers whose notifications are in the file, and how many want them.
    wanted: BTreeMap<u64, usize>,
    changes: Vec<Change>,
}

#[derive(Debug, Clone, Default)]
struct Queue {
    entries: BTreeMap<u64, Entry>,
    dropped: u64,
    /// How many came, and how many of all were dropped, since the file was opened.
    queued: u64,
    dropped_in_all: u64,
}

#[derive(Debug, Clone, Copy)]
struct Entry {
    severity: Severity,
    /// Since when it waits, in seconds since 1970.
    since: i64,
}

#[derive(Debug, Clone)]
enum Change {
    Added(String, u64, i64),
    Removed(String, u64),
    Unwanted(u64),
    Dropped(String, u64),
}

impl Pending {
    pub(super) fn read(database: &Database) -> Result<Self, StoreError> {
        let read = database.begin_read()?;
        let next = read.open_table(NEXT)?.get("")?.map_or(0, |it| it.value());
        let mut pending = Self { next, ..Self::default() };
        let notifications = read.open_table(NOTIFICATIONS)?;
        for entry in read.open_table(PENDING)?.iter()? {
            let (key, since) = entry?;
            let (recipient, number) = key.value();
            let Some(json) = notifications.get(number)? else { continue };
            let Notification { severity, .. } = serde_json::from_slice(json.value())?;
            pending.add(recipient, number, severity, since.value());
        }
        for entry in read.open_table(DROPPED)?.iter()? {
            let (recipient, count) = entry?;
            pending.queue(recipient.value()).dropped = count.value();
        }
        pending.queues.values_mut().for_each(|it| it.queued = 0);
        Ok(pending.written())
    }

    /// The same with what `other` has counted.
    pub(super) fn counting_like(mut self, other: &Self) -> Self {
        for (recipient, counted) in &other.queues {
            let queue = self.queue(recipient);
            (queue.queued, queue.dropped_in_all) = (counted.queued, counted.dropped_in_all);
        }
        self
    }

    /// The same, after its changes have been written.
    pub(super) fn written(mut self) -> Self {
        self.changes.clear();
        self
    }

    pub(super) fn write(&self, write: &WriteTransaction) -> Result<(), StoreError> {
        let mut pending = write.open_table(PENDING)?;
        let mut notifications = write.open_table(NOTIFICATIONS)?;
        let mut dropped = write.open_table(DROPPED)?;
        for change in &self.changes {
            match change {
                Change::Added(recipient, number, since) => {
                    pending.insert((recipient.as_str(), *number), since)?;
                }
                Change::Removed(recipient, number) => {
                    pending.remove((recipient.as_str(), *number))?;
                }
                Change::Unwanted(number) => {
                    notifications.remove(number)?;
                }
                Change::Dropped(recipient, 0) => {
                    dropped.remove(recipient.as_str())?;
                }
                Change::Dropped(recipient, count) => {
                    dropped.insert(recipient.as_str(), count)?;
                }
            }
        }
        write.open_table(NEXT)?.insert("", self.next)?;
        Ok(())
    }

    /// The number of a new notification.
    pub(super) fn number(&mut self) -> u64 {
        self.next += 1;
        self.next
    }

    pub(super) fn add(&mut self, recipient: &str, number: u64, severity: Severity, since: i64) {
        let queue = self.queue(recipient);
        if queue.entries.insert(number, Entry { severity, since }).is_none() {
            queue.queued += 1;
            *self.wanted.entry(number).or_default() += 1;
            self.changes.push(Change::Added(recipient.to_owned(), number, since));
        }
    }

    /// Drops the oldest of the least severity where more than `most` wait.
    pub(super) fn bound(&mut self, most: usize) {
        let mut excess = Vec::new();
        for (recipient, queue) in &self.queues {
            let over = queue.entries.len().saturating_sub(most);
            if over == 0 {
                continue;
            }
            let by_worth: BTreeSet<_> =
                queue.entries.iter().map(|(number, it)| (it.severity, *number)).collect();
            let numbers = by_worth.into_iter().take(over).map(|it| it.1).collect();
            excess.push((recipient.clone(), numbers));
        }
        for (recipient, numbers) in excess {
            self.drop_all(&recipient, numbers);
        }
    }

    /// Drops what is not worth delivering at `now`; `true` when there was any.
    pub(super) fn expire(&mut self, recipient: &str, stale: [i64; 4], now: i64) -> bool {
        let Some(queue) = self.queues.get(recipient) else { return false };
        let old = |it: &Entry| now - it.since > stale[it.severity as usize];
        let entries = queue.entries.iter().filter(|it| old(it.1));
        let numbers: Vec<_> = entries.map(|it| *it.0).collect();
        let any = !numbers.is_empty();
        self.drop_all(recipient, numbers);
        any
    }

    pub(super) fn settle(
        &mut self,
        recipient: &str,
        numbers: &[u64],
        mentioned: u64,
        settled: Settled,
    ) {
        match settled {
            Settled::Delivered => {
                for number in numbers {
                    self.take(recipient, *number);
                }
                let queue = self.queue(recipient);
                let left = queue.dropped.saturating_sub(mentioned);
                self.set_dropped(recipient, left);
            }
            Settled::Refused => self.drop_all(recipient, numbers.to_vec()),
        }
    }

    pub(super) fn retain(&mut self, recipients: &[&str]) {
        let others = self.queues.keys().filter(|it| !recipients.contains(&it.as_str()));
        for recipient in others.cloned().collect::<Vec<_>>() {
            let numbers = self.oldest(&recipient, usize::MAX);
            for number in numbers {
                self.take(&recipient, number);
            }
            self.set_dropped(&recipient, 0);
            self.queues.remove(&recipient);
        }
    }

    pub(super) fn oldest(&self, recipient: &str, most: usize) -> Vec<u64> {
        let queue = self.queues.get(recipient);
        queue.into_iter().flat_map(|it| it.entries.keys().copied()).take(most).collect()
    }

    pub(super) fn len(&self, recipient: &str) -> usize {
        self.queues.get(recipient).map_or(0, |it| it.entries.len())
    }

    pub(super) fn dropped(&self, recipient: &str) -> u64 {
        self.queues.get(recipient).map_or(0, |it| it.dropped)
    }

    pub(super) fn statuses(&self) -> impl Iterator<Item = QueueStatus> {
        self.queues.iter().map(|(recipient, queue)| QueueStatus {
            recipient: recipient.clone(),
            waiting: queue.entries.len(),
            // They come in the order of their numbers.
            oldest: queue
                .entries
                .values()
                .next()
                .and_then(|it| Timestamp::from_second(it.since).ok()),
            queued: queue.queued,
            dropped: queue.dropped_in_all,
        })
    }

    fn drop_all(&mut self, recipient: &str, numbers: Vec<u64>) {
        let taken = numbers.into_iter().filter(|it| self.take(recipient, *it)).count() as u64;
        if taken > 0 {
            self.queue(recipient).dropped_in_all += taken;
            let dropped = self.dropped(recipient) + taken;
            self.set_dropped(recipient, dropped);
        }
    }

    fn take(&mut self, recipient: &str, number: u64) -> bool {
        if self.queue(recipient).entries.remove(&number).is_none() {
            return false;
        }
        self.changes.push(Change::Removed(recipient.to_owned(), number));
        if let Some(wanted) = self.wanted.get_mut(&number) {
            *wanted -= 1;
            if *wanted == 0 {
                self.wanted.remove(&number);
                self.changes.push(Change::Unwanted(number));
            }
        }
        true
    }

    fn set_dropped(&mut self, recipient: &str, count: u64) {
        let queue = self.queue(recipient);
        if queue.dropped != count {
            queue.dropped = count;
            self.changes.push(Change::Dropped(recipient.to_owned(), count));
        }
    }

    fn queue(&mut self, recipient: &str) -> &mut Queue {
        if !self.queues.contains_key(recipient) {
            self.queues.insert(recipient.to_owned(), Queue::default());
        }
        self.queues.entry(recipient.to_owned()).or_default()
    }
}
