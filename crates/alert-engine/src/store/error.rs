use std::path::PathBuf;

/// Something that cannot be kept or read back.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The file cannot be opened.
    #[error("cannot open the alert store {path}: {error}; is another server using it?", path = path.display())]
    Open {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        error: redb::DatabaseError,
    },
    /// The file cannot be read or written.
    #[error("the alert store cannot be read or written: {0}; is the disk full?")]
    Storage(#[from] redb::Error),
    /// A notification waits for somebody and is not there.
    #[error("notification {number} is not in the alert store; has another program written to it?")]
    Missing {
        /// Its number.
        number: u64,
    },
    /// The thread that was to do it has ended.
    #[error("the alert store was interrupted: {0}")]
    Interrupted(String),
    /// An entry is not what this version writes.
    #[error("an entry of the alert store is not readable: {0}; was it written by a later version?")]
    Entry(#[from] serde_json::Error),
}

macro_rules! storage_errors {
    ($($name:ident)+) => {$(
        impl From<redb::$name> for StoreError {
            fn from(error: redb::$name) -> Self {
                Self::Storage(error.into())
            }
        }
    )+};
}

storage_errors! { CommitError StorageError TableError TransactionError }
