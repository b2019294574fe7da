//! Calls against a simulated KIS that enforces its limits, holds every call against the
//! catalogue, and misbehaves on command.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

mod calls;
mod limits;
mod orders;
mod secrets;

use std::time::Duration;

use kis_broker::{
    CallOptions, Credentials, Delays, Environment, Http, RateLimit, Rest, RestConfig, RestError,
    TokenConfig, Tokens,
};
use kis_protocol::catalogue::{self, Prepared};
use kis_sim::{CallFault, CallRefusal, Instead, Sim, SimConfig};

type Side = catalogue::Environment;

const APP_KEY: &str = "PSim0000000000000000000000000key";
const APP_SECRET: &str = "the-secret-that-nobody-may-see";
const ACCOUNT: &str = "87654321";
const MILLI: Duration = Duration::from_millis(1);
/// How long anything may take before a test fails.
const PATIENCE: Duration = Duration::from_secs(60);

const PRICE: &str = "domestic-stock/inquire-price";
const BALANCE: &str = "domestic-stock/inquire-balance";
const ORDER: &str = "domestic-stock/order-cash";

/// A simulated KIS with these limits, for both sides.
async fn sim(gateway: u32, ledger: u32) -> Sim {
    let config = SimConfig {
        rest_per_second: gateway as usize,
        ledger_per_second: ledger as usize,
        token_interval: Duration::ZERO,
        token_reuse: Duration::ZERO,
        ..SimConfig::default()
    };
    Sim::start(config).await.unwrap()
}

/// A client that keeps within the limits, and repeats at once.
fn config(gateway: u32, ledger: u32) -> RestConfig {
    RestConfig {
        gateway: RateLimit::per_second(gateway),
        ledger: RateLimit::per_second(ledger),
        patience: PATIENCE,
        retry_delays: Delays { min: MILLI, max: 5 * MILLI },
        seed: Some(1),
        ..RestConfig::new(Side::Real)
    }
}

fn rest(url: &str, side: Side, config: RestConfig) -> Rest {
    let http = Http::new(&url.parse().unwrap()).unwrap();
    let credentials = Credentials::new(APP_KEY, APP_SECRET);
    let tokens = Tokens::new(
        http.clone(),
        Environment::Custom,
        credentials.clone(),
        TokenConfig { issue_interval: MILLI, ..TokenConfig::default() },
    );
    Rest::new(http, side, credentials, tokens, config)
}

/// A simulator and a client that hurry.
async fn fast(side: Side) -> (Sim, Rest) {
    let sim = sim(1000, 1000).await;
    let rest = rest(&sim.rest_url(), side, config(1000, 1000));
    (sim, rest)
}

fn price(rest: &Rest, symbol: &str) -> Prepared {
    let given = [("FID_COND_MRKT_DIV_CODE", "J"), ("FID_INPUT_ISCD", symbol)];
    rest.prepare(PRICE, given).unwrap()
}

fn balance(rest: &Rest) -> Prepared {
    let mut given = catalogue::find(BALANCE).unwrap().example();
    given.iter_mut().filter(|(name, _)| *name == "CANO").for_each(|it| it.1 = ACCOUNT);
    rest.prepare(BALANCE, given).unwrap()
}

fn buy(rest: &Rest) -> Prepared {
    let given = [
        ("side", "buy"),
        ("CANO", ACCOUNT),
        ("ACNT_PRDT_CD", "01"),
        ("PDNO", "005930"),
        ("ORD_DVSN", "00"),
        ("ORD_QTY", "1"),
        ("ORD_UNPR", "70000"),
    ];
    rest.prepare(ORDER, given).unwrap()
}

/// With nothing special.
fn plainly() -> CallOptions {
    CallOptions::default()
}

fn refusal(msg_cd: &str) -> Instead {
    Instead::Refusal(CallRefusal {
        status: 500,
        rt_cd: "1".into(),
        msg_cd: msg_cd.into(),
        msg1: format!("{APP_KEY} {APP_SECRET} {ACCOUNT}-01"),
    })
}

fn fault(executed: bool, instead: Instead) -> CallFault {
    CallFault { tr_id: None, executed, instead }
}

fn calls(sim: &Sim, tr_id: &str) -> u64 {
    sim.state().calls.get(tr_id).copied().unwrap_or_default()
}

/// An error and what it comes from, as a log would show them.
fn chain(error: &RestError) -> String {
    let mut text = format!("{error:?}\n{error}");
    let mut source = std::error::Error::source(error);
    while let Some(error) = source {
        text += &format!("\n{error}");
        source = error.source();
    }
    text
}
