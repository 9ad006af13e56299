//! The header and the section table: fixed records, checked before anything else is looked at.

use binrw::binrw;
use core::fmt;

/// The first eight bytes of every file. The high first byte and the line ends show a copy that was made in text mode.
pub const MAGIC: [u8; 8] = [0xf6, b'V', b'E', b'G', b'A', b'\r', b'\n', 0x1a];

/// The version that this crate reads and writes.
pub const VERSION: u16 = 1;

/// What a file is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Kind {
    /// It has an entry and runs.
    Program = 1,
    /// It is linked and has no entry; a host calls its exported functions.
    Library = 2,
    /// It calls functions of other modules and waits for the linker.
    Object = 3,
}

impl Kind {
    /// All kinds.
    pub const ALL: [Kind; 3] = [Kind::Program, Kind::Library, Kind::Object];

    /// The kind with this number.
    pub fn from_number(number: u8) -> Option<Kind> {
        Kind::ALL.into_iter().find(|kind| *kind as u8 == number)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Kind::Program => "program",
            Kind::Library => "library",
            Kind::Object => "object",
        })
    }
}

/// The sections, in the order in which they stand in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u16)]
pub enum SectionId {
    /// Producer, sources and the entry.
    Metadata = 1,
    /// The constant pool.
    Constants = 2,
    /// Layouts of structs, tuples and arrays.
    Types = 3,
    /// What the host or, in an object, other modules must provide.
    Imports = 4,
    /// The function table.
    Functions = 5,
    /// The code of all functions, one after another.
    Code = 6,
    /// Which calls go to other modules; only in objects.
    Relocations = 7,
    /// Lines and names; may be stripped.
    Debug = 8,
    /// Opaque bytes: what somebody has certified about the file.
    Certificate = 9,
    /// Opaque bytes: who vouches for the file.
    Signature = 10,
    /// Blocks of variables that live as long as an instance.
    Statics = 16,
}

impl SectionId {
    /// All sections, in order.
    pub const ALL: [SectionId; 11] = [
        SectionId::Metadata,
        SectionId::Constants,
        SectionId::Types,
        SectionId::Imports,
        SectionId::Functions,
        SectionId::Code,
        SectionId::Relocations,
        SectionId::Debug,
        SectionId::Certificate,
        SectionId::Signature,
        SectionId::Statics,
    ];

    /// The last of the numbers that the first version gave, none of which is left.
    pub const LAST_OF_FIRST: u16 = SectionId::Signature as u16;

    /// Sections with numbers from here on are nobody's but their maker's; those below belong to this specification.
    pub const FIRST_CUSTOM: u16 = 0x8000;

    /// The section with this number.
    pub fn from_number(number: u16) -> Option<SectionId> {
        SectionId::ALL.into_iter().find(|id| *id as u16 == number)
    }

    /// Its name in messages and listings.
    pub fn name(self) -> &'static str {
        match self {
            SectionId::Metadata => "metadata",
            SectionId::Constants => "constants",
            SectionId::Types => "types",
            SectionId::Imports => "imports",
            SectionId::Functions => "functions",
            SectionId::Code => "code",
            SectionId::Relocations => "relocations",
            SectionId::Debug => "debug",
            SectionId::Certificate => "certificate",
            SectionId::Signature => "signature",
            SectionId::Statics => "statics",
        }
    }

    /// Whether a reader that does not know it must refuse the file.
    pub fn is_critical(self) -> bool {
        !matches!(self, SectionId::Debug | SectionId::Certificate | SectionId::Signature)
    }
}

impl fmt::Display for SectionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The header: 32 bytes at the start of the file.
#[binrw]
#[brw(little)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Header {
    /// [`MAGIC`].
    pub magic: [u8; 8],
    /// [`VERSION`].
    pub version: u16,
    /// A [`Kind`].
    pub kind: u8,
    /// Zero.
    pub reserved: u8,
    /// How many records the section table has.
    pub sections: u32,
    /// Bytes of the whole file.
    pub file_length: u64,
    /// Zero.
    pub reserved2: u32,
    /// CRC-32 over the header, with this field as zero, and the section table.
    pub checksum: u32,
}

impl Header {
    /// Bytes of the header.
    pub const SIZE: usize = 32;
    /// Offset of the field `checksum`.
    pub const CHECKSUM_OFFSET: usize = 28;
}

/// A record of the section table: 24 bytes. The bodies follow the table in its order, without gaps.
#[binrw]
#[brw(little)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SectionRecord {
    /// A [`SectionId`] or a number that this version does not know.
    pub id: u16,
    /// Bit 0: critical. The others are zero.
    pub flags: u16,
    /// CRC-32 over the body.
    pub checksum: u32,
    /// Where the body starts in the file.
    pub offset: u64,
    /// Bytes of the body.
    pub length: u64,
}

impl SectionRecord {
    /// Bytes of a record.
    pub const SIZE: usize = 24;
    /// Offset of the field `checksum`.
    pub const CHECKSUM_OFFSET: usize = 4;
    /// The flag of a section that every reader must understand.
    pub const CRITICAL: u16 = 1;

    /// Whether every reader must understand the section.
    pub fn is_critical(&self) -> bool {
        self.flags & SectionRecord::CRITICAL != 0
    }

    /// Where the body lies. The table was checked, so that it lies in the file and nothing wraps.
    pub(crate) fn body(&self) -> core::ops::Range<usize> {
        self.offset as usize..(self.offset + self.length) as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sections_are_found_by_their_numbers() {
        for id in SectionId::ALL {
            assert_eq!(SectionId::from_number(id as u16), Some(id));
        }
        assert_eq!([0, 11, u16::MAX].map(SectionId::from_number), [None; 3]);
    }
}
