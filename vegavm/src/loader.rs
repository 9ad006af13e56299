//! Bytes → [`Program`]: the flowchart of the virtual machine, one function a step, under the flowchart's names.
//!
//! Its second half, where instructions are processed, is [`Program::run`]. Every end, good or bad, closes gracefully.

use crate::error::{ArgumentError, ImportError, LoadError};
use crate::instance::Instance;
use crate::interpreter::{Codes, Need, NoNeed};
#[cfg(vega_machine_code)]
use crate::jit::Native;
use crate::limits::Limits;
use crate::native::Imports;
use crate::observe::Observer;
use crate::outcome::{End, Outcome, Used};
use crate::passes::Passes;
use crate::register::{Translator, fits};
use crate::trap::TrapReport;
use crate::value::{Cell, Value};
use alloc::borrow::ToOwned;
use alloc::boxed::Box;
use alloc::string::String;
use alloc::string::ToString;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;
use once_cell::race::OnceBox;
#[cfg(vega_machine_code)]
use std::sync::OnceLock;
use vega_format::budget::{Budget, FunctionBudget};
use vega_format::container::{Constants, EntryResult, Kind, Metadata};
use vega_format::parsed::Parsed;
use vega_format::proof::{Bytes, Worst};
use vega_format::read::{Outline, check_magic as check_magic_bytes};
use vega_format::text::counted;
use vega_format::trap::Trap;
use vega_format::verify::{CertainTrap, Options, Verified, verify_with};

/// What is shown where the native engine has nothing to show.
const NO_MACHINE_CODE: &str = "there is no machine code on this platform\n";

/// A step of loading that is done, with what it found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoadStep {
    /// The flowchart's name of the step.
    pub name: &'static str,
    /// What was found.
    pub found: String,
}

impl fmt::Display for LoadStep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.name, self.found)
    }
}

/// Sees each step of loading as it happens.
pub trait LoadObserver {
    /// A step is done.
    fn step(&mut self, step: &LoadStep);
}

impl LoadObserver for () {
    fn step(&mut self, _: &LoadStep) {}
}

impl<F: FnMut(&LoadStep)> LoadObserver for F {
    fn step(&mut self, step: &LoadStep) {
        self(step);
    }
}

/// A verified module, with its functions as far as they are translated.
#[derive(Debug)]
pub(crate) struct Loaded {
    verified: Verified,
    codes: Codes,
    /// The same with all slots in tables, once that was asked for.
    in_tables: OnceBox<Codes>,
    /// Whether every function can be translated.
    translates: bool,
    /// What calls take at most, once that was asked for.
    need: OnceBox<Need>,
    /// The passes that machine code goes without.
    #[cfg_attr(not(vega_machine_code), allow(dead_code, reason = "there is none"))]
    left_out: Passes,
    /// Machine code for runs without a limit of steps, and for those with one; `None` where there can be none.
    #[cfg(vega_machine_code)]
    native: [OnceLock<Option<Native>>; 2],
}

impl Loaded {
    pub(crate) fn new(verified: Verified) -> Loaded {
        let module = verified.module();
        let codes = Codes::new(module.function_count());
        let translates = module.functions().all(|function| fits(module, &function));
        Loaded {
            verified,
            codes,
            in_tables: OnceBox::new(),
            translates,
            need: OnceBox::new(),
            left_out: Passes::default(),
            #[cfg(vega_machine_code)]
            native: Default::default(),
        }
    }

    pub(crate) fn verified(&self) -> &Verified {
        &self.verified
    }

