//! Surgery on `.vgb` files: finding, patching and dropping sections, and making the checksums right again.
//!
//! It works on fields at their published offsets and not through vega-format, so that it can make what no writer would.

use std::ops::Range;
use vega_format::container::{Header, SectionId, SectionRecord};

const COUNT: usize = 12;
const FILE_LENGTH: usize = 16;
/// Bytes of the content ids, with which the metadata begin.
const IDS: usize = 64;
/// Where in the metadata the proof records begin, behind their count.
const PROOFS: usize = IDS + 4 + 1 + 8 + 4;
/// Bytes of a proof record.
const PROOF: usize = 21;

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

/// Makes content ids and checksums right, those of the sections that lie in the file first.
pub fn repair(bytes: &mut [u8]) {
    repair_ids(bytes);
    repair_checksums(bytes);
}

/// Makes the content ids right, if the metadata are long enough to have some.
fn repair_ids(bytes: &mut [u8]) {
    let Some(metadata) = section(bytes, SectionId::Metadata).filter(|metadata| metadata.len() >= PROOFS) else {
        return;
    };
    let proofs = number(bytes, metadata.start + PROOFS - 4, 4) as usize;
    let producer = (metadata.start + PROOFS).saturating_add(proofs.saturating_mul(PROOF)).min(metadata.end);
    let start = [&bytes[8..11]].concat();
    let (mut meaning, mut whole) = (start.clone(), start);
    for record in records(bytes) {
        let Some(body) = body(bytes, record) else { continue };
        let id = number(bytes, record, 2);
        let (of_meaning, of_whole) = match id == SectionId::Metadata as u64 {
            true => (metadata.start + IDS..producer, metadata.start + IDS..metadata.end),
            false => (body.clone(), body),
        };
        let add = |ids: &mut Vec<u8>, range: Range<usize>| {
            ids.extend_from_slice(&bytes[record..record + 2]);
            ids.extend_from_slice(blake3::hash(&bytes[range]).as_bytes());
        };
        if number(bytes, record + 2, 2) == 1 {
            add(&mut meaning, of_meaning);
        }
        if id != SectionId::Signature as u64 {
            add(&mut whole, of_whole);
        }
    }
    put(bytes, metadata.start, blake3::hash(&meaning).as_bytes());
    put(bytes, metadata.start + 32, blake3::hash(&whole).as_bytes());
}

/// Makes the checksums right.
pub fn repair_checksums(bytes: &mut [u8]) {
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
    let other = sections(bytes).into_iter().filter(|(head, _)| number(head, 0, 2) != id as u64);
    assembled(bytes, &other.collect::<Vec<_>>())
}

/// The same file with another body of a section.
pub fn with_body(bytes: &[u8], id: SectionId, body: &[u8]) -> Vec<u8> {
    let mut sections = sections(bytes);
    let found = sections.iter_mut().find(|(head, _)| number(head, 0, 2) == id as u64);
    found.into_iter().for_each(|(_, old)| *old = body.to_vec());
    assembled(bytes, &sections)
}

/// The same file with its sections in the order that `places` gives: left out, twice, or in a strange order.
pub fn with_order(bytes: &[u8], places: &[usize]) -> Vec<u8> {
    let sections = sections(bytes);
    assembled(bytes, &places.iter().filter_map(|place| sections.get(*place).cloned()).collect::<Vec<_>>())
}

/// The record and the body of each section.
fn sections(bytes: &[u8]) -> Vec<(Vec<u8>, Vec<u8>)> {
    let section = |record: usize| {
        let body = bytes[body(bytes, record).unwrap_or_default()].to_vec();
        (bytes[record..record + SectionRecord::SIZE].to_vec(), body)
    };
    records(bytes).into_iter().map(section).collect()
}

/// A file of these sections under the header of another.
fn assembled(bytes: &[u8], sections: &[(Vec<u8>, Vec<u8>)]) -> Vec<u8> {
    let mut out = bytes[..Header::SIZE].to_vec();
    let mut bodies = Vec::new();
    let start = Header::SIZE + sections.len() * SectionRecord::SIZE;
    for (head, body) in sections {
        let mut head = head.clone();
        put(&mut head, 8, &((start + bodies.len()) as u64).to_le_bytes());
        put(&mut head, 16, &(body.len() as u64).to_le_bytes());
        out.extend(head);
        bodies.extend_from_slice(body);
    }
    out.extend(bodies);
    put(&mut out, COUNT, &(sections.len() as u32).to_le_bytes());
    let length = out.len() as u64;
    put(&mut out, FILE_LENGTH, &length.to_le_bytes());
    repair(&mut out);
    out
}

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
    if patch.is_empty() || at + patch.len() > bytes.len() {
        return Err(format!("`{directive}`: the file has {} bytes", bytes.len()));
    }
    put(bytes, at, &patch);
    Ok(())
}
