//! One client's connection: everything pending goes out in one write.
//!
//! Two tasks have to do with it. Its own one reads, keeps time, and waits for room in the
//! socket when there was none. The [`Writer`] it shares with other clients writes what the
//! hub has for it.

use std::{
    cell::RefCell,
    future::poll_fn,
    io, mem,
    pin::{Pin, pin},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, Wake, Waker, ready},
    time::Duration,
};

use bytes::Bytes;
use kis_protocol::Topic;
use relay_core::{Closed, Item, Limits, Outbox};
use tokio::{
    io::ReadBuf,
    task::yield_now,
    time::{Instant, sleep_until},
};
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tracing::debug;

use super::{
    authenticate::UNAUTHORIZED,
    dialogue::Dialogue,
    pieces::{Pieces, gather},
    writer::{Recipient, Writer, notify},
};
use crate::{
    guard::Caller,
    server::{App, Socket},
};

/// How long a client may take to answer our close.
const GOODBYE: Duration = Duration::from_secs(1);

/// How many bytes of answers may wait before a client is not listened to: one
/// that asks and never reads must not fill our memory.
const ANSWERS_MAX: usize = 256 * 1024;

/// How many bytes of a client are read before others have a turn. So many can change a
/// hundred topics, which takes some tenths of a millisecond.
const TURN_BYTES: usize = 2 * 1024;

thread_local! {
    /// Where sockets are read into; shared, so that idle clients have no buffer.
    static READ_BUFFER: RefCell<Box<[u8]>> = RefCell::new(vec![0; TURN_BYTES].into());
    /// Where items are received into, for the same reason.
    static BATCH: RefCell<Vec<Item<Topic>>> = const { RefCell::new(Vec::new()) };
}

/// Serves one client until either side ends the connection. `read_ahead` is
/// what came behind the handshake.
pub(crate) async fn serve<S>(stream: S, read_ahead: Bytes, app: Arc<App>, caller: &Caller)
where
    S: Socket,
{
    let interval = app.config.relay.ping_interval();
    let writer = app.writers.assign();
    let connection = Connection::new(stream, app, caller);
    let inner = Mutex::new(Inner { connection, task: Waker::noop().clone() });
    let client = Arc::new(Client { writer, inner });
    let _leaving = Leaving(&client);
    client.lock().connection.hear(&read_ahead);
    // It holds the whole buffer that the request was read into.
    drop(read_ahead);
    let mut timer = pin!(sleep_until(Instant::now() + interval));
    let mut revoked = pin!(revoked(caller));
    let mut heard = Instant::now();
    loop {
        tokio::select! {
            progress = poll_fn(|cx| client.poll(cx)) => match progress {
                Progress::Heard => {
                    heard = Instant::now();
                    // One that never stops talking keeps nobody else waiting.
                    yield_now().await;
                }
                Progress::Closing => timer.as_mut().reset(Instant::now() + GOODBYE),
                Progress::Ended => break,
            },
            () = &mut revoked, if !client.lock().connection.closing => {
                client.lock().connection.goodbye(UNAUTHORIZED, "the key was revoked");
            }
            () = &mut timer => {
                let silence = heard.elapsed();
                if client.lock().connection.closing || silence >= 3 * interval {
                    debug!(silence = silence.as_secs(), "client is silent");
                    break;
                }
                if silence >= interval {
                    client.lock().connection.ping();
                }
                timer.as_mut().reset(Instant::now() + interval);
            }
        }
    }
    // The last words are out; the socket closes when it is dropped.
    let _ = poll_fn(|cx| Pin::new(&mut client.lock().connection.stream).poll_shutdown(cx)).await;
}

/// A connection, as its two tasks share it. What every write touches is two lines of the
/// processor's cache.
#[repr(C, align(64))]
struct Client<S> {
    inner: Mutex<Inner<S>>,
    writer: Arc<Writer>,
}

struct Inner<S> {
    connection: Connection<S>,
    /// The client's own task.
    task: Waker,
}

/// What is news to the client's own task.
enum Progress {
    /// The client has said something.
    Heard,
    /// We have said goodbye.
    Closing,
    /// There is nothing left to do.
    Ended,
}

