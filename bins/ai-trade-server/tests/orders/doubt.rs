//! Answers that do not come: the order is looked up, and never sent again.

use super::*;
use crate::support::eventually;

/// What becomes of an order when `instead` comes for its answer.
async fn check(executed: bool, instead: Instead) {
    let (sim, desk) = (sim().await, Desk::new());
    let server = desk.server(&sim, &[]);
    fault(&sim, executed, instead);
    let unknown = desk.place(&server, "a", &order()).await.expect(504, "order_unknown");
    assert_eq!(unknown.location.as_deref(), Some(&*format!("/v1/orders/{}", unknown.id())));
    let settled = if executed { "accepted" } else { "not_taken" };
    eventually(settled, async || desk.state(&server, unknown.id()).await == settled).await;
    let again = desk.place(&server, "a", &order()).await;
    assert!(again.repeated);
    assert_eq!(again.id(), unknown.id());
    if executed {
        let again = again.expect(201, "accepted");
        assert_eq!(again.body["looked_up"], true);
        desk.cancel(&server, "b", again.id()).await.expect(200, "accepted");
    } else {
        again.expect(502, "order_not_taken");
        desk.cancel(&server, "b", unknown.id()).await.expect(409, "order_not_open");
        desk.place(&server, "c", &order()).await.expect(201, "accepted");
    }
    assert_eq!(calls(&sim, "VTTC0012U"), if executed { 1 } else { 2 });
    let lookups = desk.audit().into_iter().filter(|it| it["what"] == "lookup");
    assert_eq!(lookups.map(|it| it["decision"].clone()).collect::<Vec<_>>(), [settled]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_answer_was_lost() {
    check(true, Instead::Nothing).await;
    check(false, Instead::Nothing).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn kis_says_to_check() {
    check(true, refusal(500, "EGW00301")).await;
    check(false, refusal(500, "EGW00302")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proxy_answered() {
    check(true, Instead::Page(502)).await;
    check(false, Instead::Page(502)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_server_was_killed_while_it_waited() {
    for executed in [true, false] {
        let (sim, desk, order) = (sim().await, Desk::new(), order());
        let server = desk.server(&sim, &[]);
        fault(&sim, executed, Instead::Late(Duration::from_secs(60)));
        let sent = |it: &kis_sim::SimState| it.calls.contains_key("VTTC0012U");
        tokio::select! {
            answer = desk.place(&server, "a", &order) => panic!("answered {}", answer.status),
            _ = support::wait_until(&sim, sent) => {}
        }
        drop(server); // kill -9

        // Nobody can look yet: the state is what it is, and nothing is sent.
        let server = desk.server(&sim, &[("ORDERS__LOOKUP_INTERVAL_MS", "3600000")]);
        let again = desk.place(&server, "a", &order).await.expect(504, "order_unknown");
        assert!(again.repeated);
        let listed = desk.get(&server, "/v1/orders?market=stock").await;
        assert_eq!(listed.body["unsettled"][0]["id"].as_str(), Some(again.id()));
        drop(server);

        let server = desk.server(&sim, &[]);
        let settled = if executed { "accepted" } else { "not_taken" };
        eventually(settled, async || desk.state(&server, again.id()).await == settled).await;
        assert_eq!(calls(&sim, "VTTC0012U"), 1, "sent once");
        assert_eq!(orders(&sim), u64::from(executed));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_goes_on_when_its_client_leaves() {
    let (sim, desk, order) = (sim().await, Desk::new(), order());
    let server = desk.server(&sim, &[]);
    fault(&sim, true, Instead::Late(Duration::from_millis(300)));
    tokio::select! {
        answer = desk.place(&server, "a", &order) => panic!("answered {}", answer.status),
        _ = support::wait_until(&sim, |it| it.counters.orders == 1) => {}
    }
    eventually("an answer", async || desk.place(&server, "a", &order).await.status == 201).await;
    assert_eq!(orders(&sim), 1);
}

/// Two orders that look the same are two orders.
#[tokio::test(flavor = "multi_thread")]
async fn twins_are_told_apart_by_their_numbers() {
    let (sim, desk) = (sim().await, Desk::new());
    let server = desk.server(&sim, &[]);
    fault(&sim, true, Instead::Nothing);
    fault(&sim, true, Instead::Nothing);
    fault(&sim, false, Instead::Nothing);
    let keys = ["a", "b", "c"];
    let mut ids = Vec::new();
    for key in keys {
        let answer = desk.place(&server, key, &order()).await.expect(504, "order_unknown");
        ids.push(answer.id().to_owned());
    }
    let states = async || {
        let mut states = Vec::new();
        for id in &ids {
            states.push(desk.state(&server, id).await);
        }
        states.sort();
        states
    };
    eventually("settled", async || states().await == ["accepted", "accepted", "not_taken"]).await;
    let list = desk.get(&server, "/v1/orders?market=stock").await;
    let rows = list.body["orders"].as_array().unwrap();
    assert!(rows.len() == 2 && rows[0]["id"] != rows[1]["id"] && rows[0]["id"].is_string());
}

/// A cancel whose answer is lost is looked up like an order.
#[tokio::test(flavor = "multi_thread")]
async fn a_cancel_in_doubt() {
    let (sim, desk) = (sim().await, Desk::new());
    let server = desk.server(&sim, &[]);
    let placed = desk.place(&server, "a", &order()).await.expect(201, "accepted");
    let tr_id = Some("VTTC0013U".to_owned());
    sim.fault_calls(1, CallFault { tr_id, executed: true, instead: Instead::Nothing });
    let unknown = desk.cancel(&server, "b", placed.id()).await.expect(504, "order_unknown");
    eventually("cancelled", async || desk.state(&server, unknown.id()).await == "accepted").await;
    desk.cancel(&server, "b", placed.id()).await.expect(200, "accepted");
    assert_eq!(calls(&sim, "VTTC0013U"), 1);
}
