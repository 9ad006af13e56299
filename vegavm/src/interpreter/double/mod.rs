//! Two operations that often follow one another, done in one go: the second takes what the first leaves out of a register of
//! the processor, and no jump leads from the one to the other.
//!
//! Each still has its word, the second also its own operation: so nothing else changes, and a jump may lead to it.

mod branches;
mod decimals;
mod fill;

use branches::{Comparable, branching, going_round};

use super::compute::{Amounts, Halves, Number, StepConstant, StepRegister, count_round};
use super::flow;
use super::memory::{Bound, behind, out_of_bounds, outside, read, small, view_element, view_element_at, write};
use super::raw::{self, give};
use super::vm::{Exit, Vm, enter, here};
use super::window::Window;
use super::word::{Run, Word};
use crate::register::{Address, Op, Operand, Register, Spot};
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

fn both<'c, A: First, B: Second>(vm: &mut Vm<'c>, window: Window<'_>, words: &'c [Word], value: u64) -> Exit {
    // Once for both. There is always a word behind them, if only the one with which all words end.
    if words.len() < 3 {
        return vm.broken();
    }
    A::run::<B>(vm, window, words, value)
}

/// The operation that does the work of these two; `None` where there is none. The second may be the last of a loop that
/// begins with the first.
pub(super) fn run(first: &Op, second: &Op, is_loop: bool) -> Option<Run> {
    if is_loop && let Some(run) = fill::run(first, second) {
        return Some(run);
    }
    use Computation::{AddInt, AddLong, SubInt, SubLong};
    match *first {
        Op::Load { tag, to, from } => match tag {
            Tag::Byte => loaded::<u8>(to, from, second),
            Tag::Int => loaded::<i32>(to, from, second),
            Tag::Decimal => loaded::<f64>(to, from, second)
                .or_else(|| multiplied(to, from, second))
                .or_else(|| decimals::run(first, second)),
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
            (AddInt, Operand::Register(_)) => left::<Registers<Add, i32>, i32>(to, second),
            (AddInt, Operand::Constant(_)) => left::<Constant<Add, i32>, i32>(to, second),
            (SubInt, Operand::Constant(_)) => left::<Constant<Sub, i32>, i32>(to, second),
            (AddLong, Operand::Register(_)) => left::<Registers<Add, i64>, i64>(to, second),
            (AddLong, Operand::Constant(_)) => left::<Constant<Add, i64>, i64>(to, second),
            (SubLong, Operand::Constant(_)) => left::<Constant<Sub, i64>, i64>(to, second),
            _ => decimals::run(first, second),
        },
        Op::Shifted { long: true, remainder: false, to, .. } => left::<Halved<i64, false>, i64>(to, second),
        Op::Shifted { long: true, remainder: true, to, .. } => branching::<Halved<i64, true>, i64>(to, second),
        _ => decimals::run(first, second),
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
        Spot::View { .. } => Some(both::<Load<f64, Element>, MultiplyAdd>),
        Spot::ViewAt { .. } => Some(both::<Load<f64, ElementAt>, MultiplyAdd>),
        _ => None,
    }
}

/// A loop counts after a store.
fn counted<A: First>(second: &Op) -> Option<Run> {
    match *second {
        Op::Count { long: false, step: Operand::Constant(_), limit: Operand::Register(_), .. } => {
            Some(both::<A, Count<i32, StepConstant>>)
        }
        Op::Count { long: false, step: Operand::Register(_), limit: Operand::Constant(_), .. } => {
            Some(both::<A, Count<i32, StepRegister>>)
        }
        _ => None,
    }
}

/// A function or a block is left after a computation.
fn left<A: First, T: Comparable>(to: Register, second: &Op) -> Option<Run> {
    match *second {
        Op::JumpBranch { .. } => going_round::<A, T>(second),
        Op::Jump { .. } => Some(both::<A, Jump>),
        Op::Next => Some(both::<A, Next>),
        Op::ReturnOne { from: Operand::Register(from) } if from == to => Some(both::<A, Return>),
        Op::Call { .. } => Some(both::<A, Call>),
        _ => None,
    }
}

/// A load from where `A` says.
struct Load<T, A>(PhantomData<(T, A)>);

impl<T: Scalar, A: Place> First for Load<T, A> {
    #[inline(always)]
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
    #[inline(always)]
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
    #[inline(always)]
    fn run<'c, B: Second>(vm: &mut Vm<'c>, window: Window<'_>, words: &'c [Word], _: u64) -> Exit {
        let [word, rest @ ..] = words else { return vm.broken() };
        let [left, right] = [window.get(word.b), window.get(word.c)];
        let value = C::compute(T::from_cell(left), T::from_cell(right)).to_cell();
        window.set(word.a, value);
        B::run(vm, window, rest, value)
    }
}

impl<T: Scalar, C: Computes<T>> First for Constant<C, T> {
    #[inline(always)]
    fn run<'c, B: Second>(vm: &mut Vm<'c>, window: Window<'_>, words: &'c [Word], _: u64) -> Exit {
        let [word, rest @ ..] = words else { return vm.broken() };
        let value = C::compute(T::from_cell(window.get(word.b)), T::from_cell(word.wide())).to_cell();
        window.set(word.a, value);
        B::run(vm, window, rest, value)
    }
}

/// Divides the register `b` by a power of two, or gives the remainder.
struct Halved<T, const REMAINDER: bool>(PhantomData<T>);

impl<T: Halves, const REMAINDER: bool> First for Halved<T, REMAINDER> {
    #[inline(always)]
    fn run<'c, B: Second>(vm: &mut Vm<'c>, window: Window<'_>, words: &'c [Word], _: u64) -> Exit {
        let [word, rest @ ..] = words else { return vm.broken() };
        let value = T::from_cell(window.get(word.b)).halved::<REMAINDER>(word.low).to_cell();
        window.set(word.a, value);
        B::run(vm, window, rest, value)
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
