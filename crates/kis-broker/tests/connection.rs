//! The whole way over real sockets: approval key, websocket, session and sink, against a
//! simulated KIS.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

use std::{path::PathBuf, time::Duration};

use kis_broker::{
    Allowance, BudgetKind, Connection, ConnectionConfig, Credentials, Delays, Endpoints,
    Environment, Event, Handle, Loss, Refusal, SessionState, Sink,
};
use kis_protocol::Topic;
use kis_sim::{Credential, Hold, Oddity, Pace, Sim, SimConfig};
use tokio::{sync::mpsc, task::JoinHandle, time::timeout};

const MILLI: Duration = Duration::from_millis(1);
/// How long anything may take before a test fails.
const PATIENCE: Duration = Duration::from_secs(20);
const APP_KEY: &str = "PSim0000000000000000000000000key";
const APP_SECRET: &str = "the-secret-that-nobody-may-see";

/// What a sink is given.
#[derive(Debug)]
enum Given {
    Frame(String),
    Event(Event),
    Flush,
}

struct Recorder(mpsc::UnboundedSender<Given>);

impl Sink for Recorder {
    fn frame(&mut self, text: &str) {
        let _ = self.0.send(Given::Frame(text.to_owned()));
    }

    fn event(&mut self, event: Event) {
        let _ = self.0.send(Given::Event(event));
    }

    fn flush(&mut self) {
        let _ = self.0.send(Given::Flush);
    }
}

/// A running connection.
struct Fixture {
    handle: Handle,
    given: mpsc::UnboundedReceiver<Given>,
    task: JoinHandle<Recorder>,
}

/// Delays fit for a test.
fn config(rest: &str, websocket: &str) -> ConnectionConfig {
    let endpoints = Endpoints::of(Environment::Custom, Some(rest), Some(websocket)).unwrap();
    let mut config = ConnectionConfig::new(endpoints);
    config.session.request_interval = MILLI;
    config.session.reconnect_delays = Delays { min: 5 * MILLI, max: 50 * MILLI };
    config.session.refusal_delays = Delays { min: 50 * MILLI, max: 100 * MILLI };
    config.session.budgets.connects.count = 1000;
    config.session.budgets.approvals.count = 1000;
    config.seed = Some(1);
    config
}

fn simulated(sim: &Sim) -> ConnectionConfig {
    config(&sim.rest_url(), &sim.ws_url())
}

async fn sim() -> Sim {
    sim_with(|_| {}).await
}

async fn sim_with(change: impl FnOnce(&mut SimConfig)) -> Sim {
    let mut config =
        SimConfig { pace: Pace::Fixed(MILLI), slot_hold: Duration::ZERO, ..SimConfig::default() };
    change(&mut config);
    Sim::start(config).await.unwrap()
}

fn topic(tr_key: &str) -> Topic {
    Topic::new("H0STCNT0", tr_key)
}

impl Fixture {
    fn start(config: ConnectionConfig) -> Self {
        Self::start_with(config, APP_SECRET)
    }

    fn start_with(config: ConnectionConfig, app_secret: &str) -> Self {
        let connection = Connection::new(config, Credentials::new(APP_KEY, app_secret)).unwrap();
        let handle = connection.handle();
        let (sender, given) = mpsc::unbounded_channel();
        let task = tokio::spawn(connection.run(Recorder(sender), std::future::pending()));
        Self { handle, given, task }
    }

    async fn next(&mut self) -> Given {
        timeout(PATIENCE, self.given.recv()).await.expect("in time").expect("still running")
    }

    /// The next event; frames before it are passed over.
    async fn event(&mut self) -> Event {
        loop {
            if let Given::Event(event) = self.next().await {
                return event;
            }
        }
    }

    /// Passes over everything up to this event.
    async fn until(&mut self, wanted: impl Fn(&Event) -> bool) -> Event {
        loop {
            let event = self.event().await;
            if wanted(&event) {
                return event;
            }
        }
    }

    /// The next frame that fits.
    async fn frame(&mut self, fits: impl Fn(&str) -> bool) -> String {
        loop {
            if let Given::Frame(text) = self.next().await
                && fits(&text)
            {
                return text;
            }
        }
    }

