//! What a rule is, and what is wrong with one that is not.

use std::fmt;

use jiff::Timestamp;
use kis_protocol::{Topic, TrId, normalized::EventKind};
use serde::{Deserialize, Serialize};

use crate::{condition::Condition, quiet::QuietHours};

/// Something to watch for, and how to tell.
///
/// ```
/// use alert_engine::Rule;
///
/// let rule = Rule::from_json(
///     r#"{
///         "id": "samsung",
///         "symbol": "005930",
///         "when": {"price": {"level": "80,000", "crosses": "up"}},
///         "quiet": {"from": "22:00", "to": "07:00"}
///     }"#,
/// )?;
/// assert_eq!(rule.topics()[0].as_str(), "H0STCNT0:005930");
///
/// let error = Rule::from_json(r#"{"id": "x", "when": {"price": {"level": 80000}}}"#).unwrap_err();
/// assert_eq!(error.to_string(), "symbol: is missing; name the instrument as KIS does, such as 005930, DNASAAPL or 101W09");
/// # Ok::<(), alert_engine::RuleError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a rule, such as {\"id\": …, \"symbol\": …, \"when\": …}")]
pub struct Rule {
    /// What the rule is called in requests and state: letters, digits, `-` and
    /// `_`, at most 64.
    pub id: String,
    /// What to call the instrument or the rule in a notification.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// The instrument, as a `tr_key` of KIS: `005930`, `DNASAAPL`, `101W09`,
    /// `0001`. For orders, the instrument's code, or nothing for all of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub symbol: Option<String>,
    /// The streams to watch, as `tr_id`s; found from the symbol where it is a
    /// Korean stock, an overseas stock or an index.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub streams: Vec<String>,
    /// What fires the rule.
    pub when: Condition,
    /// Whether it fires again and again, or once; prices, volumes and books
    /// once unless said otherwise, the rest again and again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repeat: Option<bool>,
    /// How many seconds after a firing others are not told but counted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cooldown_seconds: Option<u32>,
    /// From when on the rule is over.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "crate::quiet::moment"
    )]
    pub expires: Option<Timestamp>,
    /// When the rule keeps quiet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quiet: Option<QuietHours>,
    /// Whether the rule is evaluated.
    #[serde(default = "enabled", skip_serializing_if = "is_enabled")]
    pub enabled: bool,
    /// Who is told, by the names of the configured recipients; nobody named
    /// means all of them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub to: Vec<String>,
}

/// A rule that cannot be used. Its text is the same in chat and over REST.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RuleError {
    /// It is not a rule at all.
    #[error("{}{message}", Place(.path))]
    Unreadable {
        /// Where in the rule, such as `when.price.level`.
        path: String,
        /// What is wrong there.
        message: String,
    },
    /// A value cannot be meant.
    #[error("{field}: {wrong}; {allowed}")]
    Invalid {
        /// Which value.
        field: &'static str,
        /// What is wrong with it.
        wrong: String,
        /// What would be right.
        allowed: String,
    },
}

impl RuleError {
    pub(crate) fn invalid(
        field: &'static str,
        wrong: impl Into<String>,
        allowed: impl Into<String>,
    ) -> Self {
        Self::Invalid { field, wrong: wrong.into(), allowed: allowed.into() }
    }
}

/// A path in front of a message, where there is one.
struct Place<'a>(&'a str);

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            "" | "." => Ok(()),
            path => write!(f, "{path}: "),
        }
    }
}

/// The longest label, symbol or name of a recipient.
const TEXT_MAX: usize = 64;

/// The most streams of one rule.
const STREAMS_MAX: usize = 8;

impl Rule {
    /// Reads a rule and checks it.
    ///
    /// # Errors
    /// [`RuleError`] says where, what is wrong and what is allowed.
    pub fn from_json(text: &str) -> Result<Self, RuleError> {
        let mut deserializer = serde_json::Deserializer::from_str(text);
        let rule = Self::read(&mut deserializer)?;
        deserializer.end().map_err(|error| RuleError::Unreadable {
            path: String::new(),
            message: without_place(&error.to_string()),
        })?;
        Ok(rule)
    }

