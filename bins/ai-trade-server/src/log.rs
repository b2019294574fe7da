//! The log.

use std::{
    io::{self, IsTerminal},
    sync::OnceLock,
};

use tracing::{Level, Metadata};
use tracing_subscriber::{
    EnvFilter, Registry,
    filter::{ParseError, filter_fn},
    fmt,
    layer::SubscriberExt,
    reload,
    util::SubscriberInitExt,
};

use crate::config::{Log, LogFormat};

static FILTER: OnceLock<reload::Handle<EnvFilter, Registry>> = OnceLock::new();

/// A log that cannot be written as wished.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LogError {
    /// The filter is wrong.
    #[error("LOG__FILTER cannot be read: {0}; write something like info,kis_broker=debug")]
    Filter(#[from] ParseError),
    /// The log is not ours.
    #[error("the log filter cannot be changed: {0}")]
    Reload(#[from] reload::Error),
}

/// Begins to log, to the standard error output.
///
/// # Errors
/// When the filter is wrong.
pub fn init(config: &Log) -> Result<(), LogError> {
    let (filter, handle) = reload::Layer::new(EnvFilter::try_new(&config.filter)?);
    let ansi = io::stderr().is_terminal();
    let layer = fmt::layer().with_writer(io::stderr).with_ansi(ansi);
    let registry = tracing_subscriber::registry().with(filter).with(filter_fn(is_fit));
    // A second log in one process is left out.
    let _ = match config.format {
        LogFormat::Text => registry.with(layer).try_init(),
        LogFormat::Json => registry.with(layer.json().flatten_event(true)).try_init(),
    };
    let _ = FILTER.set(handle);
    Ok(())
}

/// Whatever the filter says: traces of tungstenite quote messages and handshakes,
/// and so keys of clients and of KIS.
fn is_fit(metadata: &Metadata<'_>) -> bool {
    *metadata.level() != Level::TRACE || !metadata.target().starts_with("tungstenite")
}

/// Logs by another filter from now on.
///
/// # Errors
/// When the filter is wrong; then nothing changes.
pub fn reload(config: &Log) -> Result<(), LogError> {
    let filter = EnvFilter::try_new(&config.filter)?;
    if let Some(handle) = FILTER.get() {
        handle.reload(filter)?;
    }
    Ok(())
}
