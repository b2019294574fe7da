//! KIS's answers and what follows from them.

use std::time::Instant;

use kis_protocol::{
    Topic,
    control::{Answer, TrType},
};

use super::{
    Action, Event, Loss, Refusal, Session,
    link::Approval,
    reaction::Reaction,
    topics::{Actual, Entry},
};
use crate::credentials::scrub;

impl Session {
    pub(super) fn handle_answer(&mut self, answer: &Answer<'_>, now: Instant) {
        let mut reaction = Reaction::to(&answer.rt_cd, &answer.msg_cd);
        if !matches!(reaction, Reaction::Registered | Reaction::Released | Reaction::Done) {
            self.last_code = Some(answer.msg_cd.clone().into_owned());
        }
        match reaction {
            Reaction::InUse => return self.lose_slot(now),
            Reaction::Unapproved => return self.lose_approval(answer, now),
            _ => {}
        }
        let Some(topic) = self.addressee(answer) else {
            self.unattributed += 1;
            return;
        };
        let entry = self.topics.get_mut(&topic);
        if reaction == Reaction::Done {
            reaction = match entry.as_ref().map(|it| it.actual) {
                Some(Actual::Registering { .. }) => Reaction::Registered,
                Some(Actual::Releasing { .. }) => Reaction::Released,
                _ => return,
            };
        }
        match reaction {
            Reaction::Registered => self.registered(topic, answer, now),
            Reaction::Released => self.released(&topic, now),
            Reaction::Retry => {
                let delay = self.config.retry_delay;
                match entry {
                    Some(it) if it.outstanding().is_none() => {}
                    Some(it) if it.attempts < self.config.attempts_max => it.fall_back(now + delay),
                    _ => self.give_up(&topic, self.refusal(answer), now),
                }
            }
            Reaction::Full => self.refused_as_full(&topic, answer, now),
            _ => self.give_up(&topic, self.refusal(answer), now),
        }
    }

    /// Ends an outstanding request that KIS refused, or never answered however often it was sent.
    pub(super) fn give_up(&mut self, topic: &Topic, reason: Refusal, now: Instant) {
        let Some(entry) = self.topics.get_mut(topic) else { return };
        match entry.actual {
            Actual::Absent | Actual::Present => {}
            Actual::Releasing { .. } => self.released(topic, now),
            Actual::Registering { .. } => {
                let unanswered = matches!(reason, Refusal::Unanswered { .. });
                self.events.extend(last_word(entry, reason));
                if unanswered || entry.attempts > 1 {
                    // An attempt was not answered. KIS may have registered the topic all the
                    // same, and would send it to nobody.
                    entry.wanted = false;
                    entry.told_gone = true;
                    entry.doubt(Actual::Present);
                } else {
                    self.topics.remove(topic);
                }
            }
        }
    }

    /// The topic an answer is about. Errors found while KIS read a request name none; they are
    /// taken for the answer to the only outstanding request if there is just one.
    fn addressee(&self, answer: &Answer<'_>) -> Option<Topic> {
        match &answer.tr_id {
            Some(tr_id) if !answer.tr_key.is_empty() => Some(Topic::new(tr_id, &answer.tr_key)),
            _ => self.topics.only_outstanding().cloned(),
        }
    }

    fn registered(&mut self, topic: Topic, answer: &Answer<'_>, now: Instant) {
        if let Some(cipher) = &answer.cipher {
            self.ciphers.insert(topic.tr_id().into(), cipher.clone());
            self.latest_cipher = Some(cipher.clone());
        }
        if let Some(open) = self.link.open_mut() {
            open.proven = true;
        }
        self.slot.reset();
        self.unapproved.reset();
        self.in_use = false;
        match self.topics.get_mut(&topic) {
            // Late answers: to a request that was sent again, or from before a release.
            Some(Entry { actual: Actual::Present | Actual::Releasing { .. }, .. }) => {}
            Some(Entry { actual: Actual::Absent, asked: Some(TrType::Release), .. }) => {}
            Some(entry) => {
                entry.settle(Actual::Present);
                if entry.wanted {
                    self.events.push_back(Event::Subscribed(topic));
                }
            }
            // Nobody asked for it any more; to be released.
            None => self.topics.discover(topic, now),
        }
    }

