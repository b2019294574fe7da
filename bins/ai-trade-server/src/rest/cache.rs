//! Answers that others who ask the same get for a moment.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};

use kis_broker::{Answer, RestError};
use kis_protocol::catalogue::Prepared;

/// What an entry takes besides the answer's body, about.
const OVERHEAD: usize = 512;

/// The latest answers, for a time and up to a size.
pub(super) struct Cache {
    entries: moka::future::Cache<Key, Kept>,
    life: Duration,
    hits: AtomicU64,
}

/// A call as KIS sees it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Key {
    tr_id: Option<&'static str>,
    id: &'static str,
    parameters: Vec<(&'static str, String)>,
}

#[derive(Clone)]
struct Kept {
    answer: Answer,
    since: Instant,
}

impl Cache {
    /// Keeps each answer for `life`, and no more than `bytes` of them.
    pub(super) fn new(life: Duration, bytes: u64) -> Self {
        let entries = moka::future::Cache::builder()
            .weigher(|_: &Key, kept: &Kept| {
                u32::try_from(kept.answer.body.len() + OVERHEAD).unwrap_or(u32::MAX)
            })
            .max_capacity(bytes)
            .time_to_live(life)
            .build();
        Self { entries, life, hits: AtomicU64::new(0) }
    }

    pub(super) fn is_off(&self) -> bool {
        self.life.is_zero()
    }

    /// How long an answer is kept.
    pub(super) fn life(&self) -> Duration {
        self.life
    }

    /// How many got an answer that somebody else had asked for.
    pub(super) fn hits(&self) -> u64 {
        self.hits.load(Relaxed)
    }

    /// The answer kept for the call, with its age; else what `read` gets, which is
    /// then kept. Of those who come meanwhile, one reads and all get its result.
    pub(super) async fn get_or(
        &self,
        call: &Prepared,
        read: impl Future<Output = Result<Answer, RestError>>,
    ) -> Result<(Answer, Option<Duration>), RestError> {
        let key = Key { tr_id: call.tr_id, id: call.tr.id, parameters: call.parameters.clone() };
        let read = async {
            let answer = read.await?;
            Ok(Kept { answer, since: Instant::now() })
        };
        let entry = self.entries.entry(key).or_try_insert_with(read).await;
        let entry = entry.map_err(|error: Arc<RestError>| (*error).clone())?;
        let fresh = entry.is_fresh();
        self.hits.fetch_add(u64::from(!fresh), Relaxed);
        let Kept { answer, since } = entry.into_value();
        Ok((answer, (!fresh).then(|| since.elapsed())))
    }
}
