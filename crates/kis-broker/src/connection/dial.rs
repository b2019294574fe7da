//! Opens the websocket.

use std::{io, sync::Arc, time::Duration};

use reqwest::Url;
use tokio::net::TcpStream;
use tokio_rustls::{TlsConnector, rustls};
use tokio_tungstenite::{
    WebSocketStream, client_async_with_config,
    tungstenite::{self, protocol::WebSocketConfig},
};

use super::{lenient_text::LenientText, transport::Transport};

/// An open websocket whose text messages arrive as binary ones.
pub(super) type Socket = Box<WebSocketStream<LenientText<Transport>>>;

/// Why no websocket could be opened.
#[derive(Debug, thiserror::Error)]
pub(super) enum DialError {
    #[error("no connection within {}s", .0.as_secs())]
    TimedOut(Duration),
    #[error("the host cannot be reached")]
    Unreachable(#[source] io::Error),
    #[error("TLS cannot be set up")]
    Tls(#[source] rustls::Error),
    #[error("the websocket was not granted")]
    Handshake(#[source] Box<tungstenite::Error>),
}

/// Opens a websocket to `url` within `timeout`; messages may have `message_max` bytes.
pub(super) async fn dial(
    url: Url,
    timeout: Duration,
    message_max: usize,
) -> Result<Socket, DialError> {
    tokio::time::timeout(timeout, open(&url, message_max))
        .await
        .unwrap_or(Err(DialError::TimedOut(timeout)))
}

async fn open(url: &Url, message_max: usize) -> Result<Socket, DialError> {
    let host = url.host_str().unwrap_or_default();
    let port = url.port_or_known_default().unwrap_or(80);
    // An IPv6 address stands in brackets in a URL, not in a socket address.
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    let stream = TcpStream::connect((bare, port)).await.map_err(DialError::Unreachable)?;
    // Requests are small and must not wait for one another.
    stream.set_nodelay(true).map_err(DialError::Unreachable)?;
    let transport = match url.scheme() {
        "wss" => Transport::Tls(Box::new(encrypt(bare, stream).await?)),
        _ => Transport::Plain(stream),
    };
    let config = WebSocketConfig::default()
        .max_message_size(Some(message_max))
        .max_frame_size(Some(message_max));
    client_async_with_config(url.as_str(), LenientText::new(transport), Some(config))
        .await
        .map(|(socket, _)| Box::new(socket))
        .map_err(|error| DialError::Handshake(Box::new(error)))
}

async fn encrypt(
    host: &str,
    stream: TcpStream,
) -> Result<tokio_rustls::client::TlsStream<TcpStream>, DialError> {
    use rustls_platform_verifier::ConfigVerifierExt;

    let config = rustls::ClientConfig::with_platform_verifier().map_err(DialError::Tls)?;
    let name = rustls::pki_types::ServerName::try_from(host.to_owned())
        .map_err(|error| DialError::Unreachable(io::Error::other(error)))?;
    let connector = TlsConnector::from(Arc::new(config));
    connector.connect(name, stream).await.map_err(DialError::Unreachable)
}
