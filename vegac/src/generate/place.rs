//! Places → instructions: what is pushed to reach one, how a scalar there is loaded and stored, how it is viewed.

use super::FunctionGenerator;
use crate::checked::{Base, Expression, Kind, Place, Type};
use vega_format::builder::ConstantValue;
use vega_format::container::SlotKind;
use vega_format::instruction::{Cell, Depth, Instruction, Offset, Slot, Static};
use vega_format::stencil::{MOST_CELLS, TypeRef};
use vega_format::types::Tag;

/// The static block of the module, which has one at most.
const BLOCK: Static = Static(0);

impl FunctionGenerator<'_> {
    /// Pushes what lies beneath the value when a place is loaded or stored: nothing, an index, or a view and an index.
    pub(super) fn operands_of(&mut self, place: &Place) {
        match &place.base {
            Base::Variable(_) | Base::Stencil(_) | Base::Cells(..) | Base::Static(..) => {}
            Base::Element(_, index) => self.expression(index),
            Base::ViewElement(view, index) => {
                self.expression(view);
                self.expression(index);
            }
            Base::Lent(binding, _) => {
                self.load_binding(*binding, 0);
                self.first_index();
            }
        }
    }

    /// The index of what is viewed alone.
    pub(super) fn first_index(&mut self) {
        self.constant(ConstantValue::Scalar(Tag::Int, 0));
    }

    /// Pushes the scalar or union at a place whose operands lie on top.
    pub(super) fn load(&mut self, place: &Place) {
        let offset = Offset(place.offset);
        let tag = tag_of(place);
        match &place.base {
            Base::Variable(slot) => {
                let cells = if matches!(place.type_, Type::Union(_)) { 2 } else { 1 };
                self.code.emit(Instruction::VarLoad { slot: Slot(*slot) }, cells);
            }
            Base::Stencil(slot) => self.code.emit(Instruction::FieldLoad { slot: Slot(*slot), offset, tag }, 1),
            Base::Element(slot, _) => self.code.emit(Instruction::ElemLoad { slot: Slot(*slot), offset, tag }, 0),
            Base::ViewElement(..) | Base::Lent(..) => self.code.emit(Instruction::ViewLoad { offset, tag }, -1),
            Base::Static(start, _) => {
                let offset = Offset(start + place.offset);
                self.code.emit(Instruction::StaticLoad { block: BLOCK, offset, tag }, 1);
            }
            Base::Cells(binding, whole) => {
                let scalars = self.stencils().scalars(*whole, MOST_CELLS).unwrap_or_default();
                let cell = scalars.iter().position(|(at, _)| *at == place.offset).unwrap_or(usize::MAX);
                self.load_binding(*binding, cell);
            }
        }
    }

    /// Stores the value on top, of so many cells; the operands of the place lie beneath.
    pub(super) fn store(&mut self, place: &Place, cells: u32) {
        let offset = Offset(place.offset);
        let tag = tag_of(place);
        let cells = cells as i32;
        match &place.base {
            Base::Variable(slot) => self.code.emit(Instruction::VarStore { slot: Slot(*slot) }, -cells),
            Base::Stencil(slot) => self.code.emit(Instruction::FieldStore { slot: Slot(*slot), offset, tag }, -cells),
            Base::Element(slot, _) => {
                self.code.emit(Instruction::ElemStore { slot: Slot(*slot), offset, tag }, -cells - 1);
            }
            Base::ViewElement(..) => self.code.emit(Instruction::ViewStore { offset, tag }, -cells - 2),
            Base::Static(start, _) => {
                let offset = Offset(start + place.offset);
                self.code.emit(Instruction::StaticStore { block: BLOCK, offset, tag }, -cells);
            }
            // They can only be read.
            Base::Cells(..) | Base::Lent(..) => {}
        }
    }

    /// Pushes a view of what stands at a place: of the elements of an array, or of a struct or tuple alone.
    pub(super) fn view(&mut self, place: &Place) {
        let bottom = self.code.depth();
        match &place.base {
            // No local view lies on the stack while an index is computed that may end an arena.
            Base::Element(_, index) if !is_simple(index) => {
                self.operands_of(place);
                self.view_again(place, bottom);
                self.slide(1, 1);
            }
            Base::Element(slot, index) => {
                self.code.emit(Instruction::ArrayView { slot: Slot(*slot) }, 1);
                self.expression(index);
                self.narrow(place);
            }
            Base::Lent(binding, whole) if place.type_ == Type::Stencil(*whole) => self.load_binding(*binding, 0),
            Base::ViewElement(..) | Base::Lent(..) => {
                self.operands_of(place);
                self.narrow(place);
            }
            Base::Variable(_) | Base::Stencil(_) | Base::Cells(..) | Base::Static(..) => {
                self.view_again(place, bottom);
            }
        }
    }

    /// The same for a place whose operands lie in the cells of the stack from `operands` on, where they stay.
    pub(super) fn view_again(&mut self, place: &Place, operands: u32) {
        match &place.base {
            Base::Stencil(slot) => {
                let (slot, whole) = (Slot(*slot), self.whole_of(place));
                let is_array = whole.is_some_and(|whole| self.stencils().array(whole).is_some());
                self.code.emit(
                    match whole.map(Type::Stencil) == Some(place.type_) && is_array {
                        true => Instruction::ArrayView { slot },
                        false => {
                            Instruction::FieldView { slot, offset: Offset(place.offset), depth: self.depth(place) }
                        }
                    },
                    1,
                );
            }
            Base::Element(slot, _) => {
                self.code.emit(Instruction::ArrayView { slot: Slot(*slot) }, 1);
                self.load_stack_cell(operands);
                self.narrow(place);
            }
            Base::ViewElement(..) | Base::Lent(..) => {
                self.load_stack_cell(operands);
                self.load_stack_cell(operands + 1);
                self.narrow(place);
            }
            Base::Static(start, _) => {
                let (offset, depth) = (Offset(start + place.offset), self.depth(place));
                self.code.emit(Instruction::StaticView { block: BLOCK, offset, depth }, 1);
            }
            Base::Variable(_) | Base::Cells(..) => debug_assert!(false, "no view shows a variable or cells"),
        }
    }

    /// From a view and an index to a view of a place in that element.
    fn narrow(&mut self, place: &Place) {
        let depth = self.depth(place);
        self.code.emit(Instruction::ViewField { offset: Offset(place.offset), depth }, -1);
    }

    /// How many parts that start where a place does are around it.
    fn depth(&self, place: &Place) -> Depth {
        let (Some(whole), Type::Stencil(part)) = (self.whole_of(place), place.type_) else { return Depth(0) };
        let is_it = |depth: &u8| self.stencils().part_at(whole, place.offset, *depth) == Some(part);
        Depth((0..=u8::MAX).find(is_it).unwrap_or(0))
    }

    /// The type in which the offset of a place counts.
    pub(super) fn whole_of(&self, place: &Place) -> Option<TypeRef> {
        let declared = |slot: u16| match self.slots.get(usize::from(slot)) {
            Some((SlotKind::Stencil(type_ref), _)) => Some(*type_ref),
            _ => None,
        };
        match &place.base {
            Base::Variable(_) => None,
            Base::Stencil(slot) => declared(*slot),
            Base::Element(slot, _) => Some(self.stencils().array(declared(*slot)?)?.0),
            Base::ViewElement(view, _) => match view.type_ {
                Type::View(element) => Some(element),
                _ => None,
            },
            Base::Cells(_, whole) | Base::Static(_, whole) | Base::Lent(_, whole) => Some(*whole),
        }
    }

    /// Pushes a cell of a parameter, a loop variable or a kept value.
    pub(super) fn load_binding(&mut self, binding: u32, cell: usize) {
        let first = usize::from(self.first_cell(binding));
        let cell = u16::try_from(first.saturating_add(cell)).unwrap_or(u16::MAX);
        self.code.emit(Instruction::CellLoad { cell: Cell(cell) }, 1);
    }

    fn first_cell(&self, binding: u32) -> u16 {
        self.module.cells.get(binding as usize).copied().unwrap_or(u16::MAX)
    }

    /// Pushes a value of so many cells that the frame keeps whole.
    pub(super) fn load_value(&mut self, binding: u32, cells: u32) {
        let first = self.first_cell(binding);
        self.code.emit(Instruction::CellLoad { cell: Cell(first) }, cells as i32);
    }

    /// Pushes a copy of a cell of the expression stack, counted from its bottom.
    pub(super) fn load_stack_cell(&mut self, cell: u32) {
        self.load_stack_cells(cell, 1);
    }

    /// The same of a value of so many cells.
    pub(super) fn load_stack_cells(&mut self, cell: u32, cells: i32) {
        let cell = u16::try_from(u32::from(self.parameters) + cell).unwrap_or(u16::MAX);
        self.code.emit(Instruction::CellLoad { cell: Cell(cell) }, cells);
    }
}

/// The type of a scalar place.
pub(super) fn tag_of(place: &Place) -> Tag {
    match place.type_ {
        Type::Scalar(tag) => tag,
        _ => Tag::Int,
    }
}

/// Whether computing this certainly opens no arena.
pub(super) fn is_simple(index: &Expression) -> bool {
    match &index.kind {
        Kind::Constant(..) | Kind::Cell(_) => true,
        Kind::Load(place) => {
            matches!(place.base, Base::Variable(_) | Base::Stencil(_) | Base::Cells(..) | Base::Static(..))
        }
        _ => false,
    }
}
