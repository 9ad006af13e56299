//! An element of a view that is used several times is looked up once: its address is kept in a register, and its parts
//! are loaded and stored from there.
//!
//! Guarantees: on every path the first use still checks the index, at its own place; nothing else can trap or be seen. An
//! address is known where it is so on every path that comes in, until the register of its view or of its index is written.
//! The work is linear in the code: blocks are gone through once, and where code leads back to nothing is known.

use super::{Address, Form, Op, Register, Spot};
use alloc::collections::BTreeMap;
use alloc::vec;
use alloc::vec::Vec;
use core::mem::take;
use core::ops::Range;
use vega_format::hash::HashSet;

/// So many uses pay for one operation that finds the address.
const ENOUGH: usize = 3;

/// An element of a view.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Element {
    view: Register,
    index: Register,
    size: u32,
}

/// The uses of an element that share an address, on paths that fork and meet.
#[derive(Debug)]
struct Web {
    element: Element,
    address: Register,
    /// Those where the address is not known yet, so that it is looked up; they are uses, too.
    first: Vec<usize>,
    uses: Vec<usize>,
}

/// Of each register for addresses, the web whose address it holds.
type Known = Vec<Option<usize>>;

/// Changes a form; these registers are free.
pub(super) fn keep_addresses(form: &mut Form, free: &[Register]) {
    if free.is_empty() {
        return;
    }
    let mut walk = Walk { free, webs: Vec::new(), merged: Vec::new(), comes: vec![None; form.blocks.len()] };
    walk.blocks(form);
    let webs = walk.webs();
    change(form, webs.iter().filter(|web| web.uses.len() >= ENOUGH * web.first.len()));
}

/// Goes through the blocks and finds out what can share an address.
struct Walk<'f> {
    free: &'f [Register],
    webs: Vec<Web>,
    /// Webs that paths of both lead to, to be one.
    merged: Vec<(usize, usize)>,
    /// What is known on the paths into blocks that were not reached yet.
    comes: Vec<Option<Known>>,
}

impl Walk<'_> {
    fn blocks(&mut self, form: &Form) {
        let numbers = form.blocks.iter().enumerate();
        let starts: BTreeMap<_, _> = numbers.filter_map(|(number, block)| Some(((*block)?.start, number))).collect();
        let heads = heads(form);
        let nothing = vec![None; self.free.len()];
        // None where the operation before does not go on to the next.
        let mut known = None;
        let mut start = 0;
        for (place, op) in form.ops.iter().enumerate() {
            if let Some(number) = starts.get(&(place as u32)) {
                start = place;
                let jumps = self.comes.get_mut(*number).and_then(Option::take);
                known = match known {
                    _ if heads.contains(&start) => None,
                    Some(known) => Some(self.meet(known, jumps)),
                    None => jumps,
                };
            }
            let state = known.get_or_insert_with(|| nothing.clone());
            if matches!(op, Op::Complex { .. } | Op::Slide { .. } | Op::Call { .. } | Op::CallHost { .. }) {
                state.fill(None);
            }
            if let Some(Spot::View { view, index, stride }) = spot(&mut op.clone()) {
                self.use_of(Element { view: *view, index: *index, size: stride.size }, state, place, start);
            }
            if let Some(written) = written(op) {
                self.forget(state, written);
            }
            if let Op::Jump { target } | Op::Branch { target, .. } = op {
                let others = self.comes.get_mut(*target as usize).and_then(Option::take);
                let state = self.meet(state.clone(), others);
                if let Some(comes) = self.comes.get_mut(*target as usize) {
                    *comes = Some(state);
                }
            }
            if !falls(op) {
                known = None;
            }
        }
    }

    /// What is known where two paths meet.
    fn meet(&mut self, mut known: Known, others: Option<Known>) -> Known {
        for (one, other) in known.iter_mut().zip(others.into_iter().flatten()) {
            if *one != other {
                let pair = one.zip(other).filter(|(one, other)| self.element(*one) == self.element(*other));
                self.merged.extend(pair);
                *one = pair.map(|(one, _)| one);
            }
        }
        known
    }

    /// A use of an element in the block that begins at `start`.
    fn use_of(&mut self, element: Element, known: &mut Known, place: usize, start: usize) {
        let known_as = known.iter().flatten().find(|web| self.element(**web) == Some(element));
        if let Some(web) = known_as.and_then(|web| self.webs.get_mut(*web)) {
            web.uses.push(place);
            return;
        }
        // The registers of addresses that this block has no use of are taken, too.
        let is_idle =
            |web: &usize| self.webs.get(*web).and_then(|web| web.uses.last()).is_none_or(|last| *last < start);
        let takes = |holds: &Option<usize>| holds.as_ref().is_none_or(is_idle);
        let taken = known.iter().position(Option::is_none).or_else(|| known.iter().position(takes));
        if let Some(register) = taken
            && let (Some(holds), Some(address)) = (known.get_mut(register), self.free.get(register))
        {
            *holds = Some(self.webs.len());
            self.webs.push(Web { element, address: *address, first: vec![place], uses: vec![place] });
        }
    }

    fn element(&self, web: usize) -> Option<Element> {
        self.webs.get(web).map(|web| web.element)
    }

    /// A register is written.
    fn forget(&self, known: &mut Known, written: Register) {
        for holds in known {
            let element = holds.and_then(|web| self.element(web));
            if element.is_some_and(|element| element.view == written || element.index == written) {
                *holds = None;
            }
        }
    }

    /// The webs, those that meet as one.
    fn webs(mut self) -> Vec<Web> {
        let mut root: Vec<usize> = (0..self.webs.len()).collect();
        let find = |root: &mut Vec<usize>, mut web: usize| {
            while let Some(above) = root.get(web).copied().filter(|above| *above != web) {
                let next = root.get(above).copied().unwrap_or(above);
                if let Some(place) = root.get_mut(web) {
                    *place = next;
                }
                web = next;
            }
            web
        };
        for (one, other) in self.merged {
            let (one, other) = (find(&mut root, one), find(&mut root, other));
            if let Some(place) = root.get_mut(one.max(other)) {
                *place = one.min(other);
            }
        }
        for web in (0..self.webs.len()).rev() {
            let into = find(&mut root, web);
            if into < web
                && let Some(Web { first, uses, .. }) = self.webs.get_mut(web)
            {
                let (first, uses) = (take(first), take(uses));
                if let Some(web) = self.webs.get_mut(into) {
                    web.first.extend(first);
                    web.uses.extend(uses);
                }
            }
        }
        self.webs
    }
}

