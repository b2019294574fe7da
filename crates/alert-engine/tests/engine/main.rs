//! Rules on recorded frames, across gaps, repetitions and restarts; rules
//! against a naive model; and what is said about rules that are none.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs, reason = "a test may panic")]

mod feed;
mod model;
mod policy;
mod replay;
mod rules;
mod upstream;