    async fn subscribed(&mut self, topic: Topic) {
        self.handle.subscribe(topic.clone());
        self.until(|it| *it == Event::Subscribed(topic.clone())).await;
    }

    /// Shuts down and returns the events that were left.
    async fn shut_down(mut self) -> Vec<Event> {
        self.handle.shutdown();
        timeout(PATIENCE, self.task).await.expect("in time").unwrap();
        let mut events = Vec::new();
        while let Some(given) = self.given.recv().await {
            if let Given::Event(event) = given {
                events.push(event);
            }
        }
        events
    }
}

#[tokio::test]
async fn frames_flow_from_subscribing_to_shutting_down() {
    let sim = sim().await;
    let mut it = Fixture::start(simulated(&sim));
    assert_eq!(it.event().await, Event::Connected);
    it.subscribed(topic("005930")).await;
    for _ in 0..20 {
        let text = it.frame(|_| true).await;
        assert!(text.starts_with("0|H0STCNT0|"), "{text}");
    }
    while !matches!(it.next().await, Given::Flush) {}
    let status = it.handle.status();
    assert_eq!((status.session.state, status.session.present), (SessionState::Open, 1));
    assert!(status.counters.frames >= 20 && status.counters.bytes > 1000, "{status:?}");

    let events = it.shut_down().await;
    assert_eq!(events, [Event::Released(topic("005930")), Event::Closed]);
    let state = timeout(PATIENCE, sim.wait_until(|it| it.sessions.is_empty())).await.unwrap();
    assert_eq!(state.counters.releases, 1);
    assert!(state.held.is_empty(), "a close frame was sent, so the slot is free");
}

#[tokio::test]
async fn ten_drops_are_announced_and_healed() {
    let sim = sim().await;
    let mut it = Fixture::start(simulated(&sim));
    for tr_key in ["005930", "000660", "035720"] {
        it.subscribed(topic(tr_key)).await;
    }
    for _ in 0..10 {
        assert_eq!(sim.drop_connections(), 1);
        let lost = it.until(|it| matches!(it, Event::Lost { .. })).await;
        let topics = ["005930", "000660", "035720"].map(topic).to_vec();
        assert_eq!(lost, Event::Lost { topics: topics.clone(), reason: Loss::Closed });
        assert_eq!(it.event().await, Event::Connected);
        for topic in topics {
            assert_eq!(it.event().await, Event::Subscribed(topic));
        }
        it.frame(|_| true).await;
    }
    let counters = sim.state().counters;
    assert_eq!((counters.connects, counters.approvals), (11, 1));
    assert_eq!((counters.registrations, counters.duplicates, counters.refused), (33, 0, 0));
    assert_eq!(it.handle.status().counters.losses, 10);
}

#[tokio::test]
async fn broken_text_is_decoded_and_the_socket_stays() {
    let sim = sim().await;
    let mut it = Fixture::start(simulated(&sim));
    it.subscribed(topic("005930")).await;
    for _ in 0..5 {
        sim.inject(Oddity::InvalidUtf8, Some(&topic("005930")), 3);
        it.frame(|text| text.contains('\u{fffd}')).await;
    }
    let status = it.handle.when(|it| it.counters.lenient >= 13).await;
    assert_eq!((status.counters.losses, status.counters.unreadable), (0, 0));
    assert_eq!(sim.state().counters.connects, 1);
}

#[tokio::test]
async fn odd_frames_are_counted_or_passed_on() {
    let sim = sim_with(|it| it.pace = Pace::Fixed(3_600_000 * MILLI)).await;
    let mut it = Fixture::start(simulated(&sim));
    it.subscribed(topic("005930")).await;
    sim.push_to_all("garbage");
    sim.push_to_all("{\"header\":3}");
    sim.push_to_all("");
    sim.inject(Oddity::Malformed, Some(&topic("005930")), 2);
    sim.inject(Oddity::UnknownTrId, Some(&topic("005930")), 1);
    it.frame(|text| text.starts_with("0|H0XXXXX0|")).await;
    assert_eq!(it.handle.when(|it| it.counters.unreadable >= 5).await.counters.unreadable, 5);
    let long = format!("0|H0STCNT0|001|{}", "x".repeat(1 << 20));
    sim.push_to_all(long.clone());
    assert_eq!(it.frame(|text| text.len() > 1000).await, long, "a long message");
    assert_eq!(it.handle.status().counters.losses, 0);
}

