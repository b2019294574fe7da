//! Misbehaviour, by the handle and by the admin endpoint.

mod client;

use std::time::Duration;

use client::{APP_KEY, Client, FRAMES, config, until};
use kis_protocol::Topic;
use kis_sim::{Hold, Oddity, Refusal, Sim, SimConfig};
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Error;

/// One frame a day: whatever else comes was ordered.
fn quiet(frames: &str) -> SimConfig {
    SimConfig { pace: kis_sim::Pace::Fixed(Duration::from_secs(86_400)), ..config(frames) }
}

fn refusal(tr_id: Option<&str>, msg_cd: &str, msg1: &str) -> Refusal {
    let tr_id = tr_id.map(str::to_owned);
    Refusal { tr_id, rt_cd: "1".into(), msg_cd: msg_cd.into(), msg1: msg1.into() }
}

#[tokio::test]
async fn connections_are_dropped_without_a_word() {
    let sim = Sim::start(config(FRAMES)).await.unwrap();
    let mut one = Client::connect(&sim).await;
    let mut two = Client::connect_as(&sim, "another").await;
    one.register("H0STCNT0", "005930").await;
    two.register("H0STCNT0", "005930").await;
    assert!(!sim.drop_connection("nobody"));
    assert!(sim.drop_connection(APP_KEY));
    one.dropped().await;
    two.frame().await;
    assert_eq!(sim.drop_connections(), 1);
    two.dropped().await;
    let state = until(&sim, |state| state.sessions.is_empty()).await;
    assert_eq!(state.counters.disconnects, 2);
    sim.shutdown().await;
}

#[tokio::test]
async fn a_stalled_connection_is_silent_until_resumed() {
    let sim = Sim::start(config(FRAMES)).await.unwrap();
    let mut client = Client::connect(&sim).await;
    client.register("H0STCNT0", "005930").await;
    assert_eq!(sim.stall(), 1);
    client.send("hello").await;
    let state = until(&sim, |state| state.counters.refused == 1).await;
    assert!(state.sessions[0].stalled);

    // A new connection works, and one that goes away is noticed.
    let mut other = Client::connect_as(&sim, "another").await;
    other.register("H0STCNT0", "005930").await;
    other.frame().await;
    drop(other);
    until(&sim, |state| state.sessions.len() == 1).await;

    let silent = state.counters.frames;
    assert_eq!(sim.resume(), 1);
    assert_eq!(client.answer().await["body"]["msg_cd"], "OPSP9999");
    until(&sim, |state| state.counters.frames > silent).await;
    sim.shutdown().await;
}

#[tokio::test]
async fn a_slot_is_held_until_released() {
    let sim = Sim::start(config(FRAMES)).await.unwrap();
    sim.hold_slots(Hold::UntilReleased);
    let mut client = Client::connect(&sim).await;
    client.register("H0STCNT0", "005930").await;
    sim.drop_connections();
    until(&sim, |state| state.held.len() == 1).await;

    let mut client = Client::connect(&sim).await;
    assert_eq!(client.ask("1", "H0STCNT0", "005930").await["body"]["msg_cd"], "OPSP8996");
    client.dropped().await;

    sim.release_slots();
    sim.hold_slots(Hold::For(Duration::from_millis(20)));
    let mut client = Client::connect(&sim).await;
    client.register("H0STCNT0", "005930").await;
    sim.drop_connections();
    until(&sim, |state| state.sessions.is_empty()).await;
    until(&sim, |state| state.held.is_empty()).await;
    sim.shutdown().await;
}

