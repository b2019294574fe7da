//! Korean stocks.

mod account;
mod order;
mod quote;

pub use self::{account::*, order::*, quote::*};

#[cfg(test)]
pub(super) const REQUESTS: [&[&str]; 3] = [account::REQUESTS, order::REQUESTS, quote::REQUESTS];
