//! [`Builder`] → bytes, in the one canonical form.
//!
//! Functions are sorted by mangled name; constants, types and imports that nothing uses fall away, constants and types
//! stand by first use, imports by name. Operands are renumbered by the space that their kind points into.
//!
//! What is written is judged at once, for the metadata say what is proved of it. A module that the verifier refuses can
//! be written all the same, with nothing proved.

use crate::builder::{Builder, ConstantValue, CustomSection, FunctionDraft, StaticDraft};
use crate::container::{
    self, Custom, Entry, FunctionDebug, Head, Header, ImportKind, Kind, Line, MAGIC, ProofRecord, RecordedProof,
    Relocation, SectionId, SectionRecord, SlotKind, VERSION, Value,
};
use crate::error::{FormatError, VerifyError};
use crate::instruction::{Instruction, Space};
use crate::mangle;
use crate::parsed::Parsed;
use crate::proof::Worst;
use crate::read::{Outline, signature_stencils};
use crate::stencil::{StencilError, StencilTable, TypeRef};
use crate::verify::{self, Verified};
use binrw::BinWrite;
use foldhash::fast::RandomState;
use indexmap::IndexSet;
use std::io;
use thiserror::Error;

/// Why a module cannot be written.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum BuildError {
    /// A call or the entry names a function that was not added.
    #[error("function `{0}` is not defined")]
    UndefinedFunction(String),
    /// An operand is no number that the builder has given.
    #[error("function `{function}`, instruction {instruction}: `{mnemonic}` has no such operand")]
    Operand {
        /// The mangled name.
        function: String,
        /// The index of the instruction.
        instruction: usize,
        /// Its mnemonic.
        mnemonic: &'static str,
    },
    /// A mangled name is malformed.
    #[error("mangled name `{name}`: {error}")]
    Name {
        /// The name.
        name: String,
        /// What is wrong with it.
        error: mangle::NameError,
    },
    /// A signature speaks of a type that was not added.
    #[error("the signature of `{function}` speaks of `{type_}`, which is not defined")]
    UndefinedType {
        /// The mangled name.
        function: String,
        /// The type.
        type_: String,
    },
    /// A custom section has a number or a name that none can have, or one that another has.
    #[error("custom section {number} {problem}")]
    Section {
        /// Its number.
        number: u16,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// A stencil is malformed.
    #[error("a type {0}")]
    Stencil(StencilError),
    /// A function that may never be live.
    #[error("the limit of `{0}` is 0; it must be 1 or more, or left out")]
    ZeroLimit(String),
    /// More of something than the format has room for.
    #[error("{what} is {found}; the limit is {limit}")]
    Limit {
        /// What is limited.
        what: String,
        /// The value.
        found: usize,
        /// The greatest value.
        limit: usize,
    },
}

/// Why a module cannot be finished.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum FinishError {
    /// It cannot be written.
    #[error(transparent)]
    Build(#[from] BuildError),
    /// What is written is not well-formed.
    #[error(transparent)]
    Format(#[from] FormatError),
    /// The verifier refuses it; the list is not empty.
    #[error("{}", .0.first().map(ToString::to_string).unwrap_or_default())]
    Refused(Vec<VerifyError>),
}

impl Builder {
    /// The module, written and judged.
    ///
    /// # Errors
    /// Something is named that was not added, or does not fit, or the verifier refuses the module.
    pub fn finish(&self) -> Result<Verified, FinishError> {
        Layout::measured(self)?.judged()
    }

    /// The bytes of the module, also of one that the verifier refuses; then the metadata say of nothing that it is proved.
    ///
    /// # Errors
    /// Something is named that was not added, or does not fit.
    pub fn write(&self) -> Result<Vec<u8>, BuildError> {
        let layout = Layout::measured(self)?;
        match layout.judged() {
            Ok(verified) => Ok(verified.into_module().into_bytes()),
            Err(FinishError::Build(error)) => Err(error),
            Err(FinishError::Format(_) | FinishError::Refused(_)) => layout.write_unproved(),
        }
    }
}

/// The final numbers of everything.
struct Layout<'b> {
    builder: &'b Builder,
    functions: Vec<(&'b str, &'b FunctionDraft)>,
    /// The measured stack of each function, once it is known.
    stacks: Vec<u16>,
    /// Final number of each of the builder's names.
    function_numbers: Vec<Option<u32>>,
    constants: IndexSet<u32, RandomState>,
    statics: IndexSet<u32, RandomState>,
    /// Functions of the host that are called, by name.
    imports: Vec<u32>,
    import_numbers: Vec<u32>,
    /// In an object, functions of other modules that are called, by name.
    module_imports: Vec<u32>,
    stencils: StencilTable,
    stencil_numbers: Vec<u32>,
}

