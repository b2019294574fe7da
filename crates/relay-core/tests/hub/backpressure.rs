//! What happens to a client that does not read, and that nobody else notices.

use crate::text::{ROOM, Text, drain, hub, publish};
use relay_core::{Closed, Format, Hub, Limits, Options, Outbox, Policy, Refusal};

/// A client with room for so many messages of any size.
fn join(
    hub: &Hub<Text>,
    messages: usize,
    topics: &[&'static str],
    policy: Policy,
) -> Outbox<&'static str> {
    let outbox = hub.connect(Limits { messages, ..ROOM });
    for topic in topics {
        hub.subscribe(outbox.client(), topic, Options { policy, ..Options::default() }).unwrap();
    }
    outbox
}

#[test]
fn lossless_disconnects_at_the_limit_and_names_the_topic() {
    let hub = hub();
    let mut slow = join(&hub, 3, &["a", "b"], Policy::Lossless);
    let mut fast = join(&hub, 100, &["a", "b"], Policy::Lossless);
    publish(&hub, "a", &["v", "w"]);
    publish(&hub, "b", &["x"]);
    assert_eq!(hub.stats().clients, 2);
    publish(&hub, "b", &["y"]);
    let stats = hub.stats();
    assert_eq!((stats.clients, stats.subscriptions, stats.overflows), (1, 2, 1));
    assert_eq!(slow.try_recv(&mut Vec::new()), Err(Closed::Overflow { topic: "b" }));
    publish(&hub, "a", &["z"]);
    assert_eq!(drain(&mut fast), ["0/a/1/v;0/a/2/w;", "0/b/1/x;", "0/b/2/y;", "0/a/3/z;"]);
}

#[test]
fn lossless_disconnects_at_the_limit_in_bytes() {
    let hub = hub();
    let mut slow = hub.connect(Limits { messages: 100, bytes: 24 });
    hub.subscribe(slow.client(), "a", Options::default()).unwrap();
    publish(&hub, "a", &["x", "y", "z"]);
    assert_eq!(drain(&mut slow), ["0/a/1/x;0/a/2/y;0/a/3/z;"]);
    publish(&hub, "a", &["x", "y", "12"]);
    assert_eq!(slow.try_recv(&mut Vec::new()), Err(Closed::Overflow { topic: "a" }));
}

#[test]
fn several_clients_can_overflow_at_once() {
    let hub = hub();
    let mut outboxes: Vec<_> =
        [1, 9, 1, 9, 1].map(|room| join(&hub, room, &["a"], Policy::Lossless)).into();
    publish(&hub, "a", &["x"]);
    publish(&hub, "a", &["y"]);
    publish(&hub, "a", &["z"]);
    let closed: Vec<_> =
        outboxes.iter_mut().map(|it| it.try_recv(&mut Vec::new()).is_err()).collect();
    assert_eq!(closed, [true, false, true, false, true]);
}

#[test]
fn a_message_larger_than_the_limit_passes_alone() {
    let hub = hub();
    for policy in [Policy::Lossless, Policy::Skip, Policy::Conflate] {
        let mut outbox = hub.connect(Limits { messages: 10, bytes: 1 });
        hub.subscribe(outbox.client(), "a", Options { policy, ..Options::default() }).unwrap();
        publish(&hub, "a", &["x"]);
        assert!(drain(&mut outbox)[0].ends_with("/x;"));
    }
}

#[test]
fn skip_announces_exactly_what_it_dropped() {
    let hub = hub();
    let mut outbox = join(&hub, 3, &["a", "b"], Policy::Skip);
    publish(&hub, "b", &["p"]);
    publish(&hub, "a", &["v", "w", "x"]);
    publish(&hub, "a", &["y"]);
    publish(&hub, "a", &["z"]);
    publish(&hub, "b", &["q"]);
    assert_eq!(hub.stats().dropped, 4);
    let mut batch = Vec::new();
    assert_eq!(outbox.try_recv(&mut batch), Ok(true));
    assert_eq!(batch.len(), 2, "the messages that fit, cut from the chunk: {batch:?}");
    publish(&hub, "a", &["after"]);
    assert_eq!(drain(&mut outbox), ["gap a 3..5 Slow", "gap b 2..2 Slow", "0/a/6/after;"]);
}

#[test]
fn skip_announces_a_loss_even_if_nothing_follows() {
    let hub = hub();
    let mut outbox = join(&hub, 1, &["a"], Policy::Skip);
    publish(&hub, "a", &["x", "y"]);
    assert_eq!(drain(&mut outbox), ["0/a/1/x;", "gap a 2..2 Slow"]);
}

#[test]
fn a_gap_that_is_still_queued_grows_instead_of_being_repeated() {
    let hub = hub();
    let mut outbox = join(&hub, 1, &["a"], Policy::Skip);
    publish(&hub, "a", &["x", "y"]);
    outbox.try_recv(&mut Vec::new()).unwrap();
    publish(&hub, "a", &["z"]);
    publish(&hub, "a", &["z"]);
    assert_eq!(drain(&mut outbox), ["gap a 2..4 Slow"]);
}

#[test]
fn conflate_keeps_everything_while_less_than_half_is_full() {
    let hub = hub();
    let mut outbox = join(&hub, 10, &["a"], Policy::Conflate);
    publish(&hub, "a", &["v", "w", "x"]);
    publish(&hub, "a", &["y", "z"]);
    assert_eq!(drain(&mut outbox), ["0/a/1/v;0/a/2/w;0/a/3/x;", "0/a/4/y;0/a/5/z;"]);
    assert_eq!(hub.stats().conflated, 0);
}

