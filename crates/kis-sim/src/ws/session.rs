//! One client's session, without its socket: messages and time in, bytes out.

use std::{
    collections::VecDeque,
    sync::Arc,
    time::{Instant, SystemTime},
};

use bytes::{Bytes, BytesMut};
use kis_protocol::{Topic, TrId, control::code, notice::Cipher};
use rand::RngExt;

use super::{
    answer::{self, Verdict},
    player::{Player, sealed},
    request::{Proof, Rejected, Request, Wish},
    wire::{self, Incoming},
};
use crate::{clock, fault::Order, state::Shared};

/// Bytes written ahead of the client; enough for one large write, not for hiding a slow client.
const AHEAD: usize = 128 * 1024;
/// A tr_key is shorter than this (the longest known one has twelve characters).
const KEY_MAX: usize = 64;

/// A session with one client.
pub(crate) struct Session {
    id: u64,
    shared: Arc<Shared>,
    iv: String,
    key: String,
    cipher: Cipher,
    /// What is to be sent.
    pub(crate) out: BytesMut,
    /// Answers that are held back for a while, the oldest first.
    answers: VecDeque<Answer>,
    players: Vec<Player>,
    sent_last: Instant,
    /// When the PINGPONG was sent that has not been answered.
    pinged: Option<Instant>,
    pub(crate) stalled: bool,
    pub(crate) end: Option<End>,
}

/// How a session ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    /// The client said goodbye.
    Closed,
    /// The server has said its last word, and drops the connection when it is sent.
    Finished,
    /// The connection is gone, or is dropped now.
    Lost,
}

#[derive(Debug)]
struct Answer {
    due: Instant,
    text: String,
    /// The topic that starts with this answer.
    start: Option<Topic>,
}

impl Session {
    pub(crate) fn new(id: u64, shared: Arc<Shared>, now: Instant) -> Option<Self> {
        let (iv, key) =
            (random(b"0123456789abcdef", 16), random(b"abcdefghijklmnopqrstuvwxyz", 32));
        // The lengths are right, so there is always a cipher.
        let cipher = Cipher::new(&key, &iv).ok()?;
        Some(Self {
            id,
            shared,
            iv,
            key,
            cipher,
            out: BytesMut::with_capacity(AHEAD),
            answers: VecDeque::new(),
            players: Vec::new(),
            sent_last: now,
            pinged: None,
            stalled: false,
            end: None,
        })
    }

    /// Takes what the client sent.
    pub(crate) fn receive(&mut self, message: Incoming, now: Instant) {
        match message {
            Incoming::Message(text) => self.request(&text, now),
            Incoming::Ping(payload) => {
                self.echo_in(&payload);
                if self.shared.config.answer_ping {
                    wire::put_pong(&mut self.out, &payload);
                }
            }
            Incoming::Pong(payload) => self.echo_in(&payload),
            Incoming::Close(payload) => {
                wire::put_close(&mut self.out, &payload);
                self.end = Some(End::Closed);
            }
        }
    }

    /// Does what it is told to.
    pub(crate) fn obey(&mut self, order: Order, now: Instant) {
        match order {
            Order::Drop => self.end = Some(End::Lost),
            Order::Stall => self.stalled = true,
            Order::Resume => {
                self.stalled = false;
                self.sent_last = now;
            }
            Order::Ping => self.ping(now),
            Order::Push(raw) => self.send(&raw, now),
            Order::Burst { topic, frames } => {
                for player in self.players.iter_mut().filter(|it| fits(it, topic.as_ref())) {
                    (0..frames).for_each(|_| player.play_early(&mut self.out));
                    self.shared.sent(frames as u64);
                }
            }
            Order::Inject { oddity, topic, times } => {
                let fitting = self.players.iter_mut().filter(|it| fits(it, topic.as_ref()));
                let odd: Vec<_> = fitting
                    .flat_map(|player| (0..times).map(|_| player.take()).collect::<Vec<_>>())
                    .map(|raw| Bytes::from(oddity.apply(&raw)))
                    .collect();
                odd.iter().for_each(|raw| self.send(raw, now));
            }
        }
    }

