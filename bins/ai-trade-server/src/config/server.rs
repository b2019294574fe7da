//! What faces the network: keys, TLS, browsers, limits.

use std::{path::PathBuf, time::Duration};

use serde::{Deserialize, Deserializer};

/// What `allow_open` must say, word for word.
pub const ALLOW_OPEN: &str = "yes-anyone-may-connect";

/// What faces the network: keys, TLS, browsers, limits.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Server {
    /// Where the keys of clients are.
    pub keys_file: PathBuf,
    /// Whether clients on loopback need a key as well; others always do.
    pub keys_on_loopback: bool,
    /// [`ALLOW_OPEN`] lets everybody in without a key, on any address.
    pub allow_open: String,
    /// Names under which clients may reach the server, besides `localhost` and
    /// IP addresses.
    #[serde(deserialize_with = "list")]
    pub hosts: Vec<String>,
    /// Origins (`https://app.example.com`) whose pages may use the server,
    /// besides its own; `*` for all.
    #[serde(deserialize_with = "list")]
    pub origins: Vec<String>,
    /// The certificate chain, PEM. With it the server speaks TLS only.
    pub tls_cert: Option<PathBuf>,
    /// Its private key, PEM.
    pub tls_key: Option<PathBuf>,
    /// How many connections one address may have (one /64, for IPv6). Not set:
    /// 256, and as many as there are for loopback.
    pub connections_per_ip: Option<usize>,
    /// How long a client may take for a TLS handshake or the head of a request,
    /// and be idle between two requests, in milliseconds.
    pub head_timeout_ms: u64,
    /// How long the body of a request may take to arrive, in milliseconds.
    pub request_timeout_ms: u64,
    /// How long an answer may be stuck because the client does not read, in
    /// milliseconds.
    pub write_timeout_ms: u64,
    /// How long a websocket may be open before its client has sent its key, in
    /// milliseconds.
    pub auth_timeout_ms: u64,
    /// How many bytes the head of a request may have.
    pub head_bytes_max: usize,
    /// How many bytes the body of a request may have.
    pub body_bytes_max: usize,
    /// How many messages a websocket client may send in a second, for long; ten
    /// times as many at once. More end its connection.
    pub client_messages_per_s: u32,
    /// How many topics a websocket client may subscribe to or unsubscribe from
    /// in a second, for long; ten times as many at once. More are refused.
    pub client_topics_per_s: u32,
}

impl Server {
    /// Whether everybody may connect without a key.
    pub fn is_open(&self) -> bool {
        self.allow_open == ALLOW_OPEN
    }

    /// See `head_timeout_ms`.
    pub fn head_timeout(&self) -> Duration {
        Duration::from_millis(self.head_timeout_ms)
    }

    /// See `request_timeout_ms`.
    pub fn request_timeout(&self) -> Duration {
        Duration::from_millis(self.request_timeout_ms)
    }

    /// See `write_timeout_ms`.
    pub fn write_timeout(&self) -> Duration {
        Duration::from_millis(self.write_timeout_ms)
    }

    /// See `auth_timeout_ms`.
    pub fn auth_timeout(&self) -> Duration {
        Duration::from_millis(self.auth_timeout_ms)
    }
}

impl Default for Server {
    fn default() -> Self {
        Self {
            keys_file: PathBuf::from("var/keys.json"),
            keys_on_loopback: false,
            allow_open: String::new(),
            hosts: Vec::new(),
            origins: Vec::new(),
            tls_cert: None,
            tls_key: None,
            connections_per_ip: None,
            head_timeout_ms: 10_000,
            request_timeout_ms: 30_000,
            write_timeout_ms: 30_000,
            auth_timeout_ms: 5_000,
            head_bytes_max: 16 * 1024,
            body_bytes_max: 64 * 1024,
            client_messages_per_s: 100,
            client_topics_per_s: 100,
        }
    }
}

/// A list, or text with its items separated by commas or blanks.
pub(super) fn list<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum List {
        Items(Vec<String>),
        Text(String),
    }
    let items = match List::deserialize(deserializer)? {
        List::Items(items) => items,
        List::Text(text) => text.split([',', ' ']).map(str::to_owned).collect(),
    };
    Ok(items.into_iter().filter(|it| !it.is_empty()).collect())
}
