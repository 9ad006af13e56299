//! `vega-ld`: objects in, a program or library out, or nothing at all.

use crate::link::{Input, Options, link, report};
use clap::Parser;
use std::path::PathBuf;
use vega_report::command::{EXIT_STATUSES, ReportOptions, Reporter, Status, is_same_file, shown, write_whole};
use vega_report::{Diagnostic, Sources, quote};

/// Links Vega objects (.vgo) into a program or library (.vgb)
#[derive(Debug, Clone, Default, Parser)]
#[command(name = "vega-ld", version, after_help = format!("{EXAMPLES}\n\n{EXIT_STATUSES}"))]
pub struct LinkCommand {
    /// The objects; `-` for standard input
    #[arg(value_name = "FILE", required_unless_present = "explain")]
    pub inputs: Vec<PathBuf>,
    /// Where to write the result; `-` for standard output
    #[arg(short, long, value_name = "FILE", required_unless_present = "explain")]
    pub output: Option<PathBuf>,
    /// Start the program with this function, given by its mangled name
    #[arg(short, long, value_name = "NAME", conflicts_with = "library")]
    pub entry: Option<String>,
    /// Make a library: no entry, and all exported functions of all objects
    #[arg(long, visible_alias = "shared")]
    pub library: bool,
    /// Leave source lines and names out of the file; it does the same
    #[arg(short, long)]
    pub strip_debug: bool,
    /// The options of every tool.
    #[command(flatten)]
    pub common: ReportOptions,
}

const EXAMPLES: &str = "\
Examples:
  vegac -c main.vg && vegac -c geometry.vg
  vega-ld main.vgo geometry.vgo -o prog.vgb
  vega-ld --library geometry.vgo -o geometry.vgb   for a host that calls its exported functions

A word @FILE stands for the arguments in that file, one a line.";

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
    if command.inputs.iter().any(|input| is_same_file(input, output)) {
        let words = format!("`{}` is input and output", quote(&shown(output)));
        return reporter.misuse("U003", words, "name another file with `-o`");
    }
    let mut inputs = Vec::with_capacity(command.inputs.len());
    for path in &command.inputs {
        let name = shown(path);
        let bytes = match reporter.read(path) {
            Ok(bytes) => bytes,
            Err(status) => return status,
        };
        match vega_format::read(bytes) {
            Ok(module) => inputs.push(Input { name, module }),
            Err(error) => {
                let diagnostic = Diagnostic::error(error.kind.code(), error.kind.to_string());
                reporter.report(&diagnostic.at(quote(&name), error.place()), &Sources::new());
            }
        }
    }
    if inputs.len() < command.inputs.len() {
        return reporter.status();
    }
    let options = Options {
        library: command.library,
        entry: command.entry.clone(),
        strip_debug: command.strip_debug,
        producer: PRODUCER.to_owned(),
    };
    match link(&inputs, &options) {
        Ok(module) => reporter.written(write_whole(output, module.module().bytes()), output),
        Err(problems) => {
            reporter.report_all(&problems.iter().map(report::diagnostic).collect::<Vec<_>>(), &Sources::new());
            reporter.status()
        }
    }
}
