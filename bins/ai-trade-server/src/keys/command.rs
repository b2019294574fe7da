//! `ai-trade-server key`.

use std::io::{self, Write};

use clap::Subcommand;
use kis_protocol::time::Timestamp;

use super::{KeyFile, KeyFileError, KeyLimits, KeyRecord, Scope};

/// What can be done with keys.
#[derive(Debug, Clone, Subcommand)]
pub enum KeyCommand {
    /// Make a key and print it, once.
    New {
        /// What it opens; may be given several times.
        #[arg(long = "scope", required = true, value_delimiter = ',')]
        scopes: Vec<Scope>,
        /// What to call it.
        #[arg(long, default_value = "")]
        name: String,
        /// Websockets, streams and requests that may be open.
        #[arg(long, default_value_t = KeyLimits::default().connections)]
        connections: usize,
        /// Topics that may be subscribed to, over all connections.
        #[arg(long, default_value_t = KeyLimits::default().topics)]
        topics: usize,
        /// Requests in a second, for long; twice as many at once.
        #[arg(long, default_value_t = KeyLimits::default().requests_per_s)]
        requests_per_s: u32,
    },
    /// List the keys, without the keys themselves.
    List,
    /// Remove a key; a running server ends its connections.
    Revoke {
        /// The id or the name.
        key: String,
    },
}

/// A command that failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KeyCommandError {
    /// The file cannot be used as wished.
    #[error(transparent)]
    File(#[from] KeyFileError),
    /// The answer cannot be written.
    #[error("cannot write the answer: {0}")]
    Io(#[from] io::Error),
}

impl KeyCommand {
    /// Does it; `out` gets what programs read, `notes` what people should know.
    ///
    /// # Errors
    /// [`KeyCommandError`], and nothing is changed.
    pub fn run(
        self,
        file: &KeyFile,
        out: &mut dyn Write,
        notes: &mut dyn Write,
    ) -> Result<(), KeyCommandError> {
        match self {
            Self::New { scopes, name, connections, topics, requests_per_s } => {
                let limits = KeyLimits { connections, topics, requests_per_s };
                let (token, record) = file.create(&name, &scopes, limits)?;
                writeln!(out, "{}", token.expose())?;
                let path = file.path().display();
                writeln!(notes, "key {} is in {path}; it cannot be shown again", record.id)?;
            }
            Self::List => {
                let keys = file.load()?;
                writeln!(
                    out,
                    "{:<8}  {:<16}  {:<16}  {:<25}  {:>11}  {:>6}  {:>10}",
                    "id", "name", "scopes", "created", "connections", "topics", "requests/s"
                )?;
                for KeyRecord { id, name, scopes, created, limits, .. } in keys {
                    let scopes: Vec<_> = scopes.iter().map(|it| it.as_str()).collect();
                    let created =
                        Timestamp::from_unix(i64::try_from(created).unwrap_or(i64::MAX), 0);
                    writeln!(
                        out,
                        "{id:<8}  {name:<16}  {:<16}  {:<25}  {:>11}  {:>6}  {:>10}",
                        scopes.join(","),
                        created.to_string(),
                        limits.connections,
                        limits.topics,
                        limits.requests_per_s
                    )?;
                }
            }
            Self::Revoke { key } => {
                let KeyRecord { id, name, .. } = file.revoke(&key)?;
                writeln!(notes, "key {id} {name} is revoked; a running server drops it at once")?;
            }
        }
        Ok(())
    }
}
