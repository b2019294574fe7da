//! The hub as its owner sees it.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking, also in its helper functions")]

mod backpressure;
mod delivery;
mod interest;
mod model;
mod receiving;
mod text;
