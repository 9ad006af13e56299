//! The section `functions`: the function table, sorted by mangled name.
//!
//! Body: count `u32`; for each: mangled name as text, flags `u8` (bit 0: exported), expression stack `u16` in cells,
//! activations that may be live at once `u32` (0: any number), code length `u32` in bytes, count `u16` of slots, and each
//! slot's kind `u8` with an operand `u32`: variable (1) and its mask, stencil (2) and its type, alias (3) and its tag.
//! Code stands in the section `code` in the same order.

use super::cursor::{Cursor, write_text};
use super::signatures::{SignatureReader, Signatures};
use crate::error::{FormatError, FormatErrorKind, Result};
use crate::stencil::TypeRef;
use crate::types::{Mask, SignatureRef, Tag};
use core::ops::Range;
use foldhash::fast::RandomState;
use std::collections::HashMap;

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
    pub signature: SignatureRef<'a>,
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

/// What a function does and with what, without its name.
pub(crate) struct Bare<'a> {
    /// The number of its types.
    pub(crate) signature: u32,
    pub(crate) max_stack: u16,
    pub(crate) limit: Option<u32>,
    pub(crate) slots: &'a [SlotKind],
    pub(crate) code: &'a [u8],
}

/// Where the parts of a function stand. The rest is read out of the file when it is asked for, so that a table in memory
/// is smaller than in the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Record {
    /// Where its entry starts in the section.
    entry: u32,
    /// The number of its types.
    signature: u32,
    /// The index of its first slot.
    slots: u32,
    /// Where its code starts in the section `code`.
    code: u32,
}

/// The part of an entry behind the name.
struct Fixed {
    flags: u8,
    max_stack: u16,
    limit: u32,
    code_length: u32,
    slots: u16,
}

impl Fixed {
    const SIZE: usize = 1 + 2 + 4 + 4 + 2;

    fn read(bytes: &[u8]) -> Option<Fixed> {
        let (&flags, rest) = bytes.split_first()?;
        let (max_stack, rest) = rest.split_first_chunk()?;
        let (limit, rest) = rest.split_first_chunk()?;
        let (code_length, rest) = rest.split_first_chunk()?;
        let (slots, _) = rest.split_first_chunk()?;
        Some(Fixed {
            flags,
            max_stack: u16::from_le_bytes(*max_stack),
            limit: u32::from_le_bytes(*limit),
            code_length: u32::from_le_bytes(*code_length),
            slots: u16::from_le_bytes(*slots),
        })
    }
}

/// The functions of a file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Functions {
    records: Vec<Record>,
    slots: Vec<SlotKind>,
    exported: Vec<u32>,
    signatures: Signatures,
    /// Where the section starts in the file, and the section `code`.
    table: usize,
    code: usize,
}

impl Functions {
    pub(crate) fn len(&self) -> usize {
        self.records.len()
    }

    pub(crate) fn signatures(&self) -> &Signatures {
        &self.signatures
    }

    /// The number of a function's types.
    pub(crate) fn signature(&self, index: u32) -> Option<u32> {
        self.records.get(index as usize).map(|record| record.signature)
    }

