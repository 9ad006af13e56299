//! The operations that only compute, and the branches that a comparison decides: for each computation a function of its
//! own, made from the one table of them.

use super::raw::{self, give};
use super::vm::{Exit, Vm, enter, go, here};
use super::window::Window;
use super::word::{Run, Word};
use crate::register::Operand;
use vega_format::arithmetic::DivisionByZero;
use vega_format::cell::Scalar;
use vega_format::compute::{Computation, compare, divide, one, shift, two};
use vega_format::for_each_computation;
use vega_format::trap::Trap;

/// An operation that computes from these operands.
macro_rules! computing {
    ($shape:ident, $function:ident, |$window:ident, $word:ident| $operands:expr) => {{
        fn run<'c>(vm: &mut Vm<'c>, $window: Window<'_>, words: &'c [Word], _: u64) -> Exit {
            let ($word, next) = here!(vm, words);
            match $shape(vega_format::arithmetic::$function, $operands) {
                Ok(result) => {
                    $window.set($word.a, result);
                    go!(vm, $window, words, next, result)
                }
                Err(DivisionByZero) => vm.stopped(words, Trap::DivisionByZero {}),
            }
        }
        Some(run as Run)
    }};
}

/// The same for decimals, with a function of raw arithmetic.
macro_rules! decimal {
    ($function:ident, |$window:ident, $word:ident| $operands:expr) => {{
        fn run<'c>(vm: &mut Vm<'c>, $window: Window<'_>, words: &'c [Word], _: u64) -> Exit {
            let ($word, next) = here!(vm, words);
            let [left, right] = $operands;
            let result = raw::$function(f64::from_cell(left), f64::from_cell(right));
            give!(vm, $window, words, $word, next, result)
        }
        Some(run as Run)
    }};
}

/// An operation on one register.
macro_rules! on_one {
    (one, $function:ident) => {
        computing!(one, $function, |window, word| [window.get(word.b), 0])
    };
    ($other:ident, $function:ident) => {
        None
    };
}

/// An operation on two operands, which are told by a closure.
macro_rules! on_two {
    (one, $function:ident, $($operands:tt)*) => {
        None
    };
    (two, add_decimal, $($operands:tt)*) => {
        decimal!(add, $($operands)*)
    };
    (two, sub_decimal, $($operands:tt)*) => {
        decimal!(sub, $($operands)*)
    };
    (two, mul_decimal, $($operands:tt)*) => {
        decimal!(mul, $($operands)*)
    };
    (two, div_decimal, $($operands:tt)*) => {
        decimal!(div, $($operands)*)
    };
    ($shape:ident, $function:ident, $($operands:tt)*) => {
        computing!($shape, $function, $($operands)*)
    };
}

/// A branch where a comparison has this result.
macro_rules! branching {
    (compare, $function:ident, $when:literal, |$window:ident, $word:ident| $operands:expr) => {{
        fn run<'c>(vm: &mut Vm<'c>, $window: Window<'_>, words: &'c [Word], _: u64) -> Exit {
            let [$word, rest @ ..] = words else { return vm.broken() };
            let holds = compare(vega_format::arithmetic::$function, $operands) == Ok(1);
            if holds == $when {
                return enter!(vm, $window, vm.at($word.e));
            }
            enter!(vm, $window, Some(rest))
        }
        Some(run as Run)
    }};
    ($other:ident, $function:ident, $when:literal, $($operands:tt)*) => {
        None
    };
}

/// Pays for a block that is nothing but a branch, and goes on behind it, or where its branch leads.
macro_rules! round {
    ($vm:ident, $window:ident, $word:ident, $goes_on:expr) => {{
        let behind = $word.far_target();
        // Both blocks at once; if there is not enough for both, one after the other.
        if $goes_on {
            return match $vm.at(behind) {
                Some(words @ [word, ..]) => {
                    let steps = u64::from($word.e);
                    if $vm.fuel < steps {
                        return $vm.starve_before(behind);
                    }
                    $vm.fuel -= steps;
                    $crate::interpreter::vm::follow!($vm, $window, word, words, 0)
                }
                _ => $vm.broken(),
            };
        }
        let Some([branch, ..]) = $vm.at(behind.wrapping_sub(1)) else { return $vm.broken() };
        match $vm.at(branch.e) {
            Some(words @ [word, ..]) => {
                let steps = u64::from(branch.steps) + u64::from(word.steps);
                if $vm.fuel < steps {
                    return $vm.starve_before(behind);
                }
                $vm.fuel -= steps;
                $crate::interpreter::vm::follow!($vm, $window, word, words, 0)
            }
            _ => $vm.broken(),
        }
    }};
}

