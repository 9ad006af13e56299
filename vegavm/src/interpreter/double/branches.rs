//! A value that is left decides a branch at once, or a loop goes round after what was computed.

use super::{First, Second, both};
use crate::interpreter::compute::round;
use crate::interpreter::vm::{Exit, Vm, enter};
use crate::interpreter::window::Window;
use crate::interpreter::word::{Run, Word};
use crate::register::{Condition, Op, Operand, Order, Register};
use core::marker::PhantomData;
use vega_format::cell::Scalar;
use vega_format::compute::Computation;

/// A branch that compares the value in this register.
pub(super) fn branching<A: First, T: Comparable>(to: Register, second: &Op) -> Option<Run> {
    let Op::Branch { condition: Condition::Compare(computation, left, right), when, .. } = *second else { return None };
    let order = T::order(computation)?;
    let value = Operand::Register(to);
    match (left, right) {
        (left, Operand::Constant(_)) if left == value => by_order::<A, T, LeftOfConstant>(order, when),
        (left, Operand::Register(_)) if left == value => by_order::<A, T, LeftOfRegister>(order, when),
        (Operand::Register(_), right) if right == value => by_order::<A, T, RightOfRegister>(order, when),
        _ => None,
    }
}

fn by_order<A: First, T: Comparable, S: Side>(order: Order, when: bool) -> Option<Run> {
    Some(match (order, when) {
        (Order::Equal, true) => both::<A, Branch<T, S, Equal, true>> as Run,
        (Order::Equal, false) => both::<A, Branch<T, S, Equal, false>> as Run,
        (Order::NotEqual, true) => both::<A, Branch<T, S, NotEqual, true>> as Run,
        (Order::NotEqual, false) => both::<A, Branch<T, S, NotEqual, false>> as Run,
        (Order::Less, true) => both::<A, Branch<T, S, Less, true>> as Run,
        (Order::Less, false) => both::<A, Branch<T, S, Less, false>> as Run,
        (Order::LessOrEqual, true) => both::<A, Branch<T, S, LessOrEqual, true>> as Run,
        (Order::LessOrEqual, false) => both::<A, Branch<T, S, LessOrEqual, false>> as Run,
        (Order::Greater, true) => both::<A, Branch<T, S, Greater, true>> as Run,
        (Order::Greater, false) => both::<A, Branch<T, S, Greater, false>> as Run,
        (Order::GreaterOrEqual, true) => both::<A, Branch<T, S, GreaterOrEqual, true>> as Run,
        (Order::GreaterOrEqual, false) => both::<A, Branch<T, S, GreaterOrEqual, false>> as Run,
    })
}

/// A loop that goes on until a comparison with a constant holds, which is the usual one.
pub(super) fn going_round<A: First, T: Comparable>(second: &Op) -> Option<Run> {
    let Op::JumpBranch {
        condition: Condition::Compare(computation, Operand::Register(_), Operand::Constant(_)),
        when: false,
        ..
    } = *second
    else {
        return None;
    };
    Some(match T::order(computation)? {
        Order::Equal => both::<A, Round<T, Equal>> as Run,
        Order::NotEqual => both::<A, Round<T, NotEqual>> as Run,
        Order::Less => both::<A, Round<T, Less>> as Run,
        Order::LessOrEqual => both::<A, Round<T, LessOrEqual>> as Run,
        Order::Greater => both::<A, Round<T, Greater>> as Run,
        Order::GreaterOrEqual => both::<A, Round<T, GreaterOrEqual>> as Run,
    })
}

trait Holds {
    fn holds<T: PartialOrd>(left: T, right: T) -> bool;
}

macro_rules! orders {
    ($($name:ident $operator:tt;)*) => { $(
        struct $name;

        impl Holds for $name {
            #[inline(always)]
            fn holds<T: PartialOrd>(left: T, right: T) -> bool {
                left $operator right
            }
        }
    )* };
}

orders! {
    Equal ==;
    NotEqual !=;
    Less <;
    LessOrEqual <=;
    Greater >;
    GreaterOrEqual >=;
}

/// Values whose comparisons decide branches.
pub(super) trait Comparable: Scalar + PartialOrd {
    /// How an operation compares values of this type; `None` for those that compare others, or nothing.
    fn order(computation: Computation) -> Option<Order>;
}

macro_rules! comparable {
    ($($type:ty: $equal:ident $not_equal:ident $less:ident $less_or_equal:ident $greater:ident $greater_or_equal:ident;)*) => { $(
        impl Comparable for $type {
            fn order(computation: Computation) -> Option<Order> {
                Some(match computation {
                    Computation::$equal => Order::Equal,
                    Computation::$not_equal => Order::NotEqual,
                    Computation::$less => Order::Less,
                    Computation::$less_or_equal => Order::LessOrEqual,
                    Computation::$greater => Order::Greater,
                    Computation::$greater_or_equal => Order::GreaterOrEqual,
                    _ => return None,
                })
            }
        }
    )* };
}

comparable! {
    u8: EqByte NeByte LtByte LeByte GtByte GeByte;
    i32: EqInt NeInt LtInt LeInt GtInt GeInt;
    i64: EqLong NeLong LtLong LeLong GtLong GeLong;
    f64: EqDecimal NeDecimal LtDecimal LeDecimal GtDecimal GeDecimal;
}

/// With what a value is compared, and on which side it stands.
trait Side {
    fn operands(window: Window<'_>, word: &Word, value: u64) -> [u64; 2];
}

struct LeftOfConstant;
struct LeftOfRegister;
struct RightOfRegister;

impl Side for LeftOfConstant {
    #[inline(always)]
    fn operands(_: Window<'_>, word: &Word, value: u64) -> [u64; 2] {
        [value, word.wide()]
    }
}

impl Side for LeftOfRegister {
    #[inline(always)]
    fn operands(window: Window<'_>, word: &Word, value: u64) -> [u64; 2] {
        [value, window.get(word.b)]
    }
}

impl Side for RightOfRegister {
    #[inline(always)]
    fn operands(window: Window<'_>, word: &Word, value: u64) -> [u64; 2] {
        [window.get(word.a), value]
    }
}

/// Branches where a comparison holds, or does not.
struct Branch<T, S, R, const WHEN: bool>(PhantomData<(T, S, R)>);

impl<T: Comparable, S: Side, R: Holds, const WHEN: bool> Second for Branch<T, S, R, WHEN> {
    #[inline(always)]
    fn run<'c>(vm: &mut Vm<'c>, window: Window<'_>, words: &'c [Word], value: u64) -> Exit {
        let [word, rest @ ..] = words else { return vm.broken() };
        let [left, right] = S::operands(window, word, value);
        if R::holds(T::from_cell(left), T::from_cell(right)) == WHEN {
            return enter!(vm, window, vm.at(word.e));
        }
        enter!(vm, window, Some(rest))
    }
}

/// Goes round as long as a comparison of the register `a` with a constant holds.
struct Round<T, R>(PhantomData<(T, R)>);

impl<T: Comparable, R: Holds> Second for Round<T, R> {
    #[inline(always)]
    fn run<'c>(vm: &mut Vm<'c>, window: Window<'_>, words: &'c [Word], _: u64) -> Exit {
        let [word, ..] = words else { return vm.broken() };
        let holds = R::holds(T::from_cell(window.get(word.a)), T::from_cell(word.wide()));
        round!(vm, window, word, holds)
    }
}
