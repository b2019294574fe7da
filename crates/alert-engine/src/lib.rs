//! Alert rules over the normalized KIS feed: what a rule is, when it fires, what
//! it then says, and the queue that delivers it.
//!
//! ```
//! use alert_engine::{Engine, Position, Rule, render::Renderer};
//! use kis_protocol::{Frame, Splits, TrId, normalized::Normalized, time::Timestamp};
//!
//! let mut engine = Engine::new();
//! let now = Timestamp::from_unix(1_789_344_000, 0);
//! let rule = r#"{"id": "nav", "symbol": "069500", "streams": ["H0STNAV0"],
//!                "when": {"price": {"level": "37,240", "crosses": "up"}}}"#;
//! engine.insert(Rule::from_json(rule)?, None, now)?;
//!
//! for (seq, nav) in [(1, "37235.46"), (2, "37241.08"), (3, "37242.00")] {
//!     let text = format!("0|H0STNAV0|001|069500^{nav}^5^-381.26^-1.01^37646.25^37646.25^37202.10");
//!     let frame = Frame::parse(&text)?;
//!     let mut splits = Splits::default();
//!     for record in frame.records(&mut splits)? {
//!         let normalized = Normalized::read(record, TrId::H0STNAV0, now)?;
//!         let position = Position { epoch: 1, seq };
//!         engine.handle_record(&normalized, record.key(), Some(position), now);
//!     }
//! }
//! let changes = engine.take_changes();
//! let [told] = &*changes.notifications else { panic!("one crossing, told once") };
//! assert!(Renderer::default().notification(told).starts_with("▲ 069500 37,241.08"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! - [`Rule`] is data, with an error that says what is wrong and what is allowed.
//! - [`Engine`] evaluates rules on records, without I/O or clock.
//! - [`Store`] keeps what the engine has to say together with what its rules have
//!   seen, in one transaction, and has a queue for each recipient.
//! - [`delivery`] decides when to send to whom; [`render`] makes text.
//!
//! Nothing here knows of a runtime, HTTP or Telegram.

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
    store::{Batch, Limits, Loaded, QueueStatus, Settled, Store, StoreError},
};
