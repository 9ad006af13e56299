//! Faults that are planted into machine code one at a time, to see whether the tests find them. Nothing but those tests is
//! built with this: no release has the feature.
//!
//! A fault is an edit of what a phase has made: of the body, of what was proven of it, or of Cranelift's instructions. So the
//! phases themselves are those that are released.

use super::body::{Act, Body};
use super::prepare::Ahead;
use super::ranges::{Lengths, prove};
use crate::register::{Op, Operand};
use cranelift_codegen::ir::condcodes::{FloatCC, IntCC};
use cranelift_codegen::ir::{Function, InstructionData, Opcode};
use std::sync::OnceLock;
use vega_format::compute::Computation;

/// Their names, one of which the variable `VEGA_PLANTED` has.
pub const FAULTS: [&str; 21] = [
    "an index is never looked at",
    "what is at most a number is below it",
    "a loop leaves its counter as it was",
    "a length allows one more",
    "a step is not charged",
    "a frame is not counted",
    "an arena gives back less than it took",
    "bytes of a variable are not made zeroes",
    "what is stored is not noted",
    "what rounds store lies apart from what others load",
    "a fill leaves out every other element",
    "an argument is lost",
    "a caller is lost",
    "an alias reaches one byte further",
    "a trap is told at the instruction before",
    "numbers are rounded down",
    "a NaN is left as it is",
    "a sign is not extended",
    "a shift loses the sign",
    "a byte has a sign",
    "the least value is greater than all others",
];

fn is(name: &str) -> bool {
    static PLANTED: OnceLock<Option<String>> = OnceLock::new();
    let planted = PLANTED.get_or_init(|| std::env::var("VEGA_PLANTED").ok());
    debug_assert!(FAULTS.contains(&name), "{name}");
    planted.as_deref() == Some(name)
}

/// Into a body of which was proven what can be; from a register on it holds what was forwarded.
pub(super) fn in_body(body: &mut Body, forwarded: usize, lengths: &Lengths) {
    if is("an index is never looked at") {
        body.proven.fill(true);
    }
    if is("what is at most a number is below it") {
        prove_as_if(body, lengths, |act| {
            if let Act::Op(Op::Branch { condition: crate::register::Condition::Compare(computation, ..), .. }) = act {
                *computation = match *computation {
                    Computation::LeInt => Computation::LtInt,
                    Computation::GeInt => Computation::GtInt,
                    other => other,
                };
            }
        });
    }
    if is("a loop leaves its counter as it was") {
        prove_as_if(body, lengths, |act| {
            if let Act::Op(Op::Two { computation: Computation::AddInt, right: right @ Operand::Constant(_), .. }) = act
            {
                *right = Operand::Constant(0);
            }
        });
    }
    if is("a caller is lost") {
        body.contexts.iter_mut().for_each(|context| context.caller = None);
    }
    if is("a step is not charged") {
        let blocks = body.blocks.iter_mut().flatten().filter(|block| block.at.context > 0 && block.steps > 1);
        blocks.for_each(|block| block.steps -= 1);
    }
    if is("what is stored is not noted") {
        for index in 1..body.acts.len() {
            let follows = matches!(body.acts.get(index - 1), Some(Act::Op(Op::Store { .. })));
            if let Some(act @ Act::Op(Op::Move { .. })) = body.acts.get_mut(index).filter(|_| follows)
                && matches!(act, Act::Op(Op::Move { to, .. }) if usize::from(*to) >= forwarded)
            {
                *act = Act::Op(Op::Breathe);
            }
        }
    }
    for index in 0..body.acts.len() {
        let at = body.at.get(index).copied();
        let before = index.checked_sub(1).and_then(|before| body.at.get(before)).copied();
        let Some(act) = body.acts.get_mut(index) else { continue };
        match act {
            Act::Enter { .. } | Act::Leave { .. } if is("a frame is not counted") => *act = Act::Op(Op::Breathe),
            Act::Op(Op::Close { capacity, .. }) if is("an arena gives back less than it took") => {
                *capacity = capacity.saturating_sub(1);
            }
            Act::Op(Op::Clear { length, .. }) if is("bytes of a variable are not made zeroes") => {
                *act = Act::Op(Op::Pay { bytes: *length });
            }
            Act::Op(Op::Move { from, .. }) if is("an argument is lost") && at.is_some_and(|at| at.context > 0) => {
                *from = Operand::Constant(0);
            }
            Act::Op(Op::Point { capacity, .. }) if is("an alias reaches one byte further") => *capacity += 1,
            Act::Op(Op::Load { .. } | Op::Store { .. }) if is("a trap is told at the instruction before") => {
                if let (Some(there), Some(before)) = (body.at.get_mut(index), before) {
                    *there = before;
                }
            }
            Act::Op(Op::One { computation, .. }) if is("numbers are rounded down") => {
                *computation = match *computation {
                    Computation::RoundDecimal => Computation::FloorDecimal,
                    Computation::RoundFloat => Computation::FloorFloat,
                    other => other,
                };
            }
            _ => {}
        }
    }
}

/// Into what is run ahead.
pub(super) fn in_ahead(ahead: &mut [Option<Ahead>]) {
    for ahead in ahead.iter_mut().flatten() {
        if let Ahead::Abreast(loops) = ahead
            && is("what rounds store lies apart from what others load")
        {
            loops.loaded.clear();
        }
        if let Ahead::Counted(counted) = ahead
            && let Some(fill) = counted.fill.as_mut().filter(|fill| fill.size < 8)
            && is("a fill leaves out every other element")
        {
            fill.size *= 2;
        }
    }
}

/// What is proven of a body is what would be proven of another.
fn prove_as_if(body: &mut Body, lengths: &Lengths, edit: impl Fn(&mut Act)) {
    let mut other = body.clone();
    other.acts.iter_mut().for_each(edit);
    prove(&mut other, None, lengths);
    body.proven = other.proven;
}

/// Into the instructions of a function.
pub(super) fn in_code(mut function: Function) -> Function {
    let blocks: Vec<_> = function.layout.blocks().collect();
    let all: Vec<_> =
        blocks.into_iter().flat_map(|block| function.layout.block_insts(block).collect::<Vec<_>>()).collect();
    for inst in all {
        match &mut function.dfg.insts[inst] {
            InstructionData::Unary { opcode: opcode @ Opcode::Sextend, .. } if is("a sign is not extended") => {
                *opcode = Opcode::Uextend;
            }
            InstructionData::Binary { opcode: opcode @ Opcode::Sshr, .. } if is("a shift loses the sign") => {
                *opcode = Opcode::Ushr;
            }
            InstructionData::Load { opcode: opcode @ Opcode::Uload8, .. } if is("a byte has a sign") => {
                *opcode = Opcode::Sload8;
            }
            InstructionData::IntCompare { cond: cond @ IntCC::UnsignedLessThan, .. }
                if is("a length allows one more") =>
            {
                *cond = IntCC::UnsignedLessThanOrEqual;
            }
            InstructionData::IntCompare { cond: cond @ IntCC::SignedGreaterThan, .. }
                if is("the least value is greater than all others") =>
            {
                *cond = IntCC::UnsignedGreaterThan;
            }
            InstructionData::FloatCompare { cond: cond @ FloatCC::Unordered, .. } if is("a NaN is left as it is") => {
                *cond = FloatCC::LessThan;
            }
            _ => {}
        }
    }
    function
}
