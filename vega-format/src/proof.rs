//! The most bytes that a program can ever use, and whether an arena can run out: facts about functions, composed over
//! the call graph.
//!
//! A frame is charged 8 bytes for each cell of its parameters and its declared stack when it is entered, an arena its
//! capacity when it is opened. The worst case of a function is the greatest sum along any path of calls. Where calls go
//! in a circle there is no such sum, unless a function on every circle limits how many of its activations are live.

use core::ops::Add;
use std::collections::HashMap;

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
    calls: Vec<CallSite>,
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

    fn calls_of(&self, function: u32) -> core::ops::Range<usize> {
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

/// A call of another function of the module.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CallSite {
    /// The offset of the call in the caller's code.
    pub offset: u32,
    /// Bytes of the caller's arenas that are open there.
    pub open: u64,
    /// The function that is called.
    pub callee: u32,
}

/// Bytes by what they are used for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Bytes {
    /// Arenas.
    pub arenas: u64,
    /// Frames.
    pub stack: u64,
}

impl Bytes {
    /// All of them; a sum that does not fit is the greatest number there is.
    pub fn total(self) -> u64 {
        self.arenas.saturating_add(self.stack)
    }

    fn times(self, count: u64) -> Bytes {
        Bytes { arenas: self.arenas.saturating_mul(count), stack: self.stack.saturating_mul(count) }
    }
}

impl Add for Bytes {
    type Output = Bytes;
    fn add(self, other: Bytes) -> Bytes {
        Bytes { arenas: self.arenas.saturating_add(other.arenas), stack: self.stack.saturating_add(other.stack) }
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
    /// How often this step stands on the path, together with those up to the next that has another number.
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
    /// Of each function, whether no arena that it or a callee opens can run out of memory.
    never_out_of_memory: Vec<bool>,
    /// Of each function that nothing bounds: a call on the way to, or around, the circle.
    towards_circle: HashMap<u32, CallSite>,
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
    /// It goes round a circle and leaves it for the end: the number of rounds is in the second.
    Circle(CallSite, u64),
}

/// A figure in the form in which it is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Short {
    /// Bytes of arenas and of frames; [`Short::MORE`] if they stand elsewhere.
    arenas: u32,
    stack: u32,
    /// The place of the call with which the path goes on among those of the function, or one of the numbers below.
    next: u32,
}

impl Short {
    const UNBOUNDED: Short = Short { arenas: 0, stack: 0, next: u32::MAX };
    /// The path ends here.
    const END: u32 = u32::MAX - 1;
    /// The function is in a circle: its figure stands beside its ways.
    const CIRCLE: u32 = u32::MAX - 2;
    /// Not so many bytes, but too many for this form.
    const MORE: u32 = u32::MAX;
}

impl Proof {
    /// Composes the summaries of all functions, by index.
    pub fn of(summaries: &Summaries) -> Proof {
        let mut proof = Proof {
            worst: vec![Short::UNBOUNDED; summaries.len()],
            large: HashMap::new(),
            ways: HashMap::new(),
            never_out_of_memory: vec![true; summaries.len()],
            towards_circle: HashMap::new(),
        };
        circles(summaries, |group| proof.add(summaries, group));
        proof
    }

