//! Instructions that are looked for: those that call a function, read a slot, or hold a piece of text.

use super::Views;
use super::names::{self, name_of};
use crate::meant::is_meant;
use crate::spelling::{self, Labels};
use serde::Serialize;
use std::io::{self, Write};
use vega_format::Parsed;
use vega_format::container::{Function, FunctionDebug};
use vega_format::instruction::{Effect, Instruction, Rule, Space, walk};
use vega_format::parsed::CallTarget;
use vega_format::text::line_of;

/// An instruction that was found.
#[derive(Serialize)]
pub(super) struct Row {
    function: String,
    /// In the code of the function.
    offset: u32,
    text: String,
    meaning: Option<String>,
    source: Option<String>,
}

pub(super) fn rows<'a>(parsed: &'a Parsed<'a>, views: &'a Views) -> impl Iterator<Item = Row> + 'a {
    let functions = parsed.functions().filter(|function| views.wants(function));
    functions.flat_map(move |function| {
        let (debug, labels) = (parsed.debug(function.index), Labels::of(&function));
        walk(function.code).map_while(Result::ok).filter_map(move |(offset, instruction)| {
            let debug = debug.as_ref();
            let text = spelling::instruction(parsed, &function, &labels, offset, &instruction, names::naming(views));
            let meaning = spelling::meaning(parsed, &function, debug, offset, &instruction);
            let is_called = |name: &String| calls(parsed, &function, offset, &instruction, name);
            let is_read = |name: &String| reads(&instruction, debug, name);
            let has_text =
                |piece: &String| [Some(&text), meaning.as_ref()].iter().flatten().any(|text| text.contains(piece));
            let is_found = views.who_calls.as_ref().is_some_and(is_called)
                || views.reads_slot.as_ref().is_some_and(is_read)
                || views.grep.as_ref().is_some_and(has_text);
            let source = parsed.source_line(function.index, offset).map(|(source, line)| line_of(source, line));
            is_found.then(|| Row { function: name_of(&function, views), offset, text, meaning, source })
        })
    })
}

/// Whether it calls a function that is meant by this name.
fn calls(parsed: &Parsed<'_>, function: &Function<'_>, offset: u32, instruction: &Instruction, name: &str) -> bool {
    let target = match instruction.index() {
        Some((Space::Functions, called)) => parsed.call_target(function.index, offset, called),
        Some((Space::Imports, import)) => CallTarget::Import(import),
        _ => return false,
    };
    match target {
        CallTarget::Function(called) => parsed.function(called).is_some_and(|called| is_meant(name, called.name)),
        CallTarget::Import(import) => parsed.import(import).is_some_and(|import| is_meant(name, import.name)),
    }
}

/// Whether it reads the bytes of a slot, or lends them: a slot of this name, or of this number.
fn reads(instruction: &Instruction, debug: Option<&FunctionDebug>, name: &str) -> bool {
    let row = instruction.row();
    let lends = matches!(row.effect, Effect::By(Rule::ArrayView | Rule::FieldView | Rule::TextView, _));
    let Some((Space::Slots, slot)) = instruction.index() else { return false };
    let is_named = debug.and_then(|debug| debug.slots.get(slot as usize)).is_some_and(|found| found.as_str() == name);
    (row.arena.starts_with("reads") || lends) && (is_named || name.parse() == Ok(slot))
}

pub(super) fn write(out: &mut dyn Write, parsed: &Parsed<'_>, views: &Views) -> io::Result<()> {
    super::heading(out, "Found")?;
    let mut found = 0;
    for Row { function, offset, text, meaning, source } in rows(parsed, views) {
        found += 1;
        let source = source.map(|source| vega_report::quote(&source));
        let comment: Vec<String> = meaning.into_iter().chain(source).collect();
        let place = names::place(&function, offset, views);
        let comment = if comment.is_empty() { String::new() } else { format!("  ; {}", comment.join(", ")) };
        writeln!(out, "  {place}  {text}{comment}")?;
    }
    if found == 0 { writeln!(out, "  nothing") } else { Ok(()) }
}
