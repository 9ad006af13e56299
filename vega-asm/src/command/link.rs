//! `vega-ld`: objects in, a program, library or larger object out, or nothing at all.

mod budget;
mod inputs;
mod options;
mod reproduce;
mod trace;

pub use options::LinkCommand;

use crate::link::{Input, Options, Plan, Problem, Warning, report};
use options::Form;
use std::fmt::Display;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use trace::Trace;
use vega_format::Verified;
use vega_format::budget::Budget;
use vega_report::command::{Outputs, Reporter, Status, is_standard_stream, json, shown_output};
use vega_report::{Diagnostic, Level, Sources, quote};

/// What the metadata say about who made a module.
pub const PRODUCER: &str = concat!("vega-ld ", env!("CARGO_PKG_VERSION"));

/// Runs the command.
pub fn run(command: &LinkCommand) -> Status {
    let mut reporter = command.common.reporter();
    if let Some(status) = command.common.explain() {
        return status;
    }
    let done = link_files(command, &mut reporter);
    let output = command.output.as_deref().map(shown_output).unwrap_or_default();
    reporter.finish(&format!("could not link `{}`", quote(&output)));
    reporter.ended(done)
}

fn link_files(command: &LinkCommand, reporter: &mut Reporter) -> Result<(), Status> {
    let Some(output) = &command.output else { return Err(Status::Usage) };
    command.expect_name(output, reporter)?;
    let outputs = Outputs::new(command.written(output), reporter)?;
    let mut trace = Trace::start();
    let mut options = command.options(PRODUCER);
    let paths = inputs::paths(command, &mut options.unread);
    options.along = inputs::along(command, &paths);
    trace.step("read");
    let how = (options.threads, command.reproduce.is_some());
    let (inputs, bytes) = inputs::read(&paths, &outputs, how, &mut options.unread, reporter)?;
    // With less than all, others could not do the same.
    if let Some(archive) = command.reproduce.as_ref().filter(|_| options.unread.is_empty()) {
        let files: Vec<_> = paths.iter().map(|path| &**path).zip(bytes.iter().map(Vec::as_slice)).collect();
        reproduce::write(archive, command, &files, reporter)?;
    }
    let linked = link_inputs(command, inputs, &options, output, reporter, &mut trace);
    let traced = match command.time_trace_file(output) {
        Some(file) => reporter.write(&file, json(&trace.end()).as_bytes()),
        None => Ok(()),
    };
    linked.and(traced)
}

/// Links what was read; if that is not all, nothing is written but reports.
fn link_inputs(
    command: &LinkCommand,
    inputs: Vec<Input<'_>>,
    options: &Options,
    output: &Path,
    reporter: &mut Reporter,
    trace: &mut Trace,
) -> Result<(), Status> {
    let plan = Plan::new(&inputs, options, &mut |step| trace.step(step));
    let mut said = String::new();
    let mut warnings = plan.warnings.clone();
    for name in &command.trace_symbol {
        let lines: String = plan.trace(name).iter().map(|line| format!("{line}\n")).collect();
        warnings.extend(lines.is_empty().then(|| plan.nothing("--trace-symbol", name)));
        said.push_str(&lines);
    }
    for name in &command.why {
        let lines: String = plan.why(name).iter().map(ToString::to_string).collect();
        warnings.extend(lines.is_empty().then(|| plan.nothing("--why", name)));
        said.push_str(&lines);
    }
    // What is missing could be in what is not linked.
    if plan.is_whole {
        tell_warnings(command, &warnings, reporter);
    }
    if command.gc_report {
        said.extend(plan.left_out().iter().map(|row| format!("left out: {row}\n")));
    }
    trace.step("write");
    let asked = Asked::of(command, output);
    match if asked.is_nothing() { plan.into_draft() } else { Err(plan.into()) } {
        // Judging takes memory, for which the inputs go.
        Ok(draft) => {
            drop(inputs);
            finish(command, draft.judge(), None, said, output, reporter, trace)
        }
        Err(plan) => {
            reporter.leave_out(plan.untold, false);
            let finished = finish(command, plan.module(), Some((&plan, &asked)), said, output, reporter, trace);
            drop(plan);
            // The process ends soon, and takes them along.
            core::mem::forget(inputs);
            finished
        }
    }
}

