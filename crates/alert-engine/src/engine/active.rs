//! One rule at work: what it has found becomes a notification, or is held back.

use jiff::Timestamp;
use kis_protocol::{
    TrId,
    normalized::{Event, Normalized},
};

use super::{
    outbox::Outbox,
    state::{Ended, HeldBack, RuleState},
};
use crate::{
    band::Band,
    notification::{Fact, Notification, Severity},
    number::Number,
    quiet::Held,
    rule::Rule,
};

#[derive(Debug)]
pub(super) struct Active {
    pub(super) rule: Rule,
    pub(super) state: RuleState,
    pub(super) tr_ids: Vec<TrId>,
    /// Whether the state must be kept before anything is told.
    pub(super) changed: bool,
    /// Whether it has changed at all since it was last taken.
    pub(super) touched: bool,
    /// Until when the rule is evaluated; one that is disabled or over, not at
    /// all.
    on_until: i64,
}

/// Where and when something was found.
#[derive(Debug, Clone, Copy)]
pub(super) struct Found<'a> {
    pub(super) now: i64,
    pub(super) record: Option<&'a Normalized<'a>>,
}

impl Active {
    pub(super) fn new(rule: Rule, state: RuleState, tr_ids: Vec<TrId>) -> Self {
        let on = rule.enabled && state.ended.is_none();
        let expires = rule.expires.map_or(i64::MAX, Timestamp::as_second);
        let on_until = if on { expires } else { i64::MIN };
        Self { rule, state, tr_ids, changed: true, touched: true, on_until }
    }

    /// Whether records are to be evaluated at `now`.
    #[inline]
    pub(super) fn is_on(&self, now: i64) -> bool {
        now < self.on_until
    }

    /// The values around `seen` that would change nothing.
    pub(super) fn band(&self, seen: Option<Number>) -> Option<Band> {
        let alone = self.tr_ids.len() == 1;
        seen.filter(|_| alone).and_then(|it| self.rule.when.band(&self.state.memory, it))
    }

    /// When something has to be done without a record.
    pub(super) fn deadline(&self) -> Option<i64> {
        let expires = Some(self.on_until).filter(|it| (i64::MIN + 1..i64::MAX).contains(it));
        let held = self.state.held.as_ref().map(|it| it.until);
        expires.into_iter().chain(held).min()
    }

    /// Whether the record is of what the rule is about. Topics have sorted out
    /// the rest.
    #[inline]
    pub(super) fn is_about(&self, record: &Normalized<'_>) -> bool {
        match (&record.event, &self.rule.symbol) {
            (Event::Notice(_), Some(symbol)) => record.symbol == symbol,
            _ => true,
        }
    }

    /// What the rule has found is told, counted, or held back.
    pub(super) fn fire(&mut self, facts: &mut Vec<Fact>, found: Found<'_>, out: &mut Outbox) {
        let now = found.now;
        let cools = now < self.state.cooldown_until;
        for fact in facts.drain(..) {
            if self.state.ended.is_some() {
                return;
            }
            self.changed = true;
            let recovery = matches!(fact, Fact::Recovered { .. });
            if cools && !recovery {
                self.state.untold = self.state.untold.saturating_add(1);
                continue;
            }
            let severity = severity(&fact, self.rule.when.severity());
            if let Some(until) = self.quiet_until(severity, now) {
                if !self.hold_back(fact, until, found) {
                    continue;
                }
            } else {
                self.tell(fact, severity, found, out);
            }
            if !recovery {
                self.state.cooldown_until = now.saturating_add(i64::from(self.rule.cooldown()));
            }
            if !self.rule.repeats() {
                self.end(Ended::Fired);
            }
        }
    }

    /// What is due without a record: the end of the rule, and of quiet hours.
    pub(super) fn handle_timeout(&mut self, now: i64, out: &mut Outbox) {
        if let Some(held) = self.state.held.take_if(|it| it.until <= now) {
            self.changed = true;
            let HeldBack { count, first, last, .. } = held;
            let severity = severity(&last, self.rule.when.severity());
            let fact = match count {
                1 => last,
                _ => Fact::Held { count, first, last: Box::new(last) },
            };
            self.tell(fact, severity, Found { now, record: None }, out);
        }
        if self.on_until > i64::MIN && now >= self.on_until {
            self.changed = true;
            self.end(Ended::Expired);
        }
    }

    fn end(&mut self, ended: Ended) {
        self.state.ended = Some(ended);
        self.on_until = i64::MIN;
    }

    fn quiet_until(&self, severity: Severity, now: i64) -> Option<i64> {
        let quiet = self.rule.quiet.as_ref()?;
        if severity == Severity::Urgent && quiet.urgent_passes {
            return None;
        }
        let now = Timestamp::from_second(now).ok()?;
        quiet.ends(now).map(Timestamp::as_second)
    }

    /// Keeps a fact for the end of quiet hours; `false` when it is forgotten.
    fn hold_back(&mut self, fact: Fact, until: i64, found: Found<'_>) -> bool {
        if self.rule.quiet.as_ref().is_some_and(|it| it.held == Held::Drop) {
            return false;
        }
        let (count, first) = match &self.state.held {
            Some(held) => (held.count.saturating_add(1), held.first),
            None => (1, found.at()),
        };
        self.state.held = Some(HeldBack { until, count, first, last: fact });
        true
    }

    fn tell(&mut self, fact: Fact, severity: Severity, found: Found<'_>, out: &mut Outbox) {
        let (state, rule) = (&mut self.state, &self.rule);
        state.firings += 1;
        state.fired_at = Some(found.at());
        let name = rule.label.clone().or_else(|| found.name());
        out.push(Notification {
            id: format!("{}.{}.{}", rule.id, state.made, state.firings),
            rule: rule.id.clone(),
            severity,
            at: found.at(),
            stream: found.record.map(|it| it.tr_id.as_str().to_owned()),
            symbol: found.symbol().or_else(|| rule.symbol.clone()),
            name,
            currency: found.currency(),
            untold: std::mem::take(&mut state.untold),
            to: rule.to.clone(),
            fact,
        });
    }
}

impl Found<'_> {
    /// The exchange's clock, else ours.
    fn at(&self) -> Timestamp {
        let seconds = self.record.and_then(|it| it.time).map_or(self.now, |it| it.unix_seconds());
        Timestamp::from_second(seconds).unwrap_or(Timestamp::UNIX_EPOCH)
    }

    fn symbol(&self) -> Option<String> {
        self.record.map(|it| it.symbol.to_owned())
    }

    fn name(&self) -> Option<String> {
        match self.record?.event {
            Event::Notice(notice) => notice.name.map(str::to_owned),
            _ => None,
        }
    }

    fn currency(&self) -> Option<String> {
        use kis_protocol::Market::{Bond, Elw, Etf, OverseasStock, Stock};
        let record = self.record?;
        let money = matches!(record.market, Stock | Etf | Elw | Bond | OverseasStock)
            || matches!(record.event, Event::Notice(_));
        record.currency.filter(|_| money).map(str::to_owned)
    }
}

/// A fill matters as much as its kind; that a phase has begun is good to know.
fn severity(fact: &Fact, usual: Severity) -> Severity {
    use crate::condition::StatusEvent;
    match fact {
        Fact::Market { event: StatusEvent::Phase, .. } => Severity::Info,
        _ => usual,
    }
}
