//! Every kind of notification, as people read it.
#![allow(clippy::unwrap_used, missing_docs, reason = "a test may panic")]

use alert_engine::{
    Notification,
    render::{Fit, Language, Markup, Renderer},
};
use serde_json::{Value, json};

fn notification(mut of: Value, fact: Value) -> Notification {
    let mut json = json!({
        "id": "r.0.1", "rule": "my-rule", "severity": "notice", "at": "2026-09-22T14:06:10+09:00",
    });
    json["fact"] = fact;
    json.as_object_mut().unwrap().append(of.as_object_mut().unwrap());
    serde_json::from_value(json).unwrap()
}

fn samsung() -> Value {
    json!({"symbol": "005930", "name": "삼성전자", "currency": "KRW"})
}

fn apple() -> Value {
    json!({"symbol": "AAPL", "currency": "USD"})
}

fn all() -> Vec<Notification> {
    let price = |direction: &str, expected: bool| {
        json!({"kind": "price", "direction": direction, "price": "80100", "level": "80000",
            "change_percent": "1.37", "expected": expected})
    };
    let order = |event: &str, side: &str, price: Value| {
        json!({"kind": "order", "event": event, "side": side, "quantity": 1000, "price": price,
            "order_quantity": 2500, "order_price": "80000", "order_number": "0000005008"})
    };
    let upstream = |event: &str, seconds: Value, detail: Value| json!({"kind": "upstream", "event": event, "source": "real", "seconds": seconds, "detail": detail});
    let nothing = || json!({});
    let untold = json!({"symbol": "101W09", "untold": 3});
    let held = json!({"kind": "held", "count": 4, "first": "2026-09-21T23:10:00+09:00", "last": price("up", false)});
    vec![
        notification(samsung(), price("up", false)),
        notification(samsung(), price("down", true)),
        notification(
            apple(),
            json!({"kind": "price", "direction": "down", "price": "182.8500", "level": "183",
                "change_percent": "-0.4", "expected": false}),
        ),
        notification(
            untold,
            json!({"kind": "price", "direction": "up", "price": "433.10", "level": "433",
                "change_percent": null, "expected": false}),
        ),
        notification(
            samsung(),
            json!({"kind": "move", "direction": "down", "price": "75000", "percent": "-3.05",
                "from": "77360", "since": "previous_close"}),
        ),
        notification(
            apple(),
            json!({"kind": "move", "direction": "up", "price": "186.0000", "percent": "2.00",
                "from": "182.3500", "since": {"seconds": 300}}),
        ),
        notification(
            samsung(),
            json!({"kind": "volume", "measure": "quantity", "amount": "1234567", "times": "5.2",
                "seconds": 60, "price": "80100"}),
        ),
        notification(
            samsung(),
            json!({"kind": "volume", "measure": "value", "amount": "98765432100", "times": null,
                "seconds": 90, "price": "80100"}),
        ),
        notification(
            samsung(),
            json!({"kind": "imbalance", "side": "bid", "bid": 770303, "ask": 190189, "times": "4.1"}),
        ),
        notification(
            samsung(),
            json!({"kind": "imbalance", "side": "ask", "bid": 0, "ask": 190189, "times": null}),
        ),
        notification(samsung(), json!({"kind": "interruption", "on": true})),
        notification(samsung(), json!({"kind": "halt", "on": false, "reason": "<공시> 관련"})),
        notification(
            samsung(),
            json!({"kind": "market", "event": "circuit_breaker", "code": "174"}),
        ),
        notification(nothing(), json!({"kind": "market", "event": "phase", "code": "112"})),
        notification(samsung(), order("filled", "buy", json!("79900"))),
        notification(
            json!({"symbol": "111V06", "name": "삼성전자   F 2", "stream": "H0IFCNI0"}),
            order("filled", "buy", json!("78400.00")),
        ),
        notification(samsung(), order("rejected", "sell", json!("80000"))),
        notification(samsung(), order("accepted", "buy", Value::Null)),
        notification(nothing(), upstream("down", json!(95), Value::Null)),
        notification(nothing(), upstream("unknown_width", Value::Null, json!("H0STCNT0, 48"))),
        notification(nothing(), upstream("in_use_elsewhere", Value::Null, Value::Null)),
        notification(nothing(), json!({"kind": "recovered", "source": "real", "seconds": 3_725})),
        notification(samsung(), held),
        notification(
            json!({"symbol": "A&B", "name": "<b>Tom & Jerry</b>"}),
            json!({"kind": "interruption", "on": true}),
        ),
    ]
}

#[test]
fn texts() {
    for (name, language, markup) in [
        ("korean", Language::Korean, Markup::Plain),
        ("english", Language::English, Markup::Plain),
        ("telegram", Language::Korean, Markup::TelegramHtml),
    ] {
        let renderer = Renderer { language, markup };
        let texts: Vec<_> = all().iter().map(|it| renderer.notification(it)).collect();
        insta::assert_snapshot!(name, texts.join("\n\n"));
    }
}

#[test]
fn a_message_holds_what_fits() {
    let renderer = Renderer { language: Language::Korean, markup: Markup::TelegramHtml };
    let all = all();
    let (message, count) = renderer.batch(&all, 0, Fit::TELEGRAM);
    assert_eq!((count, message.matches("<b>").count()), (all.len(), all.len()));
    for units_max in [1, 100, 200, 1_000] {
        let mut rest = &*all;
        while !rest.is_empty() {
            let (message, count) = renderer.batch(rest, 0, Fit { units_max });
            assert!(count >= 1 && (count == 1 || message.encode_utf16().count() <= units_max));
            assert_eq!(message.matches("<b>").count(), message.matches("</b>").count());
            rest = &rest[count..];
        }
    }
    let (message, count) = renderer.batch(&all[..1], 7, Fit::TELEGRAM);
    assert!(
        message.starts_with("<b>알림 7건이 밀려 삭제됨</b>\n\n<b>▲ 삼성전자 80,100원"),
        "{message}"
    );
    assert_eq!(count, 1);
}
