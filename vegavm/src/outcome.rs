//! How a run ended and what it used.

use crate::limits::LimitReached;
use crate::trap::{CallStack, TrapReport};
use crate::value::Value;
use alloc::boxed::Box;
use alloc::string::String;
use core::fmt;

/// What a run used; the figures are exact after every end.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Used {
    /// Steps.
    pub steps: u64,
    /// The most bytes at once: eight for each parameter cell and each cell of declared stack of the active frames,
    /// and the capacities of the open arenas.
    pub memory: u64,
    /// The most frames at once.
    pub frames: u32,
    /// Bytes of output.
    pub output: u64,
}

/// How a run ended.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum End {
    /// The entry returned, with its result if it has one.
    Result(Option<Value>),
    /// An instruction trapped.
    Trap(Box<TrapReport>),
    /// A limit was reached, at this place.
    Limit(LimitReached, Box<CallStack>),
    /// The run's [`Cancel`](crate::Cancel) was cancelled, at this place.
    Cancelled(Box<CallStack>),
    /// The host could not read or write, when it was called at this place or when all was over.
    HostIo(String, Option<Box<CallStack>>),
    /// The engine found what a verified program cannot bring about: a fault of the machine itself.
    Internal(&'static str),
}

/// In words, with the calls that led there.
impl fmt::Display for End {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            End::Result(None) => f.write_str("the program has ended"),
            End::Result(Some(value)) => write!(f, "the program has ended and gave {value}"),
            End::Trap(report) => report.fmt(f),
            End::Limit(limit, stack) => write!(f, "{limit}\n  in {stack}"),
            End::Cancelled(stack) => write!(f, "the run was cancelled\n  in {stack}"),
            End::HostIo(words, None) => write!(f, "the host cannot read or write: {words}"),
            End::HostIo(words, Some(stack)) => write!(f, "the host cannot read or write: {words}\n  in {stack}"),
            End::Internal(words) => write!(f, "a fault of the machine: {words}"),
        }
    }
}

/// A run that is over.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// How it ended.
    pub end: End,
    /// What it used.
    pub used: Used,
}
