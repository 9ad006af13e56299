//! What two files differ in, by name: where a function stands and what number a constant has plays no part.

use crate::hex;
use crate::spelling::{self, Labels, Naming};
use crate::value;
use serde::Serialize;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::io::{self, Write};
use vega_format::Parsed;
use vega_format::container::{Function, Kind, SectionId, Value};
use vega_format::instruction::{Instruction, Space, walk};
use vega_format::proof::Worst;
use vega_format::stencil::{Stencil, TypeRef};
use vega_format::text::counted;

/// Two lists of lines are compared line by line if the product of their lengths, but for what they begin and end with
/// in common, is no greater.
const MOST_WORK: usize = 1 << 22;

/// Of a text in the code so many bytes are shown, for it may stand there any number of times.
const MOST_SHOWN: usize = 200;

/// What two files differ in.
#[derive(Serialize)]
pub(super) struct Difference {
    /// Whether they mean the same: their ids are equal.
    same_meaning: bool,
    /// Whether they are equal but for signatures: their ids are equal.
    same_file: bool,
    /// Whether they are equal byte for byte.
    same_bytes: bool,
    items: Vec<Item>,
}

/// A part that is not the same in both.
#[derive(Serialize)]
struct Item {
    name: String,
    /// `only in the first`, `only in the second` or `differs`.
    how: &'static str,
    /// The lines that differ, with `-` those of the first and with `+` those of the second; of code with `@@` above them, from where on.
    lines: Vec<String>,
}

pub(super) fn of(first: &Parsed<'_>, second: &Parsed<'_>) -> Difference {
    let mut texts = LongTexts::default();
    let (mut left, mut right) = (parts(first, None, &mut texts), parts(second, Some(first), &mut texts));
    let names: Vec<String> =
        left.keys().chain(right.keys().filter(|name| !left.contains_key(*name))).cloned().collect();
    let mut items = Vec::new();
    for name in names {
        let (how, lines) = match (left.remove(&name), right.remove(&name)) {
            (Some(left), Some(right)) if left == right => continue,
            (Some(left), Some(right)) => ("differs", changes(&left, &right)),
            (Some(_), None) => ("only in the first", Vec::new()),
            (None, _) => ("only in the second", Vec::new()),
        };
        items.push(Item { name, how, lines });
    }
    items.sort_by(|a, b| a.name.cmp(&b.name));
    let (ids, others) = (first.ids(), second.ids());
    if items.is_empty() && ids.whole != others.whole {
        let lines = vec!["the same stands in other places; `--bytes` shows where".to_owned()];
        items.push(Item { name: "bytes".to_owned(), how: "differs", lines });
    }
    let (same_meaning, same_file) = (ids.meaning == others.meaning, ids.whole == others.whole);
    Difference { same_meaning, same_file, same_bytes: first.bytes() == second.bytes(), items }
}

pub(super) fn write(out: &mut dyn Write, first: &Parsed<'_>, second: &Parsed<'_>) -> io::Result<()> {
    let difference = of(first, second);
    match (difference.same_meaning, difference.same_file) {
        _ if difference.same_bytes => writeln!(out, "they are the same")?,
        (_, true) => writeln!(out, "they are the same, but for signatures")?,
        (true, false) => writeln!(out, "they mean the same; only what is known about them differs")?,
        (false, false) => writeln!(out, "they do not mean the same")?,
    }
    for Item { name, how, lines } in difference.items {
        writeln!(out, "\n{name}: {how}")?;
        lines.iter().try_for_each(|line| writeln!(out, "  {line}"))?;
    }
    Ok(())
}

/// A line of a part, and where in the code and in the source that stands.
struct Line {
    text: String,
    /// The number of the text of which it shows the start only; equal texts of both files have one.
    long_text: Option<usize>,
    place: Option<(u32, Option<u32>)>,
}

impl Line {
    fn of(text: String) -> Line {
        Line { text, long_text: None, place: None }
    }

    /// `0x0010, line 3`.
    fn place(&self) -> Option<String> {
        let (offset, line) = self.place?;
        Some(format!("0x{offset:04x}{}", line.map(|line| format!(", line {line}")).unwrap_or_default()))
    }
}

