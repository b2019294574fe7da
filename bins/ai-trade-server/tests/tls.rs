//! TLS: the same server behind a certificate, which may be renewed.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

mod support;

use std::{path::Path, sync::Arc};

use futures_util::{SinkExt, StreamExt};
use kis_sim::{Pace, Script, Sim, SimConfig};
use rcgen::{CertifiedKey, KeyPair, generate_simple_self_signed};
use serde_json::Value;
use support::*;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};
use tokio_rustls::{
    TlsConnector,
    client::TlsStream,
    rustls::{
        ClientConfig, RootCertStore,
        crypto::aws_lc_rs,
        pki_types::{CertificateDer, ServerName},
    },
};
use tokio_tungstenite::{WebSocketStream, client_async, tungstenite::Message};

const NAV: &str = "0|H0STNAV0|001|069500^37235.46^5^-381.26^-1.01^37646.25^37646.25^37202.10";

/// Writes a new certificate for `localhost`, and returns it.
fn certify(folder: &Path) -> CertificateDer<'static> {
    let CertifiedKey { cert, signing_key } = generate();
    std::fs::write(folder.join("cert.pem"), cert.pem()).unwrap();
    std::fs::write(folder.join("key.pem"), signing_key.serialize_pem()).unwrap();
    cert.der().clone()
}

fn generate() -> CertifiedKey<KeyPair> {
    generate_simple_self_signed(["localhost".to_owned()]).unwrap()
}

