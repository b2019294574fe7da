//! The frames of one topic being sent to one session, round after round.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use bytes::{Bytes, BytesMut};
use kis_protocol::{Topic, TrId, notice::Cipher};

use super::wire;
use crate::{Pace, Script, clock, frame};

/// Between two frames whose time columns do not tell.
const STEP: Duration = Duration::from_millis(100);
/// Between two rounds.
const ROUND: Duration = Duration::from_secs(1);
/// What is later than this is not made up for.
const LATE: Duration = Duration::from_secs(1);
/// A longer pause was no pause in one recording but the time between two.
const PAUSE_MAX: Duration = Duration::from_secs(10);

/// Sends the frames of a topic in recorded order.
pub(crate) struct Player {
    pub(crate) topic: Topic,
    frames: Arc<[Clip]>,
    next: usize,
    /// When the next frame is to be sent.
    pub(crate) due: Instant,
}

/// A frame ready to be sent, and the recorded time until the next one.
struct Clip {
    raw: Bytes,
    message: Bytes,
    pause: Duration,
}

impl Player {
    /// A player that starts at once; `None` when there are no frames for this topic.
    pub(crate) fn new(
        topic: &Topic,
        script: &Script,
        rekey: bool,
        cipher: &Cipher,
        now: Instant,
    ) -> Option<Self> {
        let raws = raws(topic, script, rekey);
        let pauses = raws.windows(2).map(|pair| match frame::interval(&pair[0], &pair[1]) {
            Some(time) if !time.is_zero() && time <= PAUSE_MAX => time,
            _ => STEP,
        });
        let pauses: Vec<_> = pauses.chain([ROUND]).collect();
        let clips = raws.into_iter().zip(pauses).map(|(raw, pause)| {
            let message = wire::text(&sealed(&raw, cipher));
            Clip { raw, message, pause }
        });
        let frames: Arc<[Clip]> = clips.collect();
        (!frames.is_empty()).then(|| Self { topic: topic.clone(), frames, next: 0, due: now })
    }

    /// Appends the next frame, and sets when the one after it is due.
    pub(crate) fn play(&mut self, out: &mut BytesMut, pace: Pace, now: Instant) {
        let due = match pace {
            Pace::Max => now,
            Pace::Fixed(pause) => clock::after(self.due, pause),
            Pace::Recorded => self.due + self.frames[self.next].pause,
        };
        self.due = if now.saturating_duration_since(due) > LATE { now } else { due };
        self.play_early(out);
    }

    /// Appends the next frame before it is due.
    pub(crate) fn play_early(&mut self, out: &mut BytesMut) {
        out.extend_from_slice(&self.frames[self.next].message);
        self.next = (self.next + 1) % self.frames.len();
    }

    /// The next frame as recorded, to be changed before it is sent.
    pub(crate) fn take(&mut self) -> Bytes {
        let raw = self.frames[self.next].raw.clone();
        self.next = (self.next + 1) % self.frames.len();
        raw
    }
}

/// A frame as it goes over the wire: notices encrypted, everything else as it is.
pub(crate) fn sealed(raw: &Bytes, cipher: &Cipher) -> Bytes {
    let notice = raw.starts_with(b"0|")
        && frame::stream(raw).and_then(|it| it.parse().ok()).is_some_and(TrId::encrypted);
    let sealed = if notice { frame::encrypted(raw, cipher) } else { None };
    sealed.map_or_else(|| raw.clone(), Bytes::from)
}

/// The frames for a topic: its own, or those of another key with this one put in.
///
/// A notice carries its owner's id, so those of one owner do for any other.
fn raws(topic: &Topic, script: &Script, rekey: bool) -> Vec<Bytes> {
    let (tr_id, tr_key) = (topic.tr_id(), topic.tr_key());
    let takes = script.takes(tr_id);
    if let Some(own) = takes.iter().find(|take| take.key == tr_key) {
        return own.frames.clone();
    }
    let notice = tr_id.parse().is_ok_and(TrId::encrypted);
    if !rekey && !notice {
        return Vec::new();
    }
    let changed = |take: &crate::script::Take| -> Vec<Bytes> {
        take.frames.iter().filter_map(|raw| frame::rekeyed(raw, tr_key)).map(Bytes::from).collect()
    };
    takes.iter().map(changed).find(|frames| !frames.is_empty()).unwrap_or_default()
}
