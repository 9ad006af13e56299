//! Structs, tuples and arrays as wholes: in cells on the stack, and from there or from elsewhere to their places.

use super::FunctionGenerator;
use crate::checked::{Base, Expression, Part, Place, Type, Whole};
use vega_format::builder::ConstantValue;
use vega_format::instruction::{Count, Instruction};
use vega_format::stencil::{MOST_CELLS, StencilTable, TypeRef};
use vega_format::types::Tag;

impl FunctionGenerator<'_> {
    pub(super) fn stencils(&self) -> &StencilTable {
        self.module.builder.stencils()
    }

    /// How many cells the value of an expression takes.
    pub(super) fn cells_of(&self, expression: &Expression) -> u32 {
        match expression.type_ {
            Type::Nothing | Type::Never | Type::Error => 0,
            Type::Union(_) => 2,
            Type::Stencil(_) => self.scalars_of(expression.type_).len() as u32,
            _ => 1,
        }
    }

    /// The scalars of a type with their offsets.
    fn scalars_of(&self, type_: Type) -> Vec<(u32, Tag)> {
        match type_ {
            Type::Scalar(tag) => vec![(0, tag)],
            Type::Stencil(type_ref) => self.stencils().scalars(type_ref, MOST_CELLS).unwrap_or_default(),
            _ => Vec::new(),
        }
    }

    /// Pushes a value that stays on the stack for a while, and remembers where; gives how many cells it has.
    pub(super) fn keep(&mut self, binding: u32, value: &Expression) -> u32 {
        let first = self.code.depth();
        self.expression(value);
        self.bind(binding, first);
        self.cells_of(value)
    }

    /// Pushes the scalars of what stands at a place.
    pub(super) fn load_whole(&mut self, place: &Place, type_ref: TypeRef) {
        let bottom = self.code.depth();
        self.operands_of(place);
        let operands = self.code.depth();
        let scalars = self.scalars_of(Type::Stencil(type_ref));
        for (offset, tag) in &scalars {
            for cell in bottom..operands {
                self.load_stack_cell(cell);
            }
            self.load(&scalar(place, *offset, *tag));
        }
        self.slide(scalars.len() as u32, operands - bottom);
    }

    /// Pushes the scalars of a literal in the order of their layout, zeroes for those that are left out. The parts are
    /// computed as they are written.
    pub(super) fn literal(&mut self, parts: &[Part], type_: Type) {
        let bottom = self.code.depth();
        let given = self.parts(parts);
        let wanted = self.scalars_of(type_);
        if given.iter().eq(wanted.iter().map(|(offset, _)| offset)) {
            return;
        }
        for (offset, tag) in &wanted {
            match given.iter().position(|at| at == offset) {
                Some(cell) => self.load_stack_cell(bottom + cell as u32),
                None => self.constant(ConstantValue::Scalar(*tag, 0)),
            }
        }
        self.slide(wanted.len() as u32, given.len() as u32);
    }

    /// Pushes the parts of a literal as they are written, each scalar and string a cell; gives where they belong.
    fn parts(&mut self, parts: &[Part]) -> Vec<u32> {
        let mut given = Vec::with_capacity(parts.len());
        for part in parts {
            self.expression(&part.value);
            match part.value.type_ {
                Type::String => given.push(part.offset),
                type_ => given.extend(self.scalars_of(type_).into_iter().map(|(offset, _)| part.offset + offset)),
            }
        }
        given
    }

    /// All that is to be stored first, then the stores.
    pub(super) fn assign_whole(&mut self, place: &Place, reserve: bool, value: &Whole) {
        let bottom = self.code.depth();
        self.operands_of(place);
        let operands = self.code.depth();
        let given = match value {
            Whole::Parts(parts) => self.parts(parts),
            Whole::Copy(from) => {
                self.view(from);
                Vec::new()
            }
        };
        if let (Base::Stencil(slot), true) = (&place.base, reserve) {
            self.reserve(*slot);
        }
        if let Whole::Copy(_) = value {
            self.view_again(place, bottom);
            self.code.emit(Instruction::ViewCopy {}, -2);
            return self.pop_to(bottom);
        }
        let given: Vec<Place> = given.into_iter().map(|offset| self.leaf(place, offset)).collect();
        let has_text = given.iter().any(|part| !matches!(part.type_, Type::Scalar(_)));
        match place.base {
            // The last one is on top.
            Base::Stencil(_) | Base::Static(..) if !has_text => given.iter().rev().for_each(|part| self.store(part, 1)),
            _ => {
                for (cell, part) in (operands..).zip(&given) {
                    if !matches!(part.type_, Type::Scalar(_)) {
                        self.store_text_of(part, bottom, cell);
                        continue;
                    }
                    for operand in bottom..operands {
                        self.load_stack_cell(operand);
                    }
                    self.load_stack_cell(cell);
                    self.store(part, 1);
                }
            }
        }
        self.pop_to(bottom);
    }

    /// The scalar or text that starts so many bytes into a place.
    fn leaf(&self, place: &Place, offset: u32) -> Place {
        let leaf = match place.type_ {
            Type::Stencil(type_ref) => self.stencils().leaf_at(type_ref, offset),
            _ => None,
        };
        let type_ = leaf.map_or(place.type_, |leaf| match leaf {
            TypeRef::Scalar(tag) => Type::Scalar(tag),
            TypeRef::Stencil(_) => Type::Stencil(leaf),
        });
        Place { offset: place.offset + offset, type_, ..place.clone() }
    }

    /// Drops what lies on the stack above this depth.
    pub(super) fn pop_to(&mut self, depth: u32) {
        match self.code.depth().saturating_sub(depth) {
            1 => self.code.emit(Instruction::StackPop {}, -1),
            cells => self.slide(0, cells),
        }
    }

    /// Drops cells that lie beneath the topmost ones.
    pub(super) fn slide(&mut self, keep: u32, drop: u32) {
        let mut left = drop;
        while left > 0 && self.code.is_reachable() {
            let count = left.min(u8::MAX.into());
            let (keep, drop) = (Count(keep as u8), Count(count as u8));
            self.code.emit(Instruction::StackSlide { keep, drop }, -(count as i32));
            left -= count;
        }
    }
}

/// A scalar of a place.
fn scalar(place: &Place, offset: u32, tag: Tag) -> Place {
    Place { offset: place.offset + offset, type_: Type::Scalar(tag), ..place.clone() }
}
