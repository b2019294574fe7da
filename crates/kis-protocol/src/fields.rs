use serde::ser::{Serialize, SerializeMap, Serializer};

use crate::{Layout, Record};

/// A record under its columns' names: serialises as a map from column name to
/// the text exactly as sent.
///
/// A column the layout does not know is named after its position, counted from
/// one: `column_47`.
#[derive(Debug, Clone, Copy)]
pub struct Fields<'a> {
    record: Record<'a>,
    layout: Option<&'static Layout>,
}

impl<'a> Fields<'a> {
    pub(crate) fn new(record: Record<'a>, layout: Option<&'static Layout>) -> Self {
        Self { record, layout }
    }

    /// How many of the record's columns the layout does not know.
    pub fn unknown(&self) -> usize {
        self.record.len().saturating_sub(self.layout.map_or(0, |it| it.columns.len()))
    }
}

impl Serialize for Fields<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.record.len()))?;
        for (index, text) in self.record.columns().enumerate() {
            match self.layout.and_then(|it| it.column_name(index)) {
                Some(name) => map.serialize_entry(name, text)?,
                None => map.serialize_entry(&format_args!("column_{}", index + 1), text)?,
            }
        }
        map.end()
    }
}

#[cfg(test)]
mod tests {
    use crate::{Frame, Splits};

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let frame = Frame::parse(text).unwrap();
        let mut splits = Splits::default();
        let record = frame.records(&mut splits).unwrap().next().unwrap();
        let fields = record.fields(frame.tr_id.parse().ok());
        assert_eq!(serde_json::to_string(&fields).unwrap(), expected);
    }

    #[test]
    fn names_come_from_the_layout() {
        check(
            "0|H0STNAV0|001|069500^1^2^3^4^5^6^7",
            r#"{"mksc_shrn_iscd":"069500","nav":"1","nav_prdy_vrss_sign":"2","nav_prdy_vrss":"3","nav_prdy_ctrt":"4","oprc_nav":"5","hprc_nav":"6","lprc_nav":"7"}"#,
        );
    }

    #[test]
    fn appended_columns_are_named_by_position() {
        check(
            "0|H0STNAV0|001|069500^1^2^3^4^5^6^7^^fm텅 @",
            r#"{"mksc_shrn_iscd":"069500","nav":"1","nav_prdy_vrss_sign":"2","nav_prdy_vrss":"3","nav_prdy_ctrt":"4","oprc_nav":"5","hprc_nav":"6","lprc_nav":"7","column_9":"","column_10":"fm텅 @"}"#,
        );
    }

    #[test]
    fn missing_columns_are_absent() {
        check("0|H0STNAV0|001|069500^1", r#"{"mksc_shrn_iscd":"069500","nav":"1"}"#);
    }

    #[test]
    fn an_unknown_stream_is_named_by_position() {
        check("0|H0XXYYZ0|001|A^b\"", r#"{"column_1":"A","column_2":"b\""}"#);
    }
}
