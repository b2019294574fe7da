//! Relays one session with Korea Investment & Securities (KIS) to any number
//! of clients.
//!
//! This crate wires the others together and adds what faces clients: HTTP,
//! websocket, configuration. Data flows one way: session, [`router`], hub,
//! connection.

pub mod alerts;
mod bot;
pub mod check;
pub mod config;
pub mod counters;
pub mod demo;
mod docs;
pub mod guard;
pub mod keys;
pub mod log;
pub mod market;
pub mod metrics;
pub mod notify;
mod openapi;
pub mod orders;
mod private;
pub mod problem;
mod rate;
pub mod relay;
mod reload;
pub mod rest;
pub mod router;
mod schema;
pub mod server;
mod sse;
pub mod tls;
pub mod watch;
pub mod wire;
pub mod ws;
