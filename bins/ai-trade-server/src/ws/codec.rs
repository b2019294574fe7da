//! The websocket protocol without I/O: tungstenite over memory.
//!
//! tungstenite does what needs care, reading frames and the control frames'
//! etiquette. Records do not go through it: they are encoded as whole frames
//! once for all clients ([`crate::wire`]) and written between its own.

use std::io::{self, Read, Write};

use bytes::{Buf, Bytes, BytesMut};
use tokio_tungstenite::tungstenite::{
    self, Message, WebSocket,
    error::CapacityError,
    protocol::{CloseFrame, Role, WebSocketConfig, frame::coding::CloseCode},
};

/// One side, the server's, of a websocket.
#[derive(Debug)]
pub(crate) struct Codec(WebSocket<Pipe>);

/// What came from the client.
#[derive(Debug)]
pub(crate) enum Incoming {
    /// A text message.
    Text(tungstenite::Utf8Bytes),
    /// A binary message, whatever it holds.
    Binary,
    /// The client has closed, or broken the protocol; what is left to be written
    /// is the answer to that, then the socket is to be closed.
    End,
    /// The message is larger than allowed. The connection cannot go on.
    TooLarge {
        /// How many bytes a message may have.
        max: usize,
    },
}

impl Codec {
    /// A codec for a connection whose handshake is done.
    pub(crate) fn new(message_bytes_max: usize) -> Self {
        let config = WebSocketConfig::default()
            // The buffer of an idle client; it grows while a message needs it.
            .read_buffer_size(128)
            .write_buffer_size(0)
            .max_message_size(Some(message_bytes_max))
            .max_frame_size(Some(message_bytes_max));
        Self(WebSocket::from_raw_socket(Pipe::default(), Role::Server, Some(config)))
    }

    /// Takes bytes from the socket.
    pub(crate) fn feed(&mut self, bytes: &[u8]) {
        self.0.get_mut().incoming.extend_from_slice(bytes);
    }

    /// The next message in what was fed, if it is whole.
    pub(crate) fn next(&mut self) -> Option<Incoming> {
        loop {
            match self.0.read() {
                Ok(Message::Text(text)) => return Some(Incoming::Text(text)),
                Ok(Message::Binary(_)) => return Some(Incoming::Binary),
                // Pings are answered by tungstenite itself, and so is a close,
                // which ends in an error at the next turn.
                Ok(_) => {}
                Err(tungstenite::Error::Io(error)) if error.kind() == io::ErrorKind::WouldBlock => {
                    return None;
                }
                Err(tungstenite::Error::Capacity(CapacityError::MessageTooLong {
                    max_size,
                    ..
                })) => return Some(Incoming::TooLarge { max: max_size }),
                Err(tungstenite::Error::ConnectionClosed | tungstenite::Error::AlreadyClosed) => {
                    return Some(Incoming::End);
                }
                Err(tungstenite::Error::Utf8(_)) => {
                    self.close(CloseCode::Invalid, "a text message must be UTF-8");
                    return Some(Incoming::End);
                }
                Err(error) => {
                    self.close(CloseCode::Protocol, &error.to_string());
                    return Some(Incoming::End);
                }
            }
        }
    }

    /// Asks the client for a sign of life.
    pub(crate) fn ping(&mut self) {
        // Writing to memory fails only after a close, when it does not matter.
        let _ = self.0.send(Message::Ping(Bytes::new()));
    }

    /// Says goodbye; the client's answer comes as [`Incoming::End`].
    pub(crate) fn close(&mut self, code: CloseCode, reason: &str) {
        // A close frame has room for 123 bytes of reason.
        let end = (0..=reason.len().min(123)).rev().find(|&it| reason.is_char_boundary(it));
        let reason = &reason[..end.unwrap_or(0)];
        let _ = self.0.close(Some(CloseFrame { code, reason: reason.into() }));
        let _ = self.0.flush();
    }

    /// What tungstenite has to say, to be written between two frames.
    pub(crate) fn take_outgoing(&mut self) -> Bytes {
        std::mem::take(&mut self.0.get_mut().outgoing).into()
    }
}

/// The memory between tungstenite and the socket.
#[derive(Debug, Default)]
struct Pipe {
    incoming: BytesMut,
    outgoing: Vec<u8>,
}

impl Read for Pipe {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.incoming.is_empty() {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        let length = buffer.len().min(self.incoming.len());
        self.incoming.copy_to_slice(&mut buffer[..length]);
        if self.incoming.is_empty() {
            // An idle client holds no memory here.
            self.incoming = BytesMut::new();
        }
        Ok(length)
    }
}

impl Write for Pipe {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.outgoing.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(messages: &[Message]) -> Vec<u8> {
        let mut socket = WebSocket::from_raw_socket(Pipe::default(), Role::Client, None);
        for message in messages {
            socket.send(message.clone()).unwrap();
        }
        std::mem::take(&mut socket.get_mut().outgoing)
    }

    #[test]
    fn messages_in_any_pieces() {
        let bytes = client(&[
            Message::text("a".repeat(300)),
            Message::Ping("p".into()),
            Message::text("b"),
        ]);
        for piece in [1, 7, 4096] {
            let mut codec = Codec::new(1024);
            let mut texts = Vec::new();
            for part in bytes.chunks(piece) {
                codec.feed(part);
                while let Some(Incoming::Text(text)) = codec.next() {
                    texts.push(text.len());
                }
            }
            assert_eq!(texts, [300, 1]);
            assert_eq!(codec.take_outgoing(), &b"\x8a\x01p"[..]);
            assert_eq!(codec.take_outgoing(), Bytes::new());
        }
    }

    #[test]
    fn a_large_message_is_told_apart() {
        let mut codec = Codec::new(1024);
        codec.feed(&client(&[Message::text("a".repeat(1025))]));
        assert!(matches!(codec.next(), Some(Incoming::TooLarge { max: 1024 })));
    }

    #[test]
    fn a_close_is_answered() {
        let mut codec = Codec::new(1024);
        codec.feed(&client(&[Message::Close(None)]));
        assert!(matches!(codec.next(), Some(Incoming::End)));
        assert_eq!(codec.take_outgoing(), &b"\x88\x00"[..]);
    }

    #[test]
    fn garbage_ends_the_connection() {
        let mut codec = Codec::new(1024);
        codec.feed(&[0xff; 32]);
        assert!(matches!(codec.next(), Some(Incoming::End)));
        let close = codec.take_outgoing();
        assert_eq!((close[0], &close[2..4]), (0x88, &1002_u16.to_be_bytes()[..]));
    }

    #[test]
    fn a_long_reason_is_cut_between_characters() {
        let mut codec = Codec::new(1024);
        codec.close(CloseCode::Policy, &"종".repeat(60));
        let frame = codec.take_outgoing();
        assert_eq!(frame[1] as usize, 2 + 41 * 3);
    }
}
