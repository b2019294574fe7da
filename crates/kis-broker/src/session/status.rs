//! The session as its owner sees it.

use std::{fmt, time::Instant};

use super::{
    Session,
    link::{Approval, Link},
};

/// Where a session stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum SessionState {
    /// There is no socket and nothing is wanted.
    #[default]
    Idle,
    /// Waiting to connect: after a loss, or for an allowance.
    Waiting,
    /// Fetching an approval key.
    Authorizing,
    /// Opening a socket.
    Connecting,
    /// The socket is open.
    Open,
    /// Releasing topics before the end.
    Stopping,
    /// The session has ended.
    Closed,
}

impl fmt::Display for SessionState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Idle => "idle",
            Self::Waiting => "waiting",
            Self::Authorizing => "authorizing",
            Self::Connecting => "connecting",
            Self::Open => "open",
            Self::Stopping => "stopping",
            Self::Closed => "closed",
        })
    }
}

/// A session's figures at one moment.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SessionStatus {
    /// Where it stands.
    pub state: SessionState,
    /// How many topics are wanted.
    pub wanted: usize,
    /// How many topics KIS sends.
    pub present: usize,
    /// How many of KIS's registrations are taken, those asked for included.
    pub slots_used: usize,
    /// How many there are; fewer than configured after OPSP0008.
    pub slots_max: usize,
    /// Whether the app key was found in use elsewhere and that has not ended yet.
    pub in_use_elsewhere: bool,
    /// How many connections may be opened right now.
    pub connects_left: usize,
    /// How many topics may be registered right now.
    pub registrations_left: usize,
    /// How many topics may be released right now.
    pub releases_left: usize,
    /// How many approval keys may be fetched right now.
    pub approvals_left: usize,
    /// The code of KIS's latest refusal or error.
    pub last_code: Option<String>,
    /// How many errors of KIS named no topic and could not be told apart.
    pub unattributed: u64,
}

impl Session {
    /// The session's figures.
    #[must_use]
    pub fn status(&self, now: Instant) -> SessionStatus {
        SessionStatus {
            state: self.state(),
            wanted: self.topics.wanted(),
            present: self.topics.present(),
            slots_used: self.topics.occupied(),
            slots_max: self.limit(now),
            in_use_elsewhere: self.in_use,
            connects_left: self.ledger.connects.left(now),
            registrations_left: self.ledger.registrations.left(now),
            releases_left: self.ledger.releases.left(now),
            approvals_left: self.ledger.approvals.left(now),
            last_code: self.last_code.clone(),
            unattributed: self.unattributed,
        }
    }

    /// Where the session stands.
    #[must_use]
    pub fn state(&self) -> SessionState {
        match (&self.link, &self.approval) {
            (Link::Waiting { .. }, Approval::Fetching) => SessionState::Authorizing,
            (Link::Waiting { .. }, _) if !self.wants_link() => SessionState::Idle,
            (Link::Waiting { .. }, _) => SessionState::Waiting,
            (Link::Connecting, _) => SessionState::Connecting,
            (Link::Open(_), _) => SessionState::Open,
            (Link::Stopping { .. }, _) => SessionState::Stopping,
            (Link::Over, _) => SessionState::Closed,
        }
    }
}
