//! Bytes → [`Outline`] → [`Parsed`], in the order of the loader's flowchart.
//!
//! The outline checks magic, header and section table; the parts are read one by one from it, and each compares the
//! checksum of its body before it looks inside. Nothing is reserved by a count before the bytes that it counts are known
//! to be there, and every range is checked.

pub use crate::container::magic::check_magic;
use alloc::borrow::ToOwned;
use alloc::sync::Arc;
use alloc::vec::Vec;

use crate::both::both;
use crate::container::checksum::sum_of;
use crate::container::signatures::KnownTypes;
use crate::container::{
    self, Constants, ContentIds, Debug, Functions, Head, Header, Imports, Kind, Metadata, RecordedProof, Relocations,
    SectionId, SectionRecord, Statics, cursor::Cursor, head, metadata,
};
use crate::error::{FormatError, FormatErrorKind, Result};
use crate::parsed::Parsed;
use crate::stencil::{StencilTable, TypeRef};
use crate::text::escaped;
use crate::types::Type;
use alloc::borrow::Cow;
use core::ops::Range;

/// A file of which header and section table are right.
#[derive(Debug, Clone)]
pub struct Outline<'a> {
    pub(crate) bytes: Cow<'a, [u8]>,
    head: Head,
}

/// What the sections behind the constants define.
#[derive(Debug, Clone, Default)]
pub(crate) struct Definitions {
    pub(crate) stencils: Arc<StencilTable>,
    pub(crate) imports: Imports,
    pub(crate) functions: Functions,
    pub(crate) relocations: Relocations,
    pub(crate) statics: Statics,
    pub(crate) debug: Option<Debug>,
}

/// Reads a whole file.
///
/// # Errors
/// The bytes are no well-formed `.vgb`; the first fault is told.
pub fn read<'a>(bytes: impl Into<Cow<'a, [u8]>>) -> Result<Parsed<'a>> {
    read_on(bytes, 1)
}

/// Reads a whole file on so many threads, of which two find work. The outcome does not depend on it.
///
/// # Errors
/// As [`read`].
pub fn read_on<'a>(bytes: impl Into<Cow<'a, [u8]>>, threads: usize) -> Result<Parsed<'a>> {
    Reader::default().read_on(bytes, threads)
}

/// Reads many files, one after another; the types of functions, of which most files have the same, are kept once for all.
#[derive(Debug, Default)]
pub struct Reader {
    known: KnownTypes,
}

impl Reader {
    /// Reads a whole file.
    ///
    /// # Errors
    /// As [`read`].
    pub fn read<'a>(&mut self, bytes: impl Into<Cow<'a, [u8]>>) -> Result<Parsed<'a>> {
        self.read_on(bytes, 1)
    }

    fn read_on<'a>(&mut self, bytes: impl Into<Cow<'a, [u8]>>, threads: usize) -> Result<Parsed<'a>> {
        Reading::begin(Outline::read(bytes)?)?.finish_knowing(threads, &mut self.known)
    }
}

/// A file that is being read section by section, by those who say how far they are.
#[derive(Debug)]
pub struct Reading<'a> {
    outline: Outline<'a>,
    metadata: Metadata,
    constants: Option<Constants>,
}

impl<'a> Reading<'a> {
    /// Reads the metadata.
    ///
    /// # Errors
    /// They are malformed.
    pub fn begin(outline: Outline<'a>) -> Result<Reading<'a>> {
        Ok(Reading { metadata: outline.metadata()?, outline, constants: None })
    }

    /// The metadata.
    pub fn metadata(&self) -> &Metadata {
        &self.metadata
    }

    /// Reads the constants.
    ///
    /// # Errors
    /// They are malformed.
    pub fn constants(&mut self) -> Result<&Constants> {
        Ok(self.constants.insert(self.outline.constants()?))
    }

    /// Reads the rest, on so many threads.
    ///
    /// # Errors
    /// Something is malformed.
    pub fn finish(self, threads: usize) -> Result<Parsed<'a>> {
        self.finish_knowing(threads, &mut KnownTypes::default())
    }

    fn finish_knowing(self, threads: usize, known: &mut KnownTypes) -> Result<Parsed<'a>> {
        let Reading { outline, metadata, constants } = self;
        let constants = constants.map_or_else(|| outline.constants(), Ok)?;
        let definitions = outline.known_definitions(&metadata, threads, known)?;
        Parsed::new(outline, metadata, constants, definitions)
    }
}

