//! Bytes → [`Outline`] → [`Parsed`], in the order of the loader's flowchart.
//!
//! The outline checks magic, header, section table and checksums; the parts are read one by one from it. Nothing is
//! reserved by a count before the bytes that it counts are known to be there, and every range is checked.

use crate::container::{
    self, Constants, Debug, Functions, Header, Imports, Kind, MAGIC, Metadata, SectionId, SectionRecord, VERSION,
    cursor::Cursor,
};
use crate::error::{FormatError, FormatErrorKind, Result};
use crate::parsed::Parsed;
use crate::stencil::{StencilTable, TypeRef};
use crate::types::{Signature, Type};
use binrw::BinRead;
use core::ops::Range;
use std::borrow::Cow;
use std::io;

/// A file whose magic, header, section table and checksums are right: enough to list its sections.
#[derive(Debug, Clone)]
pub struct Outline<'a> {
    pub(crate) bytes: Cow<'a, [u8]>,
    kind: Kind,
    version: u16,
    sections: Vec<SectionRecord>,
}

/// What the sections behind the constants define.
#[derive(Debug, Clone)]
pub struct Definitions {
    pub(crate) stencils: StencilTable,
    pub(crate) imports: Imports,
    pub(crate) functions: Functions,
    pub(crate) debug: Option<Debug>,
}

/// Reads a whole file.
///
/// # Errors
/// The bytes are no well-formed `.vgb`; the first fault is told.
pub fn read<'a>(bytes: impl Into<Cow<'a, [u8]>>) -> Result<Parsed<'a>> {
    let outline = Outline::read(bytes)?;
    let metadata = outline.metadata()?;
    let constants = outline.constants()?;
    let definitions = outline.definitions(&metadata)?;
    Parsed::new(outline, metadata, constants, definitions)
}

fn at<T>(offset: usize, kind: FormatErrorKind) -> Result<T> {
    Err(FormatError { kind, offset: offset as u64, section: None })
}

/// Demands that a file starts with the magic.
///
/// # Errors
/// It does not; the error says what was found instead.
pub fn check_magic(bytes: &[u8]) -> Result<()> {
    if bytes.starts_with(&MAGIC) {
        return Ok(());
    }
    if bytes.is_empty() || MAGIC.starts_with(bytes) {
        let need = Header::SIZE as u64;
        return at(0, FormatErrorKind::Truncated { what: "the header", need, have: bytes.len() as u64 });
    }
    let start = bytes.get(..bytes.len().min(MAGIC.len())).unwrap_or_default();
    let [high, name @ ..] = MAGIC;
    if start == [high, b'V', b'E', b'G', b'A', b'\n', 0x1a].as_slice() || bytes.starts_with(b"\xf6VEGA\n\x1a") {
        return at(0, FormatErrorKind::TextMode("CR LF became LF"));
    }
    if bytes.starts_with(b"\xf6VEGA\r\r\n") || bytes.starts_with(b"\xf6VEGA\r\n\r\n") {
        return at(0, FormatErrorKind::TextMode("LF became CR LF"));
    }
    if start == [&[high & 0x7f], name.as_slice()].concat() {
        return at(0, FormatErrorKind::TextMode("the eighth bit of each byte was cleared"));
    }
    let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(" ");
    let hint = foreign(bytes).map(|what| format!("; it looks like {what}")).unwrap_or_default();
    at(0, FormatErrorKind::Magic { found: hex(start), wanted: hex(&MAGIC), hint })
}

/// What a file that is no `.vgb` seems to be.
fn foreign(bytes: &[u8]) -> Option<&'static str> {
    let known: [(&[u8], &str); 6] = [
        (b"\x7fELF", "an ELF file"),
        (b"\0asm", "a WebAssembly module"),
        (b"PK\x03\x04", "a zip archive"),
        (b"\x1f\x8b", "a gzip file"),
        (b"#!", "a script"),
        (b"!<arch>\n", "an ar archive"),
    ];
    let found = known.iter().find(|(magic, _)| bytes.starts_with(magic)).map(|(_, what)| *what);
    let start = bytes.get(..bytes.len().min(4096)).unwrap_or_default();
    let is_text = core::str::from_utf8(start).map_or_else(|error| error.valid_up_to() + 4 > start.len(), |_| true);
    found.or_else(|| {
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
    })
}

impl<'a> Outline<'a> {
    /// Reads header and section table and compares the checksums.
    ///
    /// # Errors
    /// One of them is malformed, or bytes and checksums differ.
    pub fn read(bytes: impl Into<Cow<'a, [u8]>>) -> Result<Outline<'a>> {
        let bytes: Cow<'a, [u8]> = bytes.into();
        check_magic(&bytes)?;
        let header = read_header(&bytes)?;
        let Some(kind) = Kind::from_number(header.kind) else {
            let wanted = "1 (program) or 2 (library)".to_owned();
            return at(10, FormatErrorKind::Value { what: "the kind", found: header.kind.into(), wanted });
        };
        let sections = read_table(&bytes, &header)?;
        check_bodies(&bytes, &header, &sections)?;
        Ok(Outline { bytes, kind, version: header.version, sections })
    }

    /// The same outline with bytes of its own.
    pub fn into_owned(self) -> Outline<'static> {
        let Outline { bytes, kind, version, sections } = self;
        Outline { bytes: Cow::Owned(bytes.into_owned()), kind, version, sections }
    }

