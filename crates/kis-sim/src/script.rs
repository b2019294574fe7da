//! The frames a simulator replays, by stream and key.

use std::{collections::BTreeMap, fmt, fs, path::Path, sync::Arc};

use bytes::Bytes;
use serde::Deserialize;

use crate::{SimError, fixtures, frame};

/// Recorded frames, each with the topic it belongs to. Cheap to clone.
#[derive(Clone, Default)]
pub struct Script {
    streams: Arc<BTreeMap<String, Vec<Take>>>,
    skipped: usize,
}

/// How much there is, since a file's notices can hold account numbers.
impl fmt::Debug for Script {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let frames: usize = self.topics().map(|(_, _, frames)| frames).sum();
        write!(f, "Script({frames} frames of {} topics)", self.topics().count())
    }
}

/// All frames of one topic, in recorded order.
pub(crate) struct Take {
    pub(crate) key: String,
    pub(crate) frames: Vec<Bytes>,
}

impl Script {
    /// The frames of every stream that come with the simulator: recorded or documented ones,
    /// and for streams nobody has recorded yet ones derived from a sibling stream.
    /// Frames that are damaged beyond splitting are left out: they are for tests.
    pub fn fixtures() -> Self {
        let mut lines = Lines::default();
        for (_, text) in fixtures::FRAMES {
            lines.read(text.as_bytes(), frame::splits);
        }
        lines.done()
    }

    /// Frames as text: raw ones, one a line, or JSON lines with a `raw` member.
    ///
    /// Everything is kept as it is, also what is malformed or not UTF-8: a line
    /// belongs to the topic a lenient look finds, else to that of the line before.
    /// Left out are only control messages and encrypted frames, whose key nobody has.
    pub fn parse(text: &[u8]) -> Self {
        let mut lines = Lines::default();
        lines.read(text, |_| true);
        lines.done()
    }

    /// The frames of all these files, in this order; see [`Script::parse`].
    ///
    /// # Errors
    /// [`SimError::Frames`] when a file cannot be read.
    pub fn read<P: AsRef<Path>>(paths: &[P]) -> Result<Self, SimError> {
        let mut lines = Lines::default();
        for path in paths.iter().map(AsRef::as_ref) {
            let text = fs::read(path)
                .map_err(|source| SimError::Frames { path: path.to_owned(), source })?;
            lines.read(&text, |_| true);
        }
        Ok(lines.done())
    }

    /// How many lines were left out.
    pub fn skipped(&self) -> usize {
        self.skipped
    }

    /// The topics that have frames, as (tr_id, tr_key), and how many.
    pub fn topics(&self) -> impl Iterator<Item = (&str, &str, usize)> {
        self.streams.iter().flat_map(|(tr_id, takes)| {
            takes.iter().map(|take| (tr_id.as_str(), take.key.as_str(), take.frames.len()))
        })
    }

    /// Whether there are frames of this stream.
    pub(crate) fn has(&self, tr_id: &str) -> bool {
        self.streams.contains_key(tr_id)
    }

    /// The takes of a stream, in recorded order.
    pub(crate) fn takes(&self, tr_id: &str) -> &[Take] {
        self.streams.get(tr_id).map_or(&[], Vec::as_slice)
    }
}

/// Lines being sorted into topics.
#[derive(Default)]
struct Lines {
    streams: BTreeMap<String, Vec<Take>>,
    /// The topic of the line before.
    last: Option<(String, String)>,
    /// Lines before the first one with a topic.
    homeless: Vec<Bytes>,
    skipped: usize,
}

impl Lines {
    fn read(&mut self, text: &[u8], wanted: impl Fn(&[u8]) -> bool) {
        for line in text.split(|byte| *byte == b'\n') {
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            if line.is_empty() {
                continue;
            }
            match raw(line) {
                Some(raw) if wanted(&raw) => self.add(raw),
                _ => self.skipped += 1,
            }
        }
    }

    fn add(&mut self, raw: Bytes) {
        if let Some((tr_id, key)) = frame::address(&raw) {
            self.last = Some((tr_id, key));
        }
        let Some((tr_id, key)) = self.last.clone() else {
            self.homeless.push(raw);
            return;
        };
        let takes = self.streams.entry(tr_id).or_default();
        let at = takes.iter().position(|take| take.key == key).unwrap_or_else(|| {
            takes.push(Take { key, frames: Vec::new() });
            takes.len() - 1
        });
        takes[at].frames.append(&mut self.homeless);
        takes[at].frames.push(raw);
    }

    fn done(self) -> Script {
        let skipped = self.skipped + self.homeless.len();
        Script { streams: Arc::new(self.streams), skipped }
    }
}

/// The frame a line holds, if it is one that can be replayed.
fn raw(line: &[u8]) -> Option<Bytes> {
    #[derive(Deserialize)]
    struct Row {
        raw: String,
    }
    let line = match line.first() {
        Some(b'{') => match serde_json::from_slice::<serde_json::Value>(line) {
            Ok(row) => Bytes::from(Row::deserialize(row).ok()?.raw),
            // What is not JSON is a damaged frame like any other.
            Err(_) => Bytes::copy_from_slice(line),
        },
        _ => Bytes::copy_from_slice(line),
    };
    let control =
        line.starts_with(b"{") && serde_json::from_slice::<serde_json::Value>(&line).is_ok();
    (!control && !line.starts_with(b"1|")).then_some(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &[u8], expected: &[(&str, &str, usize)], skipped: usize) {
        let script = Script::parse(text);
        assert_eq!(script.topics().collect::<Vec<_>>(), expected);
        assert_eq!(script.skipped(), skipped);
    }

    #[test]
    fn sorts_lines_into_topics() {
        check(b"", &[], 0);
        check(
            b"0|A|001|k^1\r\n\n0|A|001|k^2\n0|A|001|j^1\n0|B|001|k^1",
            &[("A", "k", 2), ("A", "j", 1), ("B", "k", 1)],
            0,
        );
        check(br#"{"raw":"0|A|002|k^1^k^2","note":"x"}"#, &[("A", "k", 1)], 0);
    }

    #[test]
    fn keeps_what_is_damaged_with_its_neighbour() {
        check(b"garbage\n0|A|001|k^1\n0|A\n{not json\n0|A|001|k^\xff\xfe", &[("A", "k", 5)], 0);
        check(b"0|A|xx|k^1", &[("A", "k", 1)], 0);
        check(b"garbage", &[], 1);
    }

    #[test]
    fn leaves_out_what_cannot_be_replayed() {
        check(b"1|H0STCNI0|001|c2VjcmV0", &[], 1);
        check(br#"{"header":{"tr_id":"PINGPONG"}}"#, &[], 1);
        check(br#"{"raw":"{\"header\":{\"tr_id\":\"PINGPONG\"}}"}"#, &[], 1);
        check(br#"{"note":"no frame"}"#, &[], 1);
    }
}
