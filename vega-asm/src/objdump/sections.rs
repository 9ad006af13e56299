//! The section table: what stands where in the file.

use super::Views;
use serde::Serialize;
use std::io::{self, Write};
use std::ops::Range;
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

pub(super) fn rows<'a>(head: &'a Head, views: &'a Views) -> impl Iterator<Item = Row> + 'a {
    wanted(head, views).map(|record| Row {
        number: record.id,
        name: name(head, record),
        critical: record.is_critical(),
        offset: record.offset,
        bytes: record.length,
        crc32: format!("{:08x}", record.checksum),
    })
}

/// The sections that are asked for: all, or the one that is named.
pub(super) fn wanted<'a>(head: &'a Head, views: &'a Views) -> impl Iterator<Item = &'a SectionRecord> {
    let is_wanted = |record: &SectionRecord| views.section.as_ref().is_none_or(|name| head.name(record) == name);
    head.sections().iter().filter(move |record| is_wanted(record))
}

/// The bytes of the section that is named, if one is.
pub(super) fn named(head: &Head, views: &Views) -> Option<Range<usize>> {
    let record = views.section.as_ref().and_then(|_| wanted(head, views).next())?;
    Some(record.offset as usize..(record.offset + record.length) as usize)
}

/// The name of a section as it may be shown.
pub(super) fn name(head: &Head, record: &SectionRecord) -> String {
    quote(head.name(record))
}

/// Writes the section headers.
///
/// # Errors
/// `out` gives one.
pub fn write(out: &mut dyn Write, head: &Head, views: &Views) -> io::Result<()> {
    super::heading(out, "Sections")?;
    let width = rows(head, views).map(|row| row.name.chars().count()).fold(10, usize::max);
    writeln!(out, "  number  {:<width$}  offset      bytes       crc-32    flags", "name")?;
    for Row { number, name, critical, offset, bytes, crc32 } in rows(head, views) {
        // Nothing behind the last column: lines do not end in blanks.
        let flags = if critical { "  critical" } else { "" };
        writeln!(out, "  {number:<6}  {name:<width$}  0x{offset:08x}  {bytes:<10}  {crc32}{flags}")?;
    }
    Ok(())
}
