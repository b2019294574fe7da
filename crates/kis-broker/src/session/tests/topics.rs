//! Registering, releasing and being refused.

use super::*;
use crate::session::Refusal;

fn kis(code: &str) -> Refusal {
    Refusal::Kis { code: code.into(), message: "TEXT".into() }
}

fn refused(tr_key: &str, reason: Refusal) -> Event {
    Event::Refused { topic: topic(tr_key), reason }
}

#[test]
fn requests_are_paced_in_order() {
    let mut it = Fixture::open(SessionConfig { topics_max: 3, ..config() });
    for tr_key in ["B", "A", "C"] {
        it.subscribe(tr_key);
    }
    assert_eq!(it.sent(), ["+B"]);
    assert_eq!(it.wakes_in(), Some(100 * MILLI));
    it.wait(99 * MILLI);
    assert!(it.sent().is_empty());
    it.wait(MILLI);
    assert_eq!(it.sent(), ["+A"]);
    it.receive(&answer("B", "0", "OPSP0000"));
    it.unsubscribe("B");
    it.wait(100 * MILLI);
    assert_eq!(it.sent(), ["+C"], "registrations go first");
    it.wait(100 * MILLI);
    assert_eq!(it.sent(), ["-B"], "releases are paced too");
}

#[test]
fn answers_become_events() {
    let mut it = Fixture::open(config());
    it.subscribe("A");
    it.subscribe("B");
    assert_eq!(it.sent(), ["+A"]);
    it.wait(SECOND);
    assert_eq!(it.sent(), ["+B"]);
    it.receive(&answer("A", "0", "OPSP0000"));
    it.receive(&answer("B", "1", "OPSP8992"));
    assert_eq!(it.events(), [Event::Subscribed(topic("A")), refused("B", kis("OPSP8992"))]);
    assert_eq!(it.session.status(it.now).last_code.as_deref(), Some("OPSP8992"));
    it.subscribe("C");
    it.wait(SECOND);
    assert_eq!(it.sent(), ["+C"], "a refusal frees the slot");
}

#[test]
fn already_registered_is_success() {
    let mut it = Fixture::open(config());
    it.subscribe("A");
    it.sent();
    it.receive(&answer("A", "1", "OPSP0002"));
    assert_eq!(it.events(), [Event::Subscribed(topic("A"))]);
}

#[test]
fn not_registered_is_released() {
    for code in ["OPSP0001", "OPSP0003"] {
        let mut it = Fixture::present(config(), &["A"]);
        it.unsubscribe("A");
        assert_eq!(it.sent(), ["-A"]);
        assert!(it.events().is_empty(), "not before KIS says so");
        it.receive(&answer("A", "1", code));
        assert_eq!(it.events(), [Event::Released(topic("A"))]);
        assert_eq!(it.session.status(it.now).slots_used, 0);
    }
}

#[test]
fn a_session_refuses_what_it_has_no_room_for() {
    let mut it = Fixture::present(config(), &["A", "B"]);
    it.subscribe("C");
    assert_eq!(it.events(), [refused("C", Refusal::SessionFull { limit: 2 })]);
    assert!(it.sent().is_empty());

    it.unsubscribe("A");
    it.subscribe("C");
    assert_eq!(it.sent(), ["-A"], "the slot must be free first");
    it.wait(SECOND);
    assert!(it.sent().is_empty());
    it.receive(&answer("A", "0", "OPSP0001"));
    assert_eq!(it.sent(), ["+C"]);
}

#[test]
fn a_full_broker_is_remembered_until_a_release() {
    let mut it = Fixture::present(SessionConfig { topics_max: 5, ..config() }, &["A", "B"]);
    for tr_key in ["C", "D", "E"] {
        it.subscribe(tr_key);
    }
    assert_eq!(it.sent(), ["+C"]);
    it.receive(&answer("C", "1", "OPSP0008"));
    let full = Refusal::SessionFull { limit: 2 };
    assert_eq!(
        it.events(),
        [refused("C", kis("OPSP0008")), refused("D", full.clone()), refused("E", full.clone())],
        "none is left waiting"
    );
    it.subscribe("F");
    assert_eq!(it.events(), [refused("F", full)]);

    it.unsubscribe("A");
    it.wait(SECOND);
    assert_eq!(it.sent(), ["-A"]);
    it.receive(&answer("A", "0", "OPSP0001"));
    it.events();
    it.subscribe("F");
    it.wait(SECOND);
    assert_eq!(it.sent(), ["+F"]);
}

