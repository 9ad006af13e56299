//! A frame: where its function is, its open arenas, and its slot table.
//!
//! The table has an entry for each slot that was touched, so a function with many slots costs nothing by declaring
//! them. A slot knows the arena in which it lives by number; when that arena has ended, the slot has, too.

use super::facts::Facts;
use alloc::collections::BTreeMap;
use alloc::rc::Rc;
use alloc::vec::Vec;
use vega_format::allocator::{Allocator, Strategy};
use vega_format::container::{Function, SlotKind};
use vega_format::types::Tag;

/// An open arena.
#[derive(Debug, Clone)]
pub(crate) struct Arena {
    /// Which arena of the run it is: no two have the same number.
    number: u64,
    /// Where its bytes start in linear memory.
    pub(crate) start: usize,
    /// What is free in it, and how slots are placed.
    pub(crate) places: Allocator,
}

impl Arena {
    pub(super) fn new(number: u64, start: usize, strategy: Strategy, capacity: u32) -> Arena {
        Arena { number, start, places: Allocator::new(strategy, capacity) }
    }

    pub(crate) fn capacity(&self) -> u32 {
        self.places.free().capacity()
    }
}

/// Where the bytes of a slot are.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Held {
    /// The index of its arena in the frame.
    pub(crate) arena: usize,
    number: u64,
    /// Offset in the arena.
    pub(crate) offset: u32,
    /// Bytes.
    pub(crate) size: u32,
    /// The type of the value that is there; none before the first store.
    pub(crate) tag: Option<Tag>,
}

/// What the slot table says about a slot.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Found {
    /// It was never allocated.
    Never,
    /// It was freed, or its arena has ended.
    Ended,
    /// It is there.
    Live(Held),
}

/// An active call.
#[derive(Debug, Clone)]
pub(crate) struct Frame<'p> {
    pub(crate) function: Function<'p>,
    pub(crate) facts: Rc<Facts>,
    /// Offset of the next instruction.
    pub(crate) ip: u32,
    /// Where the basic block ends that was paid for; equal to `ip` when the next one must be.
    pub(super) block_end: u32,
    /// Offset of the instruction in execution.
    pub(crate) at: u32,
    /// The cells of the frame before that instruction.
    pub(crate) sp: u32,
    /// Its lowest cell among all cells: the first parameter.
    pub(crate) base: usize,
    /// Outermost first.
    pub(crate) arenas: Vec<Arena>,
    slots: BTreeMap<u16, Option<Held>>,
}

impl<'p> Frame<'p> {
    pub(super) fn new(function: Function<'p>, facts: Rc<Facts>, ip: u32, base: usize) -> Frame<'p> {
        let (arenas, slots) = (Vec::new(), BTreeMap::new());
        let sp = facts.parameters.len() as u32;
        Frame { function, facts, ip, block_end: ip, at: ip, sp, base, arenas, slots }
    }

    /// What the frame counts for in memory.
    pub(super) fn bytes(&self) -> u64 {
        8 * (self.facts.parameters.len() as u64 + u64::from(self.function.max_stack))
    }

    /// What a slot was declared to be.
    pub(crate) fn kind(&self, slot: u16) -> Option<SlotKind> {
        self.function.slots.get(usize::from(slot)).copied()
    }

    /// What the table says about a slot.
    pub(crate) fn find(&self, slot: u16) -> Found {
        match self.slots.get(&slot) {
            None => Found::Never,
            Some(Some(held)) if self.arenas.get(held.arena).is_some_and(|arena| arena.number == held.number) => {
                Found::Live(*held)
            }
            Some(_) => Found::Ended,
        }
    }

    /// The slots that are there.
    pub(crate) fn live(&self) -> impl Iterator<Item = (u16, Held)> {
        self.slots.keys().filter_map(|slot| match self.find(*slot) {
            Found::Live(held) => Some((*slot, held)),
            Found::Never | Found::Ended => None,
        })
    }

    /// The slot is there from now on, in the innermost arena.
    pub(super) fn hold(&mut self, slot: u16, offset: u32, size: u32, tag: Option<Tag>) {
        if let Some((arena, innermost)) = self.arenas.iter().enumerate().next_back() {
            self.slots.insert(slot, Some(Held { arena, number: innermost.number, offset, size, tag }));
        }
    }

    /// The slot has a value of this type from now on.
    pub(super) fn set_tag(&mut self, slot: u16, tag: Tag) {
        if let Some(Some(held)) = self.slots.get_mut(&slot) {
            held.tag = Some(tag);
        }
    }

    /// The slot is gone.
    pub(super) fn end(&mut self, slot: u16) {
        self.slots.insert(slot, None);
    }
}
