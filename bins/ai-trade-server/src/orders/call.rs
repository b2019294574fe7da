//! The calls of KIS that orders come to.

use std::num::NonZeroU32;

use kis_protocol::{
    FromField,
    catalogue::{Environment, Prepared},
    code::{DerivativeSession, OverseasOrderExchange, StockExchange},
    rest::{
        Account, OrderRequest, Price, Remaining, future_option as fo, overseas_stock as overseas,
        stock,
    },
};

use super::request::{Kind, Market, Order, Session, invalid};
use crate::problem::Problem;

/// Whose orders they are.
#[derive(Debug, Clone, Copy)]
pub(super) struct Accounts {
    pub(super) stock: Account,
    pub(super) derivatives: Account,
}

impl Accounts {
    /// The account of an order.
    pub(super) fn of(&self, order: &Order) -> Account {
        match order.market {
            Market::Derivatives => self.derivatives,
            Market::Stock | Market::Overseas => self.stock,
        }
    }
}

/// How KIS names an order that it has taken.
#[derive(Debug, Clone, Copy)]
pub(super) struct Name<'a> {
    pub(super) number: &'a str,
    pub(super) office: &'a str,
}

impl Order {
    /// The call that places it.
    pub(super) fn place(
        &self,
        accounts: Accounts,
        environment: Environment,
    ) -> Result<Prepared, Problem> {
        let Self { symbol, quantity, .. } = self;
        let (symbol, quantity, side) = (symbol.as_str(), *quantity, self.side.code());
        match self.market {
            Market::Stock => {
                let (exchange, pricing) = (self.stock_exchange()?, self.stock_pricing()?);
                let account = accounts.stock;
                prepare(
                    &stock::StockOrder { account, side, symbol, quantity, pricing, exchange },
                    environment,
                )
            }
            Market::Derivatives => {
                let (session, pricing) = (self.derivatives_session()?, self.derivatives_pricing()?);
                let account = accounts.derivatives;
                prepare(
                    &fo::FutureOptionOrder { account, session, side, symbol, quantity, pricing },
                    environment,
                )
            }
            Market::Overseas => {
                let (exchange, account) = (self.overseas_exchange()?, accounts.stock);
                let pricing = self.overseas_pricing()?;
                if !self.is_daytime()? {
                    let order = overseas::OverseasOrder {
                        account,
                        side,
                        exchange,
                        symbol,
                        quantity,
                        pricing,
                    };
                    return prepare(&order, environment);
                }
                let price = self.daytime_price(exchange)?;
                let order =
                    overseas::OverseasDayOrder { account, side, exchange, symbol, quantity, price };
                prepare(&order, environment)
            }
        }
    }

    /// The call that makes this order of the one that KIS calls `name`; all of it, or `part`.
    pub(super) fn amend(
        &self,
        name: Name<'_>,
        part: Option<NonZeroU32>,
        accounts: Accounts,
        environment: Environment,
    ) -> Result<Prepared, Problem> {
        let Self { symbol, quantity, .. } = self;
        let (symbol, Name { number, office }) = (symbol.as_str(), name);
        let remaining = part.map_or(Remaining::All, Remaining::Part);
        match self.market {
            Market::Stock => {
                let (exchange, pricing) = (self.stock_exchange()?, self.stock_pricing()?);
                let order = stock::AmendStockOrder {
                    account: accounts.stock,
                    office,
                    number,
                    quantity: remaining,
                    pricing,
                    exchange,
                };
                prepare(&order, environment)
            }
            Market::Derivatives => {
                let (session, pricing) = (self.derivatives_session()?, self.derivatives_pricing()?);
                let order = fo::AmendFutureOptionOrder {
                    account: accounts.derivatives,
                    session,
                    number,
                    quantity: remaining,
                    pricing,
                };
                prepare(&order, environment)
            }
            Market::Overseas => {
                let (exchange, account) = (self.overseas_exchange()?, accounts.stock);
                if self.kind != Kind::Limit {
                    return Err(invalid("overseas, orders are amended to the type `limit` only"));
                }
                let (price, quantity) = (self.price()?, *quantity);
                self.has_no_trigger()?;
                if self.is_daytime()? {
                    let order = overseas::AmendOverseasDayOrder {
                        account,
                        exchange,
                        symbol,
                        number,
                        quantity,
                        price,
                    };
                    return prepare(&order, environment);
                }
                let order = overseas::AmendOverseasOrder {
                    account,
                    exchange,
                    symbol,
                    number,
                    quantity,
                    price,
                };
                prepare(&order, environment)
            }
        }
    }

