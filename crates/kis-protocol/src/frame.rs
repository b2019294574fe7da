use std::ops::Range;

use memchr::memchr;

use crate::{FieldError, Fields, FromField, Layout, TrId, split::Splits};

/// A data frame, still in the text it arrived in: `flag|tr_id|count|body`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Frame<'a> {
    /// Whether the body is encrypted (flag `1`).
    pub encrypted: bool,
    /// The stream, as written; see [`TrId`].
    pub tr_id: &'a str,
    /// How many records the body holds.
    pub count: usize,
    /// The records' columns, separated by `^`.
    pub body: &'a str,
}

/// A text that is not a well-formed data frame.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FrameError {
    /// The text does not have the four parts of a frame.
    #[error("not a data frame `flag|tr_id|count|body`: {0:?}")]
    Malformed(Box<str>),
    /// The columns cannot be shared out evenly among the records.
    #[error(
        "{tr_id}: {columns} columns cannot be split into {count} records; the frame is cut or its count is wrong"
    )]
    Ragged {
        /// The stream.
        tr_id: Box<str>,
        /// How many columns arrived.
        columns: usize,
        /// How many records the frame announced.
        count: usize,
    },
    /// One record is as wide as several: the announced count is too small.
    #[error(
        "{tr_id}: a record of {columns} columns is a multiple of the known {known}; the announced count {count} is wrong"
    )]
    Merged {
        /// The stream.
        tr_id: Box<str>,
        /// How many columns each record would have.
        columns: usize,
        /// The known width it is a multiple of.
        known: usize,
        /// How many records the frame announced.
        count: usize,
    },
    /// The body is encrypted and has no columns to be read yet.
    #[error(
        "{tr_id}: the body is encrypted; decrypt it with the cipher of the registration's answer"
    )]
    Encrypted {
        /// The stream.
        tr_id: Box<str>,
    },
}

impl<'a> Frame<'a> {
    /// Reads the envelope; the body is not looked at.
    ///
    /// # Errors
    /// [`FrameError::Malformed`] when the text has another shape.
    pub fn parse(text: &'a str) -> Result<Self, FrameError> {
        if let Some(frame) = Self::parse_usual(text) {
            return Ok(frame);
        }
        let malformed = || FrameError::Malformed(text.chars().take(64).collect());
        let (encrypted, rest) = match text.as_bytes() {
            [b'0', b'|', ..] => (false, &text[2..]),
            [b'1', b'|', ..] => (true, &text[2..]),
            _ => return Err(malformed()),
        };
        let (tr_id, rest) = split_at_bar(rest).ok_or_else(malformed)?;
        let (count, body) = split_at_bar(rest).ok_or_else(malformed)?;
        // `parse` would also take a sign, which KIS never sends.
        if count.is_empty() || count.len() > 6 || !count.bytes().all(|it| it.is_ascii_digit()) {
            return Err(malformed());
        }
        let count = count.parse().map_err(|_| malformed())?;
        Ok(Self { encrypted, tr_id, count, body })
    }

    /// Reads an envelope with eight characters of tr_id and three of count, as
    /// nearly every one has, without looking for its bars.
    #[inline]
    fn parse_usual(text: &'a str) -> Option<Self> {
        let &[flag, b'|', ref tr_id @ .., b'|', a, b, c, b'|'] =
            text.as_bytes().first_chunk::<15>()?
        else {
            return None;
        };
        let no_bar = tr_id.iter().fold(true, |no_bar, byte| no_bar & (*byte != b'|'));
        let digits = [a, b, c].map(|it| it.wrapping_sub(b'0'));
        let numeric = digits.iter().fold(true, |numeric, digit| numeric & (*digit <= 9));
        if !(no_bar & numeric & (flag | 1 == b'1')) {
            return None;
        }
        let [a, b, c] = digits.map(usize::from);
        Some(Self {
            encrypted: flag == b'1',
            tr_id: text.get(2..10)?,
            count: 100 * a + 10 * b + c,
            body: text.get(15..)?,
        })
    }

    /// The key of the first record: its first column, whatever the stream.
    pub fn first_key(&self) -> &'a str {
        match memchr(b'^', self.body.as_bytes()) {
            Some(at) => &self.body[..at],
            None => self.body,
        }
    }

    /// Splits the body into records; `splits` is scratch space to be reused.
    ///
    /// KIS sometimes appends a column to a stream. So the width of a record is
    /// what the frame says it is, columns over count, and not what the layout
    /// expects: a wider record keeps its extra columns.
    ///
    /// # Errors
    /// [`FrameError::Ragged`] when the columns do not divide evenly,
    /// [`FrameError::Merged`] when they divide into multiples of a known width,
    /// [`FrameError::Encrypted`] for a notice that is not decrypted yet.
    pub fn records<'s>(&self, splits: &'s mut Splits) -> Result<Records<'s>, FrameError>
    where
        'a: 's,
    {
        if self.encrypted {
            return Err(FrameError::Encrypted { tr_id: self.tr_id.into() });
        }
        let starts = splits.split(self.body);
        let (total, count) = (starts.len() - 1, self.count);
        // Most frames hold one record, and a division is as slow as ten columns.
        let columns = match count {
            1 => total,
            // No number of columns is a multiple of zero records.
            _ if !total.is_multiple_of(count) => {
                return Err(FrameError::Ragged { tr_id: self.tr_id.into(), columns: total, count });
            }
            _ => total / count,
        };
        if let Some(known) =
            TrId::from_bytes(self.tr_id.as_bytes()).and_then(|it| it.multiple_of(columns))
        {
            return Err(FrameError::Merged { tr_id: self.tr_id.into(), columns, known, count });
        }
        Ok(Records { body: self.body, starts, columns })
    }
}

