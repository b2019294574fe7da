//! The rules at work.

mod active;
mod outbox;
mod state;
mod streams;
mod upstream;

use std::{collections::BTreeMap, fmt};

use kis_protocol::{Topic, TrId, normalized::Normalized, time::Timestamp};
use rustc_hash::FxHashMap;

use self::{
    active::{Active, Found},
    outbox::Outbox,
    streams::Streams,
    upstream::Source,
};
pub use self::{
    state::{Ended, Position, RuleState},
    upstream::Report,
};
use crate::{
    condition::{self, Effect},
    notification::{Fact, Notification},
    rule::{Rule, RuleError},
};

/// Evaluates rules on records as they come.
///
/// It does no I/O and reads no clock. Its owner shows it records, what happens
/// upstream, and the time; and keeps what [`take_changes`](Self::take_changes)
/// returns, in one transaction, before anything of it is told to anybody. Then
/// nothing is missed and nothing told twice, wherever the process ends:
///
/// - A record seen before, by its [`Position`], is ignored.
/// - What a rule has seen outlives the process, so a crossing in between is
///   found at the first record after it, as it is after any gap.
/// - A firing and the memory that it has fired are kept together or not at all.
#[derive(Debug)]
pub struct Engine {
    rules: Vec<Option<Active>>,
    ids: FxHashMap<Box<str>, usize>,
    streams: Streams,
    sources: BTreeMap<String, Source>,
    found: Outbox,
    /// Used again and again, so that finding nothing allocates nothing.
    facts: Vec<Fact>,
    /// The rules with changes that must be kept.
    changed: Vec<usize>,
    deadline: Deadline,
    /// When the last rule was made; no two are made at the same time.
    made: i64,
}

/// What must be kept before it is told.
#[derive(Debug, Clone, Default)]
pub struct Changes {
    /// What is to be told, oldest first.
    pub notifications: Vec<Notification>,
    /// The states of rules, by their ids.
    pub states: Vec<(String, RuleState)>,
}

impl Changes {
    /// Whether there is nothing to keep.
    pub fn is_empty(&self) -> bool {
        self.notifications.is_empty() && self.states.is_empty()
    }
}

/// When something is due, found again only after something has changed.
#[derive(Debug, Clone, Copy)]
enum Deadline {
    Unknown,
    At(Option<i64>),
}

impl Default for Engine {
    fn default() -> Self {
        Self::new()
    }
}

impl Engine {
    /// An engine without rules.
    pub fn new() -> Self {
        Self {
            rules: Vec::new(),
            ids: FxHashMap::default(),
            streams: Streams::new(),
            sources: BTreeMap::new(),
            found: Outbox::default(),
            facts: Vec::new(),
            changed: Vec::new(),
            deadline: Deadline::Unknown,
            made: i64::MIN,
        }
    }

    /// Puts a rule to work, in the place of the one with the same id.
    ///
    /// `state` is what was kept of it. Without one the rule starts afresh,
    /// except where it replaces a rule that watched the same: then it knows what
    /// that one has seen.
    ///
    /// A rule that starts afresh beyond its threshold does not fire: the first
    /// value only takes a side. A rule that was disabled starts afresh, and so
    /// does one that is over and is inserted anew without its state.
    ///
    /// # Errors
    /// When the rule cannot be meant.
    pub fn insert(
        &mut self,
        rule: Rule,
        state: Option<RuleState>,
        now: Timestamp,
    ) -> Result<(), RuleError> {
        rule.check()?;
        let tr_ids = rule.tr_ids()?;
        let now = now.unix_seconds().max(self.made.saturating_add(1));
        self.made = now;
        let replaced = self.remove(&rule.id);
        let inherited = replaced.filter(|it| it.0.enabled && it.0.watches_like(&rule));
        let state = match (state, inherited) {
            (Some(state), _) => state.fit(&rule, now),
            (None, Some((_, RuleState { memory, seen, .. }))) if rule.enabled => {
                RuleState { memory, seen, ..RuleState::new(&rule, now) }
            }
            (None, _) => RuleState::new(&rule, now),
        };
        self.made = self.made.max(state.made);
        let index = self.rules.iter().position(Option::is_none).unwrap_or(self.rules.len());
        if index == self.rules.len() {
            self.rules.push(None);
        }
        let place = place(&rule);
        if rule.enabled {
            for tr_id in &tr_ids {
                self.streams.add(*tr_id, place, index, &state.seen);
            }
        }
        self.ids.insert(rule.id.as_str().into(), index);
        self.rules[index] = Some(Active::new(rule, state, tr_ids));
        self.changed.push(index);
        self.deadline = Deadline::Unknown;
        Ok(())
    }

