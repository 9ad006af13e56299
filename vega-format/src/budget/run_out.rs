//! The arenas that may run out of memory, of all functions that a function reaches.
//!
//! Many functions may reach the same ones: so it is not looked from each of them, but from the functions of such arenas back
//! along the calls.

use super::{ArenaBudget, readable, source};
use crate::hash::HashMap;
use crate::proof::Summaries;
use crate::verify::Verified;
use alloc::collections::VecDeque;
use alloc::rc::Rc;
use alloc::vec::Vec;

/// More are not told.
const MOST: usize = 20;

/// What is known of them in a module.
pub(super) struct RunOut<'m> {
    module: &'m Verified,
    /// Of each function, whose arenas may run out when it is called, the nearest first; once that was asked.
    owners: Option<Vec<Vec<u32>>>,
    /// The arenas of an owner.
    arenas: HashMap<u32, Rc<[ArenaBudget]>>,
}

impl RunOut<'_> {
    pub(super) fn new(module: &Verified) -> RunOut<'_> {
        RunOut { module, owners: None, arenas: HashMap::default() }
    }

    /// The arenas of all functions that a root reaches, as far as they may run out.
    pub(super) fn of(&mut self, root: u32) -> Vec<ArenaBudget> {
        let owners = self.owners.get_or_insert_with(|| owners(self.module.summaries()));
        let mut found = Vec::new();
        for owner in owners.get(root as usize).into_iter().flatten() {
            if found.len() >= MOST {
                break;
            }
            let arenas = self.arenas.entry(*owner).or_insert_with(|| arenas_of(self.module, *owner));
            found.extend_from_slice(arenas);
        }
        found.truncate(MOST);
        found
    }
}

fn arenas_of(module: &Verified, function: u32) -> Rc<[ArenaBudget]> {
    let parsed = module.module();
    let sites = module.arenas(function).sites.into_iter().filter(|site| !site.always_fits()).take(MOST);
    let arenas = sites.map(|site| ArenaBudget {
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
        if known.len() < MOST && !known.contains(&owner) {
            known.push(owner);
            work.extend(callers.row(function).iter().map(|caller| (*caller, owner)));
        }
    }
    owners
}