impl<'b> Layout<'b> {
    fn new(builder: &'b Builder) -> Result<Layout<'b>, BuildError> {
        let mut functions: Vec<_> = builder.functions.iter().map(|(name, draft)| (name.as_str(), draft)).collect();
        functions.sort_unstable_by_key(|(name, _)| *name);
        let mut function_numbers = vec![None; builder.names.len()];
        for (number, (name, _)) in functions.iter().enumerate() {
            if let Some(place) = builder.names.get_index_of(*name).and_then(|index| function_numbers.get_mut(index)) {
                *place = Some(number as u32);
            }
        }
        let mut layout = Layout {
            builder,
            functions,
            stacks: Vec::new(),
            function_numbers,
            constants: IndexSet::default(),
            statics: IndexSet::default(),
            imports: Vec::new(),
            import_numbers: vec![0; builder.imports.len()],
            module_imports: Vec::new(),
            stencils: StencilTable::default(),
            stencil_numbers: vec![0; builder.stencils.len()],
        };
        layout.number_constants_and_imports();
        layout.number_stencils()?;
        Ok(layout)
    }

    /// The layout with the stack of every function known.
    fn measured(builder: &'b Builder) -> Result<Layout<'b>, BuildError> {
        let mut layout = Layout::new(builder)?;
        if builder.functions.values().any(|draft| draft.max_stack.is_none()) {
            // Written with as much stack as there can be, the module says itself how much it needs.
            match layout.parsed() {
                Ok(parsed) => layout.stacks = verify::measure_stacks(&parsed),
                Err(FinishError::Build(error)) => return Err(error),
                Err(_) => {}
            }
        }
        Ok(layout)
    }

    fn judged(&self) -> Result<Verified, FinishError> {
        judge(self.outline(&self.unproved())?, verify::Options::default())
    }

    /// The module as it is read, with room for the proof.
    fn parsed(&self) -> Result<Parsed<'static>, FinishError> {
        Ok(unsealed(self.outline(&self.unproved())?)?)
    }

    fn write_unproved(&self) -> Result<Vec<u8>, BuildError> {
        let nothing = RecordedProof { functions: Vec::new(), ..self.unproved() };
        let mut outline = self.outline(&nothing)?;
        let start = outline.head().section(SectionId::Metadata).map_or(0, |record| record.offset as usize);
        outline.seal(start + container::metadata::meaning_length(0));
        Ok(outline.bytes.into_owned())
    }

    /// Records of the functions of which something has to be proved, before it is.
    fn unproved(&self) -> RecordedProof {
        let is_entry = |name: &str| self.builder.entry.as_ref().is_some_and(|(entry, _)| entry == name);
        let strings = self.constants.iter().filter_map(|index| match self.constant(*index)? {
            Value::Scalar(..) => None,
            Value::String(text) => Some(text.len() as u64),
        });
        let proved = (0..).zip(&self.functions).filter(|(_, (name, draft))| draft.exported || is_entry(name));
        let record = |(function, _)| ProofRecord { function, worst: Worst::Unbounded, never_out_of_memory: false };
        let functions = match self.builder.kind {
            Kind::Program | Kind::Library => proved.map(record).collect(),
            Kind::Object => Vec::new(),
        };
        RecordedProof { strings: strings.sum(), functions }
    }

    fn number_constants_and_imports(&mut self) {
        for (_, draft) in &self.functions {
            for instruction in &draft.code {
                match instruction.index() {
                    Some((Space::Constants, value)) => _ = self.constants.insert(value),
                    Some((Space::Statics, value)) => _ = self.statics.insert(value),
                    Some((Space::Imports, value)) => self.imports.push(value),
                    Some((Space::Functions, value)) if self.is_elsewhere(value) => self.module_imports.push(value),
                    _ => {}
                }
            }
        }
        let Builder { imports, names, .. } = self.builder;
        sort_by_name(&mut self.imports, imports);
        sort_by_name(&mut self.module_imports, names);
        for (number, index) in self.imports.iter().enumerate() {
            if let Some(place) = self.import_numbers.get_mut(*index as usize) {
                *place = number as u32;
            }
        }
    }

    /// Whether a function that the builder has numbered is one of another module.
    fn is_elsewhere(&self, function: u32) -> bool {
        self.builder.kind == Kind::Object && self.function_numbers.get(function as usize) == Some(&None)
    }

    /// The imports as they are written.
    fn final_imports(&self) -> Vec<(ImportKind, &'b str)> {
        let Builder { imports, names, .. } = self.builder;
        let host =
            self.imports.iter().filter_map(|index| Some((ImportKind::Host, imports.get_index(*index as usize)?)));
        let modules = self.module_imports.iter();
        let modules = modules.filter_map(|index| Some((ImportKind::Module, names.get_index(*index as usize)?)));
        host.chain(modules).map(|(kind, name)| (kind, name.as_str())).collect()
    }

    /// The final number of the import that an instruction calls, if it calls a function of another module.
    fn module_import(&self, instruction: &Instruction) -> Option<u32> {
        let Instruction::Call { function } = instruction else { return None };
        let name = |index: u32| self.builder.names.get_index(index as usize);
        let called = self.is_elsewhere(function.0).then(|| name(function.0))?;
        let place = self.module_imports.binary_search_by(|index| name(*index).cmp(&called)).ok()?;
        Some((self.imports.len() + place) as u32)
    }

    fn number_stencils(&mut self) -> Result<(), BuildError> {
        let table = &self.builder.stencils;
        let mut roots = Vec::new();
        let import_names = self.final_imports().into_iter().map(|(_, name)| (name, [].as_slice()));
        let functions = self.functions.iter().map(|(name, draft)| (*name, draft.slots.as_slice()));
        for (name, slots) in import_names.chain(functions) {
            let signature = mangle::parse(name).map_err(|error| BuildError::Name { name: name.to_owned(), error })?;
            for root in signature_stencils(table, &signature.parameters, signature.result.as_ref()) {
                roots.push(root.map_err(|type_| BuildError::UndefinedType {
                    function: name.to_owned(),
                    type_: type_.to_string(),
                })?);
            }
            roots.extend(slots.iter().filter_map(|slot| match slot {
                SlotKind::Stencil(type_ref) => Some(*type_ref),
                _ => None,
            }));
        }
        roots.extend(self.static_drafts().flat_map(|draft| draft.variables.iter().copied()));
        for index in table.order_of_use(roots) {
            let Some(stencil) = table.get(index) else { continue };
            let stencil = stencil.with_parts(|part| self.renumber_type(part));
            let number = self.stencils.len() as u32;
            self.stencils.push(stencil).map_err(BuildError::Stencil)?;
            if let Some(place) = self.stencil_numbers.get_mut(index as usize) {
                *place = number;
            }
        }
        Ok(())
    }

    /// The static blocks that are used, in their final order.
    fn static_drafts(&self) -> impl Iterator<Item = &'b StaticDraft> {
        let builder = self.builder;
        self.statics.iter().filter_map(|index| builder.statics.get(*index as usize))
    }

