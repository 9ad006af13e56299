//! Cuts code into basic blocks: runs of instructions that are entered only at their start.
//!
//! The verifier's passes walk over them, each in its own order, and the engine charges steps by them. Code may be nothing
//! but blocks, so four bytes a block are kept; the rest is read out of the code again.

use crate::instruction::{Flow, Instruction, walk};
use alloc::vec::Vec;
use core::ops::Range;

/// The basic blocks of a function, in the order of the code. A block ends at a jump, a jump's target, a call, a return.
#[derive(Debug, Default)]
pub struct Blocks {
    /// By rising offset.
    starts: Vec<u32>,
    /// Behind the last.
    end: u32,
}

impl Blocks {
    /// The blocks of code whose instructions are whole and whose targets are instructions.
    pub fn of(code: &[u8]) -> Blocks {
        let mut blocks = Blocks::default();
        blocks.cut(code, &mut Offsets::default());
        blocks
    }

    /// The same in the place of other blocks; `starts` is used on the way.
    pub(crate) fn cut(&mut self, code: &[u8], starts: &mut Offsets) {
        starts.clear(code.len());
        starts.insert(0);
        for (offset, instruction) in walk(code).map_while(Result::ok) {
            if instruction.flow() != Flow::next {
                instruction.target().into_iter().for_each(|target| starts.insert(target));
                starts.insert(offset + instruction.width() as u32);
            }
        }
        self.starts.clear();
        self.starts.reserve_exact(starts.count());
        self.starts.extend(starts.iter());
        self.end = code.len() as u32;
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.starts.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.starts.is_empty()
    }

    /// Where a block starts; behind the last, where the code ends.
    pub fn start(&self, block: usize) -> u32 {
        self.starts.get(block).copied().unwrap_or(self.end)
    }

    /// Where in the code each stands.
    pub fn ranges(&self) -> impl Iterator<Item = Range<u32>> {
        (0..self.len()).map(|block| self.start(block)..self.start(block + 1))
    }

    /// The instructions of a block of this code, with their offsets.
    pub(crate) fn instructions(&self, code: &[u8], block: usize) -> impl Iterator<Item = (u32, Instruction)> {
        let start = self.start(block);
        let bytes = code.get(start as usize..self.start(block + 1) as usize).unwrap_or_default();
        walk(bytes).map_while(Result::ok).map(move |(offset, instruction)| (start + offset, instruction))
    }

    /// The blocks that may follow one whose last instruction is this.
    pub(crate) fn successors(&self, block: usize, last: Option<Instruction>) -> [Option<usize>; 2] {
        let goes_on = !matches!(last.map(|last| last.flow()), Some(Flow::ends | Flow::jumps));
        let next = Some(block + 1).filter(|next| goes_on && *next < self.len());
        let target = last.and_then(|last| last.target());
        [next, target.and_then(|target| self.starts.binary_search(&target).ok())]
    }
}

/// Offsets in code, a bit each.
#[derive(Debug, Default)]
pub(crate) struct Offsets {
    words: Vec<u64>,
    end: u32,
}

impl Offsets {
    /// Forgets all; from now on there are offsets below this.
    pub(crate) fn clear(&mut self, end: usize) {
        self.words.clear();
        self.words.resize(end.div_ceil(64), 0);
        self.end = end as u32;
    }

    /// Puts one in; what is not below the end is left out.
    pub(crate) fn insert(&mut self, offset: u32) {
        if offset < self.end
            && let Some(word) = self.words.get_mut(offset as usize / 64)
        {
            *word |= 1 << (offset % 64);
        }
    }

    pub(crate) fn contains(&self, offset: u32) -> bool {
        self.words.get(offset as usize / 64).is_some_and(|word| word >> (offset % 64) & 1 == 1)
    }

    pub(crate) fn count(&self) -> usize {
        self.words.iter().map(|word| word.count_ones() as usize).sum()
    }

    /// From the least on.
    pub(crate) fn iter(&self) -> impl Iterator<Item = u32> {
        (0..).zip(&self.words).flat_map(|(place, word)| {
            let mut left = *word;
            core::iter::from_fn(move || {
                let bit = (left != 0).then(|| left.trailing_zeros())?;
                left &= left - 1;
                Some(64 * place + bit)
            })
        })
    }
}
