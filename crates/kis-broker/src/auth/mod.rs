//! Access tokens: who may call REST.
//!
//! KIS issues one token a minute per app key and messages its owner each time, so a token is
//! shared: by everything in this process through [`Tokens`], and by other processes through a
//! file. Whoever needs a token first asks for it, everybody else waits for that one answer.

mod answer;
mod clock;
mod error;
mod file;
mod http;
mod issue;
mod renewal;

use std::{
    fmt,
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use futures_util::{
    FutureExt,
    future::{BoxFuture, Shared},
};
use kis_protocol::time::Timestamp;
use serde::{Deserialize, Serialize};
use tracing::warn;

pub(crate) use self::answer::refusal;
use self::{clock::ServerClock, file::TokenFile, issue::Issuer, renewal::Renewal};
pub use self::{
    error::AuthError,
    http::{Http, HttpError},
};
use crate::{
    credentials::{AccessToken, Credentials},
    environment::Environment,
};

/// How tokens are kept and renewed. The defaults follow KIS's rules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenConfig {
    /// The folder of the files that share tokens between processes and restarts, readable by
    /// their owner only; it is created when missing. Default none: a token lives as long as
    /// the process.
    pub folder: Option<PathBuf>,
    /// How long before its end a token is replaced, in the background. Default 1 hour. A new
    /// one is to be had only after 6 of its 24 hours; before that KIS answers the same again.
    pub renew_ahead: Duration,
    /// How long before its end a token is not used any more. Default 1 minute.
    pub margin: Duration,
    /// How long to wait after KIS has issued a token, or refused with EGW00133, before asking
    /// again. Default 61 s; KIS allows one a minute.
    pub issue_interval: Duration,
    /// How often a renewal asks before it gives up. Default 3. It asks again after EGW00133,
    /// and when KIS answers a token that has already ended (seen on 2026-08-19).
    pub attempts_max: u32,
    /// How long a refusal by KIS stands before it is asked again. Default 1 minute.
    pub refusal_memory: Duration,
    /// How long one request may take. Default 10 s.
    pub timeout: Duration,
}

impl Default for TokenConfig {
    fn default() -> Self {
        let seconds = Duration::from_secs;
        Self {
            folder: None,
            renew_ahead: seconds(3600),
            margin: seconds(60),
            issue_interval: seconds(61),
            attempts_max: 3,
            refusal_memory: seconds(60),
            timeout: seconds(10),
        }
    }
}

/// The access token of one app key; clones share it.
#[derive(Clone)]
pub struct Tokens(Arc<Inner>);

/// What is known of the token, without the token.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct TokenStatus {
    /// When the token ends by KIS's clock; none while there is none.
    pub expires: Option<Timestamp>,
    /// How often this process was issued one.
    pub issued: u64,
    /// How many renewals failed.
    pub failures: u64,
    /// How many of those because KIS refused.
    pub refusals: u64,
}

type Renewing = Shared<BoxFuture<'static, Result<Token, AuthError>>>;

struct Inner {
    issuer: Issuer,
    file: Option<TokenFile>,
    config: TokenConfig,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    current: Option<Token>,
    renewing: Option<Renewing>,
    /// When a renewal ahead of the end may be tried.
    ahead_from: Option<Instant>,
    /// What KIS refused with, and how long that stands.
    refused: Option<(Instant, AuthError)>,
    issued: u64,
    failures: u64,
    refusals: u64,
}

/// A token and when it ends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Token {
    #[serde(serialize_with = "exposed", deserialize_with = "wrapped")]
    text: AccessToken,
    /// Unix time in seconds, by KIS's clock.
    expires: i64,
}

impl Tokens {
    /// The token of `credentials`, asked for over `http` when it is first needed.
    #[must_use]
    pub fn new(
        http: Http,
        environment: Environment,
        credentials: Credentials,
        config: TokenConfig,
    ) -> Self {
        let file = config
            .folder
            .as_deref()
            .map(|folder| TokenFile::new(folder, environment, http.rest(), &credentials.app_key));
        let issuer = Issuer::new(http, credentials, config.timeout);
        Self(Arc::new(Inner { issuer, file, config, state: Mutex::default() }))
    }

    /// A token that KIS should accept now.
    ///
    /// Waits while one is asked for, which can take minutes when KIS says EGW00133: put a
    /// timeout around it. Giving up waiting does not end the request.
    ///
    /// # Errors
    /// Returns an error when there is no token to be had. No error holds a secret.
    pub async fn get(&self) -> Result<AccessToken, AuthError> {
        let renewing = {
            let mut state = self.0.lock();
            match &state.current {
                Some(token) if self.0.is_usable(token) => {
                    let text = token.text.clone();
                    self.renew_ahead(&mut state);
                    return Ok(text);
                }
                _ => self.renew(&mut state, None)?,
            }
        };
        renewing.await.map(|token| token.text)
    }

