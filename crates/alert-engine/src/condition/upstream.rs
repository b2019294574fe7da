use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{some, within};
use crate::rule::RuleError;

/// Something is wrong between this server and KIS.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Upstream {
    /// What counts.
    #[serde(default = "all")]
    pub events: Vec<UpstreamEvent>,
    /// How many seconds a session must have been down before that counts. Only
    /// those in which a market that it serves is in session are counted.
    #[serde(default = "down_seconds")]
    pub down_seconds: u32,
}

/// What can be wrong upstream.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UpstreamEvent {
    /// The session is down while a market it serves is open; its return is told
    /// as well.
    Down,
    /// Another program uses the app key.
    InUseElsewhere,
    /// KIS has no registration left.
    SlotsFull,
    /// KIS has refused a token or an approval key.
    TokenRefused,
    /// A record has a width that is not known.
    UnknownWidth,
}

/// A rule's memory of what it has told.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct UpstreamMemory {
    /// The sessions that are down.
    down: BTreeSet<String>,
    /// Streams and widths.
    widths: BTreeSet<(String, u32)>,
    /// When, of the other events.
    told: BTreeMap<UpstreamEvent, i64>,
}

/// For how many seconds the same trouble is told once: forty topics are refused
/// when there is no slot left for forty.
const REPEAT_SECONDS: i64 = 600;

/// How many widths are remembered. More are no drift but garbage.
const WIDTHS_MAX: usize = 64;

const ALL: &str = "down, in_use_elsewhere, slots_full, token_refused, unknown_width";

fn all() -> Vec<UpstreamEvent> {
    use UpstreamEvent::{Down, InUseElsewhere, SlotsFull, TokenRefused, UnknownWidth};
    vec![Down, InUseElsewhere, SlotsFull, TokenRefused, UnknownWidth]
}

fn down_seconds() -> u32 {
    30
}

impl Upstream {
    pub(super) fn check(&self) -> Result<(), RuleError> {
        some("when.upstream.events", &self.events, ALL)?;
        within("when.upstream.down_seconds", self.down_seconds, 0..=3_600)
    }

    /// Whether a session that is down for `seconds` is to be told.
    pub(crate) fn tells_down(
        &self,
        memory: &mut UpstreamMemory,
        source: &str,
        seconds: i64,
    ) -> bool {
        self.events.contains(&UpstreamEvent::Down)
            && seconds >= i64::from(self.down_seconds)
            && memory.down.insert(source.to_owned())
    }

    /// Whether an event that does not last is to be told at `now`. `width` is
    /// the stream and the columns of a record.
    pub(crate) fn tells(
        &self,
        memory: &mut UpstreamMemory,
        event: UpstreamEvent,
        width: Option<(&str, u32)>,
        now: i64,
    ) -> bool {
        if !self.events.contains(&event) {
            return false;
        }
        if let Some((stream, columns)) = width {
            return memory.widths.len() < WIDTHS_MAX
                && memory.widths.insert((stream.to_owned(), columns));
        }
        let recent = memory.told.get(&event).is_some_and(|it| now - it < REPEAT_SECONDS);
        if !recent {
            memory.told.insert(event, now);
        }
        !recent
    }
}

impl UpstreamMemory {
    /// Whether the session had been told to be down, and forgets that.
    pub(crate) fn recovers(&mut self, source: &str) -> bool {
        self.down.remove(source)
    }

    /// Forgets that others than those `known` had been told to be down; whether there were any.
    pub(crate) fn retain_down(&mut self, known: impl Fn(&str) -> bool) -> bool {
        let before = self.down.len();
        self.down.retain(|it| known(it));
        self.down.len() < before
    }

    pub(crate) fn is_down(&self, source: &str) -> bool {
        self.down.contains(source)
    }
}
