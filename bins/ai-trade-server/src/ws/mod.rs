//! The websocket that clients connect to, `/ws`.

mod authenticate;
mod codec;
mod connection;
mod reply;
mod request;
mod subscriber;
mod upgrade;

pub(crate) use self::upgrade::upgrade;
