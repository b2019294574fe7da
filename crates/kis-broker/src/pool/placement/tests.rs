//! The placement on a pretended clock, with sessions that are told what to say.

use super::*;
use crate::session::Loss;

const SECOND: Duration = Duration::from_secs(1);

struct Fixture {
    pool: Placement,
    now: Instant,
}

fn topic(text: &str) -> Topic {
    match text.split_once(':') {
        Some((tr_id, tr_key)) => Topic::new(tr_id, tr_key),
        None => Topic::new("H0STCNT0", text),
    }
}

fn short(topic: &Topic) -> String {
    topic.as_str().trim_start_matches("H0STCNT0:").to_owned()
}

impl Fixture {
    /// Keys of so many slots each, named A, B and so on, whose sessions are connected.
    fn new(slots: &[usize]) -> Self {
        let mut it = Self { pool: Placement::new(PlacementConfig::default()), now: Instant::now() };
        for (number, slots) in slots.iter().enumerate() {
            it.add(["A", "B", "C"][number], None, *slots);
        }
        it
    }

    fn add(&mut self, name: &str, hts_id: Option<&str>, topics_max: usize) {
        let hts_id = hts_id.map(Into::into);
        let key = self.pool.add_key(KeySpec { name: name.into(), hts_id, topics_max }, self.now);
        self.pool.handle_event(key, Event::Connected, self.now);
        self.events();
    }

    fn key(&self, name: &str) -> KeyId {
        self.pool.keys.iter().find(|it| &*it.spec.name == name).unwrap().id
    }

    fn says(&mut self, name: &str, event: Event) {
        self.pool.handle_event(self.key(name), event, self.now);
    }

    fn confirms(&mut self, name: &str, topics: &[&str]) {
        for it in topics {
            self.says(name, Event::Subscribed(topic(it)));
        }
    }

    fn loses(&mut self, name: &str, topics: &[&str], reason: Loss) {
        let topics = topics.iter().map(|it| topic(it)).collect();
        self.says(name, Event::Lost { topics, reason });
    }

    /// Wants topics and has them confirmed wherever they are.
    fn live(&mut self, topics: &[&str]) {
        for it in topics {
            self.pool.subscribe(topic(it), self.now);
            let Some((key, Wish::Subscribe(_))) = self.pool.poll_wish() else {
                panic!("{it} is not placed")
            };
            self.pool.handle_event(key, Event::Subscribed(topic(it)), self.now);
        }
        self.events();
    }

    fn wait(&mut self, time: Duration) {
        let end = self.now + time;
        while let Some(at) = self.pool.poll_timeout(self.now).filter(|it| *it <= end) {
            assert!(at > self.now, "a deadline in the past");
            self.now = at;
            self.pool.handle_timeout(at);
        }
        self.now = end;
    }

    /// What the sessions are to do: `A+005930`.
    fn wishes(&mut self) -> Vec<String> {
        let mut wishes = Vec::new();
        while let Some((key, wish)) = self.pool.poll_wish() {
            let name = self.pool.key(key).map_or("?", |it| &it.spec.name);
            wishes.push(match wish {
                Wish::Subscribe(topic) => format!("{name}+{}", short(&topic)),
                Wish::Unsubscribe(topic) => format!("{name}-{}", short(&topic)),
                Wish::Shutdown => format!("{name}!"),
            });
        }
        wishes
    }

    /// What the owner is told: `live 005930`, `gap`, `refused`, `released`.
    fn events(&mut self) -> Vec<String> {
        let mut events = Vec::new();
        while let Some((_, event)) = self.pool.poll_event() {
            match event {
                Event::Subscribed(it) => events.push(format!("live {}", short(&it))),
                Event::Interrupted(it) => events.push(format!("gap {}", short(&it))),
                Event::Released(it) => events.push(format!("released {}", short(&it))),
                Event::Lost { topics, .. } => {
                    events.extend(topics.iter().map(|it| format!("gap {}", short(it))));
                }
                Event::Refused { topic, reason } => {
                    events.push(format!("refused {}: {reason}", short(&topic)));
                }
                _ => {}
            }
        }
        events
    }

    fn loads(&self) -> Vec<(usize, usize)> {
        self.pool.loads(self.now).iter().map(|it| (it.slots_used, it.slots_max)).collect()
    }
}

