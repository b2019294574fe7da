use std::hash::{Hash, Hasher};

use jiff::Timestamp;
use rustc_hash::FxHasher;
use serde::{Deserialize, Serialize};

use crate::{condition::Memory, notification::Fact, rule::Rule};

/// Where a record stands in its topic: the publisher's epoch, and its number
/// within it. Numbers of different epochs have nothing to do with each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Position {
    /// Whose numbers these are.
    pub epoch: u64,
    /// The record's number.
    pub seq: u64,
}

impl Position {
    /// Whether a record at `self` has been seen by whom has seen `last`.
    #[inline]
    pub(super) fn is_within(self, last: Self) -> bool {
        self.epoch == last.epoch && self.seq <= last.seq
    }
}

/// Why a rule is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ended {
    /// It was to fire once, and has.
    Fired,
    /// Its time is over.
    Expired,
}

/// What must outlive the process of a rule at work: what it has seen, and what
/// it has told. Its JSON is for reading back alone.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RuleState {
    /// When the rule was made: rules that get the same id one after the other
    /// are told apart by it.
    pub(super) made: i64,
    /// What the rule watched: the memory of something else is worth nothing.
    pub(super) watched: u64,
    pub(super) firings: u64,
    pub(super) fired_at: Option<Timestamp>,
    pub(super) ended: Option<Ended>,
    pub(super) cooldown_until: i64,
    pub(super) untold: u32,
    pub(super) held: Option<HeldBack>,
    pub(super) memory: Memory,
    /// The last records seen, by topics' hashes: a topic may name the account's
    /// owner.
    pub(super) seen: Vec<(u64, Position)>,
}

/// What is kept back in quiet hours.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct HeldBack {
    pub(super) until: i64,
    pub(super) count: u32,
    pub(super) first: Timestamp,
    pub(super) last: Fact,
}

impl RuleState {
    pub(super) fn new(rule: &Rule, now: i64) -> Self {
        Self {
            made: now,
            watched: watched(rule),
            firings: 0,
            fired_at: None,
            ended: None,
            cooldown_until: i64::MIN,
            untold: 0,
            held: None,
            memory: rule.when.memory(),
            seen: Vec::new(),
        }
    }

    /// The state of `rule` when this was kept of a rule that may have been
    /// another one: what it has told holds in any case.
    pub(super) fn fit(self, rule: &Rule, now: i64) -> Self {
        let fresh = Self::new(rule, now);
        if self.watched == fresh.watched && rule.enabled {
            return self;
        }
        Self { made: self.made, firings: self.firings, fired_at: self.fired_at, ..fresh }
    }

    /// The same for a rule that is to be at work again, if it was over.
    pub(super) fn begun_again(self) -> Self {
        match self.ended {
            Some(_) => Self { ended: None, cooldown_until: i64::MIN, ..self },
            None => self,
        }
    }

    /// How often the rule has fired and told.
    pub fn firings(&self) -> u64 {
        self.firings
    }

    /// When it last did.
    pub fn fired_at(&self) -> Option<Timestamp> {
        self.fired_at
    }

    /// Whether the rule is over, and why.
    pub fn ended(&self) -> Option<Ended> {
        self.ended
    }
}

fn watched(rule: &Rule) -> u64 {
    let mut hasher = FxHasher::default();
    // A condition that cannot be written as JSON does not exist.
    let when = serde_json::to_string(&rule.when).unwrap_or_default();
    (&rule.symbol, &rule.streams, when).hash(&mut hasher);
    hasher.finish()
}
