//! The imports: who must provide them, and their names, mangled and for people.

use super::Views;
use serde::Serialize;
use std::io::{self, Write};
use vega_format::Parsed;

/// An import.
#[derive(Serialize)]
pub(super) struct Row {
    number: usize,
    from: String,
    name: String,
    readable: String,
}

pub(super) fn rows(parsed: &Parsed<'_>) -> impl Iterator<Item = Row> {
    parsed.imports().enumerate().map(|(number, import)| Row {
        number,
        from: import.kind.to_string(),
        name: import.name.to_owned(),
        readable: import.signature.to_string(),
    })
}

pub(super) fn write(out: &mut dyn Write, parsed: &Parsed<'_>, views: &Views) -> io::Result<()> {
    if parsed.import_count() == 0 {
        return Ok(());
    }
    super::heading(out, "Imports")?;
    rows(parsed).try_for_each(|Row { number, from, name, readable }| match views.demangle {
        true => writeln!(out, "  {number:<4}  {from:<6}  {readable}"),
        false => writeln!(out, "  {number:<4}  {from:<6}  {name} = {readable}"),
    })
}
