//! `vega-ld`: objects in, a program, library or larger object out, or nothing at all.

mod budget;
mod inputs;
mod options;
mod reproduce;
mod trace;

pub use options::LinkCommand;

use crate::link::{Input, Options, Plan, report};
use options::Form;
use serde::Serialize;
use std::fmt::Display;
use std::io::{self, Write};
use std::path::Path;
use trace::Trace;
use vega_format::Verified;
use vega_report::command::{Reporter, Status, shown, write_whole};
use vega_report::{Diagnostic, Level, Sources, quote};

/// What the metadata say about who made a module.
pub const PRODUCER: &str = concat!("vega-ld ", env!("CARGO_PKG_VERSION"));

/// Runs the command.
pub fn run(command: &LinkCommand) -> Status {
    let mut reporter = command.common.reporter();
    if let Some(status) = command.common.explain() {
        return status;
    }
    let status = link_files(command, &mut reporter);
    let output = command.output.as_deref().map(shown).unwrap_or_default();
    reporter.finish(&format!("could not link `{}`", quote(&output)));
    status
}

fn link_files(command: &LinkCommand, reporter: &mut Reporter) -> Status {
    let Some(output) = &command.output else { return Status::Usage };
    let mut trace = Trace::start();
    let options = command.options(PRODUCER);
    let Some(paths) = inputs::paths(command, reporter) else { return reporter.status() };
    trace.step("read");
    let inputs = match inputs::read(&paths, command, options.threads, reporter) {
        Ok(inputs) => inputs,
        Err(status) => return status,
    };
    if let Some(archive) = &command.reproduce
        && let Err(status) = reproduce::write(archive, &paths, reporter)
    {
        return status;
    }
    let status = link_inputs(command, &inputs, &options, output, reporter, &mut trace);
    // The process ends soon, and takes them along.
    core::mem::forget(inputs);
    match &command.time_trace {
        None => status,
        Some(file) => {
            let beside = || output.with_added_extension("time-trace");
            let file = file.clone().unwrap_or_else(beside);
            let bytes = json(&trace.end());
            worse(status, reporter.written(write_whole(&file, bytes.as_bytes()), &file))
        }
    }
}

/// Links what was read; what could not be read was told, and nothing is written but the map.
fn link_inputs(
    command: &LinkCommand,
    inputs: &[Input<'_>],
    options: &Options,
    output: &Path,
    reporter: &mut Reporter,
    trace: &mut Trace,
) -> Status {
    let is_read = reporter.errors() == 0;
    let plan = Plan::new(inputs, options, &mut |step| trace.step(step));
    tell_warnings(command, &plan, reporter);
    let mut said = String::new();
    for name in &command.trace_symbol {
        said.extend(plan.trace(name).iter().map(|line| format!("{line}\n")));
    }
    for name in &command.why {
        let why = plan.why(name);
        if why.is_empty() {
            let nothing = plan.nothing("--why", name);
            reporter.report(&report::warning(&nothing), &Sources::new());
        }
        said.extend(why.iter().map(ToString::to_string));
    }
    if command.gc_report {
        said.extend(plan.left_out().iter().map(|row| format!("left out: {row}\n")));
    }
    trace.step("write");
    let mut linked = None;
    if is_read {
        match plan.module() {
            Ok(module) => linked = Some(module),
            Err(problems) => {
                reporter.report_all(&problems.iter().map(report::diagnostic).collect::<Vec<_>>(), &Sources::new());
            }
        }
    }
    let mut checked = Status::Fine;
    if let Some(module) = &linked {
        checked = budget::check(command, module, reporter);
        said.push_str(&budget::table(command, module));
    }
    if command.map_wanted() {
        trace.step("map");
        said.push_str(&map(command, &plan, linked.as_ref(), reporter));
    }
    trace.step("output");
    let said = say(&said, output, reporter);
    let module = linked.filter(|_| reporter.errors() == 0);
    let written = match module {
        Some(module) => write(command, &plan, module, output, reporter),
        None => reporter.status(),
    };
    worse(worse(checked, written), said)
}

/// What is odd; with `--fatal-warnings` nothing may be.
fn tell_warnings(command: &LinkCommand, plan: &Plan<'_>, reporter: &mut Reporter) {
    for warning in &plan.warnings {
        let diagnostic = report::warning(warning);
        let level = if command.fatal_warnings { Level::Error } else { diagnostic.level };
        reporter.report(&Diagnostic { level, ..diagnostic }, &Sources::new());
    }
}

/// Writes the file, and with `--split-debug` beside it one that has its lines and names.
fn write(command: &LinkCommand, plan: &Plan<'_>, module: Verified, output: &Path, reporter: &mut Reporter) -> Status {
    let module = match &command.split_debug {
        None => module,
        Some(file) => {
            let file = file.clone().unwrap_or_else(|| output.with_added_extension("debug"));
            let status = reporter.written(write_whole(&file, module.module().bytes()), &file);
            if status != Status::Fine {
                return status;
            }
            match plan.without_debug() {
                Ok(module) => module,
                Err(problems) => {
                    reporter.report_all(&problems.iter().map(report::diagnostic).collect::<Vec<_>>(), &Sources::new());
                    return reporter.status();
                }
            }
        }
    };
    let status = reporter.written(write_whole(output, module.module().bytes()), output);
    worse(status, budget::write_lock(command, &module, reporter))
}

/// The map for standard output, or nothing if it goes to a file.
fn map(command: &LinkCommand, plan: &Plan<'_>, module: Option<&Verified>, reporter: &mut Reporter) -> String {
    let map = plan.map(module);
    let text = match command.map_form() {
        Form::Text => map.to_string(),
        Form::Json => json(&map),
    };
    match command.map.iter().flatten().find(|file| file.as_os_str() != "-") {
        None => text,
        Some(file) => {
            reporter.written(write_whole(file, text.as_bytes()), file);
            String::new()
        }
    }
}

/// Prints reports: to standard output, unless the linked file goes there.
fn say(text: &impl Display, output: &Path, reporter: &mut Reporter) -> Status {
    let text = text.to_string();
    let (written, to) = match output.as_os_str() == "-" {
        true => (io::stderr().lock().write_all(text.as_bytes()), "<stderr>"),
        false => {
            let mut stdout = io::stdout().lock();
            (stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()), "-")
        }
    };
    reporter.written(written, Path::new(to))
}

fn json(value: &impl Serialize) -> String {
    // Numbers, names and lists always have a form.
    serde_json::to_string_pretty(value).map(|text| text + "\n").unwrap_or_default()
}

/// The first that is not fine.
fn worse(first: Status, second: Status) -> Status {
    if first == Status::Fine { second } else { first }
}
