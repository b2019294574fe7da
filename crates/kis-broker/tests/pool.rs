//! A pool over real sockets, against a simulated KIS: several app keys, and what happens to the
//! topics of one that fails.
//!
//! `SCHEDULES=200 cargo test -p kis-broker --test pool` runs more random schedules;
//! `SCHEDULE=<seed>` repeats one.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

#[path = "schedules/hasty.rs"]
mod hasty;
#[path = "schedules/random.rs"]
mod random;

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex},
    time::Duration,
};

use hasty::hasty;
use kis_broker::{
    Credentials, Event, KeyStatus, Loss, Pool, PoolConfig, PoolError, PoolHandle, PoolKey,
    PoolStatus, SessionState, Sink,
};
use kis_protocol::Topic;
use kis_sim::{Hold, Oddity, Pace, Refusal, Sim, SimConfig, SimState};
use random::Random;
use tokio::{
    task::JoinHandle,
    time::{sleep, timeout},
};

const MILLI: Duration = Duration::from_millis(1);
const PATIENCE: Duration = Duration::from_secs(60);

/// What an owner believes, from nothing but what it was told.
#[derive(Debug, Default)]
struct Believed {
    live: BTreeSet<Topic>,
    refused: Vec<(Topic, String)>,
    gaps: Vec<Topic>,
    losses: Vec<(String, Loss)>,
    in_use: usize,
    frames: usize,
}

#[derive(Clone, Default)]
struct Owner(Arc<Mutex<Believed>>);

impl Sink for Owner {
    fn frame(&mut self, _: &str) {
        self.0.lock().unwrap().frames += 1;
    }

    fn event(&mut self, event: Event) {
        let it = &mut *self.0.lock().unwrap();
        match event {
            Event::Subscribed(topic) => drop(it.live.insert(topic)),
            Event::Released(topic) => drop(it.live.remove(&topic)),
            Event::Interrupted(topic) => {
                it.live.remove(&topic);
                it.gaps.push(topic);
            }
            Event::Refused { topic, reason } => {
                it.live.remove(&topic);
                it.refused.push((topic, reason.to_string()));
            }
            Event::Lost { topics, .. } => {
                it.gaps.extend(topics.iter().filter(|topic| it.live.remove(*topic)).cloned());
            }
            Event::InUseElsewhere => it.in_use += 1,
            _ => {}
        }
    }

    fn event_of(&mut self, key: &str, event: Event) {
        if let Event::Lost { reason, .. } = event {
            self.0.lock().unwrap().losses.push((key.to_owned(), reason));
        }
        self.event(event);
    }

    fn flush(&mut self) {}
}

/// A running pool and its simulated KIS.
struct Fixture {
    sim: Sim,
    pool: PoolHandle,
    owner: Owner,
    task: JoinHandle<()>,
}

impl Fixture {
    /// With these keys, of so many slots each, whose sessions are open.
    async fn start(keys: &[&str], slots: usize, seed: u64) -> Self {
        // No link is stalled, so none may be given up because the machine is busy.
        let it = Self::start_with(keys, slots, seed, PATIENCE).await;
        it.pool_is(|it| it.keys.iter().all(is_open)).await;
        it
    }

    async fn start_with(keys: &[&str], slots: usize, seed: u64, answer_max: Duration) -> Self {
        let sim = Sim::start(SimConfig {
            pace: Pace::Fixed(10 * MILLI),
            slot_hold: 20 * MILLI,
            ping_idle: 20 * MILLI,
            ..SimConfig::default()
        });
        let sim = sim.await.unwrap();
        let pool = Pool::new(config(&sim, slots, seed, answer_max));
        let (handle, owner) = (pool.handle(), Owner::default());
        for name in keys {
            handle.add_key(key(name)).unwrap();
        }
        let task = tokio::spawn(pool.run(owner.clone(), std::future::pending()));
        Self { sim, pool: handle, owner, task }
    }

    async fn until(&self, wanted: impl Fn(&SimState) -> bool) -> SimState {
        let state = timeout(PATIENCE, self.sim.wait_until(&wanted)).await;
        state.unwrap_or_else(|_| panic!("never: {:?} {:?}", self.sim.state(), self.pool.status()))
    }

    /// Waits until the owner believes something.
    async fn believes(&self, wanted: impl Fn(&Believed) -> bool) {
        let settled = async {
            while !wanted(&self.owner.0.lock().unwrap()) {
                sleep(MILLI).await;
            }
        };
        if timeout(PATIENCE, settled).await.is_err() {
            panic!("never: {:?} {:?}", self.owner.0, self.pool.status());
        }
    }

