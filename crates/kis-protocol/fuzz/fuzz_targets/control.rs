//! Any bytes as a control frame.
#![no_main]

use kis_protocol::{control::Control, text};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let text = text::lenient(bytes);
    match Control::parse(&text) {
        Ok(Control::PingPong { text: same }) => assert_eq!(same, text),
        Ok(Control::Answer(answer)) => {
            let _ = answer.is_success();
        }
        Err(error) => {
            let _ = error.to_string();
        }
    }
});