/// Texts of which the start only is shown, each with a number that is the same for both files.
#[derive(Default)]
struct LongTexts<'a>(HashMap<&'a str, usize>);

impl<'a> LongTexts<'a> {
    /// Those of a file, by the numbers of its constants.
    fn of(&mut self, parsed: &'a Parsed<'_>) -> HashMap<u32, usize> {
        let constants = (0..).zip(parsed.constants());
        let long = constants.filter_map(|(constant, value)| match value {
            Value::String(text) if text.len() > MOST_SHOWN => {
                let next = self.0.len();
                Some((constant, *self.0.entry(text).or_insert(next)))
            }
            _ => None,
        });
        long.collect()
    }
}

/// Where it stands plays no part.
impl PartialEq for Line {
    fn eq(&self, other: &Line) -> bool {
        (&self.text, self.long_text) == (&other.text, other.long_text)
    }
}

/// The parts of a file by name, in lines in which nothing stands by its number that has a name; slots of the second file have
/// those of the first.
fn parts<'a>(
    parsed: &'a Parsed<'_>,
    first: Option<&Parsed<'_>>,
    texts: &mut LongTexts<'a>,
) -> BTreeMap<String, Vec<Line>> {
    let mut parts = BTreeMap::new();
    let mut put = |name: String, lines: Vec<String>| _ = parts.insert(name, lines.into_iter().map(Line::of).collect());
    let kind = match parsed.kind() {
        Kind::Program => "program",
        Kind::Library => "library",
        Kind::Object => "object",
    };
    let entry = parsed.entry().and_then(|entry| Some((parsed.function(entry.function)?, entry.result)));
    let entry = entry.map_or_else(|| "no entry".to_owned(), |(entry, result)| format!("entry {} {result}", entry.name));
    put("file".to_owned(), vec![kind.to_owned(), entry]);
    for import in parsed.imports() {
        put(
            format!("import {}", import.name),
            vec![match import.bound {
                Some(bytes) => format!("{}, at most {}", import.kind, counted(bytes, "byte")),
                None => import.kind.to_string(),
            }],
        );
    }
    for (number, stencil) in parsed.stencils().iter().enumerate() {
        if let Stencil::Struct { name, fields } = stencil {
            let types = parsed.stencils().parts(TypeRef::Stencil(number as u32));
            let field = |(field, (offset, type_ref)): (&vega_format::stencil::Field, (u32, TypeRef))| {
                format!("{offset}: {} {}", field.name, spelling::type_of(parsed, type_ref))
            };
            put(format!("struct {name}"), fields.iter().zip(types).map(field).collect());
        }
    }
    for (number, block) in parsed.statics().enumerate() {
        let variables = block.variables.iter();
        let variables =
            variables.map(|(offset, type_ref)| format!("{offset}: {}", spelling::type_of(parsed, *type_ref)));
        let image = format!("starts with {}", hex::spaced(block.image));
        let lines = [counted(block.capacity, "byte")].into_iter().chain(variables).chain([image]);
        put(format!("static block {number}"), lines.collect());
    }
    for record in parsed.recorded_proof().functions.iter() {
        let name = parsed.function(record.function).map(|function| function.name).unwrap_or_default();
        let worst = match record.worst {
            Worst::Bytes(bytes) => {
                format!("at most {} in arenas, {} on the stack", counted(bytes.arenas, "byte"), bytes.stack)
            }
            Worst::Unbounded => "no bound".to_owned(),
        };
        let lines = vec![worst, format!("never out of memory: {}", record.never_out_of_memory)];
        put(format!("proof of {name}"), lines);
    }
    for function in parsed.functions() {
        if let Some(debug) = parsed.debug(function.index) {
            // By the line before, so that what moves as a whole is one difference.
            let before = [debug.line].into_iter().chain(debug.lines.iter().map(|line| line.line));
            let steps = debug.lines.iter().zip(before).map(|(line, before)| i64::from(line.line) - i64::from(before));
            let lines = steps.map(|step| format!("line {step:+}"));
            let names = debug.parameters.iter().chain(&debug.slots).map(|name| format!("name {name}"));
            // By name: where there is one source, that it is called otherwise is told once, of the file.
            let source = parsed.sources().nth(debug.source as usize).filter(|_| parsed.sources().count() > 1);
            let declared = match source {
                Some(source) => format!("source {source}, line {}", debug.line),
                None => format!("declared in line {}", debug.line),
            };
            let known = [declared].into_iter().chain(names).chain(lines).collect();
            put(format!("lines and names of {}", function.name), known);
        }
    }
    for section in parsed.custom_sections() {
        put(format!("section {}", vega_report::quote(section.name)), vec![hex::spaced(section.bytes)]);
    }
    for id in [SectionId::Certificate, SectionId::Signature] {
        put(format!("section {id}"), vec![hex::spaced(parsed.body(id))]);
    }
    let about = parsed.sources().map(|source| format!("source {source}"));
    put("about".to_owned(), [format!("made by {}", parsed.producer())].into_iter().chain(about).collect());
    let long_texts = texts.of(parsed);
    for function in parsed.functions() {
        let lines = lines_of(parsed, &function, &slot_names(parsed, &function, first), &long_texts);
        parts.insert(format!("function {}", function.name), lines);
    }
    parts
}

