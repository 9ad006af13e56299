//! Loops that carry values on the stack from round to round: the counter, which goes up, and others that are copied, computed,
//! exchanged or made constant.

use super::body::Body;
use vega_format::instruction::{Cell, Count, Instruction, Target};
use vega_format::types::Tag;

impl Body<'_> {
    pub(super) fn carry(&mut self, depth: u32) {
        let rounds = self.random.within(1, 60) as i32;
        let carried: Vec<bool> = (0..self.random.within(1, 3)).map(|_| self.random.percent(60)).collect();
        let counter = Cell(self.parameter_cells() + self.cells.len() as u16);
        self.int(0);
        self.cells.push(true);
        for is_int in &carried {
            self.value(tag_of(*is_int));
            self.cells.push(*is_int);
        }
        let before = self.beliefs.clone();
        let start = Target(self.code.len() as u32);
        self.push(Instruction::CellLoad { cell: counter });
        self.int(rounds);
        self.push(Instruction::LtInt {});
        let end = self.jump_later(Instruction::JumpFalse { target: Target(0) });
        self.enter_loop(end);
        if self.random.percent(40) {
            self.statements(depth + 1);
            if !self.random.percent(self.mood.disagree) {
                self.restore(&before);
            }
        }
        let leaving = self.next_round();
        self.push(Instruction::CellLoad { cell: counter });
        let step = self.random.within(1, 2) as i32;
        self.int(step);
        self.push(Instruction::AddInt {});
        for is_int in &carried {
            self.next(*is_int, &carried, counter);
        }
        let all = Count(carried.len() as u8 + 1);
        self.push(Instruction::StackSlide { keep: all, drop: all });
        self.push(Instruction::Jump { target: start });
        leaving.into_iter().for_each(|jump| self.land(jump));
        for is_int in carried.iter().rev() {
            self.note(tag_of(*is_int));
            self.cells.pop();
        }
        self.push(Instruction::StackPop {});
        self.cells.pop();
        self.beliefs = before;
    }

    /// What a carried value is in the next round.
    fn next(&mut self, is_int: bool, carried: &[bool], counter: Cell) {
        let places = (1..).zip(carried).filter(|(_, other)| **other == is_int).map(|(place, _)| counter.0 + place);
        let same: Vec<u16> = places.collect();
        let some = |body: &mut Self| match body.random.pick(&same).copied() {
            Some(cell) => body.push(Instruction::CellLoad { cell: Cell(cell) }),
            None => body.value(tag_of(is_int)),
        };
        match self.random.below(4) {
            0 => self.value(tag_of(is_int)),
            1 => some(self),
            2 => {
                self.push(Instruction::CellLoad { cell: counter });
                if !is_int {
                    self.push(Instruction::IntToDecimal {});
                }
                some(self);
                self.push(if is_int { Instruction::AddInt {} } else { Instruction::SubDecimal {} });
            }
            _ => {
                some(self);
                some(self);
                self.push(if is_int { Instruction::MulInt {} } else { Instruction::AddDecimal {} });
            }
        }
    }
}

fn tag_of(is_int: bool) -> Tag {
    if is_int { Tag::Int } else { Tag::Decimal }
}
