//! One client's connection: everything pending goes out in one write.

use std::{
    cell::RefCell,
    collections::VecDeque,
    future::poll_fn,
    io::{self, IoSlice},
    pin::Pin,
    sync::Arc,
    task::{Poll, ready},
    time::Duration,
};

use bytes::{Buf, Bytes};
use kis_protocol::Topic;
use relay_core::{Closed, Item, Limits, Outbox};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    time::{Instant, sleep_until},
};
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tracing::debug;

use super::{
    authenticate::{TOO_MANY, UNAUTHORIZED},
    codec::{Codec, Incoming},
    reply::Reply,
    request::Mistake,
    subscriber::Subscriber,
};
use crate::{guard::Caller, server::App};

/// How long a client may take to answer our close.
const GOODBYE: Duration = Duration::from_secs(1);

/// How many bytes of answers may wait before a client is not listened to: one
/// that asks and never reads must not fill our memory.
const ANSWERS_MAX: usize = 256 * 1024;

/// How many pieces one write takes at most; the system's limit is 1,024.
const PIECES_MAX: usize = 256;

thread_local! {
    /// Where sockets are read into; shared, so that idle clients have no buffer.
    static READ_BUFFER: RefCell<Box<[u8]>> = RefCell::new(vec![0; 16 * 1024].into());
}

/// Serves one client until either side ends the connection. `read_ahead` is
/// what came behind the handshake.
pub(crate) async fn serve<S>(stream: S, read_ahead: Bytes, app: Arc<App>, caller: &Caller)
where
    S: AsyncRead + AsyncWrite,
{
    let (mut reader, mut writer) = tokio::io::split(stream);
    let mut connection = Connection::new(app, caller);
    let mut revoked = std::pin::pin!(revoked(caller));
    connection.feed(&read_ahead);
    let interval = connection.app.config.relay.ping_interval();
    let mut timer = Box::pin(sleep_until(Instant::now() + interval));
    let mut heard = Instant::now();
    let mut batch = Vec::new();
    loop {
        connection.queue_control();
        if connection.ended && connection.out.is_empty() {
            break;
        }
        tokio::select! {
            read = read_some(Pin::new(&mut reader), &mut connection.codec), if connection.listens() => {
                match read {
                    Ok(0) | Err(_) => break,
                    Ok(_) => {
                        heard = Instant::now();
                        connection.handle_incoming();
                    }
                }
            }
            written = write_some(Pin::new(&mut writer), &mut connection.out),
                if !connection.out.is_empty() =>
            {
                if written.is_err() {
                    break;
                }
                if connection.out.is_empty() {
                    connection.answers = 0;
                }
            }
            received = connection.outbox.recv(&mut batch),
                if connection.out.is_empty() && !connection.closing =>
            {
                match received {
                    Ok(()) => connection.queue(&mut batch),
                    Err(closed) => {
                        connection.close(&closed);
                        timer.as_mut().reset(Instant::now() + GOODBYE);
                    }
                }
            }
            () = &mut revoked, if !connection.closing => {
                connection.goodbye(UNAUTHORIZED, "the key was revoked");
                timer.as_mut().reset(Instant::now() + GOODBYE);
            }
            () = &mut timer => {
                let silence = heard.elapsed();
                if connection.closing || silence >= 3 * interval {
                    debug!(silence = silence.as_secs(), "client is silent");
                    break;
                }
                if silence >= interval {
                    connection.codec.ping();
                }
                timer.as_mut().reset(Instant::now() + interval);
            }
        }
    }
    // The last words are out; the socket closes when it is dropped.
    let _ = poll_fn(|cx| Pin::new(&mut writer).poll_shutdown(cx)).await;
}

struct Connection {
    app: Arc<App>,
    codec: Codec,
    subscriber: Subscriber,
    outbox: Outbox<Topic>,
    /// Whole frames, to be written in this order.
    out: VecDeque<Bytes>,
    /// How many bytes of answers, pongs included, are in `out`.
    answers: usize,
    /// We have said goodbye.
    closing: bool,
    /// Nothing more will come; what is in `out` is still to be written.
    ended: bool,
}

