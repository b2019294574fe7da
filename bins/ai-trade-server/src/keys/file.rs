//! The file of keys, for its owner only.

use std::{
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
    time::{SystemTime, UNIX_EPOCH},
};

use serde::{Deserialize, Serialize};

use super::{KeyLimits, KeyRecord, Scope, Token};
use crate::private;

/// The file of keys.
#[derive(Debug, Clone)]
pub struct KeyFile {
    path: PathBuf,
}

/// A file of keys that cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KeyFileError {
    /// The system does not let us.
    #[error("the key file {path} cannot be used: {error}; choose another with SERVER__KEYS_FILE")]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system says.
        error: io::Error,
    },
    /// It holds something else.
    #[error("the key file {path} is damaged: {error}; restore it, or remove it and make new keys")]
    Damaged {
        /// The file.
        path: PathBuf,
        /// Where and what.
        error: serde_json::Error,
    },
    /// There is no such key.
    #[error("there is no key {0:?}; `ai-trade-server key list` lists them")]
    Unknown(String),
    /// There are several of that name.
    #[error("there are {count} keys named {name:?}; give the id of one")]
    Ambiguous {
        /// The name.
        name: String,
        /// How many have it.
        count: usize,
    },
    /// The name is taken.
    #[error("there is a key named {0:?} already; choose another name, or revoke that one first")]
    Taken(String),
    /// A key without a scope opens nothing.
    #[error("a key needs a scope: --scope read, trade or admin")]
    NoScope,
}

#[derive(Default, Serialize, Deserialize)]
struct Content {
    keys: Vec<KeyRecord>,
}

