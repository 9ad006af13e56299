//! The first bytes: whether a file is a `.vgb` at all, and if it is none, what it seems to be.

use super::{Header, MAGIC};
use crate::error::{FormatError, FormatErrorKind, Result};
use alloc::string::String;
use alloc::vec::Vec;

/// So many bytes of a file are looked at, to say what it is.
pub(super) const LOOK: usize = 4096;

/// Demands that a file starts with the magic; `bytes` are the whole file, or enough of its start.
///
/// # Errors
/// It does not; the error says what was found instead.
pub fn check_magic(bytes: &[u8]) -> Result<()> {
    if bytes.starts_with(&MAGIC) {
        return Ok(());
    }
    let error = |kind| Err(FormatError { kind, offset: 0, section: None });
    if bytes.is_empty() || MAGIC.starts_with(bytes) {
        let (need, have) = (Header::SIZE as u64, bytes.len() as u64);
        return error(FormatErrorKind::Truncated { what: "the header", need, have });
    }
    let start = bytes.get(..bytes.len().min(MAGIC.len())).unwrap_or_default();
    let [high, name @ ..] = MAGIC;
    if bytes.starts_with(b"\xf6VEGA\n\x1a") {
        return error(FormatErrorKind::TextMode("CR LF became LF"));
    }
    if bytes.starts_with(b"\xf6VEGA\r\r\n") || bytes.starts_with(b"\xf6VEGA\r\n\r\n") {
        return error(FormatErrorKind::TextMode("LF became CR LF"));
    }
    if start == [&[high & 0x7f], name.as_slice()].concat() {
        return error(FormatErrorKind::TextMode("the eighth bit of each byte was cleared"));
    }
    let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(" ");
    let hint =
        looks_like(bytes).or_else(|| text_of(bytes)).map(|what| format!("; it looks like {what}")).unwrap_or_default();
    error(FormatErrorKind::Magic { found: hex(start), wanted: hex(&MAGIC), hint })
}

/// Which of the kinds of files that people have everywhere this is, by its first bytes.
pub fn looks_like(bytes: &[u8]) -> Option<&'static str> {
    let known: [(&[u8], &str); 10] = [
        (b"\x7fELF", "an ELF file"),
        (b"\0asm", "a WebAssembly module"),
        (b"\x89PNG", "a PNG image"),
        (b"\xff\xd8\xff", "a JPEG image"),
        (b"GIF8", "a GIF image"),
        (b"%PDF", "a PDF document"),
        (b"PK\x03\x04", "a zip archive"),
        (b"\x1f\x8b", "a gzip file"),
        (b"#!", "a script"),
        (b"!<arch>\n", "an ar archive"),
    ];
    known.iter().find(|(magic, _)| bytes.starts_with(magic)).map(|(_, what)| *what)
}

/// What kind of text a file seems to be that is no `.vgb`.
fn text_of(bytes: &[u8]) -> Option<&'static str> {
    let start = bytes.get(..bytes.len().min(LOOK)).unwrap_or_default();
    let is_text = core::str::from_utf8(start).map_or_else(|error| error.valid_up_to() + 4 > start.len(), |_| true);
    let text = String::from_utf8_lossy(start);
    if !is_text || text.contains('\0') {
        None
    } else if text.lines().any(|line| line.starts_with(".function") || line.starts_with(".entry")) {
        Some("assembly; `vega-asm` makes a .vgb of it")
    } else if ["alloc", "fn ", "struct "].iter().any(|word| text.contains(word)) {
        Some("Vega source; `vegac` makes a .vgb of it")
    } else {
        Some("text")
    }
}
