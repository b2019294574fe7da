//! The two requests: `/oauth2/tokenP` and `/oauth2/revokeP`.

use std::time::Duration;

use kis_protocol::{
    FromField,
    time::{Date, Time, Timestamp},
};
use reqwest::{RequestBuilder, StatusCode};
use serde::{Deserialize, Serialize};

use super::{AuthError, Http, Token, answer::refusal, clock::ServerClock};
use crate::credentials::{AccessToken, Credentials};

/// Asks KIS for tokens, without any memory but what time it is there.
#[derive(Debug)]
pub(super) struct Issuer {
    http: Http,
    credentials: Credentials,
    timeout: Duration,
    clock: ServerClock,
}

impl Issuer {
    pub(super) fn new(http: Http, credentials: Credentials, timeout: Duration) -> Self {
        Self { http, credentials, timeout, clock: ServerClock::new() }
    }

    pub(super) fn clock(&self) -> &ServerClock {
        &self.clock
    }

    pub(super) async fn issue(&self) -> Result<Token, AuthError> {
        let request = self.http.post("/oauth2/tokenP").json(&Request {
            grant_type: Some("client_credentials"),
            token: None,
            ..self.request()
        });
        let (status, body) = self.send(request).await?;
        self.read(status, &body)
    }

    pub(super) async fn revoke(&self, token: &AccessToken) -> Result<(), AuthError> {
        let request = Request { token: Some(token.expose()), ..self.request() };
        let (status, body) = self.send(self.http.post("/oauth2/revokeP").json(&request)).await?;
        if status.is_success() {
            return Ok(());
        }
        Err(self.refused(status, &body))
    }

    fn request(&self) -> Request<'_> {
        Request {
            grant_type: None,
            appkey: self.credentials.app_key.expose(),
            appsecret: self.credentials.app_secret.expose(),
            token: None,
        }
    }

    async fn send(&self, request: RequestBuilder) -> Result<(StatusCode, Vec<u8>), AuthError> {
        let answer = request.timeout(self.timeout).send().await.map_err(AuthError::transport)?;
        self.clock.observe(answer.headers());
        let status = answer.status();
        let body = answer.bytes().await.map_err(AuthError::transport)?;
        Ok((status, body.into()))
    }

    fn read(&self, status: StatusCode, body: &[u8]) -> Result<Token, AuthError> {
        // What serde says about a text it cannot read may quote it, and it may hold the token.
        let issued = serde_json::from_slice::<Issued>(body).ok().filter(|_| status.is_success());
        let token = issued.and_then(|it| {
            let expires = unix(&it.access_token_token_expired)?;
            let text = AccessToken::new(&it.access_token);
            (!text.expose().is_empty()).then_some(Token { text, expires })
        });
        token.ok_or_else(|| self.refused(status, body))
    }

    fn refused(&self, status: StatusCode, body: &[u8]) -> AuthError {
        let status = status.as_u16();
        match refusal(body, &self.credentials) {
            Some((code, message)) => AuthError::Refused { status, code, message },
            None => AuthError::Unreadable { status, bytes: body.len() },
        }
    }
}

/// `2026-08-18 16:40:00`, which is Korean time, as Unix time in seconds.
fn unix(text: &str) -> Option<i64> {
    let (date, time) = text.trim().split_once(' ')?;
    let date = Date::from_field(&date.replace('-', ""))?;
    let time = Time::from_field(&time.replace(':', ""))?;
    Some(Timestamp::korean(date, time).unix_seconds())
}

#[derive(Serialize)]
struct Request<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    grant_type: Option<&'static str>,
    appkey: &'a str,
    appsecret: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    token: Option<&'a str>,
}

/// Beside these there are `token_type`, always `Bearer`, and `expires_in`, which has been seen
/// to differ from the end as text by more than an hour.
#[derive(Deserialize)]
struct Issued {
    access_token: String,
    access_token_token_expired: String,
}

#[cfg(test)]
mod tests {
    use reqwest::Url;

    use super::*;

    fn read(status: u16, body: &str) -> Result<(String, i64), String> {
        let http = Http::new(&Url::parse("http://127.0.0.1:1").unwrap()).unwrap();
        let credentials = Credentials::new("THEAPPKEY", "THESECRET");
        Issuer::new(http, credentials, Duration::from_secs(1))
            .read(StatusCode::from_u16(status).unwrap(), body.as_bytes())
            .map(|it| (it.text.expose().to_owned(), it.expires))
            .map_err(|error| error.to_string())
    }

    #[test]
    fn answers() {
        let whole = r#"{"access_token":"abc","access_token_token_expired":"2026-09-14 09:00:00","token_type":"Bearer","expires_in":1}"#;
        assert_eq!(read(200, whole), Ok(("abc".into(), 1_789_344_000)));
        assert_eq!(
            read(
                403,
                r#"{"error_description":"유효하지 않은 AppKey입니다. THEAPPKEY","error_code":"EGW00103"}"#
            ),
            Err("KIS refused an access token: HTTP 403 EGW00103 유효하지 않은 AppKey입니다. …"
                .into())
        );
        for strange in [
            "",
            "<html>",
            "{}",
            r#"{"access_token":"abc"}"#,
            r#"{"access_token":"","access_token_token_expired":"2026-09-14 09:00:00"}"#,
            r#"{"access_token":"abc","access_token_token_expired":"tomorrow"}"#,
        ] {
            let error = read(200, strange).unwrap_err();
            assert!(error.starts_with("unreadable") && !error.contains("abc"), "{error}");
        }
        assert!(read(500, whole).is_err(), "a failure is one whatever it holds");
    }
}
