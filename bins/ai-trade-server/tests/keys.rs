//! Keys: who gets in, how far, and until when.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

mod support;

use std::{fs::File, path::PathBuf, process::Output};

use reqwest::{Client as Http, StatusCode, header};
use serde_json::{Value, json};
use support::*;
use tokio_tungstenite::{
    connect_async,
    tungstenite::{Error, client::IntoClientRequest, protocol::frame::coding::CloseCode},
};

const NAV: &str = "0|H0STNAV0|001|069500^37235.46^5^-381.26^-1.01^37646.25^37646.25^37202.10";
const TOPIC: &str = "H0STNAV0:069500";

/// A folder with a file of keys.
struct Keys {
    folder: tempfile::TempDir,
}

impl Keys {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("keys.json")
    }

    fn run(&self, arguments: &[&str]) -> Output {
        let mut command = program();
        command.arg("key").args(arguments).env("SERVER__KEYS_FILE", self.path());
        command.output().unwrap()
    }

    fn make(&self, arguments: &[&str]) -> String {
        let output = self.run(&[&["new"], arguments].concat());
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    /// A server on loopback that asks for keys.
    fn server(&self, sim: &kis_sim::Sim, more: &[(&'static str, &str)]) -> Server {
        let path = self.path();
        let mut settings = vec![
            ("SERVER__KEYS_FILE", path.to_str().unwrap()),
            ("SERVER__KEYS_ON_LOOPBACK", "true"),
        ];
        settings.extend(more);
        Server::start(sim, &settings)
    }
}

async fn get(server: &Server, path: &str, key: Option<&str>) -> reqwest::Response {
    let mut request = Http::new().get(format!("http://{}{path}", server.address));
    if let Some(key) = key {
        request = request.bearer_auth(key);
    }
    request.send().await.unwrap()
}

/// Connects with a bearer header; the status when that is refused.
async fn connect(server: &Server, key: &str) -> Result<Client, StatusCode> {
    let mut request = format!("ws://{}/ws", server.address).into_client_request().unwrap();
    request.headers_mut().insert("authorization", format!("Bearer {key}").parse().unwrap());
    match connect_async(request).await {
        Ok((socket, _)) => Ok(Client { socket }),
        Err(Error::Http(response)) => Err(response.status()),
        Err(error) => panic!("{error}"),
    }
}

fn code(code: u16) -> CloseCode {
    CloseCode::Library(code)
}

#[test]
fn no_start_where_others_could_connect() {
    let keys = Keys::new();
    let start = |more: &[(&str, &str)]| {
        let output = program()
            .arg("run")
            .envs([("APP_KEY", "k"), ("APP_SECRET", "s"), ("LISTEN", "0.0.0.0:0")])
            .env("SERVER__KEYS_FILE", keys.path())
            .envs(more.iter().copied())
            .output()
            .unwrap();
        assert!(!output.status.success());
        String::from_utf8(output.stderr).unwrap()
    };
    let text = start(&[]);
    assert!(text.contains("key new") && text.contains("SERVER__ALLOW_OPEN=yes-anyone"), "{text}");
    let text = start(&[("SERVER__ALLOW_OPEN", "true")]);
    assert!(text.contains("must be yes-anyone-may-connect"), "{text}");
    let text = start(&[("LISTEN", "127.0.0.1:0"), ("SERVER__KEYS_ON_LOOPBACK", "true")]);
    assert!(text.contains("no keys"), "{text}");
}

#[test]
fn the_command_line() {
    let keys = Keys::new();
    assert!(!keys.run(&["new"]).status.success(), "a scope must be said");
    assert!(!keys.run(&["new", "--scope", "all"]).status.success());
    let key = keys.make(&["--scope", "read,trade", "--name", "bot", "--topics", "7"]);
    assert!(key.starts_with("ats_") && key.len() == 56, "{key}");
    let list = String::from_utf8(keys.run(&["list"]).stdout).unwrap();
    let id = key.split('_').nth(1).unwrap();
    assert!(list.contains(id) && list.contains("bot") && list.contains("read,trade"), "{list}");
    assert!(!list.contains(&key), "{list}");
    assert!(!keys.run(&["new", "--scope", "read", "--name", "bot"]).status.success());
    assert!(keys.run(&["revoke", "bot"]).status.success());
    let again = keys.run(&["revoke", "bot"]);
    assert!(!again.status.success());
    assert!(String::from_utf8(again.stderr).unwrap().contains("no key \"bot\""));
}

/// Whatever is asked for, the answer is the same.
#[tokio::test(flavor = "multi_thread")]
async fn without_a_key_nothing_is_learned() {
    let (sim, keys) = (sim(NAV).await, Keys::new());
    keys.make(&["--scope", "read"]);
    let server = keys.server(&sim, &[]);
    let mut answers = Vec::new();
    for (method, path) in [
        ("GET", "/v1/schema"),
        ("GET", "/v1/schema/H0STCNT0"),
        ("GET", "/v1/schema/NOPE"),
        ("GET", "/nothing"),
        ("GET", "/"),
        ("GET", "/ws"),
        ("GET", "/readyz"),
        ("GET", "/metrics"),
        ("POST", "/v1/schema"),
        ("POST", "/healthz"),
        ("OPTIONS", "/v1/schema"),
        ("PURGE", "/%ff/../x?a=b"),
    ] {
        let host = "Host: elsewhere.example\r\nOrigin: http://evil.example";
        let text = format!("{method} {path} HTTP/1.1\r\n{host}\r\nConnection: close\r\n\r\n");
        let answer = server.raw(text.as_bytes()).await;
        let lines = answer.lines().filter(|it| !it.starts_with("date: "));
        answers.push(lines.collect::<Vec<_>>().join("\n"));
    }
    assert!(answers[0].starts_with("HTTP/1.1 401"), "{}", answers[0]);
    assert!(answers[0].contains("www-authenticate: Bearer"), "{}", answers[0]);
    for answer in &answers {
        assert_eq!(answer, &answers[0]);
    }
    let wrong = get(&server, "/nothing", Some(&format!("ats_00000000_{}", "A".repeat(43)))).await;
    assert_eq!(wrong.status(), 401);
    let alive = get(&server, "/healthz", None).await;
    assert_eq!(alive.text().await.unwrap(), r#"{"status":"ok"}"#);
}

#[tokio::test(flavor = "multi_thread")]
async fn three_ways_to_show_a_key() {
    let (sim, keys) = (sim(NAV).await, Keys::new());
    let key = keys.make(&["--scope", "read"]);
    let server = keys.server(&sim, &[("SERVER__AUTH_TIMEOUT_MS", "300")]);
    let url = format!("http://{}/healthz?key={key}", server.address);
    let health: Value = reqwest::get(url).await.unwrap().json().await.unwrap();
    assert_eq!(health["simulated"], false, "the figures are shown");
    assert_eq!(get(&server, "/v1/schema/NOPE", Some(&key)).await.status(), 404);

    let mut by_header = connect(&server, &key).await.ok().unwrap();
    by_header.subscribe("H0STNAV0", "069500").await;
    by_header.record(TOPIC).await;
    let url = format!("ws://{}/ws?key={key}", server.address);
    let mut by_query = Client { socket: connect_async(url).await.unwrap().0 };
    by_query.subscribe("H0STNAV0", "069500").await;
    by_query.record(TOPIC).await;

    // What comes behind the key, even in the same packet, is not lost.
    let mut by_message = server.client().await;
    by_message.send(json!({"type": "auth", "key": key, "id": 1})).await;
    by_message.subscribe("H0STNAV0", "069500").await;
    assert_eq!(by_message.next().await, json!({"type": "authenticated", "id": 1}));
    by_message.record(TOPIC).await;

    for wrong in [
        json!({"type": "auth", "key": format!("{key}x")}),
        json!({"type": "auth"}),
        json!({"type": "subscribe", "tr_id": "H0STNAV0", "tr_key": "069500"}),
        json!(["auth", key]),
        json!({"type": "auth", "key": key, "padding": "x".repeat(2_000)}),
    ] {
        let mut client = server.client().await;
        client.send(wrong.clone()).await;
        let close = client.closed().await.unwrap_or_else(|| panic!("no close: {wrong}"));
        assert_eq!(close.code, code(4401), "{wrong}");
    }
    let mut silent = server.client().await;
    let close = silent.closed().await.expect("a close frame");
    assert_eq!(close.code, code(4401));
    assert!(close.reason.contains("in time"), "{close:?}");
    assert_eq!(connect(&server, "nonsense").await.err(), Some(StatusCode::UNAUTHORIZED));
    by_message.record(TOPIC).await;
}

/// Where no key is needed, the same client works.
#[tokio::test(flavor = "multi_thread")]
async fn a_key_where_none_is_needed() {
    let (sim, keys) = (sim(NAV).await, Keys::new());
    let key = keys.make(&["--scope", "trade"]);
    let path = keys.path();
    let server = Server::start(&sim, &[("SERVER__KEYS_FILE", path.to_str().unwrap())]);
    let mut client = server.client().await;
    client.send(json!({"type": "auth", "key": key})).await;
    assert_eq!(client.next().await, json!({"type": "authenticated"}));
    client.subscribe("H0STNAV0", "069500").await;
    client.record(TOPIC).await;
    // One that is shown holds, and a wrong one is wrong.
    assert_eq!(get(&server, "/v1/schema", None).await.status(), 200);
    assert_eq!(get(&server, "/v1/schema", Some(&key)).await.status(), 403);
    assert_eq!(get(&server, "/v1/schema", Some("nonsense")).await.status(), 401);
}

#[tokio::test(flavor = "multi_thread")]
async fn scopes() {
    let (sim, keys) = (sim(NAV).await, Keys::new());
    let key = keys.make(&["--scope", "trade", "--scope", "admin"]);
    let server = keys.server(&sim, &[]);
    let refused = get(&server, "/v1/schema", Some(&key)).await;
    assert_eq!(refused.status(), 403);
    let challenge = refused.headers()[header::WWW_AUTHENTICATE].to_str().unwrap().to_owned();
    assert!(challenge.contains(r#"scope="read""#), "{challenge}");
    let problem: Value = refused.json().await.unwrap();
    assert_eq!(problem["type"], "urn:ai-trade-server:scope_missing");
    assert_eq!(problem["instance"], "/v1/schema");
    let health = get(&server, "/healthz", Some(&key)).await;
    assert_eq!(health.text().await.unwrap(), r#"{"status":"ok"}"#);
    assert_eq!(connect(&server, &key).await.err(), Some(StatusCode::FORBIDDEN));
    let mut client = server.client().await;
    client.send(json!({"type": "auth", "key": key})).await;
    assert_eq!(client.closed().await.unwrap().code, code(4403));
}

#[tokio::test(flavor = "multi_thread")]
async fn limits_of_a_key() {
    let (sim, keys) = (sim(NAV).await, Keys::new());
    let few = keys.make(&["--scope", "read", "--connections", "2", "--topics", "2"]);
    let slow = keys.make(&["--scope", "read", "--requests-per-s", "1"]);
    let server = keys.server(&sim, &[]);

    let (mut one, mut two) =
        (connect(&server, &few).await.ok().unwrap(), connect(&server, &few).await.ok().unwrap());
    let full = get(&server, "/v1/schema", Some(&few)).await;
    assert_eq!(full.status(), 429);
    assert!(full.headers().contains_key(header::RETRY_AFTER));
    assert_eq!(connect(&server, &few).await.err(), Some(StatusCode::TOO_MANY_REQUESTS));
    let mut third = server.client().await;
    third.send(json!({"type": "auth", "key": few})).await;
    assert_eq!(third.closed().await.unwrap().code, code(4429));

    one.subscribe("H0STNAV0", "069500").await;
    two.subscribe("H0STNAV0", "069500").await;
    one.record(TOPIC).await;
    two.record(TOPIC).await;
    two.subscribe("H0STNAV0", "114800").await;
    let error = two.error("too_many_topics").await;
    assert_eq!(error["key"], "H0STNAV0:114800");
    // What one client gives back, another may have.
    drop(one);
    eventually("a topic is free", async || {
        two.subscribe("H0STNAV0", "114800").await;
        two.send(json!({"type": "list"})).await;
        let list = two.find(|it| it["type"] == "list").await;
        list["topics"].as_array().unwrap().len() == 2
    })
    .await;

    for _ in 0..2 {
        assert_eq!(get(&server, "/v1/schema/H0STCNT0", Some(&slow)).await.status(), 200);
    }
    let refused = get(&server, "/v1/schema/H0STCNT0", Some(&slow)).await;
    assert_eq!(refused.status(), 429);
    assert_eq!(refused.headers()[header::RETRY_AFTER], "1");
    let problem: Value = refused.json().await.unwrap();
    assert_eq!(problem["type"], "urn:ai-trade-server:too_many_requests");
}

#[tokio::test(flavor = "multi_thread")]
async fn revoking_ends_open_connections() {
    let (sim, keys) = (sim(NAV).await, Keys::new());
    let key = keys.make(&["--scope", "read", "--name", "leaving"]);
    let other = keys.make(&["--scope", "read", "--name", "staying"]);
    let server = keys.server(&sim, &[]);
    let mut leaving = connect(&server, &key).await.ok().unwrap();
    leaving.subscribe("H0STNAV0", "069500").await;
    leaving.record(TOPIC).await;
    let mut staying = connect(&server, &other).await.ok().unwrap();
    staying.subscribe("H0STNAV0", "069500").await;
    assert!(keys.run(&["revoke", "leaving"]).status.success());
    let close = leaving.closed().await.expect("a close frame");
    assert_eq!((close.code, close.reason.as_str()), (code(4401), "the key was revoked"));
    assert_eq!(get(&server, "/v1/schema", Some(&key)).await.status(), 401);
    for _ in 0..20 {
        staying.record(TOPIC).await;
    }
    // A new key works without a restart.
    let new = keys.make(&["--scope", "read"]);
    eventually("the new key is known", async || {
        get(&server, "/v1/schema/H0STCNT0", Some(&new)).await.status() == 200
    })
    .await;
}

/// However much is logged, no key is.
#[tokio::test(flavor = "multi_thread")]
async fn keys_are_not_logged() {
    let (sim, keys) = (sim(NAV).await, Keys::new());
    let key = keys.make(&["--scope", "read"]);
    let log = keys.folder.path().join("log");
    let path = keys.path();
    let server = Server::start_by(
        program().arg("run").stderr(File::create(&log).unwrap()),
        &sim,
        &[
            ("SERVER__KEYS_FILE", path.to_str().unwrap()),
            ("SERVER__KEYS_ON_LOOPBACK", "true"),
            ("RUST_LOG", "trace"),
            ("LOG__FORMAT", "json"),
        ],
    );
    let url = format!("http://{}/v1/schema/NOPE?key={key}&a=1", server.address);
    let problem = reqwest::get(url).await.unwrap().text().await.unwrap();
    assert!(!problem.contains(&key), "{problem}");
    get(&server, "/healthz", Some(&key)).await;
    let mut client = server.client().await;
    client.send(json!({"type": "auth", "key": key})).await;
    client.next().await;
    let mut client = connect(&server, &key).await.ok().unwrap();
    client.send(json!({"type": "ping"})).await;
    client.next().await;
    server.interrupt();
    assert!(server.ended().await);
    let text = std::fs::read_to_string(log).unwrap();
    let secret = key.splitn(3, '_').nth(2).unwrap();
    assert!(!text.contains(secret));
    assert!(text.lines().count() > 10, "{text}");
    for line in text.lines() {
        serde_json::from_str::<Value>(line).unwrap_or_else(|error| panic!("{error}: {line}"));
    }
}

/// SIGHUP reads the configuration again.
#[tokio::test(flavor = "multi_thread")]
async fn settings_change_without_a_restart() {
    let sim = sim(NAV).await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("config.toml");
    std::fs::write(&file, "[server]\nhosts = [\"one.example\"]\n").unwrap();
    let server = Server::start_by(program().args(["run", "--config"]).arg(&file), &sim, &[]);
    let status = async |host: &str| {
        let text = format!("GET /healthz HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
        server.raw(text.as_bytes()).await[9..12].to_owned()
    };
    assert_eq!((&*status("one.example").await, &*status("two.example").await), ("200", "421"));
    std::fs::write(&file, "[server]\nhosts = \"two.example\"\n").unwrap();
    server.signal("-HUP");
    eventually("the names are the new ones", async || {
        (&*status("one.example").await, &*status("two.example").await) == ("421", "200")
    })
    .await;
    // What cannot be read changes nothing, and ends nothing.
    std::fs::write(&file, "[server]\nhosts = 7\n").unwrap();
    server.signal("-HUP");
    server.client().await;
    assert_eq!(status("two.example").await, "200");
}

/// A program that connects is told what is wrong before it begins.
#[tokio::test(flavor = "multi_thread")]
async fn watch_shows_its_key() {
    let (sim, keys) = (sim(NAV).await, Keys::new());
    let key = keys.make(&["--scope", "read"]);
    let server = keys.server(&sim, &[]);
    let mut child = tokio::process::Command::from(program())
        .args(["watch", "--listen", &server.address.to_string(), TOPIC])
        .env("AI_TRADE_SERVER_KEY", key)
        .stdout(std::process::Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut lines =
        tokio::io::AsyncBufReadExt::lines(tokio::io::BufReader::new(child.stdout.take().unwrap()));
    let record = async {
        while let Some(line) = lines.next_line().await.unwrap() {
            if line.contains("\"data\"") {
                return;
            }
        }
        panic!("it ended");
    };
    tokio::time::timeout(PATIENCE, record).await.expect("no record came");
}
