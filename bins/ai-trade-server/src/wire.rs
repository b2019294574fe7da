//! What clients get: records as text frames, in the formats on offer.

use kis_protocol::{OwnedRecord, Topic, TrId, normalized::Normalized, time::Timestamp};
use relay_core::{Encode, Format};
use serde::{Deserialize, Serialize};

/// How a client wants records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum WireFormat {
    /// `{"key":"H0STCNT0:005930","data":{column: text as sent},"seq":12}`.
    #[default]
    Fields,
    /// The same envelope around the view that all markets share.
    Normalized,
    /// KIS' own frame with one record: `0|H0STCNT0|001|005930^…`.
    Raw,
}

impl From<WireFormat> for Format {
    fn from(format: WireFormat) -> Self {
        Self(format as u8)
    }
}

/// One record, as published.
#[derive(Debug, Clone)]
pub struct RecordMessage {
    /// The record, its columns found already.
    pub record: OwnedRecord,
    /// The stream, when it is a known one.
    pub tr_id: Option<TrId>,
    /// When it arrived, which dates records that carry a time of day only.
    pub received: Timestamp,
}

/// Encodes records as complete websocket frames, so that any number of them
/// can be written as one piece.
#[derive(Debug, Clone, Copy)]
pub struct Wire {
    /// Whether to mark every message as simulated.
    pub simulated: bool,
}

impl Encode for Wire {
    type Topic = Topic;
    type Message = RecordMessage;

    fn encode(
        &self,
        topic: &Topic,
        message: &RecordMessage,
        format: Format,
        seq: u64,
        out: &mut Vec<u8>,
    ) {
        text_frame(out, |out| {
            if format == WireFormat::Raw.into() {
                return write_raw(topic, message, out);
            }
            out.extend_from_slice(b"{\"key\":");
            write_json(out, topic.as_str());
            out.extend_from_slice(b",\"data\":");
            if format == WireFormat::Normalized.into() {
                message.write_normalized(out);
            } else {
                message.record.record().fields(message.tr_id).write_json(out);
            }
            out.extend_from_slice(b",\"seq\":");
            write_json(out, &seq);
            if self.simulated {
                out.extend_from_slice(b",\"simulated\":true");
            }
            out.push(b'}');
        });
    }
}

impl RecordMessage {
    /// The normalized view; for a record that has none, `null`, why, and the
    /// record as sent.
    fn write_normalized(&self, out: &mut Vec<u8>) {
        let record = self.record.record();
        let error = match self.tr_id.map(|it| Normalized::read(record, it, self.received)) {
            Some(Ok(normalized)) => return normalized.write_json(out),
            Some(Err(error)) => error.to_string(),
            None => "this stream is not known, so it has no normalized view".to_owned(),
        };
        out.extend_from_slice(b"null,\"error\":");
        write_json(out, &error);
        out.extend_from_slice(b",\"raw\":");
        write_json(out, record.text());
    }
}

fn write_raw(topic: &Topic, message: &RecordMessage, out: &mut Vec<u8>) {
    out.extend_from_slice(b"0|");
    out.extend_from_slice(topic.tr_id().as_bytes());
    out.extend_from_slice(b"|001|");
    out.extend_from_slice(message.record.text().as_bytes());
}

/// Appends `value` as JSON. What is written here, text and numbers, cannot fail.
fn write_json<T: Serialize + ?Sized>(out: &mut Vec<u8>, value: &T) {
    let written = serde_json::to_writer(&mut *out, value);
    debug_assert!(written.is_ok());
}

/// Appends a text frame of a server (RFC 6455: unmasked, not fragmented) around
/// what `write` appends.
pub(crate) fn text_frame(out: &mut Vec<u8>, write: impl FnOnce(&mut Vec<u8>)) {
    const FIN_TEXT: u8 = 0x81;
    let start = out.len();
    // Most messages have 126 to 65,535 bytes: room for their header, which is
    // moved in the other cases.
    out.extend_from_slice(&[FIN_TEXT, 126, 0, 0]);
    write(out);
    let length = out.len() - start - 4;
    if let Ok(short @ 0..=125) = u8::try_from(length) {
        out.copy_within(start + 4.., start + 2);
        out.truncate(start + 2 + length);
        out[start + 1] = short;
    } else if let Ok(medium) = u16::try_from(length) {
        out[start + 2..start + 4].copy_from_slice(&medium.to_be_bytes());
    } else {
        out.extend_from_slice(&[0; 6]);
        out.copy_within(start + 4..start + 4 + length, start + 10);
        out[start + 1] = 127;
        out[start + 2..start + 10].copy_from_slice(&(length as u64).to_be_bytes());
    }
}