    /// The worst case of a function.
    pub fn worst(&self, function: u32) -> Worst {
        match self.worst.get(function as usize) {
            Some(short) if *short != Short::UNBOUNDED => Worst::Bytes(self.bytes(function, *short)),
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
        let next = match short.next {
            Short::END => Next::End,
            Short::CIRCLE => return self.ways.get(&function).map(|(figure, _)| *figure),
            place => Next::Call(*summaries.get(function)?.calls.get(place as usize)?),
        };
        Some(Figure { bytes: self.bytes(function, *short), next })
    }

    /// Whether no arena that a function or one that it calls opens can run out of memory.
    pub fn never_out_of_memory(&self, function: u32) -> bool {
        self.never_out_of_memory.get(function as usize).copied().unwrap_or(false)
    }

    /// The functions of one group of the call graph: a single one, or all that call each other in circles. Everything
    /// that they call outside of the group is known.
    fn add(&mut self, summaries: &Summaries, group: &[u32]) {
        if let [single] = group
            && let Some(summary) = summaries.get(*single)
            && summary.calls.iter().all(|call| call.callee != *single)
        {
            return self.add_single(*single, summary);
        }
        let inside = |function: u32| group.binary_search(&function).is_ok();
        let fits =
            group.iter().filter_map(|function| summaries.get(*function)).all(|summary| self.fits(summary, inside));
        for function in group {
            self.set_never_out_of_memory(*function, fits);
        }
        match (Circle { proof: self, summaries, group }).figures() {
            Ok(figures) => {
                for (function, (figure, ways)) in group.iter().zip(figures) {
                    self.set(*function, figure.bytes, Short::CIRCLE);
                    self.ways.insert(*function, (figure, ways));
                }
            }
            Err(_) => {
                for function in group {
                    let Some(summary) = summaries.get(*function) else { continue };
                    self.find_way_to_circle(*function, summary, inside);
                }
            }
        }
    }

    fn fits(&self, summary: Summary<'_>, inside: impl Fn(u32) -> bool) -> bool {
        let callee_fits = |call: &CallSite| inside(call.callee) || self.never_out_of_memory(call.callee);
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
            *place = short;
        }
    }

    fn set_never_out_of_memory(&mut self, function: u32, fits: bool) {
        if let Some(place) = self.never_out_of_memory.get_mut(function as usize) {
            *place = fits;
        }
    }

    /// What nothing bounds remembers which call is to blame.
    fn find_way_to_circle(&mut self, function: u32, summary: Summary<'_>, inside: impl Fn(u32) -> bool) {
        let mut calls = summary.calls.iter();
        let towards = calls.find(|call| inside(call.callee) || self.worst(call.callee) == Worst::Unbounded);
        if let Some(call) = towards {
            self.towards_circle.insert(function, *call);
        }
    }

    /// A function that is in no circle.
    fn add_single(&mut self, function: u32, summary: Summary<'_>) {
        let fits = self.fits(summary, |_| false);
        self.set_never_out_of_memory(function, fits);
        let frame = Bytes { arenas: 0, stack: summary.frame };
        let (mut best, mut next) = (frame + arenas(summary.most_open.0), Short::END);
        let mut known = summary.unresolved.is_none();
        for (place, call) in (0..).zip(summary.calls) {
            let Worst::Bytes(callee) = self.worst(call.callee) else {
                known = false;
                break;
            };
            let bytes = frame + arenas(call.open) + callee;
            if bytes.total() > best.total() {
                (best, next) = (bytes, place);
            }
        }
        // So many calls do not fit into a function's code, but nothing hangs on that here.
        let is_short = next < Short::CIRCLE || next == Short::END;
        match known && is_short && best.total() != u64::MAX {
            true => self.set(function, best, next),
            false => self.find_way_to_circle(function, summary, |_| false),
        }
    }

    /// The path of calls that uses most, from a function on; empty if nothing bounds it. The steps of a round through a
    /// circle have the number of rounds, and behind them stands the way on from the last of them.
    pub fn path(&self, summaries: &Summaries, function: u32) -> Vec<Step> {
        /// Which of the ways on from a function the path takes.
        enum Way {
            Dearest,
            /// To the next limited function of the circle, so often.
            Round(u64),
            /// Without meeting a limited function of the circle.
            Tail,
        }
        let mut path = Vec::new();
        let mut here = function;
        let mut way = Way::Dearest;
        // No function stands on a path more often than once in a round and once behind it.
        while path.len() <= 2 * summaries.len() {
            let Some(summary) = summaries.get(here) else { break };
            let ways = self.ways.get(&here).map(|(_, ways)| *ways);
            let dearest = self.figure(summaries, here);
            let (next, is_round) = match (&way, ways) {
                (Way::Round(times), Some(Ways { round: Some((_, call)), .. })) => (Next::Circle(call, *times), true),
                (Way::Tail, Some(ways)) => (ways.tail.next, false),
                _ => match dearest {
                    Some(figure) => (figure.next, matches!(figure.next, Next::Circle(..))),
                    None => break,
                },
            };
            let (call, times) = match next {
                Next::End => (None, 1),
                Next::Call(call) => (Some(call), 1),
                Next::Circle(call, times) => (Some(call), times),
            };
            path.push(Step {
                function: here,
                frame: summary.frame,
                arenas: call.map_or(summary.most_open.0, |call| call.open),
                offset: call.map_or(summary.most_open.1, |call| call.offset),
                times,
            });
            let Some(call) = call else { break };
            let is_limited = summaries.get(call.callee).is_some_and(|callee| callee.limit.is_some());
            let same_circle = ways.is_some() && ways.map(|ways| ways.circle) == self.circle_of(call.callee);
            way = match (is_round, is_limited) {
                (true, false) => Way::Round(times),
                (true, true) => Way::Tail,
                (false, _) if same_circle => Way::Tail,
                (false, _) => Way::Dearest,
            };
            here = call.callee;
        }
        path
    }

