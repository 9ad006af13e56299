//! The code that the interpreter walks over: a word for each operation, which begins with the function that does it.

use super::{compute, double, flow, fused, memory, pair, rest};
use crate::register::{Address, Block, Complex, Condition, Form, Op, Operand, Place, Spot};
use alloc::vec::Vec;
use core::sync::atomic::{AtomicUsize, Ordering};
use once_cell::race::OnceBox;
use vega_format::container::Function;
use vega_format::trap::Trap;

use super::vm::{Exit, Vm};
use super::window::Window;

/// Does an operation, and lets the next one follow: the words begin with its own; the number is the value that the operation
/// before has left, where that is told.
pub(super) type Run = for<'v, 'c> fn(&'v mut Vm<'c>, Window<'v>, &'c [Word], u64) -> Exit;

/// An operation with its operands. Registers are told in 16 bits, so that none can lie outside the register file.
#[derive(Debug, Clone, Copy)]
pub(super) struct Word {
    pub(super) run: Run,
    pub(super) a: u16,
    pub(super) b: u16,
    pub(super) c: u16,
    pub(super) d: u16,
    /// What is charged by those who jump here, if a block begins here.
    pub(super) steps: u32,
    pub(super) e: u32,
    pub(super) low: u32,
    pub(super) high: u32,
}

impl Word {
    pub(super) const fn new(run: Run) -> Word {
        Word { run, a: 0, b: 0, c: 0, d: 0, steps: 0, e: 0, low: 0, high: 0 }
    }

    const fn a(self, a: u16) -> Word {
        Word { a, ..self }
    }

    const fn b(self, b: u16) -> Word {
        Word { b, ..self }
    }

    const fn c(self, c: u16) -> Word {
        Word { c, ..self }
    }

    const fn e(self, e: u32) -> Word {
        Word { e, ..self }
    }

    const fn x(self, x: u64) -> Word {
        Word { low: x as u32, high: (x >> 32) as u32, ..self }
    }

    /// Both halves of what [`x`](Word::x) put there; each by itself is found without the other.
    #[inline(always)]
    pub(super) const fn wide(&self) -> u64 {
        self.low as u64 | (self.high as u64) << 32
    }

    /// The number of the word behind the branch to which it jumps, in two small operands.
    const fn far(self, target: u32) -> Word {
        Word { c: target as u16, d: (target >> 16) as u16, ..self }
    }

    /// The number that [`far`](Word::far) put there.
    #[inline(always)]
    pub(super) const fn far_target(&self) -> u32 {
        self.c as u32 | (self.d as u32) << 16
    }
}

/// A function that can be walked over.
#[derive(Debug)]
pub(super) struct Code {
    pub(super) function: u32,
    pub(super) words: Vec<Word>,
    /// Of each word.
    places: Vec<Place>,
    /// The blocks, by their first words.
    blocks: Vec<Block>,
    /// The register of the lowest cell of the stack.
    #[cfg_attr(not(vega_machine_code), allow(dead_code, reason = "nobody else asks"))]
    pub(super) first: u16,
    pub(super) complex: Vec<Complex>,
    pub(super) traps: Vec<Trap>,
    /// The most registers before those of the functions that it calls.
    pub(super) most_kept: u16,
    /// What a frame counts for in memory, and in the host's bookkeeping.
    pub(super) frame_bytes: u64,
    pub(super) bookkeeping: u64,
    /// Whether there is no more to be counted than the memory of a frame.
    pub(super) is_plain: bool,
    pub(super) limit: Option<u32>,
    /// Steps that calls from the host took in words, about.
    pub(super) heat: AtomicUsize,
}

/// A call from the host costs as much as so many steps.
const CALL: u64 = 64;

impl Code {
    /// Steps that calls from the host took.
    #[inline]
    pub(super) fn heat(&self) -> u64 {
        self.heat.load(Ordering::Relaxed) as u64
    }