/// All that is wrong with a file, as far as it can be told apart: of the head one fault, or else of each section that its
/// checksum is wrong, and the first fault of its body. Empty if it can be read.
pub fn faults(bytes: &[u8]) -> Vec<FormatError> {
    let outline = match Outline::read(bytes) {
        Ok(outline) => outline,
        Err(error) => return vec![error],
    };
    let mut faults: Vec<FormatError> = Vec::new();
    faults.extend(outline.sections().iter().filter_map(|record| outline.check_body(record).err()));
    let (_, bodies) = outline.salvage();
    // What only shows where the bodies are put together is told once they are right.
    if bodies.is_empty() {
        faults.extend(unsealed(bytes).err());
    }
    faults.extend(bodies);
    match read(bytes) {
        Err(error) if faults.is_empty() => vec![error],
        // Other sections seem wrong because of it.
        Err(error) if matches!(error.kind, FormatErrorKind::MissingSection(_)) => vec![error],
        _ => faults,
    }
}

/// What there is of a damaged file, for those who only look at it: a section whose body cannot be read stands there as if it were
/// empty, but for the functions before the first faulty one, and checksums are not compared. `None` if it has no section table.
/// Nobody runs it: [`verify`](crate::verify::verify()) accepts nothing that was salvaged.
///
/// ```
/// use vega_format::{Builder, container::Kind, read::{read, salvage}, verify::verify};
///
/// let bytes = Builder::new(Kind::Library).finish().expect("an empty library").module().bytes().to_vec();
/// assert!(verify(read(bytes.clone()).expect("it is whole")).is_ok());
/// let salvaged = salvage(&bytes).expect("it has a section table");
/// assert!(!salvaged.is_whole());
/// assert!(verify(salvaged).is_err_and(|errors| errors.is_empty()));
/// ```
pub fn salvage(bytes: &[u8]) -> Option<Parsed<'_>> {
    let outline = Outline { bytes: bytes.into(), head: Head::salvage(bytes)? };
    let ((metadata, constants, definitions), _) = outline.salvage();
    Some(Parsed::salvaged(outline, metadata, constants, definitions))
}

/// Reads a file of which the checksums of the bodies and the ids may be wrong. In what is given the checksums are right.
///
/// # Errors
/// Anything else is wrong with it.
pub fn unsealed(bytes: &[u8]) -> Result<Parsed<'static>> {
    Outline::read(bytes)?.into_owned().unsealed()
}

impl<'a> Outline<'a> {
    /// Reads header and section table. Bodies are not looked at: [`Head::of_file`] does the same without them.
    ///
    /// # Errors
    /// They are malformed, or their checksum is wrong.
    pub fn read(bytes: impl Into<Cow<'a, [u8]>>) -> Result<Outline<'a>> {
        let bytes: Cow<'a, [u8]> = bytes.into();
        let head = Head::read(&bytes)?;
        Ok(Outline { bytes, head })
    }

    /// The same outline with bytes of its own.
    pub fn into_owned(self) -> Outline<'static> {
        Outline { bytes: Cow::Owned(self.bytes.into_owned()), head: self.head }
    }

    /// What header and section table say.
    pub fn head(&self) -> &Head {
        &self.head
    }

    /// What the file is for.
    pub fn kind(&self) -> Kind {
        self.head.kind()
    }

    /// The version of the container.
    pub fn version(&self) -> u16 {
        self.head.version()
    }

    /// The section table.
    pub fn sections(&self) -> &[SectionRecord] {
        self.head.sections()
    }

    /// The bytes of a section as they stand in the file; empty if it is not there.
    pub fn body(&self, id: SectionId) -> &[u8] {
        self.bytes.get(self.range(id)).unwrap_or_default()
    }

    fn range(&self, id: SectionId) -> Range<usize> {
        self.head.section(id).map_or(0..0, SectionRecord::body)
    }

