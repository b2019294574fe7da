//! Order notices: how they are sealed, and what they say.

mod cipher;
mod order;

pub use cipher::{Cipher, NoticeError};
pub use order::{NoticeEvent, OrderNotice, OrderNoticeError};
