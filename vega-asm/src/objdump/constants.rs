//! The constants: number and value, with the type in front.

use crate::value::spell_short;
use std::io::{self, Write};
use vega_format::Parsed;

/// The most bytes of a text that are shown.
const MOST_TEXT: usize = 200;

pub(super) fn write(out: &mut dyn Write, parsed: &Parsed<'_>) -> io::Result<()> {
    if parsed.constant_count() == 0 {
        return Ok(());
    }
    super::heading(out, "Constants")?;
    for (index, constant) in parsed.constants().enumerate() {
        writeln!(out, "  {index:<4}  {}", spell_short(constant, MOST_TEXT))?;
    }
    Ok(())
}
