//! Losing the link, waiting, and connecting again.

use super::*;
use crate::session::Loss;

fn lost(tr_keys: &[&str], reason: Loss) -> Event {
    Event::Lost { topics: tr_keys.iter().map(|it| topic(it)).collect(), reason }
}

/// Asserts that the session wants to be woken after `least`, or up to a quarter later.
#[track_caller]
fn check_delay(it: &Fixture, least: Duration) {
    let delay = it.wakes_in().unwrap();
    assert!(least <= delay && delay <= least.mul_f64(1.25), "{delay:?}, not {least:?}");
}

#[test]
fn pings_are_echoed_ahead_of_requests() {
    let mut it = Fixture::open(config());
    it.subscribe("A");
    it.subscribe("B");
    assert_eq!(it.sent(), ["+A"]);
    let ping = r#"{"header":{"tr_id":"PINGPONG","datetime":"20260822101500"}}"#;
    it.receive(ping);
    it.receive(ping);
    assert_eq!(it.sent(), [ping, ping], "the same text, without waiting");
    it.wait(100 * MILLI);
    assert_eq!(it.sent(), ["+B"], "and without disturbing the pace");
}

#[test]
fn a_loss_is_told_and_everything_wanted_registered_again() {
    let mut it = Fixture::present(SessionConfig { topics_max: 4, ..config() }, &["A", "B"]);
    it.subscribe("C");
    assert_eq!(it.sent(), ["+C"]);
    it.subscribe("D");
    it.unsubscribe("B");
    it.session.handle_closed(it.now);
    it.session.handle_closed(it.now);
    assert_eq!(
        it.events(),
        [lost(&["A", "C"], Loss::Closed), Event::Released(topic("B"))],
        "what was present or requested, once"
    );
    check_delay(&it, SECOND);
    it.reconnect();
    let mut sent = it.sent();
    for _ in 0..4 {
        it.wait(100 * MILLI);
        sent.extend(it.sent());
    }
    assert_eq!(sent, ["+A", "+C", "+D"], "nothing twice");
    it.receive(&answer("A", "1", "OPSP0002"));
    assert_eq!(it.events(), [Event::Subscribed(topic("A"))]);
}

