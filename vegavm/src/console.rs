//! The host functions that `vegavm` grants: `io.put`, `io.write` and `io.read` on an output and an input, `io.put_error`
//! on an output for errors.
//!
//! Output is held back up to 64 KiB; it goes out when that is full, before a person is waited for, before an error is
//! written, and at every end.

use crate::native::{HostCall, HostError, Imports};
use crate::value::Value;
use std::cell::RefCell;
use std::fmt;
use std::io::{self, Read, Write};
use std::rc::Rc;
use vega_format::cell;
use vega_format::mangle::mangle;
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
        let result = self.output.write_all(&self.held).and_then(|()| self.output.flush());
        self.held.clear();
        result
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        if self.held.len() + bytes.len() > BUFFER {
            self.flush()?;
        }
        if bytes.len() > BUFFER {
            return self.output.write_all(bytes);
        }
        self.held.extend_from_slice(bytes);
        Ok(())
    }

    /// What was written before comes before.
    fn write_error(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.flush()?;
        self.errors.write_all(bytes).and_then(|()| self.errors.flush())
    }

    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        if self.interactive {
            self.flush()?;
        }
        self.input.read(bytes)
    }
}

impl fmt::Debug for Console<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Console").field("interactive", &self.interactive).field("held", &self.held.len()).finish()
    }
}

type Shared<'h> = Rc<RefCell<Console<'h>>>;

/// Grants the functions of a console: `io.put` and `io.put_error` of every type that can be printed, `io.write`, `io.read`.
pub(crate) fn grant<'h>(imports: &mut Imports<'h>, console: &Shared<'h>) {
    let unions = (0..=u8::MAX).map(Mask::from_bits).filter(|mask| mask.count() > 1).map(Type::Union);
    for type_ in Tag::ALL.map(Type::Scalar).into_iter().chain(unions).chain([Type::String]) {
        define(imports, "io.put", type_.clone(), None, console, |console, call| {
            put(call, |bytes| console.write(bytes))
        });
        define(imports, "io.put_error", type_, None, console, |console, call| {
            put(call, |bytes| console.write_error(bytes))
        });
    }
    define(imports, "io.write", Type::view(Tag::Byte.into()), None, console, write);
    define(imports, "io.read", Type::view(Tag::Byte.into()), Some(Tag::Int.into()), console, read);
}

fn define<'h>(
    imports: &mut Imports<'h>,
    name: &str,
    parameter: Type,
    result: Option<Type>,
    console: &Shared<'h>,
    function: fn(&mut Console<'h>, &mut HostCall<'_>) -> Result<(), HostError>,
) {
    let mangled = mangle(&Signature { name: name.to_owned(), parameters: vec![parameter], result });
    let console = Rc::clone(console);
    let granted = imports.define(&mangled, move |call| {
        let busy = |_| HostError::Failed("the console is in use".to_owned());
        function(&mut *console.try_borrow_mut().map_err(busy)?, call)
    });
    debug_assert!(granted.is_ok(), "`{mangled}` is a name that a host can grant");
}

fn put(call: &mut HostCall<'_>, mut write: impl FnMut(&[u8]) -> io::Result<()>) -> Result<(), HostError> {
    match call.scalar(0) {
        Ok((tag, bits)) => {
            let mut shown = String::new();
            text::write_value(tag, bits, &mut shown);
            call.output(shown.len())?;
            write(shown.as_bytes())?;
        }
        Err(_) => {
            call.output(call.text(0)?.len())?;
            write(call.text(0)?.as_bytes())?;
        }
    }
    Ok(())
}

fn write(console: &mut Console<'_>, call: &mut HostCall<'_>) -> Result<(), HostError> {
    call.output(call.bytes(0)?.len())?;
    Ok(console.write(call.bytes(0)?)?)
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
