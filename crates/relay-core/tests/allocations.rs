//! Nothing is allocated for a delivery: what a round allocates does not depend on how many
//! clients get it. And what is idle occupies little.

use std::sync::Arc;

use allocation_counter::measure;
use relay_core::{Config, Encode, Format, Hub, Item, Limits, Options, Outbox, Policy};

struct Numbers;

impl Encode for Numbers {
    type Topic = &'static str;
    type Message = u64;

    fn encode(&self, _: &&'static str, message: &u64, _: Format, _: u64, out: &mut Vec<u8>) {
        out.extend_from_slice(&message.to_be_bytes());
    }
}

/// What publishing a round of messages allocates, and what receiving it does.
fn allocations(clients: usize, messages: u64, policy: Policy, reading: bool) -> (u64, u64) {
    allocations_flushed(Hub::flush, clients, messages, policy, reading)
}

fn allocations_flushed(
    flush: impl Fn(&Hub<Numbers>),
    clients: usize,
    messages: u64,
    policy: Policy,
    reading: bool,
) -> (u64, u64) {
    let hub = Hub::new(Config::new(7), Numbers);
    let mut outboxes: Vec<Outbox<&'static str>> =
        (0..clients).map(|_| hub.connect(Limits { messages: 64, bytes: 1 << 20 })).collect();
    for outbox in &outboxes {
        let options = Options { policy, ..Options::default() };
        assert!(hub.subscribe(outbox.client(), "a", options).is_ok());
    }
    let mut batch: Vec<Item<&'static str>> = Vec::new();
    let mut round = || {
        let published = measure(|| {
            for message in 0..messages {
                hub.publish("a", message);
            }
            flush(&hub);
        });
        let received = measure(|| {
            for outbox in outboxes.iter_mut().filter(|_| reading) {
                assert_eq!(outbox.try_recv(&mut batch), Ok(true));
                batch.clear();
            }
        });
        (published.count_total, received.count_total)
    };
    // Buffers grow in the first rounds, until the ring is full and every queue has been used.
    for _ in 0..100 {
        round();
    }
    round()
}

#[test]
fn a_delivery_allocates_nothing() {
    for policy in [Policy::Lossless, Policy::Skip, Policy::Conflate] {
        for clients in [1, 2, 1000] {
            // One shared chunk and its bytes; with several messages, where each ends.
            assert_eq!(allocations(clients, 1, policy, true), (2, 0), "{clients} {policy:?}");
            assert_eq!(allocations(clients, 16, policy, true), (3, 0), "{clients} {policy:?}");
            let in_parts = |hub: &Hub<Numbers>| while hub.flush_some(64) {};
            let allocated = allocations_flushed(in_parts, clients, 16, policy, true);
            assert_eq!(allocated, (3, 0), "{clients} {policy:?} in parts");
        }
    }
}

#[test]
fn a_message_that_a_slow_client_does_not_get_allocates_nothing() {
    for policy in [Policy::Skip, Policy::Conflate] {
        let one = allocations(1, 16, policy, false);
        assert_eq!(allocations(1000, 16, policy, false), one, "{policy:?}");
        // The latest message by itself may be one more chunk, shared as well.
        assert!(one.0 <= 5, "{one:?}");
    }
}

/// What each of many of a kind occupies, in bytes.
fn bytes_each(count: usize, make: impl FnMut(usize) -> Outbox<Arc<str>>) -> usize {
    let mut made = Vec::with_capacity(count);
    let occupied = measure(|| made.extend((0..count).map(make)));
    occupied.bytes_current as usize / count
}

#[test]
fn what_is_idle_is_small() {
    let limits = Limits { messages: 1024, bytes: 1 << 20 };
    let hub = Hub::new(Config::new(7), Shared);
    let client = bytes_each(10_000, |_| hub.connect(limits));
    assert!(client < 512, "an idle client: {client}");

    let join = |topic: String| {
        let outbox = hub.connect(limits);
        assert!(hub.subscribe(outbox.client(), topic.into(), Options::default()).is_ok());
        outbox
    };
    let subscriber = bytes_each(10_000, |_| join("H0STCNT0:005930".to_owned()));
    assert!(subscriber < 768, "with one subscription: {subscriber}");
    let own = bytes_each(10_000, |at| join(format!("H0STCNT0:{at:06}")));
    assert!(own < 1536, "with a topic of its own: {own}");
    println!("bytes: client {client}, with subscription {subscriber}, with own topic {own}");
}

struct Shared;

impl Encode for Shared {
    type Topic = Arc<str>;
    type Message = u64;

    fn encode(&self, _: &Arc<str>, message: &u64, _: Format, _: u64, out: &mut Vec<u8>) {
        out.extend_from_slice(&message.to_be_bytes());
    }
}
