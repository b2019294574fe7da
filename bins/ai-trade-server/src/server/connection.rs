//! One client's connection, as long as it speaks HTTP.

use std::{io, sync::Arc};

use axum::{Router, http::StatusCode};
use hyper::{
    server::conn::http1,
    service::{Service, service_fn},
};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use tokio::{net::TcpStream, time::timeout};
use tokio_util::{either::Either, sync::CancellationToken};
use tracing::debug;

use super::{
    App,
    stream::{Patient, Stream, Tls},
};
use crate::{
    guard::{Full, Guard, Reason, Slot},
    problem::{MEDIA_TYPE, Problem},
};

/// How many headers a request may have.
const HEADERS_MAX: usize = 100;

/// The least that hyper wants for its buffer.
const HEAD_BYTES_MIN: usize = 8 * 1024;

/// Serves a connection until it ends, becomes a websocket, or `stop`.
pub(super) async fn serve(
    stream: TcpStream,
    slot: Arc<Slot>,
    app: Arc<App>,
    router: Router,
    stop: CancellationToken,
) {
    // Records are small and must not wait for each other.
    if let Err(error) = stream.set_nodelay(true) {
        debug!(%error, "no TCP_NODELAY");
    }
    let settings = app.guard.settings();
    let server = &settings.server;
    let stream = match encrypt(stream, &app.guard).await {
        Ok(stream) => Patient::new(stream, server.write_timeout()),
        Err(error) => {
            app.guard.refusals().count(Reason::Tls);
            return debug!(%error, "no TLS");
        }
    };
    let router = TowerToHyperService::new(router);
    let service = service_fn(move |mut request: hyper::Request<hyper::body::Incoming>| {
        request.extensions_mut().insert(Arc::clone(&slot));
        router.call(request)
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        // Between two requests, the next head is what is waited for.
        .header_read_timeout(server.head_timeout())
        .max_headers(HEADERS_MAX)
        .max_buf_size(server.head_bytes_max.max(HEAD_BYTES_MIN))
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

async fn encrypt(stream: TcpStream, guard: &Guard) -> io::Result<Stream> {
    let Some(tls) = guard.tls() else { return Ok(Either::Left(stream)) };
    let accepted = timeout(guard.settings().server.head_timeout(), tls.acceptor().accept(stream));
    let stream = accepted.await.map_err(|_| io::Error::from(io::ErrorKind::TimedOut))??;
    Ok(Either::Right(Tls::new(stream)))
}

/// Says that there is no room, as far as that goes without waiting.
pub(super) fn refuse(stream: &TcpStream, full: Full, guard: &Guard) {
    if guard.tls().is_some() {
        return;
    }
    let (status, detail) = match full {
        Full::Server => {
            (StatusCode::SERVICE_UNAVAILABLE, "the server has all the connections it may have")
        }
        Full::Address => (
            StatusCode::TOO_MANY_REQUESTS,
            "your address has all the connections it may have; end one first",
        ),
    };
    let document = Problem::new(status, detail).code("too_many_connections").document(None);
    let document = document.to_string();
    let length = document.len();
    let answer = format!(
        "HTTP/1.1 {status}\r\ncontent-type: {MEDIA_TYPE}\r\nretry-after: 5\r\n\
         connection: close\r\ncontent-length: {length}\r\n\r\n{document}"
    );
    // What has arrived unread would make the system reset the connection, and the
    // answer with it.
    let _ = stream.try_read(&mut [0; 4096]);
    let _ = stream.try_write(answer.as_bytes());
}
