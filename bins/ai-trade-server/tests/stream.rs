//! Server-sent events over real sockets: nothing lost, and everything lost is announced.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

mod support;

use kis_sim::{Pace, Refusal, SimConfig};
use serde_json::{Value, json};
use support::*;
use tokio::time::timeout;

const FRAMES: &str = "0|H0STNAV0|001|069500^37235.46^5^-381.26^-1.01^37646.25^37646.25^37202.10
0|H0STNAV0|001|102110^47235.46^5^-381.26^-1.01^37646.25^37646.25^37202.10";
const TOPICS: &str = "H0STNAV0:069500,H0STNAV0:102110";

/// A client, as browsers are ones.
struct Events {
    response: reqwest::Response,
    text: Vec<u8>,
}

#[derive(Debug, Default)]
struct Event {
    name: String,
    id: String,
    data: String,
}

impl Event {
    fn json(&self) -> Value {
        serde_json::from_str(&self.data).unwrap()
    }

    fn is_record(&self) -> bool {
        self.name.is_empty() && !self.data.is_empty()
    }
}

impl Events {
    async fn open(server: &Server, query: &str, last: Option<&str>) -> Self {
        let url = format!("http://{}/v1/stream?{query}", server.address);
        let mut request = reqwest::Client::new().get(url);
        if let Some(last) = last {
            request = request.header("last-event-id", last);
        }
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        Self { response, text: Vec::new() }
    }

    /// The next event; none at the end.
    async fn next(&mut self) -> Option<Event> {
        loop {
            if let Some(end) = self.text.windows(2).position(|it| it == b"\n\n") {
                let rest = self.text.split_off(end + 2);
                let text = String::from_utf8(std::mem::replace(&mut self.text, rest)).unwrap();
                let mut event = Event::default();
                for line in text.lines() {
                    match line.split_once(": ") {
                        Some(("event", name)) => event.name = name.to_owned(),
                        Some(("id", id)) => event.id = id.to_owned(),
                        Some(("data", data)) => event.data += data,
                        _ => {}
                    }
                }
                return Some(event);
            }
            let chunk = timeout(PATIENCE, self.response.chunk()).await.expect("nothing came");
            self.text.extend_from_slice(&chunk.unwrap()?);
        }
    }

    async fn find(&mut self, wanted: impl Fn(&Event) -> bool) -> Event {
        loop {
            let event = self.next().await.expect("the stream ended");
            if wanted(&event) {
                return event;
            }
        }
    }

    async fn named(&mut self, name: &str) -> Event {
        self.find(|it| it.name == name).await
    }
}

/// Leaves in the middle, comes back with the last id, and misses nothing of any topic.
#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_comes_back_goes_on_where_it_was() {
    let sim = sim(FRAMES).await;
    let server = Server::start(&sim, &[("RELAY__RING", "100000")]);
    let mut seen = std::collections::BTreeMap::new();
    let mut last: Option<String> = None;
    for visit in 0..4 {
        let query = format!("topics={TOPICS}");
        let mut events = Events::open(&server, &query, last.as_deref()).await;
        for _ in 0..2 {
            let subscribed = events.named("subscribed").await.json();
            let recovered = (visit > 0).then_some(true);
            assert_eq!(subscribed["recovered"].as_bool(), recovered, "{subscribed}");
        }
        let mut here = std::collections::BTreeSet::new();
        let mut records = 0;
        // However many of one topic come before the other's.
        while records < visit * 3 + 5 || here.len() < 2 {
            records += 1;
            let event = events.find(Event::is_record).await;
            let record = event.json();
            let (key, seq) = (record["key"].to_string(), record["seq"].as_u64().unwrap());
            here.insert(key.clone());
            let before = seen.insert(key, seq);
            assert_eq!(seq, before.map_or(seq, |it| it + 1), "visit {visit}: {record}");
            last = Some(event.id);
        }
    }
    // With other topics, the id says nothing.
    let query = "topics=H0STNAV0:102110,H0STNAV0:069500";
    let mut events = Events::open(&server, query, last.as_deref()).await;
    for _ in 0..2 {
        assert_eq!(events.named("subscribed").await.json()["recovered"], false);
    }
    let mut events = Events::open(&server, query, Some("nonsense")).await;
    assert_eq!(events.named("subscribed").await.json()["recovered"], false);
}

