//! The section `functions`: the function table, sorted by mangled name.
//!
//! Body: count `u32`; for each: mangled name as text, flags `u8` (bit 0: exported), expression stack `u16` in cells,
//! activations that may be live at once `u32` (0: any number), code length `u32` in bytes, count `u16` of slots, and each
//! slot's kind `u8` with an operand `u32`: variable (1) and its mask, stencil (2) and its type, alias (3) and its tag.
//! Code stands in the section `code` in the same order.
//!
//! [`table`] looks functions up, and [`shapes`] keeps once what many of them share.

mod shapes;
mod table;

pub use table::Functions;
pub(crate) use table::Place;

use super::cursor::{Cursor, write_text};
use super::signatures::{KnownTypes, SignatureReader};
use crate::error::{FormatError, FormatErrorKind, Result};
use crate::stencil::{StencilTable, TypeRef};
use crate::types::{Mask, SignatureRef, Tag};
use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::string::ToString;
use alloc::vec::Vec;
use core::ops::Range;
use shapes::{NumbersReader, ShapeReader};
use table::{Mark, STRIDE};

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
    /// Its type as source spells it: `int`, `int|bool`, `geometry.point`.
    pub fn type_name(self, stencils: &StencilTable) -> String {
        match self {
            SlotKind::Variable(mask) => mask.to_string(),
            SlotKind::Alias(tag) => tag.to_string(),
            SlotKind::Stencil(type_ref) => {
                stencils.type_of(type_ref).map(|type_| type_.to_string()).unwrap_or_default()
            }
        }
    }

    /// Bytes of its record.
    const RECORD: usize = 1 + 4;

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

/// What a function is called, and who sees it: what a linker looks at, quickly had.
#[derive(Debug, Clone, Copy)]
pub struct Outlined<'a> {
    /// Its index.
    pub index: u32,
    /// Its mangled name; it is UTF-8.
    pub name: &'a [u8],
    /// Whether hosts and importers see it.
    pub exported: bool,
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

/// The part of an entry behind the name.
#[derive(Default)]
struct Fixed {
    flags: u8,
    max_stack: u16,
    limit: u32,
    code_length: u32,
    slots: u16,
}

impl Fixed {
    const SIZE: usize = 1 + 2 + 4 + 4 + 2;

    fn limit(&self) -> Option<u32> {
        Some(self.limit).filter(|limit| *limit > 0)
    }

    #[inline]
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

/// The least bytes of an entry.
const SMALLEST: usize = 4 + Fixed::SIZE;

/// Whether the table says that there are functions, which then have code.
pub(crate) fn are_some(mut cursor: Cursor<'_>) -> Result<bool> {
    Ok(cursor.count("the functions", SMALLEST)? > 0)
}

/// Reads the table; `code` is the body of the section `code`.
pub(crate) fn read(cursor: Cursor<'_>, code: Range<usize>, known: &mut KnownTypes) -> Result<Functions> {
    let (functions, fault) = salvage(cursor, code, known);
    fault.map_or(Ok(functions), Err)
}

/// The same of a table in which something may be wrong: the functions before the first fault, and that fault. Those behind it are
/// left out, so that each that is there has the index by which it is called.
pub(crate) fn salvage(
    mut cursor: Cursor<'_>,
    code: Range<usize>,
    known: &mut KnownTypes,
) -> (Functions, Option<FormatError>) {
    let mut reader = TableReader::new(&cursor, code, known);
    let read = reader.read(&mut cursor);
    (reader.finish(), read.err())
}

/// The table as far as it is read.
struct TableReader<'a, 'k> {
    /// Where it starts.
    table: usize,
    /// The body of the section `code`, and how much of it is taken.
    code: Range<usize>,
    code_end: u32,
    numbers: NumbersReader,
    marks: Vec<Mark>,
    shapes: ShapeReader<'a>,
    signatures: SignatureReader<'a, 'k>,
    /// The name before.
    before: &'a [u8],
}

impl<'a, 'k> TableReader<'a, 'k> {
    fn new(cursor: &Cursor<'a>, code: Range<usize>, known: &'k mut KnownTypes) -> TableReader<'a, 'k> {
        TableReader {
            table: cursor.offset(),
            code,
            code_end: 0,
            numbers: NumbersReader::default(),
            marks: Vec::new(),
            shapes: ShapeReader::default(),
            signatures: SignatureReader::new(known),
            before: &[],
        }
    }

