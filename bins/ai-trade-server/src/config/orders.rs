//! Orders: whether, how, and how much at most.

use std::{path::PathBuf, time::Duration};

use serde::Deserialize;

use super::{Secret, server::list};

/// What `real` must say, word for word.
pub const REAL_ORDERS: &str = "yes-with-real-money";

/// What `allow_open` must say, word for word.
pub const OPEN_ORDERS: &str = "yes-anyone-on-this-machine-may-order";

/// Orders: whether, how, and how much at most.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Orders {
    /// Whether there are orders at all.
    pub enabled: bool,
    /// [`REAL_ORDERS`] lets orders through to anything but paper trading.
    pub real: String,
    /// [`OPEN_ORDERS`] takes orders without a key, on loopback only.
    pub allow_open: String,
    /// Where the journal, the audit log and the kill switch are.
    pub folder: PathBuf,
    /// The account for futures and options, when it is not the other one with `03`.
    pub derivatives_account: Secret,
    /// Whether only cancels are sent.
    pub kill: bool,
    /// Whether nothing is sent at all.
    pub dry_run: bool,
    /// The markets in which orders may be placed: `stock`, `derivatives`, `overseas`.
    #[serde(deserialize_with = "list")]
    pub markets: Vec<String>,
    /// The symbols for which orders may be placed; none for all.
    #[serde(deserialize_with = "list")]
    pub symbols: Vec<String>,
    /// How many shares or contracts an order may have.
    pub order_quantity_max: u32,
    /// How much an order may be worth, by currency: `KRW:10000000`. In a currency that
    /// is not named there are no orders; `KRW:any` sets no limit.
    #[serde(deserialize_with = "list")]
    pub order_amount_max: Vec<String>,
    /// How many orders may be placed or amended on a day in Korea.
    pub day_orders_max: u32,
    /// How much the orders of a day may be worth, by currency.
    #[serde(deserialize_with = "list")]
    pub day_amount_max: Vec<String>,
    /// By how many percent a price may be off the last one, where that is known.
    pub price_deviation_max_percent: Option<u32>,
    /// For how many days an `Idempotency-Key` is remembered.
    pub keep_days: u32,
    /// How long an order may wait for its turn within KIS' limits, in milliseconds.
    pub patience_ms: u64,
    /// How long after an order without an answer it is looked up for the first time,
    /// in milliseconds; each later time takes twice as long.
    pub lookup_interval_ms: u64,
}

impl Orders {
    /// See `patience_ms`.
    pub fn patience(&self) -> Duration {
        Duration::from_millis(self.patience_ms)
    }

    /// See `lookup_interval_ms`.
    pub fn lookup_interval(&self) -> Duration {
        Duration::from_millis(self.lookup_interval_ms)
    }
}

impl Default for Orders {
    fn default() -> Self {
        let texts = |it: &[&str]| it.iter().map(|it| (*it).to_owned()).collect();
        Self {
            enabled: false,
            real: String::new(),
            allow_open: String::new(),
            folder: PathBuf::from("var/orders"),
            derivatives_account: Secret::default(),
            kill: false,
            dry_run: false,
            markets: texts(&["stock", "derivatives", "overseas"]),
            symbols: Vec::new(),
            order_quantity_max: 1_000,
            order_amount_max: texts(&["KRW:10000000", "USD:10000"]),
            day_orders_max: 200,
            day_amount_max: texts(&["KRW:50000000", "USD:50000"]),
            price_deviation_max_percent: None,
            keep_days: 7,
            patience_ms: 5_000,
            lookup_interval_ms: 2_000,
        }
    }
}
