//! Orders and executions as KIS lists them, with our ids.

use futures_util::StreamExt;
use kis_broker::{CallOptions, Priority, RestError};
use kis_protocol::{
    catalogue::{Environment, Prepared},
    code::{Executed, OrderPeriod, Sides, StockExchange},
    rest::{Request, future_option as fo, overseas_stock as overseas, stock},
};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    Orders, PAGES_MAX, clock,
    listed::listed,
    request::{Market, Session, invalid},
};
use crate::{problem::Problem, rest};

/// Which orders are asked for.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Query {
    pub(super) market: Market,
    /// Of derivatives: by day (the default) or by night. Others have one list.
    #[serde(default)]
    pub(super) session: Option<Session>,
    /// Only those of which something is open.
    #[serde(default)]
    pub(super) open: bool,
}

impl Orders {
    /// Today's orders in a market, and those that KIS does not list.
    pub(super) async fn list(&self, query: Query) -> Result<Value, Problem> {
        let call = self.list_call(query)?;
        // Money may hang on it.
        let options = CallOptions { priority: Some(Priority::Account), ..CallOptions::default() };
        let mut pages = self.rest.pages(call, PAGES_MAX, options);
        let (mut rows, mut complete) = (Vec::new(), true);
        while let Some(page) = pages.next().await {
            match page {
                Ok(page) => rows.extend(listed(&page)),
                Err(RestError::MorePages { .. }) => complete = false,
                Err(error) => return Err(rest::failed(&error)),
            }
        }
        let book = self.book();
        let wanted = rows.iter().filter(|it| !query.open || it.open.is_some_and(|it| it > 0));
        let orders: Vec<Value> =
            wanted.map(|it| it.view(book.owner(query.market, it.date, &it.number))).collect();
        let mut unsettled: Vec<_> = book
            .records()
            .filter(|it| it.is_open_question() && it.order.market == query.market)
            .collect();
        unsettled.sort_by_key(|it| it.at);
        let unsettled: Vec<Value> = unsettled.into_iter().map(|it| it.view()).collect();
        Ok(json!({
            "market": query.market,
            "orders": orders,
            "unsettled": unsettled,
            "complete": complete,
            "simulated": self.simulated,
        }))
    }

    fn list_call(&self, query: Query) -> Result<Prepared, Problem> {
        let today = clock::day(clock::now());
        let (sides, executed) = (Sides::All, Executed::All);
        let call = match (query.market, query.session) {
            (Market::Stock, _) => stock::StockExecutions {
                account: self.accounts.stock,
                period: OrderPeriod::Recent,
                from: today,
                to: today,
                sides,
                executed,
                symbol: None,
                number: None,
                exchange: match self.environment {
                    Environment::Real => Some(StockExchange::Other("ALL")),
                    // There is no other than KRX.
                    Environment::Paper => None,
                },
            }
            .prepare(self.environment),
            (Market::Derivatives, None | Some(Session::Day)) => fo::FutureOptionExecutions {
                account: self.accounts.derivatives,
                from: today,
                to: today,
                sides,
                executed,
                symbol: None,
            }
            .prepare(self.environment),
            // The night begins on the day before.
            (Market::Derivatives, Some(Session::Night)) => fo::NightFutureOptionExecutions {
                account: self.accounts.derivatives,
                from: today.plus_days(-1),
                to: today.plus_days(1),
                sides,
                executed,
                symbol: None,
            }
            .prepare(self.environment),
            (Market::Overseas, _) => overseas::OverseasExecutions {
                account: self.accounts.stock,
                from: today.plus_days(-1),
                to: today,
                sides,
                executed,
                exchange: None,
                symbol: if self.environment == Environment::Real { "%" } else { "" },
            }
            .prepare(self.environment),
            (Market::Derivatives, Some(Session::Daytime)) => {
                return Err(invalid("the `session` of derivatives is day or night"));
            }
        };
        call.map_err(|error| invalid(error.to_string()))
    }
}
