//! The websocket that clients connect to, `/ws`.

mod authenticate;
mod codec;
mod connection;
mod dialogue;
mod pieces;
mod reply;
mod request;
mod subscriber;
mod upgrade;
mod writer;

pub use self::writer::Writers;
pub(crate) use self::{
    reply::Reply,
    request::{Mistake, SubscribeOptions, topic_of},
    subscriber::Subscriber,
    upgrade::upgrade,
};
