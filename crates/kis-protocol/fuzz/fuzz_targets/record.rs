//! A body under every stream and width: all views, and back to its text. The
//! first byte chooses the stream, the second the count.
#![no_main]

use kis_protocol::{Frame, Splits, TrId, normalized::Normalized, text, time::Timestamp};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let [stream, count, body @ ..] = bytes else { return };
    let tr_id = TrId::ALL[usize::from(*stream) % TrId::ALL.len()];
    let text = format!("0|{tr_id}|{:03}|{}", count % 8, text::lenient(body));
    let frame = Frame::parse(&text).unwrap();
    let mut splits = Splits::default();
    let Ok(records) = frame.records(&mut splits) else { return };
    for record in records {
        let fields = record.fields(Some(tr_id));
        let mut json = Vec::new();
        fields.write_json(&mut json);
        assert_eq!(json, serde_json::to_vec(&fields).unwrap());
        assert_eq!(record.in_layout(tr_id, record.len()).unwrap(), record.text());
        for width in tr_id.widths() {
            let moved = record.in_layout(tr_id, width.columns).unwrap();
            assert_eq!(moved.split('^').count(), width.columns);
        }
        if let Ok(view) = Normalized::read(record, tr_id, Timestamp::from_unix(1_789_344_000, 0)) {
            json.clear();
            view.write_json(&mut json);
            let value: serde_json::Value = serde_json::from_slice(&json).unwrap();
            assert!(value.is_object());
        }
    }
});