    /// Waits until the pool's figures are as wanted.
    async fn pool_is(&self, wanted: impl FnMut(&PoolStatus) -> bool) -> PoolStatus {
        let status = timeout(PATIENCE, self.pool.when(wanted)).await;
        status.unwrap_or_else(|_| panic!("never: {:?}", self.pool.status()))
    }

    /// Waits until the pool has these keys, in this order, and none is about to leave.
    async fn settles_on(&self, names: &[&str]) {
        let settled = |status: &PoolStatus| {
            status.keys.iter().map(|it| &*it.name).eq(names.iter().copied())
                && !status.keys.iter().any(|it| it.removing)
        };
        self.pool_is(settled).await;
    }

    async fn live(&self, topics: impl IntoIterator<Item = usize>) {
        for number in topics {
            self.pool.subscribe(topic(number));
            self.believes(|it| it.live.contains(&topic(number))).await;
        }
    }

    async fn shut_down(self) {
        self.pool.shutdown();
        timeout(PATIENCE, self.task).await.unwrap().unwrap();
        let gone = self.sim.wait_until(|it| it.sessions.is_empty());
        timeout(PATIENCE, gone).await.unwrap();
        assert!(self.owner.0.lock().unwrap().live.is_empty());
        assert!(matches!(self.pool.add_key(key("late-key-0000000")), Err(PoolError::Closed)));
    }
}

fn config(sim: &Sim, slots: usize, seed: u64, answer_max: Duration) -> PoolConfig {
    let mut connection = hasty(sim, seed, answer_max);
    connection.session.topics_max = slots;
    let mut config = PoolConfig::new(connection);
    config.placement.grace = answer_max / 5;
    config.placement.full_memory = 30 * MILLI;
    config.placement.pin_retry = 20 * MILLI;
    config
}

fn key(name: &str) -> PoolKey {
    let mut key = PoolKey::new(Credentials::new(name, "secret"));
    key.name = Some(name.to_owned());
    key
}

fn topic(number: usize) -> Topic {
    Topic::new("H0STCNT0", &format!("{number:06}"))
}

fn is_open(key: &KeyStatus) -> bool {
    key.connection.session.state == SessionState::Open
}

/// What each app key is registered for, by the last letters of its name.
fn registered(state: &SimState, name: &str) -> Vec<String> {
    let masked = &name[name.len() - 4..];
    let sessions = state.sessions.iter();
    let own = sessions.filter(|it| it.app_key.as_deref().is_some_and(|it| it.ends_with(masked)));
    own.flat_map(|it| it.registrations.clone()).collect()
}

const ONE: &str = "app-key-number-aaa1";
const TWO: &str = "app-key-number-bbb2";
const THREE: &str = "app-key-number-ccc3";

#[tokio::test]
async fn two_keys_are_one_door() {
    let it = Fixture::start(&[ONE, TWO], 3, 1).await;
    it.live(0..6).await;
    let state = it.sim.state();
    assert_eq!((registered(&state, ONE).len(), registered(&state, TWO).len()), (3, 3));
    it.pool.subscribe(topic(6));
    it.believes(|it| !it.refused.is_empty()).await;
    let refused = it.owner.0.lock().unwrap().refused.clone();
    assert_eq!(refused[0].0, topic(6));
    assert!(refused[0].1.contains("6 are used with 2 app keys"), "{refused:?}");
    let status = it.pool.status();
    assert_eq!(status.slots(), (6, 6));
    assert_eq!(&*status.keys[0].name, ONE);
    assert_eq!(status.keys[0].app_key, "…aaa1");
    assert!(matches!(it.pool.add_key(key(ONE)), Err(PoolError::KeyTaken { .. })));
    assert!(matches!(it.pool.remove_key("none"), Err(PoolError::UnknownKey { .. })));
    assert_eq!(state.counters.refused, 0, "KIS was never asked for too much");
    it.shut_down().await;
}

#[tokio::test]
async fn a_session_held_down_loses_its_topics_to_the_other_with_one_gap_each() {
    let it = Fixture::start(&[ONE, TWO], 6, 2).await;
    it.live(0..6).await;
    let moved = registered(&it.sim.state(), ONE);
    assert_eq!(moved.len(), 3);
    it.sim.hold_slots(Hold::UntilReleased);
    assert!(it.sim.drop_connection(ONE));
    it.until(|state| registered(state, TWO).len() == 6).await;
    it.believes(|it| it.live.len() == 6).await;
    {
        let believed = it.owner.0.lock().unwrap();
        let mut gaps: Vec<String> = believed.gaps.iter().map(ToString::to_string).collect();
        gaps.sort();
        assert_eq!(gaps, moved, "one gap for each topic that moved, none for the others");
        assert_eq!(believed.in_use, 1, "told once");
        assert_eq!(believed.losses[0].0, ONE);
    }
    // With nothing to do there the key is left alone; it is used again when it is needed.
    let idle = |it: &KeyStatus| it.connection.session.state == SessionState::Idle;
    let status = it.pool_is(|it| it.key(ONE).is_some_and(idle)).await;
    let connects = status.key(ONE).unwrap().connection.counters.connects;
    it.sim.release_slots();
    it.live(6..8).await;
    let status = it.pool_is(|it| it.key(ONE).is_some_and(|it| it.slots_used == 2)).await;
    assert_eq!(status.slots(), (8, 12));
    assert_eq!(status.key(ONE).unwrap().connection.counters.connects, connects + 1);
    assert!(!status.key(ONE).unwrap().connection.session.in_use_elsewhere);
    it.shut_down().await;
}

