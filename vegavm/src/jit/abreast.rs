//! Loops around a loop that adds up floats: four rounds of the outer one are run side by side, so that the additions of one
//! need not wait for those of another.
//!
//! Guarantees: each round computes what it would alone, in the same order. Nothing in such rounds can end the run or be seen
//! by anybody before they are over, what a round stores lies apart from all that the next one loads before it has stored, and
//! the rounds are those that would be run anyhow; so it cannot be told from running them one after another.

use super::body::{Act, Body};
use super::compute::operands;
use super::counted::{Counter, Rounds};
use super::liveness::{Live, reads, writes};
use super::lower::Lower;
use super::steady::until_steady;
use super::values::Values;
use crate::register::{Kind, Op, Operand, Register, Spot};
use alloc::collections::{BTreeMap, BTreeSet};
use core::ops::Range;
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{InstBuilder, Value, types};
use vega_format::compute::Computation;
use vega_format::types::Tag;

/// Rounds side by side: as many as there are registers for, and a power of two.
const LANES: usize = 4;
/// The most operations before the inner loop, of a round of it, and behind it: all are there once more for each lane.
const MOST_ACTS: usize = 16;
/// The most pairs of views of which it is asked whether they lie apart.
const MOST_PAIRS: usize = 16;
/// With fewer rounds of the inner loop it is not worth it.
const FEW: i64 = 8;

/// A loop, and the one in it.
#[derive(Debug)]
pub(super) struct Abreast {
    outer: Counter,
    inner: Counter,
    /// From where the inner counter goes.
    start: Operand,
    /// The tests of the loops, and what is done before the inner loop, in it and behind it.
    outer_test: usize,
    inner_test: usize,
    before: Range<usize>,
    round: Range<usize>,
    behind: (usize, Range<usize>),
    /// What each round computes for itself.
    own: BTreeSet<Register>,
    /// What the code behind the inner loop hands on from round to round.
    handed_on: BTreeSet<Register>,
    /// The views, with the size of their elements, that are loaded from before others have stored, and that are stored to.
    pub(super) loaded: BTreeMap<Register, u32>,
    stored: BTreeMap<Register, u32>,
    /// Steps of a round of the outer loop but for the inner one, and of a round of that.
    outer_steps: i64,
    inner_steps: i64,
}

/// Operations, but for the last, which leads on.
fn ops(body: &Body, range: &Range<usize>) -> Option<Vec<Op>> {
    let (_, acts) = body.acts.get(range.clone())?.split_last()?;
    let proven = body.proven.get(range.clone())?;
    let op = |(act, proven): (&Act, &bool)| match act {
        Act::Op(op) if act.is_quiet(*proven) => Some(op.clone()),
        _ => None,
    };
    acts.iter().zip(proven).map(op).collect()
}

fn written(ops: &[Op]) -> Vec<Register> {
    let mut all = Vec::new();
    ops.iter().for_each(|op| writes(op, &mut |register| all.push(register)));
    all
}

/// Whether a counter is written by nothing but by adding one to it, once.
fn goes_up(ops: &[Op], register: Register) -> bool {
    let adds = |op: &Op| match op {
        Op::Two { computation: Computation::AddInt, to, left, right } => {
            (*to, *left, *right) == (register, Operand::Register(register), Operand::Constant(1))
        }
        _ => false,
    };
    written(ops).into_iter().filter(|written| *written == register).count() == 1 && ops.iter().any(adds)
}

/// The views of accesses, each with the size of its elements; `None` if there is any other access.
fn views<'o>(spots: impl Iterator<Item = &'o Spot>) -> Option<BTreeMap<Register, u32>> {
    let view = |spot: &Spot| match spot {
        Spot::View { view, stride, .. } => Some((*view, stride.size)),
        _ => None,
    };
    spots.map(view).collect()
}

