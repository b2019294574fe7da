//! Drives a [`Session`](crate::Session) over a real socket.
//!
//! One task owns everything: the socket, the session and the [`Sink`], which it calls directly.
//! So a frame is on its way to the clients before the next one is read, without a queue or a
//! lock in between.

mod budget_file;
mod dial;
mod driver;
mod handle;
mod lenient_text;
mod transport;

use std::{error::Error, future::Future, path::PathBuf, time::Duration};

use tokio::sync::{mpsc, watch};

pub use self::handle::{Counters, Handle, Status};
use self::{budget_file::BudgetFile, driver::Driver, handle::Command};
use crate::{
    approval::{ApprovalClient, ApprovalError},
    config::SessionConfig,
    credentials::Credentials,
    environment::Endpoints,
    session::Event,
};

/// Where a session's output goes. The methods are called one at a time, from the task that
/// reads the socket: they must be quick and must not block.
pub trait Sink {
    /// A data frame `flag|tr_id|count|body`, decoded leniently and, where it was a notice,
    /// decrypted. Notices name no `tr_key`: whoever subscribed to the stream is meant.
    fn frame(&mut self, text: &str);

    /// Something happened to the session or one of its topics, in order with the frames.
    fn event(&mut self, event: Event);

    /// The same of one of several sessions in a [`Pool`](crate::Pool): `key` is what the app key
    /// is called. Unless it is of interest, this is [`event`](Self::event).
    fn event_of(&mut self, key: &str, event: Event) {
        let _ = key;
        self.event(event);
    }

    /// Nothing more is ready for now: the moment to pass a batch on.
    fn flush(&mut self);
}

/// How to connect.
#[derive(Debug, Clone)]
pub struct ConnectionConfig {
    /// Where KIS is.
    pub endpoints: Endpoints,
    /// The session's limits and delays.
    pub session: SessionConfig,
    /// Where to keep what was spent of the budgets. Several app keys and processes may share
    /// the file. Default none: a restart then starts with full budgets.
    pub budget_file: Option<PathBuf>,
    /// How long opening the websocket may take, from the name look-up to the upgrade. Default
    /// 10 s.
    pub connect_timeout: Duration,
    /// How long the request for an approval key may take. Default 10 s.
    pub approval_timeout: Duration,
    /// How long sending one request may take before the socket counts as dead. Default 5 s.
    pub write_timeout: Duration,
    /// How many bytes a message may have; a larger one ends the socket. Default 4 MiB; KIS's
    /// bundles in a busy market exceed 8 KiB.
    pub message_max: usize,
    /// How many messages are read in a row before [`Sink::flush`] is called and requests are
    /// looked after. Default 1,024.
    pub batch_max: usize,
    /// The seed of the delays' jitter. Default none: a different one each time.
    pub seed: Option<u64>,
}

impl ConnectionConfig {
    /// The default limits for `endpoints`.
    #[must_use]
    pub fn new(endpoints: Endpoints) -> Self {
        Self {
            endpoints,
            session: SessionConfig::default(),
            budget_file: None,
            connect_timeout: Duration::from_secs(10),
            approval_timeout: Duration::from_secs(10),
            write_timeout: Duration::from_secs(5),
            message_max: 4 << 20,
            batch_max: 1024,
            seed: None,
        }
    }
}

/// Why a connection cannot be set up.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConnectionError {
    /// No client for the approval key.
    #[error("no HTTP client can be made for the approval key")]
    Approval(#[from] ApprovalError),
}

/// A session with KIS and the socket under it; nothing happens until [`run`](Self::run).
#[derive(Debug)]
pub struct Connection {
    config: ConnectionConfig,
    approvals: ApprovalClient,
    budget_file: Option<BudgetFile>,
    handle: Handle,
    commands: mpsc::UnboundedReceiver<Command>,
    status: watch::Sender<Status>,
}

impl Connection {
    /// A connection of the app key in `credentials`, of which KIS allows one at a time.
    ///
    /// # Errors
    /// Returns an error when no HTTP client can be made.
    pub fn new(
        config: ConnectionConfig,
        credentials: Credentials,
    ) -> Result<Self, ConnectionError> {
        let budget_file = config.budget_file.clone().map(|path| {
            BudgetFile::new(path, credentials.app_key.fingerprint(&config.endpoints.rest))
        });
        let approvals =
            ApprovalClient::new(&config.endpoints.rest, credentials, config.approval_timeout)?;
        let (sender, commands) = mpsc::unbounded_channel();
        let (status, watcher) = watch::channel(Status::default());
        let handle = Handle::new(sender, watcher);
        Ok(Self { config, approvals, budget_file, handle, commands, status })
    }

    /// A handle to say what is wanted, before or while the connection runs.
    #[must_use]
    pub fn handle(&self) -> Handle {
        self.handle.clone()
    }

    /// How many topics its session may hold.
    pub(crate) fn topics_max(&self) -> usize {
        self.config.session.topics_max
    }

    /// Runs until `shutdown` completes or [`Handle::shutdown`] is called; then releases what is
    /// registered, closes the socket and returns the sink. Losses and refusals do not end it.
    pub async fn run<S: Sink>(self, sink: S, shutdown: impl Future<Output = ()>) -> S {
        let Self { config, approvals, budget_file, handle, commands, status } = self;
        // The connection's own handle must not count as somebody who may still say something.
        drop(handle);
        Driver::new(config, approvals, budget_file, status, sink).run(commands, shutdown).await
    }
}

/// An error and its sources in one line.
fn explain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        text.push_str(": ");
        text.push_str(&error.to_string());
        source = error.source();
    }
    text
}
