//! Trouble between the server and KIS.

use kis_protocol::time::Timestamp;

use super::{Deadline, Engine, active::Found};
use crate::{
    condition::{Condition, Memory, Upstream, UpstreamEvent, UpstreamMemory},
    notification::Fact,
};

/// What happens to a session with KIS.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum Report<'a> {
    /// It is down.
    Down,
    /// It is up.
    Up,
    /// Whether a market that it serves is in session. Until this is told, none is.
    InSession(bool),
    /// Another program uses its app key.
    InUseElsewhere,
    /// KIS has no registration left for a topic.
    SlotsFull {
        /// The topic, fit to be shown.
        topic: &'a str,
    },
    /// KIS has refused a token or an approval key.
    TokenRefused {
        /// KIS' code.
        code: &'a str,
    },
    /// A record has a width that is not known.
    UnknownWidth {
        /// The stream.
        stream: &'a str,
        /// The record's columns.
        columns: u32,
    },
}

/// A session, as far as rules are concerned.
#[derive(Debug, Default)]
pub(super) struct Source {
    in_session: bool,
    down: Option<Down>,
}

/// For how long a session has been down while a market that it serves was in session.
#[derive(Debug, Default)]
struct Down {
    /// Seconds that are over.
    counted: i64,
    /// Since when they are being counted now.
    since: Option<i64>,
}

impl Source {
    /// Counts from `now` on, or does not.
    fn count(&mut self, now: i64) {
        let Some(down) = &mut self.down else { return };
        match (self.in_session, down.since) {
            (true, None) => down.since = Some(now),
            (false, Some(_)) => *down = Down { counted: down.seconds(now), since: None },
            _ => {}
        }
    }
}

impl Down {
    fn seconds(&self, now: i64) -> i64 {
        self.counted + self.since.map_or(0, |it| (now - it).max(0))
    }
}

impl Engine {
    /// Takes what happens to the session `source`.
    pub fn handle_upstream(&mut self, source: &str, report: Report<'_>, now: Timestamp) {
        let now = now.unix_seconds();
        self.deadline = Deadline::Unknown;
        let (event, detail, width) = match report {
            Report::Down => {
                let known = self.sources.entry(source.to_owned()).or_default();
                known.down.get_or_insert_default();
                known.count(now);
                return self.tell_down(now);
            }
            Report::InSession(in_session) => {
                let known = self.sources.entry(source.to_owned()).or_default();
                known.in_session = in_session;
                known.count(now);
                return self.tell_down(now);
            }
            Report::Up => return self.tell_up(source, now),
            Report::InUseElsewhere => (UpstreamEvent::InUseElsewhere, None, None),
            Report::SlotsFull { topic } => (UpstreamEvent::SlotsFull, Some(topic.to_owned()), None),
            Report::TokenRefused { code } => {
                (UpstreamEvent::TokenRefused, Some(code.to_owned()), None)
            }
            Report::UnknownWidth { stream, columns } => {
                let detail = format!("{stream}, {columns}");
                (UpstreamEvent::UnknownWidth, Some(detail), Some((stream, columns)))
            }
        };
        self.each_upstream(now, |condition, memory, facts| {
            if condition.tells(memory, event, width, now) {
                let (source, detail) = (source.to_owned(), detail.clone());
                facts.push(Fact::Upstream { event, source, seconds: None, detail });
            }
        });
    }

    /// Forgets every session but those that are `known`, and that they were told to be down.
    pub fn retain_sources(&mut self, known: impl Fn(&str) -> bool) {
        self.sources.retain(|source, _| known(source));
        for (index, active) in self.rules.iter_mut().enumerate() {
            let Some(active) = active else { continue };
            if let Memory::Upstream(memory) = &mut active.state.memory
                && memory.retain_down(&known)
                && !active.changed
            {
                active.changed = true;
                self.changed.push(index);
            }
        }
        self.deadline = Deadline::Unknown;
    }

    fn tell_up(&mut self, source: &str, now: i64) {
        let down = self.sources.entry(source.to_owned()).or_default().down.take();
        self.each_upstream(now, |_, memory, facts| {
            if memory.recovers(source) {
                let seconds = down.as_ref().map_or(0, |it| it.seconds(now));
                facts.push(Fact::Recovered { source: source.to_owned(), seconds });
            }
        });
    }

    pub(super) fn tell_down(&mut self, now: i64) {
        let down = self.down().map(|(source, it)| (source.to_owned(), it.seconds(now)));
        for (source, seconds) in down.collect::<Vec<_>>() {
            self.each_upstream(now, |condition, memory, facts| {
                if condition.tells_down(memory, &source, seconds) {
                    let (event, source) = (UpstreamEvent::Down, source.clone());
                    let seconds = Some(seconds);
                    facts.push(Fact::Upstream { event, source, seconds, detail: None });
                }
            });
        }
    }

    /// The sessions that are down while a market they serve is open.
    fn down(&self) -> impl Iterator<Item = (&str, &Down)> {
        let down =
            self.sources.iter().filter_map(|(source, it)| Some((&**source, it.down.as_ref()?)));
        down.filter(|it| it.1.since.is_some())
    }

    pub(super) fn down_deadlines(&self) -> impl Iterator<Item = i64> {
        let upstream =
            self.rules.iter().flatten().filter_map(|it| match (&it.rule.when, &it.state.memory) {
                (Condition::Upstream(condition), Memory::Upstream(memory))
                    if it.is_on(i64::MIN) && condition.events.contains(&UpstreamEvent::Down) =>
                {
                    Some((i64::from(condition.down_seconds), memory))
                }
                _ => None,
            });
        upstream.flat_map(|(seconds, memory)| {
            let untold = self.down().filter(|it| !memory.is_down(it.0));
            untold.filter_map(move |(_, down)| Some(down.since? + seconds - down.counted))
        })
    }

    fn each_upstream(
        &mut self,
        now: i64,
        mut observe: impl FnMut(&Upstream, &mut UpstreamMemory, &mut Vec<Fact>),
    ) {
        for (index, active) in self.rules.iter_mut().enumerate() {
            let Some(active) = active.as_mut().filter(|it| it.is_on(now)) else { continue };
            let (Condition::Upstream(condition), Memory::Upstream(memory)) =
                (&active.rule.when, &mut active.state.memory)
            else {
                continue;
            };
            observe(condition, memory, &mut self.facts);
            if self.facts.is_empty() {
                continue;
            }
            if !active.changed {
                self.changed.push(index);
            }
            let found = Found { now, record: None };
            active.fire(&mut self.facts, found, &mut self.found);
        }
    }
}
