//! The hub under test beside the account of what it must do.

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
    rc::Rc,
    time::{Duration, Instant},
};

use proptest::{prelude::*, test_runner::TestCaseError};
use relay_core::{
    ClientInfo, Config, Demand, Format, Hub, Limits, Options, Policy, Position, Refusal,
    UpstreamState,
};

use super::{
    CLIENTS, Resume, Step, TOPICS,
    client::{Client, Place, Received},
    reader::{Beginning, Left, Life, Reader},
};
use crate::text::Text;

const EPOCH: u64 = 7;
const RING: usize = 4;
const LINGER: Duration = Duration::from_secs(60);
/// A format is used again after so many subscriptions to a topic, so that what is queued
/// shows which one it belongs to.
const FORMATS: u8 = 3;

pub(super) struct World {
    hub: Hub<Text>,
    now: Instant,
    step: usize,
    lives: u64,
    topics: [Option<Rc<RefCell<Life>>>; TOPICS.len()],
    places: [Place; CLIENTS],
}

type Outcome = Result<(), TestCaseError>;

impl World {
    pub(super) fn new() -> Self {
        let mut config = Config::new(EPOCH);
        config.ring = RING;
        config.linger = LINGER;
        config.pending_bytes = 300;
        Self {
            hub: Hub::new(config, Text),
            now: Instant::now(),
            step: 0,
            lives: 0,
            topics: Default::default(),
            places: Default::default(),
        }
    }

    pub(super) fn take(&mut self, step: &Step) -> Outcome {
        self.step += 1;
        let before = self.infos();
        match *step {
            Step::Connect { client, messages, bytes } => self.connect(client, messages, bytes),
            Step::Leave { client } => self.leave(client),
            Step::Kick { client } => self.kick(client)?,
            Step::Return { client, policy } => {
                self.connect(client, 100, 100_000);
                for topic in 0..TOPICS.len() {
                    self.subscribe(client, topic, policy, true, Resume::Last)?;
                }
            }
            Step::Subscribe { client, topic, policy, snapshot, resume } => {
                self.subscribe(client, topic, policy, snapshot, resume)?;
            }
            Step::Repeat { client, topic, policy } => self.repeat(client, topic, policy)?,
            Step::Unsubscribe { client, topic } => self.unsubscribe(client, topic)?,
            Step::Receive { client } => {
                self.receive(client, false)?;
            }
            Step::ReceiveArmed { client } => {
                self.receive(client, true)?;
            }
            Step::Publish { topic, len } => self.publish(topic, len)?,
            Step::Flush => self.hub.flush(),
            Step::FlushSome { clients } => {
                self.hub.flush_some(clients);
            }
            Step::Confirm { topic } => self.confirm(topic)?,
            Step::Refuse { topic } => self.refuse(topic)?,
            Step::Lose { topic } => self.lose(topic)?,
            Step::LoseAll => {
                self.hub.lost_all();
                self.topics.iter().flatten().for_each(|it| it.borrow_mut().lose());
            }
            Step::Wait { seconds } => self.wait(seconds)?,
            Step::Evict => self.evict()?,
        }
        self.notice_overflows(&before)?;
        self.notice_leaving();
        self.check_bells()?;
        self.check_views()
    }

    /// Lets everybody receive everything: then nothing may be missing without a word.
    pub(super) fn settle(&mut self) -> Outcome {
        while self.hub.flush_some(1) {}
        self.notice_overflows(&BTreeMap::new())?;
        for client in 0..CLIENTS {
            while self.receive(client, false)? {}
            let Some(known) = &self.places[client].client else { continue };
            if known.connected {
                for reader in known.readers.iter().flatten() {
                    reader.settled().map_err(TestCaseError::fail)?;
                }
            }
        }
        Ok(())
    }

    fn connect(&mut self, client: usize, messages: usize, bytes: usize) {
        self.leave(client);
        let limits = Limits { messages, bytes };
        self.places[client].client = Some(Client {
            outbox: self.hub.connect(limits),
            limits,
            connected: true,
            readers: Default::default(),
            next_formats: Default::default(),
            refusals: 0,
            too_much: BTreeSet::new(),
            bell: None,
        });
    }

    fn leave(&mut self, client: usize) {
        let place = &mut self.places[client];
        if let Some(mut left) = place.client.take() {
            left.end(&mut place.positions);
        }
    }

    fn kick(&mut self, client: usize) -> Outcome {
        let place = &mut self.places[client];
        if let Some(kicked) = &mut place.client {
            let was_connected = self.hub.disconnect(kicked.outbox.client());
            prop_assert_eq!(was_connected, kicked.connected);
            if kicked.connected {
                kicked.end(&mut place.positions);
                kicked.too_much.clear();
            }
        }
        Ok(())
    }

