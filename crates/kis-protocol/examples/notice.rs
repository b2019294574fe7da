//! Opens a sealed order notice and says what it is about:
//! `cargo run --example notice`.

use std::{
    error::Error,
    io::{self, Write},
};

use kis_protocol::{
    Frame, Splits, TrId,
    notice::{Cipher, OrderNotice},
};

fn main() -> Result<(), Box<dyn Error>> {
    // The key and vector come with the answer to the registration.
    let cipher = Cipher::new("ikznadvwtxbbvoletwjafmzlwcviuyhe", "cab1c2d7d66ea8eb")?;
    let columns = "testid01^8123456701^0000005008^^02^0^00^0^069500^0000000001^000043295^144700^0^2^2^00950^000000001^홍길동^1Y^10^^KODEX200^000044000";
    let sealed = format!("1|H0STCNI0|001|{}", cipher.encrypt(columns));

    let frame = Frame::parse(&sealed)?;
    let tr_id: TrId = frame.tr_id.parse()?;
    let body = cipher.decrypt(frame.body)?;
    let opened = Frame { encrypted: false, body: &body, ..frame };
    let mut splits = Splits::default();
    let mut out = io::stdout().lock();
    for record in opened.records(&mut splits)? {
        // The account is masked wherever the notice is printed like this.
        writeln!(out, "{:#?}", OrderNotice::read(record, tr_id)?)?;
    }
    Ok(())
}
