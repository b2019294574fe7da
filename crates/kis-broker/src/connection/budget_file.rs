//! Keeps what was spent across restarts, `kill -9` included.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
    path::{Path, PathBuf},
};

use crate::budget::BudgetState;

/// The file one session's budgets are kept in.
#[derive(Debug, Clone)]
pub(super) struct BudgetFile {
    path: PathBuf,
}

impl BudgetFile {
    pub(super) fn new(path: PathBuf) -> Self {
        Self { path }
    }

    /// What an earlier process spent. A missing file means nothing; a damaged one too, since
    /// there is nothing better to be had from it.
    pub(super) fn load(&self) -> io::Result<BudgetState> {
        match fs::read(&self.path) {
            Ok(text) => serde_json::from_slice(&text).map_err(io::Error::from),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(BudgetState::default()),
            Err(error) => Err(error),
        }
    }

    /// Replaces the file as a whole, so that a reader finds the old state or the new one.
    pub(super) fn store(&self, state: &BudgetState) -> io::Result<()> {
        let draft = self.path.with_extension(format!("{}.tmp", std::process::id()));
        let stored = write(&draft, state).and_then(|()| fs::rename(&draft, &self.path));
        if stored.is_err() {
            // The draft is of no use; that it cannot be removed either is not worth more words.
            let _ = fs::remove_file(&draft);
        }
        stored
    }
}

fn write(path: &Path, state: &BudgetState) -> io::Result<()> {
    let text = serde_json::to_vec(state)?;
    create(path)?.write_all(&text)
}

fn create(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_stored_is_loaded() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("budget.json");
        let file = BudgetFile::new(path.clone());
        assert_eq!(file.load().unwrap(), BudgetState::default(), "no file yet");

        let state = BudgetState { connects: vec![1, 2], ..BudgetState::default() };
        file.store(&BudgetState::default()).unwrap();
        file.store(&state).unwrap();
        assert_eq!(file.load().unwrap(), state);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "no draft is left");

        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        }
        fs::write(&path, "{").unwrap();
        assert!(file.load().is_err(), "a damaged file is told from a missing one");
    }
}
