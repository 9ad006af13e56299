//! Calls of other functions, with arguments that they may take.

use super::{Belief, Body};
use crate::generate::{Parameter, ROW, int_or_bool};
use vega_format::container::SlotKind;
use vega_format::instruction::{Cell, Depth, Instruction, Offset, Slot, Target};
use vega_format::types::{Tag, Type};

impl Body<'_> {
    pub(in crate::generate) fn call(&mut self) {
        let Some(own) = self.shapes.get(self.index) else { return };
        let back = own.recursive && self.random.percent(60);
        let range = if back { 1..self.index + 1 } else { self.index + 1..self.shapes.len() };
        let callees: Vec<usize> = range
            .filter(|callee| !back || self.shapes.get(*callee).is_some_and(|shape| shape.recursive))
            .filter(|callee| self.has_arguments(*callee))
            .collect();
        let Some(callee) = self.random.pick(&callees).copied() else { return };
        let Some(shape) = self.shapes.get(callee).cloned() else { return };
        // What calls back does so while there is fuel, which gets less with every call.
        let over = back.then(|| {
            self.push(Instruction::CellLoad { cell: Cell(0) });
            self.int(0);
            self.push(Instruction::GtInt {});
            self.jump_later(Instruction::JumpFalse { target: Target(0) })
        });
        if self.index > 0 {
            self.push(Instruction::CellLoad { cell: Cell(0) });
            self.int(1);
            self.push(Instruction::SubInt {});
        } else {
            let fuel = self.random.below(7) as i32;
            self.int(fuel);
        }
        for parameter in &shape.parameters {
            self.argument(*parameter);
        }
        let function = self.builder.function(&shape.mangled);
        self.push(Instruction::Call { function });
        self.note_result(shape.result);
        over.into_iter().for_each(|jump| self.land(jump));
    }

    fn argument(&mut self, parameter: Parameter) {
        match parameter {
            Parameter::Scalar(tag) => self.value(tag),
            Parameter::Union => self.union_value(),
            Parameter::Bytes => self.bytes_view(),
            Parameter::Pair => {
                self.value(Tag::Int);
                self.value(Tag::Bool);
            }
            Parameter::Row => match (self.find_row(), self.find_parameter(Parameter::Row)) {
                (Some(slot), _) => self.push(Instruction::FieldView { slot, offset: Offset(0), depth: Depth(0) }),
                (None, Some(cell)) => self.push(Instruction::CellLoad { cell }),
                (None, None) => {}
            },
        }
    }

    /// Whether there is something to hand over for every parameter.
    fn has_arguments(&mut self, callee: usize) -> bool {
        let parameters = self.shapes.get(callee).map(|shape| shape.parameters.clone()).unwrap_or_default();
        parameters.into_iter().all(|parameter| match parameter {
            Parameter::Scalar(_) | Parameter::Pair => true,
            Parameter::Row => self.find_parameter(parameter).is_some() || self.find_row().is_some(),
            Parameter::Union => self.find_parameter(parameter).is_some() || self.find_union().is_some(),
            Parameter::Bytes => self.find_parameter(parameter).is_some() || self.find_bytes().is_some(),
        })
    }

    fn union_value(&mut self) {
        match (self.find_parameter(Parameter::Union), self.find_union()) {
            (Some(cell), _) => self.push(Instruction::CellLoad { cell }),
            (None, Some(slot)) => self.push(Instruction::VarLoad { slot }),
            (None, None) => {}
        }
    }

    fn bytes_view(&mut self) {
        match (self.find_bytes(), self.find_parameter(Parameter::Bytes)) {
            (Some(slot), _) => self.push(Instruction::ArrayView { slot }),
            (None, Some(cell)) => self.push(Instruction::CellLoad { cell }),
            (None, None) => {}
        }
    }

    /// A variable of `int|bool`: one that has a value, or any in a careless function.
    fn find_union(&mut self) -> Option<Slot> {
        let any = self.mood.careless > 0;
        let wanted = SlotKind::Variable(int_or_bool());
        self.find(|kind, belief| kind == wanted && (any || matches!(belief, Belief::There(_, true))))
    }

    /// An array of bytes: one that is there, or any in a careless function.
    fn find_bytes(&mut self) -> Option<Slot> {
        let any = self.mood.careless > 0;
        let kinds = self.slots.iter().map(|kind| self.element(*kind) == Some(Tag::Byte));
        let both = kinds.zip(&self.beliefs).enumerate();
        let fits = |belief: Belief| any || matches!(belief, Belief::There(..));
        let found: Vec<usize> =
            both.filter(|(_, (bytes, belief))| *bytes && fits(**belief)).map(|(slot, _)| slot).collect();
        self.random.pick(&found).map(|slot| Slot(*slot as u16))
    }

    /// A struct that can be lent: one that is there, or any in a careless function.
    fn find_row(&mut self) -> Option<Slot> {
        let any = self.mood.careless > 0;
        let row = self.builder.stencils().find(&Type::Struct(ROW.to_owned()))?;
        self.find(|kind, belief| kind == SlotKind::Stencil(row) && (any || matches!(belief, Belief::There(..))))
    }

    pub(in crate::generate) fn find_parameter(&self, wanted: Parameter) -> Option<Cell> {
        let shape = self.shapes.get(self.index).filter(|_| self.index > 0)?;
        let place = shape.parameters.iter().position(|parameter| *parameter == wanted)?;
        Some(Cell(1 + shape.parameters.iter().take(place).map(|one| one.cells()).sum::<u16>()))
    }
}
