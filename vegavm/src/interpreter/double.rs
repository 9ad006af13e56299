//! Two operations that often follow one another, done in one go: the second takes what the first leaves out of a register of
//! the processor, and no jump leads from the one to the other.
//!
//! Each still has its word, the second also its own operation: so nothing else changes, and a jump may lead to it.

use super::compute::{Amounts, Number, StepConstant, StepRegister, count_round};
use super::flow;
use super::memory::{Bound, behind, out_of_bounds, outside, read, small, view_element, view_element_at, write};
use super::raw::{self, give};
use super::vm::{Exit, Vm, enter, here};
use super::window::Window;
use super::word::{Run, Word};
use crate::register::{Address, Condition, Op, Operand, Register, Spot};
use core::marker::PhantomData;
use vega_format::arithmetic::{add_int, add_long, sub_int, sub_long};
use vega_format::cell::Scalar;
use vega_format::compute::Computation;
use vega_format::types::Tag;

/// What can be done first: it leaves a value, and lets the second follow.
trait First {
    fn run<'c, B: Second>(vm: &mut Vm<'c>, window: Window<'_>, words: &'c [Word], _: u64) -> Exit;
}

/// What can be done then, with the value that the first left.
trait Second {
    fn run<'c>(vm: &mut Vm<'c>, window: Window<'_>, words: &'c [Word], value: u64) -> Exit;
}

/// The operation that does the work of these two; `None` where there is none.
pub(super) fn run(first: &Op, second: &Op) -> Option<Run> {
    use Computation::{AddInt, AddLong, SubInt, SubLong};
    match *first {
        Op::Load { tag, to, from } => match tag {
            Tag::Byte => loaded::<u8>(to, from, second),
            Tag::Int => loaded::<i32>(to, from, second),
            Tag::Decimal => loaded::<f64>(to, from, second).or_else(|| multiplied(to, from, second)),
            _ => None,
        },
        Op::Store { tag, value, to: Spot::View { .. } } => match (tag, value) {
            (Tag::Byte, Operand::Register(_)) => counted::<Store<u8, false>>(second),
            (Tag::Byte, Operand::Constant(_)) => counted::<Store<u8, true>>(second),
            (Tag::Int, Operand::Register(_)) => counted::<Store<i32, false>>(second),
            (Tag::Int, Operand::Constant(_)) => counted::<Store<i32, true>>(second),
            _ => None,
        },
        Op::Two { computation, to, left: Operand::Register(_), right } => match (computation, right) {
            (AddInt, Operand::Register(_)) => left::<Registers<Add, i32>>(to, second),
            (AddInt, Operand::Constant(_)) => left::<Constant<Add, i32>>(to, second),
            (SubInt, Operand::Constant(_)) => left::<Constant<Sub, i32>>(to, second),
            (AddLong, Operand::Register(_)) => left::<Registers<Add, i64>>(to, second),
            (AddLong, Operand::Constant(_)) => left::<Constant<Add, i64>>(to, second),
            (SubLong, Operand::Constant(_)) => left::<Constant<Sub, i64>>(to, second),
            _ => None,
        },
        _ => None,
    }
}

/// A value that is loaded decides a branch.
fn loaded<T: Comparable>(to: Register, from: Spot, second: &Op) -> Option<Run> {
    match from {
        Spot::At(Address { base: Some(_), .. }) => branching::<Load<T, Behind>, T>(to, second),
        Spot::View { .. } => branching::<Load<T, Element>, T>(to, second),
        _ => None,
    }
}

fn branching<A: First, T: Comparable>(to: Register, second: &Op) -> Option<Run> {
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
    macro_rules! by_when {
        ($relation:ident) => {
            match when {
                true => A::run::<Branch<T, S, $relation, true>> as Run,
                false => A::run::<Branch<T, S, $relation, false>> as Run,
            }
        };
    }
    Some(match relation {
        Relation::Equal => by_when!(Equal),
        Relation::NotEqual => by_when!(NotEqual),
        Relation::Less => by_when!(Less),
        Relation::LessOrEqual => by_when!(LessOrEqual),
        Relation::Greater => by_when!(Greater),
        Relation::GreaterOrEqual => by_when!(GreaterOrEqual),
    })
}

