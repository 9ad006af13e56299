//! What is compiled as one: the plain form of a function, with those that were put into it.
//!
//! Guarantees: every operation knows the function that it comes from and the calls by which that was reached, so what is
//! told of it is told as if nothing had been put together.

use super::liveness::{reads, writes};
use super::steady::until_steady;
use crate::register::{Complex, Dynamic, Form, Kind, Op, Operand, Place, Register, Spot};
use core::fmt;
use vega_format::text::counted;

/// The most acts before the branch of a test that ends a loop.
const MOST_IN_TEST: usize = 4;

/// A place in a function, reached by certain calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct At {
    pub(super) place: Place,
    /// The number of a context.
    pub(super) context: u32,
}

/// A function, and the call that was replaced by it; none if it is the one that is compiled.
#[derive(Debug, Clone, Copy)]
pub(super) struct Context {
    pub(super) function: u32,
    pub(super) caller: Option<At>,
    /// How many cells its parameters take.
    pub(super) parameters: u16,
}

/// What is done.
#[derive(Debug, Clone)]
pub(super) enum Act {
    Op(Op),
    /// The frame of a function that was put in begins, which counts for so many bytes; it ends.
    Enter {
        bytes: u32,
    },
    Leave {
        bytes: u32,
    },
}

impl Act {
    /// Whether it neither ends the run nor asks the host for anything, its index being known to be within bounds or not.
    pub(super) fn is_quiet(&self, proven: bool) -> bool {
        let Act::Op(op) = self else { return false };
        match op {
            Op::Two { computation, right, .. } => {
                !computation.divides() || matches!(right, Operand::Constant(divisor) if *divisor != 0)
            }
            Op::Load { from: spot, .. } | Op::Store { to: spot, .. } => proven || matches!(spot, Spot::At(_)),
            Op::Move { .. } | Op::Slide { .. } | Op::One { .. } | Op::Length { .. } | Op::Span { .. } => true,
            _ => false,
        }
    }
}

/// A basic block.
#[derive(Debug, Clone, Copy)]
pub(super) struct Start {
    /// The index of its first act.
    pub(super) start: usize,
    /// What is charged on entry.
    pub(super) steps: u32,
    /// Its first instruction.
    pub(super) at: At,
}

/// What registers hold where paths meet; all others hold what they held before.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    pub(super) first: Register,
    pub(super) kinds: Box<[Kind]>,
}

impl Entry {
    pub(super) fn kind(&self, register: Register) -> Option<Kind> {
        self.kinds.get(usize::from(register.checked_sub(self.first)?)).copied()
    }
}

/// Frames, and bytes of arenas and frames, that are taken.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Taken {
    pub(super) frames: i64,
    pub(super) bytes: i64,
}

impl Taken {
    /// What this is more than that.
    pub(super) fn beyond(self, other: Taken) -> Taken {
        Taken { frames: self.frames - other.frames, bytes: self.bytes - other.bytes }
    }

    pub(super) fn is_within(self, other: Taken) -> bool {
        self.frames <= other.frames && self.bytes <= other.bytes
    }

    /// An act is done; `None` if what it takes is not known.
    pub(super) fn pass(&mut self, act: &Act) -> Option<()> {
        match act {
            Act::Enter { bytes } => {
                self.frames += 1;
                self.bytes += i64::from(*bytes);
            }
            Act::Leave { bytes } => {
                self.frames -= 1;
                self.bytes -= i64::from(*bytes);
            }
            Act::Op(Op::Open { capacity, .. }) => self.bytes += i64::from(*capacity),
            Act::Op(Op::Close { capacity, .. }) => self.bytes -= i64::from(*capacity),
            Act::Op(Op::Complex { what: Complex::Dynamic(Dynamic::Open { .. } | Dynamic::Close), .. }) => return None,
            Act::Op(_) => {}
        }
        Some(())
    }
}

/// What is compiled as one.
#[derive(Debug, Clone)]
pub(super) struct Body {
    pub(super) acts: Vec<Act>,
    /// Of each act.
    pub(super) at: Vec<At>,
    /// Of each act whether its index is known to be within bounds.
    pub(super) proven: Vec<bool>,
    /// By number, those that cannot be reached being empty; with what is known where paths meet.
    pub(super) blocks: Vec<Option<Start>>,
    pub(super) entries: Vec<Option<Entry>>,
    /// What registers hold that hold one kind all the time; how many there are is how many registers there are.
    pub(super) kinds: Vec<Option<Kind>>,
    pub(super) contexts: Vec<Context>,
    /// The register of the lowest cell of the stack.
    pub(super) first: Register,
    /// Behind the last register of the function itself.
    pub(super) own: Register,
}

impl Body {
    /// Of a function alone.
    pub(super) fn new(function: u32, form: Form) -> Option<Body> {
        let Form { ops, places, blocks, kinds, parameters, .. } = form;
        let kinds = kinds?;
        let first = kinds.kept.len() as Register;
        let at = |place: Place| At { place, context: 0 };
        let mut fixed: Vec<_> = kinds.kept.iter().copied().map(Some).collect();
        fixed.resize(kinds.end, None);
        let starts = blocks.iter().map(|block| {
            let block = (*block)?;
            Some(Start { start: block.start as usize, steps: block.steps, at: at(block.place) })
        });
        let entries = kinds.entries.into_iter().map(|entry| Some(Entry { first, kinds: entry? }));
        Some(Body {
            proven: vec![false; ops.len()],
            acts: ops.into_iter().map(Act::Op).collect(),
            at: places.into_iter().map(at).collect(),
            blocks: starts.collect(),
            entries: entries.collect(),
            own: fixed.len() as Register,
            kinds: fixed,
            contexts: vec![Context { function, caller: None, parameters }],
            first,
        })
    }