impl Abreast {
    /// The loops of which the outer one begins a round with a block.
    pub(super) fn of(body: &Body, live: &Live, number: usize, ranges: &[Range<usize>]) -> Option<Abreast> {
        let range = |number: usize| ranges.get(number).cloned();
        let last = |range: &Range<usize>| body.acts.get(range.clone())?.last();
        let outer_test = number.checked_sub(1)?;
        let (inner_test, round_number) = (number + 1, number + 2);
        let (before, round) = (range(number)?, range(round_number)?);
        let (outer, exit) = Counter::of(body, range(outer_test)?)?;
        let (inner, behind_number) = Counter::of(body, range(inner_test)?)?;
        let behind = range(behind_number)?;
        let leads = |range: &Range<usize>, to: usize| matches!(last(range), Some(Act::Op(Op::Jump { target })) if *target as usize == to);
        if !matches!(last(&before)?, Act::Op(Op::Next)) || !leads(&round, inner_test) || !leads(&behind, outer_test) {
            return None;
        }
        if (number..=round_number).contains(&exit) || exit == behind_number {
            return None;
        }
        if [&before, &round, &behind].into_iter().any(|range| range.len() > MOST_ACTS) {
            return None;
        }
        let [first, in_round, last] = [ops(body, &before)?, ops(body, &round)?, ops(body, &behind)?];
        let all = [first.clone(), in_round.clone(), last.clone()].concat();
        let (in_all, early): (BTreeSet<_>, _) =
            (written(&all).into_iter().collect(), [first.clone(), in_round.clone()].concat());
        let stays = |operand: Operand| !matches!(operand, Operand::Register(register) if in_all.contains(&register));
        // What an operand of the inner loop is when a round of the outer one begins.
        let at_first = |operand: Operand| {
            let Operand::Register(register) = operand else { return Some(operand) };
            let writes_it = |op: &&Op| written(core::slice::from_ref(*op)).contains(&register);
            match first.iter().rev().find(writes_it) {
                Some(Op::Move { from, .. }) => stays(*from).then_some(*from),
                Some(_) => None,
                None => stays(operand).then_some(operand),
            }
        };
        let start = at_first(Operand::Register(inner.register))?;
        let is_steady = !matches!(inner.limit, Operand::Register(limit) if written(&in_round).contains(&limit));
        let inner = Counter { limit: at_first(inner.limit).filter(|_| is_steady)?, ..inner };
        if !stays(outer.limit) || !goes_up(&in_round, inner.register) || !goes_up(&all, outer.register) {
            return None;
        }
        if !goes_up(&last, outer.register) {
            return None;
        }
        // What depends on the round of the outer loop.
        let mut own = BTreeSet::from([outer.register]);
        until_steady(|| {
            let many = own.len();
            for op in &early {
                let mut depends = false;
                reads(op, &mut |register| depends |= own.contains(&register));
                if depends {
                    own.extend(written(core::slice::from_ref(op)));
                }
            }
            Some(own.len() != many)
        })?;
        let mut handed_on: BTreeSet<_> = live.at(number).into_iter().filter(|live| in_all.contains(live)).collect();
        handed_on.remove(&outer.register);
        let mut touched = BTreeSet::new();
        early.iter().for_each(|op| reads(op, &mut |register| touched.extend([register])));
        touched.extend(written(&early));
        if own.contains(&inner.register) || !touched.is_disjoint(&handed_on) {
            return None;
        }
        let adds_up = |op: &Op| match op {
            Op::Two { computation, to, left, right } => {
                let [tag, _] = operands(*computation);
                let of_itself = [*left, *right].contains(&Operand::Register(*to));
                matches!(tag, Tag::Float | Tag::Decimal) && of_itself && own.contains(to)
            }
            _ => false,
        };
        let stores = |op: &&Op| matches!(op, Op::Store { .. });
        if !in_round.iter().any(adds_up) || early.iter().any(|op| stores(&op)) {
            return None;
        }
        let stored = views(last.iter().filter_map(|op| if let Op::Store { to, .. } = op { Some(to) } else { None }))?;
        let loads = early.iter().filter_map(|op| if let Op::Load { from, .. } = op { Some(from) } else { None });
        let loaded = if stored.is_empty() { BTreeMap::new() } else { views(loads)? };
        if stored.keys().chain(loaded.keys()).any(|view| in_all.contains(view)) {
            return None;
        }
        if stored.len() * loaded.len() > MOST_PAIRS {
            return None;
        }
        let steps =
            |number: usize| body.blocks.get(number).copied().flatten().map_or(0, |block| i64::from(block.steps));
        Some(Abreast {
            outer,
            inner,
            start,
            outer_test,
            inner_test,
            before,
            round,
            behind: (behind_number, behind),
            own,
            handed_on,
            loaded,
            stored,
            outer_steps: steps(outer_test) + steps(number) + steps(inner_test) + steps(behind_number),
            inner_steps: steps(inner_test) + steps(round_number),
        })
    }
}

