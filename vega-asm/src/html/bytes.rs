//! The bytes of a file, and what each of them means.

use crate::hex;
use serde::Serialize;
use std::borrow::Cow;
use std::rc::Rc;
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
    /// As the fields say it.
    #[serde(skip)]
    key: Rc<str>,
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
    name: Cow<'static, str>,
    value: Cow<'static, str>,
    /// What is wrong with it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    faults: Vec<String>,
}

pub(super) fn of(file: &[u8], left_out: &mut Vec<String>) -> Bytes {
    let shown = file.get(..file.len().min(MOST_BYTES)).unwrap_or_default();
    if shown.len() < file.len() {
        left_out.push(format!("{} of {}", file.len() - shown.len(), counted(file.len(), "byte")));
    }
    let mut bytes = Bytes { hex: hex::joined(shown), ..Bytes::default() };
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
        if self.parts.last().is_none_or(|last| last.key != part) {
            self.parts.push(Part { name: quote(&part), key: part, rule, offset: range.start });
        }
        let in_words = |fault: fields::FieldFault| match fault.code {
            Some(code) => format!("error[{code}]: {}", fault.words),
            None => fault.words,
        };
        let faults = faults.into_iter().map(in_words).collect();
        let part = self.parts.len() - 1;
        self.fields.push(Field { length: range.len(), part, name: harmless(name), value: harmless(value), faults });
    }
}

/// As [`quote`], but words of our own stay what they are.
fn harmless(words: Cow<'static, str>) -> Cow<'static, str> {
    match words {
        Cow::Borrowed(_) => words,
        Cow::Owned(words) => Cow::Owned(quote(&words)),
    }
}