/// How the slots of a function are called. One of the second file is that of the first which has its name; without such a one
/// it is the one of its number if that has no other: it was renamed, or nobody knows its name.
fn slot_names(parsed: &Parsed<'_>, function: &Function<'_>, first: Option<&Parsed<'_>>) -> Vec<String> {
    let own = known_names(parsed, function);
    let there = first.and_then(|first| {
        let function = first.function(first.find_function(function.name)?)?;
        Some(known_names(first, &function))
    });
    let Some(there) = there else { return own };
    let (known, known_there): (HashSet<&String>, HashSet<&String>) = (own.iter().collect(), there.iter().collect());
    let renamed = |(number, name): (usize, &String)| match there.get(number) {
        Some(other) if !known_there.contains(name) && !known.contains(other) => other.clone(),
        _ => name.clone(),
    };
    own.iter().enumerate().map(renamed).collect()
}

/// The names of the slots of a function, each once: of several `x` the others are `x#2` and so on. Without a name, the number.
fn known_names(parsed: &Parsed<'_>, function: &Function<'_>) -> Vec<String> {
    let debug = parsed.debug(function.index);
    let mut times: BTreeMap<String, usize> = BTreeMap::new();
    let name = |number: usize| {
        let name = debug.as_ref().and_then(|debug| debug.slots.get(number)).filter(|name| !name.is_empty());
        let Some(name) = name else { return number.to_string() };
        let name = spelling::short_name(name);
        let times = times.entry(name.clone()).or_default();
        *times += 1;
        if *times == 1 { name } else { format!("{name}#{times}") }
    };
    (0..function.slots.len()).map(name).collect()
}

fn lines_of(
    parsed: &Parsed<'_>,
    function: &Function<'_>,
    names: &[String],
    long_texts: &HashMap<u32, usize>,
) -> Vec<Line> {
    let debug = parsed.debug(function.index);
    let exported = if function.exported { "exported" } else { "not exported" };
    let mut lines = vec![exported.to_owned(), format!("stack {}", function.max_stack)];
    lines.extend(function.limit.map(|limit| format!("limit {limit}")));
    let slots = function.slots.iter().zip(names);
    lines.extend(slots.map(|(kind, name)| format!("slot {name}: {}", spelling::slot_kind(parsed, *kind))));
    let mut lines: Vec<Line> = lines.into_iter().map(Line::of).collect();
    let labels = Labels::of(function);
    // Labels are counted, so that code put in before them does not change them.
    let numbers: BTreeMap<u32, usize> = labels.iter().enumerate().map(|(number, offset)| (offset, number)).collect();
    let label = |target: u32| numbers.get(&target).copied().unwrap_or(usize::MAX);
    for (offset, instruction) in walk(function.code).map_while(Result::ok) {
        let place = Some((offset, debug.as_ref().and_then(|debug| debug.line_at(offset))));
        if labels.contains(offset) {
            lines.push(Line { place, ..Line::of(format!("label {}:", label(offset))) });
        }
        let mnemonic = instruction.row().mnemonic;
        let (constant, long_text) = match instruction.index() {
            Some((Space::Constants, number)) => (parsed.constant(number), long_texts.get(&number).copied()),
            _ => (None, None),
        };
        let text = match (constant, instruction.target()) {
            (Some(constant), _) => format!("{mnemonic} {}", value::spell_short(constant, MOST_SHOWN)),
            (None, Some(target)) => format!("{mnemonic} label {}", label(target)),
            _ => {
                let text = spelling::instruction(parsed, function, &labels, offset, &instruction, Naming::Names);
                match slot_of(&instruction).and_then(|slot| Some((slot, names.get(slot as usize)?))) {
                    Some((slot, name)) => text.replacen(&format!("slot={slot}"), &format!("slot={name}"), 1),
                    None => text,
                }
            }
        };
        lines.push(Line { text, long_text, place });
    }
    lines
}

