//! What stops an order before it is sent.

use kis_sim::Script;

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn limits_of_the_day_outlive_the_process() {
    let (sim, desk) = (sim().await, Desk::new());
    let settings = [("ORDERS__DAY_ORDERS_MAX", "3"), ("ORDERS__DAY_AMOUNT_MAX", "KRW:2000000")];
    let server = desk.server(&sim, &settings);
    desk.place(&server, "a", &order()).await.expect(201, "accepted");
    fault(&sim, false, refusal(200, "APBK0952"));
    desk.place(&server, "refused", &order()).await.expect(422, "order_refused");
    let placed = desk.place(&server, "b", &order()).await.expect(201, "accepted");
    desk.place(&server, "c", &order()).await.expect(403, "day_amount_limit");
    drop(server); // kill -9

    let server = desk.server(&sim, &settings);
    let status = desk.get(&server, "/v1/orders/status").await;
    assert_eq!(status.body["today"], json!({"orders": 2, "amount": {"KRW": "1400000"}}));
    desk.place(&server, "c", &order()).await.expect(403, "day_amount_limit");
    let small = order_with(json!({"quantity": 1}));
    // The gate's no is not remembered: the order may come again when it fits.
    desk.place(&server, "d", &small).await.expect(201, "accepted");
    desk.place(&server, "e", &small).await.expect(403, "day_orders_limit");
    desk.cancel(&server, "f", placed.id()).await.expect(200, "accepted");
    assert_eq!(orders(&sim), 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_amendment_takes_what_it_adds() {
    let (sim, desk) = (sim().await, Desk::new());
    let server = desk.server(&sim, &[("ORDERS__DAY_AMOUNT_MAX", "KRW:720000")]);
    let placed = desk.place(&server, "a", &order()).await.expect(201, "accepted");
    let amend = async |key: &str, id: &str, price: &str| {
        let (path, body) =
            (format!("/v1/orders/{id}/amend"), json!({"type": "limit", "price": price}));
        let bearer = Some(desk.trade.as_str());
        call(&server, Method::POST, &path, bearer, Some(key), Some(&body)).await
    };
    amend("b", placed.id(), "73000").await.expect(403, "day_amount_limit");
    let cheaper = amend("c", placed.id(), "60000").await.expect(201, "accepted");
    amend("d", cheaper.id(), "62000").await.expect(201, "accepted");
    let status = desk.get(&server, "/v1/orders/status").await;
    assert_eq!(status.body["today"], json!({"orders": 3, "amount": {"KRW": "720000", }}));
}

#[tokio::test(flavor = "multi_thread")]
async fn many_at_once_do_not_slip_through_together() {
    let (sim, desk) = (sim().await, Desk::new());
    let server = desk.server(&sim, &[("ORDERS__DAY_ORDERS_MAX", "5")]);
    let (order, keys) = (order(), (0..20).map(|it| format!("k{it}")).collect::<Vec<_>>());
    let placed = keys.iter().map(|it| desk.place(&server, it, &order));
    let answers = futures_util::future::join_all(placed).await;
    assert_eq!(answers.iter().filter(|it| it.status == 201).count(), 5);
    assert_eq!(orders(&sim), 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_kill_switch() {
    let (sim, desk) = (sim().await, Desk::new());
    let server = desk.server(&sim, &[]);
    let boss = Some(desk.admin.as_str());
    let placed = desk.place(&server, "a", &order()).await.expect(201, "accepted");
    let killed = call(&server, Method::POST, "/v1/orders/kill", boss, None, None).await;
    assert_eq!((killed.status, &killed.body["killed"]), (200, &true.into()));
    desk.place(&server, "b", &order()).await.expect(403, "killed");
    let amend = json!({"type": "limit", "price": "60000"});
    let path = format!("/v1/orders/{}/amend", placed.id());
    call(&server, Method::POST, &path, boss, Some("c"), Some(&amend)).await.expect(403, "killed");
    drop(server); // kill -9

    let server = desk.server(&sim, &[]);
    desk.place(&server, "b", &order()).await.expect(403, "killed");
    // What was placed before is still known, and can be withdrawn.
    desk.place(&server, "a", &order()).await.expect(201, "accepted");
    desk.cancel(&server, "d", placed.id()).await.expect(200, "accepted");
    assert_eq!(orders(&sim), 2);
    let released = call(&server, Method::DELETE, "/v1/orders/kill", boss, None, None).await;
    assert_eq!((released.status, &released.body["killed"]), (200, &false.into()));
    desk.place(&server, "b", &order()).await.expect(201, "accepted");
    // By hand.
    fs::write(desk.path("orders/KILL"), "").unwrap();
    desk.place(&server, "e", &order()).await.expect(403, "killed");
    fs::remove_file(desk.path("orders/KILL")).unwrap();
    desk.place(&server, "e", &order()).await.expect(201, "accepted");
    let who: Vec<_> = desk.audit().into_iter().filter(|it| it["decision"] == "done").collect();
    assert_eq!(who.iter().map(|it| &it["what"]).collect::<Vec<_>>(), ["kill", "release"]);
    assert!(who.iter().all(|it| it["who"]["name"] == "boss"));
    drop(server);

    let server = desk.server(&sim, &[("ORDERS__KILL", "true")]);
    desk.place(&server, "f", &order()).await.expect(403, "killed");
    let path = "/v1/orders/kill";
    call(&server, Method::DELETE, path, boss, None, None).await.expect(409, "killed");
}

/// Orders that wait for their turn are stopped as well.
#[tokio::test(flavor = "multi_thread")]
async fn the_kill_switch_stops_what_waits() {
    let (sim, desk) = (sim().await, Desk::new());
    let server = desk.server(&sim, &[("KIS__LEDGER_PER_SECOND", "1")]);
    let keys: Vec<_> = (0..5).map(|it| format!("k{it}")).collect();
    let order = order();
    let placed =
        futures_util::future::join_all(keys.iter().map(|it| desk.place(&server, it, &order)));
    let kill = async {
        support::eventually("no orders wait", async || {
            figure(&server, "relay_rest_waiting{limit=\"ledger\"}").await >= 3
        })
        .await;
        fs::write(desk.path("orders/KILL"), "").unwrap();
    };
    let (placed, ()) = tokio::join!(placed, kill);
    let stopped: Vec<_> = placed.iter().filter(|it| it.status != 201).collect();
    assert_eq!(orders(&sim), 5 - stopped.len() as u64);
    // One that has not begun to wait yet is refused as any other.
    let (waited, late): (Vec<_>, Vec<_>) = stopped.into_iter().partition(|it| it.status == 503);
    assert!(!waited.is_empty(), "the last of them has to wait for seconds");
    for answer in &waited {
        assert_eq!(answer.code(), "order_not_sent", "{}", answer.body);
        assert!(answer.body["detail"].as_str().unwrap().contains("kill switch"), "{}", answer.body);
    }
    for answer in &late {
        assert_eq!((answer.status, answer.code()), (403, "killed"), "{}", answer.body);
    }
    for (outcome, count) in [("accepted", orders(&sim)), ("not_sent", waited.len() as u64)] {
        let name = format!("relay_orders_total{{outcome=\"{outcome}\"}}");
        assert_eq!(figure(&server, &name).await, count, "{outcome}");
    }
    assert_eq!(figure(&server, "relay_orders_killed").await, 1);
}

/// A figure of `/metrics`.
async fn figure(server: &Server, name: &str) -> u64 {
    let scrape = reqwest::get(format!("http://{}/metrics", server.address)).await.unwrap();
    let text = scrape.text().await.unwrap();
    let line = text.lines().find_map(|it| it.strip_prefix(name)?.strip_prefix(' '));
    line.unwrap_or_else(|| panic!("{name} is missing")).parse().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_sends_nothing() {
    let (sim, desk) = (sim().await, Desk::new());
    let server = desk.server(&sim, &[]);
    let bearer = Some(desk.trade.as_str());
    let dry = async |server: &Server, path: &str, order: &Value| {
        call(server, Method::POST, path, bearer, Some("a"), Some(order)).await
    };
    let path = "/v1/orders?dry_run=true";
    let answer = dry(&server, path, &order()).await;
    assert_eq!((answer.status, &answer.body["dry_run"]), (200, &true.into()));
    let sent = &answer.body["would_send"];
    assert_eq!(sent["tr_id"], "VTTC0012U");
    assert_eq!(sent["parameters"]["ORD_UNPR"], "70000");
    assert_eq!(sent["parameters"]["CANO"], "…2101");
    assert!(!answer.body.to_string().contains("87654321"));
    dry(&server, path, &order_with(json!({"quantity": 1001}))).await.expect(403, "quantity_limit");
    assert_eq!(sim.state().counters.calls, 0, "nothing, not even a token");
    // Its key is not used up by it.
    let placed = desk.place(&server, "a", &order()).await.expect(201, "accepted");
    let path = format!("/v1/orders/{}?dry_run=true", placed.id());
    let cancel = call(&server, Method::DELETE, &path, bearer, Some("b"), None).await;
    assert_eq!(cancel.body["would_send"]["parameters"]["RVSE_CNCL_DVSN_CD"], "02");
    assert_eq!(orders(&sim), 1);
    drop(server);

    let server = desk.server(&sim, &[("ORDERS__DRY_RUN", "true")]);
    let answer =
        dry(&server, "/v1/orders?dry_run=false", &order_with(json!({"side": "sell"}))).await;
    assert_eq!((answer.status, &answer.body["dry_run"]), (200, &true.into()));
    assert_eq!(orders(&sim), 1);
}

/// The price of a trade that came over the websocket is the measure.
#[tokio::test(flavor = "multi_thread")]
async fn the_last_price() {
    // The first frame alone, so that there is one price.
    let frame = include_str!("../../../../fixtures/frames/H0STCNT0.jsonl").lines().next().unwrap();
    let script = Script::parse(frame.as_bytes());
    let (sim, desk) = (start_sim(SimConfig { script, ..config() }).await, Desk::new());
    let server = desk.server(&sim, &[("ORDERS__PRICE_DEVIATION_MAX_PERCENT", "10")]);
    let market = order_with(json!({"type": "market", "price": null, "quantity": 1}));
    desk.place(&server, "a", &market).await.expect(403, "amount_unknown");
    let mut client = server.client().await;
    client.subscribe("H0STCNT0", "005930").await;
    let record = client.record("H0STCNT0:005930").await;
    let price: u64 = record["data"]["stck_prpr"].as_str().unwrap().parse().unwrap();
    desk.place(&server, "a", &market).await.expect(201, "accepted");
    let far = order_with(json!({"price": (price * 2).to_string(), "quantity": 1}));
    let answer = desk.place(&server, "b", &far).await.expect(403, "price_limit");
    assert!(answer.body["detail"].as_str().unwrap().contains("10%"));
    let near = order_with(json!({"price": price.to_string(), "quantity": 1}));
    desk.place(&server, "b", &near).await.expect(201, "accepted");
    assert_eq!(orders(&sim), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_allowed() {
    let (sim, desk) = (sim().await, Desk::new());
    let settings = [("ORDERS__SYMBOLS", "005930"), ("ORDERS__MARKETS", "stock")];
    let server = desk.server(&sim, &settings);
    let other = order_with(json!({"symbol": "000660"}));
    desk.place(&server, "a", &other).await.expect(403, "symbol_not_allowed");
    let other = order_with(json!({"market": "derivatives"}));
    desk.place(&server, "a", &other).await.expect(403, "market_not_allowed");
    let large = order_with(json!({"price": "1000001"}));
    desk.place(&server, "a", &large).await.expect(403, "amount_limit");
    desk.place(&server, "a", &order()).await.expect(201, "accepted");
    assert_eq!(orders(&sim), 1);
}