impl KeyFile {
    /// The file at `path`, which need not be there yet.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into() }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The keys in it; none when there is no file.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn load(&self) -> Result<Vec<KeyRecord>, KeyFileError> {
        let text = match fs::read(&self.path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(self.io(error)),
        };
        serde_json::from_slice(&text)
            .map(|it: Content| it.keys)
            .map_err(|error| KeyFileError::Damaged { path: self.path.clone(), error })
    }

    /// Makes a key. It cannot be shown again.
    ///
    /// # Errors
    /// When the name is taken or the file cannot be written.
    pub fn create(
        &self,
        name: &str,
        scopes: &[Scope],
        limits: KeyLimits,
    ) -> Result<(Token, KeyRecord), KeyFileError> {
        let mut scopes = scopes.to_vec();
        scopes.sort_unstable();
        scopes.dedup();
        if scopes.is_empty() {
            return Err(KeyFileError::NoScope);
        }
        let _lock = self.lock()?;
        let mut keys = self.load()?;
        if !name.is_empty() && keys.iter().any(|it| it.name == name) {
            return Err(KeyFileError::Taken(name.to_owned()));
        }
        let token = loop {
            let token = Token::generate();
            if keys.iter().all(|it| it.id != token.id()) {
                break token;
            }
        };
        let record = KeyRecord {
            id: token.id().to_owned(),
            name: name.to_owned(),
            scopes,
            sha256: token.digest(),
            created: SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs(),
            limits,
        };
        keys.push(record.clone());
        self.store(keys)?;
        Ok((token, record))
    }

    /// Removes the key with this id or name.
    ///
    /// # Errors
    /// When there is none, or several of that name, or the file cannot be written.
    pub fn revoke(&self, id_or_name: &str) -> Result<KeyRecord, KeyFileError> {
        let _lock = self.lock()?;
        let mut keys = self.load()?;
        let position = match keys.iter().position(|it| it.id == id_or_name) {
            Some(position) => position,
            None => {
                let named = |it: &KeyRecord| !it.name.is_empty() && it.name == id_or_name;
                let count = keys.iter().filter(|it| named(it)).count();
                let name = id_or_name.to_owned();
                match keys.iter().position(named) {
                    Some(position) if count == 1 => position,
                    Some(_) => return Err(KeyFileError::Ambiguous { name, count }),
                    None => return Err(KeyFileError::Unknown(name)),
                }
            }
        };
        let revoked = keys.remove(position);
        self.store(keys)?;
        Ok(revoked)
    }

    /// Held while the file is changed, so that two commands do not undo each other.
    fn lock(&self) -> Result<File, KeyFileError> {
        let lock = || {
            if let Some(folder) = self.path.parent().filter(|it| !it.as_os_str().is_empty()) {
                private::create_folder(folder)?;
            }
            let file = private::options().write(true).open(self.path.with_extension("lock"))?;
            file.lock()?;
            Ok(file)
        };
        lock().map_err(|error| self.io(error))
    }

    /// Replaces the file as a whole: a reader finds the old one or the new one.
    fn store(&self, keys: Vec<KeyRecord>) -> Result<(), KeyFileError> {
        let store = || {
            let draft = self.path.with_extension("tmp");
            let text = serde_json::to_vec_pretty(&Content { keys })?;
            let mut file = private::options().write(true).truncate(true).open(&draft)?;
            file.write_all(&text)?;
            file.sync_all()?;
            fs::rename(&draft, &self.path)
        };
        store().map_err(|error| self.io(error))
    }

    fn io(&self, error: io::Error) -> KeyFileError {
        KeyFileError::Io { path: self.path.clone(), error }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(folder: &tempfile::TempDir) -> KeyFile {
        KeyFile::new(folder.path().join("new/keys.json"))
    }

    #[test]
    fn keys_come_and_go() {
        let folder = tempfile::tempdir().unwrap();
        let file = file(&folder);
        assert!(file.load().unwrap().is_empty());
        let limits = KeyLimits { topics: 3, ..KeyLimits::default() };
        let scopes = [Scope::Trade, Scope::Read, Scope::Read];
        let (token, record) = file.create("bot", &scopes, limits).unwrap();
        assert_eq!(record.scopes, [Scope::Read, Scope::Trade]);
        assert_eq!(file.load().unwrap(), std::slice::from_ref(&record));
        assert_eq!(record.sha256, token.digest());

        let (_, other) = file.create("", &[Scope::Read], limits).unwrap();
        file.create("", &[Scope::Read], limits).unwrap();
        assert!(matches!(
            file.create("bot", &[Scope::Read], limits),
            Err(KeyFileError::Taken(name)) if name == "bot"
        ));
        assert!(matches!(file.create("none", &[], limits), Err(KeyFileError::NoScope)));
        assert!(matches!(file.revoke(""), Err(KeyFileError::Unknown(_))));
        assert_eq!(file.revoke("bot").unwrap(), record);
        assert_eq!(file.revoke(&other.id).unwrap(), other);
        assert_eq!(file.load().unwrap().len(), 1);
    }

    #[test]
    fn the_key_is_not_in_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let file = file(&folder);
        let (token, _) = file.create("bot", &[Scope::Read], KeyLimits::default()).unwrap();
        let text = fs::read_to_string(file.path()).unwrap();
        let secret = token.expose().splitn(3, '_').nth(2).unwrap();
        assert!(text.contains(token.id()) && !text.contains(secret), "{text}");
    }

    #[test]
    fn damage_is_said() {
        let folder = tempfile::tempdir().unwrap();
        let file = KeyFile::new(folder.path().join("keys.json"));
        for damage in ["", "{", "[]", r#"{"keys":[{"id":"x"}]}"#] {
            fs::write(file.path(), damage).unwrap();
            assert!(matches!(file.load(), Err(KeyFileError::Damaged { .. })), "{damage}");
            // Nor is it overwritten.
            assert!(file.create("a", &[Scope::Read], KeyLimits::default()).is_err());
            assert_eq!(fs::read_to_string(file.path()).unwrap(), damage);
        }
    }

    #[cfg(unix)]
    #[test]
    fn nobody_else_may_read_it() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let file = file(&folder);
        file.create("bot", &[Scope::Read], KeyLimits::default()).unwrap();
        let mode = fs::metadata(file.path()).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600);
    }
}
