//! Every byte of the file: its field, what that says, where `spec/` tells of it, and what is wrong with it.

use super::hex;
use serde::ser::SerializeSeq;
use serde::{Serialize, Serializer};
use std::io::{self, Write};
use vega_format::fields::{Field, explain};

/// Bytes on one line.
const LINE: usize = 8;

/// All fields of a file as data.
pub(super) struct Fields<'a>(pub(super) &'a [u8]);

#[derive(Serialize)]
struct Row {
    offset: usize,
    length: usize,
    /// In hex.
    bytes: String,
    part: String,
    field: String,
    value: String,
    rule: String,
    faults: Vec<Fault>,
}

#[derive(Serialize)]
struct Fault {
    code: Option<&'static str>,
    words: String,
}

impl Serialize for Fields<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut rows = serializer.serialize_seq(None)?;
        explain(self.0, |field| rows.serialize_element(&self.row(field)))?;
        rows.end()
    }
}

impl Fields<'_> {
    fn row(&self, field: Field) -> Row {
        let Field { range, part, name, value, rule, faults } = field;
        let (offset, length) = (range.start, range.len());
        let bytes = hex(self.0.get(range).unwrap_or_default());
        let faults = faults.into_iter().map(|fault| Fault { code: fault.code, words: fault.words }).collect();
        Row { offset, length, bytes, part, field: name, value, rule: format!("spec/{rule}"), faults }
    }
}

pub(super) fn write(out: &mut dyn Write, file: &[u8]) -> io::Result<()> {
    let mut part = String::new();
    explain(file, |field| {
        if field.part != part {
            super::heading(out, &format!("{} (spec/{})", field.part, field.rule))?;
            part.clone_from(&field.part);
        }
        write_field(out, file, &field)
    })
}

fn write_field(out: &mut dyn Write, file: &[u8], field: &Field) -> io::Result<()> {
    let bytes = file.get(field.range.clone()).unwrap_or_default();
    let mark = if field.faults.is_empty() { ' ' } else { '!' };
    for (place, line) in bytes.chunks(LINE).enumerate() {
        let (offset, hex) = (field.range.start + place * LINE, hex(line));
        let row = match place {
            0 => {
                format!("{mark} {offset:08x}  {hex:<width$}  {:<28}  {}", field.name, field.value, width = 3 * LINE - 1)
            }
            _ => format!("{mark} {offset:08x}  {hex}"),
        };
        writeln!(out, "{}", row.trim_end())?;
    }
    for fault in &field.faults {
        match fault.code {
            Some(code) => writeln!(out, "  error[{code}]: {}", fault.words)?,
            None => writeln!(out, "  error: {}", fault.words)?,
        }
    }
    Ok(())
}
