//! Surgery on `.vgb` files: finding, changing and dropping sections, and making checksums and content ids right again.
//!
//! It works on fields at their published offsets and not through the container's reader, so that it can make what no writer
//! would. It takes any bytes: what lies outside of them is left alone.

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

/// A record of the table, and the body that belongs to it.
pub type Section = (Vec<u8>, Vec<u8>);

/// Where in the table a section's record stands.
fn records(bytes: &[u8]) -> impl Iterator<Item = usize> + use<> {
    let count = number(bytes, COUNT, 4) as usize;
    let room = bytes.len().saturating_sub(Header::SIZE) / SectionRecord::SIZE;
    (0..count.min(room)).map(|index| Header::SIZE + index * SectionRecord::SIZE)
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

/// Overwrites bytes. Gives whether they all lie in the file; if not, nothing is done.
pub fn put(bytes: &mut [u8], at: usize, value: &[u8]) -> bool {
    let place = at.checked_add(value.len()).and_then(|end| bytes.get_mut(at..end));
    place.map(|place| place.copy_from_slice(value)).is_some()
}

/// The body of a section.
pub fn section(bytes: &[u8], id: SectionId) -> Option<Range<usize>> {
    body(bytes, record(bytes, id as u16)?)
}

/// Where the body of the first section with this number begins, wherever it ends.
pub fn section_start(bytes: &[u8], id: u16) -> Option<usize> {
    usize::try_from(number(bytes, record(bytes, id)? + 8, 8)).ok()
}

fn record(bytes: &[u8], id: u16) -> Option<usize> {
    records(bytes).find(|record| number(bytes, *record, 2) == u64::from(id))
}

/// Makes content ids and checksums right, those of the sections that lie in the file first.
pub fn repair(bytes: &mut [u8]) {
    repair_ids(bytes);
    repair_checksums(bytes);
}

/// Makes the content ids right, if the metadata are long enough to have some.
pub fn repair_ids(bytes: &mut [u8]) {
    let Some(metadata) = section(bytes, SectionId::Metadata).filter(|metadata| metadata.len() >= PROOFS) else {
        return;
    };
    let proofs = number(bytes, metadata.start + PROOFS - 4, 4) as usize;
    let producer = (metadata.start + PROOFS).saturating_add(proofs.saturating_mul(PROOF)).min(metadata.end);
    let start = bytes.get(8..11).unwrap_or_default().to_vec();
    let (mut meaning, mut whole) = (start.clone(), start);
    for record in records(bytes) {
        let Some(body) = body(bytes, record) else { continue };
        let id = number(bytes, record, 2);
        let (of_meaning, of_whole) = match id == SectionId::Metadata as u64 {
            true => (metadata.start + IDS..producer, metadata.start + IDS..metadata.end),
            false => (body.clone(), body),
        };
        let add = |ids: &mut Vec<u8>, range: Range<usize>| {
            ids.extend_from_slice(bytes.get(record..record + 2).unwrap_or_default());
            ids.extend_from_slice(blake3::hash(bytes.get(range).unwrap_or_default()).as_bytes());
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
    let mut end = Header::SIZE;
    for record in records(bytes) {
        end = record + SectionRecord::SIZE;
        if let Some(body) = body(bytes, record).and_then(|body| bytes.get(body)) {
            let checksum = crc32fast::hash(body);
            put(bytes, record + SectionRecord::CHECKSUM_OFFSET, &checksum.to_le_bytes());
        }
    }
    put(bytes, Header::CHECKSUM_OFFSET, &[0; 4]);
    let checksum = crc32fast::hash(bytes.get(..end).unwrap_or_default());
    put(bytes, Header::CHECKSUM_OFFSET, &checksum.to_le_bytes());
}

/// Makes a checksum wrong: that of a section, under a right one of the table, or that of header and table. Gives whether
/// there is one.
pub fn spoil_checksum(bytes: &mut [u8], id: Option<u16>) -> bool {
    let at = match id {
        None => Some(Header::CHECKSUM_OFFSET),
        Some(id) => record(bytes, id).map(|record| record + SectionRecord::CHECKSUM_OFFSET),
    };
    let Some(at) = at else { return false };
    let wrong = !(number(bytes, at, 4) as u32);
    let done = put(bytes, at, &wrong.to_le_bytes());
    if id.is_some() {
        let end = records(bytes).last().map_or(Header::SIZE, |last| last + SectionRecord::SIZE);
        put(bytes, Header::CHECKSUM_OFFSET, &[0; 4]);
        let checksum = crc32fast::hash(bytes.get(..end).unwrap_or_default());
        put(bytes, Header::CHECKSUM_OFFSET, &checksum.to_le_bytes());
    }
    done
}

/// The same file without a section.
pub fn without(bytes: &[u8], id: SectionId) -> Vec<u8> {
    let mut all = sections(bytes);
    all.retain(|(head, _)| number(head, 0, 2) != id as u64);
    repaired(bytes, &all)
}

/// The same file with another body of a section.
pub fn with_body(bytes: &[u8], id: SectionId, body: &[u8]) -> Vec<u8> {
    let mut all = sections(bytes);
    let found = all.iter_mut().find(|(head, _)| number(head, 0, 2) == id as u64);
    found.into_iter().for_each(|(_, old)| *old = body.to_vec());
    repaired(bytes, &all)
}

/// The same file with its sections in the order that `places` gives: left out, twice, or in a strange order.
pub fn with_order(bytes: &[u8], places: &[usize]) -> Vec<u8> {
    let all = sections(bytes);
    repaired(bytes, &places.iter().filter_map(|place| all.get(*place).cloned()).collect::<Vec<_>>())
}

fn repaired(bytes: &[u8], sections: &[Section]) -> Vec<u8> {
    let mut out = with_sections(bytes, sections);
    repair(&mut out);
    out
}

/// The sections of a file.
pub fn sections(bytes: &[u8]) -> Vec<Section> {
    let part = |range: Range<usize>| bytes.get(range).unwrap_or_default().to_vec();
    let section =
        |record: usize| (part(record..record + SectionRecord::SIZE), part(body(bytes, record).unwrap_or_default()));
    records(bytes).map(section).collect()
}

/// The number of a section.
pub fn section_number(section: &Section) -> u16 {
    number(&section.0, 0, 2) as u16
}

/// A section with this number.
pub fn new_section(id: u16, is_critical: bool, body: Vec<u8>) -> Section {
    let mut record = vec![0; SectionRecord::SIZE];
    put(&mut record, 0, &id.to_le_bytes());
    put(&mut record, 2, &u16::from(is_critical).to_le_bytes());
    (record, body)
}

/// A file of these sections under the header of another; ids and checksums are those of the parts.
pub fn with_sections(bytes: &[u8], sections: &[Section]) -> Vec<u8> {
    let mut out = bytes.get(..Header::SIZE).unwrap_or(bytes).to_vec();
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
    out
}
