//! [`Parsed`]: a well-formed file, with its text and code borrowed from its bytes. Nothing says yet that it is safe to run.

use crate::container::{
    Constants, Entry, Function, FunctionDebug, Import, Kind, Metadata, SectionId, SectionRecord, Value,
};
use crate::error::{FormatError, FormatErrorKind, Result};
use crate::read::{Definitions, Outline};
use crate::stencil::StencilTable;
use core::ops::Range;

/// A well-formed module.
#[derive(Debug, Clone)]
pub struct Parsed<'a> {
    outline: Outline<'a>,
    metadata: Metadata,
    constants: Constants,
    definitions: Definitions,
}

impl<'a> Parsed<'a> {
    /// Puts the parts of one file together. Parts of different files give nonsense, though nothing worse: everything
    /// is looked up with a check.
    ///
    /// # Errors
    /// The entry is no function, or the kind of the file and the presence of an entry disagree.
    pub fn new(
        outline: Outline<'a>,
        metadata: Metadata,
        constants: Constants,
        definitions: Definitions,
    ) -> Result<Parsed<'a>> {
        let length = definitions.functions.len() as u64;
        let offset = outline.sections().first().map_or(0, |record| record.offset);
        let error = |kind| Err(FormatError { kind, offset, section: Some(SectionId::Metadata) });
        match (outline.kind(), metadata.entry) {
            (_, Some(Entry { function, .. })) if u64::from(function) >= length => {
                error(FormatErrorKind::Range { what: "the entry", found: function.into(), length })
            }
            (Kind::Program, None) => error(FormatErrorKind::Canonical("a program without an entry".to_owned())),
            (Kind::Library, Some(_)) => error(FormatErrorKind::Canonical("a library with an entry".to_owned())),
            _ => Ok(Parsed { outline, metadata, constants, definitions }),
        }
    }

    /// The same module with bytes of its own.
    pub fn into_owned(self) -> Parsed<'static> {
        let Parsed { outline, metadata, constants, definitions } = self;
        Parsed { outline: outline.into_owned(), metadata, constants, definitions }
    }

    /// The bytes of the file.
    pub fn bytes(&self) -> &[u8] {
        &self.outline.bytes
    }

    /// What the file is for.
    pub fn kind(&self) -> Kind {
        self.outline.kind()
    }

    /// The version of the container.
    pub fn version(&self) -> u16 {
        self.outline.version()
    }

    /// The section table.
    pub fn sections(&self) -> &[SectionRecord] {
        self.outline.sections()
    }

    /// Sections that this version does not know: their numbers and bytes.
    pub fn custom_sections(&self) -> impl Iterator<Item = (u16, &[u8])> {
        let unknown = self.sections().iter().filter(|record| SectionId::from_number(record.id).is_none());
        unknown.map(|record| {
            let range = record.offset as usize..(record.offset + record.length) as usize;
            (record.id, self.bytes().get(range).unwrap_or_default())
        })
    }

    fn text(&self, range: &Range<usize>) -> &str {
        self.bytes().get(range.clone()).and_then(|bytes| core::str::from_utf8(bytes).ok()).unwrap_or_default()
    }

    /// Where the program starts.
    pub fn entry(&self) -> Option<Entry> {
        self.metadata.entry
    }

    /// What made the file.
    pub fn producer(&self) -> &str {
        self.text(&self.metadata.producer)
    }

    /// The sources, relative to the root of the project.
    pub fn sources(&self) -> impl ExactSizeIterator<Item = &str> {
        self.metadata.sources.iter().map(|range| self.text(range))
    }

    /// How many constants there are.
    pub fn constant_count(&self) -> u32 {
        self.constants.len() as u32
    }

    /// A constant, in constant time.
    pub fn constant(&self, index: u32) -> Option<Value<'_>> {
        self.constants.get(self.bytes(), index)
    }

    /// The constants in order.
    pub fn constants(&self) -> impl Iterator<Item = Value<'_>> {
        (0..self.constant_count()).filter_map(|index| self.constant(index))
    }

    /// Where a string constant stands among the bytes of all strings: start and length in bytes.
    pub fn string_place(&self, index: u32) -> Option<(u32, u32)> {
        self.constants.string_place(self.bytes(), index)
    }

    /// The bytes of all string constants, one after another.
    pub fn string_bytes(&self) -> &[u8] {
        self.constants.strings(self.bytes())
    }

    /// Layouts of structs, tuples and arrays.
    pub fn stencils(&self) -> &StencilTable {
        &self.definitions.stencils
    }

    /// How many imports there are.
    pub fn import_count(&self) -> u32 {
        self.definitions.imports.len() as u32
    }

    /// An import.
    pub fn import(&self, index: u32) -> Option<Import<'_>> {
        self.definitions.imports.get(self.bytes(), index)
    }

    /// The imports in order.
    pub fn imports(&self) -> impl Iterator<Item = Import<'_>> {
        (0..self.import_count()).filter_map(|index| self.import(index))
    }

    /// How many functions there are.
    pub fn function_count(&self) -> u32 {
        self.definitions.functions.len() as u32
    }

    /// A function, in constant time.
    pub fn function(&self, index: u32) -> Option<Function<'_>> {
        self.definitions.functions.get(self.bytes(), index)
    }

    /// The functions in order.
    pub fn functions(&self) -> impl Iterator<Item = Function<'_>> {
        (0..self.function_count()).filter_map(|index| self.function(index))
    }

    /// The index of the function with this mangled name.
    pub fn find_function(&self, mangled: &str) -> Option<u32> {
        self.definitions.functions.find(self.bytes(), mangled)
    }

    /// Whether lines and names are there.
    pub fn has_debug(&self) -> bool {
        self.definitions.debug.is_some()
    }

    /// Lines and names of a function, if the file has them.
    pub fn debug(&self, function: u32) -> Option<FunctionDebug> {
        self.definitions.debug.as_ref()?.get(self.bytes(), function)
    }

    /// The source and the line from which an instruction comes, if the file says so.
    pub fn source_line(&self, function: u32, offset: u32) -> Option<(&str, u32)> {
        let debug = self.debug(function)?;
        let line = debug.line_at(offset)?;
        Some((self.text(self.metadata.sources.get(debug.source as usize)?), line))
    }
}
