//! The wire protocol of the KIS real-time feed: which streams exist, which
//! columns each one carries, and how to read a frame without copying it.
//!
//! ```
//! use kis_protocol::{Frame, Splits, TrId, record::etf::EtfNav};
//!
//! let text = "0|H0STNAV0|001|069500^37235.46^5^-381.26^-1.01^37646.25^37646.25^37202.10";
//! let frame = Frame::parse(text)?;
//! let tr_id: TrId = frame.tr_id.parse()?;
//! let mut splits = Splits::default();
//! for record in frame.records(&mut splits)? {
//!     assert_eq!(EtfNav(record).nav()?, Some("37235.46".parse()?));
//!     let fields = record.fields(Some(tr_id)); // column name -> text as sent
//!     assert!(serde_json::to_string(&fields)?.starts_with(r#"{"mksc_shrn_iscd":"069500","#));
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Tables first: [`TrId`] lists the streams with their properties and the
//! widths each one has had, and [`record`] lists the columns of every layout.
//! Everything else is derived from those two.
//!
//! This crate does no I/O, reads no clock and depends on no async runtime.

#[macro_use]
mod macros;

pub mod calendar;
pub mod catalogue;
pub mod code;
pub mod control;
mod decimal;
mod digits;
mod field;
mod fields;
mod frame;
mod history;
mod json;
mod layout;
pub mod normalized;
pub mod notice;
mod owned;
pub mod record;
pub mod rest;
pub mod rows;
pub mod schema;
mod split;
pub mod text;
pub mod time;
mod topic;
mod tr_id;
pub mod tr_key;

pub use crate::{
    decimal::{Decimal, DecimalError},
    field::{FieldError, FromField, Private},
    fields::Fields,
    frame::{Frame, FrameError, Record, Records},
    history::LayoutError,
    layout::{Column, Evidence, Kind, Layout, Width},
    owned::OwnedRecord,
    split::Splits,
    topic::{Topic, TopicError},
    tr_id::{Environments, KeyKind, Market, StreamKind, TrId, UnknownTrId, Venue},
};
