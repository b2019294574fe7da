//! Prints what stocks cost, from KIS or from `kis-sim`:
//!
//! ```text
//! cargo run -p kis-broker --example price -- --rest http://127.0.0.1:9443 005930 000660
//! ```

mod client;

use std::io::{self, Write};

use clap::Parser;
use client::Client;
use futures_util::future::join_all;
use kis_protocol::catalogue::Environment;

#[derive(Parser)]
struct Arguments {
    #[command(flatten)]
    client: Client,
    /// Codes of stocks.
    #[arg(required = true)]
    symbols: Vec<String>,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let Arguments { client, symbols } = Arguments::parse();
    let rest = client.connect(Environment::Real)?;
    // All at once: the client lets them go as fast as KIS allows.
    let prices = symbols.iter().map(async |symbol| {
        let given = [("FID_COND_MRKT_DIV_CODE", "J"), ("FID_INPUT_ISCD", symbol.as_str())];
        rest.call_by_id("domestic-stock/inquire-price", given).await
    });
    let mut out = io::stdout();
    for (symbol, answer) in symbols.iter().zip(join_all(prices).await) {
        let answer = answer?.value()?;
        let column = |name: &str| answer["output"][name].as_str().unwrap_or_default().to_owned();
        let (price, change) = (column("stck_prpr"), column("prdy_ctrt"));
        writeln!(out, "{symbol} {price} KRW ({change} %), volume {}", column("acml_vol"))?;
    }
    Ok(())
}
