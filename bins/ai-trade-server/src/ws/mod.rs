//! The websocket that clients connect to, `/ws`.

mod authenticate;
mod codec;
mod connection;
mod pieces;
mod reply;
mod request;
mod subscriber;
mod upgrade;
mod writer;

pub(crate) use self::upgrade::upgrade;
pub use self::writer::Writers;