    pub(crate) fn module(&self) -> &Parsed<'static> {
        self.verified.module()
    }

    /// The functions as far as they are translated; with `tables`, all their slots are in tables.
    pub(crate) fn codes(&self, tables: bool) -> &Codes {
        match tables {
            true => self.in_tables.get_or_init(|| Box::new(Codes::new(self.module().function_count()))),
            false => &self.codes,
        }
    }

    /// Machine code for runs with a limit of steps, or without one.
    #[cfg(vega_machine_code)]
    #[inline]
    pub(crate) fn native(&self, limited: bool) -> Option<&Native> {
        let [free, exact] = &self.native;
        let native = if limited { exact } else { free };
        native.get_or_init(|| Native::new(self.module().function_count(), limited, self.left_out)).as_ref()
    }

    /// Makes all machine code now that runs with a limit of steps, or without one, can want.
    ///
    /// # Errors
    /// There is none, and why.
    pub(crate) fn compile(&self, limited: bool) -> Result<(), &'static str> {
        #[cfg(vega_machine_code)]
        return match self.native(limited).ok_or("this platform has no memory for it")?.make_whole(self) {
            true => Ok(()),
            false => Err("the module, or a function of it, is too large"),
        };
        #[cfg(not(vega_machine_code))]
        {
            let _ = limited;
            Err("this build has no compiler")
        }
    }

    /// Machine code as far as there is any.
    #[cfg(vega_machine_code)]
    #[inline]
    pub(crate) fn native_there(&self, limited: bool) -> Option<&Native> {
        let [free, exact] = &self.native;
        if limited { exact } else { free }.get()?.as_ref()
    }

    /// The most that a frame counts for in the host's bookkeeping, with the arenas that it may have open.
    #[cfg(vega_machine_code)]
    pub(crate) fn most_bookkeeping(&self) -> u64 {
        let module = self.module();
        module.functions().map(|function| crate::meter::bookkeeping_with_arenas(&function)).max().unwrap_or_default()
    }

    pub(crate) fn translates(&self) -> bool {
        self.translates
    }

    /// What calls of exported functions take at most. All functions are translated afterwards.
    pub(crate) fn need(&self) -> Result<&Need, NoNeed> {
        match self.need.get() {
            Some(need) => Ok(need),
            None => Need::of(self).map(|need| self.need.get_or_init(|| Box::new(need))),
        }
    }

    /// The smallest size that would have been enough for the arena that ran out, if its layout is static.
    pub(crate) fn enough(&self, report: &TrapReport) -> Option<u32> {
        let Trap::OutOfMemory { .. } = report.trap else { return None };
        let arenas = self.verified.arenas(self.module().find_function(&report.at.mangled)?);
        let placement = arenas.placements.iter().find(|placement| placement.offset == report.at.ip)?;
        arenas.sites.get(placement.site).map(|site| site.high_water)
    }
}

/// A verified program whose imports were granted, ready to run any number of times. Clones share it.
#[derive(Debug, Clone)]
pub struct Program {
    loaded: Arc<Loaded>,
    main: u32,
    result: EntryResult,
    stack: Vec<Cell>,
    ip: u32,
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
    /// code or the module is too large.
    pub fn compile(&self, limited: bool) -> Option<Vec<usize>> {
        #[cfg(vega_machine_code)]
        return self.loaded.native(limited)?.compile_all(&self.loaded);
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
    fn show_native(&self, limited: bool, show: impl Fn(&Native, &Loaded, u32) -> Option<String>) -> String {
        let Some(native) = self.loaded.native(limited) else { return NO_MACHINE_CODE.to_owned() };
        let shown = self.module().functions().map(|function| {
            let text = show(native, &self.loaded, function.index);
            let text = text.unwrap_or_else(|| "not for machine code; the interpreter runs it\n".to_owned());
            format!("{}:\n{text}", function.signature)
        });
        shown.collect::<Vec<_>>().join("\n")
    }

    /// The same program, whose machine code goes without some passes: to find out which one is at fault. It shares nothing
    /// that was translated or compiled before.
    pub fn without(mut self, passes: Passes) -> Program {
        let verified = self.loaded.verified.clone();
        self.loaded = Arc::new(Loaded { left_out: passes, ..Loaded::new(verified) });
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
        if let (Err(error), End::Result(_)) = (imports.flush(), &end) {
            end = End::HostIo(error.to_string());
        }
        #[cfg(not(feature = "std"))]
        let _ = imports;
        Outcome { end, used }
    }
}

/// Loads a program.
///
/// # Errors
/// The bytes are no program that is safe to run, or it asks for what is not granted.
pub fn load(
    bytes: Vec<u8>,
    granted: &Imports<'_>,
    limits: &Limits,
    observer: &mut dyn LoadObserver,
) -> Result<Program, LoadError> {
    let mut loader = Loader { granted, observer };
    let loaded = loader.load(bytes, limits);
    if let Err(error) = &loaded {
        loader.close_gracefully(error);
    }
    loaded
}

struct Loader<'l, 'h> {
    granted: &'l Imports<'h>,
    observer: &'l mut dyn LoadObserver,
}

impl Loader<'_, '_> {
    fn load(&mut self, bytes: Vec<u8>, limits: &Limits) -> Result<Program, LoadError> {
        let mut stack = self.allocate_stack(limits);
        self.initialise_stack_pointer(&mut stack);
        let outline = self.check_magic(bytes)?;
        let metadata = self.load_metadata(&outline)?;
        let constants = self.load_constant_data(&outline)?;
        let verified = self.load_function_definitions(outline, metadata, constants)?;
        let (main, result) = self.find_main(&verified)?;
        check_budget(&verified, main, limits)?;
        let ip = self.initialise_instruction_pointer();
        let program = Program { loaded: Arc::new(Loaded::new(verified)), main, result, stack, ip };
        self.push_first_frame(&program);
        Ok(program)
    }

