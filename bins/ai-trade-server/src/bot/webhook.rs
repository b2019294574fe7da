//! Updates that Telegram brings, where it is told to.

use std::{
    collections::VecDeque,
    fmt,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
};

use axum::{
    body::to_bytes,
    extract::{Request, State},
    http::{Method, StatusCode},
    middleware::Next,
    response::{IntoResponse, Response},
};
use hmac::{Hmac, KeyInit, Mac};
use reqwest_012::Url;
use sha2::Sha256;
use subtle::ConstantTimeEq;
use teloxide_core::types::Update;
use tokio::{
    sync::{mpsc, oneshot},
    time::timeout,
};
use tracing::warn;

use super::{BotError, telegram::UPDATES_AT_ONCE};
use crate::{problem::Problem, server::App};

/// The header in which Telegram shows that it is Telegram.
const SECRET_HEADER: &str = "x-telegram-bot-api-secret-token";

/// How long an update may be. A message has at most 4,096 characters, and quotes another one.
const UPDATE_BYTES_MAX: usize = 256 * 1024;

/// How many updates are remembered, so that one that is brought again is not answered again.
const KNOWN_MAX: usize = 1_000;

/// Where Telegram brings updates to.
pub struct Webhook {
    url: Url,
    path: String,
    secret: String,
    updates: mpsc::Sender<Brought>,
    known: Mutex<VecDeque<u32>>,
    refused: AtomicU64,
}

/// An update, and who waits for it to be dealt with.
pub(crate) struct Brought {
    pub(super) update: Update,
    pub(super) dealt_with: oneshot::Sender<()>,
}

impl Webhook {
    /// A webhook of the bot with this token below `base`, and what comes out of it.
    ///
    /// Path and secret are derived from the token, so that what Telegram has been told holds
    /// after a restart; from them nobody can find the token.
    pub(crate) fn new(
        token: &str,
        base: &str,
    ) -> Result<(Self, mpsc::Receiver<Brought>), BotError> {
        let mut url: Url = base.parse().map_err(|_| BotError::Webhook)?;
        let plain = url.query().is_none() && url.fragment().is_none() && url.username().is_empty();
        let port = matches!(url.port_or_known_default(), Some(443 | 80 | 88 | 8443));
        if url.scheme() != "https" || !plain || !port {
            return Err(BotError::Webhook);
        }
        let path = format!("/telegram/{}", derived(token, b"webhook path")?);
        let whole = format!("{}{path}", url.path().trim_end_matches('/'));
        url.set_path(&whole);
        let secret = derived(token, b"webhook secret")?;
        let (updates, brought) = mpsc::channel(UPDATES_AT_ONCE.into());
        let (known, refused) = (Mutex::default(), AtomicU64::new(0));
        Ok((Self { url, path, secret, updates, known, refused }, brought))
    }

    /// The address for Telegram, and the secret that it is to show.
    pub(super) fn place(&self) -> (&Url, &str) {
        (&self.url, &self.secret)
    }

    /// How many requests were refused.
    pub(super) fn refused(&self) -> u64 {
        self.refused.load(Relaxed)
    }

    /// Whether a request is Telegram's.
    fn is_for_me(&self, request: &Request) -> bool {
        let path = request.uri().path();
        if !path.starts_with("/telegram/") {
            return false;
        }
        let shown = request.headers().get(SECRET_HEADER).map(|it| it.as_bytes());
        let path = path.as_bytes().ct_eq(self.path.as_bytes());
        let secret = shown.unwrap_or_default().ct_eq(self.secret.as_bytes());
        let known = bool::from(path & secret) && request.method() == Method::POST;
        if !known {
            self.refused.fetch_add(1, Relaxed);
        }
        known
    }

