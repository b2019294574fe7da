//! Where the columns of a body start.
//!
//! A body is read in blocks of 64 bytes. Each becomes a mask with one bit a
//! byte, set where a separator stands: four vector compares, which `wide` offers
//! without unsafe code. What remains is one short step a column instead of one
//! a byte.

use wide::u8x16;

const SEPARATOR: u8 = b'^';
const BLOCK: usize = 64;

/// Where the columns of a frame start: scratch space, to be kept and reused.
#[derive(Debug, Clone, Default)]
pub struct Splits {
    starts: Vec<u32>,
}

impl Splits {
    /// Where each column of `body` starts, and where one more would. So a column
    /// ends one byte before the next start, the last one like all others.
    pub(crate) fn split(&mut self, body: &str) -> &[u32] {
        let body = body.as_bytes();
        // A block may write 64 slots, so there is room for one more than the
        // columns can need.
        let room = body.len() + 2 + BLOCK;
        if self.starts.len() < room {
            self.starts.resize(room, 0);
        }
        let starts = self.starts.as_mut_slice();
        starts[0] = 0;
        let mut count = 1;
        let (blocks, rest) = body.as_chunks::<BLOCK>();
        for (index, block) in blocks.iter().enumerate() {
            count += write(starts, count, index * BLOCK, mask(block));
        }
        if !rest.is_empty() {
            // The last 64 bytes without those that are done already; a body
            // shorter than that is filled up.
            let mask = match body.last_chunk::<BLOCK>() {
                Some(block) => mask(block) >> (BLOCK - rest.len()),
                None => {
                    let mut block = [0; BLOCK];
                    block[..rest.len()].copy_from_slice(rest);
                    mask(&block)
                }
            };
            count += write(starts, count, blocks.len() * BLOCK, mask);
        }
        starts[count] = body.len() as u32 + 1;
        &starts[..=count]
    }
}

/// Writes the position after each bit that is set, from slot `at` on, and
/// returns how many there are.
#[inline]
fn write(starts: &mut [u32], at: usize, base: usize, mask: u64) -> usize {
    let Some(slots) = starts[at..].first_chunk_mut::<BLOCK>() else { return 0 };
    let (after, mut mask, mut count) = (base as u32 + 1, mask, 0);
    // Four at a time, whether there are as many or not: what is too much will be
    // written over, and the end of the loop is guessed wrong less often.
    for four in slots.as_chunks_mut::<4>().0 {
        if mask == 0 {
            break;
        }
        for slot in four {
            *slot = after + mask.trailing_zeros();
            count += usize::from(mask != 0);
            mask &= mask.wrapping_sub(1);
        }
    }
    count
}

/// One bit for each byte of the block: whether it is a separator.
#[inline]
fn mask(block: &[u8; BLOCK]) -> u64 {
    let mut mask = 0;
    for (index, bytes) in block.as_chunks::<16>().0.iter().enumerate() {
        let equal = u8x16::new(*bytes).simd_eq(u8x16::splat(SEPARATOR));
        mask |= u64::from(equal.to_bitmask()) << (16 * index);
    }
    mask
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_start_after_the_separators() {
        let mut splits = Splits::default();
        let long = "ab^".repeat(99);
        let mut texts = vec!["^^", "", "a^b"];
        let (all, none) = ("^".repeat(200), "x".repeat(200));
        texts.extend((0..200).flat_map(|it| [&all[..it], &none[..it], &long[..it]]));
        for text in texts {
            let after = |(at, byte)| (byte == SEPARATOR).then_some(at as u32 + 1);
            let separators = text.bytes().enumerate().filter_map(after);
            let expected: Vec<u32> =
                [0].into_iter().chain(separators).chain([text.len() as u32 + 1]).collect();
            assert_eq!(splits.split(text), expected, "{text:?}");
        }
    }
}