    /// What the file is for.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// The version of the container.
    pub fn version(&self) -> u16 {
        self.version
    }

    /// The section table.
    pub fn sections(&self) -> &[SectionRecord] {
        &self.sections
    }

    /// The bytes of a section; empty if it is not there.
    pub fn body(&self, id: SectionId) -> &[u8] {
        self.bytes.get(self.range(id)).unwrap_or_default()
    }

    fn range(&self, id: SectionId) -> Range<usize> {
        let record = self.sections.iter().find(|record| record.id == id as u16);
        record.map_or(0..0, |record| record.offset as usize..(record.offset + record.length) as usize)
    }

    fn cursor(&self, id: SectionId) -> Option<Cursor<'_>> {
        let range = self.range(id);
        (!range.is_empty()).then(|| Cursor::new(&self.bytes, id, range))
    }

    fn mandatory(&self, id: SectionId) -> Result<Cursor<'_>> {
        let end = Header::SIZE + self.sections.len() * SectionRecord::SIZE;
        match self.cursor(id) {
            Some(cursor) => Ok(cursor),
            None => at(end, FormatErrorKind::MissingSection(id)),
        }
    }

    /// Reads the section `metadata`.
    ///
    /// # Errors
    /// It is malformed or missing.
    pub fn metadata(&self) -> Result<Metadata> {
        container::metadata::read(self.mandatory(SectionId::Metadata)?)
    }

    /// Reads the section `constants`.
    ///
    /// # Errors
    /// It is malformed.
    pub fn constants(&self) -> Result<Constants> {
        self.cursor(SectionId::Constants).map_or(Ok(Constants::default()), container::constants::read)
    }

    /// Reads the sections `types`, `imports`, `functions`, `code` and `debug`.
    ///
    /// # Errors
    /// One of them is malformed, or a mandatory one is missing.
    pub fn definitions(&self, metadata: &Metadata) -> Result<Definitions> {
        let stencils = match self.cursor(SectionId::Types) {
            Some(cursor) => container::types::read(&self.bytes, cursor)?,
            None => StencilTable::default(),
        };
        let imports = self.cursor(SectionId::Imports).map_or(Ok(Imports::default()), container::imports::read)?;
        let table = self.mandatory(SectionId::Functions)?;
        self.mandatory(SectionId::Code)?;
        let functions = container::functions::read(table.clone(), self.range(SectionId::Code))?;
        check_stencils(&table, &self.bytes, &stencils, &imports, &functions)?;
        let debug = match self.cursor(SectionId::Debug) {
            Some(cursor) => {
                let sizes: Vec<_> = (0..functions.len() as u32)
                    .filter_map(|index| functions.get(&self.bytes, index))
                    .map(|function| (function.code.len(), function.signature.parameters.len(), function.slots.len()))
                    .collect();
                Some(container::debug::read(&self.bytes, cursor, metadata.sources.len(), &sizes)?)
            }
            None => None,
        };
        Ok(Definitions { stencils, imports, functions, debug })
    }
}

fn read_header(bytes: &[u8]) -> Result<Header> {
    let Some(start) = bytes.get(..Header::SIZE) else {
        let (need, have) = (Header::SIZE as u64, bytes.len() as u64);
        return at(0, FormatErrorKind::Truncated { what: "the header", need, have });
    };
    let header = Header::read(&mut io::Cursor::new(start)).or_else(|_| {
        at(0, FormatErrorKind::Truncated { what: "the header", need: Header::SIZE as u64, have: start.len() as u64 })
    })?;
    if header.version != VERSION {
        return at(8, FormatErrorKind::Version { found: header.version, known: VERSION });
    }
    let have = bytes.len() as u64;
    if header.file_length > have {
        return at(bytes.len(), FormatErrorKind::Truncated { what: "the file", need: header.file_length, have });
    }
    if header.file_length < have {
        return at(header.file_length as usize, FormatErrorKind::Extra(have - header.file_length));
    }
    for (offset, reserved) in [(11, u32::from(header.reserved)), (24, header.reserved2)] {
        if reserved != 0 {
            let kind =
                FormatErrorKind::Value { what: "a reserved field", found: reserved.into(), wanted: "0".to_owned() };
            return at(offset, kind);
        }
    }
    Ok(header)
}

