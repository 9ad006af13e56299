//! Two computations as one operation: those that follow one another often, where nobody else wants what the first gives.

use super::raw::{add, give, mul, sub};
use super::vm::{Exit, Vm, here};
use super::window::Window;
use super::word::{Run, Word};
use crate::register::{Op, Operand};
use vega_format::arithmetic::*;
use vega_format::cell::Scalar;
use vega_format::compute::Computation;

/// An operation of two computations; the operands are told by closures.
macro_rules! pairing {
    ($type:ty, $first:ident, $second:ident, $swapped:literal, |$window:ident, $word:ident| $right:expr, $other:expr) => {{
        fn run<'c>(vm: &mut Vm<'c>, $window: Window<'_>, words: &'c [Word], _: u64) -> Exit {
            let ($word, next) = here!(vm, words);
            let left = <$type>::from_cell($window.get($word.b));
            let inner = $first(left, $right);
            let other = $other;
            let result = if $swapped { $second(other, inner) } else { $second(inner, other) };
            give!(vm, $window, words, $word, next, result)
        }
        Some(run as Run)
    }};
}

/// Whether the right operand of the first is a constant, and the other of the second.
type Constants = (bool, bool);

/// All pairs out of a family, with operands in registers, and for integers with constants.
macro_rules! pairs {
    ($name:ident $type:ty: $($first:ident $first_row:ident),+ => $seconds:tt) => {
        fn $name(first: Computation, second: Computation, swapped: bool, constants: Constants) -> Option<Run> {
            match first {
                $(Computation::$first_row => pairs!(@second $type, $first, $seconds, second, swapped, constants),)+
                _ => None,
            }
        }
    };
    (@second $type:ty, $first:ident, [$($second:ident $second_row:ident),+], $found:ident, $swapped:ident, $constants:ident) => {
        match ($found, $swapped, $constants) {
            $(
                (Computation::$second_row, false, (false, false)) => pairing!($type, $first, $second, false, |window, word|
                    <$type>::from_cell(window.get(word.c)), <$type>::from_cell(window.get(word.d))),
                (Computation::$second_row, true, (false, false)) => pairing!($type, $first, $second, true, |window, word|
                    <$type>::from_cell(window.get(word.c)), <$type>::from_cell(window.get(word.d))),
                (Computation::$second_row, false, (true, false)) => pairing!($type, $first, $second, false, |window, word|
                    small(word), <$type>::from_cell(window.get(word.d))),
                (Computation::$second_row, true, (true, false)) => pairing!($type, $first, $second, true, |window, word|
                    small(word), <$type>::from_cell(window.get(word.d))),
                (Computation::$second_row, false, (false, true)) => pairing!($type, $first, $second, false, |window, word|
                    <$type>::from_cell(window.get(word.c)), <$type>::from_cell(word.wide())),
                (Computation::$second_row, false, (true, true)) => pairing!($type, $first, $second, false, |window, word|
                    small(word), <$type>::from_cell(word.wide())),
            )+
            _ => None,
        }
    };
}

/// A constant of 32 bits.
trait Small {
    fn small(bits: u32) -> Self;
}

impl Small for i32 {
    fn small(bits: u32) -> i32 {
        bits.cast_signed()
    }
}

impl Small for i64 {
    fn small(bits: u32) -> i64 {
        bits.cast_signed().into()
    }
}

/// No decimal is told in 32 bits.
impl Small for f64 {
    fn small(_: u32) -> f64 {
        0.0
    }
}

#[inline(always)]
fn small<T: Small>(word: &Word) -> T {
    T::small(word.e)
}

#[inline(always)]
fn shr(value: i32, count: i32) -> i32 {
    ushr_int(value, count.into())
}

#[inline(always)]
fn shl(value: i32, count: i32) -> i32 {
    shl_int(value, count.into())
}

pairs! { ints i32: add_int AddInt, sub_int SubInt, mul_int MulInt, and_int AndInt, xor_int XorInt, shr UshrInt, shl ShlInt
=> [add_int AddInt, sub_int SubInt, mul_int MulInt, and_int AndInt, xor_int XorInt, shr UshrInt] }
pairs! { longs i64: add_long AddLong, sub_long SubLong, mul_long MulLong
=> [add_long AddLong, sub_long SubLong, mul_long MulLong] }
pairs! { decimals f64: add AddDecimal, sub SubDecimal, mul MulDecimal
=> [add AddDecimal, sub SubDecimal, mul MulDecimal] }

/// Does an [`Op::Pair`]; `None` where there is no operation for the two.
pub(super) fn run(op: &Op) -> Option<Run> {
    let Op::Pair { first, second, right, other, swapped, .. } = *op else { return None };
    let constants = (matches!(right, Operand::Constant(_)), matches!(other, Operand::Constant(_)));
    if let Operand::Constant(bits) = right
        && i32::try_from(bits.cast_signed()).is_err()
    {
        return None;
    }
    let is_decimal = matches!(first, Computation::AddDecimal | Computation::SubDecimal | Computation::MulDecimal);
    if is_decimal && constants.0 {
        return None;
    }
    let families = [ints, longs, decimals];
    families.into_iter().find_map(|family| family(first, second, swapped, constants))
}
