//! The section table: what stands where in the file.

use std::io::{self, Write};
use vega_format::Outline;
use vega_format::container::SectionId;

pub(super) fn write(out: &mut dyn Write, outline: &Outline<'_>) -> io::Result<()> {
    super::heading(out, "Sections")?;
    writeln!(out, "  number  name        offset      bytes       crc-32")?;
    for record in outline.sections() {
        let name = SectionId::from_number(record.id).map_or("custom", SectionId::name);
        let (number, offset, length, checksum) = (record.id, record.offset, record.length, record.checksum);
        writeln!(out, "  {number:<6}  {name:<10}  0x{offset:08x}  {length:<10}  {checksum:08x}")?;
    }
    Ok(())
}
