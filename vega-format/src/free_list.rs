//! The allocator of an arena, over offsets alone: first fit from the lowest offset, split, coalesce. It holds no bytes.
//!
//! Allocators of every strategy take from it. The state is
//! the set of free blocks: apart, in order, none empty, no two of them neighbours; two lists are equal exactly if
//! the same bytes are free in arenas of the same size.

mod tree;

use crate::text::counted;
use core::hash::{Hash, Hasher};
use tree::Tree;

/// The free blocks of one arena.
#[derive(Clone, Debug)]
pub struct FreeList {
    capacity: u32,
    /// The sum of the blocks' sizes.
    free: u32,
    blocks: Tree,
}

impl PartialEq for FreeList {
    fn eq(&self, other: &FreeList) -> bool {
        self.capacity == other.capacity && self.free == other.free && self.blocks().eq(other.blocks())
    }
}

impl Eq for FreeList {}

impl Hash for FreeList {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.capacity.hash(state);
        self.blocks().for_each(|block| block.hash(state));
    }
}

/// No single free block is as wide as was asked, even if all together are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[error("found {} free, the widest block {largest}, wanted {need} in one block", counted(*.free, "byte"))]
pub struct NoRoom {
    /// Bytes asked for.
    pub need: u32,
    /// Bytes free in all.
    pub free: u32,
    /// Bytes of the widest free block.
    pub largest: u32,
}

/// A range that was to be released is free already, in part or whole, or does not lie in the arena.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[error("found {} at {offset} not all allocated, wanted an allocated range", counted(*.size, "byte"))]
pub struct NotAllocated {
    /// Where the range starts.
    pub offset: u32,
    /// How many bytes it has.
    pub size: u32,
}

/// A range that was to be taken is not free throughout.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[error("found {} at {offset} not all free, wanted a free range", counted(*.size, "byte"))]
pub struct NotFree {
    /// Where the range starts.
    pub offset: u32,
    /// How many bytes it has.
    pub size: u32,
}

impl FreeList {
    /// An arena of this many bytes, all of them free.
    #[must_use]
    pub fn new(capacity: u32) -> FreeList {
        let mut blocks = Tree::default();
        if capacity > 0 {
            blocks.insert((0, capacity));
        }
        FreeList { capacity, free: capacity, blocks }
    }

    /// Takes the low end of the first block that is wide enough, and gives its offset.
    ///
    /// Nothing is taken for a size of 0, which always succeeds: its offset is that of the first free block, or the
    /// capacity where nothing is free.
    ///
    /// # Errors
    ///
    /// No block is wide enough; the list is as it was.
    pub fn allocate(&mut self, size: u32) -> Result<u32, NoRoom> {
        let Some((offset, width)) = self.blocks.first_fit(size.max(1)) else {
            return match size {
                0 => Ok(self.capacity),
                need => Err(NoRoom { need, free: self.free, largest: self.largest() }),
            };
        };
        if size > 0 {
            self.blocks.remove(offset);
            if width > size {
                self.blocks.insert((offset + size, width - size));
            }
            self.free -= size;
        }
        Ok(offset)
    }

    /// Gives a range back and joins it with the free neighbours on its left and right.
    ///
    /// Any range that is allocated throughout will do, as the list does not remember how it was allocated. A range of
    /// 0 bytes anywhere in the arena changes nothing.
    ///
    /// # Errors
    ///
    /// Part of the range is free already or outside the arena; the list is as it was.
    pub fn release(&mut self, offset: u32, size: u32) -> Result<(), NotAllocated> {
        let refused = NotAllocated { offset, size };
        let end = offset.checked_add(size).filter(|end| *end <= self.capacity).ok_or(refused)?;
        if size == 0 {
            return Ok(());
        }
        // Of the free blocks that start before the end, the last is the one that could reach into the range.
        let (mut start, mut width) = (offset, size);
        if let Some((left_start, left_width)) = self.blocks.last_before(end) {
            let left_end = left_start + left_width;
            if left_end > offset {
                return Err(refused);
            }
            if left_end == offset {
                self.blocks.remove(left_start);
                (start, width) = (left_start, left_width + size);
            }
        }
        if let Some((_, right_width)) = self.blocks.remove(end) {
            width += right_width;
        }
        self.blocks.insert((start, width));
        self.free += size;
        Ok(())
    }