fn read_table(bytes: &[u8], header: &Header) -> Result<Vec<SectionRecord>> {
    let have = (bytes.len() - Header::SIZE) as u64;
    let (count, size) = (u64::from(header.sections), SectionRecord::SIZE as u64);
    if count > have / size {
        return at(12, FormatErrorKind::Count { what: "the section table", count, size, have });
    }
    let end = Header::SIZE + count as usize * SectionRecord::SIZE;
    let (before, after) = bytes.split_at_checked(Header::CHECKSUM_OFFSET).unwrap_or_default();
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(before);
    hasher.update(&[0; 4]);
    hasher.update(after.get(4..end - Header::CHECKSUM_OFFSET).unwrap_or_default());
    let computed = hasher.finalize();
    if computed != header.checksum {
        let what = "header and section table";
        return at(Header::CHECKSUM_OFFSET, FormatErrorKind::Checksum { what, stored: header.checksum, computed });
    }
    let mut table = io::Cursor::new(bytes.get(Header::SIZE..end).unwrap_or_default());
    let record = |_| SectionRecord::read(&mut table).ok();
    Ok((0..count).filter_map(record).collect())
}

fn check_bodies(bytes: &[u8], header: &Header, sections: &[SectionRecord]) -> Result<()> {
    let table_end = Header::SIZE + sections.len() * SectionRecord::SIZE;
    let mut end = table_end as u64;
    let mut before = None;
    for (index, record) in sections.iter().enumerate() {
        let place = Header::SIZE + index * SectionRecord::SIZE;
        let id = SectionId::from_number(record.id);
        if let Some(before) = before
            && before >= record.id
        {
            return at(place, FormatErrorKind::SectionOrder { found: record.id, before });
        }
        before = Some(record.id);
        let critical = record.flags & SectionRecord::CRITICAL != 0;
        if id.is_none() && critical {
            return at(place, FormatErrorKind::UnknownSection(record.id));
        }
        let wanted = id.map_or(0, |id| u16::from(id.is_critical()));
        if record.flags != wanted {
            let what = "the flags of a section";
            return at(
                place + 2,
                FormatErrorKind::Value { what, found: record.flags.into(), wanted: wanted.to_string() },
            );
        }
        if record.offset != end {
            let (what, found) = ("the offset of a section", record.offset);
            return at(place + 8, FormatErrorKind::Value { what, found, wanted: end.to_string() });
        }
        let left = header.file_length - end;
        if record.length > left {
            let what = "the length of a section";
            return at(place + 16, FormatErrorKind::Range { what, found: record.length, length: left });
        }
        if let Some(id) = id
            && record.length == 0
        {
            return at(place + 16, FormatErrorKind::EmptySection(id));
        }
        let body = bytes.get(end as usize..(end + record.length) as usize).unwrap_or_default();
        let computed = crc32fast::hash(body);
        if computed != record.checksum {
            let what = id.map_or("unknown section", SectionId::name);
            let kind = FormatErrorKind::Checksum { what, stored: record.checksum, computed };
            return Err(FormatError { kind, offset: end, section: id });
        }
        end += record.length;
    }
    match header.file_length - end {
        0 => Ok(()),
        extra => at(end as usize, FormatErrorKind::Extra(extra)),
    }
}

/// The stencils that a signature speaks of, in order.
pub(crate) fn signature_stencils<'t>(
    table: &'t StencilTable,
    signature: &'t Signature,
) -> impl Iterator<Item = Result<TypeRef, Type>> + 't {
    signature.parameters.iter().chain(&signature.result).filter_map(|type_| {
        let element = match type_ {
            Type::View(element) => element,
            other => other,
        };
        match element {
            Type::Scalar(_) | Type::String | Type::Union(_) => None,
            _ => Some(table.find(element).ok_or_else(|| element.clone())),
        }
    })
}

/// Demands that signatures and slots find their types, and that these stand in the order of their first use.
fn check_stencils(
    cursor: &Cursor<'_>,
    file: &[u8],
    table: &StencilTable,
    imports: &Imports,
    functions: &Functions,
) -> Result<()> {
    let canonical = |problem: String| cursor.error(FormatErrorKind::Canonical(problem));
    let mut roots = Vec::new();
    let missing = |type_: Type| canonical(format!("a signature speaks of `{type_}`, which the types do not have"));
    for signature in imports.signatures() {
        for root in signature_stencils(table, signature) {
            roots.push(root.map_err(missing)?);
        }
    }
    for function in (0..functions.len() as u32).filter_map(|index| functions.get(file, index)) {
        for root in signature_stencils(table, function.signature) {
            roots.push(root.map_err(missing)?);
        }
        for slot in function.slots {
            if let container::SlotKind::Stencil(type_ref) = slot {
                if table.type_of(*type_ref).is_none() || matches!(type_ref, TypeRef::Scalar(_)) {
                    let (what, found, length) = ("a slot's type", u64::from(type_ref.number()), table.len() as u64);
                    return Err(cursor.error(FormatErrorKind::Range { what, found, length }));
                }
                roots.push(*type_ref);
            }
        }
    }
    let order = table.order_of_use(roots);
    if order.len() != table.len() || !order.is_sorted() {
        return Err(canonical("the types do not stand in the order of their first use".to_owned()));
    }
    Ok(())
}
