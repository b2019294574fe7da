//! Which request is due, and when: pacing, room and allowances in one place.

use std::time::Instant;

use kis_protocol::control::{Request, TrType};

use super::{
    Link, Session,
    topics::{Actual, Entry},
};
use crate::{budget::BudgetKind, credentials::ApprovalKey};

/// A request that would close a gap.
#[derive(Debug, Clone, Copy)]
pub(super) struct Due {
    position: usize,
    tr_type: TrType,
    /// The earliest moment for it; none while the allowance is zero.
    pub(super) at: Option<Instant>,
}

impl Session {
    /// The text of the next request, if one may be sent now.
    pub(super) fn next_request(&mut self, now: Instant) -> Option<String> {
        let due = self.due_request(now)?;
        let (kind, budget) = match due.tr_type {
            TrType::Register => (BudgetKind::Registrations, &mut self.ledger.registrations),
            TrType::Release => (BudgetKind::Releases, &mut self.ledger.releases),
        };
        if due.at.is_none_or(|at| at > now) {
            if budget.left(now) == 0 {
                self.announce(kind);
            }
            return None;
        }
        budget.spend(now);
        self.spent(kind);
        let key = self.key().cloned()?;
        let entry = self.topics.iter_mut().nth(due.position)?;
        let text = request(entry, due.tr_type, &key);
        entry.attempts += 1;
        entry.asked = Some(due.tr_type);
        entry.actual = match due.tr_type {
            TrType::Register => Actual::Registering { sent: now },
            TrType::Release => Actual::Releasing { sent: now },
        };
        let interval = match self.link {
            Link::Stopping { .. } => self.config.shutdown_interval,
            _ => self.config.request_interval,
        };
        if let Some(open) = self.link.open_mut() {
            open.send_after = now + interval;
        }
        Some(text)
    }

    /// The request to be sent next: the earliest possible, registrations before releases, in
    /// the order the topics were wanted.
    pub(super) fn due_request(&self, now: Instant) -> Option<Due> {
        let open = self.link.open()?;
        self.key()?;
        let (occupied, limit) = (self.topics.occupied(), self.limit(now));
        let fresh_key = self.fresh_key(now);
        let due = self.topics.iter().enumerate().filter_map(|(position, entry)| {
            let tr_type = entry.due()?;
            let budget = match tr_type {
                TrType::Register if !fresh_key => return None,
                // One that may be registered already needs no further room.
                TrType::Register if occupied >= limit && !entry.taken() => return None,
                TrType::Register => &self.ledger.registrations,
                TrType::Release => &self.ledger.releases,
            };
            let at = budget.free_at(open.send_after.max(entry.ready));
            Some(Due { position, tr_type, at })
        });
        due.min_by_key(|it| (it.at.is_none(), it.at, it.tr_type == TrType::Release))
    }

    /// How many topics may be wanted.
    pub(super) fn limit(&self, now: Instant) -> usize {
        match self.full {
            Some((limit, until)) if now < until => limit.min(self.config.topics_max),
            _ => self.config.topics_max,
        }
    }

    /// Tells once that an allowance is used up.
    pub(super) fn announce(&mut self, budget: BudgetKind) {
        if !self.announced.contains(&budget) {
            self.announced.push(budget);
            self.events.push_back(super::Event::BudgetSpent { budget });
        }
    }

    /// An allowance could be spent again.
    pub(super) fn spent(&mut self, budget: BudgetKind) {
        self.announced.retain(|it| *it != budget);
    }
}

fn request(entry: &Entry, tr_type: TrType, key: &ApprovalKey) -> String {
    let (tr_id, tr_key) = (entry.topic.tr_id(), entry.topic.tr_key());
    Request { approval_key: key.expose(), tr_type, tr_id, tr_key }.to_json()
}
