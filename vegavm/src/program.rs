//! [`Program`]: what loading gives, to be looked at and to be run.

use crate::error::ArgumentError;
use crate::instance::Instance;
#[cfg(vega_machine_code)]
use crate::jit::Native;
#[cfg(feature = "std")]
use crate::limits::LimitKind;
use crate::limits::Limits;
use crate::loaded::Loaded;
use crate::native::Imports;
use crate::observe::Observer;
use crate::outcome::{End, Outcome, Used};
use crate::passes::Passes;
use crate::register::Translator;
use crate::value::{Cell, Value};
use alloc::borrow::ToOwned;
use alloc::string::String;
#[cfg(feature = "std")]
use alloc::string::ToString;
use alloc::sync::Arc;
use alloc::vec::Vec;
use vega_format::budget::{Budget, FunctionBudget};
use vega_format::container::EntryResult;
use vega_format::parsed::Parsed;
use vega_format::verify::CertainTrap;

/// What is shown where the native engine has nothing to show.
const NO_MACHINE_CODE: &str = "there is no machine code on this platform\n";

/// A verified program whose imports were granted, ready to run any number of times. Clones share it.
#[derive(Debug, Clone)]
pub struct Program {
    pub(crate) loaded: Arc<Loaded>,
    pub(crate) main: u32,
    pub(crate) result: EntryResult,
    /// The expression stack and the instruction pointer with which the first frame starts.
    pub(crate) stack: Vec<Cell>,
    pub(crate) ip: u32,
}

impl Program {
    /// The module.
    pub fn module(&self) -> &Parsed<'static> {
        self.loaded.module()
    }

    /// The function where it starts.
    pub fn main(&self) -> u32 {
        self.main
    }

    /// What is to happen to the result of `main`.
    pub fn result(&self) -> EntryResult {
        self.result
    }

    /// The expression stack and the instruction pointer with which the first frame starts.
    pub(crate) fn start(&self) -> (Vec<Cell>, u32) {
        (self.stack.clone(), self.ip)
    }

    /// The module with its functions as far as they are translated.
    pub(crate) fn loaded(&self) -> &Loaded {
        &self.loaded
    }

    /// The functions in the form in which the interpreter runs them, as text: for each block what it costs, for each
    /// operation the offset of the instruction from which it comes.
    pub fn show_code(&self) -> String {
        let mut translator = Translator::new(self.loaded.verified(), false);
        let shown = self.module().functions().map(|function| match translator.translate(function.index) {
            Some(form) => format!("{}:\n{form}", function.signature),
            None => format!("{}: too large to be translated\n", function.signature),
        });
        shown.collect::<Vec<_>>().join("\n")
    }

    /// The functions as the native engine compiles them, for runs with a limit of steps or without: their form before
    /// Cranelift, Cranelift's own, and machine code. In words where there can be none.
    pub fn show_machine_code(&self, limited: bool) -> String {
        #[cfg(vega_machine_code)]
        return self.show_native(limited, Native::show);
        #[cfg(not(vega_machine_code))]
        {
            let _ = limited;
            NO_MACHINE_CODE.to_owned()
        }
    }

    /// Compiles every function now, for runs with a limit of steps or without, so that no call waits for it; gives how many
    /// bytes of machine code each has. `None` where the interpreter does all the work, because the platform has no machine
    /// code or the module is too large. No limit of time is looked at: a hostile module may take a minute.
    pub fn compile(&self, limited: bool) -> Option<Vec<usize>> {
        #[cfg(vega_machine_code)]
        return self.loaded.native(limited).ok()?.compile_all();
        #[cfg(not(vega_machine_code))]
        {
            let _ = limited;
            None
        }
    }

    /// How many bytes the functions have as bytecode and as machine code, all of which is made for it.
    pub fn show_sizes(&self, limited: bool) -> String {
        let Some(sizes) = self.compile(limited) else { return "there is no machine code for it\n".to_owned() };
        let rows = self.module().functions().zip(sizes).map(|(function, size)| (function.code.len(), size, function));
        let mut text = "bytecode  machine code  function\n".to_owned();
        let mut all = (0, 0);
        for (bytecode, size, function) in rows {
            text.push_str(&format!("{bytecode:8}  {size:12}  {}\n", function.signature));
            all = (all.0 + bytecode, all.1 + size);
        }
        text.push_str(&format!("{:8}  {:12}  in all\n", all.0, all.1));
        text
    }

    /// The functions before the passes on their way to machine code, and after each that changes something.
    pub fn show_passes(&self, limited: bool) -> String {
        #[cfg(vega_machine_code)]
        return self.show_native(limited, Native::show_passes);
        #[cfg(not(vega_machine_code))]
        {
            let _ = limited;
            NO_MACHINE_CODE.to_owned()
        }
    }

    /// What the native engine shows of each function.
    #[cfg(vega_machine_code)]
    fn show_native(&self, limited: bool, show: impl Fn(&Native, u32) -> Option<String>) -> String {
        let Ok(native) = self.loaded.native(limited) else { return NO_MACHINE_CODE.to_owned() };
        let shown = self.module().functions().map(|function| {
            let text = show(native, function.index);
            let text = text.unwrap_or_else(|| "not for machine code; the interpreter runs it\n".to_owned());
            format!("{}:\n{text}", function.signature)
        });
        shown.collect::<Vec<_>>().join("\n")
    }

    /// The same program, whose machine code goes without some passes: to find out which one is at fault. It shares nothing
    /// that was translated or compiled before.
    pub fn without(mut self, passes: Passes) -> Program {
        self.loaded = Arc::new(self.loaded.without(passes));
        self
    }

    /// What it can ever use, and which of its arenas may run out of memory.
    pub fn budget(&self) -> FunctionBudget {
        Budget::of_function(self.loaded.verified(), self.main)
    }

    /// Instructions that trap whenever they are reached.
    pub fn certain_traps(&self) -> &[CertainTrap] {
        self.loaded.verified().certain_traps()
    }

    /// Runs it from the start on the reference engine.
    ///
    /// # Errors
    /// The arguments do not fit the parameters of `main`; nothing was run.
    pub fn run(
        &self,
        arguments: &[Value],
        imports: &mut Imports<'_>,
        limits: &Limits,
        observer: &mut dyn Observer,
    ) -> Result<Outcome, ArgumentError> {
        self.instantiate().run(arguments, imports, limits, observer)
    }

    /// An instance whose static variables are as they are declared.
    pub fn instantiate(&self) -> Instance<'_> {
        Instance::new(self)
    }

    /// A run is over. Nothing stays behind: the console gets what it is owed.
    pub(crate) fn close_gracefully(&self, mut end: End, used: Used, imports: &mut Imports<'_>) -> Outcome {
        if let End::Trap(report) = &mut end {
            report.enough = self.loaded.enough(report);
        }
        #[cfg(feature = "std")]
        {
            // A run that was to end does not wait for who reads what it wrote.
            let flushed = if is_stopped(&end) { imports.flush_at_once() } else { imports.flush() };
            if let (Err(error), End::Result(_)) = (flushed, &end) {
                end = End::HostIo(error.to_string(), None);
            }
        }
        #[cfg(not(feature = "std"))]
        let _ = imports;
        Outcome { end, used }
    }
}

/// Whether somebody has ended it, or the clock.
#[cfg(feature = "std")]
fn is_stopped(end: &End) -> bool {
    matches!(end, End::Cancelled(_)) || matches!(end, End::Limit(limit, _) if limit.kind == LimitKind::Time)
}
