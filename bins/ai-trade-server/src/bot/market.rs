//! Prices, books and bars, asked of KIS.

use kis_broker::{CallOptions, RestError};
use kis_protocol::{
    Decimal, FromField,
    catalogue::Environment,
    code::{OverseasExchange, StockMarket},
    rest::{
        Request,
        overseas_stock::{OverseasMinutes, OverseasPriceDetail},
        stock::{StockBook, StockMinutes, StockMinutesOfDay, StockPrice},
    },
    time::{Date, Time, Timestamp},
};

use super::{
    Conversation,
    chart::{Bar, Clock, Day},
    command::Instrument,
};
use crate::{problem::Problem, rest};

/// What is known of an instrument now.
#[derive(Debug, Default)]
pub(super) struct Quote {
    pub(super) price: Option<Decimal>,
    pub(super) change: Option<Decimal>,
    pub(super) percent: Option<Decimal>,
    pub(super) open: Option<Decimal>,
    pub(super) high: Option<Decimal>,
    pub(super) low: Option<Decimal>,
    pub(super) volume: Option<Decimal>,
    pub(super) currency: Option<&'static str>,
}

/// Five levels of each side, best first: price and quantity.
#[derive(Debug, Default)]
pub(super) struct Book {
    pub(super) asks: Vec<(Decimal, i64)>,
    pub(super) bids: Vec<(Decimal, i64)>,
}

/// Why there is no answer.
#[derive(Debug)]
pub(super) enum NoAnswer {
    /// There is none for this kind of instrument.
    Unsupported,
    /// KIS cannot be asked, or says no.
    Problem(Problem),
}

/// Korean markets begin at eight (NXT).
const FIRST_MINUTE: (u8, u8) = (8, 0);

/// How many answers a day's bars are made of at most.
const PAGES_MAX: usize = 14;

impl From<RestError> for NoAnswer {
    fn from(error: RestError) -> Self {
        Self::Problem(rest::failed(&error))
    }
}

