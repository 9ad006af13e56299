//! What the engine wants to know of a function, found out when it is first called: the cells that it takes and gives,
//! and what its basic blocks cost.

use crate::meter::bookkeeping;
use crate::value::CellKind;
use core::ops::Range;
use vega_format::blocks::Blocks;
use vega_format::container::Function;
use vega_format::instruction::walk;
use vega_format::parsed::Parsed;
use vega_format::types::Type;
use vega_format::verify::{parameter_cells, result_cells};

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
}

impl Facts {
    /// How many cells the parameters have.
    pub(crate) fn parameter_count(&self) -> usize {
        self.parameters.len()
    }

    /// `None` where a type cannot be passed or the code is malformed, which the verifier refuses.
    pub(super) fn of(module: &Parsed<'_>, function: &Function<'_>) -> Option<Facts> {
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
        })
    }

    /// The block that starts at this offset.
    pub(super) fn block(&self, start: u32) -> Option<BlockFacts> {
        let place = self.blocks.binary_search_by_key(&start, |block| block.start).ok()?;
        self.blocks.get(place).copied()
    }
}

/// The cells in which parameters of these types are passed.
pub(super) fn kinds(module: &Parsed<'_>, types: &[Type]) -> Option<Vec<CellKind>> {
    let mut kinds = Vec::new();
    for type_ in types {
        kinds.extend(parameter_cells(module.stencils(), type_).ok()?.into_iter().map(CellKind::from));
    }
    Some(kinds)
}