#[tokio::test]
async fn a_held_slot_alerts_once_and_is_waited_for() {
    let sim = sim().await;
    let mut it = Fixture::start(simulated(&sim));
    it.subscribed(topic("005930")).await;
    sim.hold_slots(Hold::UntilReleased);
    sim.drop_connections();
    it.until(|it| matches!(it, Event::Lost { reason: Loss::Closed, .. })).await;
    let mut alerts = 0;
    for _ in 0..3 {
        loop {
            match it.event().await {
                Event::InUseElsewhere => alerts += 1,
                Event::Lost { reason: Loss::InUseElsewhere, .. } => break,
                Event::Connected => {}
                other => panic!("{other:?}"),
            }
        }
    }
    assert_eq!(alerts, 1);
    let status = it.handle.status();
    assert_eq!(status.session.last_code.as_deref(), Some("OPSP8996"));
    assert!(status.session.in_use_elsewhere);
    sim.release_slots();
    it.until(|it| *it == Event::Subscribed(topic("005930"))).await;
    it.frame(|_| true).await;
}

#[tokio::test]
async fn a_forgotten_approval_key_is_fetched_anew() {
    let sim = sim().await;
    let mut it = Fixture::start(simulated(&sim));
    it.subscribed(topic("005930")).await;
    sim.forget_approvals();
    it.handle.subscribe(topic("000660"));
    it.until(|it| matches!(it, Event::ApprovalRefused { .. })).await;
    assert_eq!(it.event().await, Event::Subscribed(topic("000660")));
    let counters = sim.state().counters;
    assert_eq!((counters.connects, counters.approvals), (1, 2), "the socket was kept");

    sim.forget_approvals();
    sim.drop_connections();
    for tr_key in ["005930", "000660"] {
        it.until(|it| *it == Event::Subscribed(topic(tr_key))).await;
    }
}

#[tokio::test]
async fn a_wrong_secret_is_told_without_showing_it() {
    let credential = Credential { app_key: APP_KEY.into(), app_secret: APP_SECRET.into() };
    let sim = sim_with(|it| it.credentials = vec![credential]).await;
    let wrong = "a-wrong-secret-that-nobody-may-see";
    let mut it = Fixture::start_with(simulated(&sim), wrong);
    for _ in 0..3 {
        assert!(matches!(it.event().await, Event::ApprovalFailed { .. }));
    }
    let status = it.handle.when(|it| it.last_error.is_some()).await;
    let error = status.last_error.unwrap();
    assert!(error.contains("EGW00105"), "{error}");
    assert!(!error.contains(wrong) && !error.contains(APP_KEY), "{error}");
    assert_eq!(sim.state().counters.connects, 0, "no socket without a key");
}

#[tokio::test]
async fn a_host_that_is_not_there_is_tried_again() {
    let sim = sim().await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let nobody = format!("ws://{}", listener.local_addr().unwrap());
    drop(listener);
    let mut it = Fixture::start(config(&sim.rest_url(), &nobody));
    it.handle.subscribe(topic("005930"));
    for _ in 0..3 {
        assert!(matches!(it.event().await, Event::Unreachable { .. }));
    }
    assert!(it.handle.status().last_error.unwrap().contains("host cannot be reached"));
    let events = it.shut_down().await;
    assert_eq!(events.last(), Some(&Event::Closed));
}

#[tokio::test]
async fn notices_arrive_decrypted() {
    let sim = sim_with(|it| it.pace = Pace::Fixed(3_600_000 * MILLI)).await;
    let mut it = Fixture::start(simulated(&sim));
    let notices = Topic::new("H0STCNI0", "user01");
    it.subscribed(notices).await;
    let plain = "0|H0STCNI0|001|user01^00000000^0000012345^^02^0^00^0^005930^3^71900^2";
    sim.push(plain);
    assert_eq!(it.frame(|text| text.contains("0000012345")).await, plain);
    assert!(it.handle.status().counters.notices > 0);

    sim.push_to_all("1|H0STCNI0|001|bm90IGEgYmxvY2s=");
    let tr_id = "H0STCNI0".to_owned();
    it.until(|it| *it == Event::NoticeUnreadable { tr_id: tr_id.clone() }).await;
    sim.push(plain);
    it.frame(|text| text == plain).await;
}

