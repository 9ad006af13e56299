//! [`Instance`]: a program with its static variables, which keep their values from one call to the next.

use crate::arguments;
use crate::cancel::Cancel;
use crate::error::ArgumentError;
use crate::limits::Limits;
use crate::loader::Program;
use crate::native::Imports;
use crate::observe::Observer;
use crate::outcome::Outcome;
use crate::reference::at_start;
use crate::run::Run;
use crate::value::Value;

/// A program whose functions can be called one after another. Two instances of a program share nothing.
///
/// Also after a call that trapped, or reached a limit, its static variables are what they were in that moment.
#[derive(Debug, Clone)]
pub struct Instance<'p> {
    program: &'p Program,
    /// The bytes of each static block.
    statics: Vec<Vec<u8>>,
    cancel: Cancel,
}

impl<'p> Instance<'p> {
    pub(crate) fn new(program: &'p Program) -> Instance<'p> {
        Instance { program, statics: at_start(program.module()), cancel: Cancel::new() }
    }

    /// Lets this handle end the calls of the instance, also while they run.
    pub fn set_cancel(&mut self, cancel: Cancel) {
        self.cancel = cancel;
    }

    /// Runs the program from its start on the reference engine.
    ///
    /// # Errors
    /// The arguments do not fit the parameters of `main`; nothing was run.
    pub fn run(
        &mut self,
        arguments: &[Value],
        imports: &mut Imports<'_>,
        limits: &Limits,
        observer: &mut dyn Observer,
    ) -> Result<Outcome, ArgumentError> {
        Ok(self.start(arguments, limits)?.finish(imports, observer))
    }

    /// Calls an exported function, by its mangled name.
    ///
    /// # Errors
    /// There is no such function, or the arguments do not fit its parameters; nothing was run.
    pub fn call(
        &mut self,
        mangled: &str,
        arguments: &[Value],
        imports: &mut Imports<'_>,
        limits: &Limits,
        observer: &mut dyn Observer,
    ) -> Result<Outcome, ArgumentError> {
        Ok(self.start_call(mangled, arguments, limits)?.finish(imports, observer))
    }

    /// Begins a run of the program from its start, which goes on by [`Run::resume`].
    ///
    /// # Errors
    /// The arguments do not fit the parameters of `main`.
    pub fn start(&mut self, arguments: &[Value], limits: &Limits) -> Result<Run<'_, 'p>, ArgumentError> {
        self.start_function(self.program.main(), arguments, limits)
    }

    /// Begins a call of an exported function, by its mangled name, which goes on by [`Run::resume`].
    ///
    /// # Errors
    /// There is no such function, or the arguments do not fit its parameters.
    pub fn start_call(
        &mut self,
        mangled: &str,
        arguments: &[Value],
        limits: &Limits,
    ) -> Result<Run<'_, 'p>, ArgumentError> {
        let module = self.program.module();
        let exported = |index: &u32| module.function(*index).is_some_and(|function| function.exported);
        match module.find_function(mangled).filter(exported) {
            Some(function) => self.start_function(function, arguments, limits),
            None => Err(ArgumentError::NotExported(mangled.to_owned())),
        }
    }

    fn start_function(
        &mut self,
        function: u32,
        arguments: &[Value],
        limits: &Limits,
    ) -> Result<Run<'_, 'p>, ArgumentError> {
        arguments::check(self.program, function, arguments, limits)?;
        Run::new(self.program, function, arguments, &mut self.statics, limits, &self.cancel)
    }
}
