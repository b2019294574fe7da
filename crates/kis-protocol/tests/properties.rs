//! Properties that hold for any text, not only for recorded frames.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use kis_protocol::{
    Decimal, Frame, FromField, Splits, TrId,
    code::Sign,
    control::Control,
    normalized::Normalized,
    notice::{Cipher, OrderNotice},
    text,
    time::{Date, Time, Timestamp},
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

/// What might stand in a column of numbers: of any length, signed, with points
/// and blanks, and what is no number at all.
fn number() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => "[+-]?[0-9]{0,9}",
        4 => "[+-]?[0-9]{0,9}[.][0-9]{0,9}",
        2 => "[+-]?[0-9]{0,40}",
        1 => "[+-]?[0-9]{0,20}[.][0-9]{0,20}",
        2 => "[ +-]{0,2}[0-9.]{0,18}[ ]{0,2}",
        1 => "[0-9]{0,7}[/:;a-f텅é\u{0}\u{7f}][0-9]{0,7}",
        1 => "[^^]{0,12}",
        1 => "(20[0-9]{2}[01][0-9][0-3][0-9]|[0-2][0-9][0-6][0-9][0-6][0-9])",
    ]
}

/// The digits of a decimal number and how many follow its point, as the standard
/// library reads them.
fn digits_and_scale(text: &str) -> Option<(i64, u8)> {
    let text = text.trim_ascii();
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
    let digits = format!("{whole}{fraction}");
    let numeric = !digits.is_empty() && digits.bytes().all(|it| it.is_ascii_digit());
    let magnitude: i64 = digits.parse().ok().filter(|_| numeric && fraction.len() <= 18)?;
    let signed = if text.starts_with('-') { -magnitude } else { magnitude };
    Some((signed, fraction.len() as u8))
}

/// Reads a column where it stands in its body, and by itself.
#[track_caller]
fn check_column<'a, T: FromField<'a> + PartialEq + std::fmt::Debug>(
    body: &'a str,
    column: &'a str,
) {
    let start = column.as_ptr() as usize - body.as_ptr() as usize;
    if let Some(value) = T::from_column(body, start..start + column.len()) {
        assert_eq!(Some(value), T::from_field(column), "{column:?} in {body:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn numbers_are_what_the_standard_library_makes_of_them(text in number()) {
        prop_assert_eq!(i64::from_field(&text), text.trim_ascii().parse().ok());
        let decimal = Decimal::from_field(&text).map(|it| (it.mantissa(), it.scale()));
        prop_assert_eq!(decimal, digits_and_scale(&text));
    }

    #[test]
    fn a_column_reads_the_same_wherever_it_stands(
        before in "[^^]{0,20}",
        text in number(),
        after in "[^^]{0,9}",
    ) {
        for body in [format!("{before}^{text}^{after}"), format!("{before}^{text}"), text] {
            for column in body.split('^') {
                check_column::<i64>(&body, column);
                check_column::<Decimal>(&body, column);
                check_column::<Date>(&body, column);
                check_column::<Time>(&body, column);
                check_column::<Sign<'_>>(&body, column);
                check_column::<&str>(&body, column);
            }
        }
    }

    #[test]
    fn usual_numbers_are_read_the_quick_way(
        text in "[+-]?([0-9]{1,8}|[0-9]{0,3}[.][0-9]{1,4})",
    ) {
        let body = format!("005930^{text}");
        let place = 7..body.len();
        let decimal = Decimal::from_column(&body, place.clone());
        prop_assert_eq!(decimal.map(|it| (it.mantissa(), it.scale())), digits_and_scale(&text));
        prop_assert_eq!(i64::from_column(&body, place), text.parse().ok());
    }

    #[test]
    fn no_place_panics(body in ".{0,40}", start in 0_usize..130, end in 0_usize..130) {
        let place = || start..end;
        let _ = (i64::from_column(&body, place()), Decimal::from_column(&body, place()));
        let _ = (Date::from_column(&body, place()), Time::from_column(&body, place()));
        let _ = (Sign::from_column(&body, place()), <&str>::from_column(&body, place()));
    }
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
