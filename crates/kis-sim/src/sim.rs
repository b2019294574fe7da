//! A running simulator.

use std::{io, net::SocketAddr, ops::Deref, sync::Arc, time::Duration};

use tokio::net::TcpListener;
use tokio_util::sync::DropGuard;

use crate::{
    Control, SimConfig, SimError, admin,
    rest::{self, Recorded, Sockets, Switch},
    state::Shared,
    ws,
};

/// A fake KIS on sockets of this machine. It stops when it is shut down or dropped.
///
/// Everything that can be asked of it and done to it while it runs is in [`Control`].
#[derive(Debug)]
pub struct Sim {
    /// Where the REST side listens.
    pub rest_addr: SocketAddr,
    /// Where the websocket side listens.
    pub ws_addr: SocketAddr,
    /// Where the admin endpoint listens, if there is one.
    pub admin_addr: Option<SocketAddr>,
    control: Control,
    _stop: DropGuard,
}

impl Sim {
    /// Listens and serves, until shut down.
    ///
    /// # Errors
    /// [`SimError::Listen`] when an address is taken.
    pub async fn start(config: SimConfig) -> Result<Self, SimError> {
        let recorded = Arc::new(Recorded::fixtures()?);
        let (rest, rest_addr) = listen(config.rest).await?;
        let (ws, ws_addr) = listen(config.ws).await?;
        let admin = match config.admin {
            Some(addr) => Some(listen(addr).await?),
            None => None,
        };
        let admin_addr = admin.as_ref().map(|(_, addr)| *addr);
        let shared = Arc::new(Shared::new(config));
        let control = Control::new(shared.clone());
        let calls = rest::router(shared.clone(), recorded);
        let calls = calls.into_make_service_with_connect_info::<Switch>();
        let stopped = shared.stop.clone().cancelled_owned();
        serve(&shared, axum::serve(Sockets(rest), calls).with_graceful_shutdown(stopped));
        if let Some((listener, _)) = admin {
            let stopped = shared.stop.clone().cancelled_owned();
            let orders = admin::router(control.clone());
            serve(&shared, axum::serve(listener, orders).with_graceful_shutdown(stopped));
        }
        shared.tasks.spawn(ws::listen(ws, shared.clone()));
        let stop = shared.stop.clone().drop_guard();
        Ok(Self { rest_addr, ws_addr, admin_addr, control, _stop: stop })
    }

    /// The REST side's base URL.
    pub fn rest_url(&self) -> String {
        format!("http://{}", self.rest_addr)
    }

    /// The websocket side's URL, without a path; any path will do.
    pub fn ws_url(&self) -> String {
        format!("ws://{}", self.ws_addr)
    }

    /// Stops: connections are dropped as KIS drops them, without a close frame.
    pub async fn shutdown(self) {
        let shared = self.control.shared();
        shared.stop.cancel();
        shared.tasks.close();
        // What does not end by itself ends with the runtime.
        let _ = tokio::time::timeout(Duration::from_secs(1), shared.tasks.wait()).await;
    }
}

impl Deref for Sim {
    type Target = Control;

    fn deref(&self) -> &Control {
        &self.control
    }
}

async fn listen(addr: SocketAddr) -> Result<(TcpListener, SocketAddr), SimError> {
    let failed = |source| SimError::Listen { addr, source };
    let listener = TcpListener::bind(addr).await.map_err(failed)?;
    let addr = listener.local_addr().map_err(failed)?;
    Ok((listener, addr))
}

fn serve<F>(shared: &Shared, served: F)
where
    F: IntoFuture<Output = io::Result<()>, IntoFuture: Send + 'static>,
{
    let served = served.into_future();
    shared.tasks.spawn(async move {
        if let Err(error) = served.await {
            tracing::warn!(%error, "the HTTP side ended");
        }
    });
}
