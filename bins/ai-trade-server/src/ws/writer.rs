//! Who writes to the clients: one task for each processor, not one for each client.
//!
//! A message for a thousand clients wakes a task once instead of a thousand. What else
//! arrives while the task goes through the clients is written with the rest when their
//! turn comes: the busier it gets, the more goes out with one write.

use std::{
    mem,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use tokio::{
    runtime::Handle,
    sync::Notify,
    task::{JoinSet, coop::unconstrained, yield_now},
    time::sleep,
};

/// After so many clients others have a turn: the session with KIS, above all.
const TURN: usize = 128;

/// Somebody to write to.
pub(crate) trait Recipient: Send + Sync {
    /// Writes what is pending, as far as the socket has room.
    fn write_pending(self: Arc<Self>);
}

/// The tasks that write to clients.
#[derive(Debug)]
pub struct Writers {
    writers: Box<[Arc<Writer>]>,
    /// How many clients have been assigned.
    assigned: AtomicUsize,
    /// Ends them when dropped.
    _tasks: JoinSet<()>,
}

/// Clients for whom something is pending, and the task that writes to them.
#[derive(Default)]
pub(crate) struct Writer {
    pending: Mutex<Vec<Arc<dyn Recipient>>>,
    woken: Notify,
}

impl Writers {
    /// Starts one for each worker of the runtime, in which this must be called. What is
    /// pending waits for more until `window` is over.
    pub fn start(window: Duration) -> Self {
        let workers = Handle::current().metrics().num_workers();
        let writers: Box<[_]> = (0..workers).map(|_| Arc::new(Writer::default())).collect();
        let mut tasks = JoinSet::new();
        for writer in &writers {
            // It yields by itself, and a socket that has room must not seem to have none.
            tasks.spawn(unconstrained(Arc::clone(writer).run(window)));
        }
        Self { writers, assigned: AtomicUsize::new(0), _tasks: tasks }
    }

    /// The one for the next client.
    pub(crate) fn assign(&self) -> Arc<Writer> {
        let number = self.assigned.fetch_add(1, Ordering::Relaxed);
        Arc::clone(&self.writers[number % self.writers.len()])
    }
}

impl Writer {
    /// Something is pending for a client.
    pub(crate) fn add(&self, recipient: Arc<dyn Recipient>) {
        let mut pending = self.lock();
        pending.push(recipient);
        if pending.len() == 1 {
            drop(pending);
            self.woken.notify_one();
        }
    }

    async fn run(self: Arc<Self>, window: Duration) {
        let mut recipients = Vec::new();
        loop {
            self.woken.notified().await;
            if !window.is_zero() {
                sleep(window).await;
            }
            mem::swap(&mut *self.lock(), &mut recipients);
            for (number, recipient) in recipients.drain(..).enumerate() {
                if number % TURN == TURN - 1 {
                    yield_now().await;
                }
                recipient.write_pending();
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Arc<dyn Recipient>>> {
        self.pending.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl std::fmt::Debug for Writer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Writer").finish_non_exhaustive()
    }
}
