//! Two operations on decimals in one go: loads, computations and stores, as they follow one another in formulas.

use super::{Behind, Element, ElementAt, First, Load, Second, both, counted};
use crate::interpreter::memory::{behind, out_of_bounds, outside, read, write};
use crate::interpreter::raw::{self, Raw};
use crate::interpreter::vm::{Exit, Vm, follow};
use crate::interpreter::window::Window;
use crate::interpreter::word::{Run, Word};
use crate::register::{Address, Op, Operand, Spot};
use core::marker::PhantomData;
use vega_format::cell::Scalar;
use vega_format::compute::Computation;
use vega_format::types::Tag;

/// The operation that does the work of these two; `None` where there is none.
pub(super) fn run(first: &Op, second: &Op) -> Option<Run> {
    use Computation::{AddDecimal, MulDecimal, SubDecimal};
    match *first {
        Op::Load { tag: Tag::Decimal, from, .. } => match from {
            Spot::At(Address { base: Some(_), .. }) => then::<Load<f64, Behind>>(second),
            Spot::View { .. } => load_again::<Load<f64, Element>>(second),
            Spot::ViewAt { .. } => load_again::<Load<f64, ElementAt>>(second),
            _ => None,
        },
        Op::Two { computation, left: Operand::Register(_), right: Operand::Register(_), .. } => match computation {
            AddDecimal => then::<Two<Add>>(second),
            SubDecimal => then::<Two<Sub>>(second),
            MulDecimal => then::<Two<Mul>>(second),
            _ => None,
        },
        _ => match Shape::of(first)? {
            Shape::Load(Of::Add, false) => then::<LoadTwo<Add, false>>(second),
            Shape::Load(Of::Add, true) => then::<LoadTwo<Add, true>>(second),
            Shape::Load(Of::Sub, false) => then::<LoadTwo<Sub, false>>(second),
            Shape::Load(Of::Sub, true) => then::<LoadTwo<Sub, true>>(second),
            Shape::Load(Of::Mul, false) => then::<LoadTwo<Mul, false>>(second),
            Shape::Load(Of::Mul, true) => then::<LoadTwo<Mul, true>>(second),
            Shape::Product(Of::Add, false) => then::<Product<Add, false>>(second),
            Shape::Product(Of::Add, true) => then::<Product<Add, true>>(second),
            Shape::Product(Of::Sub, false) => then::<Product<Sub, false>>(second),
            Shape::Product(Of::Sub, true) => then::<Product<Sub, true>>(second),
            Shape::Product(Of::Mul, _) | Shape::Store => None,
        },
    }
}

/// What follows the first.
fn then<A: First>(second: &Op) -> Option<Run> {
    Some(match Shape::of(second) {
        Some(Shape::Load(Of::Add, false)) => both::<A, Then<LoadTwo<Add, false>>> as Run,
        Some(Shape::Load(Of::Add, true)) => both::<A, Then<LoadTwo<Add, true>>> as Run,
        Some(Shape::Load(Of::Sub, false)) => both::<A, Then<LoadTwo<Sub, false>>> as Run,
        Some(Shape::Load(Of::Sub, true)) => both::<A, Then<LoadTwo<Sub, true>>> as Run,
        Some(Shape::Load(Of::Mul, false)) => both::<A, Then<LoadTwo<Mul, false>>> as Run,
        Some(Shape::Load(Of::Mul, true)) => both::<A, Then<LoadTwo<Mul, true>>> as Run,
        Some(Shape::Product(Of::Add, false)) => both::<A, Then<Product<Add, false>>> as Run,
        Some(Shape::Product(Of::Add, true)) => both::<A, Then<Product<Add, true>>> as Run,
        Some(Shape::Product(Of::Sub, false)) => both::<A, Then<Product<Sub, false>>> as Run,
        Some(Shape::Product(Of::Sub, true)) => both::<A, Then<Product<Sub, true>>> as Run,
        Some(Shape::Store) => both::<A, Then<Store>> as Run,
        Some(Shape::Product(Of::Mul, _)) => return None,
        None => return counted::<A>(second),
    })
}

/// Two loads of elements.
fn load_again<A: First>(second: &Op) -> Option<Run> {
    match second {
        Op::Load { tag: Tag::Decimal, from: Spot::View { .. }, .. } => Some(both::<A, Then<Load<f64, Element>>>),
        Op::Load { tag: Tag::Decimal, from: Spot::ViewAt { .. }, .. } => Some(both::<A, Then<Load<f64, ElementAt>>>),
        _ => None,
    }
}

/// What an operation is, of those that can be either.
enum Shape {
    /// Computes with what is loaded behind a register, as the right operand if so.
    Load(Of, bool),
    /// Computes with a product, as the right operand if so.
    Product(Of, bool),
    /// Stores a register behind another.
    Store,
}

enum Of {
    Add,
    Sub,
    Mul,
}

impl Of {
    fn computed(computation: Computation) -> Option<Of> {
        match computation {
            Computation::AddDecimal => Some(Of::Add),
            Computation::SubDecimal => Some(Of::Sub),
            Computation::MulDecimal => Some(Of::Mul),
            _ => None,
        }
    }
}