    fn subscribe(
        &mut self,
        client: usize,
        topic: usize,
        policy: Policy,
        snapshot: bool,
        resume: Resume,
    ) -> Outcome {
        let Some(known) = &self.places[client].client else { return Ok(()) };
        if known.readers[topic].len() + 1 >= usize::from(FORMATS) {
            while self.receive(client, false)? {}
        }
        let remembered = self.places[client].positions[topic];
        let position = match resume {
            Resume::No => None,
            Resume::Last => remembered.map(|(_, seq)| Position { epoch: EPOCH, seq }),
            Resume::OtherEpoch => remembered.map(|(_, seq)| Position { epoch: EPOCH + 1, seq }),
            Resume::Nonsense(seq) => Some(Position { epoch: EPOCH, seq }),
        };
        let Some(known) = &mut self.places[client].client else { return Ok(()) };
        let format = known.next_formats[topic];
        known.next_formats[topic] = (format + 1) % FORMATS;
        let options = Options { format: Format(format), policy, snapshot, resume: position };
        if known.connected {
            known.too_much.insert(TOPICS[topic]);
        }
        let result = self.hub.subscribe(known.outbox.client(), TOPICS[topic], options);
        if known.connected {
            let life = self.topics[topic].get_or_insert_with(|| {
                self.lives += 1;
                let seq = self.hub.topics().into_iter().find(|it| it.topic == TOPICS[topic]);
                let seq = seq.map_or(0, |it| it.seq);
                let number = self.lives;
                Rc::new(RefCell::new(Life { number, seq, ..Life::default() }))
            });
            life.borrow_mut().left = None;
        }
        let Ok(subscribed) = result else { return Ok(()) };
        prop_assert!(known.connected);
        let Some(life) = &self.topics[topic] else { unreachable!() };
        let (seq, number) = (life.borrow().seq, life.borrow().number);
        let state = life.borrow().state();
        prop_assert_eq!((subscribed.seq, subscribed.state), (seq, state));
        prop_assert_eq!(subscribed.recovered.is_some(), position.is_some());

        let mut next = seq + 1;
        if let (Some(true), Some(position)) = (subscribed.recovered, position) {
            prop_assert_eq!(position.epoch, EPOCH);
            prop_assert!(position.seq <= seq && seq - position.seq <= RING as u64);
            let lost = life.borrow().losses.range(position.seq + 1..).next().is_some();
            prop_assert!(!lost, "recovered across a loss");
            let same_life = remembered.is_some_and(|(life, _)| life == number);
            prop_assert!(same_life || resume != Resume::Last, "recovered across a release");
            next = position.seq + 1;
        } else if let (Resume::Last, Some((life_seen, seen))) = (resume, remembered) {
            // Where nothing stands in the way, it has to work.
            let life = life.borrow();
            let roomy = known.limits.bytes > 10_000 && known.limits.messages > 2 * RING;
            let unbroken = life.messages.contains_key(&seen)
                && life.losses.range(seen..).next().is_none()
                && seq - seen <= RING as u64;
            let fresh = known.readers.iter().all(Vec::is_empty);
            prop_assert!(!(life_seen == number && unbroken && roomy && fresh), "not recovered");
        }
        let last = life.borrow().messages.last_key_value().map(|(&seq, _)| seq);
        let shown = subscribed.recovered.map_or(snapshot, |it| !it);
        for reader in &mut known.readers[topic] {
            reader.active = false;
        }
        let snapshot = last.filter(|_| shown);
        let follows = !known.readers[topic].is_empty();
        let beginning = Beginning { format, policy, next, snapshot, follows };
        known.readers[topic].push(Reader::new(life, beginning));
        Ok(())
    }

    fn repeat(&mut self, client: usize, topic: usize, policy: Policy) -> Outcome {
        let Some(known) = &mut self.places[client].client else { return Ok(()) };
        let Some(reader) = known.readers[topic].last_mut().filter(|it| it.active) else {
            return Ok(());
        };
        let format = Format(reader.format);
        let resume = Some(Position { epoch: EPOCH, seq: 0 });
        let options = Options { format, policy, snapshot: true, resume };
        // Whatever overflows now, overflows under the old policy: what is pending comes first.
        if let Ok(subscribed) = self.hub.subscribe(known.outbox.client(), TOPICS[topic], options) {
            prop_assert_eq!(subscribed.recovered, None);
            prop_assert_eq!(subscribed.seq, reader.life.borrow().seq);
            reader.set_policy(policy);
            known.too_much.insert(TOPICS[topic]);
        }
        Ok(())
    }