fn split_at_bar(text: &str) -> Option<(&str, &str)> {
    let at = memchr(b'|', text.as_bytes())?;
    Some((&text[..at], &text[at + 1..]))
}

/// The records of a frame.
#[derive(Debug, Clone)]
pub struct Records<'a> {
    body: &'a str,
    /// Where the columns of the records that are left start, and one more would.
    starts: &'a [u32],
    columns: usize,
}

impl Records<'_> {
    /// How many columns each record has.
    pub fn columns(&self) -> usize {
        self.columns
    }
}

impl<'a> Iterator for Records<'a> {
    type Item = Record<'a>;

    fn next(&mut self) -> Option<Record<'a>> {
        let starts = self.starts.get(..=self.columns)?;
        self.starts = &self.starts[self.columns..];
        Some(Record { body: self.body, starts })
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = (self.starts.len() - 1) / self.columns;
        (left, Some(left))
    }
}

impl ExactSizeIterator for Records<'_> {}

/// One record: the body it lies in and where its columns are.
#[derive(Clone, Copy)]
pub struct Record<'a> {
    pub(crate) body: &'a str,
    /// Where each column starts, and where the one after the record would: a
    /// column ends one byte before the next start.
    pub(crate) starts: &'a [u32],
}

impl<'a> Record<'a> {
    /// How many columns the record has; at least one.
    #[expect(clippy::len_without_is_empty, reason = "a record has at least one column")]
    pub fn len(&self) -> usize {
        self.starts.len() - 1
    }

    /// The text of the column at `index`, or `None` past the end of the record.
    #[inline]
    pub fn get(&self, index: usize) -> Option<&'a str> {
        self.body.get(self.place(index)?)
    }

    /// Where in the body the column at `index` is.
    #[inline]
    fn place(&self, index: usize) -> Option<Range<usize>> {
        Some(between([*self.starts.get(index)?, *self.starts.get(index + 1)?]))
    }

    /// The texts of all columns.
    pub fn columns(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        let body = self.body;
        self.places().filter_map(move |it| body.get(it))
    }

    /// The bytes of all columns, which nobody has to find whole characters in.
    pub(crate) fn bytes(&self) -> impl Iterator<Item = &'a [u8]> + use<'a> {
        let body = self.body.as_bytes();
        self.places().filter_map(move |it| body.get(it))
    }

    fn places(&self) -> impl Iterator<Item = Range<usize>> + use<'a> {
        self.starts.array_windows().map(|it| between(*it))
    }

    /// The record's key: its first column, whatever the stream.
    pub fn key(&self) -> &'a str {
        self.get(0).unwrap_or_default()
    }

    /// The whole record as sent, its columns still separated by `^`.
    pub fn text(&self) -> &'a str {
        self.first(self.len()).unwrap_or_default()
    }

    /// The text of the first `columns` columns, if there are more than those.
    pub(crate) fn first(&self, columns: usize) -> Option<&'a str> {
        self.body.get(between([*self.starts.first()?, *self.starts.get(columns)?]))
    }

    /// The record under its columns' names, for serialisation; without a
    /// stream the columns are named by position.
    pub fn fields(self, tr_id: Option<TrId>) -> Fields<'a> {
        Fields::new(self, tr_id.map(|it| it.layout_for(self.len())))
    }

    /// The column that plays a role, if the layout has one that does.
    #[inline]
    pub(crate) fn role<T: FromField<'a>>(
        &self,
        layout: &'static Layout,
        place: u8,
    ) -> Result<Option<T>, FieldError> {
        match place {
            crate::rows::NONE => Ok(None),
            place => self.parse(layout, usize::from(place)),
        }
    }

    #[inline]
    pub(crate) fn parse<T: FromField<'a>>(
        &self,
        layout: &'static Layout,
        index: usize,
    ) -> Result<Option<T>, FieldError> {
        let Some(place) = self.place(index) else { return Ok(None) };
        if place.is_empty() {
            return Ok(None);
        }
        match T::from_column(self.body, place) {
            Some(value) => Ok(Some(value)),
            None => self.parse_text(layout, index),
        }
    }

    /// Reads a column that has no quick way to be read. The results are made in
    /// two places, because one that is copied from the other costs as much as
    /// the reading.
    #[cold]
    fn parse_text<T: FromField<'a>>(
        &self,
        layout: &'static Layout,
        index: usize,
    ) -> Result<Option<T>, FieldError> {
        let text = self.get(index).unwrap_or_default();
        match T::from_field(text) {
            Some(value) => Ok(Some(value)),
            None if text.trim_ascii().is_empty() => Ok(None),
            None => Err(FieldError::new(layout, index, T::NAME, text)),
        }
    }
}

