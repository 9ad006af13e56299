//! Finds out which indices are always within bounds, from what constants, comparisons and loops say of the values of ints.
//!
//! Guarantees: an index is said to be proven only if it is at least 0 and below the length on every path that leads there.
//! A value is known as a range, ends included; where paths meet it is known as the hull of what they bring. A loop that
//! widens a range step by step is given the whole type at once, and what its own test takes away is taken away afterwards.

use super::body::{Act, Body};
use super::compute::operands;
use super::liveness::writes;
use super::steady::until_steady;
use crate::register::{Complex, Condition, Op, Operand, Register, Spot};
use vega_format::compute::Computation;
use vega_format::types::Tag;

/// The most that is kept about a body: registers times blocks.
const MOST: usize = 1 << 20;
/// And the most that are gone through for it, again and again.
const MOST_WORK: usize = 1 << 23;
/// How often a block is looked at before its ranges are widened, and how often all are narrowed afterwards.
const PATIENCE: u8 = 2;
const NARROWINGS: usize = 3;

/// What is known of a register: the value of an int or a long, or the length of a view.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Known {
    least: i64,
    most: i64,
}

const ANY: Known = Known { least: i64::MIN, most: i64::MAX };

impl Known {
    const fn just(value: i64) -> Known {
        Known { least: value, most: value }
    }

    fn of(tag: Tag) -> Known {
        let (least, most) = match tag {
            Tag::Byte => (0, 0xff),
            Tag::Short => (i16::MIN.into(), i16::MAX.into()),
            Tag::Int => (i32::MIN.into(), i32::MAX.into()),
            Tag::Bool => (0, 1),
            Tag::Char => (0, 0x10_ffff),
            Tag::Long | Tag::Float | Tag::Decimal => return ANY,
        };
        Known { least, most }
    }

    fn hull(self, other: Known) -> Known {
        Known { least: self.least.min(other.least), most: self.most.max(other.most) }
    }

    /// What both say; whatever one says if they contradict each other, as then nobody comes here.
    fn and(self, other: Known) -> Known {
        let both = Known { least: self.least.max(other.least), most: self.most.min(other.most) };
        if both.least <= both.most { both } else { self }
    }

    fn is_within(self, other: Known) -> bool {
        self.least >= other.least && self.most <= other.most
    }
}

/// Of each register, when a block begins: values, and behind them lengths.
type State = Vec<Known>;

/// How long the views in registers are at least.
pub(super) type Lengths = Vec<(Register, u32)>;

