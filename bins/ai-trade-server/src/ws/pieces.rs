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

/// Whole websocket frames that the socket had no room for, to be written in this order.
/// In no more than a word where there are none.
#[derive(Debug, Default)]
pub(crate) struct Pieces(Option<Box<Queue>>);

#[derive(Debug, Default)]
struct Queue {
    /// One at least.
    pieces: VecDeque<Piece>,
    /// How much of the first has been written.
    written: usize,
    /// How many bytes of answers there have been.
    answers: usize,
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
        self.0.is_none()
    }

    /// How many bytes of answers there have been since it was empty.
    pub(crate) fn answers(&self) -> usize {
        self.0.as_ref().map_or(0, |it| it.answers)
    }

    /// Adds messages, so many bytes of which have been written if nothing was queued before.
    pub(crate) fn push_messages(&mut self, messages: Messages<Topic>, written: usize) {
        self.push(Piece::Messages(messages)).written += written;
    }

    pub(crate) fn push_event(&mut self, event: Bytes) {
        if !event.is_empty() {
            self.push(Piece::Bytes(event));
        }
    }

    /// Adds what the client has brought about itself, which is counted.
    pub(crate) fn push_answer(&mut self, answer: Bytes) {
        let bytes = answer.len();
        if bytes > 0 {
            self.push(Piece::Bytes(answer)).answers += bytes;
        }
    }

    fn push(&mut self, piece: Piece) -> &mut Queue {
        let queue = self.0.get_or_insert_default();
        queue.pieces.push_back(piece);
        queue
    }

    /// Writes once, as much as possible.
    pub(crate) fn poll_write<W: AsyncWrite>(
        &mut self,
        writer: Pin<&mut W>,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<()>> {
        let Some(queue) = &mut self.0 else { return Poll::Ready(Ok(())) };
        let mut skipped = queue.written;
        let pieces = queue.pieces.iter().map(|it| &it.bytes()[std::mem::take(&mut skipped)..]);
        let written = ready!(gather(pieces, |it| writer.poll_write_vectored(cx, it)))?;
        if written == 0 {
            return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
        }
        queue.written += written;
        while let Some(first) = queue.pieces.front()
            && let Some(rest) = queue.written.checked_sub(first.bytes().len())
        {
            queue.written = rest;
            queue.pieces.pop_front();
        }
        if queue.pieces.is_empty() {
            self.0 = None;
        }
        Poll::Ready(Ok(()))
    }
}

/// Describes pieces to `write`, as many as one write takes.
pub(crate) fn gather<'a, R>(
    mut pieces: impl ExactSizeIterator<Item = &'a [u8]>,
    write: impl FnOnce(&[IoSlice<'_>]) -> R,
) -> R {
    fn describe<'a, const MAX: usize, R>(
        pieces: impl Iterator<Item = &'a [u8]>,
        write: impl FnOnce(&[IoSlice<'_>]) -> R,
    ) -> R {
        let mut slices = [IoSlice::new(&[]); MAX];
        let mut count = 0;
        for (slice, piece) in slices.iter_mut().zip(pieces) {
            *slice = IoSlice::new(piece);
            count += 1;
        }
        write(&slices[..count])
    }
    match pieces.len() {
        0 => write(&[]),
        1 => write(&[IoSlice::new(pieces.next().unwrap_or_default())]),
        2..=PIECES_FEW => describe::<PIECES_FEW, R>(pieces, write),
        _ => describe::<PIECES_MAX, R>(pieces, write),
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
            pieces.push_event(bytes.into());
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
        pieces.push_event(Bytes::from_static(b"x"));
        let mut writer = Narrow { step: 0, taken: Vec::new() };
        let mut cx = Context::from_waker(std::task::Waker::noop());
        let written = pieces.poll_write(Pin::new(&mut writer), &mut cx);
        assert!(matches!(written, Poll::Ready(Err(_))));
    }
}
