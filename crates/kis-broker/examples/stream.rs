//! Prints the frames of topics, from KIS or from `kis-sim`:
//!
//! ```text
//! cargo run -p kis-broker --example stream -- \
//!     --rest http://127.0.0.1:9443 --websocket ws://127.0.0.1:21000 \
//!     --app-key KEY --app-secret SECRET H0STCNT0:005930
//! ```
//!
//! Without addresses they follow from `--environment`.

use std::io::{self, BufWriter, Write};

use clap::Parser;
use kis_broker::{
    Connection, ConnectionConfig, Credentials, Endpoints, Environment, Event, Handle, Sink,
};
use kis_protocol::Topic;

#[derive(Parser)]
struct Arguments {
    /// real, paper or custom.
    #[arg(long, default_value = "custom")]
    environment: Environment,
    /// Where REST is served, if elsewhere than the environment says.
    #[arg(long)]
    rest: Option<String>,
    /// Where the websocket is served, if elsewhere than the environment says.
    #[arg(long)]
    websocket: Option<String>,
    /// The app key.
    #[arg(long, env = "APP_KEY", hide_env_values = true)]
    app_key: String,
    /// The app secret.
    #[arg(long, env = "APP_SECRET", hide_env_values = true)]
    app_secret: String,
    /// Ends after this many frames; otherwise on Ctrl-C.
    #[arg(long)]
    frames: Option<u64>,
    /// What to print, as `tr_id:tr_key`.
    #[arg(required = true)]
    topics: Vec<Topic>,
}

/// Prints frames to standard output and events to standard error.
struct Printer {
    out: BufWriter<io::Stdout>,
    left: Option<u64>,
    handle: Handle,
}

impl Sink for Printer {
    fn frame(&mut self, text: &str) {
        let printed = match &mut self.left {
            Some(0) => return,
            Some(left) => {
                *left -= 1;
                writeln!(self.out, "{text}")
            }
            None => writeln!(self.out, "{text}"),
        };
        // Nobody reads any more, or all that was asked for is there.
        if printed.is_err() || self.left == Some(0) {
            self.handle.shutdown();
        }
    }

    fn event(&mut self, event: Event) {
        let _ = writeln!(io::stderr(), "{event:?}");
    }

    fn flush(&mut self) {
        let _ = self.out.flush();
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments = Arguments::parse();
    let (rest, websocket) = (arguments.rest.as_deref(), arguments.websocket.as_deref());
    let endpoints = Endpoints::of(arguments.environment, rest, websocket)?;
    let credentials = Credentials::new(&arguments.app_key, &arguments.app_secret);
    let connection = Connection::new(ConnectionConfig::new(endpoints), credentials)?;
    let handle = connection.handle();
    for topic in arguments.topics {
        handle.subscribe(topic);
    }
    let printer = Printer { out: BufWriter::new(io::stdout()), left: arguments.frames, handle };
    let interrupted = async {
        if tokio::signal::ctrl_c().await.is_err() {
            // Without signals, the end comes with the last frame.
            std::future::pending::<()>().await;
        }
    };
    connection.run(printer, interrupted).await;
    Ok(())
}
