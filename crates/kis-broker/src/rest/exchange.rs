//! One call over HTTP: sent as KIS wants it, and its answer read.

use std::time::Duration;

use kis_protocol::catalogue::{Method, Prepared};
use reqwest::{
    RequestBuilder,
    header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue},
};
use serde::{Serialize, Serializer};

use super::{Answer, RestError};
use crate::{
    auth::Http,
    credentials::{AccessToken, Credentials, scrub},
};

/// What KIS is called with, whatever the call.
#[derive(Debug)]
pub(super) struct Exchange {
    pub(super) http: Http,
    pub(super) credentials: Credentials,
}

/// A call to be sent now.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sending<'a> {
    pub(super) call: &'a Prepared,
    /// Whether it asks for the page after another.
    pub(super) following: bool,
    pub(super) token: &'a AccessToken,
    pub(super) timeout: Duration,
}

impl Exchange {
    /// Sends a call once.
    pub(super) async fn send(&self, sending: Sending<'_>) -> Result<Answer, RestError> {
        let call = sending.call;
        let transport = |source| RestError::transport(call.tr.id, source);
        let request = self.request(call).headers(self.headers(sending)).timeout(sending.timeout);
        let answer = request.send().await.map_err(transport)?;
        let status = answer.status();
        let tr_cont = answer.headers().get("tr_cont").and_then(|it| it.to_str().ok());
        let tr_cont = tr_cont.unwrap_or_default().to_owned();
        let body = answer.bytes().await.map_err(transport)?;
        Answer::of(call, status, &tr_cont, body, |text| self.scrub(text, sending))
    }

    fn request(&self, call: &Prepared) -> RequestBuilder {
        match call.method() {
            Method::Get => self.http.get(call.path(), &call.parameters),
            // An order gets a connection of its own. One that is kept may have been closed by
            // KIS at this very moment, and then nobody could tell whether KIS read the order.
            Method::Post => self.http.post_alone(call.path()).json(&Body(&call.parameters)),
        }
    }

    fn headers(&self, Sending { call, following, token, .. }: Sending<'_>) -> HeaderMap {
        let secret = |text: &str| {
            let mut value = HeaderValue::from_str(text)?;
            value.set_sensitive(true);
            Ok::<_, reqwest::header::InvalidHeaderValue>(value)
        };
        let Credentials { app_key, app_secret } = &self.credentials;
        let mut headers = HeaderMap::new();
        let json = HeaderValue::from_static("application/json; charset=utf-8");
        headers.insert(CONTENT_TYPE, json);
        headers.insert(HeaderName::from_static("custtype"), HeaderValue::from_static("P"));
        if let Some(tr_id) = call.tr_id {
            headers.insert(HeaderName::from_static("tr_id"), HeaderValue::from_static(tr_id));
        }
        if following {
            headers.insert(HeaderName::from_static("tr_cont"), HeaderValue::from_static("N"));
        }
        let secrets = [
            (AUTHORIZATION, secret(&format!("Bearer {}", token.expose()))),
            (HeaderName::from_static("appkey"), secret(app_key.expose())),
            (HeaderName::from_static("appsecret"), secret(app_secret.expose())),
        ];
        // A key that no header can hold is none of KIS's, which refuses the call without it.
        headers.extend(secrets.into_iter().filter_map(|(name, it)| Some((name, it.ok()?))));
        headers
    }

    /// KIS's words without secrets and without what is personal, should it repeat them.
    fn scrub(&self, text: &str, Sending { call, token, .. }: Sending<'_>) -> String {
        let text = scrub(&self.credentials.scrub(text), token.expose());
        let personal = |name: &str| call.tr.parameter(name).is_some_and(|it| it.personal.is_some());
        // The product code of an account, two digits, is in any other number as well.
        let values = call.parameters.iter().filter(|(name, it)| personal(name) && it.len() > 2);
        values.fold(text, |text, (_, value)| scrub(&text, value))
    }
}

/// Parameters as a JSON object, in their order: KIS has been seen to refuse others.
struct Body<'a>(&'a [(&'static str, String)]);

impl Serialize for Body<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, value)| (name, value)))
    }
}
