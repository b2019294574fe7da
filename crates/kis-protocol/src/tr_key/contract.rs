//! Short codes of futures and options, in Korea and overseas.

use std::fmt;

/// The letters by which KRX counts years, from 1996 on and again from 2026 on.
const YEARS: &[u8; 30] = b"6789012345ABCDEFGHJKLMNPQRSTVW";

/// The first year that a letter is read as. A letter comes back after thirty years.
const YEAR_MIN: u16 = 2016;

/// The letters by which exchanges overseas count months.
const MONTHS: &[u8; 12] = b"FGHJKMNQUVXZ";

/// A month of a year.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct YearMonth {
    year: u16,
    month: u8,
}

/// A call or a put.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Right {
    /// 콜
    Call,
    /// 풋
    Put,
}

/// Which set of first characters a code has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Generation {
    /// `1` futures, `2` calls, `3` puts, `4` spreads. Recorded of contracts until 2025.
    Digits,
    /// `A` futures, `B` calls, `C` puts, `D` spreads. The first two have been recorded, of
    /// contracts from 2026 on; the others are inferred.
    Letters,
}

/// 선물·옵션 단축코드: `101W09`, `A01609`, `201W08427`, `209E1W440`, `401W9WCS`.
///
/// The year's letter is by CQG's description of KRX' short codes, which the recorded codes
/// agree with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct FutureOptionCode<'a> {
    /// Which first characters it has.
    pub generation: Generation,
    /// What it is on, two characters: `01` KOSPI200, `05` the small contract on it, `09` the
    /// weekly one, `06` KOSDAQ150, others for stocks and commodities.
    pub product: &'a str,
    /// What it is.
    pub contract: Contract<'a>,
}

/// What a contract is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Contract<'a> {
    /// 선물
    Future(Expiry<'a>),
    /// 옵션
    Option {
        /// Call or put.
        right: Right,
        /// When it expires.
        expiry: Expiry<'a>,
        /// Three characters for the strike: of index options its whole part, so that `427` is
        /// 427.5; of others what the master file says.
        strike: &'a str,
    },
    /// 스프레드: one month against another.
    Spread {
        /// The first month.
        near: YearMonth,
        /// The second month.
        far: YearMonth,
    },
}