/// Marks what is proven of a function whose views are at least so long when it begins; gives what is always in registers when
/// a block begins.
pub(super) fn prove(body: &mut Body, block: Option<usize>, lengths: &Lengths) -> Vec<(Register, u64)> {
    let registers = 2 * body.kinds.len();
    let has_bounds = |act: &Act| match act {
        Act::Op(Op::Load { from: spot, .. } | Op::Store { to: spot, .. }) => !matches!(spot, Spot::At(_)),
        act => matches!(act, Act::Op(Op::Complex { what: Complex::ViewPart { .. }, .. })),
    };
    if block.is_none() && !body.acts.iter().any(has_bounds) {
        return Vec::new();
    }
    if registers.saturating_mul(body.blocks.len()) > MOST {
        return Vec::new();
    }
    let ranges = body.ranges();
    let mut states: Vec<Option<State>> = vec![None; body.blocks.len()];
    let mut looks = vec![0u8; body.blocks.len()];
    let Some((first, _)) = ranges.first().cloned() else { return Vec::new() };
    let mut start = vec![ANY; registers];
    for (view, length) in lengths {
        set_length(&mut start, *view, Known { least: (*length).into(), most: i32::MAX.into() });
    }
    if let Some(state) = states.get_mut(first) {
        *state = Some(start.clone());
    }
    // Up, until nothing changes.
    let mut left = MOST_WORK / registers.saturating_mul(body.blocks.len()).max(1);
    let is_known = until_steady(|| {
        left = left.checked_sub(1)?;
        let mut changes = false;
        for (number, range) in &ranges {
            let Some(state) = states.get(*number).cloned().flatten() else { continue };
            for (next, brought) in leave(body, *number, range.clone(), state, &mut |_, _| {}) {
                let Some(there) = states.get_mut(next) else { continue };
                match there {
                    None => {
                        *there = Some(brought);
                        changes = true;
                    }
                    Some(there) => {
                        let patience = looks.get(next).copied().unwrap_or(PATIENCE);
                        let grew = join(there, &brought, next <= *number && patience >= PATIENCE);
                        changes |= grew;
                        if grew && let Some(looks) = looks.get_mut(next) {
                            *looks = looks.saturating_add(u8::from(next <= *number));
                        }
                    }
                }
            }
        }
        Some(changes)
    });
    if is_known.is_none() {
        return Vec::new();
    }
    // Down again: what is brought is less now than what was feared.
    for _ in 0..NARROWINGS {
        let mut narrow: Vec<Option<State>> = vec![None; body.blocks.len()];
        if let Some(state) = narrow.get_mut(first) {
            *state = Some(start.clone());
        }
        for (number, range) in &ranges {
            let Some(state) = states.get(*number).cloned().flatten() else { continue };
            for (next, brought) in leave(body, *number, range.clone(), state, &mut |_, _| {}) {
                match narrow.get_mut(next) {
                    Some(Some(there)) => {
                        join(there, &brought, false);
                    }
                    Some(there) => *there = Some(brought),
                    None => {}
                }
            }
        }
        states = narrow;
    }
    let mut proven = core::mem::take(&mut body.proven);
    for (number, range) in ranges {
        let Some(state) = states.get(number).cloned().flatten() else { continue };
        let mut see = |index: usize, is_proven: bool| {
            if let Some(proven) = proven.get_mut(index) {
                *proven = is_proven;
            }
        };
        leave(body, number, range, state, &mut see);
    }
    body.proven = proven;
    let state = block.and_then(|block| states.get(block)?.as_ref());
    let known = state.into_iter().flat_map(|state| state.iter().take(registers / 2).enumerate());
    let constant = |(register, known): (usize, &Known)| {
        (known.least == known.most).then_some((register as Register, known.least.cast_unsigned()))
    };
    known.filter_map(constant).collect()
}

/// The state is the hull of both, or beyond it where it is widened; says whether it grew.
fn join(state: &mut State, other: &State, widens: bool) -> bool {
    let mut grew = false;
    for (there, brought) in state.iter_mut().zip(other) {
        if brought.is_within(*there) {
            continue;
        }
        grew = true;
        let hull = there.hull(*brought);
        *there = match widens {
            false => hull,
            true => widen(*there, hull),
        };
    }
    grew
}

/// The next of a few ends that a range may have.
fn widen(from: Known, to: Known) -> Known {
    let int = Known::of(Tag::Int);
    let least = match () {
        () if to.least >= from.least => from.least,
        () if to.least >= 0 => 0,
        () if to.least >= int.least => int.least,
        () => i64::MIN,
    };
    let most = match () {
        () if to.most <= from.most => from.most,
        () if to.most <= int.most => int.most,
        () => i64::MAX,
    };
    Known { least, most }
}

/// Goes through a block; gives what each block that may follow is brought. What is seen of each access is told.
fn leave(
    body: &Body,
    number: usize,
    range: core::ops::Range<usize>,
    mut state: State,
    see: &mut impl FnMut(usize, bool),
) -> Vec<(usize, State)> {
    let mut last = None;
    for index in range {
        let Some(act) = body.acts.get(index) else { break };
        last = Some(act);
        if let Act::Op(op) = act {
            see(index, pass(op, &mut state));
        }
    }
    let Some(last) = last else { return Vec::new() };
    let mut left: Vec<_> = Body::successors(last, number).map(|next| (next, state.clone())).collect();
    if let Act::Op(Op::Branch { condition: Condition::Compare(computation, a, b), when, target }) = last {
        for (next, state) in &mut left {
            // A branch to the block behind it says nothing.
            if *target as usize != number + 1 {
                learn(state, *computation, *a, *b, (*next == *target as usize) == *when);
            }
        }
    }
    left
}

