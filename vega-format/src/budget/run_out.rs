//! The arenas that may run out of memory, of all functions that a function reaches.
//!
//! Many functions may reach the same ones: so it is not looked from each of them, but from the functions of such arenas back
//! along the calls.

use super::{ArenaBudget, readable, source};
use crate::hash::{HashMap, HashSet};
use crate::proof::Summaries;
use crate::verify::{Site, Verified};
use alloc::collections::VecDeque;
use alloc::rc::Rc;
use alloc::vec::Vec;

/// More are not told.
const MOST: usize = 20;

/// One more is known, so that it can be said whether there are more.
const KNOWN: usize = MOST + 1;

/// To count the others it is looked from each function, at no more calls than these in all.
const MOST_CALLS: usize = 1 << 22;

/// What is known of them in a module.
pub(super) struct RunOut<'m> {
    module: &'m Verified,
    /// Of each function, whose arenas may run out when it is called, the nearest first, as many as are known; once that was asked.
    owners: Option<Vec<Vec<u32>>>,
    /// The arenas of an owner; and how many there are, of those that were only counted.
    arenas: HashMap<u32, Rc<[ArenaBudget]>>,
    counts: HashMap<u32, u64>,
    calls_left: usize,
}

impl RunOut<'_> {
    pub(super) fn new(module: &Verified) -> RunOut<'_> {
        let (arenas, counts) = Default::default();
        RunOut { module, owners: None, arenas, counts, calls_left: MOST_CALLS }
    }

    /// The arenas of all functions that a root reaches, as far as they may run out; and how many there are beside those that are
    /// told, if they could be counted.
    pub(super) fn of(&mut self, root: u32) -> (Vec<ArenaBudget>, Option<u64>) {
        let owners = self.owners.get_or_insert_with(|| owners(self.module.summaries()));
        let mut found = Vec::new();
        for owner in owners.get(root as usize).into_iter().flatten() {
            if found.len() >= KNOWN {
                break;
            }
            let arenas = self.arenas.entry(*owner).or_insert_with(|| arenas_of(self.module, *owner));
            found.extend_from_slice(arenas);
        }
        let left_out = match found.len() {
            KNOWN.. => self.count(root).map(|all| all.saturating_sub(MOST as u64)),
            _ => Some(0),
        };
        found.truncate(MOST);
        (found, left_out)
    }

    /// How many there are of all functions that a root reaches; nothing if too many calls were looked at.
    fn count(&mut self, root: u32) -> Option<u64> {
        let mut seen: HashSet<u32> = HashSet::default();
        let (mut work, mut count) = (vec![root], 0);
        while let Some(function) = work.pop() {
            if !seen.insert(function) {
                continue;
            }
            let Some(summary) = self.module.summaries().get(function) else { continue };
            self.calls_left = self.calls_left.checked_sub(1 + summary.calls.len())?;
            work.extend(summary.calls.iter().map(|call| call.callee()));
            if summary.may_run_out.is_some() {
                count += *self.counts.entry(function).or_insert_with(|| sites_of(self.module, function).count() as u64);
            }
        }
        Some(count)
    }
}

/// The arenas of a function that may run out.
fn sites_of(module: &Verified, function: u32) -> impl Iterator<Item = Site> {
    module.arenas(function).sites.into_iter().filter(|site| !site.always_fits())
}

fn arenas_of(module: &Verified, function: u32) -> Rc<[ArenaBudget]> {
    let parsed = module.module();
    let arenas = sites_of(module, function).take(KNOWN).map(|site| ArenaBudget {
        function: readable(parsed, function),
        offset: site.offset,
        source: source(parsed, function, site.offset),
        capacity: site.capacity,
        strategy: site.strategy,
        is_static: site.is_static(),
        enough: site.enough(),
    });
    arenas.collect()
}

fn owners(summaries: &Summaries) -> Vec<Vec<u32>> {
    let callers = summaries.callers();
    let mut owners: Vec<Vec<u32>> = vec![Vec::new(); summaries.len()];
    let own = (0..).zip(summaries.iter()).filter(|(_, summary)| summary.may_run_out.is_some());
    let mut work: VecDeque<(u32, u32)> = own.map(|(function, _)| (function, function)).collect();
    while let Some((function, owner)) = work.pop_front() {
        let Some(known) = owners.get_mut(function as usize) else { continue };
        // Each has an arena at least.
        if known.len() < KNOWN && !known.contains(&owner) {
            known.push(owner);
            work.extend(callers.row(function).iter().map(|caller| (*caller, owner)));
        }
    }
    owners
}
