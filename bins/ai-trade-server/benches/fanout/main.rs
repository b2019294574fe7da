//! Fan-out over real sockets: the server against raw sockets, in one run.
//!
//! `cargo bench -p ai-trade-server --bench fanout -- --help` lists what can be
//! chosen; `benches/README.md` says what is measured and how to read it.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a bench may panic, and prints")]

mod baseline;
mod load;
mod message;
mod pace;
mod report;
mod server;
mod tungstenite;

use std::{
    io::{BufRead, BufReader, Write},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    time::Duration,
};

use clap::{Parser, Subcommand, ValueEnum};

use crate::{
    load::{Figures, Load},
    message::Format,
};

#[derive(Debug, Parser)]
struct Arguments {
    #[command(subcommand)]
    role: Option<Role>,
    /// Clients, in each case.
    #[arg(long, value_delimiter = ',', default_value = "1,100,1000")]
    clients: Vec<usize>,
    /// Messages a second; 0 is as fast as it goes.
    #[arg(long, value_delimiter = ',', default_value = "100,1000,0")]
    rates: Vec<u64>,
    /// raw, fields, normalized.
    #[arg(long, value_delimiter = ',', default_value = "raw")]
    formats: Vec<Format>,
    /// Seconds measured in each run.
    #[arg(long, default_value_t = 3)]
    seconds: u64,
    /// Runs of each case, of which the median is shown.
    #[arg(long, default_value_t = 1)]
    runs: usize,
    /// Further clients that are connected and subscribed to another topic, which is silent.
    #[arg(long, default_value_t = 0)]
    idle: usize,
    /// Further topics that the hub knows.
    #[arg(long, default_value_t = 0)]
    topics: usize,
    /// Further clients that read one hundredth of what they are sent.
    #[arg(long, default_value_t = 0)]
    slow: usize,
    /// How long the server waits for more before it writes, in milliseconds.
    #[arg(long, default_value_t = 0)]
    coalesce: u64,
    /// Whom to measure.
    #[arg(long, value_delimiter = ',', default_value = "coalesced,each,tungstenite,server")]
    senders: Vec<Sender>,
    /// Given by `cargo bench`.
    #[arg(long, hide = true)]
    bench: bool,
}

#[derive(Debug, Subcommand)]
enum Role {
    /// The real server, fed by a publisher in its process.
    #[command(hide = true)]
    Server(server::Server),
    /// Raw sockets.
    #[command(hide = true)]
    Baseline(baseline::Baseline),
    /// tokio-tungstenite.
    #[command(hide = true)]
    Tungstenite(tungstenite::Tungstenite),
    /// The clients.
    #[command(hide = true)]
    Load(Load),
}

/// Who sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Sender {
    /// Raw sockets, everything pending in one write: the ceiling.
    Coalesced,
    /// Raw sockets, one write a message.
    Each,
    /// tokio-tungstenite, everything pending in one flush.
    Tungstenite,
    /// The real server.
    Server,
}

/// One case.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Case {
    pub(crate) format: Format,
    pub(crate) clients: usize,
    pub(crate) rate: u64,
}

fn main() {
    let arguments = Arguments::parse();
    // Ten thousand sockets are more than the usual soft limit.
    let _ = rlimit::increase_nofile_limit(u64::MAX);
    match &arguments.role {
        Some(Role::Server(role)) => role.run(),
        Some(Role::Baseline(role)) => role.run(),
        Some(Role::Tungstenite(role)) => role.run(),
        Some(Role::Load(role)) => role.run(),
        None => compare(&arguments),
    }
}

fn compare(arguments: &Arguments) {
    report::head();
    for &format in &arguments.formats {
        for &clients in &arguments.clients {
            for &rate in &arguments.rates {
                let case = Case { format, clients, rate };
                // Each run measures all of them one after another, so that a
                // machine that is slow for a while is slow for all.
                let mut runs: Vec<_> =
                    arguments.senders.iter().map(|&it| (it, Vec::new())).collect();
                for _ in 0..arguments.runs.max(1) {
                    for (sender, figures) in &mut runs {
                        figures.push(measure(arguments, case, *sender));
                    }
                }
                report::case(case, &runs);
            }
        }
    }
}

/// Runs one sender on one core, the clients on another.
fn measure(arguments: &Arguments, case: Case, sender: Sender) -> Figures {
    let Case { format, clients, rate } = case;
    let mut role = match sender {
        Sender::Server => vec![
            "server".to_owned(),
            format!("--format={format}"),
            format!("--topics={}", arguments.topics),
            format!("--coalesce={}", arguments.coalesce),
        ],
        Sender::Tungstenite => vec!["tungstenite".to_owned(), format!("--format={format}")],
        Sender::Coalesced | Sender::Each => vec![
            "baseline".to_owned(),
            format!("--format={format}"),
            format!("--coalesced={}", sender == Sender::Coalesced),
        ],
    };
    role.push(format!("--rate={rate}"));
    let mut server = Process::start("0", &role);
    let address = server.line();
    let mut load = Process::start(
        "1",
        &[
            "load".to_owned(),
            format!("--address={address}"),
            format!("--server={}", server.child.id()),
            format!("--clients={clients}"),
            format!("--idle={}", arguments.idle),
            format!("--slow={}", arguments.slow),
            format!("--seconds={}", arguments.seconds),
            format!("--format={format}"),
            format!("--rate={rate}"),
        ],
    );
    assert_eq!(load.line(), "ready");
    server.say("start");
    assert_eq!(load.line(), "measured");
    // The rest drains before anything is called lost.
    server.say("stop");
    let published: u64 = server.line().parse().unwrap();
    load.say(&published.to_string());
    let figures = serde_json::from_str(&load.line()).unwrap();
    load.end();
    server.end();
    figures
}

/// This program in another role.
struct Process {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Process {
    fn start(core: &str, arguments: &[String]) -> Self {
        let program = std::env::current_exe().unwrap();
        let mut child = Command::new("taskset")
            .args(["-c", core])
            .arg(program)
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let input = child.stdin.take().unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        Self { child, input, output }
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        let read = self.output.read_line(&mut line).unwrap();
        assert_ne!(read, 0, "the other process has ended");
        line.trim().to_owned()
    }

    fn say(&mut self, line: &str) {
        writeln!(self.input, "{line}").unwrap();
    }

    fn end(mut self) {
        drop(self.input);
        let deadline = std::time::Instant::now() + Duration::from_secs(5);
        while std::time::Instant::now() < deadline {
            if self.child.try_wait().unwrap().is_some() {
                return;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
