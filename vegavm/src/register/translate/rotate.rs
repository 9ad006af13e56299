//! Loops that go round with an operation or two less.

use super::*;

/// Lets a jump to a block that is nothing but a branch do the work of that block, together with the addition before it if
/// that counts what the branch compares: so a loop goes round with an operation or two less.
pub(super) fn rotate(form: &mut Form) {
    let starts: HashSet<u32> = form.blocks.iter().flatten().map(|block| block.start).collect();
    for place in 0..form.ops.len() {
        let Some(Op::Jump { target }) = form.ops.get(place) else { continue };
        let number = *target;
        let Some(Some(Block { start, steps, .. })) = form.blocks.get(number as usize) else { continue };
        let Some(Op::Branch { condition, when, .. }) = form.ops.get(*start as usize) else { continue };
        let (condition, when, steps, otherwise) = (*condition, *when, *steps, number + 1);
        if form.blocks.get(otherwise as usize).copied().flatten().map(|block| block.start) != Some(start + 1) {
            continue;
        }
        let before = place.checked_sub(1).filter(|_| !starts.contains(&(place as u32)));
        let count = before.and_then(|before| counted(form.ops.get(before)?, condition, when, otherwise, steps));
        if let (Some(before), Some(count)) = (before, count) {
            // The jump behind it is not reached any more.
            if let Some(op) = form.ops.get_mut(before) {
                *op = count;
            }
        } else if let Some(op) = form.ops.get_mut(place) {
            *op = Op::JumpBranch { condition, when, otherwise, steps };
        }
    }
}

/// An addition and the comparison of its result that ends a loop.
fn counted(op: &Op, condition: Condition, when: bool, otherwise: u32, steps: u32) -> Option<Op> {
    let Op::Two { computation, to, left, right: step } = *op else { return None };
    let Condition::Compare(compares, Operand::Register(compared), limit) = condition else { return None };
    let long = match (computation, compares) {
        (Computation::AddInt, Computation::LtInt) => false,
        (Computation::AddLong, Computation::LtLong) => true,
        _ => return None,
    };
    if let (Operand::Constant(step), Operand::Constant(_)) = (step, limit) {
        i16::try_from(step.cast_signed()).ok()?;
    }
    if step == Operand::Register(to) {
        return None;
    }
    let counts = left == Operand::Register(to) && compared == to && limit != Operand::Register(to) && !when;
    counts.then_some(Op::Count { long, register: to, step, limit, otherwise, steps })
}
