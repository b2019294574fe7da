//! Attacks, and what they cost: the server's memory, and another client's latency
//! before, during and after. The large ones are run by hand:
//! `cargo test --release --test attacks -- --ignored --nocapture --test-threads=1`.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a test may panic, and these print figures"
)]

mod support;

use std::{
    sync::atomic::{AtomicU64, Ordering::Relaxed},
    time::{Duration, Instant},
};

use kis_sim::{Pace, Script, Sim, SimConfig};
use serde_json::json;
use support::*;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpSocket, TcpStream},
    task::JoinSet,
    time::{interval, sleep, timeout},
};

const NAV: &str = "0|H0STNAV0|001|069500^37235.46^5^-381.26^-1.01^37646.25^37646.25^37202.10";
const HANDSHAKE: &str = "GET /ws HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\n\
    Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
    Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

/// How much memory the server may need for any of the attacks, in KiB.
const MEMORY_MAX: u64 = 512 * 1024;

/// An attack's size.
#[derive(Clone, Copy)]
struct Size {
    connections: usize,
    /// How many answers the other client waits for in each phase.
    samples: usize,
}

const SMALL: Size = Size { connections: 50, samples: 20 };

/// A client that does nothing wrong, and measures.
struct Witness {
    client: Client,
    process: u32,
    name: &'static str,
}

impl Witness {
    async fn new(server: &Server, name: &'static str) -> Self {
        let mut client = server.client().await;
        client.subscribe("H0STNAV0", "069500").await;
        client.record("H0STNAV0:069500").await;
        Self { client, process: server.process(), name }
    }

    /// Sends pings, a hundred in a second at most, and waits for each answer.
    async fn observe(&mut self, phase: &str, samples: usize) {
        let mut pause = interval(Duration::from_millis(10));
        let mut latencies = Vec::with_capacity(samples);
        for _ in 0..samples {
            pause.tick().await;
            let sent = Instant::now();
            self.client.send(json!({"type": "ping"})).await;
            self.client.find(|it| it["type"] == "pong").await;
            latencies.push(sent.elapsed());
        }
        // Market data goes on as well.
        self.client.record("H0STNAV0:069500").await;
        latencies.sort_unstable();
        let at = |share: usize| latencies[(samples * share / 100).min(samples - 1)];
        let memory = self.memory();
        println!(
            "{:<14} {phase:<7} rss {:>7} KiB, answer p50 {:>8.0?} p99 {:>8.0?} max {:>8.0?}",
            self.name,
            memory,
            at(50),
            at(99),
            at(100)
        );
        assert!(memory < MEMORY_MAX, "the server needs {memory} KiB");
    }

    /// What of the server is in memory, in KiB.
    fn memory(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.process)).unwrap();
        let line = status.lines().find_map(|it| it.strip_prefix("VmRSS:")).unwrap();
        line.trim().trim_end_matches(" kB").parse().unwrap()
    }
}

