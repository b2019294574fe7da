//! The configuration: defaults, `config.toml`, `.env`, environment; the later
//! wins.

use std::{
    collections::HashMap,
    fmt,
    net::{Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
    time::Duration,
};

use kis_broker::{Credentials, Delays, Endpoints, Environment, SessionConfig};
use serde::{Deserialize, Deserializer};

/// Everything an operator can set.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Where clients connect.
    pub listen: SocketAddr,
    /// The broker and the account.
    pub kis: Kis,
    /// What holds for clients and topics.
    pub relay: Relay,
    /// Notifications.
    pub telegram: Telegram,
}

/// The broker and the account.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Kis {
    /// `real`, `paper` or `custom`.
    pub env: String,
    /// The app key.
    pub app_key: Secret,
    /// Its secret.
    pub app_secret: Secret,
    /// The account number.
    pub account: Secret,
    /// The HTS id: the `tr_key` of order notices.
    pub hts_id: Secret,
    /// Where REST is served, when not where KIS serves it.
    pub rest_url: Option<String>,
    /// Where the websocket is served, when not where KIS serves it.
    pub ws_url: Option<String>,
    /// How many topics a session may hold; KIS' limit is 41.
    pub topics_max: usize,
    /// The least time between two registrations, in milliseconds.
    pub request_interval_ms: u64,
    /// How long KIS may be silent before the link counts as dead, in milliseconds.
    pub silence_max_ms: u64,
    /// The first and the longest delay before reconnecting, in milliseconds.
    pub reconnect_min_ms: u64,
    /// See `reconnect_min_ms`.
    pub reconnect_max_ms: u64,
    /// The same after KIS refused the app key (in use elsewhere) or the
    /// approval key.
    pub refusal_min_ms: u64,
    /// See `refusal_min_ms`.
    pub refusal_max_ms: u64,
    /// How many times a socket may be opened in ten minutes.
    pub connects_budget: usize,
    /// How many topics may be registered in ten minutes.
    pub registrations_budget: usize,
    /// How many topics may be released in ten minutes.
    pub releases_budget: usize,
    /// How many approval keys may be fetched in ten minutes.
    pub approvals_budget: usize,
    /// Where the budgets survive a restart.
    pub budget_file: Option<PathBuf>,
    /// Streams to accept although this version does not know them; their
    /// columns are named by position.
    pub extra_tr_ids: Vec<String>,
}

/// What holds for clients and topics.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Relay {
    /// How long a topic stays registered after its last client has left, in
    /// milliseconds.
    pub linger_ms: u64,
    /// How many of the last messages of each topic are kept to resume from.
    pub ring: usize,
    /// How many messages may wait for a slow client.
    pub client_messages: usize,
    /// How many bytes may wait for a slow client.
    pub client_bytes: usize,
    /// How many clients may be connected.
    pub clients_max: usize,
    /// How many topics one client may subscribe to.
    pub client_topics_max: usize,
    /// How many bytes a client's message may have.
    pub message_bytes_max: usize,
    /// A silent client is pinged after so many milliseconds, and dropped after
    /// twice as many more.
    pub ping_interval_ms: u64,
}

/// Notifications.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Telegram {
    /// The bot's token.
    pub bot_token: Secret,
    /// The chat to write to.
    pub chat_id: Secret,
}

/// A value that is never shown.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Secret(Option<String>);

