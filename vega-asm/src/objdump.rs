//! A look inside a file: one view a module, in the order in which the summary shows them.
//!
//! Views show what the file says and nothing of the host: no addresses, times or absolute paths.

mod constants;
mod file;
mod functions;
mod imports;
mod sections;
mod types;

use std::io::{self, Write};
use vega_format::Parsed;
use vega_format::container::{Function, Head};

/// The first line of every view: what file, what kind, how large.
///
/// # Errors
/// `out` gives one.
pub fn title(out: &mut dyn Write, name: &str, head: &Head) -> io::Result<()> {
    file::title(out, name, head)
}

/// The section headers.
///
/// # Errors
/// `out` gives one.
pub fn section_headers(out: &mut dyn Write, head: &Head) -> io::Result<()> {
    sections::write(out, head)
}

/// Everything but the title, for somebody who sees such a file for the first time.
///
/// # Errors
/// `out` gives one.
pub fn summary(out: &mut dyn Write, parsed: &Parsed<'_>) -> io::Result<()> {
    file::metadata(out, parsed)?;
    sections::write(out, parsed.head())?;
    constants::write(out, parsed)?;
    types::write(out, parsed)?;
    imports::write(out, parsed)?;
    functions(out, parsed, |_| true)
}

/// The functions that `wanted` picks, with their code.
///
/// # Errors
/// `out` gives one.
pub fn functions(out: &mut dyn Write, parsed: &Parsed<'_>, wanted: impl Fn(&Function<'_>) -> bool) -> io::Result<()> {
    functions::write(out, parsed, &wanted)
}

/// A heading behind an empty line.
fn heading(out: &mut dyn Write, text: &str) -> io::Result<()> {
    writeln!(out, "\n{text}:")
}