    /// A section, if it is there, once its checksum is found right.
    fn section(&self, id: SectionId) -> Result<Option<Cursor<'_>>> {
        let Some(record) = self.head.section(id) else { return Ok(None) };
        self.check_body(record)?;
        Ok(self.unchecked(id))
    }

    /// A section, if it is there, whatever its checksum is.
    fn unchecked(&self, id: SectionId) -> Option<Cursor<'_>> {
        self.head.section(id).map(|record| Cursor::new(&self.bytes, id, record.body()))
    }

    /// Where a section starts in the file; 0 if it is not there.
    pub(crate) fn place_of(&self, id: SectionId) -> usize {
        self.range(id).start
    }

    /// What the bodies say, one that cannot be read as if it were empty but for the functions before a faulty one, whatever their
    /// checksums are; and the first fault in each, as far as it does not follow from one before it.
    fn salvage(&self) -> ((Metadata, Constants, Definitions), Vec<FormatError>) {
        let mut faults = Vec::new();
        let known = &mut KnownTypes::default();
        let metadata = self.part(SectionId::Metadata, &mut faults, metadata::read);
        let constants = self.part(SectionId::Constants, &mut faults, container::constants::read);
        let stencils = self.part(SectionId::Types, &mut faults, |cursor| container::types::read(&self.bytes, cursor));
        let imports =
            self.part(SectionId::Imports, &mut faults, |cursor| container::imports::read(cursor, self.kind(), known));
        let functions = self
            .unchecked(SectionId::Functions)
            .map(|cursor| container::functions::salvage(cursor, self.range(SectionId::Code), known));
        let (functions, fault) = functions.unwrap_or_default();
        let all_functions = fault.is_none().then_some(&functions);
        faults.extend(fault);
        let table = self.unchecked(SectionId::Functions).filter(|_| all_functions.is_some());
        let roots = table.clone().zip(stencils.as_ref()).and_then(|(table, stencils)| {
            let roots = named_stencils(&table, stencils, imports.as_ref().unwrap_or(&Imports::default()), &functions);
            roots.map_err(|error| faults.push(error)).ok()
        });
        let statics = stencils.as_ref().and_then(|stencils| {
            self.part(SectionId::Statics, &mut faults, |cursor| container::statics::read(&self.bytes, cursor, stencils))
        });
        if let (Some(table), Some(stencils), Some(roots), Some(statics)) = (&table, &stencils, roots, &statics)
            && imports.is_some()
        {
            faults.extend(check_order(table, stencils, roots, statics).err());
        }
        let relocations = all_functions.zip(imports.as_ref()).and_then(|(functions, imports)| {
            self.part(SectionId::Relocations, &mut faults, |cursor| {
                container::relocations::read(&self.bytes, cursor, functions, imports)
            })
        });
        let debug = all_functions.zip(metadata.as_ref()).and_then(|(functions, metadata)| {
            self.part(SectionId::Debug, &mut faults, |cursor| {
                container::debug::read(&self.bytes, cursor, metadata.sources.len(), functions).map(Some)
            })
        });
        let definitions = Definitions {
            stencils: stencils.unwrap_or_default().into(),
            imports: imports.unwrap_or_default(),
            functions,
            relocations: relocations.unwrap_or_default(),
            statics: statics.unwrap_or_default(),
            debug: debug.flatten(),
        };
        ((metadata.unwrap_or_default(), constants.unwrap_or_default(), definitions), faults)
    }

    /// A section that `read` reads, empty if it is not there; `None` if it has a fault, which is noted.
    fn part<'s, T: Default>(
        &'s self,
        id: SectionId,
        faults: &mut Vec<FormatError>,
        read: impl FnOnce(Cursor<'s>) -> Result<T>,
    ) -> Option<T> {
        let Some(cursor) = self.unchecked(id) else { return Some(T::default()) };
        read(cursor).map_err(|error| faults.push(error)).ok()
    }

    fn mandatory(&self, id: SectionId) -> Result<Cursor<'_>> {
        let offset = self.head.table_end() as u64;
        let missing = || FormatError { kind: FormatErrorKind::MissingSection(id), offset, section: None };
        self.section(id)?.ok_or_else(missing)
    }

    fn check_body(&self, record: &SectionRecord) -> Result<()> {
        let computed = sum_of([self.bytes.get(record.body()).unwrap_or_default()]);
        if computed == record.checksum {
            return Ok(());
        }
        let (what, stored) = (format!("section `{}`", escaped(self.head.name(record))), record.checksum);
        let kind = FormatErrorKind::Checksum { what, stored, computed };
        Err(FormatError { kind, offset: record.offset, section: SectionId::from_number(record.id) })
    }

    /// Reads the section `metadata`.
    ///
    /// # Errors
    /// It is malformed or missing, or its checksum is wrong.
    fn metadata(&self) -> Result<Metadata> {
        metadata::read(self.mandatory(SectionId::Metadata)?)
    }

    /// Reads the section `constants`.
    ///
    /// # Errors
    /// It is malformed, or its checksum is wrong.
    fn constants(&self) -> Result<Constants> {
        self.section(SectionId::Constants)?.map_or(Ok(Constants::default()), container::constants::read)
    }

    /// Reads the sections `types`, `imports`, `functions`, `code`, `statics`, `relocations` and `debug`, and compares the content ids
    /// and the checksums of what is not read; on so many threads, of which two find work.
    ///
    /// # Errors
    /// One of the sections is malformed, or a mandatory one is missing, or a checksum or an id is wrong.
    fn known_definitions(&self, metadata: &Metadata, threads: usize, known: &mut KnownTypes) -> Result<Definitions> {
        let check = || self.check_opaque().and_then(|()| self.check_ids(metadata));
        let (checked, definitions) = both(threads, check, || self.unsealed_definitions(metadata, known));
        let definitions = definitions?;
        checked.map(|()| definitions)
    }

    /// The same for a file whose ids and checksums are still to come.
    pub(crate) fn unsealed_definitions(&self, metadata: &Metadata, known: &mut KnownTypes) -> Result<Definitions> {
        let stencils = match self.section(SectionId::Types)? {
            Some(cursor) => container::types::read(&self.bytes, cursor)?.into(),
            None => known.no_stencils(),
        };
        let imports = self.section(SectionId::Imports)?;
        let imports =
            imports.map_or(Ok(Imports::default()), |cursor| container::imports::read(cursor, self.kind(), known))?;
        let table = self.mandatory(SectionId::Functions)?;
        if container::functions::are_some(table.clone())? {
            self.mandatory(SectionId::Code)?;
        }
        let functions = container::functions::read(table.clone(), self.range(SectionId::Code), known)?;
        let roots = named_stencils(&table, &stencils, &imports, &functions)?;
        let statics = match self.section(SectionId::Statics)? {
            Some(cursor) => container::statics::read(&self.bytes, cursor, &stencils)?,
            None => Statics::default(),
        };
        check_order(&table, &stencils, roots, &statics)?;
        let relocations = match self.section(SectionId::Relocations)? {
            Some(cursor) => container::relocations::read(&self.bytes, cursor, &functions, &imports)?,
            None => Relocations::default(),
        };
        let debug = self.section(SectionId::Debug)?;
        let debug = debug
            .map(|cursor| container::debug::read(&self.bytes, cursor, metadata.sources.len(), &functions))
            .transpose()?;
        Ok(Definitions { stencils, imports, functions, relocations, statics, debug })
    }

    /// Compares the checksums of the sections that nobody reads: certificate, signature, and those that are not known.
    fn check_opaque(&self) -> Result<()> {
        let is_opaque = |record: &&SectionRecord| match SectionId::from_number(record.id) {
            Some(id) => matches!(id, SectionId::Certificate | SectionId::Signature),
            None => true,
        };
        self.sections().iter().filter(is_opaque).try_for_each(|record| self.check_body(record))
    }

    /// The content ids that the metadata say.
    pub(crate) fn ids(&self) -> ContentIds {
        metadata::ids(self.body(SectionId::Metadata))
    }

    /// Compares the content ids with the content.
    fn check_ids(&self, metadata: &Metadata) -> Result<()> {
        let computed = ContentIds::of(&self.head, &self.bytes, metadata.meaning_end);
        let offset = self.range(SectionId::Metadata).start as u64;
        let stored = self.ids();
        let ids = [("meaning", 0, stored.meaning, computed.meaning), ("whole file", 32, stored.whole, computed.whole)];
        for (what, at, stored, computed) in ids {
            if stored != computed {
                let kind = FormatErrorKind::ContentId { what, stored, computed };
                return Err(FormatError { kind, offset: offset + at, section: Some(SectionId::Metadata) });
            }
        }
        Ok(())
    }
}

