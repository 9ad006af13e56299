//! What the host grants: functions by mangled name, and the call through which one sees its arguments.
//!
//! A host function gets no pointer into the machine; it reads and writes slices for as long as the call lasts.

use crate::cancel::Halt;
#[cfg(feature = "std")]
use crate::console::{Console, Function, find, names};
use crate::limits::LimitReached;
use crate::meter::Meter;
use crate::value::{Cell, CellKind, Value};
use alloc::borrow::ToOwned;
use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::string::ToString;
use alloc::vec::Vec;
use core::fmt;
use core::ops::Range;
#[cfg(feature = "std")]
use std::io;
use thiserror::Error;
use vega_format::mangle::{self, NameError};
use vega_format::stencil::StencilTable;
use vega_format::types::{Tag, Type};

/// Why a host function did not do what was asked.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum HostError {
    /// The host could not read or write; the run ends.
    #[cfg(feature = "std")]
    #[error(transparent)]
    Io(#[from] io::Error),
    /// The function failed; the program traps with these words.
    #[error("{0}")]
    Failed(String),
    /// A limit was reached; the run ends.
    #[error(transparent)]
    Limit(#[from] LimitReached),
    /// The run was cancelled; it ends.
    #[error("the run was cancelled")]
    Cancelled,
}

impl HostError {
    /// The function failed, and this is why: for errors of any kind, `….map_err(HostError::failed)?`. Of the error its words
    /// are kept; a host that wants more of it leaves that in its own data.
    pub fn failed(cause: impl fmt::Display) -> HostError {
        HostError::Failed(cause.to_string())
    }
}

impl From<Halt> for HostError {
    fn from(halt: Halt) -> HostError {
        match halt {
            Halt::Limit(limit) => HostError::Limit(limit),
            Halt::Cancelled => HostError::Cancelled,
        }
    }
}

/// Why a host function cannot be granted under a name.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum DefineError {
    /// The name is no mangled name.
    #[error(transparent)]
    Name(#[from] NameError),
    /// A host function gives nothing, a scalar or a union.
    #[error("a host function cannot give `{0}`; it gives nothing, a scalar or a union")]
    Result(Type),
}

type HostFunction<'h> = Box<dyn FnMut(&mut HostCall<'_>) -> Result<(), HostError> + 'h>;

/// The functions that a host grants.
#[derive(Default)]
pub struct Imports<'h> {
    functions: BTreeMap<String, HostFunction<'h>>,
    #[cfg(feature = "std")]
    console: Option<Console<'h>>,
    /// The functions of the console that were called.
    #[cfg(feature = "std")]
    called: BTreeMap<String, Function>,
}

impl<'h> Imports<'h> {
    /// Nothing is granted.
    pub fn new() -> Imports<'h> {
        Imports::default()
    }

    /// `io.put`, `io.put_error`, `io.write` and `io.read` on this console are granted.
    #[cfg(feature = "std")]
    pub fn console(console: Console<'h>) -> Imports<'h> {
        Imports { console: Some(console), ..Imports::new() }
    }

    /// Grants a function under its mangled name, in place of one that was granted before.
    ///
    /// # Errors
    /// The name is none, or the function would give what a host cannot give.
    pub fn define(
        &mut self,
        mangled: &str,
        function: impl FnMut(&mut HostCall<'_>) -> Result<(), HostError> + 'h,
    ) -> Result<(), DefineError> {
        match mangle::parse(mangled)?.result {
            None | Some(Type::Scalar(_) | Type::Union(_)) => {}
            Some(other) => return Err(DefineError::Result(other)),
        }
        self.functions.insert(mangled.to_owned(), Box::new(function));
        Ok(())
    }

    /// Whether this very function is granted.
    pub fn grants(&self, mangled: &str) -> bool {
        self.functions.contains_key(mangled) || self.console_grants(mangled)
    }

    #[cfg(feature = "std")]
    fn console_grants(&self, mangled: &str) -> bool {
        self.console.is_some() && find(mangled).is_some()
    }

    #[cfg(not(feature = "std"))]
    fn console_grants(&self, _: &str) -> bool {
        false
    }

    /// The mangled names of all that is granted, in order.
    pub fn names(&self) -> Vec<String> {
        let mut all: Vec<_> = self.functions.keys().cloned().collect();
        #[cfg(feature = "std")]
        all.extend(self.console.iter().flat_map(|_| names()));
        all.sort();
        all.dedup();
        all
    }

    pub(crate) fn call(&mut self, mangled: &str, call: &mut HostCall<'_>) -> Result<(), HostError> {
        if let Some(function) = self.functions.get_mut(mangled) {
            return function(call);
        }
        self.call_console(mangled, call)
    }

    #[cfg(not(feature = "std"))]
    fn call_console(&mut self, _: &str, _: &mut HostCall<'_>) -> Result<(), HostError> {
        Err(not_granted())
    }

    #[cfg(feature = "std")]
    fn call_console(&mut self, mangled: &str, call: &mut HostCall<'_>) -> Result<(), HostError> {
        let function = self.called.get(mangled).copied().or_else(|| find(mangled));
        let (Some(console), Some(function)) = (&mut self.console, function) else {
            return Err(not_granted());
        };
        if !self.called.contains_key(mangled) {
            self.called.insert(mangled.to_owned(), function);
        }
        function(console, call)
    }

    /// Brings out what the console still holds.
    ///
    /// # Errors
    /// It cannot be written.
    #[cfg(feature = "std")]
    pub fn flush(&mut self) -> io::Result<()> {
        self.console.as_mut().map_or(Ok(()), Console::flush)
    }

    /// The same, as far as nobody has to be waited for long.
    #[cfg(feature = "std")]
    pub(crate) fn flush_at_once(&mut self) -> io::Result<()> {
        self.console.as_mut().map_or(Ok(()), Console::flush_at_once)
    }
}

/// The text that bytes of an argument are.
pub(crate) fn utf8(bytes: &[u8], index: usize) -> Result<&str, HostError> {
    core::str::from_utf8(bytes).map_err(|_| HostError::Failed(format!("argument {index} is not UTF-8")))
}

/// Whether values of a type are printed as they are; what consists of several is printed part by part.
pub(crate) fn is_printed(type_: &Type) -> bool {
    matches!(type_, Type::Scalar(_) | Type::Union(_) | Type::String)
}

fn not_granted() -> HostError {
    HostError::Failed("it is not granted".to_owned())
}

impl fmt::Debug for Imports<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.names()).finish()
    }
}