/// From one start to the separator before the next.
#[inline]
fn between([start, next]: [u32; 2]) -> Range<usize> {
    start as usize..(next as usize).wrapping_sub(1)
}

/// Notices hold account numbers, so a record never prints its columns.
impl std::fmt::Debug for Record<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Record({} columns)", self.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Decimal, code::Sign, record::stock::StockTrade};

    const TRADE: &str = "005930^093354^71900^5^-100^-0.14^72023.83^72100^72400^71700^71900^71800^1^3052507^219853241700^5105^6937^1832^84.90^1366314^1159996^1^0.39^20.28^090020^5^-200^090820^5^-500^092619^2^200^20230612^20^N^65945^216924^1118750^2199206^0.05^2424142^125.92^0^^72100";

    #[track_caller]
    fn check(text: &str, expected: &[(&str, &str)]) {
        let frame = Frame::parse(text).unwrap();
        let mut splits = Splits::default();
        let trades: Vec<_> = frame.records(&mut splits).unwrap().map(StockTrade).collect();
        let actual: Vec<_> = trades
            .iter()
            .map(|it| {
                (
                    it.mksc_shrn_iscd().unwrap().unwrap(),
                    it.stck_prpr().unwrap().unwrap().to_string(),
                )
            })
            .collect();
        let expected: Vec<_> =
            expected.iter().map(|(key, price)| (*key, (*price).to_owned())).collect();
        assert_eq!(actual, expected);
    }

    #[track_caller]
    fn check_error(text: &str, expected: &str) {
        let error = match Frame::parse(text) {
            Ok(frame) => frame.records(&mut Splits::default()).unwrap_err(),
            Err(error) => error,
        };
        assert_eq!(error.to_string(), expected);
    }

    const PRICE: (&str, &str) = ("005930", "71900");

    #[test]
    fn one_record() {
        check(&format!("0|H0STCNT0|001|{TRADE}"), &[PRICE]);
    }

    #[test]
    fn many_records() {
        check(&format!("0|H0STCNT0|003|{TRADE}^{TRADE}^{TRADE}"), &[PRICE; 3]);
    }

    #[test]
    fn appended_columns() {
        check(&format!("0|H0STCNT0|002|{TRADE}^2^NEW^{TRADE}^2^NEW"), &[PRICE; 2]);
    }

    #[test]
    fn a_bar_in_the_body_belongs_to_the_body() {
        let frame = Frame::parse("0|H0STNAV0|001|069500^a|b").unwrap();
        assert_eq!(frame.body, "069500^a|b");
    }

    #[test]
    fn bad_envelopes() {
        let what = |text: &str| format!("not a data frame `flag|tr_id|count|body`: {text:?}");
        for text in [
            "",
            "0",
            "0|",
            "2|H0STCNT0|001|x",
            "0|H0STCNT0|001",
            "0|H0STCNT0|x|y",
            "0|H0STCNT0|+1|y",
            "00|H0STCNT0|001|y",
            "텅|",
            "0|H0STCNT0||y",
        ] {
            check_error(text, &what(text));
        }
    }

    #[test]
    fn bad_bodies() {
        check_error(
            &format!("0|H0STCNT0|002|{TRADE}^{TRADE}^NEW"),
            "H0STCNT0: 93 columns cannot be split into 2 records; the frame is cut or its count is wrong",
        );
        check_error(
            &format!("0|H0STCNT0|000|{TRADE}"),
            "H0STCNT0: 46 columns cannot be split into 0 records; the frame is cut or its count is wrong",
        );
        check_error(
            &format!("0|H0STCNT0|001|{TRADE}^{TRADE}^{TRADE}"),
            "H0STCNT0: a record of 138 columns is a multiple of the known 46; the announced count 1 is wrong",
        );
        check_error(
            "1|H0STCNI0|001|c2VjcmV0",
            "H0STCNI0: the body is encrypted; decrypt it with the cipher of the registration's answer",
        );
    }

    #[test]
    fn a_bad_column_names_itself() {
        let text = format!("0|H0STCNT0|001|{}", TRADE.replace("71900", "n/a"));
        let mut splits = Splits::default();
        let trade =
            StockTrade(Frame::parse(&text).unwrap().records(&mut splits).unwrap().next().unwrap());
        assert_eq!(
            trade.stck_prpr().unwrap_err().to_string(),
            r#"StockTrade.stck_prpr: cannot read "n/a" as decimal"#
        );
        assert_eq!(trade.market_cls_code(), Ok(None)); // absent
        assert_eq!(trade.mrkt_trtm_cls_code(), Ok(None)); // empty
        assert_eq!(trade.acml_vol(), Ok(Some(3_052_507)));
        assert_eq!(trade.cttr(), Ok(Some(Decimal::new(8490, 2))));
        assert_eq!(trade.prdy_vrss_sign(), Ok(Some(Sign::Fall)));
    }
}
