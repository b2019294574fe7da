//! Clients that want to harm: refused, and nobody else notices.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

mod support;

use serde_json::{Value, json};
use support::*;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;

const NAV: &str = "0|H0STNAV0|001|069500^37235.46^5^-381.26^-1.01^37646.25^37646.25^37202.10";
const TOPIC: &str = "H0STNAV0:069500";

fn document(answer: &str) -> Value {
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    assert!(head.contains("content-type: application/problem+json"), "{answer}");
    serde_json::from_str(body).unwrap_or_else(|error| panic!("{error}: {answer}"))
}

/// Every error is a problem document, the framework's own included.
#[tokio::test(flavor = "multi_thread")]
async fn errors_are_problem_documents() {
    let sim = sim(NAV).await;
    let server = Server::start(&sim, &[]);
    for (request, status, kind) in [
        ("GET /nothing HTTP/1.1", 404, "about:blank"),
        ("GET /v1/schema/NOPE HTTP/1.1", 404, "urn:ai-trade-server:unknown_tr_id"),
        ("GET /v1/schema/%ff HTTP/1.1", 400, "about:blank"),
        ("DELETE /v1/schema HTTP/1.1", 405, "about:blank"),
        ("GET /ws HTTP/1.1", 426, "about:blank"),
        ("POST /ws HTTP/1.1", 405, "about:blank"),
    ] {
        let text = format!("{request}\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        let answer = server.raw(text.as_bytes()).await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {status}")), "{request}: {answer}");
        let document = document(&answer);
        assert_eq!((&document["status"], &document["type"]), (&status.into(), &kind.into()));
        assert!(!document["detail"].as_str().unwrap().is_empty(), "{answer}");
        let path = request.split(' ').nth(1).unwrap();
        assert_eq!(document["instance"], path, "{answer}");
    }
}