pub(super) use round;

/// The same that pays for the block of the branch before.
macro_rules! jumping {
    (compare, $function:ident, $when:literal, |$window:ident, $word:ident| $operands:expr) => {{
        fn run<'c>(vm: &mut Vm<'c>, $window: Window<'_>, words: &'c [Word], _: u64) -> Exit {
            let [$word, ..] = words else { return vm.broken() };
            let holds = compare(vega_format::arithmetic::$function, $operands) == Ok(1);
            round!(vm, $window, $word, holds != $when)
        }
        Some(run as Run)
    }};
    ($other:ident, $function:ident, $when:literal, $($operands:tt)*) => {
        None
    };
}

macro_rules! define {
    ($($row:ident $shape:ident $function:ident;)*) => {
        /// Computes from the register `b`.
        pub(super) fn one_register(computation: Computation) -> Option<Run> {
            match computation {
                $(Computation::$row => on_one!($shape, $function),)*
            }
        }

        /// Computes from the registers `b` and `c`.
        pub(super) fn two_registers(computation: Computation) -> Option<Run> {
            match computation {
                $(Computation::$row => on_two!($shape, $function, |window, word| {
                    [window.get(word.b), window.get(word.c)]
                }),)*
            }
        }

        /// Computes from the register `b` and a constant.
        pub(super) fn two_right_constant(computation: Computation) -> Option<Run> {
            match computation {
                $(Computation::$row => {
                    on_two!($shape, $function, |window, word| [window.get(word.b), word.wide()])
                })*
            }
        }

        /// Computes from a constant and the register `b`.
        pub(super) fn two_left_constant(computation: Computation) -> Option<Run> {
            match computation {
                $(Computation::$row => {
                    on_two!($shape, $function, |window, word| [word.wide(), window.get(word.b)])
                })*
            }
        }

        comparisons! { branch branching $($row $shape $function;)* }
        comparisons! { jump_branch jumping $($row $shape $function;)* }
    };
}

macro_rules! comparisons {
    ($name:ident $kind:ident $($row:ident $shape:ident $function:ident;)*) => {
        /// A branch where a comparison of the register `a` with `b` or a constant has this result.
        pub(super) fn $name(computation: Computation, when: bool, left: Operand, right: Operand) -> Option<Run> {
            use Operand::{Constant, Register};
            match (left, right, when) {
                (Register(_), Register(_), true) => match computation {
                    $(Computation::$row => $kind!($shape, $function, true, |window, word| {
                        [window.get(word.a), window.get(word.b)]
                    }),)*
                },
                (Register(_), Register(_), false) => match computation {
                    $(Computation::$row => $kind!($shape, $function, false, |window, word| {
                        [window.get(word.a), window.get(word.b)]
                    }),)*
                },
                (Register(_), Constant(_), true) => match computation {
                    $(Computation::$row => $kind!($shape, $function, true, |window, word| {
                        [window.get(word.a), word.wide()]
                    }),)*
                },
                (Register(_), Constant(_), false) => match computation {
                    $(Computation::$row => $kind!($shape, $function, false, |window, word| {
                        [window.get(word.a), word.wide()]
                    }),)*
                },
                (Constant(_), Register(_), true) => match computation {
                    $(Computation::$row => $kind!($shape, $function, true, |window, word| {
                        [word.wide(), window.get(word.a)]
                    }),)*
                },
                (Constant(_), Register(_), false) => match computation {
                    $(Computation::$row => $kind!($shape, $function, false, |window, word| {
                        [word.wide(), window.get(word.a)]
                    }),)*
                },
                (Constant(_), Constant(_), _) => None,
            }
        }
    };
}

for_each_computation!(define);

/// What a loop counts with.
pub(super) trait Number: Scalar + PartialOrd {
    fn add(self, other: Self) -> Self;
}

impl Number for i32 {
    #[inline(always)]
    fn add(self, other: i32) -> i32 {
        self.wrapping_add(other)
    }
}

