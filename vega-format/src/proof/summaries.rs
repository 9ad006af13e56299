//! [`Summaries`]: what the proof needs to know of the functions of a module, flat, since there may be many.

use super::CallSite;

/// What the proof needs to know of one function.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Summary<'a> {
    /// Bytes of its frame.
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

/// What the proof needs to know of every function of a module, by index; flat, since there may be many.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Summaries {
    own: Vec<Own>,
    pub(super) calls: Vec<CallSite>,
    /// What few functions have, by rising index.
    rare: Vec<Rare>,
}

/// What every function has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Own {
    /// The most bytes of open arenas; [`Own::MORE`] if they stand among what is rare.
    open: u32,
    open_at: u32,
    frame: u32,
    calls_end: u32,
}

impl Own {
    const MORE: u32 = u32::MAX;
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Rare {
    function: u32,
    open: u64,
    limit: Option<u32>,
    unresolved: Option<u32>,
    may_run_out: Option<u32>,
}

impl Summaries {
    /// With room for so many functions.
    pub(crate) fn with_capacity(functions: usize) -> Summaries {
        Summaries { own: Vec::with_capacity(functions), ..Summaries::default() }
    }

    /// How many functions there are.
    pub fn len(&self) -> usize {
        self.own.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.own.is_empty()
    }

    /// What is known of a function.
    pub fn get(&self, function: u32) -> Option<Summary<'_>> {
        let own = self.own.get(function as usize)?;
        let rare = match self.rare.as_slice() {
            [] => None,
            rare => {
                let place = rare.binary_search_by_key(&function, |rare| rare.function).ok();
                place.and_then(|place| rare.get(place))
            }
        };
        let open = rare.filter(|_| own.open == Own::MORE).map_or(own.open.into(), |rare| rare.open);
        Some(Summary {
            frame: own.frame.into(),
            most_open: (open, own.open_at),
            calls: self.calls.get(self.calls_of(function)).unwrap_or_default(),
            limit: rare.and_then(|rare| rare.limit),
            unresolved: rare.and_then(|rare| rare.unresolved),
            may_run_out: rare.and_then(|rare| rare.may_run_out),
        })
    }

    /// What is known of the functions, by index.
    pub fn iter(&self) -> impl Iterator<Item = Summary<'_>> {
        (0..self.len() as u32).filter_map(|function| self.get(function))
    }

    pub(super) fn calls_of(&self, function: u32) -> core::ops::Range<usize> {
        let end = |place: Option<usize>| place.and_then(|place| self.own.get(place)).map_or(0, |own| own.calls_end);
        end((function as usize).checked_sub(1)) as usize..end(Some(function as usize)) as usize
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

    /// Adds the next function, whose calls were added before and stand in `calls` no more than that. The frame of a
    /// function is at most 255 parameters of 64 cells each and 65,535 cells.
    pub(crate) fn add(&mut self, summary: Summary<'_>) {
        let Summary { frame, most_open: (open, open_at), calls, limit, unresolved, may_run_out } = summary;
        self.calls.extend_from_slice(calls);
        let function = self.own.len() as u32;
        let calls_end = self.calls.len() as u32;
        let short = u32::try_from(open).unwrap_or(Own::MORE);
        self.own.push(Own { open: short, open_at, frame: u32::try_from(frame).unwrap_or(u32::MAX), calls_end });
        if short == Own::MORE || limit.is_some() || unresolved.is_some() || may_run_out.is_some() {
            self.rare.push(Rare { function, open, limit, unresolved, may_run_out });
        }
    }

    /// Adds what is known of the functions behind these.
    pub(crate) fn append(&mut self, later: Summaries) {
        let (functions, calls) = (self.own.len() as u32, self.calls.len() as u32);
        self.own.extend(later.own.into_iter().map(|own| Own { calls_end: own.calls_end + calls, ..own }));
        self.calls.extend(later.calls);
        self.rare.extend(later.rare.into_iter().map(|rare| Rare { function: rare.function + functions, ..rare }));
    }
}
