//! Alert rules over the normalized KIS feed.
mod band;
pub mod condition;
pub mod delivery;
mod edge;
mod engine;
mod notification;
mod number;
mod quiet;
pub mod render;
mod rule;
mod store;

pub use crate::{
    condition::Condition,
    edge::{Crossing, Direction, Edge},
    engine::{Changes, Ended, Engine, Position, Report, RuleState},
    notification::{Fact, Notification, Severity, Side, Since},
    number::Number,
    quiet::{Held, QuietHours},
    rule::{Rule, RuleError},
    store::{Batch, Limits, Loaded, Settled, Store, StoreError},
};