/// The texts of whole frames as [`text_frame`] writes them, back to back.
pub(crate) fn texts(mut frames: &[u8]) -> impl Iterator<Item = &[u8]> {
    std::iter::from_fn(move || {
        let (start, length) = match *frames.get(1)? {
            126 => (4, u64::from(u16::from_be_bytes(frames.get(2..4)?.try_into().ok()?))),
            127 => (10, u64::from_be_bytes(frames.get(2..10)?.try_into().ok()?)),
            short => (2, u64::from(short)),
        };
        let end = start + usize::try_from(length).ok()?;
        let text = frames.get(start..end)?;
        frames = &frames[end..];
        Some(text)
    })
}

#[cfg(test)]
mod tests {
    use tokio_tungstenite::tungstenite::{Message, WebSocket, protocol::Role};

    use super::*;

    /// Reads back what was written, with another implementation.
    fn read(bytes: Vec<u8>) -> Vec<String> {
        let stream = std::io::Cursor::new(bytes);
        let mut socket = WebSocket::from_raw_socket(stream, Role::Client, None);
        let mut texts = Vec::new();
        while let Ok(Message::Text(text)) = socket.read() {
            texts.push(text.as_str().to_owned());
        }
        texts
    }

    #[test]
    fn frames_of_every_length() {
        let texts: Vec<String> =
            [0, 1, 125, 126, 420, 65_535, 65_536, 200_000].map(|it| "x".repeat(it)).into();
        let mut bytes = Vec::new();
        for text in &texts {
            text_frame(&mut bytes, |out| out.extend_from_slice(text.as_bytes()));
        }
        let own: Vec<_> = super::texts(&bytes).map(<[u8]>::to_vec).collect();
        assert!(own.iter().eq(texts.iter().map(String::as_bytes)), "our own reading differs");
        assert!(read(bytes) == texts, "the texts read back are not those written");
    }

    fn encoded(format: WireFormat, text: &str, simulated: bool) -> String {
        let topic = Topic::new("H0STNAV0", "069500");
        let message = RecordMessage {
            record: OwnedRecord::new(text),
            tr_id: Some(TrId::H0STNAV0),
            received: Timestamp::from_unix(1_789_344_000, 0),
        };
        let mut bytes = Vec::new();
        Wire { simulated }.encode(&topic, &message, format.into(), 7, &mut bytes);
        read(bytes).remove(0)
    }

    const NAV: &str = "069500^37235.46^5^-381.26^-1.01^37646.25^37646.25^37202.10";

    #[test]
    fn formats() {
        assert_eq!(
            encoded(WireFormat::Fields, "069500^1^2", false),
            r#"{"key":"H0STNAV0:069500","data":{"mksc_shrn_iscd":"069500","nav":"1","nav_prdy_vrss_sign":"2"},"seq":7}"#
        );
        assert!(encoded(WireFormat::Fields, NAV, true).ends_with(r#","seq":7,"simulated":true}"#));
        assert_eq!(encoded(WireFormat::Raw, NAV, true), format!("0|H0STNAV0|001|{NAV}"));
        let normalized = encoded(WireFormat::Normalized, NAV, false);
        let start = r#"{"key":"H0STNAV0:069500","data":{"type":"nav","tr_id":"H0STNAV0","symbol":"069500","#;
        assert!(normalized.starts_with(start), "{normalized}");
        let value: serde_json::Value = serde_json::from_str(&normalized).unwrap();
        assert_eq!(value["data"]["nav"], "37235.46");
    }

    #[test]
    fn a_record_without_a_normalized_view_says_why() {
        let text = encoded(WireFormat::Normalized, "^1^2", false);
        let value: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!((&value["data"], &value["raw"]), (&serde_json::Value::Null, &"^1^2".into()));
        assert!(value["error"].as_str().unwrap().contains("H0STNAV0"), "{text}");
    }
}