    /// Reads a rule from any format, and checks it.
    ///
    /// # Errors
    /// As [`from_json`](Self::from_json).
    pub fn read<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, RuleError> {
        let rule: Self = serde_path_to_error::deserialize(deserializer).map_err(|error| {
            let path = error.path().to_string();
            RuleError::Unreadable { path, message: without_place(&error.inner().to_string()) }
        })?;
        rule.check()?;
        Ok(rule)
    }

    /// Checks what a type cannot.
    ///
    /// # Errors
    /// The first value that cannot be meant.
    pub fn check(&self) -> Result<(), RuleError> {
        let word = |it: &str| {
            !it.is_empty()
                && it.len() <= TEXT_MAX
                && it.bytes().all(|it| it.is_ascii_alphanumeric() || b"-_".contains(&it))
        };
        if !word(&self.id) {
            let allowed = "letters, digits, - and _, at most 64";
            return Err(RuleError::invalid("id", format!("{:?} is no id", self.id), allowed));
        }
        let texts = [("label", self.label.as_deref()), ("symbol", self.symbol.as_deref())];
        for (field, text) in texts.into_iter().filter_map(|(field, text)| Some((field, text?))) {
            let printable = !text.trim().is_empty() && !text.chars().any(char::is_control);
            if !printable || text.chars().count() > TEXT_MAX {
                let wrong = format!("{text:?} cannot be used");
                return Err(RuleError::invalid(field, wrong, "1 to 64 printable characters"));
            }
        }
        if let Some(quiet) = &self.quiet {
            if quiet.time_zone().is_none() {
                let wrong = format!("there is no time zone {:?}", quiet.zone);
                let allowed = "an IANA name such as Asia/Seoul or America/New_York";
                return Err(RuleError::invalid("quiet.zone", wrong, allowed));
            }
            if quiet.from == quiet.to {
                let allowed = "`from` and `to` must differ; disable the rule to silence it all day";
                return Err(RuleError::invalid("quiet", "the hours begin when they end", allowed));
            }
        }
        self.when.check()?;
        self.tr_ids().map(|_| ())
    }

    /// The streams that the rule watches; none for what comes from no stream.
    ///
    /// # Errors
    /// When a stream is unknown, of another kind, or cannot be found from the
    /// symbol.
    pub fn tr_ids(&self) -> Result<Vec<TrId>, RuleError> {
        let kinds = self.when.event_kinds();
        if kinds.is_empty() {
            return match (&self.symbol, self.streams.is_empty()) {
                (None, true) => Ok(Vec::new()),
                _ => Err(RuleError::invalid(
                    "symbol",
                    "trouble upstream is of no instrument",
                    "leave `symbol` and `streams` out",
                )),
            };
        }
        if self.symbol.is_none() && !self.of_orders() {
            let allowed = "name the instrument as KIS does, such as 005930, DNASAAPL or 101W09";
            return Err(RuleError::invalid("symbol", "is missing", allowed));
        }
        if self.streams.is_empty() {
            return self.usual_streams(kinds);
        }
        if matches!(&self.when, Condition::Order(it) if !it.markets.is_empty()) {
            let wrong = "`when.order.markets` says already which";
            return Err(RuleError::invalid("streams", wrong, "leave one of them out"));
        }
        let most = if self.when.of_one_stream() { 1 } else { STREAMS_MAX };
        if self.streams.len() > most {
            let wrong = format!("{} are too many", self.streams.len());
            let allowed = format!("this condition watches at most {most}");
            return Err(RuleError::invalid("streams", wrong, allowed));
        }
        self.streams.iter().map(|text| stream(text, kinds)).collect()
    }

    /// The topics that must be subscribed to for the rule; none for orders,
    /// whose key is the owner's HTS id.
    pub fn topics(&self) -> Vec<Topic> {
        let Some(symbol) = self.symbol.as_deref().filter(|_| !self.of_orders()) else {
            return Vec::new();
        };
        let tr_ids = self.tr_ids().unwrap_or_default();
        tr_ids.into_iter().map(|it| Topic::new(it.as_str(), symbol)).collect()
    }

