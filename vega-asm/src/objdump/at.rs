//! What stands at an offset of the file: the field, and in the code the instruction and its source line.

use super::{Views, names};
use crate::meant::is_meant;
use crate::spelling::{self, Labels};
use serde::Serialize;
use std::fmt;
use std::io::{self, Write};
use vega_format::Parsed;
use vega_format::container::Function;
use vega_format::fields::{Field, explain};
use vega_format::instruction::walk;
use vega_format::text::line_of;
use vega_report::quote;

/// What is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum At {
    /// An offset of the file.
    File(usize),
    /// An offset in the code of a function.
    Code {
        /// As it may be called on a command line.
        function: String,
        /// In the code.
        offset: usize,
    },
}

impl At {
    /// `498`, `0x1f2`, and places in code as [`names::place`] spells them.
    pub(super) fn parse(word: &str) -> Result<At, String> {
        let at = match word.rsplit_once('+').or_else(|| word.rsplit_once(" at ")) {
            Some((function, offset)) => number(offset).map(|offset| At::Code { function: function.to_owned(), offset }),
            None => number(word).map(At::File),
        };
        at.ok_or_else(|| "wanted an offset such as 498, 0x1f2 or main+0x10".to_owned())
    }

    /// The offset of the file, or why there is none.
    pub(super) fn offset(&self, parsed: &Parsed<'_>) -> Result<usize, String> {
        let (name, offset) = match self {
            At::File(offset) => {
                let bytes = parsed.bytes().len();
                return if *offset < bytes { Ok(*offset) } else { Err(format!("the file has 0x{bytes:x} bytes")) };
            }
            At::Code { function, offset } => (function, offset),
        };
        let function = parsed.functions().find(|function| is_meant(name, function.name));
        let function = function.ok_or_else(|| "there is no such function".to_owned())?;
        match *offset < function.code.len() {
            true => Ok(function.code_offset + offset),
            false => Err(format!("the function has 0x{:x} bytes of code", function.code.len())),
        }
    }
}

impl fmt::Display for At {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            At::File(offset) => write!(out, "0x{offset:x}"),
            At::Code { function, offset } => write!(out, "{}+0x{offset:04x}", quote(function)),
        }
    }
}

/// A number in decimal or behind `0x` in hex.
fn number(word: &str) -> Option<usize> {
    word.strip_prefix("0x").map_or_else(|| word.parse(), |digits| usize::from_str_radix(digits, 16)).ok()
}

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
    /// The one to which the byte belongs, and where it begins in the code.
    instruction: Option<String>,
    instruction_offset: Option<u32>,
    source: Option<String>,
}

/// What stands there, or why nothing does.
pub(super) fn of(parsed: &Parsed<'_>, at: &At, views: &Views) -> Result<Place, String> {
    let offset = at.offset(parsed)?;
    let found = explain(parsed.bytes(), |field| match field.range.contains(&offset) {
        true => Err(Box::new(field)),
        false => Ok(()),
    });
    let Err(field) = found else { return Err("no field is known there".to_owned()) };
    let Field { part, name, value, rule, faults, .. } = *field;
    // What makes no sense has no value.
    let value = faults.into_iter().next().filter(|_| value.is_empty()).map_or(value, |fault| fault.words.into());
    // Functions stand in the order of their code.
    let function = parsed
        .functions()
        .find(|function| (function.code_offset..function.code_offset + function.code.len()).contains(&offset));
    let code_offset = function.map(|function| (offset - function.code_offset) as u32);
    let instruction = function.zip(code_offset).and_then(|(function, at)| instruction(parsed, &function, at, views));
    let line = function.zip(code_offset).and_then(|(function, at)| parsed.source_line(function.index, at));
    Ok(Place {
        offset,
        part: part.to_string(),
        field: name.into_owned(),
        value: value.into_owned(),
        rule: format!("spec/{rule}"),
        function: function.map(|function| names::name_of(&function, views)),
        code_offset,
        instruction_offset: instruction.as_ref().map(|(offset, _)| *offset),
        instruction: instruction.map(|(_, text)| text),
        source: line.map(|(source, line)| line_of(source, line)),
    })
}

/// The instruction of which a byte of the code is a part, and where that begins.
fn instruction(parsed: &Parsed<'_>, function: &Function<'_>, at: u32, views: &Views) -> Option<(u32, String)> {
    let (offset, instruction) =
        walk(function.code).map_while(Result::ok).take_while(|(offset, _)| *offset <= at).last()?;
    let (labels, naming) = (Labels::of(function), names::naming(views));
    let is_whole = at < offset + instruction.width() as u32;
    is_whole.then(|| (offset, spelling::instruction(parsed, function, &labels, offset, &instruction, naming)))
}

pub(super) fn write(out: &mut dyn Write, parsed: &Parsed<'_>, at: &At, views: &Views) -> io::Result<()> {
    super::heading(out, &format!("At {at}"))?;
    let place = match of(parsed, at, views) {
        Ok(place) => place,
        Err(words) => return writeln!(out, "  nothing: {words}"),
    };
    writeln!(out, "  {}: {} = {} ({})", place.part, place.field, place.value, place.rule)?;
    if let (Some(function), Some(at)) = (place.function, place.code_offset) {
        let source = place.source.map(|source| format!(", {}", quote(&source))).unwrap_or_default();
        writeln!(out, "  {}{source}", names::place(&function, at, views))?;
    }
    if let (Some(instruction), Some(offset)) = (place.instruction, place.instruction_offset) {
        writeln!(out, "  {offset:04x}  {instruction}")?;
    }
    Ok(())
}
