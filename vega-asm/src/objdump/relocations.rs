//! The relocations: which calls the linker fills in, by function and offset.

use super::Views;
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

pub(super) fn rows(parsed: &Parsed<'_>) -> impl Iterator<Item = Row> {
    let start = parsed.head().section(SectionId::Code).map_or(0, |record| record.offset);
    // Both rise, so that functions and relocations are walked through side by side.
    let mut functions = parsed.functions().peekable();
    parsed.relocations().map(move |relocation| {
        let offset = start + u64::from(relocation.offset);
        let ends_before = |code_offset: usize, length: usize| (code_offset + length) as u64 <= offset;
        while functions.next_if(|function| ends_before(function.code_offset, function.code.len())).is_some() {}
        let function = functions.peek();
        let import = parsed.import(relocation.import);
        Row {
            offset,
            function: function.map(|function| function.name.to_owned()).unwrap_or_default(),
            at: function.map_or(0, |function| (offset - function.code_offset as u64) as u32),
            import: import.map(|import| import.name.to_owned()).unwrap_or_default(),
            readable: import.map(|import| import.signature.to_string()).unwrap_or_default(),
        }
    })
}

pub(super) fn write(out: &mut dyn Write, parsed: &Parsed<'_>, views: &Views) -> io::Result<()> {
    if parsed.relocations().next().is_none() {
        return Ok(());
    }
    super::heading(out, "Relocations")?;
    writeln!(out, "  offset      operand at                import")?;
    for Row { offset, function, at, import, readable } in rows(parsed) {
        let import = if views.demangle { readable } else { import };
        writeln!(out, "  0x{offset:08x}  {:<24}  {import}", format!("{function}+0x{at:04x}"))?;
    }
    Ok(())
}
