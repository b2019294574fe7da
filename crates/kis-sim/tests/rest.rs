//! The REST side: tokens, approval keys, quotations, and how they are refused.

mod client;

use std::time::Duration;

use client::{APP_KEY, SECRET, approval, call, config, grant, http, post, token};
use kis_sim::{Credential, Sim, SimConfig};
use reqwest::{Response, StatusCode};
use serde_json::{Value, json};

const PRICE: &str = "/uapi/domestic-stock/v1/quotations/inquire-price?FID_COND_MRKT_DIV_CODE=J&FID_INPUT_ISCD=000660";

/// Status and code of a refusal, in whichever of the two shapes.
async fn refusal(response: Response) -> (u16, String) {
    let status = response.status().as_u16();
    let body: Value = response.json().await.unwrap_or_default();
    let code = match (&body["error_code"], &body["msg_cd"]) {
        (Value::String(code), Value::Null) if body["error_description"].is_string() => code,
        (Value::Null, Value::String(code)) if body["msg1"].is_string() && body["rt_cd"] == "1" => {
            code
        }
        _ => return (status, format!("neither shape: {body}")),
    };
    (status, code.clone())
}

fn is(status: u16, code: &str) -> (u16, String) {
    (status, code.to_owned())
}

#[tokio::test]
async fn a_token_has_four_fields_and_comes_once_a_minute() {
    let sim = Sim::start(config("")).await.unwrap();
    let response = post(&sim, "/oauth2/tokenP", &grant(APP_KEY, "appsecret")).await;
    assert_eq!(response.status(), StatusCode::OK);
    let text = response.text().await.unwrap();
    let body: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(body.as_object().unwrap().len(), 4);
    assert_eq!(body["token_type"], "Bearer");
    assert_eq!(body["expires_in"], 86_400);
    assert!(body["access_token"].as_str().unwrap().split('.').count() == 3);
    let expired = body["access_token_token_expired"].as_str().unwrap();
    let shape: String =
        expired.chars().map(|it| if it.is_ascii_digit() { '0' } else { it }).collect();
    assert_eq!(shape, "0000-00-00 00:00:00");

    let again = post(&sim, "/oauth2/tokenP", &grant(APP_KEY, "appsecret")).await;
    assert_eq!(refusal(again).await, is(403, "EGW00133"));
    let other = post(&sim, "/oauth2/tokenP", &grant("another", "appsecret")).await;
    assert_eq!(other.status(), StatusCode::OK);
    assert_eq!(sim.state().counters.tokens, 2);
    sim.shutdown().await;
}

#[tokio::test]
async fn asking_again_returns_the_same_token() {
    let config = SimConfig { token_interval: Duration::ZERO, ..config("") };
    let sim = Sim::start(config).await.unwrap();
    let first = token(&sim).await;
    assert_eq!(token(&sim).await, first);

    let revoked = json!({"appkey": APP_KEY, "appsecret": SECRET, "token": first});
    let response = post(&sim, "/oauth2/revokeP", &revoked).await;
    assert_eq!(response.json::<Value>().await.unwrap()["code"], 200);
    assert_eq!(refusal(post(&sim, "/oauth2/revokeP", &revoked).await).await, is(403, "EGW00121"));
    let response = call(&sim, &first, "FHKST01010100", PRICE).await;
    assert_eq!(refusal(response).await, is(500, "EGW00121"));
    assert_ne!(token(&sim).await, first);
    sim.shutdown().await;
}

#[tokio::test]
async fn bad_grants_are_refused() {
    let credentials = vec![Credential { app_key: APP_KEY.into(), app_secret: SECRET.into() }];
    let sim = Sim::start(SimConfig { credentials, ..config("") }).await.unwrap();
    let refused = async |path: &str, change: &dyn Fn(&mut Value)| {
        let mut body = grant(APP_KEY, "appsecret");
        body["secretkey"] = SECRET.into();
        change(&mut body);
        refusal(post(&sim, path, &body).await).await
    };
    for path in ["/oauth2/tokenP", "/oauth2/Approval"] {
        assert_eq!(refused(path, &|it| *it = json!([])).await, is(403, "EGW00101"));
        assert_eq!(refused(path, &|it| it["appkey"] = Value::Null).await, is(403, "EGW00102"));
        assert_eq!(refused(path, &|it| it["appkey"] = "x".into()).await, is(403, "EGW00103"));
        assert_eq!(refused(path, &|it| it["grant_type"] = Value::Null).await, is(403, "EGW00115"));
        assert_eq!(refused(path, &|it| it["grant_type"] = "x".into()).await, is(403, "EGW00116"));
    }
    let swapped = |name: &'static str| move |it: &mut Value| it[name] = Value::Null;
    assert_eq!(refused("/oauth2/tokenP", &swapped("appsecret")).await, is(403, "EGW00104"));
    assert_eq!(refused("/oauth2/Approval", &swapped("secretkey")).await, is(403, "EGW00104"));
    let wrong = |it: &mut Value| it["appsecret"] = "x".into();
    assert_eq!(refused("/oauth2/tokenP", &wrong).await, is(403, "EGW00105"));
    sim.shutdown().await;
}

#[tokio::test]
async fn approval_keys_come_as_often_as_wanted() {
    let sim = Sim::start(config("")).await.unwrap();
    let mut keys = std::collections::HashSet::new();
    for _ in 0..30 {
        let key = approval(&sim, APP_KEY).await;
        assert_eq!(key.len(), 36);
        keys.insert(key);
    }
    assert_eq!(keys.len(), 30);
    sim.shutdown().await;
}

