//! [`Builder`] → bytes, in the one canonical form.
//!
//! Functions are sorted by mangled name; constants, types and imports that nothing uses fall away, constants and types
//! stand by first use, imports by name. Operands are renumbered by the space that their kind points into.

use crate::builder::{Builder, ConstantValue, FunctionDraft};
use crate::container::{
    self, Entry, FunctionDebug, Header, ImportKind, Line, MAGIC, SectionId, SectionRecord, SlotKind, VERSION, Value,
};
use crate::instruction::{DecodeError, Instruction, Space};
use crate::read::{read, signature_stencils};
use crate::stencil::{Stencil, StencilError, StencilTable, TypeRef};
use crate::{mangle, verify};
use binrw::BinWrite;
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
    /// A stencil is malformed.
    #[error("a type {0}")]
    Stencil(StencilError),
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

impl Builder {
    /// The bytes of the module.
    ///
    /// # Errors
    /// Something is named that was not added, or does not fit.
    pub fn write(&self) -> Result<Vec<u8>, BuildError> {
        let mut layout = Layout::new(self)?;
        if self.functions.values().any(|draft| draft.max_stack.is_none()) {
            // Written with as much stack as there can be, the module says itself how much it needs.
            let bytes = layout.write()?;
            if let Ok(parsed) = read(bytes.as_slice()) {
                let measure = |index: usize| verify::measure_stack(&parsed, index as u32);
                layout.stacks = (0..layout.functions.len()).map(measure).collect();
            }
        }
        layout.write()
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
    constants: IndexSet<u32>,
    imports: Vec<u32>,
    import_numbers: Vec<u32>,
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
            constants: IndexSet::new(),
            imports: Vec::new(),
            import_numbers: vec![0; builder.imports.len()],
            stencils: StencilTable::default(),
            stencil_numbers: vec![0; builder.stencils.len()],
        };
        layout.number_constants_and_imports();
        layout.number_stencils()?;
        Ok(layout)
    }

    fn number_constants_and_imports(&mut self) {
        for (_, draft) in &self.functions {
            for instruction in &draft.code {
                for ((_, kind), value) in instruction.row().operands.iter().zip(instruction.operands().iter()) {
                    match kind.space {
                        Space::Constants => _ = self.constants.insert(*value),
                        Space::Imports => self.imports.push(*value),
                        _ => {}
                    }
                }
            }
        }
        let name = |index: &u32| self.builder.imports.get_index(*index as usize).map(|(name, _)| name);
        self.imports.sort_unstable_by(|a, b| name(a).cmp(&name(b)));
        self.imports.dedup();
        for (number, index) in self.imports.iter().enumerate() {
            if let Some(place) = self.import_numbers.get_mut(*index as usize) {
                *place = number as u32;
            }
        }
    }

    fn number_stencils(&mut self) -> Result<(), BuildError> {
        let table = &self.builder.stencils;
        let mut roots = Vec::new();
        let import_names = self.imports.iter().filter_map(|index| self.builder.imports.get_index(*index as usize));
        let import_names = import_names.map(|(name, _)| (name.as_str(), [].as_slice()));
        let functions = self.functions.iter().map(|(name, draft)| (*name, draft.slots.as_slice()));
        for (name, slots) in import_names.chain(functions) {
            let signature = mangle::parse(name).map_err(|error| BuildError::Name { name: name.to_owned(), error })?;
            for root in signature_stencils(table, &signature) {
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
        for index in table.order_of_use(roots) {
            let Some(stencil) = table.get(index) else { continue };
            let stencil = self.renumber_stencil(stencil.clone());
            let number = self.stencils.len() as u32;
            self.stencils.push(stencil).map_err(BuildError::Stencil)?;
            if let Some(place) = self.stencil_numbers.get_mut(index as usize) {
                *place = number;
            }
        }
        Ok(())
    }

    fn renumber_type(&self, type_ref: TypeRef) -> TypeRef {
        match type_ref {
            TypeRef::Scalar(_) => type_ref,
            TypeRef::Stencil(index) => TypeRef::Stencil(
                self.stencil_numbers.get(index as usize).copied().unwrap_or(u32::MAX - TypeRef::FIRST_STENCIL),
            ),
        }
    }

    fn renumber_stencil(&self, mut stencil: Stencil) -> Stencil {
        let renumber = |type_ref: &mut TypeRef| *type_ref = self.renumber_type(*type_ref);
        match &mut stencil {
            Stencil::Struct { fields, .. } => fields.iter_mut().for_each(|field| renumber(&mut field.type_ref)),
            Stencil::Tuple(elements) => elements.iter_mut().for_each(renumber),
            Stencil::Array(element, _) => renumber(element),
            Stencil::Text(_) => {}
        }
        stencil
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
        let row = instruction.row();
        let error = || BuildError::Operand { function: name.to_owned(), instruction: place, mnemonic: row.mnemonic };
        let mut operands = [0; crate::instruction::Operands::MOST];
        for ((new, old), (_, kind)) in operands.iter_mut().zip(instruction.operands().iter()).zip(row.operands) {
            let index = *old as usize;
            *new = match kind.space {
                Space::Constants => self
                    .constants
                    .get_index_of(old)
                    .filter(|_| index < self.builder.constants.len())
                    .map(|number| number as u32)
                    .ok_or_else(error)?,
                Space::Imports => self.import_numbers.get(index).copied().ok_or_else(error)?,
                Space::Functions => {
                    let number = self.function_numbers.get(index).ok_or_else(error)?;
                    number.ok_or_else(|| self.undefined(index))?
                }
                Space::Code => offsets.get(index).copied().ok_or_else(error)?,
                Space::Plain | Space::Slots | Space::Cells => *old,
            };
        }
        Instruction::from_parts(row.number, operands.get(..row.operands.len()).unwrap_or_default())
            .map_err(|_: DecodeError| error())
    }

    fn undefined(&self, index: usize) -> BuildError {
        BuildError::UndefinedFunction(self.builder.names.get_index(index).cloned().unwrap_or_default())
    }

    fn write(&self) -> Result<Vec<u8>, BuildError> {
        let entry = match &self.builder.entry {
            Some((name, result)) => {
                let number = self.functions.iter().position(|(function, _)| function == name);
                let number = number.ok_or_else(|| BuildError::UndefinedFunction(name.clone()))?;
                Some(Entry { function: number as u32, result: *result })
            }
            None => None,
        };
        let mut code = Vec::new();
        let mut drafts = Vec::with_capacity(self.functions.len());
        let mut debug = Vec::new();
        for (name, draft) in &self.functions {
            let offsets = Layout::offsets(&draft.code);
            let start = code.len();
            for (place, instruction) in draft.code.iter().enumerate() {
                self.renumber(name, place, *instruction, &offsets)?.encode(&mut code);
            }
            let slots = draft.slots.iter().map(|slot| match slot {
                SlotKind::Stencil(type_ref) => SlotKind::Stencil(self.renumber_type(*type_ref)),
                other => *other,
            });
            drafts.push((*name, *draft, slots.collect::<Vec<_>>(), code.len() - start));
            debug.extend(draft.debug.as_ref().map(|debug| place_lines(debug, &offsets)));
        }
        for (name, _, slots, length) in &drafts {
            let limits = [
                ("the code of", *length, container::functions::MOST_CODE),
                ("the number of slots of", slots.len(), usize::from(u16::MAX)),
                ("the number of parameters of", mangle::parse(name).map_or(0, |s| s.parameters.len()), 255),
            ];
            for (what, found, limit) in limits {
                if found > limit {
                    return Err(BuildError::Limit { what: format!("{what} `{name}`"), found, limit });
                }
            }
        }

        let mut sections: Vec<(u16, Vec<u8>)> = Vec::new();
        let mut section = |id: SectionId, body: Vec<u8>| sections.push((id as u16, body));
        let body = |write: &dyn Fn(&mut Vec<u8>)| {
            let mut out = Vec::new();
            write(&mut out);
            out
        };
        section(
            SectionId::Metadata,
            body(&|out| container::metadata::write(out, entry, &self.builder.producer, &self.builder.sources)),
        );
        let constants: Vec<Value<'_>> = self.constants.iter().filter_map(|index| self.constant(*index)).collect();
        if !constants.is_empty() {
            section(SectionId::Constants, body(&|out| container::constants::write(out, &constants)));
        }
        if !self.stencils.is_empty() {
            section(SectionId::Types, body(&|out| container::types::write(out, &self.stencils)));
        }
        let imports: Vec<(ImportKind, &str)> = self.imports.iter().filter_map(|index| self.import(*index)).collect();
        if !imports.is_empty() {
            section(SectionId::Imports, body(&|out| container::imports::write(out, &imports)));
        }
        section(
            SectionId::Functions,
            body(&|out| {
                container::functions::write(
                    out,
                    drafts.iter().enumerate().map(|(index, (name, draft, slots, length))| {
                        container::functions::Draft {
                            name,
                            exported: draft.exported,
                            max_stack: draft.max_stack.or(self.stacks.get(index).copied()).unwrap_or(u16::MAX),
                            slots,
                            code_length: *length as u32,
                        }
                    }),
                );
            }),
        );
        section(SectionId::Code, code);
        if debug.len() == drafts.len() && !self.builder.sources.is_empty() {
            section(SectionId::Debug, body(&|out| container::debug::write(out, debug.iter())));
        }
        sections.extend(self.builder.custom.iter().cloned());
        sections.sort_by_key(|(id, _)| *id);
        Ok(assemble(self.builder.kind, &sections))
    }

    fn constant(&self, index: u32) -> Option<Value<'_>> {
        Some(match self.builder.constants.get_index(index as usize)? {
            ConstantValue::Scalar(tag, cell) => Value::Scalar(*tag, *cell),
            ConstantValue::String(text) => Value::String(text),
        })
    }

    fn import(&self, index: u32) -> Option<(ImportKind, &str)> {
        let (name, kind) = self.builder.imports.get_index(index as usize)?;
        Some((*kind, name))
    }
}

