//! The functions: signature, parameters, slots, and the code with offsets, bytes, and what its numbers mean.

use super::lazily::Lazily;
use super::names::name_of;
use super::points::{Before, Known};
use super::{Subject, Texts, Views};
use crate::hex;
use crate::spelling::{self, Labels, Naming};
use serde::Serialize;
use std::io::{self, Write};
use vega_format::Parsed;
use vega_format::container::{Function, FunctionDebug, SlotKind};
use vega_format::instruction::Instruction;
use vega_format::text::counted;
use vega_format::verify::PointFinder;

/// The bytes of an instruction that fit in their column.
const BYTES_COLUMN: usize = 24;
/// The text of an instruction up to the comment.
const CODE_COLUMN: usize = 34;

/// A function, up to its code.
#[derive(Serialize)]
struct Head {
    number: u32,
    name: String,
    readable: String,
    exported: bool,
    /// Where its code stands in the file.
    offset: usize,
    /// Bytes of its code.
    bytes: usize,
    /// The most cells of its expression stack.
    stack: u16,
    /// The most activations that may be live at once, if there is a limit.
    limit: Option<u32>,
    source: Option<String>,
    line: Option<u32>,
    parameters: Vec<Parameter>,
    slots: Vec<Slot>,
}

#[derive(Serialize)]
struct Parameter {
    name: String,
    type_name: String,
}

#[derive(Serialize)]
struct Slot {
    number: usize,
    /// As `.slot` spells it.
    kind: String,
    /// The types that a variable may have.
    types: Option<String>,
    name: String,
}

/// An instruction; or what stands in its place.
#[derive(Serialize)]
struct Row {
    /// In the code of the function.
    offset: u32,
    label: Option<String>,
    /// In hex.
    bytes: String,
    /// Empty behind the last instruction, where only a label stands.
    text: String,
    /// What its operands mean.
    meaning: Option<String>,
    line: Option<u32>,
    /// The text of the line, if that was asked for and found.
    #[serde(skip_serializing_if = "Option::is_none")]
    line_text: Option<String>,
    /// What the verifier knows there, if that was asked for and paths come there.
    #[serde(skip_serializing_if = "Option::is_none")]
    before: Option<Before>,
    /// Why no instruction begins here.
    fault: Option<String>,
}

/// A function as data.
#[derive(Serialize)]
struct Whole<I: Serialize> {
    #[serde(flatten)]
    head: Head,
    instructions: I,
}

pub(super) fn rows<'a>(subject: &'a Subject<'a>, views: &'a Views) -> impl Iterator<Item = impl Serialize + use<'a>> {
    let parsed = subject.parsed;
    let mut finder = views.types.then(|| PointFinder::new(parsed));
    parsed.functions().filter(|function| views.wants(function)).map(move |function| {
        let code = Code::new(subject, function, finder.as_mut(), views);
        Whole { head: head(parsed, &function, code.debug.as_ref()), instructions: code }
    })
}

pub(super) fn write(out: &mut dyn Write, subject: &Subject<'_>, views: &Views) -> io::Result<()> {
    let mut finder = views.types.then(|| PointFinder::new(subject.parsed));
    for function in subject.parsed.functions().filter(|function| views.wants(function)) {
        let code = Code::new(subject, function, finder.as_mut(), views);
        write_head(out, &name_of(&function, views), &head(subject.parsed, &function, code.debug.as_ref()), views)?;
        write_code(out, &code, views)?;
    }
    Ok(())
}

fn head(parsed: &Parsed<'_>, function: &Function<'_>, debug: Option<&FunctionDebug>) -> Head {
    let names = debug.map(|debug| debug.parameters.as_slice()).unwrap_or_default();
    let parameters = function.signature.parameters.iter().enumerate();
    let slot_name =
        |number: usize| debug.and_then(|debug| debug.slots.get(number)).map(ToString::to_string).unwrap_or_default();
    Head {
        number: function.index,
        name: function.name.to_owned(),
        readable: function.signature.to_string(),
        exported: function.exported,
        offset: function.code_offset,
        bytes: function.code.len(),
        stack: function.max_stack,
        limit: function.limit,
        source: debug.and_then(|debug| parsed.sources().nth(debug.source as usize)).map(str::to_owned),
        line: debug.map(|debug| debug.line),
        parameters: parameters
            .map(|(place, type_)| Parameter {
                name: names.get(place).map(ToString::to_string).unwrap_or_default(),
                type_name: type_.to_string(),
            })
            .collect(),
        slots: function
            .slots
            .iter()
            .enumerate()
            .map(|(number, kind)| Slot {
                number,
                kind: spelling::slot_kind(parsed, *kind),
                types: match kind {
                    SlotKind::Variable(mask) => Some(mask.to_string()),
                    SlotKind::Stencil(_) | SlotKind::Alias(_) => None,
                },
                name: slot_name(number),
            })
            .collect(),
    }
}

/// The code of a function, with what is needed to spell it.
struct Code<'a> {
    parsed: &'a Parsed<'a>,
    function: Function<'a>,
    debug: Option<FunctionDebug>,
    /// The sources, if their lines are asked for.
    texts: Option<&'a Texts>,
    labels: Labels,
    /// What the verifier knows, if that is asked for.
    known: Option<Known>,
}

impl Serialize for Code<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Lazily(|| self.rows()).serialize(serializer)
    }
}

