//! Where code goes: arenas that begin and end, branches, loops, and ways out of them.

use super::{Belief, Body, Loop};
use vega_format::allocator::Strategy;
use vega_format::container::SlotKind;
use vega_format::instruction::{Cell, Instruction, Slot, Target};
use vega_format::types::Tag;

impl Body<'_> {
    pub(in crate::generate) fn jump_later(&mut self, jump: Instruction) -> usize {
        self.push(jump);
        self.code.len() - 1
    }

    /// Makes a jump that was written go to what is written next.
    pub(in crate::generate) fn land(&mut self, jump: usize) {
        let target = Target(self.code.len() as u32);
        if let Some(place) = self.code.get_mut(jump) {
            *place = match *place {
                Instruction::JumpTrue { .. } => Instruction::JumpTrue { target },
                Instruction::JumpFalse { .. } => Instruction::JumpFalse { target },
                _ => Instruction::Jump { target },
            };
        }
    }

    pub(super) fn arena(&mut self, depth: u32) {
        let capacity =
            if self.random.percent(self.mood.tight) { self.random.within(0, 24) } else { self.random.within(40, 200) };
        let strategy = match self.random.below(10) {
            0..6 => Strategy::FirstFit,
            6..8 => Strategy::Bump,
            _ => Strategy::Pool(self.random.within(1, 24)),
        };
        self.push(strategy.opening(capacity));
        self.arenas.push((strategy, capacity));
        if self.random.percent(80) {
            self.allocate();
        }
        self.statements(depth + 1);
        self.push(Instruction::StackFree {});
        self.arenas.pop();
        self.end_arenas(self.arenas.len());
    }

    fn end_arenas(&mut self, left: usize) {
        for belief in &mut self.beliefs {
            if matches!(belief, Belief::There(level, _) if *level >= left) {
                *belief = Belief::Gone;
            }
        }
    }

    pub(in crate::generate) fn branch(&mut self, depth: u32) {
        self.condition();
        let when = if self.random.percent(50) {
            Instruction::JumpFalse { target: Target(0) }
        } else {
            Instruction::JumpTrue { target: Target(0) }
        };
        let over = self.jump_later(when);
        let before = self.beliefs.clone();
        let disagree = self.random.percent(self.mood.disagree);
        self.statements(depth + 1);
        if !disagree {
            self.restore(&before);
        }
        let first = self.beliefs.clone();
        if self.random.percent(50) {
            let end = self.jump_later(Instruction::Jump { target: Target(0) });
            self.land(over);
            self.beliefs.clone_from(&before);
            self.statements(depth + 1);
            if !disagree {
                self.restore(&before);
            }
            self.land(end);
        } else {
            self.land(over);
        }
        if self.random.percent(50) {
            self.beliefs = first;
        }
    }

    /// Drops what is there and was not before, and allocates what was there and is not.
    pub(in crate::generate) fn restore(&mut self, before: &[Belief]) {
        for (slot, was) in before.iter().enumerate() {
            let Some(is) = self.beliefs.get(slot).copied() else { continue };
            let slot = Slot(slot as u16);
            match (was, is) {
                (Belief::Gone, Belief::There(..)) => {
                    self.push(Instruction::VarDrop { slot });
                    self.believe(slot, Belief::Gone);
                }
                (Belief::There(level, _), Belief::Gone) if *level + 1 == self.arenas.len() => {
                    self.put(slot);
                }
                _ => {}
            }
        }
    }

    /// The round of a loop begins, which the jump leaves.
    pub(in crate::generate) fn enter_loop(&mut self, end: usize) {
        let (arenas, cells) = (self.arenas.len(), self.cells.len() as u16);
        self.loops.push(Loop { arenas, cells, leaving: vec![end], again: Vec::new() });
    }

    /// Here goes what begins the next round; gives the jumps behind the loop.
    pub(in crate::generate) fn next_round(&mut self) -> Vec<usize> {
        let Some(Loop { leaving, again, .. }) = self.loops.pop() else { return Vec::new() };
        again.into_iter().for_each(|jump| self.land(jump));
        leaving
    }

    /// A loop of a few rounds, now and then of many, counted down in a cell.
    pub(in crate::generate) fn repeat(&mut self, depth: u32) {
        let most = if self.random.percent(25) { 60 } else { 3 };
        let rounds = self.random.within(1, most) as i32;
        self.int(rounds);
        self.cells.push(true);
        let before = self.beliefs.clone();
        let counter = Cell(self.parameter_cells() + self.cells.len() as u16 - 1);
        let start = Target(self.code.len() as u32);
        self.push(Instruction::CellLoad { cell: counter });
        self.int(0);
        self.push(Instruction::GtInt {});
        let end = self.jump_later(Instruction::JumpFalse { target: Target(0) });
        self.enter_loop(end);
        self.statements(depth + 1);
        if !self.random.percent(self.mood.disagree) {
            self.restore(&before);
        }
        let leaving = self.next_round();
        self.int(1);
        self.push(Instruction::SubInt {});
        self.push(Instruction::Jump { target: start });
        leaving.into_iter().for_each(|jump| self.land(jump));
        self.push(Instruction::StackPop {});
        self.cells.pop();
        self.beliefs = before;
    }

    /// A loop that counts up in a variable and adds up in another, while a value lies on the stack that each round takes and leaves anew.
    pub(super) fn count(&mut self) {
        let is_int = |kind, belief| kind == SlotKind::Variable(Tag::Int.mask()) && belief == Belief::Gone;
        let Some(counter) = self.find(is_int) else { return };
        self.put(counter);
        let Some(sum) = self.find(is_int) else { return };
        self.put(sum);
        for slot in [counter, sum] {
            self.value(Tag::Int);
            self.push(Instruction::VarStore { slot });
        }
        self.value(Tag::Int);
        let start = Target(self.code.len() as u32);
        self.push(Instruction::VarLoad { slot: counter });
        let limit = self.random.within(0, 120) as i32;
        self.int(limit);
        self.push(Instruction::LtInt {});
        let end = self.jump_later(Instruction::JumpFalse { target: Target(0) });
        self.push(Instruction::VarLoad { slot: sum });
        self.push(Instruction::AddInt {});
        self.push(Instruction::VarStore { slot: sum });
        match self.random.below(3) {
            0 => self.value(Tag::Int),
            1 => self.push(Instruction::VarLoad { slot: sum }),
            _ => self.push(Instruction::VarLoad { slot: counter }),
        }
        self.push(Instruction::VarLoad { slot: counter });
        let step = self.random.within(1, 2) as i32;
        self.int(step);
        self.push(Instruction::AddInt {});
        self.push(Instruction::VarStore { slot: counter });
        self.push(Instruction::Jump { target: start });
        self.land(end);
        self.push(Instruction::VarLoad { slot: sum });
        self.push(Instruction::MulInt {});
        self.note(Tag::Int);
    }

    /// Leaves the innermost loop, or begins its next round, on a condition.
    pub(super) fn leave(&mut self) {
        let Some((arenas, cells)) = self.loops.last().map(|inner| (inner.arenas, inner.cells)) else { return };
        self.condition();
        let over = self.jump_later(Instruction::JumpFalse { target: Target(0) });
        for _ in arenas..self.arenas.len() {
            self.push(Instruction::StackFree {});
        }
        for _ in usize::from(cells)..self.cells.len() {
            self.push(Instruction::StackPop {});
        }
        let jump = self.jump_later(Instruction::Jump { target: Target(0) });
        let leaves = self.random.percent(50);
        if let Some(inner) = self.loops.last_mut() {
            if leaves { &mut inner.leaving } else { &mut inner.again }.push(jump);
        }
        self.land(over);
    }

    pub(super) fn return_early(&mut self) {
        let over = if self.random.percent(90) {
            self.condition();
            Some(self.jump_later(Instruction::JumpFalse { target: Target(0) }))
        } else {
            None
        };
        for _ in &self.arenas {
            self.code.push(Instruction::StackFree {});
        }
        self.result();
        self.push(Instruction::Return {});
        over.into_iter().for_each(|jump| self.land(jump));
    }
}
