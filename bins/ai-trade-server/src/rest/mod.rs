//! What clients ask over HTTP: KIS' REST API made safe, and what the server itself
//! knows.

mod answer;
mod by_id;
mod cache;
mod catalogue;
mod failure;
mod figures;
mod last;
mod original;
mod personal;
mod sessions;
mod status;
mod topics;

use std::{fmt, sync::Arc, time::Duration};

use axum::{Router, routing::get};
use kis_broker::{CallOptions, HttpError, Rest, RestError, TokenConfig, Tokens};
use kis_protocol::catalogue::{Environment, Prepared};

use self::{answer::Read, cache::Cache};
pub(crate) use self::{
    failure::of as failed,
    original::{ORIGINALS, Original},
    personal::is_private,
};
use crate::{
    config::{Account, Config, ConfigError},
    server::App,
};

/// KIS' REST API as clients use it through us: one client of KIS, whose answers are
/// shared for a moment.
pub struct Api {
    rest: Rest,
    tokens: Tokens,
    environment: Environment,
    account: Account,
    cache: Cache,
    pages_max: usize,
    deadline: Duration,
}

/// An API that cannot be set up.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ApiError {
    /// Something is missing or wrong in the configuration.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// There is no way to speak HTTPS.
    #[error(transparent)]
    Http(#[from] HttpError),
}

impl Api {
    /// What `config` asks for. Nothing is sent yet.
    ///
    /// # Errors
    /// When credentials, addresses or the account are missing or wrong.
    pub fn new(config: &Config) -> Result<Self, ApiError> {
        let environment = config.environment()?;
        let credentials = config.credentials()?;
        let http = kis_broker::Http::new(&config.endpoints()?.rest)?;
        let folder = config.kis.token_folder.clone();
        let tokens = Tokens::new(
            http.clone(),
            config.kis.env.parse().map_err(ConfigError::from)?,
            credentials.clone(),
            TokenConfig { folder, ..TokenConfig::default() },
        );
        let deadline = config.rest.deadline();
        let limits = config.kis.rest(environment, deadline);
        Ok(Self {
            rest: Rest::new(http, environment, credentials, tokens.clone(), limits),
            tokens,
            environment,
            account: config.account()?,
            cache: Cache::new(config.rest.cache(), config.rest.cache_bytes),
            pages_max: config.rest.pages_max.max(1),
            deadline,
        })
    }

    /// The client of KIS; there is one only, as KIS counts its calls.
    pub fn client(&self) -> &Rest {
        &self.rest
    }

    /// Which of KIS' systems is called.
    pub fn environment(&self) -> Environment {
        self.environment
    }

    /// Whose account it is.
    pub fn account(&self) -> &Account {
        &self.account
    }

    /// What is known of the access token.
    pub fn tokens(&self) -> &Tokens {
        &self.tokens
    }

    /// Makes a call that changes nothing, or takes over the answer somebody else got to
    /// the same a moment ago.
    async fn read(&self, call: &Prepared) -> Result<Read, RestError> {
        let options = CallOptions::within(self.deadline);
        if is_private(call.tr) || self.cache.is_off() {
            let answer = self.rest.call(call, options).await?;
            return Ok(Read { answer, age: None, life: None });
        }
        let (answer, age) = self.cache.get_or(call, self.rest.call(call, options)).await?;
        Ok(Read { answer, age, life: Some(self.cache.life()) })
    }
}

impl fmt::Debug for Api {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Api").field("rest", &self.rest).finish_non_exhaustive()
    }
}

/// The routes that need the scope `read`; some ask for more themselves.
pub(crate) fn routes() -> Router<Arc<App>> {
    Router::new()
        .merge(original::routes())
        .route("/v1/catalogue", get(catalogue::all))
        .route("/v1/catalogue/{market}/{call}", get(catalogue::one))
        .route("/v1/last/{tr_id}/{tr_key}", get(last::last))
        .route("/v1/sessions", get(sessions::sessions))
        .route("/v1/status", get(status::status))
        .route("/v1/topics", get(topics::topics))
        .route("/v1/{market}/{call}", get(by_id::call))
}

/// Adds the figures of REST to what `/metrics` shows.
pub(crate) fn show_figures(api: &Arc<Api>, sources: &crate::metrics::Sources) {
    let api = Arc::clone(api);
    sources.add(Box::new(move |out| figures::collect(&api, out)));
}
