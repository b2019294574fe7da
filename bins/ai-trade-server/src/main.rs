//! The command line.

use std::{
    io::{self, Write},
    net::SocketAddr,
    path::PathBuf,
    process::ExitCode,
};

use ai_trade_server::{
    alerts::Alerts,
    check::Report,
    config::Config,
    demo,
    guard::Guard,
    keys::{KeyCommand, KeyFile},
    log,
    orders::Orders,
    relay::{self, StartError},
    watch::watch,
};
use clap::{Parser, Subcommand};
use tokio::net::TcpListener;

/// Relays one KIS session to any number of clients.
#[derive(Debug, Parser)]
#[command(version)]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
    /// Where to listen; 127.0.0.1:8000 unless configured.
    #[arg(long, global = true, value_name = "ADDRESS")]
    listen: Option<SocketAddr>,
    /// The configuration file; config.toml where there is one.
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Relay from KIS (the default).
    Run,
    /// Relay from a simulated KIS that replays recorded frames; needs no account.
    Demo,
    /// Print the effective configuration, secrets masked, and what is missing.
    Check,
    /// Make, list and revoke keys for clients.
    #[command(subcommand)]
    Key(KeyCommand),
    /// Print what a running server sends for these topics.
    Watch {
        /// The key to show, where one is needed.
        #[arg(long, env = "AI_TRADE_SERVER_KEY", hide_env_values = true)]
        key: Option<String>,
        /// Topics, such as H0STCNT0:005930.
        #[arg(required = true)]
        topics: Vec<String>,
    },
}

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match execute(arguments).await {
        Ok(code) => code,
        Err(error) => {
            let _ = writeln!(io::stderr(), "error: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn execute(arguments: Arguments) -> Result<ExitCode, Box<dyn std::error::Error>> {
    let mut config = Config::load(arguments.config.as_deref(), std::env::vars())?;
    if let Some(listen) = arguments.listen {
        config.listen_on(listen);
    }
    match arguments.command.unwrap_or(Command::Run) {
        Command::Run => {
            log::init(&config.log)?;
            // Said before anything is opened.
            config.keys()?;
            config.endpoints()?;
            config.pinned()?;
            start(config, false).await?;
        }
        Command::Demo => {
            log::init(&config.log)?;
            let demo = demo::start(&mut config).await?;
            start(config, true).await?;
            drop(demo);
        }
        Command::Check => {
            let report = Report::new(&config);
            writeln!(io::stdout(), "{report}")?;
            if !report.is_complete() {
                return Ok(ExitCode::FAILURE);
            }
        }
        Command::Key(command) => {
            let file = KeyFile::new(&config.server.keys_file);
            command.run(&file, &mut io::stdout(), &mut io::stderr())?;
        }
        Command::Watch { key, topics } => {
            let url = format!("ws://{}/ws", config.listen);
            tokio::select! {
                watched = watch(&url, key.as_deref(), &topics) => {
                    watched.map_err(|it| format!("{url}: {it}"))?;
                }
                () = interrupted() => {}
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

async fn start(config: Config, simulated: bool) -> Result<(), StartError> {
    // A socket is a file, and systems allow few unless asked.
    let _ = rlimit::increase_nofile_limit(u64::MAX);
    let guard = Guard::new(&config)?;
    Orders::check(&config, config.environment()?, simulated)?;
    Alerts::check(&config)?;
    let address = config.listen;
    let bound = async {
        let listener = TcpListener::bind(address).await?;
        let address = listener.local_addr()?;
        Ok((listener, address))
    };
    let (listener, address) = bound.await.map_err(|error| StartError::Listen { address, error })?;
    greet(address, simulated, &guard);
    relay::run(listener, config, guard, simulated, interrupted()).await
}

/// Says where the server is, and how to see data.
fn greet(address: SocketAddr, simulated: bool, guard: &Guard) {
    let what = if simulated { "simulated data, recorded frames" } else { "live" };
    let program = std::env::args().next().unwrap_or_else(|| "ai-trade-server".to_owned());
    let listen = match address == Config::default().listen {
        true => String::new(),
        false => format!(" --listen {address}"),
    };
    let s = if guard.speaks_tls() { "s" } else { "" };
    let (who, key) = match guard.needs_key() {
        true => ("clients need a key", " --key ats_…"),
        false => ("no key needed", ""),
    };
    // `watch` speaks no TLS.
    let hint = match guard.speaks_tls() {
        true => String::new(),
        false => format!("\n  try: {program}{listen} watch{key} H0STCNT0:005930"),
    };
    // The one who started it may not be listening.
    let _ = writeln!(
        io::stdout(),
        "ai-trade-server {} ({what})\n  listening on http{s}://{address}, websocket ws{s}://{address}/ws, {who}{hint}",
        env!("CARGO_PKG_VERSION"),
    );
}

/// Waits for Ctrl-C or a request to terminate.
async fn interrupted() {
    let terminated = async {
        #[cfg(unix)]
        {
            use tokio::signal::unix::{SignalKind, signal};
            match signal(SignalKind::terminate()) {
                Ok(mut signal) => {
                    signal.recv().await;
                }
                Err(_) => std::future::pending::<()>().await,
            }
        }
        #[cfg(not(unix))]
        std::future::pending::<()>().await;
    };
    tokio::select! {
        result = tokio::signal::ctrl_c() => {
            if result.is_err() {
                std::future::pending::<()>().await;
            }
        }
        () = terminated => {}
    }
}
