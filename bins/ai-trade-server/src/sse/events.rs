//! One client's events, as they are written.

use std::collections::{HashMap, VecDeque};

use bytes::Bytes;
use kis_protocol::Topic;
use relay_core::{Item, Limits, Outbox, Position, Subscribed};
use serde_json::{Value, json};
use tokio::time::{Interval, MissedTickBehavior, interval};

use super::cursor::Cursor;
use crate::{
    guard::Caller,
    server::App,
    wire::texts,
    ws::{Mistake, Reply, SubscribeOptions, Subscriber},
};

/// A chunk is passed on when it has so many bytes.
const CHUNK: usize = 64 * 1024;

/// How soon a browser is to come back, in milliseconds.
const RETRY_MS: u32 = 1_000;

/// The events of one client.
pub(super) struct Events {
    subscriber: Subscriber,
    outbox: Outbox<Topic>,
    cursor: Cursor,
    places: HashMap<Topic, usize>,
    /// Taken out of the outbox and not written yet.
    waiting: VecDeque<Item<Topic>>,
    chunk: Vec<u8>,
    heartbeat: Interval,
    ended: bool,
}

impl Events {
    /// Subscribes to `topics`, behind the positions in `last` if the client comes back.
    ///
    /// # Errors
    /// When one of the topics cannot be had.
    pub(super) fn new(
        app: &App,
        caller: &Caller,
        topics: Vec<Topic>,
        options: SubscribeOptions,
        last: Option<&[Position]>,
    ) -> Result<Self, Mistake> {
        let relay = &app.config.relay;
        let limits = Limits { messages: relay.client_messages, bytes: relay.client_bytes };
        let outbox = app.hub.connect(limits);
        let allowed = caller.topics(relay.client_topics_max);
        let client = outbox.client();
        let subscriber = Subscriber::new(app.hub.clone(), client, allowed, &app.guard);
        let mut heartbeat = interval(relay.ping_interval());
        heartbeat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        heartbeat.reset();
        let mut events = Self {
            subscriber,
            outbox,
            cursor: Cursor::new(&topics),
            places: HashMap::new(),
            waiting: VecDeque::new(),
            chunk: format!("retry: {RETRY_MS}\n\n").into_bytes(),
            heartbeat,
            ended: false,
        };
        for (place, topic) in topics.into_iter().enumerate() {
            let resume = last.and_then(|it| it.get(place)).copied();
            let options = SubscribeOptions { resume, ..options };
            let subscribed = events.subscriber.add(&topic, options)?;
            events.subscribed(&topic, place, options, &subscribed);
            events.places.insert(topic, place);
        }
        Ok(events)
    }

    /// Notes where the client is in a topic, and tells it.
    fn subscribed(
        &mut self,
        topic: &Topic,
        place: usize,
        options: SubscribeOptions,
        subscribed: &Subscribed,
    ) {
        let Subscribed { seq, epoch, recovered, .. } = *subscribed;
        let seq = match (recovered, options.resume) {
            (Some(true), Some(resume)) => resume.seq,
            // The last record comes once more; a client that leaves before has not seen it.
            (Some(false), _) => seq.saturating_sub(1),
            _ if options.snapshot => seq.saturating_sub(1),
            _ => seq,
        };
        self.cursor.epoch = epoch;
        self.cursor.seqs[place] = seq;
        let mut frame = Vec::new();
        Reply::subscribed(&Value::Null, topic, options.format, subscribed).write(&mut frame);
        self.told(&frame);
    }

    /// The next bytes to be written; none at the end.
    pub(super) async fn next(&mut self) -> Option<Bytes> {
        while self.chunk.is_empty() && !self.ended {
            let mut batch = Vec::new();
            tokio::select! {
                received = self.outbox.recv(&mut batch), if self.waiting.is_empty() => {
                    if let Err(closed) = received {
                        let data = json!({"type": "closed", "reason": closed.to_string()});
                        write_event(&mut self.chunk, "closed", data.to_string().as_bytes());
                        self.ended = true;
                    }
                }
                // A proxy that sees nothing for long would end the connection.
                _ = self.heartbeat.tick(), if self.waiting.is_empty() => {
                    self.chunk.extend_from_slice(b":\n\n");
                }
                () = std::future::ready(()), if !self.waiting.is_empty() => {}
            }
            self.waiting.extend(batch);
            while self.chunk.len() < CHUNK
                && let Some(item) = self.waiting.pop_front()
            {
                self.write(&item);
            }
        }
        let chunk = std::mem::take(&mut self.chunk);
        self.heartbeat.reset();
        (!chunk.is_empty()).then(|| chunk.into())
    }

    fn write(&mut self, item: &Item<Topic>) {
        match item {
            Item::Messages(messages) => {
                let place = self.places.get(messages.topic()).copied();
                for (seq, frame) in messages.iter() {
                    if let Some(known) = place.and_then(|it| self.cursor.seqs.get_mut(it)) {
                        *known = seq;
                    }
                    self.chunk.extend_from_slice(b"id: ");
                    self.cursor.write(&mut self.chunk);
                    self.chunk.push(b'\n');
                    for text in texts(frame) {
                        write_data(&mut self.chunk, text);
                    }
                }
            }
            Item::Event(event) => {
                let mut frames = Vec::new();
                self.subscriber.event(event, &mut frames);
                self.told(&frames);
            }
        }
    }

    /// Appends what the subscriber has to say.
    fn told(&mut self, frames: &[u8]) {
        for text in texts(frames) {
            let kind = serde_json::from_slice::<Value>(text).unwrap_or_default();
            let name = match kind["type"].as_str().unwrap_or_default() {
                // A browser takes `error` for one of the connection.
                "error" => "refused",
                other => other,
            };
            write_event(&mut self.chunk, name, text);
        }
    }
}

fn write_event(out: &mut Vec<u8>, name: &str, text: &[u8]) {
    out.extend_from_slice(b"event: ");
    out.extend_from_slice(name.as_bytes());
    out.push(b'\n');
    write_data(out, text);
}

/// An event's data ends with its line, so each line of it is one of its own.
fn write_data(out: &mut Vec<u8>, text: &[u8]) {
    for line in text.split(|it| matches!(it, b'\n' | b'\r')) {
        out.extend_from_slice(b"data: ");
        out.extend_from_slice(line);
        out.push(b'\n');
    }
    out.push(b'\n');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn data_cannot_end_an_event() {
        let mut out = Vec::new();
        write_event(&mut out, "gap", b"a\n\nb\rid: 7");
        let text = String::from_utf8(out).unwrap();
        assert_eq!(text, "event: gap\ndata: a\ndata: \ndata: b\ndata: id: 7\n\n");
    }
}
