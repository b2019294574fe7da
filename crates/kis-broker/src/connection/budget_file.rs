//! Keeps what was spent across restarts, `kill -9` included, and between processes.

use std::{
    collections::BTreeMap,
    fs::{self, File, OpenOptions, TryLockError},
    io::{self, Write},
    path::{Path, PathBuf},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use serde::{Deserialize, Serialize};
use tracing::warn;

use crate::budget::{Allowance, BudgetState, Budgets};

/// How long to wait for another who uses the file, who needs it for less than a millisecond.
const LOCK_MAX: Duration = Duration::from_millis(100);
const LOCK_INTERVAL: Duration = Duration::from_millis(1);

/// One app key's part of the file that budgets are kept in, and the lock beside it.
///
/// The file holds the moments at which something was spent. They are written once and never
/// changed, so that everybody who uses the same app key can tell the others' from his own.
#[derive(Debug)]
pub(super) struct BudgetFile {
    path: PathBuf,
    /// The app key's name in the file, which does not tell the key.
    key: String,
    /// What was in the file when it was last seen.
    known: BudgetState,
    /// What has to be added to it still.
    unsaved: BudgetState,
}

#[derive(Debug, Default, Serialize, Deserialize)]
struct Content {
    #[serde(default)]
    keys: BTreeMap<String, BudgetState>,
}

impl BudgetFile {
    pub(super) fn new(path: PathBuf, key: String) -> Self {
        let (known, unsaved) = Default::default();
        Self { path, key, known, unsaved }
    }

    /// Adds what was `spent`, and returns what others have spent since the last time. What is
    /// older than its window is dropped.
    ///
    /// # Errors
    /// Returns an error when the file cannot be written or somebody holds its lock for long.
    /// What was to be added is added the next time.
    pub(super) fn exchange(
        &mut self,
        spent: BudgetState,
        budgets: &Budgets,
        wall: SystemTime,
    ) -> io::Result<BudgetState> {
        each(&mut self.unsaved, spent, |unsaved, spent| unsaved.extend(spent));
        let _held = lock(&self.path.with_extension("lock"))?;
        let mut content = self.load()?;
        let mut found = content.keys.remove(&self.key).unwrap_or_default();
        for (moments, allowance) in with_allowances(&mut found, budgets) {
            drop_old(moments, allowance, wall);
        }

        let mut others = found.clone();
        each(&mut others, self.known.clone(), |others, known| take_away(others, &known));
        let mut all = found;
        each(&mut all, self.unsaved.clone(), |all, unsaved| all.extend(unsaved));
        content.keys.insert(self.key.clone(), all.clone());
        self.store(&content)?;
        self.known = all;
        self.unsaved = BudgetState::default();
        Ok(others)
    }

    /// A missing file means that nothing was spent; a damaged one too, since there is nothing
    /// better to be had from it.
    fn load(&self) -> io::Result<Content> {
        match fs::read(&self.path) {
            Ok(text) => Ok(serde_json::from_slice(&text).unwrap_or_else(|error| {
                warn!(%error, "budget file damaged, starting with full budgets");
                Content::default()
            })),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Content::default()),
            Err(error) => Err(error),
        }
    }

    /// Replaces the file as a whole: whoever is killed meanwhile leaves the old one. The caller
    /// holds the lock.
    fn store(&self, content: &Content) -> io::Result<()> {
        let draft = self.path.with_extension("tmp");
        let text = serde_json::to_vec(content)?;
        options().truncate(true).open(&draft)?.write_all(&text)?;
        fs::rename(&draft, &self.path)
    }
}

/// Takes the lock, which ends when the file is dropped or the process ends.
fn lock(path: &Path) -> io::Result<File> {
    let file = options().open(path)?;
    let mut waited = Duration::ZERO;
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(TryLockError::WouldBlock) if waited < LOCK_MAX => {
                std::thread::sleep(LOCK_INTERVAL);
                waited += LOCK_INTERVAL;
            }
            Err(TryLockError::WouldBlock) => return Err(io::ErrorKind::WouldBlock.into()),
            Err(TryLockError::Error(error)) => return Err(error),
        }
    }
}

/// For the owner only.
fn options() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// Does the same to each kind of spending.
fn each(into: &mut BudgetState, from: BudgetState, merge: impl Fn(&mut Vec<u64>, Vec<u64>)) {
    merge(&mut into.connects, from.connects);
    merge(&mut into.registrations, from.registrations);
    merge(&mut into.releases, from.releases);
    merge(&mut into.approvals, from.approvals);
}

