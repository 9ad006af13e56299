//! Operations that become one with those before them, because nobody else wants what those give.

use super::*;

impl Maker<'_> {
    pub(super) fn compute(&mut self, computation: Computation) {
        if computation.is_unary() {
            if keeps_cell(computation) {
                let operand = self.pop();
                return self.push_operand(operand);
            }
            let operand = self.pop_register();
            let to = self.target();
            self.emit(Op::One { computation, to, operand });
            return self.push(Entry::Own);
        }
        let right = self.pop();
        let mut left = self.pop();
        if let (Operand::Constant(_), Operand::Constant(_)) = (left, right) {
            // Rare: the compiler folds. One of them is enough in a register.
            let own = self.target();
            self.emit(Op::Move { to: own, from: left });
            left = Operand::Register(own);
        }
        let to = self.target();
        let op = shifted(computation, to, left, right).filter(|_| self.fuses);
        let op = op.or_else(|| self.pair(computation, to, left, right));
        self.emit(op.unwrap_or(Op::Two { computation, to, left, right }));
        self.push(Entry::Own);
    }

    /// Makes one of a computation and the one before it, whose result is used nowhere else; that one is taken away.
    pub(super) fn pair(&mut self, second: Computation, to: Register, left: Operand, right: Operand) -> Option<Op> {
        if self.ops.len() <= self.fused {
            return None;
        }
        let last = self.ops.last()?;
        let (Op::Two { to: result, .. } | Op::Load { to: result, .. }) = last else { return None };
        // The cells of both operands were popped: what stands in their own registers is not needed any more.
        let own = self.own(self.stack.len());
        let result = Operand::Register(*result);
        let (other, swapped) = match (left == result, right == result) {
            (true, false) if left == Operand::Register(own) => (right, false),
            (false, true) if right == Operand::Register(own + 1) => (left, true),
            _ => return None,
        };
        let op = match (last, other) {
            (Op::Two { computation: first, left: Operand::Register(left), right, .. }, _) => {
                Op::Pair { first: *first, second, to, left: *left, right: *right, other, swapped }
            }
            (Op::Load { tag, from, .. }, Operand::Register(other)) => {
                Op::LoadTwo { tag: *tag, computation: second, to, from: *from, other, swapped }
            }
            _ => return None,
        };
        let loads = matches!(op, Op::LoadTwo { .. });
        (self.fuses && crate::interpreter::has(&op)).then(|| {
            // Where a load can trap, it is told as the load.
            let place = self.places.last().copied().filter(|_| loads);
            self.take_last();
            self.place = place.unwrap_or(self.place);
            op
        })
    }

    pub(super) fn load_view(&mut self, tag: Tag, stride: Stride) {
        let index = self.pop_register();
        // The cell of the index was popped, so what stands in its own register is not needed any more.
        let own = self.own(self.stack.len());
        let view = self.pop_register();
        let multiplied = match self.ops.last() {
            Some(Op::Pair {
                first,
                second,
                to,
                left,
                right: Operand::Constant(factor),
                other: Operand::Register(plus),
                ..
            }) if self.ops.len() > self.fused
                && (*first, *second) == (Computation::MulInt, Computation::AddInt)
                && (*to, index) == (own, own)
                && view != own =>
            {
                i32::try_from(factor.cast_signed()).ok().map(|factor| (*left, factor, *plus))
            }
            _ => None,
        };
        if multiplied.is_some() {
            self.take_last();
        }
        self.load_from(
            tag,
            match multiplied {
                Some((index, factor, plus)) => Spot::ViewAt { view, index, factor, plus, stride },
                None => Spot::View { view, index, stride },
            },
        );
    }

    pub(super) fn take_last(&mut self) -> Option<Op> {
        self.places.pop();
        self.ops.pop()
    }

    /// Takes the top cell with the operation that computed it for this alone.
    pub(super) fn pop_value(&mut self) -> Computed {
        let operand = self.pop();
        let own = self.own(self.stack.len());
        let by = match self.ops.last() {
            Some(Op::Two { computation, to, left: Operand::Register(left), right })
                if self.ops.len() > self.fused && *to == own && operand == Operand::Register(own) =>
            {
                Some((*computation, *left, *right, self.ops.len() - 1))
            }
            _ => None,
        };
        Computed { operand, by }
    }

    /// Stores a value; together with what computed it, if that was the last that was done.
    pub(super) fn store_to(&mut self, tag: Tag, value: Computed, to: Spot) {
        if let Some((computation, left, right, place)) = value.by
            && place + 1 == self.ops.len()
            && let op = (Op::TwoStore { tag, computation, left, right, to })
            && self.fuses
            && crate::interpreter::has(&op)
        {
            self.take_last();
            return self.emit(op);
        }
        self.emit(Op::Store { tag, value: value.operand, to });
    }

    pub(super) fn branch(&mut self, mut when: bool, target: u32) {
        let mut cell = self.pop_register();
        // The cell that was popped, if it is not another that it names.
        let own = self.own(self.stack.len());
        let mut condition = None;
        // A comparison that was made for this branch alone becomes a part of it, and so does a negation.
        while self.ops.len() > self.fused {
            match self.ops.last() {
                Some(Op::One { computation: Computation::NotBool, to, operand }) if *to == cell && cell == own => {
                    when = !when;
                    cell = *operand;
                }
                Some(Op::Two { computation, to, left, right })
                    if *to == cell && cell == own && computation.compares() =>
                {
                    condition = Some(Condition::Compare(*computation, *left, *right));
                }
                _ => break,
            }
            self.take_last();
            if condition.is_some() {
                break;
            }
        }
        // The operands of the comparison are cells that were popped, so what is put in its place cannot be one of theirs.
        self.own_all();
        let target = self.block_at(target);
        self.emit(Op::Branch { condition: condition.unwrap_or(Condition::Cell(cell)), when, target });
    }
}

/// Whether a conversion leaves the bits of the cell as they are.
fn keeps_cell(computation: Computation) -> bool {
    matches!(
        computation,
        Computation::ByteToShort
            | Computation::ByteToInt
            | Computation::ByteToLong
            | Computation::ShortToInt
            | Computation::ShortToLong
            | Computation::IntToLong
            | Computation::CharToInt
    )
}

/// A division or a remainder by a power of two.
fn shifted(computation: Computation, to: Register, left: Operand, right: Operand) -> Option<Op> {
    let (Operand::Register(from), Operand::Constant(divisor)) = (left, right) else { return None };
    let (long, remainder) = match computation {
        Computation::DivInt => (false, false),
        Computation::RemInt => (false, true),
        Computation::DivLong => (true, false),
        Computation::RemLong => (true, true),
        _ => return None,
    };
    // A positive number of either type.
    let is_power = divisor.is_power_of_two() && divisor > 1 && divisor.cast_signed() > 0;
    is_power.then(|| Op::Shifted { long, remainder, to, from, shift: divisor.trailing_zeros() as u8 })
}
