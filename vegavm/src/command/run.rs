//! Loads and runs bytes, prints what there is to print, and gives the exit status.

use super::interrupt::{self, Interrupt};
use super::options::{Print, Require};
use super::seen::Seen;
use super::{Options, Target, messages, stats};
use crate::arguments;
use crate::cancel::Cancel;
use crate::console::Console;
use crate::debug;
use crate::dump::Dumper;
use crate::error::{ArgumentError, LoadError};
use crate::limits::Limits;
use crate::loader::{LoadStep, load};
use crate::native::Imports;
use crate::observe::Observer;
use crate::outcome::{End, Outcome};
use crate::program::Program;
use crate::trace::{Tracer, is_called};
use crate::trap::CallStack;
use crate::value::Value;
use alloc::rc::Rc;
use core::cell::Cell;
use std::ffi::OsString;
use std::io::{self, IsTerminal, Read, Write};
use std::path::Path;
use vega_format::cell;
use vega_format::container::EntryResult;
use vega_format::types::Tag;
use vega_report::command::{Outputs, Reporter, SourceTexts, Status};
use vega_report::{Diagnostic, Format, Sources, near, quote};

/// The exit status of a `main` whose int is none that a program may choose.
const STRANGE_STATUS: u8 = 99;

/// Loads and runs a program on the console, and writes these outputs; gives the exit status of the command.
pub fn run(bytes: Vec<u8>, target: &Target, arguments: &[OsString], options: &Options, outputs: &Outputs) -> u8 {
    // A `--` before the program's own arguments separates them, as elsewhere, and is none of them.
    let arguments = arguments.strip_prefix(&[OsString::from("--")]).unwrap_or(arguments);
    let mut reporter = options.reporter();
    let limits = options.limits();
    let interrupt = Interrupt::watch();
    let console = Console::new(interrupt::output(), interrupt::input()).errors(interrupt::errors());
    let mut imports = Imports::console(console.interactive(io::stdin().is_terminal()));
    let watched = Watched::new(interrupt.cancel());
    let mut trace_load = |step: &LoadStep| {
        if options.trace_load {
            watched.tell(&format!("{step}\n"));
        }
    };
    let program = match load(bytes, &imports, &limits, &mut trace_load) {
        Ok(program) => program,
        Err(error) => {
            let status = refuse(&error, target, &mut reporter);
            return unbegun(status, &limits, options);
        }
    };
    if let Err(status) = spare_sources(&program, target, outputs, &mut reporter) {
        return status.run_code();
    }
    let program = match options.disable_pass.iter().copied().reduce(|all, more| all | more) {
        Some(passes) => program.without(passes),
        None => program,
    };
    if let Some(print) = options.print {
        let text = match print {
            Print::Code => program.show_code(),
            Print::Machine => program.show_machine_code(options.limits().steps.is_some()),
            Print::Sizes => program.show_sizes(options.limits().steps.is_some()),
            Print::Passes => program.show_passes(options.limits().steps.is_some()),
        };
        return match write_out(&text) {
            Ok(()) => Status::Fine.run_code(),
            Err(error) => {
                reporter.report(&host_io(&error.to_string()), &Sources::new());
                Status::Io.run_code()
            }
        };
    }
    if !target.foretold {
        reporter.report_all(&messages::certain_traps(&program, target), &Sources::new());
    }
    if options.require == Some(Require::NoOom) && program.budget().never_out_of_memory != Some(true) {
        reporter.report(&messages::may_run_out(&program.budget(), target), &Sources::new());
        return Status::Rejected.run_code();
    }
    let Some(texts) = arguments.iter().map(|argument| argument.to_str()).collect::<Option<Vec<_>>>() else {
        let diagnostic = Diagnostic::error("U006", "an argument is not UTF-8").at(&target.file, "");
        reporter.report(&diagnostic, &Sources::new());
        return Status::Usage.run_code();
    };
    let values = match arguments::parse(&program, &texts) {
        Ok(values) => values,
        Err(error) => {
            reporter.report(&messages::words_of_arguments(&error, &texts, &program, target), &Sources::new());
            return unbegun(status_of(&error), &limits, options);
        }
    };
    if options.debug {
        return debug(&program, &values, target, options, &interrupt, &mut reporter);
    }
    // Each line is written at once, so that what is watched stands in the order in which it happened.
    let tracer = match tracer(&program, options, &watched) {
        Ok(tracer) => tracer,
        Err((words, hint)) => return reporter.misuse("U013", words, &hint).run_code(),
    };
    if options.coverage.is_some() && !program.module().has_debug() {
        let words = "the program has no lines, and `--coverage` counts lines";
        return reporter.misuse("U014", words, "compile it without `--strip-debug`").run_code();
    }
    let dumper = options.dump_arena.then(|| Dumper::new(watched.clone()));
    let mut observer = ((tracer, dumper), Seen::new(options));
    let mut instance = program.instantiate();
    instance.set_cancel(interrupt.cancel());
    instance.set_engine(options.engine.into());
    if observer.watches() && options.engine.cannot_be_watched() {
        reporter.report(&messages::not_watched(options.engine, target), &Sources::new());
    }
    match instance.run(&values, &mut imports, &limits, &mut observer) {
        Err(error) => {
            let status = refuse_arguments(&error, &program, target, &mut reporter);
            unbegun(status, &limits, options)
        }
        Ok(mut outcome) => {
            if let (End::Result(Some(value)), EntryResult::Print) = (&outcome.end, program.result())
                && let Err(error) = write_out(&format!("{value}\n"))
            {
                outcome.end = End::HostIo(format!("output: {error}"), None);
            }
            let mut status = conclude(&program, &outcome, target, options, &mut reporter);
            if let Err(failed) = observer.1.write(&program, &outcome, target, options, &mut reporter) {
                status = failed.run_code();
            }
            if let Some(form) = options.stats {
                watched.tell(&stats::show(&outcome, &limits, instance.ran(), form));
            }
            if watched.has_failed.get() {
                status = Status::Io.run_code();
            }
            match &outcome.end {
                End::Cancelled(_) if watched.has_no_reader.get() => Status::Io.run_code(),
                End::Cancelled(_) => interrupt.status().unwrap_or(status),
                _ => status,
            }
        }
    }
}

