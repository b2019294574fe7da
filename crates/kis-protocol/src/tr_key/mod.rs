//! The keys of topics: checked, taken apart, and built.
//!
//! ```
//! use kis_protocol::{
//!     TrId,
//!     code::{Feed, OverseasExchange, OverseasKey},
//!     tr_key::{Contract, FutureOptionCode, TrKey, YearMonth},
//! };
//!
//! let september = YearMonth::new(2026, 9).ok_or("no such month")?;
//! let code = FutureOptionCode::new("01", Contract::Future(september.into()));
//! assert_eq!(code.to_string(), "A01609");
//! assert_eq!(TrKey::read(TrId::H0IFCNT0, "A01609")?, TrKey::FutureOption(code));
//!
//! let apple = OverseasKey {
//!     feed: Feed::RealTime,
//!     exchange: OverseasExchange::NasdaqDay,
//!     symbol: "AAPL",
//! };
//! assert_eq!(apple.to_string(), "RBAQAAPL");
//! assert!(TrKey::read(TrId::HDFSCNT0, "AAPL").is_err());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! KIS and the exchange bring in new forms without notice, and a refusal here would keep
//! users from what KIS serves. So only what can be no key at all is an error, and a form
//! that is not known is [`TrKey::Other`].

mod contract;

use std::borrow::Cow;

use thiserror::Error;

pub use self::contract::{
    Contract, Expiry, FutureOptionCode, Generation, OverseasContract, Right, YearMonth,
};
use crate::{FromField, KeyKind, Private, TrId, code::OverseasKey};

/// The longest key that is sent, in characters: four times that of any known instrument.
const LENGTH_MAX: usize = 48;

