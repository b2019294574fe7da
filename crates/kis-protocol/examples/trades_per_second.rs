//! Counts the trades of each second and symbol in a file of raw frames, one a
//! line: `cargo run --example trades_per_second -- frames.txt`.

use std::{
    collections::BTreeMap,
    env,
    error::Error,
    fs,
    io::{self, Write},
};

use kis_protocol::{
    Frame, Splits, TrId,
    normalized::{Event, Normalized},
    time::Timestamp,
};

fn main() -> Result<(), Box<dyn Error>> {
    let path = env::args().nth(1).ok_or("which file of frames?")?;
    let text = fs::read_to_string(path)?;
    // The file does not say when its frames arrived; records without a date are
    // put on the day around this moment.
    let received = Timestamp::from(std::time::SystemTime::now());
    let mut counts: BTreeMap<(String, String), usize> = BTreeMap::new();
    let mut splits = Splits::default();
    let mut unreadable = 0_usize;
    for line in text.lines() {
        let Ok(frame) = Frame::parse(line) else {
            unreadable += 1;
            continue;
        };
        let (Ok(tr_id), Ok(records)) = (frame.tr_id.parse::<TrId>(), frame.records(&mut splits))
        else {
            unreadable += 1;
            continue;
        };
        for record in records {
            let Ok(view) = Normalized::read(record, tr_id, received) else { continue };
            if let (Event::Trade(_), Some(time)) = (&view.event, view.time) {
                *counts.entry((time.to_string(), view.symbol.to_owned())).or_default() += 1;
            }
        }
    }
    let mut out = io::stdout().lock();
    for ((time, symbol), count) in counts {
        writeln!(out, "{time} {symbol:<12} {count}")?;
    }
    writeln!(out, "{unreadable} lines are no readable data frame")?;
    Ok(())
}