    fn renumber_type(&self, type_ref: TypeRef) -> TypeRef {
        match type_ref {
            TypeRef::Scalar(_) => type_ref,
            TypeRef::Stencil(index) => TypeRef::Stencil(
                self.stencil_numbers.get(index as usize).copied().unwrap_or(u32::MAX - TypeRef::FIRST_STENCIL),
            ),
        }
    }

    /// Byte offsets of the instructions, and behind them the length of the code.
    fn offsets(code: &[Instruction]) -> Vec<u32> {
        let mut end = 0;
        let starts = code.iter().map(|instruction| {
            let start = end;
            end += instruction.width() as u32;
            start
        });
        let mut offsets: Vec<u32> = starts.collect();
        offsets.push(end);
        offsets
    }

    fn renumber(
        &self,
        name: &str,
        place: usize,
        instruction: Instruction,
        offsets: &[u32],
    ) -> Result<Instruction, BuildError> {
        let error = || BuildError::Operand {
            function: name.to_owned(),
            instruction: place,
            mnemonic: instruction.row().mnemonic,
        };
        let renumbered = instruction.renumbered(|space, old| {
            let index = old as usize;
            let number = match space {
                Space::Constants => self.constants.get_index_of(&old).filter(|_| index < self.builder.constants.len()),
                Space::Statics => self.statics.get_index_of(&old).filter(|_| index < self.builder.statics.len()),
                Space::Imports => self.import_numbers.get(index).map(|number| *number as usize),
                Space::Functions if self.is_elsewhere(old) => Some(0),
                Space::Functions => {
                    let number = self.function_numbers.get(index).ok_or_else(error)?;
                    Some(number.ok_or_else(|| self.undefined(index))? as usize)
                }
                Space::Code => offsets.get(index).map(|offset| *offset as usize),
                Space::Plain | Space::Slots | Space::Cells => Some(index),
            };
            number.map(|number| number as u32).ok_or_else(error)
        });
        renumbered?.ok_or_else(error)
    }