    /// The call that withdraws the order that KIS calls `name`; all of it, or `part`.
    pub(super) fn cancel(
        &self,
        name: Name<'_>,
        part: Option<NonZeroU32>,
        accounts: Accounts,
        environment: Environment,
    ) -> Result<Prepared, Problem> {
        let (symbol, Name { number, office }) = (self.symbol.as_str(), name);
        let remaining = part.map_or(Remaining::All, Remaining::Part);
        match self.market {
            Market::Stock => {
                let order = stock::CancelStockOrder {
                    account: accounts.stock,
                    office,
                    number,
                    quantity: remaining,
                    exchange: self.stock_exchange()?,
                };
                prepare(&order, environment)
            }
            Market::Derivatives => {
                let order = fo::CancelFutureOptionOrder {
                    account: accounts.derivatives,
                    session: self.derivatives_session()?,
                    number,
                    quantity: remaining,
                };
                prepare(&order, environment)
            }
            Market::Overseas => {
                let (exchange, account) = (self.overseas_exchange()?, accounts.stock);
                let quantity = self.quantity;
                if self.is_daytime()? {
                    let order = overseas::CancelOverseasDayOrder {
                        account,
                        exchange,
                        symbol,
                        number,
                        quantity,
                    };
                    return prepare(&order, environment);
                }
                let order =
                    overseas::CancelOverseasOrder { account, exchange, symbol, number, quantity };
                prepare(&order, environment)
            }
        }
    }

    fn stock_exchange(&self) -> Result<StockExchange<'static>, Problem> {
        if self.session.is_some() {
            return Err(invalid("orders for stocks have no `session`"));
        }
        match self.exchange.as_deref() {
            None | Some("KRX") => Ok(StockExchange::Krx),
            Some("NXT") => Ok(StockExchange::Nxt),
            Some("SOR") => Ok(StockExchange::SmartRouting),
            Some(_) => Err(invalid("the `exchange` of a stock is KRX, NXT or SOR")),
        }
    }

    fn derivatives_session(&self) -> Result<DerivativeSession, Problem> {
        if self.exchange.is_some() {
            return Err(invalid("orders for derivatives have no `exchange`"));
        }
        match self.session {
            None | Some(Session::Day) => Ok(DerivativeSession::Day),
            Some(Session::Night) => Ok(DerivativeSession::Night),
            Some(Session::Daytime) => Err(invalid("the `session` of derivatives is day or night")),
        }
    }

    fn overseas_exchange(&self) -> Result<OverseasOrderExchange<'_>, Problem> {
        let exchange = self.exchange.as_deref().and_then(OverseasOrderExchange::from_field);
        match exchange {
            Some(OverseasOrderExchange::Other(_)) | None => Err(invalid(
                "overseas, an order needs its `exchange`: NASD, NYSE, AMEX, SEHK, \
                             SHAA, SZAA, TKSE, HASE or VNSE",
            )),
            Some(exchange) => Ok(exchange),
        }
    }

    fn is_daytime(&self) -> Result<bool, Problem> {
        match self.session {
            None => Ok(false),
            Some(Session::Daytime) => Ok(true),
            Some(_) => Err(invalid("overseas, the `session` is daytime or left out")),
        }
    }

    fn daytime_price(&self, exchange: OverseasOrderExchange<'_>) -> Result<Price, Problem> {
        use OverseasOrderExchange::{Amex, Nasdaq, NewYork};
        match (self.kind, exchange) {
            (Kind::Limit, Nasdaq | NewYork | Amex) => self.price(),
            _ => Err(invalid(
                "in the daytime session there are limit orders in the United States \
                              only",
            )),
        }
    }
}

