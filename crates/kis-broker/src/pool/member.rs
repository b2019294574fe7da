//! One session's way to the pool's sink.

use std::{
    borrow::Cow,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
};

use kis_protocol::{Frame, Splits, Topic, TrId};

use super::{KeyId, shared::Shared};
use crate::{connection::Sink, session::Event};

/// The sink of one session of a pool.
pub(super) struct Member<S> {
    key: KeyId,
    shared: Arc<Shared>,
    sink: Arc<Mutex<S>>,
    /// Whether the session may send topics that have gone to another.
    strays: Arc<AtomicBool>,
    splits: Splits,
}

impl<S: Sink> Member<S> {
    pub(super) fn new(
        key: KeyId,
        shared: Arc<Shared>,
        sink: Arc<Mutex<S>>,
        strays: Arc<AtomicBool>,
    ) -> Self {
        Self { key, shared, sink, strays, splits: Splits::default() }
    }
}

impl<S: Sink> Sink for Member<S> {
    fn frame(&mut self, text: &str) {
        if !self.strays.load(Relaxed) {
            return lock(&self.sink).frame(text);
        }
        let (shared, key) = (&self.shared, self.key);
        let is_stray = |topic: &str| shared.lock().placement.is_stray(key, topic);
        if let Some(text) = without(text, &mut self.splits, is_stray) {
            lock(&self.sink).frame(&text);
        }
    }

    fn event(&mut self, event: Event) {
        self.shared.handle_event(self.key, event);
        deliver(&self.shared, &self.sink);
    }

    fn flush(&mut self) {
        lock(&self.sink).flush();
    }
}

/// Passes on the events there are, in their order, whoever caused them.
pub(super) fn deliver<S: Sink>(shared: &Shared, sink: &Mutex<S>) {
    let mut sink = lock(sink);
    let mut any = false;
    while let Some((key, event)) = shared.pop_event() {
        any = true;
        match key {
            Some(key) => sink.event_of(&key, event),
            None => sink.event(event),
        }
    }
    if any {
        sink.flush();
    }
}

fn lock<S>(sink: &Mutex<S>) -> MutexGuard<'_, S> {
    // A sink that has panicked once may do so again; the others are not kept from it.
    sink.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A frame without the records of these topics; none when nothing is left. What cannot be read
/// stays as it is, and so do notices, whose records do not name the topic.
fn without<'a>(
    text: &'a str,
    splits: &mut Splits,
    is_stray: impl Fn(&str) -> bool,
) -> Option<Cow<'a, str>> {
    let Ok(frame) = Frame::parse(text) else { return Some(text.into()) };
    if frame.tr_id.parse().is_ok_and(TrId::encrypted) {
        return Some(text.into());
    }
    let Ok(records) = frame.records(splits) else { return Some(text.into()) };
    let mut topic = String::new();
    let kept = records.into_iter().filter(|record| {
        topic.clear();
        Topic::write(&mut topic, frame.tr_id, record.key());
        !is_stray(&topic)
    });
    let kept: Vec<&str> = kept.map(|it| it.text()).collect();
    match kept.len() {
        0 => None,
        count if count == frame.count => Some(text.into()),
        count => Some(format!("0|{}|{count:03}|{}", frame.tr_id, kept.join("^")).into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Option<&str>) {
        let mut splits = Splits::default();
        let found = without(text, &mut splits, |topic| topic.ends_with(":gone"));
        assert_eq!(found.as_deref(), expected);
    }

    #[test]
    fn strays_are_dropped_record_by_record() {
        check("0|X|001|here^1", Some("0|X|001|here^1"));
        check("0|X|001|gone^1", None);
        check("0|X|003|gone^1^here^2^gone^3", Some("0|X|001|here^2"));
        check("0|X|002|gone^1^gone", Some("0|X|002|gone^1^gone"));
        check("0|H0STCNI0|001|gone^1", Some("0|H0STCNI0|001|gone^1"));
        check("garbage", Some("garbage"));
    }
}