impl<'a> Code<'a> {
    fn new(
        subject: &Subject<'a>,
        function: Function<'a>,
        finder: Option<&mut PointFinder<'a>>,
        views: &Views,
    ) -> Code<'a> {
        let parsed = subject.parsed;
        let debug = parsed.debug(function.index);
        let known = finder.map(|finder| Known::of(finder, &function));
        let texts = views.source.then_some(subject.texts);
        Code { parsed, function, debug, texts, labels: Labels::of(&function), known }
    }

    fn rows(&self) -> impl Iterator<Item = Row> {
        let (code, mut at) = (self.function.code, 0);
        let rows = std::iter::from_fn(move || {
            let rest = code.get(at..).filter(|rest| !rest.is_empty())?;
            let offset = at as u32;
            let (row, width) = match Instruction::decode(rest) {
                Ok((instruction, width)) => (self.row(offset, &instruction), width),
                Err(fault) => {
                    let width = fault.width();
                    (Row { fault: Some(fault.to_string()), ..self.bare(offset, at + width) }, width)
                }
            };
            at += width;
            Some(row)
        });
        let end = self.function.code.len() as u32;
        let last = self.labels.contains(end).then(|| self.bare(end, end as usize));
        rows.chain(last)
    }

    fn row(&self, offset: u32, instruction: &Instruction) -> Row {
        let (parsed, function, debug) = (self.parsed, &self.function, self.debug.as_ref());
        Row {
            text: spelling::instruction(parsed, function, &self.labels, offset, instruction, Naming::Numbers),
            meaning: spelling::meaning(parsed, function, debug, offset, instruction),
            ..self.bare(offset, offset as usize + instruction.width())
        }
    }

    fn bare(&self, offset: u32, end: usize) -> Row {
        let label = self.labels.contains(offset).then(|| spelling::label(offset));
        let bytes = hex::spaced(self.function.code.get(offset as usize..end).unwrap_or_default());
        let line = self.debug.as_ref().and_then(|debug| debug.line_at(offset));
        let line_text = self.texts.zip(self.debug.as_ref()).and_then(|(texts, debug)| texts.line(debug.source, line?));
        Row {
            offset,
            label,
            bytes,
            text: String::new(),
            meaning: None,
            line,
            line_text: line_text.map(str::to_owned),
            before: self
                .known
                .as_ref()
                .and_then(|known| known.before(self.parsed, &self.function, self.debug.as_ref(), offset)),
            fault: None,
        }
    }
}

fn write_head(out: &mut dyn Write, name: &str, head: &Head, views: &Views) -> io::Result<()> {
    let exported = if head.exported { ", exported" } else { "" };
    let readable = if views.demangle { String::new() } else { format!(" = {}", head.readable) };
    super::heading(out, &format!("Function {}, {name}{readable}{exported}", head.number))?;
    let (bytes, offset, stack) = (counted(head.bytes, "byte"), head.offset, counted(head.stack, "stack cell"));
    let limit = head.limit.map(|limit| format!(", at most {limit} live at once")).unwrap_or_default();
    writeln!(out, "  {bytes} of code at 0x{offset:08x}, {stack}{limit}")?;
    if let (Some(source), Some(line)) = (&head.source, head.line) {
        writeln!(out, "  from {}:{line}", vega_report::quote(source))?;
    }
    for Parameter { name, type_name } in head.parameters.iter().filter(|parameter| !parameter.name.is_empty()) {
        writeln!(out, "  parameter {}: {type_name}", spelling::name(name))?;
    }
    for Slot { number, kind, types, name } in &head.slots {
        let types = types.as_ref().map(|types| format!(" ({types})")).unwrap_or_default();
        let name = if name.is_empty() { String::new() } else { format!(" {}", spelling::name(name)) };
        writeln!(out, "  slot {number}: {kind}{types}{name}")?;
    }
    Ok(())
}

fn write_code(out: &mut dyn Write, code: &Code<'_>, views: &Views) -> io::Result<()> {
    let mut line_before = None;
    for row in code.rows() {
        let line = row.line.filter(|line| line_before != Some(*line));
        line_before = row.line;
        let text = line.and(row.line_text.as_ref());
        if let (Some(line), Some(text)) = (line, text) {
            writeln!(out, "{line:>6} | {text}")?;
        }
        if let Some(label) = &row.label {
            writeln!(out, "  {label}:")?;
        }
        match &row.fault {
            Some(fault) => writeln!(out, "  {:04x}  {:<BYTES_COLUMN$}  ; {fault}", row.offset, row.bytes)?,
            None if row.text.is_empty() => {}
            None if views.types => {
                let before =
                    row.before.as_ref().map_or_else(|| "not reached, or behind a refusal".to_owned(), Before::line);
                writeln!(out, "        {before}")?;
                write_row(out, &row, line.filter(|_| text.is_none()))?;
            }
            None => write_row(out, &row, line.filter(|_| text.is_none()))?,
        }
    }
    Ok(())
}

fn write_row(out: &mut dyn Write, row: &Row, line: Option<u32>) -> io::Result<()> {
    let line = line.map(|line| format!("line {line}"));
    let comment = row.meaning.iter().chain(&line).map(String::as_str).collect::<Vec<_>>().join(", ");
    let text = format!("  {:04x}  {:<BYTES_COLUMN$}  {}", row.offset, row.bytes, row.text);
    if comment.is_empty() {
        return writeln!(out, "{text}");
    }
    writeln!(out, "{text:<width$} ; {comment}", width = 2 + 4 + 2 + BYTES_COLUMN + 2 + CODE_COLUMN)
}
