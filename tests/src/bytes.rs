//! Surgery on `.vgb` files, as the assembler does it, and places in them as tests write them.

pub use vega_asm::surgery::{repair, repair_checksums, section, with_body, with_order, without};

use vega_asm::surgery::put;
use vega_format::container::SectionId;

/// Where a place `SECTION+0xOFFSET` stands in the file; the section `file` starts at 0.
///
/// # Errors
/// It is no such place, or the file has no such section.
pub fn place(bytes: &[u8], place: &str) -> Result<usize, String> {
    let malformed = || format!("`{place}`: wanted `SECTION+0xOFFSET`");
    let (name, offset) = place.split_once("+0x").ok_or_else(malformed)?;
    let offset = usize::from_str_radix(offset, 16).map_err(|_| malformed())?;
    let start = match SectionId::ALL.into_iter().find(|id| id.name() == name) {
        Some(id) => section(bytes, id).ok_or_else(|| format!("the file has no section `{name}`"))?.start,
        None if name == "file" => 0,
        None => return Err(malformed()),
    };
    Ok(start + offset)
}

/// Overwrites bytes as a directive says, `SECTION+0xOFFSET BYTE …` in hex.
///
/// # Errors
/// The directive is malformed, or reaches beyond the file.
pub fn patch(bytes: &mut [u8], directive: &str) -> Result<(), String> {
    let (at, patch) = directive.split_once(' ').ok_or_else(|| format!("`{directive}`: no bytes"))?;
    let at = place(bytes, at)?;
    let patch: Result<Vec<u8>, _> = patch.split_whitespace().map(|byte| u8::from_str_radix(byte, 16)).collect();
    let patch = patch.map_err(|_| format!("`{directive}`: wanted bytes as pairs of hexadecimal digits"))?;
    match !patch.is_empty() && put(bytes, at, &patch) {
        true => Ok(()),
        false => Err(format!("`{directive}`: the file has {} bytes", bytes.len())),
    }
}
