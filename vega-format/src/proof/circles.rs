//! Which functions call each other in circles.

use super::{Proof, Short, Summaries};
use alloc::vec::Vec;

impl Proof {
    /// Adds the groups of functions that call each other in circles, one after another; each is sorted, and comes after those
    /// that it calls. Tarjan's algorithm in the form of Pearce (2016), which needs one number a function, without recursion.
    pub(super) fn add_groups(&mut self, summaries: &Summaries) {
        /// A function that is being looked at, and the next of its calls. There may be as many as there are functions.
        struct Open {
            function: u32,
            next: u32,
        }
        let mut next_rank = 1;
        let enter = |proof: &mut Proof, next_rank: &mut u32, function: u32| {
            proof.set_rank(function, *next_rank, false);
            *next_rank += 1;
            Open { function, next: summaries.calls_of(function).start }
        };
        let (mut path, mut waiting, mut group): (Vec<Open>, Vec<u32>, Vec<u32>) = Default::default();
        for start in 0..summaries.len() as u32 {
            if self.rank(start) == Some(0) {
                path.push(enter(self, &mut next_rank, start));
            }
            while let Some(open) = path.last_mut() {
                if open.next < summaries.calls_of(open.function).end {
                    let callee = summaries.callee(open.function, open.next);
                    match callee.and_then(|callee| Some((callee, self.rank(callee)?))) {
                        // It is looked at again when the callee is known.
                        Some((callee, 0)) => {
                            let callee = enter(self, &mut next_rank, callee);
                            path.push(callee);
                            continue;
                        }
                        Some((_, other)) if self.rank(open.function).is_some_and(|own| other < own) => {
                            self.set_rank(open.function, other, true);
                        }
                        _ => {}
                    }
                    open.next += 1;
                    continue;
                }
                let Some(Open { function, .. }) = path.pop() else { break };
                if self.leads_back(function) {
                    waiting.push(function);
                    continue;
                }
                let own = self.rank(function);
                group.clear();
                group.push(function);
                while let Some(member) = waiting.pop_if(|member| own <= self.rank(*member)) {
                    group.push(member);
                }
                next_rank -= group.len() as u32;
                group.sort_unstable();
                self.add(summaries, &group);
            }
        }
    }

    /// The rank of a function: 0 if it was not seen yet, then in the order in which they are found, and in the end the
    /// greatest number. It stands in the place of the figure, which is not known before.
    fn rank(&self, function: u32) -> Option<u32> {
        self.worst.get(function as usize).map(|short| short.rank().unwrap_or(u32::MAX))
    }

    fn set_rank(&mut self, function: u32, rank: u32, leads_back: bool) {
        if let Some(place) = self.worst.get_mut(function as usize) {
            *place = Short::ranked(rank, leads_back);
        }
    }

    /// Whether something that a function reaches leads back to one that was found before it, as far as that is known.
    fn leads_back(&self, function: u32) -> bool {
        self.worst.get(function as usize).is_some_and(|short| short.rank().is_some() && short.stack > 0)
    }
}
