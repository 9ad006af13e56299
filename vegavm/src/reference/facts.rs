//! What the engine wants to know of a function, found out when it is first called: the cells that it takes and gives,
//! what its basic blocks cost, and, if it is to rely on that, where the verifier says that slots stand.

use crate::meter::bookkeeping;
use crate::value::CellKind;
use alloc::vec::Vec;
use core::ops::Range;
use vega_format::blocks::Blocks;
use vega_format::container::Function;
use vega_format::instruction::walk;
use vega_format::parsed::Parsed;
use vega_format::types::Type;
use vega_format::verify::{Arenas, Placement, Site, Verified, parameter_cells, result_cells};

/// A basic block.
#[derive(Debug, Clone, Copy)]
pub(super) struct BlockFacts {
    start: u32,
    /// Offset of the byte behind it.
    pub(super) end: u32,
    /// What is charged on entry: one step an instruction.
    pub(super) steps: u64,
}

/// What is known of a function.
#[derive(Debug)]
pub(crate) struct Facts {
    /// The cells of the parameters.
    pub(super) parameters: Vec<CellKind>,
    /// How many cells the result has.
    pub(super) result: usize,
    /// What a frame counts for in the host's bookkeeping.
    pub(super) bookkeeping: u64,
    /// By rising start.
    blocks: Vec<BlockFacts>,
    /// Where slots are placed, by the offsets of the instructions that allocate them; nothing where the free list decides.
    placed: Vec<(u32, u32)>,
}

impl Facts {
    /// How many cells the parameters have.
    pub(crate) fn parameter_count(&self) -> usize {
        self.parameters.len()
    }

    /// With what the verifier knows of the places of slots, or without. `None` where a type cannot be passed or the code is
    /// malformed, which the verifier refuses.
    pub(super) fn of(verified: &Verified, function: &Function<'_>, is_placed: bool) -> Option<Facts> {
        let module = verified.module();
        let facts = |Range { start, end }: Range<u32>| {
            let code = function.code.get(start as usize..end as usize)?;
            let steps = walk(code).try_fold(0, |steps, instruction| instruction.map(|_| steps + 1)).ok()?;
            Some(BlockFacts { start, end, steps })
        };
        let blocks = Blocks::of(function.code).ranges().map(facts).collect::<Option<_>>()?;
        let result = match function.signature.result {
            Some(type_) => result_cells(module.stencils(), type_).ok()?.len(),
            None => 0,
        };
        Some(Facts {
            parameters: kinds(module, function.signature.parameters)?,
            result,
            bookkeeping: bookkeeping(function),
            blocks,
            placed: if is_placed { placed(&verified.arenas(function.index)) } else { Vec::new() },
        })
    }

    /// Where the instruction at this offset places its slot, if that is known.
    pub(super) fn place(&self, at: u32) -> Option<u32> {
        let found = self.placed.binary_search_by_key(&at, |(offset, _)| *offset).ok()?;
        self.placed.get(found).map(|(_, place)| *place)
    }

    /// The block that starts at this offset.
    pub(super) fn block(&self, start: u32) -> Option<BlockFacts> {
        let place = self.blocks.binary_search_by_key(&start, |block| block.start).ok()?;
        self.blocks.get(place).copied()
    }
}

/// Where slots are placed in the arenas that have a static layout and never run out: of the others the free list has to say
/// what is in them.
fn placed(arenas: &Arenas) -> Vec<(u32, u32)> {
    let is_known = |placement: &&Placement| arenas.sites.get(placement.site).is_some_and(Site::always_fits);
    let mut placed: Vec<_> = arenas.placements.iter().filter(is_known).map(|one| (one.offset, one.at)).collect();
    placed.sort_unstable();
    placed
}

/// The cells in which parameters of these types are passed.
pub(super) fn kinds(module: &Parsed<'_>, types: &[Type]) -> Option<Vec<CellKind>> {
    let mut kinds = Vec::new();
    for type_ in types {
        kinds.extend(parameter_cells(module.stencils(), type_).ok()?.into_iter().map(CellKind::from));
    }
    Some(kinds)
}
