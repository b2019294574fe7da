//! What one client says, and what it alone is told, without its socket.

use std::sync::Arc;

use bytes::Bytes;
use kis_protocol::Topic;
use relay_core::{ClientId, Event};
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;

use super::{
    authenticate::TOO_MANY,
    codec::{Codec, Incoming},
    reply::Reply,
    request::Mistake,
    subscriber::Subscriber,
};
use crate::{guard::Caller, server::App};

pub(crate) struct Dialogue {
    app: Arc<App>,
    codec: Codec,
    subscriber: Subscriber,
}

impl Dialogue {
    pub(crate) fn new(app: Arc<App>, client: ClientId, caller: &Caller) -> Self {
        let relay = &app.config.relay;
        let topics = caller.topics(relay.client_topics_max);
        Self {
            codec: Codec::new(relay.message_bytes_max),
            subscriber: Subscriber::new(app.hub.clone(), client, topics, &app.guard),
            app,
        }
    }

    /// Takes what the client said, does what it asks for, and returns what it is told, and
    /// whether that is the end: it must not be listened to any more.
    pub(crate) fn hear(&mut self, bytes: &[u8]) -> (Bytes, bool) {
        self.codec.feed(bytes);
        let (mut answers, mut ended) = (Vec::new(), false);
        while !ended && let Some(incoming) = self.codec.next() {
            match incoming {
                Incoming::Text(text) => {
                    let extra = &self.app.config.kis.extra_tr_ids;
                    if let Err(flood) = self.subscriber.handle(&text, extra, &mut answers) {
                        self.codec.close(TOO_MANY, &flood.to_string());
                        ended = true;
                    }
                }
                Incoming::Binary => {
                    let message = "binary messages are not understood; send JSON as text";
                    let mistake = Mistake::new("binary_message", message.to_owned());
                    Reply::error(None, &mistake).write(&mut answers);
                }
                Incoming::TooLarge { max } => {
                    let message = format!("a message may have {max} bytes");
                    let mistake = Mistake::new("message_too_large", message.clone());
                    Reply::error(None, &mistake).write(&mut answers);
                    self.codec.close(CloseCode::Size, &message);
                    ended = true;
                }
                Incoming::End => ended = true,
            }
        }
        answers.extend_from_slice(&self.codec.take_outgoing());
        (answers.into(), ended)
    }

    /// What an event means to the client.
    pub(crate) fn event(&mut self, event: &Event<Topic>) -> Bytes {
        let mut frame = Vec::new();
        self.subscriber.event(event, &mut frame);
        frame.into()
    }

    /// A question for a sign of life.
    pub(crate) fn ping(&mut self) -> Bytes {
        self.codec.ping();
        self.codec.take_outgoing()
    }

    /// The last words.
    pub(crate) fn close(&mut self, code: CloseCode, reason: &str) -> Bytes {
        self.codec.close(code, reason);
        self.codec.take_outgoing()
    }
}
