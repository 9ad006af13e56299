//! The options of `vega-ld`: names and meanings are those of GNU ld and lld where these have them.

use super::reproduce::Given;
use crate::link::problem::MOST;
use crate::link::{Options, Output, Renames};
use clap::{Parser, ValueEnum};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use vega_report::command::{
    ReportOptions, Reporter, SHARED_HELP, Status, ThreadOptions, is_standard_stream, parse_size,
};

/// Links Vega objects (.vgo) into a program or library (.vgb)
#[derive(Debug, Clone, Default, Parser)]
#[command(name = "vega-ld", version, after_help = format!("{EXAMPLES}\n\n{SHARED_HELP}"))]
pub struct LinkCommand {
    /// What is taken out of the words below is still in these, as they are the first.
    #[command(flatten)]
    pub given: Given,
    /// The objects; `-` for standard input
    #[arg(value_name = "FILE", required_unless_present_any = ["explain", "library_names"])]
    pub inputs: Vec<PathBuf>,
    /// Where to write the result; `-` for standard output
    #[arg(short, long, value_name = "FILE", required_unless_present = "explain")]
    pub output: Option<PathBuf>,
    /// Link the object NAME.vgo, or libNAME.vgo, of the first folder of `-L` that has one; `:FILE` for a file of just that name
    #[arg(short = 'l', value_name = "NAME", help_heading = "Inputs")]
    pub library_names: Vec<String>,
    /// Look for what `-l` names in this folder
    #[arg(short = 'L', long, value_name = "FOLDER", help_heading = "Inputs")]
    pub library_path: Vec<PathBuf>,

    /// Start the program with this one of the functions named `main`, given by its mangled name, such as `main()I`
    #[arg(short, long, value_name = "NAME", conflicts_with = "library", help_heading = "Output")]
    pub entry: Option<String>,
    /// Make a library: no entry, and all exported functions of the objects that are named as files
    #[arg(long, visible_alias = "shared", conflicts_with = "relocatable", help_heading = "Output")]
    pub library: bool,
    /// Make one object of all; what none of them defines is left to the next link
    #[arg(short, long, help_heading = "Output")]
    pub relocatable: bool,
    /// Leave source lines and names out of the file; it does the same
    #[arg(short, short_alias = 'S', long, help_heading = "Output")]
    pub strip_debug: bool,
    /// Leave them out, and write a file that has them; without FILE, beside the output with `.debug` behind its name
    #[arg(long, value_name = "FILE", num_args = 0..=1, require_equals = true, conflicts_with = "strip_debug", help_heading = "Output")]
    pub split_debug: Option<Option<PathBuf>>,

    /// Leave out functions that nothing calls; this is the default
    #[arg(long, alias = "gc-sections", overrides_with = "no_gc_functions", help_heading = "Functions")]
    pub gc_functions: bool,
    /// Keep them
    #[arg(long, alias = "no-gc-sections", overrides_with = "gc_functions", help_heading = "Functions")]
    pub no_gc_functions: bool,
    /// Make one of functions that are the same but for their names: all, none
    #[arg(long, value_name = "WHICH", num_args = 0..=1, require_equals = true, default_missing_value = "all", conflicts_with = "relocatable", help_heading = "Functions")]
    pub icf: Option<Fold>,
    /// Keep this function as if it were called
    #[arg(short, long, value_name = "NAME", help_heading = "Functions")]
    pub undefined: Vec<String>,
    /// Let other objects that call NAME call `__wrap_NAME`, and those that call `__real_NAME` call NAME
    #[arg(long, value_name = "NAME", help_heading = "Functions")]
    pub wrap: Vec<String>,
    /// Let other objects that call NAME call OTHER, which takes and gives the same
    #[arg(long, value_name = "NAME=OTHER", value_parser = alias, help_heading = "Functions")]
    pub defsym: Vec<(String, String)>,

    /// Refuse what is not proved to need at most so much: 4096, 64k, 1M; what it needs is shown
    #[arg(long, value_name = "SIZE", value_parser = parse_size, conflicts_with = "relocatable", help_heading = "Memory")]
    pub max_memory: Option<u64>,
    /// Show what it needs
    #[arg(long, help_heading = "Memory")]
    pub print_memory_usage: bool,
    /// Refuse what needs something else than this file says, which is written if it is not there
    #[arg(long, value_name = "FILE", conflicts_with = "relocatable", help_heading = "Memory")]
    pub budget_lock: Option<PathBuf>,
    /// Write that file anew
    #[arg(long, requires = "budget_lock", help_heading = "Memory")]
    pub update_budget: bool,

