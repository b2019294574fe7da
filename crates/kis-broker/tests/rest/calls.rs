use std::pin::pin;

use futures_util::{StreamExt, TryStreamExt, future::join_all};
use kis_broker::Outcome;
use kis_protocol::{code::StockMarket, rest::stock::StockPrice};
use tokio::time::timeout;

use super::*;

/// The simulator holds path, method, headers, `tr_id` and parameters against what KIS wants.
#[tokio::test]
async fn every_call_of_the_catalogue_is_one_that_kis_takes() {
    for side in [Side::Real, Side::Paper] {
        let config = SimConfig {
            environment: Some(side),
            rest_per_second: 1000,
            ledger_per_second: 1000,
            ..SimConfig::default()
        };
        let sim = Sim::start(config).await.unwrap();
        let rest = rest(&sim.rest_url(), side, self::config(900, 900));
        let mut made = 0;
        for tr in catalogue::all() {
            let result = rest.call_by_id(tr.id, tr.example()).await;
            match result {
                Ok(answer) => assert_eq!(answer.tr, tr.id),
                Err(RestError::Oauth { .. }) => assert!(tr.rules.is_empty(), "{}", tr.id),
                Err(RestError::Call(_)) => assert!(!tr.is_offered(side), "{}", tr.id),
                // There is no order to change.
                Err(RestError::Refused { msg_cd, .. }) if msg_cd == "40330000" => {}
                Err(error) => panic!("{}: {}", tr.id, chain(&error)),
            }
            made += u32::from(!tr.rules.is_empty() && tr.is_offered(side));
        }
        assert_eq!(made, if side == Side::Real { 274 } else { 38 });
        let counters = sim.state().counters;
        assert_eq!((counters.calls, counters.limited), (u64::from(made), 0));
    }
}

#[tokio::test]
async fn calls_that_kis_would_refuse_are_not_sent() {
    let (sim, rest) = fast(Side::Paper).await;
    let check = async |id: &str, given: &[(&str, &str)], expected: &str| {
        let given = given.iter().map(|(name, value)| (*name, *value));
        let error = rest.call_by_id(id, given).await.unwrap_err();
        assert!(error.to_string().contains(expected) && !error.is_retryable(), "{error}");
    };
    check("domestic-stock/price", &[], "no call \"domestic-stock/price\"").await;
    check(PRICE, &[("FID_INPUT_ISCD", "005930")], "needs FID_COND_MRKT_DIV_CODE").await;
    check(
        "oauth2/token",
        &catalogue::find("oauth2/token").unwrap().example(),
        "not called directly",
    )
    .await;
    let index = [("FID_COND_MRKT_DIV_CODE", "U"), ("FID_INPUT_ISCD", "0001")];
    check("domestic-stock/inquire-index-price", &index, "not offered in paper trading").await;

    let tr = catalogue::find(ORDER).unwrap();
    let real = tr.prepare(Side::Real, tr.example()).unwrap();
    let error = rest.call(&real, plainly()).await.unwrap_err();
    assert!(
        matches!(error, RestError::Environment { tr_id: "TTTC0011U" | "TTTC0012U", .. }),
        "{error}"
    );
    assert_eq!((sim.state().counters.calls, sim.state().counters.tokens), (0, 0));
}

#[tokio::test]
async fn reads_are_repeated_after_faults() {
    let (sim, rest) = fast(Side::Real).await;
    let faults = [
        Instead::Nothing,
        Instead::Page(502),
        refusal("EGW00301"),
        refusal("EGW00202"),
        refusal("EGW00002"),
    ];
    for instead in faults {
        sim.fault_calls(2, fault(true, instead));
        rest.call(&price(&rest, "005930"), plainly()).await.unwrap();
    }
    assert_eq!(rest.status().count(Outcome::Failed), 10);
    assert_eq!(calls(&sim, "FHKST01010100"), 15);

    sim.fault_calls(3, fault(true, Instead::Page(502)));
    let error = rest.call(&price(&rest, "005930"), plainly()).await.unwrap_err();
    assert!(matches!(error, RestError::Unreadable { status: 502, .. }), "{error}");
    assert!(error.is_retryable() && !error.is_refusal());

    sim.fault_calls(1, fault(true, refusal("EGW00206")));
    let error = rest.call(&price(&rest, "005930"), plainly()).await.unwrap_err();
    assert!(error.is_refusal() && !error.is_retryable(), "{error}");
    assert_eq!(calls(&sim, "FHKST01010100"), 19, "a refusal is not argued with");
}

