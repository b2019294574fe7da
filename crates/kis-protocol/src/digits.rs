//! Numbers read eight characters at once.
//!
//! A column does not stand alone: its body has something before it. So the
//! eight bytes that end where the column ends can be loaded at once, whatever
//! its length, and those that are not its own are blanked out. There is no loop
//! whose end the processor would have to guess, which costs more than the
//! arithmetic.
//!
//! These functions read what KIS sends nearly always, up to eight characters
//! beside the sign. `None` does not mean that it is no number: the loops in
//! `decimal` decide that.

use std::ops::Range;

const EIGHT: usize = 8;

/// The whole number in `place`.
#[inline]
pub(crate) fn integer(body: &[u8], place: Range<usize>) -> Option<i64> {
    let (digits, negative) = number(body, place)?;
    Some(signed(whole(digits)?, negative))
}

/// The number in `place` without its point, and how many digits follow that.
#[inline]
pub(crate) fn decimal(body: &[u8], place: Range<usize>) -> Option<(i64, u8)> {
    let (digits, negative) = number(body, place)?;
    let (value, scale) = fraction(digits)?;
    Some((signed(value, negative), scale))
}

/// The `N` digits in `place`, an even number of at most eight, as numbers of two
/// digits each; in front of them zeros.
#[inline]
pub(crate) fn pairs_of<const N: usize>(body: &[u8], place: Range<usize>) -> Option<[u8; 4]> {
    const { assert!(0 < N && N <= EIGHT && N.is_multiple_of(2)) };
    if place.len() != N {
        return None;
    }
    let digits = last(body.get(..place.end)?, N)?;
    let [a, _, b, _, c, _, d, _] = pairs(digits).to_le_bytes();
    are_digits(digits).then_some([a, b, c, d])
}

/// The characters of a number as digits, and whether a minus is before them.
#[inline]
fn number(body: &[u8], place: Range<usize>) -> Option<(u64, bool)> {
    let before = body.get(..place.end)?;
    let first = *before.get(place.start)?;
    let negative = first == b'-';
    let length = place.len() - usize::from(negative | (first == b'+'));
    let digits = (1..=EIGHT).contains(&length).then(|| last(before, length))??;
    Some((digits, negative))
}

/// The last `length` bytes, one to eight, as digits; the bytes below are zero.
#[inline]
fn last(bytes: &[u8], length: usize) -> Option<u64> {
    let word = u64::from_le_bytes(*bytes.last_chunk::<EIGHT>()?);
    Some((word ^ each(b'0')) & (u64::MAX << (64 - 8 * length)))
}

/// The number that eight digits make.
#[inline]
fn whole(digits: u64) -> Option<u64> {
    are_digits(digits).then(|| value(digits))
}

/// The number that eight digits make, of which one may be a point, and how many
/// follow it. A column has a point always or never, so the processor seldom
/// guesses wrong which.
#[inline]
fn fraction(digits: u64) -> Option<(u64, u8)> {
    if are_digits(digits) {
        return Some((value(digits), 0));
    }
    let zero = digits ^ each(b'.' ^ b'0');
    // The highest bit of the lowest zero, which is a point. The borrow makes what
    // is found above it meaningless. A point that ends the number is left out.
    let points = zero.wrapping_sub(each(1)) & !zero & (each(0x80) >> 8);
    let point = points & points.wrapping_neg();
    let below = (point >> 7).checked_sub(1)?;
    let digits = ((digits & below) << 8) | (digits & !(point | (point - 1)));
    let scale = (63 - point.trailing_zeros()) / 8;
    Some((whole(digits)?, scale as u8))
}

#[inline]
fn signed(value: u64, negative: bool) -> i64 {
    // Eight digits do not reach the sign.
    if negative { -(value as i64) } else { value as i64 }
}

/// Whether all eight bytes are below ten.
#[inline]
fn are_digits(digits: u64) -> bool {
    // Only a byte that is found out by itself has a carry.
    (digits | digits.wrapping_add(each(0x80 - 10))) & each(0x80) == 0
}

#[inline]
fn value(digits: u64) -> u64 {
    let pairs = pairs(digits);
    // Two multiplications weigh and add up two pairs each.
    let every_other = 0x0000_00ff_0000_00ff;
    let first = (pairs & every_other).wrapping_mul(100 + (1_000_000 << 32));
    let second = ((pairs >> 16) & every_other).wrapping_mul(1 + (10_000 << 32));
    first.wrapping_add(second) >> 32
}

/// The number that each two digits make, in the lower byte of the two.
#[inline]
fn pairs(digits: u64) -> u64 {
    digits.wrapping_mul(10).wrapping_add(digits >> 8)
}

/// A word of which each byte is `byte`.
#[inline]
const fn each(byte: u8) -> u64 {
    u64::from_le_bytes([byte; EIGHT])
}
