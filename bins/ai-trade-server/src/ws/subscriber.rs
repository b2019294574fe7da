//! One client's subscriptions, without its socket.

use std::{collections::HashMap, sync::Arc, time::Instant};

use kis_protocol::{StreamKind, Topic, TrId};
use relay_core::{ClientId, Event, Hub, Options, Policy, Subscribed};
use serde_json::Value;

use super::{
    reply::{Listed, Reply},
    request::{BadRequest, Command, Mistake, Request, SubscribeOptions},
};
use crate::{
    guard::{Flood, Flow, Guard, Reason, Topics},
    router::is_notice,
    wire::{Wire, WireFormat},
};

/// A connected client, as the hub sees it.
#[derive(Debug)]
pub(crate) struct Subscriber {
    hub: Hub<Wire>,
    client: ClientId,
    topics: HashMap<Topic, WireFormat>,
    allowed: Topics,
    flow: Flow,
    guard: Arc<Guard>,
    /// Whether the client uses ids. One that does not speaks the original
    /// protocol, and hears nothing but records, gaps and errors.
    extended: bool,
}

impl Subscriber {
    pub(crate) fn new(
        hub: Hub<Wire>,
        client: ClientId,
        allowed: Topics,
        guard: &Arc<Guard>,
    ) -> Self {
        let (topics, guard) = (HashMap::new(), Arc::clone(guard));
        Self { hub, client, topics, allowed, flow: guard.flow(), guard, extended: false }
    }

