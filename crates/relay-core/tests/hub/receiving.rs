//! Waiting for something to be queued.

use std::{
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll, Wake, Waker},
    time::Duration,
};

use relay_core::{Closed, Event, Item, Limits, Options, Policy};
use tokio::time::timeout;

use crate::text::{ROOM, hub, publish};

#[derive(Default)]
struct Counter(AtomicUsize);

impl Wake for Counter {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

#[test]
fn a_flush_wakes_a_waiting_client_once() {
    let hub = hub();
    let mut outbox = hub.connect(ROOM);
    for topic in ["a", "b", "c"] {
        hub.subscribe(outbox.client(), topic, Options::default()).unwrap();
    }
    let counter = Arc::new(Counter::default());
    let waker = Waker::from(Arc::clone(&counter));
    let mut batch = Vec::new();
    assert_eq!(outbox.poll_recv(&Context::from_waker(&waker), &mut batch), Poll::Pending);
    for topic in ["a", "b", "c"] {
        hub.publish(topic, "x".to_owned());
    }
    hub.flush();
    publish(&hub, "a", &["y"]);
    assert_eq!(counter.0.load(Ordering::Relaxed), 1, "it is already on its way");
    assert_eq!(outbox.poll_recv(&Context::from_waker(&waker), &mut batch), Poll::Ready(Ok(())));
    assert_eq!(batch.len(), 4);
    publish(&hub, "a", &["z"]);
    assert_eq!(counter.0.load(Ordering::Relaxed), 1, "it does not wait");
    assert_eq!(outbox.poll_recv(&Context::from_waker(&waker), &mut batch), Poll::Ready(Ok(())));
    assert_eq!(batch.len(), 5, "what is in the batch stays");
}

#[test]
fn an_armed_client_is_woken_by_the_next_message() {
    let hub = hub();
    let mut outbox = hub.connect(ROOM);
    hub.subscribe(outbox.client(), "a", Options::default()).unwrap();
    let counter = Arc::new(Counter::default());
    let waker = Waker::from(Arc::clone(&counter));
    let cx = Context::from_waker(&waker);
    let mut batch = Vec::new();
    publish(&hub, "a", &["x"]);
    assert_eq!(outbox.poll_recv_armed(&cx, &mut batch), Poll::Ready(Ok(())));
    assert_eq!(counter.0.load(Ordering::Relaxed), 0);
    publish(&hub, "a", &["y"]);
    publish(&hub, "a", &["z"]);
    assert_eq!(counter.0.load(Ordering::Relaxed), 1);
    hub.close("over");
    assert_eq!(outbox.poll_recv_armed(&cx, &mut batch), Poll::Ready(Ok(())));
    assert_eq!(
        (batch.len(), counter.0.load(Ordering::Relaxed)),
        (3, 2),
        "the end is still to come"
    );
    let closed = Closed::Shutdown { reason: "over".into() };
    assert_eq!(outbox.poll_recv_armed(&cx, &mut batch), Poll::Ready(Err(closed)));
}

#[tokio::test]
async fn receiving_waits_for_messages_and_survives_cancellation() {
    let hub = hub();
    let mut outbox = hub.connect(ROOM);
    hub.subscribe(outbox.client(), "a", Options::default()).unwrap();
    let mut batch = Vec::new();
    {
        let mut cancelled = pin!(outbox.recv(&mut batch));
        assert!(cancelled.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
        publish(&hub, "a", &["x"]);
    }
    outbox.recv(&mut batch).await.unwrap();
    assert_eq!(batch.len(), 1);
    batch.clear();
    let publisher = tokio::spawn({
        let hub = hub.clone();
        async move { publish(&hub, "a", &["y"]) }
    });
    outbox.recv(&mut batch).await.unwrap();
    assert_eq!(batch.len(), 1);
    publisher.await.unwrap();
}

#[tokio::test]
async fn every_end_wakes_the_client() {
    let hub = hub();
    let limits = Limits { messages: 1, ..ROOM };
    let join = || {
        let outbox = hub.connect(limits);
        hub.subscribe(outbox.client(), "a", Options::default()).unwrap();
        outbox
    };
    let mut batch = Vec::new();

    let mut outbox = join();
    let kicked = tokio::spawn(async move { outbox.recv(&mut Vec::new()).await });
    tokio::task::yield_now().await;
    let client = hub.clients()[0].client;
    assert!(hub.disconnect(client));
    assert_eq!(kicked.await.unwrap(), Err(Closed::Disconnected));

    let mut outbox = join();
    let overflowed = tokio::spawn(async move { outbox.recv(&mut Vec::new()).await });
    tokio::task::yield_now().await;
    publish(&hub, "a", &["x", "y"]);
    assert_eq!(overflowed.await.unwrap(), Err(Closed::Overflow { topic: "a" }));

    let mut outbox = join();
    hub.close("over");
    let closed = Closed::Shutdown { reason: "over".into() };
    assert_eq!(outbox.recv(&mut batch).await, Err(closed));
}

#[tokio::test]
async fn the_end_is_noticed_without_receiving() {
    let hub = hub();
    let mut outbox = hub.connect(Limits { messages: 1, ..ROOM });
    hub.subscribe(outbox.client(), "a", Options::default()).unwrap();
    let counter = Arc::new(Counter::default());
    let waker = Waker::from(Arc::clone(&counter));
    let mut cx = Context::from_waker(&waker);
    assert!(pin!(outbox.closed()).poll(&mut cx).is_pending());
    publish(&hub, "a", &["x"]);
    assert_eq!(counter.0.load(Ordering::Relaxed), 0, "messages are no end");
    publish(&hub, "a", &["y"]);
    assert_eq!(counter.0.load(Ordering::Relaxed), 1);
    assert_eq!(outbox.closed().await, Closed::Overflow { topic: "a" });

    let mut outbox = hub.connect(ROOM);
    hub.subscribe(outbox.client(), "a", Options::default()).unwrap();
    publish(&hub, "a", &["z"]);
    hub.close("over");
    assert!(pin!(outbox.closed()).poll(&mut cx).is_pending(), "something is still queued");
    outbox.recv(&mut Vec::new()).await.unwrap();
    assert_eq!(outbox.closed().await, Closed::Shutdown { reason: "over".into() });
}

#[test]
fn a_burst_does_not_occupy_memory_for_ever() {
    let hub = hub();
    let mut outbox = hub.connect(ROOM);
    hub.subscribe(outbox.client(), "a", Options { policy: Policy::Skip, ..Options::default() })
        .unwrap();
    let mut batch = Vec::new();
    for _ in 0..900 {
        publish(&hub, "a", &["x"]);
    }
    outbox.try_recv(&mut batch).unwrap();
    assert_eq!(batch.len(), 900);
    for _ in 0..3 {
        batch.clear();
        publish(&hub, "a", &["x"]);
        outbox.try_recv(&mut batch).unwrap();
    }
    assert!(batch.capacity() < 100, "{}", batch.capacity());
}

/// Publisher and receivers run at the same time and interfere as they like.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn receivers_in_other_threads_miss_nothing_unannounced() {
    const MESSAGES: u64 = 20_000;
    let hub = hub();
    let policies = [Policy::Skip, Policy::Conflate];
    let receivers: Vec<_> = (0..6)
        .map(|at| {
            let policy = policies[at % policies.len()];
            let mut outbox = hub.connect(Limits { messages: 8, ..ROOM });
            hub.subscribe(outbox.client(), "a", Options { policy, ..Options::default() }).unwrap();
            tokio::spawn(async move {
                let (mut last, mut batch) = (0, Vec::new());
                while last < MESSAGES {
                    outbox.recv(&mut batch).await.unwrap();
                    for item in batch.drain(..) {
                        let (first, end) = match item {
                            Item::Messages(it) => (it.first_seq(), it.last_seq()),
                            Item::Event(event) => match *event {
                                Event::Gap { from, to: Some(to), .. } => (from, to),
                                other => panic!("{other:?}"),
                            },
                        };
                        let jump = policy == Policy::Conflate && first > last;
                        assert!(first == last + 1 || jump, "{first} after {last}");
                        last = end;
                    }
                }
            })
        })
        .collect();
    for message in 0..MESSAGES {
        hub.publish("a", String::new());
        match message % 4 {
            0 => hub.flush(),
            1 => drop(hub.flush_some(4)),
            _ => {}
        }
    }
    hub.flush();
    for receiver in receivers {
        timeout(Duration::from_secs(60), receiver).await.unwrap().unwrap();
    }
}
