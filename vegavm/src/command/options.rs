//! The options that `vegavm` and `vega run` share.

use super::parse_time;
use super::stats::StatsForm;
use crate::instance::Engine;
use crate::limits::Limits;
use crate::passes::Passes;
use clap::error::ErrorKind;
use clap::{Args, ValueEnum};
use core::time::Duration;
use std::ffi::OsStr;
use std::path::PathBuf;
use vega_report::command::{Outputs, ReportOptions, Reporter, Status, parse_size, parse_size_to, refuse_words};
use vega_report::{near, quote};

/// What runs, for messages.
#[derive(Debug, Clone)]
pub struct Target {
    /// The name of the file.
    pub file: String,
    /// The words before it on a command line: `vegavm`, `vega run`.
    pub command: String,
    /// Whether a compiler has told already which traps are certain.
    pub foretold: bool,
}

/// What can be demanded of a program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Require {
    /// That no arena can run out of memory
    NoOom,
}

/// The forms of a profile.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum ProfileForm {
    /// Lines for flame graphs
    #[default]
    Folded,
    /// What profiler.firefox.com opens
    Firefox,
}

/// What can be shown of a program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Print {
    /// The functions as the interpreter runs them
    Code,
    /// The functions as the native engine compiles them: before Cranelift, in its words, and as machine code
    Machine,
    /// How many bytes the functions have, as bytecode and as machine code
    Sizes,
    /// The functions before the passes on their way to machine code, and after each that changes something
    Passes,
}

/// What can execute a program.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum EngineName {
    /// The fastest that can do what is asked
    #[default]
    Auto,
    /// Machine code of each function that is called; cannot be watched
    Jit,
    /// Walks over translated functions; cannot be watched
    Interpreter,
    /// The interpreter with slot tables for all arenas, to find faults
    Tables,
    /// Executes the bytecode as it stands
    Reference,
    /// The same with slots where the verifier says that they stand, to find faults
    Placed,
}

impl EngineName {
    /// Whether it was asked for by name, and what is watched runs in another all the same.
    pub fn cannot_be_watched(self) -> bool {
        matches!(self, EngineName::Jit | EngineName::Interpreter | EngineName::Tables)
    }
}

impl From<EngineName> for Engine {
    fn from(name: EngineName) -> Engine {
        match name {
            EngineName::Auto => Engine::Auto,
            EngineName::Jit => Engine::Jit,
            EngineName::Interpreter => Engine::Interpreter,
            EngineName::Tables => Engine::Tables,
            EngineName::Reference => Engine::Reference,
            EngineName::Placed => Engine::Placed,
        }
    }
}

/// The options that tell of a run from its start to its end: a debugger goes on and back, and what is printed instead of a
/// run has none.
pub(super) const WATCHING: [&str; 6] = ["trace", "dump_arena", "stats", "profile", "coverage", "dump_on_trap"];

/// How to run a program, and what to show of it.
#[derive(Debug, Clone, Default, Args)]
pub struct Options {
    /// Start from the limits for programs of others, as hosts do that embed one: 64M of memory, 64M of tables,
    /// 1000 frames, 10⁹ steps, 10 s, 64M of output, 1M of arguments
    #[arg(long)]
    pub untrusted: bool,

    /// The most bytes of arenas and frames: 64k, 1M, 4G [default: 1G]
    #[arg(long, visible_alias = "max-memory", value_name = "SIZE", value_parser = memory_size)]
    pub memory: Option<u64>,

    /// The most bytes of what the host keeps for slots and open arenas beside them [default: 1G]
    #[arg(long, value_name = "SIZE", value_parser = parse_size)]
    pub tables: Option<u64>,

    /// The most calls that are active at once [default: 100000]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=i64::from(Limits::MOST_FRAMES)))]
    pub frames: Option<u32>,

    /// The most steps [default: no limit]
    #[arg(long, value_name = "N")]
    pub steps: Option<u64>,

    /// The most time: 10s, 500ms, 1.5s, 2m; a number alone is seconds [default: no limit]
    #[arg(long, visible_alias = "timeout", value_name = "TIME", value_parser = parse_time)]
    pub time: Option<Duration>,

    /// The most bytes of output [default: no limit]
    #[arg(long, value_name = "SIZE", value_parser = parse_size)]
    pub output: Option<u64>,

    /// The most bytes of strings and elements as arguments [default: 64M]
    #[arg(long, value_name = "SIZE", value_parser = parse_size)]
    pub arguments: Option<u64>,

