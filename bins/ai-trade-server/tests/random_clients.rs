//! Random clients over real sockets: they pause, return and resume, and account for every
//! record. The seed is in every failure; `RANDOM_CLIENTS_SEED` tries another one.
#![allow(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::needless_pass_by_value,
    clippy::unwrap_used,
    reason = "a test may panic, and is told its seed by the environment"
)]

use std::{collections::BTreeMap, net::SocketAddr, sync::Arc, time::Duration};

use ai_trade_server::{
    alerts::Alerts,
    config::Config,
    guard::Guard,
    metrics::Sources,
    rest::Api,
    server::{self, App},
    wire::{RecordMessage, Wire},
    ws::Writers,
};
use futures_util::{SinkExt, StreamExt};
use kis_broker::{ConnectionConfig, Pool, PoolConfig};
use kis_protocol::{OwnedRecord, time::Timestamp};
use rand::{RngExt, SeedableRng, rngs::StdRng};
use relay_core::Hub;
use serde_json::{Value, json};
use tokio::{
    net::{TcpListener, TcpSocket, TcpStream},
    sync::watch,
    time::timeout,
};
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{Message, protocol::frame::coding::CloseCode},
};
use tokio_util::task::TaskTracker;

/// Nothing here takes so long unless it hangs.
const PATIENCE: Duration = Duration::from_secs(60);

const CLIENTS: u64 = 12;
const ROUNDS: u64 = 300;
/// Topics and the policies that clients may choose for them.
const TOPICS: [(&str, &[&str]); 3] = [
    ("H0STCNT0:005930", &["skip", "lossless"]),
    ("H0STASP0:005930", &["conflate", "skip", "lossless"]),
    ("H0STNAV0:069500", &["conflate", "skip"]),
];

/// How far the publisher is.
#[derive(Debug, Clone, Copy, Default)]
struct Published {
    records: u64,
    finished: bool,
}

/// Whether clients fall behind is up to the machine, so other seeds follow until everything
/// has been tried.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_record_is_accounted_for() {
    let first = std::env::var("RANDOM_CLIENTS_SEED").map_or(0x5eed, |it| it.parse().unwrap());
    let mut seen = Seen::default();
    for seed in first..first + 10 {
        play(seed, &mut seen).await;
        if seen.everything() {
            return;
        }
    }
    panic!("ten seeds from {first} have not tried everything: {seen:?}");
}

async fn play(seed: u64, seen: &mut Seen) {
    let (address, hub, writers) = start().await;
    let (publisher, published) = watch::channel(Published::default());
    let clients: Vec<_> = (0..CLIENTS)
        .map(|number| {
            let random = StdRng::seed_from_u64(seed ^ (number << 32));
            tokio::spawn(live(address, random, published.clone()))
        })
        .collect();
    publish(&hub, &writers, StdRng::seed_from_u64(seed), &publisher).await;
    for (number, client) in clients.into_iter().enumerate() {
        match timeout(PATIENCE, client).await.expect("somebody hangs").unwrap() {
            Ok(it) => seen.add(it),
            Err(wrong) => panic!("seed {seed}, client {number}: {wrong}"),
        }
    }
}

/// The server without a session; records are published by the test.
async fn start() -> (SocketAddr, Hub<Wire>, Arc<Writers>) {
    let hub = Hub::new(relay_core::Config::new(7), Wire { simulated: false });
    let mut config = Config::default();
    config.kis.env = "custom".to_owned();
    config.kis.app_key = "key".into();
    config.kis.app_secret = "secret".into();
    config.kis.rest_url = Some("http://127.0.0.1:9".to_owned());
    config.kis.ws_url = Some("ws://127.0.0.1:9".to_owned());
    config.relay.client_messages = 64;
    // Nothing that is forgotten is found by chance when a timer looks.
    config.relay.ping_interval_ms = 3_600_000;
    let guard = Arc::new(Guard::new(&config).unwrap());
    let api = Arc::new(Api::new(&config).unwrap());
    let folder = tempfile::tempdir().unwrap();
    config.alerts.file = Some(folder.path().join("alerts.redb"));
    let (alerts, _) = Alerts::open(&config, hub.clone()).unwrap();
    let connection = ConnectionConfig::new(config.endpoints().unwrap());
    let pool = Pool::new(PoolConfig::new(connection));
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    let writers = Arc::new(Writers::start(hub.clone(), Duration::ZERO));
    let app = Arc::new(App {
        alerts,
        config,
        simulated: false,
        hub: hub.clone(),
        session: pool.handle(),
        api,
        market: Arc::default(),
        orders: None,
        webhook: None,
        counters: Arc::default(),
        guard,
        sources: Sources::default(),
        tasks: TaskTracker::new(),
        writers: Arc::clone(&writers),
    });
    tokio::spawn(server::serve(listener, app, std::future::pending()));
    (address, hub, writers)
}

