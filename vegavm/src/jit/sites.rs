//! The places at which machine code tells the host something, and what it tells there.

use super::body::At;
use crate::register::{Complex, Register};
use vega_format::trap::Trap;
use vega_format::types::{Mask, Tag};

/// The number of the event that the function that was called first has returned.
pub(super) const DONE: u64 = u64::MAX;

/// A place in the code of a function.
#[derive(Debug, Clone)]
pub(super) struct Site {
    pub(super) at: At,
    pub(super) what: What,
}

/// What is told, or asked for.
#[derive(Debug, Clone)]
pub(super) enum What {
    /// A call that waits; nothing is told there.
    Call,
    /// There is not enough fuel for one of the blocks that begin here one after another, which were charged already.
    Starved { blocks: Vec<(At, u32)> },
    /// There is not enough fuel for bulk work, which was charged already.
    Charged { steps: u32 },
    /// It cannot go on.
    Trap(Problem),
    /// The frame that begins is one too many, or there is no memory for it. It is the function's own, or of one that was put
    /// into it.
    Frame { bytes: u32, is_own: bool },
    /// A function begins that limits its activations, and there are as many as it allows, or there is no room for its frame.
    Activate { function: u32 },
    /// There is no memory for an arena.
    Memory { bytes: u32 },
    /// Bytes behind the first word, as many as the second says, are to become zeroes.
    Zero,
    /// Code is called that is not there yet: that of an entry of the table.
    Compile { entry: u32 },
    /// An operation on the register file.
    Complex { what: Complex, first: Register },
    /// A host function is called.
    Host { import: u32, first: Register },
}

/// A trap, whose words are told by the event.
#[derive(Debug, Clone)]
pub(super) enum Problem {
    Known(Box<Trap>),
    /// Index and length.
    Index,
    /// The offset.
    Alias {
        size: u32,
        capacity: u32,
    },
    /// Start, end and length.
    Slice,
    /// The tag.
    Slot {
        slot: u16,
        mask: Mask,
    },
    Union {
        mask: Mask,
    },
}

impl Problem {
    /// The trap with its words.
    pub(super) fn trap(&self, [first, second, third]: [u64; 3]) -> Option<Trap> {
        let tag = || u8::try_from(first).ok().and_then(Tag::from_number);
        Some(match *self {
            Problem::Known(ref trap) => (**trap).clone(),
            Problem::Index => Trap::IndexOutOfBounds { index: first.cast_signed(), length: second as u32 },
            Problem::Alias { size, capacity } => Trap::AliasOutOfBounds { offset: first.cast_signed(), size, capacity },
            Problem::Slice => {
                let (start, end) = (first.cast_signed(), second.cast_signed());
                Trap::SliceOutOfBounds { start, end, length: third as u32 }
            }
            Problem::Slot { slot, mask } => Trap::TypeMismatch { slot, mask, tag: tag()? },
            Problem::Union { mask } => Trap::UnionMismatch { mask, tag: tag()? },
        })
    }
}
