//! Random owners and clients against a naive account of what each client must see.
//!
//! The seed is fixed unless `PROPTEST_RNG_SEED` gives one; `PROPTEST_CASES` (256) looks
//! further. A failure prints the seed and the shortest sequence of steps that still fails.

mod client;
mod reader;
mod world;

use proptest::{
    prelude::*,
    test_runner::{Config, RngSeed, TestRunner},
};
use relay_core::Policy;

use self::world::World;

const CLIENTS: usize = 4;
const TOPICS: [&str; 3] = ["a", "b", "c"];

#[derive(Debug, Clone)]
enum Step {
    /// Takes the place of the client that was there, if any.
    Connect {
        client: usize,
        messages: usize,
        bytes: usize,
    },
    Leave {
        client: usize,
    },
    /// Connects again after a loss of the connection, and goes on with all topics.
    Return {
        client: usize,
        policy: Policy,
    },
    Kick {
        client: usize,
    },
    Subscribe {
        client: usize,
        topic: usize,
        policy: Policy,
        snapshot: bool,
        resume: Resume,
    },
    Repeat {
        client: usize,
        topic: usize,
        policy: Policy,
    },
    Unsubscribe {
        client: usize,
        topic: usize,
    },
    Receive {
        client: usize,
    },
    /// As before, and wants to be woken by what is queued next.
    ReceiveArmed {
        client: usize,
    },
    Publish {
        topic: usize,
        len: usize,
    },
    Flush,
    FlushSome {
        clients: usize,
    },
    Confirm {
        topic: usize,
    },
    Refuse {
        topic: usize,
    },
    Lose {
        topic: usize,
    },
    LoseAll,
    Wait {
        seconds: u64,
    },
    Evict,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Resume {
    No,
    /// From where the last subscription in this place has been.
    Last,
    OtherEpoch,
    Nonsense(u64),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let client = 0..CLIENTS;
    let topic = 0..TOPICS.len();
    let policy = prop_oneof![Just(Policy::Lossless), Just(Policy::Skip), Just(Policy::Conflate)];
    let resume = prop_oneof![
        2 => Just(Resume::No),
        4 => Just(Resume::Last),
        1 => Just(Resume::OtherEpoch),
        1 => (0..30_u64).prop_map(Resume::Nonsense),
    ];
    let step = prop_oneof![
        3 => (client.clone(), 1..14_usize, prop_oneof![20..300_usize, Just(100_000)])
            .prop_map(|(client, messages, bytes)| Step::Connect { client, messages, bytes }),
        1 => client.clone().prop_map(|client| Step::Leave { client }),
        1 => client.clone().prop_map(|client| Step::Kick { client }),
        3 => (client.clone(), policy.clone())
            .prop_map(|(client, policy)| Step::Return { client, policy }),
        8 => (client.clone(), topic.clone(), policy.clone(), any::<bool>(), resume).prop_map(
            |(client, topic, policy, snapshot, resume)| {
                Step::Subscribe { client, topic, policy, snapshot, resume }
            }
        ),
        1 => (client.clone(), topic.clone(), policy)
            .prop_map(|(client, topic, policy)| Step::Repeat { client, topic, policy }),
        2 => (client.clone(), topic.clone())
            .prop_map(|(client, topic)| Step::Unsubscribe { client, topic }),
        5 => client.clone().prop_map(|client| Step::Receive { client }),
        5 => client.prop_map(|client| Step::ReceiveArmed { client }),
        24 => (topic.clone(), 0..40_usize).prop_map(|(topic, len)| Step::Publish { topic, len }),
        7 => Just(Step::Flush),
        14 => (1..CLIENTS).prop_map(|clients| Step::FlushSome { clients }),
        2 => topic.clone().prop_map(|topic| Step::Confirm { topic }),
        1 => topic.clone().prop_map(|topic| Step::Refuse { topic }),
        1 => topic.prop_map(|topic| Step::Lose { topic }),
        1 => Just(Step::LoseAll),
        3 => (0..90_u64).prop_map(|seconds| Step::Wait { seconds }),
        1 => Just(Step::Evict),
    ];
    prop::collection::vec(step, 1..160)
}

#[test]
fn clients_see_what_they_must() {
    let default = Config::default();
    let rng_seed = match default.rng_seed {
        RngSeed::Random => RngSeed::Fixed(0x5eed),
        fixed @ RngSeed::Fixed(_) => fixed,
    };
    let config = Config { rng_seed, failure_persistence: None, ..default };
    let result = TestRunner::new(config).run(&steps(), |steps| {
        let mut world = World::new();
        for step in &steps {
            world.take(step)?;
        }
        world.settle()
    });
    if let Err(error) = result {
        panic!("seed {rng_seed}: {error}");
    }
}
