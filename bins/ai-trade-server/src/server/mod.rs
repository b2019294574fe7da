//! The server towards clients: HTTP, and the websocket on it.

mod connection;
mod health;
mod routes;
mod stream;

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use relay_core::Hub;
use tokio::{
    net::{TcpListener, TcpStream},
    time::{sleep, timeout},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tracing::warn;

pub(crate) use self::stream::{Patient, Socket, Stream};
use crate::{
    alerts::Alerts, bot::Webhook, config::Config, counters::Counters, guard::Guard, market::Market,
    metrics::Sources, orders::Orders, rest::Api, wire::Wire, ws::Writers,
};

/// How long connections may take to end at a shutdown.
const DRAIN_MAX: Duration = Duration::from_millis(1_500);

/// What the routes share.
#[derive(Debug)]
pub struct App {
    /// The configuration.
    pub config: Config,
    /// Whether the data is not real.
    pub simulated: bool,
    /// The topics and the clients.
    pub hub: Hub<Wire>,
    /// The sessions with KIS.
    pub session: kis_broker::PoolHandle,
    /// KIS' REST API.
    pub api: Arc<Api>,
    /// Rules, and who is told when they fire.
    pub alerts: Arc<Alerts>,
    /// Where Telegram brings what is said to the bot, when it is told to.
    pub webhook: Option<Webhook>,
    /// Orders, when they are on.
    pub orders: Option<Arc<Orders>>,
    /// Which market is open.
    pub market: Arc<Market>,
    /// What is counted.
    pub counters: Arc<Counters>,
    /// Who may enter.
    pub guard: Arc<Guard>,
    /// Who else shows figures.
    pub sources: Sources,
    /// The connections.
    pub tasks: TaskTracker,
    /// The tasks that write to clients.
    pub writers: Arc<Writers>,
}

/// Serves clients until `shutdown`; then ends every connection with a goodbye.
pub async fn serve(
    listener: TcpListener,
    app: Arc<App>,
    shutdown: impl Future<Output = ()> + Send,
) {
    let router = routes::router(&app);
    let stop = CancellationToken::new();
    let mut shutdown = std::pin::pin!(shutdown);
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = &mut shutdown => break,
        };
        match accepted {
            Ok((stream, peer)) => welcome(stream, peer, &app, &router, &stop),
            Err(error) => pause(&error).await,
        }
    }
    drop(listener);
    stop.cancel();
    app.hub.close("the server is shutting down");
    app.tasks.close();
    if timeout(DRAIN_MAX, app.tasks.wait()).await.is_err() {
        warn!(left = app.tasks.len(), "connections cut at shutdown");
    }
}

/// Serves a connection in a task of its own, if there is room for it.
fn welcome(
    stream: TcpStream,
    peer: SocketAddr,
    app: &Arc<App>,
    router: &axum::Router,
    stop: &CancellationToken,
) {
    match app.guard.slot(peer.ip()) {
        Ok(slot) => {
            let served = connection::serve(
                stream,
                Arc::new(slot),
                Arc::clone(app),
                router.clone(),
                stop.clone(),
            );
            app.tasks.spawn(served);
        }
        Err(full) => connection::refuse(&stream, full, &app.guard),
    }
}

/// When the system is out of sockets, the next attempt would fail as well.
async fn pause(error: &io::Error) {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    if !matches!(error.kind(), ConnectionAborted | ConnectionReset | ConnectionRefused) {
        warn!(%error, "cannot accept connections; trying again");
        sleep(Duration::from_millis(100)).await;
    }
}
