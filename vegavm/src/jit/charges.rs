//! Where it is looked whether the steps of blocks can be paid for, if a run must stop before the very block that cannot.
//!
//! A block that does nothing which anybody could see need not be looked at by itself: the look at the next block finds out as
//! well which of the two is one too many. Guarantees: between a block that cannot be paid for and the look that finds it
//! there is nothing but computing; on every way round a loop there is a look.

use super::body::{Act, Body};
use super::steady::until_steady;
use crate::register::Op;
use core::fmt;

/// So many blocks wait for one look.
const MOST: usize = 8;

/// What is charged when a block begins.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Charge {
    /// Whether it is looked at now.
    pub(super) looks: bool,
    /// The blocks that a look is about, the last being this one.
    pub(super) blocks: Vec<usize>,
}

/// A block, or the copy of a test at the end of a loop.
#[derive(Debug)]
struct Node {
    block: usize,
    before: Vec<usize>,
    after: Vec<usize>,
}

/// The charges of the blocks, and those of the copies of tests, by the block that ends with one.
#[derive(Debug, Default)]
pub(super) struct Charges {
    pub(super) of_blocks: Vec<Charge>,
    pub(super) of_copies: Vec<Charge>,
}

impl Charges {
    /// Of a body that is entered at its beginning, or at a block, and may be known to have room for all that it takes. If
    /// none waits, or it would take too long to find out which, every block looks for itself.
    pub(super) fn of(body: &Body, roomy: bool, entry: Option<usize>, some_wait: bool) -> Charges {
        let ranges = body.by_number();
        let copies = |from: usize, to: usize| to <= from && body.is_test(to, &ranges);
        let entry = entry.or(body.ranges().first().map(|(first, _)| *first)).unwrap_or_default();
        let count = body.blocks.len();
        let node = |block: usize| Node { block, before: Vec::new(), after: Vec::new() };
        let mut nodes: Vec<_> = (0..count).map(node).chain((0..count).map(node)).collect();
        let mut silent = vec![false; count];
        for (number, range) in body.ranges() {
            let acts = body.acts.get(range.clone()).unwrap_or_default();
            let proven = body.proven.get(range).unwrap_or_default();
            if let Some(silent) = silent.get_mut(number) {
                *silent = acts.iter().zip(proven).all(|(act, proven)| is_silent(act, *proven, roomy));
            }
            let Some(last) = acts.last() else { continue };
            for next in Body::successors(last, number) {
                // The copy stands behind this block, and goes on as the test does.
                let is_copy = matches!(last, Act::Op(Op::Jump { .. })) && copies(number, next);
                let to = if is_copy { count + number } else { next };
                if let Some(node) = nodes.get_mut(to).filter(|_| is_copy) {
                    node.block = next;
                }
                join(&mut nodes, number, to);
            }
        }
        for copy in count..2 * count {
            let Some(test) = nodes.get(copy).filter(|node| !node.before.is_empty()).map(|node| node.block) else {
                continue;
            };
            for next in nodes.get(test).map(|test| test.after.clone()).unwrap_or_default() {
                join(&mut nodes, copy, next);
            }
        }
        let each_looks = || nodes.iter().map(|node| Charge { looks: true, blocks: vec![node.block] }).collect();
        let settled = if some_wait { settle(&nodes, &silent, entry) } else { None };
        let mut of_blocks = settled.unwrap_or_else(each_looks);
        let of_copies = of_blocks.split_off(count).into_iter().zip(nodes.iter().skip(count));
        // A copy to which nothing leads is not there.
        let there = |(charge, node): (Charge, &Node)| if node.before.is_empty() { Charge::default() } else { charge };
        Charges { of_blocks, of_copies: of_copies.map(there).collect() }
    }
}

impl fmt::Display for Charges {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (ends, charges) in [("", &self.of_blocks), ("'s end", &self.of_copies)] {
            for (number, charge) in charges.iter().enumerate().filter(|(_, charge)| charge.looks) {
                let about: Vec<_> = charge.blocks.iter().map(|block| format!("b{block}")).collect();
                writeln!(f, "b{number}{ends}: looks at the fuel for {}", about.join(", "))?;
            }
        }
        Ok(())
    }
}

fn join(nodes: &mut [Node], from: usize, to: usize) {
    if let Some(node) = nodes.get_mut(from) {
        node.after.push(to);
    }
    if let Some(node) = nodes.get_mut(to) {
        node.before.push(from);
    }
}

/// Finds the charges of nodes. A node at which ways with different charges meet begins anew, so they look before it.
fn settle(nodes: &[Node], silent: &[bool], entry: usize) -> Option<Vec<Charge>> {
    let mut anew = vec![false; nodes.len()];
    *anew.get_mut(entry)? = true;
    let mut charges = Vec::new();
    until_steady(|| {
        charges = charge(nodes, silent, &anew);
        let mut changes = false;
        for (number, node) in nodes.iter().enumerate() {
            let own = charges.get(number).and_then(|charge| charge.blocks.split_last()).map(|(_, before)| before);
            let differs = node.before.iter().filter_map(|before| charges.get(*before)).any(|charge| {
                let waiting = if charge.looks { &[][..] } else { &charge.blocks };
                Some(waiting) != own
            });
            if let Some(anew) = anew.get_mut(number).filter(|anew| differs && !**anew) {
                *anew = true;
                changes = true;
            }
        }
        Some(changes)
    })?;
    Some(charges)
}

/// The charges of nodes, of which some begin anew.
fn charge(nodes: &[Node], silent: &[bool], anew: &[bool]) -> Vec<Charge> {
    let mut charges: Vec<Option<Charge>> = vec![None; nodes.len()];
    for (number, node) in nodes.iter().enumerate() {
        let waiting = |before: &usize| {
            let charge = charges.get(*before)?.as_ref()?;
            Some(if charge.looks { Vec::new() } else { charge.blocks.clone() })
        };
        // Ways that come from behind are looked at afterwards.
        let mut blocks = match anew.get(number) {
            Some(false) => node.before.iter().find_map(waiting).unwrap_or_default(),
            _ => Vec::new(),
        };
        blocks.push(node.block);
        let is_silent = silent.get(node.block).copied().unwrap_or_default();
        let ends = node.after.is_empty() || node.after.iter().any(|next| anew.get(*next) == Some(&true));
        let looks = !is_silent || ends || blocks.len() >= MOST;
        if let Some(charge) = charges.get_mut(number) {
            *charge = Some(Charge { looks, blocks });
        }
    }
    charges.into_iter().map(Option::unwrap_or_default).collect()
}

/// Whether nobody can see that an act was done before a run stops.
fn is_silent(act: &Act, proven: bool, roomy: bool) -> bool {
    match act {
        // Frames are only looked at where there may be no room.
        Act::Enter { .. } => roomy,
        Act::Leave { .. } | Act::Op(Op::Next | Op::Breathe | Op::Jump { .. } | Op::Branch { .. }) => true,
        Act::Op(Op::Store { .. }) => false,
        act => act.is_quiet(proven),
    }
}
