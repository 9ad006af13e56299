//! The host functions that `vegavm` grants: `io.put`, `io.write` and `io.read` on an output and an input, `io.put_error`
//! on an output for errors.
//!
//! Output is held back up to 64 KiB; it goes out when that is full, before a person is waited for, before an error is
//! written, and at every end.

use crate::native::{HostCall, HostError, is_printed};
use crate::value::Value;
use core::fmt;
use std::io::{self, Read, Write};
use vega_format::cell;
use vega_format::mangle::{mangle, parse};
use vega_format::text;
use vega_format::types::{Mask, Signature, Tag, Type};

const BUFFER: usize = 64 * 1024;

/// An output, an input, and an output for errors.
pub struct Console<'h> {
    output: Box<dyn Write + 'h>,
    errors: Box<dyn Write + 'h>,
    input: Box<dyn Read + 'h>,
    interactive: bool,
    held: Vec<u8>,
}

impl<'h> Console<'h> {
    /// Writes to `output` and reads from `input`. What is written for errors is lost.
    pub fn new(output: impl Write + 'h, input: impl Read + 'h) -> Console<'h> {
        Console {
            output: Box::new(output),
            errors: Box::new(io::sink()),
            input: Box::new(input),
            interactive: false,
            held: Vec::new(),
        }
    }

    /// Where errors are written.
    #[must_use]
    pub fn errors(mut self, errors: impl Write + 'h) -> Console<'h> {
        self.errors = Box::new(errors);
        self
    }

    /// Whether a person may sit at the input, who should see the output before being waited for.
    #[must_use]
    pub fn interactive(mut self, interactive: bool) -> Console<'h> {
        self.interactive = interactive;
        self
    }

    /// Writes what is held back.
    ///
    /// # Errors
    /// It cannot be written; it is then given up.
    pub fn flush(&mut self) -> io::Result<()> {
        in_words(self.drain(&|_| Ok(())))
    }

    /// Writes what is held back as far as nobody has to be waited for long.
    pub(crate) fn flush_at_once(&mut self) -> io::Result<()> {
        in_words(self.drain(&|in_vain| if in_vain { Err(HostError::Cancelled) } else { Ok(()) }))
    }

    /// Writes what is held back. What is not written when the run must end is still held.
    fn drain(&mut self, look: Look<'_>) -> Result<(), HostError> {
        let mut written = 0;
        let result = write_all((&mut *self.output, OUTPUT), &self.held, &mut written, look);
        match &result {
            Err(HostError::Cancelled | HostError::Limit(_)) => drop(self.held.drain(..written)),
            _ => self.held.clear(),
        }
        result.and_then(|()| Ok(self.output.flush().map_err(|error| of_stream(OUTPUT, &error))?))
    }

    fn write(&mut self, bytes: &[u8], look: Look<'_>) -> Result<(), HostError> {
        if self.held.len() + bytes.len() > BUFFER {
            self.drain(look)?;
        }
        if bytes.len() > BUFFER {
            return write_all((&mut *self.output, OUTPUT), bytes, &mut 0, look);
        }
        self.held.extend_from_slice(bytes);
        Ok(())
    }

    /// What was written before comes before.
    fn write_error(&mut self, bytes: &[u8], look: Look<'_>) -> Result<(), HostError> {
        self.drain(look)?;
        write_all((&mut *self.errors, ERRORS), bytes, &mut 0, look)?;
        Ok(self.errors.flush().map_err(|error| of_stream(ERRORS, &error))?)
    }

    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        if self.interactive {
            self.flush()?;
        }
        self.input.read(bytes).map_err(|error| of_stream(INPUT, &error))
    }
}

const OUTPUT: &str = "output";
const ERRORS: &str = "errors";
const INPUT: &str = "input";

/// What went wrong, and with what.
fn of_stream(stream: &str, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("{stream}: {error}"))
}

/// Says whether the run must end, when an output was waited for in vain or between two pieces.
type Look<'l> = &'l dyn Fn(bool) -> Result<(), HostError>;

