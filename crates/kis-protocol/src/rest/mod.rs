//! The REST calls that programs use most, with typed parameters and typed answers.
//!
//! ```
//! use kis_protocol::{
//!     catalogue::Environment,
//!     code::StockMarket,
//!     rest::{Request, stock::StockPrice},
//! };
//!
//! let question = StockPrice { market: StockMarket::Krx, symbol: "005930" };
//! let call = question.prepare(Environment::Real)?;
//! assert_eq!(call.tr_id, Some("FHKST01010100"));
//!
//! # type StockPriceAnswer = <StockPrice<'static> as Request>::Response;
//! let body = r#"{"output":{"stck_prpr":"77600","prdy_vrss_sign":"?","acml_vol":""},"rt_cd":"0"}"#;
//! let answer: StockPriceAnswer = serde_json::from_str(body)?;
//! assert_eq!(answer.output.stck_prpr, Some("77600".parse()?));
//! assert_eq!(answer.output.acml_vol, None);
//! assert_eq!(answer.output.unread[0].column, "prdy_vrss_sign");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! *Requests* are ours: plain words, with KIS' parameter in the documentation of each field.
//! They hold what a caller decides; what everybody sends the same is sent for them.
//!
//! *Answers* are KIS': its members, its columns, its labels, so that code and KIS' documents
//! can be searched alike; in lower case, whatever the casing in which a call sends them. The
//! [catalogue] has the same columns, which a test makes sure of. Pieces of
//! Korean instruments are integers, every other number is an exact [`Decimal`](crate::Decimal).
//!
//! Every column can be `None`: KIS did not send it, or sent nothing in it, or something that
//! is not of its type. In the last case the row's `unread` has the column and its text, so
//! that an odd value costs one field, is not mistaken for none, and is not lost. A code that
//! has no name here is such a value too.

mod account;
pub mod future_option;
mod macros;
mod order;
pub mod overseas_stock;
mod parameter;
mod row;
pub mod stock;
#[cfg(test)]
mod tests;
mod value;

use serde::de::DeserializeOwned;

pub use self::{
    account::{Account, AccountError},
    order::{FutureOptionPricing, OverseasPricing, Price, PriceError, Remaining, StockPricing},
    row::Unread,
    value::PrivateText,
};
use crate::catalogue::{self, CallError, Environment, Prepared};

/// One REST call with typed parameters and a typed answer.
pub trait Request {
    /// Which call of the [catalogue] it is.
    const ID: &'static str;

    /// What KIS answers, read from the whole JSON body. Whether the answer is a refusal
    /// (`rt_cd`) is for the caller to see first; a refusal reads as an answer without rows.
    type Response: DeserializeOwned;

    /// What it is given, by KIS' names.
    fn parameters(&self) -> Vec<(&'static str, String)>;

    /// Checks the parameters and chooses the `tr_id`, as
    /// [`Tr::prepare`](crate::catalogue::Tr::prepare) does.
    ///
    /// # Errors
    /// See [`CallError`].
    fn prepare(&self, environment: Environment) -> Result<Prepared, CallError> {
        let tr = catalogue::find(Self::ID).ok_or(CallError::NoSuchCall { id: Self::ID })?;
        tr.prepare(environment, self.parameters())
    }
}

/// A call that places, changes or withdraws an order: it moves money, and it must never be
/// repeated on doubt.
pub trait OrderRequest: Request {}