impl Lower<'_, '_> {
    /// Runs rounds of the outer loop side by side, where one begins; at least one is left.
    pub(super) fn run_abreast(&mut self, number: usize, loops: &Abreast) -> Option<()> {
        let counter = self.get(loops.outer.register, Kind::Int);
        let bounds = [Operand::Register(loops.outer.register), loops.outer.limit, loops.start, loops.inner.limit];
        let [first, limit, start, end] = bounds.map(|operand| self.wide(operand));
        let [cheap, apart, group, behind] = core::array::from_fn(|_| self.builder.create_block());
        // So many rounds come before the last, each with so many of the inner loop.
        let rounds = self.builder.ins().isub(limit, first);
        let rounds = self.builder.ins().iadd_imm_s(rounds, -1);
        let within = self.builder.ins().isub(end, start);
        let price = self.builder.ins().imul_imm_s(within, loops.inner_steps);
        let price = self.builder.ins().iadd_imm_s(price, loops.outer_steps);
        let fuel = self.fuel();
        let dear = self.builder.ins().imul_imm_s(price, LANES as i64);
        let goes_far = self.builder.ins().icmp_imm_s(IntCC::SignedGreaterThanOrEqual, rounds, LANES as i64);
        let goes_deep = self.builder.ins().icmp_imm_s(IntCC::SignedGreaterThanOrEqual, within, FEW);
        let has_fuel = self.builder.ins().icmp(IntCC::SignedGreaterThanOrEqual, fuel, dear);
        let is_worth_it = self.builder.ins().band(goes_far, goes_deep);
        let is_worth_it = self.builder.ins().band(is_worth_it, has_fuel);
        self.builder.ins().brif(is_worth_it, cheap, &[], behind, &[]);
        self.begin(cheap);
        let is_apart = self.are_apart(loops);
        self.builder.ins().brif(is_apart, apart, &[], behind, &[]);
        self.begin(apart);
        let many = self.no_more_than_paid(rounds, fuel, price);
        let many = self.builder.ins().band_imm_s(many, -(LANES as i64));
        let way = self.builder.ins().ireduce(types::I32, many);
        let end = self.builder.ins().iadd(counter, way);

        // What the rounds share stands in the variables that there are.
        for register in self.live.at(number) {
            self.have_variable(register);
        }
        self.builder.ins().jump(group, &[]);
        self.builder.switch_to_block(group);
        let outside = self.values.clone();
        let counter = self.get(loops.outer.register, Kind::Int);
        let mut lanes: [Values; LANES] = core::array::from_fn(|_| {
            let mut values = outside.clone();
            loops.own.iter().for_each(|register| values.forget(*register));
            values
        });
        for lane in 0..LANES {
            let counter = self.builder.ins().iadd_imm_s(counter, lane as i64);
            self.in_lane(&mut lanes, lane, |lower| lower.set(loops.outer.register, Kind::Int, counter))?;
        }
        self.in_lanes(&mut lanes, loops, &loops.before, number)?;
        self.settle_lanes(&mut lanes, loops, loops.inner_test)?;
        let round = self.builder.create_block();
        self.builder.ins().jump(round, &[]);
        self.builder.switch_to_block(round);
        self.in_each(&mut lanes, |lower| lower.enter_block(loops.inner_test))?;
        self.in_lanes(&mut lanes, loops, &loops.round, number)?;
        self.settle_lanes(&mut lanes, loops, loops.inner_test)?;
        let goes_on = self.in_lane(&mut lanes, 0, |lower| {
            let inner = lower.get(loops.inner.register, Kind::Int);
            let limit = lower.operand(loops.inner.limit, Kind::Int);
            lower.builder.ins().icmp(IntCC::SignedLessThan, inner, limit)
        })?;
        let ended = self.builder.create_block();
        self.builder.ins().brif(goes_on, round, &[], ended, &[]);
        self.builder.seal_block(round);
        self.begin(ended);
        let (after, acts) = &loops.behind;
        self.in_each(&mut lanes, |lower| lower.enter_block(loops.inner_test))?;
        self.settle_lanes(&mut lanes, loops, *after)?;
        self.in_each(&mut lanes, |lower| lower.enter_block(*after))?;
        // One behind another. What one leaves in a register is nothing to the next, but for what it hands on.
        let left: BTreeSet<_> = written(&ops(&self.task.prepared.body, acts)?).into_iter().collect();
        for lane in 0..LANES {
            self.in_lane(&mut lanes, lane, |lower| {
                left.difference(&loops.handed_on).for_each(|register| lower.have_own(*register));
            })?;
        }
        for lane in 0..LANES {
            self.in_lane(&mut lanes, lane, |lower| lower.acts(acts.start..acts.end - 1, *after))??;
            share(&mut lanes, lane, &loops.handed_on);
        }
        let counter = self.in_lane(&mut lanes, LANES - 1, |lower| {
            lower.settle_for(loops.outer_test);
            lower.enter_block(loops.outer_test);
            lower.settle_for(number);
            lower.get(loops.outer.register, Kind::Int)
        })?;
        self.values = outside;
        self.set(loops.outer.register, Kind::Int, counter);
        self.end_round(counter, Rounds { many, price, end, code: group, behind });
        Some(())
    }

