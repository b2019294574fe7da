//! The file that shares a token between processes and restarts.

use std::{
    fs::{self, DirBuilder, File, OpenOptions, TryLockError},
    io::{self, Write},
    path::{Path, PathBuf},
    sync::Once,
};

use reqwest::Url;
use serde::{Deserialize, Serialize};
use tracing::warn;

use super::Token;
use crate::{credentials::AppKey, environment::Environment};

/// The file of one app key in one environment, and the lock beside it.
///
/// Reading needs no lock, since the file is only ever replaced as a whole. Nothing in it is
/// essential: whoever finds it missing or damaged asks KIS for a token.
#[derive(Debug)]
pub(super) struct TokenFile {
    path: PathBuf,
    warned: Once,
}

/// The right to ask KIS and to write the file, until dropped or the process ends.
#[derive(Debug)]
pub(super) struct Held {
    _file: File,
}

#[derive(Serialize, Deserialize)]
struct Content {
    #[serde(flatten)]
    token: Token,
    /// How many seconds KIS's clock was ahead of this machine's.
    #[serde(default)]
    ahead: i64,
}

impl TokenFile {
    pub(super) fn new(
        folder: &Path,
        environment: Environment,
        rest: &Url,
        app_key: &AppKey,
    ) -> Self {
        // The address as well, because every custom environment issues tokens of its own.
        let hash = app_key.fingerprint(rest);
        let path = folder.join(format!("token-{environment}-{hash}.json"));
        Self { path, warned: Once::new() }
    }

    /// The token in the file; none when there is no file or it is damaged.
    pub(super) fn load(&self) -> Option<Token> {
        self.load_with_skew().map(|(token, _)| token)
    }

    /// The token in the file, and how many seconds KIS was ahead.
    pub(super) fn load_with_skew(&self) -> Option<(Token, i64)> {
        match fs::read(&self.path) {
            // What serde says about a text it cannot read may quote the token.
            Ok(text) => match serde_json::from_slice::<Content>(&text) {
                Ok(content) => Some((content.token, content.ahead)),
                Err(_) => {
                    self.warn(&"it is damaged");
                    None
                }
            },
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => {
                self.warn(&error);
                None
            }
        }
    }

    /// Takes the lock unless somebody has it.
    ///
    /// # Errors
    /// Returns an error when the folder cannot be written or knows no locks.
    pub(super) fn try_lock(&self) -> io::Result<Option<Held>> {
        if let Some(folder) = self.path.parent() {
            create_folder(folder)?;
        }
        let file = options().open(self.path.with_extension("lock"))?;
        match file.try_lock() {
            Ok(()) => Ok(Some(Held { _file: file })),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }

    /// Replaces the file as a whole: a reader finds the old one or the new one, also when this
    /// process is killed meanwhile. The caller holds the lock.
    pub(super) fn store(&self, token: &Token, ahead: i64) {
        let draft = self.path.with_extension("tmp");
        let stored = write(&draft, token, ahead).and_then(|()| fs::rename(&draft, &self.path));
        if let Err(error) = stored {
            self.warn(&error);
        }
    }

    /// Removes the file if it holds this token, unless somebody is about to replace it anyway.
    pub(super) fn forget(&self, token: &Token) {
        let Ok(Some(_held)) = self.try_lock() else { return };
        if self.load().as_ref() == Some(token)
            && let Err(error) = fs::remove_file(&self.path)
        {
            self.warn(&error);
        }
    }

    /// Says once what is wrong with the file; things go on without it.
    pub(super) fn warn(&self, what: &dyn std::fmt::Display) {
        self.warned.call_once(|| {
            warn!(path = %self.path.display(), reason = %what, "token file not usable");
        });
    }
}

fn write(path: &Path, token: &Token, ahead: i64) -> io::Result<()> {
    let text = serde_json::to_vec(&Content { token: token.clone(), ahead })?;
    let mut file = options().truncate(true).open(path)?;
    file.write_all(&text)?;
    file.sync_all()
}

/// For the owner only.
fn options() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

fn create_folder(folder: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::credentials::AccessToken;

    fn file(folder: &Path, app_key: &str) -> TokenFile {
        let rest = Url::parse("http://127.0.0.1:1").unwrap();
        TokenFile::new(folder, Environment::Custom, &rest, &AppKey::new(app_key))
    }

    fn token(text: &str) -> Token {
        Token { text: AccessToken::new(text), expires: 7 }
    }

    #[test]
    fn what_is_stored_is_loaded() {
        let folder = tempfile::tempdir().unwrap();
        let file = file(&folder.path().join("new"), "THEAPPKEY");
        assert_eq!(file.load(), None);
        let held = file.try_lock().unwrap();
        assert!(held.is_some());
        assert!(file.try_lock().unwrap().is_none(), "one holder at a time");
        file.store(&token("one"), 0);
        file.store(&token("two"), -5);
        drop(held);
        assert_eq!(file.load_with_skew(), Some((token("two"), -5)));

        file.forget(&token("one"));
        assert_eq!(file.load(), Some(token("two")), "another's token stays");
        file.forget(&token("two"));
        assert_eq!(file.load(), None);
    }

    #[test]
    fn damage_is_as_good_as_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let file = file(folder.path(), "THEAPPKEY");
        for damage in ["", "{", "[]", r#"{"text":1,"expires":2}"#, "\u{0}\u{0}\u{0}"] {
            fs::write(&file.path, damage).unwrap();
            assert_eq!(file.load(), None, "{damage:?}");
        }
        file.store(&token("new"), 0);
        assert_eq!(file.load(), Some(token("new")));
    }

    #[test]
    fn names_tell_app_keys_apart_without_telling_them() {
        let folder = tempfile::tempdir().unwrap();
        let (one, other) = (file(folder.path(), "THEAPPKEY"), file(folder.path(), "ANOTHER"));
        assert_ne!(one.path, other.path);
        assert!(!one.path.display().to_string().contains("THEAPPKEY"));
    }

    #[cfg(unix)]
    #[test]
    fn nobody_else_may_read_it() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let file = file(&folder.path().join("new"), "THEAPPKEY");
        file.try_lock().unwrap();
        file.store(&token("one"), 0);
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&file.path), 0o600);
        assert_eq!(mode(file.path.parent().unwrap()), 0o700);
    }
}
