//! What a column of an answer can be: read leniently, and owned.

use std::fmt;

use crate::{
    Decimal, FromField, Private,
    code::{Revision, Side, Sign},
    time::{Date, Time},
};

/// A value that a column's text is read as.
pub(crate) trait Value: Sized {
    /// Reads a text without blanks around it, which is not empty; `None` when it is
    /// something else.
    fn read(text: &str) -> Option<Self>;

    /// Whether the text stands for no value, as an empty one does.
    fn is_absent(_text: &str) -> bool {
        false
    }
}

/// Text that belongs to the account's owner: an account number, a name, a telephone number.
/// `Debug` shows at most its last four characters; there is no `Display`.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct PrivateText(String);

impl PrivateText {
    /// The text itself. It must not get into a log.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for PrivateText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Private::from_field(&self.0).map_or(Ok(()), |it| it.fmt(f))
    }
}

/// In full, because what is serialised goes to the account's owner.
impl serde::Serialize for PrivateText {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl Value for String {
    fn read(text: &str) -> Option<Self> {
        Some(text.to_owned())
    }
}

impl Value for PrivateText {
    fn read(text: &str) -> Option<Self> {
        Some(Self(text.to_owned()))
    }
}

impl Value for Decimal {
    fn read(text: &str) -> Option<Self> {
        Self::from_field(text)
    }
}

impl Value for i64 {
    /// `12.00` is twelve: what counts pieces in one call is an amount in another.
    fn read(text: &str) -> Option<Self> {
        Self::from_field(text).or_else(|| {
            let decimal = Decimal::from_field(text)?;
            let unit = 10_i64.checked_pow(u32::from(decimal.scale()))?;
            (decimal.mantissa() % unit == 0).then(|| decimal.mantissa() / unit)
        })
    }
}

impl Value for bool {
    fn read(text: &str) -> Option<Self> {
        Self::from_field(text)
    }
}

impl Value for Date {
    fn read(text: &str) -> Option<Self> {
        Self::from_field(text)
    }

    /// `00000000` is how some calls say that there is no date.
    fn is_absent(text: &str) -> bool {
        text.bytes().all(|it| it == b'0')
    }
}

impl Value for Time {
    fn read(text: &str) -> Option<Self> {
        Self::from_field(text)
    }
}

impl Value for Sign<'static> {
    fn read(text: &str) -> Option<Self> {
        Some(match Sign::from_field(text)? {
            Sign::UpperLimit => Self::UpperLimit,
            Sign::Rise => Self::Rise,
            Sign::Unchanged => Self::Unchanged,
            Sign::LowerLimit => Self::LowerLimit,
            Sign::Fall => Self::Fall,
            Sign::Other(_) => return None,
        })
    }
}

impl Value for Side {
    fn read(text: &str) -> Option<Self> {
        Self::from_field(text)
    }
}

impl Value for Revision {
    fn read(text: &str) -> Option<Self> {
        Self::from_field(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_with_a_point() {
        let check = |text, expected| assert_eq!(<i64 as Value>::read(text), expected, "{text}");
        check("12", Some(12));
        check("12.00000000", Some(12));
        check("-0000003.0", Some(-3));
        check("0.0", Some(0));
        check("12.5", None);
        check("+1,000", None);
    }

    #[test]
    fn no_date() {
        assert!(<Date as Value>::is_absent("00000000") && <Date as Value>::is_absent("0"));
        assert!(!<Date as Value>::is_absent("20260914"));
    }

    #[test]
    fn private_text_is_masked() {
        let text = <PrivateText as Value>::read("01012345678").unwrap();
        assert_eq!(format!("{text:?}"), "…5678");
        assert_eq!(text.reveal(), "01012345678");
    }
}
