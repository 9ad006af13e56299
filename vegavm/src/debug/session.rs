//! A program under a debugger: goes on by lines or instructions, stops where it is told to, and goes back.
//!
//! Going back repeats the run from a kept checkpoint, which gives the same state: a run depends on nothing but the
//! program, its arguments and its input, and the input is on a [`Tape`].

use super::checkpoints::Checkpoints;
use super::conditions::Condition;
use super::places::{self, CodePlace, Lines};
use super::tape::Tape;
use super::watches::{Backward, Crossed, Watch, WatchHit};
use crate::native::Imports;
use crate::observe::Snapshot;
use crate::outcome::Outcome;
use crate::run::{Progress, Stepper};
use alloc::collections::BTreeMap;
use alloc::sync::Arc;
use core::sync::atomic::{AtomicBool, Ordering};
use std::collections::HashMap;
use vega_format::parsed::Parsed;

/// How far to go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Go {
    /// One instruction.
    Instruction,
    /// To the start of another line, also that of a function which is called, unless the library is entered.
    Line,
    /// To the start of another line of this function or a caller.
    Over,
    /// To behind the call of this function.
    Out,
    /// To the next place where it is to stop.
    On,
}

/// Why it stands where it does.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Stopped {
    /// It is at its start.
    Start,
    /// It has gone as far as it was to go.
    Step,
    /// At a breakpoint, by its number.
    Breakpoint(u32),
    /// Bytes have changed.
    Watch(WatchHit),
    /// Somebody interrupted it.
    Interrupted,
    /// It is over.
    Ended,
}

/// A place where it is to stop.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Breakpoint {
    /// What it was set by, for people.
    pub(super) words: String,
    pub(super) places: Vec<CodePlace>,
    /// What must hold there.
    pub(super) condition: Option<Condition>,
}

/// A program under a debugger.
pub(super) struct Session<'i, 'p> {
    module: &'p Parsed<'static>,
    run: Stepper<'i, 'p>,
    tape: Tape,
    imports: Imports<'static>,
    interrupt: Arc<AtomicBool>,
    lines: Lines,
    /// Instructions that were executed.
    executed: u64,
    checkpoints: Checkpoints<'p>,
    outcome: Option<Outcome>,
    pub(super) breakpoints: BTreeMap<u32, Breakpoint>,
    /// Those at each place, by their numbers.
    at: HashMap<CodePlace, Vec<u32>>,
    pub(super) watches: BTreeMap<u32, Watch>,
    numbers: u32,
}

impl<'i, 'p> Session<'i, 'p> {
    /// Stands before the first instruction. The flag interrupts it, from a signal handler or another thread.
    pub(super) fn new(
        module: &'p Parsed<'static>,
        run: Stepper<'i, 'p>,
        tape: Tape,
        imports: Imports<'static>,
        interrupt: Arc<AtomicBool>,
    ) -> Session<'i, 'p> {
        let checkpoints = Checkpoints::new(run.machine().clone(), tape.position());
        Session {
            module,
            run,
            tape,
            imports,
            interrupt,
            lines: Lines::default(),
            executed: 0,
            checkpoints,
            outcome: None,
            breakpoints: BTreeMap::new(),
            at: HashMap::new(),
            watches: BTreeMap::new(),
            numbers: 0,
        }
    }

    /// The program.
    pub(super) fn module(&self) -> &'p Parsed<'static> {
        self.module
    }

