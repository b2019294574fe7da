//! Encoded messages of one topic in one format, shared by everybody who gets them.

use std::{
    fmt,
    sync::{Arc, OnceLock},
};

use bytes::Bytes;

/// One or more consecutive messages of a topic, encoded and back to back.
///
/// Shared between all clients that get them: cloning copies no bytes.
pub struct Messages<K> {
    pub(crate) chunk: Arc<Chunk<K>>,
    /// The place in the queue of the subscription's item before this one.
    pub(crate) previous: u32,
}

impl<K> Messages<K> {
    /// Their topic.
    pub fn topic(&self) -> &K {
        &self.chunk.topic
    }

    /// All messages, to be written as they are.
    pub fn bytes(&self) -> &Bytes {
        &self.chunk.bytes
    }

    /// How many there are; at least one.
    pub fn count(&self) -> usize {
        self.chunk.count()
    }

    /// The sequence number of the first; the others follow without a hole.
    pub fn first_seq(&self) -> u64 {
        self.chunk.first_seq
    }

    /// The sequence number of the last.
    pub fn last_seq(&self) -> u64 {
        self.chunk.last_seq()
    }

    /// Each message with its sequence number.
    pub fn iter(&self) -> impl Iterator<Item = (u64, &[u8])> {
        (0..self.chunk.count()).map(|at| (self.chunk.first_seq + at as u64, self.chunk.message(at)))
    }
}

impl<K> Clone for Messages<K> {
    fn clone(&self) -> Self {
        Self { chunk: Arc::clone(&self.chunk), previous: self.previous }
    }
}

impl<K: fmt::Debug> fmt::Debug for Messages<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Messages")
            .field("topic", self.topic())
            .field("first_seq", &self.first_seq())
            .field("count", &self.count())
            .field("bytes", &self.bytes().len())
            .finish()
    }
}

/// What [`Messages`] shares.
#[derive(Debug)]
pub(crate) struct Chunk<K> {
    topic: K,
    bytes: Bytes,
    first_seq: u64,
    /// Where each message ends; empty when there is only one.
    ends: Box<[u32]>,
    /// The last message alone, made when the first conflating client needs it.
    latest: OnceLock<Arc<Self>>,
}

impl<K> Chunk<K> {
    pub(crate) fn count(&self) -> usize {
        self.ends.len().max(1)
    }

    pub(crate) fn len(&self) -> usize {
        self.bytes.len()
    }

    pub(crate) fn first_seq(&self) -> u64 {
        self.first_seq
    }

    pub(crate) fn last_seq(&self) -> u64 {
        self.first_seq + self.count() as u64 - 1
    }

    /// How many of the first messages fit into so many messages and bytes.
    pub(crate) fn fitting(&self, messages: usize, bytes: usize) -> usize {
        let fitting = match &*self.ends {
            [] => usize::from(self.len() <= bytes),
            ends => ends.partition_point(|&end| end as usize <= bytes),
        };
        fitting.min(messages)
    }

    fn message(&self, at: usize) -> &[u8] {
        match &*self.ends {
            [] => &self.bytes,
            ends => {
                let start = if at == 0 { 0 } else { ends[at - 1] as usize };
                &self.bytes[start..ends[at] as usize]
            }
        }
    }
}

impl<K: Clone> Chunk<K> {
    fn new(topic: K, first_seq: u64, bytes: &[u8], ends: &[u32]) -> Arc<Self> {
        // An exact copy: a queued chunk pins no more memory than is counted for it,
        // and the buffer it was encoded into can be used again.
        Arc::new(Self {
            topic,
            bytes: Bytes::copy_from_slice(bytes),
            first_seq,
            ends: if ends.len() > 1 { ends.into() } else { Box::default() },
            latest: OnceLock::new(),
        })
    }

