use futures_util::future::join_all;
use kis_broker::{Outcome, Priority};
use tokio::time::{Instant, timeout};

use super::*;

const CALLS: u32 = 1000;

/// Of a thousand calls at once none is refused. Returns how many there were a second.
async fn thousand(per_second: u32) -> f64 {
    let sim = sim(per_second, per_second).await;
    let rest = rest(
        &sim.rest_url(),
        Side::Real,
        RestConfig { patience: Duration::from_secs(120), ..config(per_second, per_second) },
    );
    // A token first, as that is no call.
    rest.call(&price(&rest, "000000"), plainly()).await.unwrap();
    let start = Instant::now();
    let all = (0..CALLS).map(|number| {
        let (rest, call) = (rest.clone(), price(&rest, &format!("{:06}", number + 1)));
        async move { rest.call(&call, plainly()).await }
    });
    let all = join_all(all).await;
    let rate = f64::from(CALLS) / start.elapsed().as_secs_f64();
    assert!(all.iter().all(Result::is_ok));
    let counters = sim.state().counters;
    assert_eq!((counters.limited, counters.calls), (0, u64::from(CALLS) + 1));
    assert_eq!(rest.status().count(Outcome::Done), u64::from(CALLS) + 1);
    rate
}

#[tokio::test]
async fn a_thousand_calls_at_once_are_all_answered() {
    let rate = thousand(400).await;
    println!("{rate:.1} of 400 calls a second");
}

/// Takes a minute: `cargo test -p kis-broker --release --test rest -- --ignored --nocapture`.
#[tokio::test]
#[ignore = "measures time, for a minute"]
async fn a_thousand_calls_reach_the_limit_of_kis() {
    let rate = thousand(18).await;
    println!("{rate:.2} of 18 calls a second");
    assert!(rate >= 0.95 * 18.0);
}

#[tokio::test]
async fn an_order_does_not_wait_for_quotes() {
    let sim = sim(5, 5).await;
    let rest = rest(&sim.rest_url(), Side::Real, config(5, 5));
    let quotes = (0..12).map(|number| {
        let (rest, call) = (rest.clone(), price(&rest, &format!("{number:06}")));
        tokio::spawn(async move { rest.call(&call, plainly()).await })
    });
    let quotes: Vec<_> = quotes.collect();
    timeout(PATIENCE, sim.wait_until(|it| it.counters.calls > 0)).await.unwrap();
    let (asked, placed) = (balance(&rest), buy(&rest));
    let asked = async {
        rest.call(&asked, plainly()).await.unwrap();
        Instant::now()
    };
    let placed = async {
        rest.call(&placed, plainly()).await.unwrap();
        (Instant::now(), calls(&sim, "FHKST01010100"))
    };
    // In the other order, so that it is not the order of asking that decides.
    let (asked, (placed, quoted)) = tokio::join!(asked, placed);
    assert!(placed < asked, "orders before accounts");
    assert!(quoted < 12, "orders before quotes, of which {quoted} were through");
    for quote in join_all(quotes).await {
        quote.unwrap().unwrap();
    }
    assert_eq!(sim.state().counters.limited, 0);
}

#[tokio::test]
async fn identical_reads_are_sent_once() {
    let (sim, rest) = fast(Side::Real).await;
    let call = price(&rest, "005930");
    let all = join_all((0..100).map(|_| rest.call(&call, plainly()))).await;
    let first = all[0].as_ref().unwrap();
    assert!(all.iter().all(|it| it.as_ref().unwrap() == first));
    assert_eq!(calls(&sim, "FHKST01010100"), 1);
    assert_eq!(rest.status().coalesced, 99);

    rest.call(&call, plainly()).await.unwrap();
    assert_eq!(calls(&sim, "FHKST01010100"), 2, "what is over is not shared");
    let urgent = CallOptions { priority: Some(Priority::Order), ..plainly() };
    let [usual, urgent] =
        join_all([rest.call(&call, plainly()), rest.call(&call, urgent)]).await.try_into().unwrap();
    assert!(usual.is_ok() && urgent.is_ok());
    assert_eq!(calls(&sim, "FHKST01010100"), 4, "the urgent one waits for no other");

    let order = buy(&rest);
    join_all((0..3).map(|_| rest.call(&order, plainly()))).await;
    assert_eq!(sim.state().counters.orders, 3, "orders are never one");
}

#[tokio::test]
async fn one_who_waits_longer_outlives_one_in_a_hurry() {
    let (sim, rest) = fast(Side::Real).await;
    let call = price(&rest, "005930");
    sim.fault_calls(1, fault(true, Instead::Late(200 * MILLI)));
    let hurried = rest.call(&call, CallOptions::within(50 * MILLI));
    let patient = rest.call(&call, plainly());
    let (hurried, patient) = tokio::join!(hurried, patient);
    assert!(hurried.is_err());
    patient.unwrap();
}

#[tokio::test]
async fn what_comes_too_late_is_not_sent() {
    let sim = sim(1, 1).await;
    let rest = rest(&sim.rest_url(), Side::Paper, config(1, 1));
    rest.call(&price(&rest, "005930"), plainly()).await.unwrap();
    let order = buy(&rest);
    let error = rest.call(&order, CallOptions::within(100 * MILLI)).await.unwrap_err();
    assert!(matches!(error, RestError::Late { ahead: 0, .. }), "{error}");
    assert!(error.is_retryable() && error.to_string().contains("1.0 a second"), "{error}");
    let error = rest.call(&order, CallOptions::within(Duration::ZERO)).await.unwrap_err();
    assert!(matches!(error, RestError::Late { .. }), "{error}");
    assert_eq!((sim.state().counters.orders, sim.state().counters.calls), (0, 1));
    assert_eq!(rest.status().count(Outcome::Late), 2);
}

#[tokio::test]
async fn refusals_for_the_rate_are_repeated_and_slow_down() {
    let (sim, rest) = fast(Side::Real).await;
    rest.call(&price(&rest, "005930"), plainly()).await.unwrap();
    sim.fault_calls(2, fault(false, refusal("EGW00201")));
    rest.call(&price(&rest, "005930"), plainly()).await.unwrap();
    let status = rest.status();
    assert_eq!(status.count(Outcome::Limited), 2);
    assert!(status.gateway.current < 1000.0 && status.ledger.current == 1000.0, "{status:?}");

    sim.fault_calls(1, fault(false, refusal("EGW00215")));
    rest.call(&balance(&rest), plainly()).await.unwrap();
    assert!(rest.status().ledger.current < 1000.0);
    assert_eq!(rest.status().gateway.current, status.gateway.current);
}

#[tokio::test]
async fn a_client_set_too_fast_finds_the_limit() {
    // KIS allows a fifth of what is configured.
    let sim = sim(20, 20).await;
    let rest = rest(&sim.rest_url(), Side::Real, config(100, 100));
    let all = (0..100).map(|number| {
        let (rest, call) = (rest.clone(), price(&rest, &format!("{number:06}")));
        async move { rest.call(&call, plainly()).await }
    });
    assert!(join_all(all).await.iter().all(Result::is_ok));
    assert!(sim.state().counters.limited > 0 && rest.status().gateway.current < 100.0);
}
