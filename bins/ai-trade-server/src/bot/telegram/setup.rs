//! The clients that speak to the Bot API.

use std::time::Duration;

use reqwest_012 as http;
use rustls_platform_verifier::ConfigVerifierExt;
use teloxide_core::Bot;
use tokio_rustls::rustls::ClientConfig;

/// How long a request may take.
///
/// After an answer of 5xx the library sleeps ten seconds before it reads it, which cannot be
/// switched off, and which this does not count. Nothing but the message in question waits: it
/// has not been sent, and there is no use in being quicker.
const TIMEOUT: Duration = Duration::from_secs(20);

/// For how long Telegram holds a question for updates, in seconds.
pub(super) const POLL_SECONDS: u32 = 25;

/// A bot that cannot be set up.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BotError {
    /// The address is none.
    #[error("TELEGRAM__API_URL is not a URL; write it as https://host")]
    Url,
    /// The token cannot be one.
    #[error("TELEGRAM_BOT_TOKEN must be what BotFather gives, as in 123456:ABC-DEF")]
    Token,
    /// There is no way to speak HTTPS.
    #[error("the bot cannot speak HTTPS: the system offers no TLS roots to trust")]
    Tls,
    /// Telegram cannot bring updates there.
    #[error(
        "TELEGRAM__WEBHOOK_URL must be where Telegram reaches this server: https://, a host, one \
         of the ports 443, 80, 88 and 8443, and no query, as in https://trade.example.com"
    )]
    Webhook,
}

/// The bot twice: for messages, and with the patience that waiting for updates takes.
pub(super) fn bots(token: &str, api_url: &str) -> Result<(Bot, Bot), BotError> {
    let is_token = token.split_once(':').is_some_and(|(id, secret)| {
        let fits = |it: u8| it.is_ascii_alphanumeric() || b"-_".contains(&it);
        let digits = id.bytes().all(|it| it.is_ascii_digit());
        !id.is_empty() && digits && !secret.is_empty() && secret.bytes().all(fits)
    });
    if !is_token {
        return Err(BotError::Token);
    }
    let url: http::Url = api_url.parse().map_err(|_| BotError::Url)?;
    if !matches!(url.scheme(), "https" | "http") {
        return Err(BotError::Url);
    }
    let bot = |timeout| {
        let tls = ClientConfig::with_platform_verifier().map_err(|_| BotError::Tls)?;
        let client = http::Client::builder()
            .use_preconfigured_tls(tls)
            // A redirect would show the token to somebody else.
            .redirect(http::redirect::Policy::none())
            .timeout(timeout)
            .build()
            .map_err(|_| BotError::Tls)?;
        Ok(Bot::with_client(token, client).set_api_url(url.clone()))
    };
    Ok((bot(TIMEOUT)?, bot(TIMEOUT + Duration::from_secs(POLL_SECONDS.into()))?))
}
