//! The hub as its owner sees it.

mod backpressure;
mod delivery;
mod interest;
mod model;
mod receiving;
mod text;