/// Where the blocks begin to which code leads back.
fn heads(form: &Form) -> HashSet<usize> {
    let targets = form.ops.iter().enumerate().filter_map(|(place, op)| match op {
        Op::Jump { target } | Op::Branch { target, .. } => Some((place, *target)),
        _ => None,
    });
    let starts = targets.filter_map(|(place, target)| {
        let start = form.blocks.get(target as usize).copied().flatten()?.start as usize;
        (start <= place).then_some(start)
    });
    starts.collect()
}

/// Whether an operation may go on to the one behind it.
fn falls(op: &Op) -> bool {
    !matches!(op, Op::Jump { .. } | Op::ReturnNothing | Op::ReturnOne { .. } | Op::Return { .. } | Op::Trap(_))
}

/// Where an operation loads or stores.
fn spot(op: &mut Op) -> Option<&mut Spot> {
    match op {
        Op::Load { from: spot, .. }
        | Op::Store { to: spot, .. }
        | Op::LoadTwo { from: spot, .. }
        | Op::TwoStore { to: spot, .. } => Some(spot),
        _ => None,
    }
}

/// The register that an operation writes, of those that leave the stretch as it is.
fn written(op: &Op) -> Option<Register> {
    match op {
        Op::Move { to, .. }
        | Op::One { to, .. }
        | Op::Two { to, .. }
        | Op::Pair { to, .. }
        | Op::Shifted { to, .. }
        | Op::Length { to, .. }
        | Op::Span { to, .. }
        | Op::Load { to, .. }
        | Op::LoadTwo { to, .. }
        | Op::Element { to, .. }
        | Op::Point { to, .. } => Some(*to),
        Op::Open { base, .. } => *base,
        _ => None,
    }
}

/// Puts the look-ups in, and lets the uses begin at what they find.
fn change<'w>(form: &mut Form, webs: impl Iterator<Item = &'w Web>) {
    let mut before: BTreeMap<usize, Op> = BTreeMap::new();
    for Web { element: Element { view, index, size }, address, first, uses } in webs {
        let base = Some(*address);
        for place in uses {
            let Some(op) = form.ops.get_mut(*place) else { continue };
            if let Some(spot) = spot(op)
                && let Spot::View { stride, .. } = *spot
            {
                *spot = Spot::At(Address { base, offset: stride.offset });
            }
        }
        let look = |place: &usize| (*place, Op::Element { to: *address, view: *view, index: *index, size: *size });
        before.extend(first.iter().map(look));
    }
    if before.is_empty() {
        return;
    }
    let blocks = form.blocks.iter_mut().flatten();
    blocks.for_each(|block| block.start += count(&before, 0..block.start as usize));
    let (ops, places) = (take(&mut form.ops), take(&mut form.places));
    for (place, (op, from)) in ops.into_iter().zip(places).enumerate() {
        for op in before.remove(&place).into_iter().chain([op]) {
            form.ops.push(op);
            form.places.push(from);
        }
    }
}

fn count(before: &BTreeMap<usize, Op>, range: Range<usize>) -> u32 {
    before.range(range).count() as u32
}