/// Writes all, and looks whether the run must end.
fn write_all(
    (output, stream): (&mut dyn Write, &str),
    bytes: &[u8],
    written: &mut usize,
    look: Look<'_>,
) -> Result<(), HostError> {
    while let Some(rest) = bytes.get(*written..).filter(|rest| !rest.is_empty()) {
        match output.write(rest) {
            Ok(0) => return Err(of_stream(stream, &io::ErrorKind::WriteZero.into()).into()),
            Ok(count) if count < rest.len() => {
                *written += count;
                look(false)?;
            }
            Ok(count) => *written += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => look(true)?,
            Err(error) => return Err(of_stream(stream, &error).into()),
        }
    }
    Ok(())
}

/// What stood in the way of writing, of the host or of the run.
fn in_words(result: Result<(), HostError>) -> io::Result<()> {
    result.map_err(|error| match error {
        HostError::Io(error) => error,
        other => io::Error::other(other),
    })
}

impl fmt::Debug for Console<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Console").field("interactive", &self.interactive).field("held", &self.held.len()).finish()
    }
}

/// A function of a console.
pub(crate) type Function = fn(&mut Console<'_>, &mut HostCall<'_>) -> Result<(), HostError>;

/// The function of a console with this mangled name: `io.put` and `io.put_error` of every type that can be printed,
/// `io.write`, `io.read`. They are many, and a program asks for few, so none is made before.
pub(crate) fn find(mangled: &str) -> Option<Function> {
    // What is not of `io` need not be taken apart.
    let signature = mangled.starts_with("io.").then(|| parse(mangled).ok())??;
    let [parameter] = signature.parameters.as_slice() else { return None };
    let is_bytes = *parameter == Type::view(Tag::Byte.into());
    match (&*signature.name, signature.result) {
        ("io.put", None) if is_printed(parameter) => Some(|console, call| put(call, |b, look| console.write(b, look))),
        ("io.put_error", None) if is_printed(parameter) => {
            Some(|console, call| put(call, |bytes, look| console.write_error(bytes, look)))
        }
        ("io.write", None) if is_bytes => Some(write),
        ("io.read", Some(Type::Scalar(Tag::Int))) if is_bytes => Some(read),
        _ => None,
    }
}

/// The mangled names of all functions of a console, in order.
pub(crate) fn names() -> Vec<String> {
    let unions = (0..=u8::MAX).map(Mask::from_bits).filter(|mask| mask.count() > 1).map(Type::Union);
    let printed = Tag::ALL.map(Type::Scalar).into_iter().chain(unions).chain([Type::String]);
    let name = |name: &str, parameter: Type, result: Option<Type>| {
        mangle(&Signature { name: name.to_owned(), parameters: vec![parameter], result })
    };
    let bytes = || Type::view(Tag::Byte.into());
    let printers = printed.flat_map(|type_| [name("io.put", type_.clone(), None), name("io.put_error", type_, None)]);
    let others = [name("io.write", bytes(), None), name("io.read", bytes(), Some(Tag::Int.into()))];
    let mut names: Vec<_> = printers.chain(others).collect();
    names.sort();
    names
}

fn put(
    call: &mut HostCall<'_>,
    mut write: impl FnMut(&[u8], Look<'_>) -> Result<(), HostError>,
) -> Result<(), HostError> {
    match call.scalar(0) {
        Ok((tag, bits)) => {
            let mut shown = String::new();
            text::write_value(tag, bits, &mut shown);
            call.output(shown.len())?;
            write(shown.as_bytes(), &|_| call.look())?;
        }
        Err(_) => {
            call.output(call.text(0)?.len())?;
            write(call.text(0)?.as_bytes(), &|_| call.look())?;
        }
    }
    Ok(())
}

fn write(console: &mut Console<'_>, call: &mut HostCall<'_>) -> Result<(), HostError> {
    call.output(call.bytes(0)?.len())?;
    console.write(call.bytes(0)?, &|_| call.look())
}

/// Costs the room that is offered, as nobody knows before how much will come.
fn read(console: &mut Console<'_>, call: &mut HostCall<'_>) -> Result<(), HostError> {
    call.charge(call.bytes(0)?.len())?;
    let count = loop {
        match console.read(call.bytes_mut(0)?) {
            // Waiting was interrupted: perhaps because the run is over.
            Err(error) if error.kind() == io::ErrorKind::Interrupted => call.look()?,
            result => break result?,
        }
    };
    call.give(Value::Scalar(Tag::Int, cell::from_int(i32::try_from(count).unwrap_or(i32::MAX))));
    Ok(())
}
