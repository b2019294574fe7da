//! The real program against the simulated KIS, over real sockets.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    dead_code,
    unreachable_pub,
    reason = "shared by tests, which may panic and need not use all of it"
)]

use std::{
    collections::BTreeMap,
    io::{BufRead, BufReader},
    net::SocketAddr,
    process::{Child, Command, Stdio},
    time::Duration,
};

use futures_util::{SinkExt, StreamExt};
use kis_sim::{Script, Sim, SimConfig};
use serde_json::Value;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async, tungstenite::Message,
    tungstenite::protocol::CloseFrame,
};

/// Nothing here takes so long unless it hangs.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// A running server; killed when dropped.
pub struct Server {
    child: Child,
    pub address: SocketAddr,
}

/// The environment of a server that knows the simulator only.
pub fn environment(sim: &Sim) -> BTreeMap<&'static str, String> {
    BTreeMap::from([
        ("APP_KEY", "integration-test-key".to_owned()),
        ("APP_SECRET", "integration-test-secret".to_owned()),
        ("KIS_ENV", "custom".to_owned()),
        ("KIS_REST_URL", sim.rest_url()),
        ("KIS_WS_URL", sim.ws_url()),
        ("KIS__REQUEST_INTERVAL_MS", "1".to_owned()),
        ("LISTEN", "127.0.0.1:0".to_owned()),
        // Another simulator knows neither the tokens of this one nor its days.
        ("KIS__TOKEN_FOLDER", format!("{}/tokens", folder(sim))),
        ("ALERTS__FILE", format!("{}/alerts.redb", folder(sim))),
        ("KIS__HOLIDAY_FILE", format!("{}/holidays.json", folder(sim))),
    ])
}

/// A folder's name of the simulator's own.
fn folder(sim: &Sim) -> String {
    let port = sim.rest_url().rsplit(':').next().unwrap_or_default().to_owned();
    format!("sim-{}-{port}", std::process::id())
}

