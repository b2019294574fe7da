//! A client as others write it: reqwest and tokio-tungstenite, nothing of ours in between.
#![allow(dead_code, reason = "every test uses its own part of the client")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

use std::{future::Future, sync::LazyLock, time::Duration};

use futures_util::{SinkExt, StreamExt};
use kis_sim::{Pace, Script, Sim, SimConfig, SimState};
use reqwest::Response;
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async,
    tungstenite::{Error, Message},
};

pub(crate) const APP_KEY: &str = "PSTESTPSTESTPSTESTPSTESTPSTESTPSTEST";
pub(crate) const SECRET: &str = "secret";

/// Two topics of one stream, the first with frames of one and of two records.
pub(crate) const FRAMES: &str = "\
0|H0STCNT0|001|005930^090000^100
0|H0STCNT0|002|005930^090000^101^005930^090001^102
0|H0STCNT0|001|000660^090000^200
0|H0STCNI0|001|owner^12345678^0001
";

/// A simulator of these frames at full speed but for the ends of rounds.
pub(crate) fn config(frames: &str) -> SimConfig {
    SimConfig {
        script: Script::parse(frames.as_bytes()),
        rekey: false,
        pace: Pace::Fixed(Duration::from_millis(1)),
        slot_hold: Duration::ZERO,
        ..SimConfig::default()
    }
}

/// Fails instead of waiting for ever.
pub(crate) async fn soon<T>(future: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(10), future).await.expect("it takes too long")
}

/// A client for all tests, since setting one up takes long. It keeps no connections, because
/// each belongs to the runtime of one test.
pub(crate) fn http() -> reqwest::Client {
    static HTTP: LazyLock<reqwest::Client> = LazyLock::new(|| {
        reqwest::Client::builder().pool_max_idle_per_host(0).no_proxy().build().unwrap()
    });
    HTTP.clone()
}

/// Waits for a state of the simulator.
pub(crate) async fn until(sim: &Sim, wanted: impl Fn(&SimState) -> bool) -> SimState {
    soon(sim.wait_until(wanted)).await
}

pub(crate) async fn post(sim: &Sim, path: &str, body: &Value) -> Response {
    let url = format!("{}{path}", sim.rest_url());
    http().post(url).body(body.to_string()).send().await.unwrap()
}

/// A call to `/uapi` with everything it has to show.
pub(crate) async fn call(sim: &Sim, token: &str, tr_id: &str, path: &str) -> Response {
    let request = http().get(format!("{}{path}", sim.rest_url()));
    let request = request.header("authorization", format!("Bearer {token}"));
    let request = request.header("appkey", APP_KEY).header("appsecret", SECRET);
    request.header("tr_id", tr_id).send().await.unwrap()
}

/// A call that places an order, or changes one.
pub(crate) async fn order(
    sim: &Sim,
    token: &str,
    tr_id: &str,
    path: &str,
    body: &Value,
) -> Response {
    let request = http().post(format!("{}{path}", sim.rest_url()));
    let request = request.header("authorization", format!("Bearer {token}"));
    let request = request.header("appkey", APP_KEY).header("appsecret", SECRET);
    request.header("tr_id", tr_id).body(body.to_string()).send().await.unwrap()
}

pub(crate) async fn token(sim: &Sim) -> String {
    let response = post(sim, "/oauth2/tokenP", &grant(APP_KEY, "appsecret")).await;
    let body: Value = response.json().await.unwrap();
    body["access_token"].as_str().unwrap().to_owned()
}

pub(crate) fn grant(app_key: &str, secret_field: &str) -> Value {
    json!({"grant_type": "client_credentials", "appkey": app_key, secret_field: SECRET})
}

pub(crate) async fn approval(sim: &Sim, app_key: &str) -> String {
    let response = post(sim, "/oauth2/Approval", &grant(app_key, "secretkey")).await;
    let body: Value = response.json().await.unwrap();
    body["approval_key"].as_str().unwrap().to_owned()
}

/// A registration, `tr_type` "1", or its end, "2".
pub(crate) fn request(approval_key: &str, tr_type: &str, tr_id: &str, tr_key: &str) -> Value {
    json!({
        "header": {
            "approval_key": approval_key, "custtype": "P", "tr_type": tr_type, "content-type": "utf-8",
        },
        "body": {"input": {"tr_id": tr_id, "tr_key": tr_key}},
    })
}

pub(crate) struct Client {
    pub(crate) socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    pub(crate) approval_key: String,
}

impl Client {
    pub(crate) async fn connect(sim: &Sim) -> Self {
        Self::connect_as(sim, APP_KEY).await
    }

    pub(crate) async fn connect_as(sim: &Sim, app_key: &str) -> Self {
        let approval_key = approval(sim, app_key).await;
        let (socket, _) = connect_async(format!("{}/tryitout", sim.ws_url())).await.unwrap();
        Self { socket, approval_key }
    }

    pub(crate) async fn send(&mut self, message: impl Into<Message>) {
        self.socket.send(message.into()).await.unwrap();
    }

    /// The next message, or the error that ends the connection.
    pub(crate) async fn next(&mut self) -> Result<Message, Error> {
        soon(self.socket.next()).await.expect("the stream ends with an error, not without one")
    }

    /// The next text message, which has to come.
    pub(crate) async fn text(&mut self) -> String {
        match self.next().await.unwrap() {
            Message::Text(text) => text.as_str().to_owned(),
            other => panic!("the server sent {other:?}"),
        }
    }

    /// The next answer, data in between left aside.
    pub(crate) async fn answer(&mut self) -> Value {
        loop {
            let text = self.text().await;
            if text.starts_with('{') {
                return serde_json::from_str(&text).unwrap();
            }
        }
    }

    /// The next frame, answers in between left aside.
    pub(crate) async fn frame(&mut self) -> String {
        loop {
            let text = self.text().await;
            if !text.starts_with('{') {
                return text;
            }
        }
    }

    pub(crate) async fn ask(&mut self, tr_type: &str, tr_id: &str, tr_key: &str) -> Value {
        let request = request(&self.approval_key, tr_type, tr_id, tr_key);
        self.send(request.to_string()).await;
        self.answer().await
    }

    /// Registers, and fails unless that succeeds.
    pub(crate) async fn register(&mut self, tr_id: &str, tr_key: &str) -> Value {
        let answer = self.ask("1", tr_id, tr_key).await;
        assert_eq!(answer["body"]["msg_cd"], "OPSP0000", "{answer}");
        answer
    }

    /// Waits for the connection to be dropped without a close frame.
    pub(crate) async fn dropped(&mut self) {
        loop {
            match self.next().await {
                Ok(Message::Close(frame)) => panic!("a close frame came: {frame:?}"),
                Ok(_) => {}
                Err(_) => return,
            }
        }
    }
}