const NOTHING: [&str; 0] = [];

#[test]
fn topics_are_shared_out_and_the_last_is_refused_with_the_reason() {
    let mut it = Fixture::new(&[2, 2]);
    for number in ["1", "2", "3", "4", "5"] {
        it.pool.subscribe(topic(number), it.now);
    }
    assert_eq!(it.wishes(), ["A+1", "B+2", "A+3", "B+4"]);
    assert_eq!(
        it.events(),
        [
            "refused 5: no slot is free: 4 are used with 2 app keys; unsubscribe a topic first, or add an app key"
        ]
    );
    assert_eq!(it.loads(), [(2, 2), (2, 2)]);
    it.pool.unsubscribe(&topic("3"), it.now);
    it.pool.subscribe(topic("5"), it.now);
    assert_eq!(it.wishes(), ["A-3", "A+5"]);
    it.says("A", Event::Released(topic("3")));
    it.confirms("A", &["5"]);
    assert_eq!(it.events(), ["released 3", "live 5"]);
}

#[test]
fn the_capacity_is_that_of_the_keys_that_serve() {
    let mut it = Fixture::new(&[2, 3]);
    it.live(&["1", "2"]);
    assert_eq!(it.pool.capacity(it.now), 5);
    it.loses("B", &["2"], Loss::Closed);
    assert_eq!(it.pool.capacity(it.now), 5, "it may be back in a moment");
    it.wait(PlacementConfig::default().grace);
    assert_eq!(it.pool.capacity(it.now), 2);
    it.loses("A", &["1"], Loss::InUseElsewhere);
    assert_eq!(it.pool.capacity(it.now), 5, "nothing is gained by giving up topics");
    it.says("A", Event::Connected);
    it.says("B", Event::Connected);
    it.pool.remove_key(it.key("A"), it.now);
    assert_eq!(it.pool.capacity(it.now), 3);
}

#[test]
fn the_first_to_connect_does_not_get_everything() {
    let mut it = Fixture { pool: Placement::new(PlacementConfig::default()), now: Instant::now() };
    let spec = |name: &str| KeySpec { name: name.into(), hts_id: None, topics_max: 2 };
    for name in ["A", "B", "C"] {
        it.pool.add_key(spec(name), it.now);
    }
    it.says("B", Event::Connected);
    it.says("C", Event::Unreachable { retry_in: SECOND });
    for number in ["1", "2", "3", "4", "5"] {
        it.pool.subscribe(topic(number), it.now);
    }
    assert_eq!(it.wishes(), ["A+1", "B+2", "A+3", "B+4", "C+5"]);
}

#[test]
fn a_quick_reconnect_moves_nothing() {
    let mut it = Fixture::new(&[2, 2]);
    it.live(&["1", "2"]);
    it.loses("A", &["1"], Loss::Closed);
    it.wait(14 * SECOND);
    it.says("A", Event::Connected);
    it.confirms("A", &["1"]);
    it.wait(3600 * SECOND);
    assert_eq!(it.wishes(), NOTHING);
    assert_eq!(it.events(), ["gap 1", "live 1"]);
}

#[test]
fn a_long_loss_moves_what_finds_room_with_one_gap() {
    let mut it = Fixture::new(&[2, 3]);
    it.live(&["1", "2", "3", "4"]);
    it.loses("A", &["1", "3"], Loss::Closed);
    // A socket that serves nothing is no recovery.
    it.says("A", Event::Connected);
    it.loses("A", &[], Loss::Closed);
    it.wait(20 * SECOND);
    assert_eq!(it.wishes(), ["A-1"], "one slot is free; the other topic keeps waiting");
    it.says("A", Event::Released(topic("1")));
    assert_eq!(it.wishes(), ["B+1"]);
    it.confirms("B", &["1"]);
    assert_eq!(it.events(), ["gap 1", "gap 3", "live 1"]);
    // Room anywhere is taken by what waits.
    it.pool.unsubscribe(&topic("2"), it.now);
    assert_eq!(it.wishes(), ["B-2", "A-3"]);
    it.says("A", Event::Released(topic("3")));
    assert_eq!(it.wishes(), ["B+3"]);
    // What is healthy does not move back.
    it.says("A", Event::Connected);
    it.confirms("B", &["3"]);
    it.wait(3600 * SECOND);
    assert_eq!(it.wishes(), NOTHING);
}

