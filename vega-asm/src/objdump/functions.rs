//! The functions: signature, parameters, slots, and the code with offsets, bytes, and what its numbers mean.

use crate::spelling;
use std::io::{self, Write};
use vega_format::Parsed;
use vega_format::container::{Function, FunctionDebug, SlotKind};
use vega_format::instruction::walk;

/// The bytes of an instruction that fit in their column.
const BYTES_COLUMN: usize = 24;
/// The text of an instruction up to the comment.
const CODE_COLUMN: usize = 34;
/// Bytes of malformed code on one line.
const RAW_BYTES: usize = 8;

pub(super) fn write(
    out: &mut dyn Write,
    parsed: &Parsed<'_>,
    wanted: &dyn Fn(&Function<'_>) -> bool,
) -> io::Result<()> {
    for function in parsed.functions().filter(wanted) {
        let debug = parsed.debug(function.index);
        head(out, parsed, &function, debug.as_ref())?;
        code(out, parsed, &function, debug.as_ref())?;
    }
    Ok(())
}

fn head(
    out: &mut dyn Write,
    parsed: &Parsed<'_>,
    function: &Function<'_>,
    debug: Option<&FunctionDebug>,
) -> io::Result<()> {
    let exported = if function.exported { ", exported" } else { "" };
    super::heading(out, &format!("Function {}, {} = {}{exported}", function.index, function.name, function.signature))?;
    let (length, offset) = (function.code.len(), function.code_offset);
    let limit = function.limit.map(|limit| format!(", at most {limit} live at once")).unwrap_or_default();
    writeln!(out, "  {length} bytes of code at 0x{offset:08x}, {} stack cells{limit}", function.max_stack)?;
    if let Some(debug) = debug {
        let source = parsed.sources().nth(debug.source as usize).unwrap_or_default();
        writeln!(out, "  from {}:{}", vega_report::quote(source), debug.line)?;
        for (type_, name) in function.signature.parameters.iter().zip(&debug.parameters) {
            if !name.is_empty() {
                writeln!(out, "  parameter {}: {type_}", spelling::name(name))?;
            }
        }
    }
    for (number, kind) in function.slots.iter().enumerate() {
        let types = match kind {
            SlotKind::Variable(mask) => format!(" ({mask})"),
            SlotKind::Stencil(_) | SlotKind::Alias(_) => String::new(),
        };
        let name = debug.and_then(|debug| debug.slots.get(number)).filter(|name| !name.is_empty());
        let name = name.map(|name| format!(" {}", spelling::name(name))).unwrap_or_default();
        writeln!(out, "  slot {number}: {}{types}{name}", spelling::slot_kind(parsed, *kind))?;
    }
    Ok(())
}

fn code(
    out: &mut dyn Write,
    parsed: &Parsed<'_>,
    function: &Function<'_>,
    debug: Option<&FunctionDebug>,
) -> io::Result<()> {
    let labels = spelling::labels(function);
    let end = function.code.len() as u32;
    let mut line_before = None;
    for item in walk(function.code) {
        let (offset, instruction) = match item {
            Ok(found) => found,
            Err(error) => return malformed(out, function.code, error.offset, &error.kind.to_string()),
        };
        if labels.contains(&offset) {
            writeln!(out, "  {}:", spelling::label(offset))?;
        }
        let bytes = function.code.get(offset as usize..offset as usize + instruction.width()).unwrap_or_default();
        let text = spelling::instruction(parsed, function, &labels, offset, &instruction, false);
        let line = debug.and_then(|debug| debug.line_at(offset));
        let line_text = line.filter(|_| line != line_before).map(|line| format!("line {line}"));
        line_before = line;
        let meaning = spelling::meaning(parsed, function, debug, offset, &instruction);
        let comment = meaning.into_iter().chain(line_text).collect::<Vec<_>>().join(", ");
        let row = format!("  {offset:04x}  {:<BYTES_COLUMN$}  {text}", hex(bytes));
        if comment.is_empty() {
            writeln!(out, "{row}")?;
        } else {
            writeln!(out, "{row:<width$} ; {comment}", width = 2 + 4 + 2 + BYTES_COLUMN + 2 + CODE_COLUMN)?;
        }
    }
    match labels.contains(&end) {
        true => writeln!(out, "  {}:", spelling::label(end)),
        false => Ok(()),
    }
}

/// Bytes that are no instruction, up to the end of the code.
fn malformed(out: &mut dyn Write, code: &[u8], offset: u32, words: &str) -> io::Result<()> {
    let rest = code.get(offset as usize..).unwrap_or_default();
    let shown = rest.get(..rest.len().min(RAW_BYTES)).unwrap_or_default();
    writeln!(out, "  {offset:04x}  {:<BYTES_COLUMN$}  ; {words}", hex(shown))?;
    match rest.len() - shown.len() {
        0 => Ok(()),
        more => writeln!(out, "        and {more} bytes more"),
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(" ")
}
