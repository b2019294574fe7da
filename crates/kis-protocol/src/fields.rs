use serde::ser::{Serialize, SerializeMap, Serializer};

use crate::{Layout, Record, json};

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

    /// Writes the record as one JSON object at the end of `out`: the very bytes
    /// that serialisation would give, several times as fast.
    pub fn write_json(&self, out: &mut Vec<u8>) {
        let text = self.record.text();
        let columns = self.layout.map_or(&[][..], |it| it.columns);
        let plain = json::is_all_plain(text);
        // Twenty is the usual length of a key with its punctuation; a wrong
        // guess costs a reallocation in the first record only.
        out.reserve(text.len() + 24 * self.record.len() + 2);
        out.push(b'{');
        for (index, text) in self.record.bytes().enumerate() {
            // Every key brings the quote and comma that end the value before
            // it; the first has none before it.
            let skip = if index == 0 { 2 } else { 0 };
            match columns.get(index) {
                Some(column) => out.extend_from_slice(&column.key.as_bytes()[skip..]),
                None => write_position(index, skip, out),
            }
            if plain {
                out.extend_from_slice(text);
            } else {
                json::escape(text, out);
            }
        }
        out.extend_from_slice(b"\"}");
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

/// Writes the key of a column that has no name.
#[cold]
fn write_position(index: usize, skip: usize, out: &mut Vec<u8>) {
    out.extend_from_slice(&format!("\",\"column_{}\":\"", index + 1).as_bytes()[skip..]);
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
        let mut out = b"before".to_vec();
        fields.write_json(&mut out);
        assert_eq!(str::from_utf8(&out).unwrap(), format!("before{expected}"));
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