    /// A call from the host took so many steps. Of two threads at the same time one may not be counted.
    #[inline]
    pub(super) fn add_heat(&self, steps: u64) {
        let heat = self.heat().saturating_add(steps).saturating_add(CALL);
        self.heat.store(usize::try_from(heat).unwrap_or(usize::MAX), Ordering::Relaxed);
    }
}

/// The functions of a module, as far as they were called.
#[derive(Debug)]
pub(crate) struct Codes {
    pub(super) codes: Vec<OnceBox<Code>>,
}

impl Codes {
    /// Of a module with so many functions, none of which was called.
    pub(crate) fn new(functions: u32) -> Codes {
        Codes { codes: (0..functions).map(|_| OnceBox::new()).collect() }
    }

    /// The code of a function that was called.
    #[inline]
    pub(super) fn get(&self, function: u32) -> Option<&Code> {
        self.codes.get(function as usize)?.get()
    }
}

/// Where in a function something ended a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum At {
    /// At a word.
    Word(usize),
    /// Before the block that begins with a word.
    Block(usize),
}

impl Code {
    /// Words for a form; `None` where it names a function that does not exist.
    pub(super) fn new(function: &Function<'_>, form: Form) -> Option<Code> {
        let Form { ops, places, blocks, parameters, first, .. } = form;
        let mut complex = Vec::new();
        let mut traps = Vec::new();
        let kept = |op: &Op| if let Op::Call { first, .. } = op { Some(*first) } else { None };
        let most_kept = ops.iter().filter_map(kept).max().unwrap_or_default();
        let block = |number: u32| blocks.get(number as usize).copied().flatten();
        let doubles = ops.windows(2).enumerate().map(|(place, pair)| {
            let (first, second) = (pair.first()?, pair.last()?);
            let goes_back = |number| block(number).is_some_and(|block| block.start as usize == place);
            double::run(first, second, matches!(second, Op::Count { otherwise, .. } if goes_back(*otherwise)))
        });
        let doubles: Vec<_> = doubles.collect();
        let words = ops.into_iter().map(|op| word(op, &block, &mut complex, &mut traps));
        let mut words = words.collect::<Option<Vec<_>>>()?;
        for (word, run) in words.iter_mut().zip(doubles) {
            word.run = run.unwrap_or(word.run);
        }
        for block in blocks.iter().flatten() {
            if let Some(word) = words.get_mut(block.start as usize) {
                word.steps = block.steps;
            }
        }
        let bookkeeping = crate::meter::bookkeeping(function);
        words.push(Word::new(flow::end));
        Some(Code {
            function: function.index,
            words,
            places,
            blocks: blocks.iter().flatten().copied().collect(),
            first,
            complex,
            traps,
            most_kept,
            frame_bytes: 8 * (u64::from(parameters) + u64::from(function.max_stack)),
            bookkeeping,
            is_plain: bookkeeping == 0 && function.limit.is_none(),
            limit: function.limit,
            heat: AtomicUsize::new(0),
        })
    }

    /// The instruction from which a word comes.
    pub(super) fn place(&self, at: At) -> Place {
        let nowhere = Place { ip: 0, sp: 0 };
        match at {
            At::Word(word) => self.places.get(word).copied().unwrap_or(nowhere),
            At::Block(word) => self.block(word).map_or(nowhere, |block| block.place),
        }
    }

    /// The block that begins with a word.
    pub(super) fn block(&self, word: usize) -> Option<&Block> {
        let place = self.blocks.binary_search_by_key(&(word as u32), |block| block.start).ok()?;
        self.blocks.get(place)
    }
}

