//! One renewal: everything between needing a token and having one.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use kis_protocol::time::Timestamp;
use tokio::time::sleep;
use tracing::{info, warn};

use super::{
    AuthError, Inner, Token,
    file::{Held, TokenFile},
};
use crate::credentials::AccessToken;

/// How often to look whether another process has brought a token, or has let go of the lock.
const LOOK_INTERVAL: Duration = Duration::from_millis(50);
/// After how many intervals between two requests another process is no longer waited for.
const HOLDER_PATIENCE: u32 = 4;

/// Gets a token, from the file if another process has brought one, otherwise from KIS.
pub(super) struct Renewal {
    inner: Arc<Inner>,
    /// The token that is not wanted, because KIS refused it.
    refused: Option<AccessToken>,
    /// Whether the current token is still good, and only a longer one is better.
    ahead: bool,
}

impl Renewal {
    pub(super) fn new(inner: Arc<Inner>, refused: Option<AccessToken>, ahead: bool) -> Self {
        Self { inner, refused, ahead }
    }

    pub(super) async fn run(self) -> Result<Token, AuthError> {
        let held = match &self.inner.file {
            None => None,
            Some(file) => match self.lock(file).await {
                Locked::Brought(token) => return Ok(token),
                Locked::Held(held) => held,
            },
        };
        let result = self.ask().await;
        drop(held);
        result
    }

    /// Waits for the lock. Whoever has it is asking KIS right now, so its token may come first.
    async fn lock(&self, file: &TokenFile) -> Locked {
        let start = Instant::now();
        loop {
            let locked = file.try_lock();
            // Only now: a token brought while the lock changed hands must not be missed.
            if let Some(token) = self.brought() {
                return Locked::Brought(token);
            }
            match locked {
                Ok(Some(held)) => return Locked::Held(Some(held)),
                Ok(None)
                    if start.elapsed() < self.inner.config.issue_interval * HOLDER_PATIENCE =>
                {
                    sleep(LOOK_INTERVAL).await;
                }
                Ok(None) => {
                    warn!("the process that asks for an access token hangs, asking beside it");
                    return Locked::Held(None);
                }
                Err(error) => {
                    file.warn(&error);
                    return Locked::Held(None);
                }
            }
        }
    }

    /// Asks KIS until it answers a token that is good for something.
    async fn ask(&self) -> Result<Token, AuthError> {
        let inner = &self.inner;
        let mut attempt = 1;
        loop {
            let failure = match inner.issuer.issue().await {
                Ok(token) if inner.is_usable(&token) => {
                    inner.count_issue();
                    info!(expires = ?Timestamp::from_unix(token.expires, 0), "access token issued");
                    if let Some(file) = &inner.file {
                        file.store(&token, inner.clock().ahead());
                    }
                    return Ok(token);
                }
                Ok(ended) => {
                    inner.count_issue();
                    // KIS answers the same token for hours unless that one is revoked. Should
                    // it not even know it any more, there is nothing to revoke.
                    let _ = inner.issuer.revoke(&ended.text).await;
                    AuthError::Stale { expired: Timestamp::from_unix(ended.expires, 0) }
                }
                Err(error) if error.is_too_soon() => error,
                Err(error) => return Err(error),
            };
            if attempt >= inner.config.attempts_max {
                return Err(failure);
            }
            attempt += 1;
            warn!(error = %failure, "access token not issued, waiting to ask again");
            if let Some(token) = self.wait().await {
                return Ok(token);
            }
        }
    }

    /// Lets the minute pass. Some other process may bring a token meanwhile, on a file system
    /// without locks for instance.
    async fn wait(&self) -> Option<Token> {
        let until = Instant::now() + self.inner.config.issue_interval;
        while Instant::now() < until {
            if let Some(token) = self.brought() {
                return Some(token);
            }
            sleep(LOOK_INTERVAL.min(until.saturating_duration_since(Instant::now()))).await;
        }
        None
    }

    /// The token in the file, if it is better than what there is.
    fn brought(&self) -> Option<Token> {
        let (token, ahead) = self.inner.file.as_ref()?.load_with_skew()?;
        self.inner.clock().assume(ahead);
        let wanted = self.refused.as_ref() != Some(&token.text) && self.inner.is_usable(&token);
        let long = !self.ahead || self.inner.left(&token) > self.inner.config.renew_ahead;
        (wanted && long).then_some(token)
    }
}

enum Locked {
    /// Another process has brought a token.
    Brought(Token),
    /// The lock, if there is any to be had.
    Held(Option<Held>),
}
