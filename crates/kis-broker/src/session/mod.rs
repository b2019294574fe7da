//! The real-time session as a state machine: no socket, no clock, no task.
//!
//! A driver owns the socket and the clock. It feeds what happens into the `handle_*` methods,
//! then does what the `poll_*` methods ask for:
//!
//! ```text
//! socket ──handle_opened/handle_text/handle_closed──▶ Session ──poll_transmit──▶ socket
//! timer  ──handle_timeout───────────────────────────▶         ──poll_timeout───▶ timer
//! REST   ──handle_approval(_failed)─────────────────▶         ──poll_action────▶ driver
//! owner  ──subscribe/unsubscribe/shutdown───────────▶         ──poll_event─────▶ owner
//! ```
//!
//! A topic is wanted or not, and absent, requested or present; the session closes the gap. So
//! subscribing, refusal, reconnecting and pacing are one rule.

mod answer;
mod event;
mod link;
mod reaction;
mod requests;
mod status;
#[cfg(test)]
mod tests;
mod topics;

use std::{
    collections::{HashMap, VecDeque},
    time::{Duration, Instant, SystemTime},
};

use kis_protocol::{
    Frame, FrameError, Topic,
    control::{Control, ControlError},
    notice::{Cipher, NoticeError},
};

pub use self::{
    event::{Action, Event, Loss, Refusal},
    status::{SessionState, SessionStatus},
};
use self::{
    link::{Approval, Link, Open},
    topics::{Actual, Topics},
};
use crate::{
    backoff::{Backoff, Jitter},
    budget::{BudgetKind, BudgetState, Ledger},
    config::SessionConfig,
    credentials::ApprovalKey,
};

/// One real-time session with KIS, which allows one per app key.
#[derive(Debug)]
pub struct Session {
    config: SessionConfig,
    link: Link,
    /// Whether a socket has ever been open.
    opened: bool,
    approval: Approval,
    topics: Topics,
    /// PINGPONGs to be echoed, ahead of any request.
    echoes: VecDeque<String>,
    actions: VecDeque<Action>,
    events: VecDeque<Event>,
    /// The ciphers of the open link's notices, by stream; and the latest one, for KIS has always
    /// given the same to every stream of a link.
    ciphers: HashMap<Box<str>, Cipher>,
    latest_cipher: Option<Cipher>,
    /// After OPSP0008: how many registrations KIS holds, and until when we believe it.
    full: Option<(usize, Instant)>,
    ledger: Ledger,
    /// The allowances reported as spent.
    announced: Vec<BudgetKind>,
    jitter: Jitter,
    reconnect: Backoff,
    slot: Backoff,
    unapproved: Backoff,
    unfetched: Backoff,
    /// Whether OPSP8996 was reported and no registration has succeeded since.
    in_use: bool,
    /// How long the link may be silent, see [`SessionConfig::silence_limit`].
    patience: Duration,
    last_code: Option<String>,
    unattributed: u64,
}

/// What a text from KIS turned out to be.
#[derive(Debug, PartialEq, Eq)]
pub enum Received<'a> {
    /// Data, to be passed on as it came.
    Data(Frame<'a>),
    /// A notice, decrypted: the text of a plain frame, `0|tr_id|count|body`.
    Notice(String),
    /// An answer or a sign of life, already dealt with.
    Control,
}

