//! What Prometheus, Grafana and load balancers get.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

mod support;

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use support::*;

const NAV: &str = "0|H0STNAV0|001|069500^37235.46^5^-381.26^-1.01^37646.25^37646.25^37202.10";

async fn scrape(server: &Server) -> String {
    let response = reqwest::get(format!("http://{}/metrics", server.address)).await.unwrap();
    let kind = response.headers()["content-type"].to_str().unwrap().to_owned();
    assert!(kind.starts_with("text/plain; version=0.0.4"), "{kind}");
    response.text().await.unwrap()
}

/// The figures, and the families with what they are.
fn read(text: &str) -> (BTreeMap<String, f64>, BTreeMap<String, String>) {
    let (mut figures, mut families, mut described) =
        (BTreeMap::new(), BTreeMap::new(), BTreeSet::new());
    for line in text.lines() {
        if let Some(rest) = line.strip_prefix("# HELP ") {
            let (name, help) = rest.split_once(' ').unwrap();
            assert!(help.len() > 5, "{line}");
            described.insert(name.to_owned());
        } else if let Some(rest) = line.strip_prefix("# TYPE ") {
            let (name, kind) = rest.split_once(' ').unwrap();
            assert!(described.contains(name), "{name} has no help");
            assert!(families.insert(name.to_owned(), kind.to_owned()).is_none(), "{name} twice");
            assert_eq!(name.ends_with("_total"), kind == "counter", "{line}");
        } else {
            let (name, value) = line.rsplit_once(' ').unwrap();
            assert!(figures.insert(name.to_owned(), value.parse().unwrap()).is_none(), "{line}");
        }
    }
    (figures, families)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_happens_is_counted() {
    let wide = format!("{NAV}^8");
    let sim = sim(&format!("{NAV}\n{wide}\n0|H0STNAV0|002|069500^1^2")).await;
    let server = Server::start(&sim, &[]);
    let mut client = server.client().await;
    client.subscribe("H0STNAV0", "069500").await;
    for _ in 0..10 {
        client.record("H0STNAV0:069500").await;
    }
    let refused = reqwest::Client::new()
        .get(format!("http://{}/healthz", server.address))
        .header("origin", "http://evil.example");
    assert_eq!(refused.send().await.unwrap().status(), 403);
    let (figures, _) = read(&scrape(&server).await);
    for (name, least) in [
        (r#"relay_frames_total{tr_id="H0STNAV0"}"#, 10.0),
        (r#"relay_unknown_columns_total{tr_id="H0STNAV0"}"#, 1.0),
        (r#"relay_frame_errors_total{reason="ragged"}"#, 1.0),
        ("relay_records_total", 10.0),
        ("relay_deliveries_total", 10.0),
        ("relay_upstream_bytes_total", 500.0),
        (r#"relay_session_up{key="…-key"}"#, 1.0),
        ("relay_connects_total", 1.0),
        (r#"relay_registrations{key="…-key",state="present"}"#, 1.0),
        (r#"relay_slots{key="…-key",state="max"}"#, 41.0),
        (r#"relay_topics{state="live"}"#, 1.0),
        ("relay_clients", 1.0),
        ("relay_connections", 2.0),
        ("relay_subscriptions", 1.0),
        (r#"relay_refusals_total{reason="browser"}"#, 1.0),
        ("process_resident_memory_bytes", 1_000_000.0),
        ("process_start_time_seconds", 1_000_000_000.0),
        ("process_open_fds", 5.0),
        ("process_max_fds", 5.0),
    ] {
        let figure = figures.get(name).unwrap_or_else(|| panic!("{name} is missing: {figures:?}"));
        assert!(*figure >= least, "{name} is {figure}");
    }
    assert!(figures["process_cpu_seconds_total"] >= 0.0);
    assert_eq!(figures[r#"relay_session_in_use_elsewhere{key="…-key"}"#], 0.0);
}

/// Each metric that the dashboard names is exposed.
#[tokio::test(flavor = "multi_thread")]
async fn the_dashboard_shows_what_there_is() {
    // A stream whose latency is looked at, and a width that is not known.
    let trade: Vec<&str> = (0..49).map(|it| ["005930", "090000", "1"][it.min(2)]).collect();
    let sim = sim(&format!("0|H0STCNT0|001|{}", trade.join("^"))).await;
    let folder = tempfile::tempdir().unwrap();
    let orders = folder.path().to_str().unwrap();
    let server = Server::start(
        &sim,
        &[
            ("KIS_ENV", "paper"),
            ("ACC_NO", "87654321-01"),
            ("ORDERS__ENABLED", "true"),
            ("ORDERS__FOLDER", orders),
        ],
    );
    let mut client = server.client().await;
    client.subscribe("H0STCNT0", "005930").await;
    client.record("H0STCNT0:005930").await;
    // And a call of REST, with its token.
    let price = format!("http://{}/domestic-stock/price", server.address);
    assert_eq!(reqwest::get(price).await.unwrap().status(), 200);
    let (_, families) = read(&scrape(&server).await);
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deploy/grafana-dashboard.json");
    let dashboard: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let mut named = BTreeSet::new();
    for panel in dashboard["panels"].as_array().unwrap() {
        for target in panel["targets"].as_array().unwrap() {
            let expression = target["expr"].as_str().unwrap();
            let words = expression.split(|it: char| !it.is_ascii_alphanumeric() && it != '_');
            let names = words.filter(|it| it.starts_with("relay_") || it.starts_with("process_"));
            named.extend(names.map(|it| it.trim_end_matches("_bucket").to_owned()));
        }
    }
    assert!(named.len() > 20, "{named:?}");
    for name in &named {
        assert!(families.contains_key(name), "{name} is not exposed");
    }
    for name in families.keys() {
        assert!(named.contains(name), "{name} is not on the dashboard");
    }
}

/// Ready means that clients get what they ask for.
#[tokio::test(flavor = "multi_thread")]
async fn readiness() {
    let sim = sim(NAV).await;
    let server = Server::start(&sim, &[("KIS__RECONNECT_MIN_MS", "60000")]);
    let url = format!("http://{}/readyz", server.address);
    // Nothing is wanted, so nothing is missing once the session is open.
    eventually("it is ready", async || reqwest::get(&url).await.unwrap().status() == 200).await;
    let mut client = server.client().await;
    client.subscribe("H0STNAV0", "069500").await;
    client.record("H0STNAV0:069500").await;
    assert_eq!(reqwest::get(&url).await.unwrap().status(), 200);
    drop(sim);
    eventually("it is not ready", async || {
        let response = reqwest::get(&url).await.unwrap();
        let status = response.status();
        let text = response.text().await.unwrap();
        assert!(status == 200 || text.contains("urn:ai-trade-server:not_ready"), "{text}");
        status == 503
    })
    .await;
    assert_eq!(server.health().await["status"], "ok", "alive all the same");
}
