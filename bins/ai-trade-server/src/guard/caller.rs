//! Who is asking.

use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use crate::keys::{Place, Scope};

/// Who is asking. Every request carries it as an extension.
#[derive(Debug, Clone)]
pub struct Caller(Kind);

#[derive(Debug, Clone)]
enum Kind {
    /// Somebody, where no key is needed.
    Open,
    /// The holder of a key.
    Key(Arc<Place>),
    /// Somebody who has not said.
    Unknown,
}

impl Caller {
    pub(crate) fn open() -> Self {
        Self(Kind::Open)
    }

    pub(crate) fn holder(place: Place) -> Self {
        Self(Kind::Key(Arc::new(place)))
    }

    pub(crate) fn unknown() -> Self {
        Self(Kind::Unknown)
    }

    /// Whether this much is allowed.
    pub fn may(&self, scope: Scope) -> bool {
        match &self.0 {
            Kind::Open => true,
            Kind::Key(place) => place.key().has(scope),
            Kind::Unknown => false,
        }
    }

    /// Whether the account and its orders may be known.
    pub(crate) fn may_know_the_account(&self) -> bool {
        self.may(Scope::Trade) || self.may(Scope::Admin)
    }

    /// Whether it is not known who asks, although it should be.
    pub fn is_unknown(&self) -> bool {
        matches!(self.0, Kind::Unknown)
    }

    /// The key's id, fit for logs.
    pub fn key_id(&self) -> Option<&str> {
        self.place().map(|it| it.key().id())
    }

    /// What the key's owner calls it.
    pub fn key_name(&self) -> Option<&str> {
        self.place().map(|it| it.key().name())
    }

    /// Cancelled when this caller may not go on. Those without a key always may.
    pub fn revoked(&self) -> Option<CancellationToken> {
        self.place().map(|it| it.revoked())
    }

    /// What it may subscribe to: `max` topics on this connection.
    pub(crate) fn topics(&self, max: usize) -> Topics {
        let notices = self.may_know_the_account();
        Topics { place: self.place().cloned(), notices, taken: 0, max }
    }

    fn place(&self) -> Option<&Arc<Place>> {
        match &self.0 {
            Kind::Key(place) => Some(place),
            _ => None,
        }
    }
}

/// The topics that a connection may have; given back when dropped.
#[derive(Debug)]
pub(crate) struct Topics {
    place: Option<Arc<Place>>,
    /// Whether notices of orders are among what it may have.
    notices: bool,
    taken: usize,
    max: usize,
}

impl Topics {
    /// Whether notices of orders are among what it may have.
    pub(crate) fn may_have_notices(&self) -> bool {
        self.notices
    }

    /// Takes one more, or says why there is none.
    pub(crate) fn take(&mut self) -> Result<(), String> {
        if self.taken >= self.max {
            return Err(format!("this client has its {} topics; unsubscribe one first", self.max));
        }
        if let Some(place) = &self.place {
            place.take_topic().map_err(|max| {
                format!("the clients of this key have their {max} topics; unsubscribe one first")
            })?;
        }
        self.taken += 1;
        Ok(())
    }

    /// Gives one back.
    pub(crate) fn give_back(&mut self) {
        self.give(1);
    }

    fn give(&mut self, count: usize) {
        self.taken -= count;
        if let Some(place) = &self.place {
            place.return_topics(count);
        }
    }
}

impl Drop for Topics {
    fn drop(&mut self) {
        self.give(self.taken);
    }
}
