//! Every byte of a file, explained: which field it belongs to, what that says, and where `spec/` tells of it.
//!
//! Guarantees, for any bytes: the fields stand one behind the other from the first byte to the last, without gaps, so
//! their lengths sum to the size of the file; it goes on past whatever is wrong, and marks it. Nothing is kept of the
//! fields that were told, and the work grows with the bytes.
//!
//! The reader gives up at the first fault, and so cannot be asked; what it says is wrong is asked of it, section by
//! section, and put beside the fields in which it lies.

mod code;
mod functions;
mod head;
mod metadata;
mod tables;
mod walker;

use crate::container::{Header, SectionId, SectionRecord};
use crate::error::{FormatError, FormatErrorKind, VerifyError};
use crate::read::{self, Outline};
use alloc::borrow::Cow;
use alloc::rc::Rc;
use alloc::string::String;
use alloc::string::ToString;
use alloc::vec::Vec;
use core::ops::Range;
use walker::Walker;

/// A field of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// Where it stands; never empty.
    pub range: Range<usize>,
    /// Header, section table, or the name of the section.
    pub part: Rc<str>,
    /// Which field it is.
    pub name: Cow<'static, str>,
    /// What it says; may be empty.
    pub value: Cow<'static, str>,
    /// The page and the section of `spec/` that tell of it: `container.md#header`.
    pub rule: &'static str,
    /// What is wrong with it.
    pub faults: Vec<FieldFault>,
}

/// What is wrong with a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldFault {
    /// The code that `--explain` takes; `None` where something else is wrong because of that.
    pub code: Option<&'static str>,
    /// In words.
    pub words: String,
}

/// Tells all fields of a file in order, whatever is wrong with it.
///
/// # Errors
/// The first that `tell` gives; nothing more is told.
pub fn explain<E>(bytes: &[u8], tell: impl FnMut(Field) -> Result<(), E>) -> Result<(), E> {
    let mut walker = Walker::new(bytes, faults(bytes), tell);
    let records = head::explain(&mut walker);
    let mut known = Known::default();
    for record in records {
        head::enter(&mut walker, &record);
        match SectionId::from_number(record.id) {
            Some(SectionId::Metadata) => metadata::explain(&mut walker),
            Some(SectionId::Constants) => tables::constants(&mut walker),
            Some(SectionId::Types) => tables::types(&mut walker),
            Some(SectionId::Imports) => tables::imports(&mut walker),
            Some(SectionId::Functions) => known.functions = functions::explain(&mut walker),
            Some(SectionId::Code) => code::explain(&mut walker, &known.functions),
            Some(SectionId::Relocations) => tables::relocations(&mut walker),
            Some(SectionId::Debug) => functions::debug(&mut walker, &known.functions),
            Some(SectionId::Statics) => tables::statics(&mut walker),
            Some(SectionId::Certificate | SectionId::Signature) => walker.rest("bytes", ""),
            None => tables::custom(&mut walker),
        }
        walker.rest("not explained", "nothing is said of these bytes, or what stands before them is wrong");
    }
    walker.enter("behind the sections", "container.md#section-table", bytes.len());
    walker.rest("not explained", "no section holds these bytes");
    walker.finish()
}

/// What a section says that those behind it need.
#[derive(Default)]
struct Known {
    /// The name of each function, as far as it can be told, and the bytes of its code.
    functions: Vec<(String, u32)>,
}

/// What is wrong, with the offset in the file.
fn faults(bytes: &[u8]) -> Vec<(usize, FieldFault)> {
    let outline = Outline::read(bytes);
    let place = |error: &FormatError| match (&error.kind, &outline) {
        (FormatErrorKind::Checksum { stored, .. }, Ok(outline)) => place_of_checksum(outline, error.offset, *stored),
        _ => None,
    };
    let malformed = |error: FormatError| {
        let words = error.to_string();
        (place(&error).unwrap_or(error.offset as usize), FieldFault { code: Some(error.kind.code()), words })
    };
    let faults = read::faults(bytes);
    if !faults.is_empty() {
        return faults.into_iter().map(malformed).collect();
    }
    let Ok(parsed) = read::read(bytes) else { return Vec::new() };
    let Err(refusals) = crate::verify::check(&parsed, crate::verify::Options::default()) else { return Vec::new() };
    let place = |error: &VerifyError| match error.function.and_then(|index| parsed.function(index)) {
        Some(function) => function.code_offset + error.offset as usize,
        None => outline.as_ref().map_or(0, |outline| outline.place_of(SectionId::Metadata)),
    };
    let refused =
        |error: VerifyError| (place(&error), FieldFault { code: Some(error.rule.code()), words: error.to_string() });
    refusals.into_iter().map(refused).collect()
}

/// Where the checksum of a section stands, by where its body does.
fn place_of_checksum(outline: &Outline<'_>, body: u64, stored: u32) -> Option<usize> {
    let place = outline.sections().iter().position(|record| (record.offset, record.checksum) == (body, stored))?;
    Some(Header::SIZE + place * SectionRecord::SIZE + SectionRecord::CHECKSUM_OFFSET)
}

#[cfg(test)]
mod tests;