    fn released(&mut self, topic: &Topic, now: Instant) {
        let Some(entry) = self.topics.get_mut(topic) else { return };
        match entry.actual {
            Actual::Releasing { .. } => {}
            // The late answer to a release that was taken for lost. KIS answers in order, so it
            // comes after that of the registration before: the topic is gone.
            Actual::Present => {
                if entry.wanted {
                    self.events.push_back(Event::Interrupted(topic.clone()));
                }
            }
            _ => return,
        }
        self.full = None;
        if entry.wanted {
            entry.settle(Actual::Absent);
            entry.ready = now;
            return;
        }
        if !entry.told_gone {
            self.events.push_back(Event::Released(topic.clone()));
        }
        self.topics.remove(topic);
    }

    /// KIS holds all it will. The topic is refused, and so are those that would come after it.
    fn refused_as_full(&mut self, topic: &Topic, answer: &Answer<'_>, now: Instant) {
        self.give_up(topic, self.refusal(answer), now);
        let limit = self.topics.occupied();
        self.full = Some((limit, now + self.config.full_memory));
        let over = self.topics.wanted().saturating_sub(limit);
        let waiting = self.topics.iter().rev().filter(|it| it.wanted);
        let waiting = waiting.filter(|it| it.actual == Actual::Absent);
        let topics: Vec<Topic> = waiting.take(over).map(|it| it.topic.clone()).collect();
        for topic in topics.into_iter().rev() {
            self.topics.remove(&topic);
            let reason = Refusal::SessionFull { limit };
            self.events.push_back(Event::Refused { topic, reason });
        }
    }

    /// OPSP8996. KIS ends the socket itself; we do not wait for that.
    fn lose_slot(&mut self, now: Instant) {
        if !self.in_use {
            self.in_use = true;
            self.events.push_back(Event::InUseElsewhere);
        }
        self.actions.push_back(Action::Disconnect);
        self.lose(Loss::InUseElsewhere, now);
    }

    /// OPSP0011 and its like. What is registered stays registered, since KIS looks at the key
    /// only when something is registered; a socket without registrations is given up.
    fn lose_approval(&mut self, answer: &Answer<'_>, now: Instant) {
        if let Some(topic) = self.addressee(answer)
            && let Some(entry) = self.topics.get_mut(&topic)
        {
            match entry.actual {
                Actual::Registering { .. } if entry.attempts == 1 => entry.settle(Actual::Absent),
                // An earlier attempt, not answered, may have been accepted.
                Actual::Registering { .. } => entry.fall_back(now),
                // To be asked again with another key, however often it takes.
                Actual::Releasing { .. } => {
                    entry.fall_back(now);
                    entry.attempts = 1;
                }
                Actual::Absent | Actual::Present => {}
            }
            let released = self.topics.drop_absent();
            self.events.extend(released.into_iter().map(Event::Released));
        }
        // All requests sent with the key are answered like this; the first answer counts.
        if self.key().is_some() {
            let after = now + self.unapproved.next(&mut self.jitter);
            self.approval = Approval::Missing { after };
            let code = answer.msg_cd.clone().into_owned();
            self.events.push_back(Event::ApprovalRefused { code });
        }
        let held = |it: &Entry| matches!(it.actual, Actual::Present | Actual::Releasing { .. });
        if !self.topics.iter().any(held) {
            self.actions.push_back(Action::Disconnect);
            self.lose(Loss::ApprovalRefused, now);
        }
    }

    fn refusal(&self, answer: &Answer<'_>) -> Refusal {
        let key = self.key().map_or("", |it| it.expose());
        Refusal::Kis { code: answer.msg_cd.clone().into_owned(), message: scrub(&answer.msg1, key) }
    }
}

/// What the owner has to be told of a registration that failed.
fn last_word(entry: &Entry, reason: Refusal) -> Option<Event> {
    let topic = entry.topic.clone();
    match (entry.wanted, entry.told_gone) {
        (true, _) => Some(Event::Refused { topic, reason }),
        (false, false) => Some(Event::Released(topic)),
        (false, true) => None,
    }
}
