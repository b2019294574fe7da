//! Where the columns of a body end.
//!
//! A body is read in blocks of 64 bytes. Each becomes a mask with one bit a
//! byte, set where a separator stands: a loop over the block that the compiler
//! turns into vector compares, and eight multiplications that gather one bit of
//! every byte. What remains is one step a column instead of one a byte, without
//! unsafe code.

const SEPARATOR: u8 = b'^';
const BLOCK: usize = 64;

/// Where the columns of a frame end: scratch space, to be kept and reused.
#[derive(Debug, Clone, Default)]
pub struct Splits {
    ends: Vec<u32>,
}

impl Splits {
    /// The position of every separator in `body`, then the body's length.
    pub(crate) fn split(&mut self, body: &str) -> &[u32] {
        let body = body.as_bytes();
        // A block may write 64 slots, so there is room for one more than the
        // columns can need.
        let room = body.len() + 1 + BLOCK;
        if self.ends.len() < room {
            self.ends.resize(room, 0);
        }
        let ends = self.ends.as_mut_slice();
        let mut count = 0;
        let (blocks, rest) = body.as_chunks::<BLOCK>();
        for (index, block) in blocks.iter().enumerate() {
            count += write(ends, count, index * BLOCK, mask(block));
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
            count += write(ends, count, blocks.len() * BLOCK, mask);
        }
        ends[count] = body.len() as u32;
        &ends[..=count]
    }
}

/// Writes the position of each bit that is set, from slot `at` on, and returns
/// how many there are.
#[inline]
fn write(ends: &mut [u32], at: usize, base: usize, mut mask: u64) -> usize {
    let Some(slots) = ends[at..].first_chunk_mut::<BLOCK>() else { return 0 };
    let mut count = 0;
    while mask != 0 {
        // A mask has no more than 64 bits: the remainder only tells so to the
        // compiler, which then leaves out the check.
        slots[count % BLOCK] = base as u32 + mask.trailing_zeros();
        mask &= mask - 1;
        count += 1;
    }
    count
}

/// One bit for each byte of the block: whether it is a separator.
#[inline]
fn mask(block: &[u8; BLOCK]) -> u64 {
    let mut equal = [0_u8; BLOCK];
    for (flag, byte) in equal.iter_mut().zip(block) {
        *flag = u8::from(*byte == SEPARATOR);
    }
    let mut mask = 0;
    for (index, eight) in equal.as_chunks::<8>().0.iter().enumerate() {
        // Eight bytes of 0 or 1: the factor moves each to its own bit of the
        // highest byte.
        let bits = u64::from_le_bytes(*eight).wrapping_mul(0x0102_0408_1020_4080) >> 56;
        mask |= bits << (8 * index);
    }
    mask
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ends_are_where_the_separators_are() {
        let mut splits = Splits::default();
        let long = "ab^".repeat(99);
        let mut texts = vec!["^^", "", "a^b"];
        let (all, none) = ("^".repeat(200), "x".repeat(200));
        texts.extend((0..200).flat_map(|it| [&all[..it], &none[..it], &long[..it]]));
        for text in texts {
            let expected: Vec<u32> = text
                .bytes()
                .enumerate()
                .filter_map(|(at, byte)| (byte == SEPARATOR).then_some(at as u32))
                .chain([text.len() as u32])
                .collect();
            assert_eq!(splits.split(text), expected, "{text:?}");
        }
    }
}
