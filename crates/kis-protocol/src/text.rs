//! Text as KIS sends it, which is not always valid UTF-8.

use std::borrow::Cow;

/// Decodes a text frame, replacing what is not UTF-8 by U+FFFD; borrowed when
/// nothing had to be replaced.
///
/// Since 2026-05 broken bytes arrive in H0STANC0 between 08:50 and 08:59, and
/// the tail of H0MFASP0 is uninitialised memory: one bad column must not cost
/// the frame, nor the session.
pub fn lenient(bytes: &[u8]) -> Cow<'_, str> {
    String::from_utf8_lossy(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn broken_bytes_cost_only_themselves() {
        assert_eq!(lenient("0|텅".as_bytes()), Cow::Borrowed("0|텅"));
        assert_eq!(
            lenient(b"0|H0STANC0|001|005930^\xff\xb0^1"),
            "0|H0STANC0|001|005930^\u{fffd}\u{fffd}^1"
        );
    }
}