    /// The parameters that are views and stay what they are.
    pub(super) fn steady_views(&self) -> Vec<Register> {
        let parameters = self.contexts.first().map_or(0, |context| context.parameters);
        let is_view = |register: &Register| self.kinds.get(usize::from(*register)) == Some(&Some(Kind::View));
        let mut views: Vec<_> = (0..parameters).filter(is_view).collect();
        for act in &self.acts {
            if let Act::Op(op) = act {
                writes(op, &mut |written| views.retain(|view| *view != written));
            }
        }
        views
    }

    /// The block that begins with an instruction of the function itself, and with all in registers of its own.
    pub(super) fn landing(&self, ip: u32) -> Option<usize> {
        let is_it = |start: &Option<Start>| start.is_some_and(|start| start.at.context == 0 && start.at.place.ip == ip);
        let number = self.blocks.iter().position(is_it)?;
        self.entries.get(number)?.as_ref().map(|_| number)
    }

    /// How much there is to compile: operations, and the registers that they read.
    pub(super) fn size(&self) -> usize {
        let mut size = self.acts.len();
        for act in &self.acts {
            if let Act::Op(op) = act {
                reads(op, &mut |_| size += 1);
            }
        }
        size
    }

    /// The acts of each block that is reached, in order.
    pub(super) fn ranges(&self) -> Vec<(usize, core::ops::Range<usize>)> {
        let numbers = self.blocks.iter().enumerate().filter_map(|(number, block)| Some((number, (*block)?.start)));
        let numbers: Vec<_> = numbers.collect();
        let ends = numbers.iter().skip(1).map(|(_, start)| *start).chain([self.acts.len()]);
        numbers.iter().zip(ends).map(|((number, start), end)| (*number, *start..end)).collect()
    }

    /// The same by number.
    pub(super) fn by_number(&self) -> Vec<core::ops::Range<usize>> {
        let mut ranges = vec![0..0; self.blocks.len()];
        for (number, range) in self.ranges() {
            if let Some(there) = ranges.get_mut(number) {
                *there = range;
            }
        }
        ranges
    }

    /// Whether a block is nothing but a test of whether a loop goes round once more.
    pub(super) fn is_test(&self, number: usize, ranges: &[core::ops::Range<usize>]) -> bool {
        let acts = ranges.get(number).and_then(|range| self.acts.get(range.clone())).unwrap_or_default();
        let Some((Act::Op(Op::Branch { .. }), before)) = acts.split_last() else { return false };
        let only_computes = |act: &Act| match act {
            Act::Op(Op::Two { computation, .. }) => !computation.divides(),
            act => matches!(act, Act::Op(Op::Move { .. } | Op::One { .. } | Op::Length { .. })),
        };
        before.len() < MOST_IN_TEST && before.iter().all(only_computes)
    }

    /// What is taken of frames and memory when each block begins, beyond what there was at the beginning, and the most of
    /// each; `None` where that depends on the path.
    pub(super) fn taken(&self) -> Option<(Vec<Taken>, Taken)> {
        let ranges = self.ranges();
        let mut at: Vec<Option<Taken>> = vec![None; self.blocks.len()];
        let mut most = Taken::default();
        *at.get_mut(ranges.first()?.0)? = Some(Taken::default());
        // In the order of the code most blocks come behind those that lead there.
        until_steady(|| {
            let mut changes = false;
            for (number, range) in &ranges {
                let Some(mut taken) = at.get(*number).copied().flatten() else { continue };
                let acts = self.acts.get(range.clone())?;
                for act in acts {
                    taken.pass(act)?;
                    most = Taken { frames: most.frames.max(taken.frames), bytes: most.bytes.max(taken.bytes) };
                }
                for next in Body::successors(acts.last()?, *number) {
                    // Nothing goes to a block that is not there.
                    let Some(Some(_)) = self.blocks.get(next) else { continue };
                    match at.get_mut(next)? {
                        Some(there) if *there != taken => return None,
                        Some(_) => {}
                        there => {
                            *there = Some(taken);
                            changes = true;
                        }
                    }
                }
            }
            Some(changes)
        })?;
        Some((at.into_iter().map(Option::unwrap_or_default).collect(), most))
    }

    /// The blocks that may follow one with this last act.
    pub(super) fn successors(last: &Act, number: usize) -> impl Iterator<Item = usize> {
        let (target, falls) = match last {
            Act::Op(Op::Jump { target }) => (Some(*target as usize), false),
            Act::Op(Op::Branch { target, .. }) => (Some(*target as usize), true),
            Act::Op(Op::Next | Op::Call { .. } | Op::CallHost { .. }) => (None, true),
            _ => (None, false),
        };
        target.into_iter().chain(falls.then_some(number + 1))
    }
}

impl fmt::Display for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, range) in self.ranges() {
            let steps = self.blocks.get(number).copied().flatten().map_or(0, |block| block.steps);
            writeln!(f, "b{number}: # {}", counted(steps, "step"))?;
            for index in range {
                let (Some(act), Some(at)) = (self.acts.get(index), self.at.get(index)) else { continue };
                let function = self.contexts.get(at.context as usize).map_or(0, |context| context.function);
                let proven = if self.proven.get(index) == Some(&true) { ", within bounds" } else { "" };
                write!(f, "  f{function} {:04x}  ", at.place.ip)?;
                match act {
                    Act::Op(op) => writeln!(f, "{op}{proven}")?,
                    Act::Enter { bytes } => writeln!(f, "enter, {}", counted(*bytes, "byte"))?,
                    Act::Leave { bytes } => writeln!(f, "leave, {}", counted(*bytes, "byte"))?,
                }
            }
        }
        Ok(())
    }
}
