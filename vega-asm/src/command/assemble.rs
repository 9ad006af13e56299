//! `vega-asm`: a listing in, a `.vgb` out, or nothing at all.

use crate::annotate::annotate;
use crate::{Options, assemble, problem};
use clap::Parser;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use vega_report::command::{FileKind, Outputs, ReportOptions, Reporter, SHARED_HELP, Status, ThreadOptions, shown};
use vega_report::{Sources, quote};

/// Assembles a Vega listing (.vasm) into a program or library (.vgb)
#[derive(Debug, Clone, Default, Parser)]
#[command(name = "vega-asm", version, after_help = format!("{EXAMPLES}\n\n{SHARED_HELP}"))]
pub struct AssembleCommand {
    /// The listing; `-` for standard input
    #[arg(value_name = "FILE", required_unless_present = "explain")]
    pub input: Option<PathBuf>,
    /// Where to write the result; `-` for standard output [default: FILE with the extension vgb, or vgo with -c]
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Make an object, for vega-ld, whether the listing says `.object` or not
    #[arg(short = 'c', long)]
    pub object: bool,
    /// Show the listing beside offsets, bytes, the stack and the arenas before each instruction [default: on standard output]
    #[arg(long, value_name = "FILE", num_args = 0..=1, require_equals = true, default_missing_value = "-")]
    pub listing: Option<PathBuf>,
    /// Write the result even if the verifier would refuse it: for tests of other tools
    #[arg(long)]
    pub no_verify: bool,
    /// On how many threads it works.
    #[command(flatten)]
    pub threads: ThreadOptions,
    /// The options of every tool.
    #[command(flatten)]
    pub common: ReportOptions,
}

const EXAMPLES: &str = "\
Examples:
  vega-asm prog.vasm                                     writes prog.vgb
  vega-asm -c part.vasm                                  writes part.vgo
  vega-asm --listing prog.vasm                           the text beside bytes
  vega-objdump --vasm prog.vgb | vega-asm - -o same.vgb  there and back again";

/// Runs the command.
pub fn run(command: &AssembleCommand) -> Status {
    let mut reporter = command.common.reporter();
    if let Some(status) = command.common.explain() {
        return status;
    }
    let done = assemble_file(command, &mut reporter);
    let input = command.input.as_deref().map(shown).unwrap_or_default();
    reporter.finish(&format!("could not assemble `{}`", quote(&input)));
    reporter.ended(done)
}

fn assemble_file(command: &AssembleCommand, reporter: &mut Reporter) -> Result<(), Status> {
    let Some(input) = &command.input else { return Err(Status::Usage) };
    let bytes = reporter.read(input)?;
    reporter.expect_kind(input, &bytes, FileKind::Listing)?;
    let output = match &command.output {
        Some(output) => output.clone(),
        None => reporter.output_beside(input, if command.object { "vgo" } else { "vgb" })?,
    };
    let listing = command.listing.clone().map(|listing| ("--listing", listing));
    Outputs::new([("-o", output.clone())].into_iter().chain(listing), reporter)?.spare(
        "the listing",
        input,
        reporter,
    )?;
    let mut sources = Sources::new();
    let text = match String::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => {
            let at = error.utf8_error().valid_up_to();
            let source = sources.add(shown(input), String::from_utf8_lossy(error.as_bytes()).into_owned());
            reporter.report(&problem::not_utf8(source, error.as_bytes(), at), &sources);
            return reporter.status().ok();
        }
    };
    let source = sources.add(shown(input), text);
    let name = portable_name(input);
    let options = Options {
        verify: !command.no_verify,
        source_name: Some(&name),
        object: command.object,
        threads: command.threads.count(sources.text(source).len()),
    };
    let (bytes, diagnostics) = assemble(&sources, source, options);
    reporter.report_all(&diagnostics, &sources);
    let Some(bytes) = bytes else { return reporter.status().ok() };
    reporter.write(&output, &bytes)?;
    match &command.listing {
        Some(listing) => reporter.write(listing, annotate(sources.text(source), source, &bytes).as_bytes()),
        None => Ok(()),
    }
}

/// What the debug section calls the text: the path as given if it is relative, else the name alone.
fn portable_name(path: &Path) -> String {
    let path = if path.is_absolute() { path.file_name().map_or(path, Path::new) } else { path };
    let parts = path.components().map(|part| part.as_os_str()).filter(|part| *part != OsStr::new("."));
    parts.map(OsStr::to_string_lossy).collect::<Vec<_>>().join("/")
}