    /// Does what a message asks for; answers are appended to `out`.
    ///
    /// # Errors
    /// When the client sends too much; the connection is to be ended.
    pub(crate) fn handle(
        &mut self,
        text: &str,
        extra_tr_ids: &[String],
        out: &mut Vec<u8>,
    ) -> Result<(), Flood> {
        let now = Instant::now();
        self.flow.message(now, self.guard.refusals())?;
        let Request { id, command } = match Request::parse(text, extra_tr_ids) {
            Ok(request) => request,
            Err(BadRequest { id, mistake }) => {
                Reply::error(id.as_ref(), &mistake).write(out);
                return Ok(());
            }
        };
        self.extended |= id.is_some();
        match command {
            Command::Subscribe { topics, options } => {
                for topic in topics {
                    let topic = self.in_time(topic, now)?;
                    match topic.and_then(|it| Ok((self.subscribe(&it, options)?, it))) {
                        Ok((subscribed, topic)) => {
                            if let Some(id) = &id {
                                let format = options.format;
                                Reply::subscribed(id, &topic, format, &subscribed).write(out);
                            }
                        }
                        Err(mistake) => Reply::error(id.as_ref(), &mistake).write(out),
                    }
                }
            }
            Command::Unsubscribe { topics } => {
                for topic in topics {
                    let topic = self.in_time(topic, now)?;
                    let done = topic.and_then(|it| self.unsubscribe(&it, id.as_ref(), out));
                    if let Err(mistake) = done {
                        Reply::error(id.as_ref(), &mistake).write(out);
                    }
                }
            }
            Command::List => {
                let listed = |(key, format): (&'_ Topic, &WireFormat)| (key.clone(), *format);
                let mut topics: Vec<_> = self.topics.iter().map(listed).collect();
                topics.sort_by(|a, b| a.0.cmp(&b.0));
                let topics = topics
                    .iter()
                    .map(|(key, format)| Listed { key: key.as_str(), format: *format })
                    .collect();
                Reply::List { id: id.as_ref(), topics }.write(out);
            }
            Command::Ping => Reply::Pong { id: id.as_ref() }.write(out),
            Command::Authenticate => Reply::Authenticated { id: id.as_ref() }.write(out),
        }
        Ok(())
    }

    /// Subscribes a client that sends no messages and hears of everything.
    ///
    /// # Errors
    /// When the topic cannot be had, or topics are asked for too fast.
    pub(crate) fn add(
        &mut self,
        topic: &Topic,
        options: SubscribeOptions,
    ) -> Result<Subscribed, Mistake> {
        self.extended = true;
        match self.in_time(Ok(topic.clone()), Instant::now()) {
            Ok(topic) => self.subscribe(&topic?, options),
            Err(flood) => Err(Mistake::new("too_many_requests", flood.to_string())),
        }
    }

    /// The topic, unless the client changes its topics too fast.
    fn in_time(
        &mut self,
        topic: Result<Topic, Mistake>,
        now: Instant,
    ) -> Result<Result<Topic, Mistake>, Flood> {
        let allowed = self.flow.topic(now, self.guard.refusals())?;
        Ok(topic.and_then(|topic| match allowed {
            Ok(()) => Ok(topic),
            Err(wait) => Err(Mistake {
                key: Some(topic.to_string()),
                ..Mistake::new(
                    "too_many_requests",
                    format!("topics change too fast; try again in {} ms", wait.as_millis() + 1),
                )
            }),
        }))
    }

    /// Appends what an event means to the client.
    pub(crate) fn event(&mut self, event: &Event<Topic>, out: &mut Vec<u8>) {
        if let Event::Refused { topic, .. } = event
            && self.topics.remove(topic).is_some()
        {
            self.allowed.give_back();
        }
        if let Some(reply) = Reply::event(event, self.extended) {
            reply.write(out);
        }
    }

    fn subscribe(
        &mut self,
        topic: &Topic,
        options: SubscribeOptions,
    ) -> Result<Subscribed, Mistake> {
        let mistake =
            |code, message| Mistake { key: Some(topic.to_string()), ..Mistake::new(code, message) };
        let policy = options.policy.unwrap_or_else(|| default_policy(topic));
        if policy == Policy::Conflate && !may_conflate(topic) {
            let message = "only order books and indicative values may be conflated".to_owned();
            return Err(mistake("invalid_option", message));
        }
        if is_notice(topic.tr_id()) && !self.allowed.may_have_notices() {
            self.guard.refusals().count(Reason::Scope);
            let message = "order notices need a key with the scope `trade` or `admin`".to_owned();
            return Err(mistake("scope_missing", message));
        }
        if !self.topics.contains_key(topic) {
            self.allowed.take().map_err(|message| mistake("too_many_topics", message))?;
        }
        let SubscribeOptions { format, snapshot, resume, .. } = options;
        let options = Options { format: format.into(), policy, snapshot, resume };
        let subscribed = self
            .hub
            .subscribe(self.client, topic.clone(), options)
            .map_err(|error| mistake("disconnected", error.to_string()))?;
        self.topics.insert(topic.clone(), format);
        Ok(subscribed)
    }

    fn unsubscribe(
        &mut self,
        topic: &Topic,
        id: Option<&Value>,
        out: &mut Vec<u8>,
    ) -> Result<(), Mistake> {
        if self.topics.remove(topic).is_none() {
            return Err(Mistake {
                key: Some(topic.to_string()),
                ..Mistake::new("not_subscribed", format!("{topic} is not subscribed here"))
            });
        }
        self.allowed.give_back();
        self.hub.unsubscribe(self.client, topic);
        if let Some(id) = id {
            Reply::Unsubscribed { id, key: topic.as_str() }.write(out);
        }
        Ok(())
    }
}

/// What gives way when a client is slow: of order books the newest counts, of
/// trades the loss is announced, and a notice is never lost.
fn default_policy(topic: &Topic) -> Policy {
    match topic.tr_id().parse().map(TrId::kind) {
        Ok(StreamKind::Notice) => Policy::Lossless,
        Ok(StreamKind::OrderBook | StreamKind::OvertimeOrderBook) => Policy::Conflate,
        _ => Policy::Skip,
    }
}

/// Whether the newest record tells all that older ones did: not so for trades,
/// statuses and notices.
fn may_conflate(topic: &Topic) -> bool {
    use StreamKind::{
        ExpectedTrade, IndexTrade, Members, Nav, OrderBook, OvertimeExpectedTrade,
        OvertimeOrderBook, ProgramTrade,
    };
    let kind = topic.tr_id().parse().map(TrId::kind);
    matches!(
        kind,
        Ok(OrderBook
            | OvertimeOrderBook
            | ExpectedTrade
            | OvertimeExpectedTrade
            | Members
            | ProgramTrade
            | Nav
            | IndexTrade)
    )
}
