//! The section `metadata`: who made the file, from which sources, and where it starts.
//!
//! Body: entry `u32` (a function, or all ones for none), result `u8` (0 none, 1 print, 2 status), producer as text,
//! count `u32` of sources, each as text.

use super::cursor::{Cursor, write_text};
use crate::error::{FormatErrorKind, Result};
use core::fmt;
use core::ops::Range;

/// What happens to the result of the entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum EntryResult {
    /// It is printed, if there is one.
    Print = 1,
    /// It is the exit status; it must be an int.
    Status = 2,
}

impl fmt::Display for EntryResult {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            EntryResult::Print => "print",
            EntryResult::Status => "status",
        })
    }
}

/// Where a program starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    /// The index of the function.
    pub function: u32,
    /// What happens to its result.
    pub result: EntryResult,
}

/// The metadata, with text as ranges of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Metadata {
    /// Where the program starts; `None` in a library.
    pub entry: Option<Entry>,
    pub(crate) producer: Range<usize>,
    pub(crate) sources: Vec<Range<usize>>,
}

const NO_ENTRY: u32 = u32::MAX;

pub(crate) fn read(mut cursor: Cursor<'_>) -> Result<Metadata> {
    let at = cursor.offset();
    let function = cursor.u32("the entry")?;
    let result = cursor.u8("the use of the entry's result")?;
    let entry = match (function, result) {
        (NO_ENTRY, 0) => None,
        (function, 1) if function != NO_ENTRY => Some(Entry { function, result: EntryResult::Print }),
        (function, 2) if function != NO_ENTRY => Some(Entry { function, result: EntryResult::Status }),
        _ => {
            let wanted = "0 without an entry, 1 (print) or 2 (status) with one".to_owned();
            let kind = FormatErrorKind::Value { what: "the use of the entry's result", found: result.into(), wanted };
            return Err(cursor.error_at(at + 4, kind));
        }
    };
    let producer = cursor.text("the producer")?;
    let count = cursor.count("the list of sources", 4)?;
    let sources = (0..count).map(|_| cursor.text("a source")).collect::<Result<_>>()?;
    cursor.finish()?;
    Ok(Metadata { entry, producer, sources })
}

pub(crate) fn write(out: &mut Vec<u8>, entry: Option<Entry>, producer: &str, sources: &[String]) {
    let (function, result) = entry.map_or((NO_ENTRY, 0), |entry| (entry.function, entry.result as u8));
    out.extend_from_slice(&function.to_le_bytes());
    out.push(result);
    write_text(out, producer);
    out.extend_from_slice(&(sources.len() as u32).to_le_bytes());
    for source in sources {
        write_text(out, source);
    }
}
