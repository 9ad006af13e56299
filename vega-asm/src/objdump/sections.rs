//! The section table: what stands where in the file.

use std::io::{self, Write};
use vega_format::container::Head;
use vega_report::quote;

pub(super) fn write(out: &mut dyn Write, head: &Head) -> io::Result<()> {
    super::heading(out, "Sections")?;
    let width = head.sections().iter().map(|record| quote(head.name(record)).chars().count()).fold(10, usize::max);
    writeln!(out, "  number  {:<width$}  offset      bytes       crc-32", "name")?;
    for record in head.sections() {
        let name = quote(head.name(record));
        let (number, offset, length, checksum) = (record.id, record.offset, record.length, record.checksum);
        writeln!(out, "  {number:<6}  {name:<width$}  0x{offset:08x}  {length:<10}  {checksum:08x}")?;
    }
    Ok(())
}
