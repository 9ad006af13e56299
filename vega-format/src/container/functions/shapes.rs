//! What many functions share, kept once: their types and their slots.

use super::SlotKind;
use crate::container::cursor::Cursor;
use crate::error::{FormatErrorKind, Result};
use crate::hash::HashMap;
use alloc::borrow::ToOwned;
use alloc::boxed::Box;
use alloc::vec::Vec;
use foldhash::fast::RandomState;

/// What many functions share: their types and their slots.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Shape {
    /// The number of the types.
    pub(super) signature: u32,
    /// The index of the first slot.
    pub(super) slots: u32,
    pub(super) count: u16,
}

/// Numbers that are given out in turn: up to the first that needs more than two bytes all take two.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Numbers {
    narrow: Box<[u16]>,
    wide: Box<[u32]>,
}

impl Numbers {
    pub(super) fn len(&self) -> usize {
        self.narrow.len() + self.wide.len()
    }

    #[inline]
    pub(super) fn get(&self, place: usize) -> Option<usize> {
        match self.narrow.get(place) {
            Some(number) => Some(usize::from(*number)),
            None => self.wide.get(place - self.narrow.len()).map(|number| *number as usize),
        }
    }
}

/// Numbers that are being given out.
#[derive(Default)]
pub(super) struct NumbersReader {
    narrow: Vec<u16>,
    wide: Vec<u32>,
}

impl NumbersReader {
    /// With room for so many.
    pub(super) fn with_capacity(count: usize) -> NumbersReader {
        NumbersReader { narrow: Vec::with_capacity(count), wide: Vec::new() }
    }

    pub(super) fn push(&mut self, number: u32) {
        match u16::try_from(number) {
            Ok(number) if self.wide.is_empty() => self.narrow.push(number),
            _ => self.wide.push(number),
        }
    }

    pub(super) fn finish(self) -> Numbers {
        Numbers { narrow: self.narrow.into(), wide: self.wide.into() }
    }
}

/// Reads lists of slots; functions with the same types and slots share a shape.
#[derive(Default)]
pub(super) struct ShapeReader<'a> {
    pub(super) shapes: Vec<Shape>,
    pub(super) slots: Vec<SlotKind>,
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
    pub(super) fn read(&mut self, cursor: &mut Cursor<'a>, signature: u32, count: u16) -> Result<u32> {
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
                let (field, fault) = no_slot(kind, operand);
                cursor.error_at(at + place * SlotKind::RECORD + field, fault)
            })?;
            self.slots.push(slot);
        }
        Ok(number)
    }
}

/// Which field of a record that is no slot is wrong, and how.
#[cold]
fn no_slot(kind: u8, operand: u32) -> (usize, FormatErrorKind) {
    let (field, what, found, wanted) = match kind {
        1 => (1, "the mask of a slot", operand, "at most 255, a bit for each of eight types"),
        2 => (1, "the type of a slot", operand, "16 plus the index of an entry"),
        3 => (1, "the tag of a slot", operand, "a tag from 1 to 8"),
        _ => (0, "a slot's kind", kind.into(), "1 with a mask, 2 with a type, or 3 with a tag"),
    };
    (field, FormatErrorKind::Value { what, found: found.into(), wanted: wanted.to_owned() })
}
