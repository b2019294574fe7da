//! Random faults over real sockets: whatever a simulated KIS does, afterwards every wanted topic
//! is registered exactly once and every gap was announced.
//!
//! `SCHEDULES=200 cargo test -p kis-broker --test faults` runs more of them;
//! `SCHEDULE=<seed>` repeats one.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

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
use kis_broker::{Connection, Credentials, Event, Sink};
use kis_protocol::Topic;
use kis_sim::{Hold, Oddity, Pace, Refusal, Sim, SimConfig};
use random::Random;
use tokio::time::{sleep, timeout};

const MILLI: Duration = Duration::from_millis(1);
const PATIENCE: Duration = Duration::from_secs(60);

/// What an owner believes, from nothing but what it was told.
#[derive(Debug, Default)]
struct Believed {
    connected: bool,
    live: BTreeSet<Topic>,
    refused: Vec<Topic>,
    /// What was live and not said to be lost: it was given up before, so its release is next.
    releasing: BTreeSet<Topic>,
    losses: usize,
    wrong: Option<String>,
}

#[derive(Clone, Default)]
struct Owner(Arc<Mutex<Believed>>);

impl Sink for Owner {
    fn frame(&mut self, _: &str) {}

    fn event(&mut self, event: Event) {
        let mut it = self.0.lock().unwrap();
        if !matches!(event, Event::Released(_))
            && let Some(topic) = it.releasing.pop_first()
        {
            it.wrong = Some(format!("no word of a gap in {topic}"));
        }
        match event {
            Event::Connected => it.connected = true,
            Event::Subscribed(topic) => drop(it.live.insert(topic)),
            Event::Released(topic) => {
                it.live.remove(&topic);
                it.releasing.remove(&topic);
            }
            Event::Refused { topic, .. } => {
                it.live.remove(&topic);
                it.refused.push(topic);
            }
            Event::Lost { topics, .. } => {
                it.losses += 1;
                if !std::mem::take(&mut it.connected) {
                    it.wrong = Some("lost what was not connected".into());
                }
                let lost: BTreeSet<Topic> = topics.into_iter().collect();
                it.releasing = &std::mem::take(&mut it.live) - &lost;
            }
            _ => {}
        }
    }

    fn flush(&mut self) {}
}

#[tokio::test]
#[expect(clippy::disallowed_methods, reason = "the number of schedules is the tester's choice")]
async fn every_fault_is_survived() {
    let number = |name| std::env::var(name).ok().and_then(|it| it.parse::<u64>().ok());
    let seeds = match number("SCHEDULE") {
        Some(seed) => seed..seed + 1,
        None => 0..number("SCHEDULES").unwrap_or(4),
    };
    let mut losses = 0;
    for seed in seeds {
        losses += timeout(2 * PATIENCE, survive(seed)).await.unwrap_or_else(|_| {
            panic!("schedule {seed} does not end, repeat it with SCHEDULE={seed}")
        });
    }
    assert!(losses > 0, "the faults are none");
}

async fn survive(seed: u64) -> usize {
    let mut random = Random(seed);
    let sim = Sim::start(SimConfig {
        pace: Pace::Fixed(10 * MILLI),
        slot_hold: 20 * MILLI,
        ping_idle: 20 * MILLI,
        ..SimConfig::default()
    });
    let sim = sim.await.unwrap();
    let owner = Owner::default();
    let connection =
        Connection::new(hasty(&sim, seed, 200 * MILLI), Credentials::new("KEY", "SECRET"));
    let connection = connection.unwrap();
    let handle = connection.handle();
    let task = tokio::spawn(connection.run(owner.clone(), std::future::pending()));

    let mut wanted = BTreeSet::new();
    for _ in 0..60 {
        wish(&mut random, &mut wanted, &handle);
        fault(&mut random, &sim);
        sleep(random.millis(0, 15)).await;
    }
    sim.resume();
    sim.delay_acks(Duration::ZERO);
    sim.hold_slots(Hold::Configured);
    sim.release_slots();

    // What was refused meanwhile is asked for again, as clients do.
    let expected: BTreeSet<String> = wanted.iter().map(ToString::to_string).collect();
    let settled = async {
        loop {
            for topic in std::mem::take(&mut owner.0.lock().unwrap().refused) {
                if wanted.contains(&topic) {
                    handle.subscribe(topic);
                }
            }
            let registered = sim.state().sessions.last().map(|it| it.registrations.clone());
            let registered: BTreeSet<String> = registered.into_iter().flatten().collect();
            let live = owner.0.lock().unwrap().live == wanted;
            if registered == expected && live {
                break;
            }
            sleep(5 * MILLI).await;
        }
    };
    if timeout(PATIENCE, settled).await.is_err() {
        let (status, state) = (handle.status(), sim.state());
        panic!("schedule {seed} does not settle: {:?} {status:?} {state:?}", owner.0);
    }
    let state = sim.state();
    for session in &state.sessions {
        let distinct: BTreeSet<_> = session.registrations.iter().collect();
        assert_eq!(distinct.len(), session.registrations.len(), "registered once");
    }
    handle.shutdown();
    timeout(PATIENCE, task).await.unwrap().unwrap();
    timeout(PATIENCE, sim.wait_until(|it| it.sessions.is_empty())).await.unwrap();
    let believed = owner.0.lock().unwrap();
    assert_eq!(believed.wrong, None, "schedule {seed}");
    assert!(believed.live.is_empty());
    believed.losses
}

fn wish(random: &mut Random, wanted: &mut BTreeSet<Topic>, handle: &kis_broker::Handle) {
    for _ in 0..random.below(6) {
        let topic = Topic::new("H0STCNT0", &format!("{:06}", random.below(40)));
        if random.chance(65) {
            wanted.insert(topic.clone());
            handle.subscribe(topic);
        } else {
            wanted.remove(&topic);
            handle.unsubscribe(topic);
        }
    }
}

fn fault(random: &mut Random, sim: &Sim) {
    match random.below(16) {
        0 | 1 => drop(sim.drop_connections()),
        2 => drop(sim.stall()),
        3 => sim.hold_slots(Hold::For(random.millis(1, 60))),
        4 => sim.forget_approvals(),
        5 => sim.delay_acks(random.millis(0, 150)),
        6 => drop(sim.inject(Oddity::InvalidUtf8, None, 2)),
        7 => drop(sim.inject(Oddity::Malformed, None, 2)),
        8 => {
            let code = *random.pick(&["OPSP0007", "OPSP0008", "OPSP0009", "OPSP8996", "OPSP0011"]);
            let (msg_cd, msg1) = (code.to_owned(), "TEXT".to_owned());
            let refusal = Refusal { tr_id: None, rt_cd: "1".to_owned(), msg_cd, msg1 };
            sim.refuse_next(1 + random.below(3), refusal);
        }
        9 => drop(sim.push_to_all("{\"garbage\":")),
        _ => {}
    }
}
