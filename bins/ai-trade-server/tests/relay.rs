//! From recorded frames to websocket clients: nothing added, nothing lost.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

mod support;

use std::collections::BTreeMap;

use kis_sim::SimConfig;
use serde_json::json;
use support::*;

const TRADE: &str = "0|H0STCNT0|001|005930^140610^277750^2^3750^1.37^280395.69^283000^283500^276500^278000^277500^5^11955000^3352130122500^83251^86830^3579^120.39^5217059^6280658^5^0.53^53.70^090023^5^-5250^090048^5^-5750^135824^2^1250^20260922^20^N^47588^70626^794823^496479^0.20^17123443^69.82^0^^283000^2";

/// Every frame that can be split, of recorded streams and derived ones, as
/// (tr_id, columns of each record).
fn fixtures() -> Vec<(String, String, Vec<Vec<String>>)> {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures");
    let mut frames = Vec::new();
    for folder in ["frames", "derived"] {
        for entry in std::fs::read_dir(root.join(folder)).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_none_or(|it| it != "jsonl") {
                continue;
            }
            for line in std::fs::read_to_string(path).unwrap().lines() {
                let line: serde_json::Value = serde_json::from_str(line).unwrap();
                let raw = line["raw"].as_str().unwrap();
                let parts: Vec<&str> = raw.splitn(4, '|').collect();
                let columns: Vec<String> = parts[3].split('^').map(str::to_owned).collect();
                let count: usize = parts[2].parse().unwrap();
                let whole = parts[0] == "0" && columns.len().is_multiple_of(count);
                if whole && columns.len() / count < 100 {
                    let width = columns.len() / count;
                    let records = columns.chunks(width).map(<[String]>::to_vec).collect();
                    frames.push((raw.to_owned(), parts[1].to_owned(), records));
                }
            }
        }
    }
    frames
}

