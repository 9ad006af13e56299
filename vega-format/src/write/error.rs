//! Why a module cannot be written, or not be finished.

use crate::error::{FormatError, VerifyError};
use crate::mangle;
use crate::stencil::StencilError;
use alloc::string::String;
use alloc::string::ToString;
use alloc::vec::Vec;
use thiserror::Error;

/// Why a module cannot be written.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum BuildError {
    /// A call or the entry names a function that was not added.
    #[error("function `{0}` is not defined")]
    UndefinedFunction(String),
    /// An operand is no number that the builder has given.
    #[error("function `{function}`, instruction {instruction}: `{mnemonic}` has no such operand")]
    Operand {
        /// The mangled name.
        function: String,
        /// The index of the instruction.
        instruction: usize,
        /// Its mnemonic.
        mnemonic: &'static str,
    },
    /// A mangled name is malformed.
    #[error("mangled name `{name}`: {error}")]
    Name {
        /// The name.
        name: String,
        /// What is wrong with it.
        error: mangle::NameError,
    },
    /// A signature speaks of a type that was not added.
    #[error("the signature of `{function}` speaks of `{type_}`, which is not defined")]
    UndefinedType {
        /// The mangled name.
        function: String,
        /// The type.
        type_: String,
    },
    /// A custom section has a number or a name that none can have, or one that another has.
    #[error("custom section {number} {problem}")]
    Section {
        /// Its number.
        number: u16,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// A stencil is malformed.
    #[error("a type {0}")]
    Stencil(StencilError),
    /// A function that may never be live.
    #[error("the limit of `{0}` is 0; it must be 1 or more, or left out")]
    ZeroLimit(String),
    /// More of something than the format has room for.
    #[error("{what} is {found}; the limit is {limit}")]
    Limit {
        /// What is limited.
        what: String,
        /// The value.
        found: usize,
        /// The greatest value.
        limit: usize,
    },
}

/// Why a module cannot be finished.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum FinishError {
    /// It cannot be written.
    #[error(transparent)]
    Build(#[from] BuildError),
    /// What is written is not well-formed.
    #[error(transparent)]
    Format(#[from] FormatError),
    /// The verifier refuses it; the list is not empty.
    #[error("{}", .0.first().map(ToString::to_string).unwrap_or_default())]
    Refused(Vec<VerifyError>),
}

/// Demands that there is no more of something than the format has room for.
pub(crate) fn check_limit(what: impl ToString, found: usize, limit: usize) -> Result<(), BuildError> {
    match found > limit {
        true => Err(BuildError::Limit { what: what.to_string(), found, limit }),
        false => Ok(()),
    }
}
