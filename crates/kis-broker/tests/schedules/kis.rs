//! A model of KIS: one slot, its registrations, and the ways it misbehaves.

use std::{
    collections::{BTreeSet, VecDeque},
    time::{Duration, Instant},
};

use crate::random::Random;

/// What KIS holds at most, by all that is known.
pub(crate) const REGISTRATIONS_MAX: usize = 41;

/// KIS, seen from one app key.
pub(crate) struct Kis {
    pub(crate) link: Option<Link>,
    /// How many keys were issued, and the first that is still good.
    keys: (usize, usize),
    /// Until when a lost session's slot is held.
    slot_until: Instant,
    /// What it holds at most, in truth.
    pub(crate) registrations_max: usize,
    pub(crate) faults: Faults,
    pub(crate) seen: Seen,
    /// How often what is registered has changed.
    pub(crate) changes: usize,
}

/// What is wrong with KIS at the moment.
#[derive(Default)]
pub(crate) struct Faults {
    /// Codes for the next registrations of good keys.
    pub(crate) refuse: VecDeque<&'static str>,
    /// How many of the next answers are lost.
    pub(crate) forget: usize,
    /// How many of the next answers take long.
    pub(crate) delay: usize,
    /// Until when sockets are refused, and approval keys.
    pub(crate) no_sockets_until: Option<Instant>,
    pub(crate) no_keys_until: Option<Instant>,
}

/// What happened, to know what was tested.
#[derive(Default)]
pub(crate) struct Seen {
    pub(crate) duplicates: usize,
    pub(crate) over_limit: usize,
    pub(crate) in_use: usize,
    pub(crate) unapproved: usize,
    pub(crate) unechoed: usize,
}

/// One socket.
pub(crate) struct Link {
    pub(crate) registered: BTreeSet<String>,
    /// Texts on their way to the client, and the end of the socket (none), in order.
    to_client: VecDeque<(Instant, Option<String>)>,
    /// Whether this link, and not an older one, has the slot.
    has_slot: bool,
    /// A link cut without either side being told.
    pub(crate) half_open: bool,
    pings: u64,
    ping_at: Instant,
    ping_every: Duration,
    awaiting_echo: Option<(Instant, String)>,
}

impl Kis {
    pub(crate) fn new(registrations_max: usize, now: Instant) -> Self {
        Self {
            link: None,
            keys: (0, 0),
            slot_until: now,
            registrations_max,
            faults: Faults::default(),
            seen: Seen::default(),
            changes: 0,
        }
    }

    pub(crate) fn issue_key(&mut self) -> String {
        self.keys.0 += 1;
        format!("key-{:06}", self.keys.0 - 1)
    }

    pub(crate) fn forget_keys(&mut self) {
        self.keys.1 = self.keys.0;
    }

    pub(crate) fn release_slot(&mut self, now: Instant) {
        self.slot_until = now;
    }

    pub(crate) fn open(&mut self, now: Instant, ping_every: Duration) {
        self.link = Some(Link {
            registered: BTreeSet::new(),
            to_client: VecDeque::new(),
            has_slot: false,
            half_open: false,
            pings: 0,
            ping_at: now + ping_every,
            ping_every,
            awaiting_echo: None,
        });
    }

    /// The socket is gone; the slot may be held for a while.
    pub(crate) fn close(&mut self, now: Instant, held: Duration) {
        self.changes += 1;
        if self.link.take().is_some_and(|it| it.has_slot) {
            self.slot_until = self.slot_until.max(now + held);
        }
    }

    /// When something will arrive at the client.
    pub(crate) fn next_at(&self) -> Option<Instant> {
        let link = self.link.as_ref().filter(|it| !it.half_open)?;
        let delivery = link.to_client.front().map(|it| it.0);
        let echo = link.awaiting_echo.as_ref().map(|it| it.0);
        [delivery, echo, Some(link.ping_at)].into_iter().flatten().min()
    }

