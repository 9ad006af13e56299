//! [`Error`]: why a host did not get what it asked for, as data, one word wide.

use crate::error::{ArgumentError, ImportError, LoadError};
use crate::limits::{LimitKind, LimitReached};
use crate::outcome::End;
use crate::trap::{CallStack, TrapReport};
use alloc::borrow::ToOwned;
use alloc::boxed::Box;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;
use thiserror::Error as Causes;
use vega_format::budget::needed;
use vega_format::text::counted;

/// Why something could not be done.
#[derive(Debug)]
pub struct Error(Box<ErrorKind>);

/// The reasons.
#[derive(Debug, Causes)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The bytes are no module that is safe to run.
    #[error("{0}")]
    Load(LoadError),
    /// The host does not grant what the module asks for, or at another cost; each is told.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Imports(Vec<NotGranted>),
    /// No function of this name is exported; those that are, by their signatures.
    #[error("the module exports no function `{}`; it exports {}", wanted.escape_debug(), list(.found))]
    NoFunction {
        /// What was asked for.
        wanted: String,
        /// The signatures of those that are exported, or of those of this name.
        found: Vec<String>,
    },
    /// Several functions of this name are exported, and the types fit none of them, or the only one does not have them.
    #[error("the host wants `{wanted}`, and the module exports {}{}", list(.found), if *.in_parts { IN_PARTS } else { "" })]
    Signature {
        /// The signature that the host's types make.
        wanted: String,
        /// The signatures of the functions of this name.
        found: Vec<String>,
        /// Whether one of them has types that no host can name.
        in_parts: bool,
    },
    /// The function is proved to need more memory than it may use.
    #[error("`{function}` is proved to need {}; the limit is {limit}", needed(*.need))]
    Budget {
        /// The function.
        function: String,
        /// The most that it can use.
        need: u64,
        /// The most that it may use.
        limit: u64,
    },
    /// The static variables need more memory than there may be.
    #[error("the static variables need {}; the limit is {limit}", counted(*.need, "byte"))]
    Statics {
        /// Their bytes.
        need: u64,
        /// The most that there may be.
        limit: u64,
    },
    /// Nothing bounds how much memory the function needs.
    #[error("nothing bounds what `{function}` needs, as its calls go in a circle: `limit` after its signature would")]
    Unbounded {
        /// The function.
        function: String,
    },
    /// The host has not so much memory.
    #[error("the host does not have {} of memory", counted(*.need, "byte"))]
    HostMemory {
        /// How much was wanted.
        need: u64,
    },
    /// The function was looked up in an instance of another module.
    #[error("the function belongs to another module")]
    OtherModule,
    /// The arguments go beyond a limit, or a limit cannot be kept.
    #[error("{0}")]
    Arguments(ArgumentError),
    /// An instruction trapped.
    #[error("{0}")]
    Trap(TrapReport),
    /// A limit was reached, at this place.
    #[error("{0}\n  in {1}")]
    Limit(LimitReached, CallStack),
    /// The call was cancelled, at this place.
    #[error("the call was cancelled\n  in {0}")]
    Cancelled(CallStack),
    /// The host could not read or write, when it was called.
    #[error("{words}{}", .stack.as_ref().map(|stack| format!("\n  in {stack}")).unwrap_or_default())]
    HostIo {
        /// What went wrong.
        words: String,
        /// The call, and what led there.
        stack: Option<CallStack>,
    },
    /// A name under which no host function can be granted.
    #[error("{0}")]
    Name(String),
    /// There is no machine code of the module, and why.
    #[error("no machine code is made: {0}")]
    NotCompiled(&'static str),
    /// A fault of the machine itself.
    #[error("a fault of the machine: {0}")]
    Internal(&'static str),
}

/// Why the host does not grant a function as the module asks for it.
#[derive(Debug, Clone, PartialEq, Eq, Causes)]
#[non_exhaustive]
pub enum NotGranted {
    /// It grants none of these types.
    #[error("the module asks for `{}`, which the host does not grant{}{}", .0.wanted, others(.0), printing(.0))]
    Function(ImportError),
    /// A call of it needs more bytes than the module declares, which are those that its proof counts.
    #[error("a call of `{wanted}` needs {}, and the module declares {declared}", counted(*.needs, "byte"))]
    Cost {
        /// The mangled name.
        name: String,
        /// The same for people.
        wanted: String,
        /// What a call takes at most, in bytes.
        needs: u64,
        /// What the module declares.
        declared: u64,
    },
}

impl NotGranted {
    /// The code that `vegavm --explain` takes; a command grants nothing that has a cost.
    pub fn code(&self) -> Option<&'static str> {
        match self {
            NotGranted::Function(error) => Some(error.code()),
            NotGranted::Cost { .. } => None,
        }
    }
}

