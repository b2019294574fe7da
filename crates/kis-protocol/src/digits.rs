//! Numbers read eight characters at once.
//!
//! A column does not stand alone: its body has something before it. So the
//! eight bytes that end where the column ends can be loaded at once, whatever
//! its length, and those that are not its own are blanked out. There is no loop
//! whose end the processor would have to guess, which costs more than the
//! arithmetic.
//!
//! These functions read what KIS sends nearly always. `None` does not mean that
//! it is no number: the loops in `decimal` decide that.

use std::ops::Range;

const EIGHT: usize = 8;

/// The whole number in `place`, of up to eight digits.
#[inline]
pub(crate) fn integer(body: &[u8], place: Range<usize>) -> Option<i64> {
    let (digits, negative) = number(body, place)?;
    are_digits(digits).then(|| signed(value(digits), negative))
}

/// The number in `place`, of up to eight characters beside the sign, without its
/// point, and how many digits follow that.
#[inline]
pub(crate) fn decimal(body: &[u8], place: Range<usize>) -> Option<(i64, u8)> {
    let (digits, negative) = number(body, place)?;
    let points = points(digits);
    // The bytes above the first point; without one there are 64 zeros.
    let scale = (64 - points.trailing_zeros()) / 8;
    // The point becomes a zero, and the digits before it move into its place.
    let point = (points & points.wrapping_neg()) >> 7;
    let digits = digits ^ point.wrapping_mul(u64::from(POINT));
    let whole = digits & point.saturating_sub(1);
    let digits = (digits ^ whole) | (whole << 8);
    are_digits(digits).then(|| (signed(value(digits), negative), scale as u8))
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

/// The number that 9 to 16 digits make, which are all of the text.
#[inline]
pub(crate) fn long(text: &[u8]) -> Option<i64> {
    const TENS: [u64; 1 + EIGHT] =
        [1, 10, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000];
    let (first, rest) = text.split_first_chunk::<EIGHT>()?;
    let unit = TENS.get(rest.len()).filter(|_| !rest.is_empty())?;
    let (first, rest) = (last(first, EIGHT)?, last(text, rest.len())?);
    (are_digits(first) & are_digits(rest)).then(|| (value(first) * unit + value(rest)) as i64)
}

/// A point as a digit: a byte like any other that is none.
const POINT: u8 = b'.' ^ b'0';

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

/// The highest bit of the first byte that is a point with something behind it;
/// which of the higher bits are set means nothing.
#[inline]
fn points(digits: u64) -> u64 {
    let zero = digits ^ each(POINT);
    // The borrow of a byte that is zero can reach the bytes above it only.
    zero.wrapping_sub(each(1)) & !zero & (each(0x80) >> 8)
}

/// Whether all eight bytes are below ten.
#[inline]
fn are_digits(digits: u64) -> bool {
    // Only a byte that is found out by itself has a carry.
    (digits | digits.wrapping_add(each(0x80 - 10))) & each(0x80) == 0
}

/// The number that eight digits make.
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

#[inline]
fn signed(value: u64, negative: bool) -> i64 {
    // Eight digits do not reach the sign.
    if negative { -(value as i64) } else { value as i64 }
}

/// A word of which each byte is `byte`.
#[inline]
const fn each(byte: u8) -> u64 {
    u64::from_le_bytes([byte; EIGHT])
}
