//! Reads little-endian numbers and text from the body of a section, and knows where it is.

use super::SectionId;
use crate::error::{FormatError, FormatErrorKind, Result};
use alloc::vec::Vec;
use core::ops::Range;

/// The most bytes of a text that is no constant: of a name, a source, the producer.
pub const MOST_TEXT: usize = 4096;

/// A place in the body of a section. Ranges that it gives out are offsets in the file.
#[derive(Debug, Clone)]
pub struct Cursor<'a> {
    file: &'a [u8],
    section: SectionId,
    at: usize,
    end: usize,
}

impl<'a> Cursor<'a> {
    /// At the start of the bytes `body` of `file`, which lie within it.
    pub fn new(file: &'a [u8], section: SectionId, body: Range<usize>) -> Cursor<'a> {
        Cursor { file, section, at: body.start, end: body.end.min(file.len()) }
    }

    /// At another place of the same section.
    pub fn at(&self, offset: usize) -> Cursor<'a> {
        Cursor { at: offset, ..self.clone() }
    }

    /// Bytes left.
    pub fn left(&self) -> usize {
        self.end.saturating_sub(self.at)
    }

    /// The offset in the file.
    pub fn offset(&self) -> usize {
        self.at
    }

    /// An error at this place.
    pub fn error(&self, kind: FormatErrorKind) -> FormatError {
        self.error_at(self.at, kind)
    }

    /// An error at another place of the same section.
    pub fn error_at(&self, offset: usize, kind: FormatErrorKind) -> FormatError {
        FormatError { kind, offset: offset as u64, section: Some(self.section) }
    }

    /// The range of the next `count` bytes of the file.
    ///
    /// # Errors
    /// Fewer are left.
    pub fn range(&mut self, what: &'static str, count: usize) -> Result<Range<usize>> {
        if count > self.left() {
            let (need, have) = (count as u64, self.left() as u64);
            return Err(self.error(FormatErrorKind::Truncated { what, need, have }));
        }
        let start = self.at;
        self.at += count;
        Ok(start..self.at)
    }

    /// The next `count` bytes.
    ///
    /// # Errors
    /// Fewer are left.
    pub fn bytes(&mut self, what: &'static str, count: usize) -> Result<&'a [u8]> {
        let range = self.range(what, count)?;
        Ok(self.file.get(range).unwrap_or_default())
    }

    /// The bytes of a range that was given out.
    pub fn bytes_of(&self, range: Range<usize>) -> &'a [u8] {
        self.file.get(range).unwrap_or_default()
    }

    /// The next bytes, as many as the type says. Errors: fewer are left.
    pub fn array<const N: usize>(&mut self, what: &'static str) -> Result<[u8; N]> {
        let mut array = [0; N];
        array.copy_from_slice(self.bytes(what, N)?);
        Ok(array)
    }

    /// One byte. Errors: none is left.
    pub fn u8(&mut self, what: &'static str) -> Result<u8> {
        self.array::<1>(what).map(|[byte]| byte)
    }

    /// Two bytes. Errors: fewer are left.
    pub fn u16(&mut self, what: &'static str) -> Result<u16> {
        self.array(what).map(u16::from_le_bytes)
    }

    /// Four bytes. Errors: fewer are left.
    pub fn u32(&mut self, what: &'static str) -> Result<u32> {
        self.array(what).map(u32::from_le_bytes)
    }

    /// Eight bytes. Errors: fewer are left.
    pub fn u64(&mut self, what: &'static str) -> Result<u64> {
        self.array(what).map(u64::from_le_bytes)
    }

    /// A count of entries that take at least `size` bytes each, so that room for them may be reserved.
    ///
    /// # Errors
    /// The bytes left cannot hold so many.
    pub fn count(&mut self, what: &'static str, size: usize) -> Result<usize> {
        let at = self.at;
        let count = self.u32(what)? as usize;
        if count > self.left() / size.max(1) {
            let (count, size, have) = (count as u64, size as u64, self.left() as u64);
            return Err(self.error_at(at, FormatErrorKind::Count { what, count, size, have }));
        }
        Ok(count)
    }

    /// Text behind its length in bytes (four bytes), as its range in the file.
    ///
    /// # Errors
    /// Fewer bytes are left, they are more than [`MOST_TEXT`], or they are not UTF-8.
    pub fn text(&mut self, what: &'static str) -> Result<Range<usize>> {
        let at = self.offset();
        let range = self.text_range(what)?;
        if range.len() > MOST_TEXT {
            let (found, limit) = (range.len() as u64, MOST_TEXT as u64);
            return Err(self.error_at(at, FormatErrorKind::Long { what, found, limit }));
        }
        self.check_text(what, range.clone())?;
        Ok(range)
    }

    /// The same for bytes of which the caller demands that they are UTF-8.
    ///
    /// # Errors
    /// Fewer bytes are left.
    pub fn text_range(&mut self, what: &'static str) -> Result<Range<usize>> {
        let length = self.u32(what)? as usize;
        self.range(what, length)
    }

    /// Demands that a range of the file is UTF-8.
    ///
    /// # Errors
    /// It is not.
    pub fn check_text(&self, what: &'static str, range: Range<usize>) -> Result<&'a str> {
        let bytes = self.file.get(range.clone()).unwrap_or_default();
        core::str::from_utf8(bytes).map_err(|error| {
            let at = error.valid_up_to();
            self.error_at(range.start + at, FormatErrorKind::Utf8 { what, at })
        })
    }

    /// Demands that the section ends here.
    ///
    /// # Errors
    /// Bytes are left.
    pub fn finish(&self) -> Result<()> {
        match self.left() {
            0 => Ok(()),
            left => Err(self.error(FormatErrorKind::Extra(left as u64))),
        }
    }
}

/// Appends text behind its length in bytes (four bytes).
pub(crate) fn write_text(out: &mut Vec<u8>, text: impl AsRef<[u8]>) {
    let bytes = text.as_ref();
    out.extend_from_slice(&(bytes.len() as u32).to_le_bytes());
    out.extend_from_slice(bytes);
}
