//! A local KIS to develop and test against: `kis-sim --rest ADDR --ws ADDR`.
//!
//! Prints one JSON line with its addresses when it is ready, and ends on Ctrl-C.

use std::{
    io::Write,
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
    process::ExitCode,
    time::Duration,
};

use clap::Parser;
use kis_protocol::catalogue::Environment;
use kis_sim::{Credential, Pace, Script, Sim, SimConfig};
use serde_json::json;
use tracing_subscriber::EnvFilter;

/// A faithful local KIS that replays recorded frames to whoever registers for them.
#[derive(Debug, Parser)]
#[command(version)]
struct Args {
    /// Address of the REST side (plain HTTP; port 0: any free port)
    #[arg(long, value_name = "ADDR", default_value_t = loopback(9443))]
    rest: SocketAddr,
    /// Address of the websocket side (plain ws, any path)
    #[arg(long, value_name = "ADDR", default_value_t = loopback(21000))]
    ws: SocketAddr,
    /// Address of the admin endpoint: GET / is the state, POST /<command> misbehaves
    #[arg(long, value_name = "ADDR", default_value_t = loopback(0))]
    admin: SocketAddr,
    /// Replay these files (raw frames, one a line, or JSON lines with a `raw` member) and
    /// nothing else, for exactly the topics in them
    #[arg(long, value_name = "FILE")]
    frames: Vec<PathBuf>,
    /// Serve topics without frames of their own with those of another key, also with --frames
    #[arg(long)]
    rekey: bool,
    /// recorded, fixed:<ms> or max
    #[arg(long, default_value = "recorded")]
    pace: Pace,
    /// An app key that exists, with its secret; repeatable. Without: every app key exists
    #[arg(long, value_name = "APPKEY:SECRET", value_parser = credential)]
    app_key: Vec<Credential>,
    /// Seconds between two tokens of one app key
    #[arg(long, value_name = "SECONDS", default_value_t = 60)]
    token_interval: u64,
    /// Serve real or paper trading only, with its limits. Without: calls of either are served
    #[arg(long, value_parser = environment)]
    environment: Option<Environment>,
    /// REST calls per second and app key [default: 18; on paper 1]
    #[arg(long, value_name = "CALLS")]
    rest_per_second: Option<usize>,
    /// Of these, calls on accounts [default: 5; on paper 1]
    #[arg(long, value_name = "CALLS")]
    ledger_per_second: Option<usize>,
    /// Registrations of one session
    #[arg(long, value_name = "COUNT", default_value_t = 41)]
    registrations_max: usize,
    /// Milliseconds the slot of a lost connection stays taken
    #[arg(long, value_name = "MS", default_value_t = 300)]
    slot_hold: u64,
    /// Milliseconds without a message after which PINGPONG is sent
    #[arg(long, value_name = "MS", default_value_t = 100_000)]
    ping_idle: u64,
    /// Milliseconds after which an unanswered PINGPONG costs the connection
    #[arg(long, value_name = "MS", default_value_t = 100_000)]
    echo_timeout: u64,
    /// Leave websocket Pings of clients unanswered
    #[arg(long)]
    no_pong: bool,
}

#[tokio::main]
async fn main() -> ExitCode {
    tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::from_default_env())
        .with_writer(std::io::stderr)
        .init();
    match run(Args::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "kis-sim: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run(args: Args) -> anyhow::Result<()> {
    let script =
        if args.frames.is_empty() { Script::fixtures() } else { Script::read(&args.frames)? };
    let default = args.environment.map_or_else(SimConfig::default, SimConfig::of);
    let sim = Sim::start(SimConfig {
        rest: args.rest,
        ws: args.ws,
        admin: Some(args.admin),
        rekey: args.rekey || args.frames.is_empty(),
        script: script.clone(),
        pace: args.pace,
        credentials: args.app_key,
        token_interval: Duration::from_secs(args.token_interval),
        rest_per_second: args.rest_per_second.unwrap_or(default.rest_per_second),
        ledger_per_second: args.ledger_per_second.unwrap_or(default.ledger_per_second),
        registrations_max: args.registrations_max,
        slot_hold: Duration::from_millis(args.slot_hold),
        ping_idle: Duration::from_millis(args.ping_idle),
        echo_timeout: Duration::from_millis(args.echo_timeout),
        answer_ping: !args.no_pong,
        ..default
    })
    .await?;
    let ready = json!({
        "rest": sim.rest_url(),
        "ws": sim.ws_url(),
        "admin": sim.admin_addr.map(|addr| format!("http://{addr}")),
        "topics": script.topics().count(),
        "frames": script.topics().map(|(_, _, frames)| frames).sum::<usize>(),
        "skipped": script.skipped(),
    });
    let mut stdout = std::io::stdout();
    writeln!(stdout, "{ready}")?;
    stdout.flush()?;
    tokio::signal::ctrl_c().await?;
    sim.shutdown().await;
    Ok(())
}

fn loopback(port: u16) -> SocketAddr {
    (Ipv4Addr::LOCALHOST, port).into()
}

fn environment(text: &str) -> Result<Environment, String> {
    match text {
        "real" => Ok(Environment::Real),
        "paper" => Ok(Environment::Paper),
        _ => Err("write real or paper".to_owned()),
    }
}

fn credential(text: &str) -> Result<Credential, String> {
    let (app_key, app_secret) = text.split_once(':').ok_or("write APPKEY:SECRET")?;
    Ok(Credential { app_key: app_key.to_owned(), app_secret: app_secret.to_owned() })
}
