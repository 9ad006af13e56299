//! A function of a file that is there, taken over into a [`Builder`]: what [`Builder::from_parsed`] does.
//!
//! [`Builder::adopt_tables`] gives constants, static blocks, imports and types of the file their numbers in the builder;
//! [`Builder::adopt`] takes over one function, its operands renumbered by the space that their kind points into. What
//! is adopted and never used falls away when the builder is written, so it does not matter that the tables come whole.

use crate::builder::{Builder, FunctionDraft, StaticDraft};
use crate::container::{self, ImportKind, Line, SlotKind};
use crate::instruction::{self, Constant, Import, Instruction, Space, Static};
use crate::parsed::{CallTarget, Parsed};
use crate::stencil::{StencilError, TypeRef};
use alloc::vec::Vec;

/// The builder's numbers of a file's constants, imports and types.
#[derive(Debug)]
pub struct Adopted {
    constants: Vec<Constant>,
    imports: Vec<Import>,
    statics: Vec<Static>,
    types: Vec<TypeRef>,
}

impl Adopted {
    /// A type of the file as the builder knows it.
    fn type_ref(&self, type_ref: TypeRef) -> TypeRef {
        match type_ref {
            TypeRef::Scalar(_) => type_ref,
            TypeRef::Stencil(index) => self.types.get(index as usize).copied().unwrap_or(type_ref),
        }
    }
}

impl Builder {
    /// Takes over constants, types and imports of a file.
    ///
    /// # Errors
    /// A struct of the builder has the name of one of the file, and other fields: which one.
    pub fn adopt_tables(&mut self, parsed: &Parsed<'_>) -> Result<Adopted, (u32, StencilError)> {
        let constants = parsed.constants().map(|value| self.constant(value.into())).collect();
        for import in parsed.imports() {
            import.bound.into_iter().for_each(|bytes| self.bound(import.kind, import.name, bytes));
        }
        let host = parsed.imports().filter(|import| import.kind == ImportKind::Host);
        let imports = host.map(|import| self.import(import.name)).collect();
        let types = Vec::with_capacity(parsed.stencils().len());
        let mut adopted = Adopted { constants, imports, statics: Vec::new(), types };
        for (index, stencil) in (0..).zip(parsed.stencils().iter()) {
            let type_ref =
                self.stencil(stencil.with_parts(|part| adopted.type_ref(part))).map_err(|error| (index, error))?;
            adopted.types.push(type_ref);
        }
        for block in parsed.statics() {
            let variables = block.variables.iter().map(|(_, type_ref)| adopted.type_ref(*type_ref)).collect();
            let draft = StaticDraft { capacity: block.capacity, variables, image: block.image.to_vec() };
            adopted.statics.push(self.static_block(draft));
        }
        Ok(adopted)
    }

    /// A function of a file whose tables were adopted, as it is handed to this builder. Its calls are by name; the
    /// source of its lines is still that of the file. `None` if its code is malformed, or names what is not there.
    pub fn adopt(
        &mut self,
        parsed: &Parsed<'_>,
        function: &container::Function<'_>,
        adopted: &Adopted,
    ) -> Option<FunctionDraft> {
        let body: Vec<(u32, Instruction)> = instruction::walk(function.code).collect::<Result<_, _>>().ok()?;
        let end = function.code.len() as u32;
        let place = |offset: u32| match body.binary_search_by_key(&offset, |(start, _)| *start) {
            Ok(place) => Some(place),
            // A jump behind the last instruction can be written; that it is refused is for the verifier to say.
            Err(place) => (offset == end).then_some(place),
        };
        let mut missing = false;
        let mut code = Vec::with_capacity(body.len());
        for (offset, instruction) in &body {
            code.push(instruction.with_operands(|space, operand| {
                let index = operand as usize;
                let other = match space {
                    Space::Code => place(operand).map(|place| place as u32),
                    Space::Constants => adopted.constants.get(index).map(|constant| constant.0),
                    Space::Imports => adopted.imports.get(index).map(|import| import.0),
                    Space::Statics => adopted.statics.get(index).map(|block| block.0.into()),
                    Space::Functions => {
                        called(parsed, function.index, *offset, operand).map(|name| self.function(name).0)
                    }
                    Space::Plain | Space::Slots | Space::Cells => Some(operand),
                };
                missing |= other.is_none();
                other.unwrap_or(operand)
            }));
        }
        let debug = parsed.debug(function.index).map(|mut debug| {
            let line = |line: &Line| Some(Line { offset: place(line.offset)? as u32, line: line.line });
            debug.lines = debug.lines.iter().filter_map(line).collect();
            debug
        });
        let slot = |slot: &SlotKind| match slot {
            SlotKind::Stencil(type_ref) => SlotKind::Stencil(adopted.type_ref(*type_ref)),
            other => *other,
        };
        let draft = FunctionDraft {
            exported: function.exported,
            slots: function.slots.iter().map(slot).collect(),
            max_stack: Some(function.max_stack),
            limit: function.limit,
            code,
            debug,
        };
        (!missing).then_some(draft)
    }
}

/// The name of the function that a call calls, in this file or another.
fn called<'p>(parsed: &'p Parsed<'_>, function: u32, offset: u32, operand: u32) -> Option<&'p str> {
    match parsed.call_target(function, offset, operand) {
        CallTarget::Function(called) => parsed.function(called).map(|function| function.name),
        CallTarget::Import(import) => parsed.import(import).map(|import| import.name),
    }
}