#[tokio::test]
async fn a_key_added_takes_what_waits_and_a_key_removed_hands_over() {
    let it = Fixture::start(&[ONE, TWO], 2, 3).await;
    it.live(0..4).await;
    it.sim.hold_slots(Hold::UntilReleased);
    it.sim.drop_connection(ONE);
    it.believes(|it| it.in_use == 1 && it.live.len() == 2).await;
    it.pool.add_key(key(THREE)).unwrap();
    it.until(|state| registered(state, THREE).len() == 2).await;
    it.believes(|it| it.live.len() == 4 && it.gaps.len() == 2).await;

    it.pool.remove_key(ONE).unwrap();
    it.pool_is(|it| it.key(ONE).is_none()).await;
    it.sim.release_slots();
    it.pool.add_key(key(ONE)).unwrap();
    it.pool_is(|it| it.key(ONE).is_some_and(is_open)).await;

    it.sim.hold_slots(Hold::Configured);
    it.pool.remove_key(TWO).unwrap();
    it.pool_is(|it| it.key(TWO).is_none()).await;
    it.believes(|it| it.live.len() == 4).await;
    assert_eq!(it.owner.0.lock().unwrap().gaps.len(), 4, "one for each move");
    let state = it.sim.state();
    assert_eq!((registered(&state, ONE).len(), registered(&state, THREE).len()), (2, 2));
    assert_eq!(it.owner.0.lock().unwrap().refused, []);
    it.shut_down().await;
}

#[tokio::test]
async fn the_keys_are_those_that_were_set_last() {
    let it = Fixture::start(&[ONE, TWO], 4, 5).await;
    it.live(0..4).await;
    let moved = registered(&it.sim.state(), TWO);
    assert_eq!(moved.len(), 2);
    let mut changed = key(TWO);
    changed.hts_id = Some("hts-id".to_owned());
    it.pool.set_keys(&[key(ONE), changed.clone(), key(THREE)]).unwrap();
    it.settles_on(&[ONE, THREE, TWO]).await;
    it.believes(|it| it.live.len() == 4).await;
    let mut gaps: Vec<String> =
        it.owner.0.lock().unwrap().gaps.iter().map(ToString::to_string).collect();
    gaps.sort();
    assert_eq!(gaps, moved, "one for each topic of the key that has changed");

    // Nothing is new, and two of them cannot be.
    it.pool.set_keys(&[key(ONE), changed.clone(), key(THREE)]).unwrap();
    let twice = it.pool.set_keys(&[key(THREE), key(THREE)]);
    assert!(matches!(twice, Err(PoolError::KeyTaken { .. })));
    let status = it.pool.status();
    assert!(!status.keys.iter().any(|it| it.removing), "{status:?}");
    assert_eq!(status.key(ONE).unwrap().connection.counters.connects, 1);

    // Whoever comes back before he has left waits for himself.
    it.pool.set_keys(&[key(ONE)]).unwrap();
    assert!(matches!(it.pool.remove_key(TWO), Err(PoolError::UnknownKey { .. })));
    it.pool.add_key(key(THREE)).unwrap();
    assert!(matches!(it.pool.add_key(key(THREE)), Err(PoolError::KeyTaken { .. })));
    it.pool.add_key(changed.clone()).unwrap();
    it.pool.remove_key(TWO).unwrap();
    it.settles_on(&[ONE, THREE]).await;
    it.believes(|it| it.live.len() == 4).await;
    let status = it.pool.status();
    let connects: u64 = status.keys.iter().map(|it| it.connection.counters.connects).sum();
    assert!(status.counters().connects > connects, "what a key has counted outlives it");
    it.shut_down().await;
}

#[tokio::test]
async fn what_is_pinned_comes_first() {
    let it = Fixture::start(&[ONE], 2, 4).await;
    it.live(0..2).await;
    it.pool.pin(topic(9));
    it.believes(|it| it.live.contains(&topic(9)) && !it.refused.is_empty()).await;
    assert_eq!(it.owner.0.lock().unwrap().refused[0].0, topic(1));
    it.pool.pin(topic(8));
    it.pool.pin(topic(7));
    it.believes(|it| it.live.contains(&topic(8))).await;
    let status = it.pool.status();
    assert_eq!((status.waiting, status.keys[0].pinned), (1, 2));
    it.pool.unpin(&topic(9));
    it.believes(|it| it.live.contains(&topic(7))).await;
    it.shut_down().await;
}

