//! Registrations: who may have how many, and what KIS answers.

mod client;

use client::{APP_KEY, Client, FRAMES, SECRET, config, request, until};
use kis_sim::{Credential, Sim, SimConfig};
use serde_json::{Value, json};
use tokio_tungstenite::{connect_async, tungstenite::Message};

fn code(answer: &Value) -> (&str, &str, &str) {
    let text = |pointer| answer.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
    (text("/header/tr_id"), text("/body/rt_cd"), text("/body/msg_cd"))
}

#[tokio::test]
async fn a_registration_lives_and_ends() {
    let sim = Sim::start(config(FRAMES)).await.unwrap();
    let mut client = Client::connect(&sim).await;

    let answer = client.register("H0STCNT0", "005930").await;
    assert_eq!(answer["header"], json!({"tr_id": "H0STCNT0", "tr_key": "005930", "encrypt": "N"}));
    assert_eq!(answer["body"]["rt_cd"], "0");
    assert_eq!(answer["body"]["msg1"], "SUBSCRIBE SUCCESS");
    let output = &answer["body"]["output"];
    assert_eq!(output["iv"].as_str().map(str::len), Some(16));
    assert_eq!(output["key"].as_str().map(str::len), Some(32));

    let notice = client.register("H0STCNI0", "myid").await;
    assert_eq!(notice["header"]["encrypt"], "Y");
    assert_eq!(&notice["body"]["output"], output, "one key for all streams of a session");

    let again = client.ask("1", "H0STCNT0", "005930").await;
    assert_eq!(code(&again), ("H0STCNT0", "1", "OPSP0002"));
    assert_eq!(again["body"]["msg1"], "ALREADY IN SUBSCRIBE");

    let released = client.ask("2", "H0STCNT0", "005930").await;
    assert_eq!(code(&released), ("H0STCNT0", "0", "OPSP0001"));
    assert_eq!(released["body"]["msg1"], "UNSUBSCRIBE SUCCESS");

    let missing = client.ask("2", "H0STCNT0", "005930").await;
    assert_eq!(code(&missing), ("H0STCNT0", "1", "OPSP0003"));

    let state = sim.state();
    assert_eq!(state.sessions[0].registrations, ["H0STCNI0:myid"]);
    assert_eq!(state.sessions[0].app_key.as_deref(), Some("…TEST"));
    let counters = state.counters;
    let counted =
        (counters.registrations, counters.releases, counters.duplicates, counters.refused);
    assert_eq!(counted, (2, 1, 1, 1));
    assert_eq!(state.topics["H0STCNT0:005930"].registered, 1);
    assert_eq!(state.topics["H0STCNT0:005930"].released, 1);
    sim.shutdown().await;
}

#[tokio::test]
async fn keys_differ_from_session_to_session() {
    let sim = Sim::start(config(FRAMES)).await.unwrap();
    let mut one = Client::connect_as(&sim, "one").await;
    let mut two = Client::connect_as(&sim, "two").await;
    let [one, two] = [&mut one, &mut two].map(|it| it.register("H0STCNT0", "005930"));
    assert_ne!(one.await["body"]["output"], two.await["body"]["output"]);
}

#[tokio::test]
async fn the_42nd_registration_is_refused() {
    let sim = Sim::start(config(FRAMES)).await.unwrap();
    let mut client = Client::connect(&sim).await;
    for key in 0..41 {
        client.register("H0STASP0", &format!("{key:06}")).await;
    }
    let full = client.ask("1", "H0STCNT0", "005930").await;
    assert_eq!(code(&full), ("H0STCNT0", "1", "OPSP0008"));
    assert_eq!(full["body"]["msg1"], "MAX SUBSCRIBE OVER");
    assert_eq!(code(&client.ask("2", "H0STASP0", "000007").await).2, "OPSP0001");
    client.register("H0STCNT0", "005930").await;
    sim.shutdown().await;
}

#[tokio::test]
async fn an_app_key_has_one_session() {
    let sim = Sim::start(config(FRAMES)).await.unwrap();
    let mut first = Client::connect(&sim).await;
    first.register("H0STCNT0", "005930").await;

    let mut second = Client::connect(&sim).await;
    // What is sent behind the refused registration must not cost the client the answer.
    let register = request(&second.approval_key, "1", "H0STCNT0", "005930").to_string();
    second.send(register.clone()).await;
    second.send(register).await;
    assert_eq!(
        second.text().await,
        r#"{"header":{"tr_id":"(null)","tr_key":"","encrypt":"N"},"body":{"rt_cd":"9","msg_cd":"OPSP8996","msg1":"ALREADY IN USE appkey"}}"#
    );
    second.dropped().await;

    let mut other = Client::connect_as(&sim, "another app key").await;
    other.register("H0STCNT0", "005930").await;
    first.frame().await;
    sim.shutdown().await;
}

