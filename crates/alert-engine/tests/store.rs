//! The store, with the process ending at every write, and the power at every
//! sync.
#![allow(clippy::unwrap_used, missing_docs, reason = "a test may panic")]

use std::sync::{Arc, Mutex};

use alert_engine::{
    Changes, Direction, Fact, Limits, Notification, Number, Settled, Severity, Since, Store,
};
use jiff::Timestamp;
use redb::StorageBackend;

fn notification(id: u32, severity: Severity) -> Notification {
    Notification {
        id: format!("r.0.{id}"),
        rule: "r".to_owned(),
        severity,
        at: at(i64::from(id)),
        stream: None,
        symbol: None,
        name: None,
        currency: None,
        untold: 0,
        to: Vec::new(),
        fact: Fact::Move {
            direction: Direction::Up,
            price: Number::from(103),
            percent: Number::from(3),
            from: Number::from(100),
            since: Since::PreviousClose,
        },
    }
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_789_344_000 + second).unwrap()
}

fn commit(store: &Store, ids: impl IntoIterator<Item = u32>, severity: Severity, to: &[&str]) {
    for id in ids {
        let notifications = vec![notification(id, severity)];
        let changes = Changes { notifications, states: Vec::new() };
        store.commit(&changes, at(i64::from(id)), |_| to.to_vec()).unwrap();
    }
}

/// The ids that wait for a recipient.
fn waiting(store: &Store, recipient: &str) -> Vec<u32> {
    let batch = store.next(recipient, usize::MAX, at(0)).unwrap();
    let ids = batch.into_iter().flat_map(|it| it.notifications);
    ids.map(|it| it.id.rsplit('.').next().unwrap().parse().unwrap()).collect()
}

#[test]
fn each_recipient_has_a_queue_of_its_own() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let open = || Store::open(file.path(), Limits::default()).unwrap();
    let store = open();
    commit(&store, 1..=4, Severity::Notice, &["a", "b"]);
    let batch = store.next("a", 3, at(5)).unwrap().unwrap();
    store.settle(&batch, Settled::Delivered).unwrap();
    assert_eq!((waiting(&store, "a"), waiting(&store, "b")), (vec![4], vec![1, 2, 3, 4]));
    drop(store);
    let store = open();
    assert_eq!((waiting(&store, "a"), waiting(&store, "b")), (vec![4], vec![1, 2, 3, 4]));
    store.retain_recipients(&["a"]).unwrap();
    commit(&store, [5], Severity::Notice, &["a"]);
    drop(store);
    let store = open();
    assert_eq!((waiting(&store, "a"), waiting(&store, "b")), (vec![4, 5], vec![]));
}

#[test]
fn too_many_drop_the_least_and_the_oldest() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let limits = Limits { pending_max: 4, ..Limits::default() };
    let store = Store::open(file.path(), limits.clone()).unwrap();
    commit(&store, 1..=2, Severity::Urgent, &["a"]);
    commit(&store, 3..=5, Severity::Info, &["a"]);
    commit(&store, 6..=6, Severity::Notice, &["a"]);
    assert_eq!((waiting(&store, "a"), store.waiting("a")), (vec![1, 2, 5, 6], (4, 2)));
    drop(store);
    let store = Store::open(file.path(), limits).unwrap();
    let batch = store.next("a", 1, at(6)).unwrap().unwrap();
    assert_eq!(batch.dropped, 2);
    store.settle(&batch, Settled::Delivered).unwrap();
    assert_eq!(store.waiting("a"), (3, 0));
    let batch = store.next("a", 1, at(6)).unwrap().unwrap();
    store.settle(&batch, Settled::Refused).unwrap();
    assert_eq!(store.waiting("a"), (2, 1));
    commit(&store, [7], Severity::Notice, &["a"]);
    let [queue] = &*store.queues() else { panic!("there is one recipient") };
    // Counted since the file was opened; what waits may have done so before.
    assert_eq!((queue.waiting, queue.queued, queue.dropped), (3, 1, 1));
    assert_eq!((queue.recipient.as_str(), queue.oldest), ("a", Some(at(5))));
}

#[test]
fn what_is_stale_is_dropped_and_counted() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let limits = Limits { stale_seconds: [60, 60, 60, 3_600], ..Limits::default() };
    let store = Store::open(file.path(), limits).unwrap();
    commit(&store, [1, 30], Severity::Info, &["a"]);
    commit(&store, [2], Severity::Urgent, &["a"]);
    let batch = store.next("a", 9, at(75)).unwrap().unwrap();
    let ids: Vec<_> = batch.notifications.iter().map(|it| it.id.as_str()).collect();
    assert_eq!((ids, batch.dropped), (vec!["r.0.30", "r.0.2"], 1));
}

#[test]
fn a_file_that_is_none_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("alerts.redb");
    let open = || Store::open(&path, Limits::default());
    std::fs::write(&path, "not a store").unwrap();
    assert!(open().unwrap_err().to_string().contains("alerts.redb"));
    std::fs::remove_file(&path).unwrap();
    let store = open().unwrap();
    assert!(open().is_err(), "it is in use");
    drop(store);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }
    let mut bytes = std::fs::read(&path).unwrap();
    bytes[4_096..].fill(7);
    std::fs::write(&path, bytes).unwrap();
    assert!(open().is_err(), "it is damaged");
}

