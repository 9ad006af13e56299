//! The instruction set: one table, read as an enum by those who must handle every row, and as data by everybody else.
//!
//! An instruction is one byte of opcode and then its operands, each of fixed width, little-endian. Nobody outside this
//! module knows the number of an opcode.

mod brief;
mod define;
mod index;
mod operand;
mod table;
mod walk;

pub(crate) use brief::{LOCAL, Often, Plain, STRING, brief};
pub use index::{Index, Indexes, indexes};
pub use operand::{
    Capacity, Cell, Constant, Count, Depth, Function, Import, Offset, Operand, OperandKind, Size, Slot, Space,
    Spelling, Static, Target,
};
pub use table::{Instruction, ROWS};
pub use walk::{CodeError, Walk, walk};

use crate::text::counted;
use crate::trap::TrapKind;
use crate::types::Tag;
use byteorder::{ByteOrder, LittleEndian};
use core::convert::Infallible;
use core::ops::Deref;

/// One row of the instruction table.
#[derive(Debug)]
pub struct Row {
    /// The byte in the code. It is the wire format and does not change once released.
    pub number: u8,
    /// The name in listings.
    pub mnemonic: &'static str,
    /// Key and kind of each operand, in order.
    pub operands: &'static [(&'static str, OperandKind)],
    width: usize,
    /// What it takes from the expression stack and what it leaves there.
    pub effect: Effect,
    /// Where execution goes on.
    pub flow: Flow,
    /// What it costs.
    pub steps: Steps,
    /// What it does to an arena, in words; empty if nothing.
    pub arena: &'static str,
    /// The traps that it can cause. Every instruction that allocates is also subject to the limits of the run.
    pub traps: &'static [TrapKind],
    /// What it does, in one sentence.
    pub prose: &'static str,
}

impl Row {
    /// Bytes in the code: the opcode and its operands.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Where in the bytes of the instruction its first operand stands that points into this space.
    pub fn operand_at(&self, space: Space) -> Option<usize> {
        let place = self.operands.iter().position(|(_, kind)| kind.space == space)?;
        let before = self.operands.iter().take(place);
        Some(1 + before.map(|(_, kind)| kind.width).sum::<usize>())
    }
}

/// What an instruction does to the expression stack; the last item named is the top.
#[derive(Debug, Clone, Copy)]
pub enum Effect {
    /// The same types at every use.
    Fixed {
        /// Taken, the top last.
        pops: &'static [Pattern],
        /// Left, the top last.
        pushes: &'static [Pattern],
    },
    /// Decided by a rule of the stack pass, with a line that shows it.
    By(Rule, &'static str),
}

/// A type in a fixed effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "each is named as its type")]
pub enum Pattern {
    Short,
    Int,
    Long,
    Float,
    Decimal,
    Bool,
    Byte,
    Char,
    String,
}

impl Pattern {
    /// The scalar type, or `None` for a string.
    pub const fn tag(self) -> Option<Tag> {
        Some(match self {
            Pattern::Short => Tag::Short,
            Pattern::Int => Tag::Int,
            Pattern::Long => Tag::Long,
            Pattern::Float => Tag::Float,
            Pattern::Decimal => Tag::Decimal,
            Pattern::Bool => Tag::Bool,
            Pattern::Byte => Tag::Byte,
            Pattern::Char => Tag::Char,
            Pattern::String => return None,
        })
    }
}

/// The rules of the stack pass for instructions whose types depend on their operands or on what lies on the stack.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    /// Takes one cell of any type; of a union, one of its two.
    Pop,
    /// Takes cells from beneath others; a union stays whole.
    Slide,
    /// Ends an arena: no view of this frame's arenas may lie on the stack.
    EndArena,
    /// Pushes a constant's type.
    Constant,
    /// Takes a scalar or a union.
    Store,
    /// Pushes the slot's type: one cell, or a union's two.
    Load,
    /// Frees: no view of this frame's arenas may lie on the stack.
    Free,
    /// Takes an integer of any width.
    Pointer,
    /// Takes a scalar of the field's type.
    FieldStore,
    /// Pushes the field's type.
    FieldLoad,
    /// Takes an index, pushes the type of a field of an element.
    ElementLoad,
    /// Takes an index and a scalar.
    ElementStore,
    /// Pushes a view of a slot's elements.
    ArrayView,
    /// Pushes a view of a part of a slot.
    FieldView,
    /// Takes a view and an index, pushes a view of a part of an element.
    ViewField,
    /// Takes two views of elements of one type.
    ViewCopy,
    /// Takes a view and an index, pushes the type of a field of an element.
    ViewLoad,
    /// Takes a view, an index and a scalar.
    ViewStore,
    /// Takes a view, pushes an int.
    ViewLength,
    /// Takes a view and two indexes, pushes a view of the same elements.
    ViewSlice,
    /// Takes a string and an index, pushes a byte.
    StringByte,
    /// Takes a string and two indexes, pushes a string.
    StringSlice,
    /// Takes a string and an index, pushes a char.
    StringChar,
    /// Takes an int and a string, pushes an int.
    StringNext,
    /// Pushes a string that shows a slot.
    TextView,
    /// Takes a string.
    TextStore,
    /// Takes a scalar or a union.
    TextFormat,
    /// Takes a view and an index, pushes a string that shows a text of an element.
    ViewText,
    /// Takes a view, an index and a string.
    ViewTextStore,
    /// Takes a view, an index and a scalar or a union.
    ViewTextFormat,
    /// Takes a scalar or a union, pushes a scalar or a union that may have the same type.
    UnionAs,
    /// Takes a union, pushes a bool.
    UnionIs,
    /// Pushes the type of a cell of the frame.
    Cell,
    /// Takes a function's parameters, pushes its result.
    Call,
    /// Takes an import's parameters, pushes its result.
    HostCall,
    /// Takes the function's result; no arena may be open, and what lies beneath goes with the frame.
    Return,
}