    fn undefined(&self, index: usize) -> BuildError {
        BuildError::UndefinedFunction(self.builder.names.get_index(index).cloned().unwrap_or_default())
    }

    /// Header, table and bodies; the proof is as given, ids and checksums are still to come.
    fn outline(&self, proof: &RecordedProof) -> Result<Outline<'static>, BuildError> {
        let entry = self.entry()?;
        let mut code = Vec::new();
        let mut relocations = Vec::new();
        let mut drafts = Vec::with_capacity(self.functions.len());
        let mut debug = Vec::new();
        for (index, (name, draft)) in self.functions.iter().enumerate() {
            let offsets = Layout::offsets(&draft.code);
            let start = code.len();
            for (place, instruction) in draft.code.iter().enumerate() {
                if let Some(import) = self.module_import(instruction) {
                    let operand = instruction.row().operand_at(Space::Functions).unwrap_or(0);
                    relocations.push(Relocation { offset: (code.len() + operand) as u32, import });
                }
                self.renumber(name, place, *instruction, &offsets)?.encode(&mut code);
            }
            check_limits(name, draft, code.len() - start)?;
            debug.extend(draft.debug.as_ref().map(|debug| (place_lines(debug, &offsets), debug)));
            drafts.push(container::functions::Draft {
                name,
                exported: draft.exported,
                max_stack: draft.max_stack.or(self.stacks.get(index).copied()).unwrap_or(u16::MAX),
                limit: draft.limit,
                slots: draft.slots.iter().map(|slot| self.renumber_slot(*slot)),
                code_length: (code.len() - start) as u32,
            });
        }
        let constants: Vec<Value<'_>> = self.constants.iter().filter_map(|index| self.constant(*index)).collect();
        check_limit("the number of functions", drafts.len(), container::functions::MOST_FUNCTIONS)?;
        check_limit("the number of constants", constants.len(), container::constants::MOST_CONSTANTS)?;
        for constant in &constants {
            if let Value::String(text) = constant {
                check_limit("the bytes of a string constant", text.len(), container::constants::MOST_STRING)?;
            }
        }
        let imports = self.final_imports();
        let Builder { producer, sources, certificate, signature, .. } = self.builder;

