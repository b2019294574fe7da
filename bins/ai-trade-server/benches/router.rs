//! What a thousand alert rules cost on the way from the session to the hub: the same frames with
//! and without them. Nothing fires, and nobody is subscribed.
#![allow(clippy::unwrap_used, missing_docs, reason = "a bench may panic and has no readers")]

use std::sync::Arc;

use ai_trade_server::{
    alerts::Alerts, config::Config, counters::Counters, router::Router, wire::Wire,
};
use divan::{Bencher, counter::ItemsCount};
use kis_broker::Sink;
use kis_protocol::Topic;
use relay_core::Hub;

fn main() {
    divan::Divan::default().config_with_args().main();
}

/// How many instruments there are; each has as many rules as it takes to make a thousand.
const SYMBOLS: usize = 250;
const FRAMES: usize = 1_000;

/// How many frames the driver finds ready at once.
const BATCH: usize = 10;

const TRADE: &str = "005930^140610^277750^2^3750^1.37^280395.69^283000^283500^276500^278000^277500^5^11955000^3352130122500^83251^86830^3579^120.39^5217059^6280658^5^0.53^53.70^090023^5^-5250^090048^5^-5750^135824^2^1250^20260922^20^N^47588^70626^794823^496479^0.20^17123443^69.82^0^^283000^2";

/// The previous close of the trade.
const CLOSE: usize = 274_000;

const CONDITIONS: [&str; 4] = [
    r#"{"price":{"level":"300000","hysteresis":"500"}}"#,
    r#"{"change":{"percent":5}}"#,
    r#"{"move":{"percent":3,"seconds":300}}"#,
    r#"{"volume":{"times":10,"seconds":60,"baseline_seconds":1200}}"#,
];

fn symbol(number: usize) -> String {
    format!("{:06}", number % SYMBOLS)
}

/// Trades of many instruments, at prices that wander a little.
fn frames() -> Vec<String> {
    let frame = |at: usize| {
        let price = 277_750 + (at * 7_919 % 9) * 250;
        let body = TRADE.replacen("005930", &symbol(at * 31), 1);
        let body = body.replacen("277750", &price.to_string(), 1);
        let body = body.replacen("^3750^", &format!("^{}^", price - CLOSE), 1);
        format!("0|H0STCNT0|001|{body}")
    };
    (0..FRAMES).map(frame).collect()
}

#[divan::bench(args = [0, 1_000])]
fn rules(bencher: Bencher<'_, '_>, rules: usize) {
    let hub = Hub::new(relay_core::Config::new(1), Wire { simulated: false });
    for number in 0..SYMBOLS {
        let topic = Topic::new("H0STCNT0", &symbol(number));
        hub.hold(topic.clone());
        hub.confirm(topic.as_str());
    }
    let folder = tempfile::tempdir().unwrap();
    let mut config = Config::default();
    config.alerts.file = Some(folder.path().join("alerts.redb"));
    let rule = |number: usize| {
        let when = CONDITIONS[number / SYMBOLS % CONDITIONS.len()];
        let symbol = symbol(number);
        let rule =
            format!(r#"{{"id":"r{number}","symbol":"{symbol}","repeat":true,"when":{when}}}"#);
        serde_json::from_str(&rule).unwrap()
    };
    config.alerts.rules = (0..rules).map(rule).collect();
    let (alerts, _keeper) = Alerts::open(&config, hub.clone()).unwrap();
    let mut router = Router::new(hub, Arc::new(Counters::default())).alerting(alerts);
    let frames = frames();
    bencher.counter(ItemsCount::new(FRAMES)).bench_local(|| {
        for batch in frames.chunks(BATCH) {
            for frame in batch {
                router.frame(frame);
            }
            router.flush();
        }
    });
}
