//! Every byte of the file: its field, what that says, where `spec/` tells of it, and what is wrong with it.

use crate::hex;
use serde::ser::SerializeSeq;
use serde::{Serialize, Serializer};
use std::fmt::Write as _;
use std::io::{self, Write};
use std::ops::Range;
use std::rc::Rc;
use vega_format::fields::{Field, explain};

/// Bytes on one line.
const LINE: usize = 8;

/// All fields of a file as data, or those of a part.
pub(super) struct Fields<'a> {
    pub(super) file: &'a [u8],
    pub(super) part: Option<Range<usize>>,
}

#[derive(Serialize)]
struct Row<'a> {
    offset: usize,
    length: usize,
    /// In hex.
    bytes: String,
    part: &'a str,
    field: &'a str,
    value: &'a str,
    rule: String,
    faults: Vec<Fault<'a>>,
}

#[derive(Serialize)]
struct Fault<'a> {
    code: Option<&'static str>,
    words: &'a str,
}

impl Serialize for Fields<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut rows = serializer.serialize_seq(None)?;
        explain(self.file, |field| match is_in(&self.part, &field) {
            true => rows.serialize_element(&self.row(&field)),
            false => Ok(()),
        })?;
        rows.end()
    }
}

impl Fields<'_> {
    fn row<'a>(&self, field: &'a Field) -> Row<'a> {
        let Field { range, part, name, value, rule, faults } = field;
        let (offset, length) = (range.start, range.len());
        let bytes = hex::spaced(self.file.get(range.clone()).unwrap_or_default());
        let faults = faults.iter().map(|fault| Fault { code: fault.code, words: &fault.words }).collect();
        Row { offset, length, bytes, part, field: name, value, rule: format!("spec/{rule}"), faults }
    }
}

fn is_in(part: &Option<Range<usize>>, field: &Field) -> bool {
    part.as_ref().is_none_or(|part| part.contains(&field.range.start))
}

/// Writes the fields of a file, or those of a part.
pub(super) fn write(out: &mut dyn Write, file: &[u8], only: Option<Range<usize>>) -> io::Result<()> {
    if file.is_empty() {
        return writeln!(out, "no bytes");
    }
    let mut part = Rc::from("");
    let mut row = String::new();
    explain(file, |field| {
        if !is_in(&only, &field) {
            return Ok(());
        }
        if field.part != part {
            super::heading(out, &format!("{} (spec/{})", field.part, field.rule))?;
            part = Rc::clone(&field.part);
        }
        write_field(out, file, &field, &mut row)
    })
}

/// Each line is made in `row`, which is for that only.
fn write_field(out: &mut dyn Write, file: &[u8], field: &Field, row: &mut String) -> io::Result<()> {
    let bytes = file.get(field.range.clone()).unwrap_or_default();
    let mark = if field.faults.is_empty() { ' ' } else { '!' };
    for (place, line) in bytes.chunks(LINE).enumerate() {
        let (offset, hex) = (field.range.start + place * LINE, hex::spaced(line));
        row.clear();
        // A `String` takes all that is written to it.
        let _ = match place {
            0 => {
                let (name, value) = (&field.name, &field.value);
                write!(row, "{mark} {offset:08x}  {hex:<width$}  {name:<28}  {value}", width = 3 * LINE - 1)
            }
            _ => write!(row, "{mark} {offset:08x}  {hex}"),
        };
        row.truncate(row.trim_end().len());
        row.push('\n');
        out.write_all(row.as_bytes())?;
    }
    for fault in &field.faults {
        match fault.code {
            Some(code) => writeln!(out, "  error[{code}]: {}", fault.words)?,
            None => writeln!(out, "  error: {}", fault.words)?,
        }
    }
    Ok(())
}
