//! Alerts without a network: a disk that fails, sessions that tell what they like.

use std::{io, time::Duration};

use alert_engine::{Limits, Store};
use kis_broker::{Credentials, Event, Loss, Sink};
use kis_protocol::Topic;
use redb::StorageBackend;
use relay_core::Hub;
use serde_json::json;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::*;
use crate::{counters::Counters, router::Router};

/// A disk that can be full.
#[derive(Debug, Clone, Default)]
struct Memory(Arc<Mutex<(Vec<u8>, bool)>>);

impl Memory {
    fn set_full(&self, full: bool) {
        self.0.lock().unwrap().1 = full;
    }

    fn change(&self, change: impl FnOnce(&mut Vec<u8>)) -> io::Result<()> {
        let mut disk = self.0.lock().unwrap();
        if disk.1 {
            return Err(io::ErrorKind::StorageFull.into());
        }
        change(&mut disk.0);
        Ok(())
    }
}

impl StorageBackend for Memory {
    fn len(&self) -> io::Result<u64> {
        Ok(self.0.lock().unwrap().0.len() as u64)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let from = usize::try_from(offset).unwrap();
        out.copy_from_slice(&self.0.lock().unwrap().0[from..from + out.len()]);
        Ok(())
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.change(|it| it.resize(usize::try_from(len).unwrap(), 0))
    }

    fn sync_data(&self) -> io::Result<()> {
        self.change(|_| ())
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        let from = usize::try_from(offset).unwrap();
        self.change(|it| it[from..from + data.len()].copy_from_slice(data))
    }
}

struct World {
    alerts: Arc<Alerts>,
    hub: Hub<Wire>,
    disk: Memory,
    stop: CancellationToken,
    _keeping: tokio::task::JoinHandle<()>,
}

fn key(name: &str, hts_id: Option<&str>) -> PoolKey {
    let mut key = PoolKey::new(Credentials::new(name, "secret"));
    key.hts_id = hts_id.map(str::to_owned);
    key
}

impl World {
    fn new(env: &str) -> Self {
        let mut config = Config::default();
        config.kis.env = env.to_owned();
        let disk = Memory::default();
        let hub = Hub::new(relay_core::Config::new(1), Wire { simulated: false });
        let store = Store::with_backend(disk.clone(), Limits::default()).unwrap();
        let (alerts, keeper) = Alerts::start(&config, hub.clone(), store).unwrap();
        let stop = CancellationToken::new();
        let stopped = stop.clone();
        let _keeping = tokio::spawn(async move { keeper.keep(&stopped).await });
        Self { alerts, hub, disk, stop, _keeping }
    }

    fn router(&self) -> Router {
        let counters = Arc::new(Counters::default());
        Router::new(self.hub.clone(), counters).alerting(Arc::clone(&self.alerts))
    }

    fn topics(&self) -> Vec<String> {
        let mut topics: Vec<_> = self.alerts.topics.all().iter().map(ToString::to_string).collect();
        topics.sort();
        topics
    }

    /// How many notifications the log has waiting.
    fn queued(&self) -> usize {
        self.alerts.store.waiting("log").0
    }
}

impl Drop for World {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

#[tokio::test(start_paused = true)]
async fn a_full_disk_is_told_and_loses_nothing() {
    let world = World::new("real");
    let rule = json!({"id": "r", "when": {"upstream": {"events": ["in_use_elsewhere"]}}});
    world.alerts.create(rule).await.unwrap();
    let price =
        |level: &str| json!({"id": "p", "symbol": "005930", "when": {"price": {"level": level}}});
    world.alerts.create(price("1")).await.unwrap();

    world.disk.set_full(true);
    let began = Instant::now();
    let again = json!({"id": "q", "symbol": "005930", "when": {"price": {"level": "1"}}});
    for _ in 0..2 {
        let error = world.alerts.create(again.clone()).await.unwrap_err();
        assert!(matches!(&error, AlertError::NotKept(_)), "{error}");
        assert!(error.to_string().contains("is the disk full?"), "{error}");
        let error = world.alerts.delete("p").await.unwrap_err();
        assert!(matches!(error, AlertError::NotKept(_)), "{error}");
        let error = world.alerts.replace("p", price("2")).await.unwrap_err();
        assert!(matches!(error, AlertError::NotKept(_)), "{error}");
    }
    assert!(began.elapsed() < Duration::from_secs(1), "nobody waits");
    assert!(world.alerts.get("q").is_none());
    let (rule, _) = world.alerts.get("p").unwrap();
    assert_eq!(serde_json::to_value(rule).unwrap()["when"]["price"]["level"], "1");

    // What is found meanwhile is told when there is room.
    world.alerts.report("key", Report::InUseElsewhere);
    tokio::time::sleep(Duration::from_secs(60)).await;
    assert_eq!(world.queued(), 0);
    world.disk.set_full(false);
    tokio::time::sleep(Duration::from_secs(3)).await;
    assert_eq!(world.queued(), 1);
    world.alerts.create(again).await.unwrap();
    world.alerts.delete("p").await.unwrap();
    let mut kept: Vec<_> =
        world.alerts.store.load().unwrap().rules.into_iter().map(|it| it.id).collect();
    kept.sort();
    assert_eq!(kept, ["q", "r"]);
}

/// What the rule tells of events of a session, in a market's session.
#[track_caller]
fn check(events: &[Event], expected: &[&str]) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let world = World::new("real");
        // Nobody keeps anything, so that it can be looked at.
        world.stop.cancel();
        let rule = json!({"id": "r", "when": {"upstream": {"down_seconds": 0}}});
        let rule = alert_engine::Rule::read(rule).unwrap();
        world.alerts.engine().insert(rule, None, now()).unwrap();
        world.alerts.report("key", Report::InSession(true));
        let mut router = world.router();
        for event in events {
            router.event_of("key", event.clone());
        }
        let found = world.alerts.engine().take_changes().notifications;
        let facts = found.iter().map(|it| match &it.fact {
            alert_engine::Fact::Upstream { event, .. } => {
                serde_json::to_value(event).unwrap().as_str().unwrap().to_owned()
            }
            alert_engine::Fact::Recovered { .. } => "recovered".to_owned(),
            other => format!("{other:?}"),
        });
        assert_eq!(facts.collect::<Vec<_>>(), expected, "{events:?}");
    });
}