    /// What executes the program
    #[arg(long, value_name = "ENGINE", value_enum, default_value_t)]
    pub engine: EngineName,

    /// Go without some of the passes on the way to machine code: inline, forward, bounds, looks, counted, abreast,
    /// cranelift, or all
    #[arg(long, value_name = "PASS", value_delimiter = ',')]
    pub disable_pass: Vec<Passes>,

    /// Show something of the program instead of running it
    #[arg(long, value_name = "WHAT", conflicts_with_all = WATCHING, conflicts_with = "debug")]
    pub print: Option<Print>,

    /// What must be proved of the program before it is run
    #[arg(long, value_name = "WHAT")]
    pub require: Option<Require>,

    /// Show every instruction with the state after it; of one function only, if it is named
    #[arg(long, value_name = "FUNCTION", num_args = 0..=1, require_equals = true)]
    pub trace: Option<Option<String>>,

    /// Show every step of loading
    #[arg(long)]
    pub trace_load: bool,

    /// Show the slots and bytes of every arena when it ends, and of all at a trap
    #[arg(long)]
    pub dump_arena: bool,

    /// Show what the run used, what was left, and the peaks
    #[arg(long, value_name = "FORM", num_args = 0..=1, require_equals = true, default_missing_value = "text")]
    pub stats: Option<StatsForm>,

    /// Write where the steps go: a line for each path of calls, as tools that draw flame graphs read it
    #[arg(long, value_name = "FILE")]
    pub profile: Option<PathBuf>,

    /// In which form
    #[arg(long, value_name = "FORM", requires = "profile", value_enum, default_value_t)]
    pub profile_format: ProfileForm,

    /// Write which lines of the sources were reached, in the form of lcov
    #[arg(long, value_name = "FILE")]
    pub coverage: Option<PathBuf>,

    /// When the run ends badly, write what stood where, for `vega-objdump FILE`
    #[arg(long, value_name = "FILE")]
    pub dump_on_trap: Option<PathBuf>,

    /// Debug the program by commands on standard input; `help` lists them
    #[arg(long, conflicts_with_all = WATCHING, conflicts_with = "message_format")]
    pub debug: bool,

    /// What the program reads from while it is debugged [default: nothing]
    #[arg(long, value_name = "FILE", requires = "debug")]
    pub input: Option<PathBuf>,

    /// How to talk.
    #[command(flatten)]
    pub report: ReportOptions,
}

impl Options {
    /// The limits of the run.
    pub fn limits(&self) -> Limits {
        let preset = if self.untrusted { Limits::untrusted() } else { Limits::trusted() };
        Limits {
            memory: self.memory.unwrap_or(preset.memory),
            tables: self.tables.unwrap_or(preset.tables),
            frames: self.frames.unwrap_or(preset.frames),
            steps: self.steps.or(preset.steps),
            time: self.time.or(preset.time),
            output: self.output.or(preset.output),
            arguments: self.arguments.unwrap_or(preset.arguments),
        }
    }

    /// The files that are to be written.
    ///
    /// # Errors
    /// Two of them are one; that was told.
    pub fn outputs(&self, reporter: &mut Reporter) -> Result<Outputs, Status> {
        let files =
            [("--profile", &self.profile), ("--coverage", &self.coverage), ("--dump-on-trap", &self.dump_on_trap)];
        Outputs::new(files.into_iter().filter_map(|(option, file)| Some((option, file.clone()?))), reporter)
    }

    /// Refuses what stands where the file of a command is wanted and looks like an option, which none of its options is.
    ///
    /// # Errors
    /// It does; that was told, with the option that looks most like it.
    pub fn refuse_as_file(&self, file: &OsStr, command: impl FnOnce() -> clap::Command) -> Result<(), Status> {
        let Some(option) = file.to_str().filter(|file| file.starts_with('-') && *file != "-") else { return Ok(()) };
        let words = format!("unexpected option `{}`", quote(option));
        let mut command = command();
        let known = command.get_arguments().filter_map(|argument| argument.get_long());
        let words = match near(option.trim_start_matches('-'), known) {
            Some(near) => format!("{words}; there is `--{near}`"),
            None => words,
        };
        let error = command.error(ErrorKind::UnknownArgument, words);
        Err(refuse_words(error, self.report.message_format))
    }

    /// What draws the messages.
    pub fn reporter(&self) -> Reporter {
        self.report.reporter()
    }
}

fn memory_size(text: &str) -> Result<u64, String> {
    parse_size_to(text, Limits::MOST_MEMORY)
}