#[test]
fn a_key_in_use_elsewhere_is_left_at_once() {
    let mut it = Fixture::new(&[2, 2]);
    it.live(&["1", "2"]);
    it.loses("A", &["1"], Loss::Closed);
    it.says("A", Event::Connected);
    assert_eq!(it.wishes(), NOTHING);
    it.says("A", Event::InUseElsewhere);
    assert_eq!(it.wishes(), ["A-1"]);
    it.loses("A", &[], Loss::InUseElsewhere);
    it.says("A", Event::Released(topic("1")));
    assert_eq!(it.wishes(), ["B+1"]);
    it.confirms("B", &["1"]);
    assert_eq!(it.events(), ["gap 1", "live 1"]);
    let state = |it: &Fixture| {
        it.pool.loads(it.now).iter().map(|it| (it.up, it.deserted)).collect::<Vec<_>>()
    };
    assert_eq!(state(&it), vec![(false, true), (true, false)]);
    assert_eq!(it.pool.topics_of(it.key("A")), []);
    // With no room elsewhere its slots are still worth waiting for.
    it.live(&["3", "4"]);
    assert_eq!(it.loads(), [(2, 2), (2, 2)]);
    assert_eq!(state(&it), vec![(true, false), (true, false)], "it serves again");
    assert_eq!(it.pool.topics_of(it.key("A")), [topic("3"), topic("4")]);
}

#[test]
fn a_key_that_is_full_sends_topics_elsewhere() {
    let mut it = Fixture::new(&[3, 1]);
    it.live(&["1", "2"]);
    it.pool.subscribe(topic("3"), it.now);
    it.pool.subscribe(topic("4"), it.now);
    assert_eq!(it.wishes(), ["A+3", "A+4"]);
    let full = || Refusal::Kis { code: "OPSP0008".into(), message: "MAX SUBSCRIBE OVER".into() };
    it.pool.unsubscribe(&topic("2"), it.now);
    it.says("B", Event::Released(topic("2")));
    it.events();
    it.says("A", Event::Refused { topic: topic("3"), reason: full() });
    assert_eq!(it.wishes(), ["B-2", "A-3", "B+3"], "released in any case, and placed elsewhere");
    it.says("A", Event::Refused { topic: topic("4"), reason: full() });
    assert_eq!(it.wishes(), ["A-4"]);
    assert_eq!(it.events().len(), 1, "refused, for nowhere is room");
    assert_eq!(it.loads(), [(1, 1), (1, 1)]);
    it.wait(60 * SECOND);
    assert_eq!(it.loads(), [(1, 3), (1, 1)], "forgotten after a while");
}

#[test]
fn a_removed_key_is_emptied_and_shut_down() {
    let mut it = Fixture::new(&[2, 1]);
    it.live(&["1", "2", "3"]);
    it.pool.unsubscribe(&topic("2"), it.now);
    it.says("B", Event::Released(topic("2")));
    it.wishes();
    it.events();
    it.pool.remove_key(it.key("A"), it.now);
    assert_eq!(it.wishes(), ["A-1", "A-3"]);
    it.says("A", Event::Released(topic("1")));
    assert_eq!(it.wishes(), ["B+1"]);
    it.confirms("B", &["1"]);
    it.says("A", Event::Released(topic("3")));
    let events = it.events();
    assert_eq!(events[..3], ["gap 1", "live 1", "gap 3"], "one gap each");
    assert!(events[3].starts_with("refused 3: no slot is free"), "{events:?}");
    assert_eq!(it.wishes(), ["A!"]);
    it.says("A", Event::Closed);
    assert_eq!(it.loads(), [(1, 1)]);
}

#[test]
fn a_session_that_does_not_release_is_shut_down_all_the_same() {
    let mut it = Fixture::new(&[1, 1]);
    it.live(&["1"]);
    it.pool.remove_key(it.key("A"), it.now);
    assert_eq!(it.wishes(), ["A-1"]);
    it.wait(10 * SECOND);
    assert_eq!(it.wishes(), ["A!"]);
    it.says("A", Event::Released(topic("1")));
    it.says("A", Event::Closed);
    assert_eq!(it.wishes(), ["B+1"]);
}