/// The half of writing that needs a file that is there.
impl Outline<'static> {
    /// The outline of bytes that were just written after this head; ids and checksums are still to come.
    pub(crate) fn written(bytes: Vec<u8>, head: Head) -> Outline<'static> {
        Outline { bytes: Cow::Owned(bytes), head }
    }

    /// Reads what is behind it, with checksums that are made right; ids may be wrong, or still to come.
    pub(crate) fn unsealed(mut self) -> Result<Parsed<'static>> {
        self.put_checksums();
        let metadata = self.metadata()?;
        let constants = self.constants()?;
        let definitions = self.unsealed_definitions(&metadata, &mut KnownTypes::default())?;
        Parsed::new(self, metadata, constants, definitions)
    }

    /// Makes the checksums of all bodies right.
    pub(crate) fn put_checksums(&mut self) {
        for (index, record) in self.head.sections.iter_mut().enumerate() {
            record.checksum = sum_of([self.bytes.get(record.body()).unwrap_or_default()]);
            let at = Header::SIZE + index * SectionRecord::SIZE + SectionRecord::CHECKSUM_OFFSET;
            put(self.bytes.to_mut(), at, record.checksum);
        }
        let computed = head::checksum(self.bytes.get(..self.head.table_end()).unwrap_or_default());
        put(self.bytes.to_mut(), Header::CHECKSUM_OFFSET, computed);
    }

    /// Puts in the proof, in place of one with as many records, and seals.
    pub(crate) fn record(&mut self, metadata: &mut Metadata, proof: RecordedProof) {
        let range = self.range(SectionId::Metadata);
        metadata::put_proof(self.bytes.to_mut().get_mut(range).unwrap_or_default(), &proof);
        metadata.proof = proof;
        self.seal(metadata.meaning_end);
    }

    /// Makes content ids and checksums right: the last step of writing.
    pub(crate) fn seal(&mut self, meaning_end: usize) {
        let ids = ContentIds::of(&self.head, &self.bytes, meaning_end);
        let range = self.range(SectionId::Metadata);
        metadata::put_ids(self.bytes.to_mut().get_mut(range).unwrap_or_default(), &ids);
        self.put_checksums();
    }
}