    /// Has an update dealt with; 200 says that it need not be brought again.
    async fn take(&self, body: &[u8]) -> StatusCode {
        // It would be brought again for ever, and others after it.
        let Ok(update) = serde_json::from_slice::<Update>(body) else {
            warn!("what Telegram has brought cannot be read");
            return StatusCode::OK;
        };
        let id = update.id.0;
        if !self.is_new(id) {
            return StatusCode::OK;
        }
        let (dealt_with, ended) = oneshot::channel();
        let taken = self.updates.try_send(Brought { update, dealt_with });
        if taken.is_ok() && ended.await.is_ok() {
            return StatusCode::OK;
        }
        self.known().retain(|it| *it != id);
        StatusCode::SERVICE_UNAVAILABLE
    }

    fn is_new(&self, id: u32) -> bool {
        let mut known = self.known();
        if known.contains(&id) {
            return false;
        }
        known.push_back(id);
        if known.len() > KNOWN_MAX {
            known.pop_front();
        }
        true
    }

    fn known(&self) -> std::sync::MutexGuard<'_, VecDeque<u32>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Takes what Telegram brings out of the requests, before they are asked for a key. What does
/// not show the secret is a request like any other, which finds nothing.
pub(crate) async fn receive(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let Some(webhook) = app.webhook.as_ref().filter(|it| it.is_for_me(&request)) else {
        return next.run(request).await;
    };
    let patience = app.guard.settings().server.request_timeout();
    let body = timeout(patience, to_bytes(request.into_body(), UPDATE_BYTES_MAX)).await;
    let Ok(Ok(body)) = body else {
        let detail = "the update is too long, or took too long to arrive";
        return Problem::new(StatusCode::PAYLOAD_TOO_LARGE, detail).into_response();
    };
    match webhook.take(&body).await {
        StatusCode::OK => StatusCode::OK.into_response(),
        status => Problem::new(status, "the bot is busy, or ending; bring the update again")
            .into_response(),
    }
}

/// 64 hexadecimal digits.
fn derived(token: &str, purpose: &[u8]) -> Result<String, BotError> {
    // A key of any length will do.
    let mac = Hmac::<Sha256>::new_from_slice(token.as_bytes());
    let mac = mac.map_err(|_| BotError::Token)?.chain_update(purpose);
    Ok(mac.finalize().into_bytes().iter().map(|it| format!("{it:02x}")).collect())
}

impl fmt::Debug for Webhook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Webhook").field("host", &self.url.host_str()).finish_non_exhaustive()
    }
}

impl fmt::Debug for Brought {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Brought").field("update", &self.update.id.0).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOKEN: &str = "123456789:AAErZZZ-secret_of_thirty_five_chars";

    #[test]
    fn addresses() {
        let place = |base: &str| {
            Webhook::new(TOKEN, base).map(|(it, _)| (it.url.to_string(), it.path)).ok()
        };
        let (url, path) = place("https://trade.example.com").unwrap();
        assert_eq!(url, format!("https://trade.example.com{path}"));
        assert_eq!(path.len(), "/telegram/".len() + 64);
        let below = place("https://trade.example.com:8443/relay/").unwrap();
        assert_eq!(below, (format!("https://trade.example.com:8443/relay{path}"), path));
        for wrong in [
            "trade.example.com",
            "http://trade.example.com",
            "https://trade.example.com:8000",
            "https://trade.example.com?a=b",
            "https://me@trade.example.com",
        ] {
            assert_eq!(place(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn neither_token_nor_secret_is_shown() {
        let (webhook, _brought) = Webhook::new(TOKEN, "https://trade.example.com").unwrap();
        let (url, secret) = webhook.place();
        let shown = format!("{webhook:?}");
        assert!(!shown.contains(secret) && !shown.contains(&webhook.path), "{shown}");
        assert!(!url.as_str().contains("AAErZZZ") && !secret.contains("AAErZZZ"));
        // What Telegram takes for a secret.
        assert!(secret.len() <= 256 && secret.bytes().all(|it| it.is_ascii_alphanumeric()));
    }

    #[test]
    fn an_update_is_new_once() {
        let (webhook, _brought) = Webhook::new(TOKEN, "https://trade.example.com").unwrap();
        assert!(webhook.is_new(7));
        assert!(!webhook.is_new(7));
        assert!(webhook.is_new(8));
    }
}
