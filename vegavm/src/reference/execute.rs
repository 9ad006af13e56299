//! What each instruction does: one arm a row of the table, in its order; those that only compute have theirs in
//! `vega_format::compute`.

use super::{Machine, Stop};
use crate::native::Imports;
use crate::observe::{Observer, Snapshot};
use crate::value::{Cell, CellKind, Span};
use core::cmp::Ordering;
use vega_format::allocator::Strategy;
use vega_format::container::Value;
use vega_format::instruction::Instruction;

impl Machine<'_> {
    pub(super) fn execute_instruction(
        &mut self,
        instruction: Instruction,
        imports: &mut Imports<'_>,
        observer: &mut dyn Observer,
    ) -> Result<(), Stop> {
        match instruction {
            // The arena and its variables.
            Instruction::StackPop {} => self.pop_one(),
            Instruction::StackAlloc { capacity } => self.open_arena(Strategy::FirstFit, capacity.0),
            Instruction::StackAllocBump { capacity } => self.open_arena(Strategy::Bump, capacity.0),
            Instruction::StackAllocPool { capacity, place } => self.open_arena(Strategy::Pool(place.0), capacity.0),
            Instruction::StackFree {} => {
                observer.before_arena_end(&Snapshot::new(self));
                self.end_arena()
            }
            Instruction::LoadConst { index } => self.load_constant(index.0),
            Instruction::VarAlloc { slot, mask } => self.allocate(slot.0, mask.size()),
            Instruction::VarStore { slot } => self.store(slot.0),
            Instruction::VarLoad { slot } => self.load(slot.0),
            Instruction::VarFree { slot } => self.free(slot.0),
            Instruction::VarPtr { slot, tag } => self.point(slot.0, tag),
            Instruction::StencilAlloc { slot, size } => self.allocate(slot.0, size.0),
            Instruction::FieldStore { slot, offset, tag } => self.store_field(slot.0, offset.0, tag),
            Instruction::FieldLoad { slot, offset, tag } => self.load_field(slot.0, offset.0, tag),
            Instruction::CallNat { import } => self.call_host(import.0, imports),
            Instruction::VarDrop { slot } => self.forget(slot.0),
            Instruction::VarOffset { slot } => self.offset(slot.0),
            Instruction::StackSlide { keep, drop } => self.slide(keep.0.into(), drop.0.into()),

            // Functions and control flow.
            Instruction::Call { function } => self.call(function.0),
            Instruction::Return {} => self.return_result(),
            Instruction::Jump { target } => {
                self.jump(target.0);
                Ok(())
            }
            Instruction::JumpFalse { target } => self.jump_if(false, target.0),
            Instruction::JumpTrue { target } => self.jump_if(true, target.0),
            Instruction::CellLoad { cell } => self.load_cell(cell.0),
            Instruction::UnionAs { mask } => self.union_as(mask),
            Instruction::UnionIs { mask } => self.union_is(mask),
            Instruction::Fail {} => self.fail(),

            // Parts of structs, tuples and arrays, and copies of them.
            Instruction::FieldView { slot, offset, depth } => self.view_field(slot.0, offset.0, depth.0),
            Instruction::ViewField { offset, depth } => self.view_part(offset.0, depth.0),

            // Arrays, views and strings.
            Instruction::ElemLoad { slot, offset, tag } => self.load_element(slot.0, offset.0, tag),
            Instruction::ElemStore { slot, offset, tag } => self.store_element(slot.0, offset.0, tag),
            Instruction::ArrayView { slot } => self.view_array(slot.0),
            Instruction::ViewLoad { offset, tag } => self.load_from_view(offset.0, tag),
            Instruction::ViewStore { offset, tag } => self.store_to_view(offset.0, tag),
            Instruction::ViewLength {} => self.view_length(),
            Instruction::ViewSlice {} => self.slice(),
            Instruction::ViewCopy {} => self.copy_view(),
            Instruction::StringLength {} => self.string_length(),
            Instruction::StringByte {} => self.string_byte(),
            Instruction::EqString {} => self.same_strings(true),
            Instruction::NeString {} => self.same_strings(false),
            Instruction::LtString {} => self.order_strings(Ordering::is_lt),
            Instruction::LeString {} => self.order_strings(Ordering::is_le),
            Instruction::GtString {} => self.order_strings(Ordering::is_gt),
            Instruction::GeString {} => self.order_strings(Ordering::is_ge),
            Instruction::StringSlice {} => self.slice_string(),
            Instruction::StringChar {} => self.string_char(),
            Instruction::StringNext {} => self.string_next(),
            Instruction::TextView { slot } => self.view_text(slot.0),
            Instruction::TextStore { slot } => self.store_text(slot.0, false),
            Instruction::TextAppend { slot } => self.store_text(slot.0, true),
            Instruction::TextFormat { slot } => self.format_text(slot.0),
            Instruction::ViewText { offset } => self.view_text_of_view(offset.0),
            Instruction::ViewTextStore { offset } => self.store_text_of_view(offset.0, false),
            Instruction::ViewTextAppend { offset } => self.store_text_of_view(offset.0, true),
            Instruction::ViewTextFormat { offset } => self.format_text_of_view(offset.0),

            // Variables that live as long as an instance.
            Instruction::StaticLoad { block, offset, tag } => self.load_static(block.0, offset.0, tag),
            Instruction::StaticStore { block, offset, tag } => self.store_static(block.0, offset.0, tag),
            Instruction::StaticView { block, offset, depth } => self.view_static(block.0, offset.0, depth.0),

            // Those that only compute.
            computing => self.compute(&computing),
        }
    }

    /// Drops the top cell; of a union, both.
    fn pop_one(&mut self) -> Result<(), Stop> {
        if let CellKind::UnionTag(_) = self.pop()?.kind {
            self.pop()?;
        }
        Ok(())
    }

    fn load_constant(&mut self, index: u32) -> Result<(), Stop> {
        let cell = match self.module.string_place(index) {
            Some((offset, length)) => Cell::span(CellKind::String, Span { offset, length }),
            None => match self.module.constant(index) {
                Some(Value::Scalar(tag, bits)) => Cell::scalar(tag, bits),
                _ => return Err(Stop::Broken("no such constant")),
            },
        };
        self.push(cell);
        Ok(())
    }

    fn jump_if(&mut self, wanted: bool, target: u32) -> Result<(), Stop> {
        if self.pop_scalar::<bool>()? == wanted {
            self.jump(target);
        }
        Ok(())
    }
}
