//! Sections that this version does not know: of a later one, or custom ones (from
//! [`SectionId::FIRST_CUSTOM`](super::SectionId::FIRST_CUSTOM) on). They are kept as they are.
//!
//! Body: a name as text, so that a reader can say what it does not know, and then any bytes.

use super::cursor::write_text;
use alloc::vec::Vec;

/// A section that this version does not know. A reader may skip it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Custom<'a> {
    /// Its number, above those of all known sections.
    pub number: u16,
    /// What it is called: 1 to 255 bytes.
    pub name: &'a str,
    /// What is in it.
    pub bytes: &'a [u8],
}

pub(crate) fn write(out: &mut Vec<u8>, section: Custom<'_>) {
    write_text(out, section.name);
    out.extend_from_slice(section.bytes);
}
