//! Every call of the catalogue, the book of orders, and what can happen to a call.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod client;

use std::time::Duration;

use client::{APP_KEY, SECRET, call, config, http, order, token};
use kis_protocol::catalogue::{self, Environment, Method};
use kis_sim::{CallFault, CallRefusal, Instead, Sim, SimConfig};
use reqwest::Response;
use serde_json::{Map, Value, json};

const PRICE: &str = "/uapi/domestic-stock/v1/quotations/inquire-price?FID_COND_MRKT_DIV_CODE=J&FID_INPUT_ISCD=000660";
const ORDER: &str = "/uapi/domestic-stock/v1/trading/order-cash";
const CHANGE: &str = "/uapi/domestic-stock/v1/trading/order-rvsecncl";
const ORDERS: &str = "/uapi/domestic-stock/v1/trading/inquire-daily-ccld?CANO=12345678&ACNT_PRDT_CD=01&INQR_STRT_DT=20000101&INQR_END_DT=29991231&SLL_BUY_DVSN_CD=00&CCLD_DVSN=00&INQR_DVSN=00&INQR_DVSN_3=00";

fn unlimited() -> SimConfig {
    SimConfig { rest_per_second: 10_000, ledger_per_second: 10_000, ..config("") }
}

async fn code(response: Response) -> (u16, String) {
    let status = response.status().as_u16();
    let body: Value = response.json().await.unwrap();
    (status, body["msg_cd"].as_str().unwrap_or_default().to_owned())
}

fn is(status: u16, code: &str) -> (u16, String) {
    (status, code.to_owned())
}

fn fault(tr_id: Option<&str>, executed: bool, instead: Instead) -> CallFault {
    CallFault { tr_id: tr_id.map(str::to_owned), executed, instead }
}

fn buy() -> Value {
    json!({
        "CANO": "12345678", "ACNT_PRDT_CD": "01", "PDNO": "005930",
        "ORD_DVSN": "00", "ORD_QTY": "3", "ORD_UNPR": "70000",
    })
}

#[tokio::test]
async fn every_call_is_answered_on_both_sides() {
    for environment in [Environment::Real, Environment::Paper] {
        let config = SimConfig { environment: Some(environment), ..unlimited() };
        let sim = Sim::start(config).await.unwrap();
        let token = token(&sim).await;
        // What amends or withdraws finds no order, and is told so.
        let expected = |id: &str| {
            let changes = id.contains("rvsecncl") && !id.contains("psbl");
            !changes && id != "overseas-stock/order-resv-ccnl"
        };
        let mut answered = 0;
        for tr in catalogue::all().iter().filter(|it| !it.rules.is_empty()) {
            let Ok(prepared) = tr.prepare(environment, tr.example()) else { continue };
            let mut request = match prepared.method() {
                Method::Get => {
                    let mut url: reqwest::Url =
                        format!("{}{}", sim.rest_url(), tr.path).parse().unwrap();
                    url.query_pairs_mut().extend_pairs(&prepared.parameters);
                    http().get(url)
                }
                Method::Post => {
                    let text =
                        |(name, value): &(&str, String)| ((*name).to_owned(), value.clone().into());
                    let body: Map<String, Value> = prepared.parameters.iter().map(text).collect();
                    http()
                        .post(format!("{}{}", sim.rest_url(), tr.path))
                        .body(Value::Object(body).to_string())
                }
            };
            for (name, value) in [
                ("authorization", format!("Bearer {token}").as_str()),
                ("appkey", APP_KEY),
                ("appsecret", SECRET),
                ("tr_id", prepared.tr_id.unwrap()),
            ] {
                request = request.header(name, value);
            }
            let response = request.send().await.unwrap();
            assert!(response.headers().contains_key("x-kis-sim") || !expected(tr.id), "{}", tr.id);
            let body: Value = response.json().await.unwrap();
            assert!(body["rt_cd"] == "0" || !expected(tr.id), "{} {body}", tr.id);
            answered += 1;
        }
        assert_eq!(answered, if environment == Environment::Real { 274 } else { 38 });
        sim.shutdown().await;
    }
}

