//! What stands between the network and the routes: who may enter, how many at
//! once, how often.

mod admit;
mod body;
mod browser;
mod caller;
mod cors;
mod flow;
mod refusals;
mod slots;

use std::{
    net::IpAddr,
    sync::{Arc, PoisonError, RwLock},
};

use self::slots::Slots;
pub(crate) use self::{
    admit::{admit, require, scope_missing},
    caller::Topics,
    cors::cors,
    flow::{Flood, Flow},
    refusals::Refusals,
    slots::{Full, Slot},
};
pub use self::{caller::Caller, refusals::Reason};
use crate::{
    config::{self, Config},
    keys::{KeyFile, KeyFileError, Keyring},
    tls::{Tls, TlsError},
};

/// What protects a server.
#[derive(Debug)]
pub struct Guard {
    settings: RwLock<Arc<Settings>>,
    needs_key: bool,
    keys: Keyring,
    tls: Option<Tls>,
    slots: Arc<Slots>,
    refusals: Refusals,
}

/// What holds at the moment; replaced as a whole when the configuration is read
/// again.
#[derive(Debug)]
pub(crate) struct Settings {
    pub(crate) server: config::Server,
    pub(crate) connections_max: usize,
}

/// A server that would not be safe, or cannot be.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum GuardError {
    /// Everybody could connect.
    #[error(
        "{listen} can be reached from other machines and there are no keys in {path}: make one \
         with `ai-trade-server key new --scope read`, or listen on 127.0.0.1, or let everybody in \
         with SERVER__ALLOW_OPEN=yes-anyone-may-connect"
    )]
    NoKeys {
        /// Where the server should listen.
        listen: std::net::SocketAddr,
        /// Where keys are looked for.
        path: std::path::PathBuf,
    },
    /// Keys are asked for, and nobody has one.
    #[error(
        "SERVER__KEYS_ON_LOOPBACK is set and there are no keys in {0}: make one with \
         `ai-trade-server key new --scope read`"
    )]
    NoKeysOnLoopback(std::path::PathBuf),
    /// Not the words that were to be said.
    #[error("SERVER__ALLOW_OPEN must be yes-anyone-may-connect or nothing, not {0:?}")]
    AllowOpen(String),
    /// The keys cannot be read.
    #[error(transparent)]
    Keys(#[from] KeyFileError),
    /// The certificate cannot be used.
    #[error(transparent)]
    Tls(#[from] TlsError),
}

impl Guard {
    /// What `config` asks for.
    ///
    /// # Errors
    /// When the server could be used by anybody without that being said in so
    /// many words, or the keys or the certificate cannot be read.
    pub fn new(config: &Config) -> Result<Self, GuardError> {
        let server = &config.server;
        if !server.allow_open.is_empty() && !server.is_open() {
            return Err(GuardError::AllowOpen(server.allow_open.clone()));
        }
        let keys = Keyring::open(KeyFile::new(&server.keys_file))?;
        let loopback = config.listen.ip().is_loopback();
        let needs_key = if loopback { server.keys_on_loopback } else { !server.is_open() };
        if needs_key && keys.is_empty() {
            let path = server.keys_file.clone();
            return Err(match loopback {
                true => GuardError::NoKeysOnLoopback(path),
                false => GuardError::NoKeys { listen: config.listen, path },
            });
        }
        Ok(Self {
            settings: RwLock::new(Arc::new(Settings::of(config))),
            needs_key,
            keys,
            tls: Tls::of(server)?,
            slots: Arc::default(),
            refusals: Refusals::default(),
        })
    }

    /// Whether clients need a key.
    pub fn needs_key(&self) -> bool {
        self.needs_key
    }

    /// Whether clients must speak TLS.
    pub fn speaks_tls(&self) -> bool {
        self.tls.is_some()
    }

    /// What has been refused.
    pub(crate) fn refusals(&self) -> &Refusals {
        &self.refusals
    }

    /// TLS, if the server speaks it.
    pub(crate) fn tls(&self) -> Option<&Tls> {
        self.tls.as_ref()
    }

    /// How many keys there are.
    pub(crate) fn keys(&self) -> usize {
        self.keys.len()
    }

    /// Connections that are open.
    pub(crate) fn connections(&self) -> usize {
        self.slots.count()
    }

    pub(crate) fn settings(&self) -> Arc<Settings> {
        Arc::clone(&self.settings.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// A place for a connection.
    pub(crate) fn slot(&self, peer: IpAddr) -> Result<Slot, Full> {
        let settings = self.settings();
        let per_ip = settings.server.connections_per_ip;
        self.slots.take(peer, settings.connections_max, per_ip).inspect_err(|full| {
            self.refusals.count(match full {
                Full::Server => Reason::ServerFull,
                Full::Address => Reason::AddressFull,
            });
        })
    }

    /// Takes over what can change while the server runs. Whether keys are needed,
    /// and where they and the certificate are, cannot.
    pub(crate) fn apply(&self, config: &Config) {
        *self.settings.write().unwrap_or_else(PoisonError::into_inner) =
            Arc::new(Settings::of(config));
    }

    /// Reads the files that have changed.
    pub(crate) fn refresh(&self) {
        self.keys.refresh();
        if let Some(tls) = &self.tls {
            tls.refresh();
        }
    }
}

impl Settings {
    fn of(config: &Config) -> Self {
        Self { server: config.server.clone(), connections_max: config.relay.clients_max }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guard(listen: &str, settings: &[(&str, &str)], keys: bool) -> Result<bool, GuardError> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keys.json");
        if keys {
            let file = KeyFile::new(&path);
            file.create("", &[crate::keys::Scope::Read], Default::default()).unwrap();
        }
        let path = path.to_str().unwrap();
        let mut variables = vec![("LISTEN", listen), ("SERVER__KEYS_FILE", path)];
        variables.extend(settings);
        let pairs = variables.iter().map(|it| (it.0.to_owned(), it.1.to_owned()));
        let config = Config::load(None, pairs).unwrap();
        Guard::new(&config).map(|it| it.needs_key())
    }

    #[test]
    fn keys_are_needed_where_others_can_connect() {
        let open = [("SERVER__ALLOW_OPEN", config::ALLOW_OPEN)];
        let always = [("SERVER__KEYS_ON_LOOPBACK", "true")];
        for loopback in ["127.0.0.1:0", "[::1]:0", "127.1.2.3:0"] {
            assert!(!guard(loopback, &[], false).unwrap());
            assert!(!guard(loopback, &[], true).unwrap());
            assert!(guard(loopback, &always, true).unwrap());
            assert!(matches!(
                guard(loopback, &always, false),
                Err(GuardError::NoKeysOnLoopback(_))
            ));
        }
        for other in ["0.0.0.0:0", "[::]:0", "192.0.2.1:0", "[::ffff:127.0.0.1]:0"] {
            assert!(matches!(guard(other, &[], false), Err(GuardError::NoKeys { .. })));
            assert!(guard(other, &[], true).unwrap());
            assert!(!guard(other, &open, false).unwrap());
        }
        for wrong in ["yes", "true", "1", "Yes-anyone-may-connect"] {
            let wrong = [("SERVER__ALLOW_OPEN", wrong)];
            assert!(matches!(guard("0.0.0.0:0", &wrong, true), Err(GuardError::AllowOpen(_))));
        }
    }
}
