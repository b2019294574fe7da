//! A pool of one to four keys, its owner, and KIS, on a pretended clock.

use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};

use kis_broker::{
    Allowance, Event, KeySpec, Loss, Placement, PlacementConfig, Refusal, SessionConfig,
};
use kis_protocol::Topic;

use crate::{member::Member, random::Random};

const SECOND: Duration = Duration::from_secs(1);
const CHAOS: Duration = Duration::from_secs(1200);
const STEADY: Duration = Duration::from_secs(400);
const CALM: Duration = Duration::from_secs(7200);
const KEYS_MAX: usize = 4;

pub(crate) struct PoolWorld {
    start: Instant,
    now: Instant,
    verbose: bool,
    random: Random,
    pool: Placement,
    members: Vec<Member>,
    keys_made: usize,
    /// Whether answers get lost or late in this schedule, so that repetition is in order.
    unreliable: bool,
    tight: bool,
    /// What subscribers want, as far as it has not been refused; and what is pinned.
    wanted: BTreeSet<Topic>,
    pinned: BTreeSet<Topic>,
    /// Which topics KIS sends, as of the last change, and how many changes there were.
    sent: (usize, BTreeSet<String>),
    /// What the owner was told is coming in.
    live: BTreeSet<Topic>,
    /// What the owner was told of and KIS has stopped sending since, without word of a gap yet.
    untold: BTreeSet<Topic>,
    releasing: BTreeSet<Topic>,
    /// What the owner asks for just now.
    asking: Option<Topic>,
    wishes: usize,
    totals: Totals,
}

/// What happened in all schedules.
#[derive(Debug, Default)]
pub(crate) struct Totals {
    subscribed: usize,
    released: usize,
    refused_by_kis: usize,
    no_room: usize,
    no_account: usize,
    lost: usize,
    in_use: usize,
    gaps: usize,
    moved_with_gap: usize,
    keys_added: usize,
    keys_removed: usize,
    over_limit: usize,
    strays: usize,
    live_at_end: usize,
}

impl Totals {
    pub(crate) fn add(&mut self, mut other: Self) {
        for (sum, it) in self.all().into_iter().zip(other.all()) {
            *sum += *it;
        }
    }

    /// Whether everything that can happen has happened.
    pub(crate) fn is_thorough(&mut self) -> bool {
        self.all().into_iter().all(|it| *it > 0)
    }

    fn all(&mut self) -> [&mut usize; 14] {
        [
            &mut self.subscribed,
            &mut self.released,
            &mut self.refused_by_kis,
            &mut self.no_room,
            &mut self.no_account,
            &mut self.lost,
            &mut self.in_use,
            &mut self.gaps,
            &mut self.moved_with_gap,
            &mut self.keys_added,
            &mut self.keys_removed,
            &mut self.over_limit,
            &mut self.strays,
            &mut self.live_at_end,
        ]
    }
}

impl PoolWorld {
    pub(crate) fn new(seed: u64, verbose: bool) -> Self {
        let now = Instant::now();
        let mut random = Random(seed ^ 0x5eed);
        let mut it = Self {
            start: now,
            now,
            verbose,
            pool: Placement::new(PlacementConfig::default()),
            members: Vec::new(),
            keys_made: 0,
            unreliable: random.chance(50),
            tight: random.chance(20),
            random,
            wanted: BTreeSet::new(),
            pinned: BTreeSet::new(),
            sent: (0, BTreeSet::new()),
            live: BTreeSet::new(),
            untold: BTreeSet::new(),
            releasing: BTreeSet::new(),
            asking: None,
            wishes: 0,
            totals: Totals::default(),
        };
        for _ in 0..=it.random.below(KEYS_MAX) {
            it.add_key();
        }
        it.totals.keys_added = 0;
        it
    }

    pub(crate) fn run(mut self) -> Totals {
        let end = self.now + CHAOS;
        let (mut wish_at, mut fault_at) = (self.now, self.now);
        while self.now < end {
            if wish_at <= self.now {
                self.wish();
                wish_at = self.now + self.random.millis(5, 8_000);
            }
            if fault_at <= self.now {
                self.fault();
                fault_at = self.now + self.random.millis(100, 60_000);
            }
            self.step(wish_at.min(fault_at).min(end));
        }
        for member in &mut self.members {
            member.kis.faults = Default::default();
            member.kis.release_slot(self.now);
        }
        self.recover();
        let (lost, wishes) = (self.totals.lost, self.wishes);
        let end = self.now + STEADY;
        while self.now < end {
            self.step(end);
        }
        // With little to spend on releases, a move begun before may take as long.
        let surprised = self.members.iter().any(Member::surprises);
        if self.totals.lost == lost && !surprised && !self.tight {
            assert_eq!(self.wishes, wishes, "what is healthy is left alone");
        }
        self.recover();
        self.check_all_is_well();
        self.shut_down();
        self.totals
    }

