//! A notice, sealed and opened again, or any bytes as a sealed one.
#![no_main]

use kis_protocol::{
    Frame, Splits, TrId,
    notice::{Cipher, OrderNotice},
    text,
};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let [stream, body @ ..] = bytes else { return };
    let cipher = Cipher::new("ikznadvwtxbbvoletwjafmzlwcviuyhe", "cab1c2d7d66ea8eb").unwrap();
    let body = text::lenient(body);
    let _ = cipher.decrypt(&body);
    let plain = cipher.decrypt(&cipher.encrypt(&body)).unwrap();
    assert_eq!(plain, body);
    let notices: Vec<TrId> = TrId::ALL.iter().copied().filter(|it| it.encrypted()).collect();
    let tr_id = notices[usize::from(*stream) % notices.len()];
    let text = format!("0|{tr_id}|001|{plain}");
    let frame = Frame::parse(&text).unwrap();
    let mut splits = Splits::default();
    let Ok(records) = frame.records(&mut splits) else { return };
    for record in records {
        match OrderNotice::read(record, tr_id) {
            Ok(notice) => {
                // A long account number never appears whole.
                let account = notice.account.reveal();
                let shown = format!("{:?}", notice.account);
                assert!(account.len() < 8 || !shown.contains(account));
                serde_json::to_vec(&notice).unwrap();
            }
            Err(error) => {
                let _ = error.to_string();
            }
        }
    }
});
