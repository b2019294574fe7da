//! One record type per column layout, grouped by market.
//!
//! Names and labels are KIS' own (open-trading-api samples of 2025-07, portal
//! workbook of 2026-09-11), corrected where recorded frames differ.

pub mod bond;
pub mod elw;
pub mod etf;
pub mod index;
pub mod index_future;
pub mod index_option;
pub mod overseas_future;
pub mod overseas_stock;
pub mod stock;
pub mod stock_future;
pub mod stock_option;
