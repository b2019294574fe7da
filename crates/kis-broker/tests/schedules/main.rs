//! Random schedules of the pure state machines against a model of KIS that loses links, holds
//! slots, forgets answers, falls silent and refuses: of one session, and of a pool of one to four
//! keys that come and go. Whatever happened, once KIS behaves again every wanted topic is live
//! exactly once; and on the way there no limit is ever exceeded and every gap is announced.
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
mod member;
mod pool;
mod random;
mod world;

use std::ops::Range;

use pool::PoolWorld;
use world::World;

#[test]
fn every_schedule_ends_well() {
    let mut totals = world::Totals::default();
    let (seeds, verbose) = seeds(250);
    for seed in seeds.clone() {
        totals.add(&named(seed, || World::new(seed, verbose).run()));
    }
    println!("{totals:?}");
    if seeds.end - seeds.start > 100 {
        assert!(totals.is_thorough(), "the schedules do not reach everything: {totals:?}");
    }
}

#[test]
fn every_schedule_of_a_pool_ends_well() {
    let mut totals = pool::Totals::default();
    let (seeds, verbose) = seeds(30);
    for seed in seeds.clone() {
        totals.add(named(seed, || PoolWorld::new(seed, verbose).run()));
    }
    println!("{totals:?}");
    if seeds.end - seeds.start > 1000 {
        assert!(totals.is_thorough(), "the schedules do not reach everything: {totals:?}");
    }
}

/// The schedules to run, and whether to print what happens.
#[expect(clippy::disallowed_methods, reason = "the number of schedules is the tester's choice")]
fn seeds(few: u64) -> (Range<u64>, bool) {
    let number = |name| std::env::var(name).ok().and_then(|it| it.parse::<u64>().ok());
    match number("SCHEDULE") {
        Some(seed) => (seed..seed + 1, true),
        None => (0..number("SCHEDULES").unwrap_or(few), false),
    }
}

/// Names the seed in the output of a failing run.
fn named<T>(seed: u64, run: impl FnOnce() -> T + std::panic::UnwindSafe) -> T {
    match std::panic::catch_unwind(run) {
        Ok(result) => result,
        Err(_) => panic!("schedule {seed} failed, repeat it with SCHEDULE={seed}"),
    }
}
