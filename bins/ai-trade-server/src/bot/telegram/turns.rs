//! When what may be sent to whom: answers and notifications share Telegram's limits.

use std::{
    collections::{BTreeMap, VecDeque},
    time::{Duration, Instant},
};

use alert_engine::delivery::Pace;

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);

/// How many messages a group takes in a minute
/// (<https://core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this>).
const GROUP_PER_MINUTE: usize = 20;

/// What was sent, and who wants to be left alone.
#[derive(Debug)]
pub(super) struct Turns {
    /// What was sent before this is not known, so it may have been a moment ago.
    begun: Instant,
    chats: BTreeMap<i64, Chat>,
    /// When something was sent within the last second.
    sent: VecDeque<Instant>,
}

#[derive(Debug, Default)]
struct Chat {
    /// When something was sent to it last, as often as its limit counts.
    sent: VecDeque<Instant>,
    paused: Option<Instant>,
}

impl Turns {
    pub(super) fn new(begun: Instant) -> Self {
        Self { begun, chats: BTreeMap::new(), sent: VecDeque::new() }
    }

    /// Takes a turn at `now`, or says when there may be one.
    pub(super) fn take(&mut self, chat: i64, now: Instant) -> Option<Instant> {
        let Pace { per_second, interval, .. } = Pace::TELEGRAM;
        while self.sent.front().is_some_and(|it| *it + SECOND <= now) {
            self.sent.pop_front();
        }
        let crowded = self.sent.len().checked_sub(per_second);
        let free = crowded.and_then(|at| self.sent.get(at)).map(|it| *it + SECOND);
        let own = self.chats.entry(chat).or_default();
        let last = own.sent.back().copied().unwrap_or(self.begun) + interval;
        // Groups have numbers below zero.
        let full = chat < 0 && own.sent.len() >= GROUP_PER_MINUTE;
        let oldest = own.sent.front().filter(|_| full).map(|it| *it + MINUTE);
        let due = [free, Some(last), oldest, own.paused].into_iter().flatten().max();
        let due = due.filter(|it| *it > now);
        if due.is_none() {
            self.sent.push_back(now);
            own.sent.push_back(now);
            if own.sent.len() > GROUP_PER_MINUTE {
                own.sent.pop_front();
            }
        }
        due
    }

    /// The chat is left alone until then; what others have been told holds for them.
    ///
    /// Telegram does not say whether it means the chat or the bot. Its limits of a chat are
    /// those that are met, since all chats together are kept to thirty a second here.
    pub(super) fn pause(&mut self, chat: i64, until: Instant) {
        let paused = &mut self.chats.entry(chat).or_default().paused;
        *paused = (*paused).max(Some(until));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Turns long after the beginning.
    fn turns(now: Instant) -> Turns {
        Turns::new(now.checked_sub(MINUTE).unwrap())
    }

    #[test]
    fn one_a_second_to_a_chat_and_thirty_to_all() {
        let now = Instant::now();
        let mut turns = turns(now);
        assert_eq!(turns.take(1, now), None);
        assert_eq!(turns.take(1, now), Some(now + SECOND), "one a second to a chat");
        for chat in 2..=30 {
            assert_eq!(turns.take(chat, now), None);
        }
        assert_eq!(turns.take(31, now), Some(now + SECOND), "thirty to all");
        assert_eq!(turns.take(31, now + SECOND), None);
    }

    #[test]
    fn the_first_one_waits_for_those_before_the_beginning() {
        let now = Instant::now();
        let mut turns = Turns::new(now);
        assert_eq!(turns.take(1, now), Some(now + SECOND));
        assert_eq!(turns.take(1, now + SECOND), None);
    }

    #[test]
    fn twenty_a_minute_to_a_group() {
        let start = Instant::now();
        let mut turns = turns(start);
        for second in 0..20 {
            assert_eq!(turns.take(-1, start + second * SECOND), None);
            assert_eq!(turns.take(1, start + second * SECOND), None);
        }
        let now = start + 20 * SECOND;
        assert_eq!(turns.take(-1, now), Some(start + MINUTE));
        assert_eq!(turns.take(1, now), None, "a person's chat has no such limit");
        assert_eq!(turns.take(-1, start + MINUTE), None);
        assert_eq!(turns.take(-1, start + MINUTE), Some(start + MINUTE + SECOND));
    }

    #[test]
    fn the_longest_pause_holds_and_for_its_chat_alone() {
        let now = Instant::now();
        let mut turns = turns(now);
        turns.pause(1, now + 9 * SECOND);
        turns.pause(1, now + 2 * SECOND);
        assert_eq!(turns.take(1, now), Some(now + 9 * SECOND));
        assert_eq!(turns.take(2, now), None);
        assert_eq!(turns.take(1, now + 9 * SECOND), None);
    }
}
