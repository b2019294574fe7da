//! The dependencies between crates that must not exist (ARCHITECTURE.md).
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::{collections::BTreeSet, process::Command};

/// Every crate that `package` is built from.
fn dependencies(package: &str) -> BTreeSet<String> {
    let cargo = option_env!("CARGO").unwrap_or("cargo");
    let output = Command::new(cargo)
        .args(["tree", "--locked", "--offline", "--edges", "normal", "--prefix", "none"])
        .args(["--format", "{p}", "--package", package])
        .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().filter_map(|it| it.split(' ').next()).map(str::to_owned).collect()
}

#[track_caller]
fn check(package: &str, forbidden: &[&str]) {
    let dependencies = dependencies(package);
    assert!(dependencies.contains(package), "cargo tree says nothing of {package}");
    for name in forbidden {
        assert!(!dependencies.contains(*name), "{package} depends on {name}");
    }
}

#[test]
fn the_protocol_has_no_runtime() {
    check("kis-protocol", &["tokio", "hyper", "reqwest", "tungstenite", "mio", "socket2"]);
}

#[test]
fn alerts_have_no_runtime_and_no_recipients() {
    let runtimes = ["tokio", "hyper", "reqwest", "mio", "socket2"];
    check("alert-engine", &runtimes);
    check("alert-engine", &["teloxide", "kis-broker", "kis-sim", "relay-core"]);
}

#[test]
fn the_relay_knows_neither_kis_nor_http() {
    check("relay-core", &["kis-protocol", "kis-broker", "kis-sim", "hyper", "http", "tungstenite"]);
}

#[test]
fn the_broker_does_not_know_our_clients() {
    check("kis-broker", &["relay-core", "kis-sim", "axum"]);
}

#[test]
fn the_simulator_is_built_on_the_protocol_alone() {
    check("kis-sim", &["relay-core", "kis-broker"]);
}
