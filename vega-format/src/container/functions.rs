//! The section `functions`: the function table, sorted by mangled name.
//!
//! Body: count `u32`; for each: mangled name as text, flags `u8` (bit 0: exported), expression stack `u16` in cells,
//! activations that may be live at once `u32` (0: any number), code length `u32` in bytes, count `u16` of slots, and each
//! slot's kind `u8` with an operand `u32`: variable (1) and its mask, stencil (2) and its type, alias (3) and its tag.
//! Code stands in the section `code` in the same order.

use super::cursor::{Cursor, write_text};
use crate::error::{FormatError, FormatErrorKind, Result};
use crate::stencil::TypeRef;
use crate::types::{Mask, Signature, Tag};
use core::ops::Range;

/// What a slot is, at every instruction that names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SlotKind {
    /// A variable of one scalar type, or of several (a union).
    Variable(Mask),
    /// A struct, tuple or array.
    Stencil(TypeRef),
    /// An alias that views bytes as a scalar.
    Alias(Tag),
}

impl SlotKind {
    fn record(self) -> (u8, u32) {
        match self {
            SlotKind::Variable(mask) => (1, mask.bits().into()),
            SlotKind::Stencil(type_ref) => (2, type_ref.number()),
            SlotKind::Alias(tag) => (3, tag.number().into()),
        }
    }

    fn from_record(kind: u8, operand: u32) -> Option<SlotKind> {
        let byte = u8::try_from(operand);
        match kind {
            1 => byte.ok().map(|bits| SlotKind::Variable(Mask::from_bits(bits))),
            2 => TypeRef::from_number(operand).map(SlotKind::Stencil),
            3 => byte.ok().and_then(Tag::from_number).map(SlotKind::Alias),
            _ => None,
        }
    }
}

/// A function of a file.
#[derive(Debug, Clone, Copy)]
pub struct Function<'a> {
    /// Its index.
    pub index: u32,
    /// Its mangled name.
    pub name: &'a str,
    /// The name, parsed.
    pub signature: &'a Signature,
    /// Whether hosts and importers see it.
    pub exported: bool,
    /// The most cells that its expression stack holds.
    pub max_stack: u16,
    /// The most activations of it that may be live at once, if it says so; at least 1.
    pub limit: Option<u32>,
    /// What its slots are.
    pub slots: &'a [SlotKind],
    /// Its code.
    pub code: &'a [u8],
    /// Where its code starts in the file.
    pub code_offset: usize,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Record {
    name: Range<usize>,
    signature: Signature,
    exported: bool,
    max_stack: u16,
    limit: Option<u32>,
    slots: Range<usize>,
    code: Range<usize>,
}

/// The functions of a file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Functions {
    records: Vec<Record>,
    slots: Vec<SlotKind>,
}

impl Functions {
    pub(crate) fn len(&self) -> usize {
        self.records.len()
    }

    pub(crate) fn get<'a>(&'a self, file: &'a [u8], index: u32) -> Option<Function<'a>> {
        let record = self.records.get(index as usize)?;
        Some(Function {
            index,
            name: core::str::from_utf8(file.get(record.name.clone())?).ok()?,
            signature: &record.signature,
            exported: record.exported,
            max_stack: record.max_stack,
            limit: record.limit,
            slots: self.slots.get(record.slots.clone())?,
            code: file.get(record.code.clone())?,
            code_offset: record.code.start,
        })
    }

    /// Where a function's code starts in the section `code`.
    pub(crate) fn code_start(&self, index: u32) -> Option<u32> {
        let first = self.records.first()?.code.start;
        self.records.get(index as usize).map(|record| (record.code.start - first) as u32)
    }

    /// Where each function's code stands in the section `code`, in order.
    pub(crate) fn code_ranges(&self) -> impl Iterator<Item = Range<usize>> {
        let start = self.records.first().map_or(0, |first| first.code.start);
        self.records.iter().map(move |record| record.code.start - start..record.code.end - start)
    }

    pub(crate) fn find(&self, file: &[u8], name: &str) -> Option<u32> {
        let place = self.records.binary_search_by(|record| {
            let found = file.get(record.name.clone()).unwrap_or_default();
            found.cmp(name.as_bytes())
        });
        place.ok().map(|place| place as u32)
    }
}

/// Parses the mangled name that stands at `at` in the file.
pub(crate) fn read_signature(cursor: &Cursor<'_>, at: usize, name: &str) -> Result<Signature> {
    crate::mangle::parse(name).map_err(|error| {
        let offset = at + error.position;
        let shown = name.chars().take(100).collect();
        cursor.error_at(offset, FormatErrorKind::Name { name: shown, error })
    })
}

