//! The most bytes that a program can ever use, and whether an arena can run out: facts about functions, composed over
//! the call graph.
//!
//! A frame is charged 8 bytes for each cell of its parameters and its declared stack when it is entered, an arena its
//! capacity when it is opened. The worst case of a function is the greatest sum along any path of calls. Where calls go
//! in a circle there is no such sum, unless a function on every circle limits how many of its activations are live.

mod circles;
mod endless;
mod limited;
mod paths;
mod summaries;
#[cfg(test)]
mod tests;

use alloc::vec::Vec;
pub use paths::{EITHER_END, Ends, Paths};
pub(crate) use summaries::Part;
pub use summaries::{CallSite, Summaries, Summary};

use crate::hash::HashMap;
use core::ops::Add;
use limited::{Circle, NoBound, Ways};

/// Bytes by what they are used for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Bytes {
    /// Arenas.
    pub arenas: u64,
    /// Frames.
    pub stack: u64,
}

impl Bytes {
    /// As many bytes of a kind, or more than can be told. One more in a file says that there is no bound.
    pub const MOST: u64 = u64::MAX - 1;

    /// All of them; the greatest number there is stands for so many or more.
    pub fn total(self) -> u64 {
        match self.arenas.max(self.stack) {
            Bytes::MOST.. => u64::MAX,
            _ => self.arenas.saturating_add(self.stack),
        }
    }

    fn times(self, count: u64) -> Bytes {
        let times = |bytes: u64| bytes.saturating_mul(count).min(Bytes::MOST);
        Bytes { arenas: times(self.arenas), stack: times(self.stack) }
    }

    /// Without some that were added; what is too many to be told stays so.
    fn less(self, other: Bytes) -> Bytes {
        let less = |all: u64, part: u64| if all < Bytes::MOST { all.saturating_sub(part) } else { all };
        Bytes { arenas: less(self.arenas, other.arenas), stack: less(self.stack, other.stack) }
    }
}

impl Add for Bytes {
    type Output = Bytes;
    fn add(self, other: Bytes) -> Bytes {
        let add = |one: u64, other: u64| one.saturating_add(other).min(Bytes::MOST);
        Bytes { arenas: add(self.arenas, other.arenas), stack: add(self.stack, other.stack) }
    }
}

/// The worst case of a function with everything that it calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Worst {
    /// It never uses more.
    Bytes(Bytes),
    /// There is no bound: calls go in a circle that nothing limits.
    Unbounded,
}

/// A stretch of the path that uses most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    /// The function.
    pub function: u32,
    /// Bytes of its frame.
    pub frame: u64,
    /// Bytes of its arenas that are open when the next step begins, or at the end of the path.
    pub arenas: u64,
    /// The offset in its code where the next step is called, or where the last arena is opened.
    pub offset: u32,
    /// How often this step stands on the path, where that goes round a circle.
    pub times: u64,
}

/// The proof of a module.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Proof {
    worst: Vec<Short>,
    /// The figures that have no short form.
    large: HashMap<u32, Bytes>,
    /// Of each function in a circle that is bounded, the figure and the ways on from it.
    ways: HashMap<u32, (Figure, Ways)>,
    /// Circles that nothing limits, one of each group of functions that has some: its functions, and the calls around it.
    endless: Vec<Vec<(u32, CallSite)>>,
}

/// The worst case of a function, and where its path goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Figure {
    bytes: Bytes,
    next: Next,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Next {
    /// The path ends here, with the most arenas open.
    End,
    /// It goes on in a callee that is not in the same circle, or not through a limited function.
    Call(CallSite),
    /// It goes round a circle, and leaves it for the end from this limited function.
    Circle(u32),
}

/// A figure in the form in which it is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Short {
    /// Bytes of arenas and of frames; [`Short::MORE`] if they stand elsewhere.
    arenas: u32,
    stack: u32,
    /// The place of the call with which the path goes on among those of the function, or one of the numbers below; and
    /// whether an arena that the function or a callee opens may run out of memory.
    next: u32,
}

impl Short {
    const UNBOUNDED: Short = Short { arenas: 0, stack: 0, next: Short::NONE };
    /// The bit that is set if an arena may run out of memory.
    const MAY_RUN_OUT: u32 = 1 << 31;
    /// There is no path.
    const NONE: u32 = Short::MAY_RUN_OUT - 1;
    /// The path ends here.
    const END: u32 = Short::MAY_RUN_OUT - 2;
    /// The function is in a circle: its figure stands beside its ways.
    const CIRCLE: u32 = Short::MAY_RUN_OUT - 3;
    /// Nothing is known yet but the rank among those that are looked at, which stands in place of the arenas, and whether it
    /// leads back, in place of the stack.
    const RANK: u32 = Short::MAY_RUN_OUT - 4;
    /// Not so many bytes, but too many for this form.
    const MORE: u32 = u32::MAX;

    fn ranked(rank: u32, leads_back: bool) -> Short {
        Short { arenas: rank, stack: leads_back.into(), next: Short::RANK }
    }

    fn rank(self) -> Option<u32> {
        (self.next == Short::RANK).then_some(self.arenas)
    }

    /// Without the bit.
    fn next(self) -> u32 {
        self.next & !Short::MAY_RUN_OUT
    }
}