/// A decimal that is loaded is multiplied, and that is added.
fn multiplied(to: Register, from: Spot, second: &Op) -> Option<Run> {
    let is_it = matches!(*second, Op::Pair {
        first: Computation::MulDecimal,
        second: Computation::AddDecimal,
        right: Operand::Register(right),
        other: Operand::Register(_),
        ..
    } if right == to);
    match from {
        _ if !is_it => None,
        Spot::View { .. } => Some(Load::<f64, Element>::run::<MultiplyAdd>),
        Spot::ViewAt { .. } => Some(Load::<f64, ElementAt>::run::<MultiplyAdd>),
        _ => None,
    }
}

/// A loop counts after a store.
fn counted<A: First>(second: &Op) -> Option<Run> {
    match *second {
        Op::Count { long: false, step: Operand::Constant(_), limit: Operand::Register(_), .. } => {
            Some(A::run::<Count<i32, StepConstant>>)
        }
        Op::Count { long: false, step: Operand::Register(_), limit: Operand::Constant(_), .. } => {
            Some(A::run::<Count<i32, StepRegister>>)
        }
        _ => None,
    }
}

/// A function or a block is left after a computation.
fn left<A: First>(to: Register, second: &Op) -> Option<Run> {
    match *second {
        Op::Jump { .. } => Some(A::run::<Jump>),
        Op::Next => Some(A::run::<Next>),
        Op::ReturnOne { from: Operand::Register(from) } if from == to => Some(A::run::<Return>),
        Op::Call { .. } => Some(A::run::<Call>),
        _ => None,
    }
}

/// A load from where `A` says.
struct Load<T, A>(PhantomData<(T, A)>);

impl<T: Scalar, A: Place> First for Load<T, A> {
    fn run<'c, B: Second>(vm: &mut Vm<'c>, window: Window<'_>, words: &'c [Word], _: u64) -> Exit {
        let [word, rest @ ..] = words else { return vm.broken() };
        match A::address(window, word) {
            Ok(address) => match read::<T>(&vm.memory, address) {
                Some(cell) => {
                    window.set(word.a, cell);
                    B::run(vm, window, rest, cell)
                }
                None => outside(vm, words),
            },
            Err(bound) => out_of_bounds(vm, words, bound),
        }
    }
}

/// Where a value stands.
trait Place {
    fn address(window: Window<'_>, word: &Word) -> Result<u32, Bound>;
}

macro_rules! places {
    ($($name:ident $function:ident;)*) => { $(
        struct $name;

        impl Place for $name {
            #[inline(always)]
            fn address(window: Window<'_>, word: &Word) -> Result<u32, Bound> {
                $function(window, word)
            }
        }
    )* };
}

places! {
    Behind behind;
    Element view_element;
    ElementAt view_element_at;
}

/// Stores the register `a` in an element of a view, or the small constant that stands there.
struct Store<T, const SMALL: bool>(PhantomData<T>);

impl<T: Scalar, const SMALL: bool> First for Store<T, SMALL> {
    fn run<'c, B: Second>(vm: &mut Vm<'c>, window: Window<'_>, words: &'c [Word], _: u64) -> Exit {
        let [word, rest @ ..] = words else { return vm.broken() };
        let cell = if SMALL { small(word) } else { window.get(word.a) };
        match view_element(window, word) {
            Ok(address) => match write::<T>(&mut vm.memory, address, cell) {
                Some(()) => B::run(vm, window, rest, cell),
                None => outside(vm, words),
            },
            Err(bound) => out_of_bounds(vm, words, bound),
        }
    }
}

