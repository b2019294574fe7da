//! The life of a link: waiting, connecting, open, lost; and the approval key it needs.

use std::time::{Duration, Instant};

use kis_protocol::control::TrType;

use super::{Action, Event, Loss, Refusal, Session};
use crate::{
    budget::{Budget, BudgetKind},
    credentials::ApprovalKey,
};

/// After this long without an extraordinary silence, the watchdog is strict again.
const PATIENCE_MEMORY: Duration = Duration::from_secs(3600);

/// Where the link stands.
#[derive(Debug)]
pub(super) enum Link {
    /// There is no socket until then; with nothing wanted, after a loss, not even then.
    Waiting { until: Instant },
    /// The driver was told to open a socket.
    Connecting,
    /// The socket is open.
    Open(Open),
    /// The socket is open, and topics are being released before it is closed.
    Stopping { open: Open, deadline: Instant },
    /// The session has ended.
    Over,
}

/// An open socket.
#[derive(Debug, Clone, Copy)]
pub(super) struct Open {
    since: Instant,
    /// When the last text came.
    heard: Instant,
    /// When the last silence longer than usual ended, or the socket was opened.
    calm_since: Instant,
    /// When the next request may be sent.
    pub(super) send_after: Instant,
    /// Whether KIS has accepted a registration.
    pub(super) proven: bool,
}

impl Open {
    pub(super) fn new(now: Instant) -> Self {
        Self { since: now, heard: now, calm_since: now, send_after: now, proven: false }
    }

    pub(super) fn hear(&mut self, now: Instant, silence_max: Duration) {
        if now.saturating_duration_since(self.heard) > silence_max {
            self.calm_since = now;
        }
        self.heard = now;
    }
}

impl Link {
    pub(super) fn open(&self) -> Option<&Open> {
        match self {
            Self::Open(open) | Self::Stopping { open, .. } => Some(open),
            _ => None,
        }
    }

    pub(super) fn open_mut(&mut self) -> Option<&mut Open> {
        match self {
            Self::Open(open) | Self::Stopping { open, .. } => Some(open),
            _ => None,
        }
    }
}

/// Where the approval key stands.
#[derive(Debug)]
pub(super) enum Approval {
    /// There is none; one may be asked for from then on.
    Missing { after: Instant },
    /// The driver was told to fetch one.
    Fetching,
    /// There is one.
    Held { key: ApprovalKey, since: Instant },
}

impl Session {
    /// When to call `handle_timeout`, or `poll_transmit` again.
    #[must_use]
    pub fn poll_timeout(&self, now: Instant) -> Option<Instant> {
        let link = match &self.link {
            Link::Waiting { .. } if !self.wants_link() => None,
            Link::Waiting { until } if self.fresh_key(now) => self.ledger.connects.free_at(*until),
            Link::Waiting { until } => self.key_due(*until),
            Link::Open(open) => Some(open.heard + self.patience),
            Link::Stopping { deadline, .. } => Some(*deadline),
            Link::Connecting | Link::Over => None,
        };
        let key = match &self.link {
            Link::Open(_) if self.wants_key(now) => self.key_due(now),
            _ => None,
        };
        let overdue = self.topics.iter().filter_map(|it| it.outstanding()).min();
        let overdue = overdue.filter(|_| self.link.open().is_some());
        let overdue = overdue.map(|sent| sent + self.config.answer_max);
        let request = self.due_request(now).and_then(|it| it.at);
        [link, key, overdue, request].into_iter().flatten().min()
    }

    /// Does what has become due by `now`.
    pub(super) fn advance(&mut self, now: Instant) {
        if let Link::Open(open) | Link::Stopping { open, .. } = &self.link {
            if open.heard + self.patience <= now {
                self.patience = (self.patience * 2).min(self.config.silence_limit);
                self.patience = self.patience.max(self.config.silence_max);
                self.actions.push_back(Action::Disconnect);
                self.lose(Loss::Silent, now);
            } else if open.calm_since + PATIENCE_MEMORY <= now {
                self.patience = self.config.silence_max;
            }
        }
        if self.link.open().is_some() {
            self.repeat_unanswered(now);
        }
        self.end_stopping(now);
        self.renew_key(now);
        self.connect(now);
    }

    /// Records the end of the link, and when to try again. The driver drops the socket.
    pub(super) fn lose(&mut self, reason: Loss, now: Instant) {
        match &self.link {
            Link::Waiting { .. } | Link::Over => return,
            Link::Connecting => {
                let retry_in = self.reconnect.next(&mut self.jitter);
                self.link = Link::Waiting { until: now + retry_in };
                self.events.push_back(Event::Unreachable { retry_in });
                return;
            }
            Link::Stopping { .. } => return self.end(now),
            Link::Open(open) => {
                if open.proven || now >= open.since + self.config.proven_after {
                    self.reconnect.reset();
                }
            }
        }
        let backoff = match reason {
            Loss::InUseElsewhere => &mut self.slot,
            Loss::ApprovalRefused | Loss::Closed | Loss::Silent => &mut self.reconnect,
        };
        self.link = Link::Waiting { until: now + backoff.next(&mut self.jitter) };
        self.forget(reason, now);
    }