#[tokio::test]
async fn registrations_are_refused_as_told() {
    let sim = Sim::start(config(FRAMES)).await.unwrap();
    let mut client = Client::connect(&sim).await;
    sim.refuse_next(1, refusal(Some("HDFFF020"), "OPSP0009", "SUBSCRIBE ERROR : mci send failed"));
    client.register("H0STCNT0", "005930").await;
    let refused = client.ask("1", "HDFFF020", "ESZ26").await;
    assert_eq!(refused["header"]["tr_key"], "ESZ26");
    assert_eq!(refused["body"]["msg_cd"], "OPSP0009");
    assert_eq!(refused["body"]["msg1"], "SUBSCRIBE ERROR : mci send failed");
    client.register("HDFFF020", "ESZ26").await;

    sim.refuse_next(1, refusal(None, "OPSP8996", "ALREADY IN USE appkey"));
    let refused = client.ask("1", "H0STCNT0", "000660").await;
    assert_eq!(refused["header"]["tr_id"], "(null)");
    client.dropped().await;
    sim.shutdown().await;
}

#[tokio::test]
async fn answers_are_delayed() {
    let sim = Sim::start(config(FRAMES)).await.unwrap();
    let mut client = Client::connect(&sim).await;
    let delay = Duration::from_millis(100);
    sim.delay_acks(delay);
    let start = std::time::Instant::now();
    let answer = client.register("H0STCNT0", "005930").await;
    assert!(start.elapsed() >= delay, "{answer} came too early");
    assert_eq!(sim.state().counters.registrations, 1);
    client.frame().await;
    sim.shutdown().await;
}

#[tokio::test]
async fn odd_frames_come_on_order() {
    let sim = Sim::start(quiet("0|H0STCNT0|002|005930^1^005930^2\n")).await.unwrap();
    let mut client = Client::connect(&sim).await;
    client.register("H0STCNT0", "005930").await;
    client.frame().await;
    let check = async |client: &mut Client, oddity: Oddity, expected: &str| {
        assert_eq!(sim.inject(oddity, None, 1), 1);
        assert_eq!(client.text().await, expected, "{oddity:?}");
    };
    check(&mut client, Oddity::Malformed, "0|H0STCNT0|005930^1^005930^2").await;
    check(&mut client, Oddity::Truncated, "0|H0STCNT0|002|005930^1^").await;
    check(&mut client, Oddity::UnknownTrId, "0|H0XXXXX0|002|005930^1^005930^2").await;
    let wide = "0|H0STCNT0|002|005930^1^new1^new2^005930^2^new1^new2";
    check(&mut client, Oddity::Widened(2), wide).await;
    assert_eq!(sim.inject(Oddity::Malformed, Some(&Topic::new("H0STCNT0", "000660")), 1), 0);
    assert_eq!(sim.inject(Oddity::InvalidUtf8, Some(&Topic::new("H0STCNT0", "005930")), 1), 1);
    assert!(matches!(client.next().await, Err(Error::Utf8(_))));
    sim.shutdown().await;
}

#[tokio::test]
async fn frames_are_pushed_to_those_registered() {
    let sim = Sim::start(quiet(FRAMES)).await.unwrap();
    let mut one = Client::connect(&sim).await;
    let mut two = Client::connect_as(&sim, "another").await;
    one.register("H0STCNT0", "005930").await;
    two.register("H0STCNT0", "000660").await;
    one.frame().await;
    two.frame().await;
    assert_eq!(sim.push("0|H0STCNT0|001|005930^pushed"), 1);
    assert_eq!(one.text().await, "0|H0STCNT0|001|005930^pushed");
    assert_eq!(sim.push("0|H0STCNT0|001|035720^nobody"), 0);
    assert_eq!(sim.push_to_all("anything"), 2);
    assert_eq!([one.text().await, two.text().await], ["anything"; 2]);
    assert_eq!(sim.burst(Some(&Topic::new("H0STCNT0", "005930")), 500), 1);
    for _ in 0..500 {
        assert!(one.text().await.contains("|005930^"));
    }
    sim.shutdown().await;
}

