//! The real bot in the real program, against a Bot API that keeps Telegram's limits and fails.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::needless_pass_by_value,
    missing_docs,
    unreachable_pub,
    reason = "a test may panic, and nobody else sees it"
)]

mod api;
#[path = "../support/mod.rs"]
mod support;

use std::collections::BTreeSet;

use api::{Api, CHAT, Fault, Sent, TOKEN};
use kis_sim::Sim;
use serde_json::json;
use support::{Server, program, sim, wait_until};

/// A stranger's chat.
const STRANGER: i64 = 666;

fn start(sim: &Sim, api: &Api, more: &[(&'static str, &str)]) -> Server {
    let settings = api.settings();
    let mut settings: Vec<_> = settings.iter().map(|it| (it.0, it.1.as_str())).collect();
    settings.extend(more);
    Server::start(sim, &settings)
}

/// Asks, and waits for the answer.
async fn ask(api: &mut Api, text: &str) -> Sent {
    api.write(CHAT, text);
    let sent = api.next().await;
    assert_eq!((sent.method.as_str(), &sent.body["chat_id"]), ("SendMessage", &json!(CHAT)));
    sent
}

fn nav(value: u32) -> String {
    format!("0|H0STNAV0|001|069500^{value}.00^5^-381.26^-1.01^37646.25^37646.25^37202.10")
}

async fn registered(sim: &Sim) {
    wait_until(sim, |it| it.sessions.len() == 1 && !it.sessions[0].registrations.is_empty()).await;
}

async fn alert(server: &Server, rule: serde_json::Value) {
    let url = format!("http://{}/v1/alerts", server.address);
    let made = reqwest::Client::new().post(url).json(&rule).send().await.unwrap();
    assert_eq!(made.status(), 201);
}

#[tokio::test(flavor = "multi_thread")]
async fn commands_are_answered_and_strangers_are_not() {
    let sim = sim("").await;
    let mut api = Api::start().await;
    let server = start(&sim, &api, &[("ACC_NO", "12345678-01"), ("HTS_ID", "someone")]);

    api.write(STRANGER, "/status");
    api.tap(STRANGER, "/price 005930");
    let help = ask(&mut api, "/help").await;
    assert!(help.text().contains("/alert 005930 &gt; 80000"), "{}", help.text());

    let price = ask(&mut api, "005930").await;
    assert!(price.text().starts_with("<b>005930 "), "{}", price.text());
    assert_eq!(price.buttons(), ["/price 005930", "/chart 005930", "/book 005930"]);
    let index = ask(&mut api, "/price 0001").await;
    assert!(index.text().starts_with("<b>0001 "), "{}", index.text());
    let overseas = ask(&mut api, "/price NAS:AAPL").await;
    assert!(overseas.text().starts_with("<b>NAS:AAPL $"), "{}", overseas.text());
    let book = ask(&mut api, "/book 005930").await;
    assert!(book.text().contains("<pre>"), "{}", book.text());
    let balance = ask(&mut api, "/balance").await;
    assert!(balance.text().starts_with("<b>주식 잔고</b>"), "{}", balance.text());
    let orders = ask(&mut api, "/orders").await;
    assert!(orders.text().starts_with("<b>오늘의 주문</b>"), "{}", orders.text());
    let status = ask(&mut api, "/status").await;
    assert!(status.text().starts_with("<b>ai-trade-server "), "{}", status.text());
    for text in [help, price, book, balance, orders, status].iter().map(Sent::text) {
        assert!(!text.contains("12345678") && !text.contains("someone"), "{text}");
    }

    api.write(CHAT, "/chart 005930");
    let chart = api.next().await;
    assert_eq!(chart.method, "SendPhoto");
    assert!(chart.form.windows(8).any(|it| it == b"\x89PNG\r\n\x1a\n"), "no picture");

    // What is no command is none of the bot's business.
    api.write(CHAT, "good morning");
    let unknown = ask(&mut api, "/nothing <b>").await;
    assert!(unknown.text().contains("/help"));
    let metrics = reqwest::get(format!("http://{}/metrics", server.address)).await.unwrap();
    let metrics = metrics.text().await.unwrap();
    assert!(metrics.contains("relay_bot_strangers_total 2"), "{metrics}");
}

#[tokio::test(flavor = "multi_thread")]
async fn alerts_in_chat() {
    let sim = sim("").await;
    let mut api = Api::start().await;
    let server = start(&sim, &api, &[("TELEGRAM__LANGUAGE", "en")]);

    let wrong = ask(&mut api, "/alert 005930 8만").await;
    let text = wrong.text();
    assert!(text.contains("when.price.level: ") && text.contains("such as 80000"), "{text}");
    let wrong = ask(&mut api, "/alert 삼성<전자> 80000").await;
    assert!(wrong.text().contains("is no instrument"), "{}", wrong.text());
    let none = ask(&mut api, "/alert orders").await;
    assert!(none.text().contains("set HTS_ID"), "{}", none.text());

    let made = ask(&mut api, r#"/alert {"label": "ETF <NAV> & co", "symbol": "069500", "streams": ["H0STNAV0"], "repeat": true, "cooldown_seconds": 0, "when": {"price": {"level": 100}}}"#).await;
    assert!(made.text().contains("ETF &lt;NAV&gt; &amp; co ▲▼ 100"), "{}", made.text());
    let remove = made.buttons()[0].clone();
    let id = remove.strip_prefix("/remove ").unwrap();
    let list = ask(&mut api, "/alerts").await;
    assert!(list.text().contains(&format!("<code>{id}</code>")), "{}", list.text());
    assert_eq!(list.buttons(), [format!("/remove {id} list")]);

    registered(&sim).await;
    sim.push(nav(99));
    sim.push(nav(101));
    let told = api.next().await;
    assert!(told.text().starts_with("<b>▲ ETF &lt;NAV&gt; &amp; co ₩101.00"), "{}", told.text());
    assert_eq!(told.buttons(), ["/chart 069500".to_owned(), remove.clone()]);
    assert_eq!(told.body["disable_notification"], false);

    let muted = ask(&mut api, "/mute 1h").await;
    assert!(muted.text().contains("1h"), "{}", muted.text());
    server.interrupt();
    assert!(server.ended().await);
    wait_until(&sim, |it| it.sessions.is_empty()).await;
    let _server = start(&sim, &api, &[("TELEGRAM__LANGUAGE", "en")]);
    registered(&sim).await;
    sim.push(nav(98));
    let told = api.next().await;
    assert!(told.text().starts_with("<b>▼ "), "{}", told.text());
    assert_eq!(told.body["disable_notification"], true, "it is muted yet");

    api.tap(CHAT, &format!("/remove {id} list"));
    let note = api.find("AnswerCallbackQuery").await;
    assert_eq!(note.body["text"], "Removed");
    let list = api.find("EditMessageText").await;
    assert!(list.text().contains("None"), "{}", list.text());
    let gone = ask(&mut api, &format!("/remove {id}")).await;
    assert!(gone.text().contains("is no alert"), "{}", gone.text());
}

/// Every firing is numbered by its price, so that what is told shows which it was.
fn numbers(sent: &Sent) -> Vec<u32> {
    let heads = sent.text().lines().filter_map(|it| it.strip_prefix("<b>"));
    let price = |head: &str| {
        let digits: String = head.chars().filter(char::is_ascii_digit).collect();
        // 069500, the price, two digits behind the point, and the percentage 1.01.
        digits.strip_prefix("069500")?.strip_suffix("101")?.strip_suffix("00")?.parse().ok()
    };
    heads.filter_map(price).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_burst_over_faults_and_a_restart_without_telegram_is_told_once() {
    let sim = sim("").await;
    let mut api = Api::start().await;
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("log");
    let run = |api: &Api| {
        let file = std::fs::OpenOptions::new().create(true).append(true).open(&log).unwrap();
        let settings = api.settings();
        let mut settings: Vec<_> = settings.iter().map(|it| (it.0, it.1.as_str())).collect();
        // Everything that anybody says is in the log.
        settings.push(("RUST_LOG", "trace"));
        Server::start_by(program().arg("run").stderr(file), &sim, &settings)
    };
    let server = run(&api);
    let rule = json!({"id": "nav", "symbol": "069500", "streams": ["H0STNAV0"], "repeat": true,
                      "cooldown_seconds": 0, "to": [format!("telegram:{CHAT}")],
                      "when": {"price": {"level": 1_000}}});
    alert(&server, rule).await;
    registered(&sim).await;
    // What goes up comes down: each push crosses the level.
    let value = |it: u32| if it.is_multiple_of(2) { 500 + it } else { 1_500 + it };
    sim.push(nav(value(0)));
    api.fail(&[Fault::TooMany(1), Fault::Drop, Fault::Status(502)]);
    let mut expected = BTreeSet::new();
    for it in 1..=20 {
        sim.push(nav(value(it)));
        expected.insert(value(it));
    }
    let (mut found, mut messages) = (Vec::new(), 0);
    while found.len() < 20 {
        let sent = api.next().await;
        found.extend(numbers(&sent));
        messages += 1;
    }
    assert!(api.failed());
    assert!(messages < 6, "a burst became {messages} messages");

    api.end().await;
    for it in 21..=60 {
        sim.push(nav(value(it)));
        expected.insert(value(it));
    }
    let url = format!("http://{}/v1/alerts/nav", server.address);
    support::eventually("all are found", async || {
        let alert: serde_json::Value = reqwest::get(&url).await.unwrap().json().await.unwrap();
        alert["firings"] == 60
    })
    .await;
    server.interrupt();
    assert!(server.ended().await);
    wait_until(&sim, |it| it.sessions.is_empty()).await;
    api.resume().await;
    let server = run(&api);
    while found.len() < 60 {
        let sent = api.next().await;
        found.extend(numbers(&sent));
    }
    let unique: BTreeSet<u32> = found.iter().copied().collect();
    assert_eq!((found.len(), unique), (60, expected));
    server.interrupt();
    assert!(server.ended().await);
    assert!(api.more().is_none_or(|it| numbers(&it).is_empty()), "more was told");

    let (_, secret) = TOKEN.split_once(':').unwrap();
    let text = std::fs::read_to_string(&log).unwrap();
    assert!(text.contains("TRACE") && !text.contains(secret), "the token is in the log");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chat_that_has_blocked_the_bot_holds_nobody_up() {
    let sim = sim("").await;
    let mut api = Api::start().await;
    let server = start(&sim, &api, &[]);
    let rule = json!({"id": "nav", "symbol": "069500", "streams": ["H0STNAV0"],
                      "when": {"price": {"level": 100}}});
    alert(&server, rule).await;
    registered(&sim).await;
    api.fail(&[Fault::Refusal("Forbidden: bot was blocked by the user")]);
    sim.push(nav(99));
    sim.push(nav(101));
    let told = api.next().await;
    assert!(told.text().starts_with("<b>▲ 069500 101.00"), "{}", told.text());
    let chats: BTreeSet<i64> = [CHAT, -7].into();
    assert!(chats.contains(&told.body["chat_id"].as_i64().unwrap()));
}

#[test]
fn a_bot_that_cannot_be_is_told_at_the_start() {
    for (token, chats, part) in [
        (TOKEN, "", "TELEGRAM_CHAT_ID must be"),
        (TOKEN, "me", "TELEGRAM_CHAT_ID must be"),
        ("a_secret_of_thirty-five_letters", "1", "TELEGRAM_BOT_TOKEN must be"),
    ] {
        let mut check = program();
        check.arg("check").env("TELEGRAM_BOT_TOKEN", token).env("TELEGRAM_CHAT_ID", chats);
        let output = String::from_utf8(check.output().unwrap().stdout).unwrap();
        assert!(output.contains(part), "{output}");
        assert!(!output.contains("thirty-five"), "{output}");
    }
}