fn with_allowances<'a>(
    state: &'a mut BudgetState,
    budgets: &Budgets,
) -> [(&'a mut Vec<u64>, Allowance); 4] {
    [
        (&mut state.connects, budgets.connects),
        (&mut state.registrations, budgets.registrations),
        (&mut state.releases, budgets.releases),
        (&mut state.approvals, budgets.approvals),
    ]
}

/// Removes from `moments` each of `known` once.
fn take_away(moments: &mut Vec<u64>, known: &[u64]) {
    let mut known = known.to_vec();
    moments.retain(|it| match known.iter().position(|known| known == it) {
        Some(at) => {
            known.swap_remove(at);
            false
        }
        None => true,
    });
}

/// Drops what has left the window, and what is more than the allowance. Moments in the future
/// were written before the clock was set back, and count.
fn drop_old(moments: &mut Vec<u64>, allowance: Allowance, wall: SystemTime) {
    let since = wall.duration_since(UNIX_EPOCH).unwrap_or_default();
    let start = since.saturating_sub(allowance.window).as_millis();
    moments.retain(|it| u128::from(*it) > start);
    moments.sort_unstable();
    moments.drain(..moments.len().saturating_sub(allowance.count));
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: u64 = 3_600_000;

    fn wall(millis: u64) -> SystemTime {
        UNIX_EPOCH + Duration::from_millis(millis)
    }

    fn connects(moments: &[u64]) -> BudgetState {
        BudgetState { connects: moments.to_vec(), ..BudgetState::default() }
    }

    fn exchange(file: &mut BudgetFile, spent: &[u64], at: u64) -> Vec<u64> {
        file.exchange(connects(spent), &Budgets::default(), wall(at)).unwrap().connects
    }

    #[test]
    fn what_is_stored_is_found_after_a_restart() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("budget.json");
        let mut before = BudgetFile::new(path.clone(), "a".into());
        assert_eq!(exchange(&mut before, &[], HOUR), [0; 0], "no file yet");
        assert_eq!(exchange(&mut before, &[HOUR, HOUR], HOUR), [0; 0], "its own are not news");
        assert_eq!(exchange(&mut before, &[HOUR + 5], HOUR + 5), [0; 0]);

        let mut after = BudgetFile::new(path.clone(), "a".into());
        assert_eq!(exchange(&mut after, &[], HOUR + 9), [HOUR, HOUR, HOUR + 5]);
        let mut later = BudgetFile::new(path.clone(), "a".into());
        assert_eq!(exchange(&mut later, &[], HOUR + 599_999), [HOUR, HOUR, HOUR + 5]);
        let mut later = BudgetFile::new(path.clone(), "a".into());
        assert_eq!(exchange(&mut later, &[], HOUR + 600_004), [HOUR + 5], "out of the window");

        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        }
    }

    #[test]
    fn keys_and_processes_share_a_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("budget.json");
        let mut one = BudgetFile::new(path.clone(), "a".into());
        let mut same = BudgetFile::new(path.clone(), "a".into());
        let mut other = BudgetFile::new(path.clone(), "b".into());
        exchange(&mut one, &[HOUR], HOUR);
        exchange(&mut other, &[HOUR + 1], HOUR + 1);
        assert_eq!(exchange(&mut same, &[HOUR, HOUR + 2], HOUR + 2), [HOUR]);
        assert_eq!(exchange(&mut one, &[HOUR + 3], HOUR + 3), [HOUR, HOUR + 2], "told once");
        assert_eq!(exchange(&mut same, &[], HOUR + 4), [HOUR + 3]);
        assert_eq!(exchange(&mut other, &[], HOUR + 5), [0; 0], "keys are kept apart");
        let mut third = BudgetFile::new(path, "a".into());
        assert_eq!(exchange(&mut third, &[], HOUR + 6), [HOUR, HOUR, HOUR + 2, HOUR + 3]);
    }

    #[test]
    fn many_at_once_lose_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("budget.json");
        let budgets = Budgets::default();
        let spend = |moment: u64| {
            let mut file = BudgetFile::new(path.clone(), (moment % 2).to_string());
            let mut spent = connects(&[HOUR + moment]);
            while file.exchange(spent, &budgets, wall(HOUR)).is_err() {
                spent = BudgetState::default();
            }
        };
        std::thread::scope(|scope| {
            for moment in 0..20 {
                let spend = &spend;
                scope.spawn(move || spend(moment));
            }
        });
        let mut file = BudgetFile::new(path.clone(), "1".into());
        let odd: Vec<u64> = (0..10).map(|it| HOUR + 2 * it + 1).collect();
        assert_eq!(exchange(&mut file, &[], HOUR), odd);
    }

    #[test]
    fn damage_and_a_held_lock_lose_nothing_new() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("budget.json");
        let mut file = BudgetFile::new(path.clone(), "a".into());
        fs::write(&path, "{").unwrap();
        assert_eq!(exchange(&mut file, &[HOUR], HOUR), [0; 0]);
        let held = lock(&path.with_extension("lock")).unwrap();
        let spent = connects(&[HOUR + 1]);
        assert!(file.exchange(spent, &Budgets::default(), wall(HOUR + 1)).is_err());
        drop(held);
        exchange(&mut file, &[], HOUR + 2);
        let mut after = BudgetFile::new(path, "a".into());
        assert_eq!(exchange(&mut after, &[], HOUR + 3), [HOUR, HOUR + 1]);
    }
}