/// A key, taken apart as far as its form is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TrKey<'a> {
    /// 종목코드 of six characters: a share, an ETF, or an ETN without its Q. The last may be
    /// a letter since 2024, and the others of an ETN.
    Stock(&'a str),
    /// 종목코드 of an ETN without the Q before it.
    Etn(&'a str),
    /// 업종코드
    Index(&'a str),
    /// ELW 단축코드
    Elw(&'a str),
    /// 선물·옵션 단축코드
    FutureOption(FutureOptionCode<'a>),
    /// 채권 표준코드, whose check digit is right.
    Bond(&'a str),
    /// 채권지수 id
    BondIndex(&'a str),
    /// An overseas stock.
    OverseasStock(OverseasKey<'a>),
    /// An overseas future or option.
    OverseasFuture(OverseasContract<'a>),
    /// The HTS id of the account's owner.
    HtsId(Private<'a>),
    /// A form that is not known, as given.
    Other(&'a str),
}

/// Why a text can be no key of a stream. The text is not repeated: it may be an HTS id.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum TrKeyError {
    /// It is empty.
    #[error("{} takes a tr_key: {}", .0.as_str(), wanted(*.0))]
    Empty(TrId),
    /// It begins or ends with a blank.
    #[error("the tr_key for {} begins or ends with a blank; leave it out", .0.as_str())]
    Blank(TrId),
    /// It is longer than anything KIS knows.
    #[error(
        "the tr_key for {} has {length} characters, and {LENGTH_MAX} are too many; give {}",
        .tr_id.as_str(), wanted(*.tr_id)
    )]
    TooLong {
        /// The stream.
        tr_id: TrId,
        /// How long it is, in characters.
        length: usize,
    },
    /// It is shorter than any key of the stream.
    #[error(
        "the tr_key for {} has {length} characters only; give {}",
        .tr_id.as_str(), wanted(*.tr_id)
    )]
    TooShort {
        /// The stream.
        tr_id: TrId,
        /// How long it is, in characters.
        length: usize,
    },
    /// It has a character that separates columns, or none that can be seen.
    #[error("the tr_key for {} has the character {character:?}; leave it out", .tr_id.as_str())]
    Character {
        /// The stream.
        tr_id: TrId,
        /// The character.
        character: char,
    },
}

impl<'a> TrKey<'a> {
    /// Takes the key of a stream apart.
    ///
    /// # Errors
    /// [`TrKeyError`], when it can be none.
    pub fn read(tr_id: TrId, key: &'a str) -> Result<Self, TrKeyError> {
        check(tr_id, key)?;
        let other = Self::Other(key);
        Ok(match tr_id.key_kind() {
            KeyKind::StockCode => match key.strip_prefix('Q') {
                Some(code) if is_code(code, 6) => Self::Etn(code),
                _ if is_code(key, 6) => Self::Stock(key),
                _ => other,
            },
            KeyKind::IndexCode if is_code(key, 4) => Self::Index(key),
            KeyKind::ElwCode if is_code(key, 6) => Self::Elw(key),
            KeyKind::BondIsin if is_isin(key) => Self::Bond(key),
            KeyKind::BondIndex if is_code(key, 6) => Self::BondIndex(key),
            KeyKind::FutureOption => FutureOptionCode::read(key).map_or(other, Self::FutureOption),
            KeyKind::OverseasStock => {
                OverseasKey::from_field(key).map_or(other, Self::OverseasStock)
            }
            KeyKind::OverseasFuture => {
                OverseasContract::read(key).map_or(other, Self::OverseasFuture)
            }
            KeyKind::HtsId => Private::from_field(key).map_or(other, Self::HtsId),
            KeyKind::IndexCode | KeyKind::ElwCode | KeyKind::BondIsin | KeyKind::BondIndex => other,
        })
    }

    /// The key as KIS wants it. An HTS id must not get into a log.
    pub fn to_key(self) -> Cow<'a, str> {
        match self {
            Self::Stock(key) | Self::Index(key) | Self::Elw(key) | Self::Bond(key) => key.into(),
            Self::BondIndex(key) | Self::Other(key) => key.into(),
            Self::Etn(code) => format!("Q{code}").into(),
            Self::FutureOption(code) => code.to_string().into(),
            Self::OverseasStock(key) => key.to_string().into(),
            Self::OverseasFuture(contract) => contract.to_string().into(),
            Self::HtsId(id) => id.reveal().into(),
        }
    }
}

/// Whether a text can be a key of a stream at all.
fn check(tr_id: TrId, key: &str) -> Result<(), TrKeyError> {
    if key.is_empty() {
        return Err(TrKeyError::Empty(tr_id));
    }
    if key.trim() != key {
        return Err(TrKeyError::Blank(tr_id));
    }
    let wrong = |it: &char| it.is_control() || matches!(it, '^' | '|');
    if let Some(character) = key.chars().find(wrong) {
        return Err(TrKeyError::Character { tr_id, character });
    }
    let length = key.chars().count();
    if length > LENGTH_MAX {
        return Err(TrKeyError::TooLong { tr_id, length });
    }
    let shortest = match tr_id.key_kind() {
        KeyKind::StockCode | KeyKind::ElwCode | KeyKind::FutureOption => 6,
        KeyKind::BondIsin => 12,
        // The feed, the exchange, and a symbol of one letter.
        KeyKind::OverseasStock => 5,
        KeyKind::IndexCode | KeyKind::BondIndex | KeyKind::OverseasFuture | KeyKind::HtsId => 1,
    };
    if length < shortest {
        return Err(TrKeyError::TooShort { tr_id, length });
    }
    Ok(())
}

/// What a stream takes as its key, for people.
fn wanted(tr_id: TrId) -> String {
    let what = match tr_id.key_kind() {
        KeyKind::StockCode => "a stock code of six characters, after a Q if it is an ETN's",
        KeyKind::IndexCode => "an index code of four digits",
        KeyKind::ElwCode => "an ELW code of six characters",
        KeyKind::FutureOption => "the short code of a future or option",
        KeyKind::BondIsin => "an ISIN of twelve characters",
        KeyKind::BondIndex => "the id of a bond index",
        KeyKind::OverseasStock => "D or R, three letters for the exchange, and the symbol",
        KeyKind::OverseasFuture => "the series of an overseas future or option",
        KeyKind::HtsId => return "your HTS id".to_owned(),
    };
    format!("{what}, such as {}", tr_id.example_key())
}

/// Whether it is `length` digits and capital letters.
fn is_code(text: &str, length: usize) -> bool {
    text.len() == length && text.bytes().all(|it| it.is_ascii_digit() || it.is_ascii_uppercase())
}

/// Whether it is an ISIN with the right check digit (ISO 6166).
fn is_isin(text: &str) -> bool {
    if !is_code(text, 12) {
        return false;
    }
    // Letters count as two digits, and every second digit from the right is doubled.
    let values = text.chars().filter_map(|it| it.to_digit(36));
    let digits = values.flat_map(|it| [(it > 9).then_some(it / 10), Some(it % 10)]).flatten();
    let digits: Vec<u32> = digits.collect();
    let sum = digits.iter().rev().enumerate().map(|(place, digit)| {
        let digit = if place % 2 == 1 { digit * 2 } else { *digit };
        digit / 10 + digit % 10
    });
    sum.sum::<u32>() % 10 == 0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::code::{Feed, OverseasExchange};

    #[track_caller]
    fn check(tr_id: TrId, key: &str, expected: TrKey<'_>) {
        let read = TrKey::read(tr_id, key).unwrap();
        assert_eq!(read, expected);
        assert_eq!(read.to_key(), key);
    }

    #[test]
    fn reads_keys() {
        check(TrId::H0STCNT0, "005930", TrKey::Stock("005930"));
        check(TrId::H0STCNT0, "0000Y0", TrKey::Stock("0000Y0"));
        check(TrId::H0STCNT0, "Q530031", TrKey::Etn("530031"));
        check(TrId::H0STCNT0, "dnasaapl", TrKey::Other("dnasaapl"));
        check(TrId::H0UPCNT0, "0001", TrKey::Index("0001"));
        check(TrId::H0EWCNT0, "57LA24", TrKey::Elw("57LA24"));
        check(TrId::H0BJCNT0, "KR7005930003", TrKey::Bond("KR7005930003"));
        check(TrId::H0BJCNT0, "KR7005930004", TrKey::Other("KR7005930004"));
        check(TrId::H0BICNT0, "KBPR01", TrKey::BondIndex("KBPR01"));
        let (feed, exchange) = (Feed::Free, OverseasExchange::HongKong);
        let key = OverseasKey { feed, exchange, symbol: "00003" };
        check(TrId::HDFSASP1, "DHKS00003", TrKey::OverseasStock(key));
        let exchange = OverseasExchange::Other("XYZ");
        let key = OverseasKey { feed: Feed::Other("Z"), exchange, symbol: "A.B" };
        check(TrId::HDFSASP1, "ZXYZA.B", TrKey::OverseasStock(key));
    }

    #[test]
    fn an_hts_id_is_not_shown() {
        let key = TrKey::read(TrId::H0STCNI0, "somebody").unwrap();
        assert_eq!(format!("{key:?}"), "HtsId(…body)");
        assert_eq!(key.to_key(), "somebody");
        let error = TrKey::read(TrId::H0STCNI0, " somebody").unwrap_err();
        assert!(!format!("{error}{error:?}").contains("somebody"));
    }

    /// What stands in errors, as users will read them.
    #[test]
    fn errors_say_what_is_wanted() {
        let check = |tr_id, key: &str, expected: &str| {
            assert_eq!(TrKey::read(tr_id, key).unwrap_err().to_string(), expected);
        };
        check(
            TrId::HDFSCNT0,
            "AAPL",
            "the tr_key for HDFSCNT0 has 4 characters only; give D or R, three letters for the \
             exchange, and the symbol, such as DNASAAPL",
        );
        check(TrId::H0STCNI0, "", "H0STCNI0 takes a tr_key: your HTS id");
        check(
            TrId::H0STCNT0,
            "005930 ",
            "the tr_key for H0STCNT0 begins or ends with a blank; leave it out",
        );
        check(
            TrId::H0STCNT0,
            "0059|0",
            "the tr_key for H0STCNT0 has the character '|'; leave it out",
        );
        check(
            TrId::H0UPCNT0,
            &"0".repeat(49),
            "the tr_key for H0UPCNT0 has 49 characters, and 48 are too many; give an index code \
             of four digits, such as 0001",
        );
    }

    #[test]
    fn every_example_is_known() {
        for tr_id in TrId::ALL.iter().filter(|it| it.key_kind() != KeyKind::HtsId) {
            let read = TrKey::read(*tr_id, tr_id.example_key()).unwrap();
            assert!(!matches!(read, TrKey::Other(_)), "{tr_id:?} {read:?}");
            assert_eq!(read.to_key(), tr_id.example_key());
        }
    }
}