#[test]
fn a_full_broker_is_believed_for_a_while_only() {
    let mut it = Fixture::open(config());
    it.subscribe("A");
    it.sent();
    it.receive(&answer("A", "1", "OPSP0008"));
    assert_eq!(it.events(), [refused("A", kis("OPSP0008"))]);
    it.subscribe("A");
    assert_eq!(it.events(), [refused("A", Refusal::SessionFull { limit: 0 })]);
    it.wait(60 * SECOND);
    it.subscribe("A");
    assert_eq!(it.sent(), ["+A"]);
}

#[test]
fn a_change_of_mind_costs_nothing() {
    let mut it = Fixture::open(config());
    it.subscribe("A");
    it.unsubscribe("A");
    it.unsubscribe("A");
    assert_eq!(it.events(), [Event::Released(topic("A"))]);
    assert!(it.sent().is_empty());

    let mut it = Fixture::present(config(), &["A"]);
    it.session.shutdown(it.now);
    it.subscribe("B");
    assert_eq!(it.sent(), ["-A"], "nothing is begun any more");
}

#[test]
fn a_topic_wanted_again_before_its_release_is_still_there() {
    let mut it = Fixture::present(config(), &["A", "B"]);
    it.unsubscribe("A");
    it.unsubscribe("B");
    assert_eq!(it.sent(), ["-A"]);
    it.subscribe("B");
    assert_eq!(it.events(), [Event::Subscribed(topic("B"))]);
    it.subscribe("A");
    assert!(it.events().is_empty(), "its release is under way");
    it.receive(&answer("A", "0", "OPSP0001"));
    assert!(it.events().is_empty(), "it is wanted again, so nobody was released");
    it.wait(SECOND);
    assert_eq!(it.sent(), ["+A"]);
    it.receive(&answer("A", "0", "OPSP0000"));
    assert_eq!(it.events(), [Event::Subscribed(topic("A"))]);
}

#[test]
fn a_topic_dropped_before_its_answer_is_released_after_it() {
    let mut it = Fixture::open(config());
    it.subscribe("A");
    assert_eq!(it.sent(), ["+A"]);
    it.unsubscribe("A");
    it.wait(SECOND);
    assert!(it.sent().is_empty());
    it.receive(&answer("A", "0", "OPSP0000"));
    assert!(it.events().is_empty());
    assert_eq!(it.sent(), ["-A"]);
    it.receive(&answer("A", "0", "OPSP0001"));
    assert_eq!(it.events(), [Event::Released(topic("A"))]);
}

#[test]
fn a_topic_dropped_before_its_refusal_is_released() {
    let mut it = Fixture::open(config());
    it.subscribe("A");
    it.sent();
    it.unsubscribe("A");
    it.receive(&answer("A", "1", "OPSP8991"));
    assert_eq!(it.events(), [Event::Released(topic("A"))]);
}

#[test]
fn an_unanswered_request_is_repeated_then_given_up() {
    let mut it = Fixture::open(config());
    it.subscribe("A");
    for _ in 0..3 {
        assert_eq!(it.sent(), ["+A"]);
        assert!(it.events().is_empty());
        it.wait(10 * SECOND);
    }
    assert_eq!(it.events(), [refused("A", Refusal::Unanswered { attempts: 3 })]);
    assert_eq!(it.sent(), ["-A"], "for KIS may have registered it all the same");
    it.receive(&answer("A", "1", "OPSP0003"));
    assert!(it.events().is_empty(), "its end has been told");
    assert_eq!(it.session.status(it.now).slots_used, 0);

    it.receive(&answer("A", "0", "OPSP0000"));
    it.wait(SECOND);
    assert_eq!(it.sent(), ["-A"], "an answer after all, and nobody wants it any more");
    it.receive(&answer("A", "0", "OPSP0001"));
    assert!(it.events().is_empty());
}

#[test]
fn a_late_answer_counts() {
    let mut it = Fixture::open(config());
    it.subscribe("A");
    it.sent();
    it.wait(10 * SECOND);
    it.receive(&answer("A", "0", "OPSP0000"));
    assert_eq!(it.events(), [Event::Subscribed(topic("A"))]);
    assert!(it.sent().is_empty(), "so it is not sent again");
    it.receive(&answer("A", "1", "OPSP0002"));
    assert!(it.events().is_empty(), "nor told twice");
}

