//! Loops of one block that count an int up to a limit: as many rounds as there is fuel for, but for the last, are run ahead at
//! once, and paid for afterwards.
//!
//! Guarantees: nothing in such a round can end the run or be seen by anybody before the round is over, and the rounds that
//! are run ahead are those that would be run anyhow; so it cannot be told from running them one after another.

use super::body::{Act, Body};
use super::fill::Fill;
use super::liveness::writes;
use super::lower::Lower;
use crate::register::{Condition, Kind, Op, Operand, Register};
use core::ops::Range;
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{Block, InstBuilder, Value, types};
use vega_format::compute::Computation;

/// Fewer rounds than these are not worth it.
const FEW: i64 = 8;

/// An int that goes up as long as it is below a limit.
#[derive(Debug, Clone, Copy)]
pub(super) struct Counter {
    pub(super) register: Register,
    pub(super) limit: Operand,
}

impl Counter {
    /// The counter of the test of a loop, if that is nothing else, and where it goes when the loop is over.
    pub(super) fn of(body: &Body, test: Range<usize>) -> Option<(Counter, usize)> {
        let [Act::Op(Op::Branch { condition, when: false, target })] = body.acts.get(test)? else { return None };
        let Condition::Compare(Computation::LtInt, Operand::Register(register), limit) = *condition else {
            return None;
        };
        Some((Counter { register, limit }, *target as usize))
    }
}

/// A loop that counts.
#[derive(Debug, Clone, Copy)]
pub(super) struct Counted {
    counter: Counter,
    step: Operand,
    /// What a round takes.
    steps: i64,
    /// What it stores, if it does nothing else.
    pub(super) fill: Option<Fill>,
}

impl Counted {
    /// The loop that a block makes with the test to which it jumps.
    pub(super) fn of(body: &Body, number: usize, ranges: &[Range<usize>]) -> Option<Counted> {
        let range = ranges.get(number)?;
        let (Act::Op(Op::Jump { target }), round) = body.acts.get(range.clone())?.split_last()? else { return None };
        let test = *target as usize;
        let (counter, exit) = Counter::of(body, ranges.get(test)?.clone())?;
        let Counter { register, limit } = counter;
        if test + 1 != number || exit == number {
            return None;
        }
        let proven = body.proven.get(range.clone())?;
        if !round.iter().zip(proven).all(|(act, proven)| act.is_quiet(*proven)) {
            return None;
        }
        let mut step = None;
        let mut written: Vec<Register> = Vec::new();
        for act in round {
            let Act::Op(op) = act else { return None };
            if let Op::Two { computation: Computation::AddInt, to, left, right } = op
                && (*to, *left) == (register, Operand::Register(register))
            {
                step = Some(*right);
            }
            writes(op, &mut |register| written.push(register));
        }
        let step = step?;
        let stays = |operand: Operand| !matches!(operand, Operand::Register(register) if written.contains(&register));
        let counts_once = written.iter().filter(|written| **written == register).count() == 1;
        let steps_of = |number: usize| body.blocks.get(number).copied().flatten().map_or(0, |block| block.steps);
        let steps = i64::from(steps_of(number)) + i64::from(steps_of(test));
        let fill = Fill::of(round, register);
        (counts_once && stays(step) && stays(limit)).then_some(Counted { counter, step, steps, fill })
    }
}

/// Rounds that are run ahead.
pub(super) struct Rounds {
    /// How many, and what each takes.
    pub(super) many: Value,
    pub(super) price: Value,
    /// What the counter is after the last.
    pub(super) end: Value,
    /// The code of a round, and what comes behind all.
    pub(super) code: Block,
    pub(super) behind: Block,
}

