//! The commands behind the binaries: everything but the last step from [`Status`] to a number.

pub mod assemble;
pub mod options;
pub mod objdump;

use std::fmt::Display;
use std::io;
use std::path::Path;
use vega_report::command::{Reporter, Status, read_input};
use vega_report::{Diagnostic, Sources, quote};

/// Prints a complaint that is about no text.
fn complain(reporter: &mut Reporter, words: impl Into<String>) {
    reporter.report(&Diagnostic::error("", words), &Sources::new());
}

/// A path as messages show it.
fn shown(path: &Path) -> String {
    if path.as_os_str() == "-" { "<stdin>".to_owned() } else { path.display().to_string() }
}

/// The bytes of an input; if it cannot be read, that is told.
fn input(path: &Path, reporter: &mut Reporter) -> Result<Vec<u8>, Status> {
    read_input(path).map_err(|error| {
        complain(reporter, format!("cannot read `{}`: {}", quote(&shown(path)), words(&error)));
        Status::Io
    })
}

/// What the system says, without its number.
fn words(error: &io::Error) -> String {
    let text = error.to_string();
    text.split(" (os error").next().unwrap_or(&text).to_lowercase()
}

/// What writing made of the command; a reader that has gone is no trouble.
fn written(result: io::Result<()>, to: impl Display, reporter: &mut Reporter) -> Status {
    match result {
        Ok(()) => Status::Fine,
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Status::Fine,
        Err(error) => {
            complain(reporter, format!("cannot write `{}`: {}", quote(&to.to_string()), words(&error)));
            Status::Io
        }
    }
}
