//! Which registers a block may still read, before anything writes them: only those need to be ready when it begins.

use super::body::{Act, Body};
use super::lower::Uses;
use super::steady::until_steady;
use crate::register::{Address, Condition, Op, Operand, Register, Spot};
use core::ops::Range;

/// The most bits that are kept about a function: blocks times registers.
const MOST_BITS: usize = 1 << 25;
/// The most registers that are live when a block begins, and of all blocks together; more would take the compiler too long,
/// and make large frames.
const MOST_LIVE: usize = 4_000;
const MOST_LIVE_IN_ALL: usize = 1 << 16;
/// The most there is of a body to compile. The time that the compiler takes to find places for its values grows with the square of
/// that; this takes some tenths of a second.
const MOST_SIZE: usize = 6_000;
/// What the compiler takes to keep values apart grows, where many are live at once, as their number cubed: this is the most
/// of all operations together, each with the square of how many registers are live behind it. It takes a tenth of a second.
const MOST_EFFORT: usize = 1 << 25;

/// The registers that are live when a block begins.
#[derive(Debug, Clone)]
pub(super) struct Live {
    /// Words for each block.
    words: usize,
    bits: Vec<u64>,
}

impl Live {
    /// Of a body; `None` where that is too much to keep.
    pub(super) fn of(body: &Body) -> Option<Live> {
        let blocks = body.blocks.len();
        let words = body.kinds.len().div_ceil(64);
        if body.size() > MOST_SIZE || blocks.saturating_mul(words) > MOST_BITS / 64 {
            return None;
        }
        let mut live = Live { words, bits: vec![0; blocks * words] };
        let ranges = body.ranges();
        let mut now = vec![0; words];
        until_steady(|| {
            let mut changes = false;
            for (number, range) in ranges.iter().rev() {
                live.go_back(body, *number, range.clone(), &mut now, &mut |_| {})?;
                if live.block(*number) != now {
                    changes = true;
                    if let Some(block) = live.bits.get_mut(number * words..(number + 1) * words) {
                        block.copy_from_slice(&now);
                    }
                }
            }
            Some(changes)
        })?;
        let counts: Vec<usize> = live.bits.chunks(words.max(1)).map(count).collect();
        let mut effort = 0usize;
        for (number, range) in &ranges {
            live.go_back(body, *number, range.clone(), &mut now, &mut |live| {
                effort = effort.saturating_add(live * live)
            })?;
        }
        let is_little = counts.iter().all(|count| *count <= MOST_LIVE)
            && counts.iter().sum::<usize>() <= MOST_LIVE_IN_ALL
            && effort <= MOST_EFFORT;
        is_little.then_some(live)
    }

    /// Goes through a block from its end to its start, at which `now` has the registers that are live. Behind each operation,
    /// `behind` is told how many are.
    fn go_back(
        &self,
        body: &Body,
        number: usize,
        range: Range<usize>,
        now: &mut [u64],
        behind: &mut impl FnMut(usize),
    ) -> Option<()> {
        now.fill(0);
        let acts = body.acts.get(range)?;
        for next in Body::successors(acts.last()?, number) {
            now.iter_mut().zip(self.block(next)).for_each(|(now, there)| *now |= there);
        }
        let mut live = count(now);
        for act in acts.iter().rev() {
            let Act::Op(op) = act else { continue };
            behind(live);
            writes(op, &mut |register| live -= usize::from(put(now, register, false)));
            reads(op, &mut |register| live += usize::from(put(now, register, true)));
        }
        Some(())
    }

    fn block(&self, number: usize) -> &[u64] {
        self.bits.get(number * self.words..(number + 1) * self.words).unwrap_or_default()
    }

    /// The registers that are live when a block begins.
    pub(super) fn at(&self, number: usize) -> Vec<Register> {
        let words = self.block(number).iter().enumerate();
        let registers = words.flat_map(|(place, word)| {
            let bits = (0..64).filter(move |bit| word & (1 << bit) != 0);
            bits.map(move |bit| (64 * place + bit) as Register)
        });
        registers.collect()
    }
}

