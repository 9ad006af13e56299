//! The types: name, size, and what stands at which offset.

use crate::spelling;
use std::io::{self, Write};
use vega_format::Parsed;
use vega_format::stencil::{Stencil, TypeRef};

pub(super) fn write(out: &mut dyn Write, parsed: &Parsed<'_>) -> io::Result<()> {
    let stencils = parsed.stencils();
    if stencils.is_empty() {
        return Ok(());
    }
    super::heading(out, "Types")?;
    for (index, stencil) in stencils.iter().enumerate() {
        let type_ref = TypeRef::Stencil(index as u32);
        let form = match stencil {
            Stencil::Struct { .. } => "struct",
            Stencil::Tuple(_) => "tuple",
            Stencil::Array(..) => "array",
            Stencil::Text(_) => "text",
        };
        let size = stencils.size(type_ref);
        writeln!(out, "  {index:<4}  {form} {}, {size} bytes", spelling::type_of(parsed, type_ref))?;
        for (place, (offset, part)) in stencils.parts(type_ref).enumerate() {
            let type_ = spelling::type_of(parsed, part);
            match stencil {
                Stencil::Struct { fields, .. } => {
                    let name = fields.get(place).map(|field| field.name.as_str()).unwrap_or_default();
                    writeln!(out, "        {offset:<6}  {name} {type_}")?;
                }
                _ => writeln!(out, "        {offset:<6}  {place} {type_}")?,
            }
        }
    }
    Ok(())
}