#[test]
fn a_key_added_takes_what_waits() {
    let mut it = Fixture::new(&[1, 1]);
    it.live(&["1", "2"]);
    it.loses("A", &["1"], Loss::Silent);
    it.wait(60 * SECOND);
    assert_eq!(it.wishes(), NOTHING);
    it.add("C", None, 1);
    assert_eq!(it.wishes(), ["A-1"]);
    it.says("A", Event::Released(topic("1")));
    assert_eq!(it.wishes(), ["C+1"]);
}

#[test]
fn pinned_topics_come_first() {
    let mut it = Fixture::new(&[2]);
    it.live(&["1", "2"]);
    it.pool.pin(topic("9"), it.now);
    assert_eq!(it.wishes(), ["A-2", "A+9"], "the latest one has to go");
    it.says("A", Event::Released(topic("2")));
    it.confirms("A", &["9"]);
    let events = it.events();
    assert_eq!(events[0], "gap 2");
    assert!(events[1].starts_with("refused 2"), "{events:?}");
    // It stays without subscribers, and a client's leaving does not end it.
    it.pool.subscribe(topic("9"), it.now);
    it.pool.unsubscribe(&topic("9"), it.now);
    assert_eq!(it.wishes(), NOTHING);
    // A second one takes the other slot, a third has to wait.
    it.pool.pin(topic("8"), it.now);
    it.pool.pin(topic("7"), it.now);
    assert_eq!((it.wishes(), it.pool.waiting()), (vec!["A-1".to_owned(), "A+8".to_owned()], 1));
    it.add("B", None, 1);
    assert_eq!((it.wishes(), it.pool.waiting()), (vec!["B+7".to_owned()], 0));
}

#[test]
fn a_pinned_topic_changes_places_after_a_loss() {
    let mut it = Fixture::new(&[1, 1]);
    it.pool.pin(topic("9"), it.now);
    assert_eq!(it.wishes(), ["A+9"]);
    it.confirms("A", &["9"]);
    it.live(&["1"]);
    it.loses("A", &["9"], Loss::Closed);
    it.wait(15 * SECOND);
    assert_eq!(it.wishes(), ["B-1", "A-9"]);
    it.says("B", Event::Released(topic("1")));
    it.says("A", Event::Released(topic("9")));
    assert_eq!(it.wishes(), ["A+1", "B+9"]);
    it.confirms("B", &["9"]);
    assert_eq!(it.events(), ["gap 9", "gap 1", "live 9"]);
}

#[test]
fn a_pinned_topic_that_kis_refuses_is_asked_for_again() {
    let mut it = Fixture::new(&[2]);
    it.pool.pin(topic("9"), it.now);
    assert_eq!(it.wishes(), ["A+9"]);
    let reason = Refusal::Kis { code: "OPSP0009".into(), message: "mci send failed".into() };
    it.says("A", Event::Refused { topic: topic("9"), reason });
    assert_eq!(it.wishes(), ["A-9"]);
    assert_eq!(it.events().len(), 1);
    it.wait(299 * SECOND);
    assert_eq!(it.wishes(), NOTHING);
    it.wait(SECOND);
    assert_eq!(it.wishes(), ["A+9"]);
}

#[test]
fn notices_stay_with_their_account() {
    let mut it = Fixture::new(&[]);
    it.add("A", Some("ann"), 2);
    it.add("B", Some("bob"), 2);
    let (ann, bob, eve) = ("H0STCNI0:ann", "H0STCNI0:bob", "H0STCNI0:eve");
    it.pool.subscribe(topic(bob), it.now);
    it.pool.subscribe(topic(ann), it.now);
    it.pool.subscribe(topic(eve), it.now);
    assert_eq!(it.wishes(), ["B+H0STCNI0:bob", "A+H0STCNI0:ann"]);
    assert!(it.events()[0].contains("no app key belongs to the account"));
    it.confirms("A", &[ann]);
    it.confirms("B", &[bob]);
    it.loses("B", &[bob], Loss::InUseElsewhere);
    it.wait(3600 * SECOND);
    assert_eq!(it.wishes(), NOTHING, "it waits for its own session");
    // A key whose account is not known may be anybody's.
    it.add("C", None, 2);
    it.pool.subscribe(topic(eve), it.now);
    assert_eq!(it.wishes(), ["C+H0STCNI0:eve"]);
}

