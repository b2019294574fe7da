//! When a rule keeps quiet, ends, or starts afresh; and volumes.

use alert_engine::{Ended, Fact, Rule};

use crate::{
    feed::{World, frames, trade},
    model::Random,
};

const PRICE: &str = r#""symbol":"101W09","streams":["H0MFCNT0"],"when":{"price":{"level":"433"}}"#;

fn rule(more: &str) -> String {
    format!(r#"{{"id":"r",{PRICE},"cooldown_seconds":0{more}}}"#)
}

fn below() -> String {
    trade(43_290)
}

fn above() -> String {
    trade(43_310)
}

#[test]
fn quiet_hours_are_summed_up() {
    // It is 18:44 in Korea.
    let quiet = r#","repeat":true,"quiet":{"from":"18:00","to":"19:00"}"#;
    let mut world = World::new(&[&rule(quiet)]);
    for _ in 0..3 {
        assert_eq!(world.show(&below()), []);
        assert_eq!(world.show(&above()), []);
    }
    world.restart();
    let due = world.engine.poll_timeout().unwrap();
    assert_eq!(due.to_string(), "2025-07-14T19:00:00+09:00");
    let left = due.unix_seconds() - world.now;
    assert_eq!(world.pass(left - 1), []);
    let facts = world.pass(1);
    // Every change of side is a crossing but the first, which has taken a side.
    let [Fact::Held { count: 5, last, .. }] = &*facts else { panic!("{facts:?}") };
    assert!(matches!(**last, Fact::Price { .. }));
    assert_eq!(world.show(&below()).len(), 1);
    assert_eq!(world.engine.poll_timeout(), None);
}

#[test]
fn what_is_held_alone_is_told_as_it_is() {
    let mut world = World::new(&[&rule(r#","quiet":{"from":"18:00","to":"19:00"}"#)]);
    world.show(&below());
    world.show(&above());
    assert!(matches!(&*world.pass(3_600), [Fact::Price { .. }]));
    assert_eq!(world.show(&below()), [], "the rule was to fire once");
}

#[test]
fn what_is_dropped_does_not_use_up_a_rule() {
    let quiet = r#","quiet":{"from":"18:00","to":"19:00","held":"drop"}"#;
    let mut world = World::new(&[&rule(quiet)]);
    world.show(&below());
    assert_eq!(world.show(&above()), []);
    assert_eq!(world.pass(3_600), []);
    assert_eq!(world.show(&below()).len(), 1);
    assert_eq!(world.engine.rule("r").unwrap().1.ended(), Some(Ended::Fired));
}

#[test]
fn fills_are_told_in_quiet_hours() {
    let order = |quiet: &str| {
        format!(
            r#"{{"id":"r","when":{{"order":{{}}}},"quiet":{{"from":"00:00","to":"23:59"{quiet}}}}}"#
        )
    };
    let notice = &frames("H0STCNI0")[2];
    assert_eq!(World::new(&[&order("")]).show(notice).len(), 1);
    assert_eq!(World::new(&[&order(r#","urgent_passes":false"#)]).show(notice).len(), 0);
}

#[test]
fn a_rule_expires() {
    let mut world = World::new(&[&rule(r#","expires":"2025-07-14T18:45:00+09:00""#)]);
    world.show(&below());
    assert_eq!(world.engine.topics().len(), 1);
    let left = world.engine.poll_timeout().unwrap().unix_seconds() - world.now;
    world.now += left;
    assert_eq!(world.show(&above()), [], "also before anybody has looked at the clock");
    world.pass(0);
    assert_eq!(world.engine.rule("r").unwrap().1.ended(), Some(Ended::Expired));
    assert_eq!((world.engine.topics(), world.engine.poll_timeout()), (Vec::new(), None));
}

#[test]
fn a_rule_that_changes_starts_afresh() {
    let mut world = World::new(&[&rule("")]);
    world.show(&below());
    let insert = |world: &mut World, text: &str| {
        let rule = Rule::from_json(text).unwrap();
        let now = world.time();
        world.engine.insert(rule, None, now).unwrap();
    };
    insert(&mut world, &rule("").replace("433", "434"));
    insert(&mut world, &rule(""));
    assert_eq!(world.show(&above()), [], "it has not seen the value before");
    insert(&mut world, &rule(r#","label":"future""#));
    assert_eq!(world.show(&below()).len(), 1, "a new label changes nothing");

    insert(&mut world, &rule(r#","enabled":false"#));
    assert!(!world.engine.watches(kis_protocol::TrId::H0MFCNT0, "101W09"));
    assert_eq!(world.show(&above()), []);
    insert(&mut world, &rule(""));
    assert_eq!(world.show(&above()), []);
    assert_eq!(world.show(&below()).len(), 1);
}

#[test]
fn a_kept_state_of_another_rule_is_not_used() {
    let mut world = World::new(&[&rule(r#","repeat":true"#)]);
    world.show(&below());
    world.show(&above());
    let (_, state) = world.engine.remove("r").unwrap();
    let other = Rule::from_json(&rule("").replace("433", "434")).unwrap();
    let now = world.time();
    world.engine.insert(other, Some(state), now).unwrap();
    assert_eq!(world.show(&trade(43_410)), [], "the first value takes a side");
    assert_eq!(world.show(&below()).len(), 1);
    assert_eq!(world.told.last().map(|it| it.id.as_str()), Some("r.1752486240.2"), "numbers go on");
}

/// A trade with its own quantity and the day's total.
fn volume(quantity: i64, total: i64) -> String {
    let mut columns: Vec<_> = trade(43_300).split('^').map(str::to_owned).collect();
    (columns[9], columns[10]) = (quantity.to_string(), total.to_string());
    columns.join("^")
}

#[test]
fn more_is_traded_than_usual() {
    let rule = r#"{"id":"r","symbol":"101W09","streams":["H0MFCNT0"],"repeat":true,"cooldown_seconds":0,
        "when":{"volume":{"times":5,"seconds":10,"baseline_seconds":60}}}"#;
    let mut world = World::new(&[rule]);
    let mut total = 1_000;
    let mut trade = |world: &mut World, seconds: i64, quantity: i64, missed: i64| {
        world.now += seconds;
        total += quantity + missed;
        world.show(&volume(quantity, total))
    };
    // Ten a second, but nothing fires before a minute has been seen.
    assert_eq!(trade(&mut world, 0, 5_000, 0), []);
    for _ in 0..200 {
        assert_eq!(trade(&mut world, 1, 10, 0), []);
    }
    // A gap of half a minute in which as much was traded as usual.
    assert_eq!(trade(&mut world, 30, 0, 300), []);
    // Nine times ten and 410 are five times a hundred.
    let facts = trade(&mut world, 1, 410, 0);
    let [Fact::Volume { amount, times: Some(times), seconds: 10, .. }] = &*facts else {
        panic!("{facts:?}")
    };
    assert_eq!((amount.to_string(), times.to_string()), ("500".into(), "5.0".into()));
    assert_eq!(trade(&mut world, 1, 10, 0), [], "it is still the same spike");
    world.restart();
    assert_eq!(trade(&mut world, 1, 10, 0), []);
}

/// What is remembered for speed alone is gone after a restart, and changes nothing.
#[test]
fn volumes_are_the_same_with_a_restart_before_every_record() {
    let mut fired = 0;
    for seed in 0..30 {
        let mut random = Random(seed);
        let (minimum, pace) = (random.below(400), 1 + random.below(4));
        let rule = format!(
            r#"{{"id":"r","symbol":"101W09","streams":["H0MFCNT0"],"repeat":true,"cooldown_seconds":0,
                "when":{{"volume":{{"times":"2.5","seconds":10,"baseline_seconds":60,"minimum":{minimum}}}}}}}"#
        );
        let (mut quick, mut plain) = (World::new(&[&rule]), World::new(&[&rule]));
        let mut total = 1_000;
        for step in 0..300 {
            let most = [20, 2_000][usize::from(random.below(40) == 0)];
            let quantity = random.below(most);
            let missed = if random.below(20) == 0 { random.below(100) } else { 0 };
            total += (quantity + missed) as i64;
            let trade = volume(quantity as i64, total);
            plain.checkpoint();
            plain.restart();
            let passed = random.below(pace) as i64;
            let [told, expected] = [&mut quick, &mut plain].map(|world| {
                world.now += passed;
                world.show(&trade)
            });
            assert_eq!(told, expected, "seed {seed}, step {step}");
            fired += told.len();
        }
    }
    assert!(fired > 50, "{fired} spikes");
}

#[test]
fn an_amended_rule_goes_on_where_the_old_one_was() {
    let mut world = World::new(&[&rule("")]);
    world.show(&below());
    assert_eq!(world.show(&above()).len(), 1);
    let amend = |world: &mut World, more: &str| {
        let now = world.time();
        let rule = Rule::from_json(&rule(more)).unwrap();
        let former = world.engine.amend(rule, now).unwrap();
        world.keep();
        former.unwrap().1.ended()
    };
    // It was to fire once and has; changed, it is at work again, and knows its side.
    assert_eq!(amend(&mut world, r#","label":"other""#), Some(Ended::Fired));
    assert_eq!(world.show(&above()), []);
    assert_eq!(world.show(&below()).len(), 1);
    assert_eq!(world.engine.rule("r").unwrap().1.firings(), 2);

    // Paused, it sees nothing; then it starts afresh, but counts on.
    assert_eq!(amend(&mut world, r#","enabled":false"#), Some(Ended::Fired));
    assert_eq!(world.show(&above()), []);
    assert_eq!(amend(&mut world, ""), None);
    assert_eq!(world.show(&below()), [], "it takes a side");
    assert_eq!(world.show(&above()).len(), 1);
    assert_eq!(world.engine.rule("r").unwrap().1.firings(), 3);

    let now = world.time();
    let unknown = Rule::from_json(&rule("").replace(r#""r""#, r#""x""#)).unwrap();
    assert!(world.engine.amend(unknown, now).unwrap().is_none());
}

#[test]
fn what_cannot_be_kept_is_found_again() {
    let mut world = World::new(&[&rule(r#","repeat":true"#)]);
    world.show(&below());
    assert!(!world.engine.has_changes());
    let (kept, found) = (world.engine.rule("r").unwrap().1.firings(), world.found(&above()));
    assert_eq!((kept, found.notifications.len(), found.states.len()), (0, 1, 1));
    world.engine.put_back(found);
    let later = world.found(&below());
    assert_eq!((later.notifications.len(), later.states.len()), (2, 1), "in one");
    assert!(later.notifications[0].id < later.notifications[1].id, "oldest first");
    // Of a rule that is gone, only what it has found is left.
    world.engine.remove("r");
    world.engine.put_back(later);
    let left = world.engine.take_changes();
    assert_eq!((left.notifications.len(), left.states.len()), (2, 0));
}
