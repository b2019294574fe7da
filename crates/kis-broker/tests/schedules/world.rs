//! A session, its driver and owner, and KIS, on a pretended clock.

use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};

use kis_broker::{Action, Allowance, ApprovalKey, Event, Session, SessionConfig, SessionState};
use kis_protocol::Topic;

use crate::{
    kis::{Kis, REGISTRATIONS_MAX},
    random::Random,
};

const SECOND: Duration = Duration::from_secs(1);
/// How long KIS misbehaves.
const CHAOS: Duration = Duration::from_secs(1200);
/// How long it is watched afterwards.
const STEADY: Duration = Duration::from_secs(400);
/// How long everything may take to be well again: the longest delays one after the other.
const CALM: Duration = Duration::from_secs(7200);

pub(crate) struct World {
    start: Instant,
    now: Instant,
    /// Whether to print what happens.
    verbose: bool,
    random: Random,
    config: SessionConfig,
    session: Session,
    kis: Kis,
    ping_every: Duration,
    /// Whether answers get lost or late in this schedule, so that repetition is in order.
    unreliable: bool,
    connecting: Option<(Instant, bool)>,
    fetching: Option<(Instant, bool)>,
    /// What the owner wants, as far as it has not been refused.
    wanted: BTreeSet<Topic>,
    /// What the owner was told is coming in.
    live: BTreeSet<Topic>,
    /// What the owner has given up and was not told to be released.
    releasing: BTreeSet<Topic>,
    /// Whether the owner believes the link to be open.
    connected: bool,
    sent_at: Option<Instant>,
    spent: Spent,
    totals: Totals,
}

/// When what was spent.
#[derive(Default)]
pub(crate) struct Spent {
    pub(crate) connects: Vec<Instant>,
    pub(crate) registrations: Vec<Instant>,
    pub(crate) releases: Vec<Instant>,
    pub(crate) approvals: Vec<Instant>,
}

/// What happened in all schedules.
#[derive(Debug, Default)]
pub(crate) struct Totals {
    subscribed: usize,
    refused: usize,
    released: usize,
    lost: usize,
    topics_lost: usize,
    in_use: usize,
    unapproved: usize,
    duplicates: usize,
    over_limit: usize,
    budget_spent: usize,
    live_at_end: usize,
}

impl Totals {
    pub(crate) fn add(&mut self, other: &Self) {
        self.subscribed += other.subscribed;
        self.refused += other.refused;
        self.released += other.released;
        self.lost += other.lost;
        self.topics_lost += other.topics_lost;
        self.in_use += other.in_use;
        self.unapproved += other.unapproved;
        self.duplicates += other.duplicates;
        self.over_limit += other.over_limit;
        self.budget_spent += other.budget_spent;
        self.live_at_end += other.live_at_end;
    }

    /// Whether everything that can happen has happened.
    pub(crate) fn is_thorough(&self) -> bool {
        [self.refused, self.released, self.topics_lost, self.in_use, self.unapproved]
            .into_iter()
            .chain([self.duplicates, self.over_limit, self.budget_spent, self.live_at_end])
            .all(|it| it > 0)
    }
}

impl World {
    pub(crate) fn new(seed: u64, verbose: bool) -> Self {
        let now = Instant::now();
        let mut random = Random(seed);
        let mut config = SessionConfig::default();
        if random.chance(20) {
            // Tight enough to be used up.
            config.budgets.registrations = Allowance { count: 120, window: 600 * SECOND };
            config.budgets.releases.count = 30;
            config.budgets.connects.count = 8;
            config.budgets.approvals.count = 3;
        }
        Self {
            start: now,
            now,
            verbose,
            session: Session::new(config.clone(), seed, now),
            config,
            kis: Kis::new(if random.chance(10) { 20 } else { REGISTRATIONS_MAX }, now),
            ping_every: *random.pick(&[10 * SECOND, 60 * SECOND, 105 * SECOND]),
            unreliable: random.chance(50),
            random,
            connecting: None,
            fetching: None,
            wanted: BTreeSet::new(),
            live: BTreeSet::new(),
            releasing: BTreeSet::new(),
            connected: false,
            sent_at: None,
            spent: Spent::default(),
            totals: Totals::default(),
        }
    }

