//! The section `imports`: what others must provide, those from the host first, and then sorted by mangled name.
//!
//! Body: count `u32`; for each its kind `u8` (1: from the host; 2: from another module, in objects only) and its mangled
//! name as text.

use super::Kind;
use super::cursor::{Cursor, write_text};
use super::signatures::read_signature;
use crate::error::{FormatErrorKind, Result};
use crate::types::{Signature, SignatureRef};
use core::fmt;
use core::ops::Range;

/// Where an import comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum ImportKind {
    /// The host grants it.
    Host = 1,
    /// Another module defines it; the linker finds it.
    Module = 2,
}

impl fmt::Display for ImportKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            ImportKind::Host => "host",
            ImportKind::Module => "module",
        })
    }
}

/// An import.
#[derive(Debug, Clone, Copy)]
pub struct Import<'a> {
    /// Where it comes from.
    pub kind: ImportKind,
    /// Its mangled name.
    pub name: &'a str,
    /// The name, parsed.
    pub signature: SignatureRef<'a>,
}

/// The imports of a file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Imports {
    entries: Vec<(ImportKind, Range<usize>, Signature)>,
}

impl Imports {
    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    /// How many come from the host; they stand before the others.
    pub(crate) fn host_count(&self) -> usize {
        self.entries.partition_point(|(kind, ..)| *kind == ImportKind::Host)
    }

    pub(crate) fn kind(&self, index: u32) -> Option<ImportKind> {
        self.entries.get(index as usize).map(|(kind, ..)| *kind)
    }

    pub(crate) fn get<'a>(&'a self, file: &'a [u8], index: u32) -> Option<Import<'a>> {
        let (kind, name, signature) = self.entries.get(index as usize)?;
        let name = core::str::from_utf8(file.get(name.clone())?).ok()?;
        Some(Import { kind: *kind, name, signature: signature.as_ref() })
    }

    pub(crate) fn signatures(&self) -> impl Iterator<Item = SignatureRef<'_>> {
        self.entries.iter().map(|(_, _, signature)| signature.as_ref())
    }
}

pub(crate) fn read(mut cursor: Cursor<'_>, file: Kind) -> Result<Imports> {
    let count = cursor.count("the imports", 5)?;
    let mut entries = Vec::with_capacity(count);
    let mut before: Option<(ImportKind, &str)> = None;
    for index in 0..count {
        let at = cursor.offset();
        let kind = match (cursor.u8("an import's kind")?, file) {
            (1, _) => ImportKind::Host,
            (2, Kind::Object) => ImportKind::Module,
            (found, _) => {
                let wanted = "1 (from the host), or in an object 2 (from another module)".to_owned();
                let kind = FormatErrorKind::Value { what: "an import's kind", found: found.into(), wanted };
                return Err(cursor.error_at(at, kind));
            }
        };
        let range = cursor.text("an import's name")?;
        let name = cursor.check_text("an import's name", range.clone())?;
        if before.is_some_and(|before| before >= (kind, name)) {
            let kind = FormatErrorKind::Order { what: "import", index: index as u32 };
            return Err(cursor.error_at(range.start, kind));
        }
        before = Some((kind, name));
        let signature = read_signature(&cursor, range.start, name)?;
        entries.push((kind, range, signature));
    }
    cursor.finish()?;
    Ok(Imports { entries })
}

pub(crate) fn write(out: &mut Vec<u8>, imports: &[(ImportKind, &str)]) {
    out.extend_from_slice(&(imports.len() as u32).to_le_bytes());
    for (kind, name) in imports {
        out.push(*kind as u8);
        write_text(out, name);
    }
}
