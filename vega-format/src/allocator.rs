//! Where variables are put in an arena, by the strategy with which it was opened. It holds no bytes.
//!
//! Verifier and engines place and give back by this one code, so they agree on every offset. All strategies take from
//! one [`FreeList`]; they differ in how much a variable takes of it, and in whether that is given back.

use crate::free_list::{FreeList, NoRoom, NotAllocated, NotFree};
use crate::instruction::{Capacity, Instruction, Size};
use core::fmt;

/// How an arena places variables.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Strategy {
    /// Each takes its bytes from the first free block that is wide enough, and gives them back.
    #[default]
    FirstFit,
    /// One behind the other; nothing is given back before the arena ends.
    Bump,
    /// Each takes the first free place of so many bytes, and gives it back.
    Pool(u32),
}

impl Strategy {
    /// How an instruction that opens an arena has it place variables, and the bytes of the arena.
    #[must_use]
    pub const fn opened_by(instruction: &Instruction) -> Option<(Strategy, u32)> {
        match *instruction {
            Instruction::StackAlloc { capacity } => Some((Strategy::FirstFit, capacity.0)),
            Instruction::StackAllocBump { capacity } => Some((Strategy::Bump, capacity.0)),
            Instruction::StackAllocPool { capacity, place } => Some((Strategy::Pool(place.0), capacity.0)),
            _ => None,
        }
    }

    /// The instruction that opens an arena of so many bytes.
    #[must_use]
    pub const fn opening(self, capacity: u32) -> Instruction {
        let capacity = Capacity(capacity);
        match self {
            Strategy::FirstFit => Instruction::StackAlloc { capacity },
            Strategy::Bump => Instruction::StackAllocBump { capacity },
            Strategy::Pool(place) => Instruction::StackAllocPool { capacity, place: Size(place) },
        }
    }

    /// The most bytes that one variable can have.
    #[must_use]
    pub const fn widest(self) -> u32 {
        match self {
            Strategy::FirstFit | Strategy::Bump => u32::MAX,
            Strategy::Pool(place) => place,
        }
    }

    /// How many bytes a variable of this size takes.
    #[must_use]
    pub const fn taken_by(self, size: u32) -> u32 {
        match self {
            Strategy::Pool(place) if size > 0 && size <= place => place,
            _ => size,
        }
    }

    /// Whether bytes are given back before the arena ends.
    #[must_use]
    pub const fn gives_back(self) -> bool {
        !matches!(self, Strategy::Bump)
    }
}

/// What source writes behind the size of an arena; nothing for first fit.
impl fmt::Display for Strategy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Strategy::FirstFit => Ok(()),
            Strategy::Bump => f.write_str(" :bump"),
            Strategy::Pool(place) => write!(f, " :pool({place})"),
        }
    }
}

/// The same without the blank and the colon.
#[cfg(feature = "serde")]
impl serde::Serialize for Strategy {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Strategy::FirstFit => serializer.serialize_str("first fit"),
            Strategy::Bump | Strategy::Pool(_) => serializer.serialize_str(self.to_string().trim_start_matches(" :")),
        }
    }
}

/// What is free in one arena.
#[derive(Clone, Debug)]
pub struct Allocator {
    strategy: Strategy,
    free: FreeList,
}

impl Allocator {
    /// An arena of this many bytes, all of them free.
    #[must_use]
    pub fn new(strategy: Strategy, capacity: u32) -> Allocator {
        Allocator { strategy, free: FreeList::new(capacity) }
    }

    /// How variables are placed.
    #[must_use]
    pub const fn strategy(&self) -> Strategy {
        self.strategy
    }

    /// The blocks that are free.
    #[must_use]
    pub const fn free(&self) -> &FreeList {
        &self.free
    }

    /// How many bytes are not free.
    #[must_use]
    pub const fn taken(&self) -> u32 {
        self.free.capacity() - self.free.free_bytes()
    }

    /// Places a variable of this size, and gives the offset of its first byte. Nothing is taken for a size of 0.
    ///
    /// # Errors
    ///
    /// There is no room; nothing has changed.
    pub fn allocate(&mut self, size: u32) -> Result<u32, NoRoom> {
        self.free.allocate(self.strategy.taken_by(size))
    }

    /// Places a variable of this size at an offset that was found out beforehand.
    ///
    /// # Errors
    ///
    /// Something is there; nothing has changed.
    pub fn allocate_at(&mut self, offset: u32, size: u32) -> Result<(), NotFree> {
        self.free.take(offset, self.strategy.taken_by(size))
    }

    /// Ends a variable of this size that stands at an offset.
    ///
    /// # Errors
    ///
    /// No such variable stands there; nothing has changed.
    pub fn release(&mut self, offset: u32, size: u32) -> Result<(), NotAllocated> {
        if self.strategy.gives_back() { self.take_back_allocate(offset, size) } else { Ok(()) }
    }

    /// Makes what the last [`allocate`](Allocator::allocate) took free, whatever the strategy.
    pub(crate) fn take_back_allocate(&mut self, offset: u32, size: u32) -> Result<(), NotAllocated> {
        self.free.release(offset, self.strategy.taken_by(size))
    }

    /// Takes again what the last [`release`](Allocator::release) gave back.
    pub(crate) fn take_back_release(&mut self, offset: u32, size: u32) -> Result<(), NotFree> {
        if self.strategy.gives_back() { self.allocate_at(offset, size) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bump_arena_never_looks_back() {
        let mut arena = Allocator::new(Strategy::Bump, 12);
        assert_eq!(arena.allocate(4), Ok(0));
        assert_eq!(arena.allocate(2), Ok(4));
        assert_eq!(arena.release(0, 4), Ok(()));
        assert_eq!(arena.allocate(4), Ok(6));
        assert_eq!((arena.taken(), arena.allocate(4)), (10, Err(NoRoom { need: 4, free: 2, largest: 2 })));
    }

    #[test]
    fn a_pool_has_equal_places_and_takes_the_first_free_one() {
        let mut arena = Allocator::new(Strategy::Pool(4), 14);
        assert_eq!([arena.allocate(1), arena.allocate(4), arena.allocate(2)], [Ok(0), Ok(4), Ok(8)]);
        assert_eq!(arena.allocate(1), Err(NoRoom { need: 4, free: 2, largest: 2 }));
        assert_eq!([arena.release(8, 2), arena.release(0, 1)], [Ok(()), Ok(())]);
        assert_eq!([arena.allocate(3), arena.allocate(3)], [Ok(0), Ok(8)]);
    }

    #[test]
    fn what_was_done_is_undone_under_every_strategy() {
        for strategy in [Strategy::FirstFit, Strategy::Bump, Strategy::Pool(8)] {
            let mut arena = Allocator::new(strategy, 32);
            let first = arena.allocate(4).expect("room");
            let before = arena.free().clone();
            arena.release(first, 4).expect("allocated");
            arena.take_back_release(first, 4).expect("free");
            assert_eq!(arena.free(), &before, "{strategy:?}");
            arena.take_back_allocate(first, 4).expect("allocated");
            assert_eq!(arena.free(), &FreeList::new(32), "{strategy:?}");
        }
    }

    #[test]
    fn strategies_and_instructions_are_one_to_one() {
        for strategy in [Strategy::FirstFit, Strategy::Bump, Strategy::Pool(4)] {
            assert_eq!(Strategy::opened_by(&strategy.opening(64)), Some((strategy, 64)));
        }
        assert_eq!(Strategy::opened_by(&Instruction::StackFree {}), None);
    }
}
