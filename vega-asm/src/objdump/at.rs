//! What stands at an offset of the file: the field, and in the code the instruction and its source line.

use super::{Views, names};
use crate::spelling::{self, Labels};
use serde::Serialize;
use std::io::{self, Write};
use vega_format::Parsed;
use vega_format::container::Function;
use vega_format::fields::{Field, explain};
use vega_format::instruction::walk;
use vega_format::text::line_of;

/// What was found.
#[derive(Serialize)]
pub(super) struct Place {
    offset: usize,
    part: String,
    field: String,
    value: String,
    rule: String,
    function: Option<String>,
    /// In the code of the function.
    code_offset: Option<u32>,
    /// The one to which the byte belongs.
    instruction: Option<String>,
    source: Option<String>,
}

/// `None`: the file is shorter.
pub(super) fn of(parsed: &Parsed<'_>, offset: usize, views: &Views) -> Option<Place> {
    let found = explain(parsed.bytes(), |field| match field.range.contains(&offset) {
        true => Err(Box::new(field)),
        false => Ok(()),
    });
    let Field { part, name, value, rule, faults, .. } = *found.err()?;
    // What makes no sense has no value.
    let value = faults.into_iter().next().filter(|_| value.is_empty()).map_or(value, |fault| fault.words.into());
    // Functions stand in the order of their code.
    let function = parsed
        .functions()
        .find(|function| (function.code_offset..function.code_offset + function.code.len()).contains(&offset));
    let code_offset = function.map(|function| (offset - function.code_offset) as u32);
    let instruction = function.zip(code_offset).and_then(|(function, at)| instruction(parsed, &function, at, views));
    let line = function.zip(code_offset).and_then(|(function, at)| parsed.source_line(function.index, at));
    Some(Place {
        offset,
        part: part.to_string(),
        field: name.into_owned(),
        value: value.into_owned(),
        rule: format!("spec/{rule}"),
        function: function.map(|function| names::name_of(&function, views)),
        code_offset,
        instruction,
        source: line.map(|(source, line)| line_of(source, line)),
    })
}

/// The instruction of which a byte of the code is a part.
fn instruction(parsed: &Parsed<'_>, function: &Function<'_>, at: u32, views: &Views) -> Option<String> {
    let (offset, instruction) =
        walk(function.code).map_while(Result::ok).take_while(|(offset, _)| *offset <= at).last()?;
    let (labels, naming) = (Labels::of(function), names::naming(views));
    let is_whole = at < offset + instruction.width() as u32;
    is_whole.then(|| spelling::instruction(parsed, function, &labels, offset, &instruction, naming))
}

pub(super) fn write(out: &mut dyn Write, parsed: &Parsed<'_>, offset: usize, views: &Views) -> io::Result<()> {
    super::heading(out, &format!("At 0x{offset:x}"))?;
    let Some(place) = of(parsed, offset, views) else {
        return writeln!(out, "  nothing: the file has 0x{:x} bytes", parsed.bytes().len());
    };
    writeln!(out, "  {}: {} = {} ({})", place.part, place.field, place.value, place.rule)?;
    if let (Some(function), Some(at)) = (place.function, place.code_offset) {
        let source = place.source.map(|source| format!(", {}", vega_report::quote(&source))).unwrap_or_default();
        writeln!(out, "  {}{source}", names::place(&function, at, views))?;
    }
    if let Some(instruction) = place.instruction {
        writeln!(out, "  {instruction}")?;
    }
    Ok(())
}
