//! What is left of frames and of memory, in one word: a call hands on one, and one comparison finds out about both.
//!
//! Guarantees: words add up as what they stand for does, also where that is below zero, as long as neither is more than
//! [`MOST_BYTES`] bytes or [`Limits::MOST_FRAMES`](crate::Limits::MOST_FRAMES) frames away from it.

use super::body::Taken;

/// The bits that count bytes; those above count frames.
pub(super) const BITS: u32 = 42;

/// More bytes than code can take: the largest frame as often as there may be one, and all of linear memory.
pub(super) const MOST_BYTES: i64 = 1 << 40;

/// The bits one of which is set where frames or bytes are below zero.
pub(super) const LACKS: i64 = i64::MIN | 1 << (BITS - 1);

/// In one word; `None` where these are too many bytes.
pub(super) fn word_of(both: Taken) -> Option<i64> {
    (both.bytes.abs() <= MOST_BYTES).then_some((both.frames << BITS) + both.bytes)
}

/// What a word stands for.
pub(super) fn both_of(word: i64) -> Taken {
    let bytes = word << (64 - BITS) >> (64 - BITS);
    Taken { frames: (word - bytes) >> BITS, bytes }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_add_up() {
        let counts = [-MOST_BYTES, -(1 << 32), -1, 0, 1, 77, 1 << 32, MOST_BYTES];
        for bytes in counts {
            for frames in [-1_000_000, -1, 0, 1, 999_999, 1_000_000] {
                let word = word_of(Taken { frames, bytes }).expect("it is not too much");
                assert_eq!((both_of(word).frames, both_of(word).bytes), (frames, bytes));
                assert_eq!(word & LACKS != 0, frames < 0 || bytes < 0, "{frames} {bytes}");
                let frame = word_of(Taken { frames: 1, bytes: 24 }).expect("it is not too much");
                let less = both_of(word - frame);
                assert_eq!((less.frames, less.bytes), (frames - 1, bytes - 24));
            }
        }
        assert_eq!(word_of(Taken { frames: 0, bytes: MOST_BYTES + 1 }), None);
    }
}