    /// Show the shortest chain of calls that leads to this function
    #[arg(long, alias = "why-live", value_name = "NAME", help_heading = "Reports")]
    pub why: Vec<String>,
    /// List the functions that are left out
    #[arg(long, alias = "print-gc-sections", help_heading = "Reports")]
    pub gc_report: bool,
    /// Say who defines this function and who calls it
    #[arg(short = 'y', long, value_name = "NAME", help_heading = "Reports")]
    pub trace_symbol: Vec<String>,
    /// Write what came from where, and how much memory it needs, also if the link fails; without FILE, to standard output
    #[arg(long, alias = "Map", value_name = "FILE", num_args = 0..=1, require_equals = true, help_heading = "Reports")]
    pub map: Option<Option<PathBuf>>,
    /// The same as `--map`
    #[arg(short = 'M', long, hide = true)]
    pub print_map: bool,
    /// The form of the map; by default text, and JSON in a file `….json`
    #[arg(long, value_name = "FORM", help_heading = "Reports")]
    pub map_format: Option<Form>,
    /// Refuse what is odd
    #[arg(long, overrides_with = "no_fatal_warnings", help_heading = "Reports")]
    pub fatal_warnings: bool,
    /// Only warn of it; this is the default
    #[arg(long, overrides_with = "fatal_warnings", hide = true)]
    pub no_fatal_warnings: bool,
    /// Tell so many of what stands in the way, and count the rest; 0 for all of it
    #[arg(long, value_name = "NUMBER", default_value_t = MOST, help_heading = "Reports")]
    pub error_limit: usize,
    /// Write an archive with all inputs and the command line, with which others can do the same
    #[arg(long, value_name = "FILE", help_heading = "Reports")]
    pub reproduce: Option<PathBuf>,
    /// Write where the time goes, for `chrome://tracing`; without FILE, beside the output with `.time-trace` behind its name
    #[arg(long, value_name = "FILE", num_args = 0..=1, require_equals = true, help_heading = "Reports")]
    pub time_trace: Option<Option<PathBuf>>,
    /// On how many threads it works.
    #[command(flatten)]
    pub threads: ThreadOptions,

    /// The options of every tool.
    #[command(flatten)]
    pub common: ReportOptions,
}

const EXAMPLES: &str = "\
Examples:
  vegac -c main.vg && vegac -c geometry.vg
  vega-ld main.vgo geometry.vgo -o prog.vgb
  vega-ld main.vgo -L lib -l geometry -o prog.vgb --map
  vega-ld -r geometry.vgo numbers.vgo -o all.vgo     one object of many
  vega-ld --library geometry.vgo -o geometry.vgb     for a host, which calls it";

/// Which functions become one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Fold {
    /// Those that are the same but for their names.
    All,
    /// None.
    None,
}

/// The form of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Form {
    /// For people.
    Text,
    /// For machines.
    Json,
}

fn alias(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, other)) if !name.is_empty() && !other.is_empty() => Ok((name.to_owned(), other.to_owned())),
        _ => Err("wanted NAME=OTHER".to_owned()),
    }
}

impl LinkCommand {
    /// What is to be made, and how.
    pub(super) fn options(&self, producer: &str) -> Options {
        Options {
            output: match (self.library, self.relocatable) {
                (true, _) => Output::Library,
                (_, true) => Output::Object,
                _ => Output::Program,
            },
            entry: self.entry.clone(),
            strip_debug: self.strip_debug,
            keep_all: self.no_gc_functions,
            fold: self.icf == Some(Fold::All),
            wanted: self.undefined.clone(),
            along: BTreeSet::new(),
            unread: Vec::new(),
            renames: Renames { wrapped: self.wrap.clone(), aliases: self.defsym.clone() },
            producer: producer.to_owned(),
            threads: self.threads.count(usize::MAX),
            error_limit: Some(self.error_limit),
        }
    }

    /// The files that are to be written, with the option that names each. Reports give way to what goes to standard output.
    pub(super) fn written(&self, output: &Path) -> impl Iterator<Item = (&'static str, PathBuf)> {
        let map = self.map_wanted().then(|| self.map_file().unwrap_or(Path::new("-")));
        let files = [
            ("-o", Some(output.to_owned())),
            ("--split-debug", self.split_debug_file(output)),
            ("--map", map.filter(|map| !is_standard_stream(map) || !is_standard_stream(output)).map(Path::to_owned)),
            ("--budget-lock", self.budget_lock.clone()),
            ("--reproduce", self.reproduce.clone()),
            ("--time-trace", self.time_trace_file(output)),
        ];
        files.into_iter().filter_map(|(option, file)| Some((option, file?)))
    }

    /// Refuses an output that has no name, where another file is named after it.
    pub(super) fn expect_name(&self, output: &Path, reporter: &mut Reporter) -> Result<(), Status> {
        let named_after = [("--split-debug=", &self.split_debug), ("--time-trace=", &self.time_trace)];
        let mut unnamed = named_after.into_iter().filter(|(_, file)| matches!(file, Some(None)));
        unnamed.try_for_each(|(option, _)| reporter.expect_name(output, "standard output", option))
    }

    pub(super) fn split_debug_file(&self, output: &Path) -> Option<PathBuf> {
        let file = self.split_debug.clone()?;
        Some(file.unwrap_or_else(|| output.with_added_extension("debug")))
    }

    pub(super) fn time_trace_file(&self, output: &Path) -> Option<PathBuf> {
        let file = self.time_trace.clone()?;
        Some(file.unwrap_or_else(|| output.with_added_extension("time-trace")))
    }

    /// The file for the map, if it is not printed.
    pub(super) fn map_file(&self) -> Option<&Path> {
        self.map.iter().flatten().map(PathBuf::as_path).find(|file| !is_standard_stream(file))
    }

    pub(super) fn map_wanted(&self) -> bool {
        self.map.is_some() || self.print_map
    }

    pub(super) fn map_form(&self) -> Form {
        let is_json = |file: &PathBuf| file.extension().is_some_and(|extension| extension == "json");
        let by_name = if self.map.iter().flatten().any(is_json) { Form::Json } else { Form::Text };
        self.map_format.unwrap_or(by_name)
    }
}
