//! [`Instance`]: a program with its static variables, which keep their values from one call to the next.

use crate::arguments;
use crate::cancel::Cancel;
use crate::error::ArgumentError;
use crate::interpreter::Interpreter;
use crate::limits::Limits;
use crate::native::Imports;
use crate::observe::Observer;
use crate::outcome::Outcome;
use crate::program::Program;
use crate::reference::{Machine, at_start};
use crate::run::{Run, Stepper, Work};
use crate::value::Value;
use alloc::borrow::ToOwned;
use alloc::boxed::Box;
use alloc::vec::Vec;

/// A program whose functions can be called one after another. Two instances of a program share nothing.
///
/// Also after a call that trapped, or reached a limit, its static variables are what they were in that moment.
#[derive(Debug, Clone)]
pub struct Instance<'p> {
    program: &'p Program,
    /// The bytes of each static block.
    statics: Vec<Vec<u8>>,
    cancel: Cancel,
    engine: Engine,
    take_over: u64,
    ran: Option<Ran>,
}

/// Steps of a call after which [`Engine::Auto`] lets machine code take over, unless told otherwise: the interpreter takes about
/// as long for them as the compiler for a function.
pub const TAKE_OVER: u64 = 250_000;

/// Which engine did the work, and why it was that one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ran {
    /// The engine, which is none that only says how to choose.
    pub engine: Engine,
    /// Why it was that one, in words.
    pub why: &'static str,
}

/// What executes a program. All of them agree in everything that can be observed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Engine {
    /// The fastest that can do what is asked.
    #[default]
    Auto,
    /// Machine code, made of each function when it is first called; where there can be none, the interpreter.
    Jit,
    /// Walks over functions that were translated into a register form.
    Interpreter,
    /// The same with all slots in slot tables, as those are whose places depend on the path: for finding faults.
    Tables,
    /// Reads one byte at ip and executes it; slow, and the only one that can be watched.
    Reference,
    /// The same with slots where the verifier says that they stand, wherever it knows that, instead of where the free list
    /// has room: for finding faults.
    Placed,
}

impl<'p> Instance<'p> {
    pub(crate) fn new(program: &'p Program) -> Instance<'p> {
        Instance {
            program,
            statics: at_start(program.module()),
            cancel: Cancel::new(),
            engine: Engine::Auto,
            take_over: TAKE_OVER,
            ran: None,
        }
    }

    /// Lets this handle end the calls of the instance, also while they run.
    pub fn set_cancel(&mut self, cancel: Cancel) {
        self.cancel = cancel;
    }

    /// Which engine does the work of [`run`](Instance::run) and [`call`](Instance::call).
    pub fn set_engine(&mut self, engine: Engine) {
        self.engine = engine;
    }

    /// After so many steps of a call [`Engine::Auto`] lets machine code take over, instead of [`TAKE_OVER`].
    pub fn set_take_over(&mut self, steps: u64) {
        self.take_over = steps;
    }

    /// The engine that works for a call with such an observer.
    pub fn engine_for(&self, observer: &dyn Observer) -> Engine {
        match self.engine {
            engine @ (Engine::Reference | Engine::Placed) => engine,
            _ if observer.watches() || !self.program.loaded().translates() => Engine::Reference,
            Engine::Tables => Engine::Tables,
            engine => engine,
        }
    }

    /// Runs the program from its start.
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
        self.call_function(self.program.main(), arguments, imports, limits, observer)
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
        let function = self.exported(mangled)?;
        self.call_function(function, arguments, imports, limits, observer)
    }

    fn call_function(
        &mut self,
        function: u32,
        arguments: &[Value],
        imports: &mut Imports<'_>,
        limits: &Limits,
        observer: &mut dyn Observer,
    ) -> Result<Outcome, ArgumentError> {
        let engine = self.engine_for(observer);
        let mut run = self.start_on(engine, function, arguments, limits, false)?;
        let outcome = run.end(imports, observer);
        let ran = run.ran();
        drop(run);
        self.ran = Some(ran);
        Ok(outcome)
    }

    fn exported(&self, mangled: &str) -> Result<u32, ArgumentError> {
        let module = self.program.module();
        let exported = |index: &u32| module.function(*index).is_some_and(|function| function.exported);
        let found = module.find_function(mangled).filter(exported);
        found.ok_or_else(|| ArgumentError::NotExported(mangled.to_owned()))
    }

    /// Begins a run of the program from its start, which goes on by [`Run::resume`].
    ///
    /// # Errors
    /// The arguments do not fit the parameters of `main`.
    pub fn start(&mut self, arguments: &[Value], limits: &Limits) -> Result<Run<'_, 'p>, ArgumentError> {
        self.start_on(self.engine_for(&()), self.program.main(), arguments, limits, true)
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
        let function = self.exported(mangled)?;
        self.start_on(self.engine_for(&()), function, arguments, limits, true)
    }

    /// Begins a run of the program from its start that goes on by [`Stepper::step`], on the reference engine.
    ///
    /// # Errors
    /// The arguments do not fit the parameters of `main`.
    pub fn stepper(&mut self, arguments: &[Value], limits: &Limits) -> Result<Stepper<'_, 'p>, ArgumentError> {
        let machine = self.machine(self.program.main(), arguments, limits)?;
        Ok(Stepper::new(self.program, machine, &mut self.statics))
    }

    fn start_on(
        &mut self,
        engine: Engine,
        function: u32,
        arguments: &[Value],
        limits: &Limits,
        pauses: bool,
    ) -> Result<Run<'_, 'p>, ArgumentError> {
        let ran = Ran { engine, why: self.why(engine) };
        let work = match engine {
            Engine::Reference | Engine::Placed => Work::Reference(Box::new(self.machine(function, arguments, limits)?)),
            Engine::Auto | Engine::Jit | Engine::Interpreter | Engine::Tables => {
                arguments::check(self.program, function, arguments, limits)?;
                let loaded = (self.program.loaded(), engine == Engine::Tables);
                let work = Interpreter::new(loaded, function, arguments, &self.statics, limits, &self.cancel);
                let mut work = work.map_err(|_| no_function(function))?;
                let exact = limits.steps.is_some() || pauses;
                match engine {
                    Engine::Auto => work.go_native(self.take_over, false, exact),
                    Engine::Jit => work.go_native(0, true, exact),
                    _ => {}
                }
                Work::Interpreter(Box::new(work))
            }
        };
        Ok(Run::new(self.program, work, &mut self.statics, ran))
    }

    /// Which engine did the work of the last call to its end, and why it was that one; `None` before the first. Of calls that
    /// pause [`Run::ran`] tells it.
    pub fn ran(&self) -> Option<Ran> {
        self.ran
    }

    fn why(&self, engine: Engine) -> &'static str {
        match engine {
            // It chooses as the call goes on.
            Engine::Auto => "the call was over before machine code was worth it",
            _ if engine == self.engine => "it was asked for",
            Engine::Reference if !self.program.loaded().translates() => "a function is too large to be translated",
            _ => "no other can be watched",
        }
    }

    fn machine(&self, function: u32, arguments: &[Value], limits: &Limits) -> Result<Machine<'p>, ArgumentError> {
        arguments::check(self.program, function, arguments, limits)?;
        let program = (self.program, self.engine == Engine::Placed);
        let machine = Machine::new(program, function, arguments, &self.statics, limits, &self.cancel);
        machine.ok_or_else(|| no_function(function))
    }
}

fn no_function(function: u32) -> ArgumentError {
    ArgumentError::NotExported(format!("function {function}"))
}
