//! Cuts code into basic blocks, and walks a state over them: the one worklist that all passes share.
//!
//! States must be equal wherever paths meet, so every reachable block is stepped through exactly once and there is no
//! fixpoint to wait for. Unreachable code has no state and is not judged by these passes.

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
    let place = |target: u32| body.binary_search_by_key(&target, |(offset, _)| *offset).ok();
    let mut starts = vec![false; body.len() + 1];
    let mut mark = |place: usize| starts.iter_mut().skip(place).take(1).for_each(|start| *start = true);
    mark(0);
    for (index, (_, instruction)) in body.iter().enumerate() {
        if let Some(target) = instruction.target().and_then(place) {
            mark(target);
        }
        if instruction.row().flow != Flow::next {
            mark(index + 1);
        }
    }
    let starts: Vec<usize> = (0..body.len()).filter(|index| starts.get(*index) == Some(&true)).collect();
    let block_at = |index: usize| starts.binary_search(&index).ok();
    let ends = starts.iter().skip(1).copied().chain([body.len()]);
    starts
        .iter()
        .zip(ends)
        .map(|(start, end)| {
            let last = body.get(end - 1).map(|(_, instruction)| instruction);
            let target = last.and_then(Instruction::target).and_then(place).and_then(block_at);
            let next = match last.map(|last| last.row().flow) {
                Some(Flow::ends | Flow::jumps) => None,
                _ => block_at(end),
            };
            Block { instructions: *start..end, successors: [next, target] }
        })
        .collect()
}

/// Steps a state through all reachable blocks, from the first one on.
///
/// `step` changes the state by one instruction; `meet` is asked, with the offset of a block, whether the state that
/// was there first and another one agree.
///
/// # Errors
/// The first that `step` or `meet` gives.
pub fn walk<S: Clone, E>(
    body: &[(u32, Instruction)],
    blocks: &[Block],
    start: S,
    mut step: impl FnMut(&mut S, u32, &Instruction) -> Result<(), E>,
    meet: impl Fn(&S, &S, u32) -> Result<(), E>,
) -> Result<(), E> {
    let mut entry: Vec<Option<S>> = vec![None; blocks.len()];
    entry.iter_mut().take(1).for_each(|first| *first = Some(start.clone()));
    let mut work = vec![0];
    while let Some((block, mut state)) =
        work.pop().and_then(|index: usize| Some((blocks.get(index)?, entry.get(index)?.clone()?)))
    {
        for (offset, instruction) in body.get(block.instructions.clone()).unwrap_or_default() {
            step(&mut state, *offset, instruction)?;
        }
        for successor in block.successors.into_iter().flatten() {
            let Some(place) = entry.get_mut(successor) else { continue };
            match place {
                Some(there) => {
                    let start = blocks.get(successor).map_or(0, |block| block.instructions.start);
                    meet(there, &state, body.get(start).map_or(0, |(offset, _)| *offset))?;
                }
                None => {
                    *place = Some(state.clone());
                    work.push(successor);
                }
            }
        }
    }
    Ok(())
}