/// A configuration that cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// The file named on the command line is not there.
    #[error("there is no configuration file {0}; name an existing one with --config")]
    NoFile(PathBuf),
    /// A source cannot be read, or holds something unknown.
    #[error("{0}")]
    Source(String),
    /// `.env` cannot be read.
    #[error(".env cannot be read: {0}")]
    DotEnv(String),
    /// The addresses of the broker are wrong or missing.
    #[error(transparent)]
    Endpoints(#[from] kis_broker::EndpointsError),
    /// There is nothing to connect with.
    #[error("{} missing; set it in .env, or try `ai-trade-server demo`, which needs none", .0.join(" and "))]
    NoCredentials(Vec<&'static str>),
}

/// The flat names: those of the original `.env`, and the ones beside it.
const NAMES: &[(&str, &str)] = &[
    ("APP_KEY", "kis.app_key"),
    ("APP_SECRET", "kis.app_secret"),
    ("ACC_NO", "kis.account"),
    ("HTS_ID", "kis.hts_id"),
    ("KIS_ENV", "kis.env"),
    ("KIS_REST_URL", "kis.rest_url"),
    ("KIS_WS_URL", "kis.ws_url"),
    ("TELEGRAM_BOT_TOKEN", "telegram.bot_token"),
    ("TELEGRAM_CHAT_ID", "telegram.chat_id"),
    ("LISTEN", "listen"),
];

/// Every other setting is `SECTION__NAME`, for instance `RELAY__LINGER_MS`.
const SECTIONS: &[&str] = &["KIS__", "RELAY__", "TELEGRAM__"];

impl Config {
    /// Reads all sources: `file` (or `config.toml` where there is one), then
    /// `.env` in the working directory, then `environment`.
    ///
    /// # Errors
    /// [`ConfigError`] when a source cannot be read or names something unknown.
    pub fn load(
        file: Option<&Path>,
        environment: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, ConfigError> {
        if let Some(file) = file.filter(|it| !it.exists()) {
            return Err(ConfigError::NoFile(file.to_owned()));
        }
        let mut builder = config::Config::builder().add_source(
            config::File::from(file.unwrap_or(Path::new("config.toml")))
                .format(config::FileFormat::Toml)
                .required(false),
        );
        let source = |error: config::ConfigError| ConfigError::Source(error.to_string());
        for variables in [dot_env(Path::new(".env"))?, environment.into_iter().collect()] {
            for (name, key) in NAMES {
                if let Some(value) = variables.get(*name).filter(|it| !it.is_empty()) {
                    builder = builder.set_override(key, value.as_str()).map_err(source)?;
                }
            }
            for (name, value) in &variables {
                if SECTIONS.iter().any(|it| name.starts_with(it)) && !value.is_empty() {
                    let key = name.replacen("__", ".", 1).to_ascii_lowercase();
                    builder = builder.set_override(key, value.as_str()).map_err(source)?;
                }
            }
        }
        builder.build().and_then(config::Config::try_deserialize).map_err(source)
    }

    /// The broker's addresses.
    ///
    /// # Errors
    /// When one is wrong, or missing in a custom environment.
    pub fn endpoints(&self) -> Result<Endpoints, ConfigError> {
        let environment: Environment = self.kis.env.parse()?;
        let (rest, ws) = (self.kis.rest_url.as_deref(), self.kis.ws_url.as_deref());
        Ok(Endpoints::of(environment, rest, ws)?)
    }

    /// What to connect with.
    ///
    /// # Errors
    /// [`ConfigError::NoCredentials`] names what is missing.
    pub fn credentials(&self) -> Result<Credentials, ConfigError> {
        match (self.kis.app_key.get(), self.kis.app_secret.get()) {
            (Some(key), Some(secret)) => Ok(Credentials::new(key, secret)),
            (key, secret) => {
                let missing = [("APP_KEY", key), ("APP_SECRET", secret)];
                Err(ConfigError::NoCredentials(
                    missing.iter().filter(|it| it.1.is_none()).map(|it| it.0).collect(),
                ))
            }
        }
    }
}

fn dot_env(path: &Path) -> Result<HashMap<String, String>, ConfigError> {
    if !path.exists() {
        return Ok(HashMap::new());
    }
    // The error of a bad line quotes the line, which may hold a secret.
    let unreadable = |error: dotenvy::Error| {
        ConfigError::DotEnv(match error {
            dotenvy::Error::LineParse(line, column) => {
                format!("character {column} of the line of {} characters", line.len())
            }
            other => other.to_string(),
        })
    };
    dotenvy::from_path_iter(path).map_err(unreadable)?.map(|it| it.map_err(unreadable)).collect()
}

impl Kis {
    /// The session's limits and delays.
    pub fn session(&self) -> SessionConfig {
        let ms = Duration::from_millis;
        let mut session = SessionConfig::default();
        session.topics_max = self.topics_max;
        session.request_interval = ms(self.request_interval_ms);
        session.silence_max = ms(self.silence_max_ms);
        session.silence_limit = session.silence_limit.max(session.silence_max);
        session.reconnect_delays =
            Delays { min: ms(self.reconnect_min_ms), max: ms(self.reconnect_max_ms) };
        session.refusal_delays =
            Delays { min: ms(self.refusal_min_ms), max: ms(self.refusal_max_ms) };
        session.budgets.connects.count = self.connects_budget;
        session.budgets.registrations.count = self.registrations_budget;
        session.budgets.releases.count = self.releases_budget;
        session.budgets.approvals.count = self.approvals_budget;
        session
    }
}

impl Relay {
    /// How long a topic stays registered after its last client has left.
    pub fn linger(&self) -> Duration {
        Duration::from_millis(self.linger_ms)
    }

    /// When a silent client is pinged.
    pub fn ping_interval(&self) -> Duration {
        Duration::from_millis(self.ping_interval_ms)
    }
}

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 8000)),
            kis: Kis::default(),
            relay: Relay::default(),
            telegram: Telegram::default(),
        }
    }
}

