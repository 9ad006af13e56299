//! What a call begins with: strings, static blocks and arguments in memory, scalars in registers.

use super::vm::Stop;
use super::{Interpreter, Vm, at, memory};
use crate::value::Value;
use alloc::vec::Vec;
use vega_format::cell;
use vega_format::stencil::TypeRef;
use vega_format::types::{Tag, Type};
use vega_format::verify::{CellType, parameter_cells};

impl Interpreter<'_> {
    /// Puts everything there that a call begins with.
    pub(super) fn begin(&mut self, types: &[Type], arguments: &[Value], statics: &[Vec<u8>]) -> Result<(), Stop> {
        let (vm, registers) = (&mut self.vm, self.registers.frame(0));
        let module = vm.module;
        vm.place(module.string_bytes())?;
        vm.meter.take_memory(module.static_bytes())?;
        for (block, image) in module.statics().zip(statics) {
            let start = vm.place_zeroes(block.capacity as usize)?;
            vm.bytes_mut(start, image.len())?.copy_from_slice(image);
        }
        let mut next: u16 = 0;
        let mut push = |cell: u64| {
            registers[at(next)] = cell;
            next += 1;
        };
        for (argument, type_) in arguments.iter().zip(types) {
            match (argument, type_) {
                (Value::Scalar(tag, bits), type_) => {
                    push(canonical(*tag, *bits));
                    if let Type::Union(_) = type_ {
                        push(tag.number().into());
                    }
                }
                (Value::String(text), _) => {
                    let start = vm.place(text.as_bytes())?;
                    push(start as u64 | (text.len() as u64) << 32);
                }
                (Value::View(elements), type_) => {
                    let cells = parameter_cells(module.stencils(), type_).unwrap_or_default();
                    let Some(CellType::View { element, .. }) = cells.first() else {
                        return Err(Stop::Broken("an argument of another type"));
                    };
                    let start = vm.place_elements(elements, *element)?;
                    push(start as u64 | (elements.len() as u64) << 32);
                }
            }
        }
        vm.enter_first()
    }
}

impl Vm<'_> {
    /// Puts bytes at the start of memory, behind those that are there.
    fn place(&mut self, bytes: &[u8]) -> Result<usize, Stop> {
        let start = self.place_zeroes(bytes.len())?;
        self.bytes_mut(start, bytes.len())?.copy_from_slice(bytes);
        Ok(start)
    }

    /// Room for an argument of the host, which is zero.
    pub(crate) fn place_argument(&mut self, bytes: usize) -> Result<usize, Stop> {
        self.place_zeroes(bytes)
    }

    fn place_zeroes(&mut self, bytes: usize) -> Result<usize, Stop> {
        self.count_linear(bytes as u64)?;
        self.extend(bytes)
    }

    /// Puts the elements of a view there; gives the address of the first.
    fn place_elements(&mut self, elements: &[Value], element: TypeRef) -> Result<usize, Stop> {
        let size = self.module.stencils().size(element) as usize;
        // All at once, so that too many are found out before the first is there.
        let start = self.place_zeroes(elements.len().saturating_mul(size))?;
        for (value, at) in elements.iter().zip((start..).step_by(size.max(1))) {
            match value {
                Value::Scalar(tag, bits) => {
                    let written = memory::write_tagged(&mut self.memory, at, *tag, *bits);
                    written.ok_or(Stop::Broken("bytes outside memory"))?;
                }
                Value::String(text) => self.bytes_mut(at, text.len())?.copy_from_slice(text.as_bytes()),
                Value::View(_) => return Err(Stop::Broken("an argument of another type")),
            }
        }
        Ok(start)
    }
}

/// What a host made may have bits that no cell of this type has.
pub(super) fn canonical(tag: Tag, bits: u64) -> u64 {
    let (bytes, _) = cell::encode(tag, bits);
    cell::decode(tag, &bytes)
}