impl Connection {
    fn new(app: Arc<App>, caller: &Caller) -> Self {
        let relay = &app.config.relay;
        let topics = caller.topics(relay.client_topics_max);
        let outbox =
            app.hub.connect(Limits { messages: relay.client_messages, bytes: relay.client_bytes });
        Self {
            codec: Codec::new(relay.message_bytes_max),
            subscriber: Subscriber::new(app.hub.clone(), outbox.client(), topics, &app.guard),
            outbox,
            out: VecDeque::new(),
            answers: 0,
            closing: false,
            ended: false,
            app,
        }
    }

    fn feed(&mut self, bytes: &[u8]) {
        if !bytes.is_empty() {
            self.codec.feed(bytes);
            self.handle_incoming();
        }
    }

    fn listens(&self) -> bool {
        !self.ended && self.answers < ANSWERS_MAX
    }

    fn handle_incoming(&mut self) {
        let mut answers = Vec::new();
        while let Some(incoming) = self.codec.next() {
            match incoming {
                Incoming::Text(text) => {
                    let extra = &self.app.config.kis.extra_tr_ids;
                    if let Err(flood) = self.subscriber.handle(&text, extra, &mut answers) {
                        self.push(std::mem::take(&mut answers));
                        self.codec.close(TOO_MANY, &flood.to_string());
                        self.ended = true;
                        return;
                    }
                }
                Incoming::Binary => {
                    let message = "binary messages are not understood; send JSON as text";
                    let mistake = Mistake::new("binary_message", message.to_owned());
                    Reply::error(None, &mistake).write(&mut answers);
                }
                Incoming::TooLarge { max } => {
                    let message = format!("a message may have {max} bytes");
                    let mistake = Mistake::new("message_too_large", message.clone());
                    Reply::error(None, &mistake).write(&mut answers);
                    self.push(std::mem::take(&mut answers));
                    self.codec.close(CloseCode::Size, &message);
                    self.ended = true;
                    return;
                }
                Incoming::End => {
                    self.ended = true;
                    break;
                }
            }
        }
        self.answers += answers.len();
        self.push(answers);
    }

    fn push(&mut self, frames: Vec<u8>) {
        if !frames.is_empty() {
            self.out.push_back(frames.into());
        }
    }

    /// Queues what tungstenite has to say.
    fn queue_control(&mut self) {
        if let Some(control) = self.codec.take_outgoing() {
            self.answers += control.len();
            self.out.push_back(control);
        }
    }

    fn queue(&mut self, batch: &mut Vec<Item<Topic>>) {
        for item in batch.drain(..) {
            match item {
                Item::Messages(messages) => self.out.push_back(messages.bytes().clone()),
                Item::Event(event) => {
                    let mut frame = Vec::new();
                    self.subscriber.event(&event, &mut frame);
                    self.push(frame);
                }
            }
        }
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
        self.codec.close(code, reason);
    }
}

/// Waits until the client may not go on.
async fn revoked(caller: &Caller) {
    match caller.revoked() {
        Some(revoked) => revoked.cancelled().await,
        None => std::future::pending().await,
    }
}

async fn read_some<R: AsyncRead>(mut reader: Pin<&mut R>, codec: &mut Codec) -> io::Result<usize> {
    poll_fn(|cx| {
        READ_BUFFER.with_borrow_mut(|buffer| {
            let mut buffer = ReadBuf::new(buffer);
            ready!(reader.as_mut().poll_read(cx, &mut buffer))?;
            codec.feed(buffer.filled());
            Poll::Ready(Ok(buffer.filled().len()))
        })
    })
    .await
}

async fn write_some<W: AsyncWrite>(
    mut writer: Pin<&mut W>,
    out: &mut VecDeque<Bytes>,
) -> io::Result<()> {
    let mut written = poll_fn(|cx| {
        let mut slices = [IoSlice::new(&[]); PIECES_MAX];
        let mut count = 0;
        for (slice, bytes) in slices.iter_mut().zip(out.iter()) {
            *slice = IoSlice::new(bytes);
            count += 1;
        }
        writer.as_mut().poll_write_vectored(cx, &slices[..count])
    })
    .await?;
    if written == 0 {
        return Err(io::ErrorKind::WriteZero.into());
    }
    while let Some(front) = out.front_mut() {
        if written < front.len() {
            front.advance(written);
            break;
        }
        written -= front.len();
        out.pop_front();
    }
    Ok(())
}
