//! Keys for clients: made on the command line, stored hashed, checked at every
//! request.

mod command;
mod file;
mod ring;
mod token;

pub use self::{
    command::{KeyCommand, KeyCommandError},
    file::{KeyFile, KeyFileError},
    ring::{Busy, Key, Keyring, Place},
    token::{Digest, Token},
};

use std::fmt;

use serde::{Deserialize, Serialize};

/// What a key opens. None includes another.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    clap::ValueEnum,
)]
#[serde(rename_all = "lowercase")]
pub enum Scope {
    /// Market data and the state of the server.
    Read,
    /// Orders.
    Trade,
    /// What concerns the server and other clients.
    Admin,
}

impl Scope {
    /// Its name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Trade => "trade",
            Self::Admin => "admin",
        }
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What a key may use at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct KeyLimits {
    /// Websockets, streams and requests that are open.
    pub connections: usize,
    /// Subscribed topics over all of its connections.
    pub topics: usize,
    /// Requests in a second, for long; twice as many at once.
    pub requests_per_s: u32,
}

impl Default for KeyLimits {
    fn default() -> Self {
        Self { connections: 32, topics: 1_000, requests_per_s: 50 }
    }
}

/// A key as it is stored: everything but the key itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyRecord {
    /// Names the key in logs and lists; part of the key, and no secret.
    pub id: String,
    /// What its owner calls it.
    #[serde(default)]
    pub name: String,
    /// What it opens.
    pub scopes: Vec<Scope>,
    /// The SHA-256 of the key, in hexadecimal digits.
    pub sha256: Digest,
    /// When it was made, in seconds since 1970.
    #[serde(default)]
    pub created: u64,
    /// What it may use.
    #[serde(flatten)]
    pub limits: KeyLimits,
}