#[tokio::test(flavor = "multi_thread")]
async fn formats_and_snapshots() {
    let sim = sim(FRAMES).await;
    let server = Server::start(&sim, &[]);
    let query = format!("topics={TOPICS}&format=raw");
    let mut events = Events::open(&server, &query, None).await;
    let record = events.find(Event::is_record).await;
    assert!(FRAMES.lines().any(|it| it == record.data), "{record:?}");
    sim.stall();
    let query = format!("topics={TOPICS}&format=normalized&snapshot=true");
    let mut events = Events::open(&server, &query, None).await;
    let record = events.find(Event::is_record).await.json();
    assert_eq!(record["data"]["type"], "nav", "{record}");
}

#[tokio::test(flavor = "multi_thread")]
async fn losses_and_refusals_are_told() {
    let sim = sim(FRAMES).await;
    let server = Server::start(&sim, &[("KIS__RECONNECT_MIN_MS", "10")]);
    let mut events = Events::open(&server, "topics=H0STNAV0:069500", None).await;
    events.find(Event::is_record).await;
    sim.drop_connections();
    let gap = events.named("gap").await.json();
    assert_eq!((&gap["key"], &gap["reason"]), (&json!("H0STNAV0:069500"), &json!("upstream")));
    events.named("live").await;
    events.find(Event::is_record).await;

    sim.refuse_next(
        1,
        Refusal {
            tr_id: None,
            rt_cd: "1".to_owned(),
            msg_cd: "OPSP0009".to_owned(),
            msg1: "SUBSCRIBE ERROR : mci send failed".to_owned(),
        },
    );
    let mut events = Events::open(&server, "topics=H0STNAV0:102110", None).await;
    let refused = events.named("refused").await.json();
    assert_eq!(refused["code"], "OPSP0009", "{refused}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_stream_ends_with_the_server() {
    let sim = sim(FRAMES).await;
    let server = Server::start(&sim, &[]);
    let mut events = Events::open(&server, &format!("topics={TOPICS}"), None).await;
    events.find(Event::is_record).await;
    server.interrupt();
    let closed = events.named("closed").await.json();
    assert!(closed["reason"].as_str().unwrap().contains("shutting down"), "{closed}");
    assert!(events.next().await.is_none());
    assert!(server.ended().await);
}

/// What waits for a client that does not read is bounded; the others do not notice.
#[tokio::test(flavor = "multi_thread")]
async fn a_slow_reader_is_bounded() {
    let script = kis_sim::Script::parse(FRAMES.as_bytes());
    let config = SimConfig { script, rekey: false, pace: Pace::Max, ..quick() };
    let sim = start_sim(config).await;
    let server = Server::start(&sim, &[("RELAY__CLIENT_BYTES", "65536")]);
    let mut slow = Events::open(&server, &format!("topics={TOPICS}&policy=lossless"), None).await;
    slow.named("subscribed").await;
    let mut fast = Events::open(&server, "topics=H0STNAV0:069500&policy=skip", None).await;
    eventually("the slow one is given up", async || {
        fast.find(Event::is_record).await;
        let url = format!("http://{}/metrics", server.address);
        let text = reqwest::get(url).await.unwrap().text().await.unwrap();
        text.contains(r#"relay_clients_dropped_total{reason="slow"} 1"#)
    })
    .await;
    let closed = slow.named("closed").await.json();
    assert!(closed["reason"].as_str().unwrap().contains("too slow"), "{closed}");
    assert!(slow.next().await.is_none());
    fast.find(Event::is_record).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_streamed() {
    let sim = sim(FRAMES).await;
    let server = Server::start(&sim, &[("RELAY__CLIENT_TOPICS_MAX", "2")]);
    for (query, status) in [
        ("", 400),
        ("topics=", 400),
        ("topics=NOPE:1", 400),
        ("topics=H0STNAV0:069500&format=xml", 400),
        ("topics=H0STCNT0:005930&policy=conflate", 400),
        ("topics=H0STNAV0:069500&other=1", 400),
        ("topics=H0STNAV0:1,H0STNAV0:2,H0STNAV0:3", 429),
    ] {
        let url = format!("http://{}/v1/stream?{query}", server.address);
        let response = reqwest::get(url).await.unwrap();
        assert_eq!(response.status(), status, "{query}");
        assert_eq!(response.headers()["content-type"], "application/problem+json");
    }
    // What was refused holds nothing.
    eventually("nobody is subscribed", async || {
        let url = format!("http://{}/v1/status", server.address);
        let text = reqwest::get(url).await.unwrap().text().await.unwrap();
        serde_json::from_str::<Value>(&text).unwrap()["clients"]["subscribers"] == 0
    })
    .await;
}
