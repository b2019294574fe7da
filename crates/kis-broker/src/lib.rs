//! Connects to Korea Investment & Securities (KIS): access tokens, approval keys, REST calls and
//! the real-time session.
//!
//! [`Session`] is the session's logic as a state machine without socket, clock or task;
//! [`Connection`] drives one over a websocket and hands what arrives to a [`Sink`]; a [`Handle`]
//! says what is wanted. A [`Pool`] does the same with several app keys. Every URL, limit and
//! delay is configuration with KIS's own value as default.
//!
//! ```no_run
//! use kis_broker::{Connection, ConnectionConfig, Credentials, Endpoints, Environment, Event, Sink};
//! use kis_protocol::Topic;
//!
//! struct Printer;
//!
//! impl Sink for Printer {
//!     fn frame(&mut self, text: &str) {
//!         println!("{text}");
//!     }
//!     fn event(&mut self, event: Event) {
//!         println!("{event:?}");
//!     }
//!     fn flush(&mut self) {}
//! }
//!
//! # async fn run() -> Result<(), Box<dyn std::error::Error>> {
//! let endpoints = Endpoints::of(Environment::Paper, None, None)?;
//! let credentials = Credentials::new("app key", "app secret");
//! let connection = Connection::new(ConnectionConfig::new(endpoints), credentials)?;
//! connection.handle().subscribe(Topic::new("H0STCNT0", "005930"));
//! connection.run(Printer, std::future::pending()).await;
//! # Ok(())
//! # }
//! ```

mod approval;
mod auth;
mod backoff;
mod budget;
mod clock;
mod config;
mod connection;
mod credentials;
mod environment;
mod holidays;
mod pool;
mod rest;
mod session;

pub use approval::{ApprovalClient, ApprovalError};
pub use auth::{AuthError, Http, HttpError, TokenConfig, TokenStatus, Tokens};
pub use backoff::Delays;
pub use budget::{Allowance, BudgetKind, BudgetState, Budgets};
pub use config::SessionConfig;
pub use connection::{
    Connection, ConnectionConfig, ConnectionError, Counters, Handle, Sink, Status,
};
pub use credentials::{AccessToken, AppKey, AppSecret, ApprovalKey, Credentials};
pub use environment::{Endpoints, EndpointsError, Environment};
pub use holidays::{HolidayRefreshError, HolidayStore};
pub use pool::{
    KeyId, KeyLoad, KeySpec, KeyStatus, Placement, PlacementConfig, Pool, PoolConfig, PoolError,
    PoolHandle, PoolKey, PoolStatus, Wish,
};
pub use rest::{
    Answer, CallOptions, Outcome, Priority, RateLimit, RateStatus, Rest, RestConfig, RestError,
    RestStatus, Tally,
};
pub use session::{
    Action, Event, Loss, Received, Refusal, Session, SessionError, SessionState, SessionStatus,
};
