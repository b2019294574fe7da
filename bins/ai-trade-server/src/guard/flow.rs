//! How fast one websocket client may go.

use std::time::{Duration, Instant};

use super::{Guard, Reason, Refusals};
use crate::rate::{Rate, Spent};

/// How many times a second's worth may come at once.
const AT_ONCE: u32 = 10;

/// What one websocket client sends, measured.
#[derive(Debug)]
pub(crate) struct Flow {
    messages: (Rate, Spent),
    topics: (Rate, Spent),
}

/// Too many messages: the connection cannot go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("more than {per_second} messages in a second")]
pub(crate) struct Flood {
    per_second: u32,
}

impl Guard {
    /// For a new client.
    pub(crate) fn flow(&self) -> Flow {
        let settings = self.settings();
        let rate = |per_second: u32| {
            (Rate { per_second, at_once: per_second.saturating_mul(AT_ONCE) }, Spent::default())
        };
        Flow {
            messages: rate(settings.server.client_messages_per_s),
            topics: rate(settings.server.client_topics_per_s),
        }
    }
}

impl Flow {
    /// Counts a message.
    pub(crate) fn message(&mut self, now: Instant, refusals: &Refusals) -> Result<(), Flood> {
        let (rate, spent) = &mut self.messages;
        spent.spend(1, *rate, now).map_err(|_| {
            refusals.count(Reason::Messages);
            Flood { per_second: rate.per_second }
        })
    }

    /// Counts a topic that is subscribed to or unsubscribed from; `Err` is how
    /// long to wait. One that is refused counts as a message, so that asking on
    /// ends the connection.
    pub(crate) fn topic(
        &mut self,
        now: Instant,
        refusals: &Refusals,
    ) -> Result<Result<(), Duration>, Flood> {
        let (rate, spent) = &mut self.topics;
        match spent.spend(1, *rate, now) {
            Ok(()) => Ok(Ok(())),
            Err(wait) => {
                refusals.count(Reason::TopicChanges);
                self.message(now, refusals)?;
                Ok(Err(wait))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn asking_on_ends_the_connection() {
        let rate =
            |per_second| (Rate { per_second, at_once: per_second * AT_ONCE }, Spent::default());
        let mut flow = Flow { messages: rate(2), topics: rate(1) };
        let (now, refusals) = (Instant::now(), Refusals::default());
        for _ in 0..10 {
            assert_eq!(flow.topic(now, &refusals), Ok(Ok(())));
        }
        for _ in 0..20 {
            assert_eq!(flow.topic(now, &refusals), Ok(Err(Duration::from_secs(1))));
        }
        assert_eq!(flow.topic(now, &refusals), Err(Flood { per_second: 2 }));
        assert_eq!(flow.message(now, &refusals), Err(Flood { per_second: 2 }));
        assert_eq!(refusals.of(Reason::TopicChanges), 21);
        assert_eq!(refusals.of(Reason::Messages), 2);
    }
}
