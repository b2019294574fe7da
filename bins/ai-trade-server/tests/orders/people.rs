//! Who may order, and that somebody has to say so first.

use std::process::{Command, Stdio};

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn orders_are_off_unless_switched_on() {
    let (sim, desk) = (sim().await, Desk::new());
    let server = desk.server(&sim, &[("ORDERS__ENABLED", "false")]);
    desk.place(&server, "a", &order()).await.expect(403, "orders_off");
    desk.get(&server, "/v1/orders?market=stock").await.expect(403, "orders_off");
    assert_eq!(sim.state().counters.calls, 0);
    assert!(!desk.path("orders").exists());
}

/// What a server says that does not start.
fn refusal_to_start(desk: &Desk, settings: &[(&str, &str)]) -> String {
    let mut command: Command = program();
    command
        .arg("run")
        .envs([("APP_KEY", "k"), ("APP_SECRET", "s"), ("LISTEN", "127.0.0.1:0")])
        .env("ORDERS__FOLDER", desk.path("orders"))
        .envs([("ORDERS__ENABLED", "true"), ("ACC_NO", "87654321-01"), ("KIS_ENV", "paper")])
        .envs(settings.iter().copied())
        .stdout(Stdio::null());
    let output = command.output().unwrap();
    assert!(!output.status.success());
    String::from_utf8(output.stderr).unwrap()
}

#[test]
fn no_start_where_it_would_not_be_safe() {
    let desk = Desk::new();
    #[track_caller]
    fn check(desk: &Desk, settings: &[(&str, &str)], expected: &str) {
        let text = refusal_to_start(desk, settings);
        assert!(text.contains(expected) && !text.contains("87654321"), "{text}");
    }
    check(&desk, &[("KIS_ENV", "real")], "say ORDERS__REAL=yes-with-real-money");
    let elsewhere = [
        ("KIS_ENV", "custom"),
        ("KIS_REST_URL", "http://127.0.0.1:9"),
        ("KIS_WS_URL", "ws://127.0.0.1:9"),
    ];
    check(&desk, &elsewhere, "say ORDERS__REAL=yes-with-real-money");
    for words in ["yes", "true", "Yes-with-real-money"] {
        check(
            &desk,
            &[("KIS_ENV", "real"), ("ORDERS__REAL", words)],
            "must be yes-with-real-money",
        );
    }
    check(&desk, &[("ORDERS__ALLOW_OPEN", "yes")], "must be yes-anyone-on-this-machine-may-order");
    let open = [
        ("LISTEN", "0.0.0.0:0"),
        ("SERVER__ALLOW_OPEN", "yes-anyone-may-connect"),
        ("ORDERS__ALLOW_OPEN", "yes-anyone-on-this-machine-may-order"),
    ];
    check(&desk, &open, "loopback only");
    check(&desk, &[("ACC_NO", "")], "set ACC_NO");
    check(&desk, &[("ACC_NO", "87654321-1")], "ten digits");
    check(&desk, &[("ORDERS__MARKETS", "stock,bonds")], "bonds");
    check(&desk, &[("ORDERS__ORDER_AMOUNT_MAX", "1000")], "KRW:10000000");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_servers_do_not_share_a_journal() {
    let (sim, desk) = (sim().await, Desk::new());
    let _server = desk.server(&sim, &[]);
    assert!(refusal_to_start(&desk, &[]).contains("in use by another server"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_may_trade_is_needed_on_loopback_as_well() {
    let (sim, desk) = (sim().await, Desk::new());
    let (reader, admin) = (desk.key("read", "reader"), desk.key("admin", "admin"));
    let server = desk.server(&sim, &[]);
    let place = async |bearer: Option<&str>| {
        call(&server, Method::POST, "/v1/orders", bearer, Some("a"), Some(&order())).await
    };
    place(None).await.expect(403, "key_needed");
    place(Some(&reader)).await.expect(403, "scope_missing");
    place(Some(&admin)).await.expect(403, "scope_missing");
    place(Some("ats_0_x")).await.expect(401, "unauthorized");
    for (method, path) in [
        (Method::GET, "/v1/orders?market=stock"),
        (Method::GET, "/v1/orders/status"),
        (Method::GET, "/v1/orders/ord_1"),
        (Method::DELETE, "/v1/orders/ord_1"),
        (Method::POST, "/v1/orders/ord_1/amend"),
        (Method::POST, "/v1/orders/kill"),
        (Method::DELETE, "/v1/orders/kill"),
    ] {
        let answer = call(&server, method.clone(), path, Some(&reader), Some("a"), None).await;
        answer.expect(403, "scope_missing");
        call(&server, method, path, None, Some("a"), None).await.expect(403, "key_needed");
    }
    let kill = call(&server, Method::POST, "/v1/orders/kill", Some(&desk.trade), None, None).await;
    kill.expect(403, "scope_missing");
    assert_eq!(orders(&sim), 0);
    place(Some(&desk.trade)).await.expect(201, "accepted");
    assert_eq!(orders(&sim), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn anybody_may_order_where_that_is_said() {
    let (sim, desk) = (sim().await, Desk::new());
    let words = [("ORDERS__ALLOW_OPEN", "yes-anyone-on-this-machine-may-order")];
    let server = desk.server(&sim, &words);
    let answer = call(&server, Method::POST, "/v1/orders", None, Some("a"), Some(&order())).await;
    answer.expect(201, "accepted");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_did_what_is_written_down_without_secrets() {
    let (sim, desk) = (sim().await, Desk::new());
    let server = desk.server(&sim, &[]);
    let placed = desk.place(&server, "a", &order()).await.expect(201, "accepted");
    desk.place(&server, "a", &order()).await.expect(201, "accepted");
    desk.place(&server, "b", &order_with(json!({"quantity": 1001})))
        .await
        .expect(403, "quantity_limit");
    fault(&sim, false, refusal(200, "APBK0952"));
    desk.place(&server, "c", &order()).await.expect(422, "order_refused");
    desk.cancel(&server, "d", placed.id()).await.expect(200, "accepted");
    let lines = desk.audit();
    let told: Vec<_> = lines
        .iter()
        .map(|it| [&it["what"], &it["decision"], &it["code"]].map(|it| it.as_str().unwrap_or("-")))
        .collect();
    assert_eq!(
        told,
        [
            ["place", "sending", "-"],
            ["place", "accepted", "40600000"],
            ["place", "repeated", "40600000"],
            ["place", "refused", "quantity_limit"],
            ["place", "sending", "-"],
            ["place", "refused", "APBK0952"],
            ["cancel", "sending", "-"],
            ["cancel", "accepted", "40630000"],
        ]
    );
    assert!(lines.iter().all(|it| it["who"]["name"] == "bot"));
    assert_eq!(lines[0]["account"], "…2101");
    assert_eq!(lines[0]["request"]["symbol"], "005930");
    assert_eq!(lines[1]["number"], placed.body["number"]);

    for name in ["orders/paper/audit.jsonl", "orders/paper/journal.jsonl"] {
        let text = fs::read_to_string(desk.path(name)).unwrap();
        let secret = desk.trade.rsplit('_').next().unwrap();
        for secret in ["87654321", "integration-test", secret] {
            assert!(!text.contains(secret), "{secret} is in {name}");
        }
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = fs::metadata(desk.path(name)).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600, "{name}");
        }
    }
}
