//! Where the bytes of a file go: section by section, and function by function, the largest first.

use super::names::name_of;
use super::{Views, sections};
use serde::Serialize;
use std::cmp::Reverse;
use std::io::{self, Write};
use vega_format::Parsed;
use vega_format::container::{Function, SectionRecord};
use vega_format::instruction::walk;

/// All sizes of a file.
#[derive(Serialize)]
pub(super) struct Sizes {
    sections: Vec<Section>,
    functions: Vec<Code>,
}

#[derive(Serialize)]
struct Section {
    name: String,
    bytes: u64,
}

/// The code of a function.
#[derive(Serialize)]
struct Code {
    name: String,
    bytes: usize,
    instructions: usize,
}

pub(super) fn of(parsed: &Parsed<'_>, views: &Views) -> Sizes {
    let head = parsed.head();
    // The sections of a damaged file may be longer than the file: what is there counts.
    let there = |record: &SectionRecord| record.length.min(head.file_length().saturating_sub(record.offset));
    let section = |record| Section { name: sections::name(head, record), bytes: there(record) };
    let bodies: u64 = head.sections().iter().map(there).sum();
    let around = head.file_length().saturating_sub(bodies);
    let around = Section { name: "header and section table".to_owned(), bytes: around };
    let mut sections: Vec<Section> = [around].into_iter().chain(head.sections().iter().map(section)).collect();
    sections.sort_by_key(|row| Reverse(row.bytes));
    let code = |function: Function<'_>| Code {
        name: name_of(&function, views),
        bytes: function.code.len(),
        instructions: walk(function.code).map_while(Result::ok).count(),
    };
    let mut functions: Vec<Code> = parsed.functions().filter(|function| views.wants(function)).map(code).collect();
    functions.sort_by_key(|row| Reverse(row.bytes));
    Sizes { sections, functions }
}

pub(super) fn write(out: &mut dyn Write, parsed: &Parsed<'_>, views: &Views) -> io::Result<()> {
    let Sizes { sections, functions } = of(parsed, views);
    let total = parsed.head().file_length().max(1);
    let share = |bytes: u64| 100.0 * bytes as f64 / total as f64;
    super::heading(out, "Sizes of the sections")?;
    writeln!(out, "  bytes         share  section")?;
    for Section { name, bytes } in sections {
        writeln!(out, "  {bytes:<10}  {:>5.1} %  {name}", share(bytes))?;
    }
    super::heading(out, "Sizes of the functions")?;
    writeln!(out, "  bytes         share  instructions  function")?;
    for Code { name, bytes, instructions } in functions {
        writeln!(out, "  {bytes:<10}  {:>5.1} %  {instructions:<12}  {name}", share(bytes as u64))?;
    }
    Ok(())
}
