//! How the fields of a request become the texts that KIS is sent.

use std::num::{NonZeroU16, NonZeroU32};

use super::{Account, Price, Remaining};
use crate::{
    code::{
        AmountCurrency, BarSeconds, ChartPeriod, Currency, DerivativeSession, Executed,
        FutureOptionMarket, OptionClass, OrderPeriod, OverseasChartPeriod, OverseasExchange,
        OverseasIndexMarket, OverseasOrderExchange, OverseasPriceBasis, PriceBasis, Side, Sides,
        StockExchange, StockMarket,
    },
    time::{Date, Time},
};

/// Parameters by KIS' names.
#[derive(Default)]
pub(crate) struct Parameters(pub(crate) Vec<(&'static str, String)>);

impl Parameters {
    /// Adds what a field is sent as. That it has as many texts as names, the compiler sees.
    pub(crate) fn add<const N: usize>(&mut self, names: [&'static str; N], given: &impl Given<N>) {
        let texts = names.into_iter().zip(given.texts());
        self.0.extend(texts.filter_map(|(name, text)| Some((name, text?))));
    }
}

/// What is sent as `N` parameters; `None` for one that is left to its default.
pub(crate) trait Given<const N: usize> {
    fn texts(&self) -> [Option<String>; N];
}

/// Whatever can be left out.
impl<T: Given<1>> Given<1> for Option<T> {
    fn texts(&self) -> [Option<String>; 1] {
        self.as_ref().map_or([None], Given::texts)
    }
}

impl Given<1> for &str {
    fn texts(&self) -> [Option<String>; 1] {
        [Some((*self).to_owned())]
    }
}

impl Given<1> for bool {
    fn texts(&self) -> [Option<String>; 1] {
        [Some(if *self { "Y" } else { "N" }.to_owned())]
    }
}

impl Given<1> for Date {
    fn texts(&self) -> [Option<String>; 1] {
        [Some(format!("{:04}{:02}{:02}", self.year(), self.month(), self.day()))]
    }
}

impl Given<1> for Time {
    fn texts(&self) -> [Option<String>; 1] {
        [Some(format!("{:02}{:02}{:02}", self.hour(), self.minute(), self.second()))]
    }
}

/// Where a page begins that ends before this minute: `NEXT` and `KEYB`.
impl Given<2> for Option<(Date, Time)> {
    fn texts(&self) -> [Option<String>; 2] {
        let Some((date, time)) = self else { return [None, None] };
        let ([Some(date)], [Some(time)]) = (date.texts(), time.texts()) else {
            return [None, None];
        };
        [Some("1".to_owned()), Some(date + &time)]
    }
}

impl Given<2> for Account {
    fn texts(&self) -> [Option<String>; 2] {
        [Some(self.cano().to_owned()), Some(self.acnt_prdt_cd().to_owned())]
    }
}

/// The quantity, and whether it is all that remains.
impl Given<2> for Remaining {
    fn texts(&self) -> [Option<String>; 2] {
        let (quantity, all) = match self {
            Self::All => ("0".to_owned(), "Y"),
            Self::Part(quantity) => (quantity.to_string(), "N"),
        };
        [Some(quantity), Some(all.to_owned())]
    }
}

/// Declares what is sent as its `Display`, and codes, which are sent as themselves.
macro_rules! given {
    (display: $($number:ty)+; codes: $($code:ty)+) => {
        $(impl Given<1> for $number {
            fn texts(&self) -> [Option<String>; 1] {
                [Some(self.to_string())]
            }
        })+
        $(impl Given<1> for $code {
            fn texts(&self) -> [Option<String>; 1] {
                [Some(self.as_str().to_owned())]
            }
        })+
    };
}

given! {
    display: NonZeroU16 NonZeroU32 Price;
    codes: AmountCurrency BarSeconds<'_> ChartPeriod Currency<'_> DerivativeSession Executed
        FutureOptionMarket<'_> OptionClass<'_> OrderPeriod OverseasChartPeriod OverseasExchange<'_>
        OverseasIndexMarket<'_> OverseasOrderExchange<'_> OverseasPriceBasis PriceBasis Side Sides
        StockExchange<'_> StockMarket<'_>
}
