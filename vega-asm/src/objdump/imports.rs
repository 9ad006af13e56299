//! The imports: who must provide them, and their names, mangled and for people.

use super::Views;
use serde::Serialize;
use std::io::{self, Write};
use vega_format::Parsed;
use vega_format::text::counted;

/// An import.
#[derive(Serialize)]
pub(super) struct Row {
    number: usize,
    from: String,
    name: String,
    readable: String,
    /// The most bytes that a call takes: of the host as it says, of another module as was promised.
    #[serde(skip_serializing_if = "Option::is_none")]
    bound: Option<u64>,
}

pub(super) fn rows(parsed: &Parsed<'_>) -> impl Iterator<Item = Row> {
    parsed.imports().enumerate().map(|(number, import)| Row {
        number,
        from: import.kind.to_string(),
        name: import.name.to_owned(),
        readable: import.signature.to_string(),
        bound: import.bound,
    })
}

pub(super) fn write(out: &mut dyn Write, parsed: &Parsed<'_>, views: &Views) -> io::Result<()> {
    if parsed.import_count() == 0 {
        return Ok(());
    }
    super::heading(out, "Imports")?;
    rows(parsed).try_for_each(|Row { number, from, name, readable, bound }| {
        let bound = bound.map(|bytes| format!(", at most {}", counted(bytes, "byte"))).unwrap_or_default();
        match views.demangle {
            true => writeln!(out, "  {number:<4}  {from:<6}  {readable}{bound}"),
            false => writeln!(out, "  {number:<4}  {from:<6}  {name} = {readable}{bound}"),
        }
    })
}