async fn publish(
    hub: &Hub<Wire>,
    writers: &Writers,
    mut random: StdRng,
    published: &watch::Sender<Published>,
) {
    // Until everybody is there, nobody misses anything.
    while hub.stats().subscriptions < CLIENTS as usize {
        tokio::task::yield_now().await;
    }
    for _ in 0..ROUNDS {
        let burst = random.random_range(1..30);
        for _ in 0..burst {
            let (topic, _) = TOPICS[random.random_range(0..TOPICS.len())];
            let (_, key) = topic.split_once(':').unwrap();
            let message = RecordMessage {
                record: OwnedRecord::new(format!(
                    "{key}^{}",
                    "x".repeat(random.random_range(0..4000))
                )),
                tr_id: None,
                received: Timestamp::from_unix(1_789_344_000, 0),
            };
            hub.publish(topic, message);
            if random.random_ratio(1, 10) {
                hub.flush();
            }
        }
        writers.flush();
        published.send_modify(|it| it.records += burst);
        // Those who do not pause keep up, more or less.
        for _ in 0..100 {
            tokio::task::yield_now().await;
        }
    }
    published.send_modify(|it| it.finished = true);
}

#[derive(Debug, Default)]
struct Seen {
    records: u64,
    gaps: u64,
    /// Conflated records.
    jumps: u64,
    /// Lossless clients that were disconnected.
    ends: u64,
    recovered: u64,
    unrecovered: u64,
}

impl Seen {
    fn add(&mut self, other: Self) {
        self.records += other.records;
        self.gaps += other.gaps;
        self.jumps += other.jumps;
        self.ends += other.ends;
        self.recovered += other.recovered;
        self.unrecovered += other.unrecovered;
    }

    fn everything(&self) -> bool {
        let Self { records, gaps, jumps, ends, recovered, unrecovered } = self;
        [records, gaps, jumps, ends, recovered, unrecovered].iter().all(|it| **it > 0)
    }
}

/// What a client knows of a topic.
struct Known {
    policy: &'static str,
    epoch: String,
    /// The last record, or the last one it was told to do without.
    seq: u64,
    /// A snapshot that may still come.
    snapshot: bool,
}

type Socket = WebSocketStream<TcpStream>;

/// One client until it has got, or been told of, all that was published.
async fn live(
    address: SocketAddr,
    mut random: StdRng,
    mut published: watch::Receiver<Published>,
) -> Result<Seen, String> {
    let mut seen = Seen::default();
    let mut topics = BTreeMap::new();
    let mut socket = connect(address, &mut random, &mut topics, &mut seen).await?;
    loop {
        let finished = published.borrow().finished;
        if finished {
            return settle(socket, topics, seen, address, &mut random).await;
        }
        match random.random_range(0..40) {
            0 => {
                // Gone without a word, as networks are.
                socket = connect(address, &mut random, &mut topics, &mut seen).await?;
            }
            1 => {
                let until = published.borrow().records + random.random_range(1..2_000);
                let done = |it: &Published| it.finished || it.records >= until;
                published.wait_for(done).await.map_err(|it| it.to_string())?;
            }
            _ => {
                let received = tokio::select! {
                    message = socket.next() => message,
                    _ = published.changed() => continue,
                };
                if !take(received, &mut topics, false, &mut seen)? {
                    socket = connect(address, &mut random, &mut topics, &mut seen).await?;
                }
            }
        }
    }
}

/// Receives what is left. The last number of each topic is asked of the server.
async fn settle(
    mut socket: Socket,
    mut topics: BTreeMap<&'static str, Known>,
    mut seen: Seen,
    address: SocketAddr,
    random: &mut StdRng,
) -> Result<Seen, String> {
    let mut last = BTreeMap::new();
    let mut other = connect(address, random, &mut last, &mut Seen::default()).await?;
    other.close(None).await.map_err(|it| it.to_string())?;
    while topics.iter().any(|(topic, known)| known.seq < last[topic].seq) {
        if !take(socket.next().await, &mut topics, false, &mut seen)? {
            socket = connect(address, random, &mut topics, &mut seen).await?;
        }
    }
    Ok(seen)
}