/// Every column of every record arrives as an independent split has it, in the
/// original's form, encrypted notices included.
#[tokio::test(flavor = "multi_thread")]
async fn every_recorded_frame_arrives_column_by_column() {
    let fixtures = fixtures();
    let mut expected: BTreeMap<String, Vec<Vec<String>>> = BTreeMap::new();
    for (_, tr_id, records) in &fixtures {
        for record in records {
            expected.entry(format!("{tr_id}:{}", record[0])).or_default().push(record.clone());
        }
    }
    assert!(expected.len() > 60, "only {} topics", expected.len());
    let frames: Vec<&str> = fixtures.iter().map(|it| it.0.as_str()).collect();
    let sim = start_sim(SimConfig {
        script: kis_sim::Script::parse(frames.join("\n").as_bytes()),
        rekey: false,
        registrations_max: 500,
        // One client takes all of it, in a test's build.
        pace: kis_sim::Pace::Fixed(std::time::Duration::from_millis(25)),
        ..quick()
    })
    .await;
    let server = Server::start(&sim, &[("KIS__TOPICS_MAX", "500")]);
    let mut client = server.client().await;
    for key in expected.keys() {
        let (tr_id, tr_key) = key.split_once(':').unwrap();
        client.subscribe(tr_id, tr_key).await;
    }
    // The simulator repeats its frames, so every record comes sooner or later;
    // each is crossed off once.
    let mut missing = expected.clone();
    while !missing.is_empty() {
        let text = client.text().await;
        let message: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_ne!(message["type"], "error", "{text}");
        let key = message["key"].as_str().unwrap();
        let (_, rest) = text.split_once(r#","data":"#).unwrap();
        let (data, _) = rest.rsplit_once(r#","seq":"#).unwrap();
        let values: Vec<String> = values_in_order(data).into_iter().map(|it| it.1).collect();
        // The key of a notice is the account's: the simulator puts it in place.
        assert!(expected[key].contains(&values), "{key}: {values:?} was never recorded");
        if let Some(records) = missing.get_mut(key) {
            records.retain(|it| *it != values);
            if records.is_empty() {
                missing.remove(key);
            }
        }
    }
    assert_eq!(server.health().await["counters"]["bad_frames"], 0);
}

/// Two hundred clients cost KIS one registration a topic, and one release when
/// all have left and lingered.
#[tokio::test(flavor = "multi_thread")]
async fn a_topic_is_registered_once_however_many_want_it() {
    let sim = sim(TRADE).await;
    let server = Server::start(&sim, &[("RELAY__LINGER_MS", "100")]);
    let keys: Vec<String> = (0..20).map(|it| format!("{:06}", 5930 + it)).collect();
    let mut clients = Vec::new();
    for number in 0..200 {
        let mut client = server.client().await;
        for offset in 0..5 {
            client.subscribe("H0STCNT0", &keys[(number + offset * 3) % keys.len()]).await;
        }
        // The answer shows that all five were seen.
        client.send(json!({"type": "list", "id": 1})).await;
        let list = client.find(|it| it["type"] == "list").await;
        assert_eq!(list["topics"].as_array().unwrap().len(), 5);
        clients.push(client);
    }
    let state = wait_until(&sim, |it| it.topics.len() == keys.len()).await;
    assert!(state.topics.values().all(|it| it.registered == 1), "{:?}", state.topics);
    assert_eq!((state.counters.releases, state.counters.duplicates), (0, 0));
    drop(clients);
    let all = keys.len() as u64;
    let state = wait_until(&sim, |it| it.counters.releases == all).await;
    let once = |it: &kis_sim::TopicCounters| (it.registered, it.released) == (1, 1);
    assert!(state.topics.values().all(once), "{:?}", state.topics);
    // A topic that is wanted again is registered again.
    let mut client = server.client().await;
    client.subscribe("H0STCNT0", &keys[0]).await;
    wait_until(&sim, |it| it.counters.registrations == all + 1).await;
}

/// Two clients of one topic see the same records with the same numbers.
#[tokio::test(flavor = "multi_thread")]
async fn records_are_numbered_alike_for_all() {
    let sim = sim(TRADE).await;
    let server = Server::start(&sim, &[]);
    let (mut first, mut second) = (server.client().await, server.client().await);
    first.subscribe("H0STCNT0", "005930").await;
    second.subscribe("H0STCNT0", "005930").await;
    let start = second.record("H0STCNT0:005930").await["seq"].as_u64().unwrap();
    for seq in start + 1..start + 20 {
        assert_eq!(second.record("H0STCNT0:005930").await["seq"], seq);
        let same = first.find(|it| it["seq"] == seq).await;
        assert_eq!(same["data"]["stck_prpr"], "277750");
        assert_eq!(same["data"]["market_cls_code"], "2");
    }
}

/// Formats, snapshot, list, ping, unsubscribe and resuming.
#[tokio::test(flavor = "multi_thread")]
async fn the_extended_protocol() {
    let sim = sim(TRADE).await;
    let server = Server::start(&sim, &[]);
    let mut client = server.client().await;
    let topic = "H0STCNT0:005930";
    client.send(json!({"type": "subscribe", "id": "a", "topics": [topic]})).await;
    let ack = client.next().await;
    assert_eq!(
        (&ack["type"], &ack["id"], &ack["key"]),
        (&json!("subscribed"), &json!("a"), &json!(topic))
    );
    assert_eq!((&ack["state"], &ack["format"]), (&json!("pending"), &json!("fields")));
    client.find(|it| it["type"] == "live" && it["key"] == topic).await;
    let record = client.record(topic).await;

    // Another client resumes where this one is, without a hole.
    let mut other = server.client().await;
    let position = json!({"epoch": ack["epoch"], "seq": record["seq"]});
    other.send(json!({"type": "subscribe", "id": 1, "topics": [topic], "resume": position})).await;
    assert_eq!(other.next().await["recovered"], true);
    assert_eq!(other.record(topic).await["seq"], record["seq"].as_u64().unwrap() + 1);
    let position = json!({"epoch": "0", "seq": 1});
    other.send(json!({"type": "unsubscribe", "id": 2, "topics": [topic]})).await;
    other.find(|it| it["type"] == "unsubscribed" && it["id"] == 2).await;
    other.send(json!({"type": "subscribe", "id": 3, "topics": [topic], "resume": position})).await;
    assert_eq!(other.find(|it| it["type"] == "subscribed").await["recovered"], false);
    other.record(topic).await;

    let mut raw = server.client().await;
    raw.send(json!({"type": "subscribe", "tr_id": "H0STCNT0", "tr_key": "005930", "format": "raw", "snapshot": true})).await;
    assert_eq!(raw.text().await, TRADE);

    let mut normalized = server.client().await;
    let request = json!({"type": "subscribe", "id": 1, "topics": [topic], "format": "normalized"});
    normalized.send(request).await;
    let trade = normalized.record(topic).await;
    assert_eq!(
        (&trade["data"]["type"], &trade["data"]["price"]),
        (&json!("trade"), &json!("277750"))
    );
    assert_eq!(trade["data"]["currency"], "KRW");
    assert_eq!(trade["data"]["time"], "2026-09-22T14:06:10+09:00");

    client.send(json!({"type": "ping", "id": 7})).await;
    client.find(|it| it["type"] == "pong" && it["id"] == 7).await;
    client.send(json!({"type": "list"})).await;
    let list = client.find(|it| it["type"] == "list").await;
    assert_eq!(list["topics"], json!([{"key": topic, "format": "fields"}]));
    client.send(json!({"type": "unsubscribe", "topics": [topic]})).await;
    client.send(json!({"type": "list"})).await;
    assert_eq!(client.find(|it| it["type"] == "list").await["topics"], json!([]));
}

/// A client that speaks the original protocol hears nothing it does not know.
#[tokio::test(flavor = "multi_thread")]
async fn an_original_client_gets_records_only() {
    let sim = sim(TRADE).await;
    let server = Server::start(&sim, &[]);
    let mut client = server.client().await;
    client.subscribe("H0STCNT0", "005930").await;
    for _ in 0..50 {
        let message = client.next().await;
        assert_eq!(message["key"], "H0STCNT0:005930");
        assert_eq!(message["data"].as_object().unwrap().len(), 47);
    }
}

/// A session holds 41 topics; one that lingers gives way to one that is wanted.
#[tokio::test(flavor = "multi_thread")]
async fn what_lingers_gives_way() {
    let sim = sim(TRADE).await;
    let server = Server::start(&sim, &[]);
    let mut first = server.client().await;
    for number in 0..41 {
        first.subscribe("H0STCNT0", &format!("{number:06}")).await;
    }
    wait_until(&sim, |it| it.counters.registrations == 41).await;
    drop(first);
    let mut second = server.client().await;
    for number in 100..120 {
        second.subscribe("H0STCNT0", &format!("{number:06}")).await;
    }
    let state = wait_until(&sim, |it| it.counters.registrations == 61).await;
    assert_eq!((state.counters.releases, state.counters.refused), (20, 0));
}

/// Every stream's columns can be asked for.
#[tokio::test(flavor = "multi_thread")]
async fn the_schema() {
    let sim = sim(TRADE).await;
    let server = Server::start(&sim, &[]);
    let get = async |path: &str| {
        let response = reqwest::get(format!("http://{}{path}", server.address)).await.unwrap();
        let status = response.status().as_u16();
        let body: serde_json::Value =
            serde_json::from_str(&response.text().await.unwrap()).unwrap();
        (status, body)
    };
    let (status, all) = get("/v1/schema").await;
    assert_eq!((status, all.as_array().unwrap().len()), (200, 63));
    let (_, trade) = get("/v1/schema/H0STCNT0").await;
    let last = trade["columns"].as_array().unwrap().last().unwrap();
    assert_eq!((&last["name"], &last["since"]), (&json!("market_cls_code"), &json!("2026-09-14")));
    assert_eq!(get("/v1/schema/NOPE").await.0, 404);
}