    fn unsubscribe(&mut self, client: usize, topic: usize) -> Outcome {
        let place = &mut self.places[client];
        let Some(known) = &mut place.client else { return Ok(()) };
        let unsubscribed = self.hub.unsubscribe(known.outbox.client(), TOPICS[topic]);
        let active = known.readers[topic].last_mut().filter(|it| it.active);
        prop_assert_eq!(unsubscribed, active.is_some());
        if let Some(reader) = active {
            reader.active = false;
        }
        Ok(())
    }

    fn publish(&mut self, topic: usize, len: usize) -> Outcome {
        let text = format!("{}{}", self.step, "x".repeat(len));
        let seq = self.hub.publish(TOPICS[topic], text.clone());
        let expected = self.topics[topic].as_ref().map(|life| {
            let mut life = life.borrow_mut();
            life.seq += 1;
            life.exposed = true;
            let seq = life.seq;
            life.messages.insert(seq, text);
            seq
        });
        prop_assert_eq!(seq, expected);
        Ok(())
    }

    fn confirm(&mut self, topic: usize) -> Outcome {
        prop_assert_eq!(self.hub.confirm(TOPICS[topic]), self.topics[topic].is_some());
        if let Some(life) = &self.topics[topic] {
            let mut life = life.borrow_mut();
            life.exposed |= !life.live;
            life.live = true;
        }
        Ok(())
    }

    fn refuse(&mut self, topic: usize) -> Outcome {
        // What is pending goes out first, and may be too much for some.
        self.hub.flush();
        self.notice_overflows(&BTreeMap::new())?;
        let refused = self.hub.refuse(TOPICS[topic], &Refusal::new("1", "no"));
        prop_assert_eq!(refused, self.topics[topic].take().is_some());
        for client in self.places.iter_mut().filter_map(|it| it.client.as_mut()) {
            if let Some(reader) = client.readers[topic].last_mut().filter(|it| it.active) {
                reader.active = false;
                reader.refused = true;
                client.refusals += 1;
            }
        }
        Ok(())
    }

    fn lose(&mut self, topic: usize) -> Outcome {
        prop_assert_eq!(self.hub.lost(TOPICS[topic]), self.topics[topic].is_some());
        if let Some(life) = &self.topics[topic] {
            life.borrow_mut().lose();
        }
        Ok(())
    }

    fn wait(&mut self, seconds: u64) -> Outcome {
        self.now += Duration::from_secs(seconds);
        let demanded: BTreeMap<_, _> = std::iter::from_fn(|| self.hub.poll_demand(self.now))
            .map(|it| match it {
                Demand::Wanted(topic) => (topic, true),
                Demand::Released(topic) => (topic, false),
            })
            .collect();
        let mut expected = BTreeMap::new();
        for (known, topic) in self.topics.iter_mut().zip(TOPICS) {
            let Some(life) = known else { continue };
            let mut life = life.borrow_mut();
            let Some(left) = &mut life.left else {
                if !std::mem::replace(&mut life.registered, true) {
                    expected.insert(topic, true);
                }
                continue;
            };
            if *left.noticed.get_or_insert(self.now) + LINGER <= self.now {
                if life.registered {
                    expected.insert(topic, false);
                }
                drop(life);
                *known = None;
            }
        }
        prop_assert_eq!(demanded, expected);
        let deadline = |it: &Rc<RefCell<Life>>| it.borrow().left.and_then(|it| it.noticed);
        let next = self.topics.iter().flatten().filter_map(deadline).min();
        prop_assert_eq!(self.hub.next_deadline(), next.map(|it| it + LINGER));
        Ok(())
    }

    fn evict(&mut self) -> Outcome {
        let lingering = |it: &Option<Rc<RefCell<Life>>>| {
            let life = it.as_ref()?.borrow();
            life.left.map(|it| (it.step, life.registered))
        };
        // Unregistered topics make no room: they go, too, on the way to one that does.
        let oldest = self.topics.iter().filter_map(lingering).filter(|it| it.1).min();
        let evicted = self.hub.evict_lingering();
        prop_assert_eq!(evicted.is_some(), oldest.is_some());
        let known: BTreeSet<_> = self.hub.topics().into_iter().map(|it| it.topic).collect();
        for (life, topic) in self.topics.iter_mut().zip(TOPICS) {
            let Some((step, registered)) = lingering(life) else {
                prop_assert_eq!(known.contains(topic), life.is_some());
                continue;
            };
            let last = oldest.map_or(usize::MAX, |it| it.0);
            let must = step < last || evicted == Some(topic) || (evicted.is_none());
            let may = !registered && step == last;
            prop_assert!(known.contains(topic) != must || may, "{} {:?}", topic, evicted);
            if !known.contains(topic) {
                *life = None;
            }
        }
        Ok(())
    }

