//! What clients notice when KIS has a bad day: as little as possible, and never
//! a loss that is not announced.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

mod support;

use kis_protocol::Topic;
use kis_sim::{Hold, Oddity, Refusal};
use serde_json::json;
use support::*;

const NAV: &str = "0|H0STNAV0|001|069500^37235.46^5^-381.26^-1.01^37646.25^37646.25^37202.10\n0|H0STNAV0|002|102110^1^5^-1^-1.01^1^1^1^102110^2^5^-1^-1.01^2^2^2";
const FIRST: &str = "H0STNAV0:069500";
const SECOND: &str = "H0STNAV0:102110";

/// Ten losses of the session: clients stay, are told, and get data again.
#[tokio::test(flavor = "multi_thread")]
async fn ten_drops() {
    let sim = sim(NAV).await;
    let server = Server::start(&sim, &[("KIS__RECONNECT_MIN_MS", "10")]);
    let mut clients = Vec::new();
    for _ in 0..3 {
        let mut client = server.client().await;
        client.subscribe("H0STNAV0", "069500").await;
        client.subscribe("H0STNAV0", "102110").await;
        clients.push(client);
    }
    for round in 1..=10 {
        for client in &mut clients {
            client.record(FIRST).await;
            client.record(SECOND).await;
        }
        wait_until(&sim, |it| it.sessions.len() == 1 && it.sessions[0].registrations.len() == 2)
            .await;
        assert_eq!(sim.drop_connections(), 1);
        for client in &mut clients {
            let gap = client.find(|it| it["type"] == "gap").await;
            assert_eq!((&gap["reason"], &gap["to"]), (&json!("upstream"), &json!(null)), "{round}");
            let other = if gap["key"] == FIRST { SECOND } else { FIRST };
            client.find(|it| it["type"] == "gap" && it["key"] == other).await;
        }
    }
    for client in &mut clients {
        client.record(FIRST).await;
        client.record(SECOND).await;
    }
    let state = sim.state();
    assert_eq!(state.sessions.len(), 1);
    assert_eq!(state.sessions[0].registrations.len(), 2);
    assert_eq!((state.counters.registrations, state.counters.duplicates), (22, 0));
    assert_eq!(state.counters.connects, 11);
}

/// Frames that cannot be read are skipped and counted; nobody notices.
#[tokio::test(flavor = "multi_thread")]
async fn odd_frames() {
    let sim = sim(NAV).await;
    let server = Server::start(&sim, &[]);
    let mut client = server.client().await;
    client.subscribe("H0STNAV0", "069500").await;
    client.record(FIRST).await;
    let topic = Topic::new("H0STNAV0", "069500");
    let odd = [
        "",
        "x",
        "0|",
        "0|H0STNAV0|001",
        "0|H0STNAV0|000|069500^1",
        "0|H0STNAV0|003|069500^1^2^3^4^5^6^7",
        "0|H0STNAV0|001|069500^1^2^3^4^5^6^7^069500^1^2^3^4^5^6^7",
        "0|H0XXXXX0|001|069500^1^2",
        "1|H0STCNI0|001|bm90IG91cnM=",
        "{",
        "{}",
        r#"{"header":{"tr_id":"(null)","tr_key":"","encrypt":"N"},"body":{"rt_cd":"9","msg_cd":"OPSP9999","msg1":"JSON PARSING ERROR : invalid json format"}}"#,
    ];
    for text in odd {
        assert_eq!(sim.push_to_all(text), 1);
    }
    for oddity in [Oddity::Malformed, Oddity::Truncated, Oddity::UnknownTrId] {
        assert_eq!(sim.inject(oddity, Some(&topic), 3), 1);
    }
    sim.inject(Oddity::InvalidUtf8, Some(&topic), 1);
    let broken = client
        .find(|it| it["data"]["lprc_nav"].as_str().is_some_and(|it| it.contains('\u{fffd}')))
        .await;
    assert_eq!(broken["data"]["nav"], "37235.46");
    sim.inject(Oddity::Widened(2), Some(&topic), 1);
    let wide = client.find(|it| it["data"]["column_9"].is_string()).await;
    assert_eq!(wide["data"]["column_10"], "new2");
    client.record(FIRST).await;
    let health = server.health().await;
    // Seven of those written out, and the malformed and the truncated ones.
    assert!(health["counters"]["bad_frames"].as_u64().unwrap() >= 9, "{health}");
    assert_eq!(health["counters"]["losses"], 0, "{health}");
    assert_eq!(sim.state().counters.connects, 1);
}

