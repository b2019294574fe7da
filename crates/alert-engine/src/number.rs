//! Exact numbers: what a rule says, compared with what KIS sends.

use std::{cmp::Ordering, fmt, str::FromStr};

use kis_protocol::{Decimal, DecimalError};
use serde::{Deserialize, Deserializer, Serialize, de};

/// A decimal number that is compared by its value: `67.5` equals `67.50`.
///
/// Read from text (`"80,000"`, `"67.50"`) or from a JSON or TOML number, and
/// written as text with its digits.
#[derive(Clone, Copy, Serialize)]
#[serde(transparent)]
pub struct Number(Decimal);

impl Number {
    /// Zero.
    pub const ZERO: Self = Self(Decimal::new(0, 0));

    /// The digits.
    pub const fn decimal(self) -> Decimal {
        self.0
    }

    /// `self - other`, or `None` beyond 18 digits.
    pub fn checked_sub(self, other: Self) -> Option<Self> {
        let scale = self.0.scale().max(other.0.scale());
        let difference = scaled(self.0, scale).checked_sub(scaled(other.0, scale))?;
        Some(Self(Decimal::new(i64::try_from(difference).ok()?, scale)))
    }

    /// `self + other`, or `None` beyond 18 digits.
    pub fn checked_add(self, other: Self) -> Option<Self> {
        self.checked_sub(other.negated())
    }

    /// So many percent of the number, cut to the digits of `like`.
    pub(crate) fn percentage(self, percent: Self, like: Self) -> Option<Self> {
        let scale = like.0.scale();
        if self.0.scale() > scale {
            return None;
        }
        let product = scaled(self.0, scale).checked_mul(i128::from(percent.0.mantissa()))?;
        let cut = product / (100 * power(percent.0.scale()));
        Some(Self(Decimal::new(i64::try_from(cut).ok()?, scale)))
    }

    /// One in the number's last digit.
    pub(crate) fn step(self) -> Self {
        Self(Decimal::new(1, self.0.scale()))
    }

    /// The number with the other sign.
    #[must_use]
    pub const fn negated(self) -> Self {
        Self(Decimal::new(self.0.mantissa().saturating_neg(), self.0.scale()))
    }
}

impl From<Decimal> for Number {
    fn from(decimal: Decimal) -> Self {
        Self(decimal)
    }
}

impl From<i64> for Number {
    fn from(whole: i64) -> Self {
        Self(Decimal::new(whole, 0))
    }
}

impl Ord for Number {
    #[inline]
    fn cmp(&self, other: &Self) -> Ordering {
        let (a, b) = (self.0, other.0);
        if a.scale() == b.scale() {
            return a.mantissa().cmp(&b.mantissa());
        }
        let scale = a.scale().max(b.scale());
        scaled(a, scale).cmp(&scaled(b, scale))
    }
}

impl PartialOrd for Number {
    #[inline]
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Number {
    #[inline]
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Number {}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl fmt::Debug for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl FromStr for Number {
    type Err = DecimalError;

    /// Reads what people write: digits with an optional sign and point, and
    /// commas between thousands.
    fn from_str(text: &str) -> Result<Self, DecimalError> {
        let text = text.trim();
        if text.contains(',') {
            return thousands(text).ok_or(DecimalError)?.parse().map(Self);
        }
        text.parse().map(Self)
    }
}

/// The digits without the commas, when these stand where thousands end:
/// `1,50` is more likely a slip than 150.
fn thousands(text: &str) -> Option<String> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let mut groups = whole.trim_start_matches(['+', '-']).split(',');
    let first = groups.next()?;
    let fits = (1..=3).contains(&first.len()) && groups.all(|it| it.len() == 3);
    (fits && !fraction.contains(',')).then(|| text.replace(',', ""))
}

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(NumberVisitor)
    }
}

struct NumberVisitor;

impl de::Visitor<'_> for NumberVisitor {
    type Value = Number;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number of at most 18 digits, such as 80000 or \"67.50\"")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Number, E> {
        text.parse().map_err(|_| E::invalid_value(de::Unexpected::Str(text), &self))
    }

    fn visit_i64<E: de::Error>(self, whole: i64) -> Result<Number, E> {
        Ok(Number::from(whole))
    }

    fn visit_u64<E: de::Error>(self, whole: u64) -> Result<Number, E> {
        let unexpected = de::Unexpected::Unsigned(whole);
        i64::try_from(whole).map(Number::from).map_err(|_| E::invalid_value(unexpected, &self))
    }

    fn visit_f64<E: de::Error>(self, number: f64) -> Result<Number, E> {
        // The shortest text that means this double is what somebody has written.
        let unexpected = de::Unexpected::Float(number);
        number.to_string().parse().map_err(|_| E::invalid_value(unexpected, &self))
    }
}

