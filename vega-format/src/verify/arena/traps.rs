//! Traps that are certain: found in the state of one path, and kept if no other path can come with another state.

use super::{Buffers, Pass, Site, TrapPlace};
use crate::blocks::Blocks;
use crate::container::Function;
use crate::instruction::{Instruction, Slot, walk};
use crate::trap::Trap;
use crate::verify::MOST_TRAPS;
use alloc::vec::Vec;

impl Buffers {
    /// The slots of which some traps speak are those that matter where paths meet.
    pub(super) fn watch(&mut self, function: &Function<'_>, traps: &[(u32, Trap)]) {
        self.watched.clear();
        self.watched.resize(function.slots.len(), false);
        for (offset, _) in traps {
            let code = function.code.get(*offset as usize..).unwrap_or_default();
            let slot = Instruction::decode(code).ok().and_then(|(instruction, _)| instruction.slot());
            let place = slot.and_then(|slot| self.watched.get_mut(usize::from(slot.0)));
            place.into_iter().for_each(|place| *place = true);
        }
    }
}

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
    /// with different slots, of those that traps speak of. What runs out on one path does so on all where the arena looks the same
    /// on all of them, unless the slot could be there already.
    pub(super) fn keep_certain_traps(&mut self, blocks: &Blocks) {
        let code = self.function.code;
        let other_slots = reached_from(code, blocks, core::mem::take(&mut self.mixed_slots));
        let other_arenas = reached_from(code, blocks, core::mem::take(&mut self.mixed_arenas));
        if other_slots.is_empty() && other_arenas.is_empty() {
            return;
        }
        // By slot, how many instructions allocate it, counted up to two.
        let mut allocations = vec![0u8; self.function.slots.len()];
        for (_, instruction) in walk(code).map_while(Result::ok) {
            if let Instruction::VarAlloc { slot, .. } | Instruction::StencilAlloc { slot, .. } = instruction
                && let Some(count) = allocations.get_mut(usize::from(slot.0))
            {
                *count = (*count + 1).min(2);
            }
        }
        let is_certain = |place: &TrapPlace| {
            let same_slots = other_slots.get(place.block) != Some(&true);
            let Some((site, slot)) = place.room else { return same_slots };
            let is_static = self.facts.sites.get(site).is_some_and(Site::is_static);
            let same_arenas = is_static || other_arenas.get(place.block) != Some(&true);
            same_arenas && (same_slots || allocations.get(usize::from(slot)) == Some(&1))
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
