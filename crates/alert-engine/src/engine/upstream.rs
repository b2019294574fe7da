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
    /// Whether a market that it serves is in session.
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

#[derive(Debug, Default)]
pub(super) struct Source {
    down_since: Option<i64>,
    in_session: bool,
}

impl Engine {
    /// Takes what happens to the session `source`.
    pub fn handle_upstream(&mut self, source: &str, report: Report<'_>, now: Timestamp) {
        let now = now.unix_seconds();
        self.deadline = Deadline::Unknown;
        let (event, detail, width) = match report {
            Report::Down => {
                let known = self.sources.entry(source.to_owned()).or_default();
                known.down_since.get_or_insert(now);
                return self.tell_down(now);
            }
            Report::InSession(in_session) => {
                self.sources.entry(source.to_owned()).or_default().in_session = in_session;
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

    fn tell_up(&mut self, source: &str, now: i64) {
        let since = self.sources.entry(source.to_owned()).or_default().down_since.take();
        self.each_upstream(now, |_, memory, facts| {
            if memory.recovers(source) {
                let seconds = since.map_or(0, |it| now - it);
                facts.push(Fact::Recovered { source: source.to_owned(), seconds });
            }
        });
    }

    pub(super) fn tell_down(&mut self, now: i64) {
        let down: Vec<_> = self.down().map(|(source, since)| (source.to_owned(), since)).collect();
        for (source, since) in down {
            self.each_upstream(now, |condition, memory, facts| {
                let seconds = now - since;
                if condition.tells_down(memory, &source, seconds) {
                    let (event, source) = (UpstreamEvent::Down, source.clone());
                    let seconds = Some(seconds);
                    facts.push(Fact::Upstream { event, source, seconds, detail: None });
                }
            });
        }
    }

    /// The sessions that are down while a market they serve is open.
    fn down(&self) -> impl Iterator<Item = (&str, i64)> {
        let open = self.sources.iter().filter(|it| it.1.in_session);
        open.filter_map(|(source, it)| Some((source.as_str(), it.down_since?)))
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
            untold.map(move |(_, since)| since + seconds)
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
            active.fire(&mut self.facts, found, &mut self.notifications);
        }
    }
}
