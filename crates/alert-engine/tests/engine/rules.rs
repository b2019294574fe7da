//! What is said about rules that are none.

use alert_engine::Rule;

const WRONG: &[&str] = &[
    "",
    "not json",
    "[]",
    r#"{"id":"r"}"#,
    r#"{"id":"r","when":{"prize":{"level":1}}}"#,
    r#"{"id":"r","symbol":"005930","when":{"price":{}}}"#,
    r#"{"id":"r","symbol":"005930","when":{"price":{"level":"8만"}}}"#,
    r#"{"id":"r","symbol":"005930","when":{"price":{"level":1,"crosses":"sideways"}}}"#,
    r#"{"id":"r","symbol":"005930","when":{"price":{"level":1,"hysteresis":-1}}}"#,
    r#"{"id":"r","symbol":"005930","when":{"price":{"level":1,"levle":2}}}"#,
    r#"{"id":"r","symbol":"005930","wen":{}}"#,
    r#"{"id":"r","when":{"price":{"level":1}}}"#,
    r#"{"id":"나","symbol":"005930","when":{"price":{"level":1}}}"#,
    r#"{"id":"r","symbol":"","when":{"price":{"level":1}}}"#,
    r#"{"id":"r","symbol":"101W09","when":{"price":{"level":1}}}"#,
    r#"{"id":"r","symbol":"0001","when":{"imbalance":{"times":2}}}"#,
    r#"{"id":"r","symbol":"005930","streams":["H0STCNT1"],"when":{"status":{}}}"#,
    r#"{"id":"r","symbol":"005930","streams":["H0STASP0"],"when":{"change":{"percent":3}}}"#,
    r#"{"id":"r","symbol":"005930","streams":["H0STCNT0","H0NXCNT0"],"when":{"change":{"percent":3}}}"#,
    r#"{"id":"r","symbol":"005930","when":{"change":{"percent":0}}}"#,
    r#"{"id":"r","symbol":"005930","when":{"change":{"percent":3,"hysteresis":3}}}"#,
    r#"{"id":"r","symbol":"005930","when":{"move":{"percent":3,"seconds":0}}}"#,
    r#"{"id":"r","symbol":"005930","when":{"volume":{"times":5,"seconds":60,"baseline_seconds":60}}}"#,
    r#"{"id":"r","symbol":"005930","when":{"imbalance":{"times":1}}}"#,
    r#"{"id":"r","symbol":"005930","when":{"imbalance":{"times":2,"levels":11}}}"#,
    r#"{"id":"r","symbol":"005930","when":{"status":{"events":[]}}}"#,
    r#"{"id":"r","when":{"order":{"events":["sold"]}}}"#,
    r#"{"id":"r","when":{"order":{"markets":["bonds"]}}}"#,
    r#"{"id":"r","streams":["H0STCNI0"],"when":{"order":{"markets":["stock"]}}}"#,
    r#"{"id":"r","symbol":"005930","when":{"upstream":{}}}"#,
    r#"{"id":"r","when":{"order":{}},"quiet":{"from":"22:00","to":"25:00"}}"#,
    r#"{"id":"r","when":{"order":{}},"quiet":{"from":"22:00","to":"22:00"}}"#,
    r#"{"id":"r","when":{"order":{}},"quiet":{"from":"22:00","to":"07:00","zone":"KST"}}"#,
    r#"{"id":"r","when":{"order":{}},"expires":"tomorrow"}"#,
    r#"{"id":"r","when":{"order":{}}} and more"#,
];

#[test]
fn wrong_rules_are_explained() {
    let explained = WRONG.iter().map(|text| {
        let error = Rule::from_json(text).map(|it| format!("{it:?}")).expect_err(text);
        format!("{text}\n    {error}\n")
    });
    insta::assert_snapshot!(explained.collect::<String>());
}

#[test]
fn rules_read_back() {
    for text in [
        r#"{"id":"r","symbol":"DNASAAPL","when":{"price":{"level":"182.5","crosses":"down"}}}"#,
        r#"{"id":"r","symbol":"0001","when":{"change":{"percent":1}},"repeat":true}"#,
        r#"{"id":"r","symbol":"005930","when":{"volume":{"times":5,"seconds":60,"baseline_seconds":1200,"measure":"value"}}}"#,
        r#"{"id":"r","when":{"upstream":{"down_seconds":5}},"to":["chat"],"enabled":false}"#,
        r#"{"id":"r","when":{"order":{}},"expires":"2026-12-31T15:30:00+09:00","quiet":{"from":"22:00","to":"07:00","zone":"America/New_York","held":"drop"}}"#,
    ] {
        let rule = Rule::from_json(text).unwrap();
        let written = serde_json::to_string(&rule).unwrap();
        assert_eq!(Rule::from_json(&written), Ok(rule), "{written}");
    }
}

#[track_caller]
fn needs(rule: &str, expected: &[&str]) {
    let found = Rule::from_json(rule).unwrap().notices();
    assert_eq!(found.iter().map(|it| it.as_str()).collect::<Vec<_>>(), expected, "{rule}");
}

#[test]
fn notices_that_order_rules_need() {
    let stocks = ["H0STCNI0", "H0STCNI9", "H0GSCNI0", "H0GSCNI9"];
    needs(r#"{"id":"r","when":{"order":{}}}"#, &stocks);
    needs(r#"{"id":"r","symbol":"101W09","when":{"order":{}}}"#, &stocks);
    needs(
        r#"{"id":"r","when":{"order":{"markets":["derivatives"]}}}"#,
        &["H0IFCNI0", "H0IFCNI9", "H0MFCNI0", "H0EUCNI0"],
    );
    needs(r#"{"id":"r","when":{"order":{"markets":["overseas"]}}}"#, &["H0GSCNI0", "H0GSCNI9"]);
    needs(r#"{"id":"r","streams":["H0EUCNI0"],"when":{"order":{}}}"#, &["H0EUCNI0"]);
    needs(r#"{"id":"r","symbol":"005930","when":{"price":{"level":1}}}"#, &[]);
}