/// Connects and subscribes to all topics, behind the last record known of each.
async fn connect(
    address: SocketAddr,
    random: &mut StdRng,
    topics: &mut BTreeMap<&'static str, Known>,
    seen: &mut Seen,
) -> Result<Socket, String> {
    loop {
        let socket = TcpSocket::new_v4().map_err(|it| it.to_string())?;
        // The server's side is to run full now and then.
        socket.set_recv_buffer_size(32 * 1024).map_err(|it| it.to_string())?;
        let stream = socket.connect(address).await.map_err(|it| it.to_string())?;
        let connected = tokio_tungstenite::client_async(format!("ws://{address}/ws"), stream).await;
        let (mut socket, _) = connected.map_err(|it| it.to_string())?;
        if subscribe(&mut socket, random, topics, seen).await? {
            return Ok(socket);
        }
    }
}

/// Subscribes to all topics; `false` when the server has ended the connection meanwhile.
async fn subscribe(
    socket: &mut Socket,
    random: &mut StdRng,
    topics: &mut BTreeMap<&'static str, Known>,
    seen: &mut Seen,
) -> Result<bool, String> {
    for (topic, policies) in TOPICS {
        let policy = policies[random.random_range(0..policies.len())];
        let mut request =
            json!({"type": "subscribe", "id": 1, "topics": [topic], "policy": policy});
        if let Some(old) = topics.get(topic) {
            request["resume"] = json!({"epoch": old.epoch, "seq": old.seq});
        }
        let _ = socket.send(Message::text(request.to_string())).await;
        // Records of the topics before may come first.
        let ack = loop {
            let received = socket.next().await;
            if let Some(Ok(Message::Text(text))) = &received {
                let value: Value = serde_json::from_str(text).map_err(|it| it.to_string())?;
                if value["type"] == "subscribed" {
                    break value;
                }
                // It was too slow for the topics before; what ends the connection follows.
                if value["code"] == "disconnected" {
                    continue;
                }
            }
            if !take(received, topics, policy == "lossless", seen)? {
                return Ok(false);
            }
        };
        let recovered = ack["recovered"].as_bool();
        let acknowledged = ack["seq"].as_u64().ok_or("no seq")?;
        seen.recovered += u64::from(recovered == Some(true));
        seen.unrecovered += u64::from(recovered == Some(false));
        let old = topics.get(topic).filter(|_| recovered == Some(true));
        let known = Known {
            policy,
            epoch: ack["epoch"].as_str().ok_or("no epoch")?.to_owned(),
            seq: old.map_or(acknowledged, |it| it.seq),
            snapshot: recovered == Some(false),
        };
        topics.insert(topic, known);
    }
    Ok(true)
}

/// Looks at what came; `false` when the server has ended the connection for good reason.
fn take(
    received: Option<Result<Message, tokio_tungstenite::tungstenite::Error>>,
    topics: &mut BTreeMap<&'static str, Known>,
    lossless: bool,
    seen: &mut Seen,
) -> Result<bool, String> {
    let lossless = lossless || topics.values().any(|it| it.policy == "lossless");
    match received {
        Some(Ok(Message::Text(text))) => {
            let value: Value = serde_json::from_str(&text).map_err(|it| it.to_string())?;
            look(&value, topics, seen).map(|()| true)
        }
        Some(Ok(Message::Ping(_))) => Ok(true),
        Some(Ok(Message::Close(Some(it)))) if lossless && it.code == CloseCode::Policy => {
            seen.ends += 1;
            Ok(false)
        }
        // One that does not read may find the connection cut before the goodbye.
        Some(Err(_)) | None if lossless => {
            seen.ends += 1;
            Ok(false)
        }
        other => Err(format!("{other:?}")),
    }
}

fn look(
    value: &Value,
    topics: &mut BTreeMap<&'static str, Known>,
    seen: &mut Seen,
) -> Result<(), String> {
    let key = value["key"].as_str().ok_or_else(|| format!("no key: {value}"))?;
    let known = topics.get_mut(key).ok_or_else(|| format!("not subscribed: {value}"))?;
    let wrong = |known: &Known, what: &str| {
        let text: String = value.to_string().chars().take(200).collect();
        Err(format!("{what}: {text} after {} ({})", known.seq, known.policy))
    };
    if value["type"] == "gap" {
        if value["from"] != known.seq + 1 || known.policy == "lossless" {
            return wrong(known, "a gap that should not be");
        }
        known.seq = value["to"].as_u64().ok_or("a loss upstream")?;
        seen.gaps += 1;
        return Ok(());
    }
    let seq = value["seq"].as_u64().ok_or_else(|| format!("no record: {value}"))?;
    if std::mem::take(&mut known.snapshot) && seq <= known.seq {
        return Ok(());
    }
    if seq <= known.seq {
        return wrong(known, "late, or twice");
    }
    if seq > known.seq + 1 {
        if known.policy != "conflate" {
            return wrong(known, "lost without a word");
        }
        seen.jumps += 1;
    }
    seen.records += 1;
    known.seq = seq;
    Ok(())
}
