//! A local Korea Investment & Securities (KIS), faithful enough that programs written
//! for it cannot tell the difference: to develop, demonstrate and test against.
//!
//! It speaks KIS' REST and websocket dialect on two addresses, replays recorded frames to
//! whoever registers for them, and misbehaves on command. Where KIS' behaviour is known
//! from recordings or its own documentation, this is it; the figures are in [`SimConfig`].
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), kis_sim::SimError> {
//! use kis_sim::{Sim, SimConfig};
//!
//! let sim = Sim::start(SimConfig::default()).await?;
//! println!("REST {}, websocket {}", sim.rest_url(), sim.ws_url());
//! sim.shutdown().await;
//! # Ok(())
//! # }
//! ```

mod admin;
mod auth;
mod clock;
mod config;
mod control;
mod error;
mod fault;
mod fixtures;
mod frame;
mod rest;
mod script;
mod sim;
mod state;
mod ws;

pub use crate::{
    config::{Credential, Pace, SimConfig, UnknownPace},
    control::{Control, Hold},
    error::SimError,
    fault::{CallFault, CallRefusal, Instead, Oddity, Refusal},
    script::Script,
    sim::Sim,
    state::{Counters, SessionState, SimState, TopicCounters},
};
