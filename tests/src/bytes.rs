//! Surgery on `.vgb` files: finding, patching and dropping sections, and making the checksums right again.
//!
//! It works on fields at their published offsets and not through vega-format, so that it can make what no writer would.

use std::ops::Range;
use vega_format::container::{Header, SectionId, SectionRecord};

const COUNT: usize = 12;
const FILE_LENGTH: usize = 16;

/// Where in the table a section's record stands.
fn records(bytes: &[u8]) -> Vec<usize> {
    let count = number(bytes, COUNT, 4) as usize;
    let room = bytes.len().saturating_sub(Header::SIZE) / SectionRecord::SIZE;
    (0..count.min(room)).map(|index| Header::SIZE + index * SectionRecord::SIZE).collect()
}

/// The body of the section whose record stands at `record`, if it lies in the file.
fn body(bytes: &[u8], record: usize) -> Option<Range<usize>> {
    let start = usize::try_from(number(bytes, record + 8, 8)).ok()?;
    let end = start.checked_add(usize::try_from(number(bytes, record + 16, 8)).ok()?)?;
    (end <= bytes.len()).then_some(start..end)
}

/// A little-endian number; 0 where the bytes end too early.
fn number(bytes: &[u8], at: usize, size: usize) -> u64 {
    let bytes = bytes.get(at..at + size).unwrap_or_default();
    bytes.iter().rev().fold(0, |number, byte| number << 8 | u64::from(*byte))
}

fn put(bytes: &mut [u8], at: usize, value: &[u8]) {
    bytes[at..at + value.len()].copy_from_slice(value);
}

/// The body of a section.
pub fn section(bytes: &[u8], id: SectionId) -> Option<Range<usize>> {
    let record = records(bytes).into_iter().find(|record| number(bytes, *record, 2) == id as u64)?;
    body(bytes, record)
}

/// Makes all checksums right, those of the sections that lie in the file first.
pub fn repair(bytes: &mut [u8]) {
    if bytes.len() < Header::SIZE {
        return;
    }
    let records = records(bytes);
    for record in &records {
        if let Some(body) = body(bytes, *record) {
            let checksum = crc32fast::hash(&bytes[body]);
            put(bytes, record + 4, &checksum.to_le_bytes());
        }
    }
    put(bytes, Header::CHECKSUM_OFFSET, &[0; 4]);
    let end = records.last().map_or(Header::SIZE, |last| last + SectionRecord::SIZE);
    let checksum = crc32fast::hash(&bytes[..end]);
    put(bytes, Header::CHECKSUM_OFFSET, &checksum.to_le_bytes());
}

/// The same file without a section.
pub fn without(bytes: &[u8], id: SectionId) -> Vec<u8> {
    let kept: Vec<usize> = records(bytes).into_iter().filter(|record| number(bytes, *record, 2) != id as u64).collect();
    let mut out = bytes[..Header::SIZE].to_vec();
    let mut bodies = Vec::new();
    let start = Header::SIZE + kept.len() * SectionRecord::SIZE;
    for record in &kept {
        let body = &bytes[body(bytes, *record).unwrap_or_default()];
        let mut head = bytes[*record..record + SectionRecord::SIZE].to_vec();
        put(&mut head, 8, &((start + bodies.len()) as u64).to_le_bytes());
        out.extend(head);
        bodies.extend_from_slice(body);
    }
    out.extend(bodies);
    put(&mut out, COUNT, &(kept.len() as u32).to_le_bytes());
    let length = out.len() as u64;
    put(&mut out, FILE_LENGTH, &length.to_le_bytes());
    repair(&mut out);
    out
}

/// Overwrites bytes as a directive says, `SECTION+OFFSET BYTE …` in hex; of the section `file`, from its start.
///
/// # Errors
/// The directive is malformed, or reaches beyond the section.
pub fn patch(bytes: &mut [u8], directive: &str) -> Result<(), String> {
    let malformed = || format!("`{directive}`: wanted `SECTION+0xOFFSET BYTE …`");
    let (place, patch) = directive.split_once(' ').ok_or_else(malformed)?;
    let (name, offset) = place.split_once("+0x").ok_or_else(malformed)?;
    let offset = usize::from_str_radix(offset, 16).map_err(|_| malformed())?;
    let patch: Result<Vec<u8>, _> = patch.split_whitespace().map(|byte| u8::from_str_radix(byte, 16)).collect();
    let patch = patch.map_err(|_| malformed())?;
    let range = match SectionId::ALL.into_iter().find(|id| id.name() == name) {
        Some(id) => section(bytes, id).ok_or_else(|| format!("the file has no section `{name}`"))?,
        None if name == "file" => 0..bytes.len(),
        None => return Err(malformed()),
    };
    if patch.is_empty() || offset + patch.len() > range.len() {
        return Err(format!("`{directive}`: `{name}` has {} bytes", range.len()));
    }
    put(bytes, range.start + offset, &patch);
    Ok(())
}
