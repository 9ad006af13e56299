//! What a pass knows at the start of each block, once a path has come to it: a number of four bytes, since code may be
//! nothing but blocks.

use alloc::vec::Vec;

/// By block.
#[derive(Debug, Default)]
pub(super) struct Entries(Vec<u32>);

impl Entries {
    /// What stands for nothing. So many different states are never kept.
    const NONE: u32 = u32::MAX;

    /// Forgets all; there are so many blocks.
    pub(super) fn clear(&mut self, blocks: usize) {
        self.0.clear();
        self.0.resize(blocks, Entries::NONE);
    }

    /// How many blocks there are.
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    pub(super) fn get(&self, block: usize) -> Option<u32> {
        self.0.get(block).copied().filter(|entry| *entry != Entries::NONE)
    }

    pub(super) fn set(&mut self, block: usize, entry: u32) {
        if let Some(place) = self.0.get_mut(block) {
            *place = entry;
        }
    }
}
