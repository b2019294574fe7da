//! When a sender sends: the same for all.

use std::{
    io::BufRead,
    sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed},
    thread,
    time::{Duration, Instant},
};

use crate::message::Format;

/// How long a sender without a rate waits for clients that are behind.
pub(crate) const TICK: Duration = Duration::from_millis(1);

/// How many bytes of messages a sender without a rate makes at once: with [`AHEAD`], less
/// than may be queued for a client.
const BATCH: u64 = 1_750_000;

/// How many bytes a sender without a rate may be ahead of the slowest client.
pub(crate) const AHEAD: usize = 1024 * 1024;

static STARTED: AtomicBool = AtomicBool::new(false);
static STOPPED: AtomicBool = AtomicBool::new(false);
static PUBLISHED: AtomicU64 = AtomicU64::new(0);

/// Counts what is due.
#[derive(Debug)]
pub(crate) struct Pace {
    rate: u64,
    /// How many messages are made at once without a rate.
    batch: u64,
    start: Option<Instant>,
}

impl Pace {
    pub(crate) fn new(rate: u64, format: Format) -> Self {
        let batch = BATCH / format.frame(0, 0).len() as u64;
        Self { rate, batch, start: None }
    }

    pub(crate) fn is_unthrottled(&self) -> bool {
        self.rate == 0
    }

    /// Calls `ring` whenever a message is due, each at its own time: timers of a
    /// millisecond would have some senders write two at once, and others not.
    pub(crate) fn on_due(&self, ring: impl Fn() + Send + 'static) {
        let Some(interval) = 1_000_000_000_u64.checked_div(self.rate) else { return };
        let interval = Duration::from_nanos(interval);
        thread::spawn(move || {
            while !STARTED.load(Relaxed) {
                thread::sleep(TICK);
            }
            let mut due = Instant::now();
            while !STOPPED.load(Relaxed) {
                ring();
                due += interval;
                thread::sleep(due.saturating_duration_since(Instant::now()));
            }
        });
    }

    /// The numbers of the messages to be sent now.
    pub(crate) fn due(&mut self) -> std::ops::Range<u64> {
        let sent = PUBLISHED.load(Relaxed);
        if !STARTED.load(Relaxed) || STOPPED.load(Relaxed) {
            return sent..sent;
        }
        let start = *self.start.get_or_insert_with(Instant::now);
        let until = match self.rate {
            0 => sent + self.batch,
            rate => (start.elapsed().as_nanos() * u128::from(rate) / 1_000_000_000) as u64,
        };
        PUBLISHED.store(until.max(sent), Relaxed);
        sent..until.max(sent)
    }
}

/// Waits for `start`, then for `stop`, then says how many messages there were;
/// returns when the parent has gone.
pub(crate) fn obey() {
    for line in std::io::stdin().lock().lines().map_while(Result::ok) {
        match line.as_str() {
            "start" => STARTED.store(true, Relaxed),
            _ => {
                STOPPED.store(true, Relaxed);
                // A batch that is being made is counted before it is sent.
                thread::sleep(Duration::from_millis(50));
                println!("{}", PUBLISHED.load(Relaxed));
            }
        }
    }
}