    pub(crate) fn run(mut self) -> Totals {
        self.session.handle_timeout(self.now);
        let end = self.now + CHAOS;
        let (mut wish_at, mut fault_at) = (self.now, self.now);
        while self.now < end {
            if wish_at <= self.now {
                self.wish();
                wish_at = self.now + self.random.millis(50, 8_000);
            }
            if fault_at <= self.now {
                self.fault();
                fault_at = self.now + self.random.millis(100, 60_000);
            }
            self.step(wish_at.min(fault_at).min(end));
        }
        self.calm_down();
        self.recover();
        // What is well stays well, but that seldom signs of life are first taken for silence; the
        // slot may then be held for a while, and the approval key be forgotten.
        let lost = self.totals.lost;
        let end = self.now + STEADY;
        while self.now < end {
            self.step(end);
        }
        let losses = if self.ping_every > self.config.silence_max { 3 } else { 0 };
        assert!(self.totals.lost - lost <= losses, "a healthy link was given up");
        self.recover();
        self.check_all_is_well();
        self.shut_down();
        self.totals.in_use += self.kis.seen.in_use;
        self.totals.unapproved += self.kis.seen.unapproved;
        self.totals.duplicates += self.kis.seen.duplicates;
        self.totals.over_limit += self.kis.seen.over_limit;
        self.totals
    }

    /// The owner wants something, or no more.
    fn wish(&mut self) {
        for _ in 0..=self.random.below(12) {
            let number = self.random.below(60);
            let name = if number < 3 { format!("BAD{number}") } else { format!("{number:06}") };
            let topic = Topic::new("H0STCNT0", &name);
            let wants = self.random.chance(70);
            self.print(if wants { "wants" } else { "drops" }, &topic);
            if wants {
                self.wanted.insert(topic.clone());
                self.releasing.remove(&topic);
                self.live.remove(&topic);
                self.session.subscribe(topic, self.now);
            } else {
                self.releasing.extend(self.wanted.take(&topic));
                self.live.remove(&topic);
                self.session.unsubscribe(&topic, self.now);
            }
            self.serve();
        }
    }

    fn fault(&mut self) {
        let (now, random) = (self.now, &mut self.random);
        let faults = &mut self.kis.faults;
        match random.below(if self.unreliable { 9 } else { 7 }) {
            0 | 1 => self.drop_link(),
            2 => {
                if let Some(link) = &mut self.kis.link {
                    link.half_open = true;
                }
            }
            3 => faults.no_sockets_until = Some(now + random.millis(1, 90_000)),
            4 => faults.no_keys_until = Some(now + random.millis(1, 90_000)),
            5 => self.kis.forget_keys(),
            6 => {
                let codes = ["OPSP0007", "OPSP0009", "OPSP8991", "OPSP8999", "OPSP9995"];
                faults.refuse.push_back(*random.pick(&codes));
            }
            7 => faults.forget += 1 + random.below(6),
            _ => faults.delay += 1 + random.below(6),
        }
    }

    fn drop_link(&mut self) {
        let held = *self.random.pick(&[Duration::ZERO, 18 * SECOND, 200 * SECOND]);
        if self.kis.link.is_some() {
            self.kis.close(self.now, held);
            self.session.handle_closed(self.now);
            self.serve();
        }
    }

    fn calm_down(&mut self) {
        self.kis.faults = Default::default();
        self.kis.release_slot(self.now);
    }

