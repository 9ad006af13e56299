//! The imports: who must provide them, and their names, mangled and for people.

use std::io::{self, Write};
use vega_format::Parsed;

pub(super) fn write(out: &mut dyn Write, parsed: &Parsed<'_>) -> io::Result<()> {
    if parsed.import_count() == 0 {
        return Ok(());
    }
    super::heading(out, "Imports")?;
    for (index, import) in parsed.imports().enumerate() {
        let from = import.kind.to_string();
        writeln!(out, "  {index:<4}  {from:<6}  {} = {}", import.name, import.signature)?;
    }
    Ok(())
}
