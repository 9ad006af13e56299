//! The section `functions`: the function table, sorted by mangled name.
//!
//! Body: count `u32`; for each: mangled name as text, flags `u8` (bit 0: exported), expression stack `u16` in cells,
//! activations that may be live at once `u32` (0: any number), code length `u32` in bytes, count `u16` of slots, and each
//! slot's kind `u8` with an operand `u32`: variable (1) and its mask, stencil (2) and its type, alias (3) and its tag.
//! Code stands in the section `code` in the same order.

use super::cursor::{Cursor, write_text};
use super::signatures::{KnownTypes, SignatureReader, Signatures};
use crate::error::{FormatError, FormatErrorKind, Result};
use crate::hash::HashMap;
use crate::stencil::{StencilTable, TypeRef};
use crate::types::{Mask, SignatureRef, Tag};
use alloc::borrow::ToOwned;
use alloc::boxed::Box;
use alloc::string::String;
use alloc::string::ToString;
use alloc::vec::Vec;
use core::ops::Range;
use foldhash::fast::RandomState;

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

/// What many functions share: their types and their slots.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Shape {
    /// The number of the types.
    signature: u32,
    /// The index of the first slot.
    slots: u32,
    count: u16,
}

/// Numbers that are given out in turn: up to the first that needs more than two bytes all take two.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Numbers {
    narrow: Box<[u16]>,
    wide: Box<[u32]>,
}

impl Numbers {
    fn len(&self) -> usize {
        self.narrow.len() + self.wide.len()
    }

    #[inline]
    fn get(&self, place: usize) -> Option<usize> {
        match self.narrow.get(place) {
            Some(number) => Some(usize::from(*number)),
            None => self.wide.get(place - self.narrow.len()).map(|number| *number as usize),
        }
    }
}

/// Numbers that are being given out.
struct NumbersReader {
    narrow: Vec<u16>,
    wide: Vec<u32>,
}

impl NumbersReader {
    fn push(&mut self, number: u32) {
        match u16::try_from(number) {
            Ok(number) if self.wide.is_empty() => self.narrow.push(number),
            _ => self.wide.push(number),
        }
    }

    fn finish(self) -> Numbers {
        Numbers { narrow: self.narrow.into(), wide: self.wide.into() }
    }
}

/// Where a function stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Mark {
    /// Where its entry starts in the section.
    entry: u32,
    /// Where its code starts in the section `code`.
    code: u32,
}

/// Every so many functions have a mark; to the others it is a few steps from there.
const STRIDE: usize = 8;

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

/// A function's entry, and where its code starts in the file.
struct Entry<'a> {
    name: &'a [u8],
    fixed: Fixed,
    code: usize,
}

/// Goes from one entry to the next.
struct Walk<'a> {
    file: &'a [u8],
    entry: usize,
    code: usize,
}

impl<'a> Iterator for Walk<'a> {
    type Item = Entry<'a>;

    #[inline]
    fn next(&mut self) -> Option<Entry<'a>> {
        let (length, entry) = self.file.get(self.entry..)?.split_first_chunk()?;
        let (name, rest) = entry.split_at_checked(u32::from_le_bytes(*length) as usize)?;
        let fixed = Fixed::read(rest)?;
        let code = self.code;
        self.entry += 4 + name.len() + Fixed::SIZE + usize::from(fixed.slots) * SlotKind::RECORD;
        self.code += fixed.code_length as usize;
        Some(Entry { name, fixed, code })
    }
}

/// A place among the functions of a file, for who asks for one behind another: it is a few steps from there. There may be
/// one for each of many files, so it is small.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Place {
    /// The function before which it is, and where its entry and its code start in the file; at first they are 0, where none is.
    next: u32,
    entry: u32,
    code: u32,
}

/// The functions of a file. Most of what is said of them is read out of the file when it is asked for, so that they take
/// less room in memory than there.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Functions {
    /// The shape of each.
    numbers: Numbers,
    shapes: Box<[Shape]>,
    slots: Box<[SlotKind]>,
    marks: Box<[Mark]>,
    signatures: Signatures,
    /// Where the section starts in the file, and the section `code`; no file is longer than four bytes can say.
    table: u32,
    code: u32,
}

