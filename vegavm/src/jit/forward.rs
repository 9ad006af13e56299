//! Loads that know what was stored, or loaded before: they become moves between registers. An arena of which nothing but
//! loads and stores at known places was seen, and of which no load is left, has no bytes any more: its variables, and the
//! fields of its structs, are registers.
//!
//! Guarantees: a load is replaced only if on every way to it the very bytes were stored or loaded as the same type, nothing
//! that may have changed them came after, and the index was found to be within bounds. What is charged is charged as before.

use super::body::{Act, Body};
use super::liveness::{reads, writes};
use super::steady::until_steady;
use crate::register::{Address, Complex, Kind, Op, Operand, Register, Spot};
use alloc::collections::{BTreeMap, BTreeSet};
use vega_format::types::Tag;

/// The most places that are followed.
const MOST: usize = u128::BITS as usize;

/// A place in memory, as a type.
type Key = (Spot, Tag);
/// Some of the places, by number.
type Keys = u128;

/// Of which places an act leaves the bytes in registers, if they were there, and of which it puts them there.
#[derive(Clone, Copy)]
struct Effect {
    left: Keys,
    put: Keys,
}

impl Effect {
    fn on(self, there: Keys) -> Keys {
        there & self.left | self.put
    }
}

/// The places that are loaded from.
struct Known {
    keys: Vec<Key>,
    /// Those whose address a register is part of.
    of: BTreeMap<Register, Keys>,
    /// Registers that hold nothing but the addresses of arenas, which lie apart.
    arenas: BTreeSet<Register>,
}

impl Known {
    fn of(body: &Body) -> Known {
        let mut known = Known { keys: Vec::new(), of: BTreeMap::new(), arenas: arenas(body) };
        for act in &body.acts {
            let Act::Op(op @ Op::Load { tag, from, .. }) = act else { continue };
            let key = (*from, *tag);
            if known.keys.len() < MOST && !known.keys.contains(&key) && !matches!(from, Spot::ViewAt { .. }) {
                let bit = 1 << known.keys.len();
                known.keys.push(key);
                reads(op, &mut |register| *known.of.entry(register).or_default() |= bit);
            }
        }
        known
    }

    fn number(&self, key: Key) -> Option<usize> {
        self.keys.iter().position(|known| *known == key)
    }

    fn bit(&self, key: Key) -> Keys {
        self.number(key).map_or(0, |number| 1 << number)
    }

    fn those(&self, is_one: impl Fn(&Key) -> bool) -> Keys {
        let bits = self.keys.iter().enumerate().filter(|(_, key)| is_one(key)).map(|(number, _)| 1 << number);
        bits.fold(0, |all, bit: Keys| all | bit)
    }

    fn effect(&self, act: &Act) -> Effect {
        let Act::Op(op) = act else { return Effect { left: Keys::MAX, put: 0 } };
        let left = match op {
            Op::Store { tag, to, .. } => !self.those(|key| self.may_touch((*to, *tag), *key)),
            Op::Clear { .. } | Op::Complex { .. } | Op::Call { .. } | Op::CallHost { .. } => 0,
            _ => Keys::MAX,
        };
        let loaded = if let Op::Load { tag, from, .. } = op { self.bit((*from, *tag)) } else { 0 };
        let mut elsewhere = 0;
        writes(op, &mut |register| elsewhere |= self.of.get(&register).copied().unwrap_or_default());
        Effect { left: left & !elsewhere, put: loaded & !elsewhere | self.made(op) }
    }

    /// Whether a store to one place may change what is in another. Registers hold the same in both.
    fn may_touch(&self, (to, tag): Key, (from, other): Key) -> bool {
        let is_arena = |at: &Address| at.base.is_some_and(|base| self.arenas.contains(&base));
        let (stored, loaded) = match (to, from) {
            (Spot::At(to), Spot::At(from)) if to.base == from.base => (to.offset, from.offset),
            (Spot::At(to), Spot::At(from)) if is_arena(&to) && is_arena(&from) => return false,
            (Spot::View { view, index, stride }, Spot::View { view: other, index: place, stride: each })
                if (view, index, stride.size) == (other, place, each.size) =>
            {
                (stride.offset, each.offset)
            }
            (Spot::Array { at, index, size, .. }, Spot::Array { at: other, index: place, size: each, .. })
                if (at.base, index, size) == (other.base, place, each) =>
            {
                (at.offset, other.offset)
            }
            _ => return true,
        };
        stored < loaded.saturating_add(other.size()) && loaded < stored.saturating_add(tag.size())
    }

