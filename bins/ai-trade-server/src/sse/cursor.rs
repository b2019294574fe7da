//! Where a client is in the topics of its stream: the `id` of an event.
//!
//! It has to say everything, since the server remembers nothing of a client that is gone: the
//! epoch of the numbers, a fingerprint of the topics in their order, and the number of
//! the last record of each. `5f0c…-9ad1…-12.7.0`.

use std::io::Write;

use kis_protocol::Topic;
use relay_core::Position;
use sha2::{Digest, Sha256};

/// A place in several topics.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Cursor {
    pub(super) epoch: u64,
    list: u32,
    /// In the order of the topics.
    pub(super) seqs: Vec<u64>,
}

/// A position from which nothing can be resumed.
const NOWHERE: Position = Position { epoch: 0, seq: 0 };

impl Cursor {
    /// Before the first record of each topic.
    pub(super) fn new(topics: &[Topic]) -> Self {
        Self { epoch: 0, list: fingerprint(topics), seqs: vec![0; topics.len()] }
    }

    /// The positions that an id tells, one for each topic. One that was not made for these
    /// topics leads nowhere, so that the client is told that records are missing.
    pub(super) fn read(text: &str, topics: &[Topic]) -> Vec<Position> {
        let read = || {
            let mut parts = text.trim().splitn(3, '-');
            let epoch = u64::from_str_radix(parts.next()?, 16).ok()?;
            let list = u32::from_str_radix(parts.next()?, 16).ok()?;
            let seqs = parts.next()?.split('.').map(|it| it.parse().ok());
            let seqs: Option<Vec<u64>> = seqs.collect();
            let seqs = seqs.filter(|it| it.len() == topics.len() && list == fingerprint(topics))?;
            Some(seqs.into_iter().map(|seq| Position { epoch, seq }).collect())
        };
        read().unwrap_or_else(|| vec![NOWHERE; topics.len()])
    }

    /// Appends the id.
    pub(super) fn write(&self, out: &mut Vec<u8>) {
        // Writing to memory does not fail.
        let _ = write!(out, "{:x}-{:x}-", self.epoch, self.list);
        for (index, seq) in self.seqs.iter().enumerate() {
            let _ = write!(out, "{}{seq}", if index > 0 { "." } else { "" });
        }
    }
}

fn fingerprint(topics: &[Topic]) -> u32 {
    let mut hash = Sha256::new();
    for topic in topics {
        hash.update(topic.as_str());
        hash.update([0]);
    }
    let hash = hash.finalize();
    u32::from_be_bytes([hash[0], hash[1], hash[2], hash[3]])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn topics(keys: &[&str]) -> Vec<Topic> {
        keys.iter().map(|it| Topic::new("H0STCNT0", it)).collect()
    }

    #[test]
    fn what_is_written_is_read() {
        let topics = topics(&["005930", "000660", "035420"]);
        let mut cursor = Cursor::new(&topics);
        cursor.epoch = u64::MAX;
        cursor.seqs = vec![12, u64::MAX, 0];
        let mut text = Vec::new();
        cursor.write(&mut text);
        let text = String::from_utf8(text).unwrap();
        assert!(text.ends_with("-12.18446744073709551615.0"), "{text}");
        let read = Cursor::read(&text, &topics);
        let expected: Vec<_> =
            cursor.seqs.iter().map(|&seq| Position { epoch: u64::MAX, seq }).collect();
        assert_eq!(read, expected);
    }

    #[test]
    fn an_id_for_other_topics_leads_nowhere() {
        let (here, there) = (topics(&["005930", "000660"]), topics(&["000660", "005930"]));
        let mut text = Vec::new();
        Cursor { epoch: 7, ..Cursor::new(&there) }.write(&mut text);
        let text = String::from_utf8(text).unwrap();
        assert_eq!(Cursor::read(&text, &there)[0].epoch, 7);
        assert_eq!(Cursor::read(&text, &here), [NOWHERE; 2]);
        for text in ["", "x", "1-2", "1-2-3", "--", "7-0-1.2.3", "ffffffffffffffffff-0-1.2", "é"] {
            assert_eq!(Cursor::read(text, &here), [NOWHERE; 2], "{text}");
        }
    }
}
