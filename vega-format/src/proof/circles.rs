//! Which functions call each other in circles.

use super::{Proof, Short, Summaries};
use alloc::vec::Vec;

impl Proof {
    /// Adds the groups of functions that call each other in circles, one after another; each is sorted, and comes after those
    /// that it calls. Tarjan's algorithm in the form of Pearce (2016), which needs one number a function, without recursion.
    pub(super) fn add_groups(&mut self, summaries: &Summaries) {
        /// A function that is being looked at: the next of its calls, the end of them, and whether nothing that it reaches
        /// leads back to a function that was found before it.
        struct Open {
            function: u32,
            next: u32,
            end: u32,
            is_root: bool,
        }
        let mut next_rank = 1;
        let enter = |proof: &mut Proof, next_rank: &mut u32, function: u32| {
            proof.set_rank(function, *next_rank);
            *next_rank += 1;
            let calls = summaries.calls_of(function);
            Open { function, next: calls.start, end: calls.end, is_root: true }
        };
        let (mut path, mut waiting, mut group): (Vec<Open>, Vec<u32>, Vec<u32>) = Default::default();
        for start in 0..summaries.len() as u32 {
            if self.rank(start) == Some(0) {
                path.push(enter(self, &mut next_rank, start));
            }
            while let Some(open) = path.last_mut() {
                if open.next < open.end {
                    let callee = summaries.callee(open.function, open.next);
                    match callee.and_then(|callee| Some((callee, self.rank(callee)?))) {
                        // It is looked at again when the callee is known.
                        Some((callee, 0)) => {
                            let callee = enter(self, &mut next_rank, callee);
                            path.push(callee);
                            continue;
                        }
                        Some((_, other)) if self.rank(open.function).is_some_and(|own| other < own) => {
                            self.set_rank(open.function, other);
                            open.is_root = false;
                        }
                        _ => {}
                    }
                    open.next += 1;
                    continue;
                }
                let Some(Open { function, is_root, .. }) = path.pop() else { break };
                if !is_root {
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

    fn set_rank(&mut self, function: u32, rank: u32) {
        if let Some(place) = self.worst.get_mut(function as usize) {
            *place = Short::ranked(rank);
        }
    }
}
