//! Arenas are opened and ended in pairs: the same number is open on all paths into a place, none at a return, and at
//! least one wherever memory is reserved.
//!
//! What happens inside an arena (out of memory, use after free) is checked when it runs.

use super::Fault;
use crate::blocks::{Block, Body, walk};
use crate::error::Rule;
use crate::instruction::Instruction;

pub(super) fn check(body: &Body, blocks: &[Block]) -> Result<(), Fault> {
    walk(
        body,
        blocks,
        0u32,
        |open, offset, instruction| {
            let mnemonic = instruction.row().mnemonic;
            let fault = |rule, words: String| Err(Fault::new(rule, offset, mnemonic, words));
            match instruction {
                Instruction::StackAlloc { .. } => *open += 1,
                Instruction::StackFree {}
                | Instruction::VarAlloc { .. }
                | Instruction::StencilAlloc { .. }
                | Instruction::VarPtr { .. }
                    if *open == 0 =>
                {
                    return fault(Rule::OpenArena, "no arena is open".to_owned());
                }
                Instruction::StackFree {} => *open -= 1,
                Instruction::Return {} if *open > 0 => {
                    return fault(Rule::ArenaLeft, format!("{open} arenas are open; none may be at a return"));
                }
                _ => {}
            }
            Ok(())
        },
        |first, second, offset| match first == second {
            true => Ok(()),
            false => {
                let words = format!("paths meet with {first} and with {second} arenas open");
                Err(Fault::new(Rule::ArenaJoin, offset, "", words))
            }
        },
    )
}