    /// The places whose bytes an operation makes.
    fn made(&self, op: &Op) -> Keys {
        match op {
            Op::Store { tag, to, .. } => self.bit((*to, *tag)),
            // The bytes of a new arena are zeroes.
            Op::Open { base: Some(base), .. } => {
                self.those(|(spot, _)| matches!(spot, Spot::At(at) if at.base == Some(*base)))
            }
            _ => 0,
        }
    }
}

/// The registers that are written by nothing but the opening of arenas.
fn arenas(body: &Body) -> BTreeSet<Register> {
    let (mut arenas, mut others) = (BTreeSet::new(), BTreeSet::new());
    for act in &body.acts {
        let Act::Op(op) = act else { continue };
        match op {
            Op::Open { base, .. } => arenas.extend(base),
            op => writes(op, &mut |register| others.extend([register])),
        }
    }
    arenas.difference(&others).copied().collect()
}

/// Replaces loads in a body that is entered at its beginning, or at a block.
pub(super) fn forward(body: &mut Body, entry: Option<usize>) {
    let known = Known::of(body);
    let Some(found) = redundant(body, &known, entry) else { return };
    let used = found.iter().fold(0, |used, (_, key)| used | 1 << key);
    let first = body.kinds.len();
    if first + known.keys.len() > usize::from(Register::MAX) {
        return;
    }
    let register = |number: usize| (first + number) as Register;
    body.kinds.extend(known.keys.iter().map(|(_, tag)| Some(Kind::of(*tag))));
    let found: BTreeMap<usize, usize> = found.into_iter().collect();
    let mut more: Vec<(usize, Vec<Op>)> = Vec::new();
    for (index, act) in body.acts.iter_mut().enumerate() {
        let Act::Op(op) = act else { continue };
        if let (Some(number), Op::Load { to, .. }) = (found.get(&index), &*op) {
            *op = Op::Move { to: *to, from: Operand::Register(register(*number)) };
            continue;
        }
        let op = &*op;
        let (made, from) = match op {
            Op::Load { tag, to, from } => (known.bit((*from, *tag)), Operand::Register(*to)),
            Op::Store { value, .. } => (known.made(op), *value),
            Op::Open { .. } => (known.made(op), Operand::Constant(0)),
            _ => continue,
        };
        let made = made & used;
        let moves = (0..known.keys.len()).filter(|number| made & 1 << number != 0);
        let moves: Vec<_> = moves.map(|number| Op::Move { to: register(number), from }).collect();
        if !moves.is_empty() {
            more.push((index, moves));
        }
    }
    insert(body, more);
    drop_bytes(body, entry.is_some());
}

/// The loads whose bytes are in a register, with the numbers of their places.
fn redundant(body: &Body, known: &Known, entry: Option<usize>) -> Option<Vec<(usize, usize)>> {
    if known.keys.is_empty() {
        return None;
    }
    let ranges = body.ranges();
    let effects: Vec<_> = body.acts.iter().map(|act| known.effect(act)).collect();
    let mut states = vec![Keys::MAX; body.blocks.len()];
    for number in ranges.first().map(|(first, _)| *first).into_iter().chain(entry) {
        *states.get_mut(number)? = 0;
    }
    until_steady(|| {
        let mut changes = false;
        for (number, range) in &ranges {
            let left = effects.get(range.clone())?.iter().fold(*states.get(*number)?, |there, effect| effect.on(there));
            for next in Body::successors(body.acts.get(range.clone())?.last()?, *number) {
                let Some(state) = states.get_mut(next) else { continue };
                changes |= *state & left != *state;
                *state &= left;
            }
        }
        Some(changes)
    })?;
    let mut found = Vec::new();
    for (number, range) in ranges {
        let mut there = *states.get(number)?;
        for index in range {
            if let Act::Op(Op::Load { tag, from, .. }) = body.acts.get(index)?
                && let Some(key) = known.number((*from, *tag))
                && there & 1 << key != 0
            {
                found.push((index, key));
            }
            there = effects.get(index)?.on(there);
        }
    }
    (!found.is_empty()).then_some(found)
}

