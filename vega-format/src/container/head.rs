//! [`Head`]: what header and section table say. It is all that is read of a file to list its sections, however large
//! the file is: less than 100 KiB.
//!
//! Guarantees: the file is as long as it says; sections stand once each, in order, without gaps, inside the file; there
//! is none that must be understood and is not known; every section that is not known has a name. What is in the bodies,
//! and whether their checksums are right, is not looked at.

#[cfg(feature = "std")]
mod file;

use alloc::borrow::ToOwned;
use alloc::boxed::Box;
use alloc::string::String;
use alloc::string::ToString;
use alloc::vec::Vec;
#[cfg(feature = "std")]
pub use file::HeadError;

use super::magic::{LOOK, check_magic};
use super::{Header, Kind, SectionId, SectionRecord, VERSION};
use crate::error::{FormatError, FormatErrorKind, Result};
use alloc::borrow::Cow;
use binrw::BinRead;
use binrw::io;

/// What header and section table say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    pub(crate) kind: Kind,
    pub(crate) version: u16,
    pub(crate) file_length: u64,
    pub(crate) sections: Box<[SectionRecord]>,
    /// By section: its place in the table.
    places: [Option<u8>; SectionId::ALL.len()],
    /// The names of the sections that are not known, in the order of the table.
    names: Box<[String]>,
}

impl Head {
    /// The most sections of a file.
    pub const MOST_SECTIONS: usize = 256;
    /// The most bytes of a file.
    pub const MOST_BYTES: u64 = u32::MAX as u64;
    /// The most bytes of a section's name.
    pub const MOST_NAME: usize = 255;

    /// Reads the head of a whole file.
    ///
    /// # Errors
    /// It is malformed, or the file is shorter or longer than it says.
    pub fn read(bytes: &[u8]) -> Result<Head> {
        read(bytes.len() as u64, |at, count| {
            let range = at as usize..at as usize + count;
            Ok(Cow::Borrowed(bytes.get(range).unwrap_or_default()))
        })
    }

    /// The head of a damaged file: what its section table says, as far as it is there, with nothing demanded of it. `None` if no
    /// table of this version is there, or not even the kind of the file.
    pub fn salvage(bytes: &[u8]) -> Option<Head> {
        check_magic(bytes).ok()?;
        let header = Header::read(&mut io::Cursor::new(bytes)).ok().filter(|header| header.version == VERSION)?;
        let kind = Kind::from_number(header.kind)?;
        let table = bytes.get(Header::SIZE..).unwrap_or_default().chunks_exact(SectionRecord::SIZE);
        let records = table.take(Head::MOST_SECTIONS.min(header.sections as usize));
        let records = records.filter_map(|record| SectionRecord::read(&mut io::Cursor::new(record)).ok());
        // What lies where no file reaches is nonsense.
        let reaches = |record: &SectionRecord| record.offset.max(record.length) <= Head::MOST_BYTES;
        let sections: Vec<SectionRecord> = records.filter(reaches).collect();
        let name = |record: &SectionRecord| {
            let start = bytes.get(record.offset as usize..).unwrap_or_default();
            read_name(record, start).unwrap_or_default()
        };
        let names = sections.iter().filter(|record| known_place(record.id).is_none()).map(name).collect();
        Some(Head { file_length: bytes.len() as u64, ..Head::new(kind, sections, names) })
    }

    /// The head of a file that is being written. The names are those of the sections that are not known.
    pub(crate) fn new(kind: Kind, sections: Vec<SectionRecord>, names: Vec<String>) -> Head {
        let mut places = [None; SectionId::ALL.len()];
        for (place, record) in sections.iter().enumerate() {
            if let Some(known) = known_place(record.id).and_then(|known| places.get_mut(known)) {
                *known = u8::try_from(place).ok();
            }
        }
        let end = sections.last().map_or(Header::SIZE as u64, |last| last.offset + last.length);
        Head { kind, version: VERSION, file_length: end, sections: sections.into(), places, names: names.into() }
    }

    /// What the file is for.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// The version of the container.
    pub fn version(&self) -> u16 {
        self.version
    }

    /// Bytes of the whole file.
    pub fn file_length(&self) -> u64 {
        self.file_length
    }

    /// The section table.
    pub fn sections(&self) -> &[SectionRecord] {
        &self.sections
    }

    /// The record of a section, in constant time.
    pub fn section(&self, id: SectionId) -> Option<&SectionRecord> {
        let place = known_place(id as u16).and_then(|known| self.places.get(known).copied().flatten())?;
        self.sections.get(usize::from(place))
    }

