//! The approval key: `POST /oauth2/Approval`, needed to register topics on the websocket.

use std::{net::IpAddr, time::Duration};

use reqwest::{StatusCode, Url, redirect::Policy};
use serde::{Deserialize, Serialize};

use crate::credentials::{ApprovalKey, Credentials};

/// Asks KIS for approval keys. The [session](crate::Session) keeps the key it got, up to 24
/// hours, and decides when another is due.
#[derive(Debug, Clone)]
pub struct ApprovalClient {
    http: reqwest::Client,
    url: Url,
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
        // A redirect could carry the secrets elsewhere; KIS sends none.
        let mut builder = reqwest::Client::builder().redirect(Policy::none());
        if rest.scheme() == "http" {
            // Plain HTTP trusts no certificates, so a system without any will do.
            builder = builder.tls_certs_only([]);
        }
        if is_loopback(rest) {
            builder = builder.no_proxy();
        }
        let http = builder
            .build()
            .map_err(|source| ApprovalError::Transport { source: source.without_url() })?;
        let mut url = rest.clone();
        url.set_path("/oauth2/Approval");
        Ok(Self { http, url, credentials, timeout })
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
        let sent = self.http.post(self.url.clone()).timeout(self.timeout).json(&request).send();
        let answer = sent.await.map_err(transport)?;
        let status = answer.status();
        let body = answer.bytes().await.map_err(transport)?;
        self.read(status, &body)
    }

    fn read(&self, status: StatusCode, body: &[u8]) -> Result<ApprovalKey, ApprovalError> {
        // What serde says about a text it cannot read may quote it, and it may hold the key.
        let answer: Answer = serde_json::from_slice(body).map_err(|_| {
            ApprovalError::Unreadable { status: status.as_u16(), bytes: body.len() }
        })?;
        match answer.approval_key {
            Some(key) if status.is_success() && !key.trim().is_empty() => {
                Ok(ApprovalKey::new(&key))
            }
            _ => Err(ApprovalError::Refused {
                status: status.as_u16(),
                code: self.credentials.scrub(&answer.error_code.unwrap_or_default()),
                message: self.credentials.scrub(&answer.error_description.unwrap_or_default()),
            }),
        }
    }
}

/// Why there is no approval key.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ApprovalError {
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

/// Whether the host is this machine, which no proxy could reach.
fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    host == "localhost" || host.parse().is_ok_and(|it: IpAddr| it.is_loopback())
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
    approval_key: Option<String>,
    error_code: Option<String>,
    error_description: Option<String>,
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
    fn loopback_hosts() {
        let check = |url, expected| assert_eq!(is_loopback(&Url::parse(url).unwrap()), expected);
        check("http://127.0.0.1:9", true);
        check("http://[::1]:9", true);
        check("http://localhost", true);
        check("https://openapi.koreainvestment.com:9443", false);
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
