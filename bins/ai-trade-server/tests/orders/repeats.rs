//! An `Idempotency-Key` stands for one order, whatever happens.

use futures_util::future::join_all;

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn a_repeat_gets_the_first_answer_after_a_restart_as_well() {
    let (sim, desk) = (sim().await, Desk::new());
    let server = desk.server(&sim, &[]);
    let first = desk.place(&server, "a", &order()).await.expect(201, "accepted");
    assert!(!first.repeated);
    let again = desk.place(&server, "a", &order()).await.expect(201, "accepted");
    assert_eq!((again.repeated, &again.body), (true, &first.body));
    fault(&sim, false, refusal(200, "APBK0952"));
    let refused = desk.place(&server, "r", &order()).await.expect(422, "order_refused");
    assert_eq!(
        (&refused.body["msg_cd"], &refused.body["rt_cd"]),
        (&"APBK0952".into(), &"1".into())
    );
    assert!(!refused.body.to_string().contains("87654321"), "{}", refused.body);

    drop(server); // kill -9
    let server = desk.server(&sim, &[]);
    let again = desk.place(&server, "a", &order()).await.expect(201, "accepted");
    assert_eq!((again.repeated, &again.body), (true, &first.body));
    let again = desk.place(&server, "r", &order()).await.expect(422, "order_refused");
    assert!(again.repeated);
    assert_eq!(again.body, refused.body);
    assert_eq!((orders(&sim), calls(&sim, "VTTC0012U")), (1, 2));
    desk.place(&server, "b", &order()).await.expect(201, "accepted");
    assert_eq!(orders(&sim), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_is_not_used_for_something_else() {
    let (sim, desk) = (sim().await, Desk::new());
    let server = desk.server(&sim, &[]);
    let placed = desk.place(&server, "a", &order()).await.expect(201, "accepted");
    let other = order_with(json!({"quantity": 11}));
    desk.place(&server, "a", &other).await.expect(422, "idempotency_key_reused");
    desk.cancel(&server, "a", placed.id()).await.expect(422, "idempotency_key_reused");
    // Nor by another client: what it would be told is not its own.
    let boss = Some(desk.admin.as_str());
    let answer = call(&server, Method::POST, "/v1/orders", boss, Some("a"), Some(&order())).await;
    answer.expect(422, "idempotency_key_reused");
    // The same order written otherwise is the same.
    let text = r#"{ "type":"limit","price":"70000","side":"buy","symbol":"005930","quantity":10,"market":"stock" }"#;
    let request = Http::new().post(format!("http://{}/v1/orders", server.address));
    let request = request.bearer_auth(&desk.trade).header("idempotency-key", "\"a\"");
    let request = request.header("content-type", "application/json").body(text);
    assert!(answer_of(request).await.expect(201, "accepted").repeated);
    assert_eq!(orders(&sim), 1);
}

async fn answer_of(request: reqwest::RequestBuilder) -> Answer {
    answer(request.send().await.unwrap()).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repeat_at_the_same_time_is_told_to_wait() {
    let (sim, desk) = (sim().await, Desk::new());
    let server = desk.server(&sim, &[]);
    fault(&sim, true, Instead::Late(Duration::from_secs(3)));
    let (first, _) = tokio::join!(async { desk.place(&server, "a", &order()).await }, async {
        support::wait_until(&sim, |it| it.counters.orders == 1).await;
        let again = desk.place(&server, "a", &order()).await.expect(409, "order_in_flight");
        assert!(again.body["id"].is_string());
    });
    first.expect(201, "accepted");
    assert_eq!(orders(&sim), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_at_once_one_is_sent() {
    let (sim, desk) = (sim().await, Desk::new());
    let server = desk.server(&sim, &[]);
    let order = order_with(json!({"quantity": 1}));
    let answers = join_all((0..20).map(|_| desk.place(&server, "a", &order))).await;
    assert!(answers.iter().all(|it| matches!(it.status, 201 | 409)));
    assert_eq!(answers.iter().filter(|it| it.status == 201 && !it.repeated).count(), 1);
    assert_eq!(orders(&sim), 1);
    // Different ones do not stand in each other's way.
    let keys: Vec<_> = (0..20).map(|it| format!("k{it}")).collect();
    let answers = join_all(keys.iter().map(|it| desk.place(&server, it, &order))).await;
    assert!(answers.iter().all(|it| it.status == 201));
    let mut numbers: Vec<_> = answers.iter().map(|it| it.body["number"].to_string()).collect();
    numbers.sort();
    numbers.dedup();
    assert_eq!((numbers.len(), orders(&sim)), (20, 21));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_that_did_not_leave_stays_so() {
    let (sim, desk) = (sim().await, Desk::new());
    let server = desk.server(&sim, &[("KIS_REST_URL", "http://127.0.0.1:9")]);
    let first = desk.place(&server, "a", &order()).await.expect(503, "order_not_sent");
    let again = desk.place(&server, "a", &order()).await.expect(503, "order_not_sent");
    assert_eq!((again.repeated, again.id()), (true, first.id()));
    let used = desk.get(&server, "/v1/orders/status").await;
    assert_eq!(used.body["today"]["orders"], 0, "what was not sent does not count");
}
