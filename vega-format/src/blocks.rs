//! Cuts code into basic blocks: runs of instructions that are entered only at their start.
//!
//! The verifier's passes walk over them, each in its own order, and the engine charges steps by them.

use crate::instruction::{Flow, Instruction};
use core::ops::Range;

/// The instructions of a function with their offsets.
pub type Body = Vec<(u32, Instruction)>;

/// A run of instructions that is entered only at its start.
#[derive(Debug)]
pub struct Block {
    /// Indexes into the body.
    pub instructions: Range<usize>,
    /// Indexes of the blocks that may follow.
    pub successors: [Option<usize>; 2],
}

/// The basic blocks of a function, in the order of the code. A block ends at a jump, a jump's target, a call, a return.
pub fn split(body: &[(u32, Instruction)]) -> Vec<Block> {
    let mut blocks = Vec::new();
    split_into(body, &mut Vec::new(), &mut blocks);
    blocks
}

/// The same into buffers that can be used again.
pub(crate) fn split_into(body: &[(u32, Instruction)], starts: &mut Vec<usize>, blocks: &mut Vec<Block>) {
    starts.clear();
    blocks.clear();
    if body.is_empty() {
        return;
    }
    let place = |target: u32| body.binary_search_by_key(&target, |(offset, _)| *offset).ok();
    starts.push(0);
    for (index, (_, instruction)) in body.iter().enumerate() {
        if instruction.flow() != Flow::next {
            starts.extend(instruction.target().and_then(place));
            if index + 1 < body.len() {
                starts.push(index + 1);
            }
        }
    }
    starts.sort_unstable();
    starts.dedup();
    let block_at = |index: usize| starts.binary_search(&index).ok();
    blocks.extend(starts.iter().enumerate().map(|(number, start)| {
        let end = starts.get(number + 1).copied();
        let last = body.get(end.unwrap_or(body.len()) - 1).map(|(_, instruction)| instruction);
        let target = last.and_then(Instruction::target).and_then(place).and_then(block_at);
        let goes_on = !matches!(last.map(Instruction::flow), Some(Flow::ends | Flow::jumps));
        let next = end.filter(|_| goes_on).map(|_| number + 1);
        Block { instructions: *start..end.unwrap_or(body.len()), successors: [next, target] }
    }));
}