    /// The streams of notices that must be registered for the rule with the
    /// owner's HTS id, those of real and of paper trading alike.
    ///
    /// Those that it names, or those of the markets that it names. One that
    /// names neither takes what comes, but only notices of stocks are
    /// registered for it: a registration is scarce, and most accounts have no
    /// derivatives.
    pub fn notices(&self) -> Vec<TrId> {
        let Condition::Order(order) = &self.when else { return Vec::new() };
        let mut tr_ids = self.tr_ids().unwrap_or_default();
        tr_ids.retain(|it| !self.streams.is_empty() || order.needs(*it));
        tr_ids
    }

    /// Whether the rule fires more than once.
    pub fn repeats(&self) -> bool {
        self.repeat.unwrap_or_else(|| self.when.repeats())
    }

    /// How many seconds after a firing others are not told.
    pub fn cooldown(&self) -> u32 {
        self.cooldown_seconds.unwrap_or_else(|| self.when.cooldown())
    }

    /// Whether two rules watch the same, so that what one has seen holds for
    /// the other.
    pub fn watches_like(&self, other: &Self) -> bool {
        (&self.symbol, &self.streams, &self.when) == (&other.symbol, &other.streams, &other.when)
    }

    pub(crate) fn of_orders(&self) -> bool {
        matches!(self.when, Condition::Order(_))
    }

    fn usual_streams(&self, kinds: &[EventKind]) -> Result<Vec<TrId>, RuleError> {
        if let Condition::Order(order) = &self.when {
            let notices = TrId::ALL.iter().copied().filter(|it| it.encrypted());
            return Ok(notices.filter(|it| order.is_about(*it)).collect());
        }
        let symbol = self.symbol.as_deref().unwrap_or_default();
        let of = |trade, book, status| {
            let usual: [Option<TrId>; 3] = [trade, book, status];
            usual.into_iter().flatten().find(|it| kinds.contains(&it.event_kind()))
        };
        let digits = symbol.bytes().all(|it| it.is_ascii_digit());
        let overseas = kis_protocol::code::OverseasExchange::MEANINGS;
        let found = match symbol.len() {
            6 if digits => of(Some(TrId::H0STCNT0), Some(TrId::H0STASP0), Some(TrId::H0STMKO0)),
            4 if digits => of(Some(TrId::H0UPCNT0), None, None),
            5.. if symbol.starts_with(['D', 'R'])
                && overseas.iter().any(|it| symbol.get(1..4) == Some(it.0)) =>
            {
                of(Some(TrId::HDFSCNT0), Some(TrId::HDFSASP0), None)
            }
            _ => None,
        };
        found.map(|it| vec![it]).ok_or_else(|| {
            let wrong = format!("cannot be found from the symbol {symbol}");
            RuleError::invalid("streams", wrong, allowed_streams(kinds))
        })
    }
}

fn stream(text: &str, kinds: &[EventKind]) -> Result<TrId, RuleError> {
    let Ok(tr_id) = text.parse::<TrId>() else {
        let wrong = format!("there is no stream {text}");
        return Err(RuleError::invalid("streams", wrong, allowed_streams(kinds)));
    };
    if !kinds.contains(&tr_id.event_kind()) {
        let wrong = format!("{tr_id} ({}) does not carry what the condition needs", tr_id.label());
        return Err(RuleError::invalid("streams", wrong, allowed_streams(kinds)));
    }
    Ok(tr_id)
}

fn allowed_streams(kinds: &[EventKind]) -> String {
    let fitting = TrId::ALL.iter().filter(|it| kinds.contains(&it.event_kind()));
    let names: Vec<_> = fitting.map(|it| it.as_str()).collect();
    format!("allowed: {}", names.join(", "))
}

/// The place that serde_json appends is of the text, not of the rule.
fn without_place(message: &str) -> String {
    let end = message.rfind(" at line ").unwrap_or(message.len());
    message[..end].to_owned()
}

fn enabled() -> bool {
    true
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_enabled(enabled: &bool) -> bool {
    *enabled
}
