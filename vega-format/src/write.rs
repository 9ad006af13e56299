//! [`Builder`] → bytes, in the one canonical form.
//!
//! Functions are sorted by mangled name; constants, types and imports that nothing uses fall away, constants and types
//! stand by first use, imports by name. Operands are renumbered by the space that their kind points into.
//!
//! What is written is judged at once, for the metadata say what is proved of it. A module that the verifier refuses can
//! be written all the same, with nothing proved. [`sections`] puts the bodies together.

mod error;
mod sections;

pub(crate) use error::check_limit;
pub use error::{BuildError, FinishError};
pub(crate) use sections::Sections;

use crate::builder::{Builder, ConstantValue, StaticDraft};
use crate::container::cursor::MOST_TEXT;
use crate::container::{
    self, Entry, ImportKind, Kind, ProofRecord, RecordedProof, Relocation, SectionId, SlotKind, Value,
};
use crate::hash::HashSet;
use crate::instruction::{Index, Space, indexes};
use crate::kept::Kept;
use crate::mangle;
use crate::parsed::Parsed;
use crate::proof::Worst;
use crate::read::{Outline, signature_stencils};
use crate::stencil::{StencilTable, TypeRef};
use crate::verify::{self, Verified};
use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::string::ToString;
use alloc::vec::Vec;
use foldhash::fast::RandomState;
use indexmap::IndexSet;

impl Builder {
    /// The module, written and judged.
    ///
    /// # Errors
    /// Something is named that was not added, or does not fit, or the verifier refuses the module.
    pub fn finish(&self) -> Result<Verified, FinishError> {
        self.finish_on(1)
    }

    /// The same, judged on so many threads.
    ///
    /// # Errors
    /// As [`Builder::finish`].
    pub fn finish_on(&self, threads: usize) -> Result<Verified, FinishError> {
        Layout::measured(self)?.judged(threads)
    }

    /// The bytes of the module, also of one that the verifier refuses; then the metadata say of nothing that it is proved.
    ///
    /// # Errors
    /// Something is named that was not added, or does not fit.
    pub fn write(&self) -> Result<Vec<u8>, BuildError> {
        let layout = Layout::measured(self)?;
        match layout.judged(1) {
            Ok(verified) => Ok(verified.into_module().into_bytes()),
            Err(FinishError::Build(error)) => Err(error),
            Err(FinishError::Format(_) | FinishError::Refused(_)) => layout.write_unproved(),
        }
    }
}

/// The final numbers of everything.
struct Layout<'b> {
    builder: &'b Builder,
    functions: Vec<(&'b str, &'b Kept)>,
    /// The measured stack of each function, once it is known.
    stacks: Vec<u16>,
    /// Final number of each of the builder's names.
    function_numbers: Vec<Option<u32>>,
    constants: Used,
    statics: Used,
    /// Functions of the host that are called, by name.
    imports: Used,
    /// In an object, functions of other modules that are called, by name.
    module_imports: Used,
    stencils: StencilTable,
    stencil_numbers: Vec<u32>,
}

/// What of a table of the builder is used, and its final numbers.
#[derive(Default)]
struct Used {
    /// The builder's numbers, in the final order.
    order: Vec<u32>,
    /// The final number of each of the builder's.
    numbers: Vec<Option<u32>>,
}

impl Used {
    /// Nothing of a table of this length.
    fn of(length: usize) -> Used {
        Used { order: Vec::new(), numbers: vec![None; length] }
    }

    /// Puts one behind the others, unless it is there. One that the builder does not have is left out.
    fn put(&mut self, number: u32) {
        if let Some(place @ None) = self.numbers.get_mut(number as usize) {
            *place = Some(self.order.len() as u32);
            self.order.push(number);
        }
    }

    fn number(&self, of: u32) -> Option<u32> {
        self.numbers.get(of as usize).copied().flatten()
    }

    /// Orders what is used by its name.
    fn sort(&mut self, names: &IndexSet<String, RandomState>) {
        self.order.sort_unstable_by_key(|index| names.get_index(*index as usize));
        for (number, index) in (0..).zip(&self.order) {
            if let Some(place) = self.numbers.get_mut(*index as usize) {
                *place = Some(number);
            }
        }
    }
}