#[test]
fn what_sessions_tell() {
    let topic = || Topic::new("H0STCNT0", "005930");
    let retry_in = Duration::from_secs(1);
    let unasked = || Event::ApprovalFailed { refused: false, retry_in };
    let refused = || Event::ApprovalFailed { refused: true, retry_in };
    let lost = |topics: &[Topic], reason| Event::Lost { topics: topics.to_vec(), reason };
    check(&[unasked(), unasked()], &["down"]);
    check(&[refused()], &["token_refused", "down"]);
    check(&[Event::Connected, Event::Subscribed(topic()), unasked()], &[]);
    check(&[Event::Connected, lost(&[topic()], Loss::Closed)], &["down"]);
    check(&[Event::Connected, lost(&[], Loss::Closed)], &[]);
    check(&[Event::Unreachable { retry_in }, Event::Connected], &["down"]);
    check(
        &[Event::Unreachable { retry_in }, Event::Connected, Event::Subscribed(topic())],
        &["down", "recovered"],
    );
    // It connects again and again, and is refused each time.
    let taken = [Event::Connected, lost(&[topic()], Loss::InUseElsewhere)];
    check(&[taken.clone(), taken].concat(), &["down"]);
}

#[tokio::test]
async fn order_rules_hold_the_notices_of_every_account() {
    let world = World::new("real");
    let any = || json!({"id": "any", "when": {"order": {}}});
    assert!(matches!(world.alerts.create(any()).await, Err(AlertError::NoOwner)));
    world.alerts.keys_changed(&[key("1", Some("ann")), key("2", Some("bob")), key("3", None)]);
    world.alerts.create(any()).await.unwrap();
    let stocks = ["H0GSCNI0:ann", "H0GSCNI0:bob", "H0STCNI0:ann", "H0STCNI0:bob"];
    assert_eq!(world.topics(), stocks);
    let night = json!({"id": "night", "streams": ["H0MFCNI0"], "when": {"order": {}}});
    world.alerts.create(night).await.unwrap();
    // An account that has gone.
    world.alerts.keys_changed(&[key("1", Some("ann"))]);
    world.alerts.delete("any").await.unwrap();
    let wanted = world.alerts.topics.notices(&world.alerts.get("night").unwrap().0);
    assert_eq!(wanted, [Topic::new("H0MFCNI0", "ann")]);
    let shown = world.alerts.view(&world.alerts.get("night").unwrap());
    assert_eq!(shown["topics"][0]["key"], "H0MFCNI0:…");

    let world = World::new("paper");
    world.alerts.keys_changed(&[key("1", Some("ann"))]);
    let derivatives = json!({"id": "d", "when": {"order": {"markets": ["derivatives"]}}});
    world.alerts.create(derivatives).await.unwrap();
    assert_eq!(world.topics(), ["H0IFCNI9:ann"]);
    for (rule, field) in [
        (json!({"streams": ["H0STCNI0"], "when": {"order": {}}}), "streams: "),
        (json!({"when": {"order": {"markets": ["overseas_derivatives"]}}}), "when.order.markets: "),
    ] {
        let error = world.alerts.create(rule).await.unwrap_err().to_string();
        assert!(error.starts_with(field), "{error}");
    }
}
