//! Looking at a running simulator, and making it misbehave.

use std::{
    fmt,
    sync::Arc,
    time::{Duration, Instant},
};

use bytes::Bytes;
use kis_protocol::Topic;

use crate::{
    CallFault, Oddity, Refusal, SimState,
    fault::Order,
    frame,
    state::{Entry, Shared},
};

/// The handle to a running simulator. Cheap to clone.
#[derive(Clone)]
pub struct Control {
    shared: Arc<Shared>,
}

/// Nothing of the state, since that holds keys.
impl fmt::Debug for Control {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Control").finish_non_exhaustive()
    }
}

/// How long the slot of a lost connection stays taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hold {
    /// As long as the configuration says.
    Configured,
    /// This long.
    For(Duration),
    /// Until [`Control::release_slots`].
    UntilReleased,
}

impl Control {
    pub(crate) fn new(shared: Arc<Shared>) -> Self {
        Self { shared }
    }

    pub(crate) fn shared(&self) -> &Shared {
        &self.shared
    }

    /// What there is now, and what has happened so far.
    pub fn state(&self) -> SimState {
        self.shared.state()
    }

    /// Waits until the state is as wanted, and returns it. Has no limit of its own: put a
    /// timeout around it.
    pub async fn wait_until(&self, wanted: impl Fn(&SimState) -> bool) -> SimState {
        self.shared.wait_until(wanted).await
    }

    /// Drops every connection without a close frame; returns how many there were.
    pub fn drop_connections(&self) -> usize {
        self.order(&Order::Drop, |_| true)
    }

    /// Drops the connection of one app key without a close frame; returns whether there was
    /// one.
    pub fn drop_connection(&self, app_key: &str) -> bool {
        self.order(&Order::Drop, |entry| entry.app_key.as_deref() == Some(app_key)) > 0
    }

    /// Sends nothing any more on the connections there are, and keeps them open. A new
    /// connection is not affected, and one that its client ends is noticed.
    pub fn stall(&self) -> usize {
        self.shared.change(|inner| inner.sessions.values_mut().for_each(|it| it.stalled = true));
        self.order(&Order::Stall, |_| true)
    }

    /// Ends the stall: what was asked for meanwhile is answered now.
    pub fn resume(&self) -> usize {
        self.shared.change(|inner| inner.sessions.values_mut().for_each(|it| it.stalled = false));
        self.order(&Order::Resume, |_| true)
    }

    /// Sets how long the slots of connections lost from now on stay taken.
    pub fn hold_slots(&self, hold: Hold) {
        let hold = match hold {
            Hold::Configured => None,
            Hold::For(time) => Some(time),
            Hold::UntilReleased => Some(Duration::MAX),
        };
        self.shared.change(|inner| inner.faults.slot_hold = hold);
    }

    /// Frees every slot that is still taken by a lost connection.
    pub fn release_slots(&self) {
        self.shared.change(|inner| inner.release_slots());
    }

    /// Refuses the next registrations that fit, instead of accepting them. A refusal with
    /// OPSP8996 also drops the connection, as KIS does.
    pub fn refuse_next(&self, times: usize, refusal: Refusal) {
        self.shared.change(|inner| inner.faults.refuse(times, refusal));
    }

    /// Lets something happen to the next REST calls that fit.
    pub fn fault_calls(&self, times: usize, fault: CallFault) {
        self.shared.change(|inner| inner.faults.fault(times, fault));
    }

    /// Answers requests this much later from now on.
    pub fn delay_acks(&self, delay: Duration) {
        self.shared.change(|inner| inner.faults.ack_delay = delay);
    }

    /// Sends the next frames of a topic, or of every registered topic, made odd. The frames
    /// are sent at once, `times` per topic; returns to how many connections.
    pub fn inject(&self, oddity: Oddity, topic: Option<&Topic>, times: usize) -> usize {
        self.order_topic(topic, &Order::Inject { oddity, topic: topic.cloned(), times })
    }

    /// Sends the next `frames` frames of a topic, or of every registered topic, at once;
    /// returns to how many connections.
    pub fn burst(&self, topic: Option<&Topic>, frames: usize) -> usize {
        self.order_topic(topic, &Order::Burst { topic: topic.cloned(), frames })
    }

    /// Sends one frame now to every connection registered for its topic, encrypted if it is
    /// a notice, otherwise as it is; returns to how many.
    pub fn push(&self, raw: impl Into<Bytes>) -> usize {
        let raw = raw.into();
        let topic = frame::address(&raw).map(|(tr_id, key)| Topic::new(&tr_id, &key));
        match topic {
            Some(topic) => self.order_topic(Some(&topic), &Order::Push(raw)),
            None => 0,
        }
    }

    /// Sends any text now to every connection, whether somebody wants it or not; returns to
    /// how many.
    pub fn push_to_all(&self, raw: impl Into<Bytes>) -> usize {
        self.order(&Order::Push(raw.into()), |_| true)
    }

    /// Sends PINGPONG now on every connection; returns on how many.
    pub fn ping(&self) -> usize {
        self.order(&Order::Ping, |_| true)
    }

    /// Makes every approval key unknown: the next registration with one is OPSP0011.
    pub fn forget_approvals(&self) {
        self.shared.change(|inner| inner.auth.forget_approvals());
    }

    /// Makes every token unknown (EGW00121). A new one may be asked for at once.
    pub fn forget_tokens(&self) {
        self.shared.change(|inner| inner.auth.forget_tokens());
    }

    /// Makes every token expired (EGW00123). A new one may be asked for at once.
    pub fn expire_tokens(&self) {
        self.shared.change(|inner| inner.auth.expire_tokens(Instant::now()));
    }

    fn order_topic(&self, topic: Option<&Topic>, order: &Order) -> usize {
        self.order(order, |entry| match topic {
            Some(topic) => entry.registrations.contains(topic),
            None => !entry.registrations.is_empty(),
        })
    }

    /// Gives an order to the sessions it is for; returns to how many.
    fn order(&self, order: &Order, to: impl Fn(&Entry) -> bool) -> usize {
        self.shared.look(|inner| {
            let sessions = inner.sessions.values().filter(|entry| to(entry));
            sessions.filter(|entry| entry.orders.send(order.clone()).is_ok()).count()
        })
    }
}
