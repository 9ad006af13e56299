//! The commands behind the binaries: everything but the last step from [`Status`] to a number.

pub mod assemble;
pub mod link;
pub mod objdump;

use clap::Parser;
use std::ffi::OsString;
use vega_report::command::{Status, guard, parse_words};

/// Parses the words of a command line, the first being the command's name, and runs the command.
pub fn main<P: Parser + Send>(
    words: impl IntoIterator<Item = OsString>,
    run: impl FnOnce(P) -> Status + Send,
) -> Status {
    match parse_words(words, usize::MAX) {
        Ok(command) => guard(Status::Internal, || run(command)),
        Err(status) => status,
    }
}
