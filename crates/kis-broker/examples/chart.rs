//! Writes the daily chart of a stock as CSV, from KIS or from `kis-sim`:
//!
//! ```text
//! cargo run -p kis-broker --example chart -- \
//!     --rest http://127.0.0.1:9443 005930 20260101 20260930 > 005930.csv
//! ```

mod client;

use std::io::{self, Write};

use clap::Parser;
use client::Client;
use kis_protocol::catalogue::Environment;

#[derive(Parser)]
struct Arguments {
    #[command(flatten)]
    client: Client,
    /// The code of a stock.
    symbol: String,
    /// The first day, YYYYMMDD.
    from: String,
    /// The last day, YYYYMMDD.
    until: String,
}

const COLUMNS: [&str; 6] =
    ["stck_bsop_date", "stck_oprc", "stck_hgpr", "stck_lwpr", "stck_clpr", "acml_vol"];
/// As many rows KIS answers at most, the latest of those asked for.
const ROWS: usize = 100;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let Arguments { client, symbol, from, mut until } = Arguments::parse();
    let rest = client.connect(Environment::Real)?;
    let mut out = io::stdout();
    writeln!(out, "date,open,high,low,close,volume")?;
    let mut written: Option<String> = None;
    loop {
        let given = [
            ("FID_COND_MRKT_DIV_CODE", "J"),
            ("FID_INPUT_ISCD", &symbol),
            ("FID_INPUT_DATE_1", &from),
            ("FID_INPUT_DATE_2", &until),
            ("FID_PERIOD_DIV_CODE", "D"),
            ("FID_ORG_ADJ_PRC", "0"),
        ];
        let answer = rest.call_by_id("domestic-stock/inquire-daily-itemchartprice", given).await?;
        let answer = answer.value()?;
        let rows = answer["output2"].as_array().map(Vec::as_slice).unwrap_or_default();
        let before = written.clone();
        for row in rows {
            let column = |name: &str| row[name].as_str().unwrap_or_default().to_owned();
            let date = column(COLUMNS[0]);
            // The days come backwards, and the day asked from is the last one written.
            if date.is_empty() || written.as_ref().is_some_and(|it| date >= *it) {
                continue;
            }
            writeln!(out, "{}", COLUMNS.map(column).join(","))?;
            written = Some(date);
        }
        match written.clone() {
            Some(oldest) if rows.len() >= ROWS && before.as_ref() != Some(&oldest) => {
                until = oldest
            }
            _ => return Ok(()),
        }
    }
}
