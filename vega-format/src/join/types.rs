//! The types that are needed, in the order of their first use, and their numbers in the new file.

use super::{BuildError, Code, Definition, Join, Pick, SlotKind};
use crate::read::signature_stencils;
use crate::stencil::{StencilError, StencilTable, TypeRef};
use crate::types::Type;
use alloc::vec::Vec;

/// The types of the new file.
#[derive(Debug, Default)]
pub(super) struct Types {
    pub(super) table: StencilTable,
    /// By file: the new number of each of its types.
    numbers: Vec<Vec<TypeRef>>,
}

impl Types {
    /// Finds them.
    pub(super) fn of(join: &Join<'_>, code: &Code<'_>) -> Result<Types, BuildError> {
        let mut all = Types::default();
        if join.files.iter().all(|file| file.stencils().is_empty()) {
            return Ok(all);
        }
        for file in &join.files {
            let mut numbers = Vec::with_capacity(file.stencils().len());
            for stencil in file.stencils().iter() {
                let stencil = stencil.with_parts(|part| renumbered(&numbers, part));
                numbers.push(all.table.intern(stencil).map_err(BuildError::Stencil)?);
            }
            all.numbers.push(numbers);
        }
        let roots = all.roots(join, code)?;
        let mut table = StencilTable::default();
        let mut places = vec![TypeRef::Stencil(u32::MAX - TypeRef::FIRST_STENCIL); all.table.len()];
        for index in all.table.order_of_use(roots) {
            let Some(stencil) = all.table.get(index) else { continue };
            let type_ref = table.push(stencil.with_parts(|part| renumbered(&places, part)));
            let type_ref = type_ref.map_err(BuildError::Stencil)?;
            places.iter_mut().skip(index as usize).take(1).for_each(|place| *place = type_ref);
        }
        for type_ref in all.numbers.iter_mut().flatten() {
            *type_ref = renumbered(&places, *type_ref);
        }
        Ok(Types { table, numbers: all.numbers })
    }

    /// The new number of a type of a file.
    pub(super) fn renumber(&self, file: u32, type_ref: TypeRef) -> TypeRef {
        self.numbers.get(file as usize).map_or(type_ref, |numbers| renumbered(numbers, type_ref))
    }

    /// The types that imports, functions and static blocks speak of, in this order.
    fn roots(&self, join: &Join<'_>, code: &Code<'_>) -> Result<Vec<TypeRef>, BuildError> {
        let mut roots = Vec::new();
        for (_, (place, index)) in code.hosts.iter().chain(&code.modules) {
            let Some(import) = join.file(*place).and_then(|file| file.import(*index)) else { continue };
            let import = (import.signature.parameters, import.signature.result);
            self.add_signature(join, *place, import, &mut roots)?;
        }
        // What types the signatures of a file speak of, by their numbers.
        let mut known: Vec<Vec<Option<Vec<TypeRef>>>> = join.files.iter().map(|_| Vec::new()).collect();
        for Definition { file: place, function } in join.picks.iter().copied().map(Pick::definition) {
            let Some(file) = join.file(place).filter(|file| !file.stencils().is_empty()) else { continue };
            let (Some(function), Some(number), Some(known)) =
                (file.function(function), file.signature_number(function), known.get_mut(place as usize))
            else {
                continue;
            };
            if known.len() <= number as usize {
                known.resize(number as usize + 1, None);
            }
            let Some(known) = known.get_mut(number as usize) else { continue };
            if known.is_none() {
                let mut speaks_of = Vec::new();
                let signature = (function.signature.parameters, function.signature.result);
                self.add_signature(join, place, signature, &mut speaks_of)?;
                *known = Some(speaks_of);
            }
            roots.extend(known.iter().flatten().copied());
            roots.extend(function.slots.iter().filter_map(|slot| match slot {
                SlotKind::Stencil(type_ref) => Some(self.renumber(place, *type_ref)),
                _ => None,
            }));
        }
        for (place, index) in &code.statics {
            let block = join.file(*place).and_then(|file| file.static_block(*index));
            let variables = block.iter().flat_map(|block| block.variables);
            roots.extend(variables.map(|(_, type_ref)| self.renumber(*place, *type_ref)));
        }
        Ok(roots)
    }

    fn add_signature(
        &self,
        join: &Join<'_>,
        place: u32,
        (parameters, result): (&[Type], Option<&Type>),
        roots: &mut Vec<TypeRef>,
    ) -> Result<(), BuildError> {
        let Some(file) = join.file(place) else { return Ok(()) };
        for root in signature_stencils(file.stencils(), parameters, result) {
            // The reader has found all of them.
            let root = root.map_err(|_| BuildError::Stencil(StencilError::Empty))?;
            roots.push(self.renumber(place, root));
        }
        Ok(())
    }
}

fn renumbered(numbers: &[TypeRef], type_ref: TypeRef) -> TypeRef {
    match type_ref {
        TypeRef::Scalar(_) => type_ref,
        TypeRef::Stencil(index) => numbers.get(index as usize).copied().unwrap_or(type_ref),
    }
}
