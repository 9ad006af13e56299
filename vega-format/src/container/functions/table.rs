//! [`Functions`]: the table as it is looked up, by index or by name, read out of the file each time.

use super::shapes::{Numbers, Shape};
use super::{Bare, Draft, Fixed, Function, Outlined, SlotKind};
use crate::container::signatures::Signatures;
use alloc::boxed::Box;
use core::ops::Range;

/// Where a function stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Mark {
    /// Where its entry starts in the section.
    pub(super) entry: u32,
    /// Where its code starts in the section `code`.
    pub(super) code: u32,
}

/// Every so many functions have a mark; to the others it is a few steps from there.
pub(super) const STRIDE: usize = 8;

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
    pub(super) numbers: Numbers,
    pub(super) shapes: Box<[Shape]>,
    pub(super) slots: Box<[SlotKind]>,
    pub(super) marks: Box<[Mark]>,
    pub(super) signatures: Signatures,
    /// Where the section starts in the file, and the section `code`; no file is longer than four bytes can say.
    pub(super) table: u32,
    pub(super) code: u32,
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
        // Of a file that was cut, what is left; of any that was read it is whole.
        let behind = file.get(code..).unwrap_or_default();
        Some(Function {
            index,
            name,
            signature: self.signatures.get(shape.signature, name)?,
            exported: fixed.flags == 1,
            max_stack: fixed.max_stack,
            limit: fixed.limit(),
            slots: self.slots_of(shape)?,
            code: behind.get(..fixed.code_length as usize).unwrap_or(behind),
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
