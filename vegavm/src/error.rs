//! Why a program is not run at all: it cannot be loaded, or its arguments do not fit.

use crate::limits::{LimitKind, LimitReached};
use alloc::borrow::ToOwned;
use alloc::boxed::Box;
use alloc::string::String;
use alloc::string::ToString;
use alloc::vec::Vec;
use thiserror::Error;
use vega_format::budget::{FunctionBudget, needed};
use vega_format::container::Kind;
use vega_format::text::counted;
use vega_format::{FormatError, VerifyError};

/// Why bytes are no program that this host can run.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum LoadError {
    /// They are no well-formed file.
    #[error(transparent)]
    Format(#[from] FormatError),
    /// The verifier refuses them; the list is not empty.
    #[error("{}", .0.first().map(ToString::to_string).unwrap_or_default())]
    Verify(Vec<VerifyError>),
    /// The host does not grant what they ask for; the list is not empty.
    #[error("{}", .0.first().map(ToString::to_string).unwrap_or_default())]
    Imports(Vec<ImportError>),
    /// They are a file of another kind.
    #[error("the file is of the kind {0}; only a program can be run")]
    NotAProgram(Kind),
    /// It is proved to need more memory than it may use.
    #[error("the program is proved to need {}; the limit is {limit}", needed(*.need))]
    Budget {
        /// The most bytes that it can use.
        need: u64,
        /// The most that it may use.
        limit: u64,
        /// The proof.
        budget: Box<FunctionBudget>,
    },
}

impl LoadError {
    /// The code that `--explain` takes; of several reasons, that of the first.
    pub fn code(&self) -> &'static str {
        match self {
            LoadError::Format(error) => error.kind.code(),
            LoadError::Verify(errors) => errors.first().map_or("", |error| error.rule.code()),
            LoadError::Imports(errors) => errors.first().map_or("", ImportError::code),
            LoadError::NotAProgram(_) => "H003",
            LoadError::Budget { .. } => "L105",
        }
    }
}

/// A host function that is asked for and not granted.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("the program asks for the host function `{wanted}` ({name}), which {}", match .granted.as_slice() {
    [] => "is not granted".to_owned(),
    granted => format!("is granted as {}", granted.join(", ")),
})]
pub struct ImportError {
    /// The mangled name that is asked for.
    pub name: String,
    /// The same for people.
    pub wanted: String,
    /// The functions of the same name that are granted, for people.
    pub granted: Vec<String>,
}

impl ImportError {
    /// The code that `--explain` takes.
    pub fn code(&self) -> &'static str {
        if self.granted.is_empty() { "H001" } else { "H002" }
    }
}

/// Why a function is not called: it is not there, or the arguments do not fit its parameters.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ArgumentError {
    /// There are too few or too many.
    #[error(
        "found {}, wanted {}{wanted}",
        counted(*.found, "argument"),
        if *.or_more { "at least " } else { "" }
    )]
    Count {
        /// How many there are.
        found: usize,
        /// How many there should be.
        wanted: usize,
        /// Whether there may be more than that.
        or_more: bool,
    },
    /// One is no value of its parameter's type.
    #[error("argument {position}, `{name}`: found `{found}`, wanted {type_}")]
    Value {
        /// Which, from 1.
        position: usize,
        /// The parameter's name, or the empty text.
        name: String,
        /// The parameter's type.
        type_: String,
        /// What was found, cut.
        found: String,
    },
    /// One is longer than the text that takes it.
    #[error("argument {position}, `{name}`: found `{found}` of {}, wanted at most {most}", counted(*.length, "byte"))]
    TooLong {
        /// Which, from 1.
        position: usize,
        /// The parameter's name.
        name: String,
        /// What was found, cut.
        found: String,
        /// Its bytes.
        length: usize,
        /// The most bytes of an element.
        most: u32,
    },
    /// There is no exported function of this mangled name.
    #[error("the program exports no function `{0}`")]
    NotExported(String),
    /// Time is limited, and this build has no clock.
    #[error("found a limit of time, and this build has no clock; leave it out, and let a timer cancel the run")]
    NoClock,
    /// All strings and elements together are too long.
    #[error("{0}")]
    Limit(#[from] LimitReached),
}

impl ArgumentError {
    /// The code that `--explain` takes.
    pub fn code(&self) -> &'static str {
        match self {
            ArgumentError::Count { .. } => "U002",
            ArgumentError::Value { .. } | ArgumentError::TooLong { .. } => "U006",
            ArgumentError::NotExported(_) => "H005",
            ArgumentError::NoClock => LimitKind::Time.code(),
            ArgumentError::Limit(limit) => limit.kind.code(),
        }
    }
}
