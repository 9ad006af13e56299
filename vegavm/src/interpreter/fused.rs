//! A load whose value is computed with at once, and a computation whose result is stored at once.

use super::memory::{behind, out_of_bounds, outside, read, view_element, write};
use super::raw::{self, give};
use super::vm::{Exit, Vm, go, here};
use super::window::Window;
use super::word::{Run, Word};
use crate::register::{Address, Op, Operand, Spot};
use vega_format::arithmetic::*;
use vega_format::cell::Scalar;
use vega_format::compute::Computation;
use vega_format::types::Tag;

/// Loads, and computes with the register `d`.
macro_rules! load_two {
    ($type:ty, $function:path, $swapped:literal, $address:ident) => {{
        fn run<'c>(vm: &mut Vm<'c>, window: Window<'_>, words: &'c [Word], _: u64) -> Exit {
            let (word, next) = here!(vm, words);
            match $address(window, word) {
                Ok(address) => match read::<$type>(&vm.memory, address) {
                    Some(cell) => {
                        let loaded = <$type>::from_cell(cell);
                        let other = <$type>::from_cell(window.get(word.d));
                        let result = if $swapped { $function(other, loaded) } else { $function(loaded, other) };
                        give!(vm, window, words, word, next, result)
                    }
                    None => outside(vm, words),
                },
                Err(bound) => out_of_bounds(vm, words, bound),
            }
        }
        Some(run as Run)
    }};
}

/// Computes with the register `a`, and stores.
macro_rules! two_store {
    ($type:ty, $function:ident, $address:ident, |$window:ident, $word:ident| $right:expr) => {{
        fn run<'c>(vm: &mut Vm<'c>, $window: Window<'_>, words: &'c [Word], _: u64) -> Exit {
            let ($word, next) = here!(vm, words);
            let left = <$type>::from_cell($window.get($word.a));
            let result = $function(left, <$type>::from_cell($right)).to_cell();
            match $address($window, $word) {
                Ok(address) => match write::<$type>(&mut vm.memory, address, result) {
                    Some(()) => go!(vm, $window, words, next, 0),
                    None => outside(vm, words),
                },
                Err(bound) => out_of_bounds(vm, words, bound),
            }
        }
        Some(run as Run)
    }};
}

/// Which of the two places an operation has: behind a register, or in an element of a view.
macro_rules! by_spot {
    ($spot:expr, $macro:ident, ($($before:tt)*) $(, $after:tt)*) => {
        match $spot {
            Spot::At(Address { base: Some(_), .. }) => $macro!($($before)*, behind $(, $after)*),
            Spot::View { .. } => $macro!($($before)*, view_element $(, $after)*),
            _ => None,
        }
    };
}

/// The operations by type: the computation, its function, and the one of [raw] arithmetic.
macro_rules! tables {
    ($($tag:ident $type:ty: $($row:ident $function:ident $raw:path),+;)+) => {
        /// Does an [`Op::LoadTwo`]; `None` where there is no operation for it.
        pub(super) fn load_two(op: &Op) -> Option<Run> {
            let Op::LoadTwo { tag, computation, from, swapped, .. } = *op else { return None };
            match (tag, computation, swapped) {
                $($(
                    (Tag::$tag, Computation::$row, false) => by_spot!(from, load_two, ($type, $raw, false)),
                    (Tag::$tag, Computation::$row, true) => by_spot!(from, load_two, ($type, $raw, true)),
                )+)+
                _ => None,
            }
        }

        /// Does an [`Op::TwoStore`]; `None` where there is no operation for it.
        pub(super) fn two_store(op: &Op) -> Option<Run> {
            let Op::TwoStore { tag, computation, right, to, .. } = *op else { return None };
            match (tag, computation, right, to) {
                $($(
                    (Tag::$tag, Computation::$row, Operand::Register(_), Spot::At(Address { base: Some(_), .. })) => {
                        two_store!($type, $function, behind, |window, word| window.get(word.d))
                    }
                    (Tag::$tag, Computation::$row, Operand::Register(_), Spot::View { .. }) => {
                        two_store!($type, $function, view_element, |window, word| window.get(word.d))
                    }
                    // The size of a view's elements stands where a constant would.
                    (Tag::$tag, Computation::$row, Operand::Constant(_), Spot::At(Address { base: Some(_), .. })) => {
                        two_store!($type, $function, behind, |window, word| word.wide())
                    }
                )+)+
                _ => None,
            }
        }
    };
}

tables! {
    Int i32: AddInt add_int add_int, SubInt sub_int sub_int, MulInt mul_int mul_int, AndInt and_int and_int,
        XorInt xor_int xor_int;
    Long i64: AddLong add_long add_long, SubLong sub_long sub_long;
    Decimal f64: AddDecimal add_decimal raw::add, SubDecimal sub_decimal raw::sub, MulDecimal mul_decimal raw::mul;
}