#[derive(Debug)]
enum Argument {
    Scalar(Tag, u64),
    String(Range<usize>),
    View(Range<usize>),
}

/// A call of a host function: its arguments, and where its result goes.
///
/// Arguments count from 0; a union is one, of the type that it holds, and a struct is as many as it has scalars.
#[derive(Debug)]
pub struct HostCall<'c> {
    arguments: Vec<Argument>,
    memory: &'c mut [u8],
    meter: &'c mut Meter,
    result: Option<Value>,
}

impl<'c> HostCall<'c> {
    pub(crate) fn new(
        cells: &[Cell],
        stencils: &StencilTable,
        memory: &'c mut [u8],
        meter: &'c mut Meter,
    ) -> HostCall<'c> {
        let mut arguments = Vec::new();
        let mut cells = cells.iter().peekable();
        while let Some(cell) = cells.next() {
            let span = cell.as_span();
            let range = |size: u32| {
                let start = span.offset as usize;
                start..start.saturating_add((span.length as usize).saturating_mul(size as usize))
            };
            arguments.push(match cell.kind {
                CellKind::Scalar(tag) => Argument::Scalar(tag, cell.bits),
                CellKind::String => Argument::String(range(1)),
                CellKind::View(element) => Argument::View(range(stencils.size(element))),
                CellKind::UnionValue(_) | CellKind::UnionTag(_) => {
                    let tag = cells.next().and_then(|tag| u8::try_from(tag.bits).ok()).and_then(Tag::from_number);
                    Argument::Scalar(tag.unwrap_or(Tag::Int), cell.bits)
                }
            });
        }
        HostCall { arguments, memory, meter, result: None }
    }

    /// A scalar, or the member that a union holds.
    ///
    /// # Errors
    /// The argument is something else.
    pub fn scalar(&self, index: usize) -> Result<(Tag, u64), HostError> {
        match self.arguments.get(index) {
            Some(Argument::Scalar(tag, bits)) => Ok((*tag, *bits)),
            _ => Err(HostError::Failed(format!("argument {index} is no scalar"))),
        }
    }

    /// The text of a string.
    ///
    /// # Errors
    /// The argument is something else, or its bytes are not UTF-8.
    pub fn text(&self, index: usize) -> Result<&str, HostError> {
        let Some(Argument::String(range)) = self.arguments.get(index) else {
            return Err(HostError::Failed(format!("argument {index} is no string")));
        };
        utf8(self.memory.get(range.clone()).unwrap_or_default(), index)
    }

    /// The bytes of a view's elements, as they lie in the arena.
    ///
    /// # Errors
    /// The argument is something else.
    pub fn bytes(&self, index: usize) -> Result<&[u8], HostError> {
        let range = self.view(index)?;
        self.memory.get(range).ok_or_else(|| HostError::Failed(format!("argument {index} is outside memory")))
    }

    /// The same, to be written to. Any bytes will do: every type reads any.
    ///
    /// # Errors
    /// The argument is something else.
    pub fn bytes_mut(&mut self, index: usize) -> Result<&mut [u8], HostError> {
        let range = self.view(index)?;
        self.memory.get_mut(range).ok_or_else(|| HostError::Failed(format!("argument {index} is outside memory")))
    }

    fn view(&self, index: usize) -> Result<Range<usize>, HostError> {
        match self.arguments.get(index) {
            Some(Argument::View(range)) => Ok(range.clone()),
            _ => Err(HostError::Failed(format!("argument {index} is no view"))),
        }
    }

    /// Says whether the run must end, because it was cancelled or its time is over. For functions that wait.
    ///
    /// # Errors
    /// It must.
    pub fn look(&self) -> Result<(), HostError> {
        Ok(self.meter.look()?)
    }

    /// Charges the steps of bulk work, one for every 64 bytes, before it is done.
    ///
    /// # Errors
    /// Fewer steps are left.
    pub fn charge(&mut self, bytes: usize) -> Result<(), HostError> {
        Ok(self.meter.charge_bytes(bytes as u64)?)
    }

    /// Counts output and charges its steps, before it is written.
    ///
    /// # Errors
    /// The limit of output or of steps is reached.
    pub fn output(&mut self, bytes: usize) -> Result<(), HostError> {
        Ok(self.meter.take_output(bytes as u64)?)
    }

    /// Gives the result.
    pub fn give(&mut self, value: Value) {
        self.result = Some(value);
    }

    pub(crate) fn into_result(self) -> Option<Value> {
        self.result
    }
}
