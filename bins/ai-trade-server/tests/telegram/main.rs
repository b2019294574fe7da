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
    let buttons = ["/price 005930", "/chart 005930", "/book 005930", "/alert 005930"];
    assert_eq!(price.buttons(), buttons);
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
    let suggested = ask(&mut api, "/alert 005930").await;
    assert!(suggested.buttons().contains(&"/alert 005930 +3%".to_owned()));

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
    assert_eq!(list.buttons(), [format!("/pause {id} 1"), format!("/remove {id} 1")]);

    registered(&sim).await;
    sim.push(nav(99));
    sim.push(nav(101));
    let told = api.next().await;
    assert!(told.text().starts_with("<b>▲ ETF &lt;NAV&gt; &amp; co ₩101.00"), "{}", told.text());
    let pause = format!("/pause {id}");
    assert_eq!(told.buttons(), ["/chart 069500".to_owned(), pause.clone(), remove.clone()]);
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

    api.tap(CHAT, &pause);
    assert_eq!(api.find("AnswerCallbackQuery").await.body["text"], "Paused");
    api.find("EditMessageReplyMarkup").await;
    sim.push(nav(102));
    let list = ask(&mut api, "/alerts").await;
    assert!(list.text().contains("paused"), "{}", list.text());
    assert_eq!(list.buttons(), [format!("/resume {id} 1"), format!("/remove {id} 1")]);
    api.tap(CHAT, &format!("/resume {id} 1"));
    assert_eq!(api.find("AnswerCallbackQuery").await.body["text"], "At work again");
    let list = api.find("EditMessageText").await;
    assert!(!list.text().contains("paused"), "{}", list.text());

    api.tap(CHAT, &format!("/remove {id} 1"));
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
        // Everything that anybody says is in the log, and somebody says the token.
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
    let echo: &'static str = format!("Bad Request: POST /bot{TOKEN}/SendMessage").leak();
    api.fail(&[Fault::TooMany(1), Fault::Refusal(echo), Fault::Drop, Fault::Status(502)]);
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

/// A server whose log goes to a file, and a rule that tells whenever the value crosses 100.
async fn told_of_nav(sim: &Sim, api: &Api, log: &std::path::Path) -> Server {
    let file = std::fs::OpenOptions::new().create(true).append(true).open(log).unwrap();
    let settings = api.settings();
    let settings: Vec<_> = settings.iter().map(|it| (it.0, it.1.as_str())).collect();
    let server = Server::start_by(program().arg("run").stderr(file), sim, &settings);
    let rule = json!({"id": "nav", "symbol": "069500", "streams": ["H0STNAV0"], "repeat": true,
                      "cooldown_seconds": 0, "when": {"price": {"level": 100}}});
    alert(&server, rule).await;
    registered(sim).await;
    sim.push(nav(99));
    server
}

/// The chat of a message.
fn chat(sent: &Sent) -> i64 {
    sent.body["chat_id"].as_i64().unwrap()
}

