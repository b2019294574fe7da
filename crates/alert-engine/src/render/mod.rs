//! Notifications as text, for people: the fact first.
//!
//! ```
//! use alert_engine::render::{Language, Markup, Renderer};
//! # let json = r#"{"id":"r.0.1","rule":"r","severity":"notice","at":"2026-09-22T05:06:10Z","symbol":"005930","name":"삼성전자","currency":"KRW","fact":{"kind":"price","direction":"up","price":"80100","level":"80000","change_percent":"1.37","expected":false}}"#;
//! # let notification: alert_engine::Notification = serde_json::from_str(json).unwrap();
//!
//! let renderer = Renderer { language: Language::Korean, markup: Markup::Plain };
//! assert_eq!(
//!     renderer.notification(&notification),
//!     "▲ 삼성전자 80,100원 (+1.37%)\n80,000원 상향 돌파 · 005930 · 14:06:10"
//! );
//! ```

mod amount;
mod batch;
mod fact;
mod language;
mod market;

use jiff::{Timestamp, tz::Offset};

pub use self::{
    amount::grouped,
    batch::Fit,
    language::{Language, LanguageError},
};
use crate::{notification::Notification, number::Number};

/// Which characters a text is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Markup {
    /// Text as it is.
    #[default]
    Plain,
    /// Telegram's `HTML` parse mode: the first line of each notification is
    /// bold, and what comes from outside is escaped.
    TelegramHtml,
}

/// Makes text of notifications.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Renderer {
    /// The language.
    pub language: Language,
    /// The markup.
    pub markup: Markup,
}

/// The two lines of a notification, not yet marked up.
struct Lines {
    head: String,
    parts: Vec<String>,
}

impl Renderer {
    /// One notification: what has happened, and below it the particulars.
    pub fn notification(self, notification: &Notification) -> String {
        let Lines { head, mut parts } = self.lines(notification, &notification.fact);
        if let Some(symbol) = notification.symbol.as_ref().filter(|it| !head.contains(it.as_str()))
        {
            parts.push(symbol.clone());
        }
        parts.push(clock(notification.at));
        if notification.untold > 0 {
            let count = notification.untold;
            parts.push(self.say(format!("그 전 {count}회"), format!("{count} more before")));
        }
        self.marked(&head, &parts.join(" · "))
    }

    /// Puts a head and what follows it together.
    fn marked(self, head: &str, rest: &str) -> String {
        match self.markup {
            Markup::Plain if rest.is_empty() => head.to_owned(),
            Markup::Plain => format!("{head}\n{rest}"),
            Markup::TelegramHtml if rest.is_empty() => format!("<b>{}</b>", escape(head)),
            Markup::TelegramHtml => format!("<b>{}</b>\n{}", escape(head), escape(rest)),
        }
    }

    /// What the notification is about: its name, else its symbol.
    fn subject(self, notification: &Notification) -> String {
        let known = notification.name.as_ref().or(notification.symbol.as_ref());
        // KIS pads the names of contracts with blanks.
        let words = known.unwrap_or(&notification.rule).split_whitespace();
        words.collect::<Vec<_>>().join(" ")
    }

    /// An amount in its currency.
    fn money(self, amount: Number, notification: &Notification) -> String {
        let digits = grouped(amount);
        match notification.currency.as_deref() {
            Some("KRW") => self.say(format!("{digits}원"), format!("₩{digits}")),
            Some("USD") => format!("${digits}"),
            Some(currency) => format!("{digits} {currency}"),
            None => digits,
        }
    }

    /// One of two texts.
    fn say(self, korean: impl Into<String>, english: impl Into<String>) -> String {
        match self.language {
            Language::Korean => korean.into(),
            Language::English => english.into(),
        }
    }

    /// A number of seconds.
    fn duration(self, seconds: i64) -> String {
        let (hours, minutes, seconds) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
        let units = [(hours, "시간", "h"), (minutes, "분", "m"), (seconds, "초", "s")];
        let mut written = units.iter().filter(|it| it.0 > 0).map(|(count, korean, english)| {
            self.say(format!("{count}{korean}"), format!("{count}{english}"))
        });
        let largest = [written.next(), written.next()];
        match largest {
            [None, _] => self.say("0초", "0s"),
            _ => largest.into_iter().flatten().collect::<Vec<_>>().join(" "),
        }
    }
}

/// The time on Korean clocks.
fn clock(at: Timestamp) -> String {
    let korea = Offset::constant(9).to_datetime(at);
    format!("{:02}:{:02}:{:02}", korea.hour(), korea.minute(), korea.second())
}

/// A percentage with its sign.
fn signed_percent(percent: Number) -> String {
    let sign = if percent > Number::ZERO { "+" } else { "" };
    format!("{sign}{}%", grouped(percent))
}

/// Text for Telegram's `HTML` parse mode, which knows these three.
pub fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
