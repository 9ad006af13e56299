//! The operations that only compute, and the branches that a comparison decides: for each computation a function of its
//! own, made from the one table of them.

use super::vm::{Exit, Registers, Vm, enter, go};
use super::word::{Run, Word};
use crate::register::Operand;
use vega_format::arithmetic::DivisionByZero;
use vega_format::cell::Scalar;
use vega_format::compute::{Computation, compare, divide, one, shift, two};
use vega_format::for_each_computation;
use vega_format::trap::Trap;

/// An operation that computes from these operands.
macro_rules! computing {
    ($shape:ident, $function:ident, |$registers:ident, $word:ident| $operands:expr) => {{
        fn run<'c>(vm: &mut Vm<'c>, $registers: &mut Registers, $word: &'c Word, rest: &'c [Word]) -> Exit {
            match $shape(vega_format::arithmetic::$function, $operands) {
                Ok(result) => {
                    $registers[usize::from($word.a)] = result;
                    go!(vm, $registers, rest)
                }
                Err(DivisionByZero) => vm.stopped(rest, Trap::DivisionByZero {}),
            }
        }
        Some(run as Run)
    }};
}

/// An operation on one register.
macro_rules! on_one {
    (one, $function:ident) => {
        computing!(one, $function, |registers, word| [registers[usize::from(word.b)], 0])
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
    ($shape:ident, $function:ident, $($operands:tt)*) => {
        computing!($shape, $function, $($operands)*)
    };
}

/// A branch where a comparison has this result.
macro_rules! branching {
    (compare, $function:ident, $when:literal, |$registers:ident, $word:ident| $operands:expr) => {{
        fn run<'c>(vm: &mut Vm<'c>, $registers: &mut Registers, $word: &'c Word, rest: &'c [Word]) -> Exit {
            let holds = compare(vega_format::arithmetic::$function, $operands) == Ok(1);
            if holds == $when {
                return enter!(vm, $registers, vm.at($word.e));
            }
            enter!(vm, $registers, rest)
        }
        Some(run as Run)
    }};
    ($other:ident, $function:ident, $when:literal, $($operands:tt)*) => {
        None
    };
}

/// Pays for a block that is nothing but a branch, and goes on behind it, or where its branch leads.
macro_rules! round {
    ($vm:ident, $registers:ident, $word:ident, $goes_on:expr) => {{
        let behind = $word.far_target();
        let target = match $goes_on {
            true => behind,
            false => $vm.words.get((behind as usize).wrapping_sub(1)).map_or(u32::MAX, |branch| branch.e),
        };
        let words: &[Word] = $vm.at(target);
        match words.split_first() {
            Some((word, rest)) => {
                // Both blocks at once; if there is not enough for both, one after the other.
                let steps = u64::from($word.e) + u64::from(word.steps);
                if $vm.fuel < steps {
                    return $vm.starve($vm.at(behind.saturating_sub(1)));
                }
                $vm.fuel -= steps;
                $crate::interpreter::vm::follow!($vm, $registers, word, rest)
            }
            None => $vm.broken(),
        }
    }};
}

pub(super) use round;

/// The same that pays for the block of the branch before.
macro_rules! jumping {
    (compare, $function:ident, $when:literal, |$registers:ident, $word:ident| $operands:expr) => {{
        fn run<'c>(vm: &mut Vm<'c>, $registers: &mut Registers, $word: &'c Word, _: &'c [Word]) -> Exit {
            let holds = compare(vega_format::arithmetic::$function, $operands) == Ok(1);
            round!(vm, $registers, $word, holds != $when)
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
                $(Computation::$row => on_two!($shape, $function, |registers, word| {
                    [registers[usize::from(word.b)], registers[usize::from(word.c)]]
                }),)*
            }
        }

        /// Computes from the register `b` and a constant.
        pub(super) fn two_right_constant(computation: Computation) -> Option<Run> {
            match computation {
                $(Computation::$row => {
                    on_two!($shape, $function, |registers, word| [registers[usize::from(word.b)], word.x])
                })*
            }
        }

        /// Computes from a constant and the register `b`.
        pub(super) fn two_left_constant(computation: Computation) -> Option<Run> {
            match computation {
                $(Computation::$row => {
                    on_two!($shape, $function, |registers, word| [word.x, registers[usize::from(word.b)]])
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
                    $(Computation::$row => $kind!($shape, $function, true, |registers, word| {
                        [registers[usize::from(word.a)], registers[usize::from(word.b)]]
                    }),)*
                },
                (Register(_), Register(_), false) => match computation {
                    $(Computation::$row => $kind!($shape, $function, false, |registers, word| {
                        [registers[usize::from(word.a)], registers[usize::from(word.b)]]
                    }),)*
                },
                (Register(_), Constant(_), true) => match computation {
                    $(Computation::$row => $kind!($shape, $function, true, |registers, word| {
                        [registers[usize::from(word.a)], word.x]
                    }),)*
                },
                (Register(_), Constant(_), false) => match computation {
                    $(Computation::$row => $kind!($shape, $function, false, |registers, word| {
                        [registers[usize::from(word.a)], word.x]
                    }),)*
                },
                (Constant(_), Register(_), true) => match computation {
                    $(Computation::$row => $kind!($shape, $function, true, |registers, word| {
                        [word.x, registers[usize::from(word.a)]]
                    }),)*
                },
                (Constant(_), Register(_), false) => match computation {
                    $(Computation::$row => $kind!($shape, $function, false, |registers, word| {
                        [word.x, registers[usize::from(word.a)]]
                    }),)*
                },
                (Constant(_), Constant(_), _) => None,
            }
        }
    };
}

