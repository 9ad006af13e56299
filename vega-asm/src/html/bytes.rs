//! The bytes of a file, and what each of them means.

use serde::Serialize;
use vega_format::fields::{self, explain};
use vega_format::text::counted;
use vega_report::quote;

/// The most bytes that are on the page.
const MOST_BYTES: usize = 1 << 18;
/// The most fields that are explained.
const MOST_FIELDS: usize = 40_000;

#[derive(Default, Serialize)]
pub(super) struct Bytes {
    /// The first bytes of the file, in hex.
    hex: String,
    parts: Vec<Part>,
    /// What the bytes mean, one field behind the other from the first byte on.
    fields: Vec<Field>,
}

/// Header, section table, or a section.
#[derive(Serialize)]
struct Part {
    name: String,
    /// The page of `spec/` that tells of it.
    rule: &'static str,
    offset: usize,
}

#[derive(Serialize)]
struct Field {
    length: usize,
    /// The place of its part in the list.
    part: usize,
    name: String,
    value: String,
    /// What is wrong with it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    faults: Vec<String>,
}

pub(super) fn of(file: &[u8], left_out: &mut Vec<String>) -> Bytes {
    let shown = file.get(..file.len().min(MOST_BYTES)).unwrap_or_default();
    if shown.len() < file.len() {
        left_out.push(format!("{} of {}", file.len() - shown.len(), counted(file.len(), "byte")));
    }
    let digit = |nibble: u8| char::from_digit(nibble.into(), 16).unwrap_or_default();
    let hex = shown.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect();
    let mut bytes = Bytes { hex, ..Bytes::default() };
    let told = explain(file, |field| match bytes.fields.len() < MOST_FIELDS && field.range.start < shown.len() {
        true => {
            bytes.add(field);
            Ok(())
        }
        false => Err(field.range.start),
    });
    if let Err(end) = told
        && end < shown.len()
    {
        left_out.push(format!("the meaning of the bytes from 0x{end:x} on"));
    }
    bytes
}

impl Bytes {
    fn add(&mut self, field: fields::Field) {
        let fields::Field { range, part, name, value, rule, faults } = field;
        let (part, name) = (quote(&part), quote(&name));
        if self.parts.last().is_none_or(|last| last.name != part) {
            self.parts.push(Part { name: part, rule, offset: range.start });
        }
        let in_words = |fault: fields::FieldFault| match fault.code {
            Some(code) => format!("error[{code}]: {}", fault.words),
            None => fault.words,
        };
        let faults = faults.into_iter().map(in_words).collect();
        let part = self.parts.len() - 1;
        self.fields.push(Field { length: range.len(), part, name, value: quote(&value), faults });
    }
}
