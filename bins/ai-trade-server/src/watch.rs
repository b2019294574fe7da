//! `ai-trade-server watch`: a client that prints what it gets.

use std::io::{self, Write};

use futures_util::{SinkExt, StreamExt};
use tokio_tungstenite::{
    connect_async,
    tungstenite::{Error, Message},
};

/// Why nothing more is printed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WatchError {
    /// The server cannot be reached, or the connection broke.
    #[error("{0}; is the server running?")]
    Connection(#[from] Error),
    /// The server has ended the connection and said why.
    #[error("the server ended the connection: {reason} ({code})")]
    Closed {
        /// The websocket's close code.
        code: u16,
        /// In words.
        reason: String,
    },
    /// What comes cannot be printed.
    #[error("cannot print: {0}")]
    Print(#[from] io::Error),
}

/// Subscribes to `topics` at a server, with `key` if it needs one, and prints
/// what comes, line by line, until the server ends the connection.
///
/// # Errors
/// When the server cannot be reached, refuses, or the connection breaks.
pub async fn watch(url: &str, key: Option<&str>, topics: &[String]) -> Result<(), WatchError> {
    let (mut socket, _) = connect_async(url).await?;
    if let Some(key) = key {
        let auth = serde_json::json!({ "type": "auth", "key": key });
        socket.send(Message::text(auth.to_string())).await?;
    }
    let request =
        serde_json::json!({ "type": "subscribe", "id": 1, "topics": topics, "snapshot": true });
    socket.send(Message::text(request.to_string())).await?;
    while let Some(message) = socket.next().await {
        match message? {
            Message::Text(text) => writeln!(io::stdout(), "{text}")?,
            Message::Close(Some(close)) => {
                let reason = close.reason.as_str().to_owned();
                return Err(WatchError::Closed { code: close.code.into(), reason });
            }
            _ => {}
        }
    }
    Ok(())
}
