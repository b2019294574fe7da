use super::{Date, Time, Timestamp};

/// What is written, in a buffer of its own: the machinery of `fmt` costs several
/// times as much, and every record of the normalized view has a time.
pub(super) struct Written {
    // `2026-09-14T09:00:00.123456789+09:00` is the longest that makes sense.
    bytes: [u8; 40],
    length: usize,
}

impl Written {
    pub(super) fn new() -> Self {
        Self { bytes: [0; 40], length: 0 }
    }

    fn byte(&mut self, byte: u8) -> &mut Self {
        if let Some(place) = self.bytes.get_mut(self.length) {
            *place = byte;
            self.length += 1;
        }
        self
    }

    /// A number with at least `width` digits.
    fn digits(&mut self, number: u32, width: u32) -> &mut Self {
        let needed = number.checked_ilog10().map_or(1, |it| it + 1);
        for place in (0..width.max(needed)).rev() {
            self.byte(b'0' + (number / 10_u32.pow(place) % 10) as u8);
        }
        self
    }

    pub(super) fn date(&mut self, date: Date) -> &mut Self {
        self.digits(date.year.into(), 4).byte(b'-');
        self.digits(date.month.into(), 2).byte(b'-').digits(date.day.into(), 2)
    }

    pub(super) fn time(&mut self, time: Time) -> &mut Self {
        self.digits(time.hour.into(), 2).byte(b':');
        self.digits(time.minute.into(), 2).byte(b':').digits(time.second.into(), 2)
    }

    pub(super) fn timestamp(&mut self, at: Timestamp) -> &mut Self {
        self.date(at.date()).byte(b'T').time(at.time());
        if at.nanoseconds > 0 {
            self.byte(b'.').digits(at.nanoseconds, 9);
            while self.as_str().ends_with('0') {
                self.length -= 1;
            }
        }
        let minutes = u32::from(at.offset_minutes.unsigned_abs());
        self.byte(if at.offset_minutes < 0 { b'-' } else { b'+' });
        self.digits(minutes / 60, 2).byte(b':').digits(minutes % 60, 2)
    }

    pub(super) fn as_str(&self) -> &str {
        str::from_utf8(&self.bytes[..self.length]).unwrap_or_default()
    }
}
