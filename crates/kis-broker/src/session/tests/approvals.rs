//! Getting, keeping and losing the approval key.

use super::*;
use crate::session::Loss;

fn refused() -> Event {
    Event::ApprovalRefused { code: "OPSP0011".into() }
}

#[test]
fn a_key_is_fetched_before_connecting_and_kept() {
    let mut it = Fixture::present(config(), &["A"]);
    it.session.handle_closed(it.now);
    it.events();
    it.reconnect();
    assert_eq!(it.sent(), ["+A"]);
}

#[test]
fn a_key_an_hour_old_opens_no_other_socket() {
    let mut it = Fixture::present(config(), &["A"]);
    for _ in 0..60 {
        it.wait(60 * SECOND);
        it.session.handle_alive(it.now);
    }
    it.session.handle_closed(it.now);
    it.wait(2 * SECOND);
    assert_eq!(it.actions(), [Action::FetchApproval]);
    it.approve();
    assert_eq!(it.actions(), [Action::Connect]);
}

#[test]
fn a_key_near_its_end_is_renewed_when_something_is_to_be_registered() {
    let mut it = Fixture::present(config(), &["A"]);
    for _ in 0..23 * 60 {
        it.wait(60 * SECOND);
        it.session.handle_alive(it.now);
    }
    assert!(it.actions().is_empty(), "an open session needs none");
    it.unsubscribe("A");
    assert_eq!(it.sent(), ["-A"], "nor does a release");
    it.subscribe("B");
    it.wait(SECOND);
    assert!(it.sent().is_empty());
    assert_eq!(it.actions(), [Action::FetchApproval]);
    it.approve();
    assert_eq!(it.sent(), ["+B"]);
}

#[test]
fn a_refused_key_is_fetched_anew_after_a_minute() {
    let mut it = Fixture::open(config());
    it.subscribe("A");
    for wait in [60, 120, 240] {
        it.sent();
        it.receive(&session_error("OPSP0011"));
        it.receive(&session_error("OPSP0011"));
        assert_eq!(
            it.events(),
            [refused(), Event::Lost { topics: vec![], reason: Loss::ApprovalRefused }],
            "nothing was registered"
        );
        assert_eq!(it.actions(), [Action::Disconnect]);
        it.wait((wait - 1) * SECOND);
        assert!(it.actions().is_empty());
        it.wait(wait * SECOND / 2);
        assert_eq!(it.actions(), [Action::FetchApproval]);
        it.approve();
        assert_eq!(it.actions(), [Action::Connect]);
        it.session.handle_opened(it.now);
        it.events();
    }
    assert_eq!(it.sent(), ["+A"]);
    it.receive(&answer("A", "0", "OPSP0000"));
    assert_eq!(it.events(), [Event::Subscribed(topic("A"))]);
}

#[test]
fn a_refused_key_costs_nothing_that_is_registered() {
    let mut it = Fixture::present(SessionConfig { topics_max: 4, ..config() }, &["A"]);
    it.subscribe("B");
    it.subscribe("C");
    assert_eq!(it.sent(), ["+B"]);
    it.wait(SECOND);
    assert_eq!(it.sent(), ["+C"]);
    it.unsubscribe("C");
    it.receive(&answer("B", "1", "OPSP0011"));
    it.receive(&answer("C", "1", "OPSP0011"));
    assert_eq!(it.events(), [refused(), Event::Released(topic("C"))], "told once");
    assert!(it.actions().is_empty(), "the socket stays");
    it.wait(59 * SECOND);
    it.session.handle_alive(it.now);
    assert!(it.actions().is_empty());
    it.wait(20 * SECOND);
    assert_eq!(it.actions(), [Action::FetchApproval]);
    it.approve();
    assert_eq!(it.sent(), ["+B"]);
    it.receive(&answer("B", "0", "OPSP0000"));
    assert_eq!(it.events(), [Event::Subscribed(topic("B"))]);
}

#[test]
fn a_key_that_is_not_to_be_had_is_asked_for_again() {
    let mut it = Fixture::new(config());
    for (refused, wait) in [(false, 1), (false, 2), (true, 60), (true, 120), (false, 4)] {
        assert_eq!(it.actions(), [Action::FetchApproval]);
        it.session.handle_approval_failed(refused, it.now);
        let events = it.events();
        let [Event::ApprovalFailed { refused: told, retry_in }] = events[..] else {
            panic!("{events:?}")
        };
        assert_eq!(told, refused);
        assert!(retry_in >= wait * SECOND && retry_in <= wait * SECOND * 5 / 4);
        assert_eq!(it.wakes_in(), Some(retry_in));
        it.wait(retry_in);
    }
}

#[test]
fn approvals_wait_for_their_budget() {
    let mut config = config();
    config.budgets.approvals = Allowance { count: 1, window: 600 * SECOND };
    let mut it = Fixture::new(config);
    it.actions();
    it.session.handle_approval_failed(false, it.now);
    it.events();
    it.wait(10 * SECOND);
    assert!(it.actions().is_empty());
    assert_eq!(it.events(), [Event::BudgetSpent { budget: crate::BudgetKind::Approvals }]);
    it.wait(590 * SECOND);
    assert_eq!(it.actions(), [Action::FetchApproval]);
}

#[test]
fn the_key_is_in_no_debug_output() {
    let it = Fixture::present(config(), &["A"]);
    assert!(!format!("{:?}", it.session).contains(&KEY[..KEY.len() - 4]));
}
