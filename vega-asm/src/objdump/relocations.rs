//! The relocations: which calls the linker fills in, by function and offset.

use super::{Views, names};
use serde::Serialize;
use std::io::{self, Write};
use vega_format::Parsed;
use vega_format::container::SectionId;

/// A call of another module's function.
#[derive(Serialize)]
pub(super) struct Row {
    /// Where the operand stands in the file.
    offset: u64,
    function: String,
    /// Where the operand stands in the code of the function.
    at: u32,
    import: String,
    readable: String,
}

pub(super) fn rows<'a>(parsed: &'a Parsed<'a>, views: &'a Views) -> impl Iterator<Item = Row> + 'a {
    let start = parsed.head().section(SectionId::Code).map_or(0, |record| record.offset);
    // Both rise, so that functions and relocations are walked through side by side.
    let mut functions = parsed.functions().peekable();
    parsed.relocations().filter_map(move |relocation| {
        let offset = start + u64::from(relocation.offset);
        let ends_before = |code_offset: usize, length: usize| (code_offset + length) as u64 <= offset;
        while functions.next_if(|function| ends_before(function.code_offset, function.code.len())).is_some() {}
        let function = functions.peek().filter(|function| views.wants(function))?;
        let import = parsed.import(relocation.import)?;
        Some(Row {
            offset,
            function: names::name_of(function, views),
            at: (offset - function.code_offset as u64) as u32,
            import: import.name.to_owned(),
            readable: import.signature.to_string(),
        })
    })
}

pub(super) fn write(out: &mut dyn Write, parsed: &Parsed<'_>, views: &Views) -> io::Result<()> {
    let is_empty = rows(parsed, views).next().is_none();
    // Among all headers, what is not there is not told.
    if is_empty && !views.reloc {
        return Ok(());
    }
    super::heading(out, "Relocations")?;
    if is_empty {
        return writeln!(out, "  none");
    }
    writeln!(out, "  offset      operand at                import")?;
    for Row { offset, function, at, import, readable } in rows(parsed, views) {
        let import = if views.demangle { readable } else { import };
        writeln!(out, "  0x{offset:08x}  {:<24}  {import}", names::place(&function, at, views))?;
    }
    Ok(())
}
