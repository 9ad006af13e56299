//! The static blocks: their bytes, what stands in them, and with what they start.

use crate::hex;
use crate::spelling;
use serde::Serialize;
use std::io::{self, Write};
use vega_format::Parsed;
use vega_format::text::counted;

/// A block.
#[derive(Serialize)]
pub(super) struct Row {
    number: usize,
    capacity: u32,
    variables: Vec<Variable>,
    /// The bytes with which it starts, in hex; all behind them are zero.
    values: String,
}

#[derive(Serialize)]
struct Variable {
    offset: u32,
    bytes: u32,
    type_name: String,
}

pub(super) fn rows(parsed: &Parsed<'_>) -> impl Iterator<Item = Row> {
    parsed.statics().enumerate().map(|(number, block)| Row {
        number,
        capacity: block.capacity,
        variables: block
            .variables
            .iter()
            .map(|(offset, type_ref)| Variable {
                offset: *offset,
                bytes: parsed.stencils().size(*type_ref),
                type_name: spelling::type_of(parsed, *type_ref),
            })
            .collect(),
        values: hex::spaced(block.image),
    })
}

pub(super) fn write(out: &mut dyn Write, parsed: &Parsed<'_>) -> io::Result<()> {
    if parsed.static_count() == 0 {
        return Ok(());
    }
    super::heading(out, "Static blocks")?;
    for Row { number, capacity, variables, values } in rows(parsed) {
        writeln!(out, "  {number:<4}  {}", counted(capacity, "byte"))?;
        for Variable { offset, bytes, type_name } in variables {
            writeln!(out, "        {offset:<6}  {type_name}, {}", counted(bytes, "byte"))?;
        }
        if !values.is_empty() {
            writeln!(out, "        starts with {values}")?;
        }
    }
    Ok(())
}
