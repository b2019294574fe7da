//! What an order has to pass before it is sent.

use std::collections::BTreeSet;

use axum::http::StatusCode;
use kis_protocol::Decimal;
use serde_json::{Value, json};

use super::{
    amount::{Amount, AmountLimitError, AmountLimits, worth},
    book::Spent,
    request::{Market, Order},
};
use crate::{config, problem::Problem};

/// The limits of orders.
#[derive(Debug)]
pub(super) struct Gate {
    markets: BTreeSet<String>,
    symbols: BTreeSet<String>,
    quantity_max: u32,
    amount_max: AmountLimits,
    day_orders_max: u32,
    day_amount_max: AmountLimits,
    deviation_max_percent: Option<u32>,
}

impl Gate {
    pub(super) fn new(config: &config::Orders) -> Result<Self, AmountLimitError> {
        Ok(Self {
            markets: config.markets.iter().cloned().collect(),
            symbols: config.symbols.iter().cloned().collect(),
            quantity_max: config.order_quantity_max,
            amount_max: AmountLimits::read(&config.order_amount_max)?,
            day_orders_max: config.day_orders_max,
            day_amount_max: AmountLimits::read(&config.day_amount_max)?,
            deviation_max_percent: config.price_deviation_max_percent,
        })
    }

    /// The currencies in which there are orders.
    pub(super) fn currencies(&self) -> impl Iterator<Item = &str> {
        self.day_amount_max.currencies()
    }

    /// What is set, for people to see.
    pub(super) fn limits(&self) -> Value {
        json!({
            "markets": self.markets,
            "symbols": self.symbols,
            "order_quantity_max": self.quantity_max,
            "order_amount_max": self.amount_max,
            "day_orders_max": self.day_orders_max,
            "day_amount_max": self.day_amount_max,
            "price_deviation_max_percent": self.deviation_max_percent,
        })
    }

    /// Whether this may be ordered at all.
    pub(super) fn admit(&self, order: &Order, last: Option<Decimal>) -> Result<(), Problem> {
        let market = order.market.to_string();
        if !self.markets.contains(&market) {
            return Err(refused(
                "market_not_allowed",
                format!("no orders in the market `{market}`; ORDERS__MARKETS allows them"),
            ));
        }
        if !self.symbols.is_empty() && !self.symbols.contains(&order.symbol) {
            return Err(refused(
                "symbol_not_allowed",
                format!("no orders for {}; ORDERS__SYMBOLS allows them", order.symbol),
            ));
        }
        let (quantity, max) = (order.quantity.get(), self.quantity_max);
        if quantity > max {
            return Err(refused(
                "quantity_limit",
                format!(
                    "{quantity} is more than an order may have, {max} (ORDERS__ORDER_QUANTITY_MAX)"
                ),
            ));
        }
        if let (Some(max), Some(price), Some(last)) =
            (self.deviation_max_percent, order.price, last)
            && deviates(price.0, last, max)
        {
            let price = price.0;
            return Err(refused(
                "price_limit",
                format!(
                    "the price {price} is more than {max}% off the last one, {last} (ORDERS__PRICE_DEVIATION_MAX_PERCENT)"
                ),
            ));
        }
        Ok(())
    }

    /// Whether the limits of the day let it pass, and what it takes of them. `before` is what
    /// the order was worth that it amends.
    pub(super) fn spend(
        &self,
        order: &Order,
        last: Option<Decimal>,
        before: Option<Amount>,
        spent: Spent,
    ) -> Result<Option<Amount>, Problem> {
        let max = self.day_orders_max;
        if spent.orders >= usize::try_from(max).unwrap_or(usize::MAX) {
            return Err(refused(
                "day_orders_limit",
                format!(
                    "there have been {max} orders today, as many as there may be (ORDERS__DAY_ORDERS_MAX)"
                ),
            ));
        }
        let currency = order.currency();
        let limit = |limits: &AmountLimits, name: &str| {
            limits.of(currency).ok_or_else(|| {
                refused("currency_not_allowed", format!("no orders in {currency}, which {name} does not name; add {currency}:any or a limit"))
            })
        };
        let each = limit(&self.amount_max, "ORDERS__ORDER_AMOUNT_MAX")?;
        let day = limit(&self.day_amount_max, "ORDERS__DAY_AMOUNT_MAX")?;
        let price = order.price.map(|it| it.0).or(last);
        let amount = price.and_then(|it| worth(order, it));
        let Some(amount) = amount else {
            if each.is_none() && day.is_none() {
                return Ok(None);
            }
            return Err(refused(
                "amount_unknown",
                match order.market {
                    Market::Derivatives => format!(
                        "what {} is worth is not known, so that it cannot be held against the limits in {currency}; set them to {currency}:any to order it",
                        order.symbol
                    ),
                    _ => format!(
                        "an order without a price is held against the limits at the last price, and the server knows none of {}: give a price, or subscribe to its trades first",
                        order.symbol
                    ),
                },
            ));
        };
        if let Some(max) = each.filter(|max| amount > *max) {
            return Err(refused(
                "amount_limit",
                format!(
                    "{amount} {currency} is more than an order may be worth, {max} (ORDERS__ORDER_AMOUNT_MAX)"
                ),
            ));
        }
        let more = before.map_or(amount, |it| amount.beyond(it));
        if let Some(max) = day.filter(|max| spent.amount + more > *max) {
            let spent = spent.amount;
            return Err(refused(
                "day_amount_limit",
                format!(
                    "{more} {currency} after {spent} today is more than the orders of a day may be worth, {max} (ORDERS__DAY_AMOUNT_MAX)"
                ),
            ));
        }
        Ok(Some(more))
    }
}

