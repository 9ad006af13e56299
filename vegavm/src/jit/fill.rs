//! A loop that only stores one value in elements one behind another, and counts: its rounds are run ahead in stores that are
//! as wide as they can be.
//!
//! Guarantees: what is stored, and where, is what so many rounds would store; they are rounds that are run ahead like any other.

use super::body::Act;
use super::lower::Lower;
use crate::register::{Kind, Op, Operand, Register, Spot};
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{BlockArg, InstBuilder, Value, types};
use vega_format::compute::Computation;

/// Bytes that are stored each time it goes round.
const AT_ONCE: u32 = 32;

/// What the rounds of a loop store, and where.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fill {
    value: Operand,
    to: Spot,
    /// Bytes of an element.
    pub(super) size: u32,
}

impl Fill {
    /// What a round stores that is nothing but a store and a count.
    pub(super) fn of(round: &[Act], counter: Register) -> Option<Fill> {
        let [Act::Op(Op::Store { tag, value, to }), Act::Op(count)] = round else { return None };
        let one = Op::Two {
            computation: Computation::AddInt,
            to: counter,
            left: Operand::Register(counter),
            right: Operand::Constant(1),
        };
        let (index, size) = match *to {
            Spot::Array { index, size, .. } => (index, size),
            Spot::View { index, stride, .. } => (index, stride.size),
            _ => return None,
        };
        let is_it = *count == one && index == counter && size == tag.size() && *value != Operand::Register(counter);
        is_it.then_some(Fill { value: *value, to: *to, size })
    }

    /// Rounds that one turn stores for.
    pub(super) fn rounds(&self) -> u32 {
        AT_ONCE / self.size
    }
}

impl Lower<'_, '_> {
    /// Stores for so many rounds, a multiple of those of a turn and not none; the counter is as before the first of them.
    pub(super) fn fill_ahead(&mut self, fill: Fill, many: Value) -> Option<()> {
        let Fill { value, to, size } = fill;
        let value = self.operand_exact(value, Kind::Cell);
        let bits = 8 * size;
        let value = match bits {
            64 => value,
            // The value as often as it fits.
            _ => {
                let value = self.builder.ins().band_imm_s(value, (1 << bits) - 1);
                let each = (0..64 / bits).fold(0, |each, place| each | 1 << (place * bits));
                self.builder.ins().imul_imm_s(value, each)
            }
        };
        // Were an index not within bounds the loop would not be run ahead.
        let start = self.proven_spot(to)?;
        let length = self.builder.ins().imul_imm_s(many, i64::from(size));
        let end = self.builder.ins().iadd(start, length);
        let [turn, done] = core::array::from_fn(|_| self.builder.create_block());
        let at = self.builder.append_block_param(turn, types::I64);
        self.builder.ins().jump(turn, &[BlockArg::Value(start)]);
        self.builder.switch_to_block(turn);
        for place in (0..AT_ONCE).step_by(8) {
            self.store_whole(value, at, place.cast_signed());
        }
        let next = self.builder.ins().iadd_imm_s(at, i64::from(AT_ONCE));
        let is_end = self.builder.ins().icmp(IntCC::Equal, next, end);
        self.builder.ins().brif(is_end, done, &[], turn, &[BlockArg::Value(next)]);
        self.builder.seal_block(turn);
        self.begin(done);
        Some(())
    }
}