    fn done(&mut self, name: &'static str, found: impl Into<String>) {
        self.observer.step(&LoadStep { name, found: found.into() });
    }

    fn allocate_stack(&mut self, limits: &Limits) -> Vec<Cell> {
        self.done(
            "allocate stack",
            format!("at most {}, {}", counted(limits.memory, "byte"), counted(limits.frames, "frame")),
        );
        Vec::new()
    }

    fn initialise_stack_pointer(&mut self, stack: &mut Vec<Cell>) {
        stack.clear();
        self.done("initialise stack pointer", format!("sp {}", stack.len()));
    }

    fn check_magic(&mut self, bytes: Vec<u8>) -> Result<Outline<'static>, LoadError> {
        check_magic_bytes(&bytes)?;
        let magic: Vec<_> = bytes.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
        let outline = Outline::read(bytes)?;
        let kind = outline.kind();
        self.done("check magic", format!("{}, {kind}, version {}", magic.join(" "), outline.version()));
        Ok(outline)
    }

    fn load_metadata(&mut self, outline: &Outline<'static>) -> Result<Metadata, LoadError> {
        let metadata = outline.metadata()?;
        let found = match metadata.entry {
            Some(entry) => format!("entry is function {}, its result is {}", entry.function, use_of(entry.result)),
            None => "no entry".to_owned(),
        };
        self.done("load metadata", found);
        Ok(metadata)
    }

    fn load_constant_data(&mut self, outline: &Outline<'static>) -> Result<Constants, LoadError> {
        let constants = outline.constants()?;
        self.done("load constant data", counted(constants.len(), "constant"));
        Ok(constants)
    }

    /// Verification is part of this step: what comes out is safe to run.
    fn load_function_definitions(
        &mut self,
        outline: Outline<'static>,
        metadata: Metadata,
        constants: Constants,
    ) -> Result<Verified, LoadError> {
        let threads = threads_for(&outline);
        let definitions = outline.definitions(&metadata, threads)?;
        let parsed = Parsed::new(outline, metadata, constants, definitions)?;
        let verified = verify_with(parsed, Options { threads, ..Options::default() }).map_err(LoadError::Verify)?;
        let module = verified.module();
        check_kind(module)?;
        check_imports(module, self.granted)?;
        let (functions, imports) = (module.function_count(), module.import_count());
        let (functions, imports) = (counted(functions, "function"), counted(imports, "host function"));
        let found = format!("{functions}, verified; {imports}, granted");
        self.done("load function definitions", found);
        Ok(verified)
    }

