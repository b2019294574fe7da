//! Which recorded frame fires which rule, written down by hand from the data.

use alert_engine::Fact;

use crate::feed::{World, frames};

/// Fires where the fixtures, played in order, say; whatever happens between two
/// frames.
#[track_caller]
fn check(rule: &str, stream: &str, expected: &[usize]) {
    let frames: Vec<_> = frames(stream).into_iter().filter(|it| it.starts_with('0')).collect();
    type Between = fn(&mut World, &str) -> Vec<Fact>;
    let nothing: Between = |_, _| Vec::new();
    let repeated: Between = |world, frame| world.repeat(frame);
    let restarted: Between = |world, _| {
        world.restart();
        Vec::new()
    };
    for (name, between) in [("plain", nothing), ("repeated", repeated), ("restarted", restarted)] {
        let mut world = World::new(&[rule]);
        let mut fired = Vec::new();
        for (number, frame) in frames.iter().enumerate() {
            if !world.show(frame).is_empty() {
                fired.push(number);
            }
            assert_eq!(between(&mut world, frame), [], "{name} after {number}");
            world.now += 1;
        }
        assert_eq!(fired, expected, "{name}: {rule}");
    }
}

/// The night future of 2025-07-14 trades at 433.15, then between 433.10 and
/// 432.90; the two frames before it are of another night, at 344. So the first
/// value takes the side below, and frame 3 is a crossing as well.
#[test]
fn a_level_is_crossed() {
    let rule = |when: &str| {
        format!(
            r#"{{"id":"r","symbol":"101W09","streams":["H0MFCNT0"],"repeat":true,"cooldown_seconds":0,"when":{{"price":{when}}}}}"#
        )
    };
    let up = rule(r#"{"level":"433.10","crosses":"up"}"#);
    check(&up, "H0MFCNT0", &[3, 13, 17, 21, 24]);
    let down = rule(r#"{"level":433.05,"crosses":"down"}"#);
    check(&down, "H0MFCNT0", &[12, 16, 20, 23, 25]);
    let wide = rule(r#"{"level":"433.10","crosses":"up","hysteresis":"0.05"}"#);
    check(&wide, "H0MFCNT0", &[3, 13, 17, 21, 24]);
    let wider = rule(r#"{"level":"433.10","crosses":"up","hysteresis":"0.06"}"#);
    check(&wider, "H0MFCNT0", &[3]);
    let either = rule(r#"{"level":"432.98"}"#);
    check(&either, "H0MFCNT0", &[3, 46, 47, 49, 51, 53, 54, 55]);
    let once = either.replace(r#""repeat":true"#, r#""repeat":false"#);
    check(&once, "H0MFCNT0", &[3]);
    let lowest = rule(r#"{"level":"432.90","crosses":"down"}"#);
    check(&lowest, "H0MFCNT0", &[59]);
    check(&rule(r#"{"level":"433.15","crosses":"up"}"#), "H0MFCNT0", &[3]);
    check(&rule(r#"{"level":"433.16","crosses":"up"}"#), "H0MFCNT0", &[]);
}

/// A frame a second: the crossings at 13, 17 and 21 come within ten seconds
/// after the ones at 3, 13 and 17.
#[test]
fn a_cooldown_counts_what_it_does_not_tell() {
    let rule = r#"{"id":"r","symbol":"101W09","streams":["H0MFCNT0"],"repeat":true,"cooldown_seconds":11,"when":{"price":{"level":"433.10","crosses":"up"}}}"#;
    check(rule, "H0MFCNT0", &[3, 17]);
    let rule = rule.replace("11,", "10,");
    check(&rule, "H0MFCNT0", &[3, 13, 24]);
    let mut world = World::new(&[&rule]);
    for frame in &frames("H0MFCNT0") {
        world.show(frame);
        world.now += 1;
    }
    let untold: Vec<_> = world.told.iter().map(|it| it.untold).collect();
    assert_eq!(untold, [0, 0, 2]);
}

/// The daytime future: +0.55 is 0.127 % of 432.40, +0.60 is 0.139 %.
#[test]
fn a_distance_from_the_previous_close_is_crossed() {
    let rule = |percent: &str| {
        format!(
            r#"{{"id":"r","symbol":"101W09","streams":["H0MFCNT0"],"repeat":true,"cooldown_seconds":0,"when":{{"change":{percent}}}}}"#
        )
    };
    // The close is 345.15 for frames 1 and 2, at -0.29 and -0.30 %, and 432.40 from then on.
    check(&rule(r#"{"percent":"0.13","crosses":"up"}"#), "H0MFCNT0", &[3, 47, 51, 54]);
    check(&rule(r#"{"percent":"0.3","crosses":"down"}"#), "H0MFCNT0", &[2]);
    check(&rule(r#"{"percent":"0.17"}"#), "H0MFCNT0", &[3]);
}

/// How many times the asks the bids are, in the frames of 005930: 0.62 in frame
/// 0, then 1.35, 4.05, 2.23; 2.08 in 5, 1.81; 1.05 in 8, 0.29, 1.79. And the other
/// way round: 1.601 in frame 0, 3.46 in 9.
#[test]
fn a_book_is_out_of_balance() {
    let rule = |when: &str| {
        format!(
            r#"{{"id":"r","symbol":"005930","repeat":true,"cooldown_seconds":0,"when":{{"imbalance":{when}}}}}"#
        )
    };
    check(&rule(r#"{"times":2,"side":"bid"}"#), "H0STASP0", &[2]);
    check(&rule(r#"{"times":"1.79","side":"bid"}"#), "H0STASP0", &[2, 10]);
    check(&rule(r#"{"times":"1.6","side":"ask"}"#), "H0STASP0", &[9]);
    check(&rule(r#"{"times":"2.0"}"#), "H0STASP0", &[2, 9]);
    let ten_levels = rule(r#"{"times":"2.0","levels":10}"#);
    check(&ten_levels, "H0STASP0", &[2, 9]);
}

#[test]
fn statuses() {
    let rule = |symbol: &str, events: &str| {
        format!(
            r#"{{"id":"r","symbol":"{symbol}","streams":["H0UNMKO0"],"when":{{"status":{{"events":[{events}]}}}}}}"#
        )
    };
    // Frame 3 halts 005930; the others, of other instruments, say that nothing is wrong.
    check(&rule("005930", r#""halt""#), "H0UNMKO0", &[3]);
    check(&rule("005930", r#""interruption","phase""#), "H0UNMKO0", &[]);
    check(&rule("100840", r#""interruption","halt""#), "H0UNMKO0", &[]);
}

#[test]
fn orders() {
    let rule = r#"{"id":"r","when":{"order":{}}}"#;
    // Accepted, filled, accepted.
    check(rule, "H0STCNI0", &[0, 1, 2]);
    check(r#"{"id":"r","when":{"order":{"events":["filled"]}}}"#, "H0STCNI0", &[1]);
    check(r#"{"id":"r","symbol":"472150","when":{"order":{}}}"#, "H0STCNI0", &[2]);
    check(r#"{"id":"r","when":{"order":{"events":["filled"]}}}"#, "H0IFCNI0", &[0]);
    check(rule, "H0GSCNI0", &[0]);
    check(rule, "H0EUCNI0", &[0]);
    check(rule, "H0STCNT0", &[]);
}

/// Eleven frames are lost, up to the crossing at 13 and beyond it; the crossing
/// is found at the first frame after them.
#[test]
fn a_crossing_in_a_gap_is_found_behind_it() {
    let rule = r#"{"id":"r","symbol":"101W09","streams":["H0MFCNT0"],"repeat":true,"cooldown_seconds":0,"when":{"price":{"level":"433.05","crosses":"down"}}}"#;
    let frames = frames("H0MFCNT0");
    let mut world = World::new(&[rule]);
    assert_eq!(world.show(&frames[5]), []);
    world.seq += 20;
    world.restart();
    assert_eq!(world.show(&frames[27]).len(), 1);
    assert_eq!(world.show(&frames[28]), []);
}