    /// A token in place of one that KIS refused with EGW00121 or EGW00123. Asks for a new one
    /// unless somebody has done so since.
    ///
    /// # Errors
    /// As [`Tokens::get`].
    pub async fn replace(&self, refused: &AccessToken) -> Result<AccessToken, AuthError> {
        loop {
            let (renewing, joined) = {
                let mut state = self.0.lock();
                match &state.current {
                    Some(token) if token.text == *refused => state.current = None,
                    Some(token) if self.0.is_usable(token) => return Ok(token.text.clone()),
                    _ => {}
                }
                let joined = state.renewing.is_some();
                (self.renew(&mut state, Some(refused.clone()))?, joined)
            };
            let token = renewing.await?;
            // A renewal that was under way already could not know which token was refused.
            if token.text != *refused || !joined {
                return Ok(token.text);
            }
        }
    }

    /// Ends the token at KIS, here, and in the file. Does nothing when there is none.
    ///
    /// # Errors
    /// Returns an error when KIS cannot be reached or refuses.
    pub async fn revoke(&self) -> Result<(), AuthError> {
        let inner = &self.0;
        let kept = || inner.file.as_ref().and_then(TokenFile::load);
        let current = inner.lock().current.clone();
        let Some(token) = current.or_else(kept) else { return Ok(()) };
        inner.issuer.revoke(&token.text).await?;
        inner.forget(&token);
        Ok(())
    }

    /// What is known of the token.
    #[must_use]
    pub fn status(&self) -> TokenStatus {
        let state = self.0.lock();
        TokenStatus {
            expires: state.current.as_ref().map(|it| Timestamp::from_unix(it.expires, 0)),
            issued: state.issued,
            failures: state.failures,
            refusals: state.refusals,
        }
    }

    /// The renewal that is under way, or a new one. It is a task of its own, so that it ends
    /// well even if nobody waits for it any more.
    fn renew(
        &self,
        state: &mut State,
        refused: Option<AccessToken>,
    ) -> Result<Renewing, AuthError> {
        if let Some((until, error)) = &state.refused
            && Instant::now() < *until
        {
            return Err(error.clone());
        }
        if let Some(renewing) = &state.renewing {
            return Ok(renewing.clone());
        }
        let renewal = Renewal::new(self.0.clone(), refused, false);
        Ok(self.start(state, renewal))
    }

    /// Starts to replace a token that will end soon, if it is time.
    fn renew_ahead(&self, state: &mut State) {
        let Some(token) = &state.current else { return };
        let (left, now) = (self.0.left(token), Instant::now());
        let early = state.ahead_from.is_some_and(|from| now < from);
        if left > self.0.config.renew_ahead || early || state.renewing.is_some() {
            return;
        }
        // KIS may well answer the same token again, and tells its owner each time: so the
        // next attempt comes only when half of what is left has passed.
        state.ahead_from = Some(now + self.0.config.issue_interval.max(left / 2));
        let renewal = Renewal::new(self.0.clone(), None, true);
        // It runs without anybody waiting for it.
        drop(self.start(state, renewal));
    }

    fn start(&self, state: &mut State, renewal: Renewal) -> Renewing {
        let inner = self.0.clone();
        let task = tokio::spawn(async move {
            let result = renewal.run().await;
            inner.renewed(&result);
            result
        });
        let renewing = task.map(|joined| joined.unwrap_or(Err(AuthError::Interrupted)));
        let renewing = renewing.boxed().shared();
        state.renewing = Some(renewing.clone());
        renewing
    }
}

/// Nothing secret.
impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tokens").field("status", &self.status()).finish_non_exhaustive()
    }
}

impl Inner {
    fn clock(&self) -> &ServerClock {
        self.issuer.clock()
    }

    /// How long the token has to live, by KIS's clock.
    fn left(&self, token: &Token) -> Duration {
        let seconds = token.expires.saturating_sub(self.clock().now());
        Duration::from_secs(u64::try_from(seconds).unwrap_or_default())
    }

    fn is_usable(&self, token: &Token) -> bool {
        self.left(token) > self.config.margin
    }

    fn renewed(&self, result: &Result<Token, AuthError>) {
        let mut state = self.lock();
        state.renewing = None;
        match result {
            Ok(token) => {
                if state.current.as_ref().is_none_or(|it| it.text != token.text) {
                    state.ahead_from = None;
                }
                state.current = Some(token.clone());
                state.refused = None;
            }
            Err(error) => {
                warn!(%error, "no access token");
                state.failures += 1;
                // A token that still works is not given up because there is no better one.
                if error.is_refusal() {
                    state.refusals += 1;
                    let until = Instant::now() + self.config.refusal_memory;
                    state.refused = Some((until, error.clone()));
                }
            }
        }
    }

    fn count_issue(&self) {
        self.lock().issued += 1;
    }

    /// Makes sure that a token is used by nobody here, and by nobody who reads the file.
    fn forget(&self, token: &Token) {
        {
            let mut state = self.lock();
            if state.current.as_ref() == Some(token) {
                state.current = None;
            }
        }
        if let Some(file) = &self.file {
            file.forget(token);
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Nothing panics while holding the lock, and if it did the state would still be whole.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn exposed<S: serde::Serializer>(token: &AccessToken, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(token.expose())
}

fn wrapped<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<AccessToken, D::Error> {
    String::deserialize(deserializer).map(|text| AccessToken::new(&text))
}
