//! Rules at work in the real program: from every source, over lost sessions and restarts.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs, reason = "a test may panic")]

mod support;

use std::sync::Arc;

use axum::{
    Router,
    extract::State,
    http::{HeaderMap, StatusCode},
    routing::post,
};
use kis_sim::{Hold, Sim};
use serde_json::{Value, json};
use support::{Client, Server, program, sim, wait_until};
use tokio::{net::TcpListener, sync::mpsc, time::timeout};

/// Net asset values of an ETF, one a record: the shortest frames there are.
fn navs(values: &[&str]) -> String {
    let line = |nav: &&str| {
        format!("0|H0STNAV0|001|069500^{nav}^5^-381.26^-1.01^37646.25^37646.25^37202.10\n")
    };
    values.iter().map(line).collect()
}

/// Where the webhook goes: ids and bodies of what was told, in order.
struct Told {
    url: String,
    seen: mpsc::UnboundedReceiver<Value>,
}

async fn hook(
    State(seen): State<Arc<mpsc::UnboundedSender<Value>>>,
    headers: HeaderMap,
    body: String,
) -> StatusCode {
    let body: Value = serde_json::from_str(&body).unwrap();
    assert_eq!(headers["webhook-id"], body["id"].as_str().unwrap());
    let _ = seen.send(body);
    StatusCode::NO_CONTENT
}

impl Told {
    async fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hook", listener.local_addr().unwrap());
        let (sender, seen) = mpsc::unbounded_channel();
        let router = Router::new().route("/hook", post(hook)).with_state(Arc::new(sender));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { url, seen }
    }

    fn settings(&self) -> [(&'static str, String); 3] {
        [
            ("ALERTS__WEBHOOK_URL", self.url.clone()),
            ("ALERTS__WEBHOOK_SECRET", "a secret of some length".to_owned()),
            ("KIS__RECONNECT_MIN_MS", "10".to_owned()),
        ]
    }

    async fn next(&mut self) -> Value {
        timeout(support::PATIENCE, self.seen.recv()).await.expect("nobody was told").unwrap()
    }
}

struct Http(String);

impl Http {
    fn of(server: &Server) -> Self {
        Self(format!("http://{}/v1/alerts", server.address))
    }

    async fn post(&self, body: impl Into<String>) -> (u16, Value) {
        let request = reqwest::Client::new()
            .post(&self.0)
            .header("content-type", "application/json")
            .body(body.into());
        Self::answer(request).await
    }

    async fn get(&self, id: &str) -> (u16, Value) {
        Self::answer(reqwest::Client::new().get(format!("{}/{id}", self.0))).await
    }

    async fn change(&self, method: reqwest::Method, id: &str, body: &Value) -> (u16, Value) {
        let request = reqwest::Client::new().request(method, format!("{}/{id}", self.0));
        Self::answer(request.json(body)).await
    }

    async fn patch(&self, id: &str, body: &Value) -> (u16, Value) {
        self.change(reqwest::Method::PATCH, id, body).await
    }

    async fn put(&self, id: &str, body: &Value) -> (u16, Value) {
        self.change(reqwest::Method::PUT, id, body).await
    }

    async fn delete(&self, id: &str) -> (u16, Value) {
        Self::answer(reqwest::Client::new().delete(format!("{}/{id}", self.0))).await
    }

    async fn answer(request: reqwest::RequestBuilder) -> (u16, Value) {
        let response = request.send().await.unwrap();
        let status = response.status().as_u16();
        let text = response.text().await.unwrap();
        (status, serde_json::from_str(&text).unwrap_or(Value::Null))
    }
}

fn nav_rule(level: &str) -> Value {
    json!({"id": format!("nav-{level}"), "symbol": "069500", "streams": ["H0STNAV0"],
           "when": {"price": {"level": level, "crosses": "up"}}})
}