    /// Puts everything that is due into `out`.
    pub(crate) fn advance(&mut self, now: Instant) {
        if self.stalled || self.end.is_some() {
            return;
        }
        while let Some(answer) = self.answers.pop_front_if(|it| it.due <= now) {
            wire::put_text(&mut self.out, answer.text.as_bytes());
            self.sent_last = now;
            if let Some(topic) = answer.start {
                self.start(&topic, now);
            }
        }
        self.play(now);
        let config = &self.shared.config;
        if self.pinged.is_some_and(|at| now.duration_since(at) >= config.echo_timeout) {
            self.end = Some(End::Lost);
        } else if self.out.is_empty() && now.duration_since(self.sent_last) >= config.ping_idle {
            self.ping(now);
        }
    }

    /// When [`Session::advance`] has something to do next.
    pub(crate) fn wake(&self) -> Option<Instant> {
        if self.stalled {
            return None;
        }
        let config = &self.shared.config;
        let answer = self.answers.front().map(|it| it.due);
        // While the client does not read, its frames wait for it and not for a time.
        let players = self.players.iter().map(|it| it.due).filter(|_| self.out.len() < AHEAD);
        let ping = clock::after(self.sent_last, config.ping_idle);
        let echo = self.pinged.map(|at| clock::after(at, config.echo_timeout));
        answer.into_iter().chain(players).chain([ping]).chain(echo).min()
    }

    fn play(&mut self, now: Instant) {
        let pace = self.shared.config.pace;
        let mut frames = 0;
        loop {
            let before = frames;
            for player in self.players.iter_mut().filter(|it| it.due <= now) {
                if self.out.len() >= AHEAD {
                    break;
                }
                player.play(&mut self.out, pace, now);
                frames += 1;
            }
            // The players go round and round until they are up to date or enough is there.
            if frames == before {
                break;
            }
        }
        if frames > 0 {
            self.sent_last = now;
            self.shared.sent(frames);
        }
    }

    fn request(&mut self, text: &[u8], now: Instant) {
        match Request::parse(text) {
            Ok(Request::Echo) => self.echo(),
            Ok(Request::Register(wish)) => self.register(wish, now),
            Ok(Request::Release(wish)) => self.release(&wish, now),
            Err(Rejected { tr_id, tr_key, verdict }) => {
                self.refuse(&tr_id, &tr_key, &verdict, now);
            }
        }
    }

    fn register(&mut self, wish: Wish, now: Instant) {
        if let Err(verdict) = self.admit(&wish) {
            return self.refuse(&wish.tr_id, &wish.tr_key, &verdict, now);
        }
        let Wish { tr_id, tr_key, .. } = wish;
        let topic = Topic::new(&tr_id, &tr_key);
        let max = self.shared.config.registrations_max;
        let verdict = self.shared.change(|inner| {
            if let Some(refusal) = inner.faults.refusal(&tr_id) {
                return Verdict::from(refusal);
            }
            let Some(entry) = inner.sessions.get_mut(&self.id) else { return Verdict::FULL };
            if entry.registrations.contains(&topic) {
                inner.counters.duplicates += 1;
                return Verdict::DUPLICATE;
            }
            if entry.registrations.len() >= max {
                return Verdict::FULL;
            }
            entry.registrations.push(topic.clone());
            inner.counters.registrations += 1;
            inner.topics.entry(topic.as_str().to_owned()).or_default().registered += 1;
            Verdict::REGISTERED
        });
        let encrypted = tr_id.parse().is_ok_and(TrId::encrypted);
        if verdict == Verdict::REGISTERED {
            let output = Some((self.iv.as_str(), self.key.as_str()));
            let text = answer::answer(&tr_id, &tr_key, encrypted, &verdict, output);
            self.answer(text, Some(topic), now);
        } else if verdict == Verdict::DUPLICATE {
            let text = answer::answer(&tr_id, &tr_key, encrypted, &verdict, None);
            self.answer(text, None, now);
        } else {
            self.refuse(&tr_id, &tr_key, &verdict, now);
        }
    }

    fn release(&mut self, wish: &Wish, now: Instant) {
        let Wish { tr_id, tr_key, .. } = wish;
        if let Err(verdict) = self.admit(wish) {
            return self.refuse(tr_id, tr_key, &verdict, now);
        }
        let topic = Topic::new(tr_id, tr_key);
        let released = self.shared.change(|inner| {
            let registrations = &mut inner.sessions.get_mut(&self.id)?.registrations;
            let at = registrations.iter().position(|it| *it == topic)?;
            registrations.remove(at);
            inner.counters.releases += 1;
            inner.topics.entry(topic.as_str().to_owned()).or_default().released += 1;
            Some(())
        });
        if released.is_none() {
            return self.refuse(tr_id, tr_key, &Verdict::NOT_REGISTERED, now);
        }
        self.players.retain(|player| player.topic != topic);
        self.answer(answer::answer(tr_id, tr_key, false, &Verdict::RELEASED, None), None, now);
    }

