//! One key of a pool: its session, the session's driver, and KIS as that key sees it.

use std::time::{Duration, Instant};

use kis_broker::{Action, ApprovalKey, Event, KeyId, Session, SessionConfig, Wish};

use crate::{
    kis::Kis,
    random::Random,
    world::{Spent, spend},
};

pub(crate) struct Member {
    pub(crate) key: KeyId,
    pub(crate) hts_id: Option<String>,
    pub(crate) removed: bool,
    pub(crate) session: Session,
    pub(crate) config: SessionConfig,
    pub(crate) kis: Kis,
    ping_every: Duration,
    connecting: Option<(Instant, bool)>,
    fetching: Option<(Instant, bool)>,
    /// Wishes on their way, and when the session takes them all.
    wishes: Vec<Wish>,
    wishes_at: Instant,
    spent: Spent,
}

impl Member {
    pub(crate) fn new(
        key: KeyId,
        hts_id: Option<String>,
        config: SessionConfig,
        random: &mut Random,
        now: Instant,
    ) -> Self {
        let surprise = if random.chance(10) { 3 } else { 0 };
        let held = config.topics_max - surprise;
        let seed = random.below(1 << 30) as u64;
        let seconds = *random.pick(&[10, 60, 105]);
        Self {
            key,
            hts_id,
            removed: false,
            session: Session::new(config.clone(), seed, now),
            config,
            kis: Kis::new(held, now),
            ping_every: Duration::from_secs(seconds),
            connecting: None,
            fetching: None,
            wishes: Vec::new(),
            wishes_at: now,
            spent: Spent::default(),
        }
    }

    pub(crate) fn surprises(&self) -> bool {
        self.kis.registrations_max < self.config.topics_max
    }

    pub(crate) fn registered(&self) -> impl Iterator<Item = &String> {
        self.kis.link.iter().filter(|it| !it.half_open).flat_map(|it| &it.registered)
    }

    pub(crate) fn wish(&mut self, wish: Wish, random: &mut Random, now: Instant) {
        if self.wishes.is_empty() {
            self.wishes_at = now + random.millis(0, 20);
        }
        self.wishes.push(wish);
    }

    /// When something happens to it next.
    pub(crate) fn next_at(&self, now: Instant) -> Option<Instant> {
        let wake = self.session.poll_timeout(now);
        assert!(wake.is_none_or(|it| it > now), "asks to be woken in the past");
        let wishes = (!self.wishes.is_empty()).then_some(self.wishes_at);
        let pending = [self.connecting.map(|it| it.0), self.fetching.map(|it| it.0)];
        pending.into_iter().chain([wake, wishes, self.kis.next_at()]).flatten().min()
    }

    /// Does the next thing that is due; `false` when nothing is.
    pub(crate) fn advance(&mut self, random: &mut Random, now: Instant) -> bool {
        if !self.wishes.is_empty() && self.wishes_at <= now {
            for wish in std::mem::take(&mut self.wishes) {
                match wish {
                    Wish::Subscribe(topic) => self.session.subscribe(topic, now),
                    Wish::Unsubscribe(topic) => self.session.unsubscribe(&topic, now),
                    Wish::Shutdown => self.session.shutdown(now),
                }
            }
        } else if let Some((_, fails)) = self.fetching.take_if(|it| it.0 <= now) {
            match fails {
                true => self.session.handle_approval_failed(random.chance(50), now),
                false => self.session.handle_approval(ApprovalKey::new(&self.kis.issue_key()), now),
            }
        } else if let Some((_, fails)) = self.connecting.take_if(|it| it.0 <= now) {
            if fails {
                self.session.handle_closed(now);
            } else {
                self.kis.open(now, self.ping_every);
                self.session.handle_opened(now);
            }
        } else if let Some(delivery) = self.kis.deliver(now) {
            match delivery {
                Some(text) => drop(self.session.handle_text(&text, now).unwrap()),
                None => {
                    self.kis.close(now, Duration::ZERO);
                    self.session.handle_closed(now);
                }
            }
        } else if self.session.poll_timeout(now).is_some_and(|it| it <= now) {
            self.session.handle_timeout(now);
        } else {
            return false;
        }
        true
    }

    /// What the session tells next; what it has to do before that is done.
    pub(crate) fn serve(&mut self, random: &mut Random, now: Instant) -> Option<Event> {
        loop {
            if let Some(event) = self.session.poll_event() {
                return Some(event);
            } else if let Some(action) = self.session.poll_action() {
                self.act(action, random, now);
            } else if let Some(text) = self.session.poll_transmit(now) {
                let budgets = self.config.budgets;
                if text.contains(r#""tr_type":"1""#) {
                    spend(&mut self.spent.registrations, budgets.registrations, now);
                } else if text.contains(r#""tr_type":"2""#) {
                    spend(&mut self.spent.releases, budgets.releases, now);
                }
                self.kis.take(&text, now, random);
            } else {
                return None;
            }
        }
    }

    pub(crate) fn drop_link(&mut self, random: &mut Random, now: Instant) {
        if self.kis.link.is_some() {
            let held = *random.pick(&[0, 18, 200]);
            self.kis.close(now, Duration::from_secs(held));
            self.session.handle_closed(now);
        }
    }

    fn act(&mut self, action: Action, random: &mut Random, now: Instant) {
        let soon = now + random.millis(1, 400);
        match action {
            Action::FetchApproval => {
                spend(&mut self.spent.approvals, self.config.budgets.approvals, now);
                let fails = self.kis.faults.no_keys_until.is_some_and(|it| it > now);
                assert!(self.fetching.replace((soon, fails)).is_none(), "one key at a time");
            }
            Action::Connect => {
                spend(&mut self.spent.connects, self.config.budgets.connects, now);
                assert!(self.kis.link.is_none(), "one socket at a time");
                let fails = self.kis.faults.no_sockets_until.is_some_and(|it| it > now);
                assert!(self.connecting.replace((soon, fails)).is_none());
            }
            Action::Disconnect | Action::Close => {
                self.connecting = None;
                let held = *random.pick(&[0, 18]);
                self.kis.close(now, Duration::from_secs(held));
            }
        }
    }
}