    /// The sections that are not known, with their names.
    pub fn unknown_sections(&self) -> impl Iterator<Item = (&SectionRecord, &str)> {
        let unknown = self.sections.iter().filter(|record| SectionId::from_number(record.id).is_none());
        unknown.zip(self.names.iter().map(String::as_str))
    }

    /// The name of a section, known or not.
    pub fn name(&self, record: &SectionRecord) -> &str {
        let unknown = || self.unknown_sections().find(|(unknown, _)| unknown.id == record.id).map(|(_, name)| name);
        SectionId::from_number(record.id).map(SectionId::name).or_else(unknown).unwrap_or_default()
    }

    /// Where the section table ends and the first body begins.
    pub(crate) fn table_end(&self) -> usize {
        Header::SIZE + self.sections.len() * SectionRecord::SIZE
    }
}

/// The place of a known section in [`SectionId::ALL`].
fn known_place(number: u16) -> Option<usize> {
    SectionId::ALL.iter().position(|id| *id as u16 == number)
}

fn error<T>(offset: usize, kind: FormatErrorKind) -> Result<T> {
    Err(FormatError { kind, offset: offset as u64, section: None })
}

/// Reads a head from a file of `length` bytes. `fetch` gives some that lie in it, from an offset on.
fn read<'f, E: From<FormatError>>(
    length: u64,
    mut fetch: impl FnMut(u64, usize) -> Result<Cow<'f, [u8]>, E>,
) -> Result<Head, E> {
    let start = fetch(0, length.min(LOOK as u64) as usize)?;
    check_magic(&start)?;
    let (header, kind) = read_header(&start, length)?;
    let table_end = check_count(&header, length)?;
    let sections = read_table(&header, &fetch(0, table_end)?)?;
    let mut names = Vec::new();
    check_table(&header, kind, &sections)?;
    for (index, record) in sections.iter().enumerate().filter(|(_, record)| known_place(record.id).is_none()) {
        let start = fetch(record.offset, record.length.min(4 + Head::MOST_NAME as u64) as usize)?;
        let name = read_name(record, &start)?;
        if record.is_critical() {
            let place = Header::SIZE + index * SectionRecord::SIZE;
            error(place, FormatErrorKind::UnknownSection { number: record.id, name: name.clone() })?;
        }
        names.push(name);
    }
    Ok(Head::new(kind, sections, names))
}

fn read_header(bytes: &[u8], file_length: u64) -> Result<(Header, Kind)> {
    // It stands there in every version, whatever else the header of that has.
    let version = bytes.get(8..).and_then(<[u8]>::first_chunk).map(|version| u16::from_le_bytes(*version));
    if let Some(found) = version.filter(|found| *found != VERSION) {
        return error(8, FormatErrorKind::Version { found, known: VERSION });
    }
    let truncated = |have| FormatErrorKind::Truncated { what: "the header", need: Header::SIZE as u64, have };
    let Some(start) = bytes.get(..Header::SIZE) else { return error(0, truncated(bytes.len() as u64)) };
    let header = Header::read(&mut io::Cursor::new(start)).or_else(|_| error(0, truncated(start.len() as u64)))?;
    let Some(kind) = Kind::from_number(header.kind) else {
        let wanted = "1 (program), 2 (library) or 3 (object)".to_owned();
        return error(10, FormatErrorKind::Value { what: "the kind", found: header.kind.into(), wanted });
    };
    if header.file_length > file_length {
        let (need, have) = (header.file_length, file_length);
        return error(file_length as usize, FormatErrorKind::Truncated { what: "the file", need, have });
    }
    if header.file_length < file_length {
        return error(header.file_length as usize, FormatErrorKind::Extra(file_length - header.file_length));
    }
    if file_length > Head::MOST_BYTES {
        let (what, found, limit) = ("the length of the file", file_length, Head::MOST_BYTES);
        return error(16, FormatErrorKind::Limit { what, found, limit });
    }
    for (offset, reserved) in [(11, u32::from(header.reserved)), (24, header.reserved2)] {
        if reserved != 0 {
            let wanted = "0".to_owned();
            return error(offset, FormatErrorKind::Value { what: "a reserved field", found: reserved.into(), wanted });
        }
    }
    Ok((header, kind))
}

/// Where the section table ends, if it can be as long as the header says.
fn check_count(header: &Header, file_length: u64) -> Result<usize> {
    let have = file_length - Header::SIZE as u64;
    let (count, size) = (u64::from(header.sections), SectionRecord::SIZE as u64);
    if count > have / size {
        return error(12, FormatErrorKind::Count { what: "the section table", count, size, have });
    }
    let limit = Head::MOST_SECTIONS as u64;
    if count > limit {
        return error(12, FormatErrorKind::Limit { what: "the number of sections", found: count, limit });
    }
    Ok(Header::SIZE + count as usize * SectionRecord::SIZE)
}

