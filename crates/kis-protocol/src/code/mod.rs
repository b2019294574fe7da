//! Codes and their meanings, as KIS documents them.
//!
//! A descriptive code is an *open* enum: a code that is not in the table is
//! kept as [`Other`](Sign::Other), because KIS adds codes without notice. What
//! became of an order is *strict*: a code that is not in the table is an error,
//! because guessing there costs money.

mod market;
mod order;
mod rest;

pub use market::*;
pub use order::*;
pub use rest::*;

/// Codes and what they mean, in KIS' words.
pub type Meanings = &'static [(&'static str, &'static str)];

/// Declares open code tables.
macro_rules! open_codes {
    ($(
        $(#[doc = $doc:literal])+
        $name:ident { $(#[doc = $meaning:literal] $code:literal => $variant:ident,)+ }
    )+) => {$(
        $(#[doc = $doc])+
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum $name<'a> {
            $(#[doc = concat!("`", $code, "`:", $meaning)] $variant,)+
            /// A code that is not in the table, as sent.
            Other(&'a str),
        }

        impl<'a> $name<'a> {
            /// Every known code and its meaning.
            pub const MEANINGS: $crate::code::Meanings =
                &[$(($code, $meaning.trim_ascii())),+];

            /// The code as KIS writes it.
            pub fn as_str(self) -> &'a str {
                match self {
                    $(Self::$variant => $code,)+
                    Self::Other(code) => code,
                }
            }
        }

        impl<'a> $crate::FromField<'a> for $name<'a> {
            const NAME: &'static str = "code";

            #[inline]
            fn from_field(text: &'a str) -> Option<Self> {
                Some(match text {
                    $($code => Self::$variant,)+
                    code => Self::Other(code),
                })
            }
        }

        impl serde::Serialize for $name<'_> {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }
    )+};
}

/// Declares strict code tables.
macro_rules! strict_codes {
    ($(
        $(#[doc = $doc:literal])+
        $name:ident { $(#[doc = $meaning:literal] $code:literal $(| $also:literal)* => $variant:ident,)+ }
    )+) => {$(
        $(#[doc = $doc])+
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize)]
        #[serde(rename_all = "snake_case")]
        pub enum $name {
            $(#[doc = concat!("`", $code, "`:", $meaning)] $variant,)+
        }

        impl $name {
            /// Every code and its meaning.
            pub const MEANINGS: $crate::code::Meanings =
                &[$(($code, $meaning.trim_ascii())),+];

            /// The code as KIS writes it, or the first one where it writes several.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $code,)+
                }
            }
        }

        impl $crate::FromField<'_> for $name {
            const NAME: &'static str = stringify!($name);

            fn from_field(text: &str) -> Option<Self> {
                match text {
                    $($code $(| $also)* => Some(Self::$variant),)+
                    _ => None,
                }
            }
        }
    )+};
}

use {open_codes, strict_codes};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::FromField;

    #[test]
    fn an_unknown_descriptive_code_is_kept() {
        assert_eq!(Sign::from_field("5"), Some(Sign::Fall));
        assert_eq!(Sign::from_field("텅"), Some(Sign::Other("텅")));
        assert_eq!(MarketOperation::from_field("AB1").map(MarketOperation::as_str), Some("AB1"));
    }

    #[test]
    fn an_unknown_order_state_is_an_error() {
        assert_eq!(Revision::from_field("2"), Some(Revision::Cancel));
        assert_eq!(Revision::from_field("02"), Some(Revision::Cancel));
        assert_eq!(Revision::from_field("3"), None);
        assert_eq!(NoticeKind::from_field(" 2"), None);
    }

    #[test]
    fn phases_have_two_characters() {
        let phase = Phase::from_field("21").unwrap();
        assert_eq!((phase.session, phase.method), (PhaseSession::Regular, PhaseMethod::Closing));
        let odd = Phase::from_field("텅9").unwrap();
        assert_eq!((odd.session.as_str(), odd.method.as_str()), ("텅", "9"));
        assert_eq!(Phase::from_field("2").unwrap().method, PhaseMethod::Other(""));
    }

    #[test]
    fn overseas_keys() {
        let key = OverseasKey::from_field("RBAQNVDA").unwrap();
        assert_eq!(key.feed, Feed::RealTime);
        assert_eq!(key.exchange, OverseasExchange::NasdaqDay);
        assert_eq!((key.symbol, key.exchange.currency()), ("NVDA", Some("USD")));
        assert_eq!(OverseasKey::from_field("DNA"), None);
        assert_eq!(OverseasKey::from_field("텅NAS"), None);
    }
}
