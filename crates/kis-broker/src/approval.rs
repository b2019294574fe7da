//! The approval key: `POST /oauth2/Approval`, needed to register topics on the websocket.

use std::time::Duration;

use reqwest::{StatusCode, Url};
use serde::{Deserialize, Serialize};

use crate::{
    auth::{Http, HttpError, refusal},
    credentials::{ApprovalKey, Credentials},
};

/// Asks KIS for approval keys. The [session](crate::Session) keeps the key it got, up to 24
/// hours, and decides when another is due.
#[derive(Debug, Clone)]
pub struct ApprovalClient {
    http: Http,
    credentials: Credentials,
    timeout: Duration,
}

impl ApprovalClient {
    /// A client for the REST address `rest`; one request may take `timeout`.
    ///
    /// # Errors
    /// Returns an error when the system offers no TLS roots to trust.
    pub fn new(
        rest: &Url,
        credentials: Credentials,
        timeout: Duration,
    ) -> Result<Self, ApprovalError> {
        Ok(Self::over(Http::new(rest)?, credentials, timeout))
    }

    /// A client that shares connections with others.
    #[must_use]
    pub fn over(http: Http, credentials: Credentials, timeout: Duration) -> Self {
        Self { http, credentials, timeout }
    }

    /// Asks for a key. Asking again does not invalidate an earlier one, nor free its session.
    ///
    /// # Errors
    /// Returns an error when KIS cannot be reached, refuses, or answers with something else.
    /// No error holds a secret.
    pub async fn fetch(&self) -> Result<ApprovalKey, ApprovalError> {
        let transport =
            |source: reqwest::Error| ApprovalError::Transport { source: source.without_url() };
        let request = Request {
            grant_type: "client_credentials",
            appkey: self.credentials.app_key.expose(),
            secretkey: self.credentials.app_secret.expose(),
        };
        let sent = self.http.post("/oauth2/Approval").timeout(self.timeout).json(&request).send();
        let answer = sent.await.map_err(transport)?;
        let status = answer.status();
        let body = answer.bytes().await.map_err(transport)?;
        self.read(status, &body)
    }

    fn read(&self, status: StatusCode, body: &[u8]) -> Result<ApprovalKey, ApprovalError> {
        // What serde says about a text it cannot read may quote it, and it may hold the key.
        let answer = serde_json::from_slice::<Answer>(body).ok().filter(|_| status.is_success());
        let key = answer.map(|it| ApprovalKey::new(&it.approval_key));
        if let Some(key) = key.filter(|it| !it.expose().is_empty()) {
            return Ok(key);
        }
        let status = status.as_u16();
        Err(match refusal(body, &self.credentials) {
            Some((code, message)) => ApprovalError::Refused { status, code, message },
            None => ApprovalError::Unreadable { status, bytes: body.len() },
        })
    }
}

/// Why there is no approval key.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ApprovalError {
    /// No HTTP client can be made.
    #[error(transparent)]
    Http(#[from] HttpError),
    /// KIS could not be reached.
    #[error("the approval key could not be asked for")]
    Transport {
        /// What went wrong, without the address.
        source: reqwest::Error,
    },
    /// KIS refused; check the app key and its secret.
    #[error("KIS refused an approval key: HTTP {status} {code} {message}")]
    Refused {
        /// The HTTP status.
        status: u16,
        /// KIS's `error_code`, such as `EGW00103`.
        code: String,
        /// KIS's `error_description`.
        message: String,
    },
    /// The answer is not what KIS sends.
    #[error("unreadable answer to the request for an approval key: HTTP {status}, {bytes} bytes")]
    Unreadable {
        /// The HTTP status.
        status: u16,
        /// The length of the answer, which is not shown because it may hold the key.
        bytes: usize,
    },
}

impl ApprovalError {
    /// Whether KIS itself said no, so that asking again soon would be hammering.
    #[must_use]
    pub fn is_refusal(&self) -> bool {
        // KIS also refuses with HTTP 500; the codes from EGW00100 on name what was wrong with the
        // request, those below are faults of its own.
        match self {
            Self::Refused { status, code, .. } => *status < 500 || code.starts_with("EGW001"),
            _ => false,
        }
    }
}

#[derive(Serialize)]
struct Request<'a> {
    grant_type: &'static str,
    appkey: &'a str,
    // `/oauth2/tokenP` calls the same thing `appsecret`.
    secretkey: &'a str,
}

#[derive(Deserialize)]
struct Answer {
    approval_key: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(status: u16, body: &str) -> Result<ApprovalKey, String> {
        let rest = Url::parse("http://127.0.0.1:1").unwrap();
        let credentials = Credentials::new("THEAPPKEY", "THESECRET");
        ApprovalClient::new(&rest, credentials, Duration::from_secs(1))
            .unwrap()
            .read(StatusCode::from_u16(status).unwrap(), body.as_bytes())
            .map_err(|error| error.to_string())
    }

    #[test]
    fn answers() {
        assert_eq!(read(200, r#"{"approval_key":"abc"}"#), Ok(ApprovalKey::new("abc")));
        assert_eq!(
            read(
                403,
                r#"{"error_description":"유효하지 않은 AppKey입니다. THEAPPKEY","error_code":"EGW00103"}"#
            ),
            Err("KIS refused an approval key: HTTP 403 EGW00103 유효하지 않은 AppKey입니다. …"
                .into())
        );
        assert_eq!(
            read(200, r#"{"approval_key":{"k":"THEKEY"}}"#),
            Err("unreadable answer to the request for an approval key: HTTP 200, 31 bytes".into())
        );
        assert!(read(200, "{}").is_err());
    }

    #[test]
    fn a_server_error_is_no_refusal() {
        let refusal = |status, code: &str| {
            ApprovalError::Refused { status, code: code.into(), message: String::new() }
                .is_refusal()
        };
        assert!(refusal(403, ""));
        assert!(refusal(500, "EGW00103"));
        assert!(!refusal(500, "EGW00001"));
    }
}
