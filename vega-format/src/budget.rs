//! The proof in words and as data: how many bytes a program can ever use, on which path, and which arenas can run out.
//!
//! Every function may be exported, and each may have a path as long as there are functions: so they are told one at a time,
//! and of a long path its ends.

use crate::allocator::Strategy;
use crate::container::ImportKind;
use crate::instruction::Instruction;
use crate::parsed::Parsed;
mod run_out;

pub use crate::proof::EITHER_END;
use crate::proof::{Bytes, Paths, Step, Worst};
use crate::text::{WIDEST_COLUMN, counted, line_of};
use crate::verify::Verified;
use alloc::borrow::{Cow, ToOwned};
use alloc::string::String;
use alloc::string::ToString;
use alloc::vec::Vec;
use core::fmt;
use run_out::RunOut;

/// The budget of a module.
#[derive(Debug, Clone)]
pub struct Budget<'m> {
    module: Cow<'m, Verified>,
    /// The entry, then every exported function; or those that were asked for.
    functions: Vec<u32>,
    /// Whether nothing of other modules is still to come.
    is_whole: bool,
}

/// The budget of a function with everything that it calls.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct FunctionBudget {
    /// The readable name.
    pub function: String,
    /// The mangled name.
    pub mangled: String,
    /// Whether the program starts here.
    pub entry: bool,
    /// The most bytes that it can use; `None` if there is no bound, or not all of it is known.
    pub bytes: Option<u64>,
    /// Of those, in arenas; `None` if there is no bound.
    pub arenas: Option<u64>,
    /// Of those, in frames; `None` if there is no bound.
    pub stack: Option<u64>,
    /// Of those, in static blocks, which are there once, whatever runs; `None` where those of other modules are still to come.
    pub statics: Option<u64>,
    /// The calls on the path that uses most; where there is no bound, the functions that call each other in a circle. Of a
    /// long one, [`EITHER_END`] at either end.
    pub path: Vec<PathStep>,
    /// How many steps are left out between those.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "is_zero"))]
    pub left_out: u64,
    /// The steps that use most, also among those that are left out; the dearest first.
    #[cfg_attr(feature = "serde", serde(skip))]
    pub dearest: Vec<PathStep>,
    /// Whether no arena can run out of memory; `None` if that depends on functions that are still to come.
    pub never_out_of_memory: Option<bool>,
    /// The arenas that may; of many, the nearest.
    pub may_run_out: Vec<ArenaBudget>,
    /// How many more of them there are; `None` where to count them would take too long.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "is_none_more"))]
    pub left_out_arenas: Option<u64>,
}

/// A function on a path.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct PathStep {
    /// The index of the function.
    #[cfg_attr(feature = "serde", serde(skip))]
    pub index: u32,
    /// The readable name.
    pub function: String,
    /// Bytes of its frame.
    pub frame: u64,
    /// Bytes of its arenas that are open where the path goes on.
    pub arenas: u64,
    /// The offset in its code where the path goes on.
    pub offset: u32,
    /// The source line of that, if the file says so: `prog.vg:5`.
    pub source: Option<String>,
    /// How often, where the path goes round a circle.
    pub times: u64,
    /// The function of the host that is called there, if its calls are said to take memory; that counts among the arenas.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub host: Option<HostCall>,
}

/// A call of a function of the host.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct HostCall {
    /// The readable name.
    pub function: String,
    /// What it takes at most.
    pub bytes: u64,
}

/// What is told of a path.
#[derive(Debug, Clone, Copy)]
pub enum PathRow<'b> {
    /// A step of it.
    Step(&'b PathStep),
    /// So many steps that are left out.
    LeftOut(u64),
}

#[cfg(feature = "serde")]
#[allow(clippy::trivially_copy_pass_by_ref, reason = "so it is called")]
fn is_zero(left_out: &u64) -> bool {
    *left_out == 0
}

#[cfg(feature = "serde")]
#[allow(clippy::ref_option, reason = "so it is called")]
fn is_none_more(left_out: &Option<u64>) -> bool {
    *left_out == Some(0)
}

impl PathStep {
    /// Bytes of this step.
    pub fn bytes(&self) -> u64 {
        self.frame.saturating_add(self.arenas)
    }

    /// What of its arenas a function of the host takes, in words, to be put behind them; empty if it calls none that does.
    pub fn of_host(&self) -> String {
        let words = |host: &HostCall| format!(" ({} of them in {} of the host)", host.bytes, host.function);
        self.host.as_ref().map(words).unwrap_or_default()
    }
}