    /// A number for the circle in which a function is.
    fn circle_of(&self, function: u32) -> Option<u32> {
        self.ways.get(&function).map(|(_, ways)| ways.circle)
    }

    /// Of a function that nothing bounds: the functions that call each other in a circle, from the first one that is
    /// reached on, each with the offset of its call of the next; empty if what is missing is the figure of another module.
    pub fn circle(&self, function: u32) -> Vec<(u32, u32)> {
        let mut seen: Vec<(u32, u32)> = Vec::new();
        let mut places = HashMap::new();
        let mut here = function;
        loop {
            if let Some(start) = places.insert(here, seen.len()) {
                return seen.split_off(start);
            }
            match self.towards_circle.get(&here).copied() {
                Some(call) => {
                    seen.push((here, call.offset));
                    here = call.callee;
                }
                // It ends at a call that is not linked yet.
                None => return Vec::new(),
            }
        }
    }
}

fn arenas(bytes: u64) -> Bytes {
    Bytes { arenas: bytes, stack: 0 }
}

/// There is no bound.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct NoBound;

/// Functions that call each other in circles.
struct Circle<'a> {
    proof: &'a Proof,
    summaries: &'a Summaries,
    group: &'a [u32],
}

/// Two ways to go on from a function of a circle, without passing a limited function on the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Ways {
    /// The first function of the circle.
    circle: u32,
    /// To an end outside of the circle, or here.
    tail: Figure,
    /// To the call of a limited function of the circle.
    round: Option<(Bytes, CallSite)>,
}

impl Circle<'_> {
    /// Figures in the order of the group.
    ///
    /// A path through the circle passes limited functions, each as often as it allows, and ends with a tail. Between
    /// two of them it can use no more than the first one's `round`; so the sum over all rounds, with the last one
    /// given up for the dearest tail, is a bound, and with a single limited function it is reached.
    fn figures(&self) -> Result<Vec<(Figure, Ways)>, NoBound> {
        let ways = self.ways()?;
        let limited: Vec<(Ways, u64)> = self
            .group
            .iter()
            .zip(&ways)
            .filter_map(|(function, ways)| Some((*ways, u64::from(self.summary(*function)?.limit?))))
            .collect();
        let rounds =
            |(ways, count): &(Ways, u64)| ways.round.map_or(Bytes::default(), |(bytes, _)| bytes.times(*count));
        let all = limited.iter().map(rounds).fold(Bytes::default(), Bytes::add);
        let last = limited
            .iter()
            .map(|(ways, _)| {
                let given_up = ways.round.map_or(Bytes::default(), |(bytes, _)| bytes);
                Bytes {
                    arenas: (all.arenas - given_up.arenas).saturating_add(ways.tail.bytes.arenas),
                    stack: (all.stack - given_up.stack).saturating_add(ways.tail.bytes.stack),
                }
            })
            .max_by_key(|bytes| bytes.total());
        let turns = limited.iter().map(|(_, count)| *count).fold(0u64, u64::saturating_add);
        let figure = |(function, ways): (&u32, &Ways)| {
            let is_limited = self.summary(*function).is_some_and(|summary| summary.limit.is_some());
            let through = match (is_limited, ways.round, last) {
                (true, Some((_, call)), Some(last)) => Some((last, call)),
                (false, Some((bytes, call)), Some(last)) => Some((bytes + last, call)),
                _ => None,
            };
            let figure = match through {
                Some((bytes, call)) if bytes.total() > ways.tail.bytes.total() => {
                    Figure { bytes, next: Next::Circle(call, turns) }
                }
                _ => ways.tail,
            };
            if figure.bytes.total() == u64::MAX { Err(NoBound) } else { Ok((figure, *ways)) }
        };
        self.group.iter().zip(&ways).map(figure).collect()
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
                return Err(NoBound);
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
                let here = frame + arenas(call.open);
                let tail_bytes = match self.place(call.callee) {
                    None => match self.proof.worst(call.callee) {
                        Worst::Bytes(bytes) => Some(bytes),
                        Worst::Unbounded => return Err(NoBound),
                    },
                    Some(_) if self.is_limited(call.callee) => {
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
        ways.into_iter().collect::<Option<Vec<_>>>().ok_or(NoBound)
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
                        Mark::Open => return Err(NoBound),
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
                    Some(call) if self.place(call.callee).is_some() && !self.is_limited(call.callee) => {
                        path.push((call.callee, 0));
                    }
                    Some(_) => {}
                }
            }
        }
        Ok(order)
    }
}

