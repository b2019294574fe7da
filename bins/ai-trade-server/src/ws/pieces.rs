//! What is to be written to a client, in pieces shared with others.

use std::{
    collections::VecDeque,
    io::{self, IoSlice},
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use kis_protocol::Topic;
use relay_core::Messages;
use tokio::io::AsyncWrite;

/// How many pieces one write takes at most; the system's limit.
const PIECES_MAX: usize = 1024;

/// So many pieces are described without much ado.
const PIECES_FEW: usize = 16;

/// A queue for more pieces is given back when it is empty: an idle client holds none.
const SPARE_PIECES: usize = 32;

/// Whole websocket frames, to be written in this order.
#[derive(Debug, Default)]
pub(crate) struct Pieces {
    /// By itself, because most often there is only one.
    first: Option<Piece>,
    others: VecDeque<Piece>,
    /// How much of the first has been written.
    written: usize,
}

#[derive(Debug)]
enum Piece {
    /// Records, the same for everybody.
    Messages(Messages<Topic>),
    /// For this client alone.
    Bytes(Bytes),
}

impl Piece {
    fn bytes(&self) -> &Bytes {
        match self {
            Self::Messages(messages) => messages.bytes(),
            Self::Bytes(bytes) => bytes,
        }
    }
}

impl Pieces {
    pub(crate) fn is_empty(&self) -> bool {
        self.first.is_none()
    }

    pub(crate) fn push_messages(&mut self, messages: Messages<Topic>) {
        self.push(Piece::Messages(messages));
    }

    pub(crate) fn push_bytes(&mut self, bytes: Bytes) {
        if !bytes.is_empty() {
            self.push(Piece::Bytes(bytes));
        }
    }

    fn push(&mut self, piece: Piece) {
        match self.first {
            None => self.first = Some(piece),
            Some(_) => self.others.push_back(piece),
        }
    }

    /// Writes once, as much as possible.
    pub(crate) fn poll_write<W: AsyncWrite>(
        &mut self,
        writer: Pin<&mut W>,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<()>> {
        let Some(first) = &self.first else { return Poll::Ready(Ok(())) };
        let written = match self.others.len() {
            0 => ready!(writer.poll_write(cx, &first.bytes()[self.written..]))?,
            1..PIECES_FEW => ready!(self.poll_gather::<PIECES_FEW, W>(writer, cx))?,
            _ => ready!(self.poll_gather::<PIECES_MAX, W>(writer, cx))?,
        };
        if written == 0 {
            return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
        }
        self.advance(written);
        Poll::Ready(Ok(()))
    }

    fn poll_gather<const MAX: usize, W: AsyncWrite>(
        &self,
        writer: Pin<&mut W>,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<usize>> {
        let mut slices = [IoSlice::new(&[]); MAX];
        let mut skipped = self.written;
        let mut count = 0;
        for (slice, piece) in slices.iter_mut().zip(self.first.iter().chain(&self.others)) {
            *slice = IoSlice::new(&piece.bytes()[std::mem::take(&mut skipped)..]);
            count += 1;
        }
        writer.poll_write_vectored(cx, &slices[..count])
    }

    fn advance(&mut self, written: usize) {
        self.written += written;
        while let Some(first) = &self.first
            && let Some(rest) = self.written.checked_sub(first.bytes().len())
        {
            self.written = rest;
            self.first = self.others.pop_front();
        }
        if self.is_empty() && self.others.capacity() > SPARE_PIECES {
            self.others = VecDeque::new();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Takes so many bytes at once.
    struct Narrow {
        step: usize,
        taken: Vec<u8>,
    }

    impl AsyncWrite for Narrow {
        fn poll_write(
            mut self: Pin<&mut Self>,
            _: &mut Context<'_>,
            bytes: &[u8],
        ) -> Poll<io::Result<usize>> {
            let count = bytes.len().min(self.step);
            self.taken.extend_from_slice(&bytes[..count]);
            Poll::Ready(Ok(count))
        }

        fn poll_write_vectored(
            mut self: Pin<&mut Self>,
            _: &mut Context<'_>,
            slices: &[IoSlice<'_>],
        ) -> Poll<io::Result<usize>> {
            let bytes: Vec<u8> = slices.iter().flat_map(|it| it.iter().copied()).collect();
            let count = bytes.len().min(self.step);
            self.taken.extend_from_slice(&bytes[..count]);
            Poll::Ready(Ok(count))
        }

        fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Ready(Ok(()))
        }

        fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Ready(Ok(()))
        }
    }

    #[track_caller]
    fn check(lengths: &[usize], step: usize) {
        let mut pieces = Pieces::default();
        let mut expected = Vec::new();
        for (number, &length) in lengths.iter().enumerate() {
            let bytes = vec![number as u8; length];
            expected.extend_from_slice(&bytes);
            pieces.push_bytes(bytes.into());
        }
        let mut writer = Narrow { step, taken: Vec::new() };
        let mut cx = Context::from_waker(std::task::Waker::noop());
        while !pieces.is_empty() {
            let written = pieces.poll_write(Pin::new(&mut writer), &mut cx);
            assert!(matches!(written, Poll::Ready(Ok(()))));
        }
        assert_eq!(writer.taken, expected, "{lengths:?} by {step}");
    }

    #[test]
    fn pieces_in_any_steps() {
        for step in [1, 7, 10, 1000, usize::MAX] {
            check(&[10], step);
            check(&[10, 0, 10, 5], step);
            check(&[3; 17], step);
            check(&[3; 2000], step);
        }
    }

    #[test]
    fn a_writer_that_takes_nothing_is_an_error() {
        let mut pieces = Pieces::default();
        pieces.push_bytes(Bytes::from_static(b"x"));
        let mut writer = Narrow { step: 0, taken: Vec::new() };
        let mut cx = Context::from_waker(std::task::Waker::noop());
        let written = pieces.poll_write(Pin::new(&mut writer), &mut cx);
        assert!(matches!(written, Poll::Ready(Err(_))));
    }
}
