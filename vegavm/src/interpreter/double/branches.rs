//! A value that is left decides a branch at once, or a loop goes round after what was computed.

use super::{First, Second, both};
use crate::interpreter::compute::round;
use crate::interpreter::vm::{Exit, Vm, enter};
use crate::interpreter::window::Window;
use crate::interpreter::word::{Run, Word};
use crate::register::{Condition, Op, Operand, Register};
use core::marker::PhantomData;
use vega_format::cell::Scalar;
use vega_format::compute::Computation;

/// A branch that compares the value in this register.
pub(super) fn branching<A: First, T: Comparable>(to: Register, second: &Op) -> Option<Run> {
    let Op::Branch { condition: Condition::Compare(computation, left, right), when, .. } = *second else { return None };
    let relation = T::relation(computation)?;
    let value = Operand::Register(to);
    match (left, right) {
        (left, Operand::Constant(_)) if left == value => by_relation::<A, T, LeftOfConstant>(relation, when),
        (left, Operand::Register(_)) if left == value => by_relation::<A, T, LeftOfRegister>(relation, when),
        (Operand::Register(_), right) if right == value => by_relation::<A, T, RightOfRegister>(relation, when),
        _ => None,
    }
}

fn by_relation<A: First, T: Comparable, S: Side>(relation: Relation, when: bool) -> Option<Run> {
    Some(match (relation, when) {
        (Relation::Equal, true) => both::<A, Branch<T, S, Equal, true>> as Run,
        (Relation::Equal, false) => both::<A, Branch<T, S, Equal, false>> as Run,
        (Relation::NotEqual, true) => both::<A, Branch<T, S, NotEqual, true>> as Run,
        (Relation::NotEqual, false) => both::<A, Branch<T, S, NotEqual, false>> as Run,
        (Relation::Less, true) => both::<A, Branch<T, S, Less, true>> as Run,
        (Relation::Less, false) => both::<A, Branch<T, S, Less, false>> as Run,
        (Relation::LessOrEqual, true) => both::<A, Branch<T, S, LessOrEqual, true>> as Run,
        (Relation::LessOrEqual, false) => both::<A, Branch<T, S, LessOrEqual, false>> as Run,
        (Relation::Greater, true) => both::<A, Branch<T, S, Greater, true>> as Run,
        (Relation::Greater, false) => both::<A, Branch<T, S, Greater, false>> as Run,
        (Relation::GreaterOrEqual, true) => both::<A, Branch<T, S, GreaterOrEqual, true>> as Run,
        (Relation::GreaterOrEqual, false) => both::<A, Branch<T, S, GreaterOrEqual, false>> as Run,
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
    Some(match T::relation(computation)? {
        Relation::Equal => both::<A, Round<T, Equal>> as Run,
        Relation::NotEqual => both::<A, Round<T, NotEqual>> as Run,
        Relation::Less => both::<A, Round<T, Less>> as Run,
        Relation::LessOrEqual => both::<A, Round<T, LessOrEqual>> as Run,
        Relation::Greater => both::<A, Round<T, Greater>> as Run,
        Relation::GreaterOrEqual => both::<A, Round<T, GreaterOrEqual>> as Run,
    })
}

/// How two values can be compared.
pub(super) enum Relation {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

trait Holds {
    fn holds<T: PartialOrd>(left: T, right: T) -> bool;
}

macro_rules! relations {
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

relations! {
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
    fn relation(computation: Computation) -> Option<Relation>;
}

macro_rules! comparable {
    ($($type:ty: $equal:ident $not_equal:ident $less:ident $less_or_equal:ident $greater:ident $greater_or_equal:ident;)*) => { $(
        impl Comparable for $type {
            fn relation(computation: Computation) -> Option<Relation> {
                Some(match computation {
                    Computation::$equal => Relation::Equal,
                    Computation::$not_equal => Relation::NotEqual,
                    Computation::$less => Relation::Less,
                    Computation::$less_or_equal => Relation::LessOrEqual,
                    Computation::$greater => Relation::Greater,
                    Computation::$greater_or_equal => Relation::GreaterOrEqual,
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

/// Branches where a relation holds, or does not.
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

/// Goes round as long as a relation of the register `a` to a constant holds.
struct Round<T, R>(PhantomData<(T, R)>);

impl<T: Comparable, R: Holds> Second for Round<T, R> {
    #[inline(always)]
    fn run<'c>(vm: &mut Vm<'c>, window: Window<'_>, words: &'c [Word], _: u64) -> Exit {
        let [word, ..] = words else { return vm.broken() };
        let holds = R::holds(T::from_cell(window.get(word.a)), T::from_cell(word.wide()));
        round!(vm, window, word, holds)
    }
}
