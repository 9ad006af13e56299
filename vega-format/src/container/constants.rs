//! The section `constants`: values by first use in the code, without duplicates.
//!
//! Body: count `u32`; for each a record of nine bytes, its tag `u8` and eight bytes; then the bytes of all strings in
//! order. The eight bytes hold a scalar (little-endian, zeroes above its size), or a string's start in the string
//! bytes and its length, four bytes each.

use super::cursor::Cursor;
use crate::cell;
use crate::error::{FormatErrorKind, Result};
use crate::types::Tag;
use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;
use core::ops::Range;

/// The tag of a string in the constant pool; it has no arena type.
pub const STRING_TAG: u8 = 9;
const RECORD: usize = 9;
/// The most constants of a file.
pub const MOST_CONSTANTS: usize = 1 << 24;
/// The most bytes of one string.
pub const MOST_STRING: usize = 1 << 24;

/// A constant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Value<'a> {
    /// A scalar as a cell.
    Scalar(Tag, u64),
    /// Text.
    String(&'a str),
}

/// The constants of a file: where their records and the string bytes stand.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Constants {
    count: u32,
    /// Where the first record starts in the file, and where the strings do; no file is longer than four bytes can say.
    records: u32,
    strings: Range<u32>,
}

impl Constants {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.count as usize
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// The constant at `index`, in constant time. `file` is the file that was read.
    pub(crate) fn get<'a>(&self, file: &'a [u8], index: u32) -> Option<Value<'a>> {
        let (tag, payload) = self.record(file, index)?;
        match Tag::from_number(tag) {
            Some(tag) => Some(Value::Scalar(tag, cell::decode(tag, payload))),
            None => {
                let bytes = self.strings(file).get(string_range(payload))?;
                core::str::from_utf8(bytes).ok().map(Value::String)
            }
        }
    }

    /// The tag of the constant at `index` and the bytes of its value, of which there is one form.
    pub(crate) fn key<'a>(&self, file: &'a [u8], index: u32) -> Option<(u8, &'a [u8])> {
        let (tag, payload) = self.record(file, index)?;
        match tag {
            STRING_TAG => Some((tag, self.strings(file).get(string_range(payload))?)),
            _ => Some((tag, payload)),
        }
    }

    /// The type of the constant at `index`: a scalar's tag, or `None` for a string.
    pub(crate) fn tag(&self, file: &[u8], index: u32) -> Option<Option<Tag>> {
        self.record(file, index).map(|(tag, _)| Tag::from_number(tag))
    }

    /// Where the bytes of a string constant stand among the string bytes: start and length.
    pub(crate) fn string_place(&self, file: &[u8], index: u32) -> Option<(u32, u32)> {
        let (tag, payload) = self.record(file, index)?;
        let range = string_range(payload);
        (tag == STRING_TAG).then_some((range.start as u32, range.len() as u32))
    }

    /// The bytes of all strings, in order.
    pub(crate) fn strings<'a>(&self, file: &'a [u8]) -> &'a [u8] {
        file.get(self.strings.start as usize..self.strings.end as usize).unwrap_or_default()
    }

    /// The tag of the constant at `index`, and what stands behind it.
    fn record<'a>(&self, file: &'a [u8], index: u32) -> Option<(u8, &'a [u8])> {
        let index = Some(index as usize).filter(|_| index < self.count)?;
        let record = file.get(self.records as usize + index * RECORD..)?.get(..RECORD)?;
        record.split_first().map(|(tag, payload)| (*tag, payload))
    }
}

fn string_range(payload: &[u8]) -> Range<usize> {
    let number = |bytes: &[u8]| bytes.iter().rev().fold(0usize, |number, byte| number << 8 | usize::from(*byte));
    let (start, length) = payload.split_at_checked(4).unwrap_or_default();
    let start = number(start);
    // What is no string may have any numbers there.
    start..start.saturating_add(number(length))
}

pub(crate) fn read(mut cursor: Cursor<'_>) -> Result<Constants> {
    let at = cursor.offset();
    let count = cursor.count("the constant pool", RECORD)?;
    if count > MOST_CONSTANTS {
        let (what, found, limit) = ("the number of constants", count as u64, MOST_CONSTANTS as u64);
        return Err(cursor.error_at(at, FormatErrorKind::Limit { what, found, limit }));
    }
    let records = cursor.range("the constant pool", count * RECORD)?;
    let strings = cursor.range("the strings", cursor.left())?;
    let mut end_of_strings = 0;
    let file = cursor.bytes_of(records.clone());
    for (index, record) in file.chunks_exact(RECORD).enumerate() {
        let Some((&tag, payload)) = record.split_first() else { break };
        let at = records.start + index * RECORD;
        match Tag::from_number(tag) {
            Some(tag) => {
                let bits = payload.first_chunk().map_or(0, |bytes| u64::from_le_bytes(*bytes));
                if !cell::is_canonical(tag, bits) {
                    let problem = format!("constant {index} is no {}", tag.name());
                    return Err(cursor.error_at(at + 1, FormatErrorKind::Canonical(problem)));
                }
            }
            None if tag == STRING_TAG => {
                let range = string_range(payload);
                if range.start != end_of_strings || range.end > strings.len() {
                    let (found, length) = (range.end as u64, strings.len() as u64);
                    let kind = FormatErrorKind::Range { what: "the end of a string constant", found, length };
                    return Err(cursor.error_at(at + 1, kind));
                }
                if range.len() > MOST_STRING {
                    let (what, found, limit) = ("a string constant", range.len() as u64, MOST_STRING as u64);
                    return Err(cursor.error_at(at + 1, FormatErrorKind::Long { what, found, limit }));
                }
                end_of_strings = range.end;
                cursor.check_text("a string constant", strings.start + range.start..strings.start + range.end)?;
            }
            None => {
                let wanted = "1 to 9".to_owned();
                let kind = FormatErrorKind::Value { what: "a constant's tag", found: tag.into(), wanted };
                return Err(cursor.error_at(at, kind));
            }
        }
    }
    if end_of_strings != strings.len() {
        let extra = strings.len() - end_of_strings;
        return Err(cursor.error_at(strings.start + end_of_strings, FormatErrorKind::Extra(extra as u64)));
    }
    let strings = strings.start as u32..strings.end as u32;
    Ok(Constants { count: count as u32, records: records.start as u32, strings })
}

pub(crate) fn write<'c>(out: &mut Vec<u8>, count: usize, constants: impl Iterator<Item = Value<'c>>) {
    out.extend_from_slice(&(count as u32).to_le_bytes());
    let mut strings = String::new();
    for constant in constants {
        match constant {
            Value::Scalar(tag, cell) => {
                out.push(tag.number());
                let (mut bytes, length) = cell::encode(tag, cell);
                bytes.iter_mut().skip(length).for_each(|byte| *byte = 0);
                out.extend_from_slice(&bytes);
            }
            Value::String(text) => {
                out.push(STRING_TAG);
                out.extend_from_slice(&(strings.len() as u32).to_le_bytes());
                out.extend_from_slice(&(text.len() as u32).to_le_bytes());
                strings.push_str(text);
            }
        }
    }
    out.extend_from_slice(strings.as_bytes());
}