    /// Chunks that follow each other as one: from one place, a client is written to best.
    /// `None` if there are none.
    pub(crate) fn join<'a>(chunks: impl Iterator<Item = &'a Arc<Self>> + Clone) -> Option<Arc<Self>>
    where
        K: 'a,
    {
        let mut rest = chunks.clone();
        let first = rest.next()?;
        if rest.next().is_none() {
            return Some(Arc::clone(first));
        }
        let mut joined = Pending { first_seq: first.first_seq, ..Pending::default() };
        joined.bytes.reserve_exact(chunks.clone().map(|it| it.len()).sum());
        joined.ends.reserve_exact(chunks.clone().map(|it| it.count()).sum());
        for chunk in chunks {
            joined.extend(chunk);
        }
        let (topic, Pending { bytes, ends, first_seq }) = (first.topic.clone(), joined);
        let (bytes, ends, latest) = (bytes.into(), ends.into(), OnceLock::new());
        Some(Arc::new(Self { topic, bytes, first_seq, ends, latest }))
    }

    /// The first `count` messages, which must be some but not all, as a chunk of their own.
    pub(crate) fn prefix(&self, count: usize) -> Arc<Self> {
        let ends = &self.ends[..count];
        let len = ends.last().map_or(0, |&end| end as usize);
        Self::new(self.topic.clone(), self.first_seq, &self.bytes[..len], ends)
    }

    /// The last message as a chunk of its own, the same one for all who ask.
    pub(crate) fn latest(self: &Arc<Self>) -> Arc<Self> {
        if self.count() == 1 {
            return Arc::clone(self);
        }
        let latest = self.latest.get_or_init(|| {
            let last = self.message(self.count() - 1);
            Self::new(self.topic.clone(), self.last_seq(), last, &[])
        });
        Arc::clone(latest)
    }
}

/// A chunk in the making.
#[derive(Debug, Default)]
pub(crate) struct Pending {
    bytes: Vec<u8>,
    ends: Vec<u32>,
    first_seq: u64,
}

impl Pending {
    pub(crate) fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    pub(crate) fn len(&self) -> usize {
        self.bytes.len()
    }

    fn capacity(&self) -> usize {
        self.bytes.capacity() + self.ends.capacity() * size_of::<u32>()
    }

    /// Appends the message that `encode` writes; returns its length.
    pub(crate) fn append(&mut self, seq: u64, encode: impl FnOnce(&mut Vec<u8>)) -> usize {
        let start = self.ends.last().map_or(0, |&end| end as usize);
        // Removes what an encoder that panicked has left.
        self.bytes.truncate(start);
        if self.ends.is_empty() {
            self.first_seq = seq;
        }
        encode(&mut self.bytes);
        self.ends.push(u32::try_from(self.bytes.len()).unwrap_or(u32::MAX));
        self.bytes.len() - start
    }

    /// Appends the messages of a chunk.
    fn extend<K>(&mut self, chunk: &Chunk<K>) {
        let start = u32::try_from(self.bytes.len()).unwrap_or(u32::MAX);
        self.bytes.extend_from_slice(&chunk.bytes);
        match &*chunk.ends {
            [] => self.ends.push(start.saturating_add(chunk.len() as u32)),
            ends => self.ends.extend(ends.iter().map(|it| start.saturating_add(*it))),
        }
    }

    /// Makes the chunk and begins anew. There must be a message.
    pub(crate) fn freeze<K: Clone>(&mut self, topic: &K) -> Arc<Chunk<K>> {
        let chunk = Chunk::new(topic.clone(), self.first_seq, &self.bytes, &self.ends);
        self.bytes.clear();
        self.ends.clear();
        chunk
    }
}

/// Buffers that wait to be used again, so that an idle topic holds none.
#[derive(Debug, Default)]
pub(crate) struct Spare {
    buffers: Vec<Pending>,
    bytes: usize,
}

impl Spare {
    /// How many bytes they may occupy in all.
    const BYTES: usize = 4 * 1024 * 1024;

    pub(crate) fn take(&mut self) -> Pending {
        let pending = self.buffers.pop().unwrap_or_default();
        self.bytes -= pending.capacity();
        pending
    }

    pub(crate) fn give(&mut self, pending: Pending) {
        if self.bytes + pending.capacity() <= Self::BYTES {
            self.bytes += pending.capacity();
            self.buffers.push(pending);
        }
    }
}