/// When a contract expires.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Expiry<'a> {
    /// In a month.
    Month(YearMonth),
    /// In a week, which KRX counts by two characters.
    Week(&'a str),
    /// Three characters that are neither.
    Other(&'a str),
}

/// The series of an overseas future or option: `SPIU25`, `OESH23 C3900`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct OverseasContract<'a> {
    /// The product: `SPI`.
    pub product: &'a str,
    /// The month in which it expires.
    pub expiry: YearMonth,
    /// Of an option, whether it is a call or a put, and its strike.
    pub option: Option<(Right, &'a str)>,
}

impl YearMonth {
    /// A month of one of the years 2016 to 2045, which is what a code can say; or `None`.
    pub fn new(year: u16, month: u8) -> Option<Self> {
        let years = YEAR_MIN..YEAR_MIN + 30;
        (years.contains(&year) && (1..=12).contains(&month)).then_some(Self { year, month })
    }

    /// The year.
    pub fn year(self) -> u16 {
        self.year
    }

    /// The month, from 1.
    pub fn month(self) -> u8 {
        self.month
    }

    /// KRX' letter for the year.
    fn letter(self) -> char {
        let place = usize::from(self.year.saturating_sub(1996)) % YEARS.len();
        YEARS.get(place).copied().map_or('?', char::from)
    }

    /// A year's letter and two digits, `W09`.
    fn read(text: &str) -> Option<Self> {
        let &[letter, tens @ (b'0' | b'1'), ones @ b'0'..=b'9'] = text.as_bytes() else {
            return None;
        };
        Self::new(year(letter)?, (tens - b'0') * 10 + ones - b'0')
    }

    /// A year's letter and one for the month, `W9` or `WC`.
    fn read_short(text: &str) -> Option<Self> {
        let &[letter, month] = text.as_bytes() else { return None };
        let month = match month {
            b'1'..=b'9' => month - b'0',
            b'A'..=b'C' => month - b'A' + 10,
            _ => return None,
        };
        Self::new(year(letter)?, month)
    }
}

/// The year that a letter of KRX stands for.
fn year(letter: u8) -> Option<u16> {
    let place = YEARS.iter().position(|it| *it == letter)?;
    let year = 1996 + u16::try_from(place).ok()?;
    Some(if year < YEAR_MIN { year + 30 } else { year })
}

impl<'a> From<YearMonth> for Expiry<'a> {
    fn from(month: YearMonth) -> Self {
        Self::Month(month)
    }
}

impl<'a> Expiry<'a> {
    fn read(text: &'a str) -> Self {
        if let Some(month) = YearMonth::read(text) {
            return Self::Month(month);
        }
        match text.strip_suffix('W') {
            Some(week) => Self::Week(week),
            None => Self::Other(text),
        }
    }
}

impl<'a> FutureOptionCode<'a> {
    /// The code of a contract, in the generation that its expiry has; what does not say its
    /// year gets the newer one.
    pub fn new(product: &'a str, contract: Contract<'a>) -> Self {
        let until = match contract {
            Contract::Future(expiry) | Contract::Option { expiry, .. } => match expiry {
                Expiry::Month(month) => Some(month),
                _ => None,
            },
            Contract::Spread { near, .. } => Some(near),
        };
        let old = until.is_some_and(|it| it.year < 2026);
        let generation = if old { Generation::Digits } else { Generation::Letters };
        Self { generation, product, contract }
    }

    /// Takes a code apart; `None` when its form is not known.
    pub fn read(code: &'a str) -> Option<Self> {
        if !code.bytes().all(|it| it.is_ascii_digit() || it.is_ascii_uppercase()) {
            return None;
        }
        let (first, rest) = code.split_at_checked(1)?;
        let (product, rest) = rest.split_at_checked(2)?;
        let place = "1234ABCD".find(first)?;
        let generation = if place < 4 { Generation::Digits } else { Generation::Letters };
        let contract = match (place % 4, rest.len()) {
            (0, 3) => Contract::Future(Expiry::read(rest)),
            (kind @ (1 | 2), 6) => {
                let (expiry, strike) = rest.split_at_checked(3)?;
                let right = if kind == 1 { Right::Call } else { Right::Put };
                Contract::Option { right, expiry: Expiry::read(expiry), strike }
            }
            (3, 5) => {
                let (near, far) = rest.strip_suffix('S')?.split_at_checked(2)?;
                let (near, far) = (YearMonth::read_short(near)?, YearMonth::read_short(far)?);
                Contract::Spread { near, far }
            }
            _ => return None,
        };
        Some(Self { generation, product, contract })
    }
}

/// As KIS wants it in a `tr_key`.
impl fmt::Display for FutureOptionCode<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let first = match (self.generation, self.contract) {
            (Generation::Digits, Contract::Future(_)) => '1',
            (Generation::Digits, Contract::Option { right: Right::Call, .. }) => '2',
            (Generation::Digits, Contract::Option { right: Right::Put, .. }) => '3',
            (Generation::Digits, Contract::Spread { .. }) => '4',
            (Generation::Letters, Contract::Future(_)) => 'A',
            (Generation::Letters, Contract::Option { right: Right::Call, .. }) => 'B',
            (Generation::Letters, Contract::Option { right: Right::Put, .. }) => 'C',
            (Generation::Letters, Contract::Spread { .. }) => 'D',
        };
        write!(f, "{first}{}", self.product)?;
        match self.contract {
            Contract::Future(expiry) => write!(f, "{expiry}"),
            Contract::Option { expiry, strike, .. } => write!(f, "{expiry}{strike}"),
            Contract::Spread { near, far } => {
                let short = |it: YearMonth| format!("{}{:X}", it.letter(), it.month);
                write!(f, "{}{}S", short(near), short(far))
            }
        }
    }
}

impl fmt::Display for Expiry<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Month(month) => write!(f, "{}{:02}", month.letter(), month.month),
            Self::Week(week) => write!(f, "{week}W"),
            Self::Other(text) => f.write_str(text),
        }
    }
}

impl<'a> OverseasContract<'a> {
    /// Takes a series apart; `None` when its form is not known.
    pub fn read(code: &'a str) -> Option<Self> {
        let (series, option) = match code.split_once(' ') {
            Some((series, option)) => (series, Some(option)),
            None => (code, None),
        };
        let (product, expiry) = series.split_at_checked(series.len().checked_sub(3)?)?;
        let &[letter, tens @ b'0'..=b'9', ones @ b'0'..=b'9'] = expiry.as_bytes() else {
            return None;
        };
        let month = u8::try_from(MONTHS.iter().position(|it| *it == letter)?).ok()? + 1;
        let year = 2000 + u16::from(tens - b'0') * 10 + u16::from(ones - b'0');
        let option = match option {
            Some(option) => {
                let (right, strike) = option.split_at_checked(1)?;
                let right = match right {
                    "C" => Right::Call,
                    "P" => Right::Put,
                    _ => return None,
                };
                (!strike.is_empty()).then_some(Some((right, strike)))?
            }
            None => None,
        };
        let known = !product.is_empty();
        known.then_some(Self { product, expiry: YearMonth::new(year, month)?, option })
    }
}