/// A part of a whole, to be compared without dividing.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ratio {
    part: i128,
    whole: i128,
}

impl Ratio {
    /// `part / whole`; `None` for a whole that is not positive.
    #[inline]
    pub(crate) fn new(part: i128, whole: i128) -> Option<Self> {
        (whole > 0).then_some(Self { part, whole })
    }

    /// `part / whole` of two decimals.
    #[inline]
    pub(crate) fn of(part: Number, whole: Number) -> Option<Self> {
        let scale = part.0.scale().max(whole.0.scale());
        Self::new(scaled(part.0, scale), scaled(whole.0, scale))
    }

    /// Compares the ratio with `factor`; `None` beyond 38 digits.
    #[inline]
    pub(crate) fn compare(self, factor: Number) -> Option<Ordering> {
        // Sixty-four bits are enough for nearly all there is, and faster.
        if let (Ok(part), Ok(whole), Ok(power)) = (
            i64::try_from(self.part),
            i64::try_from(self.whole),
            i64::try_from(power(factor.0.scale())),
        ) && let (Some(part), Some(whole)) =
            (part.checked_mul(power), whole.checked_mul(factor.0.mantissa()))
        {
            return Some(part.cmp(&whole));
        }
        let part = self.part.checked_mul(power(factor.0.scale()))?;
        let whole = self.whole.checked_mul(i128::from(factor.0.mantissa()))?;
        Some(part.cmp(&whole))
    }

    /// Compares the ratio in percent with `percent`.
    #[inline]
    pub(crate) fn compare_percent(self, percent: Number) -> Option<Ordering> {
        Self { part: self.part.checked_mul(100)?, ..self }.compare(percent)
    }

    /// The ratio in percent, rounded to two digits behind the point.
    pub(crate) fn percent(self) -> Option<Number> {
        self.rounded(100, 2)
    }

    /// The ratio, rounded to one digit behind the point.
    pub(crate) fn times(self) -> Option<Number> {
        self.rounded(1, 1)
    }

    fn rounded(self, factor: i128, scale: u8) -> Option<Number> {
        let part = self.part.checked_mul(factor)?.checked_mul(power(scale))?;
        let half = self.whole / 2;
        let rounded = if part < 0 { part.checked_sub(half)? } else { part.checked_add(half)? };
        let mantissa = i64::try_from(rounded / self.whole).ok()?;
        Some(Number(Decimal::new(mantissa, scale)))
    }
}

/// The mantissa at a scale that is not smaller than the number's own. Eighteen
/// digits and eighteen zeros fit.
#[inline]
pub(crate) fn scaled(decimal: Decimal, scale: u8) -> i128 {
    i128::from(decimal.mantissa()) * power(scale.saturating_sub(decimal.scale()))
}

#[inline]
fn power(exponent: u8) -> i128 {
    const POWERS: [i128; 19] = {
        let mut powers = [1; 19];
        let mut at = 1;
        while at < 19 {
            powers[at] = powers[at - 1] * 10;
            at += 1;
        }
        powers
    };
    POWERS[usize::from(exponent.min(18))]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(text: &str) -> Number {
        text.parse().unwrap()
    }

    #[test]
    fn compared_by_value() {
        assert_eq!(number("67.50"), number("67.5"));
        assert!(number("67.51") > number("67.5"));
        assert!(number("-1") < number("0.000000000000000001"));
        assert!(number("999999999999999999") > number("0.999999999999999999"));
        assert_eq!(number("1").checked_sub(number("0.25")), Some(number("0.75")));
        assert_eq!(number("-1").checked_add(number("0.25")), Some(number("-0.75")));
    }

    #[test]
    fn read_as_people_write_it() {
        let read = |json: &str| serde_json::from_str::<Number>(json).map_err(|it| it.to_string());
        for json in ["80000", "\"80,000\"", "\" 80000 \"", "8e4", "\"80000.0\""] {
            assert_eq!(read(json), Ok(number("80000")), "{json}");
        }
        assert_eq!(read("0.1"), Ok(number("0.1")));
        for json in ["\"1,50\"", "\"8만\"", "\"\"", "1e300", "18446744073709551615", "true"] {
            let error = read(json).unwrap_err();
            assert!(error.contains("a number of at most 18 digits"), "{json}: {error}");
        }
    }

    #[test]
    fn ratios() {
        let ratio = Ratio::of(number("-550"), number("18333.5")).unwrap();
        assert_eq!(ratio.percent(), Some(number("-3.00")));
        assert_eq!(ratio.compare_percent(number("-3")), Some(Ordering::Greater));
        let ratio = Ratio::of(number("3"), number("100")).unwrap();
        assert_eq!(ratio.compare_percent(number("3.00")), Some(Ordering::Equal));
        assert!(Ratio::of(number("3"), number("0")).is_none());
    }
}
