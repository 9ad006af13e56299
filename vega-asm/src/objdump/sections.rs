//! The section table: what stands where in the file.

use serde::Serialize;
use std::io::{self, Write};
use vega_format::container::{Head, SectionRecord};
use vega_report::quote;

/// A record of the section table.
#[derive(Serialize)]
pub(super) struct Row {
    number: u16,
    name: String,
    critical: bool,
    offset: u64,
    bytes: u64,
    crc32: String,
}

pub(super) fn rows(head: &Head) -> impl Iterator<Item = Row> {
    head.sections().iter().map(|record| Row {
        number: record.id,
        name: name(head, record),
        critical: record.is_critical(),
        offset: record.offset,
        bytes: record.length,
        crc32: format!("{:08x}", record.checksum),
    })
}

/// The name of a section as it may be shown.
pub(super) fn name(head: &Head, record: &SectionRecord) -> String {
    quote(head.name(record))
}

/// Writes the section headers.
///
/// # Errors
/// `out` gives one.
pub fn write(out: &mut dyn Write, head: &Head) -> io::Result<()> {
    super::heading(out, "Sections")?;
    let width = rows(head).map(|row| row.name.chars().count()).fold(10, usize::max);
    writeln!(out, "  number  {:<width$}  offset      bytes       crc-32", "name")?;
    for Row { number, name, offset, bytes, crc32, .. } in rows(head) {
        writeln!(out, "  {number:<6}  {name:<width$}  0x{offset:08x}  {bytes:<10}  {crc32}")?;
    }
    Ok(())
}