/// A file in memory that fails for good after so many writes, as if the process
/// had been killed. What was not synced may be lost as well, as when the power
/// fails.
#[derive(Debug, Clone)]
struct Memory(Arc<Mutex<Disk>>);

#[derive(Debug, Clone, Default)]
struct Disk {
    now: Vec<u8>,
    synced: Vec<u8>,
    writes_left: usize,
}

impl Memory {
    fn new(bytes: Vec<u8>, writes_left: usize) -> Self {
        let disk = Disk { now: bytes.clone(), synced: bytes, writes_left };
        Self(Arc::new(Mutex::new(disk)))
    }

    fn change(&self, change: impl FnOnce(&mut Disk)) -> Result<(), std::io::Error> {
        let mut disk = self.0.lock().unwrap();
        let Some(left) = disk.writes_left.checked_sub(1) else {
            return Err(std::io::Error::other("killed"));
        };
        disk.writes_left = left;
        change(&mut disk);
        Ok(())
    }
}

impl StorageBackend for Memory {
    fn len(&self) -> Result<u64, std::io::Error> {
        Ok(self.0.lock().unwrap().now.len() as u64)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> Result<(), std::io::Error> {
        let disk = self.0.lock().unwrap();
        let from = offset as usize;
        out.copy_from_slice(&disk.now[from..from + out.len()]);
        Ok(())
    }

    fn set_len(&self, len: u64) -> Result<(), std::io::Error> {
        self.change(|disk| disk.now.resize(len as usize, 0))
    }

    fn sync_data(&self) -> Result<(), std::io::Error> {
        self.change(|disk| disk.synced.clone_from(&disk.now))
    }

    fn write(&self, offset: u64, data: &[u8]) -> Result<(), std::io::Error> {
        let from = offset as usize;
        self.change(|disk| disk.now[from..from + data.len()].copy_from_slice(data))
    }
}

/// Commits 1 to 6 by twos and delivers 1 and 2, until killed. Returns how many
/// of the four steps were reported done.
fn live(store: &Store) -> usize {
    let two = |first: u32| {
        let notifications = (first..first + 2).map(|it| notification(it, Severity::Notice));
        let changes = Changes { notifications: notifications.collect(), states: Vec::new() };
        store.commit(&changes, at(0), |_| vec!["a"]).is_ok()
    };
    let deliver = || {
        let batch = store.next("a", 2, at(0));
        batch.is_ok_and(|it| it.is_some_and(|it| store.settle(&it, Settled::Delivered).is_ok()))
    };
    let steps: [&dyn Fn() -> bool; 4] = [&|| two(1), &|| two(3), &deliver, &|| two(5)];
    steps.into_iter().take_while(|it| it()).count()
}

#[test]
fn nothing_is_lost_or_halved_wherever_the_process_ends() {
    let after: [&[u32]; 5] = [&[], &[1, 2], &[1, 2, 3, 4], &[3, 4], &[3, 4, 5, 6]];
    let empty = Memory::new(Vec::new(), usize::MAX);
    drop(Store::with_backend(empty.clone(), Limits::default()).unwrap());
    let start = empty.0.lock().unwrap().now.clone();
    let mut killed = 0;
    for writes in 0.. {
        let memory = Memory::new(start.clone(), writes);
        let done = match Store::with_backend(memory.clone(), Limits::default()) {
            Ok(store) => live(&store),
            Err(_) => 0,
        };
        let disk = memory.0.lock().unwrap().clone();
        for (name, bytes) in [("killed", disk.now), ("without power", disk.synced)] {
            let memory = Memory::new(bytes, usize::MAX);
            let store = Store::with_backend(memory, Limits::default()).unwrap();
            let found = waiting(&store, "a");
            // What was reported is there; the step under way is there whole or not at all.
            let possible = &after[done..(done + 2).min(after.len())];
            assert!(
                possible.contains(&&*found),
                "{name} at write {writes}: {found:?} after {done}"
            );
        }
        if disk.writes_left > 0 && done == 4 {
            break;
        }
        killed += 1;
    }
    assert!(killed > 20, "{killed} places to end at");
}

/// As when a full disk has room again.
#[test]
fn a_disk_that_fails_for_a_while_is_used_again() {
    let memory = Memory::new(Vec::new(), usize::MAX);
    let store = Store::with_backend(memory.clone(), Limits::default()).unwrap();
    commit(&store, [1], Severity::Notice, &["a"]);
    memory.0.lock().unwrap().writes_left = 0;
    let changes =
        Changes { notifications: vec![notification(2, Severity::Notice)], states: Vec::new() };
    let again = || store.commit(&changes, at(2), |_| vec!["a"]);
    assert!(again().is_err() && again().is_err());
    assert_eq!(store.waiting("a").0, 1);
    memory.0.lock().unwrap().writes_left = usize::MAX;
    again().unwrap();
    assert_eq!(waiting(&store, "a"), [1, 2]);
    let [queue] = &*store.queues() else { panic!("there is one recipient") };
    assert_eq!((queue.waiting, queue.queued), (2, 2));
}