        let mut sections = Sections::default();
        sections.add(SectionId::Metadata, true, |out| {
            container::metadata::write(out, entry, proof, producer, sources);
        });
        sections.add(SectionId::Constants, !constants.is_empty(), |out| container::constants::write(out, &constants));
        sections.add(SectionId::Types, !self.stencils.is_empty(), |out| container::types::write(out, &self.stencils));
        let statics: Vec<_> = self.static_drafts().map(|draft| self.static_record(draft)).collect();
        check_limit("the number of static blocks", statics.len(), container::statics::MOST_BLOCKS)?;
        sections.add(SectionId::Imports, !imports.is_empty(), |out| container::imports::write(out, &imports));
        sections.add(SectionId::Functions, true, |out| {
            container::functions::write_count(out, drafts.len());
            drafts.into_iter().for_each(|draft| draft.write(out));
        });
        sections.add(SectionId::Code, !code.is_empty(), |out| *out = code);
        sections.add(SectionId::Relocations, !relocations.is_empty(), |out| {
            container::relocations::write(out, &relocations);
        });
        let has_debug = debug.len() == self.functions.len() && !sources.is_empty();
        sections.add(SectionId::Debug, has_debug, |out| container::debug::write(out, debug.into_iter()));
        sections.add(SectionId::Certificate, !certificate.is_empty(), |out| out.clone_from(certificate));
        sections.add(SectionId::Signature, !signature.is_empty(), |out| out.clone_from(signature));
        sections.add(SectionId::Statics, !statics.is_empty(), |out| container::statics::write(out, &statics));
        sections.add_custom(&self.builder.custom)?;
        sections.assemble(self.builder.kind)
    }

    fn entry(&self) -> Result<Option<Entry>, BuildError> {
        let Some((name, result)) = &self.builder.entry else { return Ok(None) };
        match self.functions.binary_search_by(|(function, _)| (*function).cmp(name)) {
            Ok(number) => Ok(Some(Entry { function: number as u32, result: *result })),
            Err(_) => Err(BuildError::UndefinedFunction(name.clone())),
        }
    }

    fn static_record(&self, draft: &'b StaticDraft) -> container::statics::Draft<'b> {
        let variables = draft.variables.iter().map(|type_ref| self.renumber_type(*type_ref)).collect();
        container::statics::Draft { capacity: draft.capacity, variables, image: &draft.image }
    }

    fn renumber_slot(&self, slot: SlotKind) -> SlotKind {
        match slot {
            SlotKind::Stencil(type_ref) => SlotKind::Stencil(self.renumber_type(type_ref)),
            other => other,
        }
    }

    fn constant(&self, index: u32) -> Option<Value<'_>> {
        Some(match self.builder.constants.get_index(index as usize)? {
            ConstantValue::Scalar(tag, cell) => Value::Scalar(*tag, *cell),
            ConstantValue::String(text) => Value::String(text),
        })
    }
}

