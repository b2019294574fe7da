//! The queue and the webhook against receivers that fail.
#![allow(clippy::unwrap_used, missing_docs, reason = "a test may panic")]

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
};

use ai_trade_server::notify::{Webhook, deliver};
use alert_engine::{Changes, Limits, Notification, Store};
use axum::{
    Router,
    extract::State,
    http::{HeaderMap, StatusCode},
    routing::post,
};
use jiff::Timestamp;
use tokio::{
    net::TcpListener,
    sync::{Notify, mpsc},
};
use tokio_util::sync::CancellationToken;

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

type Seen = (String, String, serde_json::Value);

/// A receiver that gives these answers, and then takes everything.
struct Receiver {
    answers: Mutex<VecDeque<(u16, Option<&'static str>)>>,
    seen: mpsc::UnboundedSender<Seen>,
}

async fn receive(
    State(receiver): State<Arc<Receiver>>,
    headers: HeaderMap,
    body: String,
) -> (StatusCode, HeaderMap) {
    let text = |name: &str| headers[name].to_str().unwrap().to_owned();
    let body: serde_json::Value = serde_json::from_str(&body).unwrap();
    receiver.seen.send((text("webhook-id"), text("webhook-signature"), body)).unwrap();
    let (status, wait) = receiver.answers.lock().unwrap().pop_front().unwrap_or((204, None));
    let mut answer = HeaderMap::new();
    if let Some(wait) = wait {
        answer.insert("retry-after", wait.parse().unwrap());
    }
    (StatusCode::from_u16(status).unwrap(), answer)
}

fn notification(number: u32) -> Notification {
    let at = Timestamp::now();
    serde_json::from_value(serde_json::json!({
        "id": format!("r.0.{number}"), "rule": "r", "severity": "notice", "at": at,
        "symbol": "005930", "fact": {"kind": "interruption", "on": true},
    }))
    .unwrap()
}

struct World {
    store: Arc<Store>,
    queued: Arc<Notify>,
    seen: mpsc::UnboundedReceiver<Seen>,
    stop: CancellationToken,
    worker: tokio::task::JoinHandle<()>,
    _file: tempfile::NamedTempFile,
}

impl World {
    async fn new(answers: &[(u16, Option<&'static str>)]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hook", listener.local_addr().unwrap());
        let (sender, seen) = mpsc::unbounded_channel();
        let answers = Mutex::new(answers.iter().copied().collect());
        let receiver = Arc::new(Receiver { answers, seen: sender });
        let router = Router::new().route("/hook", post(receive)).with_state(receiver);
        tokio::spawn(async move { axum::serve(listener, router).await });

        let file = tempfile::NamedTempFile::new().unwrap();
        let store = Arc::new(Store::open(file.path(), Limits::default()).unwrap());
        let (queued, stop) = (Arc::new(Notify::new()), CancellationToken::new());
        let sink = Arc::new(Webhook::new(&url, SECRET).unwrap());
        let recipients = vec!["hook".to_owned()];
        let worker = tokio::spawn(deliver(
            Arc::clone(&store),
            recipients,
            sink,
            Arc::clone(&queued),
            stop.clone(),
        ));
        Self { store, queued, seen, stop, worker, _file: file }
    }

    fn queue(&self, numbers: std::ops::RangeInclusive<u32>) {
        let changes =
            Changes { notifications: numbers.map(notification).collect(), states: Vec::new() };
        self.store.commit(&changes, Timestamp::now(), |_| vec!["hook"]).unwrap();
        self.queued.notify_one();
    }

    async fn ids(&mut self, count: usize) -> Vec<String> {
        let mut ids = Vec::new();
        for _ in 0..count {
            ids.push(self.seen.recv().await.unwrap().0);
        }
        ids
    }

    /// What still waits after the worker has ended, and what else was received.
    async fn end(mut self) -> (usize, u64) {
        self.stop.cancel();
        self.worker.await.unwrap();
        assert!(self.seen.try_recv().is_err());
        self.store.waiting("hook")
    }
}

#[tokio::test]
async fn each_is_delivered_once_in_order_and_signed() {
    let mut world = World::new(&[]).await;
    world.queue(1..=2);
    let (id, signature, body) = world.seen.recv().await.unwrap();
    assert_eq!((id.as_str(), &body["id"], &body["dropped"]), ("r.0.1", &"r.0.1".into(), &0.into()));
    assert_eq!(signature.len(), "v1,".len() + 44);
    assert_eq!(world.ids(1).await, ["r.0.2"]);
    world.queue(3..=5);
    assert_eq!(world.ids(3).await, ["r.0.3", "r.0.4", "r.0.5"]);
    assert_eq!(world.end().await, (0, 0));
}

#[tokio::test]
async fn failures_are_repeated_with_the_same_id() {
    let mut world = World::new(&[(500, None), (429, Some("1")), (302, None)]).await;
    world.queue(1..=2);
    assert_eq!(world.ids(5).await, ["r.0.1", "r.0.1", "r.0.1", "r.0.1", "r.0.2"]);
    assert_eq!(world.end().await, (0, 0));
}

#[tokio::test]
async fn what_is_gone_is_dropped_and_mentioned() {
    let mut world = World::new(&[(410, None)]).await;
    world.queue(1..=2);
    assert_eq!(world.ids(1).await, ["r.0.1"]);
    let (id, _, body) = world.seen.recv().await.unwrap();
    assert_eq!((id.as_str(), &body["dropped"]), ("r.0.2", &1.into()));
    assert_eq!(world.end().await, (0, 0));
}