impl Number for i64 {
    #[inline(always)]
    fn add(self, other: i64) -> i64 {
        self.wrapping_add(other)
    }
}

/// What a loop adds when it goes round, and what it stays below.
pub(super) trait Amounts {
    fn amounts(window: Window<'_>, word: &Word) -> [u64; 2];
}

macro_rules! amounts {
    ($($name:ident |$window:ident, $word:ident| $amounts:expr;)*) => { $(
        pub(super) struct $name;

        impl Amounts for $name {
            #[inline(always)]
            fn amounts($window: Window<'_>, $word: &Word) -> [u64; 2] {
                $amounts
            }
        }
    )* };
}

amounts! {
    StepConstant |window, word| [word.wide(), window.get(word.b)];
    StepRegister |window, word| [window.get(word.b), word.wide()];
    BothConstant |_window, word| [i64::from(word.b.cast_signed()).cast_unsigned(), word.wide()];
    BothRegister |window, word| [window.get(word.b), window.get(word.low as u16)];
}

/// Adds to the register `a`, and goes round as long as it is below a limit.
#[inline(always)]
pub(super) fn count_round<'c, T: Number, A: Amounts>(vm: &mut Vm<'c>, window: Window<'_>, words: &'c [Word]) -> Exit {
    let [word, ..] = words else { return vm.broken() };
    let [step, limit] = A::amounts(window, word);
    let counted = T::from_cell(window.get(word.a)).add(T::from_cell(step));
    window.set(word.a, counted.to_cell());
    round!(vm, window, word, counted < T::from_cell(limit))
}

fn counting<'c, T: Number, A: Amounts>(vm: &mut Vm<'c>, window: Window<'_>, words: &'c [Word], _: u64) -> Exit {
    count_round::<T, A>(vm, window, words)
}

/// Adds to a register, and goes round as long as it is below a limit.
pub(super) fn count(long: bool, step: Operand, limit: Operand) -> Run {
    use Operand::{Constant, Register};
    match (long, step, limit) {
        (false, Constant(_), Register(_)) => counting::<i32, StepConstant> as Run,
        (false, Constant(_), Constant(_)) => counting::<i32, BothConstant> as Run,
        (false, Register(_), Constant(_)) => counting::<i32, StepRegister> as Run,
        (false, Register(_), Register(_)) => counting::<i32, BothRegister> as Run,
        (true, Constant(_), Register(_)) => counting::<i64, StepConstant> as Run,
        (true, Constant(_), Constant(_)) => counting::<i64, BothConstant> as Run,
        (true, Register(_), Constant(_)) => counting::<i64, StepRegister> as Run,
        (true, Register(_), Register(_)) => counting::<i64, BothRegister> as Run,
    }
}

/// What can be divided by a power of two without a division.
pub(super) trait Halves: Scalar {
    /// The quotient by two to the power of a shift, or the remainder.
    fn halved<const REMAINDER: bool>(self, shift: u32) -> Self;
}

macro_rules! halves {
    ($($type:ty)*) => { $(
        impl Halves for $type {
            #[inline(always)]
            fn halved<const REMAINDER: bool>(self, shift: u32) -> $type {
                // Towards zero: what is negative is rounded up.
                let bias = (self >> (<$type>::BITS - 1)) & ((1 as $type) << shift).wrapping_sub(1);
                let quotient = self.wrapping_add(bias) >> shift;
                if REMAINDER { self.wrapping_sub(quotient << shift) } else { quotient }
            }
        }
    )* };
}

halves! { i32 i64 }

fn halving<'c, T: Halves, const REMAINDER: bool>(
    vm: &mut Vm<'c>,
    window: Window<'_>,
    words: &'c [Word],
    _: u64,
) -> Exit {
    let (word, next) = here!(vm, words);
    let value = T::from_cell(window.get(word.b)).halved::<REMAINDER>(word.low).to_cell();
    window.set(word.a, value);
    go!(vm, window, words, next, value)
}

/// Divides the register `b` by a power of two, or gives the remainder.
pub(super) fn shifted(long: bool, remainder: bool) -> Run {
    match (long, remainder) {
        (false, false) => halving::<i32, false> as Run,
        (false, true) => halving::<i32, true> as Run,
        (true, false) => halving::<i64, false> as Run,
        (true, true) => halving::<i64, true> as Run,
    }
}
