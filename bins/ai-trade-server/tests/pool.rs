//! Several app keys behind one server.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

mod support;

use kis_sim::{Hold, Script, SimConfig, SimState};
use serde_json::{Value, json};
use support::*;

const NAV: &str = "0|H0STNAV0|001|069500^37235.46^5^-381.26^-1.01^37646.25^37646.25^37202.10";
const FIRST_KEY: &str = "integration-test-key";
const SECOND_KEY: &str = "integration-test-second";

/// A server with two keys of three slots each, and what more its configuration says.
fn start(sim: &kis_sim::Sim, more: &str) -> (tempfile::TempDir, Server) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("config.toml");
    let keys = format!(
        "{more}\n[[kis.keys]]\nname = 'second'\napp_key = '{SECOND_KEY}'\napp_secret = 's'\n"
    );
    std::fs::write(&path, keys).unwrap();
    let server = Server::start_with(
        sim,
        &[
            ("KIS__TOPICS_MAX", "3"),
            ("KIS__RECONNECT_MIN_MS", "10"),
            ("KIS__REFUSAL_MIN_MS", "50"),
            ("KIS__REFUSAL_MAX_MS", "100"),
            ("KIS__CONNECTS_BUDGET", "1000"),
        ],
        &["--config", path.to_str().unwrap()],
    );
    (folder, server)
}

fn of<'a>(state: &'a SimState, app_key: &str) -> Vec<&'a String> {
    let masked = &app_key[app_key.len() - 4..];
    let sessions = state.sessions.iter();
    let own = sessions.filter(|it| it.app_key.as_deref().is_some_and(|it| it.ends_with(masked)));
    own.flat_map(|it| &it.registrations).collect()
}

/// Six topics on two sessions of three slots; the seventh is refused and says why. One session
/// is held down: its topics wait, their clients see one gap, and take the room that appears.
#[tokio::test(flavor = "multi_thread")]
async fn two_keys_hold_twice_as_much() {
    let sim = start_sim(SimConfig { script: Script::parse(NAV.as_bytes()), ..quick() }).await;
    let (_folder, server) = start(&sim, "");
    let mut client = server.client().await;
    for number in 0..6 {
        client.subscribe("H0STNAV0", &format!("{number:06}")).await;
    }
    let state = wait_until(&sim, |it| it.counters.registrations == 6).await;
    assert_eq!((of(&state, FIRST_KEY).len(), of(&state, SECOND_KEY).len()), (3, 3));
    let mut seventh = server.client().await;
    seventh.subscribe("H0STNAV0", "000006").await;
    let error = seventh.error("OPSP0008").await;
    let message = error["message"].as_str().unwrap();
    assert!(message.contains("6 are used with 2 app keys"), "{message}");

    let health = server.health().await;
    assert_eq!(health["session"], "open", "{health}");
    assert_eq!(health["registrations"], 6, "{health}");
    assert_eq!(health["keys"][1]["name"], "second", "{health}");
    assert_eq!(health["keys"][1]["slots_used"], 3, "{health}");
    assert_eq!(health["keys"][0]["slots_total"], 3, "{health}");
    assert!(!health.to_string().contains(FIRST_KEY), "{health}");

    let moving: Vec<String> = of(&state, SECOND_KEY).into_iter().cloned().collect();
    sim.hold_slots(Hold::UntilReleased);
    assert!(sim.drop_connection(SECOND_KEY));
    let mut gaps = Vec::new();
    for _ in 0..3 {
        let gap = client.find(|it| it["type"] == "gap").await;
        gaps.push(gap["key"].as_str().unwrap().to_owned());
    }
    gaps.sort();
    assert_eq!(gaps, moving);
    // The other session's topics go on, and one of them is given up.
    let staying = of(&sim.state(), FIRST_KEY)[0].clone();
    client.record(&staying).await;
    wait_until(&sim, |it| it.counters.refused >= 1).await;
    client.send(json!({"type": "unsubscribe", "id": 1, "topics": [staying]})).await;
    client.find(|it| it["type"] == "unsubscribed").await;
    // It would linger, but a waiting topic takes its slot.
    let moved = |it: &Value| it["data"].is_object() && moving.iter().any(|key| it["key"] == **key);
    client.find(moved).await;
    // Another one waits in its stead.
    seventh.subscribe("H0STNAV0", "000007").await;
    assert_eq!(of(&sim.state(), SECOND_KEY).len(), 0);
    sim.release_slots();
    for key in &moving {
        client.record(key).await;
    }
    seventh.record("H0STNAV0:000007").await;
    let state = sim.state();
    let mut all = of(&state, FIRST_KEY);
    all.extend(of(&state, SECOND_KEY));
    all.sort();
    all.dedup();
    assert_eq!(state.sessions.iter().map(|it| it.registrations.len()).sum::<usize>(), all.len());
}