    /// Lets time pass up to the next thing that happens, at most up to `end`.
    fn step(&mut self, end: Instant) {
        let pending = [self.connecting.map(|it| it.0), self.fetching.map(|it| it.0)];
        let wake = self.session.poll_timeout(self.now);
        assert!(wake.is_none_or(|it| it > self.now), "asks to be woken in the past");
        let next = pending.into_iter().chain([wake, self.kis.next_at()]).flatten().min();
        self.now = next.map_or(end, |it| it.clamp(self.now, end));
        let now = self.now;

        if let Some((_, fails)) = self.fetching.take_if(|it| it.0 <= now) {
            match fails {
                true => self.session.handle_approval_failed(self.random.chance(50), now),
                false => self.session.handle_approval(ApprovalKey::new(&self.kis.issue_key()), now),
            }
        }
        if let Some((_, fails)) = self.connecting.take_if(|it| it.0 <= now) {
            if fails {
                self.session.handle_closed(now);
            } else {
                self.kis.open(now, self.ping_every);
                self.session.handle_opened(now);
            }
        }
        self.serve();
        while let Some(delivery) = self.kis.deliver(now) {
            self.print("got", &delivery.as_deref().unwrap_or("the end"));
            match delivery {
                Some(text) => drop(self.session.handle_text(&text, now).unwrap()),
                None => {
                    self.kis.close(now, Duration::ZERO);
                    self.session.handle_closed(now);
                }
            }
            self.serve();
        }
        self.session.handle_timeout(now);
        self.serve();
        self.check_limits();
    }

    /// Does what a driver does after every input.
    fn serve(&mut self) {
        let now = self.now;
        for turn in 0.. {
            assert!(turn < 1000, "the session is never satisfied");
            if let Some(event) = self.session.poll_event() {
                self.told(event);
            } else if let Some(action) = self.session.poll_action() {
                self.act(action);
            } else if let Some(text) = self.session.poll_transmit(now) {
                self.print("sent", &text);
                self.sent(&text);
                self.kis.take(&text, now, &mut self.random);
            } else {
                break;
            }
        }
    }

    fn check_limits(&self) {
        let status = self.session.status(self.now);
        assert!(
            status.wanted <= REGISTRATIONS_MAX
                && (self.unreliable || status.slots_used <= REGISTRATIONS_MAX),
            "{status:?}"
        );
        assert_eq!(status.wanted, self.wanted.len(), "the owner was told of every refusal");
    }

    fn act(&mut self, action: Action) {
        let (now, budgets) = (self.now, self.config.budgets);
        let soon = now + self.random.millis(1, 400);
        match action {
            Action::FetchApproval => {
                spend(&mut self.spent.approvals, budgets.approvals, now);
                let fails = self.kis.faults.no_keys_until.is_some_and(|it| it > now);
                assert!(
                    self.fetching.replace((soon, fails)).is_none(),
                    "fetches one key at a time"
                );
            }
            Action::Connect => {
                spend(&mut self.spent.connects, budgets.connects, now);
                assert!(self.kis.link.is_none(), "one socket at a time");
                let fails = self.kis.faults.no_sockets_until.is_some_and(|it| it > now);
                assert!(self.connecting.replace((soon, fails)).is_none());
            }
            Action::Disconnect | Action::Close => {
                self.connecting = None;
                let held = *self.random.pick(&[Duration::ZERO, 18 * SECOND]);
                self.kis.close(now, held);
            }
        }
    }

    fn sent(&mut self, text: &str) {
        let (now, budgets) = (self.now, self.config.budgets);
        let json: serde_json::Value = serde_json::from_str(text).unwrap();
        match json["header"]["tr_type"].as_str() {
            Some("1") => spend(&mut self.spent.registrations, budgets.registrations, now),
            Some("2") => spend(&mut self.spent.releases, budgets.releases, now),
            _ => return,
        }
        let interval = match self.session.state() {
            SessionState::Stopping => self.config.shutdown_interval,
            _ => self.config.request_interval,
        };
        assert!(self.sent_at.is_none_or(|it| now >= it + interval), "requests are paced");
        self.sent_at = Some(now);
    }

    fn print(&self, what: &str, text: &dyn std::fmt::Display) {
        if self.verbose {
            println!("{:9.3} {what} {text}", (self.now - self.start).as_secs_f64());
        }
    }