#[test]
fn silence_is_a_loss() {
    let mut it = Fixture::present(config(), &["A"]);
    it.receive(r#"{"header":{"tr_id":"PINGPONG","datetime":"x"}}"#);
    it.sent();
    it.wait(89 * SECOND);
    assert!(it.actions().is_empty());
    it.wait(SECOND);
    assert_eq!(it.actions(), [Action::Disconnect]);
    assert_eq!(it.events(), [lost(&["A"], Loss::Silent)]);
    assert_eq!(it.state(), SessionState::Waiting);
}

#[test]
fn any_message_is_a_sign_of_life() {
    let mut it = Fixture::present(config(), &["A"]);
    for _ in 0..3 {
        it.wait(80 * SECOND);
        it.session.handle_text("0|H0STCNT0|001|A^1", it.now).unwrap();
        it.wait(80 * SECOND);
        assert!(it.session.handle_text("garbage", it.now).is_err());
        it.wait(80 * SECOND);
        it.session.handle_alive(it.now);
    }
    assert!(it.actions().is_empty());
}

#[test]
fn an_idle_link_that_speaks_seldom_does_not_loop() {
    let mut it = Fixture::present(config(), &["A"]);
    let ping = r#"{"header":{"tr_id":"PINGPONG","datetime":"x"}}"#;
    it.wait(90 * SECOND);
    assert_eq!(it.actions(), [Action::Disconnect]);
    it.events();
    it.reconnect();
    it.sent();
    it.receive(&answer("A", "0", "OPSP0000"));
    // A sign of life every 105 s, for a night.
    for _ in 0..300 {
        it.wait(105 * SECOND);
        it.receive(ping);
        it.sent();
    }
    assert!(it.actions().is_empty());
    // Then an hour of busy market, after which silence is suspicious again.
    for _ in 0..3700 {
        it.wait(SECOND);
        it.receive(ping);
        it.sent();
    }
    it.wait(89 * SECOND);
    assert!(it.actions().is_empty());
    it.wait(SECOND);
    assert_eq!(it.actions(), [Action::Disconnect]);
}

#[test]
fn failures_back_off() {
    let mut it = Fixture::new(config());
    it.actions();
    it.approve();
    for wait in [1, 2, 4, 8, 8] {
        assert_eq!(it.actions(), [Action::Connect]);
        it.session.handle_closed(it.now);
        assert!(matches!(it.events()[..], [Event::Unreachable { .. }]));
        check_delay(&it, wait * SECOND);
        it.wait(10 * SECOND);
    }
}

#[test]
fn back_off_starts_over_only_after_a_proven_session() {
    let mut it = Fixture::open(config());
    it.subscribe("A");
    for wait in [1, 2, 4, 8] {
        it.session.handle_closed(it.now);
        it.events();
        check_delay(&it, wait * SECOND);
        it.reconnect();
    }
    assert_eq!(it.sent(), ["+A"]);
    it.receive(&answer("A", "0", "OPSP0000"));
    it.session.handle_closed(it.now);
    it.events();
    check_delay(&it, SECOND);
    it.reconnect();
    it.session.handle_closed(it.now);
    it.events();
    check_delay(&it, 2 * SECOND);
    it.reconnect();
    it.sent();
    for _ in 0..6 {
        it.wait(10 * SECOND);
        it.session.handle_alive(it.now);
    }
    it.session.handle_closed(it.now);
    check_delay(&it, SECOND);
}

#[test]
fn an_idle_session_does_not_come_back_until_something_is_wanted() {
    let mut it = Fixture::open(config());
    it.session.handle_closed(it.now);
    assert_eq!(it.events(), [lost(&[], Loss::Closed)]);
    assert_eq!((it.state(), it.wakes_in()), (SessionState::Idle, None));
    it.subscribe("A");
    check_delay(&it, SECOND);
    it.reconnect();
    assert_eq!(it.sent(), ["+A"]);
}

#[test]
fn an_app_key_in_use_waits_and_alerts_once() {
    let mut it = Fixture::open(config());
    it.subscribe("A");
    for wait in [60, 120, 240, 240] {
        it.sent();
        it.receive(&session_error("OPSP8996"));
        assert_eq!(it.actions(), [Action::Disconnect]);
        let mut expected = vec![lost(&["A"], Loss::InUseElsewhere)];
        if wait == 60 {
            expected.insert(0, Event::InUseElsewhere);
        }
        assert_eq!(it.events(), expected);
        assert!(it.session.status(it.now).in_use_elsewhere);
        check_delay(&it, wait * SECOND);
        it.wait(300 * SECOND);
        assert_eq!(it.actions(), [Action::Connect]);
        it.session.handle_opened(it.now);
        assert_eq!(it.events(), [Event::Connected]);
    }
    it.sent();
    it.receive(&answer("A", "0", "OPSP0000"));
    assert_eq!(it.events(), [Event::Subscribed(topic("A"))]);
    assert!(!it.session.status(it.now).in_use_elsewhere);

    it.session.handle_closed(it.now);
    it.events();
    it.reconnect();
    it.sent();
    it.receive(&session_error("OPSP8996"));
    assert_eq!(it.events()[0], Event::InUseElsewhere, "a new episode");
    check_delay(&it, 60 * SECOND);
}

#[test]
fn connecting_waits_for_its_budget() {
    let mut config = config();
    config.budgets.connects = Allowance { count: 2, window: 600 * SECOND };
    let mut it = Fixture::open(config);
    it.subscribe("A");
    it.session.handle_closed(it.now);
    it.events();
    it.reconnect();
    it.session.handle_closed(it.now);
    it.wait(60 * SECOND);
    assert!(it.actions().is_empty());
    let spent = Event::BudgetSpent { budget: crate::BudgetKind::Connects };
    assert_eq!(it.events().last(), Some(&spent));
    it.wait(540 * SECOND);
    assert_eq!(it.actions(), [Action::Connect]);
}

#[test]
fn budgets_survive_a_restart() {
    let mut config = config();
    config.budgets.connects = Allowance { count: 1, window: 600 * SECOND };
    let mut before = Fixture::open(config.clone());
    let wall = std::time::SystemTime::now();
    let state = before.session.take_spent(before.now, wall);
    let text = serde_json::to_string(&state).unwrap();

    let mut session = Session::new(config, 2, before.now);
    session.import_budgets(&serde_json::from_str(&text).unwrap(), before.now, wall);
    let mut it = Fixture { session, now: before.now };
    it.session.handle_timeout(it.now);
    assert_eq!(it.actions(), [Action::FetchApproval]);
    it.approve();
    assert!(it.actions().is_empty());
    check_delay(&it, 600 * SECOND);
}

#[test]
fn shutting_down_releases_quickly_and_closes() {
    let keys: Vec<String> = (0..41).map(|it| format!("{it:06}")).collect();
    let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
    let mut it = Fixture::present(SessionConfig { topics_max: 41, ..config() }, &keys);
    let start = it.now;
    it.session.shutdown(it.now);
    assert_eq!(it.state(), SessionState::Stopping);
    let mut released = 0;
    while it.actions().is_empty() {
        for text in it.sent() {
            released += 1;
            it.receive(&answer(text.trim_start_matches('-'), "0", "OPSP0001"));
        }
        it.wait(20 * MILLI);
    }
    assert_eq!(released, 41);
    assert!(it.now - start < SECOND, "{:?}", it.now - start);
    assert_eq!(it.events().last(), Some(&Event::Closed));
    assert_eq!((it.state(), it.wakes_in()), (SessionState::Closed, None));
}

#[test]
fn shutting_down_does_not_wait_for_answers_for_ever() {
    let mut it = Fixture::present(config(), &["A"]);
    it.session.shutdown(it.now);
    assert_eq!(it.sent(), ["-A"]);
    it.wait(999 * MILLI);
    assert!(it.actions().is_empty());
    it.wait(MILLI);
    assert_eq!(it.actions(), [Action::Close]);
    assert_eq!(it.events(), [Event::Released(topic("A")), Event::Closed]);
}

#[test]
fn shutting_down_without_a_socket_is_immediate() {
    let mut it = Fixture::new(config());
    it.subscribe("A");
    it.session.shutdown(it.now);
    assert_eq!(it.events(), [Event::Released(topic("A")), Event::Closed]);
    it.approve();
    assert_eq!(it.actions(), [Action::FetchApproval], "asked for before, of no use any more");
    assert_eq!(it.state(), SessionState::Closed);
}
