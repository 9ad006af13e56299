//! The types: name, size, and what stands at which offset.

use crate::spelling;
use serde::Serialize;
use std::io::{self, Write};
use vega_format::Parsed;
use vega_format::stencil::{Stencil, TypeRef};
use vega_format::text::counted;

/// A struct, tuple, array or bounded text.
#[derive(Serialize)]
pub(super) struct Row {
    number: usize,
    form: &'static str,
    name: String,
    bytes: u32,
    parts: Vec<Part>,
}

/// What stands at an offset of it: a field by its name, an element by its number.
#[derive(Serialize)]
struct Part {
    offset: u32,
    name: String,
    type_name: String,
}

pub(super) fn rows(parsed: &Parsed<'_>) -> impl Iterator<Item = Row> {
    parsed.stencils().iter().enumerate().map(|(number, stencil)| row(parsed, number, stencil))
}

fn row(parsed: &Parsed<'_>, number: usize, stencil: &Stencil) -> Row {
    let stencils = parsed.stencils();
    let type_ref = TypeRef::Stencil(number as u32);
    let part = |(place, (offset, part)): (usize, (u32, TypeRef))| {
        let field = match stencil {
            Stencil::Struct { fields, .. } => fields.get(place).map(|field| field.name.clone()),
            _ => None,
        };
        let name = field.unwrap_or_else(|| place.to_string());
        Part { offset, name, type_name: spelling::type_of(parsed, part) }
    };
    Row {
        number,
        form: match stencil {
            Stencil::Struct { .. } => "struct",
            Stencil::Tuple(_) => "tuple",
            Stencil::Array(..) => "array",
            Stencil::Text(_) => "text",
        },
        name: spelling::type_of(parsed, type_ref),
        bytes: stencils.size(type_ref),
        parts: stencils.parts(type_ref).enumerate().map(part).collect(),
    }
}

pub(super) fn write(out: &mut dyn Write, parsed: &Parsed<'_>) -> io::Result<()> {
    if parsed.stencils().is_empty() {
        return Ok(());
    }
    super::heading(out, "Types")?;
    for Row { number, form, name, bytes, parts } in rows(parsed) {
        writeln!(out, "  {number:<4}  {form} {name}, {}", counted(bytes, "byte"))?;
        for Part { offset, name, type_name } in parts {
            writeln!(out, "        {offset:<6}  {name} {type_name}")?;
        }
    }
    Ok(())
}