    /// The state in which it stands.
    pub(super) fn state(&self) -> Snapshot<'_> {
        self.run.state()
    }

    /// How it ended, if it has.
    pub(super) fn outcome(&self) -> Option<&Outcome> {
        self.outcome.as_ref()
    }

    /// Whether the program has left a line of its output open; it counts as ended from now on.
    pub(super) fn leaves_line_open(&self) -> bool {
        self.tape.leaves_line_open()
    }

    /// Instructions that were executed, and steps that were charged.
    pub(super) fn counts(&self) -> (u64, u64) {
        (self.executed, self.run.used().steps)
    }

    /// The next instruction.
    pub(super) fn place(&self) -> CodePlace {
        let frame = self.state().frame();
        CodePlace { function: frame.function().index, offset: frame.ip() }
    }

    /// A place for breakpoints of any kind.
    pub(super) fn add_breakpoint(&mut self, breakpoint: Breakpoint) -> u32 {
        self.numbers += 1;
        self.breakpoints.insert(self.numbers, breakpoint);
        self.index_breakpoints();
        self.numbers
    }

    pub(super) fn add_watch(&mut self, watch: Watch) -> u32 {
        self.numbers += 1;
        self.watches.insert(self.numbers, watch);
        self.numbers
    }

    /// Takes a breakpoint or a watch away; says whether it was there.
    pub(super) fn remove(&mut self, number: u32) -> bool {
        let was_there = self.breakpoints.remove(&number).is_some() || self.watches.remove(&number).is_some();
        self.index_breakpoints();
        was_there
    }

    fn index_breakpoints(&mut self) {
        self.at.clear();
        for (number, one) in &self.breakpoints {
            one.places.iter().for_each(|place| self.at.entry(*place).or_default().push(*number));
        }
    }

    /// The breakpoint at which it stands, if its condition holds.
    fn breakpoint_here(&self) -> Option<u32> {
        let numbers = self.at.get(&self.place())?;
        let holds = |number: &&u32| match self.breakpoints.get(number).map(|one| &one.condition) {
            Some(Some(condition)) => condition.holds(&self.state()),
            found => found.is_some(),
        };
        numbers.iter().find(holds).copied()
    }

    /// Goes back to the start.
    pub(super) fn restart(&mut self) -> Stopped {
        self.go_to(0);
        self.tape.print_again();
        Stopped::Start
    }

    /// Forgets an interruption of what does not run.
    pub(super) fn was_interrupted(&self) {
        self.interrupt.store(false, Ordering::Relaxed);
    }

    /// Goes on from here.
    pub(super) fn go(&mut self, how: Go) -> Stopped {
        let journey = self.set_out(how);
        self.go_on(journey)
    }

    /// What it takes to know when it has arrived.
    pub(super) fn set_out(&mut self, how: Go) -> Journey {
        Journey { how, start: self.line_here(), depth: self.state().depth() }
    }

    /// Goes on, also after it was interrupted on the way; what it printed is shown when it stops.
    pub(super) fn go_on(&mut self, journey: Journey) -> Stopped {
        let Journey { how, start, depth } = journey;
        let stopped = loop {
            if !self.advance() {
                break Stopped::Ended;
            }
            if let Some(hit) = self.changed() {
                break Stopped::Watch(hit);
            }
            if how == Go::Instruction || self.has_arrived(how, start, depth) {
                break Stopped::Step;
            }
            if let Some(number) = self.breakpoint_here() {
                break Stopped::Breakpoint(number);
            }
            if self.interrupt.swap(false, Ordering::Acquire) {
                break Stopped::Interrupted;
            }
        };
        // What cannot be written is told when the program ends.
        let _ = self.imports.flush();
        stopped
    }

    fn has_arrived(&mut self, how: Go, start: Option<LinePlace>, depth: usize) -> bool {
        let now = self.state().depth();
        match how {
            Go::Instruction => true,
            Go::On => false,
            Go::Out => now < depth,
            Go::Over if now > depth => false,
            // Without lines, an instruction stands for one.
            Go::Line | Go::Over => {
                start.is_none()
                    || self.line_here().is_some_and(|here| here.starts && !here.is(start) && self.shows(here, start))
            }
        }
    }

    /// Goes back: by an instruction, to the start of a line, to the call of this function, or to where it last stopped.
    pub(super) fn go_back(&mut self, how: Go) -> Stopped {
        let (start, depth) = (self.line_here(), self.state().depth());
        // Of a run that is over, the instruction that ended it is still to be taken back.
        let end = if self.outcome.is_some() { self.executed + 1 } else { self.executed };
        let is_amid = self.outcome.is_some() || start.is_some_and(|start| !start.starts);
        let found = match how {
            Go::Instruction => end.checked_sub(1).map(|target| (target, None)),
            _ => self.last_before(end, how == Go::On, move |session| match how {
                Go::On => session.breakpoint_here().is_some(),
                Go::Out => session.state().depth() < depth,
                Go::Over if session.state().depth() > depth => false,
                // From the middle of a line it goes to the start of it.
                _ => {
                    start.is_none()
                        || session.line_here().is_some_and(|here| {
                            here.starts && (is_amid || !here.is(start)) && session.shows(here, start)
                        })
                }
            }),
        };
        self.go_to(found.as_ref().map_or(0, |(target, _)| *target));
        match found {
            Some((_, Some(hit))) => Stopped::Watch(hit),
            None | Some((0, None)) => Stopped::Start,
            Some(_) => match self.breakpoint_here() {
                Some(number) => Stopped::Breakpoint(number),
                None => Stopped::Step,
            },
        }
    }

    /// The last count of instructions before this one with which something holds, or behind which the next instruction changed
    /// bytes that are watched, if those count.
    fn last_before(
        &mut self,
        end: u64,
        watches: bool,
        mut holds: impl FnMut(&mut Self) -> bool,
    ) -> Option<(u64, Option<WatchHit>)> {
        let mut end = end;
        let mut backward = Backward::new(self.watches.keys().copied().filter(|_| watches));
        while end > 0 {
            let start = self.restore_before(end - 1);
            backward.begin(&self.watches, &self.run.state());
            let mut last = None;
            while self.executed < end {
                if holds(self) {
                    last = Some((self.executed, None));
                }
                let is_at_end = self.executed + 1 == end;
                // What is there at the end was looked at before, unless it is a change.
                if (is_at_end && backward.is_empty()) || !self.advance() {
                    break;
                }
                for crossed in backward.step(&self.watches, &self.run.state()) {
                    match crossed {
                        Crossed::Change(hit) => last = Some((self.executed - 1, Some(hit))),
                        // Before it was there, the same bytes were another's.
                        Crossed::Birth(number) => {
                            last.take_if(|(_, hit)| hit.as_ref().is_some_and(|hit| hit.number == number));
                        }
                    }
                }
            }
            if last.is_some() {
                return last;
            }
            end = start;
        }
        None
    }

    fn go_to(&mut self, target: u64) {
        self.restore_before(target);
        while self.executed < target && self.advance() {}
        let _ = self.imports.flush();
        let state = self.run.state();
        self.watches.retain(|_, watch| watch.is_there(&state));
        self.watches.values_mut().for_each(|watch| watch.look(&state));
    }

    /// Goes to the last checkpoint that is not behind this count; gives its own.
    fn restore_before(&mut self, target: u64) -> u64 {
        // Nothing may be held back for another position of the tape.
        let _ = self.imports.flush();
        let checkpoint = self.checkpoints.before(target);
        self.run.restore(&checkpoint.machine);
        self.tape.rewind(checkpoint.position);
        self.executed = checkpoint.executed;
        self.outcome = None;
        self.executed
    }

    /// Executes an instruction; says whether there may be another.
    fn advance(&mut self) -> bool {
        if self.outcome.is_some() {
            return false;
        }
        if self.checkpoints.is_due(self.executed) {
            let _ = self.imports.flush();
            self.checkpoints.keep(self.executed, self.run.machine().clone(), self.tape.position());
        }
        match self.run.step(&mut self.imports, &mut ()) {
            Progress::Paused => self.executed += 1,
            Progress::Ended(outcome) => self.outcome = Some(outcome),
        }
        self.outcome.is_none()
    }

    fn changed(&mut self) -> Option<WatchHit> {
        let state = self.run.state();
        let hit = self.watches.iter_mut().find_map(|(number, watch)| watch.changed(*number, &state))?;
        if hit.after.is_none() {
            self.watches.remove(&hit.number);
        }
        Some(hit)
    }

    /// Whether who steps from a line wants to see another: not one of the library, unless it was there already.
    fn shows(&self, line: LinePlace, from: Option<LinePlace>) -> bool {
        let is_of_library = |line: LinePlace| places::is_of_library(self.module, line.function);
        !is_of_library(line) || from.is_none_or(is_of_library)
    }

    fn line_here(&mut self) -> Option<LinePlace> {
        let place = self.place();
        let (line, starts) = self.lines.at(self.module, place)?;
        Some(LinePlace { function: place.function, line, depth: self.run.state().depth(), starts })
    }
}

/// How far it goes, and from where.
#[derive(Debug, Clone, Copy)]
pub(super) struct Journey {
    how: Go,
    start: Option<LinePlace>,
    depth: usize,
}

/// A line of a function in a call.
#[derive(Debug, Clone, Copy)]
struct LinePlace {
    function: u32,
    line: u32,
    depth: usize,
    /// Whether this is its first instruction.
    starts: bool,
}

impl LinePlace {
    fn is(self, other: Option<LinePlace>) -> bool {
        let key = |place: LinePlace| (place.function, place.line, place.depth);
        other.is_some_and(|other| key(other) == key(self))
    }
}
