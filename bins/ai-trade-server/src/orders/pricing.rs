//! How orders are priced: which types there are in which market, and what they need.

use kis_protocol::rest::{FutureOptionPricing, OverseasPricing, Price, StockPricing};

use super::request::{Kind, Order, invalid};
use crate::problem::Problem;

/// The codes that have types of their own.
const STOCK_CODES: &[&str] = &[
    "00", "01", "02", "03", "04", "05", "06", "07", "11", "12", "13", "14", "15", "16", "21", "22",
    "23", "24",
];
const OVERSEAS_CODES: &[&str] = &["00", "31", "32", "33", "34", "50"];

impl Order {
    pub(super) fn stock_pricing(&self) -> Result<StockPricing<'_>, Problem> {
        let priced = || self.has_no_trigger().and_then(|()| self.price());
        let plain = |it| self.has_no_price().map(|()| it);
        match self.kind {
            Kind::Limit => Ok(StockPricing::Limit(priced()?)),
            Kind::ConditionalLimit => Ok(StockPricing::ConditionalLimit(priced()?)),
            Kind::Overtime => Ok(StockPricing::Overtime(priced()?)),
            Kind::LimitIoc => Ok(StockPricing::LimitIoc(priced()?)),
            Kind::LimitFok => Ok(StockPricing::LimitFok(priced()?)),
            Kind::StopLimit => {
                let trigger = self.trigger.and_then(|it| Price::try_from(it.0).ok());
                let needed = || invalid("the type `stop_limit` needs a `trigger` above zero");
                let (price, trigger) = (self.price()?, trigger.ok_or_else(needed)?);
                self.has_no_code().map(|()| StockPricing::StopLimit { price, trigger })
            }
            Kind::Market => plain(StockPricing::Market),
            Kind::Best => plain(StockPricing::Best),
            Kind::Top => plain(StockPricing::Top),
            Kind::PreMarket => plain(StockPricing::PreMarket),
            Kind::AfterMarket => plain(StockPricing::AfterMarket),
            Kind::MarketIoc => plain(StockPricing::MarketIoc),
            Kind::MarketFok => plain(StockPricing::MarketFok),
            Kind::BestIoc => plain(StockPricing::BestIoc),
            Kind::BestFok => plain(StockPricing::BestFok),
            Kind::Mid => plain(StockPricing::Mid),
            Kind::MidIoc => plain(StockPricing::MidIoc),
            Kind::MidFok => plain(StockPricing::MidFok),
            Kind::Other => {
                let (ord_dvsn, price) = self.coded(STOCK_CODES)?;
                Ok(StockPricing::Other { ord_dvsn, price })
            }
            _ => Err(self.no_such_type()),
        }
    }

    pub(super) fn derivatives_pricing(&self) -> Result<FutureOptionPricing, Problem> {
        // Spreads have prices of zero and less.
        let priced = || match self.price {
            Some(price) => self.has_no_trigger().map(|()| price.0),
            None => Err(self.needs_price()),
        };
        let plain = |it| self.has_no_price().map(|()| it);
        match self.kind {
            Kind::Limit => Ok(FutureOptionPricing::Limit(priced()?)),
            Kind::ConditionalLimit => Ok(FutureOptionPricing::Conditional(priced()?)),
            Kind::LimitIoc => Ok(FutureOptionPricing::LimitIoc(priced()?)),
            Kind::LimitFok => Ok(FutureOptionPricing::LimitFok(priced()?)),
            Kind::Market => plain(FutureOptionPricing::Market),
            Kind::Best => plain(FutureOptionPricing::Best),
            Kind::MarketIoc => plain(FutureOptionPricing::MarketIoc),
            Kind::MarketFok => plain(FutureOptionPricing::MarketFok),
            Kind::BestIoc => plain(FutureOptionPricing::BestIoc),
            Kind::BestFok => plain(FutureOptionPricing::BestFok),
            _ => Err(self.no_such_type()),
        }
    }

    pub(super) fn overseas_pricing(&self) -> Result<OverseasPricing<'_>, Problem> {
        let priced = || self.has_no_trigger().and_then(|()| self.price());
        let plain = |it| self.has_no_price().map(|()| it);
        match self.kind {
            Kind::Limit => Ok(OverseasPricing::Limit(priced()?)),
            Kind::LimitOnOpen => Ok(OverseasPricing::LimitOnOpen(priced()?)),
            Kind::LimitOnClose => Ok(OverseasPricing::LimitOnClose(priced()?)),
            Kind::OddLotLimit => Ok(OverseasPricing::OddLotLimit(priced()?)),
            Kind::MarketOnOpen => plain(OverseasPricing::MarketOnOpen),
            Kind::MarketOnClose => plain(OverseasPricing::MarketOnClose),
            Kind::Other => {
                let (ord_dvsn, price) = self.coded(OVERSEAS_CODES)?;
                Ok(OverseasPricing::Other { ord_dvsn, price })
            }
            _ => Err(self.no_such_type()),
        }
    }

    /// KIS' own code, and a price if there is one.
    fn coded(&self, named: &[&str]) -> Result<(&str, Option<Price>), Problem> {
        let is_code = |it: &&str| it.len() == 2 && it.bytes().all(|it| it.is_ascii_alphanumeric());
        let code = self.code.as_deref().filter(is_code);
        let code =
            code.ok_or_else(|| invalid("the type `other` needs KIS' `code`, two characters"))?;
        if named.contains(&code) {
            return Err(invalid(format!("the code {code} has a type of its own; name that")));
        }
        if self.trigger.is_some() {
            return Err(invalid("the type `other` takes no `trigger`"));
        }
        Ok((code, self.price.map(|_| self.price()).transpose()?))
    }

    pub(super) fn price(&self) -> Result<Price, Problem> {
        let price = self.price.ok_or_else(|| self.needs_price())?;
        Price::try_from(price.0).map_err(|_| invalid("the `price` must be above zero"))
    }

    fn has_no_price(&self) -> Result<(), Problem> {
        match self.price {
            Some(_) => Err(invalid(format!("the type `{}` takes no `price`", self.kind))),
            None => self.has_no_trigger(),
        }
    }

    pub(super) fn has_no_trigger(&self) -> Result<(), Problem> {
        match self.trigger {
            Some(_) => Err(invalid(format!("the type `{}` takes no `trigger`", self.kind))),
            None => self.has_no_code(),
        }
    }

    fn has_no_code(&self) -> Result<(), Problem> {
        match self.code {
            Some(_) => Err(invalid("only the type `other` takes a `code`")),
            None => Ok(()),
        }
    }

    fn needs_price(&self) -> Problem {
        invalid(format!("the type `{}` needs a `price`", self.kind))
    }

    fn no_such_type(&self) -> Problem {
        invalid(format!("there is no type `{}` in the market `{}`", self.kind, self.market))
    }
}
