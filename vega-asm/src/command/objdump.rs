//! `vega-objdump`: `.vgb` files as text, and why one is refused.

use crate::{disassemble, objdump};
use clap::{ArgAction, Parser};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use vega_format::error::{FormatError, VerifyError};
use vega_format::{Outline, Parsed};
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
    /// Write a listing that vega-asm assembles to the same bytes
    #[arg(long, conflicts_with_all = ["section_headers", "disassemble", "function"])]
    pub vasm: bool,
    /// The options of every tool.
    #[command(flatten)]
    pub common: ReportOptions,
    /// Print help
    #[arg(long, action = ArgAction::Help)]
    pub help: Option<bool>,
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
        let shown = match reporter.read(path) {
            Ok(bytes) => {
                let gap = if place > 0 && !command.vasm { writeln!(out) } else { Ok(()) };
                let shown = gap.and_then(|()| show(command, &name, &bytes, &mut out, &mut reporter));
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
    reporter.finish("something is wrong with the input");
    status
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
    if !command.vasm {
        objdump::title(out, name, &outline)?;
    }
    if command.section_headers {
        objdump::section_headers(out, &outline)?;
    }
    match vega_format::read(bytes) {
        Ok(parsed) => {
            show_parsed(command, name, &outline, &parsed, out, reporter)?;
            // The file is looked at as it is, so refusals come behind the listing.
            out.flush()?;
            if let Err(errors) = vega_format::verify(parsed.clone()) {
                let refusals = errors.iter().map(|error| refused(error, &parsed, name));
                refusals.for_each(|refusal| reporter.report(&refusal, &Sources::new()));
            }
        }
        Err(error) => {
            if !command.section_headers && !command.vasm {
                objdump::section_headers(out, &outline)?;
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
    outline: &Outline<'_>,
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
        None if command.section_headers => Ok(()),
        None => objdump::summary(out, outline, parsed),
    }
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
    let names = parsed.functions().flat_map(|function| [function.signature.name.clone(), function.name.to_owned()]);
    let names: Vec<String> = names.collect();
    let problem = match near(wanted, names.iter().map(String::as_str)) {
        Some(name) => problem.hint(format!("did you mean `{name}`?")),
        None => problem,
    };
    reporter.report(&problem, &Sources::new());
    Ok(())
}

fn malformed(error: &FormatError, file: &str) -> Diagnostic {
    Diagnostic::error(error.kind.code(), error.to_string()).at(file, error.place())
}

fn refused(error: &VerifyError, parsed: &Parsed<'_>, file: &str) -> Diagnostic {
    let function = error.function.and_then(|index| parsed.function(index));
    let place = function.map(|function| format!("0x{:x} in code", function.code_offset + error.offset as usize));
    let problem = Diagnostic::error(error.rule.code(), error.to_string()).at(file, place.unwrap_or_default());
    match &error.source {
        Some((source, line)) => problem.note(format!("it was made from {}:{line}", quote(source))),
        None => problem,
    }
}
