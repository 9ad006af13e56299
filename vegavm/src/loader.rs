//! Bytes → [`Program`]: the flowchart of the virtual machine, one function a step, under the flowchart's names.
//!
//! Its second half, where instructions are processed, is [`Program::run`]. Every end, good or bad, closes gracefully.

use crate::error::{ImportError, LoadError};
use crate::limits::Limits;
use crate::loaded::Loaded;
use crate::native::Imports;
use crate::program::Program;
use crate::value::Cell;
use alloc::borrow::ToOwned;
use alloc::boxed::Box;
use alloc::string::String;
use alloc::string::ToString;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;
use vega_format::budget::Budget;
use vega_format::container::{EntryResult, Kind};
use vega_format::parsed::Parsed;
use vega_format::proof::{Bytes, Worst};
use vega_format::read::{Outline, Reading, check_magic as check_magic_bytes};
use vega_format::text::counted;
use vega_format::verify::{Options, Verified, verify_with};

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
        let threads = threads_for(&outline);
        let mut reading = self.load_metadata(outline)?;
        self.load_constant_data(&mut reading)?;
        let verified = self.load_function_definitions(reading, threads)?;
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

    fn load_metadata(&mut self, outline: Outline<'static>) -> Result<Reading<'static>, LoadError> {
        let reading = Reading::begin(outline)?;
        let found = match reading.metadata().entry {
            Some(entry) => format!("entry is function {}, its result is {}", entry.function, use_of(entry.result)),
            None => "no entry".to_owned(),
        };
        self.done("load metadata", found);
        Ok(reading)
    }

    fn load_constant_data(&mut self, reading: &mut Reading<'static>) -> Result<(), LoadError> {
        let constants = reading.constants()?.len();
        self.done("load constant data", counted(constants, "constant"));
        Ok(())
    }

    /// Verification is part of this step: what comes out is safe to run.
    fn load_function_definitions(&mut self, reading: Reading<'static>, threads: usize) -> Result<Verified, LoadError> {
        let parsed = reading.finish(threads)?;
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
