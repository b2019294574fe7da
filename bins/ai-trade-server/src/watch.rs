//! `ai-trade-server watch`: a client that prints what it gets.

use std::io::Write;

use futures_util::{SinkExt, StreamExt};
use tokio_tungstenite::{
    connect_async,
    tungstenite::{Error, Message},
};

/// Subscribes to `topics` at a server and prints what comes, line by line,
/// until the server ends the connection.
///
/// # Errors
/// When the server cannot be reached or the connection breaks.
pub async fn watch(url: &str, topics: &[String]) -> Result<(), Error> {
    let (mut socket, _) = connect_async(url).await?;
    let request =
        serde_json::json!({ "type": "subscribe", "id": 1, "topics": topics, "snapshot": true });
    socket.send(Message::text(request.to_string())).await?;
    while let Some(message) = socket.next().await {
        if let Message::Text(text) = message? {
            writeln!(std::io::stdout(), "{text}").map_err(Error::Io)?;
        }
    }
    Ok(())
}