/// With the figures of a run that a limit did not let begin; gives the status.
fn unbegun(status: u8, limits: &Limits, options: &Options) -> u8 {
    if let Some(form) = options.stats.filter(|_| status == Status::Limit.run_code()) {
        complain(&stats::show_unbegun(limits, form));
    }
    status
}

/// The sources that a run may show are not written over.
fn spare_sources(program: &Program, target: &Target, outputs: &Outputs, reporter: &mut Reporter) -> Result<(), Status> {
    let texts = SourceTexts::beside(Path::new(&target.file));
    for source in program.module().sources().filter_map(|source| texts.path(source)) {
        outputs.spare("a source of the program", &source, reporter)?;
    }
    Ok(())
}

/// What traces the functions that are wanted.
fn tracer(program: &Program, options: &Options, output: &Watched) -> Result<Option<Tracer<Watched>>, (String, String)> {
    let Some(wanted) = &options.trace else { return Ok(None) };
    let tracer = Tracer::new(output.clone());
    let Some(name) = wanted else { return Ok(Some(tracer)) };
    let functions = program.module().functions();
    let named: Vec<u32> =
        functions.filter(|function| is_called(function, name)).map(|function| function.index).collect();
    if !named.is_empty() {
        return Ok(Some(tracer.only(named)));
    }
    let functions = || program.module().functions();
    let names: Vec<String> = functions().map(|function| function.signature.name.to_owned()).collect();
    let hint = match near(name, names.iter().map(String::as_str)) {
        Some(near) => format!("did you mean `{}`?", quote(near)),
        None => "`vega-objdump` lists the functions".to_owned(),
    };
    Err((format!("there is no function `{}`", quote(name)), hint))
}

/// Lets a person debug the program; gives the exit status of the command.
fn debug(
    program: &Program,
    arguments: &[Value],
    target: &Target,
    options: &Options,
    interrupt: &Interrupt,
    reporter: &mut Reporter,
) -> u8 {
    let input: Box<dyn Read> = match &options.input {
        None => Box::new(io::empty()),
        Some(path) => match reporter.read(path) {
            Ok(bytes) => Box::new(io::Cursor::new(bytes)),
            Err(status) => return status.run_code(),
        },
    };
    let sources = SourceTexts::beside(Path::new(&target.file));
    for source in program.module().sources().filter(|source| sources.path(source).is_none()) {
        reporter.report_all(&messages::source_not_found(source, target), &Sources::new());
    }
    if options.engine.cannot_be_watched() {
        reporter.report(&messages::not_watched(options.engine, target), &Sources::new());
    }
    let debugged =
        debug::Debugged { program, arguments, limits: &options.limits(), sources, input, interrupt: interrupt.flag() };
    match debug::by_commands(debugged) {
        Err(error) => refuse_arguments(&error, program, target, reporter),
        Ok(Err(error)) => host_failed(&error, reporter),
        Ok(Ok(())) => Status::Fine.run_code(),
    }
}

/// Standard input or output failed under a debugger; a reader who has gone has seen enough.
pub(super) fn host_failed(error: &io::Error, reporter: &mut Reporter) -> u8 {
    if error.kind() == io::ErrorKind::BrokenPipe {
        return Status::Fine.run_code();
    }
    reporter.report(&host_io(&error.to_string()), &Sources::new());
    Status::Io.run_code()
}

fn refuse_arguments(error: &ArgumentError, program: &Program, target: &Target, reporter: &mut Reporter) -> u8 {
    reporter.report(&messages::argument_error(error, program, target), &Sources::new());
    status_of(error)
}

fn status_of(error: &ArgumentError) -> u8 {
    match error {
        ArgumentError::Limit(_) => Status::Limit.run_code(),
        _ => Status::Usage.run_code(),
    }
}