/// The least bytes of an entry.
const SMALLEST: usize = 4 + 1 + 2 + 4 + 4 + 2;

/// Reads the table; `code` is the body of the section `code`.
pub(crate) fn read(mut cursor: Cursor<'_>, code: Range<usize>) -> Result<Functions> {
    let at = cursor.offset();
    let count = cursor.count("the functions", SMALLEST)?;
    if count > MOST_FUNCTIONS {
        let (what, found, limit) = ("the number of functions", count as u64, MOST_FUNCTIONS as u64);
        return Err(cursor.error_at(at, FormatErrorKind::Limit { what, found, limit }));
    }
    let mut functions = Functions { records: Vec::with_capacity(count), slots: Vec::new() };
    let mut before: Option<&str> = None;
    let mut code_end = code.start;
    for index in 0..count as u32 {
        let range = cursor.text("a function's name")?;
        let name = cursor.check_text("a function's name", range.clone())?;
        if before.is_some_and(|before| before >= name) {
            return Err(cursor.error_at(range.start, FormatErrorKind::Order { what: "function", index }));
        }
        before = Some(name);
        let signature = read_signature(&cursor, range.start, name)?;
        let at = cursor.offset();
        let flags = cursor.u8("a function's flags")?;
        if flags > 1 {
            let kind =
                FormatErrorKind::Value { what: "a function's flags", found: flags.into(), wanted: "0 or 1".to_owned() };
            return Err(cursor.error_at(at, kind));
        }
        let max_stack = cursor.u16("a function's stack")?;
        let limit = Some(cursor.u32("a function's limit")?).filter(|limit| *limit > 0);
        let at = cursor.offset();
        let length = cursor.u32("the length of a function's code")? as usize;
        if length > code.end - code_end {
            let kind = FormatErrorKind::Range {
                what: "the length of a function's code",
                found: length as u64,
                length: (code.end - code_end) as u64,
            };
            return Err(cursor.error_at(at, kind));
        }
        if length > MOST_CODE {
            let kind =
                FormatErrorKind::Limit { what: "a function's code", found: length as u64, limit: MOST_CODE as u64 };
            return Err(cursor.error_at(at, kind));
        }
        let slots = read_slots(&mut cursor, &mut functions.slots)?;
        let code = code_end..code_end + length;
        code_end = code.end;
        functions.records.push(Record { name: range, signature, exported: flags == 1, max_stack, limit, slots, code });
    }
    cursor.finish()?;
    if code_end != code.end {
        let kind = FormatErrorKind::Extra((code.end - code_end) as u64);
        return Err(FormatError { kind, offset: code_end as u64, section: Some(super::SectionId::Code) });
    }
    Ok(functions)
}

/// The most functions of a file.
pub const MOST_FUNCTIONS: usize = 1 << 24;
/// The most bytes of one function's code.
pub const MOST_CODE: usize = 7 << 20;

fn read_slots(cursor: &mut Cursor<'_>, slots: &mut Vec<SlotKind>) -> Result<Range<usize>> {
    let count = usize::from(cursor.u16("a function's slots")?);
    let start = slots.len();
    for _ in 0..count {
        let at = cursor.offset();
        let kind = cursor.u8("a slot's kind")?;
        let operand = cursor.u32("a slot's type")?;
        let slot = SlotKind::from_record(kind, operand).ok_or_else(|| {
            let wanted = "1 with a mask, 2 with a type, or 3 with a tag".to_owned();
            cursor.error_at(at, FormatErrorKind::Value { what: "a slot's kind", found: kind.into(), wanted })
        })?;
        slots.push(slot);
    }
    Ok(start..slots.len())
}

/// What is written of a function.
pub(crate) struct Draft<'a> {
    pub(crate) name: &'a str,
    pub(crate) exported: bool,
    pub(crate) max_stack: u16,
    pub(crate) limit: Option<u32>,
    pub(crate) slots: Vec<SlotKind>,
    pub(crate) code_length: u32,
}

pub(crate) fn write(out: &mut Vec<u8>, functions: &[Draft<'_>]) {
    out.extend_from_slice(&(functions.len() as u32).to_le_bytes());
    for function in functions {
        write_text(out, function.name);
        out.push(function.exported.into());
        out.extend_from_slice(&function.max_stack.to_le_bytes());
        out.extend_from_slice(&function.limit.unwrap_or(0).to_le_bytes());
        out.extend_from_slice(&function.code_length.to_le_bytes());
        out.extend_from_slice(&(function.slots.len() as u16).to_le_bytes());
        for slot in &function.slots {
            let (kind, operand) = slot.record();
            out.push(kind);
            out.extend_from_slice(&operand.to_le_bytes());
        }
    }
}