fn read_table(header: &Header, head: &[u8]) -> Result<Vec<SectionRecord>> {
    let computed = checksum(head);
    if computed != header.checksum {
        let (what, stored) = ("header and section table".to_owned(), header.checksum);
        return error(Header::CHECKSUM_OFFSET, FormatErrorKind::Checksum { what, stored, computed });
    }
    let mut table = io::Cursor::new(head.get(Header::SIZE..).unwrap_or_default());
    // So many there are, as was checked.
    let mut sections = Vec::with_capacity(header.sections as usize);
    sections.extend((0..header.sections).filter_map(|_| SectionRecord::read(&mut table).ok()));
    Ok(sections)
}

/// The checksum over header and section table, its own field taken as zero.
pub(crate) fn checksum(head: &[u8]) -> u32 {
    let (before, after) = head.split_at_checked(Header::CHECKSUM_OFFSET).unwrap_or_default();
    super::checksum::sum_of([before, &[0; 4], after.get(4..).unwrap_or_default()])
}

/// Sections stand by rising number, one behind the other, and end with the file.
fn check_table(header: &Header, kind: Kind, sections: &[SectionRecord]) -> Result<()> {
    let mut end = (Header::SIZE + sections.len() * SectionRecord::SIZE) as u64;
    let mut before = 0;
    for (index, record) in sections.iter().enumerate() {
        let place = Header::SIZE + index * SectionRecord::SIZE;
        check_number(kind, record, before, place)?;
        before = record.id;
        if record.offset != end {
            let (what, found) = ("the offset of a section", record.offset);
            return error(place + 8, FormatErrorKind::Value { what, found, wanted: end.to_string() });
        }
        let left = header.file_length - end;
        if record.length > left {
            let what = "the length of a section";
            return error(place + 16, FormatErrorKind::Range { what, found: record.length, length: left });
        }
        if let (Some(id), 0) = (SectionId::from_number(record.id), record.length) {
            return error(place + 16, FormatErrorKind::EmptySection(id));
        }
        end += record.length;
    }
    match header.file_length - end {
        0 => Ok(()),
        extra => error(end as usize, FormatErrorKind::Extra(extra)),
    }
}

fn check_number(kind: Kind, record: &SectionRecord, before: u16, place: usize) -> Result<()> {
    if record.id == 0 {
        let wanted = "1 or more".to_owned();
        return error(place, FormatErrorKind::Value { what: "the number of a section", found: 0, wanted });
    }
    if record.id <= before {
        return error(place, FormatErrorKind::SectionOrder { found: record.id, before });
    }
    let id = SectionId::from_number(record.id);
    if id == Some(SectionId::Relocations) && kind != Kind::Object {
        return error(place, FormatErrorKind::Canonical(format!("relocations in a file of the kind {kind}")));
    }
    let (wanted, fits) = match id {
        Some(id) => (u16::from(id.is_critical()).to_string(), record.flags == u16::from(id.is_critical())),
        None => ("0 or 1".to_owned(), record.flags <= 1),
    };
    match fits {
        true => Ok(()),
        false => {
            let (what, found) = ("the flags field of a section", record.flags.into());
            error(place + 2, FormatErrorKind::Value { what, found, wanted })
        }
    }
}

/// The name with which the body of a section that is not known begins; `start` is enough of it.
fn read_name(record: &SectionRecord, start: &[u8]) -> Result<String> {
    let at = record.offset as usize;
    let (length, rest) = start.split_at_checked(4).unwrap_or((start, &[]));
    let truncated = |need, have| FormatErrorKind::Truncated { what: "the name of a section", need, have };
    let Ok(length) = <[u8; 4]>::try_from(length) else { return error(at, truncated(4, start.len() as u64)) };
    let length = u64::from(u32::from_le_bytes(length));
    let have = record.length.saturating_sub(4);
    if length > have {
        return error(at + 4, truncated(length, have));
    }
    let limit = Head::MOST_NAME as u64;
    if length > limit {
        return error(at, FormatErrorKind::Long { what: "the name of a section", found: length, limit });
    }
    let Some(name) = rest.get(..length as usize) else { return error(at + 4, truncated(length, rest.len() as u64)) };
    match core::str::from_utf8(name) {
        Ok("") => error(at, FormatErrorKind::Canonical("a section without a name".to_owned())),
        Ok(name) => Ok(name.to_owned()),
        Err(bad) => {
            let place = bad.valid_up_to();
            error(at + 4 + place, FormatErrorKind::Utf8 { what: "the name of a section", at: place })
        }
    }
}