    fn add_key(&mut self) {
        if self.members.len() == KEYS_MAX {
            return;
        }
        self.keys_made += 1;
        let topics_max = *self.random.pick(&[6, 12, 41]);
        let mut config = SessionConfig { topics_max, ..SessionConfig::default() };
        if self.tight {
            config.budgets.registrations = Allowance { count: 120, window: 600 * SECOND };
            config.budgets.releases.count = 30;
            config.budgets.connects.count = 8;
            config.budgets.approvals.count = 3;
        }
        let hts_id = self.random.chance(60).then(|| format!("id{}", self.keys_made));
        let spec = KeySpec {
            name: format!("key{}", self.keys_made).into(),
            hts_id: hts_id.as_deref().map(Into::into),
            topics_max: config.topics_max,
        };
        self.print("adds", &spec.name);
        let key = self.pool.add_key(spec, self.now);
        let mut member = Member::new(key, hts_id, config, &mut self.random, self.now);
        member.session.handle_timeout(self.now);
        self.members.push(member);
        self.totals.keys_added += 1;
        self.settle();
    }

    fn remove_key(&mut self) {
        let left = self.members.iter().filter(|it| !it.removed).count();
        if left > 1 {
            let at = self.random.below(self.members.len());
            self.members[at].removed = true;
            self.print("removes", &format_args!("{:?}", self.members[at].key));
            self.pool.remove_key(self.members[at].key, self.now);
            self.totals.keys_removed += 1;
            self.settle();
        }
    }

    fn wish(&mut self) {
        for _ in 0..=self.random.below(12) {
            let number = self.random.below(90);
            let topic = match number {
                0..3 => Topic::new("H0STCNT0", &format!("BAD{number}")),
                3..6 => Topic::new("H0STCNI0", &format!("id{}", 1 + self.random.below(6))),
                _ => Topic::new("H0STCNT0", &format!("{number:06}")),
            };
            let pinnable = (6..9).contains(&number);
            match self.random.below(100) {
                0..20 if pinnable => {
                    self.print("pins", &topic);
                    self.asking = Some(topic.clone());
                    self.pinned.insert(topic.clone());
                    self.releasing.remove(&topic);
                    self.pool.pin(topic, self.now);
                }
                20..30 if pinnable => {
                    self.print("unpins", &topic);
                    let gone = self.pinned.remove(&topic) && !self.wanted.contains(&topic);
                    self.given_up(gone, &topic);
                    self.pool.unpin(&topic, self.now);
                }
                0..70 => {
                    self.print("wants", &topic);
                    self.asking = Some(topic.clone());
                    self.releasing.remove(&topic);
                    self.wanted.insert(topic.clone());
                    self.pool.subscribe(topic, self.now);
                }
                _ => {
                    self.print("drops", &topic);
                    let gone = self.wanted.remove(&topic) && !self.pinned.contains(&topic);
                    self.given_up(gone, &topic);
                    self.pool.unsubscribe(&topic, self.now);
                }
            }
            self.settle();
            self.asking = None;
        }
    }

    fn given_up(&mut self, gone: bool, topic: &Topic) {
        if gone {
            self.live.remove(topic);
            self.untold.remove(topic);
            self.releasing.insert(topic.clone());
        }
    }

    fn fault(&mut self) {
        let at = self.random.below(self.members.len());
        let now = self.now;
        let random = &mut self.random;
        let member = &mut self.members[at];
        let faults = &mut member.kis.faults;
        match random.below(if self.unreliable { 11 } else { 9 }) {
            0 | 1 => {
                let (none, many) = (Duration::ZERO, random.millis(1, 60_000));
                member.drop_link(random, now);
                faults_until(member, now + *random.pick(&[none, many]));
            }
            2 => {
                if let Some(link) = &mut member.kis.link {
                    link.half_open = true;
                    member.kis.changes += 1;
                }
            }
            3 => faults.no_sockets_until = Some(now + random.millis(1, 90_000)),
            4 => faults.no_keys_until = Some(now + random.millis(1, 90_000)),
            5 => member.kis.forget_keys(),
            6 => {
                let codes = ["OPSP0007", "OPSP0009", "OPSP8991", "OPSP8999", "OPSP9995"];
                faults.refuse.push_back(*random.pick(&codes));
            }
            7 => self.add_key(),
            8 => self.remove_key(),
            9 => faults.forget += 1 + random.below(6),
            _ => faults.delay += 1 + random.below(6),
        }
        self.notice_ends();
        self.serve_all();
    }