impl Conversation<'_> {
    async fn ask<R: Request>(&self, request: &R) -> Result<R::Response, NoAnswer> {
        let options = CallOptions::within(self.app.config.rest.deadline());
        Ok(self.app.api.client().request(request, options).await?)
    }

    pub(super) async fn quote(&self, instrument: &Instrument) -> Result<Quote, NoAnswer> {
        match instrument {
            Instrument::Stock(symbol) => {
                let market = StockMarket::Krx;
                let row = self.ask(&StockPrice { market, symbol }).await?.output;
                Ok(Quote {
                    price: row.stck_prpr,
                    change: row.prdy_vrss,
                    percent: row.prdy_ctrt,
                    open: row.stck_oprc,
                    high: row.stck_hgpr,
                    low: row.stck_lwpr,
                    volume: row.acml_vol.map(|it| Decimal::new(it, 0)),
                    currency: Some("KRW"),
                })
            }
            Instrument::Overseas(exchange, symbol) => {
                let Some(exchange) = OverseasExchange::from_field(exchange) else {
                    return Err(NoAnswer::Unsupported);
                };
                let row = self.ask(&OverseasPriceDetail { exchange, symbol }).await?.output;
                Ok(Quote {
                    price: row.last,
                    change: row.last.zip(row.base).and_then(|(last, base)| less(last, base)),
                    percent: row.last.zip(row.base).and_then(|(last, base)| percent(last, base)),
                    open: row.open,
                    high: row.high,
                    low: row.low,
                    volume: None,
                    currency: exchange.currency(),
                })
            }
            Instrument::Index(code) => {
                let given = [("FID_COND_MRKT_DIV_CODE", "U"), ("FID_INPUT_ISCD", code.as_str())];
                let client = self.app.api.client();
                let answer = client.call_by_id("domestic-stock/inquire-index-price", given).await?;
                let value = answer.value()?;
                let column = |name: &str| value["output"][name].as_str()?.trim().parse().ok();
                Ok(Quote {
                    price: column("bstp_nmix_prpr"),
                    change: column("bstp_nmix_prdy_vrss"),
                    percent: column("bstp_nmix_prdy_ctrt"),
                    open: column("bstp_nmix_oprc"),
                    high: column("bstp_nmix_hgpr"),
                    low: column("bstp_nmix_lwpr"),
                    volume: None,
                    currency: None,
                })
            }
        }
    }

    pub(super) async fn book(&self, instrument: &Instrument) -> Result<Book, NoAnswer> {
        let Instrument::Stock(symbol) = instrument else { return Err(NoAnswer::Unsupported) };
        let row = self.ask(&StockBook { market: StockMarket::Krx, symbol }).await?.output1;
        let levels = |prices: [Option<Decimal>; 5], sizes: [Option<i64>; 5]| {
            let pairs = prices.into_iter().zip(sizes);
            pairs.filter_map(|it| it.0.zip(it.1)).filter(|it| !it.0.is_zero()).collect()
        };
        Ok(Book {
            asks: levels(
                [row.askp1, row.askp2, row.askp3, row.askp4, row.askp5],
                [row.askp_rsqn1, row.askp_rsqn2, row.askp_rsqn3, row.askp_rsqn4, row.askp_rsqn5],
            ),
            bids: levels(
                [row.bidp1, row.bidp2, row.bidp3, row.bidp4, row.bidp5],
                [row.bidp_rsqn1, row.bidp_rsqn2, row.bidp_rsqn3, row.bidp_rsqn4, row.bidp_rsqn5],
            ),
        })
    }

    /// The bars of the last day with trades.
    pub(super) async fn day(&self, instrument: &Instrument) -> Result<Option<Day>, NoAnswer> {
        match instrument {
            Instrument::Stock(symbol) => self.stock_day(symbol).await,
            Instrument::Overseas(exchange, symbol) => self.overseas_day(exchange, symbol).await,
            Instrument::Index(_) => Err(NoAnswer::Unsupported),
        }
    }

    /// KIS gives a day in pages, the last one first; in paper trading short ones of today alone.
    async fn stock_day(&self, symbol: &str) -> Result<Option<Day>, NoAnswer> {
        let now = Timestamp::from(std::time::SystemTime::now()).with_offset(540);
        let (market, today, past) = (StockMarket::Krx, now.date(), true);
        let real = self.app.api.environment() == Environment::Real;
        let (mut until, mut day): (Option<Time>, Option<Day>) = (Time::new(20, 0, 0), None);
        let mut of = today;
        for _ in 0..PAGES_MAX {
            let Some(last) = until else { break };
            let answer = match real {
                true => {
                    let date = of;
                    let call = StockMinutesOfDay { market, symbol, date, until: last, past };
                    self.ask(&call).await?
                }
                false => self.ask(&StockMinutes { market, symbol, until: last, past }).await?,
            };
            let newest = answer.output2.iter().filter_map(|it| it.stck_bsop_date).max();
            let Some(date) = day.as_ref().map(|it| it.date).or(newest) else { break };
            of = date;
            let found = day.get_or_insert_with(|| Day {
                date,
                clock: Clock::Korea,
                name: answer.output1.hts_kor_isnm.clone(),
                previous_close: answer.output1.stck_prdy_clpr.map(Decimal::to_f64),
                bars: Vec::new(),
            });
            let known = found.bars.len();
            for row in &answer.output2 {
                let (Some(at), Some(close)) = (row.stck_cntg_hour, row.stck_prpr) else { continue };
                let is_known = found.bars.iter().any(|it| it.at == at);
                if row.stck_bsop_date != Some(date) || is_known {
                    continue;
                }
                found.bars.push(bar(
                    at,
                    [row.stck_oprc, row.stck_hgpr, row.stck_lwpr],
                    close,
                    row.cntg_vol.map_or(0.0, |it| Decimal::new(it, 0).to_f64()),
                ));
            }
            let first = found.bars.iter().map(|it| it.at).min();
            until = first.filter(|_| found.bars.len() > known).and_then(minute_before);
        }
        Ok(day.filter(|it| !it.bars.is_empty()).map(Day::sorted))
    }

    async fn overseas_day(&self, exchange: &str, symbol: &str) -> Result<Option<Day>, NoAnswer> {
        let parts = (OverseasExchange::from_field(exchange), 5.try_into(), 120.try_into());
        let (Some(exchange), Ok(minutes), Ok(count)) = parts else {
            return Err(NoAnswer::Unsupported);
        };
        let call = OverseasMinutes { exchange, symbol, minutes, count, before: None };
        let rows = self.ask(&call).await?.output2;
        let Some(date) = rows.iter().filter_map(|it| it.xymd).max() else { return Ok(None) };
        let of_day = rows.iter().filter(|it| it.xymd == Some(date));
        let bars: Vec<Bar> = of_day
            .filter_map(|it| {
                let volume = it.evol.map_or(0.0, Decimal::to_f64);
                Some(bar(it.xhms?, [it.open, it.high, it.low], it.last?, volume))
            })
            .collect();
        let clock = Clock::Exchange;
        let day = Day { date, clock, name: None, previous_close: None, bars };
        Ok(Some(day).filter(|it| !it.bars.is_empty()).map(Day::sorted))
    }
}

fn bar(at: Time, [open, high, low]: [Option<Decimal>; 3], close: Decimal, volume: f64) -> Bar {
    let close = close.to_f64();
    let or_close = |it: Option<Decimal>| it.map_or(close, Decimal::to_f64);
    let (open, high, low) = (or_close(open), or_close(high), or_close(low));
    // A bar that KIS has not finished may have an end outside of it.
    let (high, low) = (high.max(open).max(close), low.min(open).min(close));
    Bar { at, open, high, low, close, volume }
}

fn minute_before(at: Time) -> Option<Time> {
    let minutes = u16::from(at.hour()) * 60 + u16::from(at.minute());
    let first = u16::from(FIRST_MINUTE.0) * 60 + u16::from(FIRST_MINUTE.1);
    let before = minutes.checked_sub(1).filter(|it| *it >= first)?;
    Time::new(u8::try_from(before / 60).ok()?, u8::try_from(before % 60).ok()?, 0)
}

fn less(a: Decimal, b: Decimal) -> Option<Decimal> {
    let (a, b) = (alert_engine::Number::from(a), alert_engine::Number::from(b));
    a.checked_sub(b).map(alert_engine::Number::decimal)
}

/// By how much `last` is off `base`, to a hundredth.
fn percent(last: Decimal, base: Decimal) -> Option<Decimal> {
    let percent = (last.to_f64() / base.to_f64() - 1.0) * 100.0;
    // Off nothing, it is no number.
    format!("{percent:.2}").parse().ok()
}

/// As it is said: `2026-09-22`.
pub(super) fn day_of(date: Date) -> String {
    format!("{:04}-{:02}-{:02}", date.year(), date.month(), date.day())
}