/// Whether a price is more than so many percent off another.
fn deviates(price: Decimal, last: Decimal, percent: u32) -> bool {
    let (price, last) = (price.to_f64(), last.to_f64());
    (price - last).abs() * 100.0 > last.abs() * f64::from(percent)
}

/// The gate says no; nothing is remembered of the order, which may come again.
pub(super) fn refused(code: &'static str, detail: String) -> Problem {
    Problem::new(StatusCode::FORBIDDEN, detail).code(code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(settings: &[(&str, &str)], change: &str, last: Option<&str>, expected: Option<&str>) {
        let pairs = settings.iter().map(|it| (format!("ORDERS__{}", it.0), it.1.to_owned()));
        let config = config::Config::load(None, pairs).unwrap().orders;
        let gate = Gate::new(&config).unwrap();
        let mut order = serde_json::json!({
            "market": "stock", "symbol": "005930", "side": "buy", "quantity": 10,
            "type": "limit", "price": "70000",
        });
        let change: serde_json::Value = serde_json::from_str(change).unwrap();
        order.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        order.as_object_mut().unwrap().retain(|_, it| !it.is_null());
        let order: Order = serde_json::from_value(order).unwrap();
        let last = last.map(|it| it.parse().unwrap());
        let amount = serde_json::from_value("1000000".into()).unwrap();
        let spent = Spent { orders: 3, amount };
        let result = gate.admit(&order, last).and_then(|()| gate.spend(&order, last, None, spent));
        let code = result.err().map(|it| it.document(None)["type"].as_str().unwrap().to_owned());
        assert_eq!(code.as_deref().and_then(|it| it.rsplit(':').next()), expected, "{order:?}");
    }

    #[test]
    fn limits() {
        check(&[], "{}", None, None);
        check(&[("MARKETS", "overseas")], "{}", None, Some("market_not_allowed"));
        check(&[("SYMBOLS", "000660, 035720")], "{}", None, Some("symbol_not_allowed"));
        check(&[("SYMBOLS", "000660,005930")], "{}", None, None);
        check(&[("ORDER_QUANTITY_MAX", "9")], "{}", None, Some("quantity_limit"));
        check(&[("ORDER_QUANTITY_MAX", "10")], "{}", None, None);
        check(&[("ORDER_AMOUNT_MAX", "KRW:699999")], "{}", None, Some("amount_limit"));
        check(&[("ORDER_AMOUNT_MAX", "KRW:700000")], "{}", None, None);
        check(&[("ORDER_AMOUNT_MAX", "USD:any")], "{}", None, Some("currency_not_allowed"));
        check(&[("DAY_ORDERS_MAX", "3")], "{}", None, Some("day_orders_limit"));
        check(&[("DAY_ORDERS_MAX", "4")], "{}", None, None);
        check(&[("DAY_AMOUNT_MAX", "KRW:1699999")], "{}", None, Some("day_amount_limit"));
        check(&[("DAY_AMOUNT_MAX", "KRW:1700000")], "{}", None, None);
    }

    #[test]
    fn prices() {
        let market = r#"{"type":"market","price":null}"#;
        check(&[], market, None, Some("amount_unknown"));
        check(&[], market, Some("70000"), None);
        check(&[], market, Some("1000001"), Some("amount_limit"));
        check(
            &[("ORDER_AMOUNT_MAX", "KRW:any"), ("DAY_AMOUNT_MAX", "KRW:any")],
            market,
            None,
            None,
        );
        let near = [("PRICE_DEVIATION_MAX_PERCENT", "5")];
        check(&near, "{}", None, None);
        check(&near, "{}", Some("66700"), None);
        check(&near, "{}", Some("66000"), Some("price_limit"));
        check(&near, "{}", Some("74000"), Some("price_limit"));
        let future = r#"{"market":"derivatives","symbol":"111W08","quantity":1}"#;
        check(&[], future, None, Some("amount_unknown"));
        let future = r#"{"market":"derivatives","symbol":"101W09","quantity":1,"price":"340.5"}"#;
        check(&[], future, None, Some("amount_limit"));
    }
}