    /// Lets time pass up to the next thing that happens, at most up to `end`.
    fn step(&mut self, end: Instant) {
        let own = self.pool.poll_timeout(self.now);
        assert!(own.is_none_or(|it| it > self.now), "asks to be woken in the past");
        let next = self.members.iter().filter_map(|it| it.next_at(self.now)).chain(own).min();
        self.now = next.map_or(end, |it| it.clamp(self.now, end));
        self.serve_all();
        for at in 0..self.members.len() {
            for turn in 0.. {
                assert!(turn < 1000, "the session is never satisfied");
                let Some(member) = self.members.get_mut(at) else { break };
                if !member.advance(&mut self.random, self.now) {
                    break;
                }
                self.notice_ends();
                self.serve_all();
            }
        }
        if self.pool.poll_timeout(self.now - Duration::from_nanos(1)) == Some(self.now) {
            self.pool.handle_timeout(self.now);
            self.settle();
        }
        self.check_limits();
    }

    /// Does what drivers do after every input.
    fn serve_all(&mut self) {
        let mut at = 0;
        while at < self.members.len() {
            let event = self.members[at].serve(&mut self.random, self.now);
            self.notice_ends();
            let Some(event) = event else {
                at += 1;
                continue;
            };
            let key = self.members[at].key;
            self.print("heard", &format_args!("{key:?} {event:?}"));
            let closed = event == Event::Closed;
            self.pool.handle_event(key, event, self.now);
            if closed {
                // It still has to close the socket.
                while self.members[at].serve(&mut self.random, self.now).is_some() {}
                assert!(self.members[at].kis.link.is_none(), "the socket is closed");
                self.totals.over_limit += self.members[at].kis.seen.over_limit;
                self.members.remove(at);
            }
            self.settle();
        }
    }

    /// Passes on wishes and events.
    fn settle(&mut self) {
        while let Some((key, wish)) = self.pool.poll_wish() {
            self.print("wish", &format_args!("{key:?} {wish:?}"));
            self.wishes += 1;
            if let Some(member) = self.members.iter_mut().find(|it| it.key == key) {
                member.wish(wish, &mut self.random, self.now);
            }
        }
        while let Some((_, event)) = self.pool.poll_event() {
            self.told(event);
        }
    }

    /// Remembers what KIS has stopped sending although the owner counts on it.
    fn notice_ends(&mut self) {
        let changes = self.members.iter().map(|it| it.kis.changes).sum();
        if self.sent.0 == changes {
            return;
        }
        let mut sent = BTreeSet::new();
        for member in &self.members {
            for topic in member.registered() {
                let stray = self.pool.is_stray(member.key, topic);
                let twice = !stray && !sent.insert(topic.clone());
                assert!(!twice, "{topic} would be delivered twice");
            }
        }
        for topic in self.sent.1.difference(&sent) {
            if let Some(topic) = self.live.get(topic.as_str()) {
                self.untold.insert(topic.clone());
            }
        }
        self.sent = (changes, sent);
    }

    fn gap(&mut self, topic: &Topic) {
        self.untold.remove(topic);
        self.totals.gaps += usize::from(self.live.remove(topic));
    }

    fn told(&mut self, event: Event) {
        self.print("told", &format_args!("{event:?}"));
        match event {
            Event::Lost { topics, reason } => {
                self.totals.lost += 1;
                self.totals.in_use += usize::from(reason == Loss::InUseElsewhere);
                for topic in topics {
                    assert!(self.needs(&topic), "{topic} is not needed");
                    self.gap(&topic);
                }
            }
            Event::Interrupted(topic) => {
                assert!(self.live.contains(&topic), "a second gap in {topic}");
                self.totals.moved_with_gap += 1;
                self.gap(&topic);
            }
            Event::Subscribed(topic) => {
                self.totals.subscribed += 1;
                assert!(self.needs(&topic), "{topic} is not needed");
                // Asked again for what it has, the pool may not know yet that it is gone.
                let told = !self.untold.contains(&topic) || self.asking.as_ref() == Some(&topic);
                assert!(told, "no word of a gap in {topic}");
                self.live.insert(topic);
            }
            Event::Refused { topic, reason } => {
                self.untold.remove(&topic);
                self.live.remove(&topic);
                assert!(self.wanted.contains(&topic) || self.pinned.contains(&topic));
                match reason {
                    Refusal::PoolFull { .. } => {
                        self.totals.no_room += 1;
                        let used = self.wanted.union(&self.pinned).count();
                        let keys = self.members.iter().filter(|it| !it.removed);
                        let slots: usize = keys.map(|it| it.config.topics_max).sum();
                        let surprised = self.members.iter().any(Member::surprises);
                        let notice = topic.tr_id() == "H0STCNI0";
                        assert!(used > slots || surprised || notice, "{used} of {slots} are full");
                        assert!(!self.pinned.contains(&topic), "pinned topics wait");
                    }
                    Refusal::NoAccount => self.totals.no_account += 1,
                    _ => self.totals.refused_by_kis += 1,
                }
                self.wanted.remove(&topic);
            }
            Event::Released(topic) => {
                self.totals.released += 1;
                assert!(self.releasing.remove(&topic), "{topic} was not given up");
            }
            _ => {}
        }
    }

