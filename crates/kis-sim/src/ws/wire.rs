//! Websocket frames, written and read without a websocket library in between.
//!
//! A library keeps a server from doing what KIS does: sending text that is not UTF-8,
//! leaving without a close frame, leaving pings unanswered. The handshake is still the
//! library's, and so is the reading of frame headers.

use std::io::Cursor;

use bytes::{Buf, BufMut, Bytes, BytesMut};
use tokio_tungstenite::tungstenite::protocol::frame::{
    FrameHeader,
    coding::{Control, Data, OpCode},
};

/// A client's message may be this long; registrations have some 200 bytes.
const MESSAGE_MAX: usize = 1 << 20;

const TEXT: u8 = 0x1;
const CLOSE: u8 = 0x8;
const PONG: u8 = 0xa;

/// Appends a text message; the payload may be any bytes.
pub(crate) fn put_text(out: &mut BytesMut, payload: &[u8]) {
    put(out, TEXT, payload);
}

/// Appends the answer to a client's Ping.
pub(crate) fn put_pong(out: &mut BytesMut, payload: &[u8]) {
    put(out, PONG, payload);
}

/// Appends the answer to a client's Close.
pub(crate) fn put_close(out: &mut BytesMut, payload: &[u8]) {
    put(out, CLOSE, payload);
}

/// A text message on its own, encoded once to be sent many times.
pub(crate) fn text(payload: &[u8]) -> Bytes {
    let mut out = BytesMut::with_capacity(payload.len() + 10);
    put_text(&mut out, payload);
    out.freeze()
}

fn put(out: &mut BytesMut, opcode: u8, payload: &[u8]) {
    out.put_u8(0x80 | opcode);
    match payload.len() {
        short @ ..=125 => out.put_u8(short as u8),
        long @ ..=0xffff => {
            out.put_u8(126);
            out.put_u16(long as u16);
        }
        longer => {
            out.put_u8(127);
            out.put_u64(longer as u64);
        }
    }
    out.put_slice(payload);
}

/// What a client sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Incoming {
    /// A whole text or binary message.
    Message(Bytes),
    Ping(Bytes),
    Pong(Bytes),
    Close(Bytes),
}

/// What a client sent is no websocket, or beyond measure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Nonsense;

/// Bytes from the client, becoming messages.
#[derive(Debug, Default)]
pub(crate) struct Inbox {
    pub(crate) bytes: BytesMut,
    /// The parts of a message sent in several frames.
    message: BytesMut,
}

impl Inbox {
    /// The next whole message, if there is one.
    pub(crate) fn next(&mut self) -> Result<Option<Incoming>, Nonsense> {
        loop {
            let mut cursor = Cursor::new(&self.bytes);
            let header = FrameHeader::parse(&mut cursor).map_err(|_| Nonsense)?;
            let Some((header, length)) = header else { return Ok(None) };
            let head = cursor.position() as usize;
            let length = usize::try_from(length).map_err(|_| Nonsense)?;
            if length > MESSAGE_MAX || self.message.len() > MESSAGE_MAX {
                return Err(Nonsense);
            }
            if self.bytes.len() < head + length {
                return Ok(None);
            }
            self.bytes.advance(head);
            let mut payload = self.bytes.split_to(length);
            if let Some(mask) = header.mask {
                payload.iter_mut().zip(mask.iter().cycle()).for_each(|(byte, mask)| *byte ^= mask);
            }
            match header.opcode {
                OpCode::Control(Control::Ping) => {
                    return Ok(Some(Incoming::Ping(payload.freeze())));
                }
                OpCode::Control(Control::Pong) => {
                    return Ok(Some(Incoming::Pong(payload.freeze())));
                }
                OpCode::Control(_) => return Ok(Some(Incoming::Close(payload.freeze()))),
                OpCode::Data(Data::Reserved(_)) => return Err(Nonsense),
                OpCode::Data(_) => self.message.unsplit(payload),
            }
            if header.is_final {
                return Ok(Some(Incoming::Message(self.message.split().freeze())));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(opcode: u8, last: bool, payload: &[u8]) -> Vec<u8> {
        let mask = [1, 2, 3, 4];
        let masked = payload.iter().zip(mask.iter().cycle()).map(|(byte, mask)| byte ^ mask);
        let mut frame = vec![opcode | if last { 0x80 } else { 0 }, 0x80 | payload.len() as u8];
        frame.extend(mask);
        frame.extend(masked);
        frame
    }

    fn inbox(bytes: &[u8]) -> Inbox {
        Inbox { bytes: BytesMut::from(bytes), message: BytesMut::new() }
    }

    #[test]
    fn reads_messages() {
        let bytes = [
            client(TEXT, true, b"hello"),
            client(TEXT, false, b"in "),
            client(0x9, true, b"ping"),
            client(0x0, true, b"parts"),
            client(PONG, true, b""),
            client(CLOSE, true, b"\x03\xe8"),
        ]
        .concat();
        let expected = [
            Incoming::Message("hello".into()),
            Incoming::Ping("ping".into()),
            Incoming::Message("in parts".into()),
            Incoming::Pong(Bytes::new()),
            Incoming::Close(Bytes::from_static(b"\x03\xe8")),
        ];
        let mut whole = inbox(&bytes);
        let mut trickle = inbox(b"");
        let mut actual = Vec::new();
        for byte in &bytes {
            trickle.bytes.put_u8(*byte);
            actual.extend(trickle.next().unwrap());
        }
        assert_eq!(actual, expected);
        for message in expected {
            assert_eq!(whole.next(), Ok(Some(message)));
        }
        assert_eq!(whole.next(), Ok(None));
    }

    #[test]
    fn refuses_nonsense() {
        assert_eq!(inbox(&client(0x3, true, b"")).next(), Err(Nonsense));
        assert_eq!(
            inbox(b"\x81\xff\x00\x00\x00\x00\xff\xff\xff\xff\x01\x02\x03\x04").next(),
            Err(Nonsense)
        );
    }

    #[test]
    fn writes_every_length() {
        let check = |length: usize, head: &[u8]| {
            let bytes = text(&vec![b'x'; length]);
            assert_eq!(&bytes[..head.len()], head);
            assert_eq!(bytes.len(), head.len() + length);
        };
        check(0, &[0x81, 0]);
        check(125, &[0x81, 125]);
        check(126, &[0x81, 126, 0, 126]);
        check(0xffff, &[0x81, 126, 0xff, 0xff]);
        check(0x10000, &[0x81, 127, 0, 0, 0, 0, 0, 1, 0, 0]);
    }
}