impl Default for Kis {
    fn default() -> Self {
        let session = SessionConfig::default();
        let ms = |it: Duration| u64::try_from(it.as_millis()).unwrap_or(u64::MAX);
        Self {
            // As the original; orders have a switch of their own.
            env: Environment::Real.as_str().to_owned(),
            app_key: Secret::default(),
            app_secret: Secret::default(),
            account: Secret::default(),
            hts_id: Secret::default(),
            rest_url: None,
            ws_url: None,
            topics_max: session.topics_max,
            request_interval_ms: ms(session.request_interval),
            silence_max_ms: ms(session.silence_max),
            reconnect_min_ms: ms(session.reconnect_delays.min),
            reconnect_max_ms: ms(session.reconnect_delays.max),
            refusal_min_ms: ms(session.refusal_delays.min),
            refusal_max_ms: ms(session.refusal_delays.max),
            connects_budget: session.budgets.connects.count,
            registrations_budget: session.budgets.registrations.count,
            releases_budget: session.budgets.releases.count,
            approvals_budget: session.budgets.approvals.count,
            budget_file: None,
            extra_tr_ids: Vec::new(),
        }
    }
}

impl Default for Relay {
    fn default() -> Self {
        Self {
            linger_ms: 60_000,
            ring: 64,
            client_messages: 16_384,
            client_bytes: 4 * 1024 * 1024,
            clients_max: 10_000,
            client_topics_max: 500,
            message_bytes_max: 64 * 1024,
            ping_interval_ms: 30_000,
        }
    }
}

impl Secret {
    /// The value, when it is set.
    pub fn get(&self) -> Option<&str> {
        self.0.as_deref()
    }
}

impl From<&str> for Secret {
    fn from(text: &str) -> Self {
        Self(Some(text.trim().to_owned()).filter(|it| !it.is_empty()))
    }
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // A chat id or an account may be written as a number. The error would
        // quote the value, so there is none.
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Text {
            Text(String),
            Number(i64),
        }
        match Text::deserialize(deserializer) {
            Ok(Text::Text(text)) => Ok(text.as_str().into()),
            Ok(Text::Number(number)) => Ok(number.to_string().as_str().into()),
            Err(_) => Err(serde::de::Error::custom("a secret must be text or a whole number")),
        }
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "…" } else { "not set" })
    }
}