fn value(state: &State, operand: Operand) -> Known {
    match operand {
        Operand::Register(register) => state.get(usize::from(register)).copied().unwrap_or(ANY),
        Operand::Constant(bits) => Known::just(bits.cast_signed()),
    }
}

fn set(state: &mut State, register: Register, known: Known) {
    if let Some(there) = state.get_mut(usize::from(register)) {
        *there = known;
    }
}

/// How long a view is, at most as long as any.
fn length(state: &State, view: Register) -> Known {
    let known = state.get(state.len() / 2 + usize::from(view)).copied().unwrap_or(ANY);
    known.and(Known { least: 0, most: i32::MAX.into() })
}

fn set_length(state: &mut State, view: Register, known: Known) {
    let lengths = state.len() / 2;
    if let Some(there) = state.get_mut(lengths + usize::from(view)) {
        *there = known;
    }
}

/// A register is written: nothing is known of it.
fn forget(state: &mut State, register: Register) {
    set(state, register, ANY);
    set_length(state, register, ANY);
}

/// An operation is done; says whether its index is within bounds whenever it is reached.
fn pass(op: &Op, state: &mut State) -> bool {
    let mut known = None;
    let mut is_proven = false;
    let mut view = None;
    match op {
        Op::Move { to, from } => {
            known = Some((*to, value(state, *from)));
            if let Operand::Register(from) = from {
                view = Some((*to, length(state, *from)));
            }
        }
        Op::Two { computation, to, left, right } => {
            known = Some((*to, compute(*computation, value(state, *left), value(state, *right))));
        }
        Op::One { computation, to, operand } => {
            known = Some((*to, convert(*computation, value(state, Operand::Register(*operand)))));
        }
        Op::Length { to, view } => known = Some((*to, length(state, *view))),
        Op::Span { to, length, .. } => view = Some((*to, Known::just((*length).into()))),
        Op::Load { tag, to, from } => {
            is_proven = within(state, from);
            known = Some((*to, Known::of(*tag)));
        }
        Op::Store { to, .. } => {
            is_proven = within(state, to);
        }
        Op::Complex { what: Complex::ViewPart { length: part, .. }, first, .. } => {
            let index = value(state, Operand::Register(first + 1));
            is_proven = index.least >= 0 && index.most < length(state, *first).least;
            view = Some((*first, Known::just((*part).into())));
        }
        _ => {}
    }
    if let Op::Load { from: spot, .. } | Op::Store { to: spot, .. } = op {
        checked(state, spot);
    }
    writes(op, &mut |register| forget(state, register));
    if let Some((register, known)) = known {
        set(state, register, known);
    }
    if let Some((register, length)) = view {
        set_length(state, register, length);
    }
    is_proven
}

fn bounds(state: &State, spot: &Spot) -> Option<(Register, Known)> {
    match spot {
        Spot::Array { index, length, .. } => Some((*index, Known::just((*length).into()))),
        Spot::View { view, index, .. } => Some((*index, length(state, *view))),
        Spot::At(_) | Spot::ViewAt { .. } => None,
    }
}

fn within(state: &State, spot: &Spot) -> bool {
    let Some((index, length)) = bounds(state, spot) else { return false };
    let index = value(state, Operand::Register(index));
    index.least >= 0 && index.most < length.least
}

/// Behind an access its index is within bounds.
fn checked(state: &mut State, spot: &Spot) {
    if let Some((register, length)) = bounds(state, spot) {
        let index = value(state, Operand::Register(register));
        set(state, register, index.and(Known { least: 0, most: length.most - 1 }));
    }
}