impl Shape {
    fn of(op: &Op) -> Option<Shape> {
        let is_behind = |spot| matches!(spot, Spot::At(Address { base: Some(_), .. }));
        match *op {
            Op::LoadTwo { tag: Tag::Decimal, computation, from, swapped, .. } if is_behind(from) => {
                Some(Shape::Load(Of::computed(computation)?, swapped))
            }
            Op::Pair {
                first: Computation::MulDecimal,
                second,
                right: Operand::Register(_),
                other: Operand::Register(_),
                swapped,
                ..
            } => Some(Shape::Product(Of::computed(second)?, swapped)),
            Op::Store { tag: Tag::Decimal, value: Operand::Register(_), to } if is_behind(to) => Some(Shape::Store),
            _ => None,
        }
    }
}

/// What can be done first, done as the second.
struct Then<A>(PhantomData<A>);

impl<A: First> Second for Then<A> {
    #[inline(always)]
    fn run<'c>(vm: &mut Vm<'c>, window: Window<'_>, words: &'c [Word], value: u64) -> Exit {
        A::run::<GoOn>(vm, window, words, value)
    }
}

/// The next word follows.
struct GoOn;

impl Second for GoOn {
    #[inline(always)]
    fn run<'c>(vm: &mut Vm<'c>, window: Window<'_>, words: &'c [Word], value: u64) -> Exit {
        match words.first() {
            Some(word) => follow!(vm, window, word, words, value),
            None => vm.broken(),
        }
    }
}

/// What is computed.
trait Computes {
    fn compute(left: f64, right: f64) -> f64;
}

macro_rules! computes {
    ($($name:ident $function:ident;)*) => { $(
        struct $name;

        impl Computes for $name {
            #[inline(always)]
            fn compute(left: f64, right: f64) -> f64 {
                raw::$function(left, right)
            }
        }
    )* };
}

computes! {
    Add add;
    Sub sub;
    Mul mul;
}

/// Leaves a result in the register `a`, and goes on.
#[inline(always)]
fn give<'c, B: Second>(vm: &mut Vm<'c>, window: Window<'_>, words: &'c [Word], result: f64) -> Exit {
    let [word, rest @ ..] = words else { return vm.broken() };
    if result.is_odd() {
        return raw::odd(vm, window, words);
    }
    window.set(word.a, result.to_cell());
    B::run(vm, window, rest, result.to_cell())
}

/// Computes with the registers `b` and `c`.
struct Two<C>(PhantomData<C>);

impl<C: Computes> First for Two<C> {
    #[inline(always)]
    fn run<'c, B: Second>(vm: &mut Vm<'c>, window: Window<'_>, words: &'c [Word], _: u64) -> Exit {
        let Some(word) = words.first() else { return vm.broken() };
        let value = |register| f64::from_cell(window.get(register));
        give::<B>(vm, window, words, C::compute(value(word.b), value(word.c)))
    }
}

/// Computes with what is loaded and the register `d`.
struct LoadTwo<C, const SWAPPED: bool>(PhantomData<C>);

impl<C: Computes, const SWAPPED: bool> First for LoadTwo<C, SWAPPED> {
    #[inline(always)]
    fn run<'c, B: Second>(vm: &mut Vm<'c>, window: Window<'_>, words: &'c [Word], _: u64) -> Exit {
        let Some(word) = words.first() else { return vm.broken() };
        match behind(window, word) {
            Ok(address) => match read::<f64>(&vm.memory, address) {
                Some(cell) => {
                    let (loaded, other) = (f64::from_cell(cell), f64::from_cell(window.get(word.d)));
                    let result = if SWAPPED { C::compute(other, loaded) } else { C::compute(loaded, other) };
                    give::<B>(vm, window, words, result)
                }
                None => outside(vm, words),
            },
            Err(bound) => out_of_bounds(vm, words, bound),
        }
    }
}

/// Computes with the product of the registers `b` and `c`, and the register `d`.
struct Product<C, const SWAPPED: bool>(PhantomData<C>);

impl<C: Computes, const SWAPPED: bool> First for Product<C, SWAPPED> {
    #[inline(always)]
    fn run<'c, B: Second>(vm: &mut Vm<'c>, window: Window<'_>, words: &'c [Word], _: u64) -> Exit {
        let Some(word) = words.first() else { return vm.broken() };
        let value = |register| f64::from_cell(window.get(register));
        let product = raw::mul(value(word.b), value(word.c));
        let other = value(word.d);
        let result = if SWAPPED { C::compute(other, product) } else { C::compute(product, other) };
        give::<B>(vm, window, words, result)
    }
}

/// Stores the register `a`.
struct Store;

impl First for Store {
    #[inline(always)]
    fn run<'c, B: Second>(vm: &mut Vm<'c>, window: Window<'_>, words: &'c [Word], _: u64) -> Exit {
        let [word, rest @ ..] = words else { return vm.broken() };
        let cell = window.get(word.a);
        match behind(window, word) {
            Ok(address) => match write::<f64>(&mut vm.memory, address, cell) {
                Some(()) => B::run(vm, window, rest, cell),
                None => outside(vm, words),
            },
            Err(bound) => out_of_bounds(vm, words, bound),
        }
    }
}
