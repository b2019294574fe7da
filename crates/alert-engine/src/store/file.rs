//! The file of a store, opened anew when the disk has failed.

use std::{
    fmt,
    fs::{self, OpenOptions},
    io,
    path::Path,
    sync::{PoisonError, RwLock},
};

use redb::{Database, DatabaseError, StorageBackend};

use super::StoreError;

const CACHE_BYTES: usize = 4 << 20;

type Open = Box<dyn Fn() -> Result<Database, StoreError> + Send + Sync>;

pub(super) struct File {
    /// Nothing after the disk has failed: what redb knows then need not be what is there, so it
    /// refuses everything.
    database: RwLock<Option<Database>>,
    open: Open,
}

impl File {
    /// Opens what `backend` gives, whenever that is necessary. `path` is for errors.
    pub(super) fn open<B: StorageBackend>(
        path: &Path,
        backend: impl Fn() -> Result<B, DatabaseError> + Send + Sync + 'static,
    ) -> Result<Self, StoreError> {
        let path = path.to_owned();
        let open = move || {
            let opened = backend().and_then(|it| builder().create_with_backend(it));
            opened.map_err(|error| StoreError::Open { path: path.clone(), error })
        };
        Ok(Self { database: RwLock::new(Some(open()?)), open: Box::new(open) })
    }

    /// Uses the database. If the disk fails, it is closed.
    pub(super) fn with<T>(
        &self,
        used: impl FnOnce(&Database) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        use redb::Error::{Io, PreviousIo};
        let result = match &*self.database.read().unwrap_or_else(PoisonError::into_inner) {
            Some(database) => used(database),
            None => Err(StoreError::Storage(PreviousIo)),
        };
        if let Err(StoreError::Storage(Io(_) | PreviousIo)) = &result {
            *self.database.write().unwrap_or_else(PoisonError::into_inner) = None;
        }
        result
    }

    /// Opens it anew if it was closed; then `opened` is shown what there is.
    pub(super) fn open_again(
        &self,
        opened: impl FnOnce(&Database) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        if self.database.read().unwrap_or_else(PoisonError::into_inner).is_some() {
            return Ok(());
        }
        let mut database = self.database.write().unwrap_or_else(PoisonError::into_inner);
        if database.is_none() {
            let again = (self.open)()?;
            opened(&again)?;
            *database = Some(again);
        }
        Ok(())
    }
}

impl fmt::Debug for File {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("File").finish_non_exhaustive()
    }
}

/// The whole is a few megabytes at most. A damaged file must be an error.
fn builder() -> redb::Builder {
    let mut builder = Database::builder();
    builder.set_cache_size(CACHE_BYTES).set_check_integrity_on_open(true);
    builder
}

/// The file, made for the owner's eyes where there is none.
pub(super) fn owned(path: &Path) -> io::Result<fs::File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}