    /// A function's mangled name, and what stands behind it.
    fn entry<'a>(&self, file: &'a [u8], record: &Record) -> Option<(&'a [u8], Fixed)> {
        let (length, entry) = file.get(self.table + record.entry as usize..)?.split_first_chunk()?;
        let (name, rest) = entry.split_at_checked(u32::from_le_bytes(*length) as usize)?;
        Some((name, Fixed::read(rest)?))
    }

    pub(crate) fn get<'a>(&'a self, file: &'a [u8], index: u32) -> Option<Function<'a>> {
        let record = self.records.get(index as usize)?;
        let (name, fixed) = self.entry(file, record)?;
        let name = core::str::from_utf8(name).ok()?;
        let code_offset = self.code + record.code as usize;
        Some(Function {
            index,
            name,
            signature: self.signatures.get(record.signature, name)?,
            exported: fixed.flags == 1,
            max_stack: fixed.max_stack,
            limit: Some(fixed.limit).filter(|limit| *limit > 0),
            slots: self.slots.get(record.slots as usize..)?.get(..usize::from(fixed.slots))?,
            code: file.get(code_offset..)?.get(..fixed.code_length as usize)?,
            code_offset,
        })
    }

    /// A function without its name and what belongs to it.
    #[inline]
    pub(crate) fn bare<'a>(&'a self, file: &'a [u8], index: u32) -> Option<Bare<'a>> {
        let record = self.records.get(index as usize)?;
        let (_, fixed) = self.entry(file, record)?;
        let code = file.get(self.code + record.code as usize..)?.get(..fixed.code_length as usize)?;
        Some(Bare {
            signature: record.signature,
            max_stack: fixed.max_stack,
            limit: Some(fixed.limit).filter(|limit| *limit > 0),
            slots: self.slots.get(record.slots as usize..)?.get(..usize::from(fixed.slots))?,
            code,
        })
    }

    /// How many parameters and slots a function has, and bytes of code.
    pub(crate) fn sizes(&self, file: &[u8], index: u32) -> Option<(usize, usize, usize)> {
        let record = self.records.get(index as usize)?;
        let (parameters, _) = self.signatures.types(record.signature)?;
        let (_, fixed) = self.entry(file, record)?;
        Some((parameters.len(), fixed.slots.into(), fixed.code_length as usize))
    }

    /// Where a function's code starts in the section `code`.
    pub(crate) fn code_start(&self, index: u32) -> Option<u32> {
        self.records.get(index as usize).map(|record| record.code)
    }

    /// Where each function's code stands in the section `code`, in order; `length` is that of the section.
    pub(crate) fn code_ranges(&self, length: usize) -> impl Iterator<Item = Range<usize>> {
        let starts = self.records.iter().map(|record| record.code as usize);
        let ends = starts.clone().skip(1).chain([length]);
        starts.zip(ends).map(|(start, end)| start..end)
    }

    /// What the slots of a function are.
    pub(crate) fn slots(&self, file: &[u8], index: u32) -> &[SlotKind] {
        let slots = || {
            let record = self.records.get(index as usize)?;
            let (_, fixed) = self.entry(file, record)?;
            self.slots.get(record.slots as usize..)?.get(..usize::from(fixed.slots))
        };
        slots().unwrap_or_default()
    }

    /// The indexes of the functions that are exported.
    pub(crate) fn exported(&self) -> &[u32] {
        &self.exported
    }

    /// The indexes of the functions whose mangled name starts with these bytes.
    pub(crate) fn starting_with(&self, file: &[u8], start: &[u8]) -> Range<u32> {
        let name = |record: &Record| self.entry(file, record).map(|(name, _)| name).unwrap_or_default();
        let first = self.records.partition_point(|record| name(record) < start);
        let rest = self.records.get(first..).unwrap_or_default();
        let count = rest.partition_point(|record| name(record).starts_with(start));
        first as u32..(first + count) as u32
    }

    pub(crate) fn find(&self, file: &[u8], name: &str) -> Option<u32> {
        let place = self.records.binary_search_by(|record| {
            let found = self.entry(file, record).map(|(name, _)| name).unwrap_or_default();
            found.cmp(name.as_bytes())
        });
        place.ok().map(|place| place as u32)
    }
}

/// The least bytes of an entry.
const SMALLEST: usize = 4 + Fixed::SIZE;

/// Whether the table says that there are functions, which then have code.
pub(crate) fn are_some(mut cursor: Cursor<'_>) -> Result<bool> {
    Ok(cursor.count("the functions", SMALLEST)? > 0)
}

/// Reads the table; `code` is the body of the section `code`.
pub(crate) fn read(mut cursor: Cursor<'_>, code: Range<usize>) -> Result<Functions> {
    let table = cursor.offset();
    let count = cursor.count("the functions", SMALLEST)?;
    if count > MOST_FUNCTIONS {
        let (what, found, limit) = ("the number of functions", count as u64, MOST_FUNCTIONS as u64);
        return Err(cursor.error_at(table, FormatErrorKind::Limit { what, found, limit }));
    }
    for (what, length) in [("the bytes of the functions", cursor.left()), ("the bytes of the code", code.len())] {
        let (found, limit) = (length as u64, u64::from(u32::MAX));
        if found > limit {
            return Err(cursor.error_at(table, FormatErrorKind::Limit { what, found, limit }));
        }
    }
    let mut records = Vec::with_capacity(count);
    let mut slots = SlotReader::default();
    let mut signatures = SignatureReader::new();
    let mut exported = Vec::new();
    let mut before: &[u8] = &[];
    let mut code_end = 0;
    for index in 0..count as u32 {
        let entry = (cursor.offset() - table) as u32;
        let range = cursor.text_range("a function's name")?;
        let name = cursor.bytes_of(range.clone());
        let signature = signatures.read(&cursor, range.clone())?;
        // No name is empty, so the first is greater than nothing. Bytes and characters of UTF-8 have one order.
        if before >= name {
            return Err(cursor.error_at(range.start, FormatErrorKind::Order { what: "function", index }));
        }
        before = name;
        let left = code.len() - code_end as usize;
        let (slots, code_length, is_exported) = read_fixed(&mut cursor, left, &mut slots)?;
        records.push(Record { entry, signature, slots, code: code_end });
        code_end += code_length;
        if is_exported {
            exported.push(index);
        }
    }
    cursor.finish()?;
    if code_end as usize != code.len() {
        let kind = FormatErrorKind::Extra((code.len() - code_end as usize) as u64);
        let offset = (code.start + code_end as usize) as u64;
        return Err(FormatError { kind, offset, section: Some(super::SectionId::Code) });
    }
    Ok(Functions { records, slots: slots.slots, exported, signatures: signatures.signatures, table, code: code.start })
}

