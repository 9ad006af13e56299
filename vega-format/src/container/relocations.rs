//! The section `relocations`, of objects only: which calls go to functions of other modules.
//!
//! Body: count `u32`; for each the offset of a function operand in the section `code` `u32` and an import `u32`, by
//! rising offset. The operand itself is zero; the linker puts the function's index there.

use super::cursor::Cursor;
use super::{Functions, ImportKind, Imports};
use crate::error::{FormatErrorKind, Result};
use crate::instruction::{Space, indexes};
use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;

/// An operand that the linker fills in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Relocation {
    /// Where the operand stands in the section `code`.
    pub offset: u32,
    /// The import whose function is called.
    pub import: u32,
}

/// Bytes of an entry.
const ENTRY: usize = 8;

impl Relocation {
    fn of(bytes: &[u8; ENTRY]) -> Relocation {
        let [a, b, c, d, import @ ..] = *bytes;
        Relocation { offset: u32::from_le_bytes([a, b, c, d]), import: u32::from_le_bytes(import) }
    }
}

/// Where the relocations of a file stand in it. They are read when they are asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Relocations {
    start: u32,
    count: u32,
}

impl Relocations {
    /// Whether there are none.
    pub(crate) fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// All of them.
    pub(crate) fn entries<'a>(&self, file: &'a [u8]) -> Entries<'a> {
        let bytes = file.get(self.start as usize..).and_then(|rest| rest.get(..self.count as usize * ENTRY));
        Entries(bytes.unwrap_or_default().as_chunks().0)
    }
}

/// Relocations by rising offset.
#[derive(Debug, Clone)]
pub struct Entries<'a>(&'a [[u8; ENTRY]]);

impl<'a> Entries<'a> {
    /// The one at this place, in constant time.
    pub fn get(&self, place: u32) -> Option<Relocation> {
        self.0.get(place as usize).map(Relocation::of)
    }

    /// Those that do not stand before an offset, in logarithmic time.
    #[must_use]
    pub fn from(&self, offset: u32) -> Entries<'a> {
        let first = self.0.partition_point(|entry| Relocation::of(entry).offset < offset);
        Entries(self.0.get(first..).unwrap_or_default())
    }
}

impl Iterator for Entries<'_> {
    type Item = Relocation;

    fn next(&mut self) -> Option<Relocation> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(Relocation::of(first))
    }
}

/// Reads the section of a file with these functions.
pub(crate) fn read(
    file: &[u8],
    mut cursor: Cursor<'_>,
    functions: &Functions,
    imports: &Imports,
) -> Result<Relocations> {
    let start = cursor.offset() + 4;
    let count = cursor.count("the relocations", ENTRY)?;
    let mut before = None;
    for index in 0..count as u32 {
        let at = cursor.offset();
        let entry = Relocation { offset: cursor.u32("a relocation")?, import: cursor.u32("a relocation")? };
        if before.is_some_and(|before| before >= entry.offset) {
            return Err(cursor.error_at(at, FormatErrorKind::Order { what: "relocation", index }));
        }
        if imports.kind(entry.import) != Some(ImportKind::Module) {
            let problem = format!("names import {}, which is no function of another module", entry.import);
            return Err(cursor.error_at(at + 4, FormatErrorKind::Relocation { index, problem }));
        }
        before = Some(entry.offset);
    }
    cursor.finish()?;
    // No file is longer than four bytes can say.
    let relocations = Relocations { start: start as u32, count: count as u32 };
    if let Some((index, problem)) = relocations.misplaced(file, functions) {
        let at = start + index * ENTRY;
        return Err(cursor.error_at(at, FormatErrorKind::Relocation { index: index as u32, problem }));
    }
    Ok(relocations)
}

impl Relocations {
    /// The first that does not stand at the empty operand of a call. Code is walked only where there are relocations.
    fn misplaced(&self, file: &[u8], functions: &Functions) -> Option<(usize, String)> {
        let mut waiting = self.entries(file).enumerate().peekable();
        let mut end = 0;
        for (_, function) in functions.bare(file, 0..functions.len() as u32) {
            let start = end;
            end += function.code.len() as u32;
            if waiting.peek().is_none_or(|(_, entry)| entry.offset >= end) {
                continue;
            }
            let calls = indexes(function.code).map_while(Result::ok).filter(|index| index.space == Space::Functions);
            for call in calls {
                if let Some((index, _)) = waiting.next_if(|(_, entry)| entry.offset == start + call.at)
                    && call.value != 0
                {
                    return Some((index, "stands at an operand that is not zero".to_owned()));
                }
            }
            if let Some((index, _)) = waiting.next_if(|(_, entry)| entry.offset < end) {
                return Some((index, "does not stand at the function that an instruction calls".to_owned()));
            }
        }
        waiting.next().map(|(index, _)| (index, "stands behind the code".to_owned()))
    }
}

pub(crate) fn write(out: &mut Vec<u8>, relocations: &[Relocation]) {
    out.extend_from_slice(&(relocations.len() as u32).to_le_bytes());
    for entry in relocations {
        out.extend_from_slice(&entry.offset.to_le_bytes());
        out.extend_from_slice(&entry.import.to_le_bytes());
    }
}
