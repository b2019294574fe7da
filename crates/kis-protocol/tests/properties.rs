//! Properties that hold for any text, not only for recorded frames.

use kis_protocol::{Frame, Splits, TrId, control::Control, notice::Cipher, text};
use proptest::prelude::*;

fn column() -> impl Strategy<Value = String> {
    "[^|^]{0,12}"
}

fn tr_id() -> impl Strategy<Value = TrId> {
    proptest::sample::select(TrId::ALL)
}

proptest! {
    #[test]
    fn no_text_panics(text in ".{0,200}") {
        if let Ok(frame) = Frame::parse(&text)
            && let Ok(records) = frame.records(&mut Splits::default())
        {
            for record in records {
                serde_json::to_string(&record.fields(frame.tr_id.parse().ok())).unwrap();
            }
        }
        let _ = Control::parse(&text);
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