for_each_computation!(define);

macro_rules! counting {
    ($type:ty, |$registers:ident, $word:ident| $step:expr, $limit:expr) => {{
        fn run<'c>(vm: &mut Vm<'c>, $registers: &mut Registers, $word: &'c Word, _: &'c [Word]) -> Exit {
            let place = usize::from($word.a);
            let counted = <$type>::from_cell($registers[place]).wrapping_add($step as $type);
            let limit = <$type>::from_cell($limit);
            $registers[place] = counted.to_cell();
            round!(vm, $registers, $word, counted < limit)
        }
        run
    }};
}

/// Adds to the register `a`, and goes round as long as it is below a limit.
pub(super) fn count(long: bool, step: Operand, limit: Operand) -> Run {
    use Operand::{Constant, Register};
    match (long, step, limit) {
        (false, Constant(_), Register(_)) => counting!(i32, |registers, word| word.x, registers[usize::from(word.b)]),
        (false, Constant(_), Constant(_)) => counting!(i32, |registers, word| word.b.cast_signed(), word.x),
        (false, Register(_), Constant(_)) => counting!(i32, |registers, word| registers[usize::from(word.b)], word.x),
        (false, Register(_), Register(_)) => {
            counting!(i32, |registers, word| registers[usize::from(word.b)], registers[usize::from(word.x as u16)])
        }
        (true, Constant(_), Register(_)) => counting!(i64, |registers, word| word.x, registers[usize::from(word.b)]),
        (true, Constant(_), Constant(_)) => counting!(i64, |registers, word| word.b.cast_signed(), word.x),
        (true, Register(_), Constant(_)) => counting!(i64, |registers, word| registers[usize::from(word.b)], word.x),
        (true, Register(_), Register(_)) => {
            counting!(i64, |registers, word| registers[usize::from(word.b)], registers[usize::from(word.x as u16)])
        }
    }
}

macro_rules! shifting {
    ($type:ty, |$value:ident, $shift:ident, $bias:ident| $result:expr) => {{
        fn run<'c>(vm: &mut Vm<'c>, registers: &mut Registers, word: &'c Word, rest: &'c [Word]) -> Exit {
            let ($value, $shift) = (<$type>::from_cell(registers[usize::from(word.b)]), word.x as u32);
            // Towards zero: what is negative is rounded up.
            let $bias = ($value >> (<$type>::BITS - 1)) & ((1 as $type) << $shift).wrapping_sub(1);
            registers[usize::from(word.a)] = $result.to_cell();
            go!(vm, registers, rest)
        }
        run
    }};
}

/// Divides the register `b` by a power of two, or gives the remainder.
pub(super) fn shifted(long: bool, remainder: bool) -> Run {
    match (long, remainder) {
        (false, false) => shifting!(i32, |value, shift, bias| value.wrapping_add(bias) >> shift),
        (false, true) => {
            shifting!(i32, |value, shift, bias| value.wrapping_sub((value.wrapping_add(bias) >> shift) << shift))
        }
        (true, false) => shifting!(i64, |value, shift, bias| value.wrapping_add(bias) >> shift),
        (true, true) => {
            shifting!(i64, |value, shift, bias| value.wrapping_sub((value.wrapping_add(bias) >> shift) << shift))
        }
    }
}
