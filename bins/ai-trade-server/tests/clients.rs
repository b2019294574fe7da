//! Clients that do it wrong, and the end of the server.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

mod support;

use futures_util::SinkExt;
use serde_json::json;
use support::*;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_tungstenite::tungstenite::{Message, protocol::frame::coding::CloseCode};

const NAV: &str = "0|H0STNAV0|001|069500^37235.46^5^-381.26^-1.01^37646.25^37646.25^37202.10";
const TOPIC: &str = "H0STNAV0:069500";

/// Each mistake gets an answer, and the connection lives on.
#[tokio::test(flavor = "multi_thread")]
async fn mistakes_are_answered() {
    let sim = sim(NAV).await;
    let server = Server::start(&sim, &[]);
    let mut other = server.client().await;
    other.subscribe("H0STNAV0", "069500").await;
    let mut client = server.client().await;
    let mistakes = [
        ("{", "invalid_json"),
        ("subscribe", "invalid_json"),
        ("[]", "invalid_request"),
        ("{}", "missing_type"),
        (r#"{"type":"buy"}"#, "unknown_type"),
        (r#"{"type":"subscribe","tr_id":"NOPE","tr_key":"005930"}"#, "unknown_tr_id"),
        (r#"{"type":"subscribe","tr_id":"H0STCNT0"}"#, "missing_member"),
        (r#"{"type":"subscribe","tr_id":"H0STCNT0","tr_key":5930}"#, "invalid_topic"),
        (r#"{"type":"unsubscribe","tr_id":"H0STCNT0","tr_key":"005930"}"#, "not_subscribed"),
    ];
    for (text, code) in mistakes {
        client.send_text(text).await;
        let error = client.next().await;
        assert_eq!((&error["type"], &error["code"]), (&json!("error"), &json!(code)), "{text}");
        assert!(!error["message"].as_str().unwrap().is_empty());
    }
    client.socket.send(Message::binary(b"\x00\xff".to_vec())).await.unwrap();
    client.error("binary_message").await;
    let topics: Vec<String> = (0..501).map(|it| format!("H0STNAV0:{it:06}")).collect();
    client.send(json!({"type": "unsubscribe", "topics": topics})).await;
    for _ in 0..501 {
        client.error("not_subscribed").await;
    }
    // It still works, and nobody else has noticed.
    client.subscribe("H0STNAV0", "069500").await;
    client.record(TOPIC).await;
    for _ in 0..20 {
        assert_eq!(other.next().await["key"], TOPIC);
    }
    assert_eq!(sim.state().counters.refused, 0, "KIS has heard of no mistake");
}

/// A message of 1 MiB is refused with a reason before it is taken in.
#[tokio::test(flavor = "multi_thread")]
async fn a_huge_message() {
    let sim = sim(NAV).await;
    let server = Server::start(&sim, &[]);
    let mut other = server.client().await;
    other.subscribe("H0STNAV0", "069500").await;
    let mut client = server.client().await;
    // The server may close before all of it is sent.
    let _ = client.socket.send(Message::text("x".repeat(1024 * 1024))).await;
    let error = client.next().await;
    assert_eq!(error["code"], "message_too_large");
    assert_eq!(client.closed().await.unwrap().code, CloseCode::Size);
    other.record(TOPIC).await;
}

/// What is not a websocket gets an HTTP answer; garbage gets nothing for long.
#[tokio::test(flavor = "multi_thread")]
async fn other_talk() {
    let sim = sim(NAV).await;
    let server = Server::start(&sim, &[]);
    let url = format!("http://{}", server.address);
    assert_eq!(reqwest::get(format!("{url}/ws")).await.unwrap().status(), 426);
    assert_eq!(reqwest::get(format!("{url}/nothing")).await.unwrap().status(), 404);
    assert_eq!(server.health().await["status"], "ok");
    let mut socket = tokio::net::TcpStream::connect(server.address).await.unwrap();
    socket.write_all(b"\x16\x03\x01 not http\r\n\r\n").await.unwrap();
    let mut answer = Vec::new();
    socket.read_to_end(&mut answer).await.unwrap();
    assert!(answer.starts_with(b"HTTP/1.1 400"), "{}", String::from_utf8_lossy(&answer));
}

/// A client that never reads is not waited for; the others get everything.
#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_never_reads() {
    let sim = start_sim(kis_sim::SimConfig {
        pace: kis_sim::Pace::Max,
        script: kis_sim::Script::parse(NAV.as_bytes()),
        ..quick()
    })
    .await;
    let server = Server::start(&sim, &[("RELAY__CLIENT_MESSAGES", "64")]);
    let mut lazy = server.client().await;
    lazy.subscribe("H0STNAV0", "069500").await;
    let mut eager = server.client().await;
    eager.subscribe("H0STNAV0", "069500").await;
    for _ in 0..2_000 {
        eager.record(TOPIC).await;
    }
    // What the lazy one has missed is announced once it reads, to the number.
    let mut last = lazy.next().await["seq"].as_u64().unwrap();
    let gap = loop {
        let message = lazy.next().await;
        if message["type"] == "gap" {
            break message;
        }
        assert_eq!(message["seq"], last + 1);
        last += 1;
    };
    assert_eq!((&gap["from"], &gap["reason"]), (&json!(last + 1), &json!("slow")));
    let next = lazy.next().await;
    assert_eq!(next["seq"].as_u64(), gap["to"].as_u64().map(|it| it + 1));
}

/// The end: a goodbye to every client, and everything released at KIS.
#[tokio::test(flavor = "multi_thread")]
async fn the_end_is_orderly() {
    let sim = sim(NAV).await;
    let server = Server::start(&sim, &[]);
    let mut clients = Vec::new();
    for number in 0..20 {
        let mut client = server.client().await;
        client.subscribe("H0STNAV0", "069500").await;
        client.subscribe("H0STNAV0", &format!("{number:06}")).await;
        clients.push(client);
    }
    wait_until(&sim, |it| it.counters.registrations == 21).await;
    server.interrupt();
    for client in &mut clients {
        let close = client.closed().await.expect("a close frame");
        assert_eq!(close.code, CloseCode::Away, "{close:?}");
    }
    assert!(server.ended().await, "the server failed");
    let state = wait_until(&sim, |it| it.sessions.is_empty()).await;
    assert_eq!(state.counters.releases, 21);
    assert!(state.held.is_empty(), "the slot was given back");
}

/// Nothing to connect with: said at once, with the way out.
#[test]
fn without_credentials() {
    let output = program().args(["run", "--listen", "127.0.0.1:0"]).output().unwrap();
    assert!(!output.status.success());
    let text = String::from_utf8(output.stderr).unwrap();
    assert!(text.contains("APP_KEY and APP_SECRET missing"), "{text}");
    assert!(text.contains("demo"), "{text}");
}

/// `check` shows what holds, but no secret.
#[test]
fn check_masks_secrets() {
    let secret = "abcdefghijklmnopqrstuvwxyz";
    let output = program()
        .arg("check")
        .envs([("APP_KEY", secret), ("APP_SECRET", secret), ("ACC_NO", "1234567801")])
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{text}");
    assert!(
        text.contains("…wxyz") && !text.contains("uvwxyz") && !text.contains("12345678"),
        "{text}"
    );
    assert!(text.contains("ready: ai-trade-server run"), "{text}");
    let output = program().arg("check").output().unwrap();
    assert!(!output.status.success());
    assert!(String::from_utf8(output.stdout).unwrap().contains("problem: APP_KEY and APP_SECRET"));
}
