//! The REST client that the examples share, and its arguments.

use std::path::PathBuf;

use clap::Args;
use kis_broker::{
    Credentials, Endpoints, Environment, Http, Rest, RestConfig, TokenConfig, Tokens,
};
use kis_protocol::catalogue;

#[derive(Args)]
pub(crate) struct Client {
    /// real, paper or custom.
    #[arg(long, default_value = "custom")]
    environment: Environment,
    /// Where REST is served, if elsewhere than the environment says.
    #[arg(long, env = "KIS_REST_URL")]
    rest: Option<String>,
    /// The app key; kis-sim takes any.
    #[arg(long, env = "APP_KEY", hide_env_values = true, default_value = "simulated")]
    app_key: String,
    /// The app secret; kis-sim takes any.
    #[arg(long, env = "APP_SECRET", hide_env_values = true, default_value = "simulated")]
    app_secret: String,
    /// The folder to keep the access token in. KIS issues one a minute and tells its owner.
    #[arg(long, default_value = "target/tokens")]
    tokens: PathBuf,
}

impl Client {
    /// Whether it is about real money, or may be.
    #[allow(dead_code, reason = "only orders ask")]
    pub(crate) fn is_real(&self) -> bool {
        self.environment == Environment::Real
    }

    /// The client; of a custom environment, calls are made as those of `side`.
    pub(crate) fn connect(self, side: catalogue::Environment) -> anyhow::Result<Rest> {
        let side = match self.environment {
            Environment::Real => catalogue::Environment::Real,
            Environment::Paper => catalogue::Environment::Paper,
            Environment::Custom => side,
        };
        // REST alone needs no websocket, but a custom environment has to name one.
        let websocket = Some("ws://127.0.0.1");
        let endpoints = Endpoints::of(self.environment, self.rest.as_deref(), websocket)?;
        let credentials = Credentials::new(&self.app_key, &self.app_secret);
        let http = Http::new(&endpoints.rest)?;
        let config = TokenConfig { folder: Some(self.tokens), ..TokenConfig::default() };
        let tokens = Tokens::new(http.clone(), self.environment, credentials.clone(), config);
        Ok(Rest::new(http, side, credentials, tokens, RestConfig::new(side)))
    }
}