#[tokio::test]
async fn calls_are_held_against_the_catalogue() {
    let sim = Sim::start(unlimited()).await.unwrap();
    let token = token(&sim).await;
    let get = async |tr_id: &str, path: &str| code(call(&sim, &token, tr_id, path).await).await;
    let path = PRICE.split('?').next().unwrap();
    assert_eq!(get("FHKST01010100", path).await, is(200, "OPSQ2001"));
    let long = format!("{path}?FID_COND_MRKT_DIV_CODE=J&FID_INPUT_ISCD=0000000000000");
    assert_eq!(get("FHKST01010100", &long).await, is(200, "OPSQ2002"));
    assert_eq!(get("TTTC0081R", &ORDERS.replace("12345678", "1")).await, is(200, "OPSQ2000"));
    assert_eq!(get("TTTC0011U", PRICE).await, is(200, "OPSQ0002"), "of another call");

    let post = async |body: &Value| code(order(&sim, &token, "VTTC0012U", ORDER, body).await).await;
    assert_eq!(post(&buy()).await, is(200, "40600000"));
    let changed = |name: &str, value: Value| {
        let mut body = buy();
        body[name] = value;
        body
    };
    assert_eq!(post(&changed("ORD_QTY", json!(3))).await, is(500, "EGW00202"), "a number");
    assert_eq!(post(&changed("ORD_QTY", json!("0"))).await, is(200, "OPSQ2001"));
    assert_eq!(post(&json!([])).await, is(500, "EGW00202"));
    assert_eq!(post(&json!({"cano": "12345678"})).await, is(200, "OPSQ2001"));
    let request = http().post(format!("{}{PRICE}", sim.rest_url()));
    let request = request.header("authorization", format!("Bearer {token}"));
    let request = request.header("appkey", APP_KEY).header("appsecret", SECRET);
    let request = request.header("tr_id", "FHKST01010100");
    assert_eq!(request.send().await.unwrap().status(), 404, "a GET sent as a POST");
    assert_eq!(call(&sim, &token, "VTTC0012U", ORDER).await.status(), 404);
    assert_eq!(sim.state().counters.orders, 1);
    sim.shutdown().await;
}

#[tokio::test]
async fn paper_trading_and_real_have_their_own_calls() {
    let paper = SimConfig { environment: Some(Environment::Paper), ..unlimited() };
    let sim = Sim::start(paper).await.unwrap();
    let secret = token(&sim).await;
    let real = order(&sim, &secret, "TTTC0012U", ORDER, &buy()).await;
    assert_eq!(code(real).await, is(500, "EGW00213"));
    let old = order(&sim, &secret, "TTTC0802U", ORDER, &buy()).await;
    assert_eq!(code(old).await, is(500, "EGW00213"));
    let old = order(&sim, &secret, "VTTC0801U", ORDER, &buy()).await;
    assert_eq!(code(old).await, is(200, "40590000"), "a sale by its old name");
    assert_eq!(call(&sim, &secret, "FHKST01010100", PRICE).await.status(), 200);
    sim.shutdown().await;

    let real = SimConfig { environment: Some(Environment::Real), ..unlimited() };
    let sim = Sim::start(real).await.unwrap();
    let secret = token(&sim).await;
    let paper = order(&sim, &secret, "VTTC0012U", ORDER, &buy()).await;
    assert_eq!(code(paper).await, is(200, "OPSQ0002"));
    let placed = order(&sim, &secret, "TTTC0012U", ORDER, &buy()).await;
    let placed: Value = placed.json().await.unwrap();
    assert_eq!(placed["msg_cd"], "APBK0013");
    assert_eq!(placed["output"]["ODNO"].as_str().map(str::len), Some(10));
    sim.shutdown().await;
}

#[tokio::test]
async fn an_order_is_listed_and_withdrawn_once() {
    let sim = Sim::start(unlimited()).await.unwrap();
    let token = token(&sim).await;
    let placed = order(&sim, &token, "VTTC0802U", ORDER, &buy()).await;
    let placed: Value = placed.json().await.unwrap();
    assert_eq!((&placed["rt_cd"], &placed["output"]["ODNO"]), (&json!("0"), &json!("11774")));
    let rows = async || {
        let body: Value = call(&sim, &token, "VTTC0081R", ORDERS).await.json().await.unwrap();
        body["output1"].as_array().unwrap().clone()
    };
    let listed = rows().await;
    assert_eq!((listed.len(), &listed[0]["rmn_qty"]), (1, &json!("3")));
    let cancel = json!({
        "CANO": "12345678", "ACNT_PRDT_CD": "01", "KRX_FWDG_ORD_ORGNO": "00950",
        "ORGN_ODNO": "11774", "ORD_DVSN": "00", "RVSE_CNCL_DVSN_CD": "02", "ORD_QTY": "0",
        "ORD_UNPR": "0", "QTY_ALL_ORD_YN": "Y",
    });
    let withdrawn = async || code(order(&sim, &token, "VTTC0803U", CHANGE, &cancel).await).await;
    assert_eq!(withdrawn().await, is(200, "40630000"));
    assert_eq!(withdrawn().await, is(200, "40330000"));
    let listed = rows().await;
    assert_eq!((&listed[0]["cncl_yn"], &listed[1]["rmn_qty"]), (&json!("Y"), &json!("0")));
    sim.shutdown().await;
}

