//! Puts small functions, and those that are called at one place only, in the place of their calls.
//!
//! Guarantees: frames, memory and steps are counted, and traps are told, as if the function had been called. Functions that
//! limit their activations, or whose slots stand in tables, stay where they are.

use super::body::{Act, At, Body, Context, Entry, Start};
use super::lower::Shape;
use crate::register::{Complex, Op, Operand, Register, TextPlace, Translator};
use alloc::collections::BTreeMap;
use core::sync::atomic::{AtomicUsize, Ordering};
use std::sync::OnceLock;
use vega_format::instruction::{Instruction, walk};
use vega_format::parsed::Parsed;

/// The most operations of a function that is put in wherever it is called.
const SMALL: usize = 40;
/// The most operations of a function that is put in at the one place where it is called.
const MOST_ONCE: usize = 2_000;
/// The most [size](Body::size) of what becomes of a function: less than what is too much to compile.
const MOST: usize = 5_500;
/// How many operations a function may have behind copies of small functions, and of tiny ones: so many times those that it had, and
/// some more.
const GROWTH: (usize, usize) = (3, 100);
const GROWTH_BY_TINY: (usize, usize) = (8, 400);
/// How many operations copies may add to all functions together: so many times the sizes of those, and some more.
const GROWTH_OF_ALL: (usize, usize) = (2, 1 << 13);
/// How often a function is put into itself, if it is tiny, which is to have no more operations than this.
const MOST_SELF: usize = 3;
const TINY: usize = 16;
/// The most bytes of bytecode that become one operation, but for a few.
const MOST_BYTES: usize = 16;
/// How deep.
const MOST_DEPTH: usize = 12;

fn grown(size: usize, (times, more): (usize, usize)) -> usize {
    size.saturating_mul(times).saturating_add(more)
}

/// How much the functions of a module may grow. What is put in at the one place where it is called is there once; all else are
/// copies, of which functions that call one another can ask for more than anybody waits for.
pub(super) struct Growth {
    /// How often each function is called in the code of the module.
    calls: Vec<u32>,
    /// The operations that copies may still add.
    left: AtomicUsize,
    /// Those that they have added to each function that was compiled, which may be compiled again and is to become the same.
    added: Box<[OnceLock<usize>]>,
}

impl Growth {
    /// Of a module, whose functions have this size in all.
    pub(super) fn new(module: &Parsed<'_>, size: usize) -> Growth {
        let count = module.function_count() as usize;
        let mut calls = vec![0; count];
        for function in module.functions() {
            for (_, instruction) in walk(function.code).map_while(Result::ok) {
                if let Instruction::Call { function } = instruction
                    && let Some(count) = calls.get_mut(function.0 as usize)
                {
                    *count += 1;
                }
            }
        }
        let left = AtomicUsize::new(grown(size, GROWTH_OF_ALL));
        Growth { calls, left, added: (0..count).map(|_| OnceLock::new()).collect() }
    }

    /// How many operations copies may add to a function.
    fn room(&self, function: u32) -> usize {
        let added = self.added.get(function as usize).and_then(OnceLock::get);
        added.copied().unwrap_or_else(|| self.left.load(Ordering::Relaxed))
    }

    fn add(&self, function: u32, copies: usize) {
        if let Some(added) = self.added.get(function as usize) {
            added.get_or_init(|| {
                let take = |left: usize| Some(left.saturating_sub(copies));
                let _ = self.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, take);
                copies
            });
        }
    }

    /// Whether what is put in for a call, reached so, is there once.
    fn is_once(&self, body: &Body, mut context: u32, function: u32) -> bool {
        let is_called_once = |function: u32| self.calls.get(function as usize) == Some(&1);
        let mut once = is_called_once(function);
        while let Some(Context { function, caller: Some(at), .. }) = body.contexts.get(context as usize) {
            once &= is_called_once(*function);
            context = at.context;
        }
        once
    }
}

