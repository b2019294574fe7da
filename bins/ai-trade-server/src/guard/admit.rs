//! The check at the door: every request passes here before any route sees it.

use std::{sync::Arc, time::Instant};

use axum::{
    body::Body,
    extract::{Request, State},
    http::{HeaderValue, Method, StatusCode, Uri, header, uri::PathAndQuery},
    middleware::Next,
    response::{IntoResponse, Response},
};

use super::{
    Caller, Guard, Reason,
    body::until,
    browser::{check_host, check_origin, check_proxy},
};
use crate::{
    keys::{Busy, Key, Scope},
    problem::Problem,
    server::App,
};

/// Lets a request in, with its [`Caller`] as an extension, or answers it.
pub(crate) async fn admit(
    State(app): State<Arc<App>>,
    mut request: Request,
    next: Next,
) -> Response {
    let guard = &app.guard;
    let caller = match guard.check(&mut request) {
        Ok(caller) => caller,
        Err((reason, problem)) => {
            guard.refusals.count(reason);
            return problem.into_response();
        }
    };
    request.extensions_mut().insert(caller.clone());
    let timeout = guard.settings().server.request_timeout();
    let request = request.map(|body| match http_body::Body::is_end_stream(&body) {
        true => body,
        false => until(body, async move {
            tokio::time::sleep(timeout).await;
            "it took too long to arrive"
        }),
    });
    let response = next.run(request).await;
    // What is streamed counts as a connection of the key, and ends with it.
    match caller.revoked() {
        None => response,
        Some(revoked) => response.map(|body| {
            until(body, async move {
                revoked.cancelled().await;
                drop(caller);
                "the key was revoked"
            })
        }),
    }
}

/// Lets only callers in that have the scope; a layer for routes.
pub(crate) async fn require(
    State((scope, app)): State<(Scope, Arc<App>)>,
    request: Request,
    next: Next,
) -> Response {
    let caller = request.extensions().get::<Caller>();
    if caller.is_some_and(|it| it.may(scope)) {
        return next.run(request).await;
    }
    app.guard.refusals.count(Reason::Scope);
    scope_missing(scope).into_response()
}

/// What a caller is told whose key does not have the scope.
pub(crate) fn scope_missing(scope: Scope) -> Problem {
    let challenge = match scope {
        Scope::Read => r#"Bearer error="insufficient_scope", scope="read""#,
        Scope::Trade => r#"Bearer error="insufficient_scope", scope="trade""#,
        Scope::Admin => r#"Bearer error="insufficient_scope", scope="admin""#,
    };
    let detail = format!("this needs a key with the scope `{scope}`, and yours has it not");
    Problem::new(StatusCode::FORBIDDEN, detail)
        .code("scope_missing")
        .header(header::WWW_AUTHENTICATE, HeaderValue::from_static(challenge))
}

impl Guard {
    /// Finds out who asks, and whether the request may be answered. Without a key
    /// where one is needed, nothing else is looked at, so that nothing is learned.
    fn check(&self, request: &mut Request) -> Result<Caller, (Reason, Problem)> {
        let settings = self.settings();
        let caller = match take_key(request) {
            Some(sent) => self.caller(&sent)?,
            None if !self.needs_key => Caller::open(),
            None if asks_for_life(request) || is_handshake(request) => Caller::unknown(),
            None => return Err((Reason::Unauthorized, unauthorized())),
        };
        let every_host = ["*".to_owned()];
        let hosts = match &settings.server.hosts[..] {
            // A rebound page has no key.
            [] if self.needs_key => &every_host,
            hosts => hosts,
        };
        let browser = |problem| (Reason::Browser, problem);
        let headers = request.headers();
        let host = check_host(request.uri(), request.version(), headers, hosts).map_err(browser)?;
        check_origin(headers, host, &settings.server.origins).map_err(browser)?;
        if !self.needs_key && !settings.server.is_open() {
            check_proxy(headers).map_err(browser)?;
        }
        Ok(caller)
    }

    /// The holder of a key, as it was sent.
    pub(crate) fn caller(&self, sent: &str) -> Result<Caller, (Reason, Problem)> {
        let key = self.keys.find(sent).ok_or_else(|| (Reason::Unauthorized, unauthorized()))?;
        key.admit(Instant::now()).map(Caller::holder).map_err(|busy| too_many(&key, busy))
    }
}

