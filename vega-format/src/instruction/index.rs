//! The operands that are indexes into tables of the module, one after another, as they stand in the code: all that has
//! to be looked at, or changed, when a function moves to another file.
//!
//! No instructions are made of the bytes, so this is quick; what else is wrong with them is for the verifier to say.

use super::{CodeError, DecodeError, ROWS, Row, Space};

/// An operand that is an index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Index {
    /// Where its instruction starts in the code of the function.
    pub offset: u32,
    /// Where it stands itself.
    pub at: u32,
    /// What it points into: constants, imports, functions or statics.
    pub space: Space,
    /// The index.
    pub value: u32,
    width: u8,
}

impl Index {
    /// Puts another index in its place in the function's code; gives whether there is room for it.
    pub fn put(&self, code: &mut [u8], value: u32) -> bool {
        let (at, width) = (self.at as usize, usize::from(self.width));
        let bytes = value.to_le_bytes();
        let (Some(place), Some((low, high))) = (code.get_mut(at..at + width), bytes.split_at_checked(width)) else {
            return false;
        };
        place.copy_from_slice(low);
        high.iter().all(|byte| *byte == 0)
    }
}

/// The indexes in `code`, up to the end or the first instruction that is none.
pub fn indexes(code: &[u8]) -> Indexes<'_> {
    Indexes { code, offset: 0 }
}

/// Iterates over indexes; after an error it has ended.
#[derive(Debug, Clone)]
pub struct Indexes<'a> {
    code: &'a [u8],
    offset: usize,
}

impl Iterator for Indexes<'_> {
    type Item = Result<Index, CodeError>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let number = *self.code.get(self.offset)?;
            let offset = self.offset;
            let place = place(number);
            let (width, left) = (usize::from(place.width), self.code.len() - offset);
            if width == 0 || width > left {
                self.offset = self.code.len();
                let kind = match width {
                    0 => DecodeError::UnknownOpcode(number),
                    need => DecodeError::Truncated { need, have: left },
                };
                return Some(Err(CodeError { offset: offset as u32, kind }));
            }
            self.offset += width;
            let Some(space) = place.space else { continue };
            let at = offset + usize::from(place.at);
            let bytes = self.code.get(at..at + usize::from(place.index_width)).unwrap_or_default();
            let value = match *bytes {
                [a, b, c, d] => u32::from_le_bytes([a, b, c, d]),
                _ => bytes.iter().rev().fold(0, |value, byte| value << 8 | u32::from(*byte)),
            };
            let (offset, at) = (offset as u32, at as u32);
            return Some(Ok(Index { offset, at, space, value, width: place.index_width }));
        }
    }
}

/// Where in an instruction its index stands, if it has one.
#[derive(Clone, Copy)]
struct Place {
    /// Bytes of the instruction; 0 if there is none of this number.
    width: u8,
    space: Option<Space>,
    at: u8,
    index_width: u8,
}

#[allow(clippy::indexing_slicing, reason = "a byte into 256 places")]
#[inline(always)]
fn place(number: u8) -> Place {
    static PLACES: [Place; 256] = places();
    PLACES[usize::from(number)]
}

#[allow(clippy::indexing_slicing, reason = "run by the compiler")]
const fn places() -> [Place; 256] {
    let mut places = [Place { width: 0, space: None, at: 0, index_width: 0 }; 256];
    let mut row = 0;
    while row < ROWS.len() {
        places[ROWS[row].number as usize] = place_of(&ROWS[row]);
        row += 1;
    }
    places
}

#[allow(clippy::indexing_slicing, reason = "run by the compiler")]
const fn place_of(row: &Row) -> Place {
    let mut found = Place { width: row.width as u8, space: None, at: 0, index_width: 0 };
    let (mut operand, mut at) = (0, 1);
    while operand < row.operands.len() {
        let kind = row.operands[operand].1;
        if kind.space.is_table() && !matches!(kind.space, Space::Slots) {
            found.space = Some(kind.space);
            (found.at, found.index_width) = (at, kind.width as u8);
        }
        at += kind.width as u8;
        operand += 1;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::instruction::{Instruction, walk};

    #[test]
    fn indexes_are_those_of_the_instructions() {
        let mut code = Vec::new();
        for row in ROWS {
            let sample = Instruction::from_parts(row.number, &vec![1; row.operands.len()]).expect("1 is allowed");
            sample.encode(&mut code);
        }
        let slow = walk(&code).flatten().filter_map(|(offset, instruction)| {
            let (space, value) = instruction.index().filter(|(space, _)| *space != Space::Slots)?;
            let at = offset + instruction.row().operand_at(space)? as u32;
            Some((offset, at, space, value))
        });
        let quick = indexes(&code).flatten().map(|index| (index.offset, index.at, index.space, index.value));
        assert!(slow.eq(quick));
        for index in indexes(&code.clone()).flatten() {
            assert!(index.put(&mut code, 0xFFFF));
            assert_eq!(index.put(&mut code, 0x1_0000), index.space != Space::Statics);
            index.put(&mut code, 1);
        }
        assert!(indexes(&code).flatten().all(|index| index.value == 1));
        code.push(ROWS.iter().find(|row| row.width > 1).expect("some have operands").number);
        assert!(matches!(indexes(&code).last(), Some(Err(CodeError { kind: DecodeError::Truncated { .. }, .. }))));
    }
}