    fn needs(&self, topic: &Topic) -> bool {
        self.wanted.contains(topic) || self.pinned.contains(topic)
    }

    fn check_limits(&mut self) {
        for load in self.pool.loads(self.now) {
            let member = self.members.iter().find(|it| it.key == load.key).unwrap();
            assert!(load.slots_used <= member.config.topics_max, "{load:?}");
            let status = member.session.status(self.now);
            assert!(status.wanted <= member.config.topics_max, "{status:?}");
        }
        self.totals.strays += self.members.iter().filter(|it| self.pool.has_strays(it.key)).count();
    }

    fn recover(&mut self) {
        let end = self.now + CALM;
        while self.now < end && !self.is_well() {
            self.step(end);
        }
    }

    fn is_well(&self) -> bool {
        let half_open = |it: &Member| it.kis.link.as_ref().is_some_and(|it| it.half_open);
        let registered: usize = self.members.iter().map(|it| it.registered().count()).sum();
        registered == self.live.len()
            && self.live.len() == self.wanted.union(&self.pinned).count()
            && self.releasing.is_empty()
            && !self.members.iter().any(|it| half_open(it) || it.removed)
    }

    fn check_all_is_well(&mut self) {
        let needed: BTreeSet<Topic> = self.wanted.union(&self.pinned).cloned().collect();
        let loads = self.pool.loads(self.now);
        assert_eq!(self.live, needed, "every needed topic was told to be live: {loads:?}");
        assert_eq!(self.untold, BTreeSet::new(), "every gap was told");
        let mut registered: Vec<&String> =
            self.members.iter().flat_map(Member::registered).collect();
        registered.sort();
        let needed: Vec<String> = needed.iter().map(ToString::to_string).collect();
        assert_eq!(registered, needed.iter().collect::<Vec<_>>(), "live exactly once");
        if self.keys_made > 1 {
            self.check_accounts();
        }
        for member in &self.members {
            assert_eq!(member.kis.seen.unechoed, 0, "every PINGPONG was echoed in time");
            if !self.unreliable {
                assert_eq!(member.kis.seen.duplicates, 0, "nothing was registered twice");
            }
        }
        self.totals.live_at_end += needed.len();
    }

    /// A notice is never with a key whose account is known to be another; but that the only key
    /// may have got it.
    fn check_accounts(&self) {
        let own = |id: &str| self.members.iter().any(|it| it.hts_id.as_deref() == Some(id));
        for member in &self.members {
            for topic in member.registered().filter_map(|it| it.strip_prefix("H0STCNI0:")) {
                let here = member.hts_id.as_deref();
                if self.members.len() > 1 && own(topic) && self.totals.keys_added == 0 {
                    assert_eq!(here, Some(topic), "a notice on another account's session");
                }
            }
        }
    }

    fn shut_down(&mut self) {
        self.releasing = self.wanted.union(&self.pinned).cloned().collect();
        self.wanted.clear();
        self.pinned.clear();
        self.live.clear();
        self.sent.1.clear();
        let end = self.now + 3 * SECOND;
        self.pool.shutdown(self.now);
        self.settle();
        while !self.pool.is_over() {
            assert!(self.now < end, "it ends in time");
            self.step(end);
        }
        assert!(self.members.is_empty());
        assert_eq!(self.releasing, BTreeSet::new(), "the owner was told of every release");
        assert_eq!(self.pool.poll_timeout(self.now), None);
    }

    fn print(&self, what: &str, text: &dyn std::fmt::Display) {
        if self.verbose {
            println!("{:9.3} {what} {text}", (self.now - self.start).as_secs_f64());
        }
    }
}

fn faults_until(member: &mut Member, until: Instant) {
    member.kis.faults.no_sockets_until = Some(until);
}
