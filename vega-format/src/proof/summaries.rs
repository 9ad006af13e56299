//! [`Summaries`]: what the proof needs to know of the functions of a module, in few bytes, since there may be many.

use super::Step;
use crate::rows::Rows;
use alloc::vec::Vec;
use core::ops::Range;

/// A call of another function of the module. Code has less than 2^24 bytes, and open arenas less than 2^40.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CallSite {
    callee: u32,
    open: u32,
    /// The offset, and above it what of the open bytes does not fit.
    offset_and_open: u32,
}

impl CallSite {
    /// The call at `offset` in the caller's code, where so many bytes of the caller's arenas are open.
    pub(crate) fn new(offset: u32, open: u64, callee: u32) -> CallSite {
        let open = open.min((1 << 40) - 1);
        CallSite { callee, open: open as u32, offset_and_open: low(offset) | ((open >> 32) as u32) << 24 }
    }

    /// The offset of the call in the caller's code.
    pub fn offset(&self) -> u32 {
        low(self.offset_and_open)
    }

    /// Bytes of the caller's arenas that are open there.
    pub fn open(&self) -> u64 {
        u64::from(self.offset_and_open >> 24) << 32 | u64::from(self.open)
    }

    /// The function that is called.
    pub fn callee(&self) -> u32 {
        self.callee
    }
}

/// The lower three bytes.
fn low(number: u32) -> u32 {
    number & 0xFF_FFFF
}

/// What the proof needs to know of one function.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Summary<'a> {
    /// Bytes of its frame: 8 for each cell.
    pub frame: u64,
    /// The most bytes of arenas that it has open, and where the last of them is opened.
    pub most_open: (u64, u32),
    /// Its calls, by offset.
    pub calls: &'a [CallSite],
    /// The most activations that may be live at once, if it says so.
    pub limit: Option<u32>,
    /// The offset of a call of another module's function, which only linking makes known; nothing unknown counts as 0.
    pub unresolved: Option<u32>,
    /// The offset of the first `STACK_ALLOC` whose arena may run out of memory; `None` if none can.
    pub may_run_out: Option<u32>,
}

/// What the proof needs to know of every function of a module, by index: in parts, so that several threads can fill
/// them, and none of them grows much.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summaries {
    parts: Vec<Part>,
    /// How many functions there are in each part, as a power of two.
    shift: u32,
}

/// What is known of functions that stand behind one another.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Part {
    own: Vec<Own>,
    calls: Vec<CallSite>,
    /// What few functions have, by rising place.
    rare: Vec<Rare>,
}

/// What every function has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Own {
    /// Three bytes are the most bytes of open arenas, or [`Own::MORE`] if these and the frame stand among what is rare;
    /// three are where the last of them is opened. Above both are the cells of the frame, first the higher byte.
    open: u32,
    open_at: u32,
    calls_end: u32,
}

impl Own {
    const MORE: u32 = 0xFF_FFFF;

    fn new(open: u32, open_at: u32, cells: u16, calls_end: u32) -> Own {
        let [lower, higher] = cells.to_le_bytes().map(u32::from);
        Own { open: open | higher << 24, open_at: low(open_at) | lower << 24, calls_end }
    }

