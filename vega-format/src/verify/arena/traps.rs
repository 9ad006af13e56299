//! Traps that are certain: found in the state of one path, and kept if no other path can come with another state.

use super::{Pass, Site, TrapPlace};
use crate::blocks::Blocks;
use crate::instruction::{Instruction, Slot, walk};
use crate::trap::Trap;
use crate::verify::MOST_TRAPS;
use alloc::vec::Vec;

impl Pass<'_> {
    /// Free bytes within the capacity, in all and in one hole, before a range was reserved that does not fit.
    pub(super) fn room(&self, level: usize, capacity: u32, at: u32, size: u32) -> (u32, u32) {
        let Some(open) = self.open.get(level) else { return (0, 0) };
        let reserved = (at < capacity).then(|| capacity - at.min(capacity)).map(|width| width.min(size));
        let holes = open.places.free().blocks().filter(|(start, _)| *start < capacity);
        let widths = holes.map(|(start, width)| width.min(capacity - start)).chain(reserved);
        widths.fold((0, 0), |(sum, most): (u32, u32), width| (sum.saturating_add(width), most.max(width)))
    }

    /// A slot is used that is gone. On another path it may be gone for another reason.
    pub(super) fn use_gone(&mut self, offset: u32, slot: Slot, freed: bool, trap: impl FnOnce(u16) -> Trap) {
        let trap = if freed { trap(slot.0) } else { Trap::NeverAllocated { slot: slot.0 } };
        self.trap(offset, trap);
    }

    /// An instruction that traps whenever it is reached in the state that was found. Nothing moves: who traps goes no further.
    pub(super) fn trap(&mut self, offset: u32, trap: Trap) {
        self.trap_in(offset, trap, None);
    }

    pub(super) fn trap_in(&mut self, offset: u32, trap: Trap, room: Option<(usize, u16)>) {
        if self.facts.certain.len() < MOST_TRAPS {
            self.facts.certain.push((offset, trap));
            self.trap_places.push(TrapPlace { block: self.block, room });
        }
    }

    /// Forgets the traps that were found on one path and may not happen on another: behind a place where paths come
    /// with different slots. An arena of static layout that runs out does so on all paths, unless the slot could be
    /// there already on one of them.
    pub(super) fn keep_certain_traps(&mut self, blocks: &Blocks) {
        let uncertain = reached_from(self.function.code, blocks, core::mem::take(&mut self.mixed));
        if uncertain.is_empty() {
            return;
        }
        // By slot, how many instructions allocate it, counted up to two.
        let mut allocations = vec![0u8; self.function.slots.len()];
        for (_, instruction) in walk(self.function.code).map_while(Result::ok) {
            if let Instruction::VarAlloc { slot, .. } | Instruction::StencilAlloc { slot, .. } = instruction
                && let Some(count) = allocations.get_mut(usize::from(slot.0))
            {
                *count = (*count + 1).min(2);
            }
        }
        let is_certain = |place: &TrapPlace| match place.room {
            _ if uncertain.get(place.block) != Some(&true) => true,
            Some((site, slot)) => {
                let is_static = self.facts.sites.get(site).is_some_and(Site::is_static);
                is_static && allocations.get(usize::from(slot)) == Some(&1)
            }
            None => false,
        };
        let certain: Vec<bool> = self.trap_places.iter().map(is_certain).collect();
        let mut certain = certain.into_iter();
        self.facts.certain.retain(|_| certain.next().unwrap_or(false));
    }
}

/// Which blocks paths from these lead to, they themselves among them; empty if there are none.
fn reached_from(code: &[u8], blocks: &Blocks, mut work: Vec<usize>) -> Vec<bool> {
    let mut reached = vec![false; if work.is_empty() { 0 } else { blocks.len() }];
    while let Some(block) = work.pop() {
        let Some(place) = reached.get_mut(block).filter(|reached| !**reached) else { continue };
        *place = true;
        let last = blocks.instructions(code, block).last().map(|(_, instruction)| instruction);
        work.extend(blocks.successors(block, last).into_iter().flatten());
    }
    reached
}
