//! KIS' REST API through the server: what it answers, what it refuses, what it costs.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

mod support;

use futures_util::{StreamExt, future::join_all, stream};
use kis_protocol::catalogue::{self, Environment, Tr};
use kis_sim::{CallFault, CallRefusal, Instead, Sim, SimConfig};
use reqwest::{Client as Http, Response};
use serde_json::{Value, json};
use support::*;

const PRICE: &str =
    "/v1/domestic-stock/inquire-price?FID_COND_MRKT_DIV_CODE=J&FID_INPUT_ISCD=005930";
const PRICE_TR: &str = "FHKST01010100";
const BALANCE: &str =
    "/v1/domestic-stock/inquire-balance?INQR_DVSN=01&FUND_STTL_ICLD_YN=N&PRCS_DVSN=00";

/// No limits in the way, and no cache.
const FREE: [(&str, &str); 3] = [
    ("KIS__REST_PER_SECOND", "10000"),
    ("KIS__LEDGER_PER_SECOND", "10000"),
    ("REST__CACHE_MS", "0"),
];
const ACCOUNT: [(&str, &str); 2] = [("ACC_NO", "98765432-22"), ("HTS_ID", "secretid")];

async fn unlimited(environment: Option<Environment>) -> Sim {
    let limits = SimConfig { rest_per_second: 10_000, ledger_per_second: 10_000, ..quick() };
    start_sim(SimConfig { environment, ..limits }).await
}

fn with(more: &[(&'static str, &'static str)]) -> Vec<(&'static str, &'static str)> {
    [&FREE[..], &ACCOUNT, more].concat()
}

async fn get(server: &Server, path: &str) -> Response {
    Http::new().get(format!("http://{}{path}", server.address)).send().await.unwrap()
}

async fn json_of(response: Response) -> Value {
    let text = response.text().await.unwrap();
    serde_json::from_str(&text).unwrap_or_else(|_| panic!("not JSON: {text}"))
}

/// The status and the problem's word.
async fn problem(response: Response) -> (u16, String) {
    let status = response.status().as_u16();
    let kind = response.headers()["content-type"].to_str().unwrap().to_owned();
    let document = json_of(response).await;
    assert_eq!(kind, "application/problem+json", "{document}");
    let word = document["type"].as_str().unwrap().rsplit(':').next().unwrap().to_owned();
    (status, word)
}

/// How often a `tr_id` was called at KIS.
fn calls(sim: &Sim, tr_id: &str) -> u64 {
    sim.state().calls.get(tr_id).copied().unwrap_or_default()
}

/// A call's own path, with its example.
fn path_of(tr: &Tr) -> String {
    let theirs = |name: &str| tr.parameter(name).is_some_and(|it| it.personal.is_none());
    let pairs = tr.example().into_iter().filter(|it| theirs(it.0));
    let query: Vec<_> = pairs.map(|(name, value)| format!("{name}={value}")).collect();
    format!("/v1/{}?{}", tr.id, query.join("&"))
}

