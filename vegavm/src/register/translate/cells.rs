//! What stands on the stack while code is made: values in their own registers, constants, and names of other registers.

use super::*;
use alloc::vec::Vec;

impl Maker<'_> {
    /// The register of a cell's own.
    pub(super) fn own(&self, cell: usize) -> Register {
        self.first + cell as Register
    }

    /// A register that belongs to nobody.
    pub(super) fn scratch(&self) -> Register {
        self.first + self.function.max_stack
    }

    pub(super) fn operand_of(&self, cell: usize) -> Operand {
        match self.stack.get(cell) {
            Some(Entry::Constant(bits)) => Operand::Constant(*bits),
            Some(Entry::Copy(register)) => Operand::Register(*register),
            Some(Entry::Own) | None => Operand::Register(self.own(cell)),
        }
    }

    pub(super) fn pop(&mut self) -> Operand {
        let top = self.stack.len().saturating_sub(1);
        let operand = self.operand_of(top);
        self.stack.pop();
        operand
    }

    /// Takes the top cell as a register.
    pub(super) fn pop_register(&mut self) -> Register {
        let own = self.own(self.stack.len().saturating_sub(1));
        match self.pop() {
            Operand::Register(register) => register,
            constant @ Operand::Constant(_) => {
                self.prepare(own);
                self.emit(Op::Move { to: own, from: constant });
                own
            }
        }
    }

    /// Takes the top cell as a register, or as a constant of 16 bits.
    pub(super) fn pop_small(&mut self) -> Operand {
        match self.operand_of(self.stack.len().saturating_sub(1)) {
            Operand::Constant(bits) if i16::try_from(bits.cast_signed()).is_err() => {
                Operand::Register(self.pop_register())
            }
            _ => self.pop(),
        }
    }

    pub(super) fn push(&mut self, entry: Entry) {
        let cell = self.stack.len();
        let own = self.own(cell);
        self.stack.push(if entry == Entry::Copy(own) { Entry::Own } else { entry });
        if let Some(deep) = cell.checked_sub(WINDOW) {
            self.make_own(deep);
        }
    }

    pub(super) fn push_operand(&mut self, operand: Operand) {
        self.push(match operand {
            Operand::Register(register) => Entry::Copy(register),
            Operand::Constant(bits) => Entry::Constant(bits),
        });
    }

    /// The register of the cell that is pushed next, ready to be written.
    pub(super) fn target(&mut self) -> Register {
        let own = self.own(self.stack.len());
        self.prepare(own);
        own
    }

    /// A register is about to be written: who names it gets its own copy before. Says whether anybody did.
    pub(super) fn prepare(&mut self, register: Register) -> bool {
        let mut any = false;
        let lowest = self.stack.len().saturating_sub(WINDOW + 1);
        for cell in (lowest..self.stack.len()).rev() {
            if self.stack.get(cell) == Some(&Entry::Copy(register)) {
                self.make_own(cell);
                any = true;
            }
        }
        any
    }

    /// Puts a cell into its own register.
    pub(super) fn make_own(&mut self, cell: usize) {
        let from = self.operand_of(cell);
        let Some(entry) = self.stack.get_mut(cell).filter(|entry| **entry != Entry::Own) else { return };
        *entry = Entry::Own;
        let to = self.own(cell);
        self.prepare(to);
        self.emit(Op::Move { to, from });
    }

    pub(super) fn own_all(&mut self) {
        let lowest = self.stack.len().saturating_sub(WINDOW + 1);
        self.own_from(lowest);
    }

    pub(super) fn own_from(&mut self, lowest: usize) {
        (lowest..self.stack.len()).for_each(|cell| self.make_own(cell));
    }

    /// Lets the operation that made the value of a cell write it elsewhere; says whether it could.
    pub(super) fn retarget(&mut self, from: Operand, to: Register) -> bool {
        if self.ops.len() <= self.fused {
            return false;
        }
        // The cell that was popped, and not another that it names.
        let own = self.own(self.stack.len());
        let Some(written) = self.ops.last_mut().and_then(result_of) else { return false };
        let is_it = *written == own && from == Operand::Register(own);
        if is_it {
            *written = to;
        }
        is_it
    }

    /// Moves a value that was popped into a register that the function keeps.
    pub(super) fn assign(&mut self, to: Register, from: Operand) {
        if self.prepare(to) || !self.retarget(from, to) {
            self.emit(Op::Move { to, from });
        }
    }

    /// The operation takes these cells side by side and leaves so many.
    pub(super) fn complex(&mut self, what: Complex, pops: usize, pushes: usize) {
        let lowest = self.stack.len().saturating_sub(pops);
        self.own_from(lowest);
        self.stack.truncate(lowest);
        for cell in lowest..lowest + pushes {
            let own = self.own(cell);
            self.prepare(own);
        }
        let first = self.own(lowest);
        self.emit(Op::Complex { what, first, takes: pops as u16, gives: pushes as u16 });
        (0..pushes).for_each(|_| self.push(Entry::Own));
    }

    /// The operation takes no cells and leaves none.
    pub(super) fn alone(&mut self, what: Complex, first: Register) {
        self.emit(Op::Complex { what, first, takes: 0, gives: 0 });
    }

    pub(super) fn load_cell(&mut self, cell: usize, point: &Point) {
        match cell.checked_sub(self.parameters.len()) {
            None => {
                self.push(Entry::Copy(cell as Register));
                if let Some(CellType::UnionValue(_)) = self.parameters.get(cell) {
                    self.push(Entry::Copy(cell as Register + 1));
                }
            }
            Some(cell) => {
                let is_union = matches!(point.stack.get(cell), Some(CellType::UnionValue(_)));
                let operand = self.operand_of(cell);
                self.push_operand(operand);
                if is_union {
                    let operand = self.operand_of(cell + 1);
                    self.push_operand(operand);
                }
            }
        }
    }

    /// Drops cells that lie beneath others. A cell only ever names registers that are kept, and those of cells below it: what
    /// named one of a cell that goes would outlive it.
    pub(super) fn slide(&mut self, keep: usize, drop: usize) {
        let start = self.stack.len().saturating_sub(keep + drop);
        let (to, from) = (self.own(start), self.own(start + drop));
        let kept: Vec<_> = (start + drop..self.stack.len()).map(|cell| self.operand_of(cell)).collect();
        let outlives = |operand: &Operand| matches!(operand, Operand::Register(register) if *register >= to);
        if keep <= WINDOW && !kept.iter().any(outlives) {
            self.stack.truncate(start);
            kept.into_iter().for_each(|operand| self.push_operand(operand));
            return;
        }
        self.own_from(start + drop);
        self.stack.truncate(start + drop);
        if keep != 1 {
            self.emit(Op::Slide { to, from, cells: keep as u16 });
        } else if !self.retarget(Operand::Register(from), to) {
            self.emit(Op::Move { to, from: Operand::Register(from) });
        }
        self.stack.truncate(start);
        self.stack.resize(start + keep, Entry::Own);
    }
}

/// The register that an operation writes, if it writes just one and does so last of all.
fn result_of(op: &mut Op) -> Option<&mut Register> {
    match op {
        Op::Move { to, .. }
        | Op::One { to, .. }
        | Op::Two { to, .. }
        | Op::Pair { to, .. }
        | Op::Shifted { to, .. }
        | Op::Length { to, .. }
        | Op::Span { to, .. }
        | Op::Load { to, .. }
        | Op::LoadTwo { to, .. } => Some(to),
        _ => None,
    }
}