/// Reads what was just written, with room for the proof; ids are still to come.
fn unsealed(mut outline: Outline<'static>) -> Result<Parsed<'static>, FormatError> {
    outline.put_checksums();
    let metadata = outline.metadata()?;
    let constants = outline.constants()?;
    let definitions = outline.unsealed_definitions(&metadata)?;
    Parsed::new(outline, metadata, constants, definitions)
}

/// Judges what was just written, puts in what is proved of it, and seals it.
pub(crate) fn judge(outline: Outline<'static>, options: verify::Options) -> Result<Verified, FinishError> {
    verify::verify_and_record(unsealed(outline)?, options).map_err(FinishError::Refused)
}

/// Sorts the builder's numbers of names by these, each once.
fn sort_by_name(numbers: &mut Vec<u32>, names: &IndexSet<String, RandomState>) {
    numbers.sort_unstable_by_key(|index| names.get_index(*index as usize));
    numbers.dedup();
}

/// What the format has room for.
fn check_limits(name: &str, draft: &FunctionDraft, code_length: usize) -> Result<(), BuildError> {
    if draft.limit == Some(0) {
        return Err(BuildError::ZeroLimit(name.to_owned()));
    }
    check_limit(format_args!("the code of `{name}`"), code_length, container::functions::MOST_CODE)?;
    check_limit(format_args!("the number of slots of `{name}`"), draft.slots.len(), usize::from(u16::MAX))?;
    // A type takes a character of the name at least, so most names need not be read.
    if name.len() <= MOST_PARAMETERS {
        return Ok(());
    }
    let parameters = mangle::parse(name).map_or(0, |signature| signature.parameters.len());
    check_limit(format_args!("the number of parameters of `{name}`"), parameters, MOST_PARAMETERS)
}

/// The most parameters of a function.
const MOST_PARAMETERS: usize = 255;

pub(crate) fn check_limit(what: impl ToString, found: usize, limit: usize) -> Result<(), BuildError> {
    match found > limit {
        true => Err(BuildError::Limit { what: what.to_string(), found, limit }),
        false => Ok(()),
    }
}

/// Line records by byte offset, without those that change nothing.
fn place_lines(debug: &FunctionDebug, offsets: &[u32]) -> Vec<Line> {
    let end = offsets.last().copied().unwrap_or(0);
    let mut lines: Vec<Line> = Vec::with_capacity(debug.lines.len());
    for line in &debug.lines {
        let Some(&offset) = offsets.get(line.offset as usize).filter(|offset| **offset < end) else { continue };
        if let Some(last) = lines.last_mut().filter(|last| last.offset == offset) {
            last.line = line.line;
        } else {
            lines.push(Line { offset, line: line.line });
        }
    }
    lines.dedup_by_key(|line| line.line);
    lines
}

/// Bodies of sections, in order.
#[derive(Default)]
pub(crate) struct Sections<'b> {
    bodies: Vec<(u16, Vec<u8>)>,
    custom: Vec<&'b CustomSection>,
}

impl<'b> Sections<'b> {
    /// Adds a section if there is something in it.
    pub(crate) fn add(&mut self, id: SectionId, is_there: bool, write: impl FnOnce(&mut Vec<u8>)) {
        if is_there {
            let mut body = Vec::new();
            write(&mut body);
            self.bodies.push((id as u16, body));
        }
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

    /// Header, table and bodies; checksums are still to come.
    pub(crate) fn assemble(mut self, kind: Kind) -> Result<Outline<'static>, BuildError> {
        for section in &self.custom {
            let CustomSection { number, name, bytes } = section;
            let mut body = Vec::with_capacity(4 + name.len() + bytes.len());
            container::custom::write(&mut body, Custom { number: *number, name, bytes });
            self.bodies.push((*number, body));
        }
        self.bodies.sort_by_key(|(number, _)| *number);
        let table_end = Header::SIZE + self.bodies.len() * SectionRecord::SIZE;
        let length = table_end + self.bodies.iter().map(|(_, body)| body.len()).sum::<usize>();
        check_limit("the number of sections", self.bodies.len(), Head::MOST_SECTIONS)?;
        check_limit("the length of the file", length, Head::MOST_BYTES as usize)?;
        let mut offset = table_end as u64;
        let record = |(id, body): &(u16, Vec<u8>)| {
            let is_critical = SectionId::from_number(*id).is_some_and(SectionId::is_critical);
            let (flags, length) = (if is_critical { SectionRecord::CRITICAL } else { 0 }, body.len() as u64);
            let record = SectionRecord { id: *id, flags, checksum: 0, offset, length };
            offset += length;
            record
        };
        let records = self.bodies.iter().map(record).collect();
        let head = Head::new(kind, records, self.custom.iter().map(|section| section.name.clone()).collect());
        let mut bytes = encode(&head);
        bytes.reserve_exact(head.file_length() as usize - bytes.len());
        // Each goes as soon as it stands in the file: never is all of it there twice.
        self.bodies.into_iter().for_each(|(_, body)| bytes.extend_from_slice(&body));
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