#[tokio::test(flavor = "multi_thread")]
async fn every_readable_call_of_the_catalogue_is_answered() {
    let sim = unlimited(None).await;
    let server = Server::start(&sim, &with(&[]));
    let readable = catalogue::all().iter().filter(|it| !it.order && !it.rules.is_empty());
    let readable: Vec<&Tr> = readable.collect();
    assert_eq!(readable.len(), 256);
    let answers = stream::iter(&readable).map(async |tr| {
        let response = get(&server, &path_of(tr)).await;
        assert!(response.headers().contains_key("tr_cont"), "{}", tr.id);
        let (status, body) = (response.status(), json_of(response).await);
        assert_eq!((status.as_u16(), &body["rt_cd"]), (200, &json!("0")), "{}: {body}", tr.id);
    });
    answers.buffer_unordered(8).collect::<Vec<()>>().await;
    // Orders and tokens are not to be had here, whatever is given.
    for tr in catalogue::all().iter().filter(|it| it.order || it.rules.is_empty()) {
        let expected = if tr.order { "order" } else { "oauth" };
        let refused = problem(get(&server, &path_of(tr)).await).await;
        assert_eq!(refused, (403, expected.to_owned()), "{}", tr.id);
        let post = Http::new().post(format!("http://{}/v1/{}", server.address, tr.id));
        assert_eq!(post.send().await.unwrap().status(), 405, "{}", tr.id);
    }
    assert_eq!(sim.state().counters.orders, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_original_routes() {
    let sim = unlimited(None).await;
    let server = Server::start(&sim, &FREE);
    for (path, tr_id) in [
        ("/domestic-stock/price", PRICE_TR),
        ("/domestic-stock/price?symbol=000660&ignored=1", PRICE_TR),
        ("/domestic-futureoption/price?market_code=F&symbol=101W09", "FHMIF10000000"),
        ("/domestic-futureoption/asking-price?market_div_code=F", "FHMIF10010000"),
        ("/domestic-futureoption/display-board-option-list", "FHPIO056104C0"),
        ("/domestic-futureoption/display-board-callput?maturity_contract=202612", "FHPIF05030100"),
        ("/domestic-futureoption/time-fuopchartprice?include_pw_data=yes", "FHKIF03020200"),
        ("/domestic-futureoption/daily-fuopchartprice?period_div_code=W", "FHKIF03020100"),
    ] {
        let before = calls(&sim, tr_id);
        let response = get(&server, path).await;
        assert_eq!(response.status(), 200, "{path}");
        assert_eq!(json_of(response).await["rt_cd"], "0", "{path}");
        assert_eq!(calls(&sim, tr_id), before + 1, "{path}");
    }
    let greeting = json_of(get(&server, "/").await).await;
    assert_eq!(greeting, json!({"message": "KOSPI200 Futures API Server is running"}));
    // KIS' refusals come as they always did; what KIS never saw does not.
    refuse(&sim, 1, 200, "OPSQ2001");
    let response = get(&server, "/domestic-stock/price").await;
    assert_eq!(response.status(), 200);
    let refusal = json!({"rt_cd": "1", "msg_cd": "OPSQ2001", "msg1": "안됩니다"});
    assert_eq!(json_of(response).await, refusal);
    let path = "/domestic-futureoption/time-fuopchartprice?include_pw_data=maybe";
    assert_eq!(get(&server, path).await.status(), 422);
}

/// Many who ask the same at once, and those who come a moment later, are one call to KIS.
#[tokio::test(flavor = "multi_thread")]
async fn identical_reads_are_one_call() {
    let sim = unlimited(None).await;
    let server = Server::start(&sim, &with(&[("REST__CACHE_MS", "600000")]));
    let answers = join_all((0..40).map(|_| get(&server, PRICE))).await;
    assert!(answers.iter().all(|it| it.status() == 200));
    assert_eq!(calls(&sim, PRICE_TR), 1);
    // The same in other words.
    let later = get(
        &server,
        "/v1/domestic-stock/inquire-price?fid_input_iscd=005930&fid_cond_mrkt_div_code=J",
    )
    .await;
    assert!(later.headers().contains_key("age"));
    assert_eq!(later.headers()["cache-control"], "private, max-age=600");
    assert_eq!(get(&server, "/domestic-stock/price").await.status(), 200);
    assert_eq!(calls(&sim, PRICE_TR), 1);
    // Another question, and what tells of the account, are calls of their own.
    get(&server, &PRICE.replace("005930", "000660")).await;
    assert_eq!(calls(&sim, PRICE_TR), 2);
    for _ in 0..2 {
        let response = get(&server, BALANCE).await;
        assert_eq!(response.headers()["cache-control"], "no-store");
    }
    assert_eq!(calls(&sim, "TTTC8434R"), 2);
    // An error is not kept.
    refuse(&sim, 1, 200, "40100000");
    let other = PRICE.replace("005930", "035420");
    assert_eq!(get(&server, &other).await.status(), 422);
    assert_eq!(get(&server, &other).await.status(), 200);
}

fn refuse(sim: &Sim, times: usize, status: u16, msg_cd: &str) {
    let refusal = CallRefusal {
        status,
        rt_cd: "1".to_owned(),
        msg_cd: msg_cd.to_owned(),
        msg1: "안됩니다".to_owned(),
    };
    fault(sim, times, Instead::Refusal(refusal));
}

fn fault(sim: &Sim, times: usize, instead: Instead) {
    let tr_id = Some(PRICE_TR.to_owned());
    sim.fault_calls(times, CallFault { tr_id, executed: true, instead });
}

/// A read is attempted three times where that can help.
#[tokio::test(flavor = "multi_thread")]
async fn what_goes_wrong_at_kis() {
    let sim = unlimited(None).await;
    let server = Server::start(&sim, &FREE);
    for (times, status, msg_cd, expected) in [
        (3, 500, "EGW00202", (502, "kis_fault")),
        (1, 500, "EGW00206", (502, "kis_refused_key")),
        (1, 200, "OPSQ2001", (422, "kis_refused")),
        (1, 200, "40100000", (422, "kis_refused")),
    ] {
        refuse(&sim, times, status, msg_cd);
        let response = get(&server, PRICE).await;
        assert_eq!(response.status(), expected.0);
        assert!(!response.headers().contains_key("retry-after"));
        let document = json_of(response).await;
        assert_eq!(document["type"], format!("urn:ai-trade-server:{}", expected.1));
        let said = (&document["rt_cd"], &document["msg_cd"], &document["msg1"]);
        assert_eq!(said, (&json!("1"), &json!(msg_cd), &json!("안됩니다")));
    }
    fault(&sim, 3, Instead::Page(502));
    assert_eq!(problem(get(&server, PRICE).await).await, (502, "unreadable".to_owned()));
    fault(&sim, 3, Instead::Nothing);
    assert_eq!(problem(get(&server, PRICE).await).await, (502, "unreachable".to_owned()));
    assert_eq!(get(&server, PRICE).await.status(), 200);
    drop(sim);
    assert_eq!(problem(get(&server, PRICE).await).await, (502, "unreachable".to_owned()));
}

/// A call that came too soon is made again as long as there is time.
#[tokio::test(flavor = "multi_thread")]
async fn calls_that_come_too_soon_for_kis() {
    let sim = unlimited(None).await;
    let server = Server::start(&sim, &with(&[("REST__DEADLINE_MS", "2000")]));
    refuse(&sim, 2, 500, "EGW00201");
    eventually("an answer", async || get(&server, PRICE).await.status() == 200).await;
    refuse(&sim, 10_000, 500, "EGW00201");
    let response = get(&server, PRICE).await;
    assert_eq!(response.status(), 503);
    assert!(response.headers().contains_key("retry-after"));
    let document = json_of(response).await;
    assert_eq!(document["type"], "urn:ai-trade-server:kis_limit");
    assert_eq!(document["msg_cd"], "EGW00201");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_does_not_come_in_time() {
    let sim = unlimited(None).await;
    let server = Server::start(&sim, &with(&[("REST__DEADLINE_MS", "500")]));
    // The token is there already.
    eventually("a first answer", async || get(&server, PRICE).await.status() == 200).await;
    fault(&sim, 1, Instead::Late(PATIENCE));
    assert_eq!(problem(get(&server, PRICE).await).await, (504, "timeout".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_app_key_that_kis_does_not_know() {
    let credential = kis_sim::Credential { app_key: "other".into(), app_secret: "other".into() };
    let sim = start_sim(SimConfig { credentials: vec![credential], ..quick() }).await;
    let server = Server::start(&sim, &FREE);
    assert_eq!(problem(get(&server, PRICE).await).await, (502, "kis_refused_key".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_with_a_question() {
    let sim = unlimited(None).await;
    let server = Server::start(&sim, &FREE);
    let check = async |path: &str, status: u16, word: &str| {
        assert_eq!(problem(get(&server, path).await).await, (status, word.to_owned()), "{path}");
    };
    let price = "/v1/domestic-stock/inquire-price";
    check(price, 400, "missing_parameters").await;
    check(&format!("{PRICE}&more=1"), 400, "unknown_parameter").await;
    check(&format!("{PRICE}&fid_input_iscd=1"), 400, "invalid_parameter").await;
    check(&format!("{PRICE}{}", "0".repeat(40)), 400, "invalid_parameter").await;
    check(&format!("{PRICE}&pages=0"), 400, "invalid_parameter").await;
    check(&format!("{PRICE}&pages=11"), 400, "invalid_parameter").await;
    check(&format!("{BALANCE}&OFL_YN=12"), 409, "not_configured").await;
    check("/v1/domestic-stock/nothing?a=1", 404, "unknown_call").await;
    check("/v1/catalogue/domestic-stock/nothing", 404, "unknown_call").await;
    check("/v1/last/H0STCNT0/005930", 404, "no_record").await;
    check("/v1/last/H0STCNT0/005930?format=xml", 400, "blank").await;
    let missing = json_of(get(&server, &format!("{price}?FID_INPUT_ISCD=1")).await).await;
    let expected = json!({
        "name": "FID_COND_MRKT_DIV_CODE",
        "label": "조건 시장 분류 코드",
        "required": true,
        "values": [
            {"value": "J", "label": "KRX"},
            {"value": "NX", "label": "NXT"},
            {"value": "UN", "label": "통합"},
        ],
    });
    assert_eq!(missing["expected"], json!([expected]));
    assert_eq!(calls(&sim, PRICE_TR), 0, "something was sent");
}

/// The account is the configured one, whoever asks.
#[tokio::test(flavor = "multi_thread")]
async fn the_account_is_the_servers() {
    let sim = unlimited(None).await;
    let server = Server::start(&sim, &with(&[]));
    for own in ["", "&CANO=98765432", "&cano=&ACNT_PRDT_CD=22"] {
        assert_eq!(get(&server, &format!("{BALANCE}{own}")).await.status(), 200, "{own}");
    }
    let before = sim.state().counters.calls;
    for other in ["&CANO=11111111", "&acnt_prdt_cd=01", "&CANO=98765432&cano=11111111"] {
        let response = get(&server, &format!("{BALANCE}{other}")).await;
        let text = response.text().await.unwrap();
        assert!(text.contains("other_account"), "{text}");
        for value in ["98765432", "11111111"] {
            assert!(!text.contains(value), "{text}");
        }
    }
    assert_eq!(sim.state().counters.calls, before, "something was sent");
    let openapi = get(&server, "/openapi.json").await.text().await.unwrap();
    let status = get(&server, "/v1/status").await.text().await.unwrap();
    assert!(!openapi.contains("98765432") && !openapi.contains("secretid"));
    assert!(!status.contains("98765432") && !status.contains("secretid"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_paper_trading_does_not_have_is_not_asked() {
    let sim = unlimited(Some(Environment::Paper)).await;
    let server = Server::start(&sim, &with(&[("KIS_ENV", "paper")]));
    assert_eq!(get(&server, PRICE).await.status(), 200);
    let before = sim.state().counters.calls;
    let mut real_only = 0;
    for tr in catalogue::all().iter().filter(|it| !it.order && !it.rules.is_empty()) {
        if !tr.is_offered(Environment::Paper) {
            real_only += 1;
            let refused = problem(get(&server, &path_of(tr)).await).await;
            assert_eq!(refused, (409, "real_only".to_owned()), "{}", tr.id);
        }
    }
    assert!(real_only > 100, "only {real_only}");
    assert_eq!(sim.state().counters.calls, before, "something was sent");
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_come_one_by_one_and_bounded() {
    let sim = unlimited(None).await;
    let server = Server::start(&sim, &with(&[("REST__PAGES_MAX", "4")]));
    let all = json_of(get(&server, &format!("{BALANCE}&pages=4")).await).await;
    let pages = all["pages"].as_array().unwrap();
    assert!(pages.len() > 1 && pages.len() < 4, "{}", pages.len());
    assert_eq!(all["more"], false);
    assert!(pages.iter().all(|it| it["rt_cd"] == "0"));
    let first = json_of(get(&server, &format!("{BALANCE}&pages=1")).await).await;
    assert_eq!((first["pages"].as_array().unwrap().len(), &first["more"]), (1, &json!(true)));
    let single = get(&server, BALANCE).await;
    assert!(catalogue::has_more(single.headers()["tr_cont"].to_str().unwrap()));
}

#[tokio::test(flavor = "multi_thread")]
async fn scopes() {
    let sim = unlimited(None).await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("keys.json");
    let key = |scope: &str| {
        let mut command = program();
        command.args(["key", "new", "--scope", scope]).env("SERVER__KEYS_FILE", &path);
        String::from_utf8(command.output().unwrap().stdout).unwrap().trim().to_owned()
    };
    let [read, trade, admin] = ["read", "read,trade", "read,admin"].map(key);
    let file = path.to_str().unwrap().to_owned().leak();
    let guarded = [("SERVER__KEYS_FILE", &*file), ("SERVER__KEYS_ON_LOOPBACK", "true")];
    let server = Server::start(&sim, &with(&guarded));
    let status = async |path: &str, key: &str| {
        let request = Http::new().get(format!("http://{}{path}", server.address));
        request.bearer_auth(key).send().await.unwrap().status().as_u16()
    };
    let private = catalogue::find("domestic-stock/psearch-title").unwrap();
    for (path, expected) in [
        (PRICE, [200, 200, 200]),
        ("/domestic-stock/price", [200, 200, 200]),
        ("/v1/catalogue", [200, 200, 200]),
        ("/openapi.json", [200, 200, 200]),
        (BALANCE, [403, 200, 200]),
        (&path_of(private), [403, 200, 200]),
        ("/v1/last/H0STCNI0/secretid", [403, 404, 404]),
        ("/v1/domestic-stock/order-cash", [403, 403, 403]),
    ] {
        let found =
            [status(path, &read).await, status(path, &trade).await, status(path, &admin).await];
        assert_eq!(found, expected, "{path}");
        assert_eq!(get(&server, path).await.status(), 401, "{path}");
    }
    // Nor do streams tell of orders.
    let notices = format!("/v1/stream?topics=H0STCNI0:secretid&key={read}");
    assert_eq!(problem(get(&server, &notices).await).await, (403, "scope_missing".to_owned()));
    for (key, answer) in [(&read, "error"), (&trade, "subscribed"), (&admin, "subscribed")] {
        let url = format!("ws://{}/ws?key={key}", server.address);
        let (socket, _) = tokio_tungstenite::connect_async(url).await.unwrap();
        let mut client = Client { socket };
        let topics = ["H0STCNI0:secretid"];
        client.send(json!({"type": "subscribe", "id": 1, "topics": topics})).await;
        let said = client.next().await;
        assert_eq!(said["type"], answer, "{said}");
        assert!(answer != "error" || said["code"] == "scope_missing", "{said}");
    }
    // The page and its parts open with the key in the address.
    for path in ["/docs", "/docs/swagger-ui.css", "/docs/swagger-ui-bundle.js", "/openapi.json"] {
        assert_eq!(get(&server, path).await.status(), 401, "{path}");
        assert_eq!(get(&server, &format!("{path}?key={read}")).await.status(), 200, "{path}");
    }
    let document = get(&server, &format!("/openapi.json?key={read}")).await;
    assert_eq!(json_of(document).await["security"], json!([{"bearer": []}, {"key": []}]));
    // Who may not know of the account does not see whose it is.
    let mut request =
        tokio_tungstenite::tungstenite::client::IntoClientRequest::into_client_request(format!(
            "ws://{}/ws",
            server.address
        ))
        .unwrap();
    let bearer = format!("Bearer {trade}").parse().unwrap();
    request.headers_mut().insert("authorization", bearer);
    let (socket, _) = tokio_tungstenite::connect_async(request).await.unwrap();
    let mut client = Client { socket };
    client.send(json!({"type": "subscribe", "id": 1, "topics": ["H0STCNI0:secretid"]})).await;
    client.find(|it| it["type"] == "subscribed").await;
    let topics = async |path: &str, key: &str| {
        let request = Http::new().get(format!("http://{}{path}", server.address));
        request.bearer_auth(key).send().await.unwrap().text().await.unwrap()
    };
    for path in ["/v1/topics", "/v1/status"] {
        let (seen, hidden) = (topics(path, &trade).await, topics(path, &read).await);
        assert!(seen.contains("H0STCNI0:secretid"), "{seen}");
        assert!(hidden.contains("H0STCNI0:…") && !hidden.contains("secretid"), "{hidden}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_server_knows() {
    const NAV: &str = "0|H0STNAV0|001|069500^37235.46^5^-381.26^-1.01^37646.25^37646.25^37202.10";
    let sim = sim(NAV).await;
    let server = Server::start(&sim, &FREE);
    let mut client = server.client().await;
    client.subscribe("H0STNAV0", "069500").await;
    client.record("H0STNAV0:069500").await;
    let last = "/v1/last/H0STNAV0/069500";
    let fields = json_of(get(&server, last).await).await;
    assert_eq!(fields["data"]["nav"], "37235.46");
    let normalized = json_of(get(&server, &format!("{last}?format=normalized")).await).await;
    assert_eq!(normalized["data"]["type"], "nav");
    let raw = get(&server, &format!("{last}?format=raw")).await;
    assert_eq!(raw.headers()["content-type"], "text/plain; charset=utf-8");
    assert_eq!(raw.text().await.unwrap(), NAV);

    let topics = json_of(get(&server, "/v1/topics").await).await;
    assert_eq!(topics[0]["key"], "H0STNAV0:069500");
    assert_eq!((&topics[0]["state"], &topics[0]["subscribers"]), (&json!("live"), &json!(1)));
    let status = json_of(get(&server, "/v1/status").await).await;
    assert_eq!(status["sessions"][0]["state"], "open");
    assert_eq!(status["sessions"][0]["slots"], json!({"used": 1, "max": 41, "pinned": 0}));
    assert_eq!(status["clients"]["subscribers"], 1);
    let topic = &status["topics"][0];
    assert!(topic["silent_seconds"].is_u64() && topic["stale"].is_boolean(), "{topic}");
    let sessions = json_of(get(&server, "/v1/sessions").await).await;
    let segments = sessions["segments"].as_array().unwrap();
    let krx = segments.iter().find(|it| it["segment"] == "krx_stock").unwrap();
    assert!(krx["next"]["opens"].is_string(), "{krx}");
    let catalogue = json_of(get(&server, "/v1/catalogue").await).await;
    assert_eq!(catalogue.as_array().unwrap().len(), catalogue::all().len());
    let balance = json_of(get(&server, "/v1/catalogue/domestic-stock/inquire-balance").await).await;
    assert_eq!(balance["rules"][0]["real"], "TTTC8434R");
    let metrics = get(&server, "/metrics").await.text().await.unwrap();
    assert!(metrics.contains("relay_tokens_issued_total"), "{metrics}");
}

#[tokio::test(flavor = "multi_thread")]
async fn kis_is_asked_for_trading_days_once() {
    let sim = unlimited(None).await;
    let asked = |it: &kis_sim::SimState| it.calls.contains_key("CTCA0903R");
    let server = Server::start(&sim, &FREE);
    wait_until(&sim, asked).await;
    eventually("it is written down", async || {
        json_of(get(&server, "/v1/status").await).await["rest"]["calls"]["done"] != 0
    })
    .await;
    server.interrupt();
    assert!(server.ended().await);
    // Another one on the same day does not ask again.
    let server = Server::start(&sim, &FREE);
    assert_eq!(get(&server, PRICE).await.status(), 200);
    assert_eq!(calls(&sim, "CTCA0903R"), 1);
}