    /// Whether no byte of a view that is stored to is one of a view that is loaded from.
    fn are_apart(&mut self, loops: &Abreast) -> Value {
        let mut all = self.builder.ins().iconst(types::I8, 1);
        let ends = |lower: &mut Self, (view, size): (&Register, &u32)| {
            let (address, length) = lower.get_view(*view);
            let length = lower.builder.ins().uextend(types::I64, length);
            let bytes = lower.builder.ins().imul_imm_s(length, i64::from(*size));
            (address, lower.builder.ins().iadd(address, bytes))
        };
        for stored in &loops.stored {
            let (start, end) = ends(self, stored);
            for loaded in &loops.loaded {
                let (from, to) = ends(self, loaded);
                let is_below = self.builder.ins().icmp(IntCC::UnsignedLessThanOrEqual, end, from);
                let is_above = self.builder.ins().icmp(IntCC::UnsignedLessThanOrEqual, to, start);
                let is_apart = self.builder.ins().bor(is_below, is_above);
                all = self.builder.ins().band(all, is_apart);
            }
        }
        all
    }

    /// Does something with the registers of a round.
    fn in_lane<T>(&mut self, lanes: &mut [Values; LANES], lane: usize, what: impl FnOnce(&mut Self) -> T) -> Option<T> {
        core::mem::swap(&mut self.values, lanes.get_mut(lane)?);
        let done = what(self);
        core::mem::swap(&mut self.values, lanes.get_mut(lane)?);
        Some(done)
    }

    fn in_each(&mut self, lanes: &mut [Values; LANES], what: impl Fn(&mut Self)) -> Option<()> {
        (0..LANES).try_for_each(|lane| self.in_lane(lanes, lane, &what))
    }

    /// The registers of all rounds hold what a block expects; what they share they go on sharing.
    fn settle_lanes(&mut self, lanes: &mut [Values; LANES], loops: &Abreast, number: usize) -> Option<()> {
        self.in_lane(lanes, 0, |lower| lower.settle_for(number))?;
        let shared = self.live.at(number).into_iter().filter(|register| !loops.own.contains(register)).collect();
        share(lanes, 0, &shared);
        self.in_each(lanes, |lower| lower.settle_for(number))
    }

    /// Does the acts of a block but for the last: in each round what is its own, once what is the same in all.
    fn in_lanes(
        &mut self,
        lanes: &mut [Values; LANES],
        loops: &Abreast,
        range: &Range<usize>,
        number: usize,
    ) -> Option<()> {
        for index in range.start..range.end - 1 {
            let Some(Act::Op(op)) = self.task.prepared.body.acts.get(index) else { return None };
            let written: BTreeSet<_> = written(core::slice::from_ref(op)).into_iter().collect();
            if written.is_disjoint(&loops.own) {
                self.in_lane(lanes, 0, |lower| lower.acts(index..index + 1, number))??;
                share(lanes, 0, &written);
            } else {
                (0..LANES)
                    .try_for_each(|lane| self.in_lane(lanes, lane, |lower| lower.acts(index..index + 1, number))?)?;
            }
        }
        Some(())
    }
}

/// What registers are in one round they are in all.
fn share(lanes: &mut [Values; LANES], from: usize, registers: &BTreeSet<Register>) {
    for register in registers {
        let Some(held) = lanes.get(from).map(|lane| lane.held(*register)) else { return };
        lanes.iter_mut().for_each(|lane| lane.hold(*register, held));
    }
}
