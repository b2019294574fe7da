//! What was found and is not kept yet.

use std::collections::VecDeque;

use crate::notification::Notification;

/// How many notifications may wait to be kept: more than the store keeps for a recipient. They
/// wait for long only while the disk fails.
const MAX: usize = 4_096;

/// Notifications in the order in which they were found.
#[derive(Debug, Default)]
pub(super) struct Outbox {
    waiting: VecDeque<Notification>,
    lost: u64,
}

impl Outbox {
    pub(super) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    pub(super) fn push(&mut self, notification: Notification) {
        self.waiting.push_back(notification);
        self.bound();
    }

    pub(super) fn take(&mut self) -> Vec<Notification> {
        self.waiting.drain(..).collect()
    }

    /// Puts back what was taken, in front of the rest.
    pub(super) fn put_back(&mut self, taken: Vec<Notification>) {
        for notification in taken.into_iter().rev() {
            self.waiting.push_front(notification);
        }
        self.bound();
    }

    /// How many there was no room for.
    pub(super) fn lost(&self) -> u64 {
        self.lost
    }

    /// Drops the oldest of the least severity.
    fn bound(&mut self) {
        while self.waiting.len() > MAX {
            let numbered = self.waiting.iter().enumerate();
            let least = numbered.min_by_key(|it| it.1.severity).map_or(0, |it| it.0);
            self.waiting.remove(least);
            self.lost += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn notification(number: usize, severity: &str) -> Notification {
        serde_json::from_value(serde_json::json!({
            "id": format!("r.0.{number}"), "rule": "r", "severity": severity,
            "at": "2026-09-14T00:00:00Z", "fact": {"kind": "interruption", "on": true},
        }))
        .unwrap()
    }

    #[test]
    fn the_oldest_of_the_least_severity_are_dropped_and_counted() {
        let mut outbox = Outbox::default();
        outbox.push(notification(0, "urgent"));
        for number in 1..MAX {
            outbox.push(notification(number, "notice"));
        }
        assert_eq!(outbox.lost(), 0);
        let taken = outbox.take();
        assert_eq!((taken.len(), outbox.is_empty()), (MAX, true));
        outbox.push(notification(MAX, "notice"));
        outbox.put_back(taken);
        assert_eq!(outbox.lost(), 1);
        let ids: Vec<_> = outbox.take().into_iter().map(|it| it.id).collect();
        assert_eq!(ids.len(), MAX);
        assert_eq!([&ids[0], &ids[1], &ids[MAX - 1]], ["r.0.0", "r.0.2", &format!("r.0.{MAX}")]);
    }
}
