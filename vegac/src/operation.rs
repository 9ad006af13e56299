//! Operators and conversions → instructions: TABLE of the first parts of their mnemonics; the rest is a type.

use crate::ast::{Binary, Unary};
use vega_format::instruction::{self, Instruction};
use vega_format::types::Tag;

/// The operation of an operator between two operands of a type.
pub(crate) fn binary(operator: Binary, tag: Tag) -> &'static str {
    match operator {
        Binary::Add => "ADD",
        Binary::Sub => "SUB",
        Binary::Mul => "MUL",
        Binary::Div => "DIV",
        Binary::Rem => "REM",
        Binary::BitAnd => "AND",
        Binary::BitOr => "OR",
        Binary::BitXor => "XOR",
        Binary::ShiftLeft => "SHL",
        Binary::ShiftRight => "SHR",
        // A byte has no sign: both shifts are one.
        Binary::ShiftRightZero if tag == Tag::Byte => "SHR",
        Binary::ShiftRightZero => "USHR",
        Binary::Equal => "EQ",
        Binary::NotEqual => "NE",
        Binary::Less => "LT",
        Binary::LessEqual => "LE",
        Binary::Greater => "GT",
        Binary::GreaterEqual => "GE",
    }
}

/// The operation of an operator before its operand.
pub(crate) fn unary(operator: Unary) -> &'static str {
    match operator {
        Unary::Negate => "NEG",
        Unary::Not | Unary::Invert => "NOT",
    }
}

/// The operation that makes a value of a type into one of another.
pub(crate) fn conversion(from: Tag) -> &'static str {
    match from {
        Tag::Byte => "BYTE_TO",
        Tag::Short => "SHORT_TO",
        Tag::Int => "INT_TO",
        Tag::Long => "LONG_TO",
        Tag::Float => "FLOAT_TO",
        Tag::Decimal => "DECIMAL_TO",
        Tag::Char => "CHAR_TO",
        Tag::Bool => "BOOL_TO",
    }
}

/// The instruction without operands that does an operation on a type, or makes a value of that type.
pub(crate) fn instruction(operation: &str, tag: Tag) -> Option<Instruction> {
    let mnemonic = format!("{operation}_{}", tag.name().to_uppercase());
    let row = instruction::row_by_mnemonic(&mnemonic)?;
    Instruction::from_parts(row.number, &[]).ok()
}
