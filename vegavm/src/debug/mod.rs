//! The debugger: one session, which goes on and back, and two faces of it: commands for people, messages for editors.
//!
//! It runs on the reference engine. What a program prints is shown when it stops; it reads from a file or nothing, as the
//! commands are on standard input.

mod checkpoints;
mod commands;
mod conditions;
mod console;
mod dap;
mod places;
mod session;
mod tape;
pub(crate) mod variables;
mod watches;

pub(crate) use dap::by_messages;

use crate::error::ArgumentError;
use crate::limits::Limits;
use crate::native::Imports;
use crate::program::Program;
use crate::value::Value;
use alloc::sync::Arc;
use core::sync::atomic::AtomicBool;
use session::Session;
use std::io::{self, BufRead, IsTerminal, Read};
use tape::Tape;
use vega_report::command::SourceTexts;

/// What is debugged.
pub(crate) struct Debugged<'d> {
    pub(crate) program: &'d Program,
    pub(crate) arguments: &'d [Value],
    pub(crate) limits: &'d Limits,
    pub(crate) sources: SourceTexts,
    pub(crate) input: Box<dyn Read>,
    /// Interrupts it while it runs.
    pub(crate) interrupt: Arc<AtomicBool>,
}

/// Lets a person debug a program by commands on standard input.
///
/// # Errors
/// The arguments do not fit the program. Within: standard input or output fails.
pub(crate) fn by_commands(debugged: Debugged<'_>) -> Result<io::Result<()>, ArgumentError> {
    let tape = Tape::new(debugged.input, Box::new(io::stdout()), Box::new(io::stderr()));
    let imports = Imports::console(tape.console());
    let mut instance = debugged.program.instantiate();
    let run = instance.stepper(debugged.arguments, debugged.limits)?;
    let session = Session::new(debugged.program.module(), run, tape, imports, debugged.interrupt);
    let mut input: Box<dyn BufRead> = Box::new(io::stdin().lock());
    let is_script = !io::stdin().is_terminal();
    Ok(console::converse(session, debugged.sources, &mut *input, is_script, &mut io::stdout()))
}
