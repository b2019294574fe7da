//! What orders are worth, and how much they may be.

use std::{collections::BTreeMap, fmt};

use kis_protocol::{
    Decimal,
    tr_key::{Contract, FutureOptionCode},
};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::request::{Market, Order};

/// An amount of money, in ten thousandths of its currency, rounded up.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Amount(i128);

/// The most that something may be worth, by currency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub(super) struct AmountLimits(BTreeMap<String, Option<Amount>>);

/// A limit that is written wrongly.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no limit; write a currency and a number, as KRW:10000000, or KRW:any")]
pub struct AmountLimitError(String);

impl Amount {
    const UNIT: i128 = 10_000;

    /// `quantity` times `price`. Of 18 digits, which is what a price can have, nothing gets lost.
    fn of(price: Decimal, quantity: u32, multiplier: u32) -> Self {
        let mantissa = i128::from(price.mantissa().unsigned_abs());
        let many = i128::from(quantity) * i128::from(multiplier);
        let units = mantissa.saturating_mul(many).saturating_mul(Self::UNIT);
        let scale = 10_i128.pow(u32::from(price.scale()));
        Self(units.saturating_add(scale - 1) / scale)
    }

    /// What `self` has more than `other`.
    pub(super) fn beyond(self, other: Self) -> Self {
        Self((self.0 - other.0).max(0))
    }
}

impl std::ops::Add for Amount {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, part) = (self.0 / Self::UNIT, self.0 % Self::UNIT);
        match part {
            0 => write!(f, "{whole}"),
            _ => write!(f, "{whole}.{}", format!("{part:04}").trim_end_matches('0')),
        }
    }
}

impl Serialize for Amount {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Amount {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        amount(&text).ok_or_else(|| de::Error::custom("not an amount"))
    }
}

fn amount(text: &str) -> Option<Amount> {
    let decimal: Decimal = text.parse().ok()?;
    (decimal.mantissa() >= 0).then(|| Amount::of(decimal, 1, 1))
}

impl AmountLimits {
    /// Reads `KRW:10000000`, `USD:any`.
    pub(super) fn read(texts: &[String]) -> Result<Self, AmountLimitError> {
        let read = |text: &String| {
            let wrong = || AmountLimitError(text.clone());
            let (currency, limit) = text.split_once(':').ok_or_else(wrong)?;
            if currency.len() != 3 || !currency.bytes().all(|it| it.is_ascii_uppercase()) {
                return Err(wrong());
            }
            let limit = match limit {
                "any" => None,
                limit => Some(amount(limit).ok_or_else(wrong)?),
            };
            Ok((currency.to_owned(), limit))
        };
        texts.iter().map(read).collect::<Result<_, _>>().map(Self)
    }

    pub(super) fn currencies(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// The limit in a currency: none at all (`Some(None)`), or not even orders (`None`).
    pub(super) fn of(&self, currency: &str) -> Option<Option<Amount>> {
        self.0.get(currency).copied()
    }
}

/// What an order is worth at a price; `None` when that is not known.
pub(super) fn worth(order: &Order, price: Decimal) -> Option<Amount> {
    let multiplier = match order.market {
        Market::Stock | Market::Overseas => 1,
        Market::Derivatives => multiplier(&order.symbol)?,
    };
    Some(Amount::of(price, order.quantity.get(), multiplier))
}

/// 거래승수: what one point of a contract's price is worth in won, where recorded frames show it:
/// between two of them the turnover grows by price, volume and this.
fn multiplier(symbol: &str) -> Option<u32> {
    let code = FutureOptionCode::read(symbol)?;
    match (code.product, code.contract) {
        // A spread has the price of a difference, which says nothing of its risk.
        (_, Contract::Spread { .. }) => None,
        // KOSPI200: futures, options, weekly options.
        ("01" | "09", _) => Some(250_000),
        // Its small contracts.
        ("05", _) => Some(50_000),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts() {
        let check = |price: &str, quantity, multiplier, expected: &str| {
            let amount = Amount::of(price.parse().unwrap(), quantity, multiplier);
            assert_eq!(amount.to_string(), expected, "{price}");
        };
        check("71900", 10, 1, "719000");
        check("148.01", 3, 1, "444.03");
        check("340.50", 1, 250_000, "85125000");
        check("-1.5", 2, 1, "3");
        check("0.00001", 1, 1, "0.0001");
        check("999999999999999999", u32::MAX, 250_000, "1073741823749999998926258176250000");
        let five = amount("5").unwrap();
        assert_eq!(serde_json::to_string(&five).unwrap(), r#""5""#);
        assert_eq!(serde_json::from_str::<Amount>(r#""5.00""#).unwrap(), five);
        assert_eq!(five.beyond(amount("7").unwrap()), Amount::default());
    }

    #[test]
    fn limits() {
        let read = |text: &str| AmountLimits::read(&[text.to_owned()]);
        assert_eq!(read("KRW:1000").unwrap().of("KRW"), Some(amount("1000")));
        assert_eq!(read("USD:any").unwrap().of("USD"), Some(None));
        assert_eq!(read("USD:any").unwrap().of("KRW"), None);
        for wrong in ["1000", "KRW", "krw:1", "KRW:-1", "KRW:x", "KRW:"] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn multipliers() {
        let check = |symbol, expected| assert_eq!(multiplier(symbol), expected, "{symbol}");
        check("101W09", Some(250_000));
        check("201W08427", Some(250_000));
        check("A05609", Some(50_000));
        check("106W09", None);
        check("209E1W440", Some(250_000));
        check("111W08", None);
        check("401W9WCS", None);
        check("005930", None);
    }
}