    /// Takes a range that is free throughout: what [`release`](FreeList::release) gave back, taken again.
    ///
    /// # Errors
    ///
    /// Part of the range is not free; the list is as it was.
    pub fn take(&mut self, offset: u32, size: u32) -> Result<(), NotFree> {
        let refused = NotFree { offset, size };
        let end = offset.checked_add(size).ok_or(refused)?;
        if size == 0 {
            return Ok(());
        }
        let (start, width) = self.blocks.last_before(offset.saturating_add(1)).ok_or(refused)?;
        // No block reaches beyond the capacity, so its end is a number of bytes that an arena can have.
        let block_end = start + width;
        if end > block_end {
            return Err(refused);
        }
        self.blocks.remove(start);
        if start < offset {
            self.blocks.insert((start, offset - start));
        }
        if end < block_end {
            self.blocks.insert((end, block_end - end));
        }
        self.free -= size;
        Ok(())
    }

    /// How many bytes the arena has.
    #[must_use]
    pub const fn capacity(&self) -> u32 {
        self.capacity
    }

    /// How many bytes are free in all blocks together.
    #[must_use]
    pub const fn free_bytes(&self) -> u32 {
        self.free
    }

    /// How many bytes the widest free block has, 0 if there is none.
    #[must_use]
    pub fn largest(&self) -> u32 {
        self.blocks.widest()
    }