/// An arena that may run out of memory.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct ArenaBudget {
    /// The readable name of its function.
    pub function: String,
    /// The offset of the instruction that opens it.
    pub offset: u32,
    /// The source line of that, if the file says so.
    pub source: Option<String>,
    /// Its bytes.
    pub capacity: u32,
    /// How it places slots.
    pub strategy: Strategy,
    /// Whether its layout is static.
    pub is_static: bool,
    /// The smallest capacity that is enough, where its layout is static and there is one.
    pub enough: Option<u32>,
}

impl<'m> Budget<'m> {
    /// The version of the form of a budget as data.
    pub const SCHEMA_VERSION: u32 = 1;

    /// The budget of a module.
    pub fn of(module: impl Into<Cow<'m, Verified>>) -> Budget<'m> {
        let module = module.into();
        let parsed = module.module();
        let entry = parsed.entry().map(|entry| entry.function);
        let exports = parsed.exported_functions().map(|function| function.index);
        let functions = entry.into_iter().chain(exports.filter(|index| Some(*index) != entry)).collect();
        let is_whole = is_whole(parsed);
        Budget { module, functions, is_whole }
    }

    /// The budget of a module of which something is missing that it may not even name.
    pub fn of_part(module: impl Into<Cow<'m, Verified>>) -> Budget<'m> {
        Budget { is_whole: false, ..Budget::of(module) }
    }

    /// The budget of some functions of a module.
    pub fn of_functions(module: &'m Verified, functions: impl Iterator<Item = u32>) -> Budget<'m> {
        let is_whole = is_whole(module.module());
        Budget { module: Cow::Borrowed(module), functions: functions.collect(), is_whole }
    }

    /// The budget of one function.
    pub fn of_function(module: &Verified, function: u32) -> FunctionBudget {
        let is_entry = module.module().entry().is_some_and(|entry| entry.function == function);
        function_budget(module, &mut Known::new(module, is_whole(module.module())), function, is_entry)
    }

    /// Bytes of string constants; they are there once, whatever runs. `None` where those of other modules are still to come.
    pub fn constants(&self) -> Option<u64> {
        self.is_whole.then(|| self.own_constants())
    }

    fn own_constants(&self) -> u64 {
        self.module.module().string_bytes().len() as u64
    }

    /// Whether there is no function where calls begin.
    pub fn is_empty(&self) -> bool {
        self.functions.is_empty()
    }

    /// The budgets of the functions, one after another.
    pub fn functions(&self) -> impl Iterator<Item = FunctionBudget> {
        let entry = self.module.module().entry().map(|entry| entry.function);
        let mut known = Known::new(&self.module, self.is_whole);
        let functions = self.functions.iter();
        functions.map(move |function| function_budget(&self.module, &mut known, *function, Some(*function) == entry))
    }

    /// The budget of the entry, if there is one.
    pub fn entry(&self) -> Option<FunctionBudget> {
        let entry = self.module.module().entry()?.function;
        self.functions.contains(&entry).then(|| Budget::of_function(&self.module, entry))
    }
}

impl<'m> From<&'m Verified> for Cow<'m, Verified> {
    fn from(module: &'m Verified) -> Cow<'m, Verified> {
        Cow::Borrowed(module)
    }
}

impl From<Verified> for Cow<'_, Verified> {
    fn from(module: Verified) -> Self {
        Cow::Owned(module)
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for Budget<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeStruct;
        /// They are written as they are made.
        struct Functions<'b>(&'b Budget<'b>);
        impl serde::Serialize for Functions<'_> {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_seq(self.0.functions())
            }
        }
        let mut budget = serializer.serialize_struct("Budget", 3)?;
        budget.serialize_field("schema_version", &Budget::SCHEMA_VERSION)?;
        budget.serialize_field("constants", &self.constants())?;
        budget.serialize_field("functions", &Functions(self))?;
        budget.end()
    }
}

fn readable(parsed: &Parsed<'_>, function: u32) -> String {
    parsed.function(function).map(|function| function.signature.to_string()).unwrap_or_default()
}

fn source(parsed: &Parsed<'_>, function: u32, offset: u32) -> Option<String> {
    parsed.source_line(function, offset).map(|(source, line)| line_of(source, line))
}

/// Whether a module calls no function of another.
fn is_whole(parsed: &Parsed<'_>) -> bool {
    parsed.imports().all(|import| import.kind != ImportKind::Module)
}

/// What is shared by the budgets of the functions of a module.
struct Known<'m> {
    statics: Option<u64>,
    paths: Paths<'m>,
    run_out: RunOut<'m>,
}