#[tokio::test]
async fn rules_over_rest() {
    let sim = sim(&navs(&["100.00"])).await;
    let server = Server::start(&sim, &[]);
    let http = Http::of(&server);

    let (status, made) = http.post(nav_rule("101").to_string()).await;
    assert_eq!(
        (status, &made["rule"]["id"], &made["active"]),
        (201, &"nav-101".into(), &true.into())
    );
    let (status, named) = http.post(r#"{"symbol":"005930","when":{"change":{"percent":3}}}"#).await;
    assert_eq!((status, &named["rule"]["id"]), (201, &"a1".into()));
    assert_eq!(named["topics"][0]["key"], "H0STCNT0:005930");

    let (status, again) = http.post(nav_rule("101").to_string()).await;
    assert_eq!((status, &again["type"]), (409, &"urn:ai-trade-server:id_taken".into()));
    assert_eq!(http.get("nav-101").await.1["rule"]["when"]["price"]["level"], "101");
    assert_eq!(http.get("nothing").await.0, 404);
    assert_eq!(http.delete("a1").await.0, 204);
    assert_eq!(http.delete("a1").await.0, 404);

    for (body, status, part) in [
        ("not json", 400, ""),
        ("[]", 422, "expected a rule"),
        (r#"{"symbol":"005930","when":{"price":{"level":"8만"}}}"#, 422, "when.price.level: "),
        (r#"{"symbol":"005930","when":{"prize":{}}}"#, 422, "expected one of `price`"),
        (r#"{"when":{"price":{"level":1}}}"#, 422, "name the instrument as KIS does"),
        (r#"{"to":["me"],"symbol":"005930","when":{"price":{"level":1}}}"#, 422, "configured: log"),
        (r#"{"when":{"order":{}}}"#, 409, "set HTS_ID"),
    ] {
        let (found, problem) = http.post(body).await;
        assert_eq!(found, status, "{body}: {problem}");
        assert!(problem["detail"].as_str().unwrap().contains(part), "{body}: {problem}");
    }
    let (_, problem) = http.post(r#"{"symbol":"005930","when":{"change":{"percent":0}}}"#).await;
    assert_eq!(problem["field"], "when.change.percent");
    assert_eq!(problem["allowed"], "it must be above 0");
}

#[tokio::test(flavor = "multi_thread")]
async fn rules_are_changed_over_rest() {
    let sim = sim("").await;
    let mut told = Told::new().await;
    let settings = told.settings();
    let mut settings: Vec<_> = settings.iter().map(|it| (it.0, it.1.as_str())).collect();
    settings.push(("RELAY__LINGER_MS", "1"));
    let server = Server::start(&sim, &settings);
    let http = Http::of(&server);
    assert_eq!(http.post(nav_rule("101").to_string()).await.0, 201);
    registered(&sim).await;

    // Paused, it needs nothing; and it is written down.
    let (status, paused) = http.patch("nav-101", &json!({"enabled": false})).await;
    assert_eq!((status, &paused["active"]), (200, &false.into()), "{paused}");
    assert_eq!(paused["rule"]["when"]["price"]["level"], "101");
    wait_until(&sim, |it| it.sessions.iter().all(|it| it.registrations.is_empty())).await;
    server.interrupt();
    assert!(server.ended().await);
    let server = Server::start(&sim, &settings);
    let http = Http::of(&server);
    assert_eq!(http.get("nav-101").await.1["active"], false);

    let (status, resumed) = http.patch("nav-101", &json!({"enabled": true})).await;
    assert_eq!((status, &resumed["active"]), (200, &true.into()), "{resumed}");
    registered(&sim).await;
    sim.push(navs(&["100.00"]).trim().to_owned());
    sim.push(navs(&["101.00"]).trim().to_owned());
    assert_eq!(told.next().await["fact"]["price"], "101.00");
    wait_for(&http, "nav-101", |it| it["ended"] == "fired").await;

    // It was to fire once; changed, it is at work again.
    let mut other = nav_rule("102");
    other.as_object_mut().unwrap().remove("id");
    let (status, replaced) = http.put("nav-101", &other).await;
    assert_eq!((status, &replaced["active"], &replaced["firings"]), (200, &true.into(), &1.into()));
    sim.push(navs(&["101.50"]).trim().to_owned());
    sim.push(navs(&["102.50"]).trim().to_owned());
    assert_eq!(told.next().await["fact"]["price"], "102.50");

    for (found, status, part) in [
        (http.patch("nav-101", &json!({"enabled": "no"})).await, 422, "enabled: "),
        (http.patch("nav-101", &json!([])).await, 422, "an object with what is to change"),
        (http.patch("nav-101", &json!({"when": null})).await, 422, "missing field `when`"),
        (http.patch("nav-101", &json!({"id": "x"})).await, 422, "id: x is another rule's"),
        (http.put("nav-101", &json!({"enabled": true})).await, 422, "missing field"),
        (http.put("nothing", &nav_rule("1")).await, 404, "there is no alert \"nothing\""),
        (http.patch("nothing", &json!({})).await, 404, "there is no alert \"nothing\""),
    ] {
        assert_eq!(found.0, status, "{found:?}");
        assert!(found.1["detail"].as_str().unwrap().contains(part), "{part}: {found:?}");
    }
    assert_eq!(http.get("nav-101").await.1["rule"]["when"]["price"]["level"], "102");
}

async fn wait_for(http: &Http, id: &str, wanted: impl Fn(&Value) -> bool) {
    support::eventually(id, async || wanted(&http.get(id).await.1)).await;
}

const SYMBOL: &str = "005930";
const LEVEL: i64 = 72_500;

/// The recorded trades of a stock, frame by frame, and their prices.
fn recorded() -> Vec<(String, Vec<i64>)> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/frames/H0STCNT0.jsonl");
    let text = std::fs::read_to_string(path).unwrap();
    let frames = text.lines().filter_map(|line| {
        let line: Value = serde_json::from_str(line).unwrap();
        let raw = line["raw"].as_str()?.to_owned();
        let (count, payload) = raw.split_once("H0STCNT0|")?.1.split_once('|')?;
        let columns: Vec<_> = payload.split('^').collect();
        let width = columns.len() / count.parse::<usize>().ok()?;
        let records: Vec<_> = columns.chunks(width).collect();
        let all_of_it = matches!(width, 46 | 47) && records.iter().all(|it| it[0] == SYMBOL);
        all_of_it.then(|| (raw.clone(), records.iter().map(|it| it[2].parse().unwrap()).collect()))
    });
    frames.collect()
}

/// The prices at which the level is crossed, and which way: written down without the engine.
fn crossings(frames: &[(String, Vec<i64>)]) -> Vec<(i64, &'static str)> {
    let prices: Vec<i64> = frames.iter().flat_map(|it| it.1.clone()).collect();
    let crossed = prices.windows(2).filter_map(|it| match (it[0] > LEVEL, it[1] > LEVEL) {
        (false, true) => Some((it[1], "up")),
        (true, false) => Some((it[1], "down")),
        _ => None,
    });
    crossed.collect()
}

/// Shows a frame to the server, and waits until it has published it.
async fn show(sim: &Sim, client: &mut Client, frame: &(String, Vec<i64>)) {
    assert_eq!(sim.push(frame.0.clone()), 1);
    for price in &frame.1 {
        let record = client.record("H0STCNT0:005930").await;
        assert_eq!(record["data"]["stck_prpr"], price.to_string());
    }
}

async fn registered(sim: &Sim) {
    wait_until(sim, |it| it.sessions.len() == 1 && it.sessions[0].registrations.len() == 1).await;
}

/// Recorded trades, with a lost session behind every third frame and an end of the server
/// behind every fourth, a sudden one where something was just told.
#[tokio::test(flavor = "multi_thread")]
async fn exactly_the_crossings_are_told_over_lost_sessions_and_restarts() {
    let frames = recorded();
    let expected = crossings(&frames);
    assert!(frames.len() >= 12 && expected.len() >= 5, "{expected:?}");
    let sim = sim("").await;
    let mut told = Told::new().await;
    let settings = told.settings();
    let settings: Vec<_> = settings.iter().map(|it| (it.0, it.1.as_str())).collect();
    let mut server = Server::start(&sim, &settings);
    let rule = json!({"id": "level", "symbol": SYMBOL, "repeat": true, "cooldown_seconds": 0,
                      "when": {"price": {"level": LEVEL}}});
    assert_eq!(Http::of(&server).post(rule.to_string()).await.0, 201);
    // The rule alone keeps the topic registered.
    registered(&sim).await;
    let subscribe = json!({"type": "subscribe", "id": 1, "topics": ["H0STCNT0:005930"]});
    let mut client = server.client().await;
    client.send(subscribe.clone()).await;
    client.find(|it| it["type"] == "subscribed").await;

    let mut found: Vec<Value> = Vec::new();
    let mut killed = 0;
    for (at, frame) in frames.iter().enumerate() {
        show(&sim, &mut client, frame).await;
        let (before, so_far) = (found.len(), crossings(&frames[..=at]).len());
        while found.len() < so_far {
            let next = told.next().await;
            // What a server had sent that was killed before it could note so comes again,
            // under the id that receivers know.
            let known = found.iter().any(|it| it["id"] == next["id"]);
            assert!(!known || killed > 0, "told twice: {next}");
            if !known {
                found.push(next);
            }
        }
        let ends = at % 4 == 3;
        if ends {
            // What was told is on the disk, with all that was seen before it.
            if found.len() > before {
                killed += 1;
                server.signal("-KILL");
            } else {
                server.interrupt();
            }
            server.ended().await;
            wait_until(&sim, |it| it.sessions.is_empty()).await;
            server = Server::start(&sim, &settings);
        } else if at % 3 == 2 {
            assert_eq!(sim.drop_connections(), 1);
            client.find(|it| it["type"] == "gap").await;
        }
        if ends || at % 3 == 2 {
            registered(&sim).await;
            client = server.client().await;
            client.send(subscribe.clone()).await;
            client.find(|it| it["type"] == "subscribed").await;
        }
    }
    assert!(killed > 0, "no server was killed");
    let facts = found.iter().map(|it| {
        let price = it["fact"]["price"].as_str().unwrap().parse().unwrap();
        (price, it["fact"]["direction"].as_str().unwrap())
    });
    assert_eq!(facts.collect::<Vec<_>>(), expected);
    let (_, alert) = Http::of(&server).get("level").await;
    assert_eq!(alert["firings"], expected.len());
    server.interrupt();
    assert!(server.ended().await);
    while let Ok(more) = told.seen.try_recv() {
        assert!(found.iter().any(|it| it["id"] == more["id"]), "more was told: {more}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn trouble_upstream_is_told() {
    let sim = sim("").await;
    let mut told = Told::new().await;
    let settings = told.settings();
    let mut settings: Vec<_> = settings.iter().map(|it| (it.0, it.1.as_str())).collect();
    settings.push(("KIS__TOPICS_MAX", "1"));
    let server = Server::start(&sim, &settings);
    let http = Http::of(&server);
    assert_eq!(http.post(r#"{"when":{"upstream":{}}}"#).await.0, 201);
    let mut rule = nav_rule("100");
    assert_eq!(http.post(rule.to_string()).await.0, 201);
    registered(&sim).await;

    sim.push("0|H0STNAV0|001|069500^1^5^-1^-1.01^1^1^1^new");
    let fact = told.next().await["fact"].clone();
    assert_eq!((&fact["event"], &fact["detail"]), (&"unknown_width".into(), &"H0STNAV0, 9".into()));

    rule["symbol"] = "102110".into();
    rule["id"] = "second".into();
    assert_eq!(http.post(rule.to_string()).await.0, 201);
    let fact = told.next().await["fact"].clone();
    assert_eq!(
        (&fact["event"], &fact["detail"]),
        (&"slots_full".into(), &"H0STNAV0:102110".into())
    );
    assert_eq!(http.get("second").await.1["topics"][0]["state"], "refused");

    sim.hold_slots(Hold::UntilReleased);
    sim.drop_connections();
    let fact = told.next().await["fact"].clone();
    assert_eq!(fact["event"], "in_use_elsewhere");
}

#[tokio::test]
async fn rules_of_the_configuration() {
    let sim = sim("").await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("config.toml");
    let write = |level: &str| {
        let rule = format!("id = 'c'\nsymbol = '005930'\nwhen.price.level = {level}\n");
        std::fs::write(&file, format!("[[alerts.rules]]\n{rule}")).unwrap();
    };
    write("'8만'");
    let output = program().args(["check", "--config"]).arg(&file).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("problem: alerts.rules[0]: when.price.level: "), "{text}");

    write("80_000");
    let server = Server::start_by(program().args(["run", "--config"]).arg(&file), &sim, &[]);
    let http = Http::of(&server);
    let (_, alert) = http.get("c").await;
    assert_eq!((&alert["origin"], &alert["active"]), (&"configuration".into(), &true.into()));
    let (status, problem) = http.delete("c").await;
    assert_eq!((status, &problem["type"]), (409, &"urn:ai-trade-server:configured".into()));
    let (status, problem) = http.patch("c", &json!({"enabled": false})).await;
    assert_eq!((status, &problem["type"]), (409, &"urn:ai-trade-server:configured".into()));
}

#[tokio::test]
async fn changes_need_more_than_reading() {
    let sim = sim("").await;
    let folder = tempfile::tempdir().unwrap();
    let keys = folder.path().join("keys.json");
    let mut new = program();
    new.env("SERVER__KEYS_FILE", &keys).args(["key", "new", "--scope", "read"]);
    let output = String::from_utf8(new.output().unwrap().stdout).unwrap();
    let key = output.split_whitespace().find(|it| it.starts_with("ats_")).unwrap_or(output.trim());
    let path = keys.to_str().unwrap();
    let settings = [("SERVER__KEYS_FILE", path), ("SERVER__KEYS_ON_LOOPBACK", "true")];
    let server = Server::start(&sim, &settings);
    let url = format!("http://{}/v1/alerts", server.address);
    let client = reqwest::Client::new();
    let listed = client.get(&url).bearer_auth(key).send().await.unwrap();
    assert_eq!(listed.status(), 200);
    let made = client.post(&url).bearer_auth(key).json(&nav_rule("1")).send().await.unwrap();
    assert_eq!(made.status(), 403);
    for method in [reqwest::Method::PUT, reqwest::Method::PATCH] {
        let changed = client.request(method, format!("{url}/x")).bearer_auth(key);
        assert_eq!(changed.json(&nav_rule("1")).send().await.unwrap().status(), 403);
    }
    let deleted = client.delete(format!("{url}/x")).bearer_auth(key).send().await.unwrap();
    assert_eq!(deleted.status(), 403);
}
