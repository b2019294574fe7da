//! The REST calls that programs use most, with typed parameters and typed answers.

mod account;

use serde::de::DeserializeOwned;

pub use self::account::{Account, AccountError};
use crate::catalogue::{self, CallError, Environment, Prepared};

/// One REST call with typed parameters and a typed answer.
pub trait Request {
    /// Which call of the [catalogue](crate::catalogue) it is.
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
