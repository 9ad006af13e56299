//! Offset and instruction after instruction, or the place where the code is malformed.

use super::{DecodeError, Instruction};
use core::fmt;

/// Where and why code is malformed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CodeError {
    /// The offset of the instruction from the start of the function's code.
    pub offset: u32,
    /// What is wrong there.
    pub kind: DecodeError,
}

impl fmt::Display for CodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at 0x{:04x}", self.kind, self.offset)
    }
}

/// The instructions of `code` with their offsets, up to the end or the first malformed one.
pub fn walk(code: &[u8]) -> Walk<'_> {
    Walk { code, offset: 0 }
}

/// Iterates over instructions; after an error it has ended.
#[derive(Debug, Clone)]
pub struct Walk<'a> {
    code: &'a [u8],
    offset: usize,
}

impl Iterator for Walk<'_> {
    type Item = Result<(u32, Instruction), CodeError>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        let rest = self.code.get(self.offset..).filter(|rest| !rest.is_empty())?;
        let offset = self.offset as u32;
        match Instruction::decode(rest) {
            Ok((instruction, width)) => {
                self.offset += width;
                Some(Ok((offset, instruction)))
            }
            Err(kind) => {
                self.offset = self.code.len();
                Some(Err(CodeError { offset, kind }))
            }
        }
    }
}
