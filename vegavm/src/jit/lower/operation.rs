//! Each operation of the plain form → Cranelift's instructions. What an operation computes is in `compute`; those on memory,
//! on cells, and calls are in files of their own.

use super::Lower;
use crate::jit::boundary::field;
use crate::jit::compute::{compare, compute, operands};
use crate::jit::sites::{Problem, What};
use crate::register::{Condition, Kind, Op, Operand, Register};
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{InstBuilder, Value, types};
use vega_format::compute::Computation;
use vega_format::trap::Trap;
impl Lower<'_, '_> {
    /// What a condition tells, as a value that is not 0 if it holds.
    fn condition(&mut self, condition: Condition) -> Option<Value> {
        Some(match condition {
            Condition::Cell(cell) => self.get(cell, Kind::Int),
            Condition::Compare(computation, left, right) => {
                let [a, b] = operands(computation).map(Kind::of);
                let (left, right) = (self.operand(left, a), self.operand(right, b));
                compare(&mut self.builder, computation, left, right)?
            }
        })
    }

    fn two(&mut self, computation: Computation, to: Register, left: Operand, right: Operand) -> Option<()> {
        let [a, b] = operands(computation).map(Kind::of);
        let keeps_bits = matches!(
            computation,
            Computation::NegFloat | Computation::NegDecimal | Computation::AbsFloat | Computation::AbsDecimal
        );
        let left = if keeps_bits { self.operand_exact(left, a) } else { self.operand(left, a) };
        let divides = computation.divides();
        let zero = matches!(right, Operand::Constant(0));
        let divisor_is_known = matches!(right, Operand::Constant(_)) && !zero;
        let right = self.operand(right, b);
        if divides && !divisor_is_known {
            let problem = Problem::Known(Box::new(Trap::DivisionByZero {}));
            self.trap_unless(right, problem, &[]);
        }
        match compare(&mut self.builder, computation, left, right) {
            Some(holds) => {
                let holds = self.builder.ins().uextend(types::I32, holds);
                self.set(to, Kind::Int, holds);
            }
            None => {
                let computed = compute(&mut self.builder, computation, left, right)?;
                self.set_as(to, computed.kind, computed.value, computed.raw);
            }
        }
        Some(())
    }

    pub(super) fn op(&mut self, op: &Op, number: usize) -> Option<()> {
        match *op {
            Op::Move { to, from } => self.copy(to, from),
            Op::Slide { to, from, cells } => {
                for cell in 0..cells {
                    self.copy(to + cell, Operand::Register(from + cell));
                }
            }
            Op::One { computation, to, operand } => {
                let operand = Operand::Register(operand);
                self.two(computation, to, operand, Operand::Constant(1))?;
            }
            Op::Two { computation, to, left, right } => self.two(computation, to, left, right)?,
            Op::Length { to, view } => {
                let (_, length) = self.get_view(view);
                self.set(to, Kind::Int, length);
            }
            Op::Span { to, at, length } => {
                let start = self.offset(at);
                let address = self.builder.ins().iadd(self.memory, start);
                let length = self.constant(length.into(), Kind::Int);
                self.set_view(to, (address, length));
            }
            Op::Load { tag, to, from } => {
                let (address, offset) = self.spot(from)?;
                let value = self.load(tag, address, offset);
                self.set(to, Kind::of(tag), value);
            }
            Op::Store { tag, value, to } => {
                let (address, offset) = self.spot(to)?;
                let value = self.operand_exact(value, Kind::of(tag));
                self.store(tag, value, address, offset);
            }
            Op::Open { base, capacity } => {
                self.take_memory(capacity);
                if let Some(base) = base {
                    self.open(base, capacity);
                }
            }
            Op::Close { capacity, has_bytes } => {
                self.give_memory(capacity);
                if has_bytes {
                    let flags = self.flags.host;
                    let top = self.builder.ins().load(types::I64, flags, self.context, field::TOP);
                    let top = self.builder.ins().iadd_imm_s(top, -i64::from(capacity));
                    self.builder.ins().store(flags, top, self.context, field::TOP);
                }
            }
            Op::Clear { at, length } => {
                self.charge_bytes(length);
                let start = self.offset(at);
                self.zero(start, length);
            }
            Op::Pay { bytes } => self.charge_bytes(bytes),
            Op::Point { to, offset, base, size, capacity } => {
                let offset = self.get(offset, Kind::Cell);
                let problem = Problem::Alias { size, capacity };
                match capacity.checked_sub(size) {
                    Some(last) => {
                        let last = i64::from(last);
                        let fits = self.builder.ins().icmp_imm_s(IntCC::UnsignedLessThanOrEqual, offset, last);
                        self.trap_unless(fits, problem, &[offset]);
                    }
                    None => {
                        let never = self.builder.ins().iconst(types::I8, 0);
                        self.trap_unless(never, problem, &[offset]);
                    }
                }
                let base = self.get(base, Kind::Cell);
                let address = self.builder.ins().iadd(base, offset);
                self.set(to, Kind::Cell, address);
            }
            Op::CheckStored { tag, slot } => {
                let tag = self.get(tag, Kind::Cell);
                self.trap_unless(tag, Problem::Known(Box::new(Trap::NeverStored { slot })), &[]);
            }
            Op::CheckTag { tag, slot, mask } => {
                let tag = self.get(tag, Kind::Cell);
                let is_one = self.is_one_of(tag, mask);
                self.trap_unless(is_one, Problem::Slot { slot, mask }, &[tag]);
            }
            Op::Complex { what, first, takes, gives } => self.complex(what, first, takes, gives)?,
            Op::Next => self.fall(number)?,
            Op::Breathe => {}
            Op::Jump { target }
                if target as usize <= number && self.task.prepared.body.is_test(target as usize, &self.ranges) =>
            {
                self.turn(target as usize, number)?;
            }
            Op::Jump { target } => {
                self.go(target as usize);
            }
            Op::Branch { condition, when, target } => {
                self.settle_for(target as usize);
                self.settle_for(number + 1);
                let holds = self.condition(condition)?;
                let (target, next) = (target as usize, number + 1);
                let ways = if when { [target, next] } else { [next, target] };
                let blocks = ways.map(|number| self.target(number));
                self.part(holds, ways, blocks);
            }
            Op::Call { function, first, takes, gives, .. } => {
                self.call(function, first, takes, gives)?;
                self.fall(number)?;
            }
            Op::CallHost { import, first, takes, gives } => {
                self.put_cells(first, takes);
                self.event(What::Host { import, first }, &[]);
                self.reload();
                self.take_cells(first, gives);
                self.fall(number)?;
            }
            Op::ReturnNothing => self.leave(&[])?,
            Op::ReturnOne { from } => self.leave(&[from])?,
            Op::Return { first, cells } => {
                let cells: Vec<_> = (first..first + cells).map(Operand::Register).collect();
                self.leave(&cells)?;
            }
            Op::Trap(ref trap) => self.stop(What::Trap(Problem::Known(trap.clone())), &[]),
            // A plain form has none of these.
            Op::Pair { .. }
            | Op::Shifted { .. }
            | Op::LoadTwo { .. }
            | Op::TwoStore { .. }
            | Op::Element { .. }
            | Op::JumpBranch { .. }
            | Op::Count { .. } => return None,
        }
        Some(())
    }
}
