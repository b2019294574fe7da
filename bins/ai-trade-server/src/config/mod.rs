//! The configuration: defaults, `config.toml`, `.env`, environment; the later
//! wins.

mod account;
mod alerts;
mod kis;
mod log;
mod orders;
mod relay;
mod rest;
mod secret;
mod server;
mod telegram;

use std::{
    collections::HashMap,
    fmt,
    net::{Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
};

use kis_broker::{Credentials, Endpoints, Environment, PoolKey};
use kis_protocol::{Topic, catalogue};
use serde::Deserialize;

pub use self::{
    account::Account,
    alerts::Alerts,
    kis::{FurtherKey, Kis},
    log::{Log, LogFormat},
    orders::{OPEN_ORDERS, Orders, REAL_ORDERS},
    relay::Relay,
    rest::Rest,
    secret::Secret,
    server::{ALLOW_OPEN, Server},
    telegram::Telegram,
};

/// Everything an operator can set.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Where clients connect.
    pub listen: SocketAddr,
    /// Alerts: their rules, and who is told besides Telegram.
    pub alerts: Alerts,
    /// The broker and the account.
    pub kis: Kis,
    /// What is logged, and how.
    pub log: Log,
    /// Orders: whether, how, and how much at most.
    pub orders: Orders,
    /// What holds for clients and topics.
    pub relay: Relay,
    /// What holds for calls of KIS' REST API.
    pub rest: Rest,
    /// What faces the network.
    pub server: Server,
    /// The Telegram bot.
    pub telegram: Telegram,
    /// Where all this was read from.
    #[serde(skip)]
    source: Source,
}

/// Where a configuration was read from, to read it again.
#[derive(Debug, Clone, Default)]
struct Source {
    file: Option<PathBuf>,
    environment: Variables,
    listen: Option<SocketAddr>,
}

/// Environment variables; they may hold secrets.
#[derive(Clone, Default)]
struct Variables(HashMap<String, String>);

impl fmt::Debug for Variables {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} variables", self.0.len())
    }
}

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
    /// A further key lacks something.
    #[error("[[kis.keys]] number {number} in config.toml: {} missing", missing.join(" and "))]
    IncompleteKey {
        /// Which one, from 1.
        number: usize,
        /// What is not set.
        missing: Vec<&'static str>,
    },
    /// Two keys are the same.
    #[error("[[kis.keys]] number {number} in config.toml: its {what} is that of another key")]
    DuplicateKey {
        /// Which one, from 1.
        number: usize,
        /// `app_key` or `name`.
        what: &'static str,
    },
    /// A pinned topic cannot be one.
    #[error("kis.pinned: {0}")]
    Pinned(#[from] kis_protocol::TopicError),
    /// There is nothing to connect with.
    #[error("{} missing; set it in .env, or try `ai-trade-server demo`, which needs none", .0.join(" and "))]
    NoCredentials(Vec<&'static str>),
    /// The account is not an account number. It is not repeated here.
    #[error("ACC_NO must be the ten digits of the account, as in 12345678-01")]
    Account,
    /// There is nobody that the bot may talk to. Ids are not repeated here.
    #[error(
        "TELEGRAM_CHAT_ID must be the number of a chat, or several separated by commas, as in 123456789; the bot answers nobody else"
    )]
    Chats,
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
    ("RUST_LOG", "log.filter"),
];