impl Functions {
    pub(crate) fn len(&self) -> usize {
        self.numbers.len()
    }

    pub(crate) fn signatures(&self) -> &Signatures {
        &self.signatures
    }

    #[inline]
    fn shape(&self, index: u32) -> Option<&Shape> {
        self.shapes.get(self.numbers.get(index as usize)?)
    }

    /// The number of a function's types.
    #[inline]
    pub(crate) fn signature(&self, index: u32) -> Option<u32> {
        self.shape(index).map(|shape| shape.signature)
    }

    fn slots_of(&self, shape: &Shape) -> Option<&[SlotKind]> {
        self.slots.get(shape.slots as usize..)?.get(..usize::from(shape.count))
    }

    /// The number of the types and the slots of the functions, each combination once, in the order of their first use.
    pub(crate) fn shapes(&self) -> impl Iterator<Item = (u32, &[SlotKind])> {
        self.shapes.iter().map(|shape| (shape.signature, self.slots_of(shape).unwrap_or_default()))
    }

    /// The entries from a function on, and behind them whatever may stand there.
    fn walk<'a>(&self, file: &'a [u8], index: u32) -> Walk<'a> {
        let index = index as usize;
        let mut walk = match self.marks.get(index / STRIDE).filter(|_| index < self.len()) {
            Some(mark) => {
                Walk { file, entry: (self.table + mark.entry) as usize, code: (self.code + mark.code) as usize }
            }
            None => Walk { file, entry: file.len(), code: 0 },
        };
        for _ in 0..index % STRIDE {
            walk.next();
        }
        walk
    }

    fn entry<'a>(&self, file: &'a [u8], index: u32) -> Option<Entry<'a>> {
        self.walk(file, index).next()
    }

    /// The entry of a function that is looked for from a place on, which is then behind it.
    fn entry_from<'a>(&self, file: &'a [u8], from: &mut Place, index: u32) -> Option<Entry<'a>> {
        let near = from.next..from.next.saturating_add(STRIDE as u32);
        let mut walk = match from.entry > 0 && near.contains(&index) && (index as usize) < self.len() {
            true => {
                let mut walk = Walk { file, entry: from.entry as usize, code: from.code as usize };
                (from.next..index).for_each(|_| _ = walk.next());
                walk
            }
            false => self.walk(file, index),
        };
        let entry = walk.next();
        *from = Place { next: index.saturating_add(1), entry: walk.entry as u32, code: walk.code as u32 };
        entry
    }

    /// Where the code of a function starts in the section, and the code.
    pub(crate) fn code_from<'a>(&self, file: &'a [u8], from: &mut Place, index: u32) -> Option<(u32, &'a [u8])> {
        let Entry { fixed, code, .. } = self.entry_from(file, from, index)?;
        Some((code as u32 - self.code, file.get(code..)?.get(..fixed.code_length as usize)?))
    }

    /// What is written of a function, with its slots as they are numbered here.
    pub(crate) fn draft_from<'a>(
        &'a self,
        file: &'a [u8],
        from: &mut Place,
        index: u32,
    ) -> Option<Draft<'a, &'a [SlotKind]>> {
        let Entry { name, fixed, .. } = self.entry_from(file, from, index)?;
        let slots = self.slots_of(self.shape(index)?)?;
        let Fixed { flags, max_stack, code_length, .. } = fixed;
        Some(Draft { name, exported: flags == 1, max_stack, limit: fixed.limit(), slots, code_length })
    }

    fn name<'a>(&self, file: &'a [u8], index: u32) -> &'a [u8] {
        self.entry(file, index).map(|entry| entry.name).unwrap_or_default()
    }

    /// The mangled name of a function.
    pub(crate) fn name_of<'a>(&self, file: &'a [u8], index: u32) -> Option<&'a str> {
        core::str::from_utf8(self.entry(file, index)?.name).ok()
    }

    pub(crate) fn get<'a>(&'a self, file: &'a [u8], index: u32) -> Option<Function<'a>> {
        self.function(file, index, self.entry(file, index)?)
    }

    fn function<'a>(&'a self, file: &'a [u8], index: u32, entry: Entry<'a>) -> Option<Function<'a>> {
        let Entry { name, fixed, code } = entry;
        let shape = self.shape(index)?;
        let name = core::str::from_utf8(name).ok()?;
        Some(Function {
            index,
            name,
            signature: self.signatures.get(shape.signature, name)?,
            exported: fixed.flags == 1,
            max_stack: fixed.max_stack,
            limit: fixed.limit(),
            slots: self.slots_of(shape)?,
            code: file.get(code..)?.get(..fixed.code_length as usize)?,
            code_offset: code,
        })
    }

    /// The functions, by index.
    pub(crate) fn all<'a>(&'a self, file: &'a [u8]) -> impl Iterator<Item = Function<'a>> {
        let functions = (0..self.len() as u32).zip(self.walk(file, 0));
        functions.map_while(|(index, entry)| self.function(file, index, entry))
    }

    /// Functions from an index on, as the table says them.
    pub(crate) fn outlined<'a>(&self, file: &'a [u8], index: u32) -> impl Iterator<Item = Outlined<'a>> + use<'a> {
        let functions = (index..self.len() as u32).zip(self.walk(file, index));
        functions.map(|(index, Entry { name, fixed, .. })| Outlined { index, name, exported: fixed.flags == 1 })
    }

    /// Where the code of a function starts in the file, and the code.
    pub(crate) fn code<'a>(&self, file: &'a [u8], index: u32) -> Option<(usize, &'a [u8])> {
        let Entry { fixed, code, .. } = self.entry(file, index)?;
        Some((code, file.get(code..)?.get(..fixed.code_length as usize)?))
    }

    /// Where the code of each function starts in the section `code`, and the code, in order.
    pub(crate) fn codes<'a>(&self, file: &'a [u8]) -> impl Iterator<Item = (u32, &'a [u8])> + use<'a> {
        let section = self.code;
        self.walk(file, 0).take(self.len()).map_while(move |Entry { fixed, code, .. }| {
            Some((code as u32 - section, file.get(code..)?.get(..fixed.code_length as usize)?))
        })
    }

    /// Functions without their names and what belongs to these, by index.
    pub(crate) fn bare<'a>(&'a self, file: &'a [u8], range: Range<u32>) -> impl Iterator<Item = (u32, Bare<'a>)> {
        range.clone().zip(self.walk(file, range.start)).map_while(|(index, Entry { fixed, code, .. })| {
            let shape = self.shape(index)?;
            let bare = Bare {
                signature: shape.signature,
                max_stack: fixed.max_stack,
                limit: fixed.limit(),
                slots: self.slots_of(shape)?,
                code: file.get(code..)?.get(..fixed.code_length as usize)?,
            };
            Some((index, bare))
        })
    }

    /// Where a function's code starts in the section `code`.
    pub(crate) fn code_start(&self, file: &[u8], index: u32) -> Option<u32> {
        self.entry(file, index).map(|entry| entry.code as u32 - self.code)
    }

    /// The indexes of the functions whose mangled name starts with these bytes.
    pub(crate) fn starting_with(&self, file: &[u8], start: &[u8]) -> Range<u32> {
        let first = self.first(file, |name| name >= start);
        first..self.first(file, |name| name >= start && !name.starts_with(start))
    }

    pub(crate) fn find(&self, file: &[u8], name: &str) -> Option<u32> {
        let place = self.first(file, |found| found >= name.as_bytes());
        (self.entry(file, place)?.name == name.as_bytes()).then_some(place)
    }

    /// The first function whose name, as that of all behind it, is what is looked for.
    fn first(&self, file: &[u8], is_wanted: impl Fn(&[u8]) -> bool) -> u32 {
        let (mut start, mut end) = (0, self.len() as u32);
        while start < end {
            let middle = start + (end - start) / 2;
            match is_wanted(self.name(file, middle)) {
                true => end = middle,
                false => start = middle + 1,
            }
        }
        start
    }
}

