//! What the simulator does to data frames: find their topic, change their key, encrypt
//! and damage them. All of it on bytes, because a frame to be sent need not be well formed.

use std::time::Duration;

use kis_protocol::{Frame, KeyKind, Kind, Splits, TrId, notice::Cipher};

/// Stream and key of a frame, by a lenient look: the second part, and the body up to the
/// first `^`.
pub(crate) fn address(raw: &[u8]) -> Option<(String, String)> {
    let [_, tr_id, _, body] = parts(raw)?;
    let key = body.split(|byte| *byte == b'^').next()?;
    let word = |bytes: &[u8]| {
        let text = str::from_utf8(bytes).ok()?;
        (!text.is_empty()).then(|| text.to_owned())
    };
    Some((word(tr_id)?, word(key)?))
}

/// The stream a frame claims to be of.
pub(crate) fn stream(raw: &[u8]) -> Option<&str> {
    str::from_utf8(raw.split(|byte| *byte == b'|').nth(1)?).ok()
}

/// Whether a frame can be split into records.
pub(crate) fn splits(raw: &[u8]) -> bool {
    str::from_utf8(raw).is_ok_and(|text| {
        Frame::parse(text).is_ok_and(|frame| frame.records(&mut Splits::default()).is_ok())
    })
}

/// The frame with every record's key replaced; `None` when it cannot be split.
pub(crate) fn rekeyed(raw: &[u8], tr_key: &str) -> Option<Vec<u8>> {
    let text = str::from_utf8(raw).ok()?;
    let tr_id = Frame::parse(text).ok()?.tr_id.parse::<TrId>().ok();
    edited(text, |record| {
        let old = std::mem::replace(record.first_mut()?, tr_key.to_owned());
        // Overseas stocks repeat the symbol of the key `DNASAAPL` in a column of its own.
        if tr_id.is_some_and(|it| it.key_kind() == KeyKind::OverseasStock)
            && let (Some(old), Some(new)) = (old.get(4..), tr_key.get(4..))
            && let Some(symbol) = record.get_mut(1)
            && symbol == old
        {
            *symbol = new.to_owned();
        }
        Some(())
    })
}

/// The frame with `extra` more columns at the end of every record.
pub(crate) fn widened(raw: &[u8], extra: usize) -> Option<Vec<u8>> {
    edited(str::from_utf8(raw).ok()?, |record| {
        record.extend((1..=extra).map(|it| format!("new{it}")));
        Some(())
    })
}

/// The frame cut in the middle of its body.
pub(crate) fn truncated(raw: &[u8]) -> Vec<u8> {
    let body = parts(raw).map_or(0, |[.., body]| body.len());
    let mut cut = raw.len() - body / 2;
    // A cut inside a character would be another fault, `invalid_utf8`.
    while raw.get(cut).is_some_and(|byte| byte & 0xc0 == 0x80) {
        cut -= 1;
    }
    raw[..cut].to_vec()
}

/// The frame without its count.
pub(crate) fn malformed(raw: &[u8]) -> Vec<u8> {
    match parts(raw) {
        Some([flag, tr_id, _, body]) => [flag, tr_id, body].join(b"|".as_slice()),
        None => raw.to_vec(),
    }
}

/// The frame with bytes in its last column that are not UTF-8.
pub(crate) fn invalid_utf8(raw: &[u8]) -> Vec<u8> {
    [raw, b"\xc5\xff\xfe".as_slice()].concat()
}

/// The frame under a tr_id nobody has heard of.
pub(crate) fn unknown(raw: &[u8]) -> Vec<u8> {
    match parts(raw) {
        Some([flag, _, count, body]) => [flag, b"H0XXXXX0", count, body].join(b"|".as_slice()),
        None => b"0|H0XXXXX0|001|005930^090000".to_vec(),
    }
}

/// The frame as it is sent for a notice: encrypted, flag `1`. `None` when it has no body.
pub(crate) fn encrypted(raw: &[u8], cipher: &Cipher) -> Option<Vec<u8>> {
    let [_, tr_id, count, body] = parts(raw)?;
    let body = cipher.encrypt(str::from_utf8(body).ok()?);
    Some([b"1", tr_id, count, body.as_bytes()].join(b"|".as_slice()))
}

/// The time from one frame to the next by the time column of their first records.
pub(crate) fn interval(from: &[u8], to: &[u8]) -> Option<Duration> {
    let (from, to) = (seconds(from)?, seconds(to)?);
    Some(Duration::from_secs(to.checked_sub(from)?))
}

fn seconds(raw: &[u8]) -> Option<u64> {
    let [_, tr_id, _, body] = parts(raw)?;
    let layout = str::from_utf8(tr_id).ok()?.parse::<TrId>().ok()?.layout();
    let column = layout.columns.iter().position(|column| column.kind == Kind::Time)?;
    let time = str::from_utf8(body.split(|byte| *byte == b'^').nth(column)?).ok()?;
    if time.len() != 6 {
        return None;
    }
    let part = |at: usize| time.get(at..at + 2)?.parse::<u64>().ok();
    Some(part(0)? * 3600 + part(2)? * 60 + part(4)?)
}

fn parts(raw: &[u8]) -> Option<[&[u8]; 4]> {
    let mut parts = raw.splitn(4, |byte| *byte == b'|');
    Some([parts.next()?, parts.next()?, parts.next()?, parts.next()?])
}

/// The frame with every record edited as a list of columns.
fn edited(text: &str, edit: impl Fn(&mut Vec<String>) -> Option<()>) -> Option<Vec<u8>> {
    let frame = Frame::parse(text).ok()?;
    let head = &text[..text.len() - frame.body.len()];
    let mut columns = Vec::new();
    for record in frame.records(&mut Splits::default()).ok()? {
        let mut record: Vec<String> = record.columns().map(str::to_owned).collect();
        edit(&mut record)?;
        columns.append(&mut record);
    }
    Some([head, &columns.join("^")].concat().into_bytes())
}
