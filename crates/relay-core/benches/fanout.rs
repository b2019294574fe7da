//! What a delivery costs between a publisher and clients in the same thread: publish,
//! flush, and every client takes what it got. A naive hub, one channel per client and one
//! send per message and client, runs beside it. Messages have 420 bytes.
//!
//! Times are per round; the `item` figures are deliveries.

use std::{cell::Cell, collections::HashMap, rc::Rc, sync::Arc};

use bytes::Bytes;
use divan::{Bencher, black_box, counter::ItemsCount};
use relay_core::{Config, Encode, Format, Hub, Item, Limits, Options, Outbox, Policy};
use tokio::{sync::mpsc, task::LocalSet};

const MESSAGE: [u8; 420] = [b'x'; 420];
const LIMITS: Limits = Limits { messages: 100_000, bytes: 1 << 30 };
/// Clients and messages per flush.
const SHARED: [(usize, usize); 12] = [
    (1, 1),
    (1, 16),
    (1, 256),
    (100, 1),
    (100, 16),
    (100, 256),
    (1_000, 1),
    (1_000, 16),
    (1_000, 256),
    (10_000, 1),
    (10_000, 16),
    (10_000, 256),
];
const OWN_CLIENTS: usize = 1_000;
const OWN_TOPICS: usize = 40;

fn main() {
    divan::main();
}

struct Copy;

impl Encode for Copy {
    type Topic = Arc<str>;
    type Message = Bytes;

    fn encode(&self, _: &Arc<str>, message: &Bytes, _: Format, _: u64, out: &mut Vec<u8>) {
        out.extend_from_slice(message);
    }
}

/// Everybody wants the same topic.
#[divan::bench(args = SHARED)]
fn shared_topic(bencher: Bencher<'_, '_>, (clients, messages): (usize, usize)) {
    let hub = Hub::new(Config::new(7), Copy);
    let outboxes = join(&hub, clients, |_| vec!["H0STCNT0:005930".into()]);
    round(bencher, &hub, outboxes, messages);
}

/// As before, among 10,000 clients and 100,000 topics that have nothing to do.
#[divan::bench(args = [(100, 1), (100, 16)])]
fn shared_topic_among_idle_ones(bencher: Bencher<'_, '_>, (clients, messages): (usize, usize)) {
    let hub = Hub::new(Config::new(7), Copy);
    let _idle = join(&hub, 10_000, |at| (0..10).map(|it| format!("{at}:{it}").into()).collect());
    let outboxes = join(&hub, clients, |_| vec!["H0STCNT0:005930".into()]);
    round(bencher, &hub, outboxes, messages);
}

/// Nobody reads, and nobody may be disconnected: what a slow client costs the publisher.
#[divan::bench(args = [Policy::Skip, Policy::Conflate])]
fn slow_clients(bencher: Bencher<'_, '_>, policy: Policy) {
    let hub = Hub::new(Config::new(7), Copy);
    let outboxes: Vec<_> =
        (0..1_000).map(|_| hub.connect(Limits { messages: 64, bytes: 1 << 20 })).collect();
    let options = Options { policy, ..Options::default() };
    for outbox in &outboxes {
        let _ = hub.subscribe(outbox.client(), "H0STCNT0:005930".into(), options);
    }
    let message = Bytes::from_static(&MESSAGE);
    bencher.counter(ItemsCount::new(outboxes.len() * 16)).bench_local(|| {
        for _ in 0..16 {
            hub.publish("H0STCNT0:005930", message.clone());
        }
        hub.flush();
    });
}

/// Every client is a task that waits: what waking and scheduling add.
#[divan::bench(args = [(100, 1), (100, 16), (1_000, 1), (1_000, 16)])]
fn tasks(bencher: Bencher<'_, '_>, (clients, messages): (usize, usize)) {
    let hub = Hub::new(Config::new(7), Copy);
    let received = Rc::new(Cell::new(0));
    let tasks = LocalSet::new();
    for mut outbox in join(&hub, clients, |_| vec!["H0STCNT0:005930".into()]) {
        let received = Rc::clone(&received);
        tasks.spawn_local(async move {
            let mut batch = Vec::new();
            while outbox.recv(&mut batch).await.is_ok() {
                received.set(received.get() + count(&batch));
                batch.clear();
            }
        });
    }
    run_tasks(bencher, &tasks, &received, clients * messages, || {
        for _ in 0..messages {
            hub.publish("H0STCNT0:005930", Bytes::from_static(&MESSAGE));
        }
        hub.flush();
    });
}

#[divan::bench(args = [(100, 1), (100, 16), (1_000, 1), (1_000, 16)])]
fn naive_tasks(bencher: Bencher<'_, '_>, (clients, messages): (usize, usize)) {
    let (senders, receivers): (Vec<_>, Vec<_>) = (0..clients).map(|_| mpsc::channel(1024)).unzip();
    let topics = HashMap::from([(Arc::<str>::from("H0STCNT0:005930"), senders)]);
    let received = Rc::new(Cell::new(0));
    let tasks = LocalSet::new();
    for mut receiver in receivers {
        let received = Rc::clone(&received);
        tasks.spawn_local(async move {
            while let Some(message) = receiver.recv().await {
                black_box(&message);
                received.set(received.get() + 1);
            }
        });
    }
    run_tasks(bencher, &tasks, &received, clients * messages, || {
        for _ in 0..messages {
            naive_publish(&topics, "H0STCNT0:005930");
        }
    });
}

