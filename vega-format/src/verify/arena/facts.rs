//! What the pass finds out about the arenas of a function.

use crate::allocator::Strategy;
use crate::stencil::StencilTable;
use crate::trap::Trap;
use alloc::vec::Vec;

/// What is known of the arenas of a function.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Arenas {
    /// The `alloc` blocks, by the offsets of the instructions that open them; those that cannot be reached are not there.
    pub sites: Vec<Site>,
    /// Where slots are placed in blocks of static layout, by the offsets of the instructions.
    pub placements: Vec<Placement>,
    /// Where aliases point in blocks of static layout, by the offsets of the instructions that make them; one whose place the
    /// program computes may be anywhere in its arena.
    pub aliases: Vec<Placement>,
    /// Bytes of open arenas at each call, by the offsets of the calls.
    pub calls: Vec<(u32, u64)>,
    /// The most bytes of open arenas, and the offset of the instruction that brings them there.
    pub most_open: (u64, u32),
    /// Instructions that trap whenever they are reached, by offset.
    pub certain: Vec<(u32, Trap)>,
}

impl Arenas {
    /// Of an instruction that places a slot: the smallest capacity that is enough for its arena, if the layout is static.
    pub fn enough(&self, offset: u32) -> Option<u32> {
        let placement = self.placements.binary_search_by_key(&offset, |placement| placement.offset).ok()?;
        self.sites.get(self.placements.get(placement)?.site)?.enough()
    }
}

/// An `alloc` block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Site {
    /// The offset of the instruction that opens it.
    pub offset: u32,
    /// How it places slots.
    pub strategy: Strategy,
    /// Its bytes.
    pub capacity: u32,
    /// The offset of the place where paths disagree about it; `None` if its layout is static.
    pub disagreement: Option<u32>,
    /// The smallest capacity that is enough for what is known to be placed in it; more than an arena can have if none is.
    pub high_water: u32,
}

impl Site {
    /// Whether every offset in it is a constant.
    pub fn is_static(&self) -> bool {
        self.disagreement.is_none()
    }

    /// The smallest capacity that is enough, if the layout is static; `None` as well if no arena has so many bytes.
    pub fn enough(&self) -> Option<u32> {
        (self.is_static() && self.high_water <= StencilTable::MOST_BYTES).then_some(self.high_water)
    }

    /// Whether it can never run out of memory.
    pub fn always_fits(&self) -> bool {
        self.is_static() && self.high_water <= self.capacity
    }
}

/// A slot in a block of static layout, or an alias into it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placement {
    /// The offset of the instruction that allocates or makes it.
    pub offset: u32,
    /// The offset of the last instruction that ends it.
    pub end: u32,
    /// The slot.
    pub slot: u16,
    /// The index of its site.
    pub site: usize,
    /// The offset of its first byte in the arena.
    pub at: u32,
    /// Its bytes.
    pub size: u32,
}