#[tokio::test]
async fn a_price_is_answered_for_any_symbol() {
    let sim = Sim::start(config("")).await.unwrap();
    let token = token(&sim).await;
    let response = call(&sim, &token, "FHKST01010100", PRICE).await;
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(response.headers()["tr_id"], "FHKST01010100");
    assert_eq!(response.headers()["content-type"], "application/json;charset=UTF-8");
    let body: Value = response.json().await.unwrap();
    assert_eq!((&body["rt_cd"], &body["msg_cd"]), (&json!("0"), &json!("MCA00000")));
    assert_eq!(body["output"]["stck_shrn_iscd"], "000660");
    assert_eq!(body["output"]["stck_prpr"], "77600");
    assert!(body["output"].as_object().unwrap().len() > 70, "the whole set of fields");

    let slashes = call(&sim, &token, "FHKST01010100", &format!("/{PRICE}")).await;
    assert_eq!(slashes.status(), StatusCode::OK);

    let lower = "/uapi/domestic-stock/v1/quotations/inquire-price?fid_cond_mrkt_div_code=J&fid_input_iscd=035720";
    let body: Value = call(&sim, &token, "FHKST01010100", lower).await.json().await.unwrap();
    assert_eq!(body["output"]["stck_shrn_iscd"], "035720");

    let info = "/uapi/domestic-stock/v1/quotations/search-info?PDNO=000660&PRDT_TYPE_CD=300";
    let body: Value = call(&sim, &token, "CTPF1604R", info).await.json().await.unwrap();
    assert_eq!(body["output"]["shtn_pdno"], "000660");
    assert_eq!(body["output"]["pdno"], "00000A000660");
    sim.shutdown().await;
}

#[tokio::test]
async fn calls_that_show_too_little_are_refused() {
    let sim = Sim::start(config("")).await.unwrap();
    let token = token(&sim).await;
    let refused = async |left_out: &str| {
        let mut request = http().get(format!("{}{PRICE}", sim.rest_url()));
        let bearer = format!("Bearer {token}");
        let headers = [
            ("authorization", bearer.as_str()),
            ("appkey", APP_KEY),
            ("appsecret", SECRET),
            ("tr_id", "FHKST01010100"),
        ];
        for (name, value) in headers.into_iter().filter(|(name, _)| *name != left_out) {
            request = request.header(name, value);
        }
        refusal(request.send().await.unwrap()).await
    };
    assert_eq!(refused("authorization").await, is(500, "EGW00205"));
    assert_eq!(refused("appkey").await, is(500, "EGW00102"));
    assert_eq!(refused("appsecret").await, is(500, "EGW00104"));
    assert_eq!(refused("tr_id").await, is(200, "OPSQ9999"));

    let path = PRICE.split('?').next().unwrap();
    assert_eq!(refusal(call(&sim, &token, "FHKST01010100", path).await).await, is(200, "OPSQ2001"));
    assert_eq!(
        refusal(call(&sim, &token, "FHKST99999999", PRICE).await).await,
        is(200, "OPSQ0002")
    );
    let unknown = call(&sim, &token, "FHKST01010100", "/uapi/domestic-stock/v1/none").await;
    assert_eq!(unknown.status(), StatusCode::NOT_FOUND);
    let elsewhere = http().get(format!("{}/elsewhere", sim.rest_url())).send().await.unwrap();
    assert_eq!(elsewhere.status(), StatusCode::NOT_FOUND);
    sim.shutdown().await;
}

#[tokio::test]
async fn tokens_end() {
    let sim = Sim::start(config("")).await.unwrap();
    let first = token(&sim).await;
    sim.expire_tokens();
    let response = call(&sim, &first, "FHKST01010100", PRICE).await;
    assert_eq!(refusal(response).await, is(500, "EGW00123"));
    let second = token(&sim).await;
    assert_eq!(call(&sim, &second, "FHKST01010100", PRICE).await.status(), StatusCode::OK);
    sim.forget_tokens();
    let response = call(&sim, &second, "FHKST01010100", PRICE).await;
    assert_eq!(refusal(response).await, is(500, "EGW00121"));
    sim.shutdown().await;
}

#[tokio::test]
async fn too_many_calls_a_second_are_refused() {
    let sim = Sim::start(SimConfig { rest_per_second: 2, ..config("") }).await.unwrap();
    let token = token(&sim).await;
    let mut refused = 0;
    // However slow the machine: of calls that come one by one, some come within a second.
    for _ in 0..50 {
        let response = call(&sim, &token, "FHKST01010100", PRICE).await;
        if response.status() != StatusCode::OK {
            assert_eq!(refusal(response).await, is(500, "EGW00201"));
            refused += 1;
        }
    }
    assert!(refused > 0);
    sim.shutdown().await;
}

#[tokio::test]
async fn a_hash_key_repeats_the_body() {
    let sim = Sim::start(config("")).await.unwrap();
    let url = format!("{}/uapi/hashkey", sim.rest_url());
    let order = json!({"CANO": "00000000", "PDNO": "005930"});
    let request = || http().post(&url).body(order.to_string());
    let signed = request().header("appkey", APP_KEY).header("appsecret", SECRET);
    let body: Value = signed.send().await.unwrap().json().await.unwrap();
    assert_eq!(body["BODY"], order);
    assert_eq!(body["HASH"].as_str().map(str::len), Some(64));
    assert_eq!(refusal(request().send().await.unwrap()).await, is(500, "EGW00102"));
    sim.shutdown().await;
}