fn prepare(order: &impl OrderRequest, environment: Environment) -> Result<Prepared, Problem> {
    order.prepare(environment).map_err(|error| invalid(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::orders::request::Amend;

    const ENVIRONMENTS: [Environment; 2] = [Environment::Real, Environment::Paper];

    fn accounts() -> Accounts {
        let account = |text: &str| text.parse().unwrap();
        Accounts { stock: account("12345678-01"), derivatives: account("12345678-03") }
    }

    fn read(text: &str) -> Result<Order, serde_json::Error> {
        serde_json::from_str(text)
    }

    /// The `tr_id` in real trading, or what is wrong.
    #[track_caller]
    fn check(text: &str, expected: &str) {
        let placed = match read(text) {
            Err(error) => error.to_string(),
            Ok(order) => match order.place(accounts(), ENVIRONMENTS[0]) {
                Ok(call) => call.tr_id.unwrap().to_owned(),
                Err(problem) => problem.detail().to_owned(),
            },
        };
        assert!(placed.contains(expected), "{text}: {placed}");
    }

    #[test]
    fn every_market() {
        check(
            r#"{"market":"stock","symbol":"005930","side":"buy","quantity":1,"type":"limit","price":"71900"}"#,
            "TTTC0012U",
        );
        check(
            r#"{"market":"stock","symbol":"005930","side":"sell","quantity":1,"type":"market","exchange":"SOR"}"#,
            "TTTC0011U",
        );
        check(
            r#"{"market":"stock","symbol":"005930","side":"buy","quantity":1,"type":"other","code":"44"}"#,
            "TTTC0012U",
        );
        check(
            r#"{"market":"derivatives","symbol":"101W09","side":"buy","quantity":1,"type":"limit","price":"-1.5"}"#,
            "TTTO1101U",
        );
        check(
            r#"{"market":"derivatives","symbol":"101W09","side":"buy","quantity":1,"type":"limit","price":"340.5","session":"night"}"#,
            "STTN1101U",
        );
        check(
            r#"{"market":"overseas","exchange":"NASD","symbol":"AAPL","side":"buy","quantity":1,"type":"limit","price":"148.01"}"#,
            "TTTT1002U",
        );
        check(
            r#"{"market":"overseas","exchange":"NASD","symbol":"AAPL","side":"sell","quantity":1,"type":"limit","price":"148.01","session":"daytime"}"#,
            "TTTS6037U",
        );
    }

    #[test]
    fn what_cannot_be() {
        let check = |change: &str, expected| {
            let mut order = serde_json::json!({
                "market": "stock", "symbol": "005930", "side": "buy", "quantity": 1,
                "type": "limit", "price": "71900",
            });
            let serde_json::Value::Object(change) = serde_json::from_str(change).unwrap() else {
                panic!("not an object")
            };
            order.as_object_mut().unwrap().extend(change);
            order.as_object_mut().unwrap().retain(|_, it| !it.is_null());
            check(&order.to_string(), expected);
        };
        check(r#"{"price":71900}"#, "expected a decimal number as text");
        check(r#"{"price":"7e4"}"#, "expected a decimal number as text");
        check(r#"{"price":"0"}"#, "above zero");
        check(r#"{"price":null}"#, "needs a `price`");
        check(r#"{"quantity":0}"#, "expected a whole number from 1");
        check(r#"{"quantity":-1}"#, "expected a whole number from 1");
        check(r#"{"quantity":1.0}"#, "TTTC0012U");
        check(r#"{"quantity":4294967296}"#, "expected a whole number from 1");
        check(r#"{"quantity":1.5}"#, "expected a whole number from 1");
        check(r#"{"quantity":"1"}"#, "expected a whole number from 1");
        check(r#"{"side":"BUY"}"#, "unknown variant `BUY`");
        check(r#"{"limit_price":"1"}"#, "unknown field `limit_price`");
        check(r#"{"type":"market"}"#, "takes no `price`");
        check(r#"{"type":"stop_limit"}"#, "needs a `trigger`");
        check(r#"{"trigger":"1"}"#, "takes no `trigger`");
        check(r#"{"code":"00"}"#, "only the type `other`");
        check(r#"{"type":"other","code":"01","price":null}"#, "has a type of its own");
        check(r#"{"type":"other","code":"1"}"#, "two characters");
        check(r#"{"type":"market_on_open"}"#, "no type `market_on_open` in the market `stock`");
        check(r#"{"exchange":"NASD"}"#, "KRX, NXT or SOR");
        check(r#"{"session":"night"}"#, "no `session`");
        check(r#"{"market":"derivatives","exchange":"KRX"}"#, "no `exchange`");
        check(r#"{"market":"overseas"}"#, "needs its `exchange`");
        check(r#"{"market":"overseas","exchange":"SEHK","session":"daytime"}"#, "United States");
        let twice = r#"{"market":"stock","market":"stock","symbol":"005930"}"#;
        assert!(read(twice).unwrap_err().to_string().contains("duplicate field"));
    }

    #[test]
    fn paper_trading_has_no_night() {
        let night = r#"{"market":"derivatives","symbol":"101W09","side":"buy","quantity":1,"type":"market","session":"night"}"#;
        let problem = read(night).unwrap().place(accounts(), ENVIRONMENTS[1]).unwrap_err();
        assert!(problem.detail().contains("not offered in paper trading"));
    }

    #[test]
    fn amendments_and_cancels() {
        let order = read(r#"{"market":"stock","symbol":"005930","side":"buy","quantity":5,"type":"limit","price":"71900"}"#).unwrap();
        let amend: Amend = serde_json::from_str(r#"{"type":"limit","price":"72000"}"#).unwrap();
        let name = Name { number: "11774", office: "00950" };
        for environment in ENVIRONMENTS {
            let sent = |call: Prepared, name: &str| {
                call.parameters.iter().find(|it| it.0 == name).map(|it| it.1.clone()).unwrap()
            };
            let call = order.amended(&amend).amend(name, None, accounts(), environment).unwrap();
            assert_eq!(sent(call.clone(), "QTY_ALL_ORD_YN"), "Y");
            assert_eq!(sent(call, "ORD_UNPR"), "72000");
            let part = NonZeroU32::new(2);
            let call = order.cancel(name, part, accounts(), environment).unwrap();
            assert_eq!(sent(call.clone(), "RVSE_CNCL_DVSN_CD"), "02");
            assert_eq!(sent(call, "ORD_QTY"), "2");
        }
        assert!(serde_json::from_str::<Amend>(r#"{"type":"limit","side":"buy"}"#).is_err());
    }
}
