//! Who writes to the clients: one task for each processor, not one for each client.
//!
//! A message for a thousand clients wakes a task once instead of a thousand. The task has
//! the hub hand out messages to some clients, writes to them, and goes on with the next:
//! what else arrives meanwhile is written with the rest when their turn comes. The busier
//! it gets, the more goes out with one write.

use std::{
    cell::RefCell,
    mem,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use relay_core::Hub;
use tokio::{
    runtime::Handle,
    sync::Notify,
    task::{JoinSet, coop::unconstrained, yield_now},
    time::sleep,
};

use crate::wire::Wire;

/// So many clients are handed messages and written to before others have a turn: the
/// session with KIS, above all.
const TURN: usize = 128;

thread_local! {
    /// Where a writer collects those to whom the hub has just handed out something.
    static COLLECTED: RefCell<Option<Recipients>> = const { RefCell::new(None) };
}

type Recipients = Vec<Arc<dyn Recipient>>;

/// Somebody to write to.
pub(crate) trait Recipient: Send + Sync {
    /// Writes what is pending, as far as the socket has room.
    fn write_pending(self: Arc<Self>);

    /// Who does it when something is pending that no writer has handed out itself.
    fn writer(&self) -> &Writer;

    /// Looks at its memory, so that the processor fetches it.
    fn fetch(&self) -> usize;
}

/// Something is pending for a client.
pub(crate) fn notify(recipient: Arc<dyn Recipient>) {
    // Without a look at the client, whose memory is fetched later and with that of others.
    let other = COLLECTED.with_borrow_mut(|it| match it {
        Some(collected) => {
            collected.push(recipient);
            None
        }
        None => Some(recipient),
    });
    if let Some(recipient) = other {
        recipient.writer().add([Arc::clone(&recipient)]);
    }
}

/// The tasks that write to clients.
#[derive(Debug)]
pub struct Writers {
    flush: Arc<Flush>,
    /// How many clients have been assigned.
    assigned: AtomicUsize,
    /// Ends them when dropped.
    _tasks: JoinSet<()>,
}

/// Clients for whom something is pending, and the task that writes to them.
#[derive(Default)]
pub(crate) struct Writer {
    pending: Mutex<Recipients>,
    woken: Notify,
}

/// What was published and has to be handed out, by whichever writer has time.
#[derive(Debug)]
struct Flush {
    hub: Hub<Wire>,
    writers: Box<[Arc<Writer>]>,
    window: Duration,
    due: Notify,
    /// Whether it is due and the window is not over.
    waiting: AtomicBool,
}

impl Writers {
    /// Starts one for each worker of the runtime, in which this must be called. What is
    /// published to `hub` waits for more until `window` is over.
    pub fn start(hub: Hub<Wire>, window: Duration) -> Self {
        let workers = Handle::current().metrics().num_workers();
        let writers = (0..workers).map(|_| Arc::new(Writer::default())).collect();
        let (due, waiting) = (Notify::new(), AtomicBool::new(false));
        let flush = Arc::new(Flush { hub, writers, window, due, waiting });
        let mut tasks = JoinSet::new();
        for writer in &flush.writers {
            // It yields by itself, and a socket that has room must not seem to have none.
            tasks.spawn(unconstrained(Arc::clone(writer).run(Arc::clone(&flush))));
        }
        Self { flush, assigned: AtomicUsize::new(0), _tasks: tasks }
    }

    /// Something was published: it is handed out as soon as a writer has time.
    pub fn flush(&self) {
        if !self.flush.waiting.swap(true, Ordering::AcqRel) {
            self.flush.due.notify_one();
        }
    }

    /// The one for the next client.
    pub(crate) fn assign(&self) -> Arc<Writer> {
        let number = self.assigned.fetch_add(1, Ordering::Relaxed);
        let writers = &self.flush.writers;
        Arc::clone(&writers[number % writers.len()])
    }
}

impl Writer {
    fn add(&self, recipients: impl IntoIterator<Item = Arc<dyn Recipient>>) {
        let mut pending = self.lock();
        let idle = pending.is_empty();
        pending.extend(recipients);
        drop(pending);
        if idle {
            self.woken.notify_one();
        }
    }

    async fn run(self: Arc<Self>, flush: Arc<Flush>) {
        let mut recipients = Vec::new();
        loop {
            tokio::select! {
                () = flush.due.notified() => flush.some(&self, &mut recipients).await,
                () = self.woken.notified() => {}
            }
            recipients.append(&mut self.lock());
            let (mut recipients, mut number) = (recipients.drain(..), 0);
            while let Some(recipient) = recipients.next() {
                if number % TURN == 0 {
                    fetch(recipients.as_slice());
                }
                recipient.write_pending();
                number += 1;
                if number % TURN == 0 {
                    yield_now().await;
                }
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, Recipients> {
        self.pending.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Has the processor fetch the memory of all whose turns are next at once, as the hub does.
fn fetch(recipients: &[Arc<dyn Recipient>]) {
    let seen =
        recipients.iter().take(TURN).fold(0, |seen, it| seen ^ it.fetch() ^ Arc::strong_count(it));
    std::hint::black_box(seen);
}

impl Flush {
    /// Hands out some of what was published for one writer to write; the rest is due again.
    async fn some(&self, writer: &Writer, recipients: &mut Recipients) {
        let clients = if self.window.is_zero() {
            TURN
        } else {
            sleep(self.window).await;
            usize::MAX
        };
        // What is published from here on asks again.
        self.waiting.store(false, Ordering::Release);
        COLLECTED.set(Some(mem::take(recipients)));
        let more = self.hub.flush_some(clients);
        *recipients = COLLECTED.take().unwrap_or_default();
        if more {
            // Another writer may have time.
            self.due.notify_one();
        }
        // So many at once are for all writers.
        let share = recipients.len().div_ceil(self.writers.len()).max(TURN);
        for other in self.writers.iter().filter(|it| !std::ptr::eq(Arc::as_ptr(it), writer)) {
            if recipients.len() > share {
                other.add(recipients.drain(share.max(recipients.len() - share)..));
            }
        }
    }
}

impl std::fmt::Debug for Writer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Writer").finish_non_exhaustive()
    }
}
