//! What clients send that cannot be an order.

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn bad_input_is_said_and_sent_nowhere() {
    let (sim, desk) = (sim().await, Desk::new());
    let server = desk.server(&sim, &[]);
    let bearer = Some(desk.trade.as_str());
    for (change, detail) in [
        (json!({"price": 70000}), "expected a decimal number as text"),
        (json!({"price": "0"}), "above zero"),
        (json!({"quantity": 0}), "a whole number from 1"),
        (json!({"side": null}), "missing field `side`"),
        (json!({"account": "x"}), "unknown field `account`"),
        (json!({"symbol": "00 5930"}), "letters and digits"),
        (json!({"symbol": ""}), "letters and digits"),
        (json!({"market": "bonds"}), "unknown variant `bonds`"),
        (json!({"exchange": "NASD"}), "KRX, NXT or SOR"),
    ] {
        let answer =
            desk.place(&server, "a", &order_with(change)).await.expect(422, "invalid_order");
        let text = answer.body["detail"].as_str().unwrap();
        assert!(text.contains(detail), "{text}");
    }
    for key in [None, Some(""), Some("a b"), Some(&*"x".repeat(129))] {
        let answer = call(&server, Method::POST, "/v1/orders", bearer, key, Some(&order())).await;
        answer.expect(400, "idempotency_key_missing");
    }
    let send = async |kind: &str, body: &str| {
        let request = Http::new().post(format!("http://{}/v1/orders", server.address));
        let request = request.bearer_auth(&desk.trade).header("idempotency-key", "a");
        let request = request.header("content-type", kind).body(body.to_owned());
        answer(request.send().await.unwrap()).await
    };
    send("application/json", "{").await.expect(400, "invalid_order");
    send("application/json", "[]").await.expect(422, "invalid_order");
    send("application/json", "").await.expect(400, "invalid_order");
    send("text/plain", &order().to_string()).await.expect(415, "not_json");
    assert_eq!(send("application/json", &"[".repeat(70_000)).await.status, 413);
    for path in ["/v1/orders?dryrun=true", "/v1/orders?dry_run=yes"] {
        let answer = call(&server, Method::POST, path, bearer, Some("a"), Some(&order())).await;
        answer.expect(400, "invalid_query");
    }
    for (path, status, word) in [
        ("/v1/orders", 400, "invalid_query"),
        ("/v1/orders?market=bonds", 400, "invalid_query"),
        ("/v1/orders?market=derivatives&session=daytime", 422, "invalid_order"),
        ("/v1/orders?market=derivatives&session=night", 422, "invalid_order"),
        ("/v1/orders/ord_none", 404, "no_such_order"),
    ] {
        desk.get(&server, path).await.expect(status, word);
    }
    desk.cancel(&server, "a", "ord_none").await.expect(404, "no_such_order");
    assert_eq!(sim.state().counters.calls, 0);
}