/// Replaces calls in the body of a function.
pub(super) fn inline(mut body: Body, module: &Parsed<'_>, translator: &mut Translator<'_>, growth: &Growth) -> Body {
    let mut known: BTreeMap<(u32, bool), Option<Body>> = BTreeMap::new();
    let itself = body.contexts.first().map_or(0, |context| context.function);
    let (own, room) = (body.acts.len(), growth.room(itself));
    let (mut size, mut copies) = (body.size(), 0);
    let mut place = 0;
    while place < body.blocks.len() {
        let call = call_in(&body, place);
        let Some((index, function)) = call else {
            place += 1;
            continue;
        };
        let context = body.at.get(index).map_or(0, |at| at.context);
        let once = growth.is_once(&body, context, function);
        let callee = known.entry((function, once)).or_insert_with(|| callee(function, once, module, translator));
        let shape = Shape::of(module, function);
        let fits = |callee: &&Body| {
            let acts = callee.acts.len();
            let most = grown(own, if acts <= TINY { GROWTH_BY_TINY } else { GROWTH });
            let is_little = once || acts <= SMALL && body.acts.len() + acts <= most && copies + acts <= room;
            let registers = body.kinds.len() + callee.kinds.len();
            is_little
                && size + callee.size() <= MOST
                && registers <= usize::from(Register::MAX)
                && may_nest(&body, context, (function, acts))
        };
        let (Some(callee), Some(shape)) = (callee.as_ref().filter(fits), shape) else {
            place += 1;
            continue;
        };
        if !once {
            copies += callee.acts.len();
        }
        put_in(&mut body, (place, index), callee, &shape, frame_bytes(module, function));
        size = body.size();
        // The block is looked at again: it ends otherwise now, and what was put in comes next.
    }
    growth.add(itself, copies);
    body
}

/// What a frame of a function counts for in memory.
pub(super) fn frame_bytes(module: &Parsed<'_>, function: u32) -> u32 {
    let cells = |function: vega_format::container::Function<'_>| {
        let parameters = Shape::of(module, function.index).map_or(0, |shape| shape.parameters.len());
        8 * (parameters as u32 + u32::from(function.max_stack))
    };
    module.function(function).map_or(0, cells)
}

/// The call with which a block ends.
fn call_in(body: &Body, number: usize) -> Option<(usize, u32)> {
    let start = body.blocks.get(number).copied().flatten()?.start;
    let end = body.blocks.iter().skip(number + 1).flatten().next().map_or(body.acts.len(), |next| next.start);
    match body.acts.get(start..end)?.last()? {
        Act::Op(Op::Call { function, .. }) => Some((end - 1, *function)),
        _ => None,
    }
}

/// Whether a function may be put into what was reached so.
fn may_nest(body: &Body, mut context: u32, (function, size): (u32, usize)) -> bool {
    let (mut depth, mut same) = (0, 0);
    while let Some(there) = body.contexts.get(context as usize) {
        depth += 1;
        same += usize::from(there.function == function);
        match there.caller {
            Some(at) => context = at.context,
            None => break,
        }
    }
    depth < MOST_DEPTH && (same == 0 || same <= MOST_SELF && size <= TINY)
}

/// The body of a function that can be put in.
fn callee(function: u32, once: bool, module: &Parsed<'_>, translator: &mut Translator<'_>) -> Option<Body> {
    let called = module.function(function)?;
    // What is large in bytecode is not made smaller by translating it.
    let most = if once { MOST_ONCE } else { SMALL } * MOST_BYTES;
    if called.limit.is_some() || called.code.len() > most {
        return None;
    }
    let body = Body::new(function, translator.plain(function)?)?;
    let has_tables = body.acts.iter().any(|act| matches!(act, Act::Op(Op::Complex { what: Complex::Dynamic(_), .. })));
    (!has_tables).then_some(body)
}

