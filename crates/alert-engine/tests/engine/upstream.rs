//! Trouble between the server and KIS.

use alert_engine::{Fact, Report};

use crate::feed::World;

const RULE: &str = r#"{"id":"r","when":{"upstream":{"down_seconds":30}}}"#;

impl World {
    fn report(&mut self, report: Report<'_>) -> Vec<Fact> {
        let now = self.time();
        self.engine.handle_upstream("real", report, now);
        self.keep()
    }
}

#[track_caller]
fn is_down(facts: &[Fact], expected: i64) {
    assert!(
        matches!(facts, [Fact::Upstream { seconds: Some(it), .. }] if *it == expected),
        "{facts:?}"
    );
}

#[test]
fn down_in_session_is_told_once_and_so_is_the_return() {
    let mut world = World::new(&[RULE]);
    world.report(Report::InSession(true));
    assert_eq!(world.report(Report::Down), []);
    assert_eq!(world.engine.poll_timeout().unwrap().unix_seconds(), world.now + 30);
    assert_eq!(world.pass(29), []);
    is_down(&world.pass(1), 30);
    assert_eq!(world.pass(100), []);
    world.restart();
    world.report(Report::InSession(true));
    assert_eq!(world.report(Report::Down), []);
    assert_eq!(world.pass(60), [], "told before the restart");
    assert!(matches!(&*world.report(Report::Up), [Fact::Recovered { seconds: 60, .. }]));
    assert_eq!(world.report(Report::Up), []);
}

#[test]
fn a_short_loss_and_one_at_night_are_nothing() {
    let mut world = World::new(&[RULE]);
    world.report(Report::InSession(true));
    world.report(Report::Down);
    world.pass(20);
    assert_eq!(world.report(Report::Up), []);
    assert_eq!(world.pass(60), []);

    world.report(Report::InSession(false));
    world.report(Report::Down);
    assert_eq!(world.engine.poll_timeout(), None);
    assert_eq!(world.pass(3_600), []);
    assert_eq!(world.report(Report::InSession(true)), [], "the night does not count");
    assert_eq!(world.engine.poll_timeout().unwrap().unix_seconds(), world.now + 30);
    assert_eq!(world.pass(20), []);
    world.report(Report::InSession(false));
    assert_eq!(world.pass(3_600), []);
    world.report(Report::InSession(true));
    assert_eq!(world.pass(9), []);
    is_down(&world.pass(1), 30);
}

#[test]
fn a_session_that_is_no_more_is_forgotten() {
    let mut world = World::new(&[RULE]);
    world.report(Report::InSession(true));
    world.report(Report::Down);
    is_down(&world.pass(30), 30);
    world.engine.retain_sources(|it| it == "other");
    world.keep();
    assert_eq!(world.engine.poll_timeout(), None);
    assert_eq!(world.pass(3_600), []);
    world.restart();
    // One of the same name, added later, starts afresh.
    assert_eq!(world.report(Report::Up), [], "it was never told to be down");
    world.report(Report::InSession(true));
    world.report(Report::Down);
    is_down(&world.pass(30), 30);
    world.engine.retain_sources(|it| it == "real");
    assert!(matches!(&*world.report(Report::Up), [Fact::Recovered { seconds: 30, .. }]));
}

#[test]
fn trouble_that_repeats_is_told_once() {
    let mut world = World::new(&[RULE]);
    let full = Report::SlotsFull { topic: "H0STCNT0:005930" };
    assert_eq!(world.report(full).len(), 1);
    assert_eq!(world.report(full), []);
    assert_eq!(world.report(Report::InUseElsewhere).len(), 1);
    assert_eq!(world.report(Report::TokenRefused { code: "OPSP0011" }).len(), 1);
    world.restart();
    assert_eq!(world.report(full), []);
    world.pass(600);
    assert_eq!(world.report(full).len(), 1);
    let width = |columns| Report::UnknownWidth { stream: "H0STCNT0", columns };
    assert_eq!(world.report(width(48)).len(), 1);
    assert_eq!(world.report(width(49)).len(), 1);
    world.restart();
    world.pass(100_000);
    assert_eq!(world.report(width(48)), []);
}