impl Proof {
    /// Composes the summaries of all functions, by index.
    pub fn of(summaries: &Summaries) -> Proof {
        let mut proof = Proof {
            worst: vec![Short::ranked(0, false); summaries.len()],
            large: HashMap::default(),
            ways: HashMap::default(),
            endless: Vec::new(),
        };
        proof.add_groups(summaries);
        proof
    }

    /// The worst case of a function.
    pub fn worst(&self, function: u32) -> Worst {
        match self.worst.get(function as usize) {
            Some(short) if short.next() != Short::NONE => Worst::Bytes(self.bytes(function, *short)),
            _ => Worst::Unbounded,
        }
    }

    fn bytes(&self, function: u32, short: Short) -> Bytes {
        match short.stack {
            Short::MORE => self.large.get(&function).copied().unwrap_or_default(),
            _ => Bytes { arenas: short.arenas.into(), stack: short.stack.into() },
        }
    }

    fn figure(&self, summaries: &Summaries, function: u32) -> Option<Figure> {
        let short = self.worst.get(function as usize)?;
        let next = match short.next() {
            Short::END => Next::End,
            Short::CIRCLE => return self.ways.get(&function).map(|(figure, _)| *figure),
            place => Next::Call(*summaries.get(function)?.calls.get(place as usize)?),
        };
        Some(Figure { bytes: self.bytes(function, *short), next })
    }

    /// Whether no arena that a function or one that it calls opens can run out of memory.
    pub fn never_out_of_memory(&self, function: u32) -> bool {
        self.worst.get(function as usize).is_some_and(|short| short.next & Short::MAY_RUN_OUT == 0)
    }

    /// The functions of one group of the call graph: a single one, or all that call each other in circles. Everything
    /// that they call outside of the group is known.
    fn add(&mut self, summaries: &Summaries, group: &[u32]) {
        if let [single] = group
            && let Some(summary) = summaries.get(*single)
            && summary.calls.iter().all(|call| call.callee() != *single)
        {
            return self.add_single(*single, summary);
        }
        let inside = |function: u32| group.binary_search(&function).is_ok();
        let fits =
            group.iter().filter_map(|function| summaries.get(*function)).all(|summary| self.fits(summary, inside));
        for function in group {
            self.set_unbounded(*function, fits);
        }
        match (Circle { proof: self, summaries, group }).figures() {
            Ok(figures) => {
                for (function, (figure, ways)) in group.iter().zip(figures) {
                    self.set(*function, figure.bytes, Short::CIRCLE);
                    self.ways.insert(*function, (figure, ways));
                }
            }
            Err(NoBound::Endless(circle)) => self.endless.push(circle),
            Err(NoBound::Elsewhere) => {}
        }
    }

    fn fits(&self, summary: Summary<'_>, inside: impl Fn(u32) -> bool) -> bool {
        let callee_fits = |call: &CallSite| inside(call.callee()) || self.never_out_of_memory(call.callee());
        summary.may_run_out.is_none() && summary.unresolved.is_none() && summary.calls.iter().all(callee_fits)
    }

    fn set(&mut self, function: u32, bytes: Bytes, next: u32) {
        let short = match (u32::try_from(bytes.arenas), u32::try_from(bytes.stack)) {
            (Ok(arenas), Ok(stack)) if stack != Short::MORE => Short { arenas, stack, next },
            _ => {
                self.large.insert(function, bytes);
                Short { arenas: Short::MORE, stack: Short::MORE, next }
            }
        };
        if let Some(place) = self.worst.get_mut(function as usize) {
            *place = Short { next: short.next | place.next & Short::MAY_RUN_OUT, ..short };
        }
    }

    /// There is no bound, unless one is set; what is said of memory stays.
    fn set_unbounded(&mut self, function: u32, fits: bool) {
        if let Some(place) = self.worst.get_mut(function as usize) {
            let flag = if fits { 0 } else { Short::MAY_RUN_OUT };
            *place = Short { next: Short::NONE | flag, ..Short::UNBOUNDED };
        }
    }

    /// A function that is in no circle.
    fn add_single(&mut self, function: u32, summary: Summary<'_>) {
        let fits = self.fits(summary, |_| false);
        self.set_unbounded(function, fits);
        let frame = Bytes { arenas: 0, stack: summary.frame };
        let (mut best, mut next) = (frame + arenas(summary.most_open.0), Short::END);
        let mut known = summary.unresolved.is_none();
        for (place, call) in (0..).zip(summary.calls) {
            let Worst::Bytes(callee) = self.worst(call.callee()) else {
                known = false;
                break;
            };
            let bytes = frame + arenas(call.open()) + callee;
            if bytes.total() > best.total() {
                (best, next) = (bytes, place);
            }
        }
        // So many calls do not fit into a function's code, but nothing hangs on that here.
        let is_short = next < Short::RANK || next == Short::END;
        if known && is_short {
            self.set(function, best, next);
        }
    }

    /// A number for the circle in which a function is.
    fn circle_of(&self, function: u32) -> Option<u32> {
        self.ways.get(&function).map(|(_, ways)| ways.circle)
    }
}

fn arenas(bytes: u64) -> Bytes {
    Bytes { arenas: bytes, stack: 0 }
}
