//! Places an order in paper trading, looks for it, and withdraws it, at KIS or at `kis-sim`:
//!
//! ```text
//! cargo run -p kis-broker --example order -- --rest http://127.0.0.1:9443 --account 12345678-01
//! ```

mod client;

use std::{
    io::{self, Write},
    time::SystemTime,
};

use anyhow::Context;
use clap::Parser;
use client::Client;
use kis_broker::{CallOptions, RestError};
use kis_protocol::{catalogue::Environment, time::Timestamp};

#[derive(Parser)]
struct Arguments {
    #[command(flatten)]
    client: Client,
    /// The paper trading account.
    #[arg(long, env = "ACC_NO", hide_env_values = true)]
    account: String,
    /// The code of a stock.
    #[arg(long, default_value = "005930")]
    symbol: String,
    /// What to bid: far below the market, so that it stays open.
    #[arg(long, default_value = "60000")]
    price: String,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let Arguments { client, account, symbol, price } = Arguments::parse();
    if client.is_real() {
        anyhow::bail!("this example places an order; it does so in paper trading only");
    }
    let (number, product) = account.split_once('-').context("write the account as 12345678-01")?;
    let account = [("CANO", number), ("ACNT_PRDT_CD", product)];
    let rest = client.connect(Environment::Paper)?;
    let mut out = io::stdout();

    let given = [
        ("side", "buy"),
        ("PDNO", &symbol),
        ("ORD_DVSN", "00"),
        ("ORD_QTY", "1"),
        ("ORD_UNPR", &price),
    ];
    let order = rest.prepare("domestic-stock/order-cash", [&account[..], &given].concat())?;
    let placed = match rest.call(&order, CallOptions::default()).await {
        Ok(answer) => answer,
        Err(error @ RestError::Unsettled { .. }) => {
            // Never place it again before this has told that it does not exist.
            for lookup in error.lookups() {
                let answer = rest.call(lookup, CallOptions::default()).await?;
                writeln!(out, "{}", String::from_utf8_lossy(&answer.body))?;
            }
            return Err(error.into());
        }
        Err(error) => return Err(error.into()),
    };
    let answer = placed.value()?;
    let output = |name: &str| answer["output"][name].as_str().unwrap_or_default().to_owned();
    let (order_number, branch) = (output("ODNO"), output("KRX_FWDG_ORD_ORGNO"));
    writeln!(out, "placed: {order_number} ({})", placed.msg1)?;

    let date = Timestamp::from(SystemTime::now()).date();
    let today = format!("{:04}{:02}{:02}", date.year(), date.month(), date.day());
    let given = [
        ("period", "recent"),
        ("INQR_STRT_DT", &today),
        ("INQR_END_DT", &today),
        ("SLL_BUY_DVSN_CD", "00"),
        ("CCLD_DVSN", "00"),
        ("INQR_DVSN", "00"),
        ("INQR_DVSN_3", "00"),
        ("ODNO", &order_number),
    ];
    let listed = rest
        .call_by_id("domestic-stock/inquire-daily-ccld", [&account[..], &given].concat())
        .await?;
    for row in listed.value()?["output1"].as_array().into_iter().flatten() {
        writeln!(out, "listed: {}, {} of {} open", row["odno"], row["rmn_qty"], row["ord_qty"])?;
    }

    let given = [
        ("KRX_FWDG_ORD_ORGNO", branch.as_str()),
        ("ORGN_ODNO", &order_number),
        ("ORD_DVSN", "00"),
        ("RVSE_CNCL_DVSN_CD", "02"),
        ("ORD_QTY", "0"),
        ("ORD_UNPR", "0"),
        ("QTY_ALL_ORD_YN", "Y"),
    ];
    let withdrawn =
        rest.call_by_id("domestic-stock/order-rvsecncl", [&account[..], &given].concat()).await?;
    writeln!(out, "withdrawn: {order_number} ({})", withdrawn.msg1)?;
    Ok(())
}