#[test]
fn a_notice_gives_way_to_a_pinned_topic_last_and_never_goes_to_another_account() {
    let mut it = Fixture::new(&[]);
    it.add("A", Some("ann"), 1);
    it.add("B", Some("bob"), 2);
    it.pool.pin(topic("9"), it.now);
    it.live(&["1", "H0STCNI0:bob"]);
    it.wishes();
    it.confirms("A", &["9"]);
    it.loses("A", &["9"], Loss::InUseElsewhere);
    assert_eq!(it.wishes(), ["B-1", "A-9"], "the notice is the later one, but has no other place");
    it.says("B", Event::Released(topic("1")));
    it.says("A", Event::Released(topic("9")));
    assert_eq!(it.wishes(), ["A+1", "B+9"]);
}

#[test]
fn a_notice_makes_others_move_when_only_its_own_session_is_full() {
    let mut it = Fixture::new(&[]);
    it.add("A", Some("ann"), 1);
    it.live(&["1"]);
    it.add("B", Some("bob"), 1);
    it.pool.subscribe(topic("H0STCNI0:ann"), it.now);
    assert_eq!(it.wishes(), ["A-1", "A+H0STCNI0:ann"]);
    it.says("A", Event::Released(topic("1")));
    assert_eq!(it.wishes(), ["B+1"]);
    it.pool.subscribe(topic("H0STCNI9:ann"), it.now);
    assert_eq!(it.wishes(), NOTHING);
    assert_eq!(it.events().len(), 2, "a gap, and a refusal: nobody else is refused for it");
}

#[test]
fn one_key_leaves_notices_to_kis() {
    let mut it = Fixture::new(&[]);
    it.add("A", Some("ann"), 2);
    it.pool.subscribe(topic("H0STCNI0:eve"), it.now);
    assert_eq!(it.wishes(), ["A+H0STCNI0:eve"]);
}

#[test]
fn changing_ones_mind_needs_no_second_session() {
    let mut it = Fixture::new(&[1, 1]);
    it.live(&["1"]);
    it.pool.unsubscribe(&topic("1"), it.now);
    it.pool.subscribe(topic("1"), it.now);
    assert_eq!(it.wishes(), ["A-1", "A+1"]);
    // The session had released it already.
    it.says("A", Event::Released(topic("1")));
    assert_eq!(it.events(), NOTHING);
    it.confirms("A", &["1"]);
    assert_eq!(it.events(), ["live 1"]);
}

#[test]
fn what_a_session_sends_after_a_move_is_known_as_stray() {
    let mut it = Fixture::new(&[1, 1]);
    it.live(&["1"]);
    let a = it.key("A");
    assert!(!it.pool.has_strays(a));
    it.loses("A", &["1"], Loss::Closed);
    it.wait(15 * SECOND);
    it.says("A", Event::Released(topic("1")));
    assert_eq!(it.wishes(), ["A-1", "B+1"]);
    assert!(it.pool.is_stray(a, "H0STCNT0:1") && !it.pool.is_stray(it.key("B"), "H0STCNT0:1"));
    it.confirms("A", &["1"]);
    assert_eq!((it.wishes(), it.events()), (vec!["A-1".to_owned()], vec!["gap 1".to_owned()]));
    it.loses("A", &[], Loss::Closed);
    assert!(!it.pool.has_strays(a), "a lost link sends nothing");
}

#[test]
fn shutting_down_releases_everything() {
    let mut it = Fixture::new(&[1, 1]);
    it.live(&["1", "2"]);
    it.pool.pin(topic("3"), it.now);
    it.events();
    it.wishes();
    it.pool.shutdown(it.now);
    assert_eq!(it.wishes(), ["A!", "B!"]);
    it.says("A", Event::Released(topic("1")));
    it.says("A", Event::Closed);
    assert!(!it.pool.is_over());
    it.says("B", Event::Closed);
    assert!(it.pool.is_over());
    let mut events = it.events();
    events.sort();
    assert_eq!(events, ["released 1", "released 2", "released 3"]);
}
