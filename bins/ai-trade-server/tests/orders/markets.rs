//! Placing, amending, cancelling and listing, in every market.

use super::*;

/// Places an order, amends it, cancels what it has become, and finds all of it in the list.
async fn whole_life(desk: &Desk, server: &Server, order: &Value, list: &str) {
    let placed = desk.place(server, "place", order).await.expect(201, "accepted");
    assert_eq!(placed.location.as_deref(), Some(&*format!("/v1/orders/{}", placed.id())));
    assert!(placed.body["number"].as_str().is_some_and(|it| !it.is_empty()), "{}", placed.body);

    let amend = json!({"type": "limit", "price": "10.5"});
    let path = format!("/v1/orders/{}/amend", placed.id());
    let key = Some(desk.trade.as_str());
    let amended = call(server, Method::POST, &path, key, Some("amend"), Some(&amend)).await;
    let amended = amended.expect(201, "accepted");
    assert_eq!((&amended.body["of"], &amended.body["price"]), (&placed.body["id"], &"10.5".into()));
    assert_eq!(amended.body["original"], placed.body["number"]);

    let open = desk.get(server, &format!("{list}&open=true")).await;
    let rows = open.body["orders"].as_array().unwrap();
    assert_eq!(rows.len(), 1, "{}", open.body);
    assert_eq!((&rows[0]["id"], &rows[0]["open"]), (&amended.body["id"], &order["quantity"]));

    let cancelled = desk.cancel(server, "cancel", amended.id()).await.expect(200, "accepted");
    assert_eq!(cancelled.body["of"], amended.body["id"]);
    desk.cancel(server, "again", amended.id()).await.expect(422, "order_refused");
    desk.cancel(server, "cancel-of-cancel", cancelled.id()).await.expect(422, "invalid_order");

    let all = desk.get(server, list).await;
    assert_eq!((all.status, &all.body["complete"]), (200, &true.into()));
    let mut ids: Vec<_> =
        all.body["orders"].as_array().unwrap().iter().map(|it| &it["id"]).collect();
    ids.reverse();
    assert_eq!(ids, [&placed.body["id"], &amended.body["id"], &cancelled.body["id"]]);
}

fn future(session: &str) -> Value {
    json!({
        "market": "derivatives", "session": session, "symbol": "101W09", "side": "sell",
        "quantity": 2, "type": "limit", "price": "340.50",
    })
}

fn apple() -> Value {
    json!({
        "market": "overseas", "exchange": "NASD", "symbol": "AAPL", "side": "buy", "quantity": 3,
        "type": "limit", "price": "148.01",
    })
}

const LARGE: [(&str, &str); 2] = [
    ("ORDERS__ORDER_AMOUNT_MAX", "KRW:any USD:any"),
    ("ORDERS__DAY_AMOUNT_MAX", "KRW:any USD:any"),
];

#[tokio::test(flavor = "multi_thread")]
async fn stocks() {
    let (sim, desk) = (sim().await, Desk::new());
    let server = desk.server(&sim, &[]);
    whole_life(&desk, &server, &order(), "/v1/orders?market=stock").await;
    assert_eq!(orders(&sim), 3);
    let market = order_with(json!({"type": "best", "price": null}));
    desk.place(&server, "priceless", &market).await.expect(403, "amount_unknown");
}

#[tokio::test(flavor = "multi_thread")]
async fn derivatives_by_day() {
    let (sim, desk) = (sim().await, Desk::new());
    let server = desk.server(&sim, &LARGE);
    whole_life(&desk, &server, &future("day"), "/v1/orders?market=derivatives").await;
    let night = desk.place(&server, "night", &future("night")).await.expect(422, "invalid_order");
    assert!(night.body["detail"].as_str().unwrap().contains("not offered in paper trading"));
}

#[tokio::test(flavor = "multi_thread")]
async fn stocks_overseas() {
    let (sim, desk) = (sim().await, Desk::new());
    let server = desk.server(&sim, &[]);
    whole_life(&desk, &server, &apple(), "/v1/orders?market=overseas").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_only_real_trading_has() {
    let (sim, desk) = (sim().await, Desk::new());
    let real = [("KIS_ENV", "real"), ("ORDERS__REAL", "yes-with-real-money")];
    let server = desk.server(&sim, &[&real[..], &LARGE].concat());
    assert_eq!(desk.get(&server, "/v1/orders/status").await.body["real"], true);
    whole_life(&desk, &server, &future("night"), "/v1/orders?market=derivatives&session=night")
        .await;
    let mut daytime = apple();
    daytime["session"] = "daytime".into();
    let placed = desk.place(&server, "daytime", &daytime).await.expect(201, "accepted");
    desk.cancel(&server, "daytime-cancel", placed.id()).await.expect(200, "accepted");
    assert_eq!((calls(&sim, "STTN1101U"), calls(&sim, "TTTS6036U")), (1, 1));
    assert!(desk.path("orders/real/journal.jsonl").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_part_is_amended_and_cancelled() {
    let (sim, desk) = (sim().await, Desk::new());
    let server = desk.server(&sim, &[]);
    let placed = desk.place(&server, "a", &order()).await.expect(201, "accepted");
    let amend = json!({"type": "limit", "price": "71000", "quantity": 4});
    let path = format!("/v1/orders/{}/amend", placed.id());
    let key = Some(desk.trade.as_str());
    call(&server, Method::POST, &path, key, Some("b"), Some(&amend)).await.expect(201, "accepted");
    let path = format!("/v1/orders/{}?quantity=5", placed.id());
    call(&server, Method::DELETE, &path, key, Some("c"), None).await.expect(200, "accepted");
    let list = desk.get(&server, "/v1/orders?market=stock&open=true").await;
    let open: Vec<_> =
        list.body["orders"].as_array().unwrap().iter().map(|it| &it["open"]).collect();
    assert_eq!(open, [4, 1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_others_have_ordered_is_listed_without_an_id() {
    let (sim, desk, other) = (sim().await, Desk::new(), Desk::new());
    let server = desk.server(&sim, &[]);
    let elsewhere = other.server(&sim, &[]);
    desk.place(&server, "a", &order()).await.expect(201, "accepted");
    other.place(&elsewhere, "a", &order()).await.expect(201, "accepted");
    let list = desk.get(&server, "/v1/orders?market=stock").await;
    let known: Vec<_> =
        list.body["orders"].as_array().unwrap().iter().map(|it| it["id"].is_string()).collect();
    assert_eq!(known, [false, true]);
}
