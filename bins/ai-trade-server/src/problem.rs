//! What HTTP clients are told when something fails: problem documents (RFC 9457).

use std::{borrow::Cow, time::Duration};

use axum::{
    body::Body,
    extract::Request,
    http::{HeaderName, HeaderValue, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use http_body_util::{BodyExt, Limited};
use serde_json::{Map, Value};

/// The media type of a problem document.
pub const MEDIA_TYPE: &str = "application/problem+json";

/// How much of a text that came with an error is taken for its detail.
const DETAIL_BYTES_MAX: usize = 4 * 1024;

/// An error as an HTTP client sees it.
///
/// A handler returns it; the router writes it, and adds which path it is about.
/// `type` is `about:blank` where the status says everything, else
/// `urn:ai-trade-server:` and a word for programs, the same word that websocket
/// errors carry as `code`.
#[derive(Debug, Clone)]
pub struct Problem {
    status: StatusCode,
    code: Option<&'static str>,
    detail: Cow<'static, str>,
    members: Map<String, Value>,
    headers: Vec<(HeaderName, HeaderValue)>,
    anonymous: bool,
}

impl Problem {
    /// A problem that its status describes; `detail` says what failed, on what
    /// input and what to do.
    pub fn new(status: StatusCode, detail: impl Into<Cow<'static, str>>) -> Self {
        let (members, headers) = (Map::new(), Vec::new());
        Self { status, code: None, detail: detail.into(), members, headers, anonymous: false }
    }

    /// With a word for programs, in lower case with underscores.
    #[must_use]
    pub fn code(mut self, code: &'static str) -> Self {
        self.code = Some(code);
        self
    }

    /// With a member beyond the standard ones, such as KIS' `msg_cd`.
    #[must_use]
    pub fn member(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.members.insert(name.to_owned(), value.into());
        self
    }

    /// With a header.
    #[must_use]
    pub fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.push((name, value));
        self
    }

    /// With the time after which it is worth trying again (`Retry-After`, whole seconds).
    #[must_use]
    pub fn retry_after(self, wait: Duration) -> Self {
        let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
        self.header(header::RETRY_AFTER, seconds.max(1).into())
    }

    /// Without the path: the same document whatever was asked for.
    #[must_use]
    pub(crate) fn anonymous(mut self) -> Self {
        self.anonymous = true;
        self
    }

    /// What failed, and what to do.
    pub(crate) fn detail(&self) -> &str {
        &self.detail
    }

    /// The word for programs.
    pub(crate) fn word(&self) -> Option<&'static str> {
        self.code
    }

    /// The status.
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// The document.
    pub(crate) fn document(&self, instance: Option<&str>) -> Value {
        let mut members = self.members.clone();
        let kind = match self.code {
            Some(code) => format!("urn:ai-trade-server:{code}"),
            None => "about:blank".to_owned(),
        };
        members.insert("type".to_owned(), kind.into());
        let title = self.status.canonical_reason().unwrap_or("Error");
        members.insert("title".to_owned(), title.into());
        members.insert("status".to_owned(), self.status.as_u16().into());
        members.insert("detail".to_owned(), self.detail.as_ref().into());
        if let Some(instance) = instance.filter(|_| !self.anonymous) {
            members.insert("instance".to_owned(), instance.into());
        }
        Value::Object(members)
    }

    /// What an error response without a document of ours says: the framework's
    /// own, whose bodies are a line of text or nothing.
    async fn of(response: &mut Response) -> Self {
        let status = response.status();
        let body = std::mem::take(response.body_mut());
        let text = Limited::new(body, DETAIL_BYTES_MAX).collect().await;
        let text = text.map(|it| it.to_bytes()).unwrap_or_default();
        let text = String::from_utf8_lossy(&text).trim().to_owned();
        let detail = match status {
            _ if !text.is_empty() => text.into(),
            StatusCode::NOT_FOUND => "there is nothing at this path".into(),
            StatusCode::METHOD_NOT_ALLOWED => "this path does not take this method".into(),
            _ => Cow::Borrowed(status.canonical_reason().unwrap_or("the request failed")),
        };
        Self::new(status, detail)
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = self.status;
        for (name, value) in &self.headers {
            response.headers_mut().append(name, value.clone());
        }
        response.extensions_mut().insert(self);
        response
    }
}

/// Writes the problem document of every error response, whoever made it.
pub(crate) async fn describe(request: Request, next: Next) -> Response {
    let instance = request.uri().path().to_owned();
    let mut response = next.run(request).await;
    let status = response.status();
    if !status.is_client_error() && !status.is_server_error() {
        return response;
    }
    let problem = match response.extensions_mut().remove::<Problem>() {
        Some(problem) => problem,
        None => Problem::of(&mut response).await,
    };
    let document = problem.document(Some(&instance)).to_string();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE));
    headers.remove(header::CONTENT_LENGTH);
    *response.body_mut() = Body::from(document);
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents() {
        let problem = Problem::new(StatusCode::BAD_GATEWAY, "KIS refused the call")
            .code("refused")
            .member("msg_cd", "EGW00201");
        assert_eq!(
            problem.document(Some("/v1/x")),
            serde_json::json!({
                "type": "urn:ai-trade-server:refused",
                "title": "Bad Gateway",
                "status": 502,
                "detail": "KIS refused the call",
                "instance": "/v1/x",
                "msg_cd": "EGW00201",
            })
        );
        let plain = Problem::new(StatusCode::NOT_FOUND, "x").anonymous().document(Some("/v1/x"));
        assert_eq!((&plain["type"], &plain["instance"]), (&"about:blank".into(), &Value::Null));
    }

    #[test]
    fn members_do_not_replace_the_standard_ones() {
        let problem = Problem::new(StatusCode::NOT_FOUND, "x").member("status", 200);
        assert_eq!(problem.document(None)["status"], 404);
    }

    #[test]
    fn retry_after_is_rounded_up() {
        let header = |it| {
            let problem = Problem::new(StatusCode::TOO_MANY_REQUESTS, "x").retry_after(it);
            problem.into_response().headers()[header::RETRY_AFTER].to_str().unwrap().to_owned()
        };
        assert_eq!(header(Duration::from_millis(1)), "1");
        assert_eq!(header(Duration::from_millis(1_001)), "2");
        assert_eq!(header(Duration::ZERO), "1");
    }
}
