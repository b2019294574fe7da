use std::{fmt, ops::Range};

use crate::{Decimal, Kind, Layout, decimal, digits};

/// A column whose text is not what its kind promises.
#[derive(Clone, PartialEq, Eq)]
pub struct FieldError(Box<Inner>);

// Boxed, so that a good value is not moved about at the size of an error.
#[derive(Clone, PartialEq, Eq)]
struct Inner {
    record: &'static str,
    column: &'static str,
    wanted: &'static str,
    text: Option<Box<str>>,
}

impl FieldError {
    #[cold]
    pub(crate) fn new(
        layout: &'static Layout,
        column: usize,
        wanted: &'static str,
        text: &str,
    ) -> Self {
        // In a notice of an unknown width any column may hold the account.
        let private = layout.columns.iter().any(|it| it.kind == Kind::Private);
        Self(Box::new(Inner {
            record: layout.name,
            column: layout.column_name(column).unwrap_or_default(),
            wanted,
            text: (!private).then(|| text.into()),
        }))
    }

    /// The record's name.
    pub fn record(&self) -> &'static str {
        self.0.record
    }

    /// The column's name.
    pub fn column(&self) -> &'static str {
        self.0.column
    }

    /// What the column was to be read as.
    pub fn wanted(&self) -> &'static str {
        self.0.wanted
    }

    /// What KIS sent; `None` in records that hold account data.
    pub fn text(&self) -> Option<&str> {
        self.0.text.as_deref()
    }
}

impl fmt::Display for FieldError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Inner { record, column, wanted, text } = &*self.0;
        match text {
            Some(text) => write!(f, "{record}.{column}: cannot read {text:?} as {wanted}"),
            None => write!(f, "{record}.{column}: cannot read it as {wanted}"),
        }
    }
}

impl fmt::Debug for FieldError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FieldError({self})")
    }
}

impl std::error::Error for FieldError {}

/// A value that can be read from a column's text.
pub trait FromField<'a>: Sized {
    /// The type's name in error messages.
    const NAME: &'static str;

    /// Reads the value, or `None` when the text is something else.
    fn from_field(text: &'a str) -> Option<Self>;

    /// Reads the column in `place` of `body` the quick way, which may need the
    /// bytes before it. `None` says nothing: then
    /// [`from_field`](Self::from_field) reads the column's text.
    #[inline]
    fn from_column(body: &'a str, place: Range<usize>) -> Option<Self> {
        Self::from_field(body.get(place)?)
    }
}

impl<'a> FromField<'a> for &'a str {
    const NAME: &'static str = "text";

    #[inline]
    fn from_field(text: &'a str) -> Option<Self> {
        Some(text)
    }
}

impl FromField<'_> for i64 {
    const NAME: &'static str = "integer";

    #[inline]
    fn from_field(text: &str) -> Option<Self> {
        decimal::integer(text.as_bytes()).or_else(|| trimmed(text).and_then(decimal::integer))
    }

    #[inline]
    fn from_column(body: &str, place: Range<usize>) -> Option<Self> {
        digits::integer(body.as_bytes(), place)
    }
}

impl FromField<'_> for Decimal {
    const NAME: &'static str = "decimal";

    #[inline]
    fn from_field(text: &str) -> Option<Self> {
        decimal::read(text.as_bytes()).or_else(|| trimmed(text).and_then(decimal::read))
    }

    #[inline]
    fn from_column(body: &str, place: Range<usize>) -> Option<Self> {
        let (mantissa, scale) = digits::decimal(body.as_bytes(), place)?;
        Some(Self::new(mantissa, scale))
    }
}

impl FromField<'_> for bool {
    const NAME: &'static str = "Y or N";

    #[inline]
    fn from_field(text: &str) -> Option<Self> {
        match text {
            "Y" => Some(true),
            "N" => Some(false),
            _ => None,
        }
    }
}

/// The text without blanks around it, where there are any.
#[cold]
fn trimmed(text: &str) -> Option<&[u8]> {
    let trimmed = text.trim_ascii();
    (trimmed.len() < text.len()).then_some(trimmed.as_bytes())
}

/// Text that belongs to the account's owner: an account number, an id, a name.
/// `Debug` shows at most its last four characters; there is no `Display`.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Private<'a>(&'a str);

impl<'a> Private<'a> {
    /// The text itself. It must not get into a log.
    pub fn reveal(self) -> &'a str {
        self.0
    }
}

impl<'a> FromField<'a> for Private<'a> {
    const NAME: &'static str = "text";

    #[inline]
    fn from_field(text: &'a str) -> Option<Self> {
        Some(Self(text))
    }
}

/// In full, because what is serialised goes to the account's owner.
impl serde::Serialize for Private<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0)
    }
}

impl fmt::Debug for Private<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Four characters of a short text, such as a name, would be all of it.
        match self.0.char_indices().rev().nth(3) {
            Some((at, _)) if self.0.chars().count() >= 8 => write!(f, "…{}", &self.0[at..]),
            _ => f.write_str("…"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blanks_around_a_number_are_not_part_of_it() {
        assert_eq!(i64::from_field(" 12 "), Some(12));
        assert_eq!(Decimal::from_field("  1.5"), Some(Decimal::new(15, 1)));
        assert_eq!(i64::from_field("1 2"), None);
        assert_eq!(bool::from_field("y"), None);
    }

    #[test]
    fn private_text_is_masked() {
        let shown = |text| format!("{:?}", Private(text));
        assert_eq!(shown("1234567801"), "…7801");
        assert_eq!(shown("홍길동"), "…");
        assert_eq!(shown("testid"), "…");
        assert_eq!(shown(""), "…");
    }
}
