//! Frames into an engine.

use std::{collections::HashSet, fs, path::Path, sync::LazyLock};

use alert_engine::{Changes, Engine, Fact, Notification, Position, Rule, RuleState};
use kis_protocol::{Frame, Splits, TrId, normalized::Normalized, time::Timestamp};

/// The recorded frames of a stream, one record each, in the order of the file.
pub(crate) fn frames(tr_id: &str) -> Vec<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/frames");
    let text = fs::read_to_string(path.join(format!("{tr_id}.jsonl"))).unwrap();
    let raw = text.lines().map(|line| {
        let line: serde_json::Value = serde_json::from_str(line).unwrap();
        line["raw"].as_str().unwrap().to_owned()
    });
    raw.collect()
}

/// A trade of the night future, the shortest trade there is, in hundredths.
pub(crate) fn trade(cents: i64) -> String {
    let price = format!("{}.{:02}", cents / 100, cents % 100);
    static TRADE: LazyLock<String> = LazyLock::new(|| frames("H0MFCNT0").swap_remove(3));
    TRADE.replacen("433.15", &price, 1)
}

/// The same, with the change from a previous close of `base`.
pub(crate) fn trade_against(cents: i64, base: i64) -> String {
    let change = cents - base;
    let sign = if change < 0 { "-" } else { "" };
    let text = format!("{sign}{}.{:02}", change.abs() / 100, change.abs() % 100);
    trade(cents).replacen("^0.75^2^", &format!("^{text}^{}^", if change < 0 { 5 } else { 2 }), 1)
}

/// An engine that can be shut down and started again at any moment.
pub(crate) struct World {
    pub(crate) engine: Engine,
    rules: Vec<Rule>,
    /// What was kept, as JSON, as in a file.
    kept: Vec<(String, String)>,
    pub(crate) told: Vec<Notification>,
    epoch: u64,
    pub(crate) seq: u64,
    pub(crate) now: i64,
}

impl World {
    pub(crate) fn new(rules: &[&str]) -> Self {
        let rules: Vec<_> = rules.iter().map(|it| Rule::from_json(it).unwrap()).collect();
        let engine = Engine::new();
        // 2025-07-14 18:44 in Korea.
        let (kept, told) = (Vec::new(), Vec::new());
        let mut world = Self { engine, rules, kept, told, epoch: 1, seq: 0, now: 1_752_486_240 };
        world.start();
        world
    }

    fn start(&mut self) {
        self.engine = Engine::new();
        for rule in &self.rules {
            let kept = self.kept.iter().find(|it| it.0 == rule.id);
            let state: Option<RuleState> = kept.map(|it| serde_json::from_str(&it.1).unwrap());
            self.engine.insert(rule.clone(), state, self.time()).unwrap();
        }
        self.keep();
    }

    /// The process is killed, and starts again with what was kept.
    pub(crate) fn restart(&mut self) {
        self.epoch += 1;
        self.seq = 0;
        self.start();
    }

    pub(crate) fn time(&self) -> Timestamp {
        Timestamp::from_unix(self.now, 0)
    }

    /// Shows the records of a frame as the next of their topics, and keeps what
    /// has to be kept.
    pub(crate) fn show(&mut self, frame: &str) -> Vec<Fact> {
        self.seq += 1;
        self.show_at(frame, self.seq)
    }

    /// The last frame again.
    pub(crate) fn repeat(&mut self, frame: &str) -> Vec<Fact> {
        self.show_at(frame, self.seq)
    }

    /// What the next frame changes, not kept.
    pub(crate) fn found(&mut self, frame: &str) -> Changes {
        self.seq += 1;
        let position = Position { epoch: self.epoch, seq: self.seq };
        let now = self.time();
        show(&mut self.engine, frame, Some(position), now);
        self.engine.take_changes()
    }

    fn show_at(&mut self, text: &str, seq: u64) -> Vec<Fact> {
        let position = Position { epoch: self.epoch, seq };
        let now = self.time();
        show(&mut self.engine, text, Some(position), now);
        self.keep()
    }

    /// Lets time pass, and does what is due.
    pub(crate) fn pass(&mut self, seconds: i64) -> Vec<Fact> {
        self.now += seconds;
        self.engine.handle_timeout(self.time());
        self.keep()
    }

    pub(crate) fn keep(&mut self) -> Vec<Fact> {
        let changes = self.engine.take_changes();
        self.keep_all(changes)
    }

    pub(crate) fn checkpoint(&mut self) {
        let changes = self.engine.checkpoint();
        self.keep_all(changes);
    }

    fn keep_all(&mut self, changes: Changes) -> Vec<Fact> {
        for (id, state) in changes.states {
            self.kept.retain(|it| it.0 != id);
            self.kept.push((id, serde_json::to_string(&state).unwrap()));
        }
        let facts = changes.notifications.iter().map(|it| it.fact.clone()).collect();
        self.told.extend(changes.notifications);
        let ids: HashSet<_> = self.told.iter().map(|it| &it.id).collect();
        assert_eq!(ids.len(), self.told.len(), "an id was used twice");
        facts
    }
}

/// Shows every record of a frame to an engine.
pub(crate) fn show(engine: &mut Engine, text: &str, position: Option<Position>, now: Timestamp) {
    let frame = Frame::parse(text).unwrap();
    let tr_id: TrId = frame.tr_id.parse().unwrap();
    let mut splits = Splits::default();
    // One fixture is cut, as published.
    let Ok(records) = frame.records(&mut splits) else { return };
    for record in records {
        if engine.watches(tr_id, record.key()) {
            let normalized = Normalized::read(record, tr_id, now).unwrap();
            engine.handle_record(&normalized, record.key(), position, now);
        }
    }
}