/// Masked: the last four characters of a long value, of a short one none.
impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(text) = &self.0 else { return f.write_str("not set") };
        let count = text.chars().count();
        let shown: String = text.chars().skip(if count < 12 { count } else { count - 4 }).collect();
        write!(f, "…{shown}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(environment: &[(&str, &str)]) -> Result<Config, ConfigError> {
        let pairs = environment.iter().map(|it| (it.0.to_owned(), it.1.to_owned()));
        Config::load(None, pairs)
    }

    #[test]
    fn flat_names_and_sections() {
        let config = load(&[
            ("APP_KEY", "PSabcdefghijklmnop"),
            ("ACC_NO", "1234567801"),
            ("KIS_ENV", "custom"),
            ("RELAY__LINGER_MS", "250"),
            ("LISTEN", "127.0.0.1:0"),
            ("PATH", "/bin"),
        ])
        .unwrap();
        assert_eq!(config.kis.app_key.get(), Some("PSabcdefghijklmnop"));
        assert_eq!(config.kis.account.get(), Some("1234567801"));
        assert_eq!(config.relay.linger(), Duration::from_millis(250));
        assert_eq!(config.listen.port(), 0);
        assert!(
            matches!(config.credentials(), Err(ConfigError::NoCredentials(it)) if it == ["APP_SECRET"])
        );
        assert!(config.endpoints().is_err(), "a custom environment needs its addresses");
    }

    #[test]
    fn unknown_names_are_errors() {
        let error = load(&[("RELAY__LINGR_MS", "250")]).unwrap_err().to_string();
        assert!(error.contains("lingr_ms"), "{error}");
        let error = load(&[("RELAY__LINGER_MS", "soon")]).unwrap_err().to_string();
        assert!(error.contains("linger_ms"), "{error}");
    }

    #[test]
    fn the_original_env_file_loads() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(".env");
        std::fs::write(
            &path,
            "APP_KEY = PSabcdefghijklmnop\nAPP_SECRET = \"a+b/c=\"\nACC_NO = 12345678-01\nTELEGRAM_BOT_TOKEN = 1:a\nTELEGRAM_CHAT_ID = -1001\n",
        )
        .unwrap();
        let variables = dot_env(&path).unwrap();
        let config = Config::load(None, variables).unwrap();
        assert_eq!(config.kis.app_secret.get(), Some("a+b/c="));
        assert_eq!(config.telegram.chat_id.get(), Some("-1001"));
        assert!(config.credentials().is_ok());
    }

    #[test]
    fn every_variable_of_the_example_is_known() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.env.example");
        let text = std::fs::read_to_string(&path).unwrap();
        // Set and commented-out lines alike: `#NAME=value`.
        let mut variables = HashMap::new();
        for line in text.lines() {
            let line = line.strip_prefix('#').unwrap_or(line);
            if let Some((name, value)) = line.split_once('=')
                && name.trim().chars().all(|it| it.is_ascii_uppercase() || it == '_')
            {
                variables.insert(name.trim().to_owned(), value.trim().to_owned());
            }
        }
        for (name, _) in NAMES {
            assert!(variables.contains_key(*name), "{name} is not in .env.example");
        }
        for name in variables.keys() {
            let known = NAMES.iter().any(|it| it.0 == name)
                || SECTIONS.iter().any(|it| name.starts_with(it));
            assert!(known, "{name} of .env.example is unknown");
        }
        Config::load(None, variables).unwrap();
    }

    #[test]
    fn secrets_are_masked() {
        let secret = Secret::from("PSabcdefghijklmnop");
        assert_eq!(format!("{secret} {secret:?}"), "…mnop …");
        assert_eq!(Secret::from("12345678").to_string(), "…");
        assert_eq!(Secret::default().to_string(), "not set");
    }
}