/// Every other setting is `SECTION__NAME`, for instance `RELAY__LINGER_MS`.
const SECTIONS: &[&str] =
    &["ALERTS__", "KIS__", "LOG__", "ORDERS__", "RELAY__", "REST__", "SERVER__", "TELEGRAM__"];

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
        let environment: HashMap<String, String> = environment.into_iter().collect();
        let mut builder = config::Config::builder().add_source(
            config::File::from(file.unwrap_or(Path::new("config.toml")))
                .format(config::FileFormat::Toml)
                .required(false),
        );
        let source = |error: config::ConfigError| ConfigError::Source(error.to_string());
        for variables in [dot_env(Path::new(".env"))?, environment.clone()] {
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
        let config: Self =
            builder.build().and_then(config::Config::try_deserialize).map_err(source)?;
        let source = Source {
            file: file.map(Path::to_owned),
            environment: Variables(environment),
            listen: None,
        };
        Ok(Self { source, ..config })
    }

    /// Listens on `address`, whatever the sources say.
    pub fn listen_on(&mut self, address: SocketAddr) {
        self.listen = address;
        self.source.listen = Some(address);
    }

    /// Reads the same sources again.
    ///
    /// # Errors
    /// As [`load`](Self::load).
    pub fn reload(&self) -> Result<Self, ConfigError> {
        let Source { file, environment, listen } = &self.source;
        let mut config = Self::load(file.as_deref(), environment.0.clone())?;
        if let Some(listen) = listen {
            config.listen_on(*listen);
        }
        Ok(config)
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

    /// Which of KIS' two systems calls are made for. Another host counts as the real one:
    /// its `tr_id`s are those of all calls.
    ///
    /// # Errors
    /// When there is no such environment.
    pub fn environment(&self) -> Result<catalogue::Environment, ConfigError> {
        Ok(match self.kis.env.parse()? {
            Environment::Paper => catalogue::Environment::Paper,
            _ => catalogue::Environment::Real,
        })
    }

    /// Where alerts are kept: what one environment's rules have seen is of no use in another.
    pub fn alerts_file(&self) -> PathBuf {
        let environment = self.kis.env.trim().to_ascii_lowercase();
        let usual = || PathBuf::from(format!("var/alerts-{environment}.redb"));
        self.alerts.file.clone().unwrap_or_else(usual)
    }

    /// Whose account calls are made for.
    ///
    /// # Errors
    /// [`ConfigError::Account`].
    pub fn account(&self) -> Result<Account, ConfigError> {
        Account::new(&self.kis)
    }

    /// What to connect with.
    ///
    /// # Errors
    /// [`ConfigError::NoCredentials`] names what is missing.
    pub fn credentials(&self) -> Result<Credentials, ConfigError> {
        match (self.kis.app_key.get(), self.kis.app_secret.get()) {
            (Some(key), Some(secret)) => Ok(Credentials::new(key, secret)),
            (key, secret) => {
                Err(ConfigError::NoCredentials(missing([("APP_KEY", key), ("APP_SECRET", secret)])))
            }
        }
    }

    /// The app key that REST is called with as well.
    ///
    /// # Errors
    /// As [`credentials`](Self::credentials).
    pub fn first_key(&self) -> Result<PoolKey, ConfigError> {
        let mut first = PoolKey::new(self.credentials()?);
        first.hts_id = self.kis.hts_id.get().map(str::to_owned);
        Ok(first)
    }

    /// All app keys, at least one; the first one first.
    ///
    /// # Errors
    /// When one lacks its app key or secret, or is another one's double.
    pub fn keys(&self) -> Result<Vec<PoolKey>, ConfigError> {
        let mut keys = vec![self.first_key()?];
        for (at, key) in self.kis.keys.iter().enumerate() {
            let (app_key, app_secret) = (key.app_key.get(), key.app_secret.get());
            let (Some(app_key), Some(app_secret)) = (app_key, app_secret) else {
                let missing = missing([("app_key", app_key), ("app_secret", app_secret)]);
                return Err(ConfigError::IncompleteKey { number: at + 1, missing });
            };
            let mut further = PoolKey::new(Credentials::new(app_key, app_secret));
            further.name.clone_from(&key.name);
            further.hts_id = key.hts_id.get().map(str::to_owned);
            let number = at + 1;
            if keys.iter().any(|it| it.credentials.app_key == further.credentials.app_key) {
                return Err(ConfigError::DuplicateKey { number, what: "app_key" });
            }
            if further.name.is_some() && keys.iter().any(|it| it.name == further.name) {
                return Err(ConfigError::DuplicateKey { number, what: "name" });
            }
            keys.push(further);
        }
        Ok(keys)
    }

    /// The topics to keep without clients.
    ///
    /// # Errors
    /// When one is not `tr_id:tr_key`.
    pub fn pinned(&self) -> Result<Vec<Topic>, ConfigError> {
        self.kis.pinned.iter().map(|it| Ok(it.trim().parse()?)).collect()
    }
}

fn missing(fields: [(&'static str, Option<&str>); 2]) -> Vec<&'static str> {
    fields.iter().filter(|it| it.1.is_none()).map(|it| it.0).collect()
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

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 8000)),
            alerts: Alerts::default(),
            kis: Kis::default(),
            log: Log::default(),
            orders: Orders::default(),
            relay: Relay::default(),
            rest: Rest::default(),
            server: Server::default(),
            telegram: Telegram::default(),
            source: Source::default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

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
    fn further_keys_and_pinned_topics() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("config.toml");
        let load = |text: &str| {
            std::fs::write(&path, text).unwrap();
            Config::load(
                Some(&path),
                [("APP_KEY", "one"), ("APP_SECRET", "s")]
                    .map(|it| (it.0.to_owned(), it.1.to_owned())),
            )
            .unwrap()
        };
        let config = load(
            "[kis]\nhts_id = 'ann'\npinned = ['H0STCNT0:005930']\n[[kis.keys]]\nname = 'second'\napp_key = 'two'\napp_secret = 't'\nhts_id = 'bob'\n",
        );
        let keys = config.keys().unwrap();
        let shown: Vec<_> = keys
            .iter()
            .map(|it| (it.name.as_deref(), it.credentials.app_key.expose(), it.hts_id.as_deref()))
            .collect();
        assert_eq!(shown, [(None, "one", Some("ann")), (Some("second"), "two", Some("bob"))]);
        assert_eq!(config.pinned().unwrap(), [Topic::new("H0STCNT0", "005930")]);

        let config = load("[kis]\npinned = ['005930']\n[[kis.keys]]\napp_key = 'two'\n");
        assert_eq!(
            config.keys().unwrap_err().to_string(),
            "[[kis.keys]] number 1 in config.toml: app_secret missing"
        );
        let config = load("[[kis.keys]]\napp_key = 'one'\napp_secret = 's'\n");
        assert_eq!(
            config.keys().unwrap_err().to_string(),
            "[[kis.keys]] number 1 in config.toml: its app_key is that of another key"
        );
        let config = load("[kis]\npinned = ['005930']\n");
        let error = config.pinned().unwrap_err().to_string();
        assert!(error.starts_with("kis.pinned: not a topic"), "{error}");
    }

    #[test]
    fn alerts_of_each_environment_have_a_file() {
        let file = |pairs: &[(&str, &str)]| load(pairs).unwrap().alerts_file();
        assert_eq!(file(&[]), Path::new("var/alerts-real.redb"));
        assert_eq!(file(&[("KIS_ENV", " Paper")]), Path::new("var/alerts-paper.redb"));
        assert_eq!(
            file(&[("KIS_ENV", "paper"), ("ALERTS__FILE", "my.redb")]),
            Path::new("my.redb")
        );
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
}
