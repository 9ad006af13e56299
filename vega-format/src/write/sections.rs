//! [`Sections`]: bodies → header, section table and bodies, in one piece.

use super::error::{BuildError, check_limit};
use crate::builder::CustomSection;
use crate::container::{self, Custom, Head, Header, Kind, MAGIC, SectionId, SectionRecord, VERSION};
use crate::read::Outline;
use alloc::boxed::Box;
use alloc::vec::Vec;
use binrw::BinWrite;
use binrw::io;

/// Sections, and how the body of each is written: straight into the file, so that no body is in memory twice.
#[derive(Default)]
pub(crate) struct Sections<'b> {
    bodies: Vec<(u16, Body<'b>)>,
    custom: Vec<&'b CustomSection>,
    made: Vec<u8>,
}

enum Body<'b> {
    Write(Append<'b>),
    /// It had to be made before all others.
    Made,
}

/// Appends the bytes of a body.
type Append<'b> = Box<dyn FnOnce(&mut Vec<u8>) + 'b>;

impl<'b> Sections<'b> {
    /// Adds a section if there is something in it.
    pub(crate) fn add(&mut self, id: SectionId, is_there: bool, write: impl FnOnce(&mut Vec<u8>) + 'b) {
        if is_there {
            self.bodies.push((id as u16, Body::Write(Box::new(write))));
        }
    }

    /// Adds a section that is made already, if there is something in it. What was reserved behind its bytes is used for the file.
    pub(crate) fn add_made(&mut self, id: SectionId, bytes: Vec<u8>) {
        if !bytes.is_empty() {
            self.bodies.push((id as u16, Body::Made));
        }
        self.made = bytes;
    }

    pub(crate) fn add_custom(&mut self, custom: &'b [CustomSection]) -> Result<(), BuildError> {
        self.custom = custom.iter().collect();
        self.custom.sort_by_key(|section| section.number);
        let mut before = SectionId::LAST_OF_FIRST;
        for section in &self.custom {
            let number = section.number;
            let problem = match (number, section.name.len()) {
                _ if number <= SectionId::LAST_OF_FIRST || SectionId::from_number(number).is_some() => {
                    "has the number of a known section"
                }
                _ if number == before => "stands twice",
                (_, 0) => "has no name",
                (_, length) if length > Head::MOST_NAME => "has a name of more than 255 bytes",
                _ => {
                    before = number;
                    continue;
                }
            };
            return Err(BuildError::Section { number, problem });
        }
        Ok(())
    }

    /// Header, table and bodies, for which there is room for so many bytes at first; checksums are still to come.
    pub(crate) fn assemble(mut self, kind: Kind, room: usize) -> Result<Outline<'static>, BuildError> {
        for section in &self.custom {
            let CustomSection { number, name, bytes } = section;
            let custom = Custom { number: *number, name, bytes };
            let write = move |out: &mut Vec<u8>| container::custom::write(out, custom);
            self.bodies.push((*number, Body::Write(Box::new(write))));
        }
        self.bodies.sort_by_key(|(number, _)| *number);
        check_limit("the number of sections", self.bodies.len(), Head::MOST_SECTIONS)?;
        let table_end = Header::SIZE + self.bodies.len() * SectionRecord::SIZE;
        let mut bytes = self.made;
        // They stand before the file until it is their turn.
        let mut made = bytes.len();
        bytes.reserve(table_end + room);
        bytes.resize(made + table_end, 0);
        let record = |(id, body): (u16, Body<'_>)| {
            let is_critical = SectionId::from_number(id).is_some_and(SectionId::is_critical);
            let flags = if is_critical { SectionRecord::CRITICAL } else { 0 };
            let offset = (bytes.len() - made) as u64;
            match body {
                Body::Write(write) => write(&mut bytes),
                Body::Made => bytes.rotate_left(core::mem::take(&mut made)),
            }
            SectionRecord { id, flags, checksum: 0, offset, length: (bytes.len() - made) as u64 - offset }
        };
        let records = self.bodies.into_iter().map(record).collect();
        check_limit("the length of the file", bytes.len(), Head::MOST_BYTES as usize)?;
        let head = Head::new(kind, records, self.custom.iter().map(|section| section.name.clone()).collect());
        bytes.iter_mut().zip(encode(&head)).for_each(|(byte, known)| *byte = known);
        Ok(Outline::written(bytes, head))
    }
}

fn encode(head: &Head) -> Vec<u8> {
    let header = Header {
        magic: MAGIC,
        version: VERSION,
        kind: head.kind() as u8,
        reserved: 0,
        sections: head.sections().len() as u32,
        file_length: head.file_length(),
        reserved2: 0,
        checksum: 0,
    };
    let mut bytes = io::Cursor::new(Vec::new());
    // Writing to memory does not fail.
    let mut records = head.sections().iter();
    let written = header.write(&mut bytes).and_then(|()| records.try_for_each(|record| record.write(&mut bytes)));
    debug_assert!(written.is_ok());
    bytes.into_inner()
}