    fn read(&mut self, cursor: &mut Cursor<'a>) -> Result<()> {
        let count = cursor.count("the functions", SMALLEST)?;
        if count > MOST_FUNCTIONS {
            let (what, found, limit) = ("the number of functions", count as u64, MOST_FUNCTIONS as u64);
            return Err(cursor.error_at(self.table, FormatErrorKind::Limit { what, found, limit }));
        }
        for (what, length) in [("the size of the functions", cursor.left()), ("the size of the code", self.code.len())]
        {
            let (found, limit) = (length as u64, u64::from(u32::MAX));
            if found > limit {
                return Err(cursor.error_at(self.table, FormatErrorKind::Limit { what, found, limit }));
            }
        }
        self.numbers = NumbersReader::with_capacity(count);
        self.marks = Vec::with_capacity(count.div_ceil(STRIDE));
        for index in 0..count as u32 {
            self.entry(cursor, index)?;
        }
        cursor.finish()?;
        let left = self.code.len() - self.code_end as usize;
        if left > 0 {
            let offset = (self.code.end - left) as u64;
            let kind = FormatErrorKind::Extra(left as u64);
            return Err(FormatError { kind, offset, section: Some(super::SectionId::Code) });
        }
        Ok(())
    }

    #[inline]
    fn entry(&mut self, cursor: &mut Cursor<'a>, index: u32) -> Result<()> {
        if (index as usize).is_multiple_of(STRIDE) {
            self.marks.push(Mark { entry: (cursor.offset() - self.table) as u32, code: self.code_end });
        }
        let range = cursor.text_range("a function's name")?;
        let name = cursor.bytes_of(range.clone());
        let signature = self.signatures.read(cursor, range.clone())?;
        // No name is empty, so the first is greater than nothing. Bytes and characters of UTF-8 have one order.
        if self.before >= name {
            return Err(cursor.error_at(range.start, FormatErrorKind::Order { what: "function", index }));
        }
        self.before = name;
        let left = self.code.len() - self.code_end as usize;
        let Fixed { code_length, slots, .. } = read_fixed(cursor, left)?;
        self.numbers.push(self.shapes.read(cursor, signature, slots)?);
        self.code_end += code_length;
        Ok(())
    }

    fn finish(self) -> Functions {
        let ShapeReader { shapes, slots, .. } = self.shapes;
        Functions {
            numbers: self.numbers.finish(),
            shapes: shapes.into(),
            slots: slots.into(),
            marks: self.marks.into(),
            signatures: self.signatures.finish(),
            table: self.table as u32,
            code: self.code.start as u32,
        }
    }
}

/// Reads what stands behind the name; `left` bytes of code are not taken yet.
fn read_fixed(cursor: &mut Cursor<'_>, left: usize) -> Result<Fixed> {
    let at = cursor.offset();
    let bytes = cursor.bytes("a function's entry", Fixed::SIZE)?;
    // There are just so many bytes.
    let fixed = Fixed::read(bytes).unwrap_or_default();
    if fixed.flags > 1 {
        let (found, wanted) = (fixed.flags.into(), "0 or 1".to_owned());
        return Err(cursor.error_at(at, FormatErrorKind::Value { what: "a function's flags", found, wanted }));
    }
    let (at, length) = (at + 7, fixed.code_length as usize);
    if length > left {
        let (found, length) = (length as u64, left as u64);
        let kind = FormatErrorKind::Range { what: "the length of a function's code", found, length };
        return Err(cursor.error_at(at, kind));
    }
    if length > MOST_CODE {
        let (found, limit) = (length as u64, MOST_CODE as u64);
        return Err(cursor.error_at(at, FormatErrorKind::Limit { what: "a function's code", found, limit }));
    }
    Ok(fixed)
}

/// The most functions of a file.
pub const MOST_FUNCTIONS: usize = 1 << 24;
/// The most bytes of one function's code.
pub const MOST_CODE: usize = 7 << 20;

/// What is written of a function.
pub(crate) struct Draft<'a, S> {
    pub(crate) name: &'a [u8],
    pub(crate) exported: bool,
    pub(crate) max_stack: u16,
    pub(crate) limit: Option<u32>,
    pub(crate) slots: S,
    pub(crate) code_length: u32,
}

impl<'a, S> Draft<'a, S> {
    pub(crate) fn with_slots<T>(self, slots: T) -> Draft<'a, T> {
        let Draft { name, exported, max_stack, limit, code_length, .. } = self;
        Draft { name, exported, max_stack, limit, slots, code_length }
    }
}

/// Writes what stands before the functions.
pub(crate) fn write_count(out: &mut Vec<u8>, count: usize) {
    out.extend_from_slice(&(count as u32).to_le_bytes());
}

impl<S: ExactSizeIterator<Item = SlotKind>> Draft<'_, S> {
    pub(crate) fn write(self, out: &mut Vec<u8>) {
        write_text(out, self.name);
        out.push(self.exported.into());
        out.extend_from_slice(&self.max_stack.to_le_bytes());
        out.extend_from_slice(&self.limit.unwrap_or(0).to_le_bytes());
        out.extend_from_slice(&self.code_length.to_le_bytes());
        out.extend_from_slice(&(self.slots.len() as u16).to_le_bytes());
        for slot in self.slots {
            let (kind, operand) = slot.record();
            out.push(kind);
            out.extend_from_slice(&operand.to_le_bytes());
        }
    }
}