    fn find_main(&mut self, verified: &Verified) -> Result<(u32, EntryResult), LoadError> {
        let module = verified.module();
        let Some(entry) = module.entry() else { return Err(LoadError::NotAProgram(module.kind())) };
        let name = module.function(entry.function).map(|main| main.name).unwrap_or_default();
        self.done("find main", format!("function {}, {name}", entry.function));
        Ok((entry.function, entry.result))
    }

    fn initialise_instruction_pointer(&mut self) -> u32 {
        let ip = 0;
        self.done("initialise instruction pointer", format!("ip {ip:#06x}"));
        ip
    }

    fn push_first_frame(&mut self, program: &Program) {
        let main = program.module().function(program.main);
        let (name, cells) = main.map(|main| (main.signature.to_string(), main.max_stack)).unwrap_or_default();
        self.done("push first frame", format!("{name}, a stack of {}", counted(cells, "cell")));
    }

    /// Nothing is left behind: whatever was made so far is dropped.
    fn close_gracefully(&mut self, error: &LoadError) {
        self.done("close gracefully", error.to_string());
    }
}

/// How many threads read and verify a file: a small one is done before another thread has begun.
fn threads_for(outline: &Outline<'_>) -> usize {
    const LARGE: u64 = 1 << 20;
    let bytes = outline.sections().iter().map(|record| record.length).sum::<u64>();
    match bytes >= LARGE {
        #[cfg(feature = "std")]
        true => std::thread::available_parallelism().map_or(1, |threads| threads.get().min(8)),
        _ => 1,
    }
}

fn use_of(result: EntryResult) -> &'static str {
    match result {
        EntryResult::Print => "printed",
        EntryResult::Status => "the exit status",
    }
}

/// A program that is proved to need more than it may use is not started.
fn check_budget(verified: &Verified, main: u32, limits: &Limits) -> Result<(), LoadError> {
    let need = |bytes: Bytes| bytes.total().saturating_add(verified.module().static_bytes());
    match verified.proof().worst(main) {
        Worst::Bytes(bytes) if need(bytes) > limits.memory => Err(LoadError::Budget {
            need: need(bytes),
            limit: limits.memory,
            budget: Box::new(Budget::of_function(verified, main)),
        }),
        _ => Ok(()),
    }
}

/// What is no program does not run; an object does not even if it has an entry.
fn check_kind(module: &Parsed<'_>) -> Result<(), LoadError> {
    match module.kind() {
        Kind::Program => Ok(()),
        other @ (Kind::Library | Kind::Object) => Err(LoadError::NotAProgram(other)),
    }
}

fn check_imports(module: &Parsed<'_>, granted: &Imports<'_>) -> Result<(), LoadError> {
    let missing = module.imports().filter(|import| !granted.grants(import.name));
    let errors: Vec<_> = missing
        .map(|import| ImportError {
            name: import.name.to_owned(),
            wanted: import.signature.to_string(),
            granted: signatures_of(granted, import.signature.name),
        })
        .collect();
    if errors.is_empty() { Ok(()) } else { Err(LoadError::Imports(errors)) }
}

/// The functions of this name that are granted, for people; of many, some.
fn signatures_of(granted: &Imports<'_>, name: &str) -> Vec<String> {
    const SHOWN: usize = 12;
    let names = granted.names();
    let signatures = names.iter().filter_map(|mangled| vega_format::mangle::parse(mangled).ok());
    let mut found: Vec<_> = signatures.filter(|signature| signature.name == name).collect();
    found.sort_by_key(|signature| {
        (
            signature.parameters.iter().any(|type_| matches!(type_, vega_format::types::Type::Union(_))),
            signature.clone(),
        )
    });
    let more = found.len().saturating_sub(SHOWN);
    let mut shown: Vec<_> = found.iter().take(SHOWN).map(|signature| format!("`{signature}`")).collect();
    if more > 0 {
        shown.push(format!("and {more} more"));
    }
    shown
}