/// Gives the groups of functions that call each other in circles, one after another; each is sorted, and comes after those
/// that it calls. Tarjan's algorithm in the form of Pearce (2016), which needs one number a function, without recursion.
fn circles(summaries: &Summaries, mut found: impl FnMut(&[u32])) {
    /// A function that is being looked at: the next of its calls, the end of them, and whether nothing that it reaches
    /// leads back to a function that was found before it.
    struct Open {
        function: u32,
        next: u32,
        end: u32,
        is_root: bool,
    }
    let count = summaries.len();
    // 0: not seen yet; then in the order in which they are found; those that are done count down from the greatest.
    let mut ranks = vec![0u32; count];
    let (mut next_rank, mut next_done) = (1, u32::MAX);
    let rank = |ranks: &[u32], function: u32| ranks.get(function as usize).copied();
    let set = |ranks: &mut [u32], function: u32, rank| {
        if let Some(place) = ranks.get_mut(function as usize) {
            *place = rank;
        }
    };
    let enter = |ranks: &mut [u32], next_rank: &mut u32, function: u32| {
        set(ranks, function, *next_rank);
        *next_rank += 1;
        let calls = summaries.calls_of(function);
        Open { function, next: calls.start as u32, end: calls.end as u32, is_root: true }
    };
    let (mut path, mut waiting, mut group): (Vec<Open>, Vec<u32>, Vec<u32>) = Default::default();
    for start in 0..count as u32 {
        if rank(&ranks, start) == Some(0) {
            path.push(enter(&mut ranks, &mut next_rank, start));
        }
        while let Some(open) = path.last_mut() {
            if open.next < open.end {
                let callee = summaries
                    .calls
                    .get(open.next as usize)
                    .and_then(|call| Some((call.callee, rank(&ranks, call.callee)?)));
                match callee {
                    // It is looked at again when the callee is known.
                    Some((callee, 0)) => {
                        let callee = enter(&mut ranks, &mut next_rank, callee);
                        path.push(callee);
                        continue;
                    }
                    Some((_, other)) if rank(&ranks, open.function).is_some_and(|own| other < own) => {
                        set(&mut ranks, open.function, other);
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
            let own = rank(&ranks, function);
            group.clear();
            group.push(function);
            while let Some(member) = waiting.pop_if(|member| own <= rank(&ranks, *member)) {
                group.push(member);
            }
            for member in &group {
                set(&mut ranks, *member, next_done);
            }
            next_rank -= group.len() as u32;
            next_done -= 1;
            group.sort_unstable();
            found(&group);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A summary whose calls are its own.
    #[derive(Default)]
    struct Parts {
        frame: u64,
        open: u64,
        calls: Vec<CallSite>,
        limit: Option<u32>,
        unresolved: Option<u32>,
    }

    fn summary(frame: u64, open: u64, calls: &[(u32, u64)]) -> Parts {
        let calls = calls.iter().enumerate();
        let calls = calls.map(|(at, (callee, open))| CallSite { offset: at as u32, open: *open, callee: *callee });
        Parts { frame, open, calls: calls.collect(), ..Parts::default() }
    }

    fn flat<'p>(parts: impl IntoIterator<Item = &'p Parts>) -> Summaries {
        let mut summaries = Summaries::default();
        for Parts { frame, open, calls, limit, unresolved } in parts {
            let (most_open, limit, unresolved) = ((*open, 0), *limit, *unresolved);
            summaries.add(Summary { frame: *frame, most_open, calls, limit, unresolved, may_run_out: None });
        }
        summaries
    }

    fn total(proof: &Proof, function: u32) -> Option<u64> {
        match proof.worst(function) {
            Worst::Bytes(bytes) => Some(bytes.total()),
            Worst::Unbounded => None,
        }
    }

    #[test]
    fn the_dearest_path_counts() {
        // 0 opens 100 alone, or calls 1 with 10 open; 1 calls 2 with nothing open.
        let functions = [summary(8, 100, &[(1, 10), (2, 0)]), summary(16, 50, &[(2, 0)]), summary(8, 200, &[])];
        let functions = flat(&functions);
        let proof = Proof::of(&functions);
        assert_eq!(total(&proof, 2), Some(208));
        assert_eq!(total(&proof, 1), Some(224));
        assert_eq!(total(&proof, 0), Some(8 + 10 + 224));
        let path: Vec<u32> = proof.path(&functions, 0).iter().map(|step| step.function).collect();
        assert_eq!(path, [0, 1, 2]);
    }

    #[test]
    fn a_circle_has_no_bound() {
        let functions = [summary(8, 0, &[(1, 0)]), summary(8, 0, &[(2, 0)]), summary(8, 0, &[(1, 0)])];
        let functions = flat(&functions);
        let proof = Proof::of(&functions);
        assert_eq!([total(&proof, 0), total(&proof, 1), total(&proof, 2)], [None; 3]);
        assert_eq!(proof.circle(0).iter().map(|(function, _)| *function).collect::<Vec<_>>(), [1, 2]);
    }

    #[test]
    fn a_limit_bounds_a_circle() {
        // main calls f with 4 open; f calls itself with 32 open, 10 deep, and may open 100 at its end.
        let mut f = summary(16, 100, &[(1, 32)]);
        f.limit = Some(10);
        let functions = [summary(8, 4, &[(1, 4)]), f];
        let functions = flat(&functions);
        let proof = Proof::of(&functions);
        assert_eq!(total(&proof, 1), Some(9 * (16 + 32) + 116));
        assert_eq!(total(&proof, 0), Some(12 + 9 * (16 + 32) + 116));
    }

    #[test]
    fn what_is_not_linked_is_not_known() {
        let mut unlinked = summary(8, 0, &[]);
        unlinked.unresolved = Some(0);
        let functions = [summary(8, 0, &[(1, 0)]), unlinked];
        let functions = flat(&functions);
        let proof = Proof::of(&functions);
        assert_eq!([total(&proof, 0), total(&proof, 1)], [None; 2]);
        assert_eq!(proof.circle(0), []);
        assert!(!proof.never_out_of_memory(0));
    }

    #[test]
    fn a_limit_must_stand_on_every_circle() {
        let mut f = summary(8, 0, &[(1, 0), (0, 0)]);
        f.limit = Some(3);
        // 1 calls itself as well, past the limit.
        let functions = [f, summary(8, 0, &[(0, 0), (1, 0)])];
        assert_eq!(total(&Proof::of(&flat(&functions)), 0), None);
    }

    #[test]
    fn deep_graphs_need_no_deep_stack() {
        let last = 200_000;
        let functions: Vec<Parts> = (0..=last)
            .map(|index| if index < last { summary(8, 0, &[(index + 1, 0)]) } else { summary(8, 0, &[]) })
            .collect();
        assert_eq!(total(&Proof::of(&flat(&functions)), 0), Some(8 * (u64::from(last) + 1)));
        let circle: Vec<Parts> = (0..last).map(|index| summary(8, 0, &[((index + 1) % last, 0)])).collect();
        assert_eq!(total(&Proof::of(&flat(&circle)), 0), None);
    }
}