impl<S> Client<S> {
    fn lock(&self) -> MutexGuard<'_, Inner<S>> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<S: Socket> Client<S> {
    fn poll(self: &Arc<Self>, cx: &mut Context<'_>) -> Poll<Progress> {
        let mut inner = self.lock();
        inner.task.clone_from(cx.waker());
        let writer = Waker::from(Arc::clone(self));
        inner.connection.poll(cx, &Context::from_waker(&writer))
    }
}

/// The hub has something for the client.
impl<S: Socket> Wake for Client<S> {
    fn wake(self: Arc<Self>) {
        notify(self);
    }
}

impl<S: Socket> Recipient for Client<S> {
    fn write_pending(self: Arc<Self>) {
        let writer = Waker::from(Arc::clone(&self));
        let mut inner = self.lock();
        let Inner { connection, task } = &mut *inner;
        // When the socket has no room, it is the client's own task that waits for some.
        connection.write_pending(&mut Context::from_waker(task), &Context::from_waker(&writer));
        if connection.has_news() {
            task.wake_by_ref();
        }
    }

    fn writer(&self) -> &Writer {
        &self.writer
    }

    fn fetch(&self) -> usize {
        usize::from(self.inner.is_poisoned()) ^ Arc::as_ptr(&self.writer).addr()
    }
}

/// Ends what the hub and the connection know of each other, however the task ends.
struct Leaving<'a, S>(&'a Client<S>);

impl<S> Drop for Leaving<'_, S> {
    fn drop(&mut self) {
        let outbox = self.0.lock().connection.outbox.take();
        drop(outbox);
    }
}

struct Connection<S> {
    /// `None` once the client has left.
    outbox: Option<Outbox<Topic>>,
    stream: S,
    /// What goes out next.
    out: Pieces,
    /// Elsewhere, as it is seldom needed.
    dialogue: Box<Dialogue>,
    /// The client's own task waits for answers to go out before it reads on.
    paused: bool,
    /// The stream may still hold some of what was written to it.
    unflushed: bool,
    /// We have said goodbye.
    closing: bool,
    /// The client's own task knows.
    closing_told: bool,
    /// Nothing more will come; what is in `out` is still to be written.
    ended: bool,
    /// Nothing can be written any more.
    broken: bool,
}

impl<S> Connection<S> {
    fn new(stream: S, app: Arc<App>, caller: &Caller) -> Self {
        let relay = &app.config.relay;
        let outbox =
            app.hub.connect(Limits { messages: relay.client_messages, bytes: relay.client_bytes });
        let dialogue = Box::new(Dialogue::new(app, outbox.client(), caller));
        Self {
            outbox: Some(outbox),
            stream,
            out: Pieces::default(),
            dialogue,
            paused: false,
            unflushed: false,
            closing: false,
            closing_told: false,
            ended: false,
            broken: false,
        }
    }

    fn hear(&mut self, bytes: &[u8]) {
        if !bytes.is_empty() {
            let (answer, ended) = self.dialogue.hear(bytes);
            self.out.push_answer(answer);
            self.ended |= ended;
        }
    }

    fn listens(&self) -> bool {
        !self.ended && self.out.answers() < ANSWERS_MAX
    }

    fn is_over(&self) -> bool {
        self.broken || (self.ended && self.out.is_empty() && !self.unflushed)
    }

    /// Whether the client's own task has something to do.
    fn has_news(&self) -> bool {
        self.is_over() || (self.closing && !self.closing_told) || (self.paused && self.listens())
    }

    /// Asks the client for a sign of life.
    fn ping(&mut self) {
        self.out.push_answer(self.dialogue.ping());
    }

    fn close(&mut self, closed: &Closed<Topic>) {
        let code = match closed {
            Closed::Shutdown { .. } => CloseCode::Away,
            _ => CloseCode::Policy,
        };
        self.goodbye(code, &closed.to_string());
    }

    fn goodbye(&mut self, code: CloseCode, reason: &str) {
        self.closing = true;
        self.out.push_answer(self.dialogue.close(code, reason));
    }

    /// Queues what was received, except for so many bytes that have been sent.
    fn queue(&mut self, batch: &mut Vec<Item<Topic>>, mut sent: usize) {
        for item in batch.drain(..) {
            match item {
                Item::Messages(it) => match sent.checked_sub(it.bytes().len()) {
                    Some(rest) => sent = rest,
                    None => self.out.push_messages(it, mem::take(&mut sent)),
                },
                Item::Event(event) => self.out.push_event(self.dialogue.event(&event)),
            }
        }
    }
}