/// What is ambiguous on the wire must not be read in two ways: either the one
/// request is answered, or none, and the connection ends.
///
/// hyper answers itself what it cannot read, without a document.
#[tokio::test(flavor = "multi_thread")]
async fn smuggling() {
    let sim = sim(NAV).await;
    let server = Server::start(&sim, &[("SERVER__HEAD_TIMEOUT_MS", "300")]);
    let mut other = server.client().await;
    other.subscribe("H0STNAV0", "069500").await;
    let hidden = "GET /hidden HTTP/1.1\r\nHost: localhost\r\n\r\n";
    let chunked = "Transfer-Encoding: chunked\r\n";
    let huge = "f".repeat(17);
    let long = "a".repeat(20_000);
    let many = "A: b\r\n".repeat(200);
    let head = |rest: &str| format!("POST /healthz HTTP/1.1\r\nHost: localhost\r\n{rest}");
    let cases: Vec<(&str, String, &str)> = vec![
        ("CL+TE", head(&format!("Content-Length: 5\r\n{chunked}\r\n0\r\n\r\n{hidden}")), "405"),
        ("TE+CL", head(&format!("{chunked}Content-Length: 5\r\n\r\n0\r\n\r\n{hidden}")), "405"),
        ("two CL", head(&format!("Content-Length: 0\r\nContent-Length: 44\r\n\r\n{hidden}")), "400"),
        ("CL list", head(&format!("Content-Length: 0, 44\r\n\r\n{hidden}")), "400"),
        ("signed CL", head(&format!("Content-Length: +0\r\n\r\n{hidden}")), "400"),
        ("huge CL", head("Content-Length: 99999999999999999999\r\n\r\n"), "400"),
        ("TE not last", head(&format!("Transfer-Encoding: chunked, gzip\r\n\r\n{hidden}")), "400"),
        ("TE unknown", head(&format!("Transfer-Encoding: xchunked\r\n\r\n{hidden}")), "400"),
        ("TE in 1.0", format!("POST / HTTP/1.0\r\n{chunked}\r\n0\r\n\r\n{hidden}"), "400"),
        ("obs-fold", head(&format!("A: b\r\n c: d\r\n\r\n{hidden}")), "400"),
        ("blank before colon", head(&format!("Content-Length : 44\r\n\r\n{hidden}")), "400"),
        ("NUL in value", head(&format!("A: b\0c\r\n\r\n{hidden}")), "400"),
        ("bare CR in value", head(&format!("A: b\rContent-Length: 44\r\n\r\n{hidden}")), "400"),
        ("huge chunk", head(&format!("{chunked}\r\n{huge}\r\nx")), "405"),
        ("bad chunk", head(&format!("{chunked}\r\nzz\r\n{hidden}")), "405"),
        ("long head", head(&format!("A: {long}\r\n\r\n")), "431"),
        ("many headers", head(&format!("{many}\r\n")), "431"),
        ("long URL", format!("GET /{long} HTTP/1.1\r\nHost: localhost\r\n\r\n"), "431"),
        ("two hosts", head("Host: localhost\r\nConnection: close\r\n\r\n"), "400"),
        ("no host", "GET /healthz HTTP/1.1\r\nConnection: close\r\n\r\n".to_owned(), "400"),
        ("absolute form", "GET http://evil.example/healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".to_owned(), "421"),
        ("absolute form, ours", "GET http://localhost/healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".to_owned(), "200"),
        ("HTTP/1.0", "GET /healthz HTTP/1.0\r\n\r\n".to_owned(), "200"),
        ("HTTP/0.9", "GET /healthz\r\n\r\n".to_owned(), "400"),
        ("HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_owned(), ""),
        ("CONNECT", "CONNECT evil.example:80 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".to_owned(), "421"),
        ("method", "GET\t/healthz HTTP/1.1\r\nHost: localhost\r\n\r\n".to_owned(), "400"),
        ("header injection", "GET /x%0d%0aSet-Cookie:%20a=b HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".to_owned(), "404"),
    ];
    for (name, bytes, status) in cases {
        let answer = server.raw(bytes.as_bytes()).await;
        assert_eq!(answer.get(9..12).unwrap_or_default(), status, "{name}: {answer}");
        assert_eq!(
            answer.matches("HTTP/1.1 ").count() + answer.matches("HTTP/1.0 ").count(),
            usize::from(!status.is_empty()),
            "{name}: one answer only: {answer}"
        );
        assert!(!answer.contains("/hidden"), "{name}: {answer}");
        assert!(!answer.to_lowercase().contains("\r\nset-cookie"), "{name}: {answer}");
    }
    for _ in 0..20 {
        other.record(TOPIC).await;
    }
}

/// Heads that trickle in, and connections that say nothing, are cut.
#[tokio::test(flavor = "multi_thread")]
async fn slow_heads() {
    let sim = sim(NAV).await;
    let server = Server::start(&sim, &[("SERVER__HEAD_TIMEOUT_MS", "200")]);
    let mut silent = TcpStream::connect(server.address).await.unwrap();
    let mut slow = TcpStream::connect(server.address).await.unwrap();
    let trickle = async {
        loop {
            if slow.write_all(b"A").await.is_err() {
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(PATIENCE, trickle).await.expect("the slow one is served for ever");
    let mut answer = Vec::new();
    let read = silent.read_to_end(&mut answer);
    let _ = tokio::time::timeout(PATIENCE, read).await.expect("the silent one is kept");
    // One that has been answered may not stay for ever either.
    let alive = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n";
    assert!(server.raw(alive).await.starts_with("HTTP/1.1 200"));
}

/// Beyond the limit, clients are told at once; places come free again.
#[tokio::test(flavor = "multi_thread")]
async fn too_many_connections() {
    let sim = sim(NAV).await;
    for (setting, status) in [("RELAY__CLIENTS_MAX", 503), ("SERVER__CONNECTIONS_PER_IP", 429)] {
        let server = Server::start(&sim, &[(setting, "3")]);
        let mut clients = Vec::new();
        for _ in 0..3 {
            clients.push(server.client().await);
        }
        let answer = server.raw(b"").await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {status}")), "{answer}");
        assert_eq!(document(&answer)["type"], "urn:ai-trade-server:too_many_connections");
        assert!(answer.contains("retry-after: 5"), "{answer}");
        clients.pop();
        eventually("a place is free", async || {
            server.raw(b"GET /healthz HTTP/1.0\r\n\r\n").await.starts_with("HTTP/1.0 200")
        })
        .await;
    }
}

/// Topics that change too fast are refused; a client that goes on is cut off.
#[tokio::test(flavor = "multi_thread")]
async fn subscription_floods() {
    let sim = sim(NAV).await;
    let settings = [
        ("SERVER__CLIENT_TOPICS_PER_S", "2"),
        ("SERVER__CLIENT_MESSAGES_PER_S", "5"),
        ("RELAY__CLIENT_TOPICS_MAX", "30"),
    ];
    let server = Server::start(&sim, &settings);
    let mut other = server.client().await;
    other.subscribe("H0STNAV0", "069500").await;

    // 20 at once are allowed, then 2 in a second.
    let mut client = server.client().await;
    let topics: Vec<String> = (0..25).map(|it| format!("H0STNAV0:{it:06}")).collect();
    client.send(json!({"type": "subscribe", "topics": topics})).await;
    for topic in &topics[20..] {
        assert_eq!(client.error("too_many_requests").await["key"], **topic);
    }
    client.send(json!({"type": "list"})).await;
    let list = client.find(|it| it["type"] == "list").await;
    assert_eq!(list["topics"].as_array().unwrap().len(), 20);

    let mut flood = server.client().await;
    for _ in 0..1_000 {
        let message = tokio_tungstenite::tungstenite::Message::text(r#"{"type":"ping"}"#);
        if futures_util::SinkExt::send(&mut flood.socket, message).await.is_err() {
            break;
        }
    }
    // The reset of the socket may overtake the reason.
    if let Some(close) = flood.closed().await {
        assert_eq!(close.code, CloseCode::Library(4429), "{close:?}");
    }
    for _ in 0..20 {
        other.record(TOPIC).await;
    }
}

/// Bodies have a size and a time.
#[tokio::test(flavor = "multi_thread")]
async fn bodies() {
    let sim = sim(NAV).await;
    let server = Server::start(&sim, &[]);
    // No route takes a body yet; one that nobody wants is not read to its end.
    let head = "GET /healthz HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000000\r\n\r\n";
    let answer = server.raw(format!("{head}xxxx").as_bytes()).await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
}