    /// Puts a changed rule to work in the place of the one with the same id, and
    /// returns that one; nothing when there is none.
    ///
    /// It goes on counting where that one was, and knows what that one has seen
    /// as far as it watches the same. A rule that was over begins again.
    ///
    /// # Errors
    /// When the rule cannot be meant; then the old one stays at work.
    pub fn amend(
        &mut self,
        rule: Rule,
        now: Timestamp,
    ) -> Result<Option<(Rule, RuleState)>, RuleError> {
        rule.check()?;
        let Some(former) = self.remove(&rule.id) else { return Ok(None) };
        self.insert(rule, Some(former.1.clone().begun_again()), now)?;
        Ok(Some(former))
    }

    /// Takes a rule from work, and returns it with its state.
    pub fn remove(&mut self, id: &str) -> Option<(Rule, RuleState)> {
        let index = self.ids.remove(id)?;
        let mut active = self.rules.get_mut(index)?.take()?;
        active.state.seen = self.seen(&active);
        for tr_id in &active.tr_ids {
            self.streams.remove(*tr_id, place(&active.rule), index);
        }
        self.changed.retain(|it| *it != index);
        self.deadline = Deadline::Unknown;
        Some((active.rule, active.state))
    }

    /// Every rule and its state, in no order.
    pub fn rules(&self) -> impl Iterator<Item = (&Rule, &RuleState)> {
        self.rules.iter().flatten().map(|it| (&it.rule, &it.state))
    }

    /// A rule and its state.
    pub fn rule(&self, id: &str) -> Option<(&Rule, &RuleState)> {
        let active = self.rules.get(*self.ids.get(id)?)?.as_ref()?;
        Some((&active.rule, &active.state))
    }

    /// The topics that rules at work watch, sorted. Order rules need the notices
    /// of the account besides: see [`notices`](Self::notices).
    pub fn topics(&self) -> Vec<Topic> {
        let on = self.rules.iter().flatten().filter(|it| it.is_on(i64::MIN));
        let mut topics: Vec<_> = on.flat_map(|it| it.rule.topics()).collect();
        topics.sort_unstable();
        topics.dedup();
        topics
    }

    /// The streams of the account's notices that rules at work need, in no order: see
    /// [`Rule::notices`].
    pub fn notices(&self) -> Vec<TrId> {
        let on = self.rules.iter().flatten().filter(|it| it.is_on(i64::MIN));
        let mut tr_ids: Vec<_> = on.flat_map(|it| it.rule.notices()).collect();
        tr_ids.sort_unstable_by_key(|it| *it as usize);
        tr_ids.dedup();
        tr_ids
    }

    /// Whether a record of the topic has to be shown to the engine at all; asked
    /// before the record is normalized.
    #[inline]
    pub fn watches(&self, tr_id: TrId, key: &str) -> bool {
        self.streams.watches(tr_id, key)
    }

    /// Shows a record of the topic `key` to the rules that watch it. A record
    /// without a position is taken to be new.
    #[inline]
    pub fn handle_record(
        &mut self,
        record: &Normalized<'_>,
        key: &str,
        position: Option<Position>,
        now: Timestamp,
    ) {
        let now = now.unix_seconds();
        let (value, change) = (condition::value(&record.event), condition::change(&record.event));
        for watcher in self.streams.admit(record.tr_id, key, position) {
            if let (Some(band), Some(value)) = (&watcher.band, value)
                && band.holds(value, change, now)
            {
                continue;
            }
            let index = watcher.rule;
            let Some(Some(active)) = self.rules.get_mut(index) else { continue };
            if !active.is_on(now) || !active.is_about(record) {
                continue;
            }
            let effect =
                active.rule.when.observe(&mut active.state.memory, record, now, &mut self.facts);
            match effect {
                Effect::None => continue,
                Effect::Slight => {
                    watcher.band = active.band(value);
                    active.touched = true;
                }
                Effect::Lasting => {
                    watcher.band = active.band(value);
                    if !active.changed {
                        active.changed = true;
                        self.changed.push(index);
                    }
                }
            }
            if !self.facts.is_empty() {
                let found = Found { now, record: Some(record) };
                active.fire(&mut self.facts, found, &mut self.found);
                self.deadline = Deadline::Unknown;
            }
        }
    }