/// As KIS wants it in a `tr_key`.
impl fmt::Display for OverseasContract<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let YearMonth { year, month } = self.expiry;
        let letter = MONTHS.get(usize::from(month) - 1).copied().map_or('?', char::from);
        write!(f, "{}{letter}{:02}", self.product, year % 100)?;
        match self.option {
            Some((Right::Call, strike)) => write!(f, " C{strike}"),
            Some((Right::Put, strike)) => write!(f, " P{strike}"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn month(year: u16, month: u8) -> YearMonth {
        YearMonth::new(year, month).unwrap()
    }

    #[track_caller]
    fn check(code: &str, product: &str, contract: Contract<'_>) {
        let read = FutureOptionCode::read(code).unwrap();
        assert_eq!((read.product, read.contract), (product, contract));
        assert_eq!(read.to_string(), code);
        assert_eq!(FutureOptionCode::new(product, contract).contract, contract);
    }

    #[test]
    fn reads_both_generations() {
        use Contract::{Future, Option, Spread};
        use Right::{Call, Put};
        check("101W09", "01", Future(month(2025, 9).into()));
        check("101V06", "01", Future(month(2024, 6).into()));
        check("A01609", "01", Future(month(2026, 9).into()));
        check("A05608", "05", Future(month(2026, 8).into()));
        check("A01712", "01", Future(month(2027, 12).into()));
        let expiry = month(2025, 8).into();
        check("201W08427", "01", Option { right: Call, expiry, strike: "427" });
        check("339W08088", "39", Option { right: Put, expiry, strike: "088" });
        let expiry = month(2026, 8).into();
        check("B01608A46", "01", Option { right: Call, expiry, strike: "A46" });
        let expiry = Expiry::Week("E1");
        check("209E1W440", "09", Option { right: Call, expiry, strike: "440" });
        check("A0113A", "01", Future(Expiry::Other("13A")));
        let (near, far) = (month(2025, 9), month(2025, 12));
        check("401W9WCS", "01", Spread { near, far });
        for unknown in ["", "101", "501W09", "101W0", "201W09", "401W9WDS", "a01609", "101W0텅"] {
            assert_eq!(FutureOptionCode::read(unknown), None, "{unknown}");
        }
    }

    #[test]
    fn new_codes_have_the_generation_of_their_year() {
        let future = |year| {
            let contract = Contract::Future(month(year, 3).into());
            FutureOptionCode::new("01", contract).to_string()
        };
        assert_eq!(future(2025), "101W03");
        assert_eq!(future(2026), "A01603");
        assert_eq!(future(2030), "A01003");
        assert_eq!(future(2036), "A01A03");
    }

    #[test]
    fn every_month_reads_back() {
        for year in 2016..2046 {
            for number in 1..=12 {
                let contract = Contract::Future(month(year, number).into());
                let code = FutureOptionCode::new("01", contract);
                assert_eq!(FutureOptionCode::read(&code.to_string()), Some(code));
            }
        }
        assert_eq!(YearMonth::new(2015, 1), None);
        assert_eq!(YearMonth::new(2046, 1), None);
        assert_eq!(YearMonth::new(2026, 13), None);
    }

    #[test]
    fn reads_overseas_series() {
        let check = |code: &str, product: &str, expiry, option| {
            let read = OverseasContract::read(code).unwrap();
            assert_eq!(read, OverseasContract { product, expiry, option });
            assert_eq!(read.to_string(), code);
        };
        check("1OZQ25", "1OZ", month(2025, 8), None);
        check("SPIU25", "SPI", month(2025, 9), None);
        check("OESH23 C3900", "OES", month(2023, 3), Some((Right::Call, "3900")));
        for unknown in ["", "U25", "SPIA25", "SPIU2", "OESH23 ", "OESH23 X1", "OESH23 C", "텅U25텅"]
        {
            assert_eq!(OverseasContract::read(unknown), None, "{unknown}");
        }
    }
}