/// What is asked of a plan once it is known what came of it.
struct Asked {
    map: Option<Form>,
    /// The file that has lines and names.
    split_debug: Option<PathBuf>,
}

impl Asked {
    fn of(command: &LinkCommand, output: &Path) -> Asked {
        let map = command.map_wanted().then(|| command.map_form());
        Asked { map, split_debug: command.split_debug_file(output) }
    }

    fn is_nothing(&self) -> bool {
        self.map.is_none() && self.split_debug.is_none()
    }
}

/// Tells and writes what came of it, and what is asked of the plan beside.
fn finish(
    command: &LinkCommand,
    linked: Result<Verified, Vec<Problem>>,
    asked: Option<(&Plan<'_>, &Asked)>,
    mut said: String,
    output: &Path,
    reporter: &mut Reporter,
    trace: &mut Trace,
) -> Result<(), Status> {
    let tell = |problems: Vec<Problem>| {
        reporter.report_all(&problems.iter().map(report::diagnostic).collect::<Vec<_>>(), &Sources::new());
    };
    let linked = linked.map_err(tell).ok();
    let mut checked = Ok(());
    if let Some(module) = &linked {
        checked = budget::check(command, module, reporter);
        if command.max_memory.is_some() || command.print_memory_usage {
            said.push_str(&budget::table(command, &Budget::of(module)));
        }
    } else if command.print_memory_usage {
        let known = asked.and_then(|(plan, _)| plan.partial());
        let nothing = || "nothing is known of the memory that it needs\n".to_owned();
        said.push_str(&known.map_or_else(nothing, |known| budget::table(command, &known)));
    }
    trace.step("output");
    let written = match &linked {
        Some(module) if reporter.errors() == 0 => write(command, asked, module, output, reporter),
        _ => reporter.status().ok(),
    };
    let mut mapped = Ok(());
    if let Some((plan, Asked { map: Some(form), .. })) = asked {
        trace.step("map");
        let mut map = plan.map(linked.as_ref());
        map.linked &= reporter.errors() == 0;
        let map = match form {
            Form::Text => map.to_string(),
            Form::Json => json(&map),
        };
        match command.map_file() {
            Some(file) => mapped = reporter.write(file, map.as_bytes()),
            None => said.push_str(&map),
        }
    }
    let said = say(&said, output, reporter);
    checked.and(mapped).and(written).and(said)
}

/// What is odd; with `--fatal-warnings` nothing may be.
fn tell_warnings(command: &LinkCommand, warnings: &[Warning], reporter: &mut Reporter) {
    for warning in warnings {
        let diagnostic = report::warning(warning);
        let level = if command.fatal_warnings { Level::Error } else { diagnostic.level };
        reporter.report(&Diagnostic { level, ..diagnostic }, &Sources::new());
    }
}

/// Writes the file, and with `--split-debug` beside it one that has its lines and names.
fn write(
    command: &LinkCommand,
    asked: Option<(&Plan<'_>, &Asked)>,
    module: &Verified,
    output: &Path,
    reporter: &mut Reporter,
) -> Result<(), Status> {
    let stripped = match asked {
        Some((plan, Asked { split_debug: Some(file), .. })) => {
            reporter.write(file, module.module().bytes())?;
            match plan.without_debug() {
                Ok(module) => Some(module),
                Err(problems) => {
                    reporter.report_all(&problems.iter().map(report::diagnostic).collect::<Vec<_>>(), &Sources::new());
                    return reporter.status().ok();
                }
            }
        }
        _ => None,
    };
    reporter.write(output, stripped.as_ref().unwrap_or(module).module().bytes())?;
    budget::write_lock(command, module, reporter)
}

/// Prints reports: to standard output, unless the linked file goes there.
fn say(text: &impl Display, output: &Path, reporter: &mut Reporter) -> Result<(), Status> {
    let text = text.to_string();
    let (written, to) = match is_standard_stream(output) {
        true => (io::stderr().lock().write_all(text.as_bytes()), "<stderr>"),
        false => {
            let mut stdout = io::stdout().lock();
            (stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()), "-")
        }
    };
    reporter.written(written, Path::new(to)).ok()
}