impl<'b> Layout<'b> {
    fn new(builder: &'b Builder) -> Result<Layout<'b>, BuildError> {
        let Builder { constants, statics, imports, names, .. } = builder;
        let named =
            builder.functions.iter().filter_map(|(name, kept)| Some((*name, names.get_index(*name as usize)?, kept)));
        let mut sorted = Vec::with_capacity(builder.functions.len());
        sorted.extend(named.map(|(number, name, kept)| (name.as_str(), number, kept)));
        sorted.sort_unstable_by_key(|(name, ..)| *name);
        let mut function_numbers = vec![None; names.len()];
        for (number, (_, index, _)) in (0..).zip(&sorted) {
            if let Some(place) = function_numbers.get_mut(*index as usize) {
                *place = Some(number);
            }
        }
        let mut layout = Layout {
            builder,
            functions: sorted.into_iter().map(|(name, _, kept)| (name, kept)).collect(),
            stacks: Vec::new(),
            function_numbers,
            constants: Used::of(constants.len()),
            statics: Used::of(statics.len()),
            imports: Used::of(imports.len()),
            module_imports: Used::of(names.len()),
            stencils: StencilTable::default(),
            stencil_numbers: vec![0; builder.stencils.len()],
        };
        layout.number_what_is_used();
        layout.number_stencils()?;
        Ok(layout)
    }

    /// The layout with the stack of every function known.
    fn measured(builder: &'b Builder) -> Result<Layout<'b>, BuildError> {
        let mut layout = Layout::new(builder)?;
        if builder.functions.values().any(|kept| kept.max_stack.is_none()) {
            // Written with as much stack as there can be, the module says itself how much it needs.
            match layout.parsed() {
                Ok(parsed) => layout.stacks = verify::measure_stacks(&parsed),
                Err(FinishError::Build(error)) => return Err(error),
                Err(_) => {}
            }
        }
        Ok(layout)
    }

    fn judged(&self, threads: usize) -> Result<Verified, FinishError> {
        judge(self.outline(&self.unproved())?, verify::Options { threads, ..verify::Options::default() })
    }

    /// The module as it is read, with room for the proof.
    fn parsed(&self) -> Result<Parsed<'static>, FinishError> {
        Ok(self.outline(&self.unproved())?.unsealed()?)
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
        let strings = self.constants.order.iter().filter_map(|index| match self.constant(*index)? {
            Value::Scalar(..) => None,
            Value::String(text) => Some(text.len() as u64),
        });
        let proved = (0..).zip(&self.functions).filter(|(_, (name, kept))| kept.exported || is_entry(name));
        let record = |(function, _)| ProofRecord { function, worst: Worst::Unbounded, never_out_of_memory: false };
        let functions = match self.builder.kind {
            Kind::Program | Kind::Library => proved.map(record).collect(),
            Kind::Object => Vec::new(),
        };
        RecordedProof { strings: strings.sum(), functions }
    }

    fn number_what_is_used(&mut self) {
        for place in 0..self.functions.len() {
            let Some((_, kept)) = self.functions.get(place).copied() else { break };
            for Index { space, value, .. } in indexes(&kept.code).map_while(Result::ok) {
                match space {
                    Space::Constants => self.constants.put(value),
                    Space::Statics => self.statics.put(value),
                    Space::Imports => self.imports.put(value),
                    Space::Functions if self.is_elsewhere(value) => self.module_imports.put(value),
                    _ => {}
                }
            }
        }
        let Builder { imports, names, .. } = self.builder;
        self.imports.sort(imports);
        self.module_imports.sort(names);
    }

    /// Whether a function that the builder has numbered is one of another module.
    fn is_elsewhere(&self, function: u32) -> bool {
        self.builder.kind == Kind::Object && self.function_numbers.get(function as usize) == Some(&None)
    }

    /// The imports as they are written.
    fn final_imports(&self) -> Vec<container::imports::Draft<'b>> {
        let Builder { imports, names, .. } = self.builder;
        let host =
            self.imports.order.iter().filter_map(|index| Some((ImportKind::Host, imports.get_index(*index as usize)?)));
        let modules = self.module_imports.order.iter();
        let modules = modules.filter_map(|index| Some((ImportKind::Module, names.get_index(*index as usize)?)));
        let bounds = &self.builder.bounds;
        let bound = |kind, name: &String| match bounds.is_empty() {
            true => None,
            false => {
                bounds.get(&(kind, name.clone())).copied().filter(|bytes| kind == ImportKind::Module || *bytes > 0)
            }
        };
        host.chain(modules).map(|(kind, name)| (kind, name.as_str(), bound(kind, name))).collect()
    }

