//! Slots that have parts: texts, stencils and arrays.

use super::Body;
use vega_format::builder::ConstantValue;
use vega_format::instruction::{Count, Depth, Instruction, Offset, Slot};
use vega_format::stencil::{Stencil, TypeRef};
use vega_format::types::Tag;

impl Body<'_> {
    /// Stores in a text, appends to it, or looks at it.
    fn use_a_text(&mut self, slot: Slot) {
        const TEXTS: [&str; 5] = ["", "a", "ab\u{e9}", "\u{20ac}\u{10ffff}", "a text that is long"];
        match self.random.below(5) {
            0 => {
                let text = self.random.pick(&TEXTS).copied().unwrap_or_default();
                let index = self.builder.constant(ConstantValue::String(text.to_owned()));
                self.push(Instruction::LoadConst { index });
                self.push(Instruction::TextStore { slot });
            }
            1 => {
                // A part of the text behind the whole.
                self.push(Instruction::TextView { slot });
                self.int(0);
                self.int(0);
                self.push(Instruction::StringSlice {});
                self.push(Instruction::TextAppend { slot });
            }
            2 => {
                self.value(Tag::Byte);
                self.push(Instruction::TextFormat { slot });
            }
            3 => {
                self.int(0);
                self.push(Instruction::TextView { slot });
                self.push(Instruction::StringNext {});
                self.push(Instruction::StackPop {});
            }
            _ => {
                self.push(Instruction::TextView { slot });
                self.push(Instruction::TextView { slot });
                self.push(Instruction::LeString {});
                self.push(Instruction::StackPop {});
            }
        }
    }

    pub(super) fn use_a_stencil(&mut self, slot: Slot, type_ref: TypeRef) {
        if self.random.percent(15) {
            self.push(Instruction::VarOffset { slot });
            return self.push(Instruction::StackPop {});
        }
        if self.random.percent(20) {
            return self.copy_a_part(slot, type_ref);
        }
        if self.builder.stencils().text(type_ref).is_some() {
            return self.use_a_text(slot);
        }
        if let Some((element, count)) = self.builder.stencils().array(type_ref) {
            return self.use_an_array(slot, element, count);
        }
        if self.random.percent(50) {
            return self.look_at(slot, type_ref);
        }
        let Some((offset, tag)) = self.field_of(type_ref) else { return };
        self.value(tag);
        self.push(Instruction::FieldStore { slot, offset, tag });
    }

    /// Loads a scalar of a stencil that has one.
    pub(super) fn look_at(&mut self, slot: Slot, type_ref: TypeRef) {
        let array = self.builder.stencils().array(type_ref);
        let Some((offset, tag)) = self.field_of(array.map_or(type_ref, |(element, _)| element)) else { return };
        match array {
            Some((_, count)) => {
                let index = self.random.below(count) as i32;
                self.int(index);
                self.push(Instruction::ElemLoad { slot, offset, tag });
            }
            None => self.push(Instruction::FieldLoad { slot, offset, tag }),
        }
        self.note(tag);
    }

    /// Copies a part of a slot over itself, with a cell beneath its views.
    fn copy_a_part(&mut self, slot: Slot, type_ref: TypeRef) {
        let depth = self.random.below(2) as u8;
        let whole = Instruction::FieldView { slot, offset: Offset(0), depth: Depth(0) };
        self.int(0);
        self.push(whole);
        self.push(whole);
        self.push(Instruction::StackSlide { keep: Count(2), drop: Count(1) });
        self.push(Instruction::ViewCopy {});
        if let Some(part) = self.builder.stencils().part_at(type_ref, 0, depth) {
            // Of an array, a part of an element; else of the slot alone, which is the only element.
            let (element, _) = self.builder.stencils().viewed(part);
            self.push(Instruction::FieldView { slot, offset: Offset(0), depth: Depth(depth) });
            let inner = u8::from(self.builder.stencils().part_at(element, 0, 1).is_some());
            self.int(0);
            self.push(Instruction::ViewField { offset: Offset(0), depth: Depth(inner) });
            self.push(Instruction::ViewLength {});
            self.push(Instruction::StackPop {});
        }
    }

    /// A scalar field, of the type itself if it is a scalar.
    pub(in crate::generate) fn field_of(&mut self, type_ref: TypeRef) -> Option<(Offset, Tag)> {
        let stencils = self.builder.stencils();
        let parts: Vec<(u32, Tag)> = match type_ref {
            TypeRef::Scalar(tag) => vec![(0, tag)],
            TypeRef::Stencil(index) if matches!(stencils.get(index), Some(Stencil::Array(..) | Stencil::Text(_))) => {
                Vec::new()
            }
            TypeRef::Stencil(_) => {
                let scalar = |(offset, part)| match part {
                    TypeRef::Scalar(tag) => Some((offset, tag)),
                    TypeRef::Stencil(_) => None,
                };
                stencils.parts(type_ref).filter_map(scalar).collect()
            }
        };
        self.random.pick(&parts).map(|(offset, tag)| (Offset(*offset), *tag))
    }

    fn use_an_array(&mut self, slot: Slot, element: TypeRef, count: u32) {
        let Some((offset, tag)) = self.field_of(element) else { return };
        let index = if self.random.percent(self.mood.careless / 2) { count } else { self.random.below(count) } as i32;
        match self.random.below(4) {
            0 => {
                self.int(index);
                self.value(tag);
                self.push(Instruction::ElemStore { slot, offset, tag });
            }
            1 => {
                self.int(index);
                self.push(Instruction::ElemLoad { slot, offset, tag });
                self.note(tag);
            }
            2 => {
                self.push(Instruction::ArrayView { slot });
                self.int(index);
                self.value(tag);
                self.push(Instruction::ViewStore { offset, tag });
            }
            _ => {
                self.push(Instruction::ArrayView { slot });
                self.push(Instruction::ViewLength {});
                self.push(Instruction::StackPop {});
            }
        }
    }
}
