//! The section `relocations`, of objects only: which calls go to functions of other modules.
//!
//! Body: count `u32`; for each the offset of a function operand in the section `code` `u32` and an import `u32`, by
//! rising offset. The operand itself is zero; the linker puts the function's index there.

use super::cursor::Cursor;
use super::{Functions, ImportKind, Imports};
use crate::error::{FormatErrorKind, Result};
use crate::instruction::{Space, indexes};
use alloc::borrow::ToOwned;
use alloc::boxed::Box;
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

/// The relocations of a file, by rising offset.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Relocations {
    entries: Box<[Relocation]>,
}

/// Bytes of an entry.
const ENTRY: usize = 8;

impl Relocations {
    /// All of them.
    pub fn entries(&self) -> &[Relocation] {
        &self.entries
    }

    /// The import that the operand at this offset of the section `code` stands for, in logarithmic time.
    pub(crate) fn find(&self, offset: u32) -> Option<u32> {
        let place = self.entries.binary_search_by_key(&offset, |entry| entry.offset).ok()?;
        self.entries.get(place).map(|entry| entry.import)
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
    let mut entries: Vec<Relocation> = Vec::with_capacity(count);
    for index in 0..count as u32 {
        let at = cursor.offset();
        let entry = Relocation { offset: cursor.u32("a relocation")?, import: cursor.u32("a relocation")? };
        if entries.last().is_some_and(|before| before.offset >= entry.offset) {
            return Err(cursor.error_at(at, FormatErrorKind::Order { what: "relocation", index }));
        }
        if imports.kind(entry.import) != Some(ImportKind::Module) {
            let problem = format!("names import {}, which is no function of another module", entry.import);
            return Err(cursor.error_at(at + 4, FormatErrorKind::Relocation { index, problem }));
        }
        entries.push(entry);
    }
    cursor.finish()?;
    let relocations = Relocations { entries: entries.into() };
    if let Some((index, problem)) = relocations.misplaced(file, functions) {
        let at = start + index * ENTRY;
        return Err(cursor.error_at(at, FormatErrorKind::Relocation { index: index as u32, problem }));
    }
    Ok(relocations)
}

impl Relocations {
    /// The first that does not stand at the empty operand of a call. Code is walked only where there are relocations.
    fn misplaced(&self, file: &[u8], functions: &Functions) -> Option<(usize, String)> {
        let mut waiting = self.entries.iter().enumerate().peekable();
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