/// Reads what stands behind the name; `left` bytes of code are not taken yet. Gives where the function's slots start, how
/// many bytes of code it takes, and whether it is exported.
fn read_fixed<'a>(cursor: &mut Cursor<'a>, left: usize, slots: &mut SlotReader<'a>) -> Result<(u32, u32, bool)> {
    let at = cursor.offset();
    let bytes = cursor.bytes("a function's entry", Fixed::SIZE)?;
    // Not reached: there are just so many bytes.
    let Some(Fixed { flags, code_length, slots: count, .. }) = Fixed::read(bytes) else { return Ok((0, 0, false)) };
    if flags > 1 {
        let (found, wanted) = (flags.into(), "0 or 1".to_owned());
        return Err(cursor.error_at(at, FormatErrorKind::Value { what: "a function's flags", found, wanted }));
    }
    let (at, length) = (at + 7, code_length as usize);
    if length > left {
        let (found, length) = (length as u64, left as u64);
        let kind = FormatErrorKind::Range { what: "the length of a function's code", found, length };
        return Err(cursor.error_at(at, kind));
    }
    if length > MOST_CODE {
        let (found, limit) = (length as u64, MOST_CODE as u64);
        return Err(cursor.error_at(at, FormatErrorKind::Limit { what: "a function's code", found, limit }));
    }
    let start = slots.read(cursor, usize::from(count))?;
    Ok((start, code_length, flags == 1))
}

/// Reads lists of slots; functions with the same list share it.
#[derive(Default)]
struct SlotReader<'a> {
    slots: Vec<SlotKind>,
    /// Where a list starts, by its bytes. They come out of a file, so the hash has a key that nobody knows.
    starts: HashMap<&'a [u8], u32, RandomState>,
}

impl<'a> SlotReader<'a> {
    /// Longer lists are hardly the same as others.
    const MOST_SHARED: usize = 16;
    /// Bytes of a slot.
    const RECORD: usize = 5;

    /// Reads the list at the cursor and gives where it starts.
    fn read(&mut self, cursor: &mut Cursor<'a>, count: usize) -> Result<u32> {
        let at = cursor.offset();
        let bytes = cursor.bytes("the list of slots", count * SlotReader::RECORD)?;
        let start = self.slots.len() as u32;
        if count == 0 {
            return Ok(start);
        }
        if count <= SlotReader::MOST_SHARED {
            let known = *self.starts.entry(bytes).or_insert(start);
            if known != start {
                return Ok(known);
            }
        }
        for (place, record) in bytes.chunks_exact(SlotReader::RECORD).enumerate() {
            let Some((&kind, operand)) = record.split_first() else { break };
            let operand = operand.first_chunk().map_or(0, |bytes| u32::from_le_bytes(*bytes));
            let slot = SlotKind::from_record(kind, operand).ok_or_else(|| {
                let wanted = "1 with a mask, 2 with a type, or 3 with a tag".to_owned();
                let kind = FormatErrorKind::Value { what: "a slot's kind", found: kind.into(), wanted };
                cursor.error_at(at + place * SlotReader::RECORD, kind)
            })?;
            self.slots.push(slot);
        }
        Ok(start)
    }
}

/// The most functions of a file.
pub const MOST_FUNCTIONS: usize = 1 << 24;
/// The most bytes of one function's code.
pub const MOST_CODE: usize = 7 << 20;

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