    fn forget(&mut self, reason: Loss, now: Instant) {
        self.echoes.clear();
        self.ciphers.clear();
        self.latest_cipher = None;
        self.full = None;
        let (topics, released) = self.topics.lose(now);
        self.events.push_back(Event::Lost { topics, reason });
        self.events.extend(released.into_iter().map(Event::Released));
    }

    /// A request never answered is sent again, a few times.
    fn repeat_unanswered(&mut self, now: Instant) {
        let (answer_max, attempts_max) = (self.config.answer_max, self.config.attempts_max);
        let mut over = Vec::new();
        for entry in self.topics.iter_mut() {
            if entry.outstanding().is_none_or(|sent| sent + answer_max > now) {
                continue;
            }
            match entry.attempts {
                attempts if attempts >= attempts_max => over.push((entry.topic.clone(), attempts)),
                _ => entry.fall_back(now),
            }
        }
        for (topic, attempts) in over {
            self.give_up(&topic, Refusal::Unanswered { attempts }, now);
        }
    }

    fn end_stopping(&mut self, now: Instant) {
        let Link::Stopping { deadline, .. } = self.link else { return };
        if now < deadline && self.topics.occupied() > 0 {
            return;
        }
        self.actions.push_back(Action::Close);
        self.end(now);
    }

    fn end(&mut self, now: Instant) {
        self.link = Link::Over;
        let (_, released) = self.topics.lose(now);
        self.events.extend(released.into_iter().map(Event::Released));
        self.events.push_back(Event::Closed);
    }

    fn renew_key(&mut self, now: Instant) {
        if !self.wants_key(now) {
            return;
        }
        match self.approval {
            Approval::Missing { after } if after <= now => {}
            Approval::Held { .. } => {}
            Approval::Missing { .. } | Approval::Fetching => return,
        }
        if spend(&mut self.ledger.approvals, now) {
            self.spent(BudgetKind::Approvals);
            self.approval = Approval::Fetching;
            self.actions.push_back(Action::FetchApproval);
        } else {
            self.announce(BudgetKind::Approvals);
        }
    }

    fn connect(&mut self, now: Instant) {
        let Link::Waiting { until } = self.link else { return };
        if until > now || !self.wants_link() || !self.fresh_key(now) {
            return;
        }
        if spend(&mut self.ledger.connects, now) {
            self.spent(BudgetKind::Connects);
            self.link = Link::Connecting;
            self.actions.push_back(Action::Connect);
        } else {
            self.announce(BudgetKind::Connects);
        }
    }

    /// Whether a socket is worth opening. The first one always is: it shows that KIS can be
    /// reached. Once lost, with nothing wanted, connecting again would be the idle loop KIS
    /// blocks app keys for.
    pub(super) fn wants_link(&self) -> bool {
        !self.opened || self.topics.wanted() > 0
    }

    /// Whether an approval key is needed and not at hand.
    fn wants_key(&self, now: Instant) -> bool {
        let needed = match &self.link {
            Link::Waiting { until } => *until <= now && self.wants_link(),
            Link::Open(_) => self.topics.iter().any(|it| match it.due() {
                Some(TrType::Register) => true,
                // KIS looks at the key's age only when it registers something.
                Some(TrType::Release) => self.key().is_none(),
                None => false,
            }),
            Link::Connecting | Link::Stopping { .. } | Link::Over => false,
        };
        needed && !self.fresh_key(now)
    }

    /// The earliest moment, not before `at`, to ask for a key.
    fn key_due(&self, at: Instant) -> Option<Instant> {
        match &self.approval {
            Approval::Missing { after } => self.ledger.approvals.free_at(at.max(*after)),
            Approval::Held { .. } => Some(at),
            Approval::Fetching => None,
        }
    }

    pub(super) fn key(&self) -> Option<&ApprovalKey> {
        match &self.approval {
            Approval::Held { key, .. } => Some(key),
            Approval::Missing { .. } | Approval::Fetching => None,
        }
    }

    /// Whether there is a key young enough for what comes next.
    pub(super) fn fresh_key(&self, now: Instant) -> bool {
        let age_max = match self.link {
            Link::Waiting { .. } => {
                self.config.approval_reuse_max.min(self.config.approval_age_max)
            }
            _ => self.config.approval_age_max,
        };
        match &self.approval {
            Approval::Held { since, .. } => *since + age_max > now,
            Approval::Missing { .. } | Approval::Fetching => false,
        }
    }
}

/// Spends one, if it may be spent now.
pub(super) fn spend(budget: &mut Budget, now: Instant) -> bool {
    let free = budget.free_at(now) == Some(now);
    if free {
        budget.spend(now);
    }
    free
}