impl Server {
    /// Starts `ai-trade-server run` in an empty folder of its own.
    pub fn start(sim: &Sim, more: &[(&'static str, &str)]) -> Self {
        Self::start_with(sim, more, &[])
    }

    /// The same with arguments on the command line.
    pub fn start_with(sim: &Sim, more: &[(&'static str, &str)], arguments: &[&str]) -> Self {
        Self::start_by(program().arg("run").args(arguments), sim, more)
    }

    /// Starts what `command` runs.
    pub fn start_by(command: &mut Command, sim: &Sim, more: &[(&'static str, &str)]) -> Self {
        let mut variables = environment(sim);
        variables.extend(more.iter().map(|it| (it.0, it.1.to_owned())));
        let mut child = command.envs(&variables).stdout(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let address = lines
            .find_map(|line| {
                let line = line.unwrap();
                let (_, rest) = line.split_once("listening on http")?;
                let (_, rest) = rest.split_once("://")?;
                rest.split(',').next()?.parse().ok()
            })
            .unwrap();
        Self { child, address }
    }

    pub async fn client(&self) -> Client {
        let (socket, _) = connect_async(format!("ws://{}/ws", self.address)).await.unwrap();
        Client { socket }
    }

    pub async fn health(&self) -> Value {
        let text = reqwest::get(format!("http://{}/healthz", self.address)).await.unwrap();
        serde_json::from_str(&text.text().await.unwrap()).unwrap()
    }

    /// Asks the server to end, as Ctrl-C does.
    pub fn interrupt(&self) {
        self.signal("-INT");
    }

    /// Sends the server a signal.
    pub fn signal(&self, name: &str) {
        let id = self.process().to_string();
        assert!(Command::new("kill").args([name, &id]).status().unwrap().success());
    }

    /// The server's process.
    pub fn process(&self) -> u32 {
        self.child.id()
    }

    /// Sends bytes as they are and reads until the server closes.
    pub async fn raw(&self, bytes: &[u8]) -> String {
        let mut socket = TcpStream::connect(self.address).await.unwrap();
        // It may answer and close before it has read everything.
        let _ = socket.write_all(bytes).await;
        let mut answer = Vec::new();
        let _ = timeout(PATIENCE, socket.read_to_end(&mut answer)).await.expect("still open");
        String::from_utf8_lossy(&answer).into_owned()
    }

    /// Waits for the end; whether it was a good one.
    pub async fn ended(mut self) -> bool {
        let mut child = std::mem::replace(
            &mut self.child,
            program().arg("--version").stdout(Stdio::null()).spawn().unwrap(),
        );
        tokio::task::spawn_blocking(move || child.wait().unwrap().success()).await.unwrap()
    }
}

/// The server's program, without this process' environment.
pub fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ai-trade-server"));
    command.env_clear().current_dir(env!("CARGO_TARGET_TMPDIR")).env("RUST_LOG", "warn");
    command
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A websocket client.
pub struct Client {
    pub socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
}

impl Client {
    pub async fn send(&mut self, message: Value) {
        self.send_text(&message.to_string()).await;
    }

    pub async fn send_text(&mut self, text: &str) {
        self.socket.send(Message::text(text)).await.unwrap();
    }

    /// The original form of subscribing.
    pub async fn subscribe(&mut self, tr_id: &str, tr_key: &str) {
        self.send(serde_json::json!({"type": "subscribe", "tr_id": tr_id, "tr_key": tr_key})).await;
    }

    /// The next text, whatever it is.
    pub async fn text(&mut self) -> String {
        loop {
            let message = timeout(PATIENCE, self.socket.next()).await.expect("nothing came");
            match message.expect("the connection ended").unwrap() {
                Message::Text(text) => return text.as_str().to_owned(),
                Message::Ping(_) | Message::Pong(_) => {}
                other => panic!("not a text: {other:?}"),
            }
        }
    }

    pub async fn next(&mut self) -> Value {
        serde_json::from_str(&self.text().await).unwrap()
    }

    /// The next message for which `wanted` holds; others are skipped.
    pub async fn find(&mut self, wanted: impl Fn(&Value) -> bool) -> Value {
        loop {
            let message = self.next().await;
            if wanted(&message) {
                return message;
            }
        }
    }

    /// The next record of `key`.
    pub async fn record(&mut self, key: &str) -> Value {
        self.find(|it| it["key"] == key && it["data"].is_object()).await
    }

    pub async fn error(&mut self, code: &str) -> Value {
        self.find(|it| it["type"] == "error" && it["code"] == code).await
    }

    /// Reads to the end; the close frame, if one came.
    pub async fn closed(&mut self) -> Option<CloseFrame> {
        let mut close = None;
        while let Some(Ok(message)) =
            timeout(PATIENCE, self.socket.next()).await.expect("the connection stays open")
        {
            if let Message::Close(frame) = message {
                close = frame;
            }
        }
        close
    }
}

/// A simulator that replays `frames`, one raw frame a line, as fast as it can
/// be told apart from flooding.
pub async fn sim(frames: &str) -> Sim {
    start_sim(SimConfig { script: Script::parse(frames.as_bytes()), rekey: false, ..quick() }).await
}

/// A simulator's configuration without KIS' long waits.
pub fn quick() -> SimConfig {
    SimConfig {
        pace: kis_sim::Pace::Fixed(Duration::from_millis(5)),
        slot_hold: Duration::ZERO,
        ..SimConfig::default()
    }
}

pub async fn start_sim(config: SimConfig) -> Sim {
    Sim::start(config).await.unwrap()
}

/// Waits until the simulator's state is as wanted.
pub async fn wait_until(
    sim: &Sim,
    wanted: impl Fn(&kis_sim::SimState) -> bool,
) -> kis_sim::SimState {
    timeout(PATIENCE, sim.wait_until(wanted)).await.expect("the simulator never got there")
}

/// The values of a JSON object in the order in which they are written.
pub fn values_in_order(object: &str) -> Vec<(String, String)> {
    struct Pairs(Vec<(String, String)>);
    impl<'de> serde::Deserialize<'de> for Pairs {
        fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            struct InOrder;
            impl<'de> serde::de::Visitor<'de> for InOrder {
                type Value = Pairs;
                fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                    f.write_str("an object of strings")
                }
                fn visit_map<A: serde::de::MapAccess<'de>>(
                    self,
                    mut map: A,
                ) -> Result<Pairs, A::Error> {
                    let mut pairs = Vec::new();
                    while let Some(pair) = map.next_entry()? {
                        pairs.push(pair);
                    }
                    Ok(Pairs(pairs))
                }
            }
            deserializer.deserialize_map(InOrder)
        }
    }
    serde_json::from_str::<Pairs>(object).unwrap().0
}

/// Repeats `attempt` until it succeeds: for what a server does by itself soon.
pub async fn eventually(what: &str, mut attempt: impl AsyncFnMut() -> bool) {
    let repeated = async {
        while !attempt().await {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    assert!(timeout(PATIENCE, repeated).await.is_ok(), "it never came to it: {what}");
}