/// A text the session cannot make sense of; the session itself goes on.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SessionError {
    /// Neither data nor control.
    #[error("the text is no data frame")]
    Frame(#[from] FrameError),
    /// A control message of another shape.
    #[error("the text is no control frame")]
    Control(#[from] ControlError),
    /// A notice that cannot be decrypted.
    #[error("{tr_id}: the notice cannot be decrypted")]
    Notice {
        /// The notice's stream.
        tr_id: String,
        /// Why; none when no key has come yet.
        source: Option<NoticeError>,
    },
}

impl Session {
    /// A session that wants to connect at once. `seed` drives the jitter of its delays.
    #[must_use]
    pub fn new(config: SessionConfig, seed: u64, now: Instant) -> Self {
        Self {
            link: Link::Waiting { until: now },
            opened: false,
            approval: Approval::Missing { after: now },
            topics: Topics::default(),
            echoes: VecDeque::new(),
            actions: VecDeque::new(),
            events: VecDeque::new(),
            ciphers: HashMap::new(),
            latest_cipher: None,
            full: None,
            ledger: Ledger::new(config.budgets),
            announced: Vec::new(),
            jitter: Jitter::new(seed),
            reconnect: Backoff::new(config.reconnect_delays),
            slot: Backoff::new(config.refusal_delays),
            unapproved: Backoff::new(config.refusal_delays),
            unfetched: Backoff::new(config.reconnect_delays),
            in_use: false,
            patience: config.silence_max,
            last_code: None,
            unattributed: 0,
            config,
        }
    }

    /// Takes over what an earlier process spent, or another one that uses the same app key.
    /// `wall` is the wall-clock time of `now`.
    pub fn import_budgets(&mut self, state: &BudgetState, now: Instant, wall: SystemTime) {
        self.ledger.import(state, now, wall);
    }

    /// What was spent since the last time this was called, to be kept across restarts.
    #[must_use]
    pub fn take_spent(&mut self, now: Instant, wall: SystemTime) -> BudgetState {
        self.ledger.take(now, wall)
    }

    /// Wants a topic. `Subscribed` or `Refused` follows, at once when the topic is present or
    /// the session full.
    pub fn subscribe(&mut self, topic: Topic, now: Instant) {
        if matches!(self.link, Link::Stopping { .. } | Link::Over) {
            return;
        }
        let limit = self.limit(now);
        let full = self.topics.wanted() >= limit;
        match self.topics.get_mut(&topic) {
            Some(entry) if entry.wanted || !full => {
                entry.wanted = true;
                entry.told_gone = false;
                if entry.actual == Actual::Present && entry.attempts > 0 {
                    // A request was sent and not answered, so KIS may send it or not.
                    // Registering again is right either way.
                    entry.doubt(Actual::Absent);
                } else if entry.actual == Actual::Present {
                    self.events.push_back(Event::Subscribed(topic));
                }
            }
            None if !full => self.topics.want(topic, now),
            entry => {
                // If it is just being released, the refusal is the last word on it.
                if let Some(entry) = entry {
                    entry.told_gone = true;
                }
                let reason = Refusal::SessionFull { limit };
                self.events.push_back(Event::Refused { topic, reason });
            }
        }
        self.advance(now);
    }

    /// Wants a topic no more. `Released` follows if it was wanted; at once when KIS has not
    /// been asked for it yet.
    pub fn unsubscribe(&mut self, topic: &Topic, now: Instant) {
        let Some(entry) = self.topics.get_mut(topic).filter(|it| it.wanted) else { return };
        entry.wanted = false;
        if !entry.taken() {
            self.topics.remove(topic);
            self.events.push_back(Event::Released(topic.clone()));
        } else if entry.actual == Actual::Absent {
            entry.doubt(Actual::Present);
        }
        self.advance(now);
    }

    /// Ends the session: present topics are released in quick order, then the socket is closed,
    /// at the latest after [`SessionConfig::shutdown_max`]. `Closed` is the last event.
    pub fn shutdown(&mut self, now: Instant) {
        if matches!(self.link, Link::Stopping { .. } | Link::Over) {
            return;
        }
        let topics: Vec<Topic> =
            self.topics.iter().filter(|it| it.wanted).map(|it| it.topic.clone()).collect();
        for topic in topics {
            self.unsubscribe(&topic, now);
        }
        self.link = match std::mem::replace(&mut self.link, Link::Over) {
            Link::Open(open) => Link::Stopping { open, deadline: now + self.config.shutdown_max },
            Link::Waiting { .. } | Link::Stopping { .. } | Link::Over => Link::Over,
            Link::Connecting => {
                self.actions.push_back(Action::Disconnect);
                Link::Over
            }
        };
        if matches!(self.link, Link::Over) {
            self.events.push_back(Event::Closed);
        }
        self.advance(now);
    }

    /// The approval key asked for has come.
    pub fn handle_approval(&mut self, key: ApprovalKey, now: Instant) {
        self.unfetched.reset();
        self.approval = Approval::Held { key, since: now };
        self.advance(now);
    }

    /// No approval key was to be had. `refused` tells that KIS said no, so that asking again
    /// soon would be hammering.
    pub fn handle_approval_failed(&mut self, refused: bool, now: Instant) {
        let backoff = if refused { &mut self.unapproved } else { &mut self.unfetched };
        let retry_in = backoff.next(&mut self.jitter);
        self.approval = Approval::Missing { after: now + retry_in };
        if !matches!(self.link, Link::Over) {
            self.events.push_back(Event::ApprovalFailed { refused, retry_in });
        }
        self.advance(now);
    }

    /// The socket is open.
    pub fn handle_opened(&mut self, now: Instant) {
        if !matches!(self.link, Link::Connecting) {
            return;
        }
        self.link = Link::Open(Open::new(now));
        self.opened = true;
        self.events.push_back(Event::Connected);
        self.advance(now);
    }

    /// The socket has ended, or could not be opened.
    pub fn handle_closed(&mut self, now: Instant) {
        self.lose(Loss::Closed, now);
        self.advance(now);
    }

    /// KIS sent a text.
    ///
    /// # Errors
    /// Returns an error when the text is neither data nor control, or a notice that cannot be
    /// decrypted; the session itself goes on.
    pub fn handle_text<'a>(
        &mut self,
        text: &'a str,
        now: Instant,
    ) -> Result<Received<'a>, SessionError> {
        let Some(open) = self.link.open_mut() else { return Ok(Received::Control) };
        open.hear(now, self.config.silence_max);
        if !text.starts_with('{') {
            let frame = Frame::parse(text)?;
            return if frame.encrypted { self.decrypt(&frame) } else { Ok(Received::Data(frame)) };
        }
        match Control::parse(text)? {
            Control::PingPong { text } => self.echoes.push_back(text.to_owned()),
            Control::Answer(answer) => {
                self.handle_answer(&answer, now);
                self.advance(now);
            }
        }
        Ok(Received::Control)
    }

    /// KIS gave a sign of life that is no text, such as a websocket ping.
    pub fn handle_alive(&mut self, now: Instant) {
        if let Some(open) = self.link.open_mut() {
            open.hear(now, self.config.silence_max);
        }
    }

    /// The time `poll_timeout` asked for has come.
    pub fn handle_timeout(&mut self, now: Instant) {
        self.advance(now);
    }

    /// The next text to send, if one may be sent now. Sending cannot fail for the session: a
    /// broken socket is reported by `handle_closed`.
    #[must_use]
    pub fn poll_transmit(&mut self, now: Instant) -> Option<String> {
        self.link.open_mut()?;
        self.echoes.pop_front().or_else(|| self.next_request(now))
    }

    /// The next thing the driver has to do.
    #[must_use]
    pub fn poll_action(&mut self) -> Option<Action> {
        self.actions.pop_front()
    }

    /// The next event for the session's owner.
    #[must_use]
    pub fn poll_event(&mut self) -> Option<Event> {
        self.events.pop_front()
    }

    fn decrypt(&mut self, frame: &Frame<'_>) -> Result<Received<'static>, SessionError> {
        let cipher = self.ciphers.get(frame.tr_id).or(self.latest_cipher.as_ref());
        let plain = cipher.map(|it| it.decrypt(frame.body)).transpose();
        match plain {
            Ok(Some(plain)) => {
                let Frame { tr_id, count, .. } = frame;
                Ok(Received::Notice(format!("0|{tr_id}|{count:03}|{plain}")))
            }
            failed => {
                let tr_id = frame.tr_id.to_owned();
                self.events.push_back(Event::NoticeUnreadable { tr_id: tr_id.clone() });
                Err(SessionError::Notice { tr_id, source: failed.err() })
            }
        }
    }
}