fn word(
    op: Op,
    block: &impl Fn(u32) -> Option<Block>,
    complex: &mut Vec<Complex>,
    traps: &mut Vec<Trap>,
) -> Option<Word> {
    use Operand::{Constant, Register};
    let start = |number: u32| block(number).map(|block| block.start);
    Some(match op {
        Op::Move { to, from: Register(from) } => Word::new(rest::move_register).a(to).b(from),
        Op::Move { to, from: Constant(bits) } => Word::new(rest::move_constant).a(to).x(bits),
        Op::Slide { to, from, cells } => Word::new(rest::slide).a(to).b(from).c(cells),
        Op::One { computation, to, operand } => Word::new(compute::one_register(computation)?).a(to).b(operand),
        Op::Two { computation, to, left: Register(left), right: Register(right) } => {
            Word::new(compute::two_registers(computation)?).a(to).b(left).c(right)
        }
        Op::Two { computation, to, left: Register(left), right: Constant(bits) } => {
            Word::new(compute::two_right_constant(computation)?).a(to).b(left).x(bits)
        }
        Op::Two { computation, to, left: Constant(bits), right: Register(right) } => {
            Word::new(compute::two_left_constant(computation)?).a(to).b(right).x(bits)
        }
        Op::Two { left: Constant(_), right: Constant(_), .. } => return None,
        Op::Pair { to, left, right, other, .. } => {
            let word = Word::new(pair::run(&op)?).a(to).b(left);
            let word = match right {
                Register(right) => word.c(right),
                Constant(bits) => word.e(bits as u32),
            };
            match other {
                Register(other) => Word { d: other, ..word },
                Constant(bits) => word.x(bits),
            }
        }
        Op::Shifted { long, remainder, to, from, shift } => {
            Word::new(compute::shifted(long, remainder)).a(to).b(from).x(shift.into())
        }
        Op::Length { to, view } => Word::new(rest::length).a(to).b(view),
        Op::Span { to, at, length } => match at.base {
            Some(base) => Word::new(rest::span).a(to).b(base).e(at.offset).x(length.into()),
            None => Word::new(rest::span_at).a(to).e(at.offset).x(length.into()),
        },
        Op::Load { tag, to, from } => at(Word::new(memory::load(tag, from)).a(to), from)?,
        Op::Store { tag, value: Register(value), to } => at(Word::new(memory::store(tag, to)).a(value), to)?,
        Op::Store { tag, value: Constant(bits), to } => {
            let word = at(Word::new(memory::store_constant(tag, to)), to)?;
            match to {
                Spot::At(_) => word.x(bits),
                _ => word.a(bits as u16),
            }
        }
        Op::LoadTwo { to, from, other, .. } => Word { d: other, ..at(Word::new(fused::load_two(&op)?).a(to), from)? },
        Op::TwoStore { left, right, to, .. } => {
            let word = at(Word::new(fused::two_store(&op)?).a(left), to)?;
            match right {
                Register(right) => Word { d: right, ..word },
                Constant(bits) => word.x(bits),
            }
        }
        Op::Element { to, view, index, size } => {
            Word::new(memory::element_address).a(to).b(view).c(index).x(size.into())
        }
        Op::Open { base: Some(base), capacity } => Word::new(rest::open).a(base).e(capacity),
        Op::Open { base: None, capacity } => Word::new(rest::open_unseen).e(capacity),
        Op::Close { capacity, has_bytes: true } => Word::new(rest::close).e(capacity),
        Op::Close { capacity, has_bytes: false } => Word::new(rest::close_unseen).e(capacity),
        Op::Clear { at, length } => Word::new(rest::clear).b(at.base?).e(at.offset).x(length.into()),
        Op::Pay { bytes } => Word::new(rest::pay).e(bytes),
        Op::Point { to, offset, base, size, capacity } => {
            Word::new(rest::point).a(to).b(offset).c(base).e(size).x(capacity.into())
        }
        Op::CheckStored { tag, slot } => Word::new(rest::check_stored).a(tag).b(slot),
        Op::CheckTag { tag, slot, mask } => Word::new(rest::check_tag).a(tag).b(slot).c(mask.bits().into()),
        Op::Complex { what, first, .. } => {
            complex.push(what);
            Word::new(rest::complex).a(first).x(complex.len() as u64 - 1)
        }
        Op::Next => Word::new(flow::next),
        Op::Breathe => Word::new(rest::breathe),
        Op::Jump { target } => Word::new(flow::jump).e(start(target)?),
        Op::Branch { condition, when, target } => {
            let target = start(target)?;
            match condition {
                Condition::Cell(cell) if when => Word::new(flow::branch_true).a(cell).e(target),
                Condition::Cell(cell) => Word::new(flow::branch_false).a(cell).e(target),
                Condition::Compare(computation, left, right) => {
                    compared(compute::branch(computation, when, left, right)?, left, right).e(target)
                }
            }
        }
        Op::JumpBranch { condition, when, otherwise, steps } => {
            let word = match condition {
                Condition::Cell(cell) if when => Word::new(flow::jump_branch_true).a(cell),
                Condition::Cell(cell) => Word::new(flow::jump_branch_false).a(cell),
                Condition::Compare(computation, left, right) => {
                    compared(compute::jump_branch(computation, when, left, right)?, left, right)
                }
            };
            around(word, steps, block(otherwise)?)
        }
        Op::Count { long, register, step, limit, otherwise, steps } => {
            let word = around(Word::new(compute::count(long, step, limit)).a(register), steps, block(otherwise)?);
            match (step, limit) {
                (Constant(step), Register(limit)) => word.b(limit).x(step),
                (Constant(step), Constant(limit)) => word.b(step as u16).x(limit),
                (Register(step), Constant(limit)) => word.b(step).x(limit),
                (Register(step), Register(limit)) => word.b(step).x(limit.into()),
            }
        }
        Op::Call { function, first, .. } => Word::new(flow::call).a(first).e(function),
        Op::CallHost { import, first, .. } => Word::new(flow::call_host).a(first).e(import),
        Op::ReturnNothing => Word::new(flow::return_nothing),
        Op::ReturnOne { from: Register(from) } => Word::new(flow::return_register).a(from),
        Op::ReturnOne { from: Constant(bits) } => Word::new(flow::return_constant).x(bits),
        Op::Return { first, cells } => Word::new(flow::return_cells).a(first).b(cells),
        Op::Trap(trap) => {
            traps.push(*trap);
            Word::new(rest::trap).x(traps.len() as u64 - 1)
        }
    })
}

