//! The sections that have an entry for each function: `functions` and `debug`.

use super::tables::{readable, tag_name, type_name};
use super::{Field, Walker};
use crate::text::counted;
use crate::types::Mask;
use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::string::ToString;
use alloc::vec::Vec;

/// Tells the function table, and gives the name and the bytes of code of each function that was told whole.
pub(super) fn explain<E>(walker: &mut Walker<'_, E, impl FnMut(Field) -> Result<(), E>>) -> Vec<(String, u32)> {
    let mut functions = Vec::new();
    let count = walker.plain(4, "count").unwrap_or(0);
    for number in 0..count {
        match entry(walker, number) {
            Some(function) => functions.push(function),
            None => break,
        }
    }
    functions
}

fn entry<E>(walker: &mut Walker<'_, E, impl FnMut(Field) -> Result<(), E>>, number: u64) -> Option<(String, u32)> {
    let field = |name: &str| format!("function {number}: {name}");
    let name = walker.text(field("name"))?;
    walker.number(1, field("flags"), |flags| if flags & 1 == 1 { "exported" } else { "not exported" })?;
    walker.number(2, field("stack"), |cells| counted(cells, "cell"))?;
    walker.number(4, field("limit"), |limit| match limit {
        0 => "any number of activations".to_owned(),
        limit => format!("{limit} activations"),
    })?;
    let code = walker.number(4, field("code"), |bytes| counted(bytes, "byte"))?;
    let slots = walker.plain(2, field("slots"))?;
    for slot in 0..slots {
        let field = |name: &str| format!("function {number}: slot {slot}: {name}");
        let kind = walker.number(1, field("kind"), |kind| match kind {
            1 => "a variable",
            2 => "a stencil",
            3 => "an alias",
            _ => "none that is known",
        })?;
        walker.number(4, field("operand"), |operand| match (kind, u8::try_from(operand)) {
            (1, Ok(bits)) => Mask::from_bits(bits).to_string(),
            (2, _) => type_name(operand),
            (3, _) => tag_name(operand),
            _ => operand.to_string(),
        })?;
    }
    let said = readable(name);
    Some((if said.is_empty() { format!("function {number}") } else { said }, code as u32))
}

pub(super) fn debug<E>(walker: &mut Walker<'_, E, impl FnMut(Field) -> Result<(), E>>, functions: &[(String, u32)]) {
    let count = walker.plain(4, "count").unwrap_or(0);
    for number in 0..count {
        let name = functions.get(number as usize).map_or("", |(name, _)| name.as_str());
        if debug_entry(walker, number, name).is_none() {
            return;
        }
    }
}

fn debug_entry<E>(
    walker: &mut Walker<'_, E, impl FnMut(Field) -> Result<(), E>>,
    number: u64,
    function: &str,
) -> Option<()> {
    let field = |name: &str| format!("function {number}: {name}");
    walker.number(4, field("source"), |source| format!("source {source}, of {function}"))?;
    walker.plain(4, field("line"))?;
    let records = walker.plain(4, field("line records"))?;
    for _ in 0..records {
        walker.number(4, field("code offset"), |offset| format!("0x{offset:04x}"))?;
        walker.number(4, field("line"), |line| format!("{line}, from there on"))?;
    }
    for what in ["parameter", "slot"] {
        let names = walker.plain(4, field(&format!("{what}s")))?;
        for name in 0..names {
            walker.text(field(&format!("{what} {name}")))?;
        }
    }
    Some(())
}