/// The least bytes of an entry.
const SMALLEST: usize = 4 + Fixed::SIZE;

/// Whether the table says that there are functions, which then have code.
pub(crate) fn are_some(mut cursor: Cursor<'_>) -> Result<bool> {
    Ok(cursor.count("the functions", SMALLEST)? > 0)
}

/// Reads the table; `code` is the body of the section `code`.
pub(crate) fn read(mut cursor: Cursor<'_>, code: Range<usize>, known: &mut KnownTypes) -> Result<Functions> {
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
    let mut numbers = NumbersReader { narrow: Vec::with_capacity(count), wide: Vec::new() };
    let mut marks = Vec::with_capacity(count.div_ceil(STRIDE));
    let mut shapes = ShapeReader::default();
    let mut signatures = SignatureReader::new(known);
    let mut before: &[u8] = &[];
    let mut code_end = 0;
    for index in 0..count as u32 {
        if (index as usize).is_multiple_of(STRIDE) {
            marks.push(Mark { entry: (cursor.offset() - table) as u32, code: code_end });
        }
        let range = cursor.text_range("a function's name")?;
        let name = cursor.bytes_of(range.clone());
        let signature = signatures.read(&cursor, range.clone())?;
        // No name is empty, so the first is greater than nothing. Bytes and characters of UTF-8 have one order.
        if before >= name {
            return Err(cursor.error_at(range.start, FormatErrorKind::Order { what: "function", index }));
        }
        before = name;
        let left = code.len() - code_end as usize;
        let Fixed { code_length, slots, .. } = read_fixed(&mut cursor, left)?;
        numbers.push(shapes.read(&mut cursor, signature, slots)?);
        code_end += code_length;
    }
    cursor.finish()?;
    if code_end as usize != code.len() {
        let kind = FormatErrorKind::Extra((code.len() - code_end as usize) as u64);
        let offset = (code.start + code_end as usize) as u64;
        return Err(FormatError { kind, offset, section: Some(super::SectionId::Code) });
    }
    let ShapeReader { shapes, slots, .. } = shapes;
    Ok(Functions {
        numbers: numbers.finish(),
        shapes: shapes.into(),
        slots: slots.into(),
        marks: marks.into(),
        signatures: signatures.finish(),
        table: table as u32,
        code: code.start as u32,
    })
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

/// Reads lists of slots; functions with the same types and slots share a shape.
#[derive(Default)]
struct ShapeReader<'a> {
    shapes: Vec<Shape>,
    slots: Vec<SlotKind>,
    /// By the number of the types and the bytes of the slots. They come out of a file, so the hash has a key that nobody
    /// knows.
    numbers: HashMap<(u32, &'a [u8]), u32, RandomState>,
    /// The one before, which is mostly the next, too.
    last: Option<(u32, &'a [u8], u32)>,
}

impl<'a> ShapeReader<'a> {
    /// Longer lists are hardly the same as others.
    const MOST_SHARED: u16 = 16;

    /// Reads the list at the cursor and gives the number of the shape.
    fn read(&mut self, cursor: &mut Cursor<'a>, signature: u32, count: u16) -> Result<u32> {
        let at = cursor.offset();
        let bytes = cursor.bytes("the list of slots", usize::from(count) * SlotKind::RECORD)?;
        let number = self.shapes.len() as u32;
        if count <= ShapeReader::MOST_SHARED {
            if let Some((_, _, last)) = self.last.filter(|(known, slots, _)| (*known, *slots) == (signature, bytes)) {
                return Ok(last);
            }
            let known = *self.numbers.entry((signature, bytes)).or_insert(number);
            self.last = Some((signature, bytes, known));
            if known != number {
                return Ok(known);
            }
        }
        self.shapes.push(Shape { signature, slots: self.slots.len() as u32, count });
        for (place, record) in bytes.chunks_exact(SlotKind::RECORD).enumerate() {
            let Some((&kind, operand)) = record.split_first() else { break };
            let operand = operand.first_chunk().map_or(0, |bytes| u32::from_le_bytes(*bytes));
            let slot = SlotKind::from_record(kind, operand).ok_or_else(|| {
                let wanted = "1 with a mask, 2 with a type, or 3 with a tag".to_owned();
                let kind = FormatErrorKind::Value { what: "a slot's kind", found: kind.into(), wanted };
                cursor.error_at(at + place * SlotKind::RECORD, kind)
            })?;
            self.slots.push(slot);
        }
        Ok(number)
    }
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
