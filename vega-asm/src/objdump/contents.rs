//! The bytes of the sections, in hex and as text.

use super::{Views, sections};
use crate::hex;
use serde::Serialize;
use std::io::{self, Write};
use vega_format::container::{Head, SectionId, SectionRecord};

/// Bytes on one line.
const LINE: usize = 16;

/// A section with its bytes.
#[derive(Serialize)]
pub(super) struct Row {
    name: String,
    offset: u64,
    /// In hex.
    bytes: String,
}

pub(super) fn rows<'a>(head: &'a Head, file: &'a [u8], views: &'a Views) -> impl Iterator<Item = Row> + 'a {
    wanted(head, views).map(move |record| Row {
        name: sections::name(head, record),
        offset: record.offset,
        bytes: hex::spaced(body(file, record)),
    })
}

/// The sections that are asked for, but not the code where all is shown and that as instructions.
fn wanted<'a>(head: &'a Head, views: &'a Views) -> impl Iterator<Item = &'a SectionRecord> {
    let has_code = views.section.is_some() || !views.disassemble_all;
    sections::wanted(head, views).filter(move |record| has_code || record.id != SectionId::Code as u16)
}

/// The bytes of a section, as many as are there.
fn body<'a>(file: &'a [u8], record: &SectionRecord) -> &'a [u8] {
    let behind = file.get(record.offset as usize..).unwrap_or_default();
    behind.get(..record.length as usize).unwrap_or(behind)
}

pub(super) fn write(out: &mut dyn Write, head: &Head, file: &[u8], views: &Views) -> io::Result<()> {
    for record in wanted(head, views) {
        super::heading(out, &format!("Contents of section {}", sections::name(head, record)))?;
        for (place, line) in body(file, record).chunks(LINE).enumerate() {
            let text: String = line.iter().map(|byte| printable(*byte)).collect();
            let offset = record.offset + (place * LINE) as u64;
            writeln!(out, "  {offset:08x}  {:<width$}  {text}", hex::spaced(line), width = 3 * LINE - 1)?;
        }
    }
    Ok(())
}

/// A byte as text, if it is a character of ASCII that shows.
fn printable(byte: u8) -> char {
    if byte.is_ascii_graphic() || byte == b' ' { byte.into() } else { '.' }
}