/// Puts operations behind acts.
fn insert(body: &mut Body, more: Vec<(usize, Vec<Op>)>) {
    let mut starts = body.blocks.iter_mut().flatten().peekable();
    let mut more = more.into_iter().peekable();
    let (acts, at, proven) =
        (core::mem::take(&mut body.acts), core::mem::take(&mut body.at), core::mem::take(&mut body.proven));
    for (index, ((act, at), proven)) in acts.into_iter().zip(at).zip(proven).enumerate() {
        if let Some(start) = starts.next_if(|block| block.start == index) {
            start.start = body.acts.len();
        }
        body.acts.push(act);
        body.at.push(at);
        body.proven.push(proven);
        for op in more.next_if(|(place, _)| *place == index).map(|(_, ops)| ops).into_iter().flatten() {
            body.acts.push(Act::Op(op));
            body.at.push(at);
            body.proven.push(false);
        }
    }
}

/// Arenas of which nobody sees the bytes any more have none, unless they may be open where words are taken over.
fn drop_bytes(body: &mut Body, takes_over: bool) {
    let mut seen = BTreeSet::new();
    for act in &body.acts {
        match act {
            Act::Op(Op::Store { value, to: Spot::At(_), .. }) => {
                if let Operand::Register(register) = value {
                    seen.insert(*register);
                }
            }
            Act::Op(Op::Clear { .. }) | Act::Enter { .. } | Act::Leave { .. } => {}
            Act::Op(op) => reads(op, &mut |register| seen.extend([register])),
        }
    }
    let own = if takes_over { body.own } else { 0 };
    let dropped: BTreeSet<_> = arenas(body).difference(&seen).copied().filter(|base| *base >= own).collect();
    if dropped.is_empty() {
        return;
    }
    let Some(closes) = closes(body) else { return };
    let is_dropped = |at: &Address| at.base.is_some_and(|base| dropped.contains(&base));
    for (index, act) in body.acts.iter_mut().enumerate() {
        let Act::Op(op) = act else { continue };
        match op {
            Op::Open { base, .. } if base.is_some_and(|base| dropped.contains(&base)) => *base = None,
            Op::Close { has_bytes, .. } => {
                let base = closes.get(&index).copied().flatten();
                *has_bytes &= !base.is_some_and(|base| dropped.contains(&base));
            }
            Op::Store { to: Spot::At(at), .. } if is_dropped(at) => *op = Op::Breathe,
            Op::Clear { at, length } if is_dropped(at) => *op = Op::Pay { bytes: *length },
            _ => {}
        }
    }
}

/// The arenas that are open at a point, innermost last. Each list is there once, under a number: it is one arena more than
/// another list, and 0 is that without any.
#[derive(Default)]
struct Open {
    lists: Vec<(usize, Option<Register>)>,
    numbers: BTreeMap<(usize, Option<Register>), usize>,
}

impl Open {
    fn with(&mut self, list: usize, arena: Option<Register>) -> usize {
        *self.numbers.entry((list, arena)).or_insert_with(|| {
            self.lists.push((list, arena));
            self.lists.len()
        })
    }

    /// The list without its innermost arena, and that.
    fn without(&self, list: usize) -> Option<(usize, Option<Register>)> {
        self.lists.get(list.checked_sub(1)?).copied()
    }
}

/// The registers with the addresses of the arenas that end, by act; `None` where that depends on the path.
fn closes(body: &Body) -> Option<BTreeMap<usize, Option<Register>>> {
    let ranges: BTreeMap<usize, _> = body.ranges().into_iter().collect();
    let mut closes = BTreeMap::new();
    let mut open = Open::default();
    let first = *ranges.keys().next()?;
    let mut lists = BTreeMap::from([(first, 0)]);
    let mut waiting = vec![first];
    while let Some(number) = waiting.pop() {
        let range = ranges.get(&number)?.clone();
        let mut now = *lists.get(&number)?;
        for index in range.clone() {
            match body.acts.get(index)? {
                Act::Op(Op::Open { base, .. }) => now = open.with(now, *base),
                Act::Op(Op::Close { .. }) => {
                    let (rest, arena) = open.without(now)?;
                    closes.insert(index, arena);
                    now = rest;
                }
                Act::Op(Op::Complex { what: Complex::Dynamic(_), .. }) => return None,
                _ => {}
            }
        }
        for next in Body::successors(body.acts.get(range.end - 1)?, number) {
            if !ranges.contains_key(&next) {
                continue;
            }
            match lists.get(&next) {
                Some(there) if *there != now => return None,
                Some(_) => {}
                None => {
                    lists.insert(next, now);
                    waiting.push(next);
                }
            }
        }
    }
    Some(closes)
}