#[tokio::test]
async fn pages_follow_each_other() {
    let sim = Sim::start(unlimited()).await.unwrap();
    let token = token(&sim).await;
    let rank = catalogue::find("domestic-stock/volume-rank").unwrap();
    let prepared = rank.prepare(Environment::Real, rank.example()).unwrap();
    let page = async |following: bool| {
        let mut url: reqwest::Url = format!("{}{}", sim.rest_url(), rank.path).parse().unwrap();
        url.query_pairs_mut().extend_pairs(&prepared.parameters);
        let request = http().get(url).header("authorization", format!("Bearer {token}"));
        let request = request.header("appkey", APP_KEY).header("appsecret", SECRET);
        let request = request.header("tr_id", "FHPST01710000");
        let request = if following { request.header("tr_cont", "N") } else { request };
        let response = request.send().await.unwrap();
        let tr_cont = response.headers()["tr_cont"].to_str().unwrap().to_owned();
        (tr_cont, response.bytes().await.unwrap())
    };
    let [one, two, three] = [page(false).await, page(true).await, page(true).await];
    assert_eq!([&*one.0, &*two.0, &*three.0], ["M", "M", "D"]);
    assert!(one.1 != two.1 && two.1 != three.1);
    assert_eq!(page(false).await, one);
    sim.shutdown().await;
}

#[tokio::test]
async fn the_ledger_has_a_limit_of_its_own() {
    let sim = Sim::start(SimConfig { ledger_per_second: 1, ..unlimited() }).await.unwrap();
    let token = token(&sim).await;
    let mut refused = 0;
    for _ in 0..30 {
        let response = call(&sim, &token, "TTTC0081R", ORDERS).await;
        if response.status() != 200 {
            assert_eq!(code(response).await, is(500, "EGW00215"));
            refused += 1;
        }
        assert_eq!(call(&sim, &token, "FHKST01010100", PRICE).await.status(), 200);
    }
    assert!(refused > 0);
    assert_eq!(sim.state().counters.limited, refused);
    sim.shutdown().await;
}

#[tokio::test]
async fn calls_meet_what_was_ordered_for_them() {
    let admin = Some(([127, 0, 0, 1], 0).into());
    let sim = Sim::start(SimConfig { admin, ..unlimited() }).await.unwrap();
    let token = token(&sim).await;
    let place = || {
        let request = http().post(format!("{}{ORDER}", sim.rest_url()));
        let request = request.header("authorization", format!("Bearer {token}"));
        let request = request.header("appkey", APP_KEY).header("appsecret", SECRET);
        request.header("tr_id", "VTTC0012U").body(buy().to_string()).send()
    };
    sim.fault_calls(1, fault(Some("VTTC0012U"), true, Instead::Nothing));
    assert_eq!(call(&sim, &token, "FHKST01010100", PRICE).await.status(), 200, "for another");
    let error = place().await.unwrap_err();
    assert!(!error.is_connect() && !error.is_timeout(), "{error:?}");
    assert_eq!(sim.state().counters.orders, 1, "it was placed all the same");

    sim.fault_calls(1, fault(None, false, Instead::Nothing));
    assert!(place().await.is_err());
    assert_eq!(sim.state().counters.orders, 1);

    sim.fault_calls(1, fault(None, false, Instead::Page(502)));
    let page = place().await.unwrap();
    assert_eq!(page.status(), 502);
    assert!(page.json::<Value>().await.is_err());

    let url = format!("http://{}/fault", sim.admin_addr.unwrap());
    let refusal = json!({
        "tr_id": "VTTC0012U", "executed": false, "times": 2,
        "instead": {"refusal": {"msg_cd": "EGW00301", "msg1": "late"}},
    });
    let ordered = http().post(&url).body(refusal.to_string()).send().await.unwrap();
    assert_eq!(ordered.status(), 200);
    for _ in 0..2 {
        assert_eq!(code(place().await.unwrap()).await, is(500, "EGW00301"));
    }
    let wrong = http().post(&url).body(r#"{"instead": "often"}"#).send().await.unwrap();
    assert_eq!(wrong.status(), 400);
    assert_eq!(sim.state().counters.orders, 1);

    let delay = Duration::from_millis(80);
    sim.fault_calls(1, fault(None, true, Instead::Late(delay)));
    let start = std::time::Instant::now();
    assert_eq!(code(place().await.unwrap()).await, is(200, "40600000"));
    assert!(start.elapsed() >= delay);
    let known = CallRefusal {
        status: 200,
        rt_cd: "7".into(),
        msg_cd: "APBK0952".into(),
        msg1: "주문가능금액을 초과 했습니다".into(),
    };
    sim.fault_calls(1, fault(None, false, Instead::Refusal(known)));
    let body: Value = place().await.unwrap().json().await.unwrap();
    assert_eq!((&body["rt_cd"], &body["msg_cd"]), (&json!("7"), &json!("APBK0952")));
    sim.shutdown().await;
}
