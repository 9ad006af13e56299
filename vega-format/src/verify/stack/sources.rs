//! Where the cells came from that lay on the stack when a block was entered: which instructions pushed them, on which
//! paths.
//!
//! Found out only for what a refusal shows. The pass is run once more, and of each block that it leaves is kept who left
//! the cells that matter, or where it found them; then the paths are followed back.

use super::{SHOWN, Seen};
use alloc::collections::BTreeSet;
use alloc::vec::Vec;

/// What there is to know of the cells at the start of a block.
#[derive(Debug)]
pub(super) struct Sources {
    /// The lowest of the cells.
    lowest: usize,
    edges: Vec<Edge>,
    is_full: bool,
}

/// A path goes from the end of one block into another.
#[derive(Debug)]
struct Edge {
    to: u32,
    from: u32,
    /// The offset of the last instruction on it.
    at: u32,
    /// Of each cell the offset of the instruction that left it, or the place in which the block found it; nothing of one that
    /// is not there.
    left: [Option<Result<u32, usize>>; SHOWN],
}

impl Sources {
    /// Of so many paths between blocks it is known who left the cells; in a function with more it is not.
    const MOST: usize = 1 << 16;

    pub(super) fn new(seen: &Seen) -> Sources {
        Sources { lowest: seen.beneath, edges: Vec::new(), is_full: false }
    }

    /// A path goes from a block, by its last instruction, into another; `left` says which instruction of the block left the
    /// cell in a place, or where the block found it.
    pub(super) fn follow(
        &mut self,
        (from, at): (usize, u32),
        to: usize,
        left: impl Fn(usize) -> Option<Result<u32, usize>>,
    ) {
        self.is_full |= self.edges.len() >= Sources::MOST;
        if !self.is_full {
            let left = core::array::from_fn(|cell| left(self.lowest + cell));
            self.edges.push(Edge { to: to as u32, from: from as u32, at, left });
        }
    }

    /// Whether there are more paths than are looked at.
    pub(super) fn is_full(&self) -> bool {
        self.is_full
    }

    /// The offset of the instruction by which the first path came to a block; to the first block it comes from outside.
    pub(super) fn first_into(&self, block: usize) -> Option<u32> {
        let first = self.edges.iter().find(|edge| edge.to == block as u32)?;
        (!self.is_full && block > 0).then_some(first.at)
    }

    /// Puts the paths in order, so that those into a block are found.
    pub(super) fn sort(&mut self) {
        self.edges.sort_by_key(|edge| edge.to);
    }

    /// The offsets of the instructions from which the cell first came that a block found in a place. What lay outside of the
    /// places that are looked at is not followed.
    pub(super) fn of_cell(&self, block: u32, place: usize) -> BTreeSet<u32> {
        let (mut found, mut known, mut work) =
            (BTreeSet::new(), BTreeSet::from([(block, place)]), vec![(block, place)]);
        while let Some((block, place)) = work.pop() {
            let Some(cell) = place.checked_sub(self.lowest) else { continue };
            let first = self.edges.partition_point(|edge| edge.to < block);
            let edges = self.edges.iter().skip(first).take_while(|edge| edge.to == block);
            for edge in edges {
                match edge.left.get(cell).copied().flatten() {
                    Some(Ok(offset)) => _ = found.insert(offset),
                    Some(Err(place)) if known.insert((edge.from, place)) => work.push((edge.from, place)),
                    _ => {}
                }
            }
        }
        found
    }
}
