use std::{borrow::Cow, fmt::Write as _};

use crate::{Frame, FrameError, Layout, Record, Splits, TrId, Width};

/// A record that cannot be written in another width.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LayoutError {
    /// The stream has never had such records.
    #[error("{tr_id} has had no records of {columns} columns; its known widths are {known:?}")]
    UnknownWidth {
        /// The stream.
        tr_id: TrId,
        /// The width asked for.
        columns: usize,
        /// The widths it has had.
        known: Vec<usize>,
    },
    /// The stream itself is not known.
    #[error("{0}: the layouts of an unknown stream are not known")]
    UnknownStream(Box<str>),
    /// The frame cannot be split.
    #[error(transparent)]
    Frame(#[from] FrameError),
}

impl<'a> Record<'a> {
    /// The record as a client of another time expects it: with as many
    /// columns as the stream's records had then, separated by `^`.
    ///
    /// Columns go where the other layout has their names; one that this record
    /// lacks is empty. Nothing is copied when the wanted columns are the
    /// record's first ones, as after KIS has appended some.
    ///
    /// # Errors
    /// [`LayoutError::UnknownWidth`] when the stream never had this width.
    pub fn in_layout(&self, tr_id: TrId, columns: usize) -> Result<Cow<'a, str>, LayoutError> {
        if columns == self.len() {
            return Ok(Cow::Borrowed(self.text()));
        }
        let Some(width) = tr_id.widths().iter().find(|it| it.columns == columns) else {
            let known = tr_id.widths().iter().map(|it| it.columns).collect();
            return Err(LayoutError::UnknownWidth { tr_id, columns, known });
        };
        let from = tr_id.layout_for(self.len());
        if std::ptr::eq(from, width.layout)
            && let Some(first) = self.first(columns)
        {
            return Ok(Cow::Borrowed(first));
        }
        let texts: Vec<Cow<'a, str>> =
            (0..columns).map(|index| self.moved(index, from, width)).collect();
        Ok(Cow::Owned(texts.join("^")))
    }

    /// The text that belongs at `index` of the other layout.
    fn moved(&self, index: usize, from: &'static Layout, to: &'static Width) -> Cow<'a, str> {
        let get = |name| from.index_of(name).and_then(|at| self.get(at));
        if std::ptr::eq(from, to.layout) {
            return self.get(index).unwrap_or_default().into();
        }
        let Some(name) = to.layout.column_name(index) else { return "".into() };
        if let Some(text) = get(name) {
            return text.into();
        }
        // The notice of 23 columns has two of the documented ones glued: `1Y`.
        let glued = get("ord_exg_gb_popup_yn").filter(|it| it.len() == 2 && it.is_ascii());
        match name {
            "ord_exg_gb_popup_yn" => match (get("ord_exg_gb"), get("popup_yn")) {
                (Some(exchange), Some(popup)) => format!("{exchange}{popup}").into(),
                _ => "".into(),
            },
            "ord_exg_gb" => glued.map_or("", |it| &it[..1]).into(),
            "popup_yn" => glued.map_or("", |it| &it[1..]).into(),
            _ => "".into(),
        }
    }
}

impl Frame<'_> {
    /// The whole frame with its records [in another width](Record::in_layout).
    ///
    /// # Errors
    /// [`LayoutError`] when the stream never had this width, or the frame
    /// cannot be split.
    pub fn in_layout(&self, columns: usize, splits: &mut Splits) -> Result<String, LayoutError> {
        let Ok(tr_id) = self.tr_id.parse::<TrId>() else {
            return Err(LayoutError::UnknownStream(self.tr_id.into()));
        };
        let records = self.records(splits)?;
        let mut out = String::with_capacity(self.body.len() + 20);
        // Writing to a String cannot fail.
        let _ = write!(out, "0|{tr_id}|{:03}|", self.count);
        for (index, record) in records.enumerate() {
            if index > 0 {
                out.push('^');
            }
            out.push_str(&record.in_layout(tr_id, columns)?);
        }
        Ok(out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, columns: usize, expected: &str) {
        let frame = Frame::parse(text).unwrap();
        let actual = frame.in_layout(columns, &mut Splits::default());
        assert_eq!(actual.as_deref().map_err(ToString::to_string), Ok(expected));
    }

    fn trade(columns: usize) -> String {
        (1..=columns).map(|it| it.to_string()).collect::<Vec<_>>().join("^")
    }

    #[test]
    fn appended_columns_are_cut_and_missing_ones_empty() {
        let (old, new) = (trade(46), trade(47));
        check(&format!("0|H0STCNT0|002|{new}^{new}"), 46, &format!("0|H0STCNT0|002|{old}^{old}"));
        check(&format!("0|H0STCNT0|001|{old}"), 47, &format!("0|H0STCNT0|001|{old}^"));
        check(&format!("0|H0STCNT0|001|{new}^48"), 46, &format!("0|H0STCNT0|001|{old}"));
    }

    #[test]
    fn columns_move_by_name() {
        let index: Vec<String> = (1..=30).map(|it| it.to_string()).collect();
        let expected = "1^2^3^4^5^6^7^8^9^10^23^24^25^26^27";
        check(
            &format!("0|H0UPANC0|001|{}", index.join("^")),
            15,
            &format!("0|H0UPANC0|001|{expected}"),
        );
    }

    #[test]
    fn glued_columns_come_apart_and_together() {
        let head = "id^1234567801^5008^^02^0^00^0^069500^1^43295^144700^0^2^2^00950^1^name";
        let glued = format!("0|H0STCNI0|001|{head}^1Y^10^^KODEX200^44000");
        let apart = format!("0|H0STCNI0|001|{head}^^1^Y^^10^^KODEX200^44000");
        check(&glued, 26, &apart);
        check(&apart, 23, &glued);
    }

    #[test]
    fn an_unknown_width_is_an_error() {
        let frame = format!("0|H0STCNT0|001|{}", trade(47));
        let error = Frame::parse(&frame).unwrap().in_layout(45, &mut Splits::default());
        assert_eq!(
            error.unwrap_err().to_string(),
            "H0STCNT0 has had no records of 45 columns; its known widths are [46, 47]"
        );
    }
}
