//! Where the cells came from that lay on the stack when a block was entered: which instructions pushed them, on which
//! paths.
//!
//! Found out only for what a refusal shows. The pass is run once more, and of each block that it leaves is kept who left
//! the cells that matter; then the paths are followed back. A cell stays in its place while it lies there, so it is
//! looked for in the same place in every block.

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
    /// The offset of the instruction that left each cell, or [`Edge::EARLIER`].
    left: [u32; SHOWN],
}

impl Edge {
    /// It lay there when the block was entered.
    const EARLIER: u32 = u32::MAX;
}

impl Sources {
    /// Of so many paths between blocks it is known who left the cells; in a function with more it is not.
    const MOST: usize = 1 << 16;

    pub(super) fn new(seen: &Seen) -> Sources {
        Sources { lowest: seen.beneath, edges: Vec::new(), is_full: false }
    }

    /// A path goes from a block, by its last instruction, into another; `left` says which instruction of the block left the
    /// cell in a place.
    pub(super) fn follow(&mut self, (from, at): (usize, u32), to: usize, left: impl Fn(usize) -> Option<u32>) {
        self.is_full |= self.edges.len() >= Sources::MOST;
        if !self.is_full {
            let left = core::array::from_fn(|cell| left(self.lowest + cell).unwrap_or(Edge::EARLIER));
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

    /// The offsets of the instructions from which each of the cells that lay there first came.
    pub(super) fn of(mut self, seen: &Seen) -> Vec<BTreeSet<u32>> {
        if self.is_full {
            return Vec::new();
        }
        self.edges.sort_by_key(|edge| edge.to);
        (0..seen.inherited.min(SHOWN)).map(|cell| self.of_cell(seen.block as u32, cell)).collect()
    }

    fn of_cell(&self, block: u32, cell: usize) -> BTreeSet<u32> {
        let (mut found, mut known, mut work) = (BTreeSet::new(), BTreeSet::from([block]), vec![block]);
        while let Some(block) = work.pop() {
            let first = self.edges.partition_point(|edge| edge.to < block);
            let edges = self.edges.iter().skip(first).take_while(|edge| edge.to == block);
            for edge in edges {
                match edge.left.get(cell) {
                    Some(&Edge::EARLIER) | None => {
                        if known.insert(edge.from) {
                            work.push(edge.from);
                        }
                    }
                    Some(offset) => _ = found.insert(*offset),
                }
            }
        }
        found
    }
}