/// What a computation gives, if it does not leave its type.
fn compute(computation: Computation, a: Known, b: Known) -> Known {
    use Computation::*;
    if computation.compares() {
        return Known { least: 0, most: 1 };
    }
    let [tag, _] = operands(computation);
    let whole = Known::of(tag);
    if matches!(tag, Tag::Float | Tag::Decimal) {
        return ANY;
    }
    let (a, b) = (a.and(whole), b.and(if computation_shifts(computation) { Known::of(Tag::Int) } else { whole }));
    let corners = |operation: fn(i64, i64) -> Option<i64>| {
        let corners = [(a.least, b.least), (a.least, b.most), (a.most, b.least), (a.most, b.most)];
        corners.into_iter().map(|(a, b)| operation(a, b)).collect::<Option<Vec<_>>>()
    };
    let found = match computation {
        AddInt | AddLong | AddByte | AddShort => corners(i64::checked_add),
        SubInt | SubLong | SubByte | SubShort => corners(i64::checked_sub),
        MulInt | MulLong | MulByte | MulShort => corners(i64::checked_mul),
        MinInt | MinLong | MinByte | MinShort => Some(vec![a.least.min(b.least), a.most.min(b.most)]),
        MaxInt | MaxLong | MaxByte | MaxShort => Some(vec![a.least.max(b.least), a.most.max(b.most)]),
        // Bits of a number that is not below zero.
        AndInt | AndLong | AndByte | AndShort if b.least >= 0 => {
            Some(vec![0, if a.least >= 0 { a.most.min(b.most) } else { b.most }])
        }
        AndInt | AndLong | AndByte | AndShort if a.least >= 0 => Some(vec![0, a.most]),
        RemInt | RemLong | RemByte | RemShort if b.least > 0 => {
            Some(vec![if a.least >= 0 { 0 } else { 1 - b.most }, (b.most - 1).min(a.most.max(0))])
        }
        DivInt | DivLong | DivByte | DivShort if b.least > 0 => corners(|a, b| Some(a / b)),
        ShrInt | ShrLong | ShrByte | ShrShort
            if b.least == b.most && (0..8 * i64::from(tag.size())).contains(&b.least) =>
        {
            Some(vec![a.least >> b.least, a.most >> b.least])
        }
        UshrInt if b.least == b.most && (1..32).contains(&b.least) => match a.least >= 0 {
            true => Some(vec![a.least >> b.least, a.most >> b.least]),
            false => Some(vec![0, i64::from(u32::MAX >> b.least)]),
        },
        _ => None,
    };
    let hull = found.and_then(|ends| Some(Known { least: *ends.iter().min()?, most: *ends.iter().max()? }));
    hull.filter(|hull| hull.is_within(whole)).unwrap_or(whole)
}

fn computation_shifts(computation: Computation) -> bool {
    let [a, b] = operands(computation);
    a != b
}

fn convert(computation: Computation, operand: Known) -> Known {
    use Computation::*;
    let to = match computation {
        IntToByte | LongToByte | ShortToByte | FloatToByte | DecimalToByte => Tag::Byte,
        IntToShort | LongToShort | FloatToShort | DecimalToShort => Tag::Short,
        LongToInt | FloatToInt | DecimalToInt | ClzInt | CtzInt | OnesInt | ClzLong | CtzLong | OnesLong => Tag::Int,
        NotBool => return Known { least: 0, most: 1 },
        _ => return ANY,
    };
    let whole = Known::of(to);
    let keeps = matches!(computation, IntToByte | LongToByte | ShortToByte | IntToShort | LongToShort | LongToInt);
    if keeps && operand.is_within(whole) { operand } else { whole }
}