/// The operands of a jump to a block that is nothing but a branch and takes so many steps: what is paid if it goes on behind
/// it, and where that is.
fn around(word: Word, steps: u32, behind: Block) -> Word {
    word.e(steps + behind.steps).far(behind.start)
}

/// The operands that say where a value stands: `b`, `c`, `e` and `x`; for what is computed on the way `d`, too.
fn at(word: Word, spot: Spot) -> Option<Word> {
    Some(match spot {
        Spot::At(Address { base: Some(base), offset }) => word.b(base).e(offset),
        Spot::At(Address { base: None, offset }) => word.e(offset),
        Spot::Array { at, index, size, length } => {
            word.b(at.base?).c(index).e(at.offset).x(u64::from(size) | u64::from(length) << 32)
        }
        Spot::View { view, index, stride } => word.b(view).c(index).e(stride.offset).x(stride.size.into()),
        Spot::ViewAt { view, index, factor, plus, stride } => {
            let x = u64::from(stride.size) | u64::from(factor.cast_unsigned()) << 32;
            Word { d: plus, ..word.b(view).c(index).e(stride.offset).x(x) }
        }
    })
}

/// The operands of a comparison that decides a branch.
fn compared(run: Run, left: Operand, right: Operand) -> Word {
    use Operand::{Constant, Register};
    let word = Word::new(run);
    match (left, right) {
        (Register(left), Register(right)) => word.a(left).b(right),
        (Register(left), Constant(bits)) => word.a(left).x(bits),
        (Constant(bits), Register(right)) => word.a(right).x(bits),
        (Constant(_), Constant(_)) => word,
    }
}