async fn metric(server: &Server, name: &str) -> String {
    let metrics = reqwest::get(format!("http://{}/metrics", server.address)).await.unwrap();
    let metrics = metrics.text().await.unwrap();
    let line =
        metrics.lines().find(|it| it.strip_prefix(name).is_some_and(|it| it.starts_with(' ')));
    line.and_then(|it| it.rsplit(' ').next()).unwrap_or_default().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chat_that_has_blocked_the_bot_holds_nobody_up_and_is_reported_once() {
    let sim = sim("").await;
    let mut api = Api::start().await;
    let log = tempfile::NamedTempFile::new().unwrap();
    let server = told_of_nav(&sim, &api, log.path()).await;
    let blocked = Fault::Refusal("Forbidden: bot was kicked from the group chat");
    api.fail_in(-7, &[blocked, blocked]);
    for (value, sign) in [(101, "▲"), (98, "▼")] {
        sim.push(nav(value));
        let told = api.next().await;
        assert!(
            told.text().starts_with(&format!("<b>{sign} 069500 {value}.00")),
            "{}",
            told.text()
        );
        assert_eq!(chat(&told), CHAT);
    }
    support::eventually("both are counted", async || {
        metric(&server, "relay_bot_untaken_total").await == "2"
    })
    .await;
    assert_eq!(metric(&server, "relay_bot_chats_gone").await, "1");
    let text = std::fs::read_to_string(log.path()).unwrap();
    assert_eq!(text.matches("takes no messages").count(), 1, "{text}");
    // What it has not got is mentioned when it takes messages again.
    sim.push(nav(103));
    let mut told = [api.next().await, api.next().await];
    told.sort_by_key(chat);
    assert!(told[0].text().starts_with("<b>알림 2건이 밀려 삭제됨</b>"), "{}", told[0].text());
    assert_eq!(metric(&server, "relay_bot_chats_gone").await, "0");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_telegram_does_not_take_in_its_form_comes_as_plain_text() {
    let sim = sim("").await;
    let mut api = Api::start().await;
    let log = tempfile::NamedTempFile::new().unwrap();
    let server = told_of_nav(&sim, &api, log.path()).await;
    api.fail_in(CHAT, &[Fault::Refusal("Bad Request: can't parse entities: unclosed tag")]);
    sim.push(nav(101));
    let mut told = [api.next().await, api.next().await];
    told.sort_by_key(chat);
    let [marked, plain] = &told;
    assert!(marked.text().starts_with("<b>▲ 069500"), "{}", marked.text());
    assert!(plain.text().starts_with("▲ 069500 101.00"), "{}", plain.text());
    assert!(plain.body["parse_mode"].is_null() && plain.buttons().is_empty());
    assert_eq!(metric(&server, "relay_bot_refused_total").await, "1");

    // What is wrong is repeated, however long it is.
    let long = "<".repeat(3_900);
    api.write(CHAT, &format!(r#"/alert {{"{long}": 1}}"#));
    let mut pieces = vec![api.next().await];
    while !pieces[pieces.len() - 1].text().contains("/alert server") && pieces.len() < 4 {
        pieces.push(api.next().await);
    }
    assert!(pieces.len() > 1 && pieces.iter().all(|it| it.body["parse_mode"] == "HTML"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chat_that_wants_to_be_left_alone_is_alone_in_that() {
    let sim = sim("").await;
    let mut api = Api::start().await;
    let log = tempfile::NamedTempFile::new().unwrap();
    let _server = told_of_nav(&sim, &api, log.path()).await;
    api.fail_in(CHAT, &[Fault::TooMany(10)]);
    let mut chats = Vec::new();
    for value in [101, 98, 103] {
        sim.push(nav(value));
        chats.push(chat(&api.next().await));
    }
    assert_eq!(chats, [-7, -7, -7]);
    let late = api.next().await;
    assert_eq!((chat(&late), late.text().matches("<b>").count()), (CHAT, 3), "{}", late.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_group_that_becomes_a_supergroup_is_served_on() {
    const NEW: i64 = -1_007;
    let sim = sim("").await;
    let mut api = Api::start().await;
    let log = tempfile::NamedTempFile::new().unwrap();
    let server = told_of_nav(&sim, &api, log.path()).await;
    api.write(NEW, "/status");
    api.fail_in(-7, &[Fault::Moved(NEW)]);
    sim.push(nav(101));
    let mut told = [api.next().await, api.next().await, api.next().await];
    told.sort_by_key(chat);
    assert_eq!([chat(&told[0]), chat(&told[1]), chat(&told[2])], [NEW, NEW, CHAT]);
    assert!(told[0].text().contains("-1007") && told[0].text().contains("TELEGRAM_CHAT_ID"));
    assert!(told[1].text().starts_with("<b>▲ 069500"), "{}", told[1].text());
    let text = std::fs::read_to_string(log.path()).unwrap();
    assert_eq!(text.matches("has become a supergroup").count(), 1, "{text}");
    assert_eq!(metric(&server, "relay_bot_strangers_total").await, "1", "it was a stranger before");
    api.write(NEW, "/help");
    assert_eq!(chat(&api.next().await), NEW);
    api.write(-7, r#"/alert {"symbol": "069500", "streams": ["H0STNAV0"], "repeat": true, "cooldown_seconds": 0, "when": {"price": {"level": 200}}}"#);
    assert_eq!(chat(&api.next().await), NEW);

    // Where it has gone is known after a restart, and with its new number in the configuration.
    server.interrupt();
    assert!(server.ended().await);
    wait_until(&sim, |it| it.sessions.is_empty()).await;
    let chats = format!("{CHAT},{NEW}");
    for chats in ["42,-7", &chats] {
        let server = start(&sim, &api, &[("TELEGRAM_CHAT_ID", chats)]);
        api.write(NEW, "/help");
        assert_eq!(chat(&api.next().await), NEW);
        registered(&sim).await;
        // The first value takes a side, the second one crosses.
        sim.push(nav(199));
        sim.push(nav(201));
        let told = api.next().await;
        assert_eq!(chat(&told), NEW, "{}", told.text());
        server.interrupt();
        assert!(server.ended().await);
        wait_until(&sim, |it| it.sessions.is_empty()).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_with_one_number_in_two_chats_make_two_alerts() {
    let sim = sim("").await;
    let mut api = Api::start().await;
    let server = start(&sim, &api, &[]);
    for (chat, level) in [(CHAT, 80_000), (-7, 90_000)] {
        // It is heard twice.
        for _ in 0..2 {
            api.write_as(chat, 5, &format!("/alert 005930 {level}"));
            let made = api.next().await;
            assert!(made.text().starts_with("<b>알림을 만들었습니다</b>"), "{}", made.text());
        }
    }
    let url = format!("http://{}/v1/alerts", server.address);
    let alerts: serde_json::Value = reqwest::get(&url).await.unwrap().json().await.unwrap();
    assert_eq!(alerts["alerts"].as_array().unwrap().len(), 2, "{alerts}");

    // A button is tapped twice, and again when its alert rests.
    let menu = api.message(CHAT, "menu");
    let mut remove = String::new();
    for _ in 0..2 {
        api.tap_on(menu.clone(), "/alert 005930 +3%");
        remove = api.find("SendMessage").await.buttons().remove(0);
    }
    let id = remove.strip_prefix("/remove ").unwrap();
    ask(&mut api, &format!("/pause {id}")).await;
    api.tap_on(menu, "/alert 005930 +3%");
    assert_eq!(api.find("SendMessage").await.buttons(), [remove.clone()]);
    let alerts: serde_json::Value = reqwest::get(&url).await.unwrap().json().await.unwrap();
    let active = |it: &serde_json::Value| it["active"] == true;
    let alerts = alerts["alerts"].as_array().unwrap();
    assert!(alerts.len() == 3 && alerts.iter().all(active), "{alerts:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_list_has_pages() {
    let sim = sim("").await;
    let mut api = Api::start().await;
    let server = start(&sim, &api, &[]);
    for level in 1..=23 {
        let label = format!("{level} {}", "<&>".repeat(20));
        let rule = json!({"symbol": "005930", "label": label, "when": {"price": {"level": level}}});
        alert(&server, rule).await;
    }
    let first = ask(&mut api, "/alerts").await;
    assert!(first.text().starts_with("<b>알림</b> 1/3"), "{}", first.text());
    assert_eq!(first.buttons().len(), 21, "two for each, and one to the next page");
    assert_eq!(first.buttons().last().unwrap(), "/alerts 2");
    api.tap(CHAT, "/alerts 2");
    let second = api.find("EditMessageText").await;
    assert!(second.text().contains("<code>a11</code>"), "{}", second.text());
    assert!(second.buttons().contains(&"/remove a11 2".to_owned()));
    assert!(second.buttons().ends_with(&["/alerts 1".to_owned(), "/alerts 3".to_owned()]));
    api.tap(CHAT, "/remove a11 2");
    let second = api.find("EditMessageText").await;
    assert!(!second.text().contains("<code>a11</code>"), "{}", second.text());
    assert!(second.text().starts_with("<b>알림</b> 2/3"), "{}", second.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn each_chat_has_its_language() {
    let sim = sim("").await;
    let mut api = Api::start().await;
    let log = tempfile::NamedTempFile::new().unwrap();
    let server = told_of_nav(&sim, &api, log.path()).await;
    let which = ask(&mut api, "/language").await;
    assert_eq!(which.buttons(), ["/language ko", "/language en"]);
    api.tap(CHAT, "/language en");
    let chosen = api.find("EditMessageText").await;
    assert!(chosen.text().starts_with("English from now on"), "{}", chosen.text());
    let offers = api.offers();
    let languages: Vec<_> = offers.iter().map(|it| it.body["language_code"].as_str()).collect();
    assert_eq!(languages, [None, Some("ko"), Some("en"), None]);
    let title = |at: usize| offers[at].body["commands"][0]["description"].as_str().unwrap();
    assert_eq!([title(0), title(1)].map(|it| it.starts_with("현재가")), [true, true]);
    assert_eq!([title(2), title(3)].map(|it| it.starts_with("Price")), [true, true]);
    assert_eq!(offers[3].body["scope"], json!({"type": "chat", "chat_id": CHAT}));

    server.interrupt();
    assert!(server.ended().await);
    wait_until(&sim, |it| it.sessions.is_empty()).await;
    let _server = start(&sim, &api, &[]);
    registered(&sim).await;
    let help = ask(&mut api, "/help").await;
    assert!(help.text().starts_with("<b>Commands</b>"), "{}", help.text());
    sim.push(nav(101));
    let mut told = [api.next().await, api.next().await];
    told.sort_by_key(chat);
    assert!(told[0].text().contains("상향 돌파"), "{}", told[0].text());
    assert!(!told[1].text().contains("돌파"), "{}", told[1].text());
}

#[tokio::test(flavor = "multi_thread")]
async fn telegram_brings_what_is_said_where_it_is_told_to() {
    let sim = sim("").await;
    let mut api = Api::start().await;
    let base = [("TELEGRAM__WEBHOOK_URL", "https://bot.example.com/relay")];
    let server = start(&sim, &api, &base);
    support::eventually("it is told", async || api.webhook().is_some()).await;
    let webhook = api.webhook().unwrap();
    let path = webhook.url.strip_prefix("https://bot.example.com/relay/").unwrap().to_owned();
    let bring = async |server: &Server, path: &str, secret: &str, body: String| {
        // A connection of its own, since a server may end one whose request is too long.
        let client = reqwest::Client::new();
        let request = client.post(format!("http://{}/{path}", server.address));
        // As through a proxy, and without a key.
        let request = request
            .header("host", "bot.example.com")
            .header("x-forwarded-for", "149.154.167.220")
            .header("content-type", "application/json")
            .header("x-telegram-bot-api-secret-token", secret);
        // A server that does not want all of it may close before it is sent.
        request.body(body).send().await.map_or(413, |it| it.status().as_u16())
    };
    let update = |id: u32, text: &str| {
        json!({"update_id": id, "message": api.message(CHAT, text)}).to_string()
    };
    let (help, status) = (update(1, "/help"), update(2, "/status"));
    let strange = json!({"update_id": 3, "message": api.message(STRANGER, "/help")}).to_string();

    for (path, secret) in [(&path[..], "no"), (&path[..], ""), ("telegram/0", &webhook.secret)] {
        let refused = bring(&server, path, secret, help.clone()).await;
        assert!((400..500).contains(&refused), "{refused}");
    }
    assert_eq!(metric(&server, "relay_bot_webhook_refused_total").await, "3");
    assert_eq!(bring(&server, &path, &webhook.secret, "x".repeat(300_000)).await, 413);
    assert_eq!(bring(&server, &path, &webhook.secret, "{}".to_owned()).await, 200);
    assert_eq!(bring(&server, &path, &webhook.secret, strange).await, 200);
    assert_eq!(bring(&server, &path, &webhook.secret, help.clone()).await, 200);
    let sent = api.next().await;
    assert!(sent.text().starts_with("<b>명령어</b>"), "{}", sent.text());
    assert_eq!(bring(&server, &path, &webhook.secret, help).await, 200);
    assert_eq!(bring(&server, &path, &webhook.secret, status).await, 200);
    let sent = api.next().await;
    assert!(sent.text().starts_with("<b>ai-trade-server "), "it was answered twice");
    let get = reqwest::Client::new().get(format!("http://{}/{path}", server.address));
    let get = get.header("x-telegram-bot-api-secret-token", &webhook.secret).send().await.unwrap();
    assert_eq!(get.status(), 404);

    // The address holds after a restart, and asking for updates ends it.
    server.interrupt();
    assert!(server.ended().await);
    wait_until(&sim, |it| it.sessions.is_empty()).await;
    let server = start(&sim, &api, &[]);
    assert!(ask(&mut api, "/help").await.text().starts_with("<b>명령어</b>"));
    assert!(api.webhook().is_none());
    drop(server);
    let _server = start(&sim, &api, &base);
    support::eventually("it is told again", async || api.webhook().is_some()).await;
    assert_eq!(api.webhook().unwrap().url, webhook.url);
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
    for (url, part) in
        [("http://bot.example.com", "must be where"), ("https://bot.example.com:8000", "443, 80")]
    {
        let mut check = program();
        check.arg("check").env("TELEGRAM_BOT_TOKEN", TOKEN).env("TELEGRAM_CHAT_ID", "1");
        let output = check.env("TELEGRAM__WEBHOOK_URL", url).output().unwrap().stdout;
        let output = String::from_utf8(output).unwrap();
        assert!(output.contains(part), "{output}");
    }
}
