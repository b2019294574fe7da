//! Publish and subscribe in memory: one upstream, many clients, none of whom can hold up
//! the others.
//!
//! The crate knows neither where messages come from nor how they reach a client. The owner
//! of a [`Hub`] supplies an [`Encode`], drives upstream by what [`Hub::poll_demand`] asks for,
//! publishes what arrives, and writes to each client what its [`Outbox`] receives.
//!
//! # Promises
//!
//! - **Order.** Messages of a topic are numbered from 1 without a hole and reach each client
//!   in that order, each at most once. Events of a topic keep their place among its messages.
//! - **No silent loss.** What a client does not get is announced by [`Event::Gap`] before the
//!   topic goes on. Only [`Policy::Conflate`] leaves messages out without an event: they show
//!   as a jump of the sequence number, and the latest message always arrives.
//! - **Recovery is whole or not at all.** A client that resumes from a [`Position`] gets every
//!   message since then (`recovered: Some(true)`), or the snapshot and `recovered: Some(false)`.
//!   Nobody recovers across a loss upstream, across a topic's release, or from another epoch.
//! - **Bounded memory.** Never more than its [`Limits`] is queued for a client (or one message
//!   if that is larger, plus up to 64 refusals). A topic holds its ring, and the latest message
//!   of each format while conflated clients have no room for it. What is published and not
//!   handed to everybody yet is never more than [`Config::pending_bytes`].
//! - **A slow client delays nobody.** Publishing never waits. A client at its limit is treated
//!   as each subscription's [`Policy`] says.
//! - **Interest.** [`Demand::Wanted`] and [`Demand::Released`] alternate for each topic (a
//!   refusal stands for a release), and a release comes a whole linger after the last
//!   subscriber has left, unless [`Hub::evict_lingering`] hurries it.
//!
//! # Cost
//!
//! A message is encoded once for each format in use. All messages of a topic between two
//! [flushes](Hub::flush) become one shared [`Messages`], and delivering them to a client is one
//! push: no copy, no allocation, no parsing, and one wake-up per flush at most. An owner that
//! writes to the clients by itself flushes to [some](Hub::flush_some) of them at a time.
//!
//! Measured with `cargo bench -p relay-core` (420-byte messages, one thread, AMD EPYC, best of
//! 100 on a busy machine) and `tests/allocations.rs`:
//!
//! | | costs | grows with |
//! |---|---|---|
//! | publishing a message | 130 ns with encoding by copying | formats |
//! | flushing and taking a chunk | 70 ns per client, 210 ns with waking its task | clients, not messages |
//! | one delivery, 1,000 clients, 1 / 16 / 256 messages per flush | 72 / 4.6 / 0.4 ns | |
//! | the same with a channel for each client | 131 / 123 ns | |
//! | allocations per flush | 2 per topic and format (3 for several messages) | not with clients |
//! | an idle client | 0.3 KiB | |
//! | a subscription | 0.1 KiB | |
//! | a topic without messages | 0.9 KiB | then the ring, messages as their owner keeps them |
//! | 10,000 idle clients, 100,000 idle topics | nothing per message | |
//!
//! # Example
//!
//! ```
//! use relay_core::{Config, Encode, Format, Hub, Item, Limits, Options};
//!
//! struct Plain;
//!
//! impl Encode for Plain {
//!     type Topic = &'static str;
//!     type Message = String;
//!
//!     fn encode(&self, _: &&'static str, it: &String, _: Format, seq: u64, out: &mut Vec<u8>) {
//!         out.extend_from_slice(format!("{seq}:{it}\n").as_bytes());
//!     }
//! }
//!
//! let hub = Hub::new(Config::new(7), Plain);
//! let mut outbox = hub.connect(Limits { messages: 1024, bytes: 1 << 20 });
//! hub.subscribe(outbox.client(), "a", Options::default())?;
//! hub.publish("a", "x".into());
//! hub.publish("a", "y".into());
//! hub.flush();
//!
//! let mut batch = Vec::new();
//! outbox.try_recv(&mut batch)?;
//! let [Item::Messages(messages)] = &batch[..] else { panic!("two messages make one item") };
//! assert_eq!(messages.bytes(), "1:x\n2:y\n");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod chunk;
mod event;
mod hub;
mod interest;
mod mailbox;
mod options;
mod outbox;
mod state;
mod stats;
mod subscription;
mod topic;

pub use crate::{
    chunk::Messages,
    event::{Cause, Closed, Demand, Event, Item, Refusal, Subscribed, UpstreamState},
    hub::{Hub, UnknownClient},
    options::{Config, Encode, Format, Limits, Options, Policy, Position},
    outbox::Outbox,
    state::ClientId,
    stats::{ClientInfo, Stats, TopicInfo},
};