    /// Offset and size of the free blocks, from the lowest offset.
    pub fn blocks(&self) -> impl Iterator<Item = (u32, u32)> {
        self.blocks.iter()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn blocks(list: &FreeList) -> Vec<(u32, u32)> {
        list.blocks().collect()
    }

    #[test]
    fn the_first_block_that_fits_is_split_at_its_low_end() {
        let mut list = FreeList::new(64);
        assert_eq!(list.allocate(4), Ok(0));
        assert_eq!(list.allocate(8), Ok(4));
        assert_eq!(list.allocate(1), Ok(12));
        assert_eq!(blocks(&list), [(13, 51)]);
        list.release(4, 8).expect("allocated");
        assert_eq!(blocks(&list), [(4, 8), (13, 51)]);
        assert_eq!(list.allocate(9), Ok(13));
        assert_eq!(list.allocate(2), Ok(4));
        assert_eq!(list.allocate(6), Ok(6), "an exact fit removes the block");
        assert_eq!(blocks(&list), [(22, 42)]);
    }

    #[test]
    fn neighbours_are_joined_on_the_left_the_right_and_both() {
        let full = |released: &[(u32, u32)]| {
            let mut list = FreeList::new(16);
            assert_eq!(list.allocate(16), Ok(0));
            for (offset, size) in released {
                list.release(*offset, *size).expect("allocated");
            }
            blocks(&list)
        };
        assert_eq!(full(&[(4, 4)]), [(4, 4)]);
        assert_eq!(full(&[(0, 4), (8, 4)]), [(0, 4), (8, 4)]);
        assert_eq!(full(&[(0, 4), (4, 4)]), [(0, 8)]);
        assert_eq!(full(&[(8, 4), (4, 4)]), [(4, 8)]);
        assert_eq!(full(&[(0, 4), (8, 8), (4, 4)]), [(0, 16)]);
    }

    #[test]
    fn fragments_do_not_add_up() {
        let mut list = FreeList::new(12);
        list.allocate(12).expect("room");
        list.release(0, 4).expect("allocated");
        list.release(8, 4).expect("allocated");
        let before = list.clone();
        assert_eq!(list.allocate(8), Err(NoRoom { need: 8, free: 8, largest: 4 }));
        assert_eq!(list, before);
    }

    #[test]
    fn nothing_takes_no_room() {
        let mut list = FreeList::new(0);
        assert_eq!(list.allocate(0), Ok(0));
        assert_eq!(list.allocate(1), Err(NoRoom { need: 1, free: 0, largest: 0 }));
        let mut list = FreeList::new(8);
        assert_eq!(list.allocate(3), Ok(0));
        assert_eq!(list.allocate(0), Ok(3));
        assert_eq!(list.allocate(5), Ok(3));
        assert_eq!(list.allocate(0), Ok(8));
        assert_eq!(list.release(8, 0), Ok(()));
        assert_eq!(list.release(9, 0), Err(NotAllocated { offset: 9, size: 0 }));
        assert_eq!(blocks(&list), []);
    }

    #[test]
    fn what_is_not_allocated_is_not_released() {
        let mut list = FreeList::new(16);
        list.allocate(12).expect("room");
        list.release(4, 4).expect("allocated");
        let before = list.clone();
        for (offset, size) in [
            (4, 4),
            (3, 2),
            (7, 2),
            (5, 1),
            (0, 12),
            (0, 16),
            (8, 5),
            (12, 4),
            (15, 1),
            (16, 1),
            (u32::MAX, 1),
            (8, u32::MAX),
        ] {
            assert_eq!(list.release(offset, size), Err(NotAllocated { offset, size }));
            assert_eq!(list, before);
        }
    }

    #[test]
    fn the_widest_arena_works() {
        let mut list = FreeList::new(u32::MAX);
        assert_eq!(list.allocate(u32::MAX - 1), Ok(0));
        assert_eq!(list.allocate(1), Ok(u32::MAX - 1));
        list.release(0, u32::MAX).expect("allocated");
        assert_eq!(list, FreeList::new(u32::MAX));
    }

    #[test]
    fn equal_states_are_equal_however_they_came_about() {
        let mut one = FreeList::new(32);
        let mut two = FreeList::new(32);
        for size in [4, 4, 8] {
            one.allocate(size).expect("room");
        }
        one.release(4, 4).expect("allocated");
        for size in [16, 4] {
            two.allocate(size).expect("room");
        }
        two.release(4, 4).expect("allocated");
        two.release(16, 4).expect("allocated");
        assert_eq!(one, two);
    }

    #[test]
    fn a_hundred_thousand_blocks_are_no_burden() {
        let count = 100_000;
        let mut list = FreeList::new(count * 2);
        list.allocate(count * 2).expect("room");
        for block in 0..count {
            list.release(block * 2, 1).expect("allocated");
        }
        assert_eq!(list.blocks().count(), count as usize);
        assert_eq!((list.free_bytes(), list.largest()), (count, 1));
        for block in 0..count {
            assert_eq!(list.allocate(1), Ok(block * 2));
        }
        assert_eq!(list.free_bytes(), 0);
    }

    /// The same allocator over one flag a byte.
    struct Bitmap(Vec<bool>);

    impl Bitmap {
        fn allocate(&mut self, size: usize) -> Option<usize> {
            let free = |taken: &[bool]| taken.iter().all(|taken| !taken);
            let offset = (0..=self.0.len() - size).find(|offset| free(&self.0[*offset..offset + size]))?;
            self.0[offset..offset + size].fill(true);
            Some(offset)
        }

        fn blocks(&self) -> Vec<(u32, u32)> {
            let mut blocks: Vec<(u32, u32)> = Vec::new();
            for (offset, _) in self.0.iter().enumerate().filter(|(_, taken)| !**taken) {
                let offset = u32::try_from(offset).expect("small");
                match blocks.last_mut() {
                    Some((start, size)) if *start + *size == offset => *size += 1,
                    _ => blocks.push((offset, 1)),
                }
            }
            blocks
        }
    }

    #[derive(Clone, Debug)]
    enum Step {
        Allocate(u32),
        Release(prop::sample::Index),
        ReleaseRange(u32, u32),
    }

    fn any_step() -> impl Strategy<Value = Step> {
        prop_oneof![
            4 => (1u32..24).prop_map(Step::Allocate),
            3 => any::<prop::sample::Index>().prop_map(Step::Release),
            1 => (0u32..130, 1u32..24).prop_map(|(offset, size)| Step::ReleaseRange(offset, size)),
        ]
    }

    proptest! {
        #[test]
        fn it_is_the_bitmap(capacity in 24u32..128, steps in prop::collection::vec(any_step(), 0..80)) {
            let mut list = FreeList::new(capacity);
            let mut bitmap = Bitmap(vec![false; capacity as usize]);
            let mut live: Vec<(u32, u32)> = Vec::new();
            for step in steps {
                match step {
                    Step::Allocate(size) => {
                        let expected = bitmap.allocate(size as usize).map(|offset| offset as u32);
                        let free = list.free_bytes();
                        let largest = list.largest();
                        let found = list.allocate(size);
                        prop_assert_eq!(found, expected.ok_or(NoRoom { need: size, free, largest }));
                        live.extend(found.ok().map(|offset| (offset, size)));
                    }
                    Step::Release(which) if !live.is_empty() => {
                        let (offset, size) = live.swap_remove(which.index(live.len()));
                        bitmap.0[offset as usize..(offset + size) as usize].fill(false);
                        prop_assert_eq!(list.release(offset, size), Ok(()));
                    }
                    Step::Release(_) => {}
                    Step::ReleaseRange(offset, size) => {
                        let range = bitmap.0.get_mut(offset as usize..(offset + size) as usize);
                        let taken = range.filter(|range| range.iter().all(|taken| *taken));
                        prop_assert_eq!(list.release(offset, size).is_ok(), taken.is_some());
                        if let Some(range) = taken {
                            range.fill(false);
                            // What is released in part is no longer whole.
                            live.retain(|(start, width)| start + width <= offset || offset + size <= *start);
                        }
                    }
                }
                prop_assert_eq!(blocks(&list), bitmap.blocks());
                let free: u32 = list.blocks().map(|(_, size)| size).sum();
                prop_assert_eq!(list.free_bytes(), free);
                prop_assert_eq!(list.largest(), list.blocks().map(|(_, size)| size).max().unwrap_or(0));
            }
        }
    }
}
