//! Bounded text → instructions: of a variable by its slot, of a part by a view and the number of an element.

use super::FunctionGenerator;
use super::place::is_simple;
use crate::checked::{Base, Expression, Place, Type};
use vega_format::instruction::{Instruction, Offset, Slot};

impl FunctionGenerator<'_> {
    /// The slot of a variable that is a text as a whole.
    fn text_slot(&self, place: &Place) -> Option<Slot> {
        match place.base {
            Base::Stencil(slot) if self.whole_of(place).map(Type::Stencil) == Some(place.type_) => Some(Slot(slot)),
            _ => None,
        }
    }

    /// Pushes a string that shows a text.
    pub(super) fn load_text(&mut self, place: &Place) {
        if let Some(slot) = self.text_slot(place) {
            return self.code.emit(Instruction::TextView { slot }, 1);
        }
        let offset = match &place.base {
            Base::Element(slot, index) if is_simple(index) => {
                self.code.emit(Instruction::ArrayView { slot: Slot(*slot) }, 1);
                self.expression(index);
                Offset(place.offset)
            }
            Base::ViewElement(..) | Base::Lent(..) => {
                self.operands_of(place);
                Offset(place.offset)
            }
            _ => {
                self.view(place);
                self.first_index();
                Offset(0)
            }
        };
        self.code.emit(Instruction::ViewText { offset }, -1);
    }

    /// Stores the string on top; the operands of the place lie beneath, from `bottom` on. All of them go.
    pub(super) fn store_text(&mut self, place: &Place, bottom: u32) {
        if let Some(slot) = self.text_slot(place) {
            return self.code.emit(Instruction::TextStore { slot }, -1);
        }
        let value = self.code.depth().saturating_sub(1);
        self.store_text_of(place, bottom, value);
        self.pop_to(bottom);
    }

    /// Stores the string in a cell of the stack in a text that is a part; the operands of the place lie in the cells
    /// from `operands` on. All of them stay.
    pub(super) fn store_text_of(&mut self, place: &Place, operands: u32, value: u32) {
        let offset = self.text_again(place, operands);
        self.load_stack_cell(value);
        self.code.emit(Instruction::ViewTextStore { offset }, -3);
    }

    /// Appends a value. What leads to the place does nothing and stays the same.
    pub(super) fn append(&mut self, place: &Place, value: &Expression) {
        let is_string = value.type_ == Type::String;
        let bottom = self.code.depth();
        self.expression(value);
        let cells = self.cells_of(value) as i32;
        if let Some(slot) = self.text_slot(place) {
            let append = Instruction::TextAppend { slot };
            return self.code.emit(if is_string { append } else { Instruction::TextFormat { slot } }, -cells);
        }
        let operands = self.code.depth();
        self.operands_of(place);
        let offset = self.text_again(place, operands);
        self.load_stack_cells(bottom, cells);
        let append = Instruction::ViewTextAppend { offset };
        self.code.emit(if is_string { append } else { Instruction::ViewTextFormat { offset } }, -2 - cells);
        self.pop_to(bottom);
    }

    /// Pushes a view and the number of the element in which a text stands, for a place whose operands lie in the cells
    /// from `operands` on; gives where in the element.
    fn text_again(&mut self, place: &Place, operands: u32) -> Offset {
        if let Base::ViewElement(..) | Base::Lent(..) = place.base {
            self.load_stack_cell(operands);
            self.load_stack_cell(operands + 1);
            return Offset(place.offset);
        }
        self.view_again(place, operands);
        self.first_index();
        Offset(0)
    }
}