/// The same for everything that is asked without a key.
fn unauthorized() -> Problem {
    Problem::new(
        StatusCode::UNAUTHORIZED,
        "this server asks for a key: send it as `Authorization: Bearer …`, as `?key=…`, or in the \
         first message of a websocket",
    )
    .code("unauthorized")
    .header(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"))
    .anonymous()
}

fn too_many(key: &Key, busy: Busy) -> (Reason, Problem) {
    let status = StatusCode::TOO_MANY_REQUESTS;
    let id = key.id();
    match busy {
        Busy::Connections { max } => {
            let detail = format!("key {id} has its {max} connections; end one first");
            let problem = Problem::new(status, detail).code("too_many_connections");
            (Reason::KeyConnections, problem.retry_after(std::time::Duration::from_secs(1)))
        }
        Busy::Requests { per_second, wait } => {
            let detail = format!("key {id} may make {per_second} requests in a second");
            let problem = Problem::new(status, detail).code("too_many_requests");
            (Reason::KeyRequests, problem.retry_after(wait))
        }
    }
}

/// Whether only a sign of life is asked for.
fn asks_for_life(request: &Request) -> bool {
    request.uri().path() == "/healthz" && matches!(*request.method(), Method::GET | Method::HEAD)
}

/// Whether a websocket is asked for, whose first message may bring the key.
fn is_handshake(request: &Request) -> bool {
    let upgrade = request.headers().get(header::UPGRADE);
    request.uri().path() == "/ws"
        && upgrade.is_some_and(|it| it.as_bytes().eq_ignore_ascii_case(b"websocket"))
}

/// The key that came with a request, which is then no longer in it: nothing
/// behind this can log it.
fn take_key(request: &mut Request<Body>) -> Option<String> {
    let in_header = request.headers().get(header::AUTHORIZATION).and_then(|it| {
        let (scheme, key) = it.to_str().ok()?.split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then(|| key.trim().to_owned())
    });
    if in_header.is_some() {
        request.headers_mut().remove(header::AUTHORIZATION);
    }
    let in_query = take_query_key(request.uri_mut());
    in_header.or(in_query)
}

fn take_query_key(uri: &mut Uri) -> Option<String> {
    let query = uri.query()?;
    let key = query.split('&').find_map(|it| it.strip_prefix("key="))?.to_owned();
    let rest: Vec<&str> = query.split('&').filter(|it| !it.starts_with("key=")).collect();
    let path = match rest.is_empty() {
        true => uri.path().to_owned(),
        false => format!("{}?{}", uri.path(), rest.join("&")),
    };
    let mut parts = uri.clone().into_parts();
    // A part of what was a URI is one.
    parts.path_and_query = PathAndQuery::try_from(path).ok();
    *uri = Uri::from_parts(parts).unwrap_or_default();
    Some(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(uri: &str, authorization: Option<&str>, key: Option<&str>, rest: &str) {
        let mut request = Request::builder().uri(uri);
        if let Some(authorization) = authorization {
            request = request.header(header::AUTHORIZATION, authorization);
        }
        let mut request = request.body(Body::empty()).unwrap();
        assert_eq!(take_key(&mut request).as_deref(), key);
        assert_eq!(request.uri().to_string(), rest);
        let headers = format!("{:?}", request.headers());
        assert!(key.is_none_or(|it| !headers.contains(it)), "{headers}");
    }

    #[test]
    fn keys_are_found_and_taken_away() {
        check("/v1/x", None, None, "/v1/x");
        check("/v1/x", Some("Bearer abc"), Some("abc"), "/v1/x");
        check("/v1/x", Some("bearer  abc "), Some("abc"), "/v1/x");
        check("/v1/x", Some("Basic abc"), None, "/v1/x");
        check("/v1/x?key=abc", None, Some("abc"), "/v1/x");
        check("/v1/x?a=1&key=abc&b=2", None, Some("abc"), "/v1/x?a=1&b=2");
        check("/v1/x?key=abc&key=def", None, Some("abc"), "/v1/x");
        check("http://localhost/x?key=abc&a=1", None, Some("abc"), "http://localhost/x?a=1");
        check("/v1/x?key=abc&a=1", Some("Bearer def"), Some("def"), "/v1/x?a=1");
        check("/v1/x?monkey=abc", None, None, "/v1/x?monkey=abc");
    }
}
