//! Lets broken UTF-8 through the websocket layer.
//!
//! KIS sends text frames that are not valid UTF-8 (since 2026-05, in H0STANC0 around 08:50, and
//! in the tail of H0MFASP0). RFC 6455 wants such a connection closed with status 1007, and
//! tungstenite does so; KIS then holds the slot of the lost session for a while. There is no
//! switch for it. So [`LenientText`] sits between the transport and tungstenite, walks along the
//! headers of the frames that are read and turns text (opcode 1) into binary (opcode 2), whose
//! bytes tungstenite hands over unseen. Nothing else is changed, nothing is buffered or moved:
//! it is one bit pattern in one byte a frame, edited in place.
//!
//! The adapter is below the HTTP upgrade too, so that no byte can slip past it between the
//! answer's headers and the first frame; it finds the empty line that ends the headers itself.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll},
};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// A transport whose incoming text frames are presented as binary ones.
#[derive(Debug)]
pub(super) struct LenientText<S> {
    stream: S,
    walker: Walker,
}

impl<S> LenientText<S> {
    pub(super) fn new(stream: S) -> Self {
        Self { stream, walker: Walker::Upgrade { at_line_start: false } }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for LenientText<S> {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let before = buffer.filled().len();
        let result = Pin::new(&mut this.stream).poll_read(cx, buffer);
        this.walker.walk(&mut buffer.filled_mut()[before..]);
        result
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for LenientText<S> {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().stream).poll_write(cx, bytes)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_shutdown(cx)
    }
}

/// Where in the stream the next byte lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Walker {
    /// In the headers of the answer to the upgrade request.
    Upgrade { at_line_start: bool },
    /// At the first byte of a frame: its final flag and opcode.
    First,
    /// At the second byte: the mask flag and the length, or how it is encoded.
    Second,
    /// In an extended length.
    Length { left: u8, mask: bool, length: u64 },
    /// In the mask and the payload, which are passed over.
    Payload { left: u64 },
}

const OPCODE: u8 = 0x0f;
const TEXT: u8 = 1;
const BINARY: u8 = 2;
const MASK: u8 = 0x80;

impl Walker {
    /// Walks over the bytes that follow those of the last call, however the stream was cut.
    fn walk(&mut self, mut bytes: &mut [u8]) {
        while let [byte, rest @ ..] = bytes {
            let mut passed = 0;
            *self = match *self {
                Self::Upgrade { at_line_start } => match *byte {
                    b'\n' if at_line_start => Self::First,
                    b'\n' => Self::Upgrade { at_line_start: true },
                    b'\r' => Self::Upgrade { at_line_start },
                    _ => Self::Upgrade { at_line_start: false },
                },
                Self::First => {
                    if *byte & OPCODE == TEXT {
                        *byte = (*byte & !OPCODE) | BINARY;
                    }
                    Self::Second
                }
                Self::Second => {
                    let mask = *byte & MASK != 0;
                    match *byte & !MASK {
                        126 => Self::Length { left: 2, mask, length: 0 },
                        127 => Self::Length { left: 8, mask, length: 0 },
                        length => Self::payload(mask, length.into()),
                    }
                }
                Self::Length { left, mask, length } => {
                    let length = (length << 8) | u64::from(*byte);
                    match left {
                        1 => Self::payload(mask, length),
                        _ => Self::Length { left: left - 1, mask, length },
                    }
                }
                Self::Payload { left } => {
                    let here = usize::try_from(left).unwrap_or(usize::MAX).min(1 + rest.len());
                    passed = here - 1;
                    match left - here as u64 {
                        0 => Self::First,
                        left => Self::Payload { left },
                    }
                }
            };
            bytes = &mut rest[passed..];
        }
    }

    /// Past the length: a mask of four bytes, if there is one, and `length` bytes.
    fn payload(mask: bool, length: u64) -> Self {
        match length.saturating_add(if mask { 4 } else { 0 }) {
            0 => Self::First,
            left => Self::Payload { left },
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::{collection::vec, prelude::*};

    use super::*;

    const UPGRADE: &[u8] = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n";

    /// A frame as a server sends it, and as the adapter should present it.
    fn frame(first: u8, mask: bool, payload: &[u8]) -> (Vec<u8>, Vec<u8>) {
        let mut bytes = vec![first];
        let flag = if mask { MASK } else { 0 };
        match payload.len() {
            length @ ..=125 => bytes.push(flag | length as u8),
            length @ 126..=0xffff => {
                bytes.push(flag | 126);
                bytes.extend((length as u16).to_be_bytes());
            }
            length => {
                bytes.push(flag | 127);
                bytes.extend((length as u64).to_be_bytes());
            }
        }
        if mask {
            bytes.extend([1, 0x81, 3, 4]);
        }
        bytes.extend(payload);
        let mut presented = bytes.clone();
        if first & OPCODE == TEXT {
            presented[0] = (first & 0xf0) | BINARY;
        }
        (bytes, presented)
    }

    /// Walks over `sent` in pieces of the given sizes, over and over.
    fn walked(sent: &[u8], sizes: &[usize]) -> Vec<u8> {
        let mut walker = Walker::Upgrade { at_line_start: false };
        let mut bytes = sent.to_vec();
        let mut rest = &mut bytes[..];
        let mut sizes = sizes.iter().cycle();
        while !rest.is_empty() {
            let size = sizes.next().map_or(rest.len(), |it| (*it).min(rest.len()));
            let (piece, tail) = rest.split_at_mut(size);
            walker.walk(piece);
            rest = tail;
        }
        bytes
    }

    #[test]
    fn only_the_opcode_of_text_frames_changes() {
        let text = frame(0x81, false, b"0|H0STCNT0|001|\xff\x81");
        let start = frame(0x01, false, b"half");
        let rest = frame(0x80, false, b"\x81\x81");
        let ping = frame(0x89, false, b"");
        let sent = [UPGRADE, &text.0, &start.0, &rest.0, &ping.0, &text.0].concat();
        let expected = [UPGRADE, &text.1, &start.1, &rest.1, &ping.1, &text.1].concat();
        assert_eq!(walked(&sent, &[1]), expected);
        assert_eq!(walked(&sent, &[sent.len()]), expected);
        assert_eq!((text.1[0], start.1[0], rest.1[0], ping.1[0]), (0x82, 0x02, 0x80, 0x89));
    }

    #[test]
    fn a_header_line_that_ends_with_a_bare_newline_ends_the_headers_too() {
        let text = frame(0x81, false, b"x");
        let sent = [b"HTTP/1.1 101\nUpgrade: websocket\n\n", &text.0[..]].concat();
        assert!(walked(&sent, &[3]).ends_with(&text.1));
    }

    proptest! {
        #[test]
        fn any_stream_cut_anywhere(
            frames in vec((any::<u8>(), any::<bool>(), 0usize..70_000, any::<u8>()), 1..6),
            sizes in vec(1usize..5_000, 1..20),
        ) {
            let mut sent = UPGRADE.to_vec();
            let mut expected = UPGRADE.to_vec();
            for (first, mask, length, fill) in frames {
                // Lengths around the borders of the three encodings are the interesting ones.
                let length = match length % 4 { 0 => length % 130, 1 => 65_530 + length % 12, _ => length };
                let (plain, presented) = frame(first, mask, &vec![fill; length]);
                sent.extend(plain);
                expected.extend(presented);
            }
            prop_assert!(walked(&sent, &sizes) == expected);
        }
    }
}
