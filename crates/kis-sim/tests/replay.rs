//! Frames: which, to whom, in which order and form.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod client;

use client::{Client, FRAMES, config};
use futures_util::StreamExt;
use kis_protocol::notice::Cipher;
use kis_sim::{Pace, Script, Sim, SimConfig};
use serde_json::Value;
use tokio_tungstenite::tungstenite::{Error, Message};

fn cipher(answer: &Value) -> Cipher {
    let output = &answer["body"]["output"];
    Cipher::new(output["key"].as_str().unwrap(), output["iv"].as_str().unwrap()).unwrap()
}

#[tokio::test]
async fn a_topic_loops_in_recorded_order() {
    let sim = Sim::start(config(FRAMES)).await.unwrap();
    let mut client = Client::connect(&sim).await;
    client.register("H0STCNT0", "005930").await;
    let frames: Vec<&str> = FRAMES.lines().take(2).collect();
    for round in 0..3 {
        for frame in &frames {
            assert_eq!(client.text().await, *frame, "round {round}");
        }
    }
    sim.shutdown().await;
}

#[tokio::test]
async fn only_registered_topics_are_sent() {
    let sim = Sim::start(config(FRAMES)).await.unwrap();
    let mut client = Client::connect(&sim).await;
    client.register("H0STCNT0", "000660").await;
    client.register("H0STCNT0", "no frames").await;
    for _ in 0..5 {
        assert_eq!(client.frame().await, FRAMES.lines().nth(2).unwrap());
    }
    assert_eq!(client.ask("2", "H0STCNT0", "000660").await["body"]["msg_cd"], "OPSP0001");
    // Whatever came after the end of the registration would come before this answer.
    client.send("hello").await;
    assert!(client.text().await.contains("OPSP9999"));
    sim.shutdown().await;
}

#[tokio::test]
async fn notices_are_encrypted_for_their_owner() {
    let sim = Sim::start(config(FRAMES)).await.unwrap();
    let mut client = Client::connect(&sim).await;
    let cipher = cipher(&client.register("H0STCNI0", "myid").await);
    let frame = client.frame().await;
    let parts: Vec<_> = frame.split('|').collect();
    assert_eq!(parts[..3], ["1", "H0STCNI0", "001"]);
    assert_eq!(cipher.decrypt(parts[3]).unwrap(), "myid^12345678^0001");
    sim.shutdown().await;
}

#[tokio::test]
async fn another_symbol_borrows_frames() {
    let sim = Sim::start(SimConfig { rekey: true, ..config(FRAMES) }).await.unwrap();
    let mut client = Client::connect(&sim).await;
    client.register("H0STCNT0", "035720").await;
    assert_eq!(client.text().await, "0|H0STCNT0|001|035720^090000^100");
    assert_eq!(client.text().await, "0|H0STCNT0|002|035720^090000^101^035720^090001^102");
    sim.shutdown().await;

    let overseas = "0|HDFSCNT0|001|DNASAAPL^AAPL^4\n";
    let sim = Sim::start(SimConfig { rekey: true, ..config(overseas) }).await.unwrap();
    let mut client = Client::connect(&sim).await;
    client.register("HDFSCNT0", "DNYSIBM").await;
    assert_eq!(client.text().await, "0|HDFSCNT0|001|DNYSIBM^IBM^4");
    sim.shutdown().await;
}

#[tokio::test]
async fn damaged_frames_are_sent_as_they_are() {
    let frames = b"0|H0STCNT0|001|005930^1\n0|H0STCNT0|004|005930^1^2^3\n0|H0STCNT0\n0|H0STCNT0|001|005930^\xff\xfe\n";
    let script = Script::parse(frames);
    let sim = Sim::start(SimConfig { script, ..config("") }).await.unwrap();
    let mut client = Client::connect(&sim).await;
    client.register("H0STCNT0", "005930").await;
    for expected in ["0|H0STCNT0|001|005930^1", "0|H0STCNT0|004|005930^1^2^3", "0|H0STCNT0"] {
        assert_eq!(client.text().await, expected);
    }
    // A strict client gives up on text that is not UTF-8.
    assert!(matches!(client.next().await, Err(Error::Utf8(_))));
    sim.shutdown().await;
}

#[tokio::test]
async fn streams_the_protocol_does_not_know_are_served_from_a_file() {
    let sim = Sim::start(config("0|H0NEW000|001|key^1\n")).await.unwrap();
    let mut client = Client::connect(&sim).await;
    client.register("H0NEW000", "key").await;
    assert_eq!(client.text().await, "0|H0NEW000|001|key^1");
    sim.shutdown().await;
}

#[tokio::test]
async fn every_stream_shows_data_at_once() {
    let sim = Sim::start(SimConfig::default()).await.unwrap();
    let mut client = Client::connect(&sim).await;
    for tr_id in kis_protocol::TrId::ALL {
        let key = tr_id.example_key();
        let answer = client.register(tr_id.as_str(), key).await;
        assert_eq!(answer["header"]["encrypt"], if tr_id.encrypted() { "Y" } else { "N" });
        let frame = loop {
            let frame = client.frame().await;
            if frame.split('|').nth(1) == Some(tr_id.as_str()) {
                break frame;
            }
        };
        if !tr_id.encrypted() {
            assert!(frame.split('|').nth(3).unwrap().starts_with(key), "{frame}");
        }
        client.ask("2", tr_id.as_str(), key).await;
    }
    sim.shutdown().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn full_speed_waits_for_the_client() {
    let sim = Sim::start(SimConfig { pace: Pace::Max, ..config(FRAMES) }).await.unwrap();
    let mut client = Client::connect(&sim).await;
    client.register("H0STCNT0", "005930").await;
    client.register("H0STCNT0", "000660").await;
    // Two frames by turns, also after the second topic came in.
    let (mut others, mut last) = (0, String::new());
    for _ in 0..20_000 {
        let frame = client.frame().await;
        if frame.contains("|000660^") {
            others += 1;
        } else {
            assert_ne!(frame, last);
            last = frame;
        }
    }
    assert!((1..20_000).contains(&others));
    let sent = sim.state().counters.frames;
    assert!(sent < 1_000_000, "{sent} frames were sent to a client that read some 20,000");
    sim.shutdown().await;
}

#[tokio::test]
async fn the_server_sends_text_only() {
    let sim = Sim::start(config("")).await.unwrap();
    let mut client = Client::connect(&sim).await;
    client.register("H0STCNT0", "005930").await;
    (0..3).for_each(|_| assert_eq!(sim.ping(), 1));
    for _ in 0..3 {
        let text = client.text().await;
        let time = text.strip_prefix(r#"{"header":{"tr_id":"PINGPONG","datetime":""#).unwrap();
        let time = time.strip_suffix(r#""}}"#).unwrap();
        assert!(time.len() == 14 && time.bytes().all(|it| it.is_ascii_digit()), "{text}");
    }
    sim.shutdown().await;
    loop {
        match client.socket.next().await {
            Some(Ok(Message::Text(_))) => {}
            Some(Ok(other)) => panic!("the server sent {other:?}"),
            _ => break,
        }
    }
}
