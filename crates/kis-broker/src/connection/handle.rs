//! What the outside may ask of a running connection.

use kis_protocol::Topic;
use tokio::sync::{mpsc, watch};

use crate::session::SessionStatus;

/// Says what is wanted of a connection, and how it is doing. Cheap to clone. After the
/// connection has ended, wishes go nowhere; the sink was told `Closed`.
#[derive(Debug, Clone)]
pub struct Handle {
    commands: mpsc::UnboundedSender<Command>,
    status: watch::Receiver<Status>,
}

/// A connection's figures.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Status {
    /// The session's figures, as of its latest change.
    pub session: SessionStatus,
    /// What has been received and lost.
    pub counters: Counters,
    /// The latest error of the socket or the approval key, in words; without secrets.
    pub last_error: Option<String>,
}

/// Counts since the start of the connection.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counters {
    /// Data frames handed to the sink, notices included.
    pub frames: u64,
    /// Notices among them.
    pub notices: u64,
    /// Bytes of all messages received.
    pub bytes: u64,
    /// Messages that were no valid UTF-8 and were decoded leniently.
    pub lenient: u64,
    /// Messages that were neither data nor control, and notices that could not be decrypted;
    /// all dropped.
    pub unreadable: u64,
    /// Sockets asked for, successful or not.
    pub connects: u64,
    /// Open sockets lost.
    pub losses: u64,
    /// PINGPONGs answered.
    pub pings: u64,
}

impl Counters {
    /// Both counts together.
    pub(crate) fn plus(&self, other: &Self) -> Self {
        Self {
            frames: self.frames + other.frames,
            notices: self.notices + other.notices,
            bytes: self.bytes + other.bytes,
            lenient: self.lenient + other.lenient,
            unreadable: self.unreadable + other.unreadable,
            connects: self.connects + other.connects,
            losses: self.losses + other.losses,
            pings: self.pings + other.pings,
        }
    }
}

#[derive(Debug)]
pub(super) enum Command {
    Subscribe(Topic),
    Unsubscribe(Topic),
    Shutdown,
}

impl Handle {
    pub(super) fn new(
        commands: mpsc::UnboundedSender<Command>,
        status: watch::Receiver<Status>,
    ) -> Self {
        Self { commands, status }
    }

    /// Wants a topic; the sink is told `Subscribed` or `Refused`.
    pub fn subscribe(&self, topic: Topic) {
        self.send(Command::Subscribe(topic));
    }

    /// Wants a topic no more; the sink is told `Released`.
    pub fn unsubscribe(&self, topic: Topic) {
        self.send(Command::Unsubscribe(topic));
    }

    /// Ends the connection as [`Connection::run`](crate::Connection::run) describes.
    pub fn shutdown(&self) {
        self.send(Command::Shutdown);
    }

    /// The figures as of now.
    #[must_use]
    pub fn status(&self) -> Status {
        self.status.borrow().clone()
    }

    /// Waits until the figures meet `condition`, or the connection has ended, and returns them.
    pub async fn when(&self, condition: impl FnMut(&Status) -> bool) -> Status {
        let mut watcher = self.status.clone();
        match watcher.wait_for(condition).await {
            Ok(status) => status.clone(),
            Err(_) => self.status(),
        }
    }

    /// Waits until the figures are others than these; for ever, if the connection has ended.
    pub(crate) async fn other_than(&self, known: Status) {
        let mut watcher = self.status.clone();
        if watcher.wait_for(|it| *it != known).await.is_err() {
            std::future::pending().await
        }
    }

    fn send(&self, command: Command) {
        // A connection that has ended wants nothing any more.
        let _ = self.commands.send(command);
    }
}