/// SIGHUP: keys of the configuration come and go, and the topics with them.
#[tokio::test(flavor = "multi_thread")]
async fn keys_come_and_go() {
    let sim = start_sim(SimConfig { script: Script::parse(NAV.as_bytes()), ..quick() }).await;
    let (folder, server) = start(&sim, "");
    let path = folder.path().join("config.toml");
    let both = std::fs::read_to_string(&path).unwrap();
    let mut client = server.client().await;
    for number in 0..5 {
        client.subscribe("H0STNAV0", &format!("{number:06}")).await;
    }
    wait_until(&sim, |it| it.counters.registrations == 5).await;

    std::fs::write(&path, "").unwrap();
    server.signal("-HUP");
    eventually("the second key has gone", async || {
        server.health().await["keys"].as_array().unwrap().len() == 1
    })
    .await;
    let state = wait_until(&sim, |it| it.sessions.len() == 1).await;
    assert_eq!((of(&state, FIRST_KEY).len(), of(&state, SECOND_KEY).len()), (3, 0));

    std::fs::write(&path, &both).unwrap();
    server.signal("-HUP");
    eventually("the second key is there again", async || {
        server.health().await["keys"][1]["name"] == "second"
    })
    .await;
    let mut other = server.client().await;
    for number in 10..13 {
        other.subscribe("H0STNAV0", &format!("{number:06}")).await;
        other.record(&format!("H0STNAV0:{number:06}")).await;
    }
    assert!(!of(&sim.state(), SECOND_KEY).is_empty());

    // A key that has changed is removed and added. The first one stays as it was: calls over REST
    // are made with it.
    let renamed = both.replace("'second'", "'other'");
    std::fs::write(&path, format!("[kis]\nhts_id = 'another'\n{renamed}")).unwrap();
    server.signal("-HUP");
    eventually("the second key has its new name", async || {
        let health = server.health().await;
        let names = health["keys"].as_array().unwrap().iter().map(|it| it["name"].as_str());
        names.eq([Some("…-key"), Some("other")])
    })
    .await;
    let status = reqwest::get(format!("http://{}/v1/status", server.address)).await.unwrap();
    let status: Value = serde_json::from_str(&status.text().await.unwrap()).unwrap();
    assert_eq!(status["sessions"][0]["connects"], 1, "{status}");
}

/// Pinned topics are registered without clients and have a snapshot for the first one.
#[tokio::test(flavor = "multi_thread")]
async fn pinned_topics_need_no_client() {
    let sim = start_sim(SimConfig { script: Script::parse(NAV.as_bytes()), ..quick() }).await;
    let (_folder, server) = start(&sim, "[kis]\npinned = ['H0STNAV0:069500']");
    wait_until(&sim, |it| it.counters.registrations == 1 && it.counters.frames > 2).await;
    let mut client = server.client().await;
    let topics = ["H0STNAV0:069500"];
    client.send(json!({"type": "subscribe", "id": 1, "topics": topics, "snapshot": true})).await;
    let ack = client.next().await;
    assert_eq!((&ack["type"], &ack["state"]), (&json!("subscribed"), &json!("live")));
    client.record("H0STNAV0:069500").await;
    client.send(json!({"type": "unsubscribe", "id": 2, "topics": topics})).await;
    client.find(|it| it["type"] == "unsubscribed").await;
    drop(client);
    let health = server.health().await;
    assert_eq!((&health["topics"], &health["registrations"]), (&json!(1), &json!(1)), "{health}");
    assert_eq!(health["keys"][0]["pinned"], 1, "{health}");
    assert_eq!(sim.state().counters.releases, 0);
}
