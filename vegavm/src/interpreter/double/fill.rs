//! A loop that is nothing but a store into an element and the count of its index goes round within one operation, until the
//! count ends it, the index is out of bounds, or the steps that are paid for are taken. What it does not change it reads once.

use crate::interpreter::compute::{Amounts, BothConstant, BothRegister, Number, StepConstant, StepRegister, round};
use crate::interpreter::memory::{element_of, out_of_bounds, outside, small, write};
use crate::interpreter::vm::{Exit, Vm};
use crate::interpreter::window::Window;
use crate::interpreter::word::{Run, Word};
use crate::register::{Op, Operand, Spot};
use vega_format::cell::Scalar;
use vega_format::types::Tag;

/// The operation that does the work of these two, where the second leads back to the first; `None` where there is none.
pub(super) fn run(first: &Op, second: &Op) -> Option<Run> {
    let Op::Store { tag, value, to: Spot::View { view, index, .. } } = *first else { return None };
    let Op::Count { long: false, register, step, limit, .. } = *second else { return None };
    let counted = Operand::Register(register);
    if register != index || register == view || [value, step, limit].contains(&counted) {
        return None;
    }
    let is_constant = matches!(value, Operand::Constant(_));
    Some(match (tag, is_constant) {
        (Tag::Byte, false) => by_amounts::<u8, false>(step, limit),
        (Tag::Byte, true) => by_amounts::<u8, true>(step, limit),
        (Tag::Int, false) => by_amounts::<i32, false>(step, limit),
        (Tag::Int, true) => by_amounts::<i32, true>(step, limit),
        (Tag::Long, false) => by_amounts::<i64, false>(step, limit),
        (Tag::Long, true) => by_amounts::<i64, true>(step, limit),
        (Tag::Decimal, false) => by_amounts::<f64, false>(step, limit),
        (Tag::Decimal, true) => by_amounts::<f64, true>(step, limit),
        _ => return None,
    })
}

fn by_amounts<T: Scalar, const SMALL: bool>(step: Operand, limit: Operand) -> Run {
    use Operand::{Constant, Register};
    match (step, limit) {
        (Constant(_), Register(_)) => fill::<T, StepConstant, SMALL> as Run,
        (Constant(_), Constant(_)) => fill::<T, BothConstant, SMALL> as Run,
        (Register(_), Constant(_)) => fill::<T, StepRegister, SMALL> as Run,
        (Register(_), Register(_)) => fill::<T, BothRegister, SMALL> as Run,
    }
}

/// Stores the register `a`, or the small constant that stands there, in elements of the view in `b`.
fn fill<'c, T: Scalar, A: Amounts, const SMALL: bool>(
    vm: &mut Vm<'c>,
    window: Window<'_>,
    words: &'c [Word],
    _: u64,
) -> Exit {
    let [word, count, _, ..] = words else { return vm.broken() };
    let (view, cell) = (window.get(word.b), if SMALL { small(word) } else { window.get(word.a) });
    let [step, limit] = A::amounts(window, count).map(i32::from_cell);
    let steps = u64::from(count.e);
    let mut index = i32::from_cell(window.get(word.c));
    let (mut fuel, memory) = (vm.fuel, &mut *vm.memory);
    let ends = loop {
        match element_of(view, index.to_cell(), word) {
            Ok(address) if write::<T>(memory, address, cell).is_some() => {}
            Ok(_) => break Some(None),
            Err(bound) => break Some(Some(bound)),
        }
        index = index.add(step);
        // The last round, and one that is not paid for, are left to be ended as a count ends them.
        if index >= limit || fuel < steps {
            break None;
        }
        fuel -= steps;
    };
    vm.fuel = fuel;
    window.set(word.c, index.to_cell());
    match ends {
        None => round!(vm, window, count, index < limit),
        Some(None) => outside(vm, words),
        Some(Some(bound)) => out_of_bounds(vm, words, bound),
    }
}
