//! What each instruction does: one arm a row of the table, in its order.

use super::{Machine, Stop};
use crate::native::Imports;
use crate::observe::{Observer, Snapshot};
use crate::value::{Cell, CellKind, Span};
use vega_format::arithmetic::*;
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
            Instruction::StackAlloc { capacity } => self.open_arena(capacity.0),
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
            Instruction::EqString {} => self.compare_strings(true),
            Instruction::NeString {} => self.compare_strings(false),

            // Truth values and characters.
            Instruction::NotBool {} => self.one(|value: bool| !value),
            Instruction::EqBool {} => self.two(eq_bool),
            Instruction::NeBool {} => self.two(ne_bool),
            Instruction::EqChar {} => self.two(eq_char),
            Instruction::NeChar {} => self.two(ne_char),
            Instruction::LtChar {} => self.two(lt_char),
            Instruction::LeChar {} => self.two(le_char),
            Instruction::GtChar {} => self.two(gt_char),
            Instruction::GeChar {} => self.two(ge_char),

            // Bytes.
            Instruction::AddByte {} => self.two(add_byte),
            Instruction::SubByte {} => self.two(sub_byte),
            Instruction::MulByte {} => self.two(mul_byte),
            Instruction::DivByte {} => self.divide(div_byte),
            Instruction::RemByte {} => self.divide(rem_byte),
            Instruction::MinByte {} => self.two(min_byte),
            Instruction::MaxByte {} => self.two(max_byte),
            Instruction::AndByte {} => self.two(and_byte),
            Instruction::OrByte {} => self.two(or_byte),
            Instruction::XorByte {} => self.two(xor_byte),
            Instruction::NotByte {} => self.one(not_byte),
            Instruction::ShlByte {} => self.shift(shl_byte),
            Instruction::ShrByte {} => self.shift(shr_byte),
            Instruction::EqByte {} => self.two(eq_byte),
            Instruction::NeByte {} => self.two(ne_byte),
            Instruction::LtByte {} => self.two(lt_byte),
            Instruction::LeByte {} => self.two(le_byte),
            Instruction::GtByte {} => self.two(gt_byte),
            Instruction::GeByte {} => self.two(ge_byte),

            // Shorts.
            Instruction::AddShort {} => self.two(add_short),
            Instruction::SubShort {} => self.two(sub_short),
            Instruction::MulShort {} => self.two(mul_short),
            Instruction::DivShort {} => self.divide(div_short),
            Instruction::RemShort {} => self.divide(rem_short),
            Instruction::NegShort {} => self.one(neg_short),
            Instruction::AbsShort {} => self.one(abs_short),
            Instruction::MinShort {} => self.two(min_short),
            Instruction::MaxShort {} => self.two(max_short),
            Instruction::AndShort {} => self.two(and_short),
            Instruction::OrShort {} => self.two(or_short),
            Instruction::XorShort {} => self.two(xor_short),
            Instruction::NotShort {} => self.one(not_short),
            Instruction::ShlShort {} => self.shift(shl_short),
            Instruction::ShrShort {} => self.shift(shr_short),
            Instruction::UshrShort {} => self.shift(ushr_short),
            Instruction::EqShort {} => self.two(eq_short),
            Instruction::NeShort {} => self.two(ne_short),
            Instruction::LtShort {} => self.two(lt_short),
            Instruction::LeShort {} => self.two(le_short),
            Instruction::GtShort {} => self.two(gt_short),
            Instruction::GeShort {} => self.two(ge_short),

            // Ints.
            Instruction::AddInt {} => self.two(add_int),
            Instruction::SubInt {} => self.two(sub_int),
            Instruction::MulInt {} => self.two(mul_int),
            Instruction::DivInt {} => self.divide(div_int),
            Instruction::RemInt {} => self.divide(rem_int),
            Instruction::NegInt {} => self.one(neg_int),
            Instruction::AbsInt {} => self.one(abs_int),
            Instruction::MinInt {} => self.two(min_int),
            Instruction::MaxInt {} => self.two(max_int),
            Instruction::AndInt {} => self.two(and_int),
            Instruction::OrInt {} => self.two(or_int),
            Instruction::XorInt {} => self.two(xor_int),
            Instruction::NotInt {} => self.one(not_int),
            Instruction::ShlInt {} => self.shift(shl_int),
            Instruction::ShrInt {} => self.shift(shr_int),
            Instruction::UshrInt {} => self.shift(ushr_int),
            Instruction::EqInt {} => self.two(eq_int),
            Instruction::NeInt {} => self.two(ne_int),
            Instruction::LtInt {} => self.two(lt_int),
            Instruction::LeInt {} => self.two(le_int),
            Instruction::GtInt {} => self.two(gt_int),
            Instruction::GeInt {} => self.two(ge_int),

            // Longs.
            Instruction::AddLong {} => self.two(add_long),
            Instruction::SubLong {} => self.two(sub_long),
            Instruction::MulLong {} => self.two(mul_long),
            Instruction::DivLong {} => self.divide(div_long),
            Instruction::RemLong {} => self.divide(rem_long),
            Instruction::NegLong {} => self.one(neg_long),
            Instruction::AbsLong {} => self.one(abs_long),
            Instruction::MinLong {} => self.two(min_long),
            Instruction::MaxLong {} => self.two(max_long),
            Instruction::AndLong {} => self.two(and_long),
            Instruction::OrLong {} => self.two(or_long),
            Instruction::XorLong {} => self.two(xor_long),
            Instruction::NotLong {} => self.one(not_long),
            Instruction::ShlLong {} => self.shift(shl_long),
            Instruction::ShrLong {} => self.shift(shr_long),
            Instruction::UshrLong {} => self.shift(ushr_long),
            Instruction::EqLong {} => self.two(eq_long),
            Instruction::NeLong {} => self.two(ne_long),
            Instruction::LtLong {} => self.two(lt_long),
            Instruction::LeLong {} => self.two(le_long),
            Instruction::GtLong {} => self.two(gt_long),
            Instruction::GeLong {} => self.two(ge_long),

            // Floats.
            Instruction::AddFloat {} => self.two(add_float),
            Instruction::SubFloat {} => self.two(sub_float),
            Instruction::MulFloat {} => self.two(mul_float),
            Instruction::DivFloat {} => self.two(div_float),
            Instruction::NegFloat {} => self.one(neg_float),
            Instruction::AbsFloat {} => self.one(abs_float),
            Instruction::SqrtFloat {} => self.one(sqrt_float),
            Instruction::MinFloat {} => self.two(min_float),
            Instruction::MaxFloat {} => self.two(max_float),
            Instruction::EqFloat {} => self.two(eq_float),
            Instruction::NeFloat {} => self.two(ne_float),
            Instruction::LtFloat {} => self.two(lt_float),
            Instruction::LeFloat {} => self.two(le_float),
            Instruction::GtFloat {} => self.two(gt_float),
            Instruction::GeFloat {} => self.two(ge_float),

            // Decimals.
            Instruction::AddDecimal {} => self.two(add_decimal),
            Instruction::SubDecimal {} => self.two(sub_decimal),
            Instruction::MulDecimal {} => self.two(mul_decimal),
            Instruction::DivDecimal {} => self.two(div_decimal),
            Instruction::NegDecimal {} => self.one(neg_decimal),
            Instruction::AbsDecimal {} => self.one(abs_decimal),
            Instruction::SqrtDecimal {} => self.one(sqrt_decimal),
            Instruction::MinDecimal {} => self.two(min_decimal),
            Instruction::MaxDecimal {} => self.two(max_decimal),
            Instruction::EqDecimal {} => self.two(eq_decimal),
            Instruction::NeDecimal {} => self.two(ne_decimal),
            Instruction::LtDecimal {} => self.two(lt_decimal),
            Instruction::LeDecimal {} => self.two(le_decimal),
            Instruction::GtDecimal {} => self.two(gt_decimal),
            Instruction::GeDecimal {} => self.two(ge_decimal),

            // Conversions.
            Instruction::ByteToShort {} => self.one(byte_to_short),
            Instruction::ByteToInt {} => self.one(byte_to_int),
            Instruction::ByteToLong {} => self.one(byte_to_long),
            Instruction::ByteToFloat {} => self.one(byte_to_float),
            Instruction::ByteToDecimal {} => self.one(byte_to_decimal),
            Instruction::ShortToByte {} => self.one(short_to_byte),
            Instruction::ShortToInt {} => self.one(short_to_int),
            Instruction::ShortToLong {} => self.one(short_to_long),
            Instruction::ShortToFloat {} => self.one(short_to_float),
            Instruction::ShortToDecimal {} => self.one(short_to_decimal),
            Instruction::IntToByte {} => self.one(int_to_byte),
            Instruction::IntToShort {} => self.one(int_to_short),
            Instruction::IntToLong {} => self.one(int_to_long),
            Instruction::IntToFloat {} => self.one(int_to_float),
            Instruction::IntToDecimal {} => self.one(int_to_decimal),
            Instruction::LongToByte {} => self.one(long_to_byte),
            Instruction::LongToShort {} => self.one(long_to_short),
            Instruction::LongToInt {} => self.one(long_to_int),
            Instruction::LongToFloat {} => self.one(long_to_float),
            Instruction::LongToDecimal {} => self.one(long_to_decimal),
            Instruction::FloatToByte {} => self.one(float_to_byte),
            Instruction::FloatToShort {} => self.one(float_to_short),
            Instruction::FloatToInt {} => self.one(float_to_int),
            Instruction::FloatToLong {} => self.one(float_to_long),
            Instruction::FloatToDecimal {} => self.one(float_to_decimal),
            Instruction::DecimalToByte {} => self.one(decimal_to_byte),
            Instruction::DecimalToShort {} => self.one(decimal_to_short),
            Instruction::DecimalToInt {} => self.one(decimal_to_int),
            Instruction::DecimalToLong {} => self.one(decimal_to_long),
            Instruction::DecimalToFloat {} => self.one(decimal_to_float),
            Instruction::IntToChar {} => self.one(int_to_char),
            Instruction::CharToInt {} => self.one(char_to_int),

            // Variables that live as long as an instance.
            Instruction::StaticLoad { block, offset, tag } => self.load_static(block.0, offset.0, tag),
            Instruction::StaticStore { block, offset, tag } => self.store_static(block.0, offset.0, tag),
            Instruction::StaticView { block, offset, depth } => self.view_static(block.0, offset.0, depth.0),
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
