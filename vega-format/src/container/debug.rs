//! The section `debug`: source lines and names, for people. Nothing that runs depends on it.
//!
//! Body: count `u32`, equal to that of the functions; for each: source `u32` (an index into the metadata's list), line
//! of its declaration `u32`, count `u32` of line records, each code offset `u32` and line `u32`, by rising offset;
//! then the names of the parameters and of the slots, each list with a count `u32`, each name as text.

use super::cursor::{Cursor, write_text};
use crate::error::{FormatErrorKind, Result};
use core::ops::Range;

/// From this code offset on, up to the next record, instructions come from this source line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Line {
    /// Offset in the function's code, in bytes.
    pub offset: u32,
    /// The line, counted from 1.
    pub line: u32,
}

/// What is known about a function for people.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FunctionDebug {
    /// Index into the sources of the metadata.
    pub source: u32,
    /// The line on which it is declared.
    pub line: u32,
    /// Lines of the code.
    pub lines: Vec<Line>,
    /// Names of the parameters, in order.
    pub parameters: Vec<String>,
    /// Names of the slots, in order; empty for one without a name.
    pub slots: Vec<String>,
}

impl FunctionDebug {
    /// The line from which the instruction at `offset` comes.
    pub fn line_at(&self, offset: u32) -> Option<u32> {
        let place = self.lines.partition_point(|line| line.offset <= offset).checked_sub(1)?;
        self.lines.get(place).map(|line| line.line)
    }
}

/// The debug section: where each function's entry stands.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Debug {
    entries: Vec<Range<usize>>,
}

impl Debug {
    pub(crate) fn get(&self, file: &[u8], function: u32) -> Option<FunctionDebug> {
        let range = self.entries.get(function as usize)?.clone();
        let mut cursor = Cursor::new(file, super::SectionId::Debug, range);
        read_entry(file, &mut cursor).ok()
    }
}

/// The least bytes of an entry.
const SMALLEST: usize = 20;

pub(crate) fn read(
    file: &[u8],
    mut cursor: Cursor<'_>,
    sources: usize,
    functions: &[(usize, usize, usize)],
) -> Result<Debug> {
    let at = cursor.offset();
    let count = cursor.count("the debug entries", SMALLEST)?;
    if count != functions.len() {
        let problem = format!("{count} debug entries for {} functions", functions.len());
        return Err(cursor.error_at(at, FormatErrorKind::Canonical(problem)));
    }
    let mut entries = Vec::with_capacity(count);
    for (index, (code, parameters, slots)) in functions.iter().enumerate() {
        let start = cursor.offset();
        let entry = read_entry(file, &mut cursor)?;
        let problem = if entry.source as usize >= sources {
            Some("names a source that is not there")
        } else if entry.parameters.len() != *parameters || entry.slots.len() != *slots {
            Some("has more or fewer names than the function has parameters and slots")
        } else if !entry.lines.is_sorted_by(|a, b| a.offset < b.offset && a.line != b.line) {
            Some("has line records out of order or without effect")
        } else if entry.lines.last().is_some_and(|line| line.offset as usize >= *code) {
            Some("has a line record behind the function's code")
        } else {
            None
        };
        if let Some(problem) = problem {
            let problem = format!("debug entry {index} {problem}");
            return Err(cursor.error_at(start, FormatErrorKind::Canonical(problem)));
        }
        entries.push(start..cursor.offset());
    }
    cursor.finish()?;
    Ok(Debug { entries })
}

fn read_entry(file: &[u8], cursor: &mut Cursor<'_>) -> Result<FunctionDebug> {
    let source = cursor.u32("a function's source")?;
    let line = cursor.u32("a function's line")?;
    let count = cursor.count("the line records", 8)?;
    let lines = (0..count)
        .map(|_| Ok(Line { offset: cursor.u32("a line record")?, line: cursor.u32("a line record")? }))
        .collect::<Result<_>>()?;
    let mut names = || -> Result<Vec<String>> {
        let count = cursor.count("the names", 4)?;
        let name = |range: Range<usize>| String::from_utf8_lossy(file.get(range).unwrap_or_default()).into_owned();
        (0..count).map(|_| cursor.text("a name").map(name)).collect()
    };
    Ok(FunctionDebug { source, line, lines, parameters: names()?, slots: names()? })
}

pub(crate) fn write<'a>(out: &mut Vec<u8>, functions: impl ExactSizeIterator<Item = &'a FunctionDebug>) {
    let number = |out: &mut Vec<u8>, number: usize| out.extend_from_slice(&(number as u32).to_le_bytes());
    number(out, functions.len());
    for function in functions {
        number(out, function.source as usize);
        number(out, function.line as usize);
        number(out, function.lines.len());
        for line in &function.lines {
            number(out, line.offset as usize);
            number(out, line.line as usize);
        }
        for names in [&function.parameters, &function.slots] {
            number(out, names.len());
            names.iter().for_each(|name| write_text(out, name));
        }
    }
}
