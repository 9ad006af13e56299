//! Calls that can pause and go on: [`Run`] on any engine, [`Stepper`] an instruction at a time.
//!
//! How a call is cut into pieces changes nothing that can be observed of it: result, output, steps, peaks.

use crate::instance::Ran;
use crate::interpreter::{Granted, Interpreter};
use crate::native::Imports;
use crate::observe::{Observer, Snapshot};
use crate::outcome::{End, Outcome, Used};
use crate::program::Program;
use crate::reference::Machine;
use alloc::borrow::ToOwned;
use alloc::boxed::Box;
use alloc::vec::Vec;

/// What became of a call that went on.
#[derive(Debug, Clone, PartialEq)]
pub enum Progress {
    /// It has taken its steps and can go on.
    Paused,
    /// It is over.
    Ended(Outcome),
}

/// A call of a function of an instance. While it is there the instance is taken; dropping it ends the call where it is. If a
/// function or the output of the host panics, and the host goes on all the same, the call is over ([`End::HostIo`]).
pub struct Run<'i, 'p>(Underway<'i, 'p, Work<'p>>, Ran);

impl<'i, 'p> Run<'i, 'p> {
    pub(crate) fn new(program: &'p Program, work: Work<'p>, statics: &'i mut [Vec<u8>], ran: Ran) -> Run<'i, 'p> {
        Run(Underway { program, work, statics, outcome: None, works: false }, ran)
    }

    /// Goes on for so many steps, and those that were left over before. It pauses before the first basic block that
    /// would take more, so at most a little less is used than was given; what bulk work in a block costs beyond the steps
    /// that were given is taken from those of the next time.
    pub fn resume(&mut self, steps: u64, imports: &mut Imports<'_>) -> Progress {
        self.go(steps, imports, &mut ())
    }

    /// Goes on to the end.
    pub fn finish(mut self, imports: &mut Imports<'_>) -> Outcome {
        self.end(imports, &mut ())
    }

    /// Which engine has done the work so far, and why it is that one. Machine code takes over from the interpreter.
    pub fn ran(&self) -> Ran {
        match &self.0.work {
            Work::Reference(_) => self.1,
            Work::Interpreter(interpreter) => interpreter.ran(self.1),
        }
    }

    /// Only the reference engine tells an observer anything.
    pub(crate) fn end(&mut self, imports: &mut Imports<'_>, observer: &mut dyn Observer) -> Outcome {
        loop {
            if let Progress::Ended(outcome) = self.go(u64::MAX, imports, observer) {
                return outcome;
            }
        }
    }

    fn go(&mut self, steps: u64, imports: &mut Imports<'_>, observer: &mut dyn Observer) -> Progress {
        self.0.go(imports, |work, imports| match work {
            Work::Reference(machine) => machine.resume(steps, imports, observer),
            Work::Interpreter(interpreter) => interpreter.resume(steps, &mut Granted::new(imports)),
        })
    }

    /// What was used so far.
    pub fn used(&self) -> Used {
        self.0.work.used()
    }
}

/// A call on the reference engine, between whose instructions the state can be looked at. Otherwise as a [`Run`].
pub struct Stepper<'i, 'p>(Underway<'i, 'p, Machine<'p>>);

impl<'i, 'p> Stepper<'i, 'p> {
    pub(crate) fn new(program: &'p Program, machine: Machine<'p>, statics: &'i mut [Vec<u8>]) -> Stepper<'i, 'p> {
        Stepper(Underway { program, work: machine, statics, outcome: None, works: false })
    }

    /// Executes one instruction; the block that it begins is paid for whole.
    pub fn step(&mut self, imports: &mut Imports<'_>, observer: &mut dyn Observer) -> Progress {
        self.0.go(imports, |machine, imports| machine.step(imports, observer))
    }

    /// Goes on for so many steps, as [`Run::resume`] does.
    pub fn resume(&mut self, steps: u64, imports: &mut Imports<'_>, observer: &mut dyn Observer) -> Progress {
        self.0.go(imports, |machine, imports| machine.resume(steps, imports, observer))
    }

    /// The state between two instructions, or at the end.
    pub fn state(&self) -> Snapshot<'_> {
        Snapshot::new(&self.0.work)
    }

    /// What was used so far.
    pub fn used(&self) -> Used {
        self.0.work.used()
    }

    /// The machine, to be kept for [`restore`](Stepper::restore).
    #[cfg(feature = "cli")]
    pub(crate) fn machine(&self) -> &Machine<'p> {
        &self.0.work
    }

    /// Puts it where it was when this was copied from it.
    #[cfg(feature = "cli")]
    pub(crate) fn restore(&mut self, machine: &Machine<'p>) {
        self.0.work = machine.clone();
        (self.0.outcome, self.0.works) = (None, false);
    }
}

/// What executes a call.
pub(crate) enum Work<'p> {
    Reference(Box<Machine<'p>>),
    Interpreter(Box<Interpreter<'p>>),
}

/// What every engine can tell between two pieces of a call.
trait Engine {
    /// What was used so far.
    fn used(&self) -> Used;

    /// The static blocks are as the call has left them.
    fn take_statics(&self, statics: &mut [Vec<u8>]);
}

impl Engine for Machine<'_> {
    fn used(&self) -> Used {
        Machine::used(self)
    }

    fn take_statics(&self, statics: &mut [Vec<u8>]) {
        Machine::take_statics(self, statics);
    }
}

impl Engine for Work<'_> {
    fn used(&self) -> Used {
        match self {
            Work::Reference(machine) => machine.used(),
            Work::Interpreter(interpreter) => interpreter.used(),
        }
    }

    fn take_statics(&self, statics: &mut [Vec<u8>]) {
        match self {
            Work::Reference(machine) => machine.take_statics(statics),
            Work::Interpreter(interpreter) => interpreter.take_statics(statics),
        }
    }
}

/// A call with what it will leave behind.
struct Underway<'i, 'p, E: Engine> {
    program: &'p Program,
    work: E,
    statics: &'i mut [Vec<u8>],
    outcome: Option<Outcome>,
    /// Whether the engine is at work. A panic of the host leaves it so, wherever it was.
    works: bool,
}

/// What stands where a call was when a function or a writer of the host panicked.
const LEFT: &str = "a panic of the host";

impl<E: Engine> Underway<'_, '_, E> {
    /// Lets the engine go on until it pauses, or gives how the call ended.
    fn go<'h>(
        &mut self,
        imports: &mut Imports<'h>,
        on: impl FnOnce(&mut E, &mut Imports<'h>) -> Option<End>,
    ) -> Progress {
        if let Some(outcome) = &self.outcome {
            return Progress::Ended(outcome.clone());
        }
        if core::mem::replace(&mut self.works, true) {
            // It cannot go on where it was left, in the middle of an instruction.
            let end = End::HostIo(LEFT.to_owned(), None);
            let outcome = Outcome { end, used: self.work.used() };
            self.outcome = Some(outcome.clone());
            return Progress::Ended(outcome);
        }
        let end = on(&mut self.work, imports);
        let outcome = end.map(|end| self.program.close_gracefully(end, self.work.used(), imports));
        self.works = false;
        self.outcome = outcome.clone();
        outcome.map_or(Progress::Paused, Progress::Ended)
    }
}

/// The instance has its static variables as the call leaves them.
impl<E: Engine> Drop for Underway<'_, '_, E> {
    fn drop(&mut self) {
        self.work.take_statics(self.statics);
    }
}
