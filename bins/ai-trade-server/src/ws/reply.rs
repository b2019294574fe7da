//! What clients are told, records apart.

use kis_protocol::Topic;
use relay_core::{Cause, Event, Subscribed, UpstreamState};
use serde::Serialize;
use serde_json::Value;

use super::request::Mistake;
use crate::wire::{WireFormat, text_frame};

/// A message to one client.
#[derive(Debug, Serialize)]
#[serde(tag = "type", rename_all = "lowercase")]
pub(crate) enum Reply<'a> {
    /// A subscription is made.
    Subscribed {
        id: &'a Value,
        key: &'a str,
        format: WireFormat,
        /// `live` when KIS has confirmed the topic, else `pending`.
        state: &'static str,
        epoch: String,
        seq: u64,
        #[serde(skip_serializing_if = "Option::is_none")]
        recovered: Option<bool>,
    },
    /// A subscription is ended.
    Unsubscribed { id: &'a Value, key: &'a str },
    /// What is subscribed.
    List {
        #[serde(skip_serializing_if = "Option::is_none")]
        id: Option<&'a Value>,
        topics: Vec<Listed<'a>>,
    },
    /// The client may go on.
    Authenticated {
        #[serde(skip_serializing_if = "Option::is_none")]
        id: Option<&'a Value>,
    },
    /// The answer to a ping.
    Pong {
        #[serde(skip_serializing_if = "Option::is_none")]
        id: Option<&'a Value>,
    },
    /// KIS has confirmed a topic, for the first time or again.
    Live { key: &'a str },
    /// Messages are missing.
    Gap {
        key: &'a str,
        from: u64,
        /// Unknown after a loss upstream: up to the next message.
        to: Option<u64>,
        /// `upstream` or `slow`.
        reason: &'static str,
    },
    /// Something cannot be done.
    Error {
        #[serde(skip_serializing_if = "Option::is_none")]
        id: Option<&'a Value>,
        /// A word of ours, or KIS' code.
        code: &'a str,
        message: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        key: Option<&'a str>,
    },
}

/// One subscription.
#[derive(Debug, Serialize)]
pub(crate) struct Listed<'a> {
    pub(crate) key: &'a str,
    pub(crate) format: WireFormat,
}

impl<'a> Reply<'a> {
    pub(crate) fn subscribed(
        id: &'a Value,
        topic: &'a Topic,
        format: WireFormat,
        subscribed: &Subscribed,
    ) -> Self {
        Self::Subscribed {
            id,
            key: topic.as_str(),
            format,
            state: match subscribed.state {
                UpstreamState::Live => "live",
                UpstreamState::Pending => "pending",
            },
            epoch: format!("{:016x}", subscribed.epoch),
            seq: subscribed.seq,
            recovered: subscribed.recovered,
        }
    }

    pub(crate) fn error(id: Option<&'a Value>, mistake: &'a Mistake) -> Self {
        Self::Error {
            id,
            code: mistake.code,
            message: &mistake.message,
            key: mistake.key.as_deref(),
        }
    }

    /// What an event means to the client; `None` for those it did not ask to hear of.
    pub(crate) fn event(event: &'a Event<Topic>, extended: bool) -> Option<Self> {
        match event {
            Event::Live { topic } => extended.then(|| Self::Live { key: topic.as_str() }),
            Event::Refused { topic, refusal } => Some(Self::Error {
                id: None,
                code: &refusal.code,
                message: &refusal.message,
                key: Some(topic.as_str()),
            }),
            Event::Gap { topic, from, to, cause } => Some(Self::Gap {
                key: topic.as_str(),
                from: *from,
                to: *to,
                reason: match cause {
                    Cause::Slow => "slow",
                    Cause::Upstream => "upstream",
                },
            }),
            _ => None,
        }
    }

    /// Appends the message as a text frame.
    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        text_frame(out, |out| {
            // Structs of text and numbers cannot fail to serialise.
            let written = serde_json::to_writer(out, self);
            debug_assert!(written.is_ok());
        });
    }
}
