//! The handshake (RFC 6455, section 4.2).

use std::sync::Arc;

use axum::{
    body::Body,
    extract::{Request, State},
    http::{HeaderMap, Method, StatusCode, header},
    response::{IntoResponse, Response},
};
use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tracing::debug;

use super::connection::serve;
use crate::server::{App, Slot};

/// Answers a handshake and serves the websocket in a task of its own.
pub(crate) async fn upgrade(State(app): State<Arc<App>>, mut request: Request) -> Response {
    let accept = match accept_key(request.method(), request.headers()) {
        Ok(accept) => accept,
        Err(refusal) => return refusal.into_response(),
    };
    let Some(upgraded) = request.extensions_mut().remove::<OnUpgrade>() else {
        return (StatusCode::UPGRADE_REQUIRED, "this needs HTTP/1.1\n").into_response();
    };
    let slot = request.extensions_mut().remove::<Slot>();
    app.tasks.clone().spawn(async move {
        let parts = match upgraded.await.map(|it| it.downcast::<TokioIo<TcpStream>>()) {
            Ok(Ok(parts)) => parts,
            // Every listener of ours accepts TCP.
            Ok(Err(_)) => return,
            Err(error) => return debug!(%error, "the upgrade failed"),
        };
        serve(parts.io.into_inner(), parts.read_buf, app).await;
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

type Refusal = (StatusCode, [(header::HeaderName, &'static str); 1], &'static str);

fn accept_key(method: &Method, headers: &HeaderMap) -> Result<header::HeaderValue, Refusal> {
    let refusal = |status, text| (status, [(header::SEC_WEBSOCKET_VERSION, "13")], text);
    let has = |name: header::HeaderName, token: &str| {
        let values = headers.get_all(name).iter().filter_map(|it| it.to_str().ok());
        values.flat_map(|it| it.split(',')).any(|it| it.trim().eq_ignore_ascii_case(token))
    };
    if !has(header::CONNECTION, "upgrade") || !has(header::UPGRADE, "websocket") {
        let text = "this address speaks websocket: connect with a websocket client\n";
        return Err(refusal(StatusCode::UPGRADE_REQUIRED, text));
    }
    if method != Method::GET {
        return Err(refusal(StatusCode::METHOD_NOT_ALLOWED, "a websocket begins with GET\n"));
    }
    if !has(header::SEC_WEBSOCKET_VERSION, "13") {
        return Err(refusal(StatusCode::UPGRADE_REQUIRED, "the websocket version must be 13\n"));
    }
    let key = headers.get(header::SEC_WEBSOCKET_KEY).filter(|it| it.len() == 24);
    key.and_then(|it| derive_accept_key(it.as_bytes()).parse().ok())
        .ok_or_else(|| refusal(StatusCode::BAD_REQUEST, "Sec-WebSocket-Key is missing or wrong\n"))
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
        let actual = actual.as_ref().map(|it| it.to_str().unwrap()).map_err(|it| it.0.as_u16());
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
