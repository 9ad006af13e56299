//! `vega-objdump`: `.vgb` files as text, and why one is refused.

use crate::{disassemble, objdump};
use clap::{ArgAction, Parser};
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use vega_format::budget::Budget;
use vega_format::container::{Head, HeadError};
use vega_format::error::{FormatError, VerifyError};
use vega_format::layout::Layout;
use vega_format::trap::CERTAIN;
use vega_format::verify::CertainTrap;
use vega_format::{Outline, Parsed, Verified};
use vega_report::command::{EXIT_STATUSES, ReportOptions, Reporter, Status, shown};
use vega_report::{Diagnostic, Sources, near, quote};

/// Shows what is inside Vega programs and libraries (.vgb)
#[derive(Debug, Clone, Default, Parser)]
#[command(name = "vega-objdump", version, disable_help_flag = true)]
#[command(after_help = format!("{EXAMPLES}\n\n{EXIT_STATUSES}"))]
pub struct ObjdumpCommand {
    /// The files; `-` for standard input
    #[arg(value_name = "FILE", required_unless_present = "explain")]
    pub inputs: Vec<PathBuf>,
    /// Show the section table only
    #[arg(short = 'h', long)]
    pub section_headers: bool,
    /// Show the functions only
    #[arg(short, long)]
    pub disassemble: bool,
    /// Show this function only, by its mangled or its plain name
    #[arg(long, value_name = "NAME")]
    pub function: Option<String>,
    /// Show the proof: the most bytes that it can ever use, on which path, and which arenas may run out of memory
    #[arg(long)]
    pub budget: bool,
    /// Show where every slot of every arena stands, and from which line to which it lives
    #[arg(long)]
    pub layout: bool,
    /// Show the budget, or with --layout the layout, as JSON: one document a file
    #[arg(long)]
    pub json: bool,
    /// Write a listing that vega-asm assembles to the same bytes
    #[arg(long, conflicts_with_all = ["section_headers", "disassemble", "function", "budget", "layout"])]
    pub vasm: bool,
    /// The options of every tool.
    #[command(flatten)]
    pub common: ReportOptions,
    /// Print help
    #[arg(long, action = ArgAction::Help)]
    pub help: Option<bool>,
}

impl ObjdumpCommand {
    /// Whether nothing is asked for that stands in the bodies of the sections.
    fn wants_head_only(&self) -> bool {
        let wants_more = self.disassemble || self.function.is_some() || self.budget || self.layout || self.json;
        self.section_headers && !wants_more
    }
}

const EXAMPLES: &str = "\
Examples:
  vega-objdump prog.vgb                   a summary
  vega-objdump --function main prog.vgb   one function
  vega-objdump --vasm prog.vgb            a listing to change and assemble again";

/// Runs the command: listings to standard output, refusals to standard error.
pub fn run(command: &ObjdumpCommand) -> Status {
    let mut reporter = command.common.reporter();
    if let Some(status) = command.common.explain() {
        return status;
    }
    let mut out = BufWriter::new(io::stdout().lock());
    let mut status = Status::Fine;
    for (place, path) in command.inputs.iter().enumerate() {
        let name = shown(path);
        let input = match command.wants_head_only().then(|| head_of(path)).flatten() {
            Some(head) => Ok(Input::Head(head)),
            None => reporter.read(path).map(Input::Whole),
        };
        let shown = match input {
            Ok(input) => {
                let gap = if place > 0 && !command.vasm { writeln!(out) } else { Ok(()) };
                let shown = gap.and_then(|()| match &input {
                    Input::Head(head) => show_head(&name, head, &mut out, &mut reporter),
                    Input::Whole(bytes) => show(command, &name, bytes, &mut out, &mut reporter),
                });
                let flushed = shown.and_then(|()| out.flush());
                if flushed.is_err() {
                    return reporter.written(flushed, Path::new("-"));
                }
                reporter.status()
            }
            Err(status) => status,
        };
        status = graver(status, shown);
    }
    reporter.finish("not every file is accepted");
    status
}

/// As much of a file as is looked at.
enum Input {
    Head(Result<Head, FormatError>),
    Whole(Vec<u8>),
}

/// The head of a file; `None` if it is none that can be read in parts, so that the whole must be.
fn head_of(path: &Path) -> Option<Result<Head, FormatError>> {
    // To open a pipe twice would lose what its writer sent.
    let file = fs::metadata(path).ok().filter(fs::Metadata::is_file).and_then(|_| File::open(path).ok())?;
    match Head::of_file(file) {
        Ok(head) => Some(Ok(head)),
        Err(HeadError::Format(error)) => Some(Err(error)),
        Err(HeadError::Io(_)) => None,
    }
}

fn show_head(
    name: &str,
    head: &Result<Head, FormatError>,
    out: &mut dyn Write,
    reporter: &mut Reporter,
) -> io::Result<()> {
    match head {
        Ok(head) => {
            objdump::title(out, name, head)?;
            objdump::section_headers(out, head)
        }
        Err(error) => {
            reporter.report(&malformed(error, name), &Sources::new());
            Ok(())
        }
    }
}

/// A file that cannot be read outweighs a limit, and that a refusal.
fn graver(first: Status, second: Status) -> Status {
    let weight = |status| match status {
        Status::Fine => 0,
        Status::Limit => 2,
        Status::Io => 3,
        _ => 1,
    };
    if weight(second) > weight(first) { second } else { first }
}