/// What a comparison says of its operands where it holds, or where it does not.
fn learn(state: &mut State, computation: Computation, left: Operand, right: Operand, holds: bool) {
    use Computation::*;
    let (a, b) = (value(state, left), value(state, right));
    let [tag, _] = operands(computation);
    if matches!(tag, Tag::Float | Tag::Decimal) {
        return;
    }
    let (a, b) = (a.and(Known::of(tag)), b.and(Known::of(tag)));
    let below = |known: Known| Known { least: i64::MIN, most: known.most.saturating_sub(1) };
    let above = |known: Known| Known { least: known.least.saturating_add(1), most: i64::MAX };
    let up_to = |known: Known| Known { least: i64::MIN, most: known.most };
    let from = |known: Known| Known { least: known.least, most: i64::MAX };
    let (of_left, of_right) = match (computation, holds) {
        (LtInt | LtLong | LtByte | LtShort, true) | (GeInt | GeLong | GeByte | GeShort, false) => (below(b), above(a)),
        (LeInt | LeLong | LeByte | LeShort, true) | (GtInt | GtLong | GtByte | GtShort, false) => (up_to(b), from(a)),
        (GtInt | GtLong | GtByte | GtShort, true) | (LeInt | LeLong | LeByte | LeShort, false) => (above(b), below(a)),
        (GeInt | GeLong | GeByte | GeShort, true) | (LtInt | LtLong | LtByte | LtShort, false) => (from(b), up_to(a)),
        (EqInt | EqLong | EqByte | EqShort, true) | (NeInt | NeLong | NeByte | NeShort, false) => (b, a),
        _ => return,
    };
    if let Operand::Register(register) = left {
        set(state, register, a.and(of_left));
    }
    if let Operand::Register(register) = right {
        set(state, register, b.and(of_right));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A generator of numbers that are small, large, and in between.
    struct Numbers(u64);

    impl Numbers {
        fn next(&mut self) -> u64 {
            self.0 ^= self.0 << 13;
            self.0 ^= self.0 >> 7;
            self.0 ^= self.0 << 17;
            self.0
        }

        fn member(&mut self, of: Known) -> i64 {
            let width = of.most.wrapping_sub(of.least).cast_unsigned();
            let distance = match self.next() % 4 {
                0 => 0,
                1 => width,
                2 => self.next() % 40,
                _ => self.next(),
            };
            let distance = if width == u64::MAX { distance } else { distance % (width + 1) };
            of.least.wrapping_add(distance.cast_signed())
        }

        fn range(&mut self, whole: Known) -> Known {
            let (a, b) = (self.member(whole), self.member(whole));
            let b = if self.next().is_multiple_of(3) { a } else { b };
            Known { least: a.min(b), most: a.max(b) }
        }
    }

    #[test]
    fn what_is_computed_lies_in_the_range_that_is_known() {
        let mut numbers = Numbers(0x9e37_79b9_7f4a_7c15);
        let computations: Vec<_> = vega_format::instruction::ROWS
            .iter()
            .filter_map(|row| vega_format::instruction::Instruction::decode(&[row.number]).ok())
            .filter_map(|(instruction, _)| Computation::of(&instruction))
            .collect();
        assert!(computations.len() > 150, "{}", computations.len());
        for computation in computations {
            let [first, second] = operands(computation);
            if matches!(first, Tag::Float | Tag::Decimal) {
                continue;
            }
            for _ in 0..20_000 {
                let (a, b) = (numbers.range(Known::of(first)), numbers.range(Known::of(second)));
                let [x, y] = [numbers.member(a), numbers.member(b)];
                let Ok(result) = computation.apply([x.cast_unsigned(), y.cast_unsigned()]) else { continue };
                let known = match computation.is_unary() {
                    true => convert(computation, a),
                    false => compute(computation, a, b),
                };
                let result = Known::just(result.cast_signed());
                assert!(result.is_within(known), "{computation:?} of {x} and {y}: {result:?} is not in {known:?}");
            }
        }
    }

    #[test]
    fn what_a_branch_says_is_true_of_those_that_take_it() {
        let mut numbers = Numbers(0x2545_f491_4f6c_dd1d);
        for computation in [
            Computation::LtInt,
            Computation::LeInt,
            Computation::GtLong,
            Computation::GeShort,
            Computation::EqByte,
            Computation::NeInt,
        ] {
            let [tag, _] = operands(computation);
            for _ in 0..20_000 {
                let (a, b) = (numbers.range(Known::of(tag)), numbers.range(Known::of(tag)));
                let (x, y) = (numbers.member(a), numbers.member(b));
                let holds = computation.apply([x.cast_unsigned(), y.cast_unsigned()]) == Ok(1);
                let mut state = vec![a, b, ANY, ANY];
                learn(&mut state, computation, Operand::Register(0), Operand::Register(1), holds);
                for (value, known) in [x, y].into_iter().zip(&state) {
                    assert!(Known::just(value).is_within(*known), "{computation:?} of {x} and {y}: {known:?}");
                }
            }
        }
    }
}
