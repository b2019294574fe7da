//! What a session tells its owner and its driver.

use std::{fmt, time::Duration};

use kis_protocol::Topic;

use crate::budget::BudgetKind;

/// Something the consumer of a session should know.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event {
    /// The socket is open; registrations follow.
    Connected,
    /// The link is gone. Messages may have been missed for `topics`, which were registered or
    /// about to be; the session registers them again by itself, and each is
    /// [`Subscribed`](Self::Subscribed) again.
    Lost {
        /// What was registered or requested, in the order it was wanted.
        topics: Vec<Topic>,
        /// What ended the link.
        reason: Loss,
    },
    /// No socket could be opened; the session tries again after `retry_in`.
    Unreachable {
        /// How long until the next attempt.
        retry_in: Duration,
    },
    /// KIS sends the topic from now on.
    Subscribed(Topic),
    /// KIS has stopped sending a wanted topic, and messages may have been missed; the session
    /// registers it again by itself, and it is [`Subscribed`](Self::Subscribed) again.
    Interrupted(Topic),
    /// The topic is not wanted any more: it was refused. Subscribing again asks again.
    Refused {
        /// What was asked for.
        topic: Topic,
        /// Why it is not to be had.
        reason: Refusal,
    },
    /// The topic is not registered any more, as was wished.
    Released(Topic),
    /// Another program uses this app key, or KIS still holds the slot of a lost session
    /// (OPSP8996). Sent once until a registration succeeds; the session goes on trying.
    InUseElsewhere,
    /// KIS did not accept the approval key (OPSP0011 and its like); a new one will be fetched.
    ApprovalRefused {
        /// KIS's code. Its message repeats the key, so it is not passed on.
        code: String,
    },
    /// No approval key could be fetched; the session asks again after `retry_in`.
    ApprovalFailed {
        /// Whether KIS said no; otherwise it could not be asked.
        refused: bool,
        /// How long until the next attempt.
        retry_in: Duration,
    },
    /// A notice could not be decrypted and was dropped.
    NoticeUnreadable {
        /// The notice's stream.
        tr_id: String,
    },
    /// An allowance is used up; what needs it waits. Sent once until it could be spent again.
    BudgetSpent {
        /// Which one.
        budget: BudgetKind,
    },
    /// The session was shut down and is over.
    Closed,
}

/// What ended a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Loss {
    /// The socket ended.
    Closed,
    /// Nothing was heard for too long.
    Silent,
    /// The app key is in use elsewhere (OPSP8996).
    InUseElsewhere,
    /// KIS refused the approval key before anything was registered (OPSP0011).
    ApprovalRefused,
}

impl fmt::Display for Loss {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Closed => "the socket ended",
            Self::Silent => "nothing was heard for too long",
            Self::InUseElsewhere => "the app key is in use elsewhere",
            Self::ApprovalRefused => "the approval key was refused",
        })
    }
}

/// Why a topic is not to be had.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// The session holds all the topics it may.
    #[error("the session is full: {limit} topics; unsubscribe one first")]
    SessionFull {
        /// How many it may hold.
        limit: usize,
    },
    /// All sessions of a pool that may hold the topic hold all they may.
    #[error(
        "no slot is free: {used} are used with {keys} app keys; unsubscribe a topic first, or add an app key"
    )]
    PoolFull {
        /// How many topics they hold.
        used: usize,
        /// How many app keys there are for it.
        keys: usize,
    },
    /// A notice of an account that no app key of the pool belongs to.
    #[error("no app key belongs to the account with this HTS id; add one whose HTS id it is")]
    NoAccount,
    /// KIS said no.
    #[error("KIS refused: {code} {message}")]
    Kis {
        /// KIS's `msg_cd`, such as `OPSP8992`.
        code: String,
        /// KIS's `msg1`.
        message: String,
    },
    /// KIS never answered.
    #[error("KIS did not answer {attempts} requests")]
    Unanswered {
        /// How often it was asked.
        attempts: u32,
    },
}

impl Refusal {
    /// KIS's code; none when KIS has none for it.
    #[must_use]
    pub fn code(&self) -> Option<&str> {
        match self {
            Self::Kis { code, .. } => Some(code),
            Self::SessionFull { .. } | Self::PoolFull { .. } => {
                Some(kis_protocol::control::code::MAX_SUBSCRIBE_OVER)
            }
            Self::NoAccount | Self::Unanswered { .. } => None,
        }
    }
}

/// What the driver has to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// Fetch an approval key; answer with `handle_approval` or `handle_approval_failed`.
    FetchApproval,
    /// Open a socket; answer with `handle_opened` or `handle_closed`.
    Connect,
    /// Drop the socket without ado; the link is dead or KIS has ended it. No answer is expected.
    Disconnect,
    /// Close the socket with a close frame: the session is over. No answer is expected.
    Close,
}