/// Shows one file.
///
/// # Errors
/// `out` gives one.
pub fn show(
    command: &ObjdumpCommand,
    name: &str,
    bytes: &[u8],
    out: &mut dyn Write,
    reporter: &mut Reporter,
) -> io::Result<()> {
    let outline = match Outline::read(bytes) {
        Ok(outline) => outline,
        Err(error) => {
            reporter.report(&malformed(&error, name), &Sources::new());
            return Ok(());
        }
    };
    if !command.vasm && !command.json {
        objdump::title(out, name, outline.head())?;
    }
    if command.section_headers {
        objdump::section_headers(out, outline.head())?;
    }
    if command.wants_head_only() {
        return Ok(());
    }
    match vega_format::read(bytes) {
        Ok(parsed) => {
            show_parsed(command, name, &parsed, out, reporter)?;
            // The file is looked at as it is, so refusals come behind the listing.
            out.flush()?;
            match vega_format::verify(parsed.clone()) {
                Ok(verified) => {
                    show_verified(command, &verified, out)?;
                    out.flush()?;
                    let traps = verified.certain_traps().iter();
                    traps.for_each(|trap| reporter.report(&foretold(trap, &verified, name), &Sources::new()));
                }
                Err(errors) => {
                    let refusals = errors.iter().map(|error| refused(error, &parsed, name));
                    refusals.for_each(|refusal| reporter.report(&refusal, &Sources::new()));
                }
            }
        }
        Err(error) => {
            if !command.section_headers && !command.vasm {
                objdump::section_headers(out, outline.head())?;
            }
            out.flush()?;
            reporter.report(&malformed(&error, name), &Sources::new());
        }
    }
    Ok(())
}

fn show_parsed(
    command: &ObjdumpCommand,
    name: &str,
    parsed: &Parsed<'_>,
    out: &mut dyn Write,
    reporter: &mut Reporter,
) -> io::Result<()> {
    if command.vasm {
        let listing = disassemble(parsed);
        out.write_all(listing.text.as_bytes())?;
        for loss in &listing.losses {
            let words = format!("the listing will not assemble to the same bytes: {loss}");
            reporter.report(&Diagnostic::warning("", words).at(name, ""), &Sources::new());
        }
        return Ok(());
    }
    match &command.function {
        Some(wanted) => one_function(wanted, name, parsed, out, reporter),
        None if command.disassemble => objdump::functions(out, parsed, |_| true),
        None if command.section_headers || command.budget || command.layout || command.json => Ok(()),
        None => objdump::summary(out, parsed),
    }
}

/// What is known only of a file that is safe to run.
fn show_verified(command: &ObjdumpCommand, module: &Verified, out: &mut dyn Write) -> io::Result<()> {
    if command.budget || command.json && !command.layout {
        let budget = Budget::of(module);
        if command.json { json(out, &budget)? } else { write!(out, "{budget}")? }
    }
    if command.layout {
        let layout = Layout::of(module);
        if command.json { json(out, &layout)? } else { write!(out, "{layout}")? }
    }
    Ok(())
}

fn json(out: &mut dyn Write, value: &impl serde::Serialize) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, value)?;
    writeln!(out)
}

fn one_function(
    wanted: &str,
    file: &str,
    parsed: &Parsed<'_>,
    out: &mut dyn Write,
    reporter: &mut Reporter,
) -> io::Result<()> {
    let is_wanted =
        |function: &vega_format::container::Function<'_>| function.name == wanted || function.signature.name == wanted;
    if parsed.functions().any(|function| is_wanted(&function)) {
        return objdump::functions(out, parsed, is_wanted);
    }
    let title = format!("there is no function `{}`", quote(wanted));
    let problem = Diagnostic::error("A021", title).at(file, "");
    let names = parsed.functions().flat_map(|function| [function.signature.name.to_owned(), function.name.to_owned()]);
    let names: Vec<String> = names.collect();
    let problem = match near(wanted, names.iter().map(String::as_str)) {
        Some(name) => problem.hint(format!("did you mean `{name}`?")),
        None => problem,
    };
    reporter.report(&problem, &Sources::new());
    Ok(())
}

/// A trap that happens whenever its instruction is reached.
fn foretold(certain: &CertainTrap, module: &Verified, file: &str) -> Diagnostic {
    let name = module.module().function(certain.function).map(|function| function.name).unwrap_or_default();
    let place = format!("`{name}`, code 0x{:04x}", certain.offset);
    Diagnostic::warning(certain.trap.kind().code(), certain.trap.to_string()).at(file, place).note(CERTAIN)
}

fn malformed(error: &FormatError, file: &str) -> Diagnostic {
    Diagnostic::error(error.kind.code(), error.to_string()).at(file, error.place())
}

fn refused(error: &VerifyError, parsed: &Parsed<'_>, file: &str) -> Diagnostic {
    let function = error.function.and_then(|index| parsed.function(index));
    let place = function.map(|function| format!("0x{:x} in code", function.code_offset + error.offset as usize));
    let problem = Diagnostic::error(error.rule.code(), error.to_string()).at(file, place.unwrap_or_default());
    let problem = error.notes().into_iter().fold(problem, Diagnostic::note);
    match &error.source {
        Some((source, line)) => problem.note(format!("it was made from {}:{line}", quote(source))),
        None => problem,
    }
}