    fn told(&mut self, event: Event) {
        self.print("told", &format_args!("{event:?}"));
        match event {
            Event::Connected => {
                assert!(!std::mem::replace(&mut self.connected, true));
                // Pacing is a matter of one link.
                self.sent_at = None;
            }
            Event::Lost { topics, .. } => {
                self.totals.lost += 1;
                self.totals.topics_lost += topics.len();
                assert!(std::mem::replace(&mut self.connected, false), "a loss is told once");
                for topic in std::mem::take(&mut self.live) {
                    assert!(topics.contains(&topic), "no word of a gap in {topic}");
                }
                assert!(topics.iter().all(|it| self.wanted.contains(it)));
            }
            Event::Subscribed(topic) => {
                self.totals.subscribed += 1;
                assert!(self.wanted.contains(&topic), "{topic} is not wanted");
                assert!(self.live.insert(topic), "told twice");
            }
            Event::Interrupted(topic) => {
                assert!(self.live.remove(&topic), "{topic} was not live");
            }
            Event::Refused { topic, .. } => {
                self.totals.refused += 1;
                assert!(self.wanted.remove(&topic), "{topic} is not wanted");
                assert!(!self.live.contains(&topic));
            }
            Event::Released(topic) => {
                self.totals.released += 1;
                assert!(self.releasing.remove(&topic), "{topic} was not given up");
            }
            Event::BudgetSpent { .. } => self.totals.budget_spent += 1,
            _ => {}
        }
    }

    fn recover(&mut self) {
        let end = self.now + CALM;
        while self.now < end && !self.is_well() {
            self.step(end);
        }
    }

    fn is_well(&self) -> bool {
        let registered = self.kis.link.as_ref().map_or(0, |it| it.registered.len());
        let half_open = self.kis.link.as_ref().is_some_and(|it| it.half_open);
        self.live.len() == self.wanted.len() && registered == self.live.len() && !half_open
    }

    fn check_all_is_well(&mut self) {
        let status = self.session.status(self.now);
        let wanted: BTreeSet<String> = self.wanted.iter().map(ToString::to_string).collect();
        let registered = self.kis.link.as_ref().map(|it| it.registered.clone());
        if !wanted.is_empty() {
            assert_eq!(registered.as_ref(), Some(&wanted), "{status:?}");
        }
        assert_eq!(self.live, self.wanted, "every wanted topic was told to be live");
        assert_eq!((status.present, status.slots_used), (wanted.len(), wanted.len()));
        assert_eq!(self.kis.seen.unechoed, 0, "every PINGPONG was echoed in time");
        if !self.unreliable {
            assert_eq!(self.kis.seen.duplicates, 0, "nothing was registered twice");
            let surprised = self.kis.registrations_max < REGISTRATIONS_MAX;
            assert!(surprised || self.kis.seen.over_limit == 0, "never more than KIS holds");
        }
        self.totals.live_at_end += wanted.len();
    }

    fn shut_down(&mut self) {
        let (start, held) = (self.now, self.session.status(self.now).present);
        let releases_left = self.session.status(self.now).releases_left;
        assert_eq!(self.releasing, BTreeSet::new(), "the owner was told of every release");
        self.releasing = std::mem::take(&mut self.wanted);
        self.live.clear();
        self.session.shutdown(self.now);
        self.serve();
        let mut left = self.kis.link.as_ref().map_or(0, |it| it.registered.len());
        while self.session.state() != SessionState::Closed {
            left = self.kis.link.as_ref().map_or(0, |it| it.registered.len());
            self.step(start + 2 * SECOND);
        }
        assert!(self.now <= start + self.config.shutdown_max, "it ends in time");
        assert!(self.kis.link.is_none(), "the socket is closed");
        if releases_left >= held {
            assert_eq!(left, 0, "everything was released before");
        }
        assert_eq!(self.session.poll_timeout(self.now), None);
        assert_eq!(self.releasing, BTreeSet::new());
    }
}

/// Records a spending and checks that the window holds no more than allowed.
pub(crate) fn spend(spent: &mut Vec<Instant>, allowance: Allowance, now: Instant) {
    spent.push(now);
    let recent = spent.iter().rev().take_while(|it| **it + allowance.window > now).count();
    assert!(recent <= allowance.count, "{recent} spent of {allowance:?}");
}