impl Lower<'_, '_> {
    /// Runs rounds ahead, where such a block begins.
    pub(super) fn run_ahead(&mut self, number: usize, counted: Counted) -> Option<()> {
        let Counted { counter: Counter { register, limit }, step, steps, fill } = counted;
        if self.kind_of(Operand::Register(register)) != Kind::Int {
            return Some(());
        }
        let [counter, step, limit] = [Operand::Register(register), step, limit].map(|operand| self.wide(operand));
        let [ahead, behind] = core::array::from_fn(|_| self.builder.create_block());
        // The value of the counter in the last round is below the limit.
        let last = self.builder.ins().iadd_imm_s(limit, -1);
        let way = self.builder.ins().isub(last, counter);
        let least = fill.map_or(FEW, |fill| FEW.max(fill.rounds().into()));
        let few = self.builder.ins().imul_imm_s(step, least);
        let goes_far = self.builder.ins().icmp(IntCC::SignedGreaterThanOrEqual, way, few);
        let goes_up = self.builder.ins().icmp_imm_s(IntCC::SignedGreaterThan, step, 0);
        let fuel = self.fuel();
        let has_fuel = self.builder.ins().icmp_imm_s(IntCC::SignedGreaterThanOrEqual, fuel, least * steps);
        let is_worth_it = self.builder.ins().band(goes_far, goes_up);
        let is_worth_it = self.builder.ins().band(is_worth_it, has_fuel);
        self.builder.ins().brif(is_worth_it, ahead, &[], behind, &[]);

        self.begin(ahead);
        let many = self.builder.ins().udiv(way, step);
        let price = self.builder.ins().iconst(types::I64, steps);
        let many = self.no_more_than_paid(many, fuel, price);
        let many = match fill {
            Some(fill) => self.builder.ins().band_imm_s(many, -i64::from(fill.rounds())),
            None => many,
        };
        let way = self.builder.ins().imul(many, step);
        let end = self.builder.ins().iadd(counter, way);
        let end = self.builder.ins().ireduce(types::I32, end);
        if let Some(fill) = fill {
            self.fill_ahead(fill, many)?;
            self.set(register, Kind::Int, end);
            self.pay_for(many, price);
            self.builder.ins().jump(behind, &[]);
            self.begin(behind);
            return Some(());
        }
        let code = self.builder.create_block();
        self.builder.ins().jump(code, &[]);
        self.builder.switch_to_block(code);
        let (now, raw) = (self.values.now.clone(), self.values.raw.clone());
        let range = self.ranges.get(number)?.clone();
        self.acts(range.start..range.end - 1, number)?;
        // Through the test, as a round goes.
        self.settle_for(number - 1);
        self.enter_block(number - 1);
        for register in self.live.at(number) {
            let place = usize::from(register);
            if raw.get(place) == Some(&false) {
                self.make_exact(register);
            }
            // Else this is no loop that goes round as it began.
            if now.get(place) != self.values.now.get(place) {
                return None;
            }
        }
        (self.values.now, self.values.raw) = (now, raw);
        let counter = self.get(register, Kind::Int);
        self.end_round(counter, Rounds { many, price, end, code, behind });
        Some(())
    }

    /// An int as a long.
    pub(super) fn wide(&mut self, operand: Operand) -> Value {
        let value = self.operand(operand, Kind::Int);
        self.builder.ins().sextend(types::I64, value)
    }

    /// So many rounds, or as many as there is fuel for.
    pub(super) fn no_more_than_paid(&mut self, rounds: Value, fuel: Value, price: Value) -> Value {
        let paid = self.builder.ins().udiv(fuel, price);
        self.builder.ins().umin(rounds, paid)
    }

    /// Goes round, or pays for all rounds and goes on behind them.
    pub(super) fn end_round(&mut self, counter: Value, rounds: Rounds) {
        let Rounds { many, price, end, code, behind } = rounds;
        let is_end = self.builder.ins().icmp(IntCC::Equal, counter, end);
        let done = self.builder.create_block();
        self.builder.ins().brif(is_end, done, &[], code, &[]);
        self.builder.seal_block(code);
        self.begin(done);
        self.pay_for(many, price);
        self.builder.ins().jump(behind, &[]);
        self.begin(behind);
    }
}