#[tokio::test]
async fn a_goodbye_frees_the_slot_and_a_loss_does_not() {
    let hold = std::time::Duration::from_millis(50);
    let sim = Sim::start(SimConfig { slot_hold: hold, ..config(FRAMES) }).await.unwrap();
    let mut client = Client::connect(&sim).await;
    client.register("H0STCNT0", "005930").await;
    client.socket.close(None).await.unwrap();
    let state = until(&sim, |state| state.sessions.is_empty()).await;
    assert!(state.held.is_empty());

    let mut client = Client::connect(&sim).await;
    client.register("H0STCNT0", "005930").await;
    drop(client);
    let state = until(&sim, |state| state.sessions.is_empty()).await;
    assert_eq!(state.held, ["…TEST"]);

    until(&sim, |state| state.held.is_empty()).await;
    Client::connect(&sim).await.register("H0STCNT0", "005930").await;
    sim.shutdown().await;
}

#[tokio::test]
async fn registering_takes_a_valid_approval_key() {
    let sim = Sim::start(config(FRAMES)).await.unwrap();
    let mut client = Client::connect(&sim).await;
    let good = std::mem::replace(&mut client.approval_key, "00000000".to_owned());
    let refused = client.ask("1", "H0STCNT0", "005930").await;
    assert_eq!(code(&refused), ("H0STCNT0", "1", "OPSP0011"));
    assert_eq!(refused["body"]["msg1"], "invalid approval : NOT FOUND");

    client.approval_key = good;
    client.register("H0STCNT0", "005930").await;
    sim.forget_approvals();
    client.frame().await;
    assert_eq!(code(&client.ask("1", "H0STCNT0", "000660").await).2, "OPSP0011");
    sim.shutdown().await;
}

#[tokio::test]
async fn the_older_header_registers_too() {
    let credentials = vec![Credential { app_key: APP_KEY.into(), app_secret: SECRET.into() }];
    let sim = Sim::start(SimConfig { credentials, ..config(FRAMES) }).await.unwrap();
    let mut client = Client::connect(&sim).await;
    let mut message = request("", "1", "H0STCNT0", "005930");
    message["header"] = json!({
        "appkey": APP_KEY, "appsecret": "wrong", "personalseckey": client.approval_key,
        "custtype": "P", "tr_type": "1", "Content-Type": "utf-8",
    });
    client.send(message.to_string()).await;
    assert_eq!(code(&client.answer().await).2, "OPSP9994");
    message["header"]["appsecret"] = SECRET.into();
    client.send(message.to_string()).await;
    assert_eq!(code(&client.answer().await).2, "OPSP0000");
    sim.shutdown().await;
}

#[tokio::test]
async fn nonsense_is_answered_and_survived() {
    let sim = Sim::start(config(FRAMES)).await.unwrap();
    let mut client = Client::connect(&sim).await;
    let without = |pointer: &str, name: &str| {
        let mut message = request(&client.approval_key, "1", "H0STCNT0", "005930");
        message.pointer_mut(pointer).unwrap().as_object_mut().unwrap().remove(name);
        message.to_string()
    };
    let asking = |tr_type: &str, tr_id: &str, tr_key: &str| {
        request(&client.approval_key, tr_type, tr_id, tr_key).to_string()
    };
    let cases = [
        ("hello".to_owned(), ("(null)", "9", "OPSP9999")),
        (without("", "header"), ("", "9", "OPSP9998")),
        (without("/header", "custtype"), ("", "9", "OPSP9997")),
        (without("/header", "approval_key"), ("", "9", "OPSP9996")),
        (without("", "body"), ("", "9", "OPSP9992")),
        (without("/body", "input"), ("", "9", "OPSP9991")),
        (without("/body/input", "tr_key"), ("", "9", "OPSP9990")),
        (asking("0", "H0STCNT0", "005930"), ("", "9", "OPSP8997")),
        (asking("1", "H0NONE00", "005930"), ("H0NONE00", "1", "OPSP8991")),
        (asking("1", "H0STCNT0", ""), ("H0STCNT0", "1", "OPSP8992")),
        (asking("1", "H0STCNT0", "005930").replace("\"005930\"", "5930"), ("", "9", "OPSP8993")),
    ];
    for (message, expected) in &cases {
        client.send(message.clone()).await;
        assert_eq!(code(&client.answer().await), *expected, "{message}");
    }
    client.send(Message::binary("no json either")).await;
    assert_eq!(code(&client.answer().await).2, "OPSP9999");
    client.register("H0STCNT0", "005930").await;
    sim.shutdown().await;
}

#[tokio::test]
async fn every_path_and_offer_is_accepted() {
    use tokio_tungstenite::tungstenite::client::IntoClientRequest;
    let sim = Sim::start(config(FRAMES)).await.unwrap();
    for path in ["", "/", "/tryitout", "/tryitout/H0STCNT0", "/any/other?query"] {
        let mut request = format!("{}{path}", sim.ws_url()).into_client_request().unwrap();
        let offer = "permessage-deflate; client_max_window_bits".parse().unwrap();
        request.headers_mut().insert("Sec-WebSocket-Extensions", offer);
        let (_, response) = connect_async(request).await.unwrap();
        assert!(!response.headers().contains_key("Sec-WebSocket-Extensions"));
    }
    sim.shutdown().await;
}
