//! Prints an order book: `cargo run --example book`, or with a frame of your own
//! as the argument.

use std::{
    env,
    error::Error,
    io::{self, Write},
};

use kis_protocol::{
    Frame, Splits,
    normalized::{Event, Normalized},
    time::Timestamp,
};

/// A 국고채 of 2024-07-26, from the KIS portal.
const BOOK: &str = "0|H0BJASP0|001|KR103502GD31^131743^3.012^3.020^10575.00^10560.00^416090^323813^3.011^3.022^10576.00^10556.00^405284^57^3.010^3.022^10578.00^10555.00^177098^500000^3.009^3.024^10580.00^10551.00^97637^363079^3.001^3.025^10597.00^10550.00^80000^379920^1698609^4112382";

fn main() -> Result<(), Box<dyn Error>> {
    let text = env::args().nth(1).unwrap_or_else(|| BOOK.to_owned());
    let received = Timestamp::from(std::time::SystemTime::now());
    let frame = Frame::parse(&text)?;
    let tr_id = frame.tr_id.parse()?;
    let mut splits = Splits::default();
    let mut out = io::stdout().lock();
    for record in frame.records(&mut splits)? {
        let view = Normalized::read(record, tr_id, received)?;
        let Event::OrderBook(book) = view.event else {
            return Err(format!("{tr_id} carries no order book").into());
        };
        writeln!(out, "{} {}", view.symbol, tr_id.label())?;
        let asks: Vec<_> = book.asks.iter().collect();
        for level in asks.iter().rev() {
            writeln!(out, "{:>12} {:>12}", level.quantity, level.price.to_string())?;
        }
        for level in book.bids.iter() {
            writeln!(out, "{:>12} {:>12} {:>12}", "", level.price.to_string(), level.quantity)?;
        }
    }
    Ok(())
}