impl Known<'_> {
    fn new(module: &Verified, is_whole: bool) -> Known<'_> {
        let statics = is_whole.then(|| module.module().static_bytes());
        Known { statics, paths: Paths::new(module.proof(), module.summaries()), run_out: RunOut::new(module) }
    }
}

fn function_budget(module: &Verified, known: &mut Known<'_>, root: u32, entry: bool) -> FunctionBudget {
    let (parsed, proof) = (module.module(), module.proof());
    let statics = known.statics;
    let worst = match proof.worst(root) {
        Worst::Bytes(bytes) => Some(bytes),
        Worst::Unbounded => None,
    };
    let ends = known.paths.ends(root);
    let told = |step: Step| path_step(parsed, step);
    let is_proved = proof.never_out_of_memory(root);
    let (may_run_out, left_out_arenas) = match is_proved {
        true => (Vec::new(), Some(0)),
        false => known.run_out.of(root),
    };
    // Where no arena is known that may, only what is still to come can be in the way.
    let never_out_of_memory = (is_proved || !may_run_out.is_empty()).then_some(is_proved);
    FunctionBudget {
        function: readable(parsed, root),
        mangled: parsed.function(root).map(|function| function.name.to_owned()).unwrap_or_default(),
        entry,
        bytes: worst.zip(statics).map(|(worst, statics)| worst.total().saturating_add(statics)),
        arenas: worst.map(|worst| worst.arenas),
        stack: worst.map(|worst| worst.stack),
        statics,
        path: ends.first.into_iter().chain(ends.last).map(told).collect(),
        left_out: ends.left_out,
        dearest: ends.dearest.into_iter().map(told).collect(),
        never_out_of_memory,
        may_run_out,
        left_out_arenas,
    }
}

fn path_step(parsed: &Parsed<'_>, Step { function, frame, arenas, offset, times }: Step) -> PathStep {
    PathStep {
        index: function,
        function: readable(parsed, function),
        frame,
        arenas,
        offset,
        source: source(parsed, function, offset),
        times,
        host: host_call(parsed, function, offset),
    }
}

/// The call of a function of the host at an offset, if it is said to take memory.
fn host_call(parsed: &Parsed<'_>, function: u32, offset: u32) -> Option<HostCall> {
    let code = parsed.function(function)?.code.get(offset as usize..)?;
    let Ok((Instruction::CallNat { import }, _)) = Instruction::decode(code) else { return None };
    let import = parsed.import(import.0)?;
    Some(HostCall { function: import.signature.to_string(), bytes: import.bound? })
}

impl FunctionBudget {
    /// The most bytes that a call of it can use, beside static blocks; `None` if there is no bound.
    pub fn of_call(&self) -> Option<u64> {
        self.arenas.zip(self.stack).map(|(arenas, stack)| Bytes { arenas, stack }.total())
    }

    /// The path as it is told: what is left out of it stands in the middle.
    pub fn rows(&self) -> impl Iterator<Item = PathRow<'_>> {
        let (first, last) = self.path.split_at(self.path.len().min(EITHER_END));
        let left_out = Some(self.left_out).filter(|left_out| *left_out > 0).map(PathRow::LeftOut);
        first.iter().map(PathRow::Step).chain(left_out).chain(last.iter().map(PathRow::Step))
    }

    /// The path in one line.
    fn in_line(&self, step: impl Fn(&PathStep) -> String, between: &str) -> String {
        let words = |row| match row {
            PathRow::Step(told) => step(told),
            PathRow::LeftOut(steps) => format!("… {steps} more …"),
        };
        self.rows().map(words).collect::<Vec<_>>().join(between)
    }

    /// What needs most, for who has less: the path of calls, and what takes most on it; or the circle that has no bound.
    pub fn dearest_in_words(&self) -> Vec<String> {
        let at = |step: &PathStep| step.source.clone().unwrap_or_else(|| format!("code {:#06x}", step.offset));
        if self.of_call().is_none() && self.path.is_empty() {
            return vec!["it is known only when the functions of other modules are linked".to_owned()];
        }
        if self.of_call().is_none() {
            let calls = self.in_line(|step| format!("{} at {}", step.function, at(step)), ", ");
            return vec![format!("these call each other in a circle: {calls}")];
        }
        let words = |step: &PathStep| {
            let (frame, arenas) = (step.frame, step.arenas);
            let times = if step.times > 1 { format!("{} times ", step.times) } else { String::new() };
            format!(
                "{} needs {}: {times}{arenas} in arenas{}, {times}{frame} on the stack, at {}",
                step.function,
                match step.bytes().saturating_mul(step.times) {
                    u64::MAX => needed(u64::MAX),
                    bytes => bytes.to_string(),
                },
                step.of_host(),
                at(step)
            )
        };
        let path = format!("on the path {}", self.in_line(|step| step.function.clone(), " → "));
        core::iter::once(path).chain(self.dearest.iter().map(words)).collect()
    }

    /// The arenas that may run out, in words, and behind them how many more there are.
    pub fn run_out_in_words(&self) -> impl Iterator<Item = String> {
        let more = match self.left_out_arenas {
            Some(0) => None,
            Some(more) => Some(counted(more, "more arena")),
            None => Some("more arenas".to_owned()),
        };
        self.may_run_out.iter().map(ArenaBudget::to_string).chain(more)
    }

    /// What stands beside every path, for who has less; nothing where there are no static blocks.
    pub fn beside(&self) -> Option<String> {
        let statics = self.statics.filter(|bytes| *bytes > 0)?;
        Some(format!("static blocks need {statics}, whatever runs"))
    }
}