#[tokio::test]
async fn signs_of_life_are_echoed() {
    let sim = sim_with(|it| it.ping_idle = 5 * MILLI).await;
    let it = Fixture::start(simulated(&sim));
    timeout(PATIENCE, sim.wait_until(|it| it.counters.echoes >= 10)).await.unwrap();
    assert_eq!(it.handle.when(|it| it.counters.pings >= 10).await.counters.losses, 0);
}

#[tokio::test]
async fn a_silent_link_is_given_up() {
    let sim = sim_with(|it| it.ping_idle = 20 * MILLI).await;
    let mut config = simulated(&sim);
    config.session.silence_max = 300 * MILLI;
    let mut it = Fixture::start(config);
    it.subscribed(topic("005930")).await;
    assert_eq!(sim.stall(), 1);
    let lost = it.until(|it| matches!(it, Event::Lost { .. })).await;
    assert_eq!(lost, Event::Lost { topics: vec![topic("005930")], reason: Loss::Silent });
    it.until(|it| *it == Event::Subscribed(topic("005930"))).await;
}

#[tokio::test]
async fn a_full_session_refuses_locally_and_releases_all_at_the_end() {
    let sim = sim().await;
    let mut config = simulated(&sim);
    // However busy the machine is.
    config.session.shutdown_max = PATIENCE;
    let mut it = Fixture::start(config);
    let topics: Vec<Topic> = (0..41).map(|it| topic(&format!("{it:06}"))).collect();
    for topic in &topics {
        it.handle.subscribe(topic.clone());
    }
    it.handle.subscribe(topic("005930"));
    let reason = Refusal::SessionFull { limit: 41 };
    it.until(|it| *it == Event::Refused { topic: topic("005930"), reason: reason.clone() }).await;
    let full = |it: &kis_broker::Status| it.session.present == 41;
    timeout(PATIENCE, it.handle.when(full)).await.unwrap();
    assert_eq!(sim.state().counters.refused, 0, "KIS was not asked");

    let events = it.shut_down().await;
    let released = events.iter().filter(|it| matches!(it, Event::Released(_))).count();
    assert_eq!((released, sim.state().counters.releases), (41, 41));
}

#[tokio::test]
async fn what_was_spent_is_remembered_by_the_next_process() {
    let sim = sim().await;
    let folder = tempfile::tempdir().unwrap();
    let path: PathBuf = folder.path().join("budget.json");
    let mut config = simulated(&sim);
    config.budget_file = Some(path.clone());
    config.session.budgets.connects = Allowance { count: 1, window: Duration::from_secs(3600) };

    let mut first = Fixture::start(config.clone());
    assert_eq!(first.event().await, Event::Connected);
    assert!(path.exists(), "written before the socket was opened");
    // Not shut down: as if killed.
    first.task.abort();

    let mut second = Fixture::start(config);
    assert_eq!(second.event().await, Event::BudgetSpent { budget: BudgetKind::Connects });
    assert_eq!(second.handle.status().session.connects_left, 0);
    assert_eq!(sim.state().counters.connects, 1);
}

#[tokio::test]
async fn a_burst_is_read_in_batches_and_nothing_lost() {
    let sim = sim_with(|it| it.pace = Pace::Fixed(3_600_000 * MILLI)).await;
    let mut config = simulated(&sim);
    config.batch_max = 16;
    let mut it = Fixture::start(config);
    it.subscribed(topic("005930")).await;
    it.frame(|_| true).await;
    let numbered = |number: usize| format!("0|H0STCNT0|001|005930^{number}");
    for number in 0..5000 {
        assert_eq!(sim.push(numbered(number)), 1);
    }
    let (mut frames, mut flushes, mut since) = (0, 0, 0);
    while frames < 5000 {
        match it.next().await {
            Given::Frame(text) => {
                assert_eq!(text, numbered(frames));
                frames += 1;
                since += 1;
                assert!(since <= 16, "a batch has an end");
            }
            Given::Flush => {
                flushes += 1;
                since = 0;
            }
            Given::Event(event) => panic!("{event:?}"),
        }
    }
    assert!(flushes < 2500, "{flushes} flushes for {frames} frames");
}
