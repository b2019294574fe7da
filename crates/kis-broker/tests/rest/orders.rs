use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::Value;
use tokio::time::timeout;

use super::*;

/// Everything after which nobody knows whether an order was executed.
fn doubts() -> [(&'static str, Instead); 4] {
    [
        ("its answer did not come", Instead::Nothing),
        ("unreadable", Instead::Page(502)),
        ("EGW00301", refusal("EGW00301")),
        ("EGW00302", refusal("EGW00302")),
    ]
}

/// What the first lookup of an error lists.
async fn looked_up(rest: &Rest, error: &RestError) -> Vec<Value> {
    let answer = rest.call(&error.lookups()[0], plainly()).await.unwrap();
    answer.value().unwrap()["output1"].as_array().unwrap().clone()
}

#[tokio::test]
async fn an_order_in_doubt_is_never_sent_again_and_can_be_looked_up() {
    for side in [Side::Real, Side::Paper] {
        let tr_id = if side == Side::Real { "TTTC0012U" } else { "VTTC0012U" };
        for executed in [true, false] {
            for (known, instead) in doubts() {
                let (sim, rest) = fast(side).await;
                sim.fault_calls(1, fault(executed, instead));
                let error = rest.call(&buy(&rest), plainly()).await.unwrap_err();
                assert!(error.is_unsettled() && !error.is_retryable(), "{error}");
                assert_eq!(calls(&sim, tr_id), 1, "sent once");
                assert_eq!(sim.state().counters.orders, u64::from(executed));
                let text = chain(&error);
                assert!(text.contains(known), "{text}");
                let message = error.to_string();
                assert!(message.contains("domestic-stock/inquire-daily-ccld with"), "{message}");
                assert!(message.contains("PDNO 005930"), "{message}");

                let listed = looked_up(&rest, &error).await;
                assert_eq!(listed.len(), usize::from(executed));
                if executed {
                    assert_eq!(
                        (&listed[0]["pdno"], &listed[0]["ord_qty"]),
                        (&"005930".into(), &"1".into())
                    );
                }
                assert_eq!(error.lookups().len(), if side == Side::Real { 2 } else { 1 });
            }
        }
    }
}

#[tokio::test]
async fn an_order_that_takes_too_long_is_in_doubt() {
    let sim = sim(1000, 1000).await;
    let config = RestConfig { timeout: 100 * MILLI, ..config(1000, 1000) };
    let rest = rest(&sim.rest_url(), Side::Paper, config);
    sim.fault_calls(1, fault(true, Instead::Late(PATIENCE)));
    let error = rest.call(&buy(&rest), plainly()).await.unwrap_err();
    assert!(error.is_unsettled(), "{error}");
    assert_eq!(looked_up(&rest, &error).await.len(), 1);
    assert_eq!(calls(&sim, "VTTC0012U"), 1);
}

#[tokio::test]
async fn a_refused_order_is_settled_and_not_sent_again() {
    let (sim, rest) = fast(Side::Real).await;
    let refusals = ["EGW00201", "EGW00215", "EGW00213", "APBK0952"];
    for (sent, code) in (1..).zip(refusals) {
        sim.fault_calls(1, fault(false, refusal(code)));
        let error = rest.call(&buy(&rest), plainly()).await.unwrap_err();
        assert!(error.is_refusal() || code == "APBK0952", "{error}");
        assert_eq!(error.msg_cd(), Some(code));
        assert_eq!(error.is_retryable(), sent <= 2, "{code}");
        assert_eq!(calls(&sim, "TTTC0012U"), sent);
    }
    assert_eq!(sim.state().counters.orders, 0);
}

/// It may be withdrawn until the last moment, the second attempt after a refused token included.
#[tokio::test]
async fn a_withdrawn_order_is_not_sent() {
    let (sim, rest) = fast(Side::Real).await;
    let error = rest.order_unless(&buy(&rest), plainly(), || true).await.unwrap_err();
    assert!(matches!(error, RestError::Withdrawn { .. }) && !error.is_retryable(), "{error}");
    assert_eq!(calls(&sim, "TTTC0012U"), 0);

    let asked = AtomicUsize::new(0);
    let second = || asked.fetch_add(1, Ordering::Relaxed) == 1;
    sim.fault_calls(1, fault(false, refusal("EGW00123")));
    let error = rest.order_unless(&buy(&rest), plainly(), second).await.unwrap_err();
    assert!(matches!(error, RestError::Withdrawn { .. }), "{error}");
    assert_eq!(calls(&sim, "TTTC0012U"), 1);

    rest.order_unless(&buy(&rest), plainly(), || false).await.unwrap();
    assert_eq!(sim.state().counters.orders, 1);
}

#[tokio::test]
async fn an_order_that_found_no_connection_was_not_sent() {
    let (sim, rest) = fast(Side::Paper).await;
    rest.call(&price(&rest, "005930"), plainly()).await.unwrap();
    timeout(PATIENCE, sim.shutdown()).await.unwrap();
    let error = rest.call(&buy(&rest), plainly()).await.unwrap_err();
    assert!(matches!(error, RestError::Transport { sent: false, .. }), "{}", chain(&error));
    assert!(error.is_retryable() && error.lookups().is_empty());
}

#[tokio::test]
async fn an_order_goes_through_although_its_caller_left() {
    let (sim, rest) = fast(Side::Paper).await;
    sim.fault_calls(1, fault(true, Instead::Late(50 * MILLI)));
    let order = buy(&rest);
    let call = rest.call(&order, plainly());
    let reached = sim.wait_until(|it| it.counters.orders == 1);
    tokio::select! {
        _ = call => panic!("the answer is late"),
        _ = reached => {}
    }
    let done = || rest.status().count(kis_broker::Outcome::Done) == 1;
    let finished = async {
        while !done() {
            tokio::time::sleep(MILLI).await;
        }
    };
    timeout(PATIENCE, finished).await.unwrap();
    assert_eq!(calls(&sim, "VTTC0012U"), 1);
}

#[tokio::test]
async fn an_order_is_placed_and_withdrawn() {
    let (_sim, rest) = fast(Side::Paper).await;
    let placed = rest.call(&buy(&rest), plainly()).await.unwrap();
    assert_eq!(placed.msg_cd, "40600000");
    let placed = placed.value().unwrap();
    let output = |name: &str| placed["output"][name].as_str().unwrap().to_owned();
    let (number, branch) = (output("ODNO"), output("KRX_FWDG_ORD_ORGNO"));
    let given = [
        ("CANO", ACCOUNT),
        ("ACNT_PRDT_CD", "01"),
        ("KRX_FWDG_ORD_ORGNO", &branch),
        ("ORGN_ODNO", &number),
        ("ORD_DVSN", "00"),
        ("RVSE_CNCL_DVSN_CD", "02"),
        ("ORD_QTY", "0"),
        ("ORD_UNPR", "0"),
        ("QTY_ALL_ORD_YN", "Y"),
    ];
    let withdrawn = rest.call_by_id("domestic-stock/order-rvsecncl", given).await.unwrap();
    assert_eq!(withdrawn.msg_cd, "40630000");
    let again = rest.call_by_id("domestic-stock/order-rvsecncl", given).await.unwrap_err();
    assert_eq!(again.msg_cd(), Some("40330000"));
}