/// Standard error, for what was asked for: a trace that cannot be written is not written in silence.
#[derive(Clone)]
struct Watched {
    has_failed: Rc<Cell<bool>>,
    /// Who read it has gone.
    has_no_reader: Rc<Cell<bool>>,
    cancel: Cancel,
}

impl Watched {
    /// This handle ends the run whose watcher has gone.
    fn new(cancel: Cancel) -> Watched {
        Watched { has_failed: Rc::default(), has_no_reader: Rc::default(), cancel }
    }

    /// A failure is remembered.
    fn tell(&self, text: &str) {
        let _ = self.clone().write_all(text.as_bytes());
    }
}

impl Write for Watched {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = io::stderr().write(bytes);
        match written.as_ref().map_err(io::Error::kind) {
            Ok(_) => {}
            // A reader who has gone has seen enough, as one of the output has.
            Err(io::ErrorKind::BrokenPipe) => {
                self.has_no_reader.set(true);
                self.cancel.cancel();
            }
            Err(_) => self.has_failed.set(true),
        }
        written
    }

    fn flush(&mut self) -> io::Result<()> {
        io::stderr().flush()
    }
}

fn refuse(error: &LoadError, target: &Target, reporter: &mut Reporter) -> u8 {
    reporter.report_all(&messages::load_error(error, target), &Sources::new());
    reporter.finish(&format!("could not load `{}`", target.file));
    reporter.status().run_code()
}

fn conclude(program: &Program, outcome: &Outcome, target: &Target, options: &Options, reporter: &mut Reporter) -> u8 {
    let mut report = |diagnostic: &Diagnostic| reporter.report(diagnostic, &Sources::new());
    match &outcome.end {
        End::Result(Some(value)) if program.result() == EntryResult::Status => exit_status(value),
        End::Result(_) => Status::Fine.run_code(),
        End::Trap(trap) => {
            match options.report.message_format {
                Format::Human => {
                    let mut sources = SourceTexts::beside(Path::new(&target.file));
                    let source = trap.stack.at.source.as_ref();
                    let line = source.and_then(|(source, line)| sources.line(source, *line));
                    let hint = messages::way_out(&trap.trap).map(|hint| format!("\n  {hint}")).unwrap_or_default();
                    complain(&format!("{}{hint}\n", trap.words(line)));
                }
                Format::Short | Format::Json => report(&messages::trap(trap, target)),
            }
            Status::Trap.run_code()
        }
        End::Limit(limit, stack) => {
            report_at(messages::limit(limit, stack, target), stack, target, options, reporter);
            Status::Limit.run_code()
        }
        End::Cancelled(stack) => {
            report_at(messages::cancelled(stack, target), stack, target, options, reporter);
            Status::Limit.run_code()
        }
        End::HostIo(words, Some(stack)) => {
            report_at(messages::in_stack(host_io(words), stack, target), stack, target, options, reporter);
            Status::Io.run_code()
        }
        End::HostIo(words, None) => {
            report(&host_io(words));
            Status::Io.run_code()
        }
        End::Internal(words) => {
            report(&Diagnostic::error("", format!("a fault of the machine: {words}")).at(&target.file, ""));
            Status::Internal.run_code()
        }
    }
}

/// Reports with the line of the source, for people, if it is at hand.
fn report_at(
    mut diagnostic: Diagnostic,
    stack: &CallStack,
    target: &Target,
    options: &Options,
    reporter: &mut Reporter,
) {
    let mut sources = Sources::new();
    let texts = SourceTexts::beside(Path::new(&target.file));
    let is_human = options.report.message_format == Format::Human;
    if let Some((source, line)) = stack.at.source.as_ref().filter(|_| is_human)
        && let Some(text) = texts.text(source)
    {
        let id = sources.add(source, text);
        let line = sources.line(id, *line as usize);
        let words = sources.text(id).get(line.clone()).unwrap_or_default();
        let indent = words.len() - words.trim_start().len();
        diagnostic.place = None;
        diagnostic = diagnostic.label(id, line.start + indent..line.end, "it was here");
    }
    reporter.report(&diagnostic, &sources);
}

fn exit_status(value: &Value) -> u8 {
    let found = match value {
        Value::Scalar(Tag::Int, bits) => cell::int(*bits),
        _ => -1,
    };
    match u8::try_from(found) {
        Ok(status) if status <= STRANGE_STATUS => status,
        _ => {
            complain(&format!("main returned {found}; exit statuses are 0 to 99\n"));
            STRANGE_STATUS
        }
    }
}

fn write_out(text: &str) -> io::Result<()> {
    let mut output = io::stdout();
    output.write_all(text.as_bytes())?;
    output.flush()
}

fn host_io(words: &str) -> Diagnostic {
    Diagnostic::error("I001", format!("the host cannot read or write: {words}"))
}

/// Writes to standard error; where nobody listens, nothing is lost.
fn complain(text: &str) {
    let _ = io::stderr().write_all(text.as_bytes());
}
