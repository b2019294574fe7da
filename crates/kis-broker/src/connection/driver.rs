//! The loop that feeds a session and does what it asks for.

use std::{
    future::{Future, pending},
    hash::{BuildHasher, Hasher, RandomState},
    pin::{Pin, pin},
    time::{Duration, Instant, SystemTime},
};

use futures_util::{FutureExt, SinkExt, StreamExt};
use kis_protocol::text;
use tokio::sync::{mpsc, watch};
use tokio_tungstenite::tungstenite::{self, Message};
use tracing::{debug, warn};

use super::{
    ConnectionConfig, Sink,
    budget_file::BudgetFile,
    dial::{DialError, Socket, dial},
    explain,
    handle::{Command, Counters, Status},
};
use crate::{
    approval::{ApprovalClient, ApprovalError},
    clock::{now, sleep_until},
    credentials::ApprovalKey,
    session::{Action, Event, Received, Session, SessionState},
};

/// How long the close frame may take to be sent.
const CLOSE_MAX: Duration = Duration::from_millis(250);
/// How long registrations may go unrecorded in the budget file.
const STORE_INTERVAL: Duration = Duration::from_secs(1);

type Pending<T> = Pin<Box<dyn Future<Output = T> + Send>>;

pub(super) struct Driver<S> {
    config: ConnectionConfig,
    approvals: ApprovalClient,
    budget_file: Option<BudgetFile>,
    /// When the budget file must be written.
    store_at: Option<Instant>,
    status: watch::Sender<Status>,
    counters: Counters,
    last_error: Option<String>,
    session: Session,
    sink: S,
    /// Whether the sink was given something since its last flush.
    fed: bool,
    fetching: Option<Pending<Result<ApprovalKey, ApprovalError>>>,
    link: Link,
}

/// The socket.
enum Link {
    Down,
    Dialing(Pending<Result<Socket, DialError>>),
    Up(Socket),
}

/// What the socket did.
enum Incoming {
    Dialed(Result<Socket, DialError>),
    Message(Option<Result<Message, tungstenite::Error>>),
}

impl Link {
    async fn next(&mut self) -> Incoming {
        match self {
            Self::Down => pending().await,
            Self::Dialing(dialing) => Incoming::Dialed(dialing.await),
            Self::Up(socket) => Incoming::Message(socket.next().await),
        }
    }
}

impl<S: Sink> Driver<S> {
    pub(super) fn new(
        config: ConnectionConfig,
        approvals: ApprovalClient,
        budget_file: Option<BudgetFile>,
        status: watch::Sender<Status>,
        sink: S,
    ) -> Self {
        let seed = config.seed.unwrap_or_else(|| RandomState::new().build_hasher().finish());
        let session = Session::new(config.session.clone(), seed, now());
        let mut it = Self {
            config,
            approvals,
            budget_file,
            store_at: None,
            status,
            counters: Counters::default(),
            last_error: None,
            session,
            sink,
            fed: false,
            fetching: None,
            link: Link::Down,
        };
        it.store_budgets();
        it
    }

    pub(super) async fn run(
        mut self,
        mut commands: mpsc::UnboundedReceiver<Command>,
        shutdown: impl Future<Output = ()>,
    ) -> S {
        let mut shutdown = pin!(shutdown.fuse());
        self.session.handle_timeout(now());
        loop {
            self.settle().await;
            if self.session.state() == SessionState::Closed {
                break;
            }
            let wake = [self.session.poll_timeout(now()), self.store_at];
            let wake = wake.into_iter().flatten().min();
            tokio::select! {
                biased;
                () = &mut shutdown => self.session.shutdown(now()),
                Some(command) = commands.recv() => {
                    self.apply(command);
                    while let Ok(command) = commands.try_recv() {
                        self.apply(command);
                    }
                }
                fetched = poll(&mut self.fetching) => self.fetched(fetched),
                incoming = self.link.next() => self.take(incoming),
                () = sleep_until(wake) => {}
            }
            let now = now();
            // Not left to the timer alone, which a flood of messages would keep from its turn.
            if self.session.poll_timeout(now).is_some_and(|it| it <= now) {
                self.session.handle_timeout(now);
            }
        }
        self.store_budgets();
        self.publish();
        self.sink
    }

    fn apply(&mut self, command: Command) {
        match command {
            Command::Subscribe(topic) => self.session.subscribe(topic, now()),
            Command::Unsubscribe(topic) => self.session.unsubscribe(&topic, now()),
            Command::Shutdown => self.session.shutdown(now()),
        }
    }

    fn fetched(&mut self, fetched: Result<ApprovalKey, ApprovalError>) {
        match fetched {
            Ok(key) => self.session.handle_approval(key, now()),
            Err(error) => {
                let refused = error.is_refusal();
                self.failed("no approval key", &error);
                self.session.handle_approval_failed(refused, now());
            }
        }
    }

    fn take(&mut self, incoming: Incoming) {
        match incoming {
            Incoming::Dialed(Ok(socket)) => {
                self.link = Link::Up(socket);
                self.session.handle_opened(now());
            }
            Incoming::Dialed(Err(error)) => {
                self.failed("no websocket", &error);
                self.link = Link::Down;
                self.session.handle_closed(now());
            }
            Incoming::Message(message) => self.receive_batch(message),
        }
    }

