//! Which rules watch which topic.

use std::hash::{Hash, Hasher};

use kis_protocol::TrId;
use rustc_hash::{FxHashMap, FxHasher};

use super::state::Position;
use crate::band::Band;

/// The rules by what they watch. A record that nobody watches costs one look-up.
#[derive(Debug)]
pub(super) struct Streams(Box<[Stream]>);

#[derive(Debug, Clone, Default)]
struct Stream {
    topics: FxHashMap<Box<str>, Watched>,
    /// Of the account's orders, whatever the key.
    orders: Vec<Watcher>,
    /// The last notice of each key.
    notices: Vec<(u64, Position)>,
}

#[derive(Debug, Clone, Default)]
struct Watched {
    rules: Vec<Watcher>,
    last: Option<Position>,
}

/// A rule that watches a topic.
#[derive(Debug, Clone, Copy)]
pub(super) struct Watcher {
    pub(super) rule: usize,
    /// The values on which it has nothing to do. Only of a rule that watches
    /// nothing else, because another topic would change that.
    pub(super) band: Option<Band>,
}

impl Streams {
    pub(super) fn new() -> Self {
        Self(vec![Stream::default(); TrId::ALL.len()].into())
    }

    /// Whether records of the topic have to be shown to the engine.
    #[inline]
    pub(super) fn watches(&self, tr_id: TrId, key: &str) -> bool {
        let stream = &self.0[tr_id as usize];
        !stream.orders.is_empty() || !stream.topics.is_empty() && stream.topics.contains_key(key)
    }

    /// The rules to evaluate on a record; none for a record seen before.
    #[inline]
    pub(super) fn admit(&mut self, tr_id: TrId, key: &str, at: Option<Position>) -> &mut [Watcher] {
        let stream = &mut self.0[tr_id as usize];
        if !stream.orders.is_empty() {
            let seen = at.is_some_and(|at| is_seen(&mut stream.notices, hash(tr_id, key), at));
            return if seen { &mut [] } else { &mut stream.orders };
        }
        if stream.topics.is_empty() {
            return &mut [];
        }
        let Some(watched) = stream.topics.get_mut(key) else { return &mut [] };
        if let Some(at) = at {
            if watched.last.is_some_and(|last| at.is_within(last)) {
                return &mut [];
            }
            watched.last = Some(at);
        }
        &mut watched.rules
    }

    /// Has `rule` watch the symbol on the stream, or all orders there, knowing
    /// what it had seen before.
    pub(super) fn add(
        &mut self,
        tr_id: TrId,
        symbol: Option<&str>,
        rule: usize,
        seen: &[(u64, Position)],
    ) {
        let stream = &mut self.0[tr_id as usize];
        let Some(symbol) = symbol else {
            stream.orders.push(Watcher { rule, band: None });
            for &(topic, at) in seen {
                is_seen(&mut stream.notices, topic, at);
            }
            return;
        };
        let topic = hash(tr_id, symbol);
        let watched = stream.topics.entry(symbol.into()).or_default();
        watched.rules.push(Watcher { rule, band: None });
        let known = seen.iter().find(|it| it.0 == topic).map(|it| it.1);
        watched.last = watched.last.or(known);
    }

    pub(super) fn remove(&mut self, tr_id: TrId, symbol: Option<&str>, rule: usize) {
        let stream = &mut self.0[tr_id as usize];
        let Some(symbol) = symbol else {
            stream.orders.retain(|it| it.rule != rule);
            return;
        };
        if let Some(watched) = stream.topics.get_mut(symbol) {
            watched.rules.retain(|it| it.rule != rule);
            if watched.rules.is_empty() {
                stream.topics.remove(symbol);
            }
        }
    }

    /// What has been seen of what a rule watches there.
    pub(super) fn seen(&self, tr_id: TrId, symbol: Option<&str>, out: &mut Vec<(u64, Position)>) {
        let stream = &self.0[tr_id as usize];
        let Some(symbol) = symbol else {
            out.extend_from_slice(&stream.notices);
            return;
        };
        if let Some(last) = stream.topics.get(symbol).and_then(|it| it.last) {
            out.push((hash(tr_id, symbol), last));
        }
    }
}

/// Whether a notice at `at` has been seen, and remembers it.
fn is_seen(notices: &mut Vec<(u64, Position)>, topic: u64, at: Position) -> bool {
    match notices.iter_mut().find(|it| it.0 == topic) {
        Some((_, last)) if at.is_within(*last) => return true,
        Some((_, last)) => *last = at,
        None => notices.push((topic, at)),
    }
    false
}

fn hash(tr_id: TrId, key: &str) -> u64 {
    let mut hasher = FxHasher::default();
    (tr_id.as_str(), key).hash(&mut hasher);
    hasher.finish()
}