fn count(bits: &[u64]) -> usize {
    bits.iter().map(|word| word.count_ones() as usize).sum()
}

/// Says whether that changes anything.
fn put(bits: &mut [u64], register: Register, value: bool) -> bool {
    let (place, bit) = (usize::from(register) / 64, register % 64);
    let Some(word) = bits.get_mut(place) else { return false };
    let before = core::mem::replace(word, *word & !(1 << bit) | u64::from(value) << bit);
    before != *word
}

fn operand(operand: &Operand, with: &mut impl FnMut(Register)) {
    if let Operand::Register(register) = operand {
        with(*register);
    }
}

fn address(at: &Address, with: &mut impl FnMut(Register)) {
    at.base.into_iter().for_each(with);
}

fn spot(spot: &Spot, with: &mut impl FnMut(Register)) {
    match spot {
        Spot::At(at) => address(at, with),
        Spot::Array { at, index, .. } => {
            address(at, with);
            with(*index);
        }
        Spot::View { view, index, .. } => {
            with(*view);
            with(*index);
        }
        Spot::ViewAt { view, index, plus, .. } => [view, index, plus].into_iter().for_each(|register| with(*register)),
    }
}

/// The registers that an operation of a plain form reads.
pub(super) fn reads(op: &Op, with: &mut impl FnMut(Register)) {
    match op {
        Op::Move { from, .. } | Op::ReturnOne { from } => operand(from, with),
        Op::Slide { from, cells, .. } => (*from..from + cells).for_each(with),
        Op::One { operand, .. } => with(*operand),
        Op::Two { left, right, .. } => {
            operand(left, with);
            operand(right, with);
        }
        Op::Length { view, .. } => with(*view),
        Op::Span { at, .. } | Op::Clear { at, .. } => address(at, with),
        Op::Load { from, .. } => spot(from, with),
        Op::Store { value, to, .. } => {
            operand(value, with);
            spot(to, with);
        }
        Op::Point { offset, base, .. } => {
            with(*offset);
            with(*base);
        }
        Op::CheckStored { tag, .. } | Op::CheckTag { tag, .. } => with(*tag),
        Op::Complex { what, first, takes, .. } => {
            (*first..first + takes).for_each(&mut *with);
            let mut uses = Uses::default();
            uses.of(what);
            uses.reads.into_iter().flatten().for_each(with);
        }
        Op::Branch { condition: Condition::Cell(cell), .. } => with(*cell),
        Op::Branch { condition: Condition::Compare(_, left, right), .. } => {
            operand(left, with);
            operand(right, with);
        }
        Op::Call { first, takes, .. } | Op::CallHost { first, takes, .. } => (*first..first + takes).for_each(with),
        Op::Return { first, cells } => (*first..first + cells).for_each(with),
        _ => {}
    }
}

/// The registers that an operation of a plain form writes.
pub(super) fn writes(op: &Op, with: &mut impl FnMut(Register)) {
    match op {
        Op::Move { to, .. }
        | Op::One { to, .. }
        | Op::Two { to, .. }
        | Op::Length { to, .. }
        | Op::Span { to, .. }
        | Op::Load { to, .. }
        | Op::Point { to, .. } => with(*to),
        Op::Slide { to, cells, .. } => (*to..to + cells).for_each(with),
        Op::Open { base, .. } => base.iter().for_each(|base| with(*base)),
        Op::Complex { what, first, gives, .. } => {
            (*first..first + gives).for_each(&mut *with);
            let mut uses = Uses::default();
            uses.of(what);
            uses.writes.into_iter().for_each(with);
        }
        Op::Call { first, gives, .. } | Op::CallHost { first, gives, .. } => (*first..first + gives).for_each(with),
        _ => {}
    }
}
