//! A record that fires nothing allocates nothing.
#![allow(clippy::unwrap_used, missing_docs, reason = "a test may panic")]

use alert_engine::{Engine, Position, Rule};
use kis_protocol::{Frame, Splits, TrId, normalized::Normalized, time::Timestamp};

const TRADE: &str = "0|H0STCNT0|001|005930^140610^277750^2^3750^1.37^280395.69^283000^283500^276500^278000^277500^5^11955000^3352130122500^83251^86830^3579^120.39^5217059^6280658^5^0.53^53.70^090023^5^-5250^090048^5^-5750^135824^2^1250^20260922^20^N^47588^70626^794823^496479^0.20^17123443^69.82^0^^283000^2";

#[test]
fn nothing_is_allocated_when_nothing_fires() {
    let mut engine = Engine::new();
    let now = |second| Timestamp::from_unix(1_789_344_000 + second, 0);
    for (id, when) in [
        r#"{"price":{"level":"300000"}}"#,
        r#"{"change":{"percent":5}}"#,
        r#"{"move":{"percent":3,"seconds":300}}"#,
        r#"{"volume":{"times":10,"seconds":60,"baseline_seconds":1200}}"#,
    ]
    .iter()
    .enumerate()
    {
        let rule = format!(r#"{{"id":"{id}","symbol":"005930","when":{when}}}"#);
        engine.insert(Rule::from_json(&rule).unwrap(), None, now(0)).unwrap();
    }
    let mut splits = Splits::default();
    let record = Frame::parse(TRADE).unwrap().records(&mut splits).unwrap().next().unwrap();
    let record = Normalized::read(record, TrId::H0STCNT0, now(0)).unwrap();
    let mut show = |seq| {
        let position = Position { epoch: 1, seq };
        engine.handle_record(&record, "005930", Some(position), now(seq as i64 / 10));
        engine.take_changes().is_empty()
    };
    assert!(!show(1), "the first record takes sides");
    let measured = allocation_counter::measure(|| {
        for seq in 2..20_000 {
            assert!(show(seq));
        }
    });
    assert_eq!(measured.count_total, 0);
}
