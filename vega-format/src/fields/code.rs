//! The section `code`: function by function, instruction by instruction, operand by operand.

use super::{Field, FieldFault, Walker};
use crate::instruction::{Instruction, OperandKind, Spelling};
use crate::types::{Mask, Tag};
use alloc::string::String;
use alloc::string::ToString;

pub(super) fn explain<E>(walker: &mut Walker<'_, E, impl FnMut(Field) -> Result<(), E>>, functions: &[(String, u32)]) {
    let end = walker.at() + walker.left();
    for (name, length) in functions {
        let start = walker.at();
        walker.enter(format!("code of {name}"), "instruction-set.md", start.saturating_add(*length as usize).min(end));
        while walker.left() > 0 && instruction(walker, start).is_some() {}
    }
    // Where the table is wrong there is code of which it does not tell.
    let start = walker.at();
    walker.enter("code of no known function", "instruction-set.md", end);
    while walker.left() > 0 && instruction(walker, start).is_some() {}
}

/// Tells an instruction, or a byte that begins none; `None`, if nobody wants more, or the bytes end within it.
fn instruction<E>(walker: &mut Walker<'_, E, impl FnMut(Field) -> Result<(), E>>, start: usize) -> Option<()> {
    /// More than any instruction has.
    const WIDEST: usize = 32;
    let offset = walker.at() - start;
    let row = match Instruction::decode(walker.peek(WIDEST)) {
        Ok((instruction, _)) => instruction.row(),
        Err(error) => {
            let fault = FieldFault { code: None, words: error.to_string() };
            walker.broken(error.width(), format!("0x{offset:04x}"), fault);
            return Some(());
        }
    };
    walker.bytes(1, format!("0x{offset:04x}"), row.mnemonic)?;
    for (key, kind) in row.operands {
        walker.number(kind.width, *key, |raw| operand(kind, raw))?;
    }
    Some(())
}

fn operand(kind: &OperandKind, raw: u64) -> String {
    let byte = u8::try_from(raw).ok();
    match kind.spelling {
        Spelling::Number => raw.to_string(),
        Spelling::Binary => byte.map_or_else(|| raw.to_string(), |bits| Mask::from_bits(bits).to_string()),
        Spelling::TagName => byte.and_then(Tag::from_number).map_or_else(|| raw.to_string(), |tag| tag.to_string()),
        Spelling::Label => format!("0x{raw:04x}"),
    }
}
