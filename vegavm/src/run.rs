//! [`Run`]: a call that can pause and go on, on the reference engine.
//!
//! How a run is cut into pieces changes nothing that can be observed of it: result, output, steps, peaks.

use crate::cancel::Cancel;
use crate::error::ArgumentError;
use crate::limits::Limits;
use crate::loader::Program;
use crate::native::Imports;
use crate::observe::{Observer, Snapshot};
use crate::outcome::{End, Outcome, Used};
use crate::reference::{Machine, Stop};
use crate::value::Value;

/// What became of a run that went on.
#[derive(Debug, Clone, PartialEq)]
pub enum Progress {
    /// It has taken its steps and can go on.
    Paused,
    /// It is over.
    Ended(Outcome),
}

/// A call of a function of an instance. While it is there the instance is taken; dropping it ends the call where it is.
pub struct Run<'i, 'p> {
    program: &'p Program,
    pub(crate) machine: Machine<'p>,
    statics: &'i mut [Vec<u8>],
    /// What pushing the first frame came to, until the first instruction.
    begun: Option<Result<(), Stop>>,
    outcome: Option<Outcome>,
}

impl<'i, 'p> Run<'i, 'p> {
    /// The arguments fit the function.
    pub(crate) fn new(
        program: &'p Program,
        function: u32,
        arguments: &[Value],
        statics: &'i mut [Vec<u8>],
        limits: &Limits,
        cancel: &Cancel,
    ) -> Result<Run<'i, 'p>, ArgumentError> {
        let machine = Machine::new(program, function, limits, cancel);
        let mut machine = machine.ok_or_else(|| ArgumentError::NotExported(format!("function {function}")))?;
        let begun = Some(machine.push_first_frame(arguments, statics));
        Ok(Run { program, machine, statics, begun, outcome: None })
    }

    /// Goes on for so many steps, and those that were left over before. It pauses before the first basic block that
    /// would take more, so at most a little less is used than was given; what bulk work in a block costs beyond the steps
    /// that were given is taken from those of the next time.
    pub fn resume(&mut self, steps: u64, imports: &mut Imports<'_>, observer: &mut dyn Observer) -> Progress {
        self.go(imports, observer, |machine, imports, observer| machine.process_instructions(steps, imports, observer))
    }

    /// Executes one instruction; the block that it begins is paid for whole.
    pub fn step(&mut self, imports: &mut Imports<'_>, observer: &mut dyn Observer) -> Progress {
        self.go(imports, observer, |machine, imports, observer| {
            machine.process_instruction(imports, observer)?.ok_or(Stop::Paused)
        })
    }

    /// Goes on to the end.
    pub fn finish(mut self, imports: &mut Imports<'_>, observer: &mut dyn Observer) -> Outcome {
        loop {
            if let Progress::Ended(outcome) = self.resume(u64::MAX, imports, observer) {
                return outcome;
            }
        }
    }

    fn go<'h>(
        &mut self,
        imports: &mut Imports<'h>,
        observer: &mut dyn Observer,
        process: impl FnOnce(&mut Machine<'p>, &mut Imports<'h>, &mut dyn Observer) -> Result<Option<Value>, Stop>,
    ) -> Progress {
        if let Some(outcome) = &self.outcome {
            return Progress::Ended(outcome.clone());
        }
        self.machine.run_clock(true);
        let begun = self.begun.take().unwrap_or(Ok(()));
        let result = begun.and_then(|()| process(&mut self.machine, imports, observer));
        self.machine.run_clock(false);
        let end = match result {
            Ok(value) => End::Result(value),
            Err(stop) => match self.machine.describe(stop, observer) {
                Some(end) => {
                    self.machine.stay();
                    end
                }
                None => return Progress::Paused,
            },
        };
        observer.at_end(&Snapshot::new(&self.machine));
        let outcome = self.program.close_gracefully(end, self.machine.used(), imports);
        self.outcome = Some(outcome.clone());
        Progress::Ended(outcome)
    }

    /// The state between two instructions, or at the end.
    pub fn state(&self) -> Snapshot<'_> {
        Snapshot::new(&self.machine)
    }

    /// Puts it where it was when this was copied from it.
    #[cfg(feature = "cli")]
    pub(crate) fn restore(&mut self, machine: &Machine<'p>) {
        self.machine = machine.clone();
        self.begun = None;
        self.outcome = None;
    }

    /// What was used so far.
    pub fn used(&self) -> Used {
        self.machine.used()
    }
}

/// The instance has its static variables as the run leaves them.
impl Drop for Run<'_, '_> {
    fn drop(&mut self) {
        self.machine.take_statics(self.statics);
    }
}
