//! [`Parsed`]: a well-formed file, with its text and code borrowed from its bytes. Nothing says yet that it is safe to run.

use crate::container::debug::Record;
use crate::container::functions::{Bare, Draft, Outlined, Place};
use crate::container::{
    Constants, ContentIds, Custom, Entry, Function, FunctionDebug, Head, Import, ImportKind, Kind, Line, Metadata,
    RecordedProof, SectionId, SectionRecord, SlotKind, StaticBlock, Value, metadata, relocations,
};
use crate::error::{FormatError, FormatErrorKind, Result};
use crate::read::{Definitions, Outline};
use crate::stencil::StencilTable;
use crate::types::{Tag, Type};
use alloc::borrow::ToOwned;
use alloc::vec::Vec;
use core::ops::Range;

/// A well-formed module.
#[derive(Debug, Clone)]
pub struct Parsed<'a> {
    outline: Outline<'a>,
    metadata: Metadata,
    constants: Constants,
    definitions: Definitions,
    /// Whether all of the file could be read. Of a part nothing is proved.
    whole: bool,
}

/// What a `CALL` calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CallTarget {
    /// A function of this module.
    Function(u32),
    /// In an object, a function of another module: the index of its import.
    Import(u32),
}

impl<'a> Parsed<'a> {
    /// Puts the parts of one file together.
    ///
    /// # Errors
    /// The parts do not fit together.
    pub(crate) fn new(
        outline: Outline<'a>,
        metadata: Metadata,
        constants: Constants,
        definitions: Definitions,
    ) -> Result<Parsed<'a>> {
        let length = definitions.functions.len() as u64;
        let offset = outline.sections().first().map_or(0, |record| record.offset);
        let error_at =
            |at, kind| Err(FormatError { kind, offset: offset + at as u64, section: Some(SectionId::Metadata) });
        let error = |kind| error_at(metadata::ENTRY, kind);
        match (outline.kind(), metadata.entry) {
            (_, Some(Entry { function, .. })) if u64::from(function) >= length => {
                error(FormatErrorKind::Range { what: "the entry", found: function.into(), length })
            }
            (Kind::Program, None) => error(FormatErrorKind::Canonical("a program without an entry".to_owned())),
            (Kind::Library, Some(_)) => error(FormatErrorKind::Canonical("a library with an entry".to_owned())),
            _ => Ok(()),
        }?;
        if let Some(record) = metadata.proof.functions.last().filter(|record| u64::from(record.function) >= length) {
            let (what, found) = ("the function of a proof", record.function.into());
            error_at(metadata::PROOF, FormatErrorKind::Range { what, found, length })?;
        }
        check_module_imports(&outline, &definitions)?;
        Ok(Parsed { outline, metadata, constants, definitions, whole: true })
    }

    /// The parts of a damaged file, whether they fit together or not.
    pub(crate) fn salvaged(
        outline: Outline<'a>,
        metadata: Metadata,
        constants: Constants,
        definitions: Definitions,
    ) -> Parsed<'a> {
        Parsed { outline, metadata, constants, definitions, whole: false }
    }

    /// Whether all of the file could be read: not what [`salvage`](crate::read::salvage) gives.
    pub fn is_whole(&self) -> bool {
        self.whole
    }

    /// The same module with bytes of its own.
    pub fn into_owned(self) -> Parsed<'static> {
        let Parsed { outline, metadata, constants, definitions, whole } = self;
        Parsed { outline: outline.into_owned(), metadata, constants, definitions, whole }
    }

    /// Nothing but the bytes of the file.
    pub fn into_bytes(self) -> Vec<u8> {
        self.outline.bytes.into_owned()
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

    /// What header and section table say.
    pub fn head(&self) -> &Head {
        self.outline.head()
    }

    /// Sections that this version does not know.
    pub fn custom_sections(&self) -> impl Iterator<Item = Custom<'_>> {
        self.head().unknown_sections().map(|(record, name)| {
            let body = self.bytes().get(record.body()).unwrap_or_default();
            Custom { number: record.id, name, bytes: body.get(4 + name.len()..).unwrap_or_default() }
        })
    }

    /// The bytes of a section as they stand in the file; empty if it is not there.
    pub fn body(&self, id: SectionId) -> &[u8] {
        self.outline.body(id)
    }

    /// The content ids.
    pub fn ids(&self) -> ContentIds {
        self.outline.ids()
    }

    /// What the file says is proved of it.
    pub fn recorded_proof(&self) -> &RecordedProof {
        &self.metadata.proof
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

    /// The type of a constant: a scalar's tag, or `None` for a string. The outer `None`: there is no such constant.
    pub fn constant_tag(&self, index: u32) -> Option<Option<Tag>> {
        self.constants.tag(self.bytes(), index)
    }

    /// What a constant is known by: two are the same if this is.
    pub(crate) fn constant_key(&self, index: u32) -> Option<(u8, &[u8])> {
        self.constants.key(self.bytes(), index)
    }

    /// The value of a constant that is an integer.
    pub(crate) fn integer_constant(&self, index: u32) -> Option<i64> {
        match self.constant(index)? {
            Value::Scalar(Tag::Byte | Tag::Short | Tag::Int | Tag::Long, cell) => Some(cell as i64),
            _ => None,
        }
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

    /// The indexes of the imports that say what calls of them take at most.
    pub fn bounded_imports(&self) -> impl Iterator<Item = u32> {
        self.definitions.imports.bounded()
    }

    /// What each of the imports is and its mangled name, which is UTF-8, in order: what a linker looks at, quickly had.
    pub fn outlined_imports(&self) -> impl Iterator<Item = (ImportKind, &[u8])> {
        self.definitions.imports.outlined(self.bytes())
    }

    /// How many of the imports come from the host; they stand before the others.
    pub fn host_import_count(&self) -> u32 {
        self.definitions.imports.host_count() as u32
    }

    /// The operands that the linker fills in, by rising offset.
    pub fn relocations(&self) -> relocations::Entries<'_> {
        self.definitions.relocations.entries(self.bytes())
    }

    /// What the `CALL` at `offset` in the code of a function calls; its operand is `operand`. In constant time but in
    /// an object, there in logarithmic.
    pub fn call_target(&self, function: u32, offset: u32, operand: u32) -> CallTarget {
        let found = || {
            let operand = self.definitions.functions.code_start(self.bytes(), function)? + offset + 1;
            self.relocations().from(operand).next().filter(|found| found.offset == operand)
        };
        match self.definitions.relocations.is_empty() {
            true => CallTarget::Function(operand),
            false => found().map_or(CallTarget::Function(operand), |found| CallTarget::Import(found.import)),
        }
    }

    /// How many static blocks there are.
    pub fn static_count(&self) -> u32 {
        self.definitions.statics.len() as u32
    }

    /// A static block, in constant time.
    pub fn static_block(&self, index: u32) -> Option<StaticBlock<'_>> {
        self.definitions.statics.get(self.bytes(), index)
    }

    /// The static blocks in order.
    pub fn statics(&self) -> impl Iterator<Item = StaticBlock<'_>> {
        (0..self.static_count()).filter_map(|index| self.static_block(index))
    }

    /// Bytes of all static blocks.
    pub fn static_bytes(&self) -> u64 {
        self.statics().map(|block| u64::from(block.capacity)).sum()
    }

    /// How many functions there are.
    pub fn function_count(&self) -> u32 {
        self.definitions.functions.len() as u32
    }

    /// A function, in constant time.
    pub fn function(&self, index: u32) -> Option<Function<'_>> {
        self.definitions.functions.get(self.bytes(), index)
    }

    /// The mangled name of a function, in constant time.
    pub fn function_name(&self, index: u32) -> Option<&str> {
        self.definitions.functions.name_of(self.bytes(), index)
    }

    /// The parameters and results of the functions, each combination once.
    pub(crate) fn signatures(&self) -> impl Iterator<Item = (&[Type], Option<&Type>)> {
        let signatures = self.definitions.functions.signatures();
        (0..signatures.len() as u32).filter_map(|number| signatures.types(number))
    }

    /// Which of the signatures a function has.
    pub(crate) fn signature_number(&self, function: u32) -> Option<u32> {
        self.definitions.functions.signature(function)
    }

    /// Functions without their names, by index.
    pub(crate) fn bare_functions(&self, range: Range<u32>) -> impl Iterator<Item = (u32, Bare<'_>)> {
        self.definitions.functions.bare(self.bytes(), range)
    }

    /// Where a function's code starts in the section `code`, and the code.
    pub fn code(&self, function: u32) -> Option<(u32, &[u8])> {
        let (start, code) = self.definitions.functions.code(self.bytes(), function)?;
        Some(((start - self.outline.place_of(SectionId::Code)) as u32, code))
    }

    /// Where the code of each function starts in the section `code`, and the code, in order.
    pub fn codes(&self) -> impl Iterator<Item = (u32, &[u8])> {
        self.definitions.functions.codes(self.bytes())
    }

    /// The functions that are exported, in order.
    pub fn exported_functions(&self) -> impl Iterator<Item = Function<'_>> {
        let exported = self.outlined_functions().filter(|function| function.exported);
        exported.filter_map(|function| self.function(function.index))
    }

    /// The functions of this name, whatever they take and give.
    pub fn functions_named(&self, name: &str) -> impl Iterator<Item = Function<'_>> {
        let start = format!("{name}(");
        let range = self.definitions.functions.starting_with(self.bytes(), start.as_bytes());
        range.filter_map(|index| self.function(index))
    }

    /// The functions in order.
    pub fn functions(&self) -> impl Iterator<Item = Function<'_>> {
        self.definitions.functions.all(self.bytes())
    }

    /// The functions in order, as the table says them.
    pub fn outlined_functions(&self) -> impl Iterator<Item = Outlined<'_>> {
        self.definitions.functions.outlined(self.bytes(), 0)
    }

    /// The same as [`Parsed::code`], looked for from a place on.
    pub(crate) fn code_from(&self, from: &mut Place, function: u32) -> Option<(u32, &[u8])> {
        self.definitions.functions.code_from(self.bytes(), from, function)
    }

    /// What is written of a function, looked for from a place on.
    pub(crate) fn draft_from(&self, from: &mut Place, function: u32) -> Option<Draft<'_, &[SlotKind]>> {
        self.definitions.functions.draft_from(self.bytes(), from, function)
    }

    /// A function as the table says it, in constant time.
    pub fn outlined_function(&self, index: u32) -> Option<Outlined<'_>> {
        self.definitions.functions.outlined(self.bytes(), index).next()
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

    /// What is known of a function for people, as it stands in the file.
    pub(crate) fn debug_record(&self, function: u32) -> Option<Record<'_>> {
        self.definitions.debug.as_ref()?.record(self.bytes(), function)
    }

    /// The line records of a function, by rising offset; none if the file has no lines.
    pub(crate) fn lines(&self, function: u32) -> impl Iterator<Item = Line> + '_ {
        self.definitions.debug.iter().flat_map(move |debug| debug.lines(self.bytes(), function))
    }

    /// The source and the line from which an instruction comes, if the file says so.
    pub fn source_line(&self, function: u32, offset: u32) -> Option<(&str, u32)> {
        let (source, line) = self.definitions.debug.as_ref()?.line_at(self.bytes(), function, offset)?;
        Some((self.text(self.metadata.sources.get(source as usize)?), line))
    }
}

