//! The handshake (RFC 6455, section 4.2).

use std::sync::Arc;

use axum::{
    Extension,
    body::Body,
    extract::{Request, State},
    http::{HeaderMap, Method, StatusCode, header},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_util::either::Either;
use tracing::debug;

use super::{authenticate::authenticate, connection::serve};
use crate::{
    guard::{Caller, Slot, scope_missing},
    keys::Scope,
    problem::Problem,
    server::{App, Patient, Socket, Stream},
};

/// Answers a handshake and serves the websocket in a task of its own.
pub(crate) async fn upgrade(
    State(app): State<Arc<App>>,
    Extension(caller): Extension<Caller>,
    mut request: Request,
) -> Response {
    // A key may come with the first message; one that has come must open this.
    if !caller.is_unknown() && !caller.may(Scope::Read) {
        return scope_missing(Scope::Read).into_response();
    }
    let accept = match accept_key(request.method(), request.headers()) {
        Ok(accept) => accept,
        Err(problem) => return problem.into_response(),
    };
    let Some(upgraded) = request.extensions_mut().remove::<OnUpgrade>() else {
        let detail = "a websocket needs HTTP/1.1";
        return Problem::new(StatusCode::UPGRADE_REQUIRED, detail).into_response();
    };
    let slot = request.extensions_mut().remove::<Arc<Slot>>();
    app.tasks.clone().spawn(async move {
        let parts = match upgraded.await.map(|it| it.downcast::<TokioIo<Patient<Stream>>>()) {
            Ok(Ok(parts)) => parts,
            // Every listener of ours accepts these.
            Ok(Err(_)) => return,
            Err(error) => return debug!(%error, "the upgrade failed"),
        };
        // Boxed, so that a client occupies what its own kind of stream needs, and what
        // only the beginning needed is given back.
        match parts.io.into_inner().into_inner() {
            Either::Left(stream) => Box::pin(run(stream, parts.read_buf, app, caller)).await,
            Either::Right(stream) => Box::pin(run(stream, parts.read_buf, app, caller)).await,
        }
        drop(slot);
    });
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
    let headers = response.headers_mut();
    headers.insert(header::CONNECTION, header::HeaderValue::from_static("Upgrade"));
    headers.insert(header::UPGRADE, header::HeaderValue::from_static("websocket"));
    headers.insert(header::SEC_WEBSOCKET_ACCEPT, accept);
    response
}

async fn run<S>(mut stream: S, mut read_ahead: Bytes, app: Arc<App>, mut caller: Caller)
where
    S: Socket,
{
    if caller.is_unknown() {
        match Box::pin(authenticate(&mut stream, read_ahead, &app.guard)).await {
            Some(known) => (caller, read_ahead) = known,
            None => return,
        }
    }
    serve(stream, read_ahead, app, &caller).await;
}

fn accept_key(method: &Method, headers: &HeaderMap) -> Result<header::HeaderValue, Problem> {
    let problem = |status, detail: &'static str| {
        let version = header::HeaderValue::from_static("13");
        Problem::new(status, detail).header(header::SEC_WEBSOCKET_VERSION, version)
    };
    let has = |name: header::HeaderName, token: &str| {
        let values = headers.get_all(name).iter().filter_map(|it| it.to_str().ok());
        values.flat_map(|it| it.split(',')).any(|it| it.trim().eq_ignore_ascii_case(token))
    };
    if method != Method::GET {
        let detail = "a websocket begins with GET";
        let allow = header::HeaderValue::from_static("GET");
        return Err(problem(StatusCode::METHOD_NOT_ALLOWED, detail).header(header::ALLOW, allow));
    }
    if !has(header::CONNECTION, "upgrade") || !has(header::UPGRADE, "websocket") {
        let detail = "this address speaks websocket: connect with a websocket client";
        let upgrade = header::HeaderValue::from_static("websocket");
        let problem = problem(StatusCode::UPGRADE_REQUIRED, detail);
        return Err(problem.header(header::UPGRADE, upgrade));
    }
    if !has(header::SEC_WEBSOCKET_VERSION, "13") {
        return Err(problem(StatusCode::UPGRADE_REQUIRED, "the websocket version must be 13"));
    }
    let key = headers.get(header::SEC_WEBSOCKET_KEY).filter(|it| it.len() == 24);
    key.and_then(|it| derive_accept_key(it.as_bytes()).parse().ok())
        .ok_or_else(|| problem(StatusCode::BAD_REQUEST, "Sec-WebSocket-Key is missing or wrong"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(headers: &[(&str, &str)], expected: Result<&str, u16>) {
        let headers: HeaderMap = headers
            .iter()
            .map(|it| (it.0.parse::<header::HeaderName>().unwrap(), it.1.parse().unwrap()))
            .collect();
        let actual = accept_key(&Method::GET, &headers);
        let actual =
            actual.as_ref().map(|it| it.to_str().unwrap()).map_err(|it| it.status().as_u16());
        assert_eq!(actual, expected);
    }

    #[test]
    fn handshakes() {
        let key = ("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==");
        let version = ("sec-websocket-version", "13");
        let upgrade = ("upgrade", "WebSocket");
        let connection = ("connection", "keep-alive, Upgrade");
        check(&[key, version, upgrade, connection], Ok("s3pPLMBiTxaQ9kYGzzhZRbK+xOo="));
        check(&[], Err(426));
        check(&[version, upgrade, connection], Err(400));
        check(&[key, ("sec-websocket-version", "8"), upgrade, connection], Err(426));
        check(&[("sec-websocket-key", "short"), version, upgrade, connection], Err(400));
    }
}
