//! The first message of a websocket that has come without a key.

use bytes::Bytes;
use serde_json::{Map, Value};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    time::timeout,
};
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;

use super::{
    codec::{Codec, Incoming},
    reply::Reply,
};
use crate::{
    guard::{Caller, Guard, Reason},
    keys::Scope,
};

/// How many bytes the message may have.
const MESSAGE_BYTES_MAX: usize = 1024;

/// How much is read of a client that has been refused.
const REST_BYTES_MAX: u64 = 64 * 1024;

const NOT_A_KEY: &str = "the first message must be the key";

/// The close codes of ours, after HTTP's statuses.
pub(crate) const UNAUTHORIZED: CloseCode = CloseCode::Library(4401);
pub(crate) const FORBIDDEN: CloseCode = CloseCode::Library(4403);
pub(crate) const TOO_MANY: CloseCode = CloseCode::Library(4429);

/// Reads `{"type":"auth","key":"…"}` and returns who that is, and what came
/// behind it. Anything else, or nothing in time, ends the connection: `None`.
pub(crate) async fn authenticate<S>(
    stream: &mut S,
    read_ahead: Bytes,
    guard: &Guard,
) -> Option<(Caller, Bytes)>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let settings = guard.settings();
    let mut codec = Codec::new(MESSAGE_BYTES_MAX);
    let first = first_message(stream, &mut codec, read_ahead);
    let patience = settings.server.auth_timeout();
    match timeout(patience, first).await {
        Ok(Some((Incoming::Text(text), rest))) => match identify(&text, guard) {
            Ok((caller, answer)) => {
                stream.write_all(&answer).await.ok()?;
                return Some((caller, rest));
            }
            Err(goodbye) => goodbye.say(&mut codec, guard),
        },
        Ok(Some((Incoming::Binary | Incoming::TooLarge { .. }, _))) => {
            Goodbye::unauthorized(NOT_A_KEY).say(&mut codec, guard);
        }
        // The client is gone, or its end is answered already.
        Ok(Some((Incoming::End, _)) | None) => {}
        Err(_) => Goodbye::unauthorized("no key came in time").say(&mut codec, guard),
    }
    let last = codec.take_outgoing();
    // What it still sends is read, since a reset would overtake our last words.
    let _ = timeout(patience, async {
        stream.write_all(&last).await?;
        stream.shutdown().await?;
        let mut rest = stream.take(REST_BYTES_MAX);
        tokio::io::copy(&mut rest, &mut tokio::io::sink()).await
    })
    .await;
    None
}

struct Goodbye {
    reason: Reason,
    code: CloseCode,
    text: String,
}

impl Goodbye {
    fn unauthorized(text: &str) -> Self {
        let text = format!(r#"{text}; send {{"type":"auth","key":"…"}} first"#);
        Self { reason: Reason::Unauthorized, code: UNAUTHORIZED, text }
    }

    fn say(&self, codec: &mut Codec, guard: &Guard) {
        guard.refusals().count(self.reason);
        codec.close(self.code, &self.text);
    }
}

/// The first message, and what came behind it: the codec gets no byte more than
/// it needs.
async fn first_message<S>(
    stream: &mut S,
    codec: &mut Codec,
    mut bytes: Bytes,
) -> Option<(Incoming, Bytes)>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let mut buffer = [0; MESSAGE_BYTES_MAX];
    loop {
        while !bytes.is_empty() {
            codec.feed(&bytes.split_to(1));
            if let Some(incoming) = codec.next() {
                return Some((incoming, bytes));
            }
        }
        // A ping is answered before the key has come.
        stream.write_all(&codec.take_outgoing()).await.ok()?;
        match stream.read(&mut buffer).await {
            Ok(0) | Err(_) => return None,
            Ok(count) => bytes = Bytes::copy_from_slice(&buffer[..count]),
        }
    }
}

fn identify(text: &str, guard: &Guard) -> Result<(Caller, Vec<u8>), Goodbye> {
    let members: Map<String, Value> =
        serde_json::from_str(text).map_err(|_| Goodbye::unauthorized(NOT_A_KEY))?;
    if members.get("type").and_then(Value::as_str) != Some("auth") {
        return Err(Goodbye::unauthorized(NOT_A_KEY));
    }
    let key = members.get("key").and_then(Value::as_str).unwrap_or_default();
    let caller = guard.caller(key).map_err(|(reason, problem)| match reason {
        Reason::Unauthorized => Goodbye::unauthorized("this is not a key of this server"),
        _ => Goodbye { reason, code: TOO_MANY, text: problem.detail().to_owned() },
    })?;
    if !caller.may(Scope::Read) {
        let text = "the key has not the scope `read`".to_owned();
        return Err(Goodbye { reason: Reason::Scope, code: FORBIDDEN, text });
    }
    let mut answer = Vec::new();
    Reply::Authenticated { id: members.get("id") }.write(&mut answer);
    Ok((caller, answer))
}
