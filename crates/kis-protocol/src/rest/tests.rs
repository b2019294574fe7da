//! Every request and every column, held against the catalogue.

use std::{
    collections::{BTreeMap, BTreeSet},
    num::NonZeroU32,
};

use serde_json::{Value, json};

use super::{
    Account, FutureOptionPricing, OrderRequest, OverseasPricing, Price, Remaining, Request,
    StockPricing,
    future_option::{self, *},
    overseas_stock::{self, *},
    row::{Output, Row},
    stock::{self, *},
};
use crate::{
    Decimal, FromField,
    catalogue::{self, Environment, Format, Shape},
    code::{
        AmountCurrency, BarSeconds, ChartPeriod, Currency, DerivativeSession, Executed,
        FutureOptionMarket, OptionClass, OrderPeriod, OverseasChartPeriod, OverseasExchange,
        OverseasIndexMarket, OverseasOrderExchange, OverseasPriceBasis, PriceBasis, Side, Sides,
        StockExchange, StockMarket,
    },
    time::{Date, Time},
};

/// What an answer consists of.
pub(super) trait Answer {
    fn members() -> Vec<Member>;
}

/// A member of an answer: its name, whether it is one row, and its columns.
pub(super) struct Member {
    name: &'static str,
    one: bool,
    row: &'static str,
    columns: Vec<(&'static str, &'static str, &'static str)>,
}

impl Member {
    pub(super) fn of<O: Output>(name: &'static str) -> Self {
        let columns = O::Row::COLUMNS.iter().map(|it| (it.name, it.label, it.kind));
        let row = std::any::type_name::<O::Row>();
        Self { name, one: O::ONE, row, columns: columns.collect() }
    }
}

/// What has been checked.
#[derive(Default)]
struct Checked {
    requests: BTreeSet<String>,
    /// Of every column of a row, whether the catalogue has its label. Where calls share a
    /// row, they may word it differently.
    labels: BTreeMap<(&'static str, &'static str), bool>,
}

impl Checked {
    /// Whether the call exists, takes these parameters wherever it is offered, and answers
    /// what the type says, column by column.
    fn check<R: Request<Response: Answer + serde::Serialize>>(&mut self, request: &R) {
        self.request(request, false);
    }

    /// The same, of an order.
    fn check_order<R: OrderRequest<Response: Answer + serde::Serialize>>(&mut self, request: &R) {
        self.request(request, true);
    }

