//! When upstream has to register and to release topics.

use std::{
    pin::pin,
    task::{Context, Poll, Waker},
    time::{Duration, Instant},
};

use crate::text::{ROOM, Text, drain, hub, publish};
use relay_core::{Demand, Hub, Options, Outbox, Refusal};

const LINGER: Duration = Duration::from_secs(60);

fn demand(hub: &Hub<Text>, now: Instant) -> Vec<Demand<&'static str>> {
    std::iter::from_fn(|| hub.poll_demand(now)).collect()
}

fn join(hub: &Hub<Text>, topic: &'static str) -> Outbox<&'static str> {
    let outbox = hub.connect(ROOM);
    hub.subscribe(outbox.client(), topic, Options::default()).unwrap();
    outbox
}

#[test]
fn the_first_subscriber_registers_and_the_last_releases_after_the_linger() {
    let (hub, now) = (hub(), Instant::now());
    let first = join(&hub, "a");
    let second = join(&hub, "a");
    assert_eq!(demand(&hub, now), [Demand::Wanted("a")]);
    drop(first);
    assert_eq!(demand(&hub, now), []);
    assert_eq!(hub.next_deadline(), None);
    drop(second);
    assert_eq!(demand(&hub, now), []);
    assert_eq!(hub.next_deadline(), Some(now + LINGER));
    assert_eq!(demand(&hub, now + LINGER - Duration::from_nanos(1)), []);
    assert_eq!(demand(&hub, now + LINGER), [Demand::Released("a")]);
    assert_eq!((hub.next_deadline(), hub.stats().topics), (None, 0));
}

#[test]
fn whoever_comes_back_within_the_linger_cancels_it_silently() {
    let (hub, now) = (hub(), Instant::now());
    drop(join(&hub, "a"));
    let outbox = join(&hub, "a");
    assert_eq!(demand(&hub, now), [Demand::Wanted("a")]);
    hub.confirm("a");
    drop(outbox);
    assert_eq!(demand(&hub, now), []);
    let outbox = join(&hub, "a");
    assert_eq!(demand(&hub, now + LINGER * 2), []);
    drop(outbox);
    assert_eq!(demand(&hub, now + LINGER * 2), []);
    assert_eq!(hub.next_deadline(), Some(now + LINGER * 3), "the linger begins anew");
    assert_eq!(demand(&hub, now + LINGER * 3), [Demand::Released("a")]);
}

#[test]
fn a_topic_that_is_kept_needs_no_subscriber() {
    let (hub, now) = (hub(), Instant::now());
    hub.keep("a");
    assert_eq!(demand(&hub, now), [Demand::Wanted("a")]);
    hub.confirm("a");
    publish(&hub, "a", &["1", "2"]);
    drop(join(&hub, "a"));
    assert_eq!((demand(&hub, now), hub.next_deadline()), (vec![], None));
    assert_eq!(hub.stats().topics, 1);

    let mut outbox = join(&hub, "a");
    hub.refuse("a", &Refusal::new("no", "for now"));
    assert_eq!(drain(&mut outbox).len(), 1, "subscribers are told");
    assert_eq!((hub.stats().topics, hub.stats().topics_live), (1, 0));
    assert_eq!(demand(&hub, now), []);
    let _outbox = join(&hub, "a");
    assert_eq!(demand(&hub, now), [Demand::Wanted("a")], "the next one asks again");
}

#[test]
fn a_topic_that_was_never_asked_for_is_never_released() {
    let (hub, now) = (hub(), Instant::now());
    drop(join(&hub, "a"));
    assert_eq!(demand(&hub, now), []);
    assert_eq!(demand(&hub, now + LINGER), []);
    assert_eq!(hub.stats().topics, 0);
    let _outbox = join(&hub, "a");
    assert_eq!(demand(&hub, now), [Demand::Wanted("a")]);
}

#[test]
fn lingering_topics_make_room_in_the_order_they_were_left() {
    let (hub, now) = (hub(), Instant::now());
    let outboxes: Vec<_> = ["a", "b", "c"].map(|it| join(&hub, it)).into();
    assert_eq!(hub.evict_lingering(), None);
    assert_eq!(demand(&hub, now).len(), 3);
    let mut outboxes = outboxes.into_iter();
    let first = outboxes.next();
    drop(outboxes);
    drop(first);
    // Left but never asked for: forgetting it frees nothing upstream.
    drop(join(&hub, "d"));
    assert_eq!(hub.evict_lingering(), Some("b"));
    assert_eq!(hub.evict_lingering(), Some("c"));
    assert_eq!(hub.evict_lingering(), Some("a"));
    assert_eq!(hub.evict_lingering(), None);
    assert_eq!(demand(&hub, now + LINGER), []);
    assert_eq!(hub.stats().topics, 0);
}

#[test]
fn a_refused_topic_is_asked_for_again_by_the_next_subscriber() {
    let (hub, now) = (hub(), Instant::now());
    let outbox = join(&hub, "a");
    assert_eq!(demand(&hub, now), [Demand::Wanted("a")]);
    hub.refuse("a", &Refusal::new("1", "no"));
    assert_eq!(demand(&hub, now + LINGER), [], "there is nothing to release");
    hub.subscribe(outbox.client(), "a", Options::default()).unwrap();
    assert_eq!(demand(&hub, now + LINGER), [Demand::Wanted("a")]);
}

#[test]
fn a_replaced_format_is_no_change_of_interest() {
    let (hub, now) = (hub(), Instant::now());
    let mut outbox = join(&hub, "a");
    assert_eq!(demand(&hub, now), [Demand::Wanted("a")]);
    let other = Options { format: relay_core::Format(1), ..Options::default() };
    hub.subscribe(outbox.client(), "a", other).unwrap();
    assert_eq!(demand(&hub, now + LINGER * 2), []);
    publish(&hub, "a", &["x"]);
    assert_eq!(drain(&mut outbox), ["1/a/1/x;"]);
}

#[test]
fn changes_wake_the_driver_and_none_is_missed() {
    let hub = hub();
    let mut cx = Context::from_waker(Waker::noop());
    let mut changed = || pin!(hub.demand_changed()).poll(&mut cx);
    assert_eq!(changed(), Poll::Pending);
    let first = join(&hub, "a");
    let second = join(&hub, "a");
    assert_eq!(changed(), Poll::Ready(()));
    assert_eq!(changed(), Poll::Pending);
    drop(first);
    assert_eq!(changed(), Poll::Pending);
    drop(second);
    assert_eq!(changed(), Poll::Ready(()));
}

#[test]
fn a_topic_that_is_held_is_registered_without_subscribers() {
    let (hub, now) = (hub(), Instant::now());
    hub.hold("a");
    hub.hold("a");
    assert_eq!(demand(&hub, now), [Demand::Wanted("a")]);
    assert_eq!(hub.publish("a", "x".into()), Some(1));
    drop(join(&hub, "a"));
    assert_eq!(demand(&hub, now + LINGER), [], "it is wanted all the same");
    let outbox = join(&hub, "a");
    assert!(hub.let_go("a"));
    assert_eq!(demand(&hub, now + LINGER * 2), [], "somebody is subscribed");
    drop(outbox);
    assert_eq!(demand(&hub, now + LINGER * 2), []);
    assert_eq!(demand(&hub, now + LINGER * 3), [Demand::Released("a")]);
    assert!(!hub.let_go("a"), "it is forgotten");

    hub.hold("b");
    assert_eq!(demand(&hub, now), [Demand::Wanted("b")]);
    hub.refuse("b", &Refusal::new("full", "no room"));
    assert_eq!(hub.stats().topics, 0, "a refusal ends a hold");
    hub.hold("b");
    assert_eq!(demand(&hub, now), [Demand::Wanted("b")]);
}
