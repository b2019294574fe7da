//! What subscribers get: order, batches, formats, snapshots, recovery, upstream events.

use std::time::{Duration, Instant};

use crate::text::{ROOM, Text, drain, hub, publish};
use relay_core::{
    Closed, Config, Format, Hub, Item, Limits, Options, Outbox, Policy, Position, Refusal,
    Subscribed, UpstreamState,
};

const SNAPSHOT: Options =
    Options { format: Format(0), policy: Policy::Lossless, snapshot: true, resume: None };

fn resume(seq: u64) -> Options {
    Options { resume: Some(Position { epoch: 7, seq }), ..Options::default() }
}

/// So many clients, subscribed to these topics.
fn join(hub: &Hub<Text>, clients: usize, topics: &[&'static str]) -> Vec<Outbox<&'static str>> {
    let outboxes: Vec<_> = (0..clients).map(|_| hub.connect(ROOM)).collect();
    for (outbox, topic) in
        outboxes.iter().flat_map(|it| topics.iter().map(move |&topic| (it, topic)))
    {
        hub.subscribe(outbox.client(), topic, Options::default()).unwrap();
    }
    outboxes
}

#[test]
fn messages_between_two_flushes_are_one_item() {
    let hub = hub();
    let mut outbox = hub.connect(ROOM);
    hub.subscribe(outbox.client(), "a", Options::default()).unwrap();
    assert_eq!(hub.publish("a", "x".to_owned()), Some(1));
    assert_eq!(hub.publish("a", "y".to_owned()), Some(2));
    assert_eq!(drain(&mut outbox), [""; 0], "nothing goes out before the flush");
    hub.flush();
    publish(&hub, "a", &["z"]);
    let mut batch = Vec::new();
    assert_eq!(outbox.try_recv(&mut batch), Ok(true));
    let [Item::Messages(first), Item::Messages(second)] = &batch[..] else { panic!("{batch:?}") };
    assert_eq!(first.bytes(), "0/a/1/x;0/a/2/y;");
    assert_eq!((first.topic(), first.count()), (&"a", 2));
    assert_eq!((first.first_seq(), first.last_seq()), (1, 2));
    let each: Vec<_> = first.iter().collect();
    assert_eq!(each, [(1, &b"0/a/1/x;"[..]), (2, &b"0/a/2/y;"[..])]);
    assert_eq!(second.iter().collect::<Vec<_>>(), [(3, &b"0/a/3/z;"[..])]);
}

#[test]
fn a_flush_in_parts_brings_later_clients_what_was_published_meanwhile() {
    let hub = hub();
    let mut outboxes = join(&hub, 5, &["a"]);
    let mut received = || -> Vec<_> { outboxes.iter_mut().map(drain).collect() };
    hub.publish("a", "x".to_owned());
    assert!(hub.flush_some(2), "three are left");
    assert_eq!(received(), [&["0/a/1/x;"][..], &["0/a/1/x;"], &[], &[], &[]]);
    hub.publish("a", "y".to_owned());
    assert!(hub.flush_some(4), "one lacks y");
    let both = &["0/a/1/x;0/a/2/y;"][..];
    assert_eq!(received(), [&["0/a/2/y;"][..], &[], both, both, both]);
    assert!(!hub.flush_some(4), "nothing is left");
    assert_eq!(received(), [&[][..], &["0/a/2/y;"], &[], &[], &[]]);
    assert!(!hub.flush_some(4), "nothing was published");
    assert_eq!(hub.stats().pending_bytes, 0);
}

#[test]
fn a_flush_in_parts_brings_several_topics_at_once() {
    let hub = hub();
    let mut outboxes = join(&hub, 3, &["a", "b"]);
    hub.publish("a", "x".to_owned());
    assert!(hub.flush_some(1));
    hub.publish("b", "y".to_owned());
    assert!(!hub.flush_some(1));
    for outbox in &mut outboxes {
        assert_eq!(drain(outbox), ["0/a/1/x;", "0/b/1/y;"]);
    }
}

#[test]
fn who_leaves_amid_a_flush_in_parts_takes_nothing_from_the_others() {
    let hub = hub();
    let mut outboxes = join(&hub, 4, &["a"]);
    hub.publish("a", "x".to_owned());
    assert!(hub.flush_some(1));
    drop(outboxes.remove(1));
    hub.publish("a", "y".to_owned());
    while hub.flush_some(1) {}
    for outbox in &mut outboxes {
        assert_eq!(drain(outbox).concat(), "0/a/1/x;0/a/2/y;");
    }
}

#[test]
fn a_flush_happens_by_itself_when_much_is_pending() {
    let mut config = Config::new(7);
    config.pending_bytes = 20;
    let hub = Hub::new(config, Text);
    let mut outbox = hub.connect(ROOM);
    hub.subscribe(outbox.client(), "a", Options::default()).unwrap();
    hub.publish("a", "x".to_owned());
    hub.publish("a", "y".to_owned());
    assert_eq!(hub.stats().pending_bytes, 16);
    assert_eq!(drain(&mut outbox), [""; 0]);
    hub.publish("a", "z".to_owned());
    assert_eq!(hub.stats().pending_bytes, 0);
    assert_eq!(drain(&mut outbox), ["0/a/1/x;0/a/2/y;0/a/3/z;"]);
}

#[test]
fn subscribers_share_the_bytes_of_their_format() {
    let hub = hub();
    let mut outboxes: Vec<_> = (0..4).map(|_| hub.connect(ROOM)).collect();
    for (outbox, format) in outboxes.iter().zip([0, 1, 0, 1]) {
        let options = Options { format: Format(format), ..Options::default() };
        hub.subscribe(outbox.client(), "a", options).unwrap();
    }
    publish(&hub, "a", &["x"]);
    let pointers: Vec<_> = outboxes
        .iter_mut()
        .map(|outbox| {
            let mut batch = Vec::new();
            outbox.try_recv(&mut batch).unwrap();
            let [Item::Messages(it)] = &batch[..] else { panic!("{batch:?}") };
            (it.bytes().as_ptr(), it.bytes().clone())
        })
        .collect();
    assert_eq!(pointers[0], pointers[2]);
    assert_eq!(pointers[1], pointers[3]);
    assert_eq!((&*pointers[0].1, &*pointers[1].1), (&b"0/a/1/x;"[..], &b"1/a/1/x;"[..]));
}

#[test]
fn an_unknown_topic_takes_no_messages() {
    let hub = hub();
    assert_eq!(hub.publish("a", String::new()), None);
    assert_eq!((hub.stats().unknown, hub.stats().published), (1, 0));
    assert!(!hub.confirm("a") && !hub.lost("a") && !hub.refuse("a", &Refusal::new("1", "no")));
}

#[test]
fn the_snapshot_comes_before_live_messages_and_once() {
    let hub = hub();
    let mut first = hub.connect(ROOM);
    let subscribed = hub.subscribe(first.client(), "a", SNAPSHOT).unwrap();
    let none = Subscribed { state: UpstreamState::Pending, seq: 0, epoch: 7, recovered: None };
    assert_eq!(subscribed, none);
    hub.publish("a", "x".to_owned());
    hub.publish("a", "y".to_owned());
    // Not flushed: the second client gets `y` as its snapshot, but not again with the flush.
    let mut second = hub.connect(ROOM);
    let options = Options { format: Format(1), ..SNAPSHOT };
    assert_eq!(hub.subscribe(second.client(), "a", options).unwrap().seq, 2);
    publish(&hub, "a", &["z"]);
    assert_eq!(drain(&mut first), ["0/a/1/x;0/a/2/y;", "0/a/3/z;"]);
    assert_eq!(drain(&mut second), ["1/a/2/y;", "1/a/3/z;"]);
}

#[test]
fn without_asking_there_is_no_snapshot() {
    let hub = hub();
    let first = hub.connect(ROOM);
    hub.subscribe(first.client(), "a", SNAPSHOT).unwrap();
    publish(&hub, "a", &["x"]);
    let mut second = hub.connect(ROOM);
    hub.subscribe(second.client(), "a", Options::default()).unwrap();
    publish(&hub, "a", &["y"]);
    assert_eq!(drain(&mut second), ["0/a/2/y;"]);
}

#[test]
fn a_topic_without_subscribers_keeps_its_numbers_and_its_history() {
    let hub = hub();
    let outbox = hub.connect(ROOM);
    hub.subscribe(outbox.client(), "a", Options::default()).unwrap();
    drop(outbox);
    publish(&hub, "a", &["x", "y"]);
    assert_eq!(hub.last("a", Format(3)), Some((2, "3/a/2/y;".into())));
    assert_eq!(hub.with_last("a", |seq, value| (seq, value.clone())), Some((2, "y".to_owned())));
    let mut outbox = hub.connect(ROOM);
    let subscribed = hub.subscribe(outbox.client(), "a", resume(1)).unwrap();
    assert_eq!((subscribed.seq, subscribed.recovered), (2, Some(true)));
    assert_eq!(drain(&mut outbox), ["0/a/2/y;"]);
}

#[test]
fn resuming_replays_all_or_says_that_it_cannot() {
    #[track_caller]
    fn check(options: Options, limits: Limits, recovered: bool, expected: &[&str]) {
        let mut config = Config::new(7);
        config.ring = 3;
        let hub = Hub::new(config, Text);
        let other = hub.connect(ROOM);
        hub.subscribe(other.client(), "a", Options::default()).unwrap();
        publish(&hub, "a", &["v", "w", "x", "y", "z"]);
        let mut outbox = hub.connect(limits);
        let subscribed = hub.subscribe(outbox.client(), "a", options).unwrap();
        assert_eq!(subscribed.recovered, Some(recovered));
        assert_eq!(drain(&mut outbox), expected);
        publish(&hub, "a", &["live"]);
        assert_eq!(drain(&mut outbox), ["0/a/6/live;"]);
    }
    check(resume(2), ROOM, true, &["0/a/3/x;0/a/4/y;0/a/5/z;"]);
    check(resume(4), ROOM, true, &["0/a/5/z;"]);
    check(resume(5), ROOM, true, &[]);
    check(Options { snapshot: true, ..resume(5) }, ROOM, true, &[]);
    check(resume(1), ROOM, false, &["0/a/5/z;"]);
    check(resume(6), ROOM, false, &["0/a/5/z;"]);
    check(resume(u64::MAX), ROOM, false, &["0/a/5/z;"]);
    let other_epoch = Options { resume: Some(Position { epoch: 8, seq: 4 }), ..resume(4) };
    check(other_epoch, ROOM, false, &["0/a/5/z;"]);
    check(resume(2), Limits { messages: 2, ..ROOM }, false, &["0/a/5/z;"]);
    check(resume(2), Limits { bytes: 23, ..ROOM }, false, &["0/a/5/z;"]);
    let conflate = Options { policy: Policy::Conflate, ..resume(2) };
    check(conflate, ROOM, true, &["0/a/3/x;0/a/4/y;0/a/5/z;"]);
}

#[test]
fn history_can_be_switched_off() {
    let mut config = Config::new(7);
    config.ring = 0;
    config.snapshot = false;
    let hub = Hub::new(config, Text);
    let first = hub.connect(ROOM);
    hub.subscribe(first.client(), "a", Options::default()).unwrap();
    publish(&hub, "a", &["x", "y"]);
    assert_eq!(hub.last("a", Format(0)), None);
    let mut second = hub.connect(ROOM);
    let options = Options { snapshot: true, ..resume(1) };
    assert_eq!(hub.subscribe(second.client(), "a", options).unwrap().recovered, Some(false));
    assert_eq!(drain(&mut second), [""; 0]);
    let mut third = hub.connect(ROOM);
    assert_eq!(hub.subscribe(third.client(), "a", resume(2)).unwrap().recovered, Some(true));
    publish(&hub, "a", &["z"]);
    assert_eq!(drain(&mut third), ["0/a/3/z;"]);
}

#[test]
fn subscribing_again_changes_the_policy_only() {
    let hub = hub();
    let mut outbox = hub.connect(Limits { messages: 1, ..ROOM });
    hub.subscribe(outbox.client(), "a", SNAPSHOT).unwrap();
    publish(&hub, "a", &["x"]);
    let skip = Options { policy: Policy::Skip, ..SNAPSHOT };
    assert_eq!(hub.subscribe(outbox.client(), "a", skip).unwrap().recovered, None);
    assert_eq!(hub.stats().subscriptions, 1);
    publish(&hub, "a", &["y"]);
    assert_eq!(drain(&mut outbox), ["0/a/1/x;", "gap a 2..2 Slow"]);
}

#[test]
fn another_format_replaces_the_subscription() {
    let hub = hub();
    let mut outbox = hub.connect(ROOM);
    hub.subscribe(outbox.client(), "a", SNAPSHOT).unwrap();
    publish(&hub, "a", &["x"]);
    let other = Options { format: Format(1), ..SNAPSHOT };
    hub.subscribe(outbox.client(), "a", other).unwrap();
    assert_eq!(hub.stats().subscriptions, 1);
    publish(&hub, "a", &["y"]);
    assert_eq!(drain(&mut outbox), ["0/a/1/x;", "1/a/1/x;", "1/a/2/y;"]);
}

#[test]
fn an_unsubscribed_client_gets_no_more() {
    let hub = hub();
    let mut outboxes: Vec<_> = (0..3).map(|_| hub.connect(ROOM)).collect();
    for outbox in &outboxes {
        hub.subscribe(outbox.client(), "a", Options::default()).unwrap();
    }
    assert!(hub.unsubscribe(outboxes[0].client(), "a"));
    assert!(!hub.unsubscribe(outboxes[0].client(), "a"));
    assert!(!hub.unsubscribe(outboxes[0].client(), "b"));
    publish(&hub, "a", &["x"]);
    // The last one took the place of the first and must still be found there.
    assert!(hub.unsubscribe(outboxes[2].client(), "a"));
    publish(&hub, "a", &["y"]);
    let seen: Vec<_> = outboxes.iter_mut().map(drain).collect();
    assert_eq!(seen, [vec![], vec!["0/a/1/x;", "0/a/2/y;"], vec!["0/a/1/x;"]]);
}

#[test]
fn confirmation_reaches_those_who_wait() {
    let hub = hub();
    let mut outbox = hub.connect(ROOM);
    hub.subscribe(outbox.client(), "a", Options::default()).unwrap();
    publish(&hub, "a", &["x"]);
    assert!(hub.confirm("a"));
    assert!(hub.confirm("a"));
    publish(&hub, "a", &["y"]);
    assert_eq!(drain(&mut outbox), ["0/a/1/x;", "live a", "0/a/2/y;"]);
    let late = hub.connect(ROOM);
    let subscribed = hub.subscribe(late.client(), "a", Options::default()).unwrap();
    assert_eq!(subscribed.state, UpstreamState::Live);
}

#[test]
fn refusal_ends_the_subscriptions_and_the_topic() {
    let hub = hub();
    let mut outboxes: Vec<_> = (0..2).map(|_| hub.connect(ROOM)).collect();
    for outbox in &outboxes {
        hub.subscribe(outbox.client(), "a", Options::default()).unwrap();
    }
    hub.subscribe(outboxes[0].client(), "b", Options::default()).unwrap();
    assert!(hub.refuse("a", &Refusal::new("FULL", "no room")));
    assert_eq!(hub.publish("a", String::new()), None);
    publish(&hub, "b", &["x"]);
    assert_eq!(drain(&mut outboxes[0]), ["refused a FULL", "0/b/1/x;"]);
    assert_eq!(drain(&mut outboxes[1]), ["refused a FULL"]);
    assert_eq!((hub.stats().topics, hub.stats().subscriptions), (1, 1));
    hub.subscribe(outboxes[1].client(), "a", Options::default()).unwrap();
    assert_eq!(hub.stats().topics, 2);
}

#[test]
fn an_upstream_loss_is_announced_once_and_takes_a_number() {
    let hub = hub();
    let mut outbox = hub.connect(ROOM);
    hub.subscribe(outbox.client(), "a", Options::default()).unwrap();
    hub.subscribe(outbox.client(), "b", Options::default()).unwrap();
    hub.lost_all();
    assert_eq!(drain(&mut outbox), [""; 0], "nothing was there to be lost");
    hub.confirm("a");
    publish(&hub, "a", &["x"]);
    hub.publish("a", "y".to_owned());
    hub.lost_all();
    hub.lost("a");
    assert_eq!(
        hub.topics().iter().map(|it| it.state).collect::<Vec<_>>(),
        [UpstreamState::Pending, UpstreamState::Pending]
    );
    hub.confirm("a");
    publish(&hub, "a", &["z"]);
    let expected = ["live a", "0/a/1/x;", "0/a/2/y;", "gap a 3.. Upstream", "live a", "0/a/4/z;"];
    assert_eq!(drain(&mut outbox), expected);
}

#[test]
fn nobody_resumes_across_a_loss_but_the_snapshot_survives_it() {
    let hub = hub();
    let first = hub.connect(ROOM);
    hub.subscribe(first.client(), "a", Options::default()).unwrap();
    publish(&hub, "a", &["x", "y"]);
    hub.lost("a");
    for seq in [1, 2] {
        let mut outbox = hub.connect(ROOM);
        let subscribed = hub.subscribe(outbox.client(), "a", resume(seq)).unwrap();
        assert_eq!((subscribed.seq, subscribed.recovered), (3, Some(false)));
        assert_eq!(drain(&mut outbox), ["0/a/2/y;"]);
    }
    publish(&hub, "a", &["z"]);
    let mut outbox = hub.connect(ROOM);
    assert_eq!(hub.subscribe(outbox.client(), "a", resume(3)).unwrap().recovered, Some(true));
    assert_eq!(drain(&mut outbox), ["0/a/4/z;"]);
}

#[test]
fn nobody_resumes_across_a_release() {
    let hub = hub();
    let mut now = Instant::now();
    let mut position = 0;
    for _ in 0..3 {
        let mut outbox = hub.connect(ROOM);
        let subscribed = hub.subscribe(outbox.client(), "a", resume(position)).unwrap();
        assert_eq!(subscribed.recovered, Some(position == 0));
        publish(&hub, "a", &["x"]);
        position = hub.topics()[0].seq;
        assert_eq!(drain(&mut outbox), [format!("0/a/{position}/x;")]);
        drop(outbox);
        while hub.poll_demand(now).is_some() {}
        now += Duration::from_secs(60);
        while hub.poll_demand(now).is_some() {}
        assert_eq!(hub.stats().topics, 0);
    }
}

#[test]
fn closing_delivers_what_is_queued_first() {
    let hub = hub();
    let mut outbox = hub.connect(ROOM);
    hub.subscribe(outbox.client(), "a", Options::default()).unwrap();
    hub.publish("a", "x".to_owned());
    hub.close("maintenance");
    assert_eq!(hub.publish("a", "y".to_owned()), None);
    hub.subscribe(outbox.client(), "b", Options::default()).unwrap_err();
    assert_eq!(drain(&mut outbox), ["0/a/1/x;"]);
    let closed = Err(Closed::Shutdown { reason: "maintenance".into() });
    assert_eq!(outbox.try_recv(&mut Vec::new()), closed);
    assert_eq!(hub.connect(ROOM).try_recv(&mut Vec::new()), closed);
}

#[test]
fn a_disconnected_client_gets_what_is_queued_first() {
    let hub = hub();
    let mut outbox = hub.connect(ROOM);
    hub.subscribe(outbox.client(), "a", Options::default()).unwrap();
    publish(&hub, "a", &["x"]);
    assert!(hub.disconnect(outbox.client()));
    assert!(!hub.disconnect(outbox.client()));
    publish(&hub, "a", &["y"]);
    assert_eq!(drain(&mut outbox), ["0/a/1/x;"]);
    assert_eq!(outbox.try_recv(&mut Vec::new()), Err(Closed::Disconnected));
    hub.subscribe(outbox.client(), "a", Options::default()).unwrap_err();
}

#[test]
fn dropping_the_outbox_releases_everything() {
    let hub = hub();
    let outbox = hub.connect(ROOM);
    hub.subscribe(outbox.client(), "a", Options::default()).unwrap();
    drop(outbox);
    let stats = hub.stats();
    assert_eq!((stats.clients, stats.subscriptions, stats.topics_lingering), (0, 0, 1));
}
