//! The constants: number and value, with the type in front.

use crate::value::spell_short;
use serde::Serialize;
use std::io::{self, Write};
use vega_format::Parsed;

/// The most bytes of a text that are shown.
const MOST_TEXT: usize = 200;

/// A constant.
#[derive(Serialize)]
pub(super) struct Row {
    number: usize,
    value: String,
}

pub(super) fn rows(parsed: &Parsed<'_>) -> impl Iterator<Item = Row> {
    let constants = parsed.constants().enumerate();
    constants.map(|(number, constant)| Row { number, value: spell_short(constant, MOST_TEXT) })
}

pub(super) fn write(out: &mut dyn Write, parsed: &Parsed<'_>) -> io::Result<()> {
    if parsed.constant_count() == 0 {
        return Ok(());
    }
    super::heading(out, "Constants")?;
    rows(parsed).try_for_each(|Row { number, value }| writeln!(out, "  {number:<4}  {value}"))
}
