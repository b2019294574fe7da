//! Pages in browsers: which may use the server, and under which name.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

mod support;

use serde_json::Value;
use support::*;
use tokio_tungstenite::{
    connect_async,
    tungstenite::{Error, client::IntoClientRequest},
};

const NAV: &str = "0|H0STNAV0|001|069500^37235.46^5^-381.26^-1.01^37646.25^37646.25^37202.10";

/// The status and the whole answer to a request with these headers.
async fn ask(server: &Server, method: &str, headers: &[(&str, &str)]) -> (u16, String) {
    let mut text = format!("{method} /healthz HTTP/1.1\r\nConnection: close\r\n");
    for (name, value) in headers {
        text += &format!("{name}: {value}\r\n");
    }
    let answer = server.raw(format!("{text}\r\n").as_bytes()).await;
    (answer[9..12].parse().unwrap(), answer)
}

async fn handshake(server: &Server, origin: Option<&str>) -> u16 {
    let mut request = format!("ws://{}/ws", server.address).into_client_request().unwrap();
    if let Some(origin) = origin {
        request.headers_mut().insert("origin", origin.parse().unwrap());
    }
    match connect_async(request).await {
        Ok(_) => 101,
        Err(Error::Http(response)) => response.status().as_u16(),
        Err(error) => panic!("{error}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn on_loopback() {
    let sim = sim(NAV).await;
    let server = Server::start(&sim, &[]);
    let here = server.address.to_string();
    assert_eq!(ask(&server, "GET", &[("Host", &here)]).await.0, 200);
    assert_eq!(ask(&server, "GET", &[("Host", "localhost")]).await.0, 200);
    // A name made to mean 127.0.0.1.
    let (status, answer) = ask(&server, "GET", &[("Host", "rebound.example")]).await;
    assert_eq!(status, 421, "{answer}");
    let document: Value = serde_json::from_str(answer.split("\r\n\r\n").nth(1).unwrap()).unwrap();
    assert_eq!(document["type"], "urn:ai-trade-server:unknown_host");
    assert!(document["detail"].as_str().unwrap().contains("SERVER__HOSTS"), "{document}");
    assert_eq!(ask(&server, "GET", &[]).await.0, 400);

    let own = format!("http://{here}");
    assert_eq!(handshake(&server, None).await, 101);
    assert_eq!(handshake(&server, Some(&own)).await, 101);
    assert_eq!(handshake(&server, Some("http://evil.example")).await, 403);
    assert_eq!(handshake(&server, Some("null")).await, 403);
    // Nor does a page get anything by simple requests.
    let foreign = [("Host", &*here), ("Origin", "http://evil.example")];
    for method in ["GET", "POST"] {
        let (status, answer) = ask(&server, method, &foreign).await;
        assert_eq!(status, 403, "{answer}");
        assert!(!answer.contains("access-control"), "{answer}");
    }
    // A proxy makes the whole world loopback.
    let proxied = [("Host", &*here), ("X-Forwarded-For", "192.0.2.1")];
    let (status, answer) = ask(&server, "GET", &proxied).await;
    assert_eq!(status, 403);
    assert!(answer.contains("proxy_without_keys"), "{answer}");
}

#[tokio::test(flavor = "multi_thread")]
async fn configured() {
    let sim = sim(NAV).await;
    let server = Server::start(
        &sim,
        &[
            ("SERVER__HOSTS", "trade.example.com"),
            ("SERVER__ORIGINS", "https://app.example.com, http://localhost:3000"),
        ],
    );
    let host = ("Host", "trade.example.com");
    assert_eq!(ask(&server, "GET", &[host]).await.0, 200);
    assert_eq!(handshake(&server, Some("https://app.example.com")).await, 101);
    assert_eq!(handshake(&server, Some("http://localhost:3000")).await, 101);
    assert_eq!(handshake(&server, Some("http://app.example.com")).await, 403);

    let (status, answer) =
        ask(&server, "GET", &[host, ("Origin", "https://app.example.com")]).await;
    assert_eq!(status, 200);
    let allowed = "access-control-allow-origin: https://app.example.com\r\n";
    assert!(answer.contains(allowed) && answer.contains("idempotency-replayed"), "{answer}");
    let preflight = [
        host,
        ("Origin", "https://app.example.com"),
        ("Access-Control-Request-Method", "POST"),
        ("Access-Control-Request-Headers", "authorization"),
    ];
    let (status, answer) = ask(&server, "OPTIONS", &preflight).await;
    assert_eq!(status, 200);
    assert!(answer.contains(allowed) && answer.contains("authorization"), "{answer}");
    let (_, answer) =
        ask(&server, "OPTIONS", &[host, ("Origin", "https://evil.example"), preflight[2]]).await;
    assert!(!answer.contains("access-control-allow-origin"), "{answer}");
    // A page that may read also learns what went wrong.
    let (status, answer) =
        ask(&server, "POST", &[host, ("Origin", "https://app.example.com")]).await;
    assert_eq!(status, 405);
    assert!(answer.contains(allowed), "{answer}");
}
