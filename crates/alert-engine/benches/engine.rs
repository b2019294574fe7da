//! What rules cost: a thousand of them, on records that hardly ever fire one.
#![allow(clippy::unwrap_used, missing_docs, reason = "a bench may panic and has no readers")]

use alert_engine::{Engine, Position, Rule};
use divan::{Bencher, black_box, counter::ItemsCount};
use kis_protocol::{Frame, Splits, TrId, normalized::Normalized, time::Timestamp};

fn main() {
    divan::Divan::default().config_with_args().main();
}

/// How many instruments have trades; each has as many rules as it takes to make
/// a thousand.
const SYMBOLS: usize = 250;
const RULES: usize = 1_000;
const RECORDS: usize = 1_000;

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
    format!("{number:06}")
}

/// A thousand rules with these conditions in turn.
fn engine(conditions: &[&str]) -> Engine {
    let mut engine = Engine::new();
    for number in 0..RULES {
        let (symbol, when) =
            (symbol(number % SYMBOLS), conditions[number / SYMBOLS % conditions.len()]);
        let rule =
            format!(r#"{{"id":"r{number}","symbol":"{symbol}","repeat":true,"when":{when}}}"#);
        engine.insert(Rule::from_json(&rule).unwrap(), None, now(0)).unwrap();
    }
    engine
}

fn now(second: i64) -> Timestamp {
    Timestamp::from_unix(1_789_344_000 + second, 0)
}

/// Trades of many instruments, at prices that wander a little.
fn frames(offset: usize) -> Vec<String> {
    let frame = |at: usize| {
        let price = 277_750 + (at * 7_919 % 9) * 250;
        let body = TRADE.replacen("005930", &symbol(offset + at * 31 % SYMBOLS), 1);
        let body = body.replacen("277750", &price.to_string(), 1);
        let body = body.replacen("^3750^", &format!("^{}^", price - CLOSE), 1);
        format!("0|H0STCNT0|001|{body}")
    };
    (0..RECORDS).map(frame).collect()
}

/// Shows the records to the engine again and again, as new ones.
fn bench(bencher: Bencher<'_, '_>, mut engine: Engine, offset: usize) {
    let frames = frames(offset);
    let mut splits: Vec<_> = frames.iter().map(|_| Splits::default()).collect();
    let records: Vec<_> = frames
        .iter()
        .zip(&mut splits)
        .map(|(text, splits)| {
            let record = Frame::parse(text).unwrap().records(splits).unwrap().next().unwrap();
            Normalized::read(record, TrId::H0STCNT0, now(0)).unwrap()
        })
        .collect();
    let mut seq = 0;
    bencher.counter(ItemsCount::new(records.len())).bench_local(|| {
        for record in &records {
            seq += 1;
            let position = Position { epoch: 1, seq };
            // A thousand records are a millisecond at a million a second.
            let now = now(seq as i64 / 1_000_000);
            engine.handle_record(black_box(record), record.record.key(), Some(position), now);
        }
        assert!(engine.take_changes().notifications.is_empty());
    });
}

#[divan::bench]
fn price_rules(bencher: Bencher<'_, '_>) {
    bench(bencher, engine(&CONDITIONS[..1]), 0);
}

#[divan::bench(args = CONDITIONS)]
fn one_condition(bencher: Bencher<'_, '_>, condition: &str) {
    bench(bencher, engine(&[condition]), 0);
}

#[divan::bench]
fn mixed_rules(bencher: Bencher<'_, '_>) {
    bench(bencher, engine(&CONDITIONS), 0);
}

/// Of the same stream, but of instruments that no rule is about.
#[divan::bench]
fn nobody_watches(bencher: Bencher<'_, '_>) {
    bench(bencher, engine(&CONDITIONS), 500_000);
}
