//! Properties that hold for any text, not only for recorded frames.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use kis_protocol::{
    Decimal, Frame, FromField, Splits, TrId,
    control::Control,
    normalized::Normalized,
    notice::{Cipher, OrderNotice},
    text,
    time::Timestamp,
};
use proptest::prelude::*;

fn column() -> impl Strategy<Value = String> {
    "[^|^]{0,12}"
}

fn tr_id() -> impl Strategy<Value = TrId> {
    proptest::sample::select(TrId::ALL)
}

/// Reads a frame in every way there is; what the fuzz targets do as well.
fn read_all(text: &str) {
    let _ = Control::parse(text);
    let Ok(frame) = Frame::parse(text) else { return };
    let tr_id = frame.tr_id.parse::<TrId>().ok();
    let mut splits = Splits::default();
    let Ok(records) = frame.records(&mut splits) else { return };
    for record in records {
        let fields = record.fields(tr_id);
        let mut json = Vec::new();
        fields.write_json(&mut json);
        assert_eq!(json, serde_json::to_vec(&fields).unwrap());
        let Some(tr_id) = tr_id else { continue };
        if let Ok(view) = Normalized::read(record, tr_id, Timestamp::from_unix(1_789_344_000, 0)) {
            let mut json = Vec::new();
            view.write_json(&mut json);
            assert!(
                serde_json::from_slice::<serde_json::Value>(&json).is_ok_and(|it| it.is_object())
            );
        }
        for width in tr_id.widths() {
            let moved = record.in_layout(tr_id, width.columns).unwrap();
            assert_eq!(moved.split('^').count(), width.columns);
        }
        assert_eq!(record.in_layout(tr_id, record.len()).unwrap(), record.text());
        let _ = OrderNotice::read(record, tr_id);
    }
}

/// What KIS has been seen to send in a column, and what it might.
fn value() -> impl Strategy<Value = String> {
    prop_oneof![
        "[0-9]{0,20}",
        "[+-]?[0-9]{0,9}[.][0-9]{0,5}",
        "(Y|N|1|2|5|00|01|0|L|1Y|[(]null[)]|nan|-nan|20260922|235959)",
        ".{0,6}".prop_map(|it| it.replace('^', "")),
    ]
}

proptest! {
    #[test]
    fn any_columns_in_any_stream_can_be_read(
        tr_id in tr_id(),
        count in 1_usize..4,
        width in 1_usize..90,
        values in proptest::collection::vec(value(), 1..40),
    ) {
        let known = tr_id.widths().iter().map(|it| it.columns);
        for width in known.chain([width]) {
            let columns: Vec<&str> =
                (0..width * count).map(|it| values[it % values.len()].as_str()).collect();
            read_all(&format!("0|{tr_id}|{count:03}|{}", columns.join("^")));
        }
    }

    #[test]
    fn numbers_are_what_the_standard_library_reads(text in "[+-]?[0-9]{0,20}") {
        prop_assert_eq!(i64::from_field(&text), text.parse().ok());
        if let Some(whole) = Decimal::from_field(&text) {
            prop_assert_eq!(Some(whole.mantissa()), text.parse().ok());
        }
    }

    #[test]
    fn decimals_are_what_the_standard_library_reads(text in "-?[0-9]{1,9}([.][0-9]{1,6})?") {
        let decimal = Decimal::from_field(&text).unwrap();
        let float: f64 = text.parse().unwrap();
        prop_assert!((decimal.to_f64() - float).abs() <= float.abs() * f64::EPSILON);
        let again: Decimal = decimal.to_string().parse().unwrap();
        prop_assert_eq!(again, decimal);
    }

    #[test]
    fn no_text_panics(text in ".{0,200}") {
        read_all(&text);
    }

    #[test]
    fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let text = text::lenient(&bytes);
        let _ = Frame::parse(&text).map(|it| it.records(&mut Splits::default()).map(Iterator::count));
        let cipher = Cipher::new(&"k".repeat(32), &"i".repeat(16)).unwrap();
        let _ = cipher.decrypt(&text);
    }

    #[test]
    fn columns_are_those_of_a_split(
        tr_id in tr_id(),
        count in 1_usize..20,
        extra in 0_usize..5,
        seed in proptest::collection::vec(column(), 1..8),
    ) {
        let width = tr_id.layout().columns.len() + extra;
        let columns: Vec<&str> = (0..width * count).map(|it| seed[it % seed.len()].as_str()).collect();
        let body = columns.join("^");
        let text = format!("0|{tr_id}|{count:03}|{body}");
        let frame = Frame::parse(&text).unwrap();
        let mut splits = Splits::default();
        let records: Vec<_> = frame.records(&mut splits).unwrap().collect();
        prop_assert_eq!(records.len(), count);
        let actual: Vec<&str> = records.iter().flat_map(|it| it.columns()).collect();
        prop_assert_eq!(actual, columns);
        let joined: Vec<&str> = records.iter().map(|it| it.text()).collect();
        prop_assert_eq!(joined.join("^"), body);
        for record in records {
            prop_assert_eq!(record.get(width), None);
            prop_assert_eq!(record.key(), record.get(0).unwrap());
        }
    }

    #[test]
    fn notices_survive_encryption(plain in ".{0,300}") {
        let cipher = Cipher::new(&"k".repeat(32), &"i".repeat(16)).unwrap();
        prop_assert_eq!(cipher.decrypt(&cipher.encrypt(&plain)).unwrap(), plain);
    }
}
