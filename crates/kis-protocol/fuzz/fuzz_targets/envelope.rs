//! Any bytes as a frame: what is read must be what a plain split reads.
#![no_main]

use kis_protocol::{Frame, Splits, text};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let text = text::lenient(bytes);
    let Ok(frame) = Frame::parse(&text) else { return };
    let parts: Vec<&str> = text.splitn(4, '|').collect();
    assert_eq!((frame.tr_id, frame.body), (parts[1], parts[3]));
    assert_eq!(frame.count, parts[2].parse::<usize>().unwrap());
    assert_eq!(Some(frame.first_key()), frame.body.split('^').next());
    let mut splits = Splits::default();
    let Ok(records) = frame.records(&mut splits) else { return };
    assert_eq!(records.len(), frame.count);
    let columns: Vec<&str> = records.flat_map(|it| it.columns()).collect();
    assert_eq!(columns, frame.body.split('^').collect::<Vec<_>>());
});