    /// Receives once; `false` if nothing was queued.
    fn receive(&mut self, client: usize, armed: bool) -> Result<bool, TestCaseError> {
        let info = self.infos().remove(&client);
        let place = &mut self.places[client];
        let Some(known) = &mut place.client else { return Ok(false) };
        let received = known.receive(armed, info.as_ref())?;
        if received == Received::End {
            place.client = None;
        }
        Ok(received == Received::Something)
    }

    /// A client that is gone without having left must have been too slow for a topic
    /// it wanted without loss.
    fn notice_overflows(&mut self, before: &BTreeMap<usize, ClientInfo>) -> Outcome {
        let connected = self.infos();
        for (number, place) in self.places.iter_mut().enumerate() {
            let Some(client) = place.client.as_mut().filter(|it| it.connected) else { continue };
            if connected.contains_key(&number) {
                client.too_much = client.lossless().collect();
                continue;
            }
            let lossless: Vec<_> = client.lossless().collect();
            client.too_much.extend(lossless);
            prop_assert!(!client.too_much.is_empty(), "disconnected for nothing");
            if let Some(before) = before.get(&number) {
                // All that could have come in one step: what was pending, and a replay.
                let messages = before.queued_messages + 300 / 8 + RING;
                let bytes = before.queued_bytes + 300 + 60 * (RING + 1);
                let full = messages > client.limits.messages || bytes > client.limits.bytes;
                prop_assert!(full, "disconnected although there was room");
            }
            client.end(&mut place.positions);
        }
        Ok(())
    }

    fn notice_leaving(&mut self) {
        for (topic, life) in self.topics.iter().enumerate() {
            let Some(life) = life else { continue };
            let wanted = self.places.iter().filter_map(|it| it.client.as_ref()).any(|client| {
                client.connected && client.readers[topic].last().is_some_and(|it| it.active)
            });
            let mut life = life.borrow_mut();
            if !wanted && life.left.is_none() {
                life.left = Some(Left { step: self.step, noticed: None });
            }
        }
    }

    /// Who wanted to be woken by the next thing queued has been, once.
    fn check_bells(&self) -> Outcome {
        let infos = self.infos();
        for (number, place) in self.places.iter().enumerate() {
            let Some(client) = &place.client else { continue };
            let Some(rings) = client.rings() else { continue };
            prop_assert!(rings <= 1, "woken {} times", rings);
            let queued = infos.get(&number).is_none_or(|it| it.queued_messages > 0);
            prop_assert!(rings == 1 || !queued, "not woken");
        }
        Ok(())
    }

    fn check_views(&self) -> Outcome {
        let topics: BTreeMap<_, _> = self
            .hub
            .topics()
            .into_iter()
            .map(|it| (it.topic, (it.subscribers, it.state, it.seq)))
            .collect();
        let clients = || self.places.iter().filter_map(|it| it.client.as_ref());
        let mut expected = BTreeMap::new();
        for (at, topic) in TOPICS.into_iter().enumerate() {
            let Some(life) = &self.topics[at] else { continue };
            let life = life.borrow();
            let subscribed = |it: &&Client| it.readers[at].last().is_some_and(|it| it.active);
            let subscribers = clients().filter(subscribed).count();
            expected.insert(topic, (subscribers, life.state(), life.seq));
        }
        prop_assert_eq!(&topics, &expected);
        for (client, info) in self.infos() {
            let Some(known) = &self.places[client].client else { continue };
            let Limits { messages, bytes } = known.limits;
            let single = info.queued_messages <= 1 + known.refusals;
            prop_assert!(info.queued_messages <= messages + known.refusals);
            prop_assert!(info.queued_bytes <= bytes + 64 * known.refusals || single);
        }
        let stats = self.hub.stats();
        let sum = topics.values().map(|it| it.0).sum::<usize>();
        let live = topics.values().filter(|it| it.1 == UpstreamState::Live).count();
        let left = self.topics.iter().flatten().filter(|it| it.borrow().left.is_some()).count();
        prop_assert_eq!(
            (stats.topics, stats.subscriptions, stats.topics_live, stats.topics_lingering),
            (topics.len(), sum, live, left)
        );
        Ok(())
    }

    /// The connected clients by their place.
    fn infos(&self) -> BTreeMap<usize, ClientInfo> {
        let place = |info: &ClientInfo| {
            let is_it =
                |it: &Place| it.client.as_ref().is_some_and(|it| it.outbox.client() == info.client);
            self.places.iter().position(is_it).unwrap()
        };
        self.hub.clients().into_iter().map(|it| (place(&it), it)).collect()
    }
}
