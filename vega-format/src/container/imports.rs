//! The section `imports`: what others must provide, those from the host first, and then sorted by mangled name.
//!
//! Body: count `u32`; for each its kind `u8` (1: from the host; 2: from another module, in objects only; 3 and 4: the same
//! with a bound) and its mangled name as text; with a bound, that as `u64`.

use super::Kind;
use super::cursor::{Cursor, write_text};
use super::signatures::{KnownTypes, SignatureReader, Signatures};
use crate::error::{FormatErrorKind, Result};
use crate::types::{SignatureRef, Type};
use alloc::borrow::ToOwned;
use alloc::boxed::Box;
use alloc::vec::Vec;
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
    /// The most bytes that a call takes: what the proof counts for one of the host, which is not 0, or what the function of
    /// another module must not outgrow.
    pub bound: Option<u64>,
}

/// The imports of a file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Imports {
    entries: Box<[Entry]>,
    signatures: Signatures,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Entry {
    kind: ImportKind,
    /// Whether a bound stands behind the name.
    has_bound: bool,
    /// Where the name starts in the file, and its bytes.
    name: u32,
    length: u32,
    /// The number of its types.
    signature: u32,
}

impl Entry {
    fn name(&self) -> Range<usize> {
        self.name as usize..self.name as usize + self.length as usize
    }

    fn bound(&self, file: &[u8]) -> Option<u64> {
        let bytes = file.get(self.name().end..)?.first_chunk().filter(|_| self.has_bound)?;
        Some(u64::from_le_bytes(*bytes))
    }
}

impl Imports {
    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    /// How many come from the host; they stand before the others.
    pub(crate) fn host_count(&self) -> usize {
        self.entries.partition_point(|entry| entry.kind == ImportKind::Host)
    }

    pub(crate) fn kind(&self, index: u32) -> Option<ImportKind> {
        self.entries.get(index as usize).map(|entry| entry.kind)
    }

    pub(crate) fn get<'a>(&'a self, file: &'a [u8], index: u32) -> Option<Import<'a>> {
        let entry = self.entries.get(index as usize)?;
        let name = core::str::from_utf8(file.get(entry.name())?).ok()?;
        let signature = self.signatures.get(entry.signature, name)?;
        Some(Import { kind: entry.kind, name, signature, bound: entry.bound(file) })
    }

    /// What each is and its mangled name, which is UTF-8, in order.
    pub(crate) fn outlined<'a>(&'a self, file: &'a [u8]) -> impl Iterator<Item = (ImportKind, &'a [u8])> {
        self.entries.iter().map(|entry| (entry.kind, file.get(entry.name()).unwrap_or_default()))
    }

    /// The indexes of those that have a bound.
    pub(crate) fn bounded(&self) -> impl Iterator<Item = u32> {
        (0..).zip(&self.entries).filter(|(_, entry)| entry.has_bound).map(|(index, _)| index)
    }

    /// The bytes of its mangled name.
    pub(crate) fn name<'a>(&self, file: &'a [u8], index: u32) -> Option<&'a [u8]> {
        file.get(self.entries.get(index as usize)?.name())
    }

    /// The parameters and results of all, each combination once, in the order of their first use.
    pub(crate) fn types(&self) -> impl Iterator<Item = (&[Type], Option<&Type>)> {
        (0..self.signatures.len() as u32).filter_map(|number| self.signatures.types(number))
    }
}

pub(crate) fn read(mut cursor: Cursor<'_>, file: Kind, known: &mut KnownTypes) -> Result<Imports> {
    let count = cursor.count("the imports", 5)?;
    let mut entries = Vec::with_capacity(count);
    let mut signatures = SignatureReader::new(known);
    let mut before: Option<(ImportKind, &str)> = None;
    for index in 0..count {
        let at = cursor.offset();
        let (kind, has_bound) = match (cursor.u8("an import's kind")?, file) {
            (number @ (1 | 3), _) => (ImportKind::Host, number == 3),
            (number @ (2 | 4), Kind::Object) => (ImportKind::Module, number == 4),
            (found, _) => {
                let wanted = "1 or 3 (from the host), or in an object 2 or 4 (from another module)".to_owned();
                let kind = FormatErrorKind::Value { what: "an import's kind", found: found.into(), wanted };
                return Err(cursor.error_at(at, kind));
            }
        };
        let range = cursor.text_range("an import's name")?;
        let name = cursor.check_text("an import's name", range.clone())?;
        if before.is_some_and(|before| before >= (kind, name)) {
            let kind = FormatErrorKind::Order { what: "import", index: index as u32 };
            return Err(cursor.error_at(range.start, kind));
        }
        before = Some((kind, name));
        let signature = signatures.read(&cursor, range.clone())?;
        let at = cursor.offset();
        let bound = if has_bound { Some(cursor.u64("an import's bound")?) } else { None };
        if kind == ImportKind::Host && bound == Some(0) {
            let problem = format!("the bound of import {index} is 0, which goes without saying");
            return Err(cursor.error_at(at, FormatErrorKind::Canonical(problem)));
        }
        // No file is longer than four bytes can say.
        let (name, length) = (range.start as u32, range.len() as u32);
        entries.push(Entry { kind, has_bound, name, length, signature });
    }
    cursor.finish()?;
    Ok(Imports { entries: entries.into(), signatures: signatures.finish() })
}

/// What is written of an import.
pub(crate) type Draft<'a> = (ImportKind, &'a str, Option<u64>);

pub(crate) fn write(out: &mut Vec<u8>, imports: &[Draft<'_>]) {
    out.extend_from_slice(&(imports.len() as u32).to_le_bytes());
    for (kind, name, bound) in imports {
        let has_bound = if bound.is_some() { 2 } else { 0 };
        out.push(*kind as u8 + has_bound);
        write_text(out, name);
        out.extend(bound.iter().flat_map(|bound| bound.to_le_bytes()));
    }
}