/// The slot that an instruction names.
fn slot_of(instruction: &Instruction) -> Option<u32> {
    let numbers = instruction.operands();
    let operands = instruction.row().operands.iter().zip(numbers.iter());
    operands.filter(|((_, kind), _)| kind.space == Space::Slots).map(|(_, slot)| *slot).next()
}

/// The lines that have to be taken from the first and put into the second, in order.
fn changes(first: &[Line], second: &[Line]) -> Vec<String> {
    let same = first.iter().zip(second).take_while(|(a, b)| a == b).count();
    let (first, second) = (first.get(same..).unwrap_or_default(), second.get(same..).unwrap_or_default());
    let end = first.iter().rev().zip(second.iter().rev()).take_while(|(a, b)| a == b).count();
    let (first, first_end) = first.split_at_checked(first.len() - end).unwrap_or_default();
    let (second, second_end) = second.split_at_checked(second.len() - end).unwrap_or_default();
    if first.len().saturating_mul(second.len()) > MOST_WORK {
        return vec![format!("- {}", counted(first.len(), "line")), format!("+ {}", counted(second.len(), "line"))];
    }
    compare(first, second, [first_end, second_end].map(|end| end.first()))
}

/// By the longest list of lines that is in both. `ends` are the lines that stand behind them.
fn compare(first: &[Line], second: &[Line], ends: [Option<&Line>; 2]) -> Vec<String> {
    let width = second.len() + 1;
    let mut common = vec![0u32; (first.len() + 1) * width];
    let at = |common: &[u32], i: usize, j: usize| common.get(i * width + j).copied().unwrap_or(0);
    for (i, a) in first.iter().enumerate().rev() {
        for (j, b) in second.iter().enumerate().rev() {
            let longest = match a == b {
                true => at(&common, i + 1, j + 1) + 1,
                false => at(&common, i + 1, j).max(at(&common, i, j + 1)),
            };
            if let Some(place) = common.get_mut(i * width + j) {
                *place = longest;
            }
        }
    }
    let (mut i, mut j) = (0, 0);
    let mut lines = Vec::new();
    let mut is_begun = false;
    loop {
        let (left, right) = (first.get(i), second.get(j));
        let is_same = left.is_some() && left == right;
        if !is_same && !is_begun && left.or(right).is_some() {
            let [first_end, second_end] = ends;
            let place = |line: Option<&Line>| line.map_or_else(|| Some("the end".to_owned()), Line::place);
            let (left, right) = (place(left.or(first_end)), place(right.or(second_end)));
            lines.extend(left.zip(right).map(|(left, right)| format!("@@ {left} @@ {right}")));
        }
        is_begun = !is_same;
        match (left, right) {
            (Some(_), Some(_)) if is_same => (i, j) = (i + 1, j + 1),
            (Some(a), b) if b.is_none() || at(&common, i + 1, j) >= at(&common, i, j + 1) => {
                lines.push(format!("- {}", vega_report::quote(&a.text)));
                i += 1;
            }
            (_, Some(b)) => {
                lines.push(format!("+ {}", vega_report::quote(&b.text)));
                j += 1;
            }
            (_, None) => return lines,
        }
    }
}