/// Where execution goes on after an instruction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(non_camel_case_types, reason = "the words of the table's column")]
pub enum Flow {
    /// With the next instruction.
    next,
    /// With the next instruction, after another function has run. It ends a basic block.
    calls,
    /// At the target or with the next instruction.
    branches,
    /// At the target.
    jumps,
    /// In the caller.
    ends,
}

/// What an instruction costs, in steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Steps {
    /// One step.
    One,
    /// One step and another for every 64 bytes that it touches.
    Bulk,
}

/// The operands of an instruction as numbers, in the order of its row.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Operands {
    values: [u32; Operands::MOST],
    count: usize,
}

impl Operands {
    /// No instruction has more.
    pub const MOST: usize = 3;
    /// Nor does one have more bytes.
    const MOST_BYTES: usize = 1 + 4 * Operands::MOST;

    fn push(&mut self, value: u32) {
        if let Some(place) = self.values.get_mut(self.count) {
            *place = value;
            self.count += 1;
        }
    }
}

impl Deref for Operands {
    type Target = [u32];
    fn deref(&self) -> &[u32] {
        self.values.get(..self.count).unwrap_or_default()
    }
}

/// Why bytes are no instruction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// No row has this number.
    #[error("unknown opcode 0x{0:02x}")]
    UnknownOpcode(u8),
    /// The bytes end inside the instruction.
    #[error("the code ends inside an instruction: {} left, {need} needed", counted(*.have, "byte"))]
    Truncated {
        /// Bytes of the instruction.
        need: usize,
        /// Bytes left.
        have: usize,
    },
    /// No value of this kind of operand has this number.
    #[error("operand {operand} has no value with number {value}")]
    Value {
        /// Which operand, from 0.
        operand: usize,
        /// The number found.
        value: u32,
    },
    /// There are more or fewer operands than the row has.
    #[error("wrong number of operands")]
    Operands,
}

impl DecodeError {
    /// How many bytes from there on are none of an instruction: behind them one may begin.
    pub fn width(&self) -> usize {
        match self {
            DecodeError::Truncated { have, .. } => *have,
            _ => 1,
        }
    }
}

/// Puts an operand behind `at` bytes of an instruction; gives how many there are then.
#[inline(always)]
fn put(bytes: &mut [u8; Operands::MOST_BYTES], at: usize, raw: u32, width: usize) -> usize {
    // What is above its width is zero, and the next operand stands there.
    if let Some(place) = bytes.get_mut(at..at + size_of::<u32>()) {
        place.copy_from_slice(&raw.to_le_bytes());
    }
    at + width
}

/// Reads the operands of one instruction in order.
struct OperandReader<'a> {
    code: &'a [u8],
    at: usize,
    operands: usize,
}