    fn number_stencils(&mut self) -> Result<(), BuildError> {
        let table = &self.builder.stencils;
        let mut roots = Vec::new();
        let import_names = self.final_imports().into_iter().map(|(_, name, _)| (name, [].as_slice()));
        let functions = self.functions.iter().map(|(name, kept)| (*name, &*kept.slots));
        // Most names share their types with others; these bring nothing new.
        let mut known: HashSet<&str, RandomState> = HashSet::default();
        for (name, slots) in import_names.chain(functions) {
            let types = mangle::types(name);
            if types.is_none_or(|types| known.insert(types)) {
                let signature =
                    mangle::parse(name).map_err(|error| BuildError::Name { name: name.to_owned(), error })?;
                for root in signature_stencils(table, &signature.parameters, signature.result.as_ref()) {
                    roots.push(root.map_err(|type_| BuildError::UndefinedType {
                        function: name.to_owned(),
                        type_: type_.to_string(),
                    })?);
                }
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
        self.statics.order.iter().filter_map(|index| builder.statics.get(*index as usize))
    }

    fn renumber_type(&self, type_ref: TypeRef) -> TypeRef {
        match type_ref {
            TypeRef::Scalar(_) => type_ref,
            TypeRef::Stencil(index) => TypeRef::Stencil(
                self.stencil_numbers.get(index as usize).copied().unwrap_or(u32::MAX - TypeRef::FIRST_STENCIL),
            ),
        }
    }

    /// The code of a function with its final numbers, behind that of others; and calls of other modules.
    fn put_code(
        &self,
        (name, kept): (&str, &Kept),
        code: &mut Vec<u8>,
        relocations: &mut Vec<Relocation>,
    ) -> Result<(), BuildError> {
        let error = |offset: usize| {
            let (instruction, mnemonic) = kept.instruction_at(offset).map_or((0, ""), |(at, row)| (at, row.mnemonic));
            BuildError::Operand { function: name.to_owned(), instruction, mnemonic }
        };
        if let Some(offset) = kept.stray_jump {
            return Err(error(offset as usize));
        }
        let start = code.len();
        code.extend_from_slice(&kept.code);
        for index in indexes(&kept.code).map_while(Result::ok) {
            let number = match index.space {
                Space::Constants => self.constants.number(index.value),
                Space::Statics => self.statics.number(index.value),
                Space::Imports => self.imports.number(index.value),
                _ if self.is_elsewhere(index.value) => {
                    let place = self.module_imports.number(index.value).unwrap_or_default();
                    let import = self.imports.order.len() as u32 + place;
                    relocations.push(Relocation { offset: start as u32 + index.at, import });
                    Some(0)
                }
                _ => match self.function_numbers.get(index.value as usize) {
                    Some(number) => Some(number.ok_or_else(|| self.undefined(index.value as usize))?),
                    None => None,
                },
            };
            if !number.is_some_and(|number| code.get_mut(start..).is_some_and(|code| index.put(code, number))) {
                return Err(error(index.offset as usize));
            }
        }
        Ok(())
    }

    fn undefined(&self, index: usize) -> BuildError {
        BuildError::UndefinedFunction(self.builder.names.get_index(index).cloned().unwrap_or_default())
    }

    /// Header, table and bodies; the proof is as given, ids and checksums are still to come.
    fn outline(&self, proof: &RecordedProof) -> Result<Outline<'static>, BuildError> {
        let entry = self.entry()?;
        let mut code = Vec::with_capacity(self.functions.iter().map(|(_, kept)| kept.code.len()).sum());
        let mut relocations = Vec::new();
        let mut drafts = Vec::with_capacity(self.functions.len());
        let mut debug = Vec::new();
        for (index, (name, kept)) in self.functions.iter().enumerate() {
            let start = code.len();
            self.put_code((name, kept), &mut code, &mut relocations)?;
            check_limits(name, kept)?;
            debug.extend(kept.debug.as_deref());
            drafts.push(container::functions::Draft {
                name: name.as_bytes(),
                exported: kept.exported,
                max_stack: kept.max_stack.or(self.stacks.get(index).copied()).unwrap_or(u16::MAX),
                limit: kept.limit,
                slots: kept.slots.iter().map(|slot| self.renumber_slot(*slot)),
                code_length: (code.len() - start) as u32,
            });
        }
        // Only those that the builder has are used.
        let constants = || self.constants.order.iter().filter_map(|index| self.constant(*index));
        let count = self.constants.order.len();
        check_limit("the number of functions", drafts.len(), container::functions::MOST_FUNCTIONS)?;
        check_limit("the number of constants", count, container::constants::MOST_CONSTANTS)?;
        for constant in constants() {
            if let Value::String(text) = constant {
                check_limit("the length of a string constant", text.len(), container::constants::MOST_STRING)?;
            }
        }
        let imports = self.final_imports();
        let Builder { producer, sources, certificate, signature, .. } = self.builder;
        check_limit("the length of the producer", producer.len(), MOST_TEXT)?;
        sources.iter().try_for_each(|source| check_limit("the length of a source", source.len(), MOST_TEXT))?;

        let statics: Vec<_> = self.static_drafts().map(|draft| self.static_record(draft)).collect();
        check_limit("the number of static blocks", statics.len(), container::statics::MOST_BLOCKS)?;
        let has_debug = debug.len() == self.functions.len() && !sources.is_empty();

        let mut sections = Sections::default();
        sections.add(SectionId::Metadata, true, |out| {
            container::metadata::write(out, entry, proof, producer, sources);
        });
        sections.add(SectionId::Constants, count > 0, |out| container::constants::write(out, count, constants()));
        sections.add(SectionId::Types, !self.stencils.is_empty(), |out| container::types::write(out, &self.stencils));
        sections.add(SectionId::Imports, !imports.is_empty(), |out| container::imports::write(out, &imports));
        sections.add(SectionId::Functions, true, |out| {
            container::functions::write_count(out, drafts.len());
            drafts.into_iter().for_each(|draft| draft.write(out));
        });
        let room = 2 * code.len();
        sections.add(SectionId::Code, !code.is_empty(), move |out| out.extend_from_slice(&code));
        sections.add(SectionId::Relocations, !relocations.is_empty(), |out| {
            container::relocations::write(out, &relocations);
        });
        sections.add(SectionId::Debug, has_debug, |out| container::debug::write(out, debug.into_iter()));
        sections.add(SectionId::Certificate, !certificate.is_empty(), |out| out.extend_from_slice(certificate));
        sections.add(SectionId::Signature, !signature.is_empty(), |out| out.extend_from_slice(signature));
        sections.add(SectionId::Statics, !statics.is_empty(), |out| container::statics::write(out, &statics));
        sections.add_custom(&self.builder.custom)?;
        sections.assemble(self.builder.kind, room)
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

/// Judges what was just written, puts in what is proved of it, and seals it.
pub(crate) fn judge(outline: Outline<'static>, options: verify::Options) -> Result<Verified, FinishError> {
    verify::verify_and_record(outline.unsealed()?, options).map_err(FinishError::Refused)
}

/// What the format has room for.
fn check_limits(name: &str, kept: &Kept) -> Result<(), BuildError> {
    if kept.limit == Some(0) {
        return Err(BuildError::ZeroLimit(name.to_owned()));
    }
    check_limit(format_args!("the code of `{name}`"), kept.code.len(), container::functions::MOST_CODE)?;
    check_limit(format_args!("the number of slots of `{name}`"), kept.slots.len(), usize::from(u16::MAX))?;
    let named = kept.debug.iter().flat_map(|debug| debug.parameters.iter().chain(&debug.slots));
    let mut lengths = named.map(|local| local.len());
    lengths.try_for_each(|length| check_limit(format_args!("the length of a name in `{name}`"), length, MOST_TEXT))
}