/// Runs an attack: before, during, after.
async fn attack<F: Future<Output = ()> + Send + 'static>(
    name: &'static str,
    size: Size,
    sim: &Sim,
    settings: &[(&'static str, &str)],
    mut attacker: impl FnMut(std::net::SocketAddr, usize) -> F,
    under_way: impl AsyncFn(&Server),
) {
    let _ = rlimit::increase_nofile_limit(u64::MAX);
    let server = Server::start(sim, settings);
    let mut witness = Witness::new(&server, name).await;
    witness.observe("before", size.samples).await;
    let mut attackers = JoinSet::new();
    for number in 0..size.connections {
        attackers.spawn(attacker(server.address, number));
    }
    under_way(&server).await;
    witness.observe("during", size.samples).await;
    attackers.shutdown().await;
    eventually("the attackers are gone", async || server.health().await["clients"] == 1).await;
    witness.observe("after", size.samples).await;
}

/// A handshake that takes little of the attacker's memory.
async fn connect(address: std::net::SocketAddr) -> std::io::Result<TcpStream> {
    let socket = TcpSocket::new_v4()?;
    socket.set_recv_buffer_size(4096)?;
    let mut stream = socket.connect(address).await?;
    stream.write_all(HANDSHAKE.as_bytes()).await?;
    let mut answer = [0; 4096];
    let mut count = 0;
    while !answer[..count].ends_with(b"\r\n\r\n") {
        match stream.read(&mut answer[count..]).await? {
            0 => return Err(std::io::ErrorKind::UnexpectedEof.into()),
            read => count += read,
        }
    }
    Ok(stream)
}

/// How many connections the server has.
async fn connections(server: &Server) -> usize {
    let metrics = reqwest::get(format!("http://{}/metrics", server.address)).await.unwrap();
    let text = metrics.text().await.unwrap();
    let line = text.lines().find_map(|it| it.strip_prefix("relay_connections "));
    line.unwrap().parse().unwrap()
}

/// A client's text frame, masked with zeros.
fn frame(opcode: u8, text: &str) -> Vec<u8> {
    let mut frame = vec![0x80 | opcode];
    match u8::try_from(text.len()) {
        Ok(length @ 0..126) => frame.push(0x80 | length),
        _ => {
            frame.push(0x80 | 126);
            frame.extend_from_slice(&u16::try_from(text.len()).unwrap().to_be_bytes());
        }
    }
    frame.extend_from_slice(&[0; 4]);
    frame.extend_from_slice(text.as_bytes());
    frame
}

async fn sim_at(pace: Duration) -> Sim {
    start_sim(SimConfig {
        script: Script::parse(NAV.as_bytes()),
        pace: Pace::Fixed(pace),
        rekey: false,
        ..quick()
    })
    .await
}

/// Heads of requests that come byte by byte.
async fn slowloris(size: Size) {
    let attacker = |address, _| async move {
        loop {
            let Ok(mut stream) = TcpStream::connect(address).await else { continue };
            let _ = stream.write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\n").await;
            while stream.write_all(b"X-A: b\r\n").await.is_ok() {
                sleep(Duration::from_millis(100)).await;
            }
        }
    };
    let sim = sim_at(Duration::from_millis(5)).await;
    attack("slowloris", size, &sim, &[], attacker, async |server| {
        eventually("the attackers are in place", async || {
            connections(server).await >= size.connections
        })
        .await;
    })
    .await;
}

/// Subscribing and unsubscribing as fast as the server takes it, over and over.
async fn flood(size: Size) {
    static SENT: AtomicU64 = AtomicU64::new(0);
    let attacker = |address, number: usize| async move {
        let topics: Vec<String> = (0..100).map(|it| format!("H0STNAV0:{number}x{it}")).collect();
        let on = frame(1, &json!({"type": "subscribe", "topics": topics}).to_string());
        let off = frame(1, &json!({"type": "unsubscribe", "topics": topics}).to_string());
        let both = [on, off].concat();
        loop {
            let Ok(mut stream) = connect(address).await else { continue };
            // Its answers are never read.
            while let Ok(Ok(())) = timeout(Duration::from_secs(1), stream.write_all(&both)).await {
                SENT.fetch_add(2, Relaxed);
            }
        }
    };
    let sim = sim_at(Duration::from_millis(5)).await;
    attack("flood", size, &sim, &[], attacker, async |_| {
        let sent = async {
            while SENT.load(Relaxed) < 1_000 {
                sleep(Duration::from_millis(10)).await;
            }
        };
        timeout(PATIENCE, sent).await.expect("the flood does not begin");
    })
    .await;
}

/// Clients that subscribe, go on to send pings of both kinds, and never read.
async fn never_reading(size: Size) {
    let attacker = |address, _| async move {
        let subscribe =
            frame(1, &json!({"type": "subscribe", "topics": ["H0STNAV0:069500"]}).to_string());
        let pings = [frame(9, "x"), frame(1, r#"{"type":"ping"}"#)].concat();
        loop {
            let Ok(mut stream) = connect(address).await else { continue };
            let _ = stream.write_all(&subscribe).await;
            while stream.write_all(&pings).await.is_ok() {
                sleep(Duration::from_millis(20)).await;
            }
        }
    };
    let sim = sim_at(Duration::from_millis(1)).await;
    attack("never reading", size, &sim, &[], attacker, async |server| {
        eventually("all are subscribed", async || {
            server.health().await["clients"].as_u64() > Some(size.connections as u64)
        })
        .await;
    })
    .await;
}

/// Websockets that say nothing.
async fn idle(size: Size) {
    let attacker = |address, _| async move {
        let stream = connect(address).await;
        std::future::pending::<()>().await;
        drop(stream);
    };
    let sim = sim_at(Duration::from_millis(5)).await;
    let max = (size.connections + 100).to_string();
    attack("idle", size, &sim, &[("RELAY__CLIENTS_MAX", &max)], attacker, async |server| {
        eventually("all are connected", async || {
            server.health().await["clients"].as_u64() > Some(size.connections as u64)
        })
        .await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn small_slowloris() {
    slowloris(SMALL).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn small_flood() {
    // Each costs the server much more than it costs the attacker.
    flood(Size { connections: 4, samples: 10 }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn small_never_reading() {
    never_reading(SMALL).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn small_idle() {
    idle(SMALL).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "large: run by hand"]
async fn large_slowloris() {
    slowloris(Size { connections: 2_000, samples: 500 }).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "large: run by hand"]
async fn large_flood() {
    flood(Size { connections: 50, samples: 500 }).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "large: run by hand"]
async fn large_never_reading() {
    never_reading(Size { connections: 500, samples: 1_000 }).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "large: run by hand"]
async fn large_idle() {
    idle(Size { connections: 10_000, samples: 500 }).await;
}
