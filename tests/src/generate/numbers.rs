//! What is computed, and the number of all that was seen, which the program gives in the end: so no value is computed for
//! nothing, and a wrong one is noticed.

use super::body::{Belief, Body};
use super::{Parameter, StaticPart, int_or_bool};
use crate::computations::{COMPUTATIONS, edges, types};
use vega_format::cell;
use vega_format::container::SlotKind;
use vega_format::instruction::{Cell, Count, Instruction, Offset, Slot, Target};
use vega_format::types::Tag;

impl Body<'_> {
    /// What a function gives: of the first, the number of what was noted.
    pub(super) fn result(&mut self) {
        match self.statics.first() {
            Some(StaticPart { block, .. }) if self.index == 0 => {
                self.push(Instruction::StaticLoad { block: *block, offset: Offset(0), tag: Tag::Long });
                self.push(Instruction::LongToInt {});
            }
            _ => match self.shapes.get(self.index).map(|shape| shape.result) {
                Some(Parameter::Scalar(tag)) if tag != Tag::Int => self.operand(tag),
                Some(Parameter::Union) => {
                    let tag = if self.random.percent(50) { Tag::Int } else { Tag::Bool };
                    self.operand(tag);
                    self.push(Instruction::UnionAs { mask: int_or_bool() });
                }
                Some(Parameter::Pair) => {
                    self.operand(Tag::Int);
                    self.operand(Tag::Bool);
                }
                _ => self.int_value(),
            },
        }
    }

    /// Takes what a function gives.
    pub(super) fn note_result(&mut self, result: Parameter) {
        match result {
            Parameter::Scalar(tag) => self.note(tag),
            Parameter::Union => {
                let tag = if self.random.percent(50) { Tag::Int } else { Tag::Bool };
                self.push(Instruction::UnionIs { mask: tag.mask() });
                self.note(Tag::Bool);
            }
            Parameter::Pair => {
                self.note(Tag::Bool);
                self.note(Tag::Int);
            }
            Parameter::Bytes | Parameter::Row => self.push(Instruction::StackPop {}),
        }
    }

    /// Takes a value into the number of what was noted.
    pub(super) fn note(&mut self, tag: Tag) {
        let Some(StaticPart { block, .. }) = self.statics.first().copied() else {
            return self.push(Instruction::StackPop {});
        };
        let (noted, offset) = (Tag::Long, Offset(0));
        match tag {
            Tag::Bool => {
                let over = self.jump_later(Instruction::JumpFalse { target: Target(0) });
                self.constant(Tag::Long, 77);
                self.push(Instruction::StaticLoad { block, offset, tag: noted });
                self.push(Instruction::AddLong {});
                self.push(Instruction::StaticStore { block, offset, tag: noted });
                return self.land(over);
            }
            Tag::Char => self.push(Instruction::CharToInt {}),
            Tag::Float => self.push(Instruction::FloatToDecimal {}),
            _ => {}
        }
        match tag {
            Tag::Byte => self.push(Instruction::ByteToLong {}),
            Tag::Short => self.push(Instruction::ShortToLong {}),
            Tag::Int | Tag::Char => self.push(Instruction::IntToLong {}),
            Tag::Float | Tag::Decimal => {
                self.constant(Tag::Decimal, cell::from_decimal(4096.0));
                self.push(Instruction::MulDecimal {});
                self.push(Instruction::DecimalToLong {});
            }
            Tag::Bool | Tag::Long => {}
        }
        self.push(Instruction::StaticLoad { block, offset, tag: noted });
        self.push(Instruction::XorLong {});
        self.int(7);
        self.push(Instruction::RotlLong {});
        self.push(Instruction::StaticStore { block, offset, tag: noted });
    }

    /// Computes something, and something with that.
    pub(super) fn compute(&mut self) {
        let Some(computation) = self.random.pick(COMPUTATIONS).copied() else { return };
        let (taken, mut given) = types(computation);
        if let Some(first) = taken.first() {
            self.operand(*first);
        }
        self.compute_with(computation, &taken);
        while self.random.percent(60) {
            let fits: Vec<_> =
                COMPUTATIONS.iter().copied().filter(|next| types(*next).0.first() == Some(&given)).collect();
            let Some(next) = self.random.pick(&fits).copied() else { break };
            let (taken, gives) = types(next);
            self.compute_with(next, &taken);
            given = gives;
        }
        self.keep(given);
    }

    /// Of a value that is on top.
    fn compute_with(&mut self, computation: vega_format::compute::Computation, taken: &[Tag]) {
        if let Some(second) = taken.get(1) {
            if computation.divides() && self.mood.careless == 0 {
                self.divisor(*second);
            } else {
                self.operand(*second);
            }
        }
        self.push(computation.instruction());
    }

    fn divisor(&mut self, tag: Tag) {
        let number = if self.random.percent(30) { -1 } else { self.random.within(1, 9) as i32 };
        let bits = match tag {
            Tag::Byte => cell::from_byte(number as u8),
            Tag::Short => cell::from_short(number as i16),
            Tag::Long => cell::from_long(number.into()),
            _ => cell::from_int(number),
        };
        self.constant(tag, bits);
    }

    /// A value of a type, from wherever there is one.
    pub(super) fn operand(&mut self, tag: Tag) {
        let there = |kind, belief| kind == SlotKind::Variable(tag.mask()) && matches!(belief, Belief::There(_, true));
        let choice = self.random.below(10);
        match (choice, self.find_parameter(Parameter::Scalar(tag)), self.find(there)) {
            (0..4, _, Some(slot)) => return self.push(Instruction::VarLoad { slot }),
            (0..5, Some(cell), _) => return self.push(Instruction::CellLoad { cell }),
            _ => {}
        }
        let edges = edges(tag);
        match (choice, self.some_int_cell()) {
            (0..7, Some(cell)) => {
                self.push(Instruction::CellLoad { cell });
                match tag {
                    Tag::Int => {}
                    Tag::Long => self.push(Instruction::IntToLong {}),
                    Tag::Short => self.push(Instruction::IntToShort {}),
                    Tag::Byte => self.push(Instruction::IntToByte {}),
                    Tag::Char => self.push(Instruction::IntToChar {}),
                    Tag::Float => self.push(Instruction::IntToFloat {}),
                    Tag::Decimal => self.push(Instruction::IntToDecimal {}),
                    Tag::Bool => {
                        self.int(1);
                        self.push(Instruction::GtInt {});
                    }
                }
            }
            (7, _) => self.value(tag),
            _ => {
                let bits = self.random.pick(&edges).copied().unwrap_or_default();
                self.constant(tag, bits);
            }
        }
    }

    /// Ints slide down over others, copies of one another among them; what is put on top then is copied, asked and
    /// computed with.
    pub(super) fn slide(&mut self) {
        let lowest = self.parameter_cells() + self.cells.len() as u16;
        let (drop, keep) = (self.random.within(1, 2) as u16, self.random.within(1, 3) as u16);
        (0..drop + keep).for_each(|there| self.slider(lowest, there));
        self.push(Instruction::StackSlide { keep: Count(keep as u8), drop: Count(drop as u8) });
        let mut there = keep;
        for _ in 0..self.random.within(1, 3) {
            self.slider(lowest, there);
            there += 1;
            if self.random.percent(40) {
                let cell = Cell(lowest + self.random.below(there.into()) as u16);
                self.push(Instruction::CellLoad { cell });
                self.int_value();
                self.push(Instruction::LtInt {});
                let over = self.jump_later(Instruction::JumpFalse { target: Target(0) });
                self.value(Tag::Int);
                self.note(Tag::Int);
                self.land(over);
            }
        }
        for _ in 1..there {
            let next = [Instruction::AddInt {}, Instruction::SubInt {}, Instruction::MulInt {}];
            let next = self.random.pick(&next).copied().unwrap_or(Instruction::AddInt {});
            self.push(next);
        }
        self.note(Tag::Int);
    }

    /// An int on top of others: a copy of one, a constant, or something computed.
    fn slider(&mut self, lowest: u16, there: u16) {
        match self.random.below(4) {
            0 if there > 0 => {
                let cell = Cell(lowest + self.random.below(there.into()) as u16);
                self.push(Instruction::CellLoad { cell });
            }
            1 => self.value(Tag::Int),
            _ => {
                self.int_value();
                self.value(Tag::Int);
                self.push(Instruction::AddInt {});
            }
        }
    }

    /// A value that is on top goes into a variable, or is noted.
    fn keep(&mut self, tag: Tag) {
        let there = |kind, belief| kind == SlotKind::Variable(tag.mask()) && matches!(belief, Belief::There(..));
        match self.find(there).filter(|_| self.random.percent(50)) {
            Some(slot) => {
                self.push(Instruction::VarStore { slot });
                self.stored(slot);
            }
            None => self.note(tag),
        }
    }

    fn stored(&mut self, slot: Slot) {
        if let Some(Belief::There(_, stored)) = self.beliefs.get_mut(usize::from(slot.0)) {
            *stored = true;
        }
    }
}