/// Random faults and keys that come and go: afterwards every wanted topic is registered with
/// exactly one key.
#[tokio::test]
#[expect(clippy::disallowed_methods, reason = "the number of schedules is the tester's choice")]
async fn every_fault_is_survived() {
    let number = |name| std::env::var(name).ok().and_then(|it| it.parse::<u64>().ok());
    let seeds = match number("SCHEDULE") {
        Some(seed) => seed..seed + 1,
        None => 0..number("SCHEDULES").unwrap_or(4),
    };
    let mut gaps = 0;
    for seed in seeds {
        gaps += timeout(2 * PATIENCE, survive(seed)).await.unwrap_or_else(|_| {
            panic!("schedule {seed} does not end, repeat it with SCHEDULE={seed}")
        });
    }
    assert!(gaps > 0, "the faults are none");
}

async fn survive(seed: u64) -> usize {
    let mut random = Random(seed);
    let names = [ONE, TWO, THREE];
    let it = Fixture::start_with(&names[..1 + random.below(3)], 12, seed, 200 * MILLI).await;
    let mut wanted = BTreeSet::new();
    for _ in 0..60 {
        for _ in 0..random.below(6) {
            let topic = topic(random.below(40));
            if random.chance(60) {
                wanted.insert(topic.clone());
                it.pool.subscribe(topic);
            } else {
                wanted.remove(&topic);
                it.pool.unsubscribe(&topic);
            }
        }
        fault(&mut random, &it, &names);
        sleep(random.millis(0, 15)).await;
    }
    it.sim.resume();
    it.sim.delay_acks(Duration::ZERO);
    it.sim.hold_slots(Hold::Configured);
    it.sim.release_slots();

    // What was refused meanwhile is asked for again, as clients do; with three keys there is
    // room for the most part, and what is too much is given up.
    let settled = async {
        loop {
            for (topic, reason) in std::mem::take(&mut it.owner.0.lock().unwrap().refused) {
                if reason.contains("no slot is free") && wanted.len() > it.pool.status().slots().1 {
                    // It may have been asked for again, and have found room.
                    it.pool.unsubscribe(&topic);
                    wanted.remove(&topic);
                } else if wanted.contains(&topic) {
                    it.pool.subscribe(topic);
                }
            }
            let sessions = it.sim.state().sessions;
            let mut registered: Vec<String> =
                sessions.into_iter().flat_map(|it| it.registrations).collect();
            registered.sort();
            let expected: Vec<String> = wanted.iter().map(ToString::to_string).collect();
            if registered == expected && it.owner.0.lock().unwrap().live == wanted {
                break;
            }
            sleep(5 * MILLI).await;
        }
    };
    if timeout(PATIENCE, settled).await.is_err() {
        let (status, state) = (it.pool.status(), it.sim.state());
        panic!("schedule {seed} does not settle: {:?} {status:?} {state:?}", it.owner.0);
    }
    let gaps = it.owner.0.lock().unwrap().gaps.len();
    it.shut_down().await;
    gaps
}

fn fault(random: &mut Random, it: &Fixture, names: &[&str]) {
    let sim = &it.sim;
    let name = *random.pick(names);
    match random.below(18) {
        0 | 1 => drop(sim.drop_connection(name)),
        2 => drop(sim.drop_connections()),
        3 => drop(sim.stall()),
        4 => sim.hold_slots(Hold::For(random.millis(1, 200))),
        5 => sim.forget_approvals(),
        6 => sim.delay_acks(random.millis(0, 150)),
        7 => drop(sim.inject(Oddity::Malformed, None, 2)),
        8 | 9 => {
            let code = *random.pick(&["OPSP0007", "OPSP0008", "OPSP0009", "OPSP8996", "OPSP0011"]);
            let (msg_cd, msg1) = (code.to_owned(), "TEXT".to_owned());
            let refusal = Refusal { tr_id: None, rt_cd: "1".to_owned(), msg_cd, msg1 };
            sim.refuse_next(1 + random.below(3), refusal);
        }
        // May be there already, or the last one.
        10 => drop(it.pool.add_key(key(name))),
        11 if it.pool.status().keys.iter().filter(|it| !it.removing).count() > 1 => {
            drop(it.pool.remove_key(name));
        }
        12 => {
            let some = names[..1 + random.below(names.len())].iter();
            it.pool.set_keys(&some.map(|it| key(it)).collect::<Vec<_>>()).unwrap();
        }
        _ => {}
    }
}
