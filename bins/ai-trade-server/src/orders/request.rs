//! What clients ask for.

use std::{fmt, num::NonZeroU32};

use axum::http::StatusCode;
use kis_protocol::{Decimal, code};
use serde::{Deserialize, Deserializer, Serialize, de};

use crate::problem::Problem;

/// What is traded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Market {
    /// Korean stocks.
    Stock,
    /// Korean futures and options.
    Derivatives,
    /// Stocks abroad.
    Overseas,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Side {
    Buy,
    Sell,
}

/// In which session, where there are several.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Session {
    /// Korean derivatives by day.
    Day,
    /// Korean derivatives by night.
    Night,
    /// The United States in Korea's daytime (미국주간).
    Daytime,
}

/// How an order is priced; see the pricings of [`kis_protocol::rest`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Kind {
    Limit,
    Market,
    ConditionalLimit,
    Best,
    Top,
    PreMarket,
    AfterMarket,
    Overtime,
    LimitIoc,
    LimitFok,
    MarketIoc,
    MarketFok,
    BestIoc,
    BestFok,
    Mid,
    StopLimit,
    MidIoc,
    MidFok,
    MarketOnOpen,
    LimitOnOpen,
    MarketOnClose,
    LimitOnClose,
    OddLotLimit,
    /// By KIS' own code.
    Other,
}

/// A number as text: JSON's own numbers lose digits on the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub(super) struct Number(pub(super) Decimal);

/// An order to be placed, and what an order is remembered as.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Order {
    pub(super) market: Market,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) session: Option<Session>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) exchange: Option<String>,
    pub(super) symbol: String,
    pub(super) side: Side,
    #[serde(deserialize_with = "count")]
    pub(super) quantity: NonZeroU32,
    #[serde(rename = "type")]
    pub(super) kind: Kind,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) price: Option<Number>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) trigger: Option<Number>,
    /// KIS' code, of the type `other`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) code: Option<String>,
}

/// Another price for an open order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Amend {
    /// How much of it; all that is open when absent.
    #[serde(default, deserialize_with = "some_count", skip_serializing_if = "Option::is_none")]
    pub(super) quantity: Option<NonZeroU32>,
    #[serde(rename = "type")]
    pub(super) kind: Kind,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) price: Option<Number>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) trigger: Option<Number>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) code: Option<String>,
}

/// How much of an order to cancel; all that is open when absent.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Cancel {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) quantity: Option<NonZeroU32>,
}

impl Order {
    /// The order that an amendment makes of this one.
    pub(super) fn amended(&self, amend: &Amend) -> Self {
        Self {
            quantity: amend.quantity.unwrap_or(self.quantity),
            kind: amend.kind,
            price: amend.price,
            trigger: amend.trigger,
            code: amend.code.clone(),
            ..self.clone()
        }
    }

    /// What of this one a cancel takes away.
    pub(super) fn cancelled(&self, cancel: Cancel) -> Self {
        Self { quantity: cancel.quantity.unwrap_or(self.quantity), ..self.clone() }
    }

    /// The currency of its price, as ISO 4217.
    pub(super) fn currency(&self) -> &'static str {
        match self.exchange.as_deref().filter(|_| self.market == Market::Overseas) {
            Some("NASD" | "NYSE" | "AMEX") => "USD",
            Some("SEHK") => "HKD",
            Some("SHAA" | "SZAA") => "CNY",
            Some("TKSE") => "JPY",
            Some("HASE" | "VNSE") => "VND",
            _ => "KRW",
        }
    }

    /// Whether the symbol could be one at all.
    pub(super) fn check_symbol(&self) -> Result<(), Problem> {
        let fits = |it: u8| it.is_ascii_alphanumeric() || matches!(it, b'.' | b'/' | b'-');
        match self.symbol.len() {
            1..=12 if self.symbol.bytes().all(fits) => Ok(()),
            _ => Err(invalid("the `symbol` must be 1 to 12 letters and digits, as in 005930")),
        }
    }
}

/// A body that says something that cannot be.
pub(super) fn invalid(detail: impl Into<String>) -> Problem {
    Problem::new(StatusCode::UNPROCESSABLE_ENTITY, detail.into()).code("invalid_order")
}

impl Side {
    pub(super) fn code(self) -> code::Side {
        match self {
            Self::Buy => code::Side::Buy,
            Self::Sell => code::Side::Sell,
        }
    }
}

/// The words of clients.
macro_rules! shown_as_serialized {
    ($($name:ty)+) => {$(
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.serialize(f)
            }
        }
    )+};
}
shown_as_serialized!(Market Side Kind);

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;
        impl de::Visitor<'_> for Text {
            type Value = Number;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a decimal number as text, such as \"71900\"")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Number, E> {
                let unexpected = || E::invalid_value(de::Unexpected::Str(text), &self);
                text.parse().map(Number).map_err(|_| unexpected())
            }
        }
        deserializer.deserialize_str(Text)
    }
}

/// A whole number above zero, also when it is written as `10.0`, which JSON holds for the same.
fn count<'de, D: Deserializer<'de>>(deserializer: D) -> Result<NonZeroU32, D::Error> {
    struct Count;
    impl de::Visitor<'_> for Count {
        type Value = NonZeroU32;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            write!(f, "a whole number from 1 to {}", u32::MAX)
        }

        fn visit_u64<E: de::Error>(self, count: u64) -> Result<NonZeroU32, E> {
            let it = u32::try_from(count).ok().and_then(NonZeroU32::new);
            it.ok_or_else(|| E::invalid_value(de::Unexpected::Unsigned(count), &self))
        }

        fn visit_f64<E: de::Error>(self, count: f64) -> Result<NonZeroU32, E> {
            // In range and whole, so that nothing is cut.
            let whole = count.fract() == 0.0 && (1.0..=f64::from(u32::MAX)).contains(&count);
            match NonZeroU32::new(count as u32).filter(|_| whole) {
                Some(count) => Ok(count),
                None => Err(E::invalid_value(de::Unexpected::Float(count), &self)),
            }
        }
    }
    deserializer.deserialize_u64(Count)
}

fn some_count<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<NonZeroU32>, D::Error> {
    count(deserializer).map(Some)
}
