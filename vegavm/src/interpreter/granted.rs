//! [`Granted`]: the functions that a host grants by name, as a run calls them.

use super::begin::canonical;
use super::window::{Registers, at};
use super::{Call, Host, Stop, Vm};
use crate::native::{HostCall, HostError, Imports};
use crate::value::{Cell, CellKind, Value};
use alloc::borrow::ToOwned;
use alloc::collections::{BTreeMap, btree_map};
use alloc::string::String;
use alloc::string::ToString;
use alloc::vec::Vec;
use vega_format::parsed::Parsed;
use vega_format::trap::Trap;
use vega_format::types::Type;
use vega_format::verify::parameter_cells;

/// The functions that are granted by name, with what is known of those that were called.
pub(crate) struct Granted<'g, 'h> {
    imports: &'g mut Imports<'h>,
    known: BTreeMap<u32, Import>,
}

impl<'g, 'h> Granted<'g, 'h> {
    pub(crate) fn new(imports: &'g mut Imports<'h>) -> Granted<'g, 'h> {
        Granted { imports, known: BTreeMap::new() }
    }
}

impl Host for Granted<'_, '_> {
    fn call(&mut self, vm: &mut Vm<'_>, registers: &mut Registers) -> Result<(), Stop> {
        let Call { number, first, .. } = vm.call;
        let import = match self.known.entry(number) {
            btree_map::Entry::Occupied(known) => known.into_mut(),
            btree_map::Entry::Vacant(place) => place.insert(Import::of(vm.module, number).ok_or(NO_IMPORT)?),
        };
        let bits = registers.get(at(first)..).unwrap_or_default();
        let cells = import.kinds.iter().zip(bits).map(|(kind, bits)| Cell { kind: *kind, bits: *bits });
        let cells: Vec<_> = cells.collect();
        vm.settle();
        let stencils = vm.module.stencils();
        let mut call = HostCall::new(&cells, stencils, &mut vm.memory, &mut vm.meter);
        let called = self.imports.call(&import.name, &mut call);
        called.map_err(|error| stop_of(error, &import.words))?;
        let failed = |cause: String| Trap::HostFailed { function: import.words.clone(), cause };
        match (call.into_result(), &import.result) {
            (None, None) => Ok(()),
            (Some(Value::Scalar(tag, bits)), Some(type_)) if Value::Scalar(tag, bits).fits(type_) => {
                registers[at(first)] = canonical(tag, bits);
                if let Type::Union(_) = type_ {
                    registers[at(first.wrapping_add(1))] = tag.number().into();
                }
                Ok(())
            }
            (Some(found), wanted) => {
                let wanted = wanted.as_ref().map_or("nothing".to_owned(), ToString::to_string);
                Err(failed(format!("it gave `{found}`, which is no {wanted}")).into())
            }
            (None, Some(wanted)) => Err(failed(format!("it gave nothing, not {wanted}")).into()),
        }
    }
}

/// How a run ends in which a host function failed.
pub(crate) fn stop_of(error: HostError, function: &str) -> Stop {
    match error {
        #[cfg(feature = "std")]
        HostError::Io(error) => Stop::HostIo(error.to_string()),
        HostError::Failed(cause) => Trap::HostFailed { function: function.to_owned(), cause }.into(),
        HostError::Limit(limit) => limit.into(),
        HostError::Cancelled => crate::cancel::Halt::Cancelled.into(),
    }
}

const NO_IMPORT: Stop = Stop::Broken("the import is not there");

/// What a call of the host wants to know.
#[derive(Debug, Clone)]
struct Import {
    name: String,
    words: String,
    kinds: Vec<CellKind>,
    result: Option<Type>,
}

impl Import {
    fn of(module: &Parsed<'_>, number: u32) -> Option<Import> {
        let import = module.import(number)?;
        let mut kinds = Vec::new();
        for type_ in import.signature.parameters {
            kinds.extend(parameter_cells(module.stencils(), type_).ok()?.into_iter().map(CellKind::from));
        }
        let (name, words) = (import.name.to_owned(), import.signature.to_string());
        Some(Import { name, words, kinds, result: import.signature.result.cloned() })
    }
}
