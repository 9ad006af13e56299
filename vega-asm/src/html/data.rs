//! What a page knows: one document, of which the other views of the inspector have parts, too.

use super::budget::{self, Budgets};
use super::bytes::{self, Bytes};
use super::code::{self, Function, Room};
use crate::objdump::{Problem, Subject, malformed, problems};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use vega_format::Parsed;
use vega_format::error::FormatError;
use vega_format::instruction::row_by_mnemonic;
use vega_format::verify::PointFinder;
use vega_report::quote;

/// The most functions whose code is on the page.
const MOST_FUNCTIONS: usize = 1_000;
/// The most lines of sources.
const MOST_LINES: usize = 20_000;

#[derive(Serialize)]
pub(super) struct Data {
    file: String,
    /// `program`, `library` or `object`; nothing of a file without a header.
    kind: Option<String>,
    version: u16,
    length: usize,
    producer: String,
    accepted: bool,
    /// The number of the function in which the program starts.
    entry: Option<u32>,
    problems: Vec<Problem>,
    sources: Vec<Source>,
    functions: Vec<Function>,
    /// What an instruction does, by mnemonic.
    instructions: BTreeMap<&'static str, &'static str>,
    budget: Option<Budgets>,
    bytes: Bytes,
    /// What a page has no room for, in words.
    left_out: Vec<String>,
}

#[derive(Serialize)]
struct Source {
    name: String,
    /// Nothing if the text was not found.
    lines: Vec<String>,
}

pub(super) fn of(subject: &Subject<'_>) -> Data {
    let parsed = subject.parsed;
    let mut left_out = Vec::new();
    let entry = parsed.entry().map(|entry| entry.function);
    let functions = functions(subject, entry, &mut left_out);
    let used: BTreeSet<&'static str> = functions.iter().flat_map(Function::mnemonics).collect();
    let prose = |mnemonic: &'static str| Some((mnemonic, row_by_mnemonic(mnemonic)?.prose));
    Data {
        kind: Some(parsed.kind().to_string()),
        version: parsed.version(),
        producer: quote(parsed.producer()),
        accepted: subject.is_accepted(),
        entry,
        problems: problems(subject),
        sources: sources(subject, &mut left_out),
        instructions: used.into_iter().filter_map(prose).collect(),
        functions,
        budget: subject.verdict.ok().map(|module| budget::of(module, &mut left_out)),
        bytes: bytes::of(parsed.bytes(), &mut left_out),
        left_out,
        ..Data::bare(subject.name, parsed.bytes())
    }
}

pub(super) fn of_bytes(name: &str, bytes: &[u8], faults: &[FormatError]) -> Data {
    let mut left_out = Vec::new();
    Data { problems: malformed(faults), bytes: bytes::of(bytes, &mut left_out), left_out, ..Data::bare(name, bytes) }
}

impl Data {
    fn bare(name: &str, bytes: &[u8]) -> Data {
        Data {
            file: quote(name),
            kind: None,
            version: 0,
            length: bytes.len(),
            producer: String::new(),
            accepted: false,
            entry: None,
            problems: Vec::new(),
            sources: Vec::new(),
            functions: Vec::new(),
            instructions: BTreeMap::new(),
            budget: None,
            bytes: Bytes::default(),
            left_out: Vec::new(),
        }
    }
}

/// The entry, and of the others as many as there is room for, by number.
fn functions(subject: &Subject<'_>, entry: Option<u32>, left_out: &mut Vec<String>) -> Vec<Function> {
    let count = subject.parsed.function_count();
    let others = (0..count).filter(|index| Some(*index) != entry);
    let mut finder = PointFinder::new(subject.parsed);
    let mut room = Room::default();
    let mut functions = Vec::new();
    for index in entry.into_iter().chain(others).take(MOST_FUNCTIONS) {
        functions.extend(code::of(subject.parsed, &mut finder, index, &mut room));
        if room.is_full() {
            break;
        }
    }
    functions.sort_by_key(Function::number);
    // Of a damaged file not all can be read.
    let (shown, readable) = (functions.len(), subject.parsed.functions().count());
    if shown < readable {
        left_out.push(format!("{} of {readable} functions", readable - shown));
    }
    left_out.extend(room.left_out());
    functions
}

fn sources(subject: &Subject<'_>, left_out: &mut Vec<String>) -> Vec<Source> {
    let parsed: &Parsed<'_> = subject.parsed;
    let mut room = MOST_LINES;
    let mut cut = false;
    let source = |(number, name): (u32, &str)| {
        let lines = subject.texts.lines(number);
        cut |= lines.len() > room;
        let lines = lines.iter().take(room).cloned().collect::<Vec<_>>();
        room -= lines.len();
        Source { name: quote(name), lines }
    };
    let sources = (0..).zip(parsed.sources()).map(source).collect();
    if cut {
        left_out.push(format!("source lines beyond the first {MOST_LINES}"));
    }
    sources
}