/// What is granted of the same name.
fn others(error: &ImportError) -> String {
    match error.granted.as_slice() {
        [] => String::new(),
        granted => format!(" (it grants `{}`)", granted.join("`, `")),
    }
}

/// The next thing to try for what printing calls.
fn printing(error: &ImportError) -> &'static str {
    match error.name.split('(').next() {
        Some("io.put") => "; `print` calls it, and `Imports::print` grants it for every type",
        Some("io.put_error") => "; `eprint` calls it, and `Imports::print_error` grants it for every type",
        _ => "",
    }
}

/// The next thing to try for a function with such types.
const IN_PARTS: &str = "; structs, tuples and unions do not go between host and module: export a function that takes and gives their parts";

fn list(signatures: &[String]) -> String {
    match signatures {
        [] => "none".to_owned(),
        _ => signatures.iter().map(|signature| format!("`{signature}`")).collect::<Vec<_>>().join(", "),
    }
}

impl Error {
    /// The reason.
    pub fn kind(&self) -> &ErrorKind {
        &self.0
    }

    /// The same, to be taken apart.
    pub fn into_kind(self) -> ErrorKind {
        *self.0
    }

    /// The code that `vegavm --explain` takes, of those that a command would give, too.
    pub fn code(&self) -> Option<&'static str> {
        Some(match self.kind() {
            ErrorKind::Load(error) => error.code(),
            ErrorKind::NoFunction { .. } | ErrorKind::Signature { .. } => "H005",
            ErrorKind::Budget { .. } | ErrorKind::Statics { .. } => "L105",
            ErrorKind::HostMemory { .. } => LimitKind::HostMemory.code(),
            ErrorKind::Arguments(error) => error.code(),
            ErrorKind::Trap(report) => report.trap.kind().code(),
            ErrorKind::Limit(limit, _) => limit.kind.code(),
            ErrorKind::Cancelled(_) => "L107",
            ErrorKind::HostIo { .. } => "I001",
            ErrorKind::Imports(missing) => return missing.first().and_then(NotGranted::code),
            ErrorKind::Unbounded { .. }
            | ErrorKind::OtherModule
            | ErrorKind::Name(_)
            | ErrorKind::NotCompiled(_)
            | ErrorKind::Internal(_) => return None,
        })
    }

    /// The trap, if one was the reason.
    pub fn trap(&self) -> Option<&TrapReport> {
        match self.kind() {
            ErrorKind::Trap(report) => Some(report),
            _ => None,
        }
    }

    /// Of a run that has not ended with a result.
    pub(super) fn of_end(end: End) -> Error {
        match end {
            End::Trap(report) => ErrorKind::Trap(*report),
            End::Limit(limit, place) => ErrorKind::Limit(limit, *place),
            End::Cancelled(place) => ErrorKind::Cancelled(*place),
            End::HostIo(words, stack) => ErrorKind::HostIo { words, stack: stack.map(|stack| *stack) },
            End::Internal(words) => ErrorKind::Internal(words),
            End::Result(_) => ErrorKind::Internal("a result is no error"),
        }
        .into()
    }
}

impl From<ErrorKind> for Error {
    #[cold]
    fn from(kind: ErrorKind) -> Error {
        Error(Box::new(kind))
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// What it says is all there is to say: it has no source.
impl core::error::Error for Error {}
