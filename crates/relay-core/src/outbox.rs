//! The receiving side of a client.

use std::{
    fmt,
    future::poll_fn,
    sync::Arc,
    task::{Context, Poll, ready},
};

use crate::{
    event::{Closed, Item},
    mailbox::Mailbox,
    state::ClientId,
};

/// Receives what is queued for one client. Dropping it disconnects the client.
pub struct Outbox<K> {
    client: ClientId,
    mailbox: Arc<Mailbox<K>>,
    hub: Arc<dyn Members>,
}

/// What an outbox needs of its hub.
pub(crate) trait Members: Send + Sync {
    /// Room was made in the queue of a client for whom some topics had none.
    fn catch_up(&self, client: ClientId, topics: &[u32]);
    /// The client has left.
    fn leave(&self, client: ClientId);
}

impl<K: Clone> Outbox<K> {
    pub(crate) fn new(client: ClientId, mailbox: Arc<Mailbox<K>>, hub: Arc<dyn Members>) -> Self {
        Self { client, mailbox, hub }
    }

    /// Whose it is.
    pub const fn client(&self) -> ClientId {
        self.client
    }

    /// Waits until something is queued, then appends all of it to `batch`.
    ///
    /// Keep `batch` to be used again, then nothing is allocated in the long run. Cancel-safe.
    ///
    /// # Errors
    /// Why the client gets nothing any more, once it has got everything that was queued.
    pub async fn recv(&mut self, batch: &mut Vec<Item<K>>) -> Result<(), Closed<K>> {
        poll_fn(|cx| self.poll_recv(cx, batch)).await
    }

    /// As [`Self::recv`].
    ///
    /// # Errors
    /// As [`Self::recv`].
    pub fn poll_recv(
        &mut self,
        cx: &Context<'_>,
        batch: &mut Vec<Item<K>>,
    ) -> Poll<Result<(), Closed<K>>> {
        let taken = self.mailbox.lock().poll_take(cx, batch);
        let behind = ready!(taken)?;
        self.catch_up(&behind);
        Poll::Ready(Ok(()))
    }

    /// As [`Self::poll_recv`], but the task is woken by what is queued next even if there
    /// was something now: for an owner that serves many clients and comes back to this one
    /// only when it has to.
    ///
    /// # Errors
    /// As [`Self::recv`].
    pub fn poll_recv_armed(
        &mut self,
        cx: &Context<'_>,
        batch: &mut Vec<Item<K>>,
    ) -> Poll<Result<(), Closed<K>>> {
        let mut queue = self.mailbox.lock();
        let taken = queue.poll_take_armed(cx, batch);
        let ended = queue.is_closed();
        drop(queue);
        let behind = ready!(taken)?;
        if ended {
            // Nothing will be queued any more, and the reason is still to be received.
            cx.waker().wake_by_ref();
        }
        self.catch_up(&behind);
        Poll::Ready(Ok(()))
    }

    /// As [`Self::recv`], without waiting: `false` if nothing is queued.
    ///
    /// # Errors
    /// As [`Self::recv`].
    pub fn try_recv(&mut self, batch: &mut Vec<Item<K>>) -> Result<bool, Closed<K>> {
        let taken = self.mailbox.lock().take(batch);
        let Some(behind) = taken? else { return Ok(false) };
        self.catch_up(&behind);
        Ok(true)
    }

    /// Waits until nothing more can be received, and says why.
    ///
    /// For an owner that is still busy writing the last batch and therefore does not
    /// receive: a client that was too slow is given up at once, not when its socket has room.
    /// Cancel-safe.
    pub async fn closed(&mut self) -> Closed<K> {
        poll_fn(|cx| self.poll_closed(cx)).await
    }

    /// As [`Self::closed`].
    pub fn poll_closed(&mut self, cx: &Context<'_>) -> Poll<Closed<K>> {
        self.mailbox.lock().poll_end(cx)
    }

    fn catch_up(&self, topics: &[u32]) {
        if !topics.is_empty() {
            self.hub.catch_up(self.client, topics);
        }
    }
}

impl<K> Drop for Outbox<K> {
    fn drop(&mut self) {
        self.hub.leave(self.client);
    }
}

impl<K> fmt::Debug for Outbox<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outbox").field("client", &self.client).finish_non_exhaustive()
    }
}
