//! Functions that call each other in circles: bounded where a function on every circle limits its activations.

use alloc::vec::Vec;
use core::ops::Add;

use super::{Bytes, CallSite, Figure, Next, Proof, Summaries, Summary, Worst, arenas};

/// Why there is no bound.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum NoBound {
    /// These call each other in a circle, and none of them has a limit.
    Endless(Vec<(u32, CallSite)>),
    /// Something that is called outside of the group has none, or is not linked yet.
    Elsewhere,
}

/// Functions that call each other in circles.
pub(super) struct Circle<'a> {
    pub(super) proof: &'a Proof,
    pub(super) summaries: &'a Summaries,
    pub(super) group: &'a [u32],
}

/// Two ways to go on from a function of a circle, without passing a limited function on the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Ways {
    /// The first function of the circle.
    pub(super) circle: u32,
    /// To an end outside of the circle, or here.
    pub(super) tail: Figure,
    /// To the call of a limited function of the circle.
    pub(super) round: Option<(Bytes, CallSite)>,
}

impl Circle<'_> {
    /// Figures in the order of the group.
    ///
    /// A path through the circle passes limited functions, each as often as it allows, and ends with a tail. Between
    /// two of them it can use no more than the first one's `round`; so the sum over all rounds, with the last one
    /// given up for the dearest tail, is a bound, and with a single limited function it is reached.
    pub(super) fn figures(&self) -> Result<Vec<(Figure, Ways)>, NoBound> {
        let ways = self.ways()?;
        let limited: Vec<(u32, Ways, u64)> = self
            .group
            .iter()
            .zip(&ways)
            .filter_map(|(function, ways)| Some((*function, *ways, u64::from(self.summary(*function)?.limit?))))
            .collect();
        let rounds =
            |(_, ways, count): &(u32, Ways, u64)| ways.round.map_or(Bytes::default(), |(bytes, _)| bytes.times(*count));
        let all = limited.iter().map(rounds).fold(Bytes::default(), Bytes::add);
        let last = limited
            .iter()
            .map(|(function, ways, _)| {
                let given_up = ways.round.map_or(Bytes::default(), |(bytes, _)| bytes);
                (all.less(given_up) + ways.tail.bytes, *function)
            })
            .max_by_key(|(bytes, _)| bytes.total());
        let figure = |(function, ways): (&u32, &Ways)| {
            let is_limited = self.summary(*function).is_some_and(|summary| summary.limit.is_some());
            let through = match (is_limited, ways.round, last) {
                (true, Some(_), Some(last)) => Some(last),
                (false, Some((bytes, _)), Some((last, function))) => Some((bytes + last, function)),
                _ => None,
            };
            let figure = match through {
                Some((bytes, last)) if bytes.total() > ways.tail.bytes.total() => {
                    Figure { bytes, next: Next::Circle(last) }
                }
                _ => ways.tail,
            };
            (figure, *ways)
        };
        Ok(self.group.iter().zip(&ways).map(figure).collect())
    }

    fn summary(&self, function: u32) -> Option<Summary<'_>> {
        self.summaries.get(function)
    }

    fn place(&self, function: u32) -> Option<usize> {
        self.group.binary_search(&function).ok()
    }

    fn is_limited(&self, function: u32) -> bool {
        self.summary(function).is_some_and(|summary| summary.limit.is_some())
    }

    /// The ways of every function of the group; there are none if a circle has no limited function on it.
    fn ways(&self) -> Result<Vec<Ways>, NoBound> {
        let mut ways: Vec<Option<Ways>> = vec![None; self.group.len()];
        for function in self.callees_first()? {
            let Some(summary) = self.summary(function).filter(|summary| summary.unresolved.is_none()) else {
                return Err(NoBound::Elsewhere);
            };
            let frame = Bytes { arenas: 0, stack: summary.frame };
            let mut tail = Figure { bytes: frame + arenas(summary.most_open.0), next: Next::End };
            let mut round: Option<(Bytes, CallSite)> = None;
            let mut better_round = |bytes: Bytes, call: CallSite| {
                if round.is_none_or(|(best, _)| bytes.total() > best.total()) {
                    round = Some((bytes, call));
                }
            };
            for call in summary.calls {
                let here = frame + arenas(call.open());
                let tail_bytes = match self.place(call.callee()) {
                    None => match self.proof.worst(call.callee()) {
                        Worst::Bytes(bytes) => Some(bytes),
                        Worst::Unbounded => return Err(NoBound::Elsewhere),
                    },
                    Some(_) if self.is_limited(call.callee()) => {
                        better_round(here, *call);
                        None
                    }
                    Some(place) => {
                        let callee = ways.get(place).copied().flatten();
                        if let Some((bytes, _)) = callee.and_then(|callee| callee.round) {
                            better_round(here + bytes, *call);
                        }
                        callee.map(|callee| callee.tail.bytes)
                    }
                };
                if let Some(bytes) = tail_bytes.map(|bytes| here + bytes)
                    && bytes.total() > tail.bytes.total()
                {
                    tail = Figure { bytes, next: Next::Call(*call) };
                }
            }
            if let Some(place) = self.place(function).and_then(|place| ways.get_mut(place)) {
                *place = Some(Ways { circle: self.group.first().copied().unwrap_or(function), tail, round });
            }
        }
        ways.into_iter().collect::<Option<Vec<_>>>().ok_or(NoBound::Elsewhere)
    }

    /// The group in an order in which callees stand before their callers, calls of limited functions aside.
    fn callees_first(&self) -> Result<Vec<u32>, NoBound> {
        #[derive(Clone, Copy, PartialEq)]
        enum Mark {
            New,
            Open,
            Done,
        }
        let mut marks = vec![Mark::New; self.group.len()];
        let mut order = Vec::with_capacity(self.group.len());
        for start in self.group {
            let mut path = vec![(*start, 0)];
            while let Some((function, next)) = path.last_mut() {
                let function = *function;
                let Some(mark) = self.place(function).and_then(|place| marks.get_mut(place)) else { break };
                if *next == 0 {
                    match *mark {
                        Mark::Done => {
                            path.pop();
                            continue;
                        }
                        Mark::Open => return Err(NoBound::Endless(self.around(function, &path))),
                        Mark::New => *mark = Mark::Open,
                    }
                }
                let call = self.summary(function).and_then(|summary| summary.calls.get(*next).copied());
                *next += 1;
                match call {
                    None => {
                        *mark = Mark::Done;
                        order.push(function);
                        path.pop();
                    }
                    Some(call) if self.place(call.callee()).is_some() && !self.is_limited(call.callee()) => {
                        path.push((call.callee(), 0));
                    }
                    Some(_) => {}
                }
            }
        }
        Ok(order)
    }

    /// The circle at the end of a path of functions, each with the place behind that of its call, that leads to one of them again.
    fn around(&self, function: u32, path: &[(u32, usize)]) -> Vec<(u32, CallSite)> {
        let before = path.iter().take_while(|(other, _)| *other != function).count();
        let calls = path.iter().skip(before).filter_map(|(function, next)| {
            let calls = self.summary(*function)?.calls;
            Some((*function, *calls.get(next.checked_sub(1)?)?))
        });
        calls.collect()
    }
}