    /// Takes this message and those that are ready behind it.
    fn receive_batch(&mut self, first: Option<Result<Message, tungstenite::Error>>) {
        let now = now();
        let mut next = Some(first);
        let mut left = self.config.batch_max.max(1);
        while let Some(message) = next {
            match message {
                Some(Ok(Message::Close(_))) | None => return self.ended(),
                Some(Ok(message)) => self.receive(&message, now),
                Some(Err(error)) => {
                    self.failed("websocket ended", &error);
                    return self.ended();
                }
            }
            left -= 1;
            next = match &mut self.link {
                // Another message is only taken from the socket if it will be looked at.
                Link::Up(socket) if left > 0 => socket.next().now_or_never(),
                _ => None,
            };
        }
    }

    fn receive(&mut self, message: &Message, now: Instant) {
        let bytes = match message {
            Message::Binary(bytes) => bytes.as_ref(),
            Message::Text(text) => text.as_bytes(),
            Message::Ping(_) | Message::Pong(_) | Message::Close(_) | Message::Frame(_) => {
                return self.session.handle_alive(now);
            }
        };
        self.counters.bytes += bytes.len() as u64;
        let text = text::lenient(bytes);
        if matches!(text, std::borrow::Cow::Owned(_)) {
            self.counters.lenient += 1;
        }
        match self.session.handle_text(&text, now) {
            Ok(Received::Data(_)) => {
                self.counters.frames += 1;
                self.sink.frame(&text);
                self.fed = true;
            }
            Ok(Received::Notice(plain)) => {
                self.counters.frames += 1;
                self.counters.notices += 1;
                self.sink.frame(&plain);
                self.fed = true;
            }
            Ok(Received::Control) => self.pass_events(),
            Err(error) => {
                self.counters.unreadable += 1;
                // The text may hold what must not be logged; the error's own words do not.
                debug!(%error, bytes = bytes.len(), "message dropped");
                self.pass_events();
            }
        }
    }

    fn ended(&mut self) {
        self.link = Link::Down;
        self.session.handle_closed(now());
    }

    /// Does all the session asks for, until it asks for nothing more.
    async fn settle(&mut self) {
        loop {
            self.pass_events();
            if let Some(action) = self.session.poll_action() {
                self.act(action).await;
            } else if let Some(text) = self.session.poll_transmit(now()) {
                self.send(text).await;
            } else {
                break;
            }
        }
        self.pass_events();
        if self.fed {
            self.sink.flush();
            self.fed = false;
        }
        if self.store_at.is_some_and(|it| it <= now()) {
            self.store_budgets();
        }
        self.publish();
    }

    async fn act(&mut self, action: Action) {
        match action {
            Action::FetchApproval => {
                self.store_budgets();
                let approvals = self.approvals.clone();
                self.fetching = Some(Box::pin(async move { approvals.fetch().await }));
            }
            Action::Connect => {
                self.store_budgets();
                self.counters.connects += 1;
                let url = self.config.endpoints.websocket.clone();
                let dialing = dial(url, self.config.connect_timeout, self.config.message_max);
                self.link = Link::Dialing(Box::pin(dialing));
            }
            Action::Disconnect => self.link = Link::Down,
            Action::Close => {
                if let Link::Up(socket) = &mut self.link {
                    // KIS answers no close frame, so there is none to wait for.
                    let _ = tokio::time::timeout(CLOSE_MAX, socket.as_mut().close(None)).await;
                }
                self.link = Link::Down;
            }
        }
    }

    async fn send(&mut self, text: String) {
        let Link::Up(socket) = &mut self.link else { return };
        let echo = text.contains("\"PINGPONG\"");
        let sending = socket.send(Message::text(text));
        match tokio::time::timeout(self.config.write_timeout, sending).await {
            Ok(Ok(())) if echo => self.counters.pings += 1,
            Ok(Ok(())) => self.store_at = self.store_at.or(Some(now() + STORE_INTERVAL)),
            Ok(Err(error)) => {
                self.failed("websocket ended", &error);
                self.ended();
            }
            Err(error) => {
                self.failed("websocket takes nothing", &error);
                self.ended();
            }
        }
    }

    fn pass_events(&mut self) {
        while let Some(event) = self.session.poll_event() {
            self.counters.losses += u64::from(matches!(event, Event::Lost { .. }));
            self.sink.event(event);
            self.fed = true;
        }
    }

    fn failed(&mut self, what: &'static str, error: &dyn std::error::Error) {
        let error = explain(error);
        warn!(error, what, "connection failed");
        self.last_error = Some(format!("{what}: {error}"));
    }

    /// Records what was spent, and learns what others spent of the same app key.
    fn store_budgets(&mut self) {
        self.store_at = None;
        let Some(file) = &mut self.budget_file else { return };
        let (now, wall) = (now(), SystemTime::now());
        let spent = self.session.take_spent(now, wall);
        match file.exchange(spent, &self.config.session.budgets, wall) {
            Ok(others) => self.session.import_budgets(&others, now, wall),
            Err(error) => {
                warn!(%error, "budget file not written, trying again");
                self.store_at = Some(now + STORE_INTERVAL);
            }
        }
    }

    fn publish(&self) {
        let session = self.session.status(now());
        self.status.send_if_modified(|status| {
            let changed = status.counters != self.counters
                || status.session != session
                || status.last_error != self.last_error;
            if changed {
                status.counters = self.counters;
                status.session = session;
                status.last_error.clone_from(&self.last_error);
            }
            changed
        });
    }
}

/// The result of what is pending, which is then no more; never, when nothing is.
async fn poll<T>(slot: &mut Option<Pending<T>>) -> T {
    let Some(future) = slot else { return pending().await };
    let result = future.await;
    *slot = None;
    result
}
