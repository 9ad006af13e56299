//! [`Need`]: the most that the calls of a module can take, out of its proof.
//!
//! Blocks of a dynamic layout are not in it: their slot tables are made while they are open.

use super::{Stop, code_of};
use crate::loaded::Loaded;
use alloc::vec::Vec;
use vega_format::proof::{Proof, Worst};

/// What the calls of the exported functions of a module take at most.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Need {
    /// Bytes behind the static blocks: those of arenas, and a little more.
    pub(crate) memory: u64,
    /// The function that needs so many.
    pub(crate) most: u32,
    /// Calls that wait for others.
    pub(super) frames: usize,
    /// Registers before those of the innermost frame.
    pub(super) registers: u32,
    /// Functions that limit their activations.
    pub(super) limited: usize,
}

/// Why that cannot be said.
pub(crate) enum NoNeed {
    /// Nothing bounds this function.
    Unbounded(u32),
    /// A function cannot be translated.
    TooLarge,
}

impl Need {
    /// Translates all functions on the way.
    pub(crate) fn of(loaded: &Loaded) -> Result<Need, NoNeed> {
        let (module, summaries) = (loaded.module(), loaded.verified().summaries());
        let mut translator = None;
        let codes = (0..module.function_count()).map(|function| code_of((loaded, false), &mut translator, function));
        let codes = codes.collect::<Result<Vec<_>, Stop>>().map_err(|_| NoNeed::TooLarge)?;
        let kept = |function: u32| codes.get(function as usize).map_or(0, |code| code.most_kept.into());
        let [depth, registers] = [Proof::of(&summaries.weighed(|_| 1)), Proof::of(&summaries.weighed(kept))];
        let mut need = Need { limited: codes.iter().filter(|code| code.limit.is_some()).count(), ..Need::default() };
        let called = module.exported_functions().map(|function| function.index);
        for function in called.chain(module.entry().map(|entry| entry.function)) {
            let most = |proof: &Proof| match proof.worst(function) {
                Worst::Bytes(bytes) => Ok(bytes.total()),
                Worst::Unbounded => Err(NoNeed::Unbounded(function)),
            };
            let whole = |count: u64| usize::try_from(count).unwrap_or(usize::MAX);
            let memory = most(loaded.verified().proof())?;
            if memory >= need.memory {
                (need.memory, need.most) = (memory, function);
            }
            need.frames = need.frames.max(whole(most(&depth)?));
            need.registers = need.registers.max(u32::try_from(most(&registers)?).unwrap_or(u32::MAX));
        }
        Ok(need)
    }
}