#[tokio::test]
async fn a_read_is_given_up_at_its_deadline() {
    let (sim, rest) = fast(Side::Real).await;
    rest.call(&price(&rest, "005930"), plainly()).await.unwrap();
    sim.fault_calls(1, fault(true, Instead::Late(PATIENCE)));
    let call = price(&rest, "005930");
    let waited = timeout(PATIENCE / 2, rest.call(&call, CallOptions::within(100 * MILLI)));
    let error = waited.await.unwrap().unwrap_err();
    assert!(error.is_retryable(), "{error}");
}

#[tokio::test]
async fn an_expired_token_is_replaced_once_for_all() {
    let (sim, rest) = fast(Side::Real).await;
    rest.call(&price(&rest, "005930"), plainly()).await.unwrap();
    sim.expire_tokens();
    let all = (0..30).map(|number| {
        let (rest, call) = (rest.clone(), price(&rest, &format!("{number:06}")));
        async move { rest.call(&call, plainly()).await }
    });
    assert!(join_all(all).await.iter().all(Result::is_ok));
    assert_eq!(sim.state().counters.tokens, 2);

    sim.forget_tokens();
    rest.call(&buy(&rest), plainly()).await.unwrap();
    assert_eq!((sim.state().counters.tokens, sim.state().counters.orders), (3, 1));

    sim.fault_calls(2, fault(false, refusal("EGW00123")));
    let error = rest.call(&buy(&rest), plainly()).await.unwrap_err();
    assert_eq!(error.msg_cd(), Some("EGW00123"), "not a second time");
    assert!(!error.is_unsettled());
    assert_eq!(sim.state().counters.orders, 1);
}

#[tokio::test]
async fn pages_come_to_their_end_or_to_the_bound() {
    let (sim, rest) = fast(Side::Real).await;
    // By keys in the answer, by the header alone, and by a key deep in the answer.
    for id in [BALANCE, "domestic-stock/volume-rank", "overseas-futureoption/tick-ccnl"] {
        let call = rest.prepare(id, catalogue::find(id).unwrap().example()).unwrap();
        let pages: Vec<_> = rest.pages(call.clone(), 10, plainly()).try_collect().await.unwrap();
        assert_eq!(pages.len(), 3, "{id}");
        let more: Vec<_> = pages.iter().map(kis_broker::Answer::has_more).collect();
        assert_eq!(more, [true, true, false]);
        assert!(pages[0].body != pages[1].body && pages[1].body != pages[2].body, "{id}");

        let bounded: Vec<_> = rest.pages(call.clone(), 2, plainly()).collect().await;
        assert!(bounded[0].is_ok() && bounded[1].is_ok(), "{id}");
        assert!(matches!(bounded[2], Err(RestError::MorePages { pages: 2, .. })), "{id}");
        assert_eq!(bounded.len(), 3);
        let enough: Vec<_> = rest.pages(call, 3, plainly()).try_collect().await.unwrap();
        assert_eq!(enough.len(), 3);
    }
    let call = price(&rest, "005930");
    let one: Vec<_> = rest.pages(call.clone(), 10, plainly()).try_collect().await.unwrap();
    assert_eq!(one.len(), 1);

    sim.fault_calls(3, fault(true, Instead::Page(502)));
    let mut pages = pin!(rest.pages(call, 10, plainly()));
    assert!(pages.next().await.unwrap().is_err());
    assert!(pages.next().await.is_none(), "an error ends it");
}

#[tokio::test]
async fn a_call_does_not_wait_for_a_token_beyond_its_deadline() {
    let sim = Sim::start(SimConfig::default()).await.unwrap();
    // KIS issues one a minute, and another program has just had it.
    let other = rest(&sim.rest_url(), Side::Paper, config(18, 5));
    other.call(&price(&other, "005930"), plainly()).await.unwrap();
    let rest = rest(&sim.rest_url(), Side::Paper, config(18, 5));
    let error = rest.call(&buy(&rest), CallOptions::within(200 * MILLI)).await.unwrap_err();
    // Asking again and again ends with the refusal, and waiting for that with the deadline.
    let waited = matches!(error, RestError::GivenUp { .. } | RestError::Token { .. });
    assert!(waited && error.to_string().contains("access token"), "{error}");
    assert_eq!(sim.state().counters.orders, 0);
}

#[tokio::test]
async fn typed_calls_have_typed_answers() {
    let (_sim, rest) = fast(Side::Paper).await;
    let question = StockPrice { market: StockMarket::Krx, symbol: "005930" };
    let answer = rest.request(&question, plainly()).await.unwrap();
    assert_eq!(answer.output.stck_prpr, Some("77600".parse().unwrap()));
    let unknown = StockPrice { market: StockMarket::Krx, symbol: "" };
    assert!(matches!(rest.request(&unknown, plainly()).await, Err(RestError::Call(_))));
}
