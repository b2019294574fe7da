use crate::number::Number;

/// The number with commas between thousands; zeros at the end of a fraction are
/// as KIS sent them, up to two.
pub fn grouped(number: Number) -> String {
    let text = number.to_string();
    let (sign, digits) = text.strip_prefix('-').map_or(("", text.as_str()), |it| ("-", it));
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let mut grouped = String::with_capacity(text.len() + whole.len() / 3);
    grouped.push_str(sign);
    for (at, digit) in whole.char_indices() {
        if at > 0 && (whole.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    let significant = fraction.trim_end_matches('0').len();
    let kept = &fraction[..significant.max(fraction.len().min(2))];
    if !kept.is_empty() {
        grouped.push('.');
        grouped.push_str(kept);
    }
    grouped
}

/// The same for whole quantities.
pub(super) fn quantity(number: i64) -> String {
    grouped(Number::from(number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_and_fractions() {
        let check =
            |text: &str, expected: &str| assert_eq!(grouped(text.parse().unwrap()), expected);
        check("0", "0");
        check("999", "999");
        check("80000", "80,000");
        check("-1234567.50", "-1,234,567.50");
        check("182.8500", "182.85");
        check("182.0000", "182.00");
        check("0.0050", "0.005");
        check("100000000", "100,000,000");
        assert_eq!(quantity(-1_000), "-1,000");
    }
}