    fn request<R: Request<Response: Answer + serde::Serialize>>(
        &mut self,
        request: &R,
        order: bool,
    ) {
        let name = std::any::type_name::<R>();
        let name = name.split('<').next().and_then(|it| it.rsplit("::").next()).unwrap();
        self.requests.insert(name.to_owned());
        let tr = catalogue::find(R::ID).unwrap_or_else(|| panic!("{name}: no {}", R::ID));
        assert_eq!(tr.order, order, "{name}");
        for environment in [Environment::Real, Environment::Paper] {
            if tr.is_offered(environment) {
                let call = request.prepare(environment).unwrap_or_else(|it| panic!("{name}: {it}"));
                assert_eq!(call.tr.id, R::ID);
            } else {
                request.prepare(environment).unwrap_err();
            }
        }
        let members = R::Response::members();
        let names: Vec<_> = members.iter().map(|it| it.name).collect();
        let expected: Vec<_> = tr.outputs.iter().map(|it| it.name).collect();
        assert_eq!(names, expected, "{name}");
        for (member, output) in members.iter().zip(&tr.outputs) {
            let place = format!("{name} {}", member.name);
            assert_eq!(member.one, output.shape == Shape::Object, "{place}");
            assert_eq!(member.columns.len(), output.columns.len(), "{place}");
            for ((name, label, kind), column) in member.columns.iter().zip(&output.columns) {
                assert_eq!(*name, column.name.to_ascii_lowercase(), "{place}");
                *self.labels.entry((member.row, name)).or_default() |=
                    *label == column.label.trim();
                let format = match *kind {
                    "Integer" | "Decimal" => Format::Number,
                    "Date" => Format::Date,
                    "Time" => Format::Time,
                    "Flag" => Format::Flag,
                    _ => Format::Text,
                };
                // The catalogue says text where it does not know better, and calls what has
                // more digits than a time of day a time.
                let unsure = column.format == Format::Text || *name == "stpm_efct_occr_dtmd";
                assert!(format == column.format || unsure, "{place} {name} {kind}");
            }
        }
        reads_back::<R::Response>(tr);
    }
}

/// An answer with something in every column is read whole.
fn reads_back<A: Answer + serde::Serialize + serde::de::DeserializeOwned>(tr: &catalogue::Tr) {
    let kinds: Vec<_> = A::members().into_iter().flat_map(|it| it.columns).collect();
    let sample = |name: &str| {
        let kind = kinds.iter().find(|it| it.0.eq_ignore_ascii_case(name)).unwrap().2;
        match kind {
            "Integer" => "-0012",
            "Decimal" => "+12.50",
            "Date" => "20260914",
            "Time" => "090000",
            "Flag" => "Y",
            "Sign" => "2",
            "Side" => "01",
            "Revision" => "02",
            _ => "text ",
        }
    };
    let mut body = json!({"rt_cd": "0", "msg_cd": "MCA00000", "msg1": ""});
    for output in &tr.outputs {
        let row: serde_json::Map<_, _> = output
            .columns
            .iter()
            .map(|it| (it.name.to_owned(), Value::from(sample(it.name))))
            .chain([("a_new_column".to_owned(), Value::from("1"))])
            .collect();
        body[output.name] = match output.shape {
            Shape::Object => Value::Object(row),
            Shape::Array => json!([row.clone(), row]),
        };
    }
    let answer: A = serde_json::from_str(&body.to_string()).unwrap();
    let read = serde_json::to_value(answer).unwrap();
    for output in &tr.outputs {
        let rows: Vec<_> = match &read[output.name] {
            Value::Array(rows) => rows.iter().collect(),
            row => vec![row],
        };
        assert_eq!(rows.len(), if output.shape == Shape::Array { 2 } else { 1 });
        for row in rows {
            let names: BTreeSet<_> = row.as_object().unwrap().keys().cloned().collect();
            let columns = output.columns.iter().map(|it| it.name.to_ascii_lowercase());
            assert_eq!(names, columns.collect(), "{}", tr.id);
        }
    }
}

fn date(text: &str) -> Date {
    Date::from_field(text).unwrap()
}

#[test]
fn the_catalogue_has_every_request_and_every_column() {
    let mut checked = Checked::default();
    stocks(&mut checked);
    futures_and_options(&mut checked);
    overseas_stocks(&mut checked);
    let declared = [stock::REQUESTS, future_option::REQUESTS, overseas_stock::REQUESTS];
    let declared = declared.into_iter().flatten().flatten().map(|it| (*it).to_owned());
    assert_eq!(checked.requests, declared.collect());
    let wrong: Vec<_> = checked.labels.iter().filter(|(_, right)| !**right).collect();
    assert!(wrong.is_empty(), "{wrong:?}");
}

fn stocks(checked: &mut Checked) {
    let (market, symbol) = (StockMarket::Krx, "005930");
    let (from, to) = (date("20260901"), date("20260930"));
    let until = Time::new(10, 0, 0).unwrap();
    let account: Account = "12345678-01".parse().unwrap();
    let pricing = StockPricing::Limit("71900".parse().unwrap());
    let exchange = StockExchange::Krx;
    let (office, number, quantity) = ("06010", "0000002101", Remaining::All);
    checked.check(&StockPrice { market, symbol });
    checked.check(&StockBook { market, symbol });
    checked.check(&StockMinutes { market, symbol, until, past: true });
    checked.check(&StockMinutesOfDay { market, symbol, date: from, until, past: false });
    let basis = PriceBasis::Adjusted;
    checked.check(&StockChart { market, symbol, from, to, period: ChartPeriod::Month, basis });
    checked.check(&StockInvestors { market, symbol });
    checked.check(&StockInvestorDays { market, symbol, to });
    checked.check(&StockHolidays { from });
    checked.check(&StockBalance { account });
    checked.check(&StockBuyable { account, symbol, pricing });
    checked.check(&StockSellable { account, symbol });
    checked.check(&StockOpenOrders { account });
    checked.check(&StockExecutions {
        account,
        period: OrderPeriod::Recent,
        from,
        to,
        sides: Sides::All,
        executed: Executed::Open,
        symbol: None,
        number: Some(number),
        exchange: Some(exchange),
    });
    checked.check_order(&StockOrder {
        account,
        side: Side::Buy,
        symbol,
        quantity: NonZeroU32::MAX,
        pricing,
        exchange,
    });
    checked.check_order(&AmendStockOrder { account, office, number, quantity, pricing, exchange });
    checked.check_order(&CancelStockOrder { account, office, number, quantity, exchange });
}

fn futures_and_options(checked: &mut Checked) {
    let (market, symbol) = (FutureOptionMarket::IndexFuture, "A01609");
    let (from, to) = (date("20260901"), date("20260930"));
    let account: Account = "12345678-03".parse().unwrap();
    let pricing = FutureOptionPricing::Limit(Decimal::new(-15, 1));
    let (side, sides, executed) = (Side::Sell, Sides::Buy, Executed::All);
    let session = DerivativeSession::Day;
    let (number, quantity) = ("0000004018", Remaining::Part(NonZeroU32::MIN));
    checked.check(&FutureOptionPrice { market, symbol });
    checked.check(&FutureOptionBook { market, symbol });
    checked.check(&FutureOptionMinutes {
        market,
        symbol,
        seconds: BarSeconds::Minute,
        date: to,
        until: Time::new(15, 45, 0).unwrap(),
        past: true,
    });
    checked.check(&FutureOptionChart { market, symbol, from, to, period: ChartPeriod::Day });
    checked.check(&OptionMonths {});
    checked.check(&OptionBoard { class: OptionClass::Kospi200, month: "202610" });
    checked.check(&FutureOptionBalance { account });
    checked.check(&FutureOptionOrderable { account, symbol, side, pricing });
    checked.check(&FutureOptionExecutions { account, from, to, sides, executed, symbol: None });
    checked.check(&NightFutureOptionBalance { account });
    checked.check(&NightFutureOptionOrderable { account, symbol, side, pricing });
    checked.check(&NightFutureOptionExecutions {
        account,
        from,
        to,
        sides,
        executed,
        symbol: Some(symbol),
    });
    let order = NonZeroU32::MIN;
    checked.check_order(&FutureOptionOrder {
        account,
        session,
        side,
        symbol,
        quantity: order,
        pricing,
    });
    checked.check_order(&AmendFutureOptionOrder { account, session, number, quantity, pricing });
    checked.check_order(&CancelFutureOptionOrder { account, session, number, quantity });
}

fn overseas_stocks(checked: &mut Checked) {
    let symbol = "AAPL";
    let (from, to) = (date("20260901"), date("20260930"));
    let account: Account = "12345678-01".parse().unwrap();
    let price: Price = "145.00".parse().unwrap();
    let (number, quantity) = ("0030132992", NonZeroU32::MIN);
    let exchange = OverseasExchange::Nasdaq;
    checked.check(&OverseasPrice { exchange, symbol });
    checked.check(&OverseasPriceDetail { exchange, symbol });
    checked.check(&OverseasBook { exchange, symbol });
    checked.check(&OverseasChart {
        exchange,
        symbol,
        period: OverseasChartPeriod::Week,
        to: None,
        basis: OverseasPriceBasis::Adjusted,
    });
    checked.check(&OverseasIndexChart {
        market: OverseasIndexMarket::Index,
        symbol: ".DJI",
        from,
        to,
        period: ChartPeriod::Day,
    });
    checked.check(&OverseasMinutes {
        exchange,
        symbol,
        minutes: 5.try_into().unwrap(),
        count: 120.try_into().unwrap(),
        before: Some((to, Time::new(14, 1, 0).unwrap())),
    });
    checked.check(&OverseasHolidays { date: to });
    let exchange = OverseasOrderExchange::Nasdaq;
    checked.check(&OverseasBalance { account, exchange, currency: Currency::UsDollar });
    checked.check(&OverseasPresentBalance { account, currency: AmountCurrency::Foreign });
    checked.check(&OverseasBuyable { account, exchange, symbol, price });
    checked.check(&OverseasOpenOrders { account, exchange });
    checked.check(&OverseasExecutions {
        account,
        from,
        to,
        sides: Sides::All,
        executed: Executed::All,
        exchange: None,
        symbol: "",
    });
    let side = Side::Sell;
    let pricing = OverseasPricing::Limit(price);
    checked.check_order(&OverseasOrder { account, side, exchange, symbol, quantity, pricing });
    checked.check_order(&AmendOverseasOrder { account, exchange, symbol, number, quantity, price });
    checked.check_order(&CancelOverseasOrder { account, exchange, symbol, number, quantity });
    checked.check_order(&OverseasDayOrder { account, side, exchange, symbol, quantity, price });
    checked.check_order(&AmendOverseasDayOrder {
        account,
        exchange,
        symbol,
        number,
        quantity,
        price,
    });
    checked.check_order(&CancelOverseasDayOrder { account, exchange, symbol, number, quantity });
}
