//! PINGPONG: every way of answering it, and what not answering costs.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod client;

use std::time::Duration;

use client::{Client, config, until};
use kis_sim::{Pace, Sim, SimConfig};
use tokio_tungstenite::tungstenite::Message;

/// A connection that is lost unless PINGPONG is answered by an answer of this form.
async fn check(answer: impl Fn(String) -> Message) {
    let sim = Sim::start(config("")).await.unwrap();
    let mut client = Client::connect(&sim).await;
    client.register("H0STCNT0", "005930").await;
    for round in 1..=2 {
        assert_eq!(sim.ping(), 1);
        let ping = client.text().await;
        assert!(ping.starts_with(r#"{"header":{"tr_id":"PINGPONG""#), "{ping}");
        client.send(answer(ping)).await;
        until(&sim, |state| state.counters.echoes == round).await;
    }
    sim.shutdown().await;
}

#[tokio::test]
async fn the_same_text_answers() {
    check(Message::text).await;
}

#[tokio::test]
async fn the_same_json_written_anew_answers() {
    check(|text| Message::text(text.replace(':', " : ").replace(',', ", "))).await;
}

#[tokio::test]
async fn a_pong_with_the_json_answers() {
    check(|text| Message::Pong(text.into())).await;
}

#[tokio::test]
async fn a_ping_with_the_json_answers() {
    let sim = Sim::start(config("")).await.unwrap();
    let mut client = Client::connect(&sim).await;
    sim.ping();
    let ping = client.text().await;
    client.send(Message::Ping(ping.clone().into())).await;
    assert_eq!(client.next().await.unwrap(), Message::Pong(ping.into()));
    assert_eq!(sim.state().counters.echoes, 1);
    sim.shutdown().await;
}

#[tokio::test]
async fn pings_can_be_left_unanswered() {
    let sim = Sim::start(SimConfig { answer_ping: false, ..config("") }).await.unwrap();
    let mut client = Client::connect(&sim).await;
    client.send(Message::Ping("anybody?".into())).await;
    client.send("hello").await;
    assert!(client.text().await.contains("OPSP9999"));
    sim.shutdown().await;
}

#[tokio::test]
async fn times_without_end_are_allowed() {
    let config = SimConfig {
        ping_idle: Duration::MAX,
        echo_timeout: Duration::MAX,
        token_lifetime: Duration::MAX,
        approval_lifetime: Duration::MAX,
        slot_hold: Duration::MAX,
        pace: Pace::Fixed(Duration::MAX),
        ..config("0|H0STCNT0|001|005930^1\n")
    };
    let sim = Sim::start(config).await.unwrap();
    assert!(!client::token(&sim).await.is_empty());
    let mut client = Client::connect(&sim).await;
    sim.ping();
    assert!(client.text().await.contains("PINGPONG"));
    client.register("H0STCNT0", "005930").await;
    client.frame().await;
    sim.drop_connections();
    until(&sim, |state| state.held.len() == 1).await;
    sim.shutdown().await;
}

#[tokio::test]
async fn silence_costs_the_connection() {
    let config = SimConfig {
        ping_idle: Duration::from_millis(5),
        echo_timeout: Duration::from_millis(50),
        ..config("")
    };
    let sim = Sim::start(config).await.unwrap();
    let mut client = Client::connect(&sim).await;
    assert!(client.text().await.contains("PINGPONG"));
    client.dropped().await;
    until(&sim, |state| state.sessions.is_empty()).await;
    sim.shutdown().await;
}
