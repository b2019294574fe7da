use std::{fmt, time::Duration};

use alert_engine::{
    Batch, Notification,
    delivery::{Outcome, Pace},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use reqwest::{Client, Response, StatusCode, Url, header, redirect::Policy};
use serde::Serialize;
use sha2::Sha256;
use tracing::warn;

use super::{Sent, Sink};

/// How long a receiver may take.
const TIMEOUT: Duration = Duration::from_secs(10);

/// The longest wait that a receiver may ask for.
const RETRY_AFTER_MAX: u64 = 3_600;

/// A signed webhook: one POST with a JSON body for each notification.
///
/// Headers are those of [Standard Webhooks](https://www.standardwebhooks.com),
/// for which there are libraries in most languages:
///
/// - `webhook-id`: the notification's id, the same whenever it is sent again;
///   a receiver ignores an id that it knows.
/// - `webhook-timestamp`: when this attempt was made, in seconds since 1970.
/// - `webhook-signature`: `v1,` and the Base64 of the HMAC-SHA256 of
///   `{webhook-id}.{webhook-timestamp}.{body}` under the secret.
///
/// An answer of 2xx is a receipt, 410 means that the receiver will never take
/// it; anything else is tried again, after `Retry-After` where it is a number of
/// seconds.
pub struct Webhook {
    client: Client,
    url: Url,
    key: Vec<u8>,
}

/// A webhook that cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WebhookError {
    /// The address is none. It may hold a secret, so it is not repeated.
    #[error("the webhook's address is not a URL: {0}; write it as https://host/path")]
    Url(<Url as std::str::FromStr>::Err),
    /// The address is of another protocol.
    #[error("the webhook's address must begin with https:// or http://")]
    Scheme,
    /// The secret is none.
    #[error(
        "the webhook's secret is too short or not Base64 behind whsec_; use 16 characters or more"
    )]
    Secret,
    /// The system offers no TLS roots to trust.
    #[error("no HTTP client can be made: {0}")]
    Client(reqwest::Error),
}

#[derive(Serialize)]
struct Body<'a> {
    #[serde(flatten)]
    notification: &'a Notification,
    /// How many others the receiver will never get.
    dropped: u64,
}

impl Webhook {
    /// A webhook to `url`, signed with `secret`: `whsec_` and Base64, or any
    /// text of 16 characters or more.
    ///
    /// # Errors
    /// When one of them cannot be used.
    pub fn new(url: &str, secret: &str) -> Result<Self, WebhookError> {
        let url: Url = url.parse().map_err(WebhookError::Url)?;
        if !matches!(url.scheme(), "https" | "http") {
            return Err(WebhookError::Scheme);
        }
        let key = match secret.strip_prefix("whsec_") {
            Some(encoded) => STANDARD.decode(encoded).map_err(|_| WebhookError::Secret)?,
            None => secret.as_bytes().to_vec(),
        };
        if key.len() < 16 {
            return Err(WebhookError::Secret);
        }
        // A redirect would carry the notification to somebody else.
        let client = Client::builder()
            .redirect(Policy::none())
            .timeout(TIMEOUT)
            .build()
            .map_err(|error| WebhookError::Client(error.without_url()))?;
        Ok(Self { client, url, key })
    }

    fn signature(&self, id: &str, timestamp: i64, body: &str) -> String {
        // A key of any length will do.
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&self.key) else {
            return String::new();
        };
        mac.update(format!("{id}.{timestamp}.").as_bytes());
        mac.update(body.as_bytes());
        format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
    }

    async fn post(&self, notification: &Notification, dropped: u64) -> Outcome {
        let Ok(body) = serde_json::to_string(&Body { notification, dropped }) else {
            return Outcome::Refused;
        };
        let timestamp = Timestamp::now().as_second();
        let request = self
            .client
            .post(self.url.clone())
            .header(header::CONTENT_TYPE, "application/json")
            .header("webhook-id", &notification.id)
            .header("webhook-timestamp", timestamp)
            .header("webhook-signature", self.signature(&notification.id, timestamp, &body))
            .body(body);
        match request.send().await {
            Ok(response) => outcome(&response),
            Err(error) => {
                warn!(error = %error.without_url(), "webhook not reached");
                Outcome::Failed
            }
        }
    }
}

fn outcome(response: &Response) -> Outcome {
    let status = response.status();
    if status.is_success() {
        return Outcome::Delivered;
    }
    warn!(%status, "webhook refused");
    if status == StatusCode::GONE {
        return Outcome::Refused;
    }
    let seconds = response.headers().get(header::RETRY_AFTER);
    let seconds = seconds.and_then(|it| it.to_str().ok()?.parse::<u64>().ok());
    match seconds {
        Some(seconds) => Outcome::Limited(Duration::from_secs(seconds.min(RETRY_AFTER_MAX))),
        None => Outcome::Failed,
    }
}

impl Sink for Webhook {
    fn pace(&self) -> Pace {
        Pace::WEBHOOK
    }

    async fn send(&self, batch: &Batch) -> Sent {
        let outcome = match batch.notifications.first() {
            Some(notification) => self.post(notification, batch.dropped).await,
            None => Outcome::Delivered,
        };
        Sent { outcome, count: 1 }
    }
}

impl fmt::Debug for Webhook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The path often is a secret.
        f.debug_struct("Webhook").field("host", &self.url.host_str()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the Standard Webhooks specification.
    #[test]
    fn signs_as_the_specification_does() {
        let webhook =
            Webhook::new("https://example.com/hook", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
                .unwrap();
        let body = r#"{"test": 2432232314}"#;
        let signature = webhook.signature("msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, body);
        assert_eq!(signature, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test]
    fn neither_address_nor_secret_is_shown() {
        let webhook = Webhook::new("https://example.com/T0KEN", "a secret of some length").unwrap();
        assert_eq!(format!("{webhook:?}"), r#"Webhook { host: Some("example.com"), .. }"#);
        for (url, secret) in [
            ("example.com/T0KEN", "a secret of some length"),
            ("ftp://example.com/T0KEN", "a secret of some length"),
            ("https://example.com", "short"),
            ("https://example.com", "whsec_not base64"),
        ] {
            let error = Webhook::new(url, secret).unwrap_err().to_string();
            assert!(!error.contains("T0KEN") && !error.contains("some length"), "{error}");
        }
    }
}
