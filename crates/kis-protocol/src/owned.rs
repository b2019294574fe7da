use std::fmt;

use crate::{Record, Splits};

/// A record that outlives its frame. Its columns stay found: reading it does not
/// split it again.
#[derive(Clone, PartialEq, Eq)]
pub struct OwnedRecord {
    text: Box<str>,
    /// As in [`Record`].
    starts: Box<[u32]>,
}

impl OwnedRecord {
    /// Splits the text of one record into its columns.
    #[must_use]
    pub fn new(text: impl Into<Box<str>>) -> Self {
        let text = text.into();
        let starts = Splits::default().split(&text).into();
        Self { text, starts }
    }

    /// The whole record as sent, its columns still separated by `^`.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The record, to be read.
    pub fn record(&self) -> Record<'_> {
        Record { body: &self.text, starts: &self.starts }
    }
}

impl From<Record<'_>> for OwnedRecord {
    fn from(record: Record<'_>) -> Self {
        let before = record.starts.first().copied().unwrap_or_default();
        let starts = record.starts.iter().map(|it| it - before).collect();
        Self { text: record.text().into(), starts }
    }
}

/// Prints no column, as [`Record`] does not.
impl fmt::Debug for OwnedRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "OwnedRecord({} columns)", self.record().len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Frame;

    #[test]
    fn a_record_without_its_frame_reads_the_same() {
        let frame = Frame::parse("0|H0STNAV0|003|069500^1^^102110^2^텅^^^").unwrap();
        let mut splits = Splits::default();
        for record in frame.records(&mut splits).unwrap() {
            let owned = OwnedRecord::from(record);
            assert_eq!(owned, OwnedRecord::new(record.text()));
            assert_eq!(owned.text(), record.text());
            assert!(owned.record().columns().eq(record.columns()));
        }
    }
}
