//! Several notifications in one message.

use super::Renderer;
use crate::notification::Notification;

/// How much fits into a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fit {
    /// How many characters a message may have, in UTF-16 units as Telegram
    /// counts them, markup included.
    pub units_max: usize,
}

impl Fit {
    /// Telegram's limit of `sendMessage`.
    pub const TELEGRAM: Self = Self { units_max: 4_096 };
}

impl Renderer {
    /// One message of as many of the notifications as fit, oldest first, and how
    /// many those are: at least one. `dropped` others, which nobody will get, are
    /// mentioned first.
    pub fn batch(self, notifications: &[Notification], dropped: u64, fit: Fit) -> (String, usize) {
        let mut message = String::new();
        if dropped > 0 {
            message = self.marked(
                &self.say(
                    format!("알림 {dropped}건이 밀려 삭제됨"),
                    format!("{dropped} notifications were dropped"),
                ),
                "",
            );
        }
        let mut count = 0;
        for notification in notifications {
            let text = self.notification(notification);
            let separator = if message.is_empty() { "" } else { "\n\n" };
            if count > 0 && units(&message) + separator.len() + units(&text) > fit.units_max {
                break;
            }
            message = message + separator + &text;
            count += 1;
        }
        (message, count)
    }
}

fn units(text: &str) -> usize {
    text.encode_utf16().count()
}
