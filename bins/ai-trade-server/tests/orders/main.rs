//! Orders: the real program against the simulated KIS, whose orders are counted.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

#[path = "../support/mod.rs"]
mod support;

mod doubt;
mod input;
mod limits;
mod markets;
mod people;
mod repeats;

use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use kis_sim::{CallFault, CallRefusal, Instead, Sim, SimConfig};
use reqwest::{Client as Http, Method};
use serde_json::{Value, json};
use support::{Server, program, start_sim};

/// A folder with keys and orders, which outlives servers.
struct Desk {
    folder: tempfile::TempDir,
    trade: String,
    admin: String,
}

/// A response, whole.
struct Answer {
    status: u16,
    body: Value,
    repeated: bool,
    location: Option<String>,
}

impl Desk {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let keys = folder.path().join("keys.json");
        let (trade, admin) = (key(&keys, "trade", "bot"), key(&keys, "trade,admin", "boss"));
        Self { folder, trade, admin }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn key(&self, scopes: &str, name: &str) -> String {
        key(&self.path("keys.json"), scopes, name)
    }

    /// A server that takes orders for paper trading, unless `more` says otherwise.
    fn server(&self, sim: &Sim, more: &[(&'static str, &str)]) -> Server {
        let paths = ["keys.json", "orders", "tokens", "alerts.redb"].map(|it| self.path(it));
        let [keys, orders, tokens, alerts] = paths.each_ref().map(|it| it.to_str().unwrap());
        let mut settings = vec![
            ("KIS_ENV", "paper"),
            ("ACC_NO", "87654321-01"),
            ("KIS__REST_PER_SECOND", "1000"),
            ("KIS__LEDGER_PER_SECOND", "1000"),
            ("KIS__TOKEN_FOLDER", tokens),
            ("SERVER__KEYS_FILE", keys),
            ("ORDERS__ENABLED", "true"),
            ("ORDERS__FOLDER", orders),
            ("ALERTS__FILE", alerts),
            ("ORDERS__LOOKUP_INTERVAL_MS", "10"),
        ];
        settings.extend(more);
        Server::start(sim, &settings)
    }

    fn audit(&self) -> Vec<Value> {
        let text = fs::read_to_string(self.path("orders/paper/audit.jsonl")).unwrap();
        text.lines().map(|it| serde_json::from_str(it).unwrap()).collect()
    }

    /// Places an order under a key of its own.
    async fn place(&self, server: &Server, key: &str, order: &Value) -> Answer {
        call(server, Method::POST, "/v1/orders", Some(&self.trade), Some(key), Some(order)).await
    }

    async fn cancel(&self, server: &Server, key: &str, id: &str) -> Answer {
        let path = format!("/v1/orders/{id}");
        call(server, Method::DELETE, &path, Some(&self.trade), Some(key), None).await
    }

    async fn get(&self, server: &Server, path: &str) -> Answer {
        call(server, Method::GET, path, Some(&self.trade), None, None).await
    }

    async fn state(&self, server: &Server, id: &str) -> String {
        let answer = self.get(server, &format!("/v1/orders/{id}")).await;
        answer.body["state"].as_str().unwrap().to_owned()
    }
}

impl Answer {
    /// The word of a problem.
    fn code(&self) -> &str {
        self.body["type"].as_str().unwrap_or_default().rsplit(':').next().unwrap()
    }

    fn id(&self) -> &str {
        let body = if self.status < 300 { &self.body } else { &self.body["order"] };
        body["id"].as_str().unwrap_or_else(|| panic!("{}", self.body))
    }

    #[track_caller]
    fn expect(self, status: u16, word: &str) -> Self {
        assert_eq!(self.status, status, "{}", self.body);
        let found = if status < 300 {
            self.body["state"].as_str().unwrap_or_default()
        } else {
            self.code()
        };
        assert_eq!(found, word, "{}", self.body);
        self
    }
}

fn key(file: &Path, scopes: &str, name: &str) -> String {
    let mut command = program();
    command.args(["key", "new", "--scope", scopes, "--name", name]);
    let output = command.env("SERVER__KEYS_FILE", file).output().unwrap();
    assert!(output.status.success());
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

async fn call(
    server: &Server,
    method: Method,
    path: &str,
    bearer: Option<&str>,
    key: Option<&str>,
    body: Option<&Value>,
) -> Answer {
    let mut request = Http::new().request(method, format!("http://{}{path}", server.address));
    if let Some(bearer) = bearer {
        request = request.bearer_auth(bearer);
    }
    if let Some(key) = key {
        request = request.header("idempotency-key", key);
    }
    if let Some(body) = body {
        request = request.json(body);
    }
    answer(request.send().await.unwrap()).await
}

async fn answer(response: reqwest::Response) -> Answer {
    let header = |name| {
        let value = response.headers().get(name);
        value.map(|it| it.to_str().unwrap().to_owned())
    };
    let (status, location) = (response.status().as_u16(), header("location"));
    let repeated = header("idempotency-replayed").is_some();
    let body = serde_json::from_str(&response.text().await.unwrap()).unwrap();
    Answer { status, body, repeated, location }
}

/// A simulated KIS without its limits, which have tests of their own.
async fn sim() -> Sim {
    start_sim(config()).await
}

fn config() -> SimConfig {
    SimConfig {
        rest_per_second: 1000,
        ledger_per_second: 1000,
        token_interval: Duration::ZERO,
        token_reuse: Duration::ZERO,
        ..support::quick()
    }
}

/// Ten shares for 700,000 won.
fn order() -> Value {
    json!({
        "market": "stock", "symbol": "005930", "side": "buy", "quantity": 10,
        "type": "limit", "price": "70000",
    })
}

/// The same with something else in it.
fn order_with(change: Value) -> Value {
    let mut order = order();
    let Value::Object(change) = change else { panic!("not an object") };
    order.as_object_mut().unwrap().extend(change);
    order.as_object_mut().unwrap().retain(|_, it| !it.is_null());
    order
}

/// How often an order was placed, amended or cancelled at the simulator.
fn orders(sim: &Sim) -> u64 {
    sim.state().counters.orders
}

fn calls(sim: &Sim, tr_id: &str) -> u64 {
    sim.state().calls.get(tr_id).copied().unwrap_or_default()
}

/// What happens to the next order on paper.
fn fault(sim: &Sim, executed: bool, instead: Instead) {
    let tr_id = Some("VTTC0012U".to_owned());
    sim.fault_calls(1, CallFault { tr_id, executed, instead });
}

fn refusal(status: u16, msg_cd: &str) -> Instead {
    let (rt_cd, msg1) = ("1".to_owned(), "안 됩니다 87654321-01".to_owned());
    Instead::Refusal(CallRefusal { status, rt_cd, msg_cd: msg_cd.to_owned(), msg1 })
}
