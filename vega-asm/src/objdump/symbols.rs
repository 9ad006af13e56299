//! The symbols: the functions of the file, and those that it wants from others, by name.

use super::Views;
use serde::Serialize;
use std::io::{self, Write};
use vega_format::Parsed;
use vega_format::container::Function;

/// A function, here or elsewhere.
#[derive(Serialize)]
pub(super) struct Row {
    number: u32,
    /// `entry`, `exported`, `local`; or who provides it: `host`, `module`.
    role: String,
    /// Where its code stands in the file.
    offset: Option<usize>,
    /// Bytes of its code.
    bytes: Option<usize>,
    name: String,
    readable: String,
}

pub(super) fn rows<'a>(parsed: &'a Parsed<'a>, views: &'a Views) -> impl Iterator<Item = Row> + 'a {
    let entry = parsed.entry().map(|entry| entry.function);
    let role = move |function: &Function<'_>| match (entry, function.exported) {
        (Some(entry), _) if entry == function.index => "entry",
        (_, true) => "exported",
        (_, false) => "local",
    };
    let functions = parsed.functions().filter(|function| views.wants(function)).map(move |function| Row {
        number: function.index,
        role: role(&function).to_owned(),
        offset: Some(function.code_offset),
        bytes: Some(function.code.len()),
        name: function.name.to_owned(),
        readable: function.signature.to_string(),
    });
    let imports = (0..).zip(parsed.imports()).filter(|_| views.wanted_function().is_none());
    let imports = imports.map(|(number, import)| Row {
        number,
        role: import.kind.to_string(),
        offset: None,
        bytes: None,
        name: import.name.to_owned(),
        readable: import.signature.to_string(),
    });
    functions.chain(imports)
}

pub(super) fn write(out: &mut dyn Write, parsed: &Parsed<'_>, views: &Views) -> io::Result<()> {
    super::heading(out, "Symbols")?;
    writeln!(out, "  number  role      offset      bytes     name")?;
    for Row { number, role, offset, bytes, name, readable } in rows(parsed, views) {
        let offset = offset.map_or_else(|| "-".to_owned(), |offset| format!("0x{offset:08x}"));
        let bytes = bytes.map_or_else(|| "-".to_owned(), |bytes| bytes.to_string());
        let name = if views.demangle { readable } else { name };
        writeln!(out, "  {number:<6}  {role:<8}  {offset:<10}  {bytes:<8}  {name}")?;
    }
    Ok(())
}
