//! `vega-asm`: a listing in, a `.vgb` out, or nothing at all.

use crate::{Options, assemble, problem};
use clap::Parser;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use vega_report::command::{
    EXIT_STATUSES, FileKind, ReportOptions, Reporter, Status, is_same_file, shown, write_whole,
};
use vega_report::{Sources, quote};

/// Assembles a Vega listing (.vasm) into a program or library (.vgb)
#[derive(Debug, Clone, Default, Parser)]
#[command(name = "vega-asm", version, after_help = format!("{EXAMPLES}\n\n{EXIT_STATUSES}"))]
pub struct AssembleCommand {
    /// The listing; `-` for standard input
    #[arg(value_name = "FILE", required_unless_present = "explain")]
    pub input: Option<PathBuf>,
    /// Where to write the result; `-` for standard output [default: FILE with the extension vgb]
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Write the result even if the verifier would refuse it: for tests of other tools
    #[arg(long)]
    pub no_verify: bool,
    /// The options of every tool.
    #[command(flatten)]
    pub common: ReportOptions,
}

const EXAMPLES: &str = "\
Examples:
  vega-asm prog.vasm                                     writes prog.vgb
  vega-objdump --vasm prog.vgb | vega-asm - -o same.vgb  there and back again

A word @FILE stands for the arguments in that file, one a line.";

/// Runs the command.
pub fn run(command: &AssembleCommand) -> Status {
    let mut reporter = command.common.reporter();
    if let Some(status) = command.common.explain() {
        return status;
    }
    let status = assemble_file(command, &mut reporter);
    let input = command.input.as_deref().map(shown).unwrap_or_default();
    reporter.finish(&format!("could not assemble `{}`", quote(&input)));
    status
}

fn assemble_file(command: &AssembleCommand, reporter: &mut Reporter) -> Status {
    let Some(input) = &command.input else { return Status::Usage };
    let output = match &command.output {
        Some(output) => output.clone(),
        None => match reporter.output_beside(input, "vgb") {
            Ok(output) => output,
            Err(status) => return status,
        },
    };
    if is_same_file(input, &output) {
        let words = format!("`{}` is input and output", quote(&shown(&output)));
        return reporter.misuse("U003", words, "name another file with `-o`");
    }
    let bytes = match reporter.read(input) {
        Ok(bytes) => bytes,
        Err(status) => return status,
    };
    if let Err(status) = reporter.expect_kind(input, &bytes, FileKind::Listing) {
        return status;
    }
    let mut sources = Sources::new();
    let text = match String::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => {
            let at = error.utf8_error().valid_up_to();
            let source = sources.add(shown(input), String::from_utf8_lossy(error.as_bytes()).into_owned());
            reporter.report(&problem::not_utf8(source, at), &sources);
            return reporter.status();
        }
    };
    let source = sources.add(shown(input), text);
    let name = portable_name(input);
    let options = Options { verify: !command.no_verify, source_name: Some(&name) };
    let (bytes, diagnostics) = assemble(&sources, source, options);
    reporter.report_all(&diagnostics, &sources);
    match bytes {
        Some(bytes) => reporter.written(write_whole(&output, &bytes), &output),
        None => reporter.status(),
    }
}

/// What the debug section calls the text: the path as given if it is relative, else the name alone.
fn portable_name(path: &Path) -> String {
    let path = if path.is_absolute() { path.file_name().map_or(path, Path::new) } else { path };
    let parts = path.components().map(|part| part.as_os_str()).filter(|part| *part != OsStr::new("."));
    parts.map(OsStr::to_string_lossy).collect::<Vec<_>>().join("/")
}