impl<'a> OperandReader<'a> {
    fn new(code: &'a [u8]) -> Result<OperandReader<'a>, DecodeError> {
        match code.is_empty() {
            true => Err(DecodeError::Truncated { need: 1, have: 0 }),
            false => Ok(OperandReader { code, at: 1, operands: 0 }),
        }
    }

    fn number(&self) -> u8 {
        self.code.first().copied().unwrap_or_default()
    }

    /// Bytes up to here.
    fn width(&self) -> usize {
        self.at
    }

    #[inline(always)]
    fn operand<K: Operand>(&mut self) -> Result<K, DecodeError> {
        let width = K::KIND.width;
        let Some(bytes) = self.code.get(self.at..self.at + width) else {
            let need = row(self.number()).map_or(0, Row::width);
            return Err(DecodeError::Truncated { need, have: self.code.len() });
        };
        let value = LittleEndian::read_uint(bytes, width) as u32;
        let operand = self.operands;
        self.at += width;
        self.operands += 1;
        K::from_raw(value).ok_or(DecodeError::Value { operand, value })
    }
}

/// The row with this number, in constant time.
#[allow(
    clippy::indexing_slicing,
    reason = "one loop is run by the compiler, the other index is a byte into 256 places"
)]
pub fn row(number: u8) -> Option<&'static Row> {
    const PLACES: [u8; 256] = {
        let mut places = [u8::MAX; 256];
        let mut place = 0;
        while place < ROWS.len() {
            places[ROWS[place].number as usize] = place as u8;
            place += 1;
        }
        places
    };
    ROWS.get(usize::from(PLACES[usize::from(number)]))
}

/// The row with this mnemonic.
pub fn row_by_mnemonic(mnemonic: &str) -> Option<&'static Row> {
    ROWS.iter().find(|row| row.mnemonic == mnemonic)
}

impl Instruction {
    /// The same instruction with other operands: each that points into a space is given with that. An operand that its
    /// kind has no room for leaves the instruction as it is.
    #[must_use]
    pub fn with_operands(&self, mut other: impl FnMut(Space, u32) -> u32) -> Instruction {
        let Ok(renumbered) = self.renumbered(|space, number| Ok::<_, Infallible>(other(space, number)));
        renumbered.unwrap_or(*self)
    }

    /// The slot that it names, if it names one.
    pub fn slot(&self) -> Option<Slot> {
        match *self {
            Instruction::VarAlloc { slot, .. }
            | Instruction::VarStore { slot }
            | Instruction::VarLoad { slot }
            | Instruction::VarFree { slot }
            | Instruction::VarPtr { slot, .. }
            | Instruction::StencilAlloc { slot, .. }
            | Instruction::FieldStore { slot, .. }
            | Instruction::FieldLoad { slot, .. }
            | Instruction::VarDrop { slot }
            | Instruction::VarOffset { slot }
            | Instruction::FieldView { slot, .. }
            | Instruction::ElemLoad { slot, .. }
            | Instruction::ElemStore { slot, .. }
            | Instruction::ArrayView { slot }
            | Instruction::TextView { slot }
            | Instruction::TextStore { slot }
            | Instruction::TextAppend { slot }
            | Instruction::TextFormat { slot } => Some(slot),
            _ => None,
        }
    }

    /// Where this instruction jumps to, if it does: the offset of an instruction of the same function.
    pub fn target(&self) -> Option<u32> {
        match *self {
            Instruction::Jump { target } | Instruction::JumpFalse { target } | Instruction::JumpTrue { target } => {
                Some(target.0)
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One instruction of each row, with operands that its kinds allow.
    fn samples() -> impl Iterator<Item = (&'static Row, Instruction)> {
        ROWS.iter().map(|row| {
            let operands = vec![1; row.operands.len()];
            let sample = Instruction::from_parts(row.number, &operands);
            (row, sample.unwrap_or_else(|error| panic!("{}: {error}", row.mnemonic)))
        })
    }

    #[test]
    fn what_is_asked_often_agrees_with_the_row() {
        for (row, sample) in samples() {
            assert_eq!(sample.row().number, row.number, "{}", row.mnemonic);
            assert_eq!(sample.number(), row.number, "{}", row.mnemonic);
            assert_eq!(sample.flow(), row.flow, "{}", row.mnemonic);
            let widths = row.operands.iter().map(|(_, kind)| kind.width);
            assert_eq!(sample.width(), 1 + widths.sum::<usize>(), "{}", row.mnemonic);
        }
    }

    #[test]
    fn an_instruction_has_one_index_at_most() {
        for (row, sample) in samples() {
            let spaces: Vec<_> =
                row.operands.iter().map(|(_, kind)| kind.space).filter(|space| space.is_table()).collect();
            assert!(spaces.len() <= 1, "{}", row.mnemonic);
            assert_eq!(sample.index(), spaces.first().map(|space| (*space, 1)), "{}", row.mnemonic);
        }
    }
}
