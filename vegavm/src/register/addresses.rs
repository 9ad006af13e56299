//! An element of a view that is used several times on a stretch of code is looked up once: its address is kept in a
//! register, and its parts are loaded and stored from there.
//!
//! Guarantees: the first use still checks the index, at its own place; nothing else can trap or be seen. A stretch ends
//! where another path comes in, and for an element where the register of its view or of its index is written.

use super::{Address, Form, Op, Register, Spot};
use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use core::ops::Range;
use vega_format::hash::HashSet;

/// So many uses pay for the operation that finds the address.
const ENOUGH: usize = 3;

/// An element with the operations that use it.
#[derive(Debug)]
struct Element {
    view: Register,
    index: Register,
    size: u32,
    address: Register,
    uses: Vec<usize>,
}

/// Changes a form; these registers are free.
pub(super) fn keep_addresses(form: &mut Form, mut free: Vec<Register>) {
    if free.is_empty() {
        return;
    }
    let joins = joins(form);
    let mut known: Vec<Element> = Vec::new();
    let mut found: Vec<Element> = Vec::new();
    for place in 0..form.ops.len() {
        let Some(op) = form.ops.get(place) else { break };
        let ends_all = joins.contains(&place)
            || matches!(op, Op::Complex { .. } | Op::Slide { .. } | Op::Call { .. } | Op::CallHost { .. });
        forget(&mut known, &mut found, &mut free, |_| ends_all);
        if let Some(Spot::View { view, index, stride }) = spot(&mut op.clone()) {
            let (view, index, size) = (*view, *index, stride.size);
            let is_it = |element: &&mut Element| (element.view, element.index, element.size) == (view, index, size);
            match known.iter_mut().find(is_it) {
                Some(element) => element.uses.push(place),
                None => {
                    if let Some(address) = free.pop() {
                        known.push(Element { view, index, size, address, uses: vec![place] });
                    }
                }
            }
        }
        if let Some(written) = written(op) {
            forget(&mut known, &mut found, &mut free, |element| element.view == written || element.index == written);
        }
    }
    found.append(&mut known);
    found.retain(|element| element.uses.len() >= ENOUGH);
    change(form, &found);
}

fn forget(
    known: &mut Vec<Element>,
    found: &mut Vec<Element>,
    free: &mut Vec<Register>,
    ends: impl Fn(&Element) -> bool,
) {
    for element in known.extract_if(.., |element| ends(element)) {
        free.push(element.address);
        found.push(element);
    }
}

/// The operations into which another path than the one before them may come.
fn joins(form: &Form) -> HashSet<usize> {
    let targets = form.ops.iter().filter_map(|op| match op {
        Op::Jump { target } | Op::Branch { target, .. } => Some(*target),
        _ => None,
    });
    let blocks = targets.filter_map(|target| form.blocks.get(target as usize).copied().flatten());
    blocks.map(|block| block.start as usize).collect()
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
fn change(form: &mut Form, elements: &[Element]) {
    let mut before: BTreeMap<usize, Op> = BTreeMap::new();
    for Element { view, index, size, address, uses } in elements {
        let base = Some(*address);
        for place in uses {
            let Some(op) = form.ops.get_mut(*place) else { continue };
            if let Some(spot) = spot(op)
                && let Spot::View { stride, .. } = *spot
            {
                *spot = Spot::At(Address { base, offset: stride.offset });
            }
        }
        if let Some(first) = uses.first() {
            before.insert(*first, Op::Element { to: *address, view: *view, index: *index, size: *size });
        }
    }
    if before.is_empty() {
        return;
    }
    let blocks = form.blocks.iter_mut().flatten();
    blocks.for_each(|block| block.start += count(&before, 0..block.start as usize));
    let (ops, places) = (core::mem::take(&mut form.ops), core::mem::take(&mut form.places));
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
