//! An encoding that tests can read: `format/topic/seq/value;`.

use relay_core::{Config, Encode, Event, Format, Hub, Item, Limits, Outbox};

pub(crate) const ROOM: Limits = Limits { messages: 1000, bytes: 100_000 };

#[derive(Debug)]
pub(crate) struct Text;

impl Encode for Text {
    type Topic = &'static str;
    type Message = String;

    fn encode(
        &self,
        topic: &&'static str,
        value: &String,
        format: Format,
        seq: u64,
        out: &mut Vec<u8>,
    ) {
        out.extend_from_slice(format!("{}/{topic}/{seq}/{value};", format.0).as_bytes());
    }
}

pub(crate) fn hub() -> Hub<Text> {
    Hub::new(Config::new(7), Text)
}

pub(crate) fn publish(hub: &Hub<Text>, topic: &str, values: &[&str]) {
    for value in values {
        hub.publish(topic, (*value).to_owned()).unwrap();
    }
    hub.flush();
}

/// Takes everything that is queued; events are shown as `gap a 1..2 Slow`, for instance.
pub(crate) fn drain(outbox: &mut Outbox<&'static str>) -> Vec<String> {
    let mut batch = Vec::new();
    let mut seen = Vec::new();
    while outbox.try_recv(&mut batch).unwrap_or(false) {
        seen.extend(batch.drain(..).map(|it| show(&it)));
    }
    seen
}

fn show(item: &Item<&'static str>) -> String {
    let Item::Event(event) = item else {
        let Item::Messages(messages) = item else { unreachable!() };
        return String::from_utf8(messages.bytes().to_vec()).unwrap();
    };
    match &**event {
        Event::Live { topic } => format!("live {topic}"),
        Event::Refused { topic, refusal } => format!("refused {topic} {}", refusal.code),
        Event::Gap { topic, from, to: Some(to), cause } => {
            format!("gap {topic} {from}..{to} {cause:?}")
        }
        Event::Gap { topic, from, to: None, cause } => format!("gap {topic} {from}.. {cause:?}"),
        other => format!("{other:?}"),
    }
}
