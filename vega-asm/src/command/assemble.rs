//! `vega-asm`: a listing in, a `.vgb` out, or nothing at all.

use super::options::{CommonOptions, EXIT_STATUSES};
use crate::{Options, assemble, problem};
use clap::Parser;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use vega_report::command::{Reporter, Status, write_whole};
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
    pub common: CommonOptions,
}

const EXAMPLES: &str = "\
Examples:
  vega-asm prog.vasm                                     writes prog.vgb
  vega-objdump --vasm prog.vgb | vega-asm - -o same.vgb  there and back again

A word @FILE stands for the arguments in that file, one a line.";

/// Runs the command.
pub fn run(command: &AssembleCommand) -> Status {
    let mut reporter = command.common.reporter();
    if let Some(status) = command.common.explain(&mut reporter) {
        return status;
    }
    let status = assemble_file(command, &mut reporter);
    let input = command.input.as_deref().map(super::shown).unwrap_or_default();
    reporter.finish(&format!("could not assemble `{}`", quote(&input)));
    status
}

fn assemble_file(command: &AssembleCommand, reporter: &mut Reporter) -> Status {
    let Some(input) = &command.input else { return Status::Usage };
    let output = match output_of(command, input) {
        Ok(output) => output,
        Err(words) => {
            super::complain(reporter, words);
            return Status::Usage;
        }
    };
    let bytes = match super::input(input, reporter) {
        Ok(bytes) => bytes,
        Err(status) => return status,
    };
    let mut sources = Sources::new();
    let text = match String::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => {
            let at = error.utf8_error().valid_up_to();
            let source = sources.add(super::shown(input), String::from_utf8_lossy(error.as_bytes()).into_owned());
            reporter.report(&problem::not_utf8(source, at), &sources);
            return reporter.status();
        }
    };
    let source = sources.add(super::shown(input), text);
    let name = portable_name(input);
    let options = Options { verify: !command.no_verify, source_name: Some(&name) };
    let (bytes, diagnostics) = assemble(&sources, source, options);
    reporter.report_all(&diagnostics, &sources);
    match bytes {
        Some(bytes) => super::written(write_whole(&output, &bytes), output.display(), reporter),
        None => reporter.status(),
    }
}

/// Where the result goes.
fn output_of(command: &AssembleCommand, input: &Path) -> Result<PathBuf, String> {
    let is_stream = |path: &Path| path.as_os_str() == "-";
    let output = match &command.output {
        Some(output) => output.clone(),
        None if is_stream(input) => return Err("standard input has no name to make one of: say `-o FILE`".to_owned()),
        None => input.with_extension("vgb"),
    };
    let same = |path: &Path| fs::canonicalize(path).ok();
    let is_same = output == input || same(input).is_some_and(|input| same(&output) == Some(input));
    if is_same && !is_stream(&output) {
        return Err(format!("`{}` is input and output: say `-o FILE`", quote(&output.display().to_string())));
    }
    Ok(output)
}

/// What the debug section calls the text: the path as given if it is relative, else the name alone.
fn portable_name(path: &Path) -> String {
    let path = if path.is_absolute() { path.file_name().map_or(path, Path::new) } else { path };
    let parts = path.components().map(|part| part.as_os_str()).filter(|part| *part != OsStr::new("."));
    parts.map(OsStr::to_string_lossy).collect::<Vec<_>>().join("/")
}
