//! Random schedules of the pure session against a model of KIS that loses links, holds slots,
//! forgets answers, falls silent and refuses. Whatever happened, once KIS behaves again every
//! wanted topic is live exactly once; and on the way there no limit is ever exceeded and every
//! gap is announced.
//!
//! `SCHEDULES=10000 cargo test -p kis-broker --test schedules` runs more of them;
//! `SCHEDULE=<seed>` repeats one and prints it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a test may panic"
)]

mod kis;
mod random;
mod world;

use world::World;

#[test]
#[expect(clippy::disallowed_methods, reason = "the number of schedules is the tester's choice")]
fn every_schedule_ends_well() {
    let number = |name| std::env::var(name).ok().and_then(|it| it.parse::<u64>().ok());
    let one = number("SCHEDULE");
    let seeds = match one {
        Some(seed) => seed..seed + 1,
        None => 0..number("SCHEDULES").unwrap_or(250),
    };
    let mut totals = world::Totals::default();
    for seed in seeds.clone() {
        // Names the seed in the output of a failing run.
        let result = std::panic::catch_unwind(|| World::new(seed, one.is_some()).run());
        match result {
            Ok(seen) => totals.add(&seen),
            Err(_) => panic!("schedule {seed} failed, repeat it with SCHEDULE={seed}"),
        }
    }
    println!("{totals:?}");
    if seeds.end - seeds.start > 100 {
        assert!(totals.is_thorough(), "the schedules do not reach everything: {totals:?}");
    }
}
