//! The kinds of operands: how wide, how spelled, what an index points into.
//!
//! What an operand is belongs to its kind and not to the instruction: the bounds pass, the assembler, the disassembler
//! and relocation all read it here.

use crate::types::{Mask, Tag};
use alloc::vec::Vec;

/// How an operand is written in a listing, behind `key=`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spelling {
    /// A decimal number.
    Number,
    /// Eight binary digits.
    Binary,
    /// A type name: `int`.
    TagName,
    /// A label, or the offset of an instruction of the same function.
    Label,
}

/// What the number of an operand is an index into.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Space {
    /// It is a plain number.
    Plain,
    /// The constants of the module.
    Constants,
    /// The imports of the module.
    Imports,
    /// The functions of the module.
    Functions,
    /// The static blocks of the module.
    Statics,
    /// The slots of the function.
    Slots,
    /// The cells of the frame: parameters, then the expression stack.
    Cells,
    /// The code of the function, in bytes from its start.
    Code,
}

impl Space {
    /// Whether what it points into is a table of the module or of the function.
    pub(super) const fn is_table(self) -> bool {
        matches!(self, Space::Constants | Space::Imports | Space::Functions | Space::Statics | Space::Slots)
    }
}

/// What one operand of an instruction is. The unit of widths is a byte; all are little-endian and unsigned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OperandKind {
    /// The name of the kind.
    pub name: &'static str,
    /// Bytes in the code.
    pub width: usize,
    /// How it is written.
    pub spelling: Spelling,
    /// What it points into.
    pub space: Space,
}

impl OperandKind {
    /// Appends the number of an operand as it stands in code. `None` if it does not fit there.
    #[inline]
    pub fn put(&self, raw: u32, code: &mut Vec<u8>) -> Option<()> {
        // A known number of bytes is copied at once; those that are none of it go again.
        let end = code.len() + self.width;
        code.extend_from_slice(&raw.to_le_bytes());
        code.truncate(end);
        (u64::from(raw) >> (8 * self.width) == 0).then_some(())
    }
}

/// A Rust type that carries one kind of operand.
pub trait Operand: Sized + Copy {
    /// Its kind.
    const KIND: OperandKind;
    /// From the number in the code; `None` when no value has that number.
    fn from_raw(raw: u32) -> Option<Self>;
    /// The number in the code.
    fn raw(self) -> u32;
}

macro_rules! operands {
    ($( $(#[$doc:meta])+ $name:ident ($inner:ty) $width:literal $spelling:ident $space:ident; )*) => { $(
        $(#[$doc])+
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(pub $inner);

        impl Operand for $name {
            const KIND: OperandKind = OperandKind {
                name: stringify!($name), width: $width, spelling: Spelling::$spelling, space: Space::$space,
            };
            fn from_raw(raw: u32) -> Option<Self> {
                raw.try_into().ok().map($name)
            }
            fn raw(self) -> u32 {
                self.0.into()
            }
        }
    )* };
}

operands! {
    /// The bytes of an arena.
    Capacity(u32) 4 Number Plain;
    /// The bytes of a struct, tuple or array, or of a place in a pool.
    Size(u32)     4 Number Plain;
    /// A byte offset inside a struct, tuple, array or element.
    Offset(u32)   4 Number Plain;
    /// How many types are around a part that starts where they do.
    Depth(u8)     1 Number Plain;
    /// A number of cells.
    Count(u8)     1 Number Plain;
    /// A constant of the module.
    Constant(u32) 4 Number Constants;
    /// An import of the module.
    Import(u32)   4 Number Imports;
    /// A function of the module.
    Function(u32) 4 Number Functions;
    /// A slot of the function.
    Slot(u16)     2 Number Slots;
    /// A static block of the module.
    Static(u16)   2 Number Statics;
    /// A cell of the frame.
    Cell(u16)     2 Number Cells;
    /// The offset of an instruction from the start of the function's code.
    Target(u32)   4 Label Code;
}

impl Operand for Mask {
    const KIND: OperandKind = OperandKind { name: "Mask", width: 1, spelling: Spelling::Binary, space: Space::Plain };
    fn from_raw(raw: u32) -> Option<Self> {
        raw.try_into().ok().map(Mask::from_bits)
    }
    fn raw(self) -> u32 {
        self.bits().into()
    }
}

impl Operand for Tag {
    const KIND: OperandKind = OperandKind { name: "Tag", width: 1, spelling: Spelling::TagName, space: Space::Plain };
    fn from_raw(raw: u32) -> Option<Self> {
        raw.try_into().ok().and_then(Tag::from_number)
    }
    fn raw(self) -> u32 {
        self.number().into()
    }
}