    /// What arrives at the client by `now`: a text, or the end of the socket.
    pub(crate) fn deliver(&mut self, now: Instant) -> Option<Option<String>> {
        let link = self.link.as_mut().filter(|it| !it.half_open)?;
        if link.to_client.front().is_some_and(|it| it.0 <= now) {
            return link.to_client.pop_front().map(|it| it.1);
        }
        if link.awaiting_echo.as_ref().is_some_and(|it| it.0 <= now) {
            self.seen.unechoed += 1;
            return Some(None);
        }
        if link.ping_at <= now {
            link.pings += 1;
            let text =
                format!(r#"{{"header":{{"tr_id":"PINGPONG","datetime":"{:014}"}}}}"#, link.pings);
            link.ping_at = now + link.ping_every;
            link.awaiting_echo = Some((now + Duration::from_secs(5), text.clone()));
            return Some(Some(text));
        }
        None
    }

    /// A text from the client.
    pub(crate) fn take(&mut self, text: &str, now: Instant, random: &mut Random) {
        let Some(link) = self.link.as_mut().filter(|it| !it.half_open) else { return };
        let json: serde_json::Value = serde_json::from_str(text).unwrap();
        let Some(key) = json["header"]["approval_key"].as_str() else {
            let (_, ping) = link.awaiting_echo.take().expect("only PINGPONGs are echoed");
            assert_eq!(ping, text, "the echo is the same text");
            return;
        };
        let input = &json["body"]["input"];
        let topic = (input["tr_id"].as_str().unwrap(), input["tr_key"].as_str().unwrap());
        let name = format!("{}:{}", topic.0, topic.1);
        let key: usize = key.trim_start_matches("key-").parse().unwrap();
        let registers = json["header"]["tr_type"] == "1";

        if registers && !link.has_slot && self.slot_until > now {
            self.seen.in_use += 1;
            link.answer(("(null)", ""), "9", "OPSP8996", now + random.millis(1, 50));
            link.to_client.push_back((now + random.millis(50, 90), None));
            return;
        }
        self.changes += 1;
        let (rt_cd, code) = if !registers {
            match link.registered.remove(&name) {
                true => ("0", "OPSP0001"),
                false => ("1", "OPSP0003"),
            }
        } else if key < self.keys.1 {
            self.seen.unapproved += 1;
            ("1", "OPSP0011")
        } else if topic.1.starts_with("BAD") {
            ("1", "OPSP8992")
        } else if link.registered.contains(&name) {
            self.seen.duplicates += 1;
            ("1", "OPSP0002")
        } else if let Some(code) = self.faults.refuse.pop_front() {
            ("1", code)
        } else if link.registered.len() == self.registrations_max {
            self.seen.over_limit += 1;
            ("1", "OPSP0008")
        } else {
            link.has_slot = true;
            link.registered.insert(name);
            ("0", "OPSP0000")
        };
        let mut at = now + random.millis(1, 50);
        if self.faults.forget > 0 {
            self.faults.forget -= 1;
            return;
        }
        if self.faults.delay > 0 {
            self.faults.delay -= 1;
            at += random.millis(1_000, 25_000);
        }
        let nameless = code.starts_with("OPSP89") && random.chance(50);
        link.answer(if nameless { ("", "") } else { topic }, rt_cd, code, at);
    }
}

impl Link {
    fn answer(&mut self, (tr_id, tr_key): (&str, &str), rt_cd: &str, code: &str, at: Instant) {
        // What is sent later arrives later.
        let at = self.to_client.back().map_or(at, |last| last.0.max(at));
        let text = format!(
            r#"{{"header":{{"tr_id":"{tr_id}","tr_key":"{tr_key}","encrypt":"N"}},"body":{{"rt_cd":"{rt_cd}","msg_cd":"{code}","msg1":"x"}}}}"#
        );
        self.to_client.push_back((at, Some(text)));
    }
}