#[tokio::test]
async fn the_admin_endpoint_does_it_all() {
    let admin = Some(([127, 0, 0, 1], 0).into());
    let sim = Sim::start(SimConfig { admin, ..quiet(FRAMES) }).await.unwrap();
    let url = format!("http://{}", sim.admin_addr.unwrap());
    let http = client::http();
    let order = async |command: &str, body: Value| -> (u16, Value) {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let response = http.post(format!("{url}/{command}")).body(body).send().await.unwrap();
        (response.status().as_u16(), response.json().await.unwrap())
    };
    let done = |reached: Value| (200, json!({"reached": reached}));
    let mut client = Client::connect(&sim).await;
    client.register("H0STCNT0", "005930").await;
    client.frame().await;

    assert_eq!(order("inject", json!({"oddity": {"widened": 1}})).await, done(json!(1)));
    assert!(client.text().await.contains("^new1"));
    let topic = json!({"oddity": "malformed", "topic": "H0STCNT0:000660", "times": 3});
    assert_eq!(order("inject", topic).await, done(json!(0)));
    assert_eq!(order("burst", json!({"frames": 2})).await, done(json!(1)));
    client.text().await;
    client.text().await;
    let raw = "0|H0STCNT0|001|005930^x";
    assert_eq!(order("push", json!({"raw": raw})).await, done(json!(1)));
    assert_eq!(client.text().await, raw);
    assert_eq!(order("push", json!({"raw": "x", "all": true})).await, done(json!(1)));
    assert_eq!(client.text().await, "x");
    assert_eq!(order("ping", Value::Null).await, done(json!(1)));
    assert!(client.text().await.contains("PINGPONG"));
    assert_eq!(
        order("refuse", json!({"msg_cd": "OPSP0007", "tr_id": "H0STASP0"})).await,
        done(Value::Null)
    );
    assert_eq!(client.ask("1", "H0STASP0", "005930").await["body"]["msg_cd"], "OPSP0007");
    assert_eq!(order("delay", json!({"ms": 1})).await, done(Value::Null));
    assert_eq!(order("stall", Value::Null).await, done(json!(1)));
    assert_eq!(order("resume", Value::Null).await, done(json!(1)));
    assert_eq!(order("forget_approvals", Value::Null).await, done(Value::Null));
    assert_eq!(client.ask("1", "H0STASP0", "005930").await["body"]["msg_cd"], "OPSP0011");
    assert_eq!(order("forget_tokens", Value::Null).await, done(Value::Null));
    assert_eq!(order("expire_tokens", Value::Null).await, done(Value::Null));
    assert_eq!(order("hold", Value::Null).await, done(Value::Null));
    assert_eq!(order("drop", json!({"app_key": APP_KEY})).await, done(json!(1)));
    client.dropped().await;
    until(&sim, |state| state.held.len() == 1).await;
    assert_eq!(order("release", Value::Null).await, done(Value::Null));
    assert_eq!(order("drop", Value::Null).await, done(json!(0)));

    for (command, body) in [
        ("nothing", Value::Null),
        ("burst", json!({})),
        ("burst", json!({"frames": 1, "topic": "no topic"})),
        ("inject", json!({"oddity": "nice"})),
        ("stall", json!({"for": "ever"})),
    ] {
        let (status, answer) = order(command, body).await;
        assert!(status == 400 && answer["error"].is_string(), "{command}: {answer}");
    }
    let state: Value = http.get(&url).send().await.unwrap().json().await.unwrap();
    assert_eq!(state["counters"]["connects"], 1);
    assert_eq!(state["topics"]["H0STCNT0:005930"]["registered"], 1);
    assert!(!state.to_string().contains(APP_KEY));
    sim.shutdown().await;
}

#[tokio::test]
async fn shutting_down_ends_everything() {
    let sim = Sim::start(config(FRAMES)).await.unwrap();
    let (rest, ws) = (sim.rest_addr, sim.ws_addr);
    let mut client = Client::connect(&sim).await;
    client.register("H0STCNT0", "005930").await;
    client::soon(sim.shutdown()).await;
    client.dropped().await;
    for addr in [rest, ws] {
        assert!(tokio::net::TcpStream::connect(addr).await.is_err(), "{addr} still listens");
    }
}