#[test]
fn conflate_replaces_what_is_queued_by_the_latest() {
    let hub = hub();
    let mut outbox = join(&hub, 6, &["a", "b"], Policy::Conflate);
    publish(&hub, "a", &["1", "2"]);
    publish(&hub, "b", &["x"]);
    publish(&hub, "a", &["3"]);
    publish(&hub, "a", &["4", "5"]);
    publish(&hub, "a", &["6"]);
    assert_eq!(hub.clients()[0].queued_messages, 3, "the second replacement finds room again");
    assert_eq!(drain(&mut outbox), ["0/b/1/x;", "0/a/5/5;", "0/a/6/6;"]);
    assert_eq!((hub.stats().conflated, hub.stats().dropped), (4, 0));
}

#[test]
fn the_latest_value_arrives_although_there_was_no_room_at_all() {
    let hub = hub();
    let mut outbox = join(&hub, 2, &["a", "b", "c"], Policy::Conflate);
    publish(&hub, "a", &["x"]);
    publish(&hub, "b", &["x"]);
    publish(&hub, "c", &["x", "y"]);
    publish(&hub, "c", &["z"]);
    assert_eq!(drain(&mut outbox), ["0/a/1/x;", "0/b/1/x;", "0/c/3/z;"]);
    assert_eq!(hub.stats().conflated, 2);
}

#[test]
fn conflation_never_reaches_across_an_event() {
    let hub = hub();
    let mut outbox = join(&hub, 4, &["a"], Policy::Conflate);
    publish(&hub, "a", &["x"]);
    hub.lost("a");
    publish(&hub, "a", &["y"]);
    publish(&hub, "a", &["z"]);
    assert_eq!(drain(&mut outbox), ["0/a/1/x;", "gap a 2.. Upstream", "0/a/4/z;"]);
}

#[test]
fn events_that_do_not_fit_come_later_and_in_order() {
    let hub = hub();
    let mut outbox = join(&hub, 1, &["a", "b"], Policy::Conflate);
    publish(&hub, "a", &["x"]);
    publish(&hub, "b", &["kept"]);
    hub.lost("b");
    hub.confirm("b");
    hub.confirm("a");
    assert_eq!(
        drain(&mut outbox),
        ["0/a/1/x;", "0/b/1/kept;", "gap b 2.. Upstream", "live b", "live a"]
    );
}

#[test]
fn losses_here_and_upstream_are_one_gap() {
    let hub = hub();
    let mut outbox = join(&hub, 1, &["a"], Policy::Skip);
    publish(&hub, "a", &["x", "y"]);
    hub.lost("a");
    publish(&hub, "a", &["z"]);
    assert_eq!(drain(&mut outbox), ["0/a/1/x;", "gap a 2.. Upstream"]);
    publish(&hub, "a", &["on"]);
    assert_eq!(drain(&mut outbox), ["0/a/5/on;"]);
}

#[test]
fn leaving_conflation_announces_the_value_that_had_no_room() {
    let hub = hub();
    let mut outbox = join(&hub, 1, &["b", "a"], Policy::Conflate);
    publish(&hub, "b", &["x"]);
    publish(&hub, "a", &["y"]);
    let skip = Options { policy: Policy::Skip, ..Options::default() };
    hub.subscribe(outbox.client(), "a", skip).unwrap();
    assert_eq!(drain(&mut outbox), ["0/b/1/x;", "gap a 1..1 Slow"]);
}

#[test]
fn refusals_pass_at_the_limit_up_to_a_bound() {
    let hub = hub();
    let mut outbox = join(&hub, 1, &["a"], Policy::Skip);
    publish(&hub, "a", &["x"]);
    for _ in 0..64 {
        hub.subscribe(outbox.client(), "b", Options::default()).unwrap();
        hub.refuse("b", &Refusal::new("1", "no"));
    }
    assert_eq!(hub.stats().clients, 1);
    assert_eq!(hub.clients()[0].queued_messages, 65);
    hub.subscribe(outbox.client(), "b", Options::default()).unwrap();
    hub.refuse("b", &Refusal::new("1", "no"));
    assert_eq!(hub.stats().clients, 0);
    assert_eq!(outbox.try_recv(&mut Vec::new()), Err(Closed::Overflow { topic: "b" }));
}

#[test]
fn a_snapshot_without_room_obeys_the_policy() {
    let hub = hub();
    let other = join(&hub, 100, &["a", "b"], Policy::Lossless);
    publish(&hub, "a", &["x"]);
    publish(&hub, "b", &["y"]);
    let options = |policy| Options { format: Format(0), policy, snapshot: true, resume: None };
    for (policy, second) in [(Policy::Skip, "gap b 1..1 Slow"), (Policy::Conflate, "0/b/1/y;")] {
        let mut outbox = hub.connect(Limits { messages: 1, ..ROOM });
        hub.subscribe(outbox.client(), "a", options(policy)).unwrap();
        hub.subscribe(outbox.client(), "b", options(policy)).unwrap();
        assert_eq!(drain(&mut outbox), ["0/a/1/x;", second]);
    }
    let mut outbox = hub.connect(Limits { messages: 1, ..ROOM });
    hub.subscribe(outbox.client(), "a", options(Policy::Lossless)).unwrap();
    hub.subscribe(outbox.client(), "b", options(Policy::Lossless)).unwrap_err();
    assert_eq!(outbox.try_recv(&mut Vec::new()), Err(Closed::Overflow { topic: "b" }));
    drop(other);
}