    /// Does what is due at `now`: ends of quiet hours and of rules, sessions
    /// that have been down for too long.
    pub fn handle_timeout(&mut self, now: Timestamp) {
        let now = now.unix_seconds();
        for (index, active) in self.rules.iter_mut().enumerate() {
            let Some(active) = active else { continue };
            let before = active.changed;
            active.handle_timeout(now, &mut self.found);
            if active.changed && !before {
                self.changed.push(index);
            }
        }
        self.tell_down(now);
        self.deadline = Deadline::Unknown;
    }

    /// When [`handle_timeout`](Self::handle_timeout) has something to do.
    pub fn poll_timeout(&mut self) -> Option<Timestamp> {
        if let Deadline::Unknown = self.deadline {
            let due = self.rules.iter().flatten().filter_map(Active::deadline);
            self.deadline = Deadline::At(due.chain(self.down_deadlines()).min());
        }
        let Deadline::At(at) = self.deadline else { return None };
        at.map(|it| Timestamp::from_unix(it, 0))
    }

    /// What must be kept, and then told. Empty most of the time, so it can be
    /// asked after every batch of records.
    pub fn take_changes(&mut self) -> Changes {
        if !self.has_changes() {
            return Changes::default();
        }
        let changed = std::mem::take(&mut self.changed);
        let states = changed.into_iter().filter_map(|it| self.take_state(it)).collect();
        Changes { notifications: self.found.take(), states }
    }

    /// Whether there is anything to keep.
    pub fn has_changes(&self) -> bool {
        !self.changed.is_empty() || !self.found.is_empty()
    }

    /// Takes back what could not be kept: it is among the next changes, before what was found
    /// since. There is room for a few thousand notifications; of more, the oldest of the least
    /// severity are [`lost`](Self::lost).
    pub fn put_back(&mut self, changes: Changes) {
        for (id, _) in changes.states {
            let Some(&index) = self.ids.get(id.as_str()) else { continue };
            if let Some(Some(active)) = self.rules.get_mut(index)
                && !active.changed
            {
                active.changed = true;
                self.changed.push(index);
            }
        }
        self.found.put_back(changes.notifications);
    }

    /// How many notifications there was no room for, because none could be kept for long.
    pub fn lost(&self) -> u64 {
        self.found.lost()
    }

    /// The same, with the memories that change with every record: windows of
    /// prices and volumes. To be asked every few seconds and at the end; what a
    /// crash loses of them makes a window a little shorter.
    pub fn checkpoint(&mut self) -> Changes {
        for (index, active) in self.rules.iter_mut().enumerate() {
            let Some(active) = active else { continue };
            if active.touched && !active.changed {
                active.changed = true;
                self.changed.push(index);
            }
        }
        self.take_changes()
    }

    fn take_state(&mut self, index: usize) -> Option<(String, RuleState)> {
        let seen = self.seen(self.rules.get(index)?.as_ref()?);
        let active = self.rules.get_mut(index)?.as_mut()?;
        (active.changed, active.touched) = (false, false);
        active.state.seen = seen;
        Some((active.rule.id.clone(), active.state.clone()))
    }

    fn seen(&self, active: &Active) -> Vec<(u64, Position)> {
        let mut seen = Vec::new();
        if active.rule.enabled {
            for tr_id in &active.tr_ids {
                self.streams.seen(*tr_id, place(&active.rule), &mut seen);
            }
        }
        seen
    }
}

/// The key that a rule watches on its streams; none for orders.
fn place(rule: &Rule) -> Option<&str> {
    rule.symbol.as_deref().filter(|_| !rule.of_orders())
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.epoch, self.seq)
    }
}