    fn cells(self) -> u64 {
        u64::from(self.open >> 24 << 8 | self.open_at >> 24)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Rare {
    place: u32,
    frame: u64,
    open: u64,
    limit: Option<u32>,
    unresolved: Option<u32>,
    may_run_out: Option<u32>,
}

impl Summaries {
    /// The parts for so many functions; they are still to come.
    pub(crate) fn new(functions: u32) -> Summaries {
        /// Parts are small, so that no thread has nothing to do while another is at its last.
        const PARTS: u32 = 16;
        const MOST: u32 = 11;
        Summaries { parts: Vec::new(), shift: (functions / PARTS).max(1).ilog2().min(MOST) }
    }

    /// How many functions a part has; only the last may have less.
    pub(crate) fn part_size(&self) -> u32 {
        1 << self.shift
    }

    /// Adds the next part.
    pub(crate) fn push(&mut self, part: Part) {
        self.parts.push(part);
    }

    fn part(&self, function: u32) -> Option<(&Part, usize)> {
        let part = self.parts.get((function >> self.shift) as usize)?;
        Some((part, (function & (self.part_size() - 1)) as usize))
    }

    /// How many functions there are.
    pub fn len(&self) -> usize {
        let last = self.parts.last().map_or(0, |part| part.own.len());
        (self.parts.len().saturating_sub(1) << self.shift) + last
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// What is known of a function.
    pub fn get(&self, function: u32) -> Option<Summary<'_>> {
        let (part, place) = self.part(function)?;
        let own = part.own.get(place)?;
        let rare = match part.rare.as_slice() {
            [] => None,
            rare => {
                let place = rare.binary_search_by_key(&place, |rare| rare.place as usize).ok();
                place.and_then(|place| rare.get(place))
            }
        };
        let (frame, open) = match rare {
            Some(rare) => (rare.frame, rare.open),
            None => (8 * own.cells(), low(own.open).into()),
        };
        Some(Summary {
            frame,
            most_open: (open, low(own.open_at)),
            calls: part.calls.get(part.calls_of(place)).unwrap_or_default(),
            limit: rare.and_then(|rare| rare.limit),
            unresolved: rare.and_then(|rare| rare.unresolved),
            may_run_out: rare.and_then(|rare| rare.may_run_out),
        })
    }

    /// What is known of the functions, by index.
    pub fn iter(&self) -> impl Iterator<Item = Summary<'_>> {
        (0..self.len() as u32).filter_map(|function| self.get(function))
    }

    /// The step of a path in a function, which goes on with a call, or ends there.
    pub(super) fn step(&self, function: u32, call: Option<CallSite>) -> Option<Step> {
        let summary = self.get(function)?;
        Some(Step {
            function,
            frame: summary.frame,
            arenas: call.map_or(summary.most_open.0, |call| call.open()),
            offset: call.map_or(summary.most_open.1, |call| call.offset()),
            times: 1,
        })
    }

    /// The callers of each function.
    pub(crate) fn callers(&self) -> Rows<u32> {
        let mut counts = vec![0u32; self.len()];
        let callees = || {
            let calls = (0..).zip(self.iter());
            calls.flat_map(|(caller, summary)| summary.calls.iter().map(move |call| (caller, call.callee())))
        };
        for (_, callee) in callees() {
            counts.get_mut(callee as usize).into_iter().for_each(|count| *count += 1);
        }
        let mut callers = Rows::filled(counts.iter().copied(), 0);
        for (caller, callee) in callees() {
            let left = counts.get_mut(callee as usize);
            let place = left.and_then(|left| {
                *left = left.checked_sub(1)?;
                Some(*left)
            });
            if let Some(place) = place.and_then(|place| callers.get_mut(callee, place)) {
                *place = caller;
            }
        }
        callers
    }

    /// The same calls with other frames and no arenas: their [`Proof`](super::Proof) says of any measure how much of it a path
    /// can have at most.
    #[must_use]
    pub fn weighed(&self, frame: impl Fn(u32) -> u64) -> Summaries {
        let mut weighed = Summaries { parts: Vec::new(), shift: self.shift };
        for start in (0..self.len() as u32).step_by(self.part_size() as usize) {
            let end = start.saturating_add(self.part_size()).min(self.len() as u32);
            let mut part = Part::with_capacity((end - start) as usize);
            for function in start..end {
                let summary = self.get(function).unwrap_or_default();
                let calls = summary.calls.iter().map(|call| CallSite::new(call.offset(), 0, call.callee()));
                let calls: Vec<CallSite> = calls.collect();
                part.add(Summary { frame: frame(function), most_open: (0, 0), calls: &calls, ..summary });
            }
            weighed.push(part);
        }
        weighed
    }

    /// The places of a function's calls among those of its part.
    pub(super) fn calls_of(&self, function: u32) -> Range<u32> {
        let calls = self.part(function).map_or(0..0, |(part, place)| part.calls_of(place));
        calls.start as u32..calls.end as u32
    }

    /// The callee of a call of a function, by the place of the call.
    pub(super) fn callee(&self, function: u32, place: u32) -> Option<u32> {
        let (part, _) = self.part(function)?;
        part.calls.get(place as usize).map(|call| call.callee)
    }
}

impl Part {
    /// With room for so many functions, and a call in each.
    pub(crate) fn with_capacity(functions: usize) -> Part {
        Part { own: Vec::with_capacity(functions), calls: Vec::with_capacity(functions), rare: Vec::new() }
    }

    fn calls_of(&self, place: usize) -> Range<usize> {
        let end = |place: Option<usize>| place.and_then(|place| self.own.get(place)).map_or(0, |own| own.calls_end);
        end(place.checked_sub(1)) as usize..end(Some(place)) as usize
    }

    /// A call of the function that is added next.
    pub(crate) fn add_call(&mut self, call: CallSite) {
        self.calls.push(call);
    }

    /// Forgets the calls of the function that is added next.
    pub(crate) fn drop_calls(&mut self) {
        let end = self.own.last().map_or(0, |own| own.calls_end as usize);
        self.calls.truncate(end);
    }

    /// Adds the next function, whose calls were added before and stand in `calls` no more than that.
    pub(crate) fn add(&mut self, summary: Summary<'_>) {
        let Summary { frame, most_open: (open, open_at), calls, limit, unresolved, may_run_out } = summary;
        self.calls.extend_from_slice(calls);
        let (place, calls_end) = (self.own.len() as u32, self.calls.len() as u32);
        let is_short = open < Own::MORE.into() && frame % 8 == 0 && frame / 8 <= u16::MAX.into();
        let own = match is_short {
            true => Own::new(open as u32, open_at, (frame / 8) as u16, calls_end),
            false => Own::new(Own::MORE, open_at, u16::MAX, calls_end),
        };
        self.own.push(own);
        if !is_short || limit.is_some() || unresolved.is_some() || may_run_out.is_some() {
            self.rare.push(Rare { place, frame, open, limit, unresolved, may_run_out });
        }
    }

    /// All functions are there.
    pub(crate) fn close(&mut self) {
        self.calls.shrink_to_fit();
        self.rare.shrink_to_fit();
    }
}