/// 1,000 clients with 40 topics each, out of so many, with one message each per flush.
#[divan::bench(args = [400, 40_000])]
fn own_topics(bencher: Bencher<'_, '_>, topics: usize) {
    let hub = Hub::new(Config::new(7), Copy);
    let own = |client| (0..OWN_TOPICS).map(|it| topic(client * OWN_TOPICS + it, topics)).collect();
    let mut outboxes = join(&hub, OWN_CLIENTS, own);
    let keys: Vec<_> = (0..topics).map(|it| topic(it, topics)).collect();
    let message = Bytes::from_static(&MESSAGE);
    let mut batch = Vec::new();
    bencher.counter(ItemsCount::new(OWN_CLIENTS * OWN_TOPICS)).bench_local(|| {
        for key in &keys {
            hub.publish(&**key, message.clone());
        }
        hub.flush();
        outboxes.iter_mut().for_each(|it| take(it, &mut batch));
    });
}

#[divan::bench(args = SHARED)]
fn naive_shared_topic(bencher: Bencher<'_, '_>, (clients, messages): (usize, usize)) {
    let (senders, mut receivers): (Vec<_>, Vec<_>) =
        (0..clients).map(|_| mpsc::channel(1024)).unzip();
    let topics = HashMap::from([(Arc::<str>::from("H0STCNT0:005930"), senders)]);
    bencher.counter(ItemsCount::new(clients * messages)).bench_local(|| {
        for _ in 0..messages {
            naive_publish(&topics, "H0STCNT0:005930");
        }
        receivers.iter_mut().for_each(naive_take);
    });
}

#[divan::bench(args = [400, 40_000])]
fn naive_own_topics(bencher: Bencher<'_, '_>, topics: usize) {
    let (senders, mut receivers): (Vec<_>, Vec<_>) =
        (0..OWN_CLIENTS).map(|_| mpsc::channel(1024)).unzip();
    let mut subscribers: HashMap<_, Vec<_>> = HashMap::new();
    for at in 0..OWN_CLIENTS * OWN_TOPICS {
        let sender: &mpsc::Sender<Bytes> = &senders[at / OWN_TOPICS];
        subscribers.entry(topic(at, topics)).or_default().push(sender.clone());
    }
    let keys: Vec<_> = (0..topics).map(|it| topic(it, topics)).collect();
    bencher.counter(ItemsCount::new(OWN_CLIENTS * OWN_TOPICS)).bench_local(|| {
        for key in &keys {
            naive_publish(&subscribers, key);
        }
        receivers.iter_mut().for_each(naive_take);
    });
}

fn round(
    bencher: Bencher<'_, '_>,
    hub: &Hub<Copy>,
    mut outboxes: Vec<Outbox<Arc<str>>>,
    messages: usize,
) {
    let message = Bytes::from_static(&MESSAGE);
    let mut batch = Vec::new();
    bencher.counter(ItemsCount::new(outboxes.len() * messages)).bench_local(|| {
        for _ in 0..messages {
            hub.publish("H0STCNT0:005930", message.clone());
        }
        hub.flush();
        outboxes.iter_mut().for_each(|it| take(it, &mut batch));
    });
}

/// Publishes, then lets the tasks run until they have received everything.
fn run_tasks(
    bencher: Bencher<'_, '_>,
    tasks: &LocalSet,
    received: &Cell<usize>,
    deliveries: usize,
    publish: impl Fn(),
) {
    let Ok(runtime) = tokio::runtime::Builder::new_current_thread().build() else { return };
    bencher.counter(ItemsCount::new(deliveries)).bench_local(|| {
        received.set(0);
        publish();
        runtime.block_on(tasks.run_until(async {
            while received.get() < deliveries {
                tokio::task::yield_now().await;
            }
        }));
    });
}

fn count(batch: &[Item<Arc<str>>]) -> usize {
    batch.iter().map(|it| if let Item::Messages(it) = it { it.count() } else { 0 }).sum()
}

fn join(
    hub: &Hub<Copy>,
    clients: usize,
    topics: impl Fn(usize) -> Vec<Arc<str>>,
) -> Vec<Outbox<Arc<str>>> {
    (0..clients)
        .map(|at| {
            let outbox = hub.connect(LIMITS);
            for topic in topics(at) {
                let _ = hub.subscribe(outbox.client(), topic, Options::default());
            }
            outbox
        })
        .collect()
}

fn take(outbox: &mut Outbox<Arc<str>>, batch: &mut Vec<Item<Arc<str>>>) {
    let _ = outbox.try_recv(batch);
    black_box(&batch);
    batch.clear();
}

fn topic(at: usize, topics: usize) -> Arc<str> {
    format!("H0STCNT0:{:06}", at % topics).into()
}

fn naive_publish(topics: &HashMap<Arc<str>, Vec<mpsc::Sender<Bytes>>>, topic: &str) {
    let message = Bytes::copy_from_slice(&MESSAGE);
    for sender in topics.get(topic).into_iter().flatten() {
        let _ = sender.try_send(message.clone());
    }
}

fn naive_take(receiver: &mut mpsc::Receiver<Bytes>) {
    while let Ok(message) = receiver.try_recv() {
        black_box(&message);
    }
}