fn start(sim: &Sim, folder: &Path, more: &[(&'static str, &str)]) -> Server {
    let (cert, key) = (folder.join("cert.pem"), folder.join("key.pem"));
    let mut settings = vec![
        ("SERVER__TLS_CERT", cert.to_str().unwrap()),
        ("SERVER__TLS_KEY", key.to_str().unwrap()),
    ];
    settings.extend(more);
    Server::start(sim, &settings)
}

/// Connects, trusting nothing but `certificate`.
async fn connect(
    server: &Server,
    certificate: &CertificateDer<'static>,
) -> std::io::Result<TlsStream<TcpStream>> {
    let mut roots = RootCertStore::empty();
    roots.add(certificate.clone()).unwrap();
    let config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let stream = TcpStream::connect(server.address).await.unwrap();
    let name = ServerName::try_from("localhost").unwrap();
    TlsConnector::from(Arc::new(config)).connect(name, stream).await
}

async fn subscribe(stream: TlsStream<TcpStream>) -> WebSocketStream<TlsStream<TcpStream>> {
    let (mut socket, _) = client_async("wss://localhost/ws", stream).await.unwrap();
    let message = r#"{"type":"subscribe","tr_id":"H0STNAV0","tr_key":"069500"}"#;
    socket.send(Message::text(message)).await.unwrap();
    socket
}

async fn records(socket: &mut WebSocketStream<TlsStream<TcpStream>>, count: usize) {
    for _ in 0..count {
        let next = tokio::time::timeout(PATIENCE, socket.next()).await.expect("nothing came");
        let text = next.expect("the connection ended").unwrap().into_text().unwrap();
        assert!(text.contains(r#""key":"H0STNAV0:069500""#), "{text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_is_renewed_under_open_connections() {
    let sim = sim(NAV).await;
    let folder = tempfile::tempdir().unwrap();
    let old = certify(folder.path());
    let server = start(&sim, folder.path(), &[]);
    let mut socket = subscribe(connect(&server, &old).await.unwrap()).await;
    records(&mut socket, 20).await;

    let new = certify(folder.path());
    eventually("the new certificate is shown", async || connect(&server, &new).await.is_ok()).await;
    assert!(connect(&server, &old).await.is_err(), "the old one is not shown any more");
    records(&mut socket, 20).await;
    records(&mut subscribe(connect(&server, &new).await.unwrap()).await, 20).await;

    // A half-written one changes nothing.
    std::fs::write(folder.path().join("cert.pem"), "-----BEGIN CERTIFICATE-----\n").unwrap();
    server.signal("-HUP");
    records(&mut socket, 20).await;
    connect(&server, &new).await.unwrap();
}

/// A client that stops reading for a while gets what is left whole and in order.
#[tokio::test(flavor = "multi_thread")]
async fn a_slow_reader() {
    let sim = start_sim(SimConfig {
        pace: Pace::Max,
        script: Script::parse(NAV.as_bytes()),
        rekey: false,
        ..quick()
    })
    .await;
    let folder = tempfile::tempdir().unwrap();
    let certificate = certify(folder.path());
    let server = start(&sim, folder.path(), &[("RELAY__CLIENT_MESSAGES", "64")]);
    let mut socket = subscribe(connect(&server, &certificate).await.unwrap()).await;
    eventually("records are lost", async || {
        let mut stream = connect(&server, &certificate).await.unwrap();
        stream.write_all(b"GET /metrics HTTP/1.0\r\n\r\n").await.unwrap();
        let mut answer = String::new();
        let _ = stream.read_to_string(&mut answer).await;
        let lost = r#"relay_deliveries_lost_total{policy="skip"} "#;
        answer.lines().any(|it| it.strip_prefix(lost).is_some_and(|it| it != "0"))
    })
    .await;
    let (mut last, mut gaps) = (None, 0);
    while gaps < 2 {
        let next = tokio::time::timeout(PATIENCE, socket.next()).await.expect("nothing came");
        let text = next.expect("the connection ended").unwrap().into_text().unwrap();
        let message: Value = serde_json::from_str(&text).unwrap();
        let expected = last.map(|it: u64| it + 1);
        if message["type"] == "gap" {
            assert_eq!(message["from"].as_u64(), expected);
            last = message["to"].as_u64();
            gaps += 1;
        } else {
            let seq = message["seq"].as_u64();
            assert!(expected.is_none_or(|it| Some(it) == seq), "{text} after {last:?}");
            last = seq;
        }
    }
}

/// One who does not speak TLS, or only begins to, costs nobody anything.
#[tokio::test(flavor = "multi_thread")]
async fn other_talk() {
    let sim = sim(NAV).await;
    let folder = tempfile::tempdir().unwrap();
    let certificate = certify(folder.path());
    let server = start(&sim, folder.path(), &[]);
    let answer = server.raw(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n").await;
    assert!(!answer.starts_with("HTTP"), "{answer}");
    let _half = TcpStream::connect(server.address).await.unwrap();
    records(&mut subscribe(connect(&server, &certificate).await.unwrap()).await, 3).await;
}

#[test]
fn a_certificate_that_cannot_be_used() {
    let folder = tempfile::tempdir().unwrap();
    certify(folder.path());
    let (cert, key) = (folder.path().join("cert.pem"), folder.path().join("key.pem"));
    let start = |settings: &[(&str, &Path)]| {
        let output = program()
            .arg("run")
            .envs([("APP_KEY", "k"), ("APP_SECRET", "s"), ("LISTEN", "127.0.0.1:0")])
            .envs(settings.iter().copied())
            .output()
            .unwrap();
        assert!(!output.status.success());
        String::from_utf8(output.stderr).unwrap()
    };
    let text = start(&[("SERVER__TLS_CERT", &cert)]);
    assert!(text.contains("go together"), "{text}");
    let text = start(&[("SERVER__TLS_CERT", &cert), ("SERVER__TLS_KEY", &cert)]);
    assert!(text.contains("cert.pem cannot be used"), "{text}");
    let text = start(&[("SERVER__TLS_CERT", &key), ("SERVER__TLS_KEY", &key)]);
    assert!(text.contains("no certificate"), "{text}");
    std::fs::write(&key, generate().signing_key.serialize_pem()).unwrap();
    let text = start(&[("SERVER__TLS_CERT", &cert), ("SERVER__TLS_KEY", &key)]);
    assert!(text.contains("cannot be used together"), "{text}");
}