fn put(bytes: &mut [u8], at: usize, value: u32) {
    if let Some(place) = bytes.get_mut(at..at + 4) {
        place.copy_from_slice(&value.to_le_bytes());
    }
}

/// The stencils that parameters and a result speak of, in order; or the first that is not there.
pub(crate) fn signature_stencils<'t>(
    table: &'t StencilTable,
    parameters: &'t [Type],
    result: Option<&'t Type>,
) -> impl Iterator<Item = Result<TypeRef, Type>> + 't {
    parameters.iter().chain(result).filter_map(|type_| {
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

/// The types that signatures and slots name, in order. Demands that they are there.
fn named_stencils(
    cursor: &Cursor<'_>,
    table: &StencilTable,
    imports: &Imports,
    functions: &Functions,
) -> Result<Vec<TypeRef>> {
    let missing = |type_: Type| {
        let problem = format!("a signature speaks of `{type_}`, which the types do not have");
        cursor.error(FormatErrorKind::Canonical(problem))
    };
    let mut roots = Vec::new();
    for (parameters, result) in imports.types() {
        for root in signature_stencils(table, parameters, result) {
            roots.push(root.map_err(missing)?);
        }
    }
    let mut seen = 0;
    for (signature, slots) in functions.shapes() {
        // Types of signatures are numbered by first use, too, and what was used before adds nothing.
        if signature == seen
            && let Some((parameters, result)) = functions.signatures().types(signature)
        {
            seen += 1;
            for root in signature_stencils(table, parameters, result) {
                roots.push(root.map_err(missing)?);
            }
        }
        for slot in slots {
            if let container::SlotKind::Stencil(type_ref) = slot {
                if let TypeRef::Scalar(tag) = type_ref {
                    let wanted = "16 plus the index of an entry".to_owned();
                    let (what, found) = ("the type of a slot", tag.number().into());
                    return Err(cursor.error(FormatErrorKind::Value { what, found, wanted }));
                }
                if let Some(missing) = type_ref.missing_in(table) {
                    return Err(cursor.error(missing));
                }
                roots.push(*type_ref);
            }
        }
    }
    Ok(roots)
}

/// Demands that types stand in the order of their first use.
fn check_order(cursor: &Cursor<'_>, table: &StencilTable, mut roots: Vec<TypeRef>, statics: &Statics) -> Result<()> {
    roots.extend(statics.types());
    let order = table.order_of_use(roots);
    match order.len() != table.len() || !order.is_sorted() {
        true => {
            let problem = "the types do not stand in the order of their first use".to_owned();
            Err(cursor.error(FormatErrorKind::Canonical(problem)))
        }
        false => Ok(()),
    }
}