/// Line records by byte offset, without those that change nothing.
fn place_lines(debug: &FunctionDebug, offsets: &[u32]) -> FunctionDebug {
    let end = offsets.last().copied().unwrap_or(0);
    let mut lines: Vec<Line> = Vec::new();
    for line in &debug.lines {
        let Some(&offset) = offsets.get(line.offset as usize).filter(|offset| **offset < end) else { continue };
        if let Some(last) = lines.last_mut().filter(|last| last.offset == offset) {
            last.line = line.line;
        } else {
            lines.push(Line { offset, line: line.line });
        }
    }
    lines.dedup_by_key(|line| line.line);
    FunctionDebug { lines, ..debug.clone() }
}

/// Header, table and bodies with their checksums.
fn assemble(kind: container::Kind, sections: &[(u16, Vec<u8>)]) -> Vec<u8> {
    let table_end = Header::SIZE + sections.len() * SectionRecord::SIZE;
    let file_length = table_end + sections.iter().map(|(_, body)| body.len()).sum::<usize>();
    let mut header = Header {
        magic: MAGIC,
        version: VERSION,
        kind: kind as u8,
        reserved: 0,
        sections: sections.len() as u32,
        file_length: file_length as u64,
        reserved2: 0,
        checksum: 0,
    };
    let mut offset = table_end as u64;
    let records: Vec<SectionRecord> = sections
        .iter()
        .map(|(id, body)| {
            let critical = SectionId::from_number(*id).is_some_and(SectionId::is_critical);
            let record = SectionRecord {
                id: *id,
                flags: if critical { SectionRecord::CRITICAL } else { 0 },
                checksum: crc32fast::hash(body),
                offset,
                length: body.len() as u64,
            };
            offset += record.length;
            record
        })
        .collect();
    header.checksum = crc32fast::hash(&head(&header, &records));
    let mut bytes = head(&header, &records);
    bytes.reserve_exact(file_length - table_end);
    sections.iter().for_each(|(_, body)| bytes.extend_from_slice(body));
    bytes
}

fn head(header: &Header, records: &[SectionRecord]) -> Vec<u8> {
    let mut head = io::Cursor::new(Vec::new());
    // Writing to memory does not fail.
    let written = header.write(&mut head).and_then(|()| records.iter().try_for_each(|record| record.write(&mut head)));
    debug_assert!(written.is_ok());
    head.into_inner()
}
