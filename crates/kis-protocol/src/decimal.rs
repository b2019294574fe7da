use std::{fmt, str::FromStr};

/// A decimal number exactly as KIS wrote it: `mantissa / 10^scale`.
///
/// `67.50` and `67.5` are different as values of this type, because the digits
/// sent are kept; a sign of zero is not. It is serialised as text, `"67.50"`,
/// because most JSON clients read a number as a double.
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
    /// The number `mantissa / 10^scale`; a scale above 18 counts as 18.
    pub const fn new(mantissa: i64, scale: u8) -> Self {
        Self { mantissa, scale: if scale > 18 { 18 } else { scale } }
    }

    /// The digits, without the point.
    pub const fn mantissa(self) -> i64 {
        self.mantissa
    }

    /// How many of the digits follow the point.
    pub const fn scale(self) -> u8 {
        self.scale
    }

    /// Whether the number is zero.
    pub const fn is_zero(self) -> bool {
        self.mantissa == 0
    }

    /// The nearest floating-point number.
    pub fn to_f64(self) -> f64 {
        self.mantissa as f64 / 10_f64.powi(i32::from(self.scale))
    }

    /// The number's text, written at the end of `buffer`.
    fn text(self, buffer: &mut [u8; 24]) -> &str {
        let mut at = buffer.len();
        let mut rest = self.mantissa.unsigned_abs();
        let scale = usize::from(self.scale);
        let mut written = 0;
        while rest > 0 || written <= scale {
            if written == scale && scale > 0 {
                at -= 1;
                buffer[at] = b'.';
            }
            at -= 1;
            buffer[at] = b'0' + (rest % 10) as u8;
            rest /= 10;
            written += 1;
        }
        if self.mantissa < 0 {
            at -= 1;
            buffer[at] = b'-';
        }
        str::from_utf8(&buffer[at..]).unwrap_or_default()
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.text(&mut [0; 24]))
    }
}

impl serde::Serialize for Decimal {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.text(&mut [0; 24]))
    }
}

impl FromStr for Decimal {
    type Err = DecimalError;

    /// Reads digits with an optional sign and point: `71900`, `+0.49`, `-.5`,
    /// `000003190`.
    fn from_str(text: &str) -> Result<Self, DecimalError> {
        read(text.as_bytes()).ok_or(DecimalError)
    }
}

#[inline]
pub(crate) fn read(text: &[u8]) -> Option<Decimal> {
    let (negative, digits) = sign(text);
    // Eighteen characters cannot overflow, so only longer texts pay for the
    // check.
    let (mantissa, scale) = if digits.len() <= 18 { short(digits) } else { long(digits) }?;
    Some(Decimal { mantissa: if negative { -mantissa } else { mantissa }, scale })
}

#[inline]
pub(crate) fn integer(text: &[u8]) -> Option<i64> {
    let (negative, digits) = sign(text);
    if digits.len() > 18 || digits.is_empty() {
        return str::from_utf8(text).ok()?.parse().ok();
    }
    let (mut value, mut bad) = (0_i64, false);
    for &byte in digits {
        let digit = byte.wrapping_sub(b'0');
        bad |= digit > 9;
        value = value.wrapping_mul(10).wrapping_add(i64::from(digit));
    }
    (!bad).then_some(if negative { -value } else { value })
}

#[inline]
fn sign(text: &[u8]) -> (bool, &[u8]) {
    match text {
        [b'-', digits @ ..] => (true, digits),
        [b'+', digits @ ..] => (false, digits),
        digits => (false, digits),
    }
}

/// Two short loops, of which neither asks about the point, are faster than one.
#[inline]
fn short(digits: &[u8]) -> Option<(i64, u8)> {
    let (whole, rest) = run(0, digits);
    match rest {
        [] if digits.is_empty() => None,
        [] => Some((whole, 0)),
        [b'.'] if digits.len() == 1 => None,
        [b'.', fraction @ ..] => match run(whole, fraction) {
            (mantissa, []) => Some((mantissa, fraction.len() as u8)),
            _ => None,
        },
        _ => None,
    }
}

/// Appends the leading digits of `text` to `value`, and returns what follows.
#[inline]
fn run(mut value: i64, text: &[u8]) -> (i64, &[u8]) {
    let mut rest = text;
    while let [byte, after @ ..] = rest {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            break;
        }
        value = value.wrapping_mul(10).wrapping_add(i64::from(digit));
        rest = after;
    }
    (value, rest)
}

#[cold]
fn long(digits: &[u8]) -> Option<(i64, u8)> {
    let (mut mantissa, mut scale, mut point, mut any) = (0_i64, 0_u8, false, false);
    for &byte in digits {
        match byte {
            b'0'..=b'9' => {
                mantissa = mantissa.checked_mul(10)?.checked_add(i64::from(byte - b'0'))?;
                scale += u8::from(point);
                any = true;
                if scale > 18 {
                    return None;
                }
            }
            b'.' if !point => point = true,
            _ => return None,
        }
    }
    any.then_some((mantissa, scale))
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
        check("5.", Some((5, 0)));
        check("000003190", Some((3_190, 0)));
        check("-0.00", Some((0, 2)));
        check("182.8500", Some((1_828_500, 4)));
        check("0000000000000000000003190", Some((3_190, 0)));
        check("9223372036854775807", Some((i64::MAX, 0)));
        check("99999999.9999999999", Some((999_999_999_999_999_999, 10)));
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
            "--1",
            "9223372036854775808",
            "99999999999999999999",
            "0.1234567890123456789",
        ] {
            check(bad, None);
        }
    }

    #[test]
    fn decimals_print_as_sent() {
        for text in ["0", "71900", "0.49", "-0.14", "182.8500", "-1000.5", "0.00", "10"] {
            assert_eq!(text.parse::<Decimal>().unwrap().to_string(), text);
        }
        let longest = Decimal::new(i64::MIN + 1, 18).to_string();
        assert_eq!(longest, "-9.223372036854775807");
        assert_eq!(Decimal::new(-1, 255).to_string(), "-0.000000000000000001");
        assert_eq!(format!("{:>6}", Decimal::new(15, 1)), "   1.5");
    }

    #[test]
    fn integers() {
        for text in ["0", "-1", "+7", "000000001", "9223372036854775807", "-9223372036854775808"] {
            assert_eq!(integer(text.as_bytes()), text.parse().ok(), "{text}");
        }
        for bad in ["", "-", "1.5", "--1", "9223372036854775808", " 1", "텅"] {
            assert_eq!(integer(bad.as_bytes()), None, "{bad}");
        }
    }
}