/// What is computed of two.
trait Computes<T> {
    fn compute(left: T, right: T) -> T;
}

struct Add;
struct Sub;

macro_rules! computes {
    ($($name:ident $type:ty: $function:ident;)*) => { $(
        impl Computes<$type> for $name {
            #[inline(always)]
            fn compute(left: $type, right: $type) -> $type {
                $function(left, right)
            }
        }
    )* };
}

computes! {
    Add i32: add_int;
    Add i64: add_long;
    Sub i32: sub_int;
    Sub i64: sub_long;
}

/// Computes with the registers `b` and `c`.
struct Registers<C, T>(PhantomData<(C, T)>);

/// Computes with the register `b` and a constant.
struct Constant<C, T>(PhantomData<(C, T)>);

impl<T: Scalar, C: Computes<T>> First for Registers<C, T> {
    fn run<'c, B: Second>(vm: &mut Vm<'c>, window: Window<'_>, words: &'c [Word], _: u64) -> Exit {
        let [word, rest @ ..] = words else { return vm.broken() };
        let [left, right] = [window.get(word.b), window.get(word.c)];
        let value = C::compute(T::from_cell(left), T::from_cell(right)).to_cell();
        window.set(word.a, value);
        B::run(vm, window, rest, value)
    }
}

impl<T: Scalar, C: Computes<T>> First for Constant<C, T> {
    fn run<'c, B: Second>(vm: &mut Vm<'c>, window: Window<'_>, words: &'c [Word], _: u64) -> Exit {
        let [word, rest @ ..] = words else { return vm.broken() };
        let value = C::compute(T::from_cell(window.get(word.b)), T::from_cell(word.wide())).to_cell();
        window.set(word.a, value);
        B::run(vm, window, rest, value)
    }
}

/// How two values can be compared.
enum Relation {
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
trait Comparable: Scalar + PartialOrd {
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

/// Multiplies with the register `b`, and adds the register `d`.
struct MultiplyAdd;

impl Second for MultiplyAdd {
    #[inline(always)]
    fn run<'c>(vm: &mut Vm<'c>, window: Window<'_>, words: &'c [Word], value: u64) -> Exit {
        let (word, next) = here!(vm, words);
        let product = raw::mul(f64::from_cell(window.get(word.b)), f64::from_cell(value));
        let result = raw::add(f64::from_cell(window.get(word.d)), product);
        give!(vm, window, words, word, next, result)
    }
}

struct Count<T, A>(PhantomData<(T, A)>);

impl<T: Number, A: Amounts> Second for Count<T, A> {
    #[inline(always)]
    fn run<'c>(vm: &mut Vm<'c>, window: Window<'_>, words: &'c [Word], _: u64) -> Exit {
        count_round::<T, A>(vm, window, words)
    }
}

struct Jump;

impl Second for Jump {
    #[inline(always)]
    fn run<'c>(vm: &mut Vm<'c>, window: Window<'_>, words: &'c [Word], _: u64) -> Exit {
        let [word, ..] = words else { return vm.broken() };
        enter!(vm, window, vm.at(word.e))
    }
}

struct Next;

impl Second for Next {
    #[inline(always)]
    fn run<'c>(vm: &mut Vm<'c>, window: Window<'_>, words: &'c [Word], _: u64) -> Exit {
        enter!(vm, window, words.get(1..))
    }
}

struct Return;

impl Second for Return {
    #[inline(always)]
    fn run<'c>(vm: &mut Vm<'c>, window: Window<'_>, _: &'c [Word], value: u64) -> Exit {
        window.set(0, value);
        flow::leave(vm, window)
    }
}

struct Call;

impl Second for Call {
    #[inline(always)]
    fn run<'c>(vm: &mut Vm<'c>, window: Window<'_>, words: &'c [Word], _: u64) -> Exit {
        flow::enter_function(vm, window, words)
    }
}
