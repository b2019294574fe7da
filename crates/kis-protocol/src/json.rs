//! Text as JSON, written straight into bytes.

/// Writes UTF-8 text as the inside of a JSON string.
pub(crate) fn escape(bytes: &[u8], out: &mut Vec<u8>) {
    let mut plain = 0;
    for (at, &byte) in bytes.iter().enumerate() {
        if is_plain(byte) {
            continue;
        }
        out.extend_from_slice(&bytes[plain..at]);
        plain = at + 1;
        match byte {
            b'"' | b'\\' => out.extend_from_slice(&[b'\\', byte]),
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            b'\t' => out.extend_from_slice(b"\\t"),
            0x08 => out.extend_from_slice(b"\\b"),
            0x0c => out.extend_from_slice(b"\\f"),
            _ => {
                const HEX: &[u8; 16] = b"0123456789abcdef";
                let digit = |it: u8| HEX[usize::from(it & 15)];
                out.extend_from_slice(b"\\u00");
                out.extend_from_slice(&[digit(byte >> 4), digit(byte)]);
            }
        }
    }
    out.extend_from_slice(&bytes[plain..]);
}

/// Whether no byte of `text` needs an escape, asked of blocks at once.
pub(crate) fn is_all_plain(text: &str) -> bool {
    let (blocks, rest) = text.as_bytes().as_chunks::<32>();
    let plain = |bytes: &[u8]| bytes.iter().fold(true, |plain, byte| plain & is_plain(*byte));
    blocks.iter().all(|it| plain(it)) && plain(rest)
}

#[inline]
fn is_plain(byte: u8) -> bool {
    (byte >= 0x20) & (byte != b'"') & (byte != b'\\')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_those_of_serde_json() {
        let every: String = (0..=0x2ff_u32).filter_map(char::from_u32).collect();
        for text in ["", "plain", "삼성전자   F 2", "\"\\", "a\u{1}b\nc", &every] {
            let mut out = Vec::new();
            escape(text.as_bytes(), &mut out);
            let expected = serde_json::to_string(text).unwrap();
            assert_eq!(format!("\"{}\"", str::from_utf8(&out).unwrap()), expected);
            assert_eq!(is_all_plain(text), out.len() == text.len(), "{text:?}");
        }
    }
}