/// KIS' refusal reaches the one who asked, with KIS' code.
#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_reaches_who_asked() {
    let sim = sim(NAV).await;
    let server = Server::start(&sim, &[]);
    let (mut asks, mut other) = (server.client().await, server.client().await);
    other.subscribe("H0STNAV0", "069500").await;
    other.record(FIRST).await;
    sim.refuse_next(
        1,
        Refusal {
            tr_id: Some("HDFFF020".to_owned()),
            rt_cd: "9".to_owned(),
            msg_cd: "OPSP0009".to_owned(),
            msg1: "SUBSCRIBE ERROR : mci send failed".to_owned(),
        },
    );
    asks.subscribe("HDFFF020", "ESZ26").await;
    let error = asks.error("OPSP0009").await;
    assert_eq!(error["key"], "HDFFF020:ESZ26");
    assert!(error["message"].as_str().unwrap().contains("mci send failed"));
    // Asking again is allowed.
    asks.send(json!({"type": "subscribe", "id": 1, "topics": ["HDFFF020:ESZ26"]})).await;
    asks.find(|it| it["type"] == "live").await;
    for _ in 0..20 {
        assert_eq!(other.next().await["key"], FIRST);
    }
}

/// The 42nd topic is refused to the one who asked for it; the others go on.
#[tokio::test(flavor = "multi_thread")]
async fn the_forty_second_topic() {
    let sim = sim(NAV).await;
    let server = Server::start(&sim, &[]);
    let mut first = server.client().await;
    first.subscribe("H0STNAV0", "069500").await;
    for number in 0..40 {
        first.subscribe("H0STNAV0", &format!("{number:06}")).await;
    }
    wait_until(&sim, |it| it.counters.registrations == 41).await;
    let mut second = server.client().await;
    second.subscribe("H0STNAV0", "999999").await;
    let error = second.error("OPSP0008").await;
    assert_eq!(error["key"], "H0STNAV0:999999");
    first.record(FIRST).await;
    // One leaves for good, so there is room.
    first.send(json!({"type": "unsubscribe", "topics": ["H0STNAV0:000001"]})).await;
    first.send(json!({"type": "list", "id": 1})).await;
    first.find(|it| it["type"] == "list").await;
    second.subscribe("H0STNAV0", "069500").await;
    second.record(FIRST).await;
    second.send(json!({"type": "subscribe", "id": 1, "topics": ["H0STNAV0:999999"]})).await;
    second.find(|it| it["type"] == "live" && it["key"] == "H0STNAV0:999999").await;
    assert_eq!(sim.state().counters.refused, 0, "KIS was never asked for too much");
}

/// The slot of a lost session is still held: the server waits, clients stay.
#[tokio::test(flavor = "multi_thread")]
async fn a_held_slot() {
    let sim = sim(NAV).await;
    let server = Server::start(&sim, &[]);
    let mut client = server.client().await;
    client.subscribe("H0STNAV0", "069500").await;
    client.record(FIRST).await;
    sim.hold_slots(Hold::UntilReleased);
    sim.drop_connections();
    client.find(|it| it["type"] == "gap").await;
    // The second session is refused with OPSP8996 and dropped.
    wait_until(&sim, |it| it.counters.refused == 1 && it.sessions.is_empty()).await;
    client.send(json!({"type": "ping"})).await;
    client.find(|it| it["type"] == "pong").await;
    assert_eq!(server.health().await["status"], "ok");
}
