//! What one subscription has seen, and whether it is what it had to see.

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
    rc::Rc,
};

use relay_core::{Cause, Policy, UpstreamState};

/// All that ever happened to a topic, from its first subscriber until it is forgotten.
#[derive(Debug, Default)]
pub(super) struct Life {
    pub(super) number: u64,
    pub(super) seq: u64,
    pub(super) messages: BTreeMap<u64, String>,
    /// Numbers that stand for losses upstream.
    pub(super) losses: BTreeSet<u64>,
    pub(super) live: bool,
    pub(super) exposed: bool,
    pub(super) registered: bool,
    pub(super) left: Option<Left>,
}

impl Life {
    pub(super) fn state(&self) -> UpstreamState {
        if self.live { UpstreamState::Live } else { UpstreamState::Pending }
    }

    pub(super) fn lose(&mut self) {
        if self.exposed {
            self.seq += 1;
            self.losses.insert(self.seq);
            self.exposed = false;
            self.live = false;
        }
    }
}

/// Since when a topic has no subscribers.
#[derive(Debug, Clone, Copy)]
pub(super) struct Left {
    pub(super) step: usize,
    pub(super) noticed: Option<std::time::Instant>,
}

#[derive(Debug, Clone)]
pub(super) struct Reader {
    pub(super) life: Rc<RefCell<Life>>,
    pub(super) format: u8,
    pub(super) active: bool,
    policy: Policy,
    /// Whether it ever had these policies.
    skipped: bool,
    conflated: bool,
    /// The first number not yet seen.
    next: u64,
    /// The number of a snapshot that has not come yet.
    snapshot: Option<u64>,
    /// The last number of the replay it was promised.
    replay: u64,
    /// Announced since the last message.
    gaps: Vec<(u64, Option<u64>)>,
    /// Whether it knows that upstream has the topic; unknown while events may also be those
    /// of the subscription before.
    told_live: Option<bool>,
    /// Whether a refusal is yet to come.
    pub(super) refused: bool,
    /// The last message, or where the subscription began.
    pub(super) position: u64,
}

/// What a subscription was promised when it began.
#[derive(Clone, Copy)]
pub(super) struct Beginning {
    pub(super) format: u8,
    pub(super) policy: Policy,
    pub(super) next: u64,
    pub(super) snapshot: Option<u64>,
    /// Whether something of the subscription before may still be queued.
    pub(super) follows: bool,
}

type Verdict = Result<(), String>;

fn verdict(right: bool, reader: &Reader, what: &str) -> Verdict {
    if right { Ok(()) } else { Err(format!("{what}: {reader:?}")) }
}

impl Reader {
    pub(super) fn new(life: &Rc<RefCell<Life>>, beginning: Beginning) -> Self {
        let Beginning { format, policy, next, snapshot, follows } = beginning;
        let (seq, live) = (life.borrow().seq, life.borrow().live);
        let mut reader = Self {
            life: Rc::clone(life),
            format,
            active: true,
            policy,
            skipped: false,
            conflated: false,
            next,
            snapshot,
            replay: seq,
            gaps: Vec::new(),
            told_live: (!follows).then_some(live),
            refused: false,
            position: next - 1,
        };
        reader.set_policy(policy);
        reader
    }

    pub(super) fn set_policy(&mut self, policy: Policy) {
        self.policy = policy;
        self.skipped |= policy == Policy::Skip;
        self.conflated |= policy == Policy::Conflate;
    }

    pub(super) fn is_lossless(&self) -> bool {
        self.policy == Policy::Lossless
    }

    pub(super) fn message(&mut self, seq: u64, text: &str) -> Verdict {
        let life = Rc::clone(&self.life);
        let life = life.borrow();
        verdict(life.messages.get(&seq).is_some_and(|it| it == text), self, "not what was sent")?;
        if self.snapshot == Some(seq) {
            self.snapshot = None;
            return Ok(());
        }
        verdict(seq >= self.next, self, &format!("{seq} is late or came twice"))?;
        // A conflated snapshot gives way to a newer message like any other.
        self.snapshot = self.snapshot.filter(|_| !self.conflated);
        self.check_missing(seq, &life)?;
        verdict(self.gaps.iter().all(|(_, to)| to.is_none_or(|to| to < seq)), self, "no gap")?;
        self.snapshot = None;
        self.gaps.clear();
        self.next = seq + 1;
        self.position = seq;
        Ok(())
    }

    pub(super) fn gap(&mut self, from: u64, to: Option<u64>, cause: Cause) -> Verdict {
        let life = Rc::clone(&self.life);
        let life = life.borrow();
        let begin = match self.gaps.last() {
            Some((_, Some(to))) => self.next.max(to + 1),
            Some((_, None)) => from,
            None => self.next,
        };
        let exact = from == begin || self.snapshot == Some(from);
        verdict(exact || (self.conflated && from >= begin), self, "gap begins wrong")?;
        match (to, cause) {
            (Some(to), Cause::Slow) => {
                verdict(self.skipped || self.conflated, self, "nothing may be skipped")?;
                verdict(from <= to && to <= life.seq, self, "gap ends wrong")?;
                let begin = from.max(self.next);
                let upstream = begin <= to && life.losses.range(begin..=to).next().is_some();
                verdict(!upstream, self, "hides a loss upstream")?;
            }
            (None, Cause::Upstream) => {
                let lost = life.losses.range(self.next..).next().is_some();
                verdict(lost, self, "nothing was lost")?;
                self.told_live = self.told_live.map(|_| false);
            }
            _ => return Err(format!("{cause:?} gap to {to:?}")),
        }
        self.gaps.push((from, to));
        Ok(())
    }

    pub(super) fn live(&mut self) -> Verdict {
        verdict(self.told_live != Some(true), self, "told twice that it is live")?;
        self.told_live = self.told_live.map(|_| true);
        Ok(())
    }

    /// Nothing more is queued.
    pub(super) fn settled(&self) -> Verdict {
        let life = self.life.borrow();
        verdict(!self.refused, self, "refusal not told")?;
        if !self.active {
            return Ok(());
        }
        self.check_missing(life.seq + 1, &life)?;
        verdict(self.told_live.is_none_or(|it| it == life.live), self, "wrong idea of upstream")?;
        if self.policy == Policy::Conflate {
            let last = life.messages.last_key_value().map(|(&seq, _)| seq);
            verdict(last.is_none_or(|it| it < self.next || self.is_announced(it)), self, "latest")?;
        }
        Ok(())
    }

    /// Whether everything before `seq` has been seen or announced.
    fn check_missing(&self, seq: u64, life: &Life) -> Verdict {
        for missing in self.next..seq {
            let left_out = self.conflated && !life.losses.contains(&missing);
            let announced = self.is_announced(missing) && missing > self.replay;
            verdict(left_out || announced, self, &format!("{missing} is missing"))?;
        }
        if let Some(snapshot) = self.snapshot {
            // Or it gave way to a message that was lost itself when the policy changed.
            let replaced = self.conflated && !self.gaps.is_empty();
            verdict(replaced || self.is_announced(snapshot), self, "no snapshot")?;
        }
        Ok(())
    }

    fn is_announced(&self, seq: u64) -> bool {
        self.gaps.iter().any(|&(from, to)| from <= seq && to.is_none_or(|to| seq <= to))
    }
}
