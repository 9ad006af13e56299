//! `vega`: the driver for people. It runs a program from its source, and explains what the tools say.
#![forbid(unsafe_code)]

use clap::{Parser, Subcommand};
use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;
use vega_report::Sources;
use vega_report::command::{ReportOptions, Status, guard, parse_words, shown};
use vegac::command::{LintOptions, SearchOptions};
use vegavm::command::{Options, Target};

/// Vega: programs whose memory is known beforehand.
#[derive(Debug, Parser)]
#[command(
    name = "vega",
    version,
    after_help = "Examples:
  vega run examples/tour.vg
  vega run examples/wordcount.vg < README.md
  vega explain E0401

Exit status of `vega run`: 0 to 99 from the program, 110 the source is refused, 111 wrong command line, 112 trap,
113 limit, 114 host I/O, 119 a fault of vega."
)]
struct Command {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Compile a source in memory and run it
    #[command(override_usage = "vega run [OPTIONS] SOURCE [ARGUMENTS]...")]
    Run {
        #[command(flatten)]
        options: Options,

        #[command(flatten)]
        lints: LintOptions,

        #[command(flatten)]
        search: SearchOptions,

        /// The source, `-` for standard input, and then the program's own arguments
        #[arg(
            value_name = "SOURCE",
            trailing_var_arg = true,
            allow_hyphen_values = true,
            required_unless_present = "explain"
        )]
        program: Vec<OsString>,
    },
    /// Explain a code of an error, such as E0401
    Explain {
        /// The code
        code: String,
    },
}

fn main() -> ExitCode {
    // The words behind the source are the program's own: no `@file` among them is looked at.
    ExitCode::from(match parse_words::<Command>(std::env::args_os(), 0) {
        Ok(Command { action: Action::Run { options, lints, search, program } }) => {
            guard(Status::Internal.run_code(), || run(&options, &lints, &search, &program))
        }
        Ok(Command { action: Action::Explain { code } }) => {
            let options = ReportOptions { explain: Some(code), ..ReportOptions::default() };
            options.explain().unwrap_or(Status::Fine).run_code()
        }
        Err(status) => status.run_code(),
    })
}

fn run(options: &Options, lints: &LintOptions, search: &SearchOptions, program: &[OsString]) -> u8 {
    if let Some(status) = options.report.explain() {
        return status.run_code();
    }
    let Some((source, arguments)) = program.split_first() else { return Status::Usage.run_code() };
    let source = PathBuf::from(source);
    let name = shown(&source);
    let mut reporter = options.reporter();
    let mut sources = Sources::new();
    let bytes = match reporter.read(&source) {
        Ok(bytes) => bytes,
        Err(status) => return status.run_code(),
    };
    let mut modules = search.modules_of(&source);
    let compiled = vegac::compile_project(&name, &bytes, &mut sources, lints.compile(), &mut modules);
    reporter.report_all(&compiled.diagnostics, &sources);
    reporter.finish(&format!("could not compile `{name}`"));
    match compiled.module {
        Some(module) => {
            let target = Target { file: name, command: "vega run".to_owned(), foretold: true };
            vegavm::command::run(module.module().bytes().to_vec(), &target, arguments, options)
        }
        None => vegac::command::failure(&reporter, &compiled.diagnostics).run_code(),
    }
}
