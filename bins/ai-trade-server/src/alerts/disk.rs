//! How far the disk has come, for those who wait for it.

use std::{
    collections::BTreeSet,
    mem,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    time::Duration,
};

use tokio::{
    sync::{Notify, watch},
    time::timeout,
};

use super::AlertError;

/// How long a client may wait for the disk.
const WAIT_MAX: Duration = Duration::from_secs(5);

/// What is to be written besides what the engine has found: everything else is with the engine,
/// so nothing here grows while the disk fails.
#[derive(Debug, Default)]
pub(super) struct Disk {
    /// Rings when there is something to write.
    bell: Notify,
    /// Whether the memories that change with every record are to be written as well.
    checkpoint: AtomicBool,
    edits: Mutex<Edits>,
    progress: watch::Sender<Progress>,
}

/// The rules whose definitions are to be written: made, changed or removed.
#[derive(Debug, Clone, Default)]
pub(super) struct Edits {
    pub(super) ids: BTreeSet<String>,
    /// How many edits there have been.
    last: u64,
}

#[derive(Debug, Clone, Default)]
struct Progress {
    /// Edits up to this one are on the disk.
    kept: u64,
    /// Edits up to this one were not written by the latest attempt, and why.
    failed: Option<(u64, String)>,
}

impl Disk {
    /// There is something to write.
    pub(super) fn ring(&self) {
        self.bell.notify_one();
    }

    /// Everything is to be written that would be lost otherwise.
    pub(super) fn ring_for_all(&self) {
        self.checkpoint.store(true, Relaxed);
        self.ring();
    }

    /// Waits until there is something to write.
    pub(super) async fn rung(&self) {
        self.bell.notified().await;
    }

    /// Whether everything is to be written, this once.
    pub(super) fn take_checkpoint(&self) -> bool {
        self.checkpoint.swap(false, Relaxed)
    }

    /// A rule was made, changed or removed; for [`kept`](Self::kept). The engine's lock is held.
    pub(super) fn edited(&self, id: &str) -> u64 {
        let mut edits = self.edits();
        edits.ids.insert(id.to_owned());
        edits.last += 1;
        self.ring();
        edits.last
    }

    /// The edits to write. The engine's lock is held.
    pub(super) fn take_edits(&self) -> Edits {
        let mut edits = self.edits();
        Edits { ids: mem::take(&mut edits.ids), last: edits.last }
    }

    pub(super) fn succeeded(&self, edits: &Edits) {
        self.progress.send_modify(|it| *it = Progress { kept: edits.last, failed: None });
    }

    /// Nothing was written; the edits are to be written again.
    pub(super) fn failed(&self, edits: Edits, why: String) {
        self.edits().ids.extend(edits.ids);
        self.progress.send_modify(|it| it.failed = Some((edits.last, why)));
    }

    /// Whether the latest attempt to write something has failed.
    pub(super) fn is_failing(&self) -> bool {
        self.progress.borrow().failed.is_some()
    }

    /// An error while nothing can be written: it would have to be undone.
    pub(super) fn check(&self) -> Result<(), AlertError> {
        match &self.progress.borrow().failed {
            Some((_, why)) => Err(AlertError::NotKept(why.clone())),
            None => Ok(()),
        }
    }

    /// Waits, for a while, until the edit is on the disk.
    pub(super) async fn kept(&self, edit: u64) -> Result<(), AlertError> {
        let mut progress = self.progress.subscribe();
        let tried = |it: &Progress| it.failed.as_ref().is_some_and(|it| it.0 >= edit);
        let ended = progress.wait_for(|it| it.kept >= edit || tried(it));
        let not_kept = |why: &str| Err(AlertError::NotKept(why.to_owned()));
        match timeout(WAIT_MAX, ended).await {
            Ok(Ok(progress)) if progress.kept >= edit => Ok(()),
            Ok(Ok(progress)) => not_kept(progress.failed.as_ref().map_or("", |it| &it.1)),
            Ok(Err(_)) => not_kept("the server is shutting down"),
            Err(_) => not_kept("the disk takes too long"),
        }
    }

    fn edits(&self) -> MutexGuard<'_, Edits> {
        self.edits.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn whoever_waits_is_told_what_became_of_it() {
        let disk = Disk::default();
        let first = disk.edited("a");
        let edits = disk.take_edits();
        let second = disk.edited("b");
        disk.succeeded(&edits);
        assert!(disk.kept(first).await.is_ok());
        let error = disk.kept(second).await.unwrap_err().to_string();
        assert!(error.contains("the disk takes too long"), "{error}");

        let edits = disk.take_edits();
        disk.failed(edits, "full".to_owned());
        assert!(disk.kept(second).await.unwrap_err().to_string().contains("full"));
        assert!(disk.check().is_err() && disk.is_failing());
        assert!(disk.kept(first).await.is_ok(), "that one is on the disk");

        let edits = disk.take_edits();
        assert_eq!(edits.ids, ["b".to_owned()].into());
        disk.succeeded(&edits);
        assert!(disk.kept(second).await.is_ok() && disk.check().is_ok());
    }
}
