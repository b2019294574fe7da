use std::{fmt, str::FromStr};

/// A column that is absent, or whose text is not what its kind promises.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldError {
    /// The record's name.
    pub record: &'static str,
    /// The column's name.
    pub column: &'static str,
    /// What the column was read as.
    pub wanted: &'static str,
    /// What KIS sent; `None` when the record is too short to have the column.
    pub text: Option<Box<str>>,
}

impl fmt::Display for FieldError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { record, column, wanted, text } = self;
        match text {
            Some(text) => write!(f, "{record}.{column}: cannot read {text:?} as {wanted}"),
            None => write!(f, "{record}.{column}: the record is too short to have it"),
        }
    }
}

impl std::error::Error for FieldError {}

/// A value that can be read from a column's text.
pub trait FromField<'a>: Sized {
    /// The type's name in error messages.
    const NAME: &'static str;

    /// Reads the value, or `None` when the text is something else.
    fn from_field(text: &'a str) -> Option<Self>;
}

impl<'a> FromField<'a> for &'a str {
    const NAME: &'static str = "text";

    fn from_field(text: &'a str) -> Option<Self> {
        Some(text)
    }
}

impl FromField<'_> for i64 {
    const NAME: &'static str = "integer";

    fn from_field(text: &str) -> Option<Self> {
        text.trim_ascii().parse().ok()
    }
}

impl FromField<'_> for Decimal {
    const NAME: &'static str = "decimal";

    fn from_field(text: &str) -> Option<Self> {
        text.trim_ascii().parse().ok()
    }
}

/// A decimal number exactly as KIS wrote it: `mantissa / 10^scale`.
///
/// `67.50` and `67.5` are different as values of this type, because the digits
/// sent are kept; a sign of zero is not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Decimal {
    mantissa: i64,
    scale: u8,
}

/// A text that is not a decimal number of at most 18 digits.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a decimal number of at most 18 digits")]
pub struct DecimalError;

impl Decimal {
    /// The number `mantissa / 10^scale`.
    pub const fn new(mantissa: i64, scale: u8) -> Self {
        Self { mantissa, scale }
    }

    /// The digits, without the point.
    pub const fn mantissa(self) -> i64 {
        self.mantissa
    }

    /// How many of the digits follow the point.
    pub const fn scale(self) -> u8 {
        self.scale
    }

    /// The nearest floating-point number.
    pub fn to_f64(self) -> f64 {
        self.mantissa as f64 / 10_f64.powi(i32::from(self.scale))
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scale = usize::from(self.scale);
        let sign = if self.mantissa < 0 { "-" } else { "" };
        let digits = format!("{:0width$}", self.mantissa.unsigned_abs(), width = scale + 1);
        let (whole, fraction) = digits.split_at(digits.len() - scale);
        match fraction {
            "" => f.pad(&format!("{sign}{whole}")),
            _ => f.pad(&format!("{sign}{whole}.{fraction}")),
        }
    }
}

impl FromStr for Decimal {
    type Err = DecimalError;

    /// Reads digits with an optional sign and point: `71900`, `+0.49`, `-.5`,
    /// `000003190`.
    fn from_str(text: &str) -> Result<Self, DecimalError> {
        let (negative, digits) = match text.as_bytes() {
            [b'-', digits @ ..] => (true, digits),
            [b'+', digits @ ..] => (false, digits),
            digits => (false, digits),
        };
        let (mut mantissa, mut scale, mut point, mut any) = (0_i64, 0_u8, false, false);
        for &byte in digits {
            match byte {
                b'0'..=b'9' => {
                    mantissa = mantissa
                        .checked_mul(10)
                        .and_then(|it| it.checked_add(i64::from(byte - b'0')))
                        .ok_or(DecimalError)?;
                    scale += u8::from(point);
                    any = true;
                    if scale > 18 {
                        return Err(DecimalError);
                    }
                }
                b'.' if !point => point = true,
                _ => return Err(DecimalError),
            }
        }
        if !any {
            return Err(DecimalError);
        }
        Ok(Self { mantissa: if negative { -mantissa } else { mantissa }, scale })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals() {
        let check = |text: &str, expected: Option<(i64, u8)>| {
            let actual = text.parse::<Decimal>().ok().map(|it| (it.mantissa(), it.scale()));
            assert_eq!(actual, expected, "{text:?}");
        };
        check("71900", Some((71_900, 0)));
        check("+0.49", Some((49, 2)));
        check("-0.14", Some((-14, 2)));
        check("-.5", Some((-5, 1)));
        check("000003190", Some((3_190, 0)));
        check("-0.00", Some((0, 2)));
        check("182.8500", Some((1_828_500, 4)));
        for bad in [
            "",
            "-",
            "+",
            ".",
            "nan",
            "-nan",
            "(null)",
            "1.2.3",
            "1e5",
            "fm텅 @",
            "99999999999999999999",
            "0.1234567890123456789",
        ] {
            check(bad, None);
        }
    }

    #[test]
    fn decimals_print_as_sent() {
        for text in ["0", "71900", "0.49", "-0.14", "182.8500", "-1000.5"] {
            assert_eq!(text.parse::<Decimal>().unwrap().to_string(), text);
        }
    }
}