impl fmt::Display for Budget<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for function in self.functions() {
            write!(f, "{function}")?;
        }
        if self.is_empty() {
            writeln!(f, "no entry and no exported function")?;
        }
        let beside = if self.is_whole { "" } else { " beside those of other modules" };
        writeln!(f, "string constants: {}{beside}, once", counted(self.own_constants(), "byte"))
    }
}

/// So many bytes are needed, in words; the greatest number stands for itself and all that are greater.
pub fn needed(bytes: u64) -> String {
    match bytes {
        u64::MAX => "at least 2^64 - 1 bytes".to_owned(),
        bytes => counted(bytes, "byte"),
    }
}

impl fmt::Display for FunctionBudget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let role = if self.entry { ", the entry" } else { "" };
        match self.of_call() {
            Some(of_call) => {
                let (arenas, stack) = (self.arenas.unwrap_or_default(), self.stack.unwrap_or_default());
                let (beside, statics) = match self.statics {
                    None => (" beside static blocks of other modules", String::new()),
                    Some(0) => ("", String::new()),
                    Some(bytes) => ("", format!(", {bytes} static")),
                };
                let name = &self.function;
                let bytes = match self.bytes.unwrap_or(of_call) {
                    u64::MAX => needed(u64::MAX),
                    bytes => format!("at most {}", needed(bytes)),
                };
                writeln!(f, "{name}{role}: {bytes}{beside} ({arenas} in arenas, {stack} on the stack{statics})")?;
            }
            None if self.path.is_empty() => {
                writeln!(f, "{}{role}: known only when the functions of other modules are linked", self.function)?;
            }
            None => writeln!(f, "{}{role}: unbounded, for these functions call each other in a circle", self.function)?,
        }
        let lengths = self.path.iter().map(|step| step.function.chars().count());
        let width = lengths.filter(|length| *length <= WIDEST_COLUMN).max().unwrap_or(0);
        let mut rows = self.rows().peekable();
        while let Some(row) = rows.next() {
            let PathRow::Step(step) = row else {
                writeln!(f, "  … {} …", counted(self.left_out, "more call"))?;
                continue;
            };
            let goes_on = match &step.host {
                Some(host) => format!("{} of them in {} of the host, called", host.bytes, host.function),
                None if self.of_call().is_none() || rows.peek().is_some() || step.times > 1 => "calls".to_owned(),
                None => "opens".to_owned(),
            };
            let at = step.source.clone().unwrap_or_else(|| format!("code 0x{:04x}", step.offset));
            let mut name = step.function.as_str();
            if name.chars().count() > width {
                // What has no room in the column has a line of its own.
                writeln!(f, "  {name}")?;
                name = "";
            }
            write!(f, "  {name:<width$}  frame {}, arenas {}", step.frame, step.arenas)?;
            if step.arenas > 0 || goes_on == "calls" {
                write!(f, ", {goes_on} at {at}")?;
            }
            match step.times {
                1 => writeln!(f)?,
                times => writeln!(f, ", and round the circle {times} times")?,
            }
        }
        if self.never_out_of_memory == Some(true) {
            return writeln!(f, "  never out of memory");
        }
        self.run_out_in_words().try_for_each(|arena| writeln!(f, "  may run out: {arena}"))
    }
}

impl fmt::Display for ArenaBudget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let at = self.source.clone().unwrap_or_else(|| format!("code 0x{:04x}", self.offset));
        write!(f, "the {}{} of {} at {at}; ", counted(self.capacity, "byte"), self.strategy, self.function)?;
        match self.enough {
            Some(enough) => write!(f, "an arena of {} is enough", counted(enough, "byte")),
            None if self.is_static => f.write_str("no arena is large enough"),
            None => f.write_str("what stands in it is known only as it runs"),
        }
    }
}