#[test]
fn an_unanswered_release_is_repeated_then_taken_as_done() {
    let mut it = Fixture::present(config(), &["A"]);
    it.unsubscribe("A");
    for _ in 0..3 {
        assert_eq!(it.sent(), ["-A"]);
        it.wait(10 * SECOND);
    }
    assert!(it.sent().is_empty());
    assert_eq!(it.events(), [Event::Released(topic("A"))]);
}

#[test]
fn a_topic_wanted_again_after_an_unanswered_release_is_registered_again() {
    let mut it = Fixture::present(config(), &["A"]);
    it.unsubscribe("A");
    assert_eq!(it.sent(), ["-A"]);
    it.wait(10 * SECOND);
    it.subscribe("A");
    assert!(it.events().is_empty(), "KIS may have released it");
    assert_eq!(it.sent(), ["+A"]);
    it.receive(&answer("A", "0", "OPSP0001"));
    it.receive(&answer("A", "0", "OPSP0000"));
    assert_eq!(it.events(), [Event::Subscribed(topic("A"))]);
}

#[test]
fn a_fault_of_kis_is_tried_again() {
    let mut it = Fixture::open(config());
    it.subscribe("A");
    for _ in 0..2 {
        assert_eq!(it.sent(), ["+A"]);
        it.receive(&answer("A", "1", "OPSP0007"));
        assert!(it.events().is_empty());
        assert!(it.sent().is_empty(), "not at once");
        it.wait(5 * SECOND);
    }
    assert_eq!(it.sent(), ["+A"]);
    it.receive(&answer("A", "1", "OPSP0007"));
    assert_eq!(it.events(), [refused("A", kis("OPSP0007"))]);
}

#[test]
fn an_answer_without_a_topic_belongs_to_the_only_request() {
    let mut it = Fixture::open(config());
    it.subscribe("A");
    it.sent();
    it.receive(&session_error("OPSP8993"));
    let message = "TEXT …".into();
    assert_eq!(
        it.events(),
        [refused("A", Refusal::Kis { code: "OPSP8993".into(), message })],
        "and does not repeat the approval key"
    );
}

#[test]
fn an_answer_without_a_topic_among_many_is_counted() {
    let mut it = Fixture::open(config());
    for tr_key in ["A", "B"] {
        it.subscribe(tr_key);
        it.sent();
        it.wait(SECOND);
    }
    it.sent();
    it.receive(&session_error("OPSP9999"));
    assert!(it.events().is_empty());
    let status = it.session.status(it.now);
    assert_eq!((status.unattributed, status.last_code.as_deref()), (1, Some("OPSP9999")));
}

#[test]
fn a_success_of_unknown_code_is_what_was_asked_for() {
    let mut it = Fixture::open(config());
    it.subscribe("A");
    it.sent();
    it.receive(&answer("A", "0", "OPSP4321"));
    assert_eq!(it.events(), [Event::Subscribed(topic("A"))]);
    it.unsubscribe("A");
    it.wait(SECOND);
    it.sent();
    it.receive(&answer("A", "0", ""));
    assert_eq!(it.events(), [Event::Released(topic("A"))]);
}

#[test]
fn registrations_wait_for_their_budget() {
    let mut config = config();
    config.budgets.registrations = Allowance { count: 1, window: 60 * SECOND };
    let mut it = Fixture::open(config);
    it.subscribe("A");
    it.subscribe("B");
    assert_eq!(it.sent(), ["+A"]);
    let spent = Event::BudgetSpent { budget: crate::BudgetKind::Registrations };
    assert_eq!(it.events(), [spent]);
    it.receive(&answer("A", "0", "OPSP0000"));
    it.wait(SECOND);
    assert!(it.sent().is_empty());
    assert_eq!(it.events(), [Event::Subscribed(topic("A"))]);
    it.unsubscribe("A");
    assert_eq!(it.sent(), ["-A"], "releases have a budget of their own");
    it.receive(&answer("A", "0", "OPSP0001"));
    it.wait(58 * SECOND);
    assert!(it.sent().is_empty());
    assert_eq!(it.events(), [Event::Released(topic("A"))], "announced once");
    it.wait(SECOND);
    assert_eq!(it.sent(), ["+B"]);
}