/// Every function of another module is called, and none is defined here, too.
fn check_module_imports(outline: &Outline<'_>, definitions: &Definitions) -> Result<()> {
    let Definitions { imports, functions, relocations, .. } = definitions;
    let first = imports.host_count() as u32;
    let mut called = vec![false; imports.len() - first as usize];
    for relocation in relocations.entries(&outline.bytes) {
        called.iter_mut().skip((relocation.import - first) as usize).take(1).for_each(|called| *called = true);
    }
    // Imports and functions rise by name, so that one way through both meets what is in both.
    let mut defined = functions.outlined(&outline.bytes, 0).map(|function| function.name).peekable();
    for (import, called) in (first..).zip(called) {
        let name = imports.name(&outline.bytes, import).unwrap_or_default();
        let is_before = |defined: &&[u8]| *defined < name;
        while defined.next_if(is_before).is_some() {}
        let problem = match called {
            false => format!("no relocation names import {import}"),
            true if defined.peek() == Some(&name) => format!("import {import} is a function of the file itself"),
            true => continue,
        };
        let offset = outline.head().section(SectionId::Imports).map_or(0, |record| record.offset);
        let kind = FormatErrorKind::Canonical(problem);
        return Err(FormatError { kind, offset, section: Some(SectionId::Imports) });
    }
    Ok(())
}

/// The half of writing that needs a module that is there.
impl Parsed<'static> {
    /// Puts in what was found to be proved, in place of a proof with as many records, and seals the file.
    pub(crate) fn record(&mut self, proof: RecordedProof) {
        self.outline.record(&mut self.metadata, proof);
    }
}
