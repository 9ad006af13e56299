//! Walks over the bytes of a file from the first to the last, and tells what each belongs to. It cannot leave a byte out:
//! every step starts where the one before it ended.

use super::{Field, FieldFault};
use crate::text::counted;
use alloc::borrow::Cow;
use alloc::rc::Rc;
use alloc::string::String;
use alloc::string::ToString;
use alloc::vec::IntoIter;
use alloc::vec::Vec;
use core::iter::Peekable;
use core::ops::Range;

/// The most characters of a text that are shown.
const MOST_TEXT: usize = 80;

/// Words that are mostly the same for every file.
type Words = Cow<'static, str>;

pub(super) struct Walker<'a, E, F> {
    pub(super) bytes: &'a [u8],
    at: usize,
    /// Where the part ends.
    end: usize,
    part: Rc<str>,
    rule: &'static str,
    /// What is known to be wrong, by offset.
    faults: Peekable<IntoIter<(usize, FieldFault)>>,
    /// The field that was found last: what is wrong behind the last byte is put to it.
    last: Option<Field>,
    tell: F,
    error: Option<E>,
}

impl<'a, E, F: FnMut(Field) -> Result<(), E>> Walker<'a, E, F> {
    pub(super) fn new(bytes: &'a [u8], mut faults: Vec<(usize, FieldFault)>, tell: F) -> Walker<'a, E, F> {
        faults.sort_by_key(|(offset, _)| *offset);
        let faults = faults.into_iter().peekable();
        let (part, rule) = (Rc::from(""), "");
        Walker { bytes, at: 0, end: bytes.len(), part, rule, faults, last: None, tell, error: None }
    }

    /// From here up to `end`, or up to the end of the file, the fields are those of another part.
    pub(super) fn enter(&mut self, part: impl Into<Rc<str>>, rule: &'static str, end: usize) {
        self.part = part.into();
        self.rule = rule;
        self.end = end.clamp(self.at, self.bytes.len());
    }

    pub(super) fn at(&self) -> usize {
        self.at
    }

    /// Bytes left in the part.
    pub(super) fn left(&self) -> usize {
        self.end - self.at
    }

    /// The next bytes of the part, as many as there are.
    pub(super) fn peek(&self, count: usize) -> &'a [u8] {
        self.bytes.get(self.at..self.at + count.min(self.left())).unwrap_or_default()
    }

    /// Bytes of the file, as far as they are there.
    pub(super) fn bytes_of(&self, range: Range<usize>) -> &'a [u8] {
        let end = range.end.min(self.bytes.len());
        self.bytes.get(range.start.min(end)..end).unwrap_or_default()
    }

    /// The next `count` bytes are a field.
    ///
    /// `None`: there are fewer. Those, if any, are told to be too few, and the part has ended.
    pub(super) fn bytes(&mut self, count: usize, name: impl Into<Words>, value: impl Into<Words>) -> Option<&'a [u8]> {
        let have = self.left();
        let name = name.into();
        if have < count {
            let words = format!("`{name}` needs {}, and has {have}", counted(count, "byte"));
            self.field(have, name, "", Some(FieldFault { code: None, words }));
            return None;
        }
        let bytes = self.peek(count);
        self.field(count, name, value, None);
        Some(bytes)
    }

    /// A number of so many bytes, at most eight, and what it says. `None` as of [`Walker::bytes`].
    pub(super) fn number<T: Into<Words>>(
        &mut self,
        width: usize,
        name: impl Into<Words>,
        value: impl Fn(u64) -> T,
    ) -> Option<u64> {
        let number = self.peek(width).iter().rev().fold(0, |number, byte| number << 8 | u64::from(*byte));
        self.bytes(width, name, value(number))?;
        Some(number)
    }

    /// A number that says what it is.
    pub(super) fn plain(&mut self, width: usize, name: impl Into<Words>) -> Option<u64> {
        self.number(width, name, |number| number.to_string())
    }

    /// Text behind its length. `None` as of [`Walker::bytes`].
    pub(super) fn text(&mut self, name: impl Into<Words>) -> Option<&'a [u8]> {
        let name = name.into();
        let length = self.number(4, format!("{name}: length"), |length| counted(length, "byte"))?;
        if length == 0 {
            return Some(&[]);
        }
        let value = text(self.peek(length as usize));
        self.bytes(length as usize, name, value)
    }

    /// All bytes that are left of the part are one field, if there are any.
    pub(super) fn rest(&mut self, name: &'static str, value: &'static str) {
        self.field(self.left(), name, value, None);
    }

    /// The next bytes make no sense.
    pub(super) fn broken(&mut self, count: usize, name: impl Into<Words>, fault: FieldFault) {
        self.field(count, name, "", Some(fault));
    }

    fn field(&mut self, count: usize, name: impl Into<Words>, value: impl Into<Words>, fault: Option<FieldFault>) {
        if self.error.is_some() {
            // Nobody listens any more, so all loops shall end.
            (self.at, self.end) = (self.bytes.len(), self.bytes.len());
        }
        if count == 0 || self.error.is_some() {
            return;
        }
        let range = self.at..self.at + count;
        self.at = range.end;
        let mut faults = Vec::new();
        while let Some((_, fault)) = self.faults.next_if(|(offset, _)| *offset < range.end) {
            faults.push(fault);
        }
        // What is wrong here is then known in better words.
        faults.extend(fault.filter(|_| faults.is_empty()));
        let (name, value) = (name.into(), value.into());
        let field = Field { range, part: self.part.clone(), name, value, rule: self.rule, faults };
        if let Some(before) = self.last.replace(field) {
            self.error = (self.tell)(before).err();
        }
    }

    pub(super) fn finish(mut self) -> Result<(), E> {
        if let Some(error) = self.error {
            return Err(error);
        }
        let Some(mut last) = self.last else { return Ok(()) };
        last.faults.extend(self.faults.map(|(_, fault)| fault));
        (self.tell)(last)
    }
}

/// A text as it is shown: in quotes, with what does not show escaped, and cut.
pub(super) fn text(bytes: &[u8]) -> String {
    let start = bytes.get(..bytes.len().min(4 * MOST_TEXT)).unwrap_or_default();
    let start = String::from_utf8_lossy(start);
    let shown: String = start.chars().take(MOST_TEXT).collect();
    let more = if shown.len() < bytes.len() { "…" } else { "" };
    format!("{shown:?}{more}")
}