    /// Whether a wish comes from somebody who may have one, and could be fulfilled.
    fn admit(&mut self, wish: &Wish) -> Result<(), Verdict> {
        let credentials = &self.shared.config.credentials;
        let app_key = match &wish.proof {
            Proof::Approval(key) => {
                self.shared.look(|inner| inner.approved(key)).ok_or(Verdict::BAD_APPROVAL)?
            }
            Proof::AppKey { app_key, app_secret } => {
                let known =
                    |it: &crate::Credential| it.app_key == *app_key && it.app_secret == *app_secret;
                if !credentials.is_empty() && !credentials.iter().any(known) {
                    return Err(Verdict::BAD_APP_KEY);
                }
                app_key.clone()
            }
        };
        if !self.shared.change(|inner| inner.admit(&app_key, self.id)) {
            return Err(Verdict::IN_USE);
        }
        if wish.tr_id.parse::<TrId>().is_err() && !self.shared.config.script.has(&wish.tr_id) {
            return Err(Verdict::BAD_TR_ID);
        }
        let key = wish.tr_key.trim();
        if key.is_empty() || key.len() > KEY_MAX || key.contains(['^', '|', '\n']) {
            return Err(Verdict::BAD_TR_KEY);
        }
        Ok(())
    }

    fn refuse(&mut self, tr_id: &str, tr_key: &str, verdict: &Verdict, now: Instant) {
        self.shared.change(|inner| inner.counters.refused += 1);
        if verdict.msg_cd == code::ALREADY_IN_USE {
            // The second session of an app key hears why, without its topic, and is dropped.
            let text = answer::answer("(null)", "", false, verdict, None);
            wire::put_text(&mut self.out, text.as_bytes());
            self.end = Some(End::Finished);
        } else {
            self.answer(answer::answer(tr_id, tr_key, false, verdict, None), None, now);
        }
    }

    fn answer(&mut self, text: String, start: Option<Topic>, now: Instant) {
        let delay = self.shared.look(|inner| inner.faults.ack_delay);
        // An answer never overtakes the one before it.
        let due = self.answers.back().map_or(now, |last| last.due).max(clock::after(now, delay));
        self.answers.push_back(Answer { due, text, start });
    }

    fn start(&mut self, topic: &Topic, now: Instant) {
        let registered = self.shared.look(|inner| {
            inner.sessions.get(&self.id).is_some_and(|it| it.registrations.contains(topic))
        });
        let known = self.players.iter().any(|it| it.topic == *topic);
        if !registered || known {
            return;
        }
        let config = &self.shared.config;
        self.players.extend(Player::new(topic, &config.script, config.rekey, &self.cipher, now));
    }

    fn send(&mut self, raw: &Bytes, now: Instant) {
        wire::put_text(&mut self.out, &sealed(raw, &self.cipher));
        self.sent_last = now;
        self.shared.sent(1);
    }

    fn ping(&mut self, now: Instant) {
        wire::put_text(&mut self.out, answer::pingpong(SystemTime::now()).as_bytes());
        self.sent_last = now;
        self.pinged.get_or_insert(now);
        self.shared.change(|inner| inner.counters.pings += 1);
    }

    /// A control frame that carries the PINGPONG is an answer to it as well.
    fn echo_in(&mut self, payload: &[u8]) {
        if Request::parse(payload) == Ok(Request::Echo) {
            self.echo();
        }
    }

    fn echo(&mut self) {
        self.pinged = None;
        self.shared.change(|inner| inner.counters.echoes += 1);
    }
}

fn fits(player: &Player, topic: Option<&Topic>) -> bool {
    topic.is_none_or(|it| *it == player.topic)
}

fn random(alphabet: &[u8], length: usize) -> String {
    let mut rng = rand::rng();
    (0..length).map(|_| char::from(alphabet[rng.random_range(..alphabet.len())])).collect()
}

#[cfg(test)]
mod tests;
