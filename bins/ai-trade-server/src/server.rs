//! The server towards clients: HTTP, and the websocket on it.

use std::{io, sync::Arc, time::Duration};

use axum::{
    Json, Router,
    extract::State,
    routing::{any, get},
};
use hyper::{
    server::conn::http1,
    service::{Service, service_fn},
};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use relay_core::Hub;
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore},
    time::{sleep, timeout},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tracing::{debug, warn};

use crate::{config::Config, counters::Counters, schema, wire::Wire, ws};

/// How long a client may take to send the head of a request.
const HEAD_MAX: Duration = Duration::from_secs(10);

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
    /// The session with KIS.
    pub session: kis_broker::Handle,
    /// What is counted.
    pub counters: Arc<Counters>,
    /// The connections.
    pub tasks: TaskTracker,
}

/// A connection's place among those allowed; a websocket keeps it.
#[derive(Debug, Clone)]
pub(crate) struct Slot(#[expect(dead_code, reason = "held, not read")] Arc<OwnedSemaphorePermit>);

/// Serves clients until `shutdown`; then ends every connection with a goodbye.
pub async fn serve(
    listener: TcpListener,
    app: Arc<App>,
    shutdown: impl Future<Output = ()> + Send,
) {
    let router = Router::new()
        .route("/healthz", get(health))
        .route("/v1/schema", get(schema::all))
        .route("/v1/schema/{tr_id}", get(schema::one))
        .route("/ws", any(ws::upgrade))
        .with_state(Arc::clone(&app));
    let slots = Arc::new(Semaphore::new(app.config.relay.clients_max));
    let stop = CancellationToken::new();
    let mut shutdown = std::pin::pin!(shutdown);
    loop {
        // A connection beyond the limit waits in the system's queue.
        let accepted = async {
            let slot = Arc::clone(&slots).acquire_owned().await.map_err(io::Error::other)?;
            let (stream, _) = listener.accept().await?;
            Ok((stream, Slot(Arc::new(slot))))
        };
        let accepted = tokio::select! {
            accepted = accepted => accepted,
            () = &mut shutdown => break,
        };
        match accepted {
            Ok((stream, slot)) => {
                app.tasks.spawn(serve_connection(stream, slot, router.clone(), stop.clone()));
            }
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

async fn serve_connection(stream: TcpStream, slot: Slot, router: Router, stop: CancellationToken) {
    // Records are small and must not wait for each other.
    if let Err(error) = stream.set_nodelay(true) {
        debug!(%error, "no TCP_NODELAY");
    }
    let router = TowerToHyperService::new(router);
    let service = service_fn(move |mut request: hyper::Request<hyper::body::Incoming>| {
        request.extensions_mut().insert(slot.clone());
        router.call(request)
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_MAX)
        .serve_connection(TokioIo::new(stream), service)
        .with_upgrades();
    let mut connection = std::pin::pin!(connection);
    let served = tokio::select! {
        served = connection.as_mut() => served,
        () = stop.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = served {
        debug!(%error, "connection");
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

/// Alive, and how things stand in a few figures.
async fn health(State(app): State<Arc<App>>) -> Json<serde_json::Value> {
    let kis_broker::Status { session, counters, .. } = app.session.status();
    let stats = app.hub.stats();
    Json(serde_json::json!({
        "status": "ok",
        "simulated": app.simulated,
        "session": session.state.to_string(),
        "registrations": session.present,
        "clients": stats.clients,
        "topics": stats.topics,
        "counters": {
            "frames": counters.frames,
            "bad_frames": counters.unreadable + app.counters.bad_frames(),
            "lenient_frames": counters.lenient,
            "unrouted_records": app.counters.unrouted(),
            "connects": counters.connects,
            "losses": counters.losses,
        },
    }))
}
