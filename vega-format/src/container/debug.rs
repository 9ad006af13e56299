//! The section `debug`: source lines and names, for people. Nothing that runs depends on it.
//!
//! Body: count `u32`, equal to that of the functions; for each: source `u32` (an index into the metadata's list), line
//! of its declaration `u32`, count `u32` of line records, each code offset `u32` and line `u32`, by rising offset;
//! then the names of the parameters and of the slots, each list with a count `u32`, each name as text.

use super::Functions;
use super::cursor::{Cursor, write_text};
use crate::error::{FormatErrorKind, Result};
use crate::text::counted;
use alloc::boxed::Box;
use alloc::vec::Vec;
use core::ops::Range;
use ecow::EcoString;

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
    pub parameters: Vec<EcoString>,
    /// Names of the slots, in order; empty for one without a name.
    pub slots: Vec<EcoString>,
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
    entries: Box<[Range<usize>]>,
}

impl Debug {
    pub(crate) fn get(&self, file: &[u8], function: u32) -> Option<FunctionDebug> {
        let range = self.entries.get(function as usize)?.clone();
        read_entry(&mut Cursor::new(file, super::SectionId::Debug, range)).ok()
    }

    /// The entry of a function as it stands in the file.
    pub(crate) fn record<'a>(&self, file: &'a [u8], function: u32) -> Option<Record<'a>> {
        file.get(self.entries.get(function as usize)?.clone()).map(Record)
    }

    /// The source of a function, and the line from which the instruction at an offset comes.
    pub(crate) fn line_at(&self, file: &[u8], function: u32, offset: u32) -> Option<(u32, u32)> {
        let record = self.record(file, function)?;
        let (count, rest) = record.0.get(LINE..)?.split_first_chunk()?;
        let (lines, _) = rest.get(..u32::from_le_bytes(*count) as usize * LINE)?.as_chunks();
        let place = lines.partition_point(|line| line_of(line).offset <= offset).checked_sub(1)?;
        Some((record.source(), line_of(lines.get(place)?).line))
    }

    /// The line records of a function, by rising offset, as they stand in the file.
    pub(crate) fn lines<'a>(&self, file: &'a [u8], function: u32) -> impl Iterator<Item = Line> + use<'a> {
        let range = self.entries.get(function as usize).cloned().unwrap_or_default();
        let mut cursor = Cursor::new(file, super::SectionId::Debug, range);
        let _ = cursor.bytes("a function's source and line", 8);
        read_lines(&mut cursor).into_iter().flatten()
    }
}

/// An entry as it stands in the file.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Record<'a>(&'a [u8]);

impl Record<'_> {
    /// The index of the source.
    pub(crate) fn source(self) -> u32 {
        self.0.first_chunk().map_or(0, |bytes| u32::from_le_bytes(*bytes))
    }

    /// Whether it has neither a line nor a name.
    pub(crate) fn says_nothing(self) -> bool {
        // All that stands in it are counts then, of names that are empty.
        let count = |at: usize| {
            let bytes = self.0.get(at..).and_then(<[u8]>::first_chunk);
            bytes.map_or(0, |bytes| u32::from_le_bytes(*bytes) as usize)
        };
        let slots_at = 4 * (4 + count(12));
        count(4) == 0 && count(8) == 0 && self.0.len() == slots_at + 4 * (1 + count(slots_at))
    }

    /// Writes it with another source.
    pub(crate) fn write(self, source: u32, out: &mut Vec<u8>) {
        out.extend_from_slice(&source.to_le_bytes());
        out.extend_from_slice(self.0.get(4..).unwrap_or_default());
    }

    /// Writes an entry that says nothing about a function with so many parameters and slots.
    pub(crate) fn write_nothing(parameters: usize, slots: usize, out: &mut Vec<u8>) {
        let number = |out: &mut Vec<u8>, number: usize| out.extend_from_slice(&(number as u32).to_le_bytes());
        (0..3).for_each(|_| number(out, 0));
        for names in [parameters, slots] {
            number(out, names);
            (0..names).for_each(|_| number(out, 0));
        }
    }
}

/// The least bytes of an entry.
const SMALLEST: usize = 20;
/// Bytes of a line record.
const LINE: usize = 8;

pub(crate) fn read(file: &[u8], mut cursor: Cursor<'_>, sources: usize, functions: &Functions) -> Result<Debug> {
    let at = cursor.offset();
    let count = cursor.count("the debug entries", SMALLEST)?;
    if count != functions.len() {
        let problem = format!("{count} debug entries for {}", counted(functions.len(), "function"));
        return Err(cursor.error_at(at, FormatErrorKind::Canonical(problem)));
    }
    let mut entries = Vec::with_capacity(count);
    for (index, function) in functions.bare(file, 0..count as u32) {
        let start = cursor.offset();
        let parameters = functions.signatures().types(function.signature).map_or(0, |(parameters, _)| parameters.len());
        let (source, _) = (cursor.u32("a function's source")?, cursor.u32("a function's line")?);
        let lines = read_lines(&mut cursor)?;
        let (named_parameters, named_slots) = (skip_names(&mut cursor)?, skip_names(&mut cursor)?);
        let problem = if source as usize >= sources {
            Some("names a source that is not there")
        } else if named_parameters != parameters || named_slots != function.slots.len() {
            Some("has more or fewer names than the function has parameters and slots")
        } else if !lines.clone().is_sorted_by(|a, b| a.offset < b.offset && a.line != b.line) {
            Some("has line records out of order or without effect")
        } else if lines.last().is_some_and(|line| line.offset as usize >= function.code.len()) {
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
    Ok(Debug { entries: entries.into() })
}

/// The line records at the cursor, as they stand in the file.
fn read_lines<'a>(cursor: &mut Cursor<'a>) -> Result<impl DoubleEndedIterator<Item = Line> + Clone + use<'a>> {
    let count = cursor.count("the line records", LINE)?;
    let records = cursor.bytes("a line record", count * LINE)?;
    Ok(records.as_chunks().0.iter().map(line_of))
}

/// A line record.
fn line_of(record: &[u8; LINE]) -> Line {
    let [a, b, c, d, e, f, g, h] = *record;
    Line { offset: u32::from_le_bytes([a, b, c, d]), line: u32::from_le_bytes([e, f, g, h]) }
}

/// Looks whether names are text, and counts them.
fn skip_names(cursor: &mut Cursor<'_>) -> Result<usize> {
    let count = cursor.count("the names", 4)?;
    (0..count).try_for_each(|_| cursor.text("a name").map(drop))?;
    Ok(count)
}

fn read_names(cursor: &mut Cursor<'_>) -> Result<Vec<EcoString>> {
    let count = cursor.count("the names", 4)?;
    (0..count)
        .map(|_| {
            let range = cursor.text_range("a name")?;
            cursor.check_text("a name", range).map(EcoString::from)
        })
        .collect()
}

fn read_entry(cursor: &mut Cursor<'_>) -> Result<FunctionDebug> {
    let source = cursor.u32("a function's source")?;
    let line = cursor.u32("a function's line")?;
    let lines = read_lines(cursor)?.collect();
    Ok(FunctionDebug { source, line, lines, parameters: read_names(cursor)?, slots: read_names(cursor)? })
}

/// Writes the section.
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
