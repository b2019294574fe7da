//! The websocket side: any path, plain `ws`, one task per connection.

mod answer;
mod player;
mod request;
mod session;
mod wire;

use std::{
    future::pending,
    io,
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{
        TcpListener, TcpStream,
        tcp::{ReadHalf, WriteHalf},
    },
    sync::mpsc::{UnboundedReceiver, unbounded_channel},
    time::{sleep_until, timeout},
};

use self::{
    session::{End, Session},
    wire::Inbox,
};
use crate::{fault::Order, state::Shared};

/// A client that has not finished its handshake by then is dropped.
const HANDSHAKE_MAX: Duration = Duration::from_secs(10);
/// The last word has to be read by then.
const GOODBYE_MAX: Duration = Duration::from_secs(1);

/// Accepts connections until the simulator stops.
pub(crate) async fn listen(listener: TcpListener, shared: Arc<Shared>) {
    while let Some(accepted) = shared.stop.run_until_cancelled(listener.accept()).await {
        match accepted {
            Ok((stream, _)) => {
                let served = serve(stream, shared.clone());
                let stop = shared.stop.clone();
                shared.tasks.spawn(async move { stop.run_until_cancelled(served).await });
            }
            // Out of descriptors, most likely: waiting is all that helps.
            Err(error) => {
                tracing::warn!(%error, "cannot accept a connection");
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
    }
}

async fn serve(mut stream: TcpStream, shared: Arc<Shared>) {
    // Small answers must not wait for large frames.
    let _ = stream.set_nodelay(true);
    // The handshake ignores the path and offers of extensions. It refuses bytes that come
    // with it, so nothing is lost by going on with the bare stream.
    let handshake = tokio_tungstenite::accept_async(&mut stream);
    if !matches!(timeout(HANDSHAKE_MAX, handshake).await, Ok(Ok(_))) {
        return;
    }
    let (orders, received) = unbounded_channel();
    let id = shared.open(orders);
    tracing::debug!(id, "connected");
    let Some(session) = Session::new(id, shared.clone(), Instant::now()) else { return };
    let end = run(session, &mut stream, received).await;
    shared.close(id, end != End::Closed);
    tracing::debug!(id, ?end, "disconnected");
    if end == End::Finished {
        let _ = timeout(GOODBYE_MAX, finish(&mut stream)).await;
    }
}

/// Moves bytes between the session and its socket, until either ends.
async fn run(
    mut session: Session,
    stream: &mut TcpStream,
    mut orders: UnboundedReceiver<Order>,
) -> End {
    let (mut reader, mut writer): (ReadHalf<'_>, WriteHalf<'_>) = stream.split();
    let mut inbox = Inbox::default();
    loop {
        session.advance(Instant::now());
        match session.end {
            Some(End::Lost) => return End::Lost,
            Some(end) if session.out.is_empty() || session.stalled => return end,
            _ => {}
        }
        let wake = session.wake();
        tokio::select! {
            read = reader.read_buf(&mut inbox.bytes) => {
                if receive(read, &mut inbox, &mut session).is_err() {
                    return End::Lost;
                }
            }
            written = writer.write_buf(&mut session.out),
                if !session.out.is_empty() && !session.stalled =>
            {
                if written.is_err() {
                    return End::Lost;
                }
            }
            Some(order) = orders.recv() => session.obey(order, Instant::now()),
            () = until(wake) => {}
        }
    }
}

/// Waits for a time; a stalled session has none, and waits for its client or an order.
async fn until(time: Option<Instant>) {
    match time {
        Some(time) => sleep_until(time.into()).await,
        None => pending().await,
    }
}

fn receive(read: io::Result<usize>, inbox: &mut Inbox, session: &mut Session) -> Result<(), ()> {
    if read.map_err(|_| ())? == 0 {
        return Err(());
    }
    while session.end.is_none()
        && let Some(message) = inbox.next().map_err(|_| ())?
    {
        session.receive(message, Instant::now());
    }
    Ok(())
}

/// Ends the server's half, and waits for the client's end: a connection dropped with
/// unread bytes in it is reset, and the client might never read the last word.
async fn finish(stream: &mut TcpStream) -> io::Result<()> {
    stream.shutdown().await?;
    let mut rest = [0; 1024];
    while stream.read(&mut rest).await? > 0 {}
    Ok(())
}