/// Puts a body in the place of the call with which a block ends.
fn put_in(body: &mut Body, (number, index): (usize, usize), callee: &Body, shape: &Shape, bytes: u32) {
    let (Some(Act::Op(Op::Call { first, takes, .. })), Some(call)) =
        (body.acts.get(index).cloned(), body.at.get(index).copied())
    else {
        return;
    };
    let (base, context) = (body.kinds.len() as Register, body.contexts.len() as u32);
    let (before, added) = (number + 1, callee.blocks.len());
    let at = |at: At| At { place: at.place, context: context + at.context };
    body.contexts.extend(callee.contexts.iter().map(|there| Context {
        function: there.function,
        caller: Some(there.caller.map_or(call, at)),
        parameters: there.parameters,
    }));
    body.kinds.extend(callee.kinds.iter().copied());

    // What the blocks behind are called now.
    let behind = |target: u32| if (target as usize) < before { target } else { target + added as u32 };
    for act in &mut body.acts {
        if let Act::Op(Op::Jump { target } | Op::Branch { target, .. }) = act {
            *target = behind(*target);
        }
    }
    let next = (before + added) as u32;

    // The call becomes the beginning of a frame, the moves of its arguments, and the way into the first block.
    let mut acts = vec![Act::Enter { bytes }];
    for cell in 0..takes {
        acts.push(Act::Op(Op::Move { to: base + cell, from: Operand::Register(first + cell) }));
    }
    acts.push(Act::Op(Op::Next));
    let mut places = vec![call; acts.len()];
    let mut starts = Vec::new();
    let mut ranges = callee.ranges().into_iter().peekable();
    for number in 0..added {
        let start = acts.len();
        let Some((_, range)) = ranges.next_if(|(there, _)| *there == number) else {
            starts.push(None);
            continue;
        };
        let block = callee.blocks.get(number).copied().flatten();
        starts.push(block.map(|block| Start { start: index + start, steps: block.steps, at: at(block.at) }));
        for place in range {
            let (Some(act), Some(there)) = (callee.acts.get(place), callee.at.get(place)) else { continue };
            let there = at(*there);
            let mut put = |act: Act| {
                acts.push(act);
                places.push(there);
            };
            let results: Vec<Operand> = match act {
                Act::Op(Op::ReturnNothing) => Vec::new(),
                Act::Op(Op::ReturnOne { from }) => vec![*from],
                Act::Op(Op::Return { first, cells }) => (*first..first + cells).map(Operand::Register).collect(),
                act => {
                    put(moved(act, base, before as u32));
                    continue;
                }
            };
            for (cell, from) in results.iter().enumerate() {
                let mut from = *from;
                operand(&mut from, base);
                put(Act::Op(Op::Move { to: first + cell as Register, from }));
            }
            put(Act::Leave { bytes });
            put(Act::Op(Op::Jump { target: next }));
        }
    }
    let entries = callee.entries.iter().map(|entry| {
        let entry = entry.as_ref()?;
        Some(Entry { first: entry.first + base, kinds: entry.kinds.clone() })
    });
    let entries: Vec<_> = entries.collect();
    let grown = acts.len() - 1;
    let proven = vec![false; acts.len()];
    body.acts.splice(index..=index, acts);
    body.at.splice(index..=index, places);
    body.proven.splice(index..=index, proven);
    body.blocks.iter_mut().skip(before).flatten().for_each(|block| block.start += grown);
    body.blocks.splice(before..before, starts);
    body.entries.splice(before..before, entries);
    // Several ways may lead behind the call now.
    if let Some(entry @ None) = body.entries.get_mut(next as usize) {
        *entry = Some(Entry { first, kinds: shape.results.clone().into() });
    }
}

fn operand(operand: &mut Operand, base: Register) {
    if let Operand::Register(register) = operand {
        *register += base;
    }
}

/// The same act on other registers, with other blocks.
fn moved(act: &Act, base: Register, blocks: u32) -> Act {
    use crate::register::{Address, Condition, Spot};
    let mut act = act.clone();
    let Act::Op(op) = &mut act else { return act };
    let address = |at: &mut Address| at.base.iter_mut().for_each(|register| *register += base);
    let spot = |spot: &mut Spot| match spot {
        Spot::At(at) => address(at),
        Spot::Array { at, index, .. } => {
            address(at);
            *index += base;
        }
        Spot::View { view, index, .. } => {
            *view += base;
            *index += base;
        }
        Spot::ViewAt { view, index, plus, .. } => {
            *view += base;
            *index += base;
            *plus += base;
        }
    };
    match op {
        Op::Move { to, from } => {
            *to += base;
            operand(from, base);
        }
        Op::Slide { to, from, .. } => {
            *to += base;
            *from += base;
        }
        Op::One { to, operand, .. } => {
            *to += base;
            *operand += base;
        }
        Op::Two { to, left, right, .. } => {
            *to += base;
            operand(left, base);
            operand(right, base);
        }
        Op::Length { to, view } => {
            *to += base;
            *view += base;
        }
        Op::Span { to, at, .. } => {
            *to += base;
            address(at);
        }
        Op::Load { to, from, .. } => {
            *to += base;
            spot(from);
        }
        Op::Store { value, to, .. } => {
            operand(value, base);
            spot(to);
        }
        Op::Open { base: register, .. } => register.iter_mut().for_each(|register| *register += base),
        Op::Clear { at, .. } => address(at),
        Op::Point { to, offset, base: start, .. } => {
            *to += base;
            *offset += base;
            *start += base;
        }
        Op::CheckStored { tag, .. } | Op::CheckTag { tag, .. } => *tag += base,
        Op::Complex { what, first, .. } => {
            *first += base;
            match what {
                Complex::TextView { place: TextPlace::At(at), .. }
                | Complex::TextStore { place: TextPlace::At(at), .. }
                | Complex::TextFormat { place: TextPlace::At(at), .. } => address(at),
                Complex::LoadUnion { at, tag } | Complex::StoreUnion { at, tag, .. } => {
                    address(at);
                    *tag += base;
                }
                _ => {}
            }
        }
        Op::Jump { target } => *target += blocks,
        Op::Branch { condition, target, .. } => {
            *target += blocks;
            match condition {
                Condition::Cell(cell) => *cell += base,
                Condition::Compare(_, left, right) => {
                    operand(left, base);
                    operand(right, base);
                }
            }
        }
        Op::Call { first, .. } | Op::CallHost { first, .. } => *first += base,
        _ => {}
    }
    act
}