impl<S: Socket> Connection<S> {
    /// The part of the client's own task.
    fn poll(&mut self, cx: &mut Context<'_>, writer: &Context<'_>) -> Poll<Progress> {
        if !self.closing
            && let Some(outbox) = &mut self.outbox
            && let Poll::Ready(closed) = outbox.poll_closed(cx)
        {
            // A client that was too slow is told behind what it has not read yet, and has
            // no longer than anybody else to answer.
            self.close(&closed);
        }
        self.write_pending(cx, writer);
        if self.is_over() {
            return Poll::Ready(Progress::Ended);
        }
        if self.closing && !mem::replace(&mut self.closing_told, true) {
            return Poll::Ready(Progress::Closing);
        }
        self.paused = !self.listens();
        if self.paused {
            return Poll::Pending;
        }
        match ready!(self.poll_read(cx)) {
            Ok(1..) => Poll::Ready(Progress::Heard),
            Ok(0) | Err(_) => Poll::Ready(Progress::Ended),
        }
    }

    fn poll_read(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<usize>> {
        READ_BUFFER.with_borrow_mut(|buffer| {
            let mut buffer = ReadBuf::new(buffer);
            ready!(Pin::new(&mut self.stream).poll_read(cx, &mut buffer))?;
            self.hear(buffer.filled());
            Poll::Ready(Ok(buffer.filled().len()))
        })
    }

    /// Writes what is pending. When the socket has no room, `cx` is woken when it has some;
    /// otherwise `writer` is woken when the hub has more.
    fn write_pending(&mut self, cx: &mut Context<'_>, writer: &Context<'_>) {
        let mut received = false;
        while !self.broken {
            if self.out.is_empty() {
                // What has been queued since it received here has woken the writer again.
                // Before that, the writer may have come in vain while the socket was full.
                if received || !self.receive(writer) {
                    break;
                }
                received = true;
            } else {
                match self.out.poll_write(Pin::new(&mut self.stream), cx) {
                    Poll::Ready(Ok(())) => self.unflushed = true,
                    Poll::Ready(Err(_)) => self.broken = true,
                    Poll::Pending => return,
                }
            }
        }
        if self.unflushed {
            match Pin::new(&mut self.stream).poll_flush(cx) {
                Poll::Ready(Ok(())) => self.unflushed = false,
                Poll::Ready(Err(_)) => self.broken = true,
                Poll::Pending => {}
            }
        }
    }

    /// Whether the hub has something for the client, which is then sent as far as there is
    /// room at once, and the rest queued. If not now, `writer` is woken when it has.
    /// Nothing may be queued before.
    fn receive(&mut self, writer: &Context<'_>) -> bool {
        BATCH.with_borrow_mut(|batch| {
            let Some(outbox) = self.outbox.as_mut().filter(|_| !self.closing) else { return false };
            match outbox.poll_recv_armed(writer, batch) {
                Poll::Ready(Ok(())) => {
                    let sent = self.send_now(batch);
                    self.queue(batch, sent);
                }
                Poll::Ready(Err(closed)) => self.close(&closed),
                Poll::Pending => return false,
            }
            true
        })
    }

    /// Sends messages as far as there is room and no event comes first; returns how many bytes.
    fn send_now(&self, batch: &[Item<Topic>]) -> usize {
        let is_event = |it: &Item<Topic>| matches!(it, Item::Event(_));
        let messages = &batch[..batch.iter().position(is_event).unwrap_or(batch.len())];
        let bytes = messages.iter().map(|it| match it {
            Item::Messages(messages) => &messages.bytes()[..],
            Item::Event(_) => &[],
        });
        gather(bytes, |pieces| self.stream.send_now(pieces)).unwrap_or(0)
    }
}

/// Waits until the client may not go on.
async fn revoked(caller: &Caller) {
    match caller.revoked() {
        Some(revoked) => revoked.cancelled().await,
        None => std::future::pending().await,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_is_two_lines() {
        assert_eq!(size_of::<Client<tokio::net::TcpStream>>(), 128);
    }
}
